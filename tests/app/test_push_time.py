"""Time that goes by a request of its own, as a timer entry or as a charge: there once, all of it, or asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from support.office import LABOR, NUMBER, Office, git

from synclog.app.push import push, run
from synclog.errors import DecisionNeeded, Exit, Forbidden, Rejected
from synclog.model import CommentDraft, LineItemDraft, TimerDraft, TimerEntry
from synclog.sandbox import Sandbox
from synclog.syncro.client import SyncroClient

MIKE = 21735
COMMENT, TIMER = "POST /tickets/*/comment", "POST /tickets/*/timer_entry"
CHARGE, ITEM = "POST /tickets/*/charge_timer_entry", "POST /tickets/*/add_line_item"


class Killed(BaseException):
    pass


def use(office: Office, via: str, *, charge_now: bool = False) -> None:
    """Let time go another way."""
    office.change_settings("via: comment", f"via: {via}")
    if charge_now:
        office.change_settings("charge_now: false", "charge_now: true")


def items(office: Office, number: int = NUMBER) -> list[dict[str, Any]]:
    return office.sandbox.store.line_items(office.sandbox.store.ticket(number)["id"])


def minutes(office: Office, number: int = NUMBER) -> list[int]:
    return [timer["active_duration"] // 60 for timer in office.timers(number)]


def assert_nothing_is_left(office: Office) -> None:
    """A further push sends nothing and asks nobody."""
    assert "notes: []" in office.text()
    office.sandbox.forbid_writes = True
    assert office.push().exit_code == Exit.DONE
    assert not office.sandbox.forbidden


def timed(office: Office, number: int = NUMBER) -> list[int | None]:
    """The minutes that the trail says are in Syncro."""
    return [entry.minutes for entry in office.trail(number) if entry.reference and not entry.time_waits]


@pytest.fixture
def dropping(office: Office) -> Iterator[Office]:
    """An office, pulled, whose account silently drops the time of a comment."""
    with Sandbox(comment_time="drop", now=office.time.now) as sandbox:
        office.move_to(sandbox)
        office.pull()
        sandbox.requests.clear()
        yield office


# --- a timer entry ---------------------------------------------------------------------------------------------------


def test_a_timer_entry_is_the_key_owners_and_ends_now_with_minutes_labor_and_reference(pulled: Office) -> None:
    use(pulled, "timer")
    pulled.write_note()
    before = pulled.time.at
    result = pulled.push()
    (done,), (comment,), (timer,) = result.done, pulled.comments(), pulled.timers()
    assert (timer["active_duration"], timer["product_id"], timer["user_id"]) == (90 * 60, LABOR["remote"], MIKE)
    assert timer["comment_id"] is None
    assert timer["notes"] == f"Replaced the failed disk. (Ref {done.reference})"
    begun = datetime.fromisoformat(timer["start_time"])
    assert timedelta(0) <= begun + timedelta(minutes=90) - before < timedelta(minutes=1)
    assert (done.op, done.comment, done.timer, done.minutes, done.billed) == (
        "comment",
        comment["id"],
        timer["id"],
        90,
        90,
    )
    (entry,) = pulled.trail()
    assert (entry.op, entry.comment, entry.timer, entry.minutes, entry.billed_minutes) == (
        "comment",
        comment["id"],
        timer["id"],
        90,
        90,
    )
    assert (entry.line_items, entry.labor, entry.time_waits) == ((), "remote", False)
    assert result.exit_code == Exit.DONE
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize(
    ("day", "begun"),
    [
        ("2026-04-20 09:15", datetime(2026, 4, 20, 16, 15, tzinfo=UTC)),
        ("2026-04-21", datetime(2026, 4, 21, 16, 0, tzinfo=UTC)),
        ("yesterday", datetime(2026, 4, 23, 16, 0, tzinfo=UTC)),
        ("today 08:30", datetime(2026, 4, 24, 15, 30, tzinfo=UTC)),
    ],
)
def test_a_timer_entry_begins_when_the_note_says_that_the_work_began(pulled: Office, day: str, begun: datetime) -> None:
    use(pulled, "timer")
    pulled.write_note(f"notes:\n  - note: Replaced the failed disk.\n    time: 50\n    date: {day}\n")
    assert pulled.push().exit_code == Exit.DONE
    (timer,) = pulled.timers()
    assert datetime.fromisoformat(timer["start_time"]) == begun
    assert timer["active_duration"] == 50 * 60


def test_what_is_billed_instead_of_worked_is_what_is_entered(pulled: Office) -> None:
    use(pulled, "timer")
    pulled.write_note(
        "notes:\n  - note: Replaced the failed disk.\n    time: 50\n    billed: 2h15m\n    labor: onsite\n"
    )
    (done,) = pulled.push().done
    (timer,) = pulled.timers()
    assert (timer["active_duration"], timer["product_id"]) == (135 * 60, LABOR["onsite"])
    assert (done.minutes, done.billed) == (50, 135)
    (entry,) = pulled.trail()
    assert (entry.minutes, entry.billed_minutes) == (50, 135)


def test_minutes_that_the_account_rounds_are_reported_as_it_says(pulled: Office) -> None:
    pulled.sandbox.store.set_product(LABOR["remote"], increment=15)
    use(pulled, "timer")
    pulled.write_note("notes:\n  - note: Replaced the failed disk.\n    time: 50\n")
    (done,) = pulled.push().done
    assert (done.minutes, done.billed) == (50, 60)
    assert pulled.trail()[0].billed_minutes == 60
    assert_nothing_is_left(pulled)


# --- a charge at once ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("via", ["comment", "timer"])
def test_time_that_is_charged_at_once_is_charged_once(pulled: Office, via: str) -> None:
    use(pulled, via, charge_now=True)
    pulled.write_note()
    (done,) = pulled.push().done
    (timer,), (item,) = pulled.timers(), items(pulled)
    assert (timer["recorded"], timer["ticket_line_item_id"]) == (True, item["id"])
    assert (item["quantity"], item["retail_cents"], item["product_id"]) == ("1.5", 12000, LABOR["remote"])
    assert (done.timer, done.line_items) == (timer["id"], (item["id"],))
    assert pulled.trail()[0].line_items == (item["id"],)
    assert_nothing_is_left(pulled)
    assert len(items(pulled)) == 1


def test_time_that_is_charged_already_when_the_run_died_is_not_charged_again(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(pulled, "timer", charge_now=True)
    pulled.write_note()
    charge = SyncroClient.charge_timer_entry

    def dying(self: SyncroClient, ticket_id: int, timer_id: int) -> TimerEntry:
        charge(self, ticket_id, timer_id)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "charge_timer_entry", dying)
        with pytest.raises(Killed):
            pulled.push()
    assert pulled.push().exit_code == Exit.DONE
    assert (len(pulled.comments()), minutes(pulled), len(items(pulled))) == (1, [90], 1)
    assert_nothing_is_left(pulled)


# --- a line item -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("taxable", [True, False])
def test_a_charge_has_the_products_real_name_its_rate_of_now_and_its_tax(pulled: Office, taxable: bool) -> None:
    use(pulled, "line_item")
    pulled.sandbox.store.set_product(LABOR["remote"], name="Remote Support (2026)", price="151.50", taxable=taxable)
    pulled.write_note()
    (done,) = pulled.push().done
    (item,) = items(pulled)
    assert (item["name"], item["retail_cents"], item["taxable"]) == ("Remote Support (2026)", 15150, taxable)
    assert (item["quantity"], item["product_id"], item["user_id"]) == ("1.5", LABOR["remote"], MIKE)
    assert item["description"] == f"Replaced the failed disk. (Ref {done.reference})"
    assert not pulled.timers()
    assert (done.timer, done.line_items, done.minutes, done.billed) == (None, (item["id"],), 90, 90)
    (entry,) = pulled.trail()
    assert (entry.op, entry.timer, entry.line_items, entry.minutes) == ("comment", None, (item["id"],), 90)
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize(
    ("worked", "hours"), [("1", "0.0167"), ("5", "0.0833"), ("50", "0.8333"), ("1h40m", "1.6667"), ("24h", "24.0")]
)
def test_a_charge_is_of_decimal_hours_that_mean_the_same_minutes(pulled: Office, worked: str, hours: str) -> None:
    use(pulled, "line_item")
    pulled.write_note(f"notes:\n  - note: Replaced the failed disk.\n    time: {worked}\n")
    sent: list[LineItemDraft] = []
    with pulled.session() as session:
        add = session.client.add_line_item

        def watched(ticket_id: int, draft: LineItemDraft) -> Any:
            sent.append(draft)
            return add(ticket_id, draft)

        session.client.add_line_item = watched  # type: ignore[method-assign]
        (done,) = push(session, confirm=lambda _: True).done
    (item,) = items(pulled)
    assert item["quantity"] == hours
    exponent = sent[0].quantity.as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent >= -4
    assert done.billed == done.minutes == pulled.trail()[0].billed_minutes


def test_a_charge_is_made_at_the_rate_that_the_plan_showed_or_not_at_all(pulled: Office) -> None:
    use(pulled, "line_item")
    pulled.write_note()

    def dearer(_: object) -> bool:
        pulled.sandbox.store.set_product(LABOR["remote"], price="999.00")
        pulled.time.at += timedelta(hours=1)
        return True

    with pytest.raises(DecisionNeeded):
        pulled.push(confirm=dearer)
    assert (pulled.comments(), items(pulled)) == ([], [])


# --- an answer that is lost, late or a refusal -----------------------------------------------------------------------

WAYS = {
    "timer": ("timer", False, [90], []),
    "charged": ("timer", True, [90], ["1.5"]),
    "line_item": ("line_item", False, [], ["1.5"]),
}
"""How time goes: `time.via`, `charge_now`; the minutes of the timer entries and the hours of the charges there are."""

STEPS = [
    ("timer", COMMENT),
    ("timer", TIMER),
    ("charged", TIMER),
    ("charged", CHARGE),
    ("line_item", COMMENT),
    ("line_item", ITEM),
]


def release_late_when_waiting(office: Office) -> None:
    """What Syncro holds back is committed by the first wait."""
    sleep = office.time.sleep

    def waiting(seconds: float) -> None:
        office.sandbox.release_late()
        sleep(seconds)

    office.time.sleep = waiting  # type: ignore[method-assign]


def assert_each_is_there_once(office: Office, way: str) -> None:
    _, _, entered, charged = WAYS[way]
    office.sandbox.release_late()
    assert len(office.comments()) == 1
    assert minutes(office) == entered
    assert [item["quantity"] for item in items(office)] == charged
    assert timed(office) == [90]
    assert_nothing_is_left(office)


@pytest.mark.parametrize(("way", "step"), STEPS)
@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "late=600"])
def test_a_step_whose_answer_is_lost_happens_once(pulled: Office, way: str, step: str, fault: str) -> None:
    use(pulled, WAYS[way][0], charge_now=WAYS[way][1])
    pulled.write_note()
    release_late_when_waiting(pulled)
    pulled.sandbox.add_fault(f"{fault} {step} #1")
    result = pulled.push()
    assert pulled.sandbox.fault_hits
    assert (result.exit_code, result.trouble) == (Exit.DONE, [])
    assert [(done.minutes, done.billed) for done in result.done] == [(90, 90)]
    assert_each_is_there_once(pulled, way)


@pytest.mark.parametrize(("way", "step"), STEPS)
@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "late=600"])
def test_a_step_whose_answer_is_lost_for_good_is_left_to_the_next_run_and_happens_once(
    pulled: Office, way: str, step: str, fault: str
) -> None:
    use(pulled, WAYS[way][0], charge_now=WAYS[way][1])
    pulled.write_note()
    pulled.sandbox.add_fault(f"{fault} {step} #1")
    with pulled.session() as session:

        def dying(_: float) -> None:
            raise Killed

        session = replace(session, clock=replace(session.clock, sleep=dying))
        with pytest.raises(Killed):
            push(session, confirm=lambda _: True)
    release_late_when_waiting(pulled)
    assert pulled.push().exit_code == Exit.DONE
    assert_each_is_there_once(pulled, way)


@pytest.mark.parametrize(("way", "step"), STEPS)
def test_a_step_that_is_refused_for_a_while_happens_once_afterwards(pulled: Office, way: str, step: str) -> None:
    use(pulled, WAYS[way][0], charge_now=WAYS[way][1])
    pulled.write_note()
    pulled.sandbox.add_fault(f"429 {step}")
    result = pulled.push()
    assert result.exit_code != Exit.DONE
    assert [done.minutes for done in result.done if done.minutes is not None] == []
    assert "Replaced the failed disk" in pulled.text().partition("invoice:")[0]
    pulled.sandbox.clear_faults()
    assert pulled.push().exit_code == Exit.DONE
    assert_each_is_there_once(pulled, way)


@pytest.mark.parametrize(("via", "method"), [("timer", "add_timer_entry"), ("line_item", "add_line_item")])
def test_a_note_whose_time_is_refused_waits_and_the_next_push_sends_only_the_time_at_once(
    pulled: Office, via: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(pulled, via)
    pulled.write_note()

    def refuse(*_: object) -> None:
        raise Rejected("POST: 422: Product not found", status=422)

    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, method, refuse)
        result = pulled.push()
    assert isinstance(result.trouble[0].error, Rejected)
    assert result.exit_code == Exit.FAILED
    assert [(done.op, done.minutes) for done in result.done] == [("comment", None)]
    assert "time was not recorded" in pulled.text()
    assert timed(pulled) == []
    pulled.sandbox.requests.clear()
    pulled.time.slept = 0
    (done,) = pulled.push().done
    assert (done.op, done.minutes, done.billed) == ("time", 90, 90)
    assert pulled.time.slept == 0
    assert [r.path.rpartition("/")[2] for r in pulled.sandbox.requests if r.method == "POST"] == [
        "timer_entry" if via == "timer" else "add_line_item"
    ]
    assert len(pulled.comments()) == 1
    assert len(pulled.timers()) + len(items(pulled)) == 1
    assert timed(pulled) == [90]
    assert_nothing_is_left(pulled)


def test_a_charge_that_is_refused_leaves_time_uncharged_and_the_next_push_charges_it(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(pulled, "timer", charge_now=True)
    pulled.write_note()

    def refuse(*_: object) -> None:
        raise Forbidden("POST: not permitted (403)", status=403)

    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "charge_timer_entry", refuse)
        result = pulled.push()
    assert result.exit_code == Exit.NOT_AUTHORISED
    assert (minutes(pulled), items(pulled)) == ([90], [])
    assert "Replaced the failed disk" in pulled.text().partition("invoice:")[0]
    assert pulled.push().exit_code == Exit.DONE
    assert_each_is_there_once(pulled, "charged")


def test_a_note_whose_comment_is_refused_has_no_time_in_syncro(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    use(pulled, "timer")
    pulled.write_note()
    before = pulled.text()

    def refuse(*_: object) -> None:
        raise Rejected("POST: 422: Body can't be blank", status=422)

    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "add_comment", refuse)
        assert pulled.push().exit_code == Exit.FAILED
    assert (pulled.comments(), pulled.timers(), pulled.text()) == ([], [], before)
    pulled.time.slept = 0
    assert pulled.push().done
    assert pulled.time.slept == 0
    assert_each_is_there_once(pulled, "timer")


# --- an account that drops the time of a comment ---------------------------------------------------------------------


def drop_one(office: Office) -> None:
    """Push a note whose time is dropped."""
    office.write_note()
    result = office.push()
    assert result.exit_code == Exit.DECISION
    assert [(done.op, done.minutes, done.billed) for done in result.done] == [("comment", None, None)]


def test_a_note_whose_time_was_dropped_stays_with_its_problem_and_its_comment(dropping: Office) -> None:
    drop_one(dropping)
    (comment,) = dropping.comments()
    note = dropping.text().partition("invoice:")[0]
    assert "problem: time was not recorded" in note
    assert f"comment: {comment['id']}" in note
    (entry,) = dropping.trail()
    assert (entry.op, entry.comment, entry.timer, entry.billed_minutes) == ("comment", comment["id"], None, None)
    for _ in range(2):
        result = dropping.push()
        assert (result.done, result.exit_code) == ([], Exit.DECISION)
    assert len(dropping.comments()) == 1


def test_as_long_as_a_note_waits_for_its_time_no_timed_note_goes_that_way_and_untimed_ones_do(dropping: Office) -> None:
    drop_one(dropping)
    dropping.write_note("notes:\n  - note: Replaced the failed disk too.\n    time: 20\n", number=32164)
    dropping.write_note("notes:\n  - Replaced the failed disk, no time.\n", number=32161)
    result = dropping.push()
    assert [(done.number, done.minutes) for done in result.done] == [(32161, None)]
    assert result.exit_code == Exit.DECISION
    assert not dropping.comments(32164)
    assert "synclog:" not in dropping.text(32164).partition("<!--")[0]


@pytest.mark.parametrize("via", ["timer", "line_item"])
def test_once_the_setting_is_changed_the_next_push_sends_the_time_alone_and_once(dropping: Office, via: str) -> None:
    drop_one(dropping)
    dropping.write_note("notes:\n  - note: Replaced the failed disk too.\n    time: 20\n", number=32164)
    use(dropping, via)
    dropping.time.slept = 0
    result = dropping.push(NUMBER)
    (done,) = result.done
    assert (done.op, done.minutes, done.billed) == ("time", 90, 90)
    assert result.exit_code == Exit.DONE
    assert dropping.time.slept == 0
    assert (len(dropping.comments()), len(dropping.timers()) + len(items(dropping))) == (1, 1)
    assert [entry.op for entry in dropping.trail()] == ["time", "comment"]
    assert timed(dropping) == [90]
    message = git(dropping.root, "log", "-1", "--format=%B")
    assert "Synclog-Op: time" in message
    assert f"Synclog-Entry: {done.reference}" in message
    assert [done.minutes for done in dropping.push().done] == [20]
    assert_nothing_is_left(dropping)
    assert len(dropping.comments(32164)) == 1


@pytest.mark.parametrize("step", ["drop-before", "drop-after", "late=600"])
def test_time_alone_whose_answer_is_lost_is_there_once(dropping: Office, step: str) -> None:
    drop_one(dropping)
    use(dropping, "timer")
    release_late_when_waiting(dropping)
    dropping.sandbox.add_fault(f"{step} {TIMER} #1")
    assert dropping.push().exit_code == Exit.DONE
    assert dropping.sandbox.fault_hits
    dropping.sandbox.release_late()
    assert (minutes(dropping), timed(dropping)) == ([90], [90])
    assert_nothing_is_left(dropping)


def test_time_that_somebody_entered_meanwhile_is_recorded_and_not_sent(dropping: Office) -> None:
    drop_one(dropping)
    timer = dropping.sandbox.store.web_add_time(NUMBER, 90, LABOR["remote"])
    use(dropping, "timer")
    (done,) = dropping.push().done
    assert (done.op, done.timer, done.minutes) == ("time", timer["id"], 90)
    assert minutes(dropping) == [90]
    assert_nothing_is_left(dropping)


def test_the_invoice_waits_as_long_as_time_does(dropping: Office) -> None:
    dropping.sandbox.store.web_add_time(NUMBER, 30, LABOR["remote"])
    dropping.write_note()
    dropping.edit(("invoice: false", "invoice: true"))
    for _ in range(2):
        assert dropping.push().exit_code == Exit.DECISION
        assert not dropping.invoices()
    use(dropping, "timer")
    assert dropping.push().exit_code == Exit.DONE
    (invoice,) = dropping.invoices()
    assert invoice["total"] == "240.00"


def test_an_account_whose_setting_is_right_from_the_beginning_records_all_time(dropping: Office) -> None:
    use(dropping, "timer")
    dropping.write_note()
    assert dropping.push().exit_code == Exit.DONE
    assert_each_is_there_once(dropping, "timer")


# --- whose time it is ------------------------------------------------------------------------------------------------

TWO = (
    "notes:\n  - note: Replaced the failed disk, first.\n    time: 30\n"
    "  - note: Replaced the failed disk, second.\n    time: 30\n"
)


@pytest.mark.parametrize("via", ["comment", "timer", "line_item"])
def test_two_notes_of_the_same_minutes_have_a_time_each(pulled: Office, via: str) -> None:
    use(pulled, via)
    pulled.write_note(TWO)
    result = pulled.push()
    assert [done.minutes for done in result.done] == [30, 30]
    assert len(pulled.comments()) == 2
    assert len(pulled.timers()) + len(items(pulled)) == 2
    times = {done.timer or done.line_items for done in result.done}
    assert len(times) == 2
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize("fault", ["drop-before", "drop-after"])
@pytest.mark.parametrize(("via", "step"), [("timer", TIMER), ("line_item", ITEM)])
def test_a_second_notes_lost_time_is_not_taken_to_be_the_firsts(
    pulled: Office, via: str, step: str, fault: str
) -> None:
    use(pulled, via)
    pulled.write_note(TWO)
    pulled.sandbox.add_fault(f"{fault} {step} #2")
    result = pulled.push()
    assert pulled.sandbox.fault_hits
    assert [done.minutes for done in result.done] == [30, 30]
    assert len(pulled.timers()) + len(items(pulled)) == 2
    assert_nothing_is_left(pulled)


def test_time_that_was_recorded_for_one_note_is_never_taken_for_another_though_nothing_links_it(
    dropping: Office,
) -> None:
    dropping.write_note("notes:\n  - note: Replaced the failed disk, first.\n    time: 30\n")
    assert dropping.push().exit_code == Exit.DECISION
    entered = dropping.sandbox.store.web_add_time(NUMBER, 30, LABOR["remote"])
    (first,) = dropping.push().done
    assert first.timer == entered["id"]
    dropping.write_note("notes:\n  - note: Replaced the failed disk, second.\n    time: 30\n")
    result = dropping.push()
    assert result.exit_code == Exit.DECISION
    assert "time was not recorded" in dropping.text()
    use(dropping, "timer")
    (second,) = dropping.push().done
    assert (second.op, second.minutes) == ("time", 30)
    assert second.timer != first.timer
    assert minutes(dropping) == [30, 30]


def test_of_two_notes_that_wait_for_the_same_minutes_one_entry_by_hand_is_one_of_theirs_alone(
    dropping: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both comments are there before the entry is, and nothing links it."""
    dropping.write_note("notes:\n  - note: Replaced the failed disk, first.\n    time: 30\n")
    assert dropping.push().exit_code == Exit.DECISION
    use(dropping, "timer")
    dropping.edit(("notes:\n", "notes:\n  - note: Replaced the failed disk, second.\n    time: 30\n"))

    def refuse(*_: object) -> None:
        raise Rejected("POST: 422: Product not found", status=422)

    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "add_timer_entry", refuse)
        assert dropping.push().exit_code == Exit.FAILED
    assert len(dropping.comments()) == 2
    entered = dropping.sandbox.store.web_add_time(NUMBER, 30, LABOR["remote"])
    result = dropping.push()
    assert [(done.op, done.minutes) for done in result.done] == [("time", 30), ("time", 30)]
    assert entered["id"] in {done.timer for done in result.done}
    assert len({done.timer for done in result.done}) == 2
    assert minutes(dropping) == [30, 30]
    assert_nothing_is_left(dropping)


