"""What a person settles goes into the file, as theirs; the next push goes by it, and asks no second time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.office import LABOR, NUMBER, Office, git

from synclog.app.conflicts import resolve_fields
from synclog.app.push import dry_run
from synclog.app.push.resolving import Settled, resolve_draft, resolve_invoice, resolve_note
from synclog.core.deciding.steps import Doubt, Hold, NoteStep
from synclog.core.plaintext import plain_lines
from synclog.core.plan import PlannedNote
from synclog.core.references import closing_reference
from synclog.errors import Exit, UnknownTicket, UsageError, WrongTechnician
from synclog.sandbox import Sandbox
from synclog.syncro.client import SyncroClient

FOLDER = "clients/lens-auto-brokerage/tickets"
SUBJECT = "New switch for the front office"
DRAFT = f"---\nsubject: {SUBJECT}\ndescription: The old one drops the phones.\nnotes:\n  - Ordered the switch.\n---\n"


class Killed(BaseException):
    pass


def kill(*_: object, **__: object) -> None:
    raise Killed


def push_killed_at(office: Office, place: str) -> None:
    """Push, and die when `place` (an attribute by its dotted name) is called."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, kill)
        # A process that is killed tidies up nothing at its end.
        patch.setattr("synclog.app.push.run._Run.take_back", lambda _: None)
        with pytest.raises(Killed):
            office.push()


def fields(office: Office, *, theirs: bool, only: tuple[str, ...] = ()) -> tuple[str, tuple[str, ...]]:
    return resolve_fields(office.workspace, NUMBER, theirs=theirs, fields=only)


def note(office: Office, reference: str, posted: int | None) -> Settled:
    with office.session() as session:
        return resolve_note(session, NUMBER, reference, posted=posted)


def invoice(office: Office, posted: str | None) -> Settled:
    with office.session() as session:
        return resolve_invoice(session, NUMBER, posted=posted)


def draft(office: Office, reference: str, posted: int | None) -> Settled:
    with office.session() as session:
        return resolve_draft(session, reference, posted=posted)


def planned(office: Office) -> PlannedNote:
    """The one note of the plan."""
    with office.session() as session:
        (found,) = [n for ticket in dry_run(session).plan.tickets for n in ticket.notes]
    return found


def step_of(office: Office) -> NoteStep:
    return planned(office).step


def assert_nothing_is_left(office: Office) -> None:
    assert "notes: []" in office.text()
    assert git(office.root, "status", "--porcelain", "clients") == ""
    office.sandbox.forbid_writes = True
    for _ in range(2):
        result = office.push()
        assert (result.exit_code, result.done) == (Exit.DONE, [])
    assert not office.sandbox.forbidden
    office.sandbox.forbid_writes = False


def written(office: Office) -> int:
    """How often Syncro was written to."""
    return sum(request.method != "GET" for request in office.sandbox.requests)


# --- conflicts -------------------------------------------------------------------------------------------------------


@pytest.fixture
def clashing(pulled: Office) -> Office:
    """Status and priority were changed on both sides."""
    pulled.edit(("status: In Progress", "status: Resolved"), ("priority: Normal", "priority: High"))
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled", priority="Low")
    assert pulled.pull().exit_code == Exit.DECISION
    assert "conflicts:" in pulled.text()
    return pulled


def test_theirs_puts_what_syncro_says_into_the_file_and_nothing_is_sent(clashing: Office) -> None:
    path, settled = fields(clashing, theirs=True)
    assert path == clashing.path().relative_to(clashing.root).as_posix()
    assert sorted(settled) == ["priority", "status"]
    text = clashing.text()
    assert "\nstatus: Scheduled\n" in text
    assert "\npriority: Low\n" in text
    assert "conflicts:" not in text
    assert_nothing_is_left(clashing)


def test_ours_keeps_what_the_file_says_and_the_next_push_sends_it(clashing: Office) -> None:
    fields(clashing, theirs=False)
    assert "\nstatus: Resolved\n" in clashing.text()
    assert "conflicts:" not in clashing.text()
    assert clashing.pull().exit_code == Exit.DONE
    assert clashing.push().exit_code == Exit.DONE
    ticket = clashing.sandbox.store.ticket(NUMBER)
    assert (ticket["status"], ticket["priority"]) == ("Resolved", "High")
    assert_nothing_is_left(clashing)


