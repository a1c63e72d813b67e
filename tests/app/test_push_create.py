"""A new ticket from a draft: created once with all that was written, whatever happens between its steps."""

from __future__ import annotations

import importlib
import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.office import EMAIL, LABOR, NAME, Office, git

from synclog.app.push import dry_run, push
from synclog.app.push.resolving import resolve_draft
from synclog.app.push.run import PushResult
from synclog.app.status import status
from synclog.cli.plantext import plan_json, plan_lines
from synclog.core.deciding.steps import Doubt, RecordTicket, Send
from synclog.errors import DecisionNeeded, Exit, Rejected
from synclog.syncro.client import SyncroClient

FOLDER = "clients/lens-auto-brokerage/tickets"
LEN = 24152385
SUBJECT = "New switch for the front office"
PLAIN = f"""\
---
subject: {SUBJECT}
description: The old one drops the phones.
---
"""
WITH_NOTES = f"""\
---
subject: {SUBJECT}
description: |
  The old one drops the phones.

  It **hums**, too.
notes:
  - note: Ordered the switch.
    time: 30
    labor: remote
  - Called Len about it.
  - note: Put the switch in.
    time: 1h
    labor: onsite
---
"""
FULL = f"""\
---
subject: {SUBJECT}
description: The old one drops the phones.
# where it stands
site: back office        # a key of our own
notes:
  # what Patty was told
  - note: Ordered the switch.
    time: 30
    labor: remote
  - note: |
      Put the switch in.

      All phones ring again.
    time: 1h
    labor: onsite
rack: [2, 3]
invoice: true
---
Serial number is on the box under the desk.

- call Patty before ten
"""


class Killed(BaseException):
    pass


def kill(*_: object, **__: object) -> None:
    raise Killed


def write_draft(office: Office, text: str = PLAIN, name: str = "new-switch.md", folder: str = FOLDER) -> Path:
    path = office.root / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def made(office: Office, subject: str = SUBJECT) -> list[dict[str, Any]]:
    return [ticket for ticket in office.sandbox.store.tickets() if ticket["subject"] == subject]


def drafts(office: Office) -> list[str]:
    return sorted(path.name for path in office.root.glob("clients/*/tickets/new-*.md"))


def files_of(office: Office, number: int) -> list[str]:
    """Every ticket file that calls itself this number's, whatever it is called."""
    found = [p for p in office.root.glob("clients/*/tickets/*.md") if f"\nnumber: {number}\n" in p.read_text("utf-8")]
    return [path.name for path in found]


def conversation(office: Office, number: int) -> list[dict[str, Any]]:
    return office.sandbox.store.comments(office.sandbox.store.ticket(number)["id"])


def first_comment(office: Office, number: int) -> dict[str, Any]:
    return conversation(office, number)[0]