@pytest.mark.parametrize("colleague", [24406, None])
def test_time_of_before_the_note_or_of_a_colleague_is_not_taken_for_its_own(
    dropping: Office, colleague: int | None
) -> None:
    if colleague is None:
        dropping.sandbox.store.web_add_time(NUMBER, 90, LABOR["remote"])
    drop_one(dropping)
    if colleague is not None:
        dropping.sandbox.store.web_add_time(NUMBER, 90, LABOR["remote"], user_id=colleague)
    assert dropping.push().exit_code == Exit.DECISION
    use(dropping, "timer")
    assert [done.minutes for done in dropping.push().done] == [90]
    assert minutes(dropping) == [90, 90]


def test_a_charge_of_the_same_hours_that_names_nothing_is_asked_about(pulled: Office) -> None:
    use(pulled, "line_item")
    pulled.write_note()
    pulled.sandbox.add_fault(f"drop-before {ITEM} #1")
    with pulled.session() as session:

        def by_hand(_: float) -> None:
            if not items(pulled):
                charge = LineItemDraft("Remote Support", "Disk", Decimal("1.5"), Decimal(120), False, LABOR["remote"])
                with pulled.session() as form:
                    form.client.add_line_item(pulled.sandbox.store.ticket(NUMBER)["id"], charge)

        session = replace(session, clock=replace(session.clock, sleep=by_hand))
        result = push(session, confirm=lambda _: True)
    assert result.exit_code == Exit.DECISION
    assert len(items(pulled)) == 1


