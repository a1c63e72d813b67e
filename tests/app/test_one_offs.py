"""Timer entries, lines of invoices and deletions by commands of their own: there once, or asked about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from support.office import LABOR, NAME, NUMBER, Office, git
from support.oneoffs import Killed, assert_nothing_is_left, dying, push_until_clean

from synclog.app.push import PushResult
from synclog.app.push.oneoffs.commands import add_invoice_line, add_timer, correct, delete_invoice, delete_ticket
from synclog.app.push.oneoffs.making import Line, Other
from synclog.app.push.resolving import drop_one_off
from synclog.errors import DecisionNeeded, Exit, SynclogError, UnknownTicket, UsageError, WrongTechnician
from synclog.syncro.client import SyncroClient

MIKE = 21735
START = datetime(2026, 4, 24, 16, 15, tzinfo=UTC)


@pytest.fixture
def mike(office: Office) -> Office:
    """An office with one ticket, in which what is late is committed by the first wait."""
    office.pull(NUMBER)
    sleep = office.time.sleep

    def waiting(seconds: float) -> None:
        office.sandbox.release_late()
        sleep(seconds)

    office.time.sleep = waiting  # type: ignore[method-assign]
    return office


def yes(_: object) -> bool:
    return True


def ticket_id(office: Office, number: int = NUMBER) -> int:
    return int(office.sandbox.store.ticket(number)["id"])


def timed(office: Office, minutes: int = 45, **more: Any) -> PushResult:
    options = {"labor": "remote", "text": "Watched the backup", "confirm": yes, **more}
    with office.session() as session:
        return add_timer(session, NUMBER, START, START + timedelta(minutes=minutes), **options)


def lined(office: Office, number: str, line: Line, **more: Any) -> PushResult:
    with office.session() as session:
        return add_invoice_line(session, number, line, **{"confirm": yes, **more})


def invoiced(office: Office) -> dict[str, Any]:
    """Let the ticket have an invoice, that its file knows."""
    office.sandbox.store.web_add_time(NUMBER, 60, LABOR["remote"])
    made = office.sandbox.store.web_make_invoice(NUMBER)
    office.pull(NUMBER)
    return made


def lines(office: Office) -> list[str]:
    return [line["name"] for line in office.invoices()[-1]["line_items"]]


# --- a timer entry ---------------------------------------------------------------------------------------------------


def test_a_timer_entry_is_as_it_was_asked_for_and_the_trail_has_it(mike: Office) -> None:
    (done,) = timed(mike).done
    (timer,) = mike.timers()
    assert (timer["active_duration"], timer["product_id"], timer["user_id"]) == (45 * 60, LABOR["remote"], MIKE)
    assert (datetime.fromisoformat(timer["start_time"]), timer["comment_id"]) == (START, None)
    assert timer["notes"] == f"Watched the backup (Ref {done.reference})"
    (entry,) = mike.trail()
    assert (entry.op, entry.timer, entry.minutes, entry.billed_minutes) == ("time", timer["id"], 45, 45)
    assert "Watched the backup" in mike.text()
    assert_nothing_is_left(mike)


def test_the_very_same_is_added_again_only_when_that_is_said(mike: Office) -> None:
    (first,) = timed(mike).done
    with pytest.raises(DecisionNeeded, match="added already"):
        timed(mike)
    (second,) = timed(mike, again=True).done
    assert first.reference != second.reference
    assert len(mike.timers()) == 2
    assert_nothing_is_left(mike)


def test_an_added_timer_entry_can_be_corrected_removed_and_added_anew(mike: Office) -> None:
    (done,) = timed(mike).done
    for other in (Other(minutes=30), Other(remove=True)):
        with mike.session() as session:
            assert correct(session, done.reference or "", other, confirm=yes).exit_code == Exit.DONE
    assert mike.timers() == []
    assert timed(mike).exit_code == Exit.DONE
    assert len(mike.timers()) == 1
    assert_nothing_is_left(mike)


def test_minutes_follow_the_rules_of_the_labor_and_both_are_kept(mike: Office) -> None:
    mike.change_settings("remote: 1190473", "remote: {product: 1190473, round_to: 15, minimum: 60}")
    (done,) = timed(mike, 47).done
    assert (done.minutes, done.billed) == (47, 60)
    assert mike.trail()[0].billed_minutes == 60


@pytest.mark.parametrize(
    ("minutes", "options", "words"),
    [
        (0, {}, "above 0"),
        (-30, {}, "above 0"),
        (1441, {}, "at most 24h"),
        (30, {"labor": "romote"}, "not a labor"),
        (30, {"labor": "999999"}, "no labor product"),
    ],
)
def test_time_that_can_not_be_is_refused(mike: Office, minutes: int, options: dict[str, Any], words: str) -> None:
    text = mike.text()
    with pytest.raises(UsageError, match=words):
        timed(mike, minutes, **options)
    assert (mike.timers(), mike.text()) == ([], text)


def test_what_is_queued_waits_for_a_push_whose_plan_shows_it(mike: Office) -> None:
    assert timed(mike, queue=True).queued
    assert (mike.timers(), mike.sandbox.forbidden) == ([], [])
    assert "doing" in mike.text()
    result = mike.push(confirm=lambda plan: bool(plan.tickets[0].doing))
    assert [done.op for done in result.done] == ["time"]
    assert len(mike.timers()) == 1
    assert_nothing_is_left(mike)


def test_what_another_technician_left_in_the_file_is_theirs(mike: Office) -> None:
    timed(mike, queue=True)
    text = mike.text()
    mike.path().write_bytes(text.replace("synclog:", "synclog: ", 1).encode())
    mike.commit_as("Dana Whitlock", "dana@copperline.example")
    result = mike.push()
    assert (result.exit_code, mike.timers()) == (Exit.DONE, [])
    assert "Dana Whitlock" in result.plan.tickets[0].held[0].reason
    assert mike.push(author="Dana Whitlock").exit_code == Exit.DONE
    assert len(mike.timers()) == 1


def test_an_account_that_drops_the_text_of_a_timer_entry_makes_it_doubtful_until_somebody_drops_it(
    mike: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = SyncroClient.add_timer_entry

    def textless(self: SyncroClient, ticket: int, draft: Any) -> Any:
        from dataclasses import replace

        add(self, ticket, replace(draft, notes="")) if draft.notes else None
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "add_timer_entry", textless)
        with pytest.raises(Killed):
            timed(mike)
    result = mike.push()
    assert (result.exit_code, len(mike.timers())) == (Exit.DECISION, 1)
    (planned,) = result.plan.tickets[0].doing
    mike.write_note()
    held = mike.push()
    assert (held.exit_code, mike.comments()) == (Exit.DECISION, [])
    with mike.session() as session:
        assert drop_one_off(session, NUMBER, planned.work.id).what.endswith("is dropped")
    assert mike.push().exit_code == Exit.DONE
    assert len(mike.comments()) == 1


# --- invoices --------------------------------------------------------------------------------------------------------


def test_a_line_of_an_invoice_has_the_products_name_and_price_of_now(mike: Office) -> None:
    invoice = invoiced(mike)
    mike.sandbox.store.set_product(LABOR["onsite"], price="151.50", name="Onsite (2026)")
    (done,) = lined(mike, invoice["number"], Line(Decimal("1.5"), product=LABOR["onsite"])).done
    line = mike.invoices()[-1]["line_items"][-1]
    assert (line["item"], Decimal(line["quantity"]), Decimal(str(line["price"]))) == (
        "Onsite (2026)",
        Decimal("1.5"),
        Decimal("151.50"),
    )
    assert line["name"] == f"Onsite (2026) (Ref {done.reference})"
    entry = mike.trail()[0]
    assert (entry.op, entry.invoice, entry.reference) == ("line", invoice["number"], done.reference)
    assert_nothing_is_left(mike)


def test_a_line_without_product_needs_a_name_and_a_price(mike: Office) -> None:
    number = invoiced(mike)["number"]
    for line, words in (
        (Line(name="Cable"), "a name and a price"),
        (Line(name="Cable", price=Decimal("1.23456")), "four decimals"),
        (Line(Decimal(0), name="Cable", price=Decimal(9)), "above 0"),
        (Line(product=4711), "no product"),
    ):
        with pytest.raises(UsageError, match=words):
            lined(mike, number, line)
    with pytest.raises(UsageError, match="no invoice 999999"):
        lined(mike, "999999", Line(name="Cable", price=Decimal(9)))
    assert len(lines(mike)) == 1


def test_a_deleted_invoice_leaves_its_work_unbilled_and_the_trail_says_which(mike: Office) -> None:
    invoice = invoiced(mike)
    with mike.session() as session:
        result = delete_invoice(session, invoice["number"], confirm=yes)
    assert (result.exit_code, mike.invoices()) == (Exit.DONE, [])
    entry = mike.trail()[0]
    assert (entry.op, entry.invoice) == ("delete", invoice["number"])
    assert "invoices: []" in mike.text()
    with pytest.raises(UsageError), mike.session() as session:
        delete_invoice(session, invoice["number"], confirm=yes)
    assert_nothing_is_left(mike)


def test_an_invoice_of_a_ticket_without_a_file_names_the_ticket_to_pull(mike: Office) -> None:
    mike.sandbox.store.web_add_time(32164, 60, LABOR["remote"])
    made = mike.sandbox.store.web_make_invoice(32164)
    with pytest.raises(UnknownTicket) as raised, mike.session() as session:
        delete_invoice(session, made["number"], confirm=yes)
    assert "synclog pull 32164" in raised.value.remedy


# --- the ticket ------------------------------------------------------------------------------------------------------


def test_a_deleted_ticket_leaves_a_file_that_says_so(mike: Office) -> None:
    with mike.session() as session:
        assert delete_ticket(session, NUMBER, confirm=yes).exit_code == Exit.DONE
    with pytest.raises(KeyError):
        mike.sandbox.store.ticket(NUMBER)
    assert "gone: true" in mike.text()
    assert mike.trail()[0].op == "delete"
    assert_nothing_is_left(mike)


def test_a_ticket_whose_file_holds_work_is_not_deleted_unless_that_is_said(mike: Office) -> None:
    mike.write_note()
    with pytest.raises(DecisionNeeded, match="holds 1 note"), mike.session() as session:
        delete_ticket(session, NUMBER, confirm=yes)
    assert mike.sandbox.store.ticket(NUMBER)
    with mike.session() as session:
        assert delete_ticket(session, NUMBER, with_work=True, confirm=yes).exit_code == Exit.DONE
    assert "Replaced the failed disk" in mike.text()


def test_a_deletion_that_was_begun_does_not_take_along_what_was_written_since(
    mike: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "delete_ticket", dying(SyncroClient.delete_ticket, sends=False))
        with pytest.raises(Killed), mike.session() as session:
            delete_ticket(session, NUMBER, confirm=yes)
    mike.write_note()
    result = mike.push()
    assert (result.exit_code, result.done) == (Exit.DECISION, [])
    assert mike.sandbox.store.ticket(NUMBER)
    assert "--drop" in result.plan.tickets[0].held[0].remedy
    with mike.session() as session:
        assert delete_ticket(session, NUMBER, with_work=True, confirm=yes).exit_code == Exit.DONE
    assert "Replaced the failed disk" in mike.text()


def test_one_more_of_what_waits_is_added_where_that_is_said(mike: Office) -> None:
    for again in (False, False, True):
        assert timed(mike, queue=True, again=again).queued
    mike.push()
    assert len(mike.timers()) == 2
    assert_nothing_is_left(mike)


# --- whoever, and whatever happens -----------------------------------------------------------------------------------

Do = Callable[[Office], PushResult]


def _timer(office: Office) -> PushResult:
    return timed(office)


def _line(office: Office) -> PushResult:
    line = Line(Decimal(2), "Patch cable", price=Decimal("9.90"))
    return lined(office, office.invoices()[-1]["number"], line)


def _invoice(office: Office) -> PushResult:
    with office.session() as session:
        return delete_invoice(session, office.invoices()[-1]["number"], confirm=yes)


def _ticket(office: Office) -> PushResult:
    with office.session() as session:
        return delete_ticket(session, NUMBER, confirm=yes)


def _mended(minutes: int | None) -> Do:
    def mend(office: Office) -> PushResult:
        reference = next(e.reference for e in office.trail() if e.op == "comment")
        with office.session() as session:
            other = Other(remove=True) if minutes is None else Other(minutes=minutes)
            return correct(session, reference or "", other, confirm=yes)

    return mend


def worked(via: str, charge: str = "false") -> Callable[[Office], None]:
    def prepare(office: Office) -> None:
        office.change_settings("via: comment", f"via: {via}")
        office.change_settings("charge_now: false", f"charge_now: {charge}")
        office.write_note()
        office.push()

    return prepare


def nothing(_: Office) -> None:
    return


def state(office: Office) -> tuple[object, ...]:
    """What Syncro holds of the ticket, ids and texts aside."""
    store = office.sandbox.store
    try:
        here = ticket_id(office)
    except KeyError:
        return ("gone",)
    return (
        [(t["active_duration"] // 60, t["product_id"], t["user_id"]) for t in store.timers(here)],
        [(item["quantity"], item["product_id"]) for item in store.line_items(here)],
        [[(line["item"], line["quantity"]) for line in invoice["line_items"]] for invoice in store.invoices(here)],
    )


REMOTE = LABOR["remote"]
CASES = {
    "timer": (nothing, _timer, "add_timer_entry", "POST /tickets/*/timer_entry", ([(45, REMOTE, MIKE)], [], [])),
    "mended timer": (
        worked("timer", "true"),
        _mended(60),
        "update_timer_entry",
        "PUT /tickets/*/update_timer_entry",
        ([(60, REMOTE, MIKE)], [("1.0", REMOTE)], []),
    ),
    "mended charge": (
        worked("timer", "true"),
        _mended(60),
        "update_line_item",
        "PUT /tickets/*/update_line_item",
        ([(60, REMOTE, MIKE)], [("1.0", REMOTE)], []),
    ),
    "removed timer": (
        worked("timer", "true"),
        _mended(None),
        "delete_timer_entry",
        "POST /tickets/*/delete_timer_entry",
        ([], [], []),
    ),
    "removed charge": (
        worked("line_item"),
        _mended(None),
        "remove_line_item",
        "POST /tickets/*/remove_line_item",
        ([], [], []),
    ),
    "line": (
        invoiced,
        _line,
        "add_invoice_line",
        "POST /invoices/*/line_items",
        ([(60, REMOTE, MIKE)], [("1.0", REMOTE)], [[("Remote Support", "1.0"), ("Patch cable", "2.0")]]),
    ),
    "invoice": (
        invoiced,
        _invoice,
        "delete_invoice",
        "DELETE /invoices/*",
        ([(60, REMOTE, MIKE)], [("1.0", REMOTE)], []),
    ),
    "ticket": (nothing, _ticket, "delete_ticket", "DELETE /tickets/*", ("gone",)),
}


FAULTS = [(case, fault) for case in CASES for fault in ("drop-before", "drop-after")]
FAULTS += [(case, fault) for case in ("timer", "mended charge") for fault in ("500-after", "late=600")]


@pytest.mark.parametrize(("case", "fault"), FAULTS)
def test_an_answer_that_is_lost_is_looked_for_and_what_is_there_is_not_sent_again(
    mike: Office, case: str, fault: str
) -> None:
    prepare, do, _, write, there = CASES[case]
    prepare(mike)
    entries = len(mike.trail())
    mike.sandbox.add_fault(f"{fault} {write} #1")
    result = do(mike)
    assert mike.sandbox.fault_hits
    assert (result.exit_code, result.trouble) == (Exit.DONE, [])
    assert state(mike) == there
    assert len(mike.trail()) == entries + 1
    assert_nothing_is_left(mike)


@pytest.mark.parametrize("sends", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_a_push_goes_on_with_what_a_killed_command_left(
    mike: Office, case: str, sends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, do, name, _, there = CASES[case]
    prepare(mike)
    entries = len(mike.trail())
    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, name, dying(getattr(SyncroClient, name), sends=sends))
        with pytest.raises(Killed):
            do(mike)
    assert "doing" in mike.text()
    push_until_clean(mike)
    assert state(mike) == there
    assert len(mike.trail()) == entries + 1
    assert_nothing_is_left(mike)


@pytest.mark.parametrize("case", ["timer", "ticket"])
def test_the_same_command_again_goes_on_with_what_a_killed_one_left(
    mike: Office, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, do, name, _, there = CASES[case]
    prepare(mike)
    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, name, dying(getattr(SyncroClient, name), sends=True))
        with pytest.raises(Killed):
            do(mike)
    (done,) = do(mike).done
    assert done.was_there
    assert state(mike) == there
    assert_nothing_is_left(mike)


@pytest.mark.parametrize("case", ["timer", "mended charge", "invoice"])
def test_anothers_key_sends_nothing(mike: Office, case: str) -> None:
    prepare, do, *_ = CASES[case]
    prepare(mike)
    before, text = state(mike), mike.text()
    mike.technician = "Somebody Else"
    mike.sandbox.forbid_writes = True
    with pytest.raises(WrongTechnician):
        do(mike)
    assert (state(mike), mike.text(), mike.sandbox.forbidden) == (before, text, [])
    mike.technician = NAME


def test_a_pull_between_a_killed_deletion_and_the_next_push_changes_nothing(
    mike: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "delete_ticket", dying(SyncroClient.delete_ticket, sends=True))
        with pytest.raises(Killed):
            _ticket(mike)
    mike.pull(NUMBER)
    assert "gone: true" in mike.text()
    push_until_clean(mike)
    assert [entry.op for entry in mike.trail()] == ["delete"]
    assert_nothing_is_left(mike)


def test_a_ticket_that_this_key_may_not_see_is_not_called_deleted(mike: Office) -> None:
    mike.sandbox.store.restrict_key(MIKE, 1)
    mike.sandbox.forbid_writes = True
    result_code: object = None
    try:
        result_code = _ticket(mike).exit_code
    except SynclogError as error:
        result_code = error.exit_code
    assert result_code == Exit.DECISION
    assert ("gone: true" in mike.text(), mike.trail(), mike.sandbox.forbidden) == (False, [], [])


def test_a_refusal_leaves_what_waited_waiting_and_nothing_of_a_command(mike: Office) -> None:
    mike.sandbox.add_fault("429 POST /tickets/*/timer_entry #1-9")
    assert timed(mike).exit_code == Exit.FAILED
    assert "doing" not in mike.text()
    timed(mike, queue=True)
    mike.sandbox.add_fault("429 POST /tickets/*/timer_entry #1-9")
    result = mike.push()
    assert (result.exit_code, "--drop" in result.trouble[0].error.remedy) == (Exit.FAILED, True)
    mike.sandbox.clear_faults()
    assert mike.push().exit_code == Exit.DONE
    assert len(mike.timers()) == 1
    assert_nothing_is_left(mike)


def test_a_copy_of_a_file_from_before_sends_nothing_again(mike: Office) -> None:
    timed(mike, queue=True)
    text = mike.text()
    assert mike.push().exit_code == Exit.DONE
    (doing,) = [line for line in text.splitlines(keepends=True) if line.startswith("synclog:")]
    mike.edit(("invoice: false\n", f"invoice: false\n{doing}"))
    assert mike.push().exit_code == Exit.DONE
    assert len(mike.timers()) == 1
    assert_nothing_is_left(mike)


@pytest.mark.parametrize("case", ["timer", "mended charge", "removed timer", "line", "invoice"])
def test_a_pull_records_what_was_done_and_whose_record_was_lost(
    mike: Office, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died after its last request, and the file was saved without what it was at."""
    _begun(mike, case, monkeypatch, sends=True)
    entries = len(mike.trail())
    assert len(mike.pull(NUMBER).recorded) == 1
    assert len(mike.trail()) == entries + 1
    assert state(mike) == CASES[case][4]
    assert mike.pull(NUMBER).recorded == []
    assert len(mike.trail()) == entries + 1
    assert_nothing_is_left(mike)


