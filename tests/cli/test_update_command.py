"""`update` on the command line: one push for all fields, and what is said of those that need nothing."""

from __future__ import annotations

import json

import pytest
from support.office import NUMBER, Office


@pytest.fixture
def office(office: Office) -> Office:
    """A workspace that has the file of one ticket."""
    office.pull(NUMBER)
    return office


def puts(office: Office) -> int:
    return sum(request.method == "PUT" for request in office.sandbox.requests)


def test_several_fields_are_one_push_and_one_request_and_are_read_back(office: Office) -> None:
    words = ("sched", "--priority", "High", "--due-date", "2026-05-04", "--assigned-to", "priya", "--tag", "vip")
    ran = office.cli("update", str(NUMBER), *words, "--yes", "--json")
    assert ran.returncode == 0, ran.stdout
    result = json.loads(ran.stdout)["result"]
    assert ([done["op"] for done in result["done"]], result["same"], puts(office)) == (["update"], [], 1)
    ticket = office.sandbox.store.ticket(NUMBER)
    assert (ticket["status"], ticket["priority"], ticket["user_id"]) == ("Scheduled", "High", 24406)
    assert "vip" in ticket["tag_list"]
    assert office.log(2)[1] == f"Mike Sorrel: edit: #{NUMBER}"


def test_what_is_equal_already_is_said(office: Office) -> None:
    ran = office.cli("update", str(NUMBER), "in prog", "--yes")
    assert (ran.returncode, ran.stdout, puts(office)) == (0, "status: it is so already\n", 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Reslvd", "--yes"], "known: New, In Progress"),
        (["--subject", " ", "--yes"], "subject can't be empty"),
        (["resolved", "--status", "New", "--yes"], "the status is given twice"),
        (["--yes"], "it is not said what to change"),
        (["resolved"], "add --yes, or --queue"),
    ],
)
def test_a_wrong_word_is_refused_before_anything_is_written(office: Office, words: list[str], said: str) -> None:
    before = office.text()
    ran = office.cli("update", str(NUMBER), *words)
    assert (ran.returncode, office.text(), puts(office)) == (2, before, 0)
    assert said in ran.stderr


def test_queued_it_is_matched_against_the_lists_that_are_kept_and_needs_no_key(office: Office) -> None:
    office.key = ""
    assert office.cli("update", str(NUMBER), "Reslvd", "--queue").returncode == 2
    ran = office.cli("update", str(NUMBER), "res", "--contact", "As Typed", "--queue")
    assert ran.returncode == 0, ran.stderr
    assert f"`synclog push {NUMBER}` sends it" in ran.stdout
    assert "status: Resolved" in office.text()
    assert "contact: As Typed" in office.text()


def test_queued_where_no_lists_are_kept_it_stays_as_typed_and_push_matches_it(office: Office) -> None:
    (office.root / ".synclog" / "account.json").unlink()
    office.key = ""
    assert office.cli("update", str(NUMBER), "sched", "--queue").returncode == 0
    assert "status: sched" in office.text()
    office.key = office.sandbox.api_key
    result = office.push(NUMBER)
    assert result.exit_code == 0, result
    assert office.sandbox.store.ticket(NUMBER)["status"] == "Scheduled"


def test_the_plan_is_asked_about_and_no_leaves_it_in_the_file(office: Office) -> None:
    with office.terminal("update", str(NUMBER), "resolved") as terminal:
        assert "Resolved" in terminal.wait_for("Send this? [y/N]")
        terminal.type("n", "Enter")
        assert "nothing was sent: it waits in" in terminal.wait_for("exit code")
    assert puts(office) == 0
    assert "status: Resolved" in office.text()