# --- how much is asked of Syncro -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("way", "most"), [("timer", 6), ("line_item", 6), ("charged", 7)])
def test_one_note_needs_few_requests_whichever_way_its_time_goes(pulled: Office, way: str, most: int) -> None:
    use(pulled, WAYS[way][0], charge_now=WAYS[way][1])
    pulled.write_note()
    result = pulled.push()
    assert result.done
    assert result.requests == len(pulled.sandbox.requests) <= most


@pytest.mark.parametrize(("via", "each"), [("comment", 2), ("timer", 3), ("line_item", 3)])
def test_more_notes_on_a_ticket_need_as_many_requests_as_they_write_and_one_to_read_back(
    pulled: Office, via: str, each: int
) -> None:
    count = 8
    use(pulled, via)
    pulled.write_note(
        "notes:\n"
        + "".join(
            f"  - note: Replaced the failed disk in bay {n}.\n    time: {10 + n}\n    labor: remote\n"
            for n in range(count)
        )
    )
    result = pulled.push()
    assert len(result.done) == count
    assert len(pulled.comments()) == count
    writes = sum(request.method == "POST" for request in pulled.sandbox.requests)
    assert writes == count * (each - 1)
    assert result.requests == len(pulled.sandbox.requests) <= 4 + each * count


def test_notes_without_time_need_two_requests_each_beyond_the_constant(pulled: Office) -> None:
    pulled.write_note("notes:\n" + "".join(f"  - Replaced the failed disk in bay {n}.\n" for n in range(8)))
    result = pulled.push()
    assert len(result.done) == 8
    assert result.requests == len(pulled.sandbox.requests) <= 4 + 2 * 8


