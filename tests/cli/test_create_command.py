"""`create`: a draft in the customer's folder, and with the one push engine a ticket, once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest
from support.office import NUMBER, Office, git

from synclog.errors import Rejected
from synclog.syncro.client import SyncroClient

SAGUARO = "Saguaro Smiles Dental"
SUBJECT = "New switch for the front office"
KILLED_BEFORE_THE_PUSH = """
import os, signal, sys
import synclog.app.push as pushing
from synclog.cli.entry import run
pushing.push = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
run(sys.argv[1:])
"""


@pytest.fixture
def office(office: Office) -> Office:
    """A workspace that has files of three customers."""
    office.pull(32100, NUMBER, 32164)
    return office


def made(office: Office, subject: str = SUBJECT) -> list[dict[str, Any]]:
    return [ticket for ticket in office.sandbox.store.tickets() if ticket["subject"] == subject]


def drafts(office: Office) -> list[Path]:
    return sorted(office.root.glob("clients/*/tickets/new-*.md"))


def first_comment(office: Office, ticket: dict[str, Any]) -> dict[str, Any]:
    comment: dict[str, Any] = office.sandbox.store.comments(ticket["id"])[0]
    return comment


def test_a_ticket_is_created_with_its_first_comment_and_fields_and_read_back(office: Office) -> None:
    words = ("saguaro", SUBJECT, "It is **loud**.", "--priority", "High", "--status", "sched", "--problem-type", "net")
    more = ("--due-date", "2026-05-04", "--tag", "switch", "--to", "private", "--yes", "--json")
    ran = office.cli("create", *words, *more)
    assert ran.returncode == 0, ran.stdout
    (ticket,) = made(office)
    result = json.loads(ran.stdout)["result"]
    assert (result["number"], result["queued"]) == (ticket["number"], False)
    assert (office.root / result["path"]).name.startswith(f"{ticket['number']}-")
    assert (ticket["priority"], ticket["status"], ticket["problem_type"]) == ("High", "Scheduled", "Network")
    assert (ticket["user_id"], ticket["tag_list"], ticket["due_date"][:10]) == (21735, ["switch"], "2026-05-04")
    comment = first_comment(office, ticket)
    assert ("It is <strong>loud</strong>." in comment["body"], comment["hidden"]) == (True, True)
    assert drafts(office) == []


def test_without_a_body_the_subject_is_the_first_comment_and_it_may_come_from_standard_input(office: Office) -> None:
    assert office.cli("create", SAGUARO, SUBJECT, "--yes").returncode == 0
    assert SUBJECT in first_comment(office, made(office)[0])["body"]
    assert office.cli("create", SAGUARO, "Another", "--yes", stdin="Größeres Netzteil 🔌\r\n").returncode == 0
    assert "Größeres Netzteil 🔌" in first_comment(office, made(office, "Another")[0])["body"]


def test_several_customers_are_offered_with_their_ids_and_nothing_is_written(office: Office) -> None:
    ran = office.cli("create", "a", SUBJECT, "--queue", "--json")
    document = json.loads(ran.stdout)
    assert (ran.returncode, drafts(office)) == (2, [])
    names = [customer["name"] for customer in document["result"]["customers"]]
    assert SAGUARO in names
    assert all(customer["id"] for customer in document["result"]["customers"])
    assert all(name in document["errors"][0]["message"] for name in names)


def test_near_ones_are_shown_where_nobody_fits(office: Office) -> None:
    ran = office.cli("create", "Sagaro Smiles", SUBJECT, "--yes")
    assert (ran.returncode, made(office)) == (2, [])
    assert "no customer fits 'Sagaro Smiles'" in ran.stderr
    assert SAGUARO in ran.stderr
    assert office.cli("create", "99", SUBJECT, "--yes").returncode == 2


def test_a_customer_who_is_not_here_is_asked_for_and_gets_a_card(office: Office) -> None:
    ran = office.cli("create", "sons bobby's", SUBJECT, "--yes")
    assert ran.returncode == 0, ran.stderr
    (card,) = office.root.glob("clients/bobbys-*/client.md")
    assert f"id: {made(office)[0]['customer_id']}\n" in card.read_text("utf-8")
    assert f"Syncro: pull: the card of {card.parent.name}" in office.log()
    assert len(made(office)) == 1


def test_of_several_one_is_chosen_by_number_on_a_terminal(office: Office) -> None:
    with office.terminal("create", "s", SUBJECT, "Loud.", "--queue") as terminal:
        shown = terminal.wait_for("Which customer?")
        (line,) = [line for line in shown.splitlines() if SAGUARO in line]
        terminal.type(line.split()[0], "Enter")
        assert terminal.exit_code() == 0
    (draft,) = drafts(office)
    assert draft.parts[-3] == "saguaro-smiles-dental"


def test_the_first_comment_is_typed_in_the_editor_and_left_empty_it_is_the_subject(office: Office) -> None:
    with office.terminal("create", SAGUARO, SUBJECT, EDITOR="true") as terminal:
        assert SUBJECT in terminal.wait_for("Send this? [y/N]")
        terminal.type("n", "Enter")
        assert "nothing was sent: it waits in" in terminal.wait_for("exit code")
    assert len(drafts(office)) == 1
    assert made(office) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--status", "Reslvd"], "known: New, In Progress"),
        (["--contact", "Nobody", "--due-date", "soon"], "none of this customer"),
        (["--due-date", "soon"], "2026-04-20"),
    ],
)
def test_a_wrong_value_is_answered_with_the_right_ones_and_nothing_is_written(
    office: Office, words: list[str], said: str
) -> None:
    log = office.log()
    ran = office.cli("create", SAGUARO, SUBJECT, "Loud.", *words, "--yes")
    assert (ran.returncode, drafts(office), office.log(), made(office)) == (2, [], log, [])
    assert said in ran.stderr


def test_killed_between_the_draft_and_the_push_the_same_words_push_that_draft(office: Office) -> None:
    words = ("create", SAGUARO, SUBJECT, "Loud.", "--yes")
    died = subprocess.run(
        [sys.executable, "-c", KILLED_BEFORE_THE_PUSH, *words],
        cwd=office.root,
        env=office.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert (len(drafts(office)), made(office)) == (1, [])
    ran = office.cli(*words)
    assert ran.returncode == 0, ran.stderr
    assert "waits in clients/saguaro-smiles-dental/tickets/new-" in ran.stderr
    assert (len(drafts(office)), len(made(office))) == (0, 1)


def test_the_same_words_again_make_a_second_ticket_only_when_that_is_said(office: Office) -> None:
    words = ("create", SAGUARO, SUBJECT, "Loud.", "--yes")
    assert office.cli(*words).returncode == 0
    (first,) = made(office)
    ran = office.cli(*words)
    assert (ran.returncode, len(made(office)), drafts(office)) == (3, 1, [])
    assert f"ticket {first['number']} was created today with the same words" in ran.stderr
    ran = office.cli(*words, "--again")
    assert ran.returncode == 0, ran.stderr
    assert (len(made(office)), drafts(office)) == (2, [])
    assert office.cli(*words, "--again").returncode == 0
    assert len(made(office)) == 3


def test_another_technicians_equal_draft_is_not_called_created(office: Office) -> None:
    words = ("create", SAGUARO, SUBJECT, "Loud.")
    assert office.cli(*words, "--queue").returncode == 0
    (draft,) = drafts(office)
    text = draft.read_bytes()
    git(office.root, "rm", "--quiet", str(draft))
    office.commit_as("Ana Ruiz", "ana@copperline.example")
    draft.write_bytes(text)
    git(office.root, "add", str(draft))
    office.commit_as("Ana Ruiz", "ana@copperline.example")
    ran = office.cli(*words, "--yes")
    assert (ran.returncode, made(office)) == (3, [])
    assert "no ticket was created" in ran.stderr
    assert office.cli(*words, "--yes", "--again").returncode == 0
    assert len(made(office)) == 1


def test_one_more_that_was_refused_is_one_more_the_next_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("create", SAGUARO, SUBJECT, "Loud.")
    assert office.cli(*words, "--yes").returncode == 0
    assert office.cli(*words, "--again", "--queue").returncode == 0

    def refused(*_: object) -> NoReturn:
        raise Rejected("POST /tickets: 422")

    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "create_ticket", refused)
        assert office.push().exit_code == 1
    assert "not:" in drafts(office)[0].read_text("utf-8")
    assert office.push().exit_code == 0
    assert (len(made(office)), drafts(office)) == (2, [])


def test_two_that_are_queued_are_two_tickets_where_that_is_said(office: Office) -> None:
    words = ("create", SAGUARO, SUBJECT, "Loud.", "--queue")
    assert office.cli(*words).returncode == 0
    assert office.cli(*words).returncode == 0
    assert len(drafts(office)) == 1
    assert office.cli(*words, "--again").returncode == 0
    assert len(drafts(office)) == 2
    assert office.push().exit_code == 0
    assert len(made(office)) == 2


def test_only_what_was_created_is_pushed(office: Office) -> None:
    office.write_note()
    assert office.cli("create", SAGUARO, SUBJECT, "Queued.", "--queue").returncode == 0
    assert office.cli("create", SAGUARO, "Another", "Sent.", "--yes").returncode == 0
    assert (len(made(office)), len(made(office, "Another")), office.comments()) == (0, 1, [])


def test_hostile_words_stay_words(office: Office) -> None:
    subject = 'x: "[1] #\x1b]0;hey\x07 ../../up\nstatus: Closed'
    body = "---\nnotes: [\n---\n<script>alert(1)</script>\n<!-- synclog:base {} -->\n  # no comment"
    ran = office.cli("create", "--yes", "--", SAGUARO, subject, body)
    assert ran.returncode == 0, ran.stderr
    (ticket,) = [t for t in office.sandbox.store.tickets() if t["subject"].startswith("x: ")]
    assert (ticket["subject"], ticket["status"]) == ('x: "[1] # ../../up status: Closed', "New")
    assert "<script>" not in first_comment(office, ticket)["body"]
    assert "\x1b" not in ran.stdout + ran.stderr
    assert office.cli("check").returncode == 0