def test_one_field_may_be_settled_and_the_other_stays_a_conflict(clashing: Office) -> None:
    fields(clashing, theirs=True, only=("status",))
    text = clashing.text()
    assert "\nstatus: Scheduled\n" in text
    assert "conflicts: {priority: {theirs: Low, base: Normal}}" in text
    assert clashing.push().exit_code == Exit.DECISION
    assert clashing.sandbox.store.ticket(NUMBER)["priority"] == "Low"
    fields(clashing, theirs=False, only=("priority",))
    assert clashing.push().exit_code == Exit.DONE
    ticket = clashing.sandbox.store.ticket(NUMBER)
    assert (ticket["status"], ticket["priority"]) == ("Scheduled", "High")
    assert_nothing_is_left(clashing)


def test_what_was_settled_is_a_commit_of_the_technicians(clashing: Office) -> None:
    fields(clashing, theirs=True, only=("priority",))
    assert clashing.log(1) == [f"Mike Sorrel: resolve: #{NUMBER} priority: theirs"]
    assert git(clashing.root, "status", "--porcelain", "clients") == ""


def test_what_else_was_edited_meanwhile_stays_as_it_is(clashing: Office) -> None:
    clashing.edit(("tags: [server]", "tags: [server]   # not sold yet"), ("---\n\n<!--", "---\nAsk Len.\n\n<!--"))
    fields(clashing, theirs=True)
    assert "tags: [server]   # not sold yet" in clashing.text()
    assert "Ask Len." in clashing.text()


@pytest.mark.parametrize("only", [(), ("status",)])
def test_a_ticket_without_a_conflict_has_nothing_to_settle(pulled: Office, only: tuple[str, ...]) -> None:
    before = pulled.text()
    with pytest.raises(UsageError):
        fields(pulled, theirs=True, only=only)
    assert pulled.text() == before


@pytest.mark.parametrize("field", ["subject", "notes", "nonsense"])
def test_a_field_that_is_in_no_conflict_is_named_and_nothing_is_settled(clashing: Office, field: str) -> None:
    before = clashing.text()
    with pytest.raises(UsageError, match=field):
        fields(clashing, theirs=True, only=("status", field))
    assert clashing.text() == before


@pytest.mark.parametrize("caches", [True, False])
@pytest.mark.parametrize("theirs", [True, False])
def test_conflicts_are_settled_without_network(clashing: Office, theirs: bool, caches: bool) -> None:
    clashing.sandbox.stop()
    if not caches:
        shutil.rmtree(clashing.root / ".synclog")
    fields(clashing, theirs=theirs)
    assert "conflicts:" not in clashing.text()


def test_a_conflict_holds_back_no_note_and_settling_it_neither(clashing: Office) -> None:
    clashing.write_note()
    assert [done.op for done in clashing.push().done] == ["comment"]
    fields(clashing, theirs=False)
    assert [done.op for done in clashing.push().done] == ["update"]


# --- a doubtful note -------------------------------------------------------------------------------------------------


@pytest.fixture
def changed(pulled: Office) -> Office:
    """A note that was posted with its time, and changed before that was recorded."""
    pulled.write_note()
    push_killed_at(pulled, "synclog.app.push.records.Recorder.note")
    pulled.edit(("failed disk", "failed drive"))
    assert isinstance(step_of(pulled), Doubt)
    return pulled


def test_a_doubtful_note_that_is_posted_is_recorded_with_its_time_and_not_sent(changed: Office) -> None:
    doubtful = planned(changed)
    assert isinstance(doubtful.step, Doubt)
    (comment,) = changed.comments()
    assert [c.id for c in doubtful.step.comments] == [comment["id"]]
    before = written(changed)
    note(changed, doubtful.work.reference, comment["id"])
    assert isinstance(step_of(changed), Doubt | Hold) is False
    assert "failed drive" in changed.text()
    (done,) = changed.push().done
    assert (done.was_there, done.comment, done.minutes, done.billed) == (True, comment["id"], 90, 90)
    assert written(changed) == before
    assert changed.comments(words="failed drive") == []
    (entry,) = changed.trail()
    assert (entry.comment, entry.minutes, entry.timer) == (comment["id"], 90, changed.timers()[0]["id"])
    assert_nothing_is_left(changed)