def minutes(office: Office, number: int) -> list[int]:
    return [timer["active_duration"] // 60 for timer in office.timers(number)]


def head_of(office: Office, number: int) -> str:
    """The front matter of a ticket's file, and the technician's own text."""
    return office.text(number).partition("<!-- synclog:mirror")[0]


def assert_nothing_is_left(office: Office) -> None:
    assert drafts(office) == []
    assert git(office.root, "status", "--porcelain", "clients") == ""
    office.sandbox.forbid_writes = True
    assert office.push().exit_code == Exit.DONE
    assert not office.sandbox.forbidden
    office.sandbox.forbid_writes = False


def assert_made_once_with_its_notes(office: Office) -> int:
    """Return the number of the one ticket that WITH_NOTES is."""
    office.sandbox.release_late()
    (ticket,) = made(office)
    number = int(ticket["number"])
    words = ["The old one drops the phones", "Ordered the switch", "Called Len about it", "Put the switch in"]
    bodies = [comment["body"] for comment in conversation(office, number)]
    assert [sum(word in body for body in bodies) for word in words] == [1, 1, 1, 1]
    assert sorted(minutes(office, number)) == [30, 60]
    assert len(files_of(office, number)) == 1
    assert "notes: []" in head_of(office, number)
    assert sorted(entry.op for entry in office.trail(number)) == ["comment", "comment", "comment", "create"]
    assert_nothing_is_left(office)
    return number


# --- what it becomes -------------------------------------------------------------------------------------------------


def test_a_draft_becomes_a_ticket_that_opens_with_its_description_and_its_reference(pulled: Office) -> None:
    write_draft(pulled)
    result = pulled.push()
    (ticket,) = made(pulled)
    number = int(ticket["number"])
    (done,) = result.done
    assert (done.op, done.number, done.was_there) == ("create", number, False)
    assert ticket["customer_id"] == LEN
    (comment,) = conversation(pulled, number)
    assert (comment["subject"], comment["hidden"], comment["user_id"]) == ("Initial Issue", False, 21735)
    assert "<p>The old one drops the phones.</p>" in comment["body"]
    assert comment["body"].rstrip().endswith(f"<p>Ref {done.reference}</p>")
    assert done.reference is not None
    assert done.reference.startswith("new-")
    assert done.comment == comment["id"]
    assert result.exit_code == Exit.DONE
    (entry,) = pulled.trail(number)
    assert (entry.op, entry.reference, entry.comment) == ("create", done.reference, comment["id"])
    assert_nothing_is_left(pulled)


def test_the_file_of_a_draft_becomes_the_tickets_own(pulled: Office) -> None:
    write_draft(pulled)
    number = pulled.push().done[0].number
    path = pulled.path(number)
    assert path.relative_to(pulled.root).as_posix() == f"{FOLDER}/{number}-new-switch-for-the-front-office.md"
    text = pulled.text(number)
    for line in (f"number: {number}", "status: New", "customer: Len's Auto Brokerage", "assigned_to: Mike Sorrel"):
        assert f"\n{line}\n" in text
    assert not any(key in head_of(pulled, number) for key in ("description:", "to:\n", "to: p", "synclog:"))
    assert "> The old one drops the phones." in text
    assert pulled.pull().exit_code == Exit.DONE
    assert pulled.text(number) == text


def test_without_a_description_the_subject_is_the_first_comment(pulled: Office) -> None:
    write_draft(pulled, f"---\nsubject: {SUBJECT}\n---\n")
    number = pulled.push().done[0].number
    assert f"<p>{SUBJECT}</p>" in first_comment(pulled, number)["body"]


@pytest.mark.parametrize(("to", "hidden", "mails"), [("private", True, 1), ("public", False, 1), ("email", False, 2)])
def test_who_sees_the_first_comment_is_as_the_draft_says(pulled: Office, to: str, hidden: bool, mails: int) -> None:
    """One mail is of the account's own automation: it tells of every new ticket."""
    before = len(pulled.sandbox.store.outbox())
    write_draft(pulled, PLAIN.replace("---\nsubject", f"---\nto: {to}\nsubject"))
    number = pulled.push().done[0].number
    assert first_comment(pulled, number)["hidden"] is hidden
    assert len(pulled.sandbox.store.outbox()) - before == mails


def test_a_new_ticket_is_the_key_owners_where_the_draft_names_nobody(pulled: Office) -> None:
    write_draft(pulled)
    pulled.push()
    assert made(pulled)[0]["user_id"] == 21735


def test_the_fields_that_a_draft_names_are_sent(pulled: Office) -> None:
    fields = (
        "assigned_to: priya\ncontact: patty\nstatus: sched\npriority: High\nproblem_type: Network\n"
        "due_date: 2026-05-04\ntags: [phones, switch]\n"
    )
    write_draft(pulled, PLAIN.replace("---\nsubject", f"---\n{fields}subject"))
    number = pulled.push().done[0].number
    ticket = pulled.sandbox.store.ticket(number)
    assert {key: ticket[key] for key in ("user_id", "contact_id", "status", "priority", "problem_type")} == {
        "user_id": 24406,
        "contact_id": 3380121,
        "status": "Scheduled",
        "priority": "High",
        "problem_type": "Network",
    }
    assert ticket["due_date"].startswith("2026-05-04")
    assert ticket["tag_list"] == ["phones", "switch"]
    text = head_of(pulled, number)
    for line in ("assigned_to: Priya Venkat", "contact: Patty Quill", "status: Scheduled", "tags: [phones, switch]"):
        assert f"\n{line}\n" in text
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize(
    ("line", "said", "known"),
    [
        ("contact: Bob", "Bob", "Patty Quill"),
        ("assigned_to: Nobody Here", "Nobody Here", "Priya Venkat"),
        ("assigned_to: Daniel", "Daniel", "Daniel Reyes (#30418)"),
        ("status: Almost done", "Almost done", "Scheduled"),
        ("customer: Nobody's Garage", "Nobody's Garage", "customer_id"),
        ("customer_id: abc", "abc", "customer_id"),
    ],
)
def test_a_name_that_the_account_does_not_have_is_held_with_its_remedy(
    pulled: Office, line: str, said: str, known: str
) -> None:
    path = write_draft(pulled, PLAIN.replace("---\nsubject", f"---\n{line}\nsubject"))
    before = path.read_bytes()
    result = pulled.push()
    assert (result.done, result.exit_code) == ([], Exit.DECISION)
    held = [f"{h.reason} {h.remedy}" for ticket in result.plan.tickets for h in ticket.held]
    told = " ".join([*held, *(str(invalid) for invalid in result.invalid)])
    assert said in told
    assert known in told
    assert made(pulled) == []
    assert path.read_bytes() == before


def test_a_customer_may_be_named_by_id_or_by_name_instead_of_by_the_folder(pulled: Office) -> None:
    other = pulled.sandbox.store.ticket(32164)["customer_id"]
    write_draft(pulled, PLAIN.replace("---\nsubject", f"---\ncustomer_id: {other}\nsubject"))
    write_draft(
        pulled, PLAIN.replace("---\nsubject", "---\ncustomer: burger\nsubject").replace("phones", "tills"), "new-b.md"
    )
    result = pulled.push()
    assert [done.op for done in result.done] == ["create", "create"]
    assert [ticket["customer_id"] for ticket in made(pulled)] == [other, other]
    for done in result.done:
        assert pulled.path(done.number).parts[-3] == "jerry-burger"
    assert_nothing_is_left(pulled)


def test_the_first_ticket_of_a_customer_who_has_no_file_yet_is_made_by_its_id(pulled: Office) -> None:
    without = "clients/somebody-new/tickets"
    held = write_draft(pulled, folder=without)
    result = pulled.push()
    assert (result.done, result.exit_code) == ([], Exit.DECISION)
    assert "customer_id" in str([h.remedy for ticket in result.plan.tickets for h in ticket.held])
    held.write_text(PLAIN.replace("---\nsubject", f"---\ncustomer_id: {LEN}\nsubject"), "utf-8")
    assert [done.op for done in pulled.push().done] == ["create"]
    assert made(pulled)[0]["customer_id"] == LEN
    assert_nothing_is_left(pulled)


# --- what else is written into it ------------------------------------------------------------------------------------


def test_notes_are_posted_and_the_invoice_is_made_in_the_same_run(pulled: Office) -> None:
    write_draft(pulled, FULL)
    result = pulled.push()
    assert [done.op for done in result.done] == ["create", "comment", "comment", "invoice", "update"]
    number = result.done[0].number
    assert {done.number for done in result.done} == {number}
    assert minutes(pulled, number) == [30, 60]
    assert [timer["product_id"] for timer in pulled.timers(number)] == [LABOR["remote"], LABOR["onsite"]]
    (invoice,) = pulled.invoices(number)
    assert invoice["total"] == "205.00"
    assert pulled.sandbox.store.ticket(number)["status"] == "Invoiced"
    assert result.exit_code == Exit.DONE
    for done in result.done[1:3]:
        assert done.reference is not None
        assert done.reference.startswith(f"{number}-")
    assert_nothing_is_left(pulled)


def test_keys_comments_and_text_of_the_technicians_own_stay_as_they_were_typed(pulled: Office) -> None:
    write_draft(pulled, FULL)
    number = pulled.push().done[0].number
    text = head_of(pulled, number)
    assert "# where it stands\nsite: back office        # a key of our own\nnotes: []\n" in text
    assert "rack: [2, 3]\n" in text
    assert "Serial number is on the box under the desk.\n\n- call Patty before ten\n" in text


def test_a_note_that_is_on_hold_waits_in_the_tickets_file_and_the_invoice_with_it(pulled: Office) -> None:
    write_draft(pulled, FULL.replace("    labor: onsite\n", "    labor: onsite\n    hold: true\n"))
    result = pulled.push()
    number = result.done[0].number
    assert [done.op for done in result.done] == ["create", "comment"]
    assert not pulled.invoices(number)
    text = head_of(pulled, number)
    assert "Put the switch in." in text
    assert "hold: true" in text
    assert "invoice: true" in text
    pulled.edit(("    hold: true\n", ""), number=number)
    assert [done.op for done in pulled.push().done] == ["comment", "invoice", "update"]
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize("via", ["timer", "line_item"])
def test_the_time_of_a_new_tickets_notes_goes_the_way_that_is_set(pulled: Office, via: str) -> None:
    pulled.change_settings("via: comment", f"via: {via}")
    write_draft(pulled, WITH_NOTES)
    result = pulled.push()
    number = result.done[0].number
    assert [done.minutes for done in result.done] == [None, 30, None, 60]
    ticket_id = pulled.sandbox.store.ticket(number)["id"]
    there = pulled.sandbox.store.timers(ticket_id) + pulled.sandbox.store.line_items(ticket_id)
    assert len(there) == 2
    assert_nothing_is_left(pulled)


# --- several, and whose ----------------------------------------------------------------------------------------------


def test_two_equal_drafts_are_two_tickets(pulled: Office) -> None:
    write_draft(pulled)
    write_draft(pulled, name="new-switch-2.md")
    result = pulled.push()
    assert [done.op for done in result.done] == ["create", "create"]
    assert len({done.reference for done in result.done}) == 2
    assert len(made(pulled)) == 2
    assert len({number for done in result.done for number in files_of(pulled, done.number)}) == 2
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize("fault", ["drop-before", "drop-after"])
def test_two_equal_drafts_are_two_tickets_though_an_answer_is_lost(pulled: Office, fault: str) -> None:
    write_draft(pulled)
    write_draft(pulled, name="new-switch-2.md")
    pulled.sandbox.add_fault(f"{fault} POST /tickets #1")
    assert pulled.push().exit_code == Exit.DONE
    assert len(made(pulled)) == 2
    assert_nothing_is_left(pulled)


def test_the_same_draft_again_on_that_day_is_asked_about(pulled: Office) -> None:
    """As two equal notes of one day are."""
    write_draft(pulled)
    pulled.push()
    write_draft(pulled)
    result = pulled.push()
    assert isinstance(result.plan.tickets[0].draft and result.plan.tickets[0].draft.step, Doubt)
    assert result.exit_code == Exit.DECISION
    assert len(made(pulled)) == 1


def test_the_same_draft_written_again_on_another_day_is_another_ticket_in_another_file(pulled: Office) -> None:
    for name in ("new-phones.md", "new-phones-again.md"):
        path = write_draft(pulled)
        path.rename(path.with_name(name))
        assert pulled.push().done
        pulled.time.at += timedelta(days=1)
    assert len(made(pulled)) == 2
    assert_nothing_is_left(pulled)


def test_the_same_draft_in_the_same_file_on_another_day_is_asked_about(pulled: Office) -> None:
    """An editor may have saved the buffer that it had open all the time."""
    write_draft(pulled)
    pulled.push()
    pulled.time.at += timedelta(days=1)
    write_draft(pulled)
    result = pulled.push()
    (ticket,) = result.plan.tickets
    assert result.exit_code == Exit.DECISION
    assert ticket.draft is not None
    with pulled.session() as session:
        resolve_draft(session, ticket.draft.work.reference, posted=None)
    assert [done.op for done in pulled.push().done] == ["create"]
    assert len(made(pulled)) == 2


def test_a_draft_that_somebody_else_committed_is_left_to_them_unless_asked_for(pulled: Office) -> None:
    path = write_draft(pulled, WITH_NOTES)
    git(pulled.root, "add", ".")
    pulled.commit_as("Priya Venkat", "priya@copperline.example")
    result = pulled.push()
    assert (result.done, result.exit_code) == ([], Exit.DONE)
    assert any("Priya Venkat" in held.reason for held in result.plan.tickets[0].held)
    assert (made(pulled), path.exists()) == ([], True)
    assert [done.op for done in pulled.push(author="Priya Venkat").done] == ["create", "comment", "comment", "comment"]
    assert_made_once_with_its_notes(pulled)


@pytest.mark.parametrize("asked", [None, "priya@copperline.example"])
def test_a_draft_without_notes_is_whose_subject_it_is(pulled: Office, asked: str | None) -> None:
    write_draft(pulled)
    git(pulled.root, "add", ".")
    pulled.commit_as("Priya Venkat", "priya@copperline.example")
    result = pulled.push(author=asked)
    assert result.exit_code == Exit.DONE
    assert len(made(pulled)) == (1 if asked else 0)


def test_numbers_that_are_asked_for_leave_drafts_alone(pulled: Office) -> None:
    write_draft(pulled)
    pulled.write_note()
    assert [done.op for done in pulled.push(32162).done] == ["comment"]
    assert made(pulled) == []
    assert drafts(pulled) == ["new-switch.md"]


def test_a_draft_that_syncro_refuses_loses_its_stamp_and_stops_no_other(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_draft(pulled, WITH_NOTES)
    pulled.write_note()
    create = SyncroClient.create_ticket

    def refuse(self: SyncroClient, draft: Any) -> Any:
        raise Rejected("POST /tickets: 422: Subject required field", status=422)

    monkeypatch.setattr(SyncroClient, "create_ticket", refuse)
    result = pulled.push()
    assert [done.op for done in result.done] == ["comment"]
    assert isinstance(result.trouble[0].error, Rejected)
    assert result.exit_code == Exit.FAILED
    assert path.read_text("utf-8") == WITH_NOTES
    monkeypatch.setattr(SyncroClient, "create_ticket", create)
    pulled.time.slept = 0
    assert pulled.push().exit_code == Exit.DONE
    assert pulled.time.slept == 0
    assert_made_once_with_its_notes(pulled)


def test_an_edit_of_a_draft_saved_while_the_plan_is_shown_sends_nothing(pulled: Office) -> None:
    path = write_draft(pulled)

    def confirm(_: object) -> bool:
        path.write_text(PLAIN.replace("drops", "cuts"), "utf-8")
        return True

    with pytest.raises(DecisionNeeded):
        pulled.push(confirm=confirm)
    assert made(pulled) == []


# --- killed ----------------------------------------------------------------------------------------------------------

PLACES = [
    ("synclog.syncro.client.SyncroClient.create_ticket", "before"),
    ("synclog.syncro.client.SyncroClient.create_ticket", "after"),
    ("synclog.app.push.desk.WorkspaceDesk.adopt", "before"),
    ("synclog.app.writing._commit", "before"),
    ("synclog.app.push.desk.WorkspaceDesk.adopt", "after"),
    ("synclog.app.push.tickets.record_found", "before"),
    ("synclog.syncro.client.SyncroClient.add_comment", "before"),
    ("synclog.syncro.client.SyncroClient.add_comment", "after"),
    ("synclog.app.push.records.Recorder.note", "before"),
    ("synclog.app.push.records.Recorder.note", "after"),
]


def die(office: Office, monkeypatch: pytest.MonkeyPatch, place: str, when: str, ticket_exists: bool = True) -> None:
    """Push, and die before or after a call of `place`: its first one since the ticket exists, where it shall."""
    owner_name, _, name = place.rpartition(".")
    try:
        owner: Any = importlib.import_module(owner_name)
    except ModuleNotFoundError:
        module, _, cls = owner_name.rpartition(".")
        owner = getattr(importlib.import_module(module), cls)
    real = getattr(owner, name)

    def dying(*words: Any, **more: Any) -> Any:
        if ticket_exists and not made(office):
            return real(*words, **more)
        if when == "after":
            real(*words, **more)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dying)
        # A process that is killed tidies up nothing at its end.
        patch.setattr("synclog.app.push.run._Run.take_back", lambda _: None)
        with pytest.raises(Killed):
            office.push()


@pytest.mark.parametrize("first", ["push", "pull"])
@pytest.mark.parametrize(("place", "when"), PLACES)
def test_killed_anywhere_it_is_one_ticket_with_one_file_and_all_of_its_notes_once(
    pulled: Office, place: str, when: str, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_draft(pulled, WITH_NOTES)
    die(pulled, monkeypatch, place, when, ticket_exists="create_ticket" not in place)
    if first == "pull":
        pulled.pull()
    assert pulled.push().exit_code == Exit.DONE
    assert_made_once_with_its_notes(pulled)


@pytest.mark.parametrize(("place", "when"), [PLACES[2], PLACES[3], PLACES[7]])
def test_killed_and_the_machines_own_caches_deleted_a_pull_and_a_push_make_it_whole(
    pulled: Office, place: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_draft(pulled, WITH_NOTES)
    die(pulled, monkeypatch, place, when)
    shutil.rmtree(pulled.root / ".synclog")
    pulled.pull()
    assert pulled.push().exit_code == Exit.DONE
    assert_made_once_with_its_notes(pulled)


@pytest.mark.parametrize("first", ["push", "pull"])
def test_killed_after_the_ticket_was_made_nothing_that_the_draft_says_is_lost(
    pulled: Office, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_draft(pulled, FULL)
    die(pulled, monkeypatch, "synclog.app.push.desk.WorkspaceDesk.adopt", "before")
    if first == "pull":
        pulled.pull()
        assert len(list(pulled.root.glob(f"{FOLDER}/*new-switch-for-the-front-office.md"))) == 1
    assert pulled.push().exit_code == Exit.DONE
    (ticket,) = made(pulled)
    number = int(ticket["number"])
    assert minutes(pulled, number) == [30, 60]
    assert len(pulled.invoices(number)) == 1
    assert len(files_of(pulled, number)) == 1
    text = head_of(pulled, number)
    for own in (
        "site: back office        # a key of our own\n",
        "rack: [2, 3]\n",
        "Serial number is on the box under the desk.\n\n- call Patty before ten\n",
    ):
        assert text.count(own) == 1
    assert_nothing_is_left(pulled)


def test_what_was_written_into_the_pulled_file_and_into_the_draft_is_both_kept(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = write_draft(pulled, WITH_NOTES)
    die(pulled, monkeypatch, "synclog.app.push.desk.WorkspaceDesk.adopt", "before")
    pulled.pull()
    number = int(made(pulled)[0]["number"])
    pulled.edit(("notes: []\n", "notes:\n  - note: Labelled the ports.\n    time: 10\n"), number=number)
    pulled.edit(("---\n\n<!--", "---\nThe switch has 24 ports.\n\n<!--"), number=number)
    text = draft.read_text("utf-8")
    draft.write_text(text.rstrip("\n") + "\nServed by rack two.\n", "utf-8")
    assert pulled.push().exit_code == Exit.DONE
    assert sorted(minutes(pulled, number)) == [10, 30, 60]
    words = ["Ordered the switch", "Called Len about it", "Put the switch in", "Labelled the ports"]
    bodies = [comment["body"] for comment in conversation(pulled, number)]
    assert [sum(word in body for body in bodies) for word in words] == [1, 1, 1, 1]
    assert len(files_of(pulled, number)) == 1
    own = head_of(pulled, number)
    assert "The switch has 24 ports." in own
    assert "Served by rack two." in own
    assert_nothing_is_left(pulled)


def test_a_pull_before_the_push_leaves_the_draft_and_says_nothing_twice(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_draft(pulled, WITH_NOTES)
    die(pulled, monkeypatch, "synclog.app.push.desk.WorkspaceDesk.adopt", "before")
    for _ in range(2):
        pulled.pull()
    assert drafts(pulled) == ["new-switch.md"]
    with pulled.session() as session:
        plan = dry_run(session).plan
    (ticket,) = [t for t in plan.tickets if t.draft]
    assert ticket.draft is not None
    assert isinstance(ticket.draft.step, RecordTicket)
    assert pulled.push().exit_code == Exit.DONE
    assert_made_once_with_its_notes(pulled)


# --- lost, late, refused for a while ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["drop-before", "drop-after", "500-before", "500-after", "html-after", "cut-json", "empty", "late=600"]
)
def test_a_creation_whose_answer_is_lost_or_late_happens_once(pulled: Office, fault: str) -> None:
    write_draft(pulled, WITH_NOTES)
    sleep = pulled.time.sleep

    def waiting(seconds: float) -> None:
        pulled.sandbox.release_late()
        sleep(seconds)

    pulled.time.sleep = waiting  # type: ignore[method-assign]
    pulled.sandbox.add_fault(f"{fault} POST /tickets #1")
    result = pulled.push()
    assert pulled.sandbox.fault_hits
    assert (result.exit_code, result.trouble) == (Exit.DONE, [])
    assert pulled.time.slept >= 59
    assert_made_once_with_its_notes(pulled)


@pytest.mark.parametrize("first", ["push", "pull"])
@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "late=600"])
def test_a_creation_whose_answer_is_lost_for_good_is_found_by_a_later_run_on_another_day(
    pulled: Office, fault: str, first: str
) -> None:
    write_draft(pulled, WITH_NOTES)
    pulled.sandbox.add_fault(f"{fault} POST /tickets #1")
    with pulled.session() as session:
        session = replace(session, clock=replace(session.clock, sleep=kill))
        with pytest.raises(Killed):
            push(session, confirm=lambda _: True)
    pulled.sandbox.release_late()
    pulled.time.at += timedelta(days=2)
    if first == "pull":
        pulled.pull()
    assert pulled.push().exit_code == Exit.DONE
    assert_made_once_with_its_notes(pulled)


def test_a_creation_that_is_refused_for_a_while_leaves_the_draft_as_it_was(pulled: Office) -> None:
    path = write_draft(pulled, WITH_NOTES)
    pulled.sandbox.add_fault("429 POST /tickets")
    assert pulled.push().exit_code == Exit.FAILED
    assert path.read_text("utf-8") == WITH_NOTES
    pulled.sandbox.clear_faults()
    pulled.time.slept = 0
    assert pulled.push().exit_code == Exit.DONE
    assert pulled.time.slept == 0
    assert_made_once_with_its_notes(pulled)


def test_the_plans_look_and_the_lock_are_one_look_for_a_ticket_too(pulled: Office) -> None:
    """Another work tree creates it while the plan is shown."""
    write_draft(pulled, WITH_NOTES)
    git(pulled.root, "add", ".")
    git(pulled.root, "commit", "--quiet", "-m", "my draft")
    other = pulled.root.parent / "other-tree"
    git(pulled.root, "worktree", "add", "--quiet", "-b", "second", str(other))

    def confirm(_: object) -> bool:
        first, pulled.root = pulled.root, other
        assert pulled.push().exit_code == Exit.DONE
        pulled.root = first
        return True

    with pytest.raises(DecisionNeeded):
        pulled.push(confirm=confirm)
    assert pulled.push().exit_code == Exit.DONE
    assert_made_once_with_its_notes(pulled)


# --- changed, copied, elsewhere --------------------------------------------------------------------------------------


def test_a_draft_changed_after_its_ticket_was_made_is_doubtful(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_draft(pulled, WITH_NOTES)
    die(pulled, monkeypatch, "synclog.app.push.desk.WorkspaceDesk.adopt", "before")
    path.write_text(path.read_text("utf-8").replace("drops the phones", "cuts off the phones"), "utf-8")
    for _ in range(2):
        result = pulled.push()
        assert result.exit_code == Exit.DECISION
        assert isinstance(result.plan.tickets[0].draft and result.plan.tickets[0].draft.step, Doubt)
    assert len(made(pulled)) == 1


def test_a_draft_changed_after_a_stamp_that_came_to_nothing_is_created_as_it_says_now(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_draft(pulled)
    die(pulled, monkeypatch, "synclog.syncro.client.SyncroClient.create_ticket", "before", ticket_exists=False)
    path.write_text(path.read_text("utf-8").replace("drops the phones", "cuts off the phones"), "utf-8")
    pulled.time.slept = 0
    assert pulled.push().exit_code == Exit.DONE
    assert pulled.time.slept >= 59
    (ticket,) = made(pulled)
    assert "cuts off the phones" in first_comment(pulled, int(ticket["number"]))["body"]
    assert_nothing_is_left(pulled)


def test_notes_that_are_changed_after_the_ticket_was_made_change_nothing_of_it(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_draft(pulled, WITH_NOTES)
    die(pulled, monkeypatch, "synclog.app.push.desk.WorkspaceDesk.adopt", "before")
    path.write_text(path.read_text("utf-8").replace("time: 1h", "time: 2h"), "utf-8")
    assert pulled.push().exit_code == Exit.DONE
    (ticket,) = made(pulled)
    assert minutes(pulled, int(ticket["number"])) == [30, 120]
    assert_nothing_is_left(pulled)


def with_other_branch(office: Office) -> None:
    """The draft pushed on this branch, and standing on another, which is checked out then."""
    write_draft(office, WITH_NOTES)
    git(office.root, "add", ".")
    git(office.root, "commit", "--quiet", "-m", "my draft")
    git(office.root, "branch", "feature")
    assert office.push().exit_code == Exit.DONE
    git(office.root, "switch", "--quiet", "feature")


@pytest.mark.parametrize("first", ["push", "pull"])
def test_the_same_draft_on_another_branch_and_another_day_is_doubtful(pulled: Office, first: str) -> None:
    with_other_branch(pulled)
    pulled.time.at += timedelta(days=1)
    if first == "pull":
        pulled.pull()
    for _ in range(2):
        result = pulled.push()
        assert result.exit_code == Exit.DECISION
        (ticket,) = [t for t in result.plan.tickets if t.draft]
        assert isinstance(ticket.draft and ticket.draft.step, Doubt)
    assert len(made(pulled)) == 1


@pytest.mark.parametrize("first", ["push", "pull"])
def test_the_same_draft_on_another_branch_that_day_is_that_ticket(pulled: Office, first: str) -> None:
    with_other_branch(pulled)
    if first == "pull":
        pulled.pull()
    result = pulled.push()
    assert result.exit_code == Exit.DONE
    (ticket,) = made(pulled)
    number = int(ticket["number"])
    assert sorted(minutes(pulled, number)) == [30, 60]
    assert len(conversation(pulled, number)) == 4
    assert len(files_of(pulled, number)) == 1
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize("first", ["push", "pull"])
def test_a_clone_that_has_the_draft_finds_its_ticket_and_its_notes(pulled: Office, first: str) -> None:
    write_draft(pulled, WITH_NOTES)
    git(pulled.root, "add", ".")
    git(pulled.root, "commit", "--quiet", "-m", "my draft")
    clone = pulled.root.parent / "clone"
    git(pulled.root.parent, "clone", "--quiet", str(pulled.root), str(clone))
    git(clone, "config", "user.name", NAME)
    git(clone, "config", "user.email", EMAIL)
    assert pulled.push().exit_code == Exit.DONE
    pulled.root = clone
    if first == "pull":
        pulled.pull()
    assert pulled.push().exit_code == Exit.DONE
    (ticket,) = made(pulled)
    number = int(ticket["number"])
    assert sorted(minutes(pulled, number)) == [30, 60]
    assert len(conversation(pulled, number)) == 4
    assert len(files_of(pulled, number)) == 1
    assert_nothing_is_left(pulled)


def test_a_ticket_that_was_moved_to_another_customer_before_it_was_recorded_is_found(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_draft(pulled, WITH_NOTES)
    die(pulled, monkeypatch, "synclog.app.push.desk.WorkspaceDesk.adopt", "before")
    other = pulled.sandbox.store.ticket(32164)["customer_id"]
    number = int(made(pulled)[0]["number"])
    pulled.sandbox.store.web_move_ticket(number, other)
    assert pulled.push().exit_code == Exit.DONE
    assert assert_made_once_with_its_notes(pulled) == number
    assert pulled.path(number).parts[-3] == "jerry-burger"


def test_a_customers_own_ticket_of_the_same_subject_is_not_taken_for_the_draft(pulled: Office) -> None:
    pulled.sandbox.store.web_add_ticket(LEN, SUBJECT)
    write_draft(pulled)
    assert [(done.op, done.was_there) for done in pulled.push().done] == [("create", False)]
    assert len(made(pulled)) == 2
    assert_nothing_is_left(pulled)


# --- how much is asked of Syncro, and what is shown ------------------------------------------------------------------


def test_a_new_ticket_needs_few_requests(pulled: Office) -> None:
    write_draft(pulled)
    result = pulled.push()
    assert result.done
    assert result.requests == len(pulled.sandbox.requests) <= 6


def shown(office: Office, *words: str) -> str:
    said = office.cli(*words)
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_the_plan_shows_what_is_created_and_for_whom(pulled: Office) -> None:
    fields = "assigned_to: priya\ncontact: patty\ntags: [phones]\nto: private\n"
    write_draft(pulled, FULL.replace("---\nsubject", f"---\n{fields}subject"))
    plan = shown(pulled, "push", "--dry-run")
    for part in (
        f"new  Len's Auto Brokerage · {SUBJECT}",
        "create   private: internal only: send",
        "| The old one drops the phones.",
        "assigned_to: Priya Venkat",
        "contact: ",
        "tags: phones",
        "| Ordered the switch.",
        "30m remote (Remote Support, 120.00/h) = 60.00",
        "invoice  1h30m of the notes above",
        "automations may e-mail on a new ticket",
    ):
        assert part in plan, plan
    assert not any(request.method == "POST" for request in pulled.sandbox.requests)
    assert (made(pulled), drafts(pulled)) == ([], ["new-switch.md"])


def test_what_was_filled_in_for_a_draft_is_marked(pulled: Office) -> None:
    write_draft(pulled, f"---\nsubject: {SUBJECT}\n---\n")
    plan = shown(pulled, "push", "--dry-run")
    assert "create   public: visible, no e-mail (default: description, to, assigned_to): send" in plan
    assert "assigned_to: Mike Sorrel" in plan


def test_who_is_mailed_by_a_new_ticket_is_shown(pulled: Office) -> None:
    """design: under WILL E-MAIL stands who gets mail."""
    write_draft(pulled, PLAIN.replace("---\nsubject", "---\nto: email\nsubject"))
    plan = shown(pulled, "push", "--dry-run")
    assert "e-mailed to the customer" in plan
    assert "WILL E-MAIL" in plan


def test_the_json_plan_says_what_is_created(pulled: Office) -> None:
    write_draft(pulled, WITH_NOTES)
    document = json.loads(shown(pulled, "push", "--dry-run", "--json"))
    (ticket,) = document["result"]["plan"]["tickets"]
    create = ticket["create"]
    assert (ticket["number"], ticket["path"], ticket["subject"]) == (None, f"{FOLDER}/new-switch.md", SUBJECT)
    assert (create["step"], create["customer_id"], create["to"]) == ("send", LEN, "public")
    assert create["description"].startswith("The old one drops the phones.")
    assert create["reference"].startswith("new-")
    assert create["sends"] == {"user_id": 21735}
    assert create["filled_in"] == ["to", "assigned_to"]
    assert create["doubt"] is None
    assert [note["minutes"] for note in ticket["notes"]] == [30, None, 60]


def test_a_plan_of_a_draft_is_sent_as_it_was_shown(pulled: Office) -> None:
    write_draft(pulled, WITH_NOTES)
    word = json.loads(shown(pulled, "push", "--dry-run", "--json"))["result"]["plan"]["id"]
    done = json.loads(shown(pulled, "push", "--plan", word, "--json"))["result"]["done"]
    assert [one["op"] for one in done] == ["create", "comment", "comment", "comment"]
    assert_made_once_with_its_notes(pulled)


def test_status_and_diff_show_a_draft(pulled: Office) -> None:
    write_draft(pulled, WITH_NOTES)
    said = shown(pulled, "status")
    assert f"new  Len's Auto Brokerage · {SUBJECT}" in said
    assert f"create   {FOLDER}/new-switch.md" in said
    assert "Ordered the switch." in said
    pending = json.loads(shown(pulled, "status", "--json"))["result"]["pending"]
    assert [(work["number"], work["create"], len(work["notes"])) for work in pending] == [(None, True, 3)]
    diff = shown(pulled, "diff")
    assert "+ new ticket (public: visible, no e-mail)" in diff
    assert "+   The old one drops the phones." in diff
    assert "Ordered the switch." in diff
    found = status(pulled.workspace, now=pulled.time.at)
    assert [work.path for work in found.works if work.draft] == [f"{FOLDER}/new-switch.md"]


def test_a_doubtful_draft_is_shown_beside_what_is_in_syncro(pulled: Office) -> None:
    with_other_branch(pulled)
    pulled.time.at += timedelta(days=1)
    with pulled.session() as session:
        result: PushResult = dry_run(session)
    text = "\n".join(plan_lines(result.plan))
    number = int(made(pulled)[0]["number"])
    assert f"in Syncro, ticket {number}: {SUBJECT}" in text
    assert "> The old one drops the phones." in text
    assert "synclog resolve --note new-" in text
    create = plan_json(result.plan)["tickets"][0]["create"]
    assert (create["step"], create["doubt"]["tickets"]) == ("doubt", [number])


def test_a_draft_is_sent_by_the_first_push_of_a_plan_that_says_so(pulled: Office) -> None:
    write_draft(pulled)
    with pulled.session() as session:
        (ticket,) = dry_run(session).plan.tickets
    assert ticket.draft is not None
    assert isinstance(ticket.draft.step, Send)
    assert ticket.name == "new-switch.md"
    assert drafts(pulled) == ["new-switch.md"]