# --- a laptop that sleeps --------------------------------------------------------------------------------------------


def looks(office: Office) -> int:
    return sum(r.method == "GET" and r.path.endswith("/comments") for r in office.sandbox.requests)


def test_a_plan_that_waited_two_hours_is_looked_at_again_before_anything_is_sent(pulled: Office) -> None:
    pulled.write_note()
    at_plan: list[int] = []

    def sleeping(_: object) -> bool:
        at_plan.append(looks(pulled))
        pulled.time.at += timedelta(hours=2)
        return True

    assert pulled.push(confirm=sleeping).exit_code == Exit.DONE
    first_post = next(i for i, r in enumerate(pulled.sandbox.requests) if r.method == "POST")
    before = sum(r.path.endswith("/comments") for r in pulled.sandbox.requests[:first_post])
    assert before > at_plan[0]
    assert len(pulled.comments()) == len(pulled.timers()) == 1


def test_what_came_to_syncro_while_the_plan_waited_is_not_sent_again(pulled: Office) -> None:
    pulled.write_note()

    def from_elsewhere(_: object) -> bool:
        """The other laptop, with the same note in a clone of its own."""
        other = pulled.root.parent / "other"
        git(pulled.root, "commit", "--quiet", "-am", "my note")
        git(pulled.root.parent, "clone", "--quiet", str(pulled.root), str(other))
        git(other, "config", "user.name", "Mike Sorrel")
        git(other, "config", "user.email", "mike@copperline.example")
        first, pulled.root = pulled.root, other
        assert pulled.push().done
        pulled.root = first
        pulled.time.at += timedelta(hours=2)
        return True

    with pytest.raises(DecisionNeeded):
        pulled.push(confirm=from_elsewhere)
    (done,) = pulled.push().done
    assert done.was_there
    assert len(pulled.comments()) == len(pulled.timers()) == 1