def test_a_doubtful_note_that_is_sent_again_is_posted_exactly_once_more(changed: Office) -> None:
    note(changed, planned(changed).work.reference, None)
    assert not isinstance(step_of(changed), Doubt)
    assert changed.comments(words="failed drive") == []
    (done,) = changed.push().done
    assert (done.was_there, done.minutes) == (False, 90)
    (first,), (second,) = changed.comments(), changed.comments(words="failed drive")
    assert done.comment == second["id"] != first["id"]
    assert len(changed.timers()) == 2
    assert_nothing_is_left(changed)


@pytest.mark.parametrize("fault", ["drop-before", "drop-after"])
def test_a_note_that_is_sent_again_and_whose_answer_is_lost_is_posted_exactly_once_more(
    changed: Office, fault: str
) -> None:
    note(changed, planned(changed).work.reference, None)
    changed.sandbox.add_fault(f"{fault} POST /tickets/*/comment #1")
    assert changed.push().exit_code == Exit.DONE
    assert changed.sandbox.fault_hits
    assert (len(changed.comments()), len(changed.comments(words="failed drive"))) == (1, 1)
    assert_nothing_is_left(changed)


def test_a_note_that_is_sent_again_by_a_run_that_dies_is_posted_exactly_once_more(changed: Office) -> None:
    note(changed, planned(changed).work.reference, None)
    push_killed_at(changed, "synclog.app.push.records.Recorder.note")
    (done,) = changed.push().done
    assert done.was_there
    assert (len(changed.comments()), len(changed.comments(words="failed drive"))) == (1, 1)
    assert_nothing_is_left(changed)


def test_a_note_may_be_named_by_the_id_in_its_stamp_too(changed: Office) -> None:
    stamped = changed.text().partition("synclog: {id: ")[2].partition(",")[0]
    assert stamped != planned(changed).work.reference
    note(changed, stamped, None)
    assert len(changed.push().done) == 1
    assert len(changed.comments(words="failed drive")) == 1


@pytest.fixture
def copied(pulled: Office) -> Office:
    """The same words again on that day, of a note that is recorded."""
    pulled.write_note()
    pulled.push()
    pulled.write_note()
    assert isinstance(step_of(pulled), Doubt)
    return pulled


def test_a_copy_that_is_posted_leaves_the_file_and_has_no_second_entry(copied: Office) -> None:
    before = written(copied)
    note(copied, planned(copied).work.reference, copied.comments()[0]["id"])
    assert copied.push().exit_code == Exit.DONE
    assert written(copied) == before
    assert [entry.op for entry in copied.trail()] == ["comment"]
    assert_nothing_is_left(copied)


def test_the_same_words_that_are_to_be_sent_again_are_posted_exactly_once_more_each_time(copied: Office) -> None:
    note(copied, planned(copied).work.reference, None)
    assert copied.push().exit_code == Exit.DONE
    assert (len(copied.comments()), len(copied.timers())) == (2, 2)
    assert_nothing_is_left(copied)
    copied.write_note()
    assert isinstance(step_of(copied), Doubt)
    note(copied, planned(copied).work.reference, None)
    assert copied.push().exit_code == Exit.DONE
    assert (len(copied.comments()), len(copied.timers())) == (3, 3)
    references = [closing_reference(comment["body"]) for comment in copied.comments()]
    assert len(set(references)) == 3
    assert_nothing_is_left(copied)


def test_a_note_that_is_to_be_sent_again_is_sent_on_another_day_too(copied: Office) -> None:
    note(copied, planned(copied).work.reference, None)
    copied.time.at += timedelta(days=1)
    copied.pull()
    assert copied.push().exit_code == Exit.DONE
    assert len(copied.comments()) == 2
    assert_nothing_is_left(copied)


def by_hand(office: Office) -> dict[str, Any]:
    """The note as somebody typed it into the web form, without a reference, before it was pushed."""
    found: dict[str, Any] = office.sandbox.store.web_add_comment(NUMBER, "Replaced the failed disk.", user_id=21735)
    return found


def test_a_comment_without_a_reference_may_be_the_note(pulled: Office) -> None:
    comment = by_hand(pulled)
    pulled.write_note("notes:\n  - Replaced the failed disk.\n")
    doubtful = planned(pulled)
    assert isinstance(doubtful.step, Doubt)
    note(pulled, doubtful.work.reference, comment["id"])
    (done,) = pulled.push().done
    assert (done.was_there, done.comment) == (True, comment["id"])
    assert len(pulled.comments()) == 1
    assert_nothing_is_left(pulled)


