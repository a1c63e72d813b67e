"""`synclog resolve` as a process of its own: what it takes, what it refuses, what it says, and what push does then."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.office import LABOR, NUMBER, Office, git

from synclog.sandbox import Sandbox

FOLDER = "clients/lens-auto-brokerage/tickets"
SUBJECT = "New switch for the front office"
DRAFT = f"---\nsubject: {SUBJECT}\ndescription: The old one drops the phones.\n---\n"


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


def document(office: Office, *words: str) -> dict[str, Any]:
    said = office.cli(*words, "--json")
    found: dict[str, Any] = json.loads(said.stdout)
    assert said.returncode == found["exit_code"]
    assert (said.stderr, found["ok"]) == ("", found["exit_code"] == 0)
    return found


def plan(office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document(office, "push", "--dry-run")["result"]["plan"]["tickets"]
    return found


@pytest.fixture
def clashing(pulled: Office) -> Office:
    pulled.edit(("status: In Progress", "status: Resolved"), ("priority: Normal", "priority: High"))
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled", priority="Low")
    pulled.pull()
    assert "conflicts:" in pulled.text()
    return pulled


@pytest.fixture
def changed(pulled: Office) -> Office:
    """A note that was posted with its time, and changed before that was recorded."""
    pulled.write_note()
    push_killed_at(pulled, "synclog.app.push.records.Recorder.note")
    pulled.edit(("failed disk", "failed drive"))
    return pulled


def reference_of(office: Office) -> str:
    (ticket,) = plan(office)
    (note,) = ticket["notes"]
    assert note["step"] == "doubt"
    return str(note["reference"])


# --- words -----------------------------------------------------------------------------------------------------------

REFERENCE = "32162-7k2m9q4x1c"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("32162",),
        ("--ours",),
        ("--invoice", "--send-again"),
        ("--note", REFERENCE, "--send-again"),
        ("server", "--ours"),
        ("0", "--ours"),
        ("-1", "--ours"),
        ("32162", "--ours", "--theirs"),
        ("32162", "--field", "status"),
        ("32162", "--note", REFERENCE),
        ("32162", "--note", REFERENCE, "--posted", "1", "--send-again"),
        ("32162", "--note", REFERENCE, "--posted", "soon"),
        ("32162", "--note", REFERENCE, "--posted", "-1"),
        ("32162", "--note", REFERENCE, "--posted", "1.5"),
        ("32162", "--note", REFERENCE, "--posted", "١٢"),
        ("32162", "--note", REFERENCE, "--invoice", "--send-again"),
        ("32162", "--note", REFERENCE, "--ours"),
        ("32162", "--ours", "--posted", "1"),
        ("32162", "--theirs", "--send-again"),
        ("32162", "--invoice"),
        ("32162", "--invoice", "--posted", "41209", "--send-again"),
        ("32162", "--invoice", "--posted", "41209", "--field", "status"),
        ("--note", "new-7k2m9q4x1c"),
        ("--note", "new-7k2m9q4x1c", "--posted", "the last one"),
        ("32162", "--nonsense"),
    ],
)
def test_words_that_do_not_say_one_thing_end_with_2_and_change_nothing(pulled: Office, words: tuple[str, ...]) -> None:
    before = (pulled.text(), git(pulled.root, "rev-parse", "HEAD"))
    said = pulled.cli("resolve", *words)
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr
    assert "Traceback" not in said.stderr
    assert "this is a bug" not in said.stderr
    assert not pulled.sandbox.requests
    assert (pulled.text(), git(pulled.root, "rev-parse", "HEAD")) == before


@pytest.mark.parametrize(
    "words",
    [
        ("32162", "--ours"),
        ("32162", "--theirs", "--field", "status"),
        ("32162", "--note", REFERENCE, "--send-again"),
        ("32162", "--note", REFERENCE, "--posted", "397207136"),
        ("32162", "--invoice", "--send-again"),
        ("32162", "--invoice", "--posted", "41208"),
        ("--note", "new-7k2m9q4x1c", "--send-again"),
        ("--note", "new-7k2m9q4x1c", "--posted", "32162"),
        ("99999", "--ours"),
    ],
)
def test_where_nothing_is_doubtful_it_says_so_and_ends_with_2(pulled: Office, words: tuple[str, ...]) -> None:
    before = (pulled.text(), git(pulled.root, "rev-parse", "HEAD"))
    pulled.sandbox.forbid_writes = True
    said = document(pulled, "resolve", *words)
    assert said["exit_code"] == 2
    (error,) = said["errors"]
    assert error["kind"] in ("usage", "unknown-ticket")
    assert error["message"]
    assert error["remedy"]
    assert not pulled.sandbox.forbidden
    assert (pulled.text(), git(pulled.root, "rev-parse", "HEAD")) == before


# --- conflicts -------------------------------------------------------------------------------------------------------


def test_ours_and_theirs_by_field_are_said_and_pushed(clashing: Office) -> None:
    said = clashing.cli("resolve", str(NUMBER), "--theirs", "--field", "status")
    assert (said.returncode, said.stderr) == (0, "")
    assert f"settled: #{NUMBER} status: theirs" in said.stdout
    assert clashing.cli("status").returncode == 3
    assert clashing.cli("resolve", str(NUMBER), "--ours").returncode == 0
    assert clashing.cli("status").returncode == 0
    assert clashing.cli("push", "--yes").returncode == 0
    ticket = clashing.sandbox.store.ticket(NUMBER)
    assert (ticket["status"], ticket["priority"]) == ("Scheduled", "High")


def test_several_fields_may_be_named(clashing: Office) -> None:
    said = clashing.cli("resolve", str(NUMBER), "--theirs", "--field", "status", "--field", "priority")
    assert said.returncode == 0
    assert "conflicts:" not in clashing.text()


def test_a_conflict_is_settled_without_network_and_without_a_key(clashing: Office) -> None:
    clashing.sandbox.stop()
    said = clashing.cli("resolve", str(NUMBER), "--theirs", SYNCLOG_API_KEY="")
    assert (said.returncode, said.stderr) == (0, "")
    assert "\nstatus: Scheduled\n" in clashing.text()


def test_the_json_of_a_settled_conflict_says_path_and_how(clashing: Office) -> None:
    said = document(clashing, "resolve", str(NUMBER), "--ours", "--field", "priority")
    assert said["errors"] == []
    assert said["result"] == {
        "path": clashing.path().relative_to(clashing.root).as_posix(),
        "settled": f"#{NUMBER} priority: ours",
    }


# --- a note ----------------------------------------------------------------------------------------------------------


def test_the_plan_says_what_to_type_and_that_settles_it(changed: Office) -> None:
    shown = changed.cli("push", "--dry-run")
    (comment,) = changed.comments()
    assert shown.returncode == 3
    assert f"in Syncro, comment {comment['id']} of " in shown.stdout
    (typed,) = [line for line in shown.stdout.splitlines() if "--posted COMMENT" in line]
    command = typed.partition("it is posted: ")[2].partition(";")[0]
    words = command.replace("COMMENT", str(comment["id"])).split()
    assert words[:2] == ["synclog", "resolve"]
    assert changed.cli(*words[1:]).returncode == 0
    changed.sandbox.forbid_writes = True
    pushed = changed.cli("push", "--yes")
    assert (pushed.returncode, changed.sandbox.forbidden) == (0, [])
    assert f"recorded #{NUMBER} comment {comment['id']}, 1h30m" in pushed.stdout
    assert "notes: []" in changed.text()


def test_a_note_that_is_sent_again_is_posted_by_the_next_push_once(changed: Office) -> None:
    reference = reference_of(changed)
    said = changed.cli("resolve", str(NUMBER), "--note", reference, "--send-again")
    assert (said.returncode, said.stderr) == (0, "")
    assert f"settled: #{NUMBER} {reference} is sent again" in said.stdout
    assert changed.cli("status").returncode == 0
    for _ in range(2):
        assert changed.cli("push", "--yes").returncode == 0
    assert (len(changed.comments()), len(changed.comments(words="failed drive"))) == (1, 1)
    assert len(changed.timers()) == 2


def test_the_json_of_a_settled_note_says_path_and_how(changed: Office) -> None:
    reference, (comment,) = reference_of(changed), changed.comments()
    said = document(changed, "resolve", str(NUMBER), "--note", reference, "--posted", str(comment["id"]))
    assert said["result"] == {
        "path": changed.path().relative_to(changed.root).as_posix(),
        "settled": f"#{NUMBER} {reference} is comment {comment['id']}",
    }
    assert document(changed, "push", "--yes")["result"]["done"][0]["was_there"] is True


def test_a_comment_that_is_not_there_is_said_and_ends_with_2(changed: Office) -> None:
    said = document(changed, "resolve", str(NUMBER), "--note", reference_of(changed), "--posted", "12")
    assert said["exit_code"] == 2
    assert "12" in said["errors"][0]["message"]


def test_a_key_of_another_technician_settles_nothing(changed: Office) -> None:
    reference, before = reference_of(changed), changed.text()
    changed.key = changed.sandbox.second_key
    changed.cli("init", "--tech", "Mike Sorrel")
    said = changed.cli("resolve", str(NUMBER), "--note", reference, "--send-again")
    assert said.returncode == 4
    assert changed.text() == before


def test_time_that_was_dropped_and_needs_nothing_is_settled_as_the_plan_says(office: Office) -> None:
    with Sandbox(comment_time="drop", now=office.time.now) as dropping:
        office.move_to(dropping)
        office.pull()
        office.write_note()
        assert office.cli("push", "--yes").returncode == 3
        shown = office.cli("push", "--dry-run").stdout
        (typed,) = [line for line in shown.splitlines() if "all of it is there: " in line]
        words = typed.partition("all of it is there: synclog ")[2].split()
        assert office.cli(*words).returncode == 0
        pushed = document(office, "push", "--yes")
        assert pushed["exit_code"] == 0
        assert [(done["minutes"], done["billed_minutes"]) for done in pushed["result"]["done"]] == [(None, None)]
        assert office.cli("status").returncode == 0
        assert (len(office.comments()), office.timers()) == (1, [])


# --- an invoice ------------------------------------------------------------------------------------------------------


@pytest.fixture
def billing(pulled: Office) -> Office:
    """An invoice that was made by a run that died, and since then work that is on none."""
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    push_killed_at(pulled, "synclog.app.push.invoices._Asking.record")
    pulled.sandbox.store.web_add_time(NUMBER, 30, LABOR["remote"])
    assert pulled.cli("push", "--yes").returncode == 3
    return pulled


def test_the_plan_of_a_doubtful_invoice_says_what_to_type_and_that_settles_it(billing: Office) -> None:
    (made,) = billing.invoices()
    shown = billing.cli("push", "--dry-run").stdout
    (typed,) = [line for line in shown.splitlines() if "--posted NUMBER" in line]
    words = typed.partition("it is made: synclog ")[2].partition(";")[0].replace("NUMBER", made["number"]).split()
    said = document(billing, *words)
    assert said["result"]["settled"] == f"#{NUMBER} invoice {made['number']}"
    assert billing.cli("push", "--yes").returncode == 0
    assert len(billing.invoices()) == 1
    assert f"invoices: [{made['number']}]" in billing.text()


def test_an_invoice_that_is_asked_for_again_is_made_by_the_next_push_once(billing: Office) -> None:
    said = billing.cli("resolve", str(NUMBER), "--invoice", "--send-again")
    assert (said.returncode, said.stderr) == (0, "")
    for _ in range(2):
        assert billing.cli("push", "--yes").returncode == 0
    assert [invoice["total"] for invoice in billing.invoices()] == ["180.00", "60.00"]


def test_an_invoice_of_another_ticket_is_not_this_ones(billing: Office) -> None:
    said = document(billing, "resolve", str(NUMBER), "--invoice", "--posted", "41208")
    assert said["exit_code"] == 2
    assert "41208" in said["errors"][0]["message"]
    assert billing.invoices()[0]["number"] in said["errors"][0]["remedy"]


# --- a new ticket ----------------------------------------------------------------------------------------------------


@pytest.fixture
def drafted(pulled: Office) -> Office:
    """A draft that was changed after its ticket was made by a run that died."""
    path = pulled.root / FOLDER / "new-switch.md"
    path.write_text(DRAFT, "utf-8")
    push_killed_at(pulled, "synclog.app.push.desk.WorkspaceDesk.adopt")
    path.write_text(path.read_text("utf-8").replace("drops", "cuts off"), "utf-8")
    return pulled


def made(office: Office) -> list[int]:
    return [int(ticket["number"]) for ticket in office.sandbox.store.tickets() if ticket["subject"] == SUBJECT]


def test_the_plan_of_a_doubtful_draft_says_what_to_type_and_that_settles_it(drafted: Office) -> None:
    (number,) = made(drafted)
    shown = drafted.cli("push", "--dry-run")
    assert shown.returncode == 3
    assert f"in Syncro, ticket {number}: {SUBJECT}" in shown.stdout
    (typed,) = [line for line in shown.stdout.splitlines() if "--posted TICKET" in line]
    words = typed.partition("it is posted: synclog ")[2].partition(";")[0].replace("TICKET", str(number)).split()
    said = document(drafted, *words)
    assert said["result"]["path"] == f"{FOLDER}/new-switch.md"
    assert said["result"]["settled"].endswith(f"is ticket {number}")
    assert drafted.cli("push", "--yes").returncode == 0
    assert made(drafted) == [number]
    assert [p.name for p in drafted.root.glob(f"{FOLDER}/*switch*.md")] == [drafted.path(number).name]


def test_a_draft_that_is_created_again_is_one_more_ticket(drafted: Office) -> None:
    (ticket,) = plan(drafted)
    reference = ticket["create"]["reference"]
    assert ticket["create"]["doubt"]["tickets"] == made(drafted)
    said = document(drafted, "resolve", "--note", reference, "--send-again")
    assert said["result"] == {"path": f"{FOLDER}/new-switch.md", "settled": f"{reference} is created again"}
    for _ in range(2):
        assert drafted.cli("push", "--yes").returncode == 0
    assert len(made(drafted)) == 2


def test_help_shows_an_example_of_each() -> None:
    from click.testing import CliRunner

    from synclog.cli.resolving import resolve

    shown = CliRunner().invoke(resolve, ["--help"]).output
    for word in ("--ours", "--theirs", "--field", "--note", "--invoice", "--posted", "--send-again", "Examples:"):
        assert word in shown