@pytest.mark.parametrize("where", ["stamp", "comment"])
def test_a_laptop_that_sleeps_between_its_look_and_its_request_looks_again(
    pulled: Office, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the comment is sent, and between the comment and its time."""
    use(pulled, "timer")
    pulled.write_note()
    slept: list[int] = []

    def sleep() -> None:
        slept.append(looks(pulled))
        pulled.time.at += timedelta(hours=2)

    if where == "stamp":
        stamp_all = run.stamp_all

        def stamping(*words: Any) -> None:
            stamp_all(*words)
            sleep()

        monkeypatch.setattr(run, "stamp_all", stamping)
    else:
        add = SyncroClient.add_comment

        def posting(self: SyncroClient, ticket_id: int, draft: CommentDraft) -> Any:
            made = add(self, ticket_id, draft)
            sleep()
            return made

        monkeypatch.setattr(SyncroClient, "add_comment", posting)
    assert pulled.push().exit_code == Exit.DONE
    assert looks(pulled) > slept[0]
    last_post = max(i for i, r in enumerate(pulled.sandbox.requests) if r.method == "POST")
    assert sum(r.path.endswith("/comments") for r in pulled.sandbox.requests[:last_post]) > slept[0]
    assert (len(pulled.comments()), minutes(pulled)) == (1, [90])


def test_a_note_that_came_from_elsewhere_while_the_laptop_slept_after_its_stamp_is_recorded(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(pulled, "timer")
    pulled.write_note()
    stamp_all = run.stamp_all

    def stamping(state: Any, prepared: Any) -> None:
        stamp_all(state, prepared)
        (planned,) = prepared.plan.tickets[0].notes
        (ticket,) = prepared.plan.tickets
        body = state.around.desk.body(planned.work.text, planned.work.reference, None)
        with pulled.session() as other:
            other.client.add_comment(ticket.id, CommentDraft("Update", body, "public"))
            started = pulled.time.at - timedelta(minutes=90)
            notes = f"Replaced the failed disk. (Ref {planned.work.reference})"
            other.client.add_timer_entry(ticket.id, TimerDraft(started, 90, notes, LABOR["remote"], MIKE))
        pulled.time.at += timedelta(hours=2)

    monkeypatch.setattr(run, "stamp_all", stamping)
    result = pulled.push()
    assert [done.was_there for done in result.done] == [True]
    monkeypatch.undo()
    assert_each_is_there_once(pulled, "timer")