def test_a_comment_without_a_reference_that_is_not_the_note_is_not_asked_about_again(pulled: Office) -> None:
    comment = by_hand(pulled)
    pulled.write_note()
    note(pulled, planned(pulled).work.reference, None)
    assert f"not: [{comment['id']}]" in pulled.text()
    (done,) = pulled.push().done
    assert (done.was_there, done.minutes) == (False, 90)
    assert len(pulled.comments()) == 2
    assert_nothing_is_left(pulled)


def test_the_time_of_a_note_that_was_typed_by_hand_is_asked_about_and_not_lost(pulled: Office) -> None:
    comment = by_hand(pulled)
    pulled.write_note()
    reference = planned(pulled).work.reference
    note(pulled, reference, comment["id"])
    result = pulled.push()
    assert result.exit_code == Exit.DECISION
    assert "time: 1h30m" in pulled.text()
    assert len(pulled.comments()) == 1
    pulled.change_settings("via: comment", "via: timer")
    assert pulled.push().exit_code == Exit.DONE
    assert [timer["active_duration"] for timer in pulled.timers()] == [90 * 60]
    assert len(pulled.comments()) == 1
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize("posted", [1, 397207136 + 10**9])
def test_a_comment_that_is_not_on_the_ticket_settles_nothing(changed: Office, posted: int) -> None:
    before = changed.text()
    with pytest.raises(UsageError):
        note(changed, planned(changed).work.reference, posted)
    assert changed.text() == before


def test_a_comment_of_another_ticket_settles_nothing(changed: Office) -> None:
    (other, *_) = changed.sandbox.store.comments(changed.sandbox.store.ticket(32164)["id"])
    with pytest.raises(UsageError):
        note(changed, planned(changed).work.reference, other["id"])


@pytest.mark.parametrize("posted", [None, 397207136])
def test_a_note_of_which_nothing_is_doubtful_is_not_settled(pulled: Office, posted: int | None) -> None:
    pulled.write_note()
    reference = planned(pulled).work.reference
    before = pulled.text()
    with pytest.raises(UsageError, match="doubtful"):
        note(pulled, reference, posted)
    with pytest.raises(UsageError):
        note(pulled, "32162-0000000000", posted)
    assert pulled.text() == before
    assert pulled.push().done


def test_a_note_that_may_be_under_way_is_the_next_pushes_and_nobody_elses(pulled: Office) -> None:
    pulled.write_note()
    push_killed_at(pulled, "synclog.syncro.client.SyncroClient.add_comment")
    with pytest.raises(UsageError, match="doubtful"):
        note(pulled, planned(pulled).work.reference, None)
    assert pulled.push().exit_code == Exit.DONE
    assert len(pulled.comments()) == 1


def test_what_was_settled_once_is_not_settled_again(changed: Office) -> None:
    reference = planned(changed).work.reference
    note(changed, reference, changed.comments()[0]["id"])
    with pytest.raises(UsageError):
        note(changed, reference, None)
    assert changed.push().done[0].was_there
    assert len(changed.comments()) == 1


def test_another_technicians_key_settles_nothing(changed: Office) -> None:
    before = changed.text()
    reference = planned(changed).work.reference
    changed.technician = "Priya Venkat"
    with pytest.raises(WrongTechnician):
        note(changed, reference, None)
    assert changed.text() == before


def test_what_a_person_says_of_a_note_is_a_commit_of_theirs_and_sends_nothing(changed: Office) -> None:
    reference = planned(changed).work.reference
    changed.sandbox.forbid_writes = True
    settled = note(changed, reference, None)
    assert not changed.sandbox.forbidden
    assert reference in settled.what
    assert changed.log(1) == [f"Mike Sorrel: resolve: #{NUMBER} {reference} is sent again"]
    assert git(changed.root, "status", "--porcelain", "clients") == ""


def test_a_note_behind_a_doubtful_one_goes_once_that_is_settled(changed: Office) -> None:
    changed.edit(("invoice: false", "  - note: Took the old disk away.\n    time: 15\ninvoice: true"))
    result = changed.push()
    assert (result.done, result.exit_code) == ([], Exit.DECISION)
    with changed.session() as session:
        (first, *_) = dry_run(session).plan.tickets[0].notes
    note(changed, first.work.reference, changed.comments()[0]["id"])
    assert [done.op for done in changed.push().done] == ["comment", "comment", "invoice", "update"]
    assert len(changed.comments()) == 1
    (bill,) = changed.invoices()
    assert bill["total"] == "210.00"