@pytest.mark.parametrize("case", ["timer", "removed timer", "line"])
def test_what_was_begun_and_taken_out_by_hand_before_it_was_sent_is_neither_sent_nor_recorded(
    mike: Office, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _begun(mike, case, monkeypatch, sends=False)
    entries = len(mike.trail())
    assert mike.pull(NUMBER).recorded == []
    assert (len(mike.trail()), state(mike)) == (entries, before)
    assert_nothing_is_left(mike)


def _begun(mike: Office, case: str, monkeypatch: pytest.MonkeyPatch, *, sends: bool) -> tuple[object, ...]:
    """Let a command die with its last request, and take what it was at out of the file. Returns what was there when it
    died."""
    prepare, do, name, *_ = CASES[case]
    prepare(mike)
    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, name, dying(getattr(SyncroClient, name), sends=sends))
        with pytest.raises(Killed):
            do(mike)
    (doing,) = [line for line in mike.text().splitlines(keepends=True) if line.startswith("synclog:")]
    mike.edit((doing, ""))
    return state(mike)


def test_what_two_branches_have_queued_is_added_once_where_texts_are_dropped(mike: Office) -> None:
    timed(mike, queue=True)
    queued = mike.text()
    mike.sandbox.store.web_add_time(NUMBER, 15, LABOR["onsite"])
    assert mike.push().exit_code == Exit.DONE
    db = mike.sandbox.store._db
    with db.transaction():
        for timer in mike.timers():
            db.update("timers", timer["id"], notes="")
    git(mike.root, "switch", "--quiet", "-c", "other", "HEAD~2")
    assert mike.text() == queued
    mike.time.sleep(3600)
    result = mike.push()
    assert (result.exit_code, len(mike.timers())) == (Exit.DECISION, 2)


def test_an_invoice_is_not_deleted_while_its_file_asks_for_one(mike: Office) -> None:
    invoice = invoiced(mike)
    mike.edit(("invoice: false", "invoice: true"))
    with pytest.raises(DecisionNeeded, match="asks for an invoice"), mike.session() as session:
        delete_invoice(session, invoice["number"], confirm=yes)
    assert [found["number"] for found in mike.invoices()] == [invoice["number"]]


def test_a_plan_that_nobody_agrees_to_leaves_no_trace(mike: Office) -> None:
    text, log = mike.text(), mike.log()
    mike.sandbox.forbid_writes = True
    assert timed(mike, confirm=lambda _: False).declined
    assert (mike.text(), mike.log(), mike.sandbox.forbidden) == (text, log, [])


def test_without_syncro_nothing_is_begun(mike: Office) -> None:
    text = mike.text()
    mike.sandbox.stop()
    with pytest.raises(SynclogError):
        timed(mike)
    assert mike.text() == text
    mike.sandbox.start()
