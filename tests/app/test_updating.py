"""`update`: what is typed becomes the account's own words in the ticket's file, and one request when it is pushed."""

from __future__ import annotations

from typing import Any

import pytest
from support.office import NUMBER, Office, snapshot

from synclog.app.updating import Updated, enter_update
from synclog.app.wanting import live_values
from synclog.core.wanted import wanted_of
from synclog.errors import UnknownTicket, UsageError


@pytest.fixture
def office(office: Office) -> Office:
    """A workspace that has the file of one ticket."""
    office.pull(NUMBER)
    return office


def in_syncro(office: Office) -> dict[str, Any]:
    ticket: dict[str, Any] = office.sandbox.store.ticket(NUMBER)
    return ticket


def puts(office: Office) -> int:
    return sum(request.method == "PUT" for request in office.sandbox.requests)


def update(office: Office, texts: dict[str, str | None], **tags: Any) -> Updated:
    """Do what the command does."""
    with office.session() as session:
        made = enter_update(session, NUMBER, wanted_of(texts, **tags))
    if made.is_to_push:
        assert office.push(NUMBER).exit_code == 0
    return made


@pytest.mark.parametrize(
    ("field", "typed", "said", "instead"),
    [
        ("status", "wait", "status: `wait` fits more than one", "Waiting on Customer, Waiting on Vendor"),
        ("status", "Reslvd", "status: `Reslvd` is none of this account", "Resolved, Invoiced"),
        ("assigned_to", "Daniel", "fits more than one", "Daniel Reyes (#21742), Daniel Reyes (#30418)"),
        ("assigned_to", "Nobody", "is none of this account", "Mike Sorrel, Daniel Reyes (#21742)"),
        ("problem_type", "Plumbing", "problem type: `Plumbing` is none", "Server, Workstation"),
        ("contact", "Nobody", "contact: `Nobody` is none of this customer", "known: "),
        ("due_date", "soon", "`soon` is not a date", "2026-04-20"),
        ("due_date", "2026-02-30", "`2026-02-30` is not a date", "2026-04-20"),
    ],
)
def test_a_wrong_value_is_answered_with_the_right_ones_and_nothing_is_written(
    office: Office, field: str, typed: str, said: str, instead: str
) -> None:
    before, log = office.text(), office.log()
    with pytest.raises(UsageError) as refused:
        update(office, {"priority": "High", field: typed})
    assert said in refused.value.message
    assert instead in refused.value.remedy
    assert (office.text(), office.log(), puts(office)) == (before, log, 0)


def test_what_is_equal_already_writes_nothing(office: Office) -> None:
    ticket = in_syncro(office)
    before, log = snapshot(office.root, without=(".git", ".synclog")), office.log()
    made = update(office, {"status": ticket["status"], "priority": ticket["priority"]})
    assert (made.changed, made.pending, made.same) == ((), (), ("status", "priority"))
    assert (snapshot(office.root, without=(".git", ".synclog")), office.log(), puts(office)) == (before, log, 0)


def test_equal_is_what_syncro_has_now_and_not_what_the_mirror_says(office: Office) -> None:
    mirrored = in_syncro(office)["status"]
    office.sandbox.store.web_update_ticket(NUMBER, status="Resolved")
    assert update(office, {"status": mirrored}).changed == ("status",)
    assert (in_syncro(office)["status"], puts(office)) == (mirrored, 1)


def test_what_was_written_before_and_not_pushed_is_sent_when_it_is_said_again(office: Office) -> None:
    office.edit(("status: In Progress", "status: Resolved"))
    made = update(office, {"status": "resolved"})
    assert (made.changed, made.pending) == ((), ("status",))
    assert in_syncro(office)["status"] == "Resolved"


@pytest.mark.parametrize(("typed", "user"), [("me", 21735), ("priya", 24406), ("reyes (#30418)", 30418)])
def test_a_technician_is_named_in_part_by_id_or_is_the_keys_owner(office: Office, typed: str, user: int) -> None:
    office.sandbox.store.web_update_ticket(NUMBER, user_id=28811)
    update(office, {"assigned_to": typed})
    assert in_syncro(office)["user_id"] == user


def test_none_clears_and_tags_are_a_set(office: Office) -> None:
    office.sandbox.store.web_update_ticket(NUMBER, tag_list=["server", "old"], due_date="2026-05-04")
    office.pull(NUMBER)
    # Somebody sets one more meanwhile: what is sent is what was added and taken off.
    office.sandbox.store.web_update_ticket(NUMBER, tag_list=["server", "old", "theirs"])
    update(office, {"due_date": "none", "contact": ""}, add=("vip", "server"), remove=("OLD", "not there"))
    ticket = in_syncro(office)
    assert (ticket["due_date"], ticket["contact_id"], puts(office)) == (None, None, 1)
    assert sorted(ticket["tag_list"]) == ["server", "theirs", "vip"]
    update(office, {}, tags="none")
    assert in_syncro(office)["tag_list"] == []


def test_a_status_that_the_account_got_since_is_asked_for(office: Office) -> None:
    kept = office.root / ".synclog" / "account.json"
    kept.write_text(kept.read_text("utf-8").replace("Resolved", "Called Otherwise Once"), "utf-8")
    with office.session() as session:
        assert live_values(session, 0, wanted_of({"status": "resolved"})) == {"status": "Resolved"}


def test_nothing_is_written_into_the_file_of_a_ticket_that_is_gone(office: Office) -> None:
    office.sandbox.store.web_delete_ticket(NUMBER)
    with pytest.raises(UnknownTicket, match="gone from Syncro"):
        update(office, {"status": "resolved"})
    assert "status: In Progress" in office.text()


def test_what_was_edited_here_and_changed_there_stays_a_conflict(office: Office) -> None:
    office.edit(("status: In Progress", "status: Scheduled"))
    office.sandbox.store.web_update_ticket(NUMBER, status="Resolved")
    with office.session() as session:
        enter_update(session, NUMBER, wanted_of({"status": "closed", "priority": "Low"}))
    result = office.push(NUMBER)
    assert (result.exit_code, in_syncro(office)["status"], in_syncro(office)["priority"]) == (3, "Resolved", "Low")


def test_a_hostile_subject_is_one_line_of_text_and_comes_back_the_same(office: Office) -> None:
    update(office, {"subject": 'none: "[x] # y\x1b[2J\nstatus: Closed --> {{7*7}}'})
    ticket = in_syncro(office)
    assert ticket["subject"] == 'none: "[x] # y status: Closed --> {{7*7}}'
    assert ticket["status"] == "In Progress"
    assert "\x1b" not in office.text()