# --- time that was dropped -------------------------------------------------------------------------------------------


@pytest.fixture
def dropped(office: Office) -> Iterator[Office]:
    """A note whose comment is posted, and whose time the account dropped."""
    with Sandbox(comment_time="drop", now=office.time.now) as sandbox:
        office.move_to(sandbox)
        office.pull()
        office.write_note()
        assert office.push().exit_code == Exit.DECISION
        assert isinstance(step_of(office), Hold)
        yield office


def test_a_note_whose_time_was_dropped_is_recorded_without_time_where_a_person_says_it_needs_none(
    dropped: Office,
) -> None:
    (comment,) = dropped.comments()
    note(dropped, planned(dropped).work.reference, comment["id"])
    result = dropped.push()
    assert result.exit_code == Exit.DONE
    assert [(done.minutes, done.billed, done.comment) for done in result.done] == [(None, None, comment["id"])]
    assert (len(dropped.comments()), dropped.timers()) == (1, [])
    assert [entry.billed_minutes for entry in dropped.trail()] == [None] * len(dropped.trail())
    assert_nothing_is_left(dropped)


def test_once_that_note_is_settled_timed_notes_are_tried_again(dropped: Office) -> None:
    dropped.write_note("notes:\n  - note: Replaced the failed disk too.\n    time: 20\n", number=32164)
    assert dropped.push().exit_code == Exit.DECISION
    assert dropped.comments(32164) == []
    note(dropped, planned(dropped).work.reference, dropped.comments()[0]["id"])
    dropped.push()
    dropped.push()
    assert len(dropped.comments(32164)) == 1


def test_a_note_whose_time_is_to_be_sent_again_gets_it_alone_and_once(dropped: Office) -> None:
    dropped.change_settings("via: comment", "via: timer")
    (done,) = dropped.push().done
    assert (done.op, done.minutes) == ("time", 90)
    assert (len(dropped.comments()), len(dropped.timers())) == (1, 1)
    assert_nothing_is_left(dropped)


def test_time_that_is_to_be_sent_again_the_way_that_drops_it_is_asked_about_again_and_posts_nothing(
    dropped: Office,
) -> None:
    note(dropped, planned(dropped).work.reference, None)
    for _ in range(2):
        assert dropped.push().exit_code == Exit.DECISION
    assert (len(dropped.comments()), dropped.timers()) == (1, [])
    assert "time was not recorded" in dropped.text()
    assert "time: 1h30m" in dropped.text()


# --- a doubtful invoice ----------------------------------------------------------------------------------------------


@pytest.fixture
def billing(pulled: Office) -> Office:
    """An invoice that was made by a run that died, and since then work that is on none."""
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    push_killed_at(pulled, "synclog.app.push.invoices._Asking.record")
    pulled.sandbox.store.web_add_time(NUMBER, 30, LABOR["remote"])
    result = pulled.push()
    assert result.exit_code == Exit.DECISION
    assert len(pulled.invoices()) == 1
    assert "invoice: {after: " in pulled.text()
    return pulled


def test_a_doubtful_invoice_that_is_made_is_recorded_and_asked_for_no_more(billing: Office) -> None:
    (made,) = billing.invoices()
    before = written(billing)
    settled = invoice(billing, made["number"])
    assert made["number"] in settled.what
    text = billing.text()
    assert "\ninvoice: false\n" in text
    assert f"invoices: [{made['number']}]" in text
    assert "synclog:" not in text.partition("<!--")[0]
    (entry,) = [entry for entry in billing.trail() if entry.op == "invoice"]
    assert entry.invoice == made["number"]
    assert written(billing) == before
    assert_nothing_is_left(billing)
    assert len(billing.invoices()) == 1


def test_a_doubtful_invoice_that_is_not_made_is_asked_for_exactly_once_more(billing: Office) -> None:
    (first,) = billing.invoices()
    invoice(billing, None)
    assert len(billing.invoices()) == 1
    result = billing.push()
    assert [done.op for done in result.done] == ["invoice", "update"]
    first_again, second = billing.invoices()
    assert (first_again["number"], second["total"]) == (first["number"], "60.00")
    assert "\ninvoice: false\n" in billing.text()
    assert_nothing_is_left(billing)
    assert len(billing.invoices()) == 2


def test_an_invoice_that_the_ticket_does_not_have_settles_nothing(billing: Office) -> None:
    before = billing.text()
    with pytest.raises(UsageError) as error:
        invoice(billing, "1")
    assert billing.invoices()[0]["number"] in error.value.remedy
    assert billing.text() == before


@pytest.mark.parametrize("posted", [None, "41209"])
@pytest.mark.parametrize("asked", [True, False])
def test_an_invoice_that_was_not_asked_for_is_not_settled(pulled: Office, asked: bool, posted: str | None) -> None:
    if asked:
        pulled.edit(("invoice: false", "invoice: true"))
    before = pulled.text()
    with pytest.raises(UsageError):
        invoice(pulled, posted)
    assert pulled.text() == before


def test_an_invoice_of_which_nothing_is_doubtful_is_not_asked_for_a_second_time(pulled: Office) -> None:
    """It was made, and its record is missing: a push records it. Whoever says that it is not made is wrong."""
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    push_killed_at(pulled, "synclog.app.push.invoices._Asking.record")
    with pytest.raises(UsageError, match="doubtful"):
        invoice(pulled, None)
    assert pulled.push().exit_code == Exit.DONE
    assert len(pulled.invoices()) == 1


# --- a doubtful new ticket -------------------------------------------------------------------------------------------


@pytest.fixture
def drafted(pulled: Office) -> Office:
    """A draft that was changed after its ticket was made by a run that died."""
    path = pulled.root / FOLDER / "new-switch.md"
    path.write_text(DRAFT, "utf-8")
    push_killed_at(pulled, "synclog.app.push.desk.WorkspaceDesk.adopt")
    path.write_text(path.read_text("utf-8").replace("drops", "cuts off"), "utf-8")
    assert pulled.push().exit_code == Exit.DECISION
    assert len(made(pulled)) == 1
    return pulled


def made(office: Office) -> list[dict[str, Any]]:
    return [ticket for ticket in office.sandbox.store.tickets() if ticket["subject"] == SUBJECT]


def draft_reference(office: Office) -> str:
    with office.session() as session:
        (found,) = [ticket.draft for ticket in dry_run(session).plan.tickets if ticket.draft]
    return found.work.reference


def files(office: Office) -> list[Path]:
    return sorted(office.root.glob(f"{FOLDER}/*new-switch*.md"))


@pytest.mark.parametrize("first", ["push", "pull"])
def test_a_doubtful_draft_that_is_a_ticket_becomes_its_file_and_its_notes_are_posted(
    drafted: Office, first: str
) -> None:
    number = int(made(drafted)[0]["number"])
    draft(drafted, draft_reference(drafted), number)
    if first == "pull":
        drafted.pull()
    result = drafted.push()
    assert [(done.op, done.number, done.was_there) for done in result.done] == [
        ("create", number, True),
        ("comment", number, False),
    ]
    assert len(made(drafted)) == 1
    assert len(drafted.comments(number, "Ordered the switch")) == 1
    assert files(drafted) == [drafted.path(number)]
    assert_nothing_is_left(drafted)


def test_a_doubtful_draft_that_is_no_ticket_is_created_exactly_once_more(drafted: Office) -> None:
    first = int(made(drafted)[0]["number"])
    draft(drafted, draft_reference(drafted), None)
    result = drafted.push()
    assert [(done.op, done.was_there) for done in result.done] == [("create", False), ("comment", False)]
    assert len(made(drafted)) == 2
    second = result.done[0].number
    assert second != first
    opening = drafted.sandbox.store.comments(drafted.sandbox.store.ticket(second)["id"])[0]
    assert plain_lines(opening["body"])[0] == "The old one cuts off the phones."
    assert_nothing_is_left(drafted)
    assert len(made(drafted)) == 2


@pytest.mark.parametrize("fault", ["drop-before", "drop-after"])
def test_a_draft_that_is_created_again_and_whose_answer_is_lost_is_created_exactly_once_more(
    drafted: Office, fault: str
) -> None:
    draft(drafted, draft_reference(drafted), None)
    drafted.sandbox.add_fault(f"{fault} POST /tickets #1")
    assert drafted.push().exit_code == Exit.DONE
    assert drafted.sandbox.fault_hits
    assert len(made(drafted)) == 2
    assert_nothing_is_left(drafted)


def test_a_copy_of_a_draft_is_settled_both_ways(pulled: Office) -> None:
    path = pulled.root / FOLDER / "new-switch.md"
    path.write_text(DRAFT, "utf-8")
    number = pulled.push().done[0].number
    path.write_text(DRAFT, "utf-8")
    assert pulled.push().exit_code == Exit.DECISION
    draft(pulled, draft_reference(pulled), None)
    assert [done.op for done in pulled.push().done] == ["create", "comment"]
    assert len(made(pulled)) == 2
    path.write_text(DRAFT, "utf-8")
    assert pulled.push().exit_code == Exit.DECISION
    draft(pulled, draft_reference(pulled), number)
    pulled.push()
    assert len(made(pulled)) == 2
    assert not path.exists()
    assert len(pulled.comments(number, "Ordered the switch")) == 1


@pytest.mark.parametrize("is_it", [True, False])
def test_a_ticket_that_somebody_opened_by_hand_may_be_the_draft_or_not(pulled: Office, is_it: bool) -> None:
    store = pulled.sandbox.store
    number = int(store.web_add_ticket(24152385, SUBJECT)["number"])
    store.web_add_comment(number, "The old one drops the phones.", "Initial Issue", user_id=21735)
    (pulled.root / FOLDER / "new-switch.md").write_text(DRAFT, "utf-8")
    result = pulled.push()
    assert (result.done, result.exit_code) == ([], Exit.DECISION)
    draft(pulled, draft_reference(pulled), number if is_it else None)
    (created, noted) = pulled.push().done
    assert (created.op, created.was_there, noted.op) == ("create", is_it, "comment")
    assert (created.number == number) is is_it
    assert len(made(pulled)) == (1 if is_it else 2)
    assert_nothing_is_left(pulled)


def test_a_draft_of_which_nothing_is_doubtful_is_not_settled(pulled: Office) -> None:
    path = pulled.root / FOLDER / "new-switch.md"
    path.write_text(DRAFT, "utf-8")
    reference = draft_reference(pulled)
    for posted in (None, NUMBER):
        with pytest.raises(UsageError, match="doubtful"):
            draft(pulled, reference, posted)
        with pytest.raises(UsageError):
            draft(pulled, "new-0000000000", posted)
    assert path.read_text("utf-8") == DRAFT


def test_a_ticket_that_does_not_exist_settles_no_draft(drafted: Office) -> None:
    with pytest.raises((UsageError, UnknownTicket), match="99999"):
        draft(drafted, draft_reference(drafted), 99999)
    assert drafted.push().exit_code == Exit.DECISION


def test_a_ticket_that_has_nothing_to_do_with_a_draft_is_not_taken_for_it_silently(
    drafted: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person may name any ticket; what is recorded then is that ticket, and nothing is created."""
    draft(drafted, draft_reference(drafted), NUMBER)
    created: list[object] = []
    monkeypatch.setattr(SyncroClient, "create_ticket", lambda self, draft: created.append(draft))
    drafted.push()
    assert not created
    assert "Server upgrade" in drafted.text()
    assert len(drafted.comments(NUMBER, "Ordered the switch")) == 1


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_changed_note_that_is_posted_keeps_the_time_that_was_sent_for_it_and_does_not_come_back(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.change_settings("via: comment", "via: timer")
    pulled.write_note()
    pulled.sandbox.add_fault("drop-after POST /tickets/*/timer_entry #1")
    with monkeypatch.context() as patch:
        patch.setattr(pulled.time, "sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pulled.push()
    (comment,) = pulled.comments()
    pulled.edit(("Replaced the failed disk.", "Replaced the failed disk, and labelled it."))
    assert isinstance(step_of(pulled), Doubt)
    note(pulled, planned(pulled).work.reference, comment["id"])
    assert pulled.push().exit_code == Exit.DONE
    assert (len(pulled.comments()), len(pulled.timers())) == (1, 1)
    (entry,) = pulled.trail()
    assert entry.reference == closing_reference(comment["body"])
    assert (pulled.pull(NUMBER).recorded, pulled.pull(NUMBER).undecided) == ([], [])
    assert_nothing_is_left(pulled)
