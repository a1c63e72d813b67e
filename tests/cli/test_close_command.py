"""`close`: the resolution, the status, and a session log of what was read back."""

from __future__ import annotations

import sys

import pytest
from support.editors import writing
from support.inprocess import Run, runner
from support.killing import killed
from support.office import NUMBER, Office

from synclog.errors import Rejected
from synclog.sandbox import Sandbox
from synclog.syncro.client import SyncroClient

TEXT = "The disk was failing; replaced it and rebuilt the array."


@pytest.fixture
def office(office: Office) -> Office:
    """A workspace that has the file of one ticket."""
    office.pull(NUMBER)
    return office


@pytest.fixture
def ran(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(office, capsys, monkeypatch)


def logs(office: Office) -> list[str]:
    return [path.read_text("utf-8") for path in office.root.glob("clients/*/session-logs/2*.md")]


def resolutions(office: Office) -> list[dict[str, object]]:
    return office.comments(words="The disk was failing")


def status(office: Office) -> str:
    return str(office.sandbox.store.ticket(NUMBER)["status"])


def test_the_resolution_is_posted_the_status_set_and_the_log_rendered(office: Office, ran: Run) -> None:
    done = ran("close", str(NUMBER), TEXT, "--time", "30", "--labor", "remote", "--log", "--yes", "--json")
    assert done.code == 0, done.out
    assert [one["op"] for one in done.result["done"]] == ["comment", "update"]
    assert [comment["subject"] for comment in resolutions(office)] == ["Resolution"]
    assert status(office) == "Resolved"
    (log,) = logs(office)
    assert done.result["log"] in log or (office.root / done.result["log"]).exists()
    for words in ("Server upgrade", TEXT, "30m", "Resolved, resolved 2026"):
        assert words in log
    assert [line for line in office.log() if "edit" in line] == [f"Mike Sorrel: edit: #{NUMBER}"]


@pytest.mark.parametrize("words", [(), ("--no-log",)])
def test_without_a_terminal_there_is_no_log_unless_asked_for(office: Office, ran: Run, words: tuple[str, ...]) -> None:
    assert ran("close", str(NUMBER), TEXT, *words, "--yes").code == 0
    assert (status(office), logs(office)) == ("Resolved", [])


def test_nothing_is_logged_that_was_not_read_back(office: Office, ran: Run) -> None:
    with Sandbox(comment_time="drop", now=office.time.now) as sandbox:
        office.move_to(sandbox)
        done = ran("close", str(NUMBER), TEXT, "--time", "30", "--log", "--yes")
        assert (done.code, status(office)) == (3, "In Progress")
    assert "no session log: not all of it is in Syncro" in done.out
    assert logs(office) == []


def test_a_status_that_is_refused_is_no_success(office: Office, ran: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Rejected("PUT /tickets: 422: Status is not allowed", status=422)

    monkeypatch.setattr(SyncroClient, "update_ticket", refuse)
    done = ran("close", str(NUMBER), TEXT, "--log", "--yes")
    assert (done.code, logs(office)) == (1, [])
    assert len(resolutions(office)) == 1


@pytest.mark.parametrize("there", ["Resolved", "Invoiced"])
def test_a_ticket_that_somebody_has_done_already_is_asked_about(office: Office, ran: Run, there: str) -> None:
    office.sandbox.store.web_update_ticket(NUMBER, status=there)
    done = ran("close", str(NUMBER), TEXT, "--yes", "--json")
    assert (done.code, f"is {there} already" in done.error["message"]) == (3, True)
    assert "notes: []" in office.text()
    assert ran("close", str(NUMBER), TEXT, "--yes", "--again").code == 0
    assert (len(resolutions(office)), status(office)) == (1, "Resolved")


def test_an_account_without_resolved_names_what_it_has(office: Office, ran: Run) -> None:
    account = office.root / ".synclog" / "account.json"
    account.write_text(account.read_text("utf-8").replace('"Resolved"', '"Done"'), "utf-8")
    done = ran("close", str(NUMBER), TEXT, "--queue", "--json")
    assert (done.code, "no status that is called Resolved" in done.error["message"]) == (2, True)
    assert "Done" in done.error["remedy"]
    assert "notes: []" in office.text()


@pytest.mark.parametrize(
    ("place", "when"),
    [
        (("synclog.app.entering", "write_and_commit"), "after"),
        (("synclog.app.push.records:Recorder", "note"), "after"),
        (("synclog.syncro.client:SyncroClient", "update_ticket"), "after"),
    ],
    ids=["entered", "recorded", "updated"],
)
def test_killed_anywhere_the_same_close_again_finishes_it(
    office: Office, ran: Run, place: tuple[str, str], when: str
) -> None:
    office.change_settings("settle: 60", "settle: 1")
    assert killed(office, place, when, "close", str(NUMBER), TEXT, "--yes") == -9
    assert ran("close", str(NUMBER), "Something else.", "--yes").code == 3
    done = ran("close", str(NUMBER), TEXT, "--log", "--yes")
    assert (done.code, "it goes on with that and adds nothing" in done.err) == (0, True)
    assert (len(resolutions(office)), status(office), len(logs(office))) == (1, "Resolved", 1)


def test_queued_it_waits_and_takes_no_log(office: Office, ran: Run) -> None:
    assert ran("close", str(NUMBER), TEXT, "--queue", "--log").code == 2
    assert ran("close", str(NUMBER), TEXT, "--queue").code == 0
    assert "status: Resolved" in office.text()
    assert [done.op for done in office.push().done] == ["comment", "update"]


def test_the_editor_holds_the_notes_and_the_log_is_offered(office: Office) -> None:
    office.write_note("notes:\n  - note: Ordered a disk.\n")
    office.push()
    office.edit(("notes: []", "notes:\n  - note: Called Len.\n"))
    editor = f"{sys.executable} {writing(office, f'{TEXT} ')}"
    with office.terminal("close", str(NUMBER), EDITOR=editor) as terminal:
        shown = terminal.wait_for("Send this? [y/N]")
        assert TEXT in shown
        assert "| Called Len." in shown
        terminal.type("y", "Enter")
        assert "done #32162 status Resolved" in terminal.wait_for("Write the session log? [Y/n]")
        terminal.type("Enter")
        assert "session log: clients/" in terminal.wait_for("exit code")
        assert terminal.exit_code() == 0
    (resolution,) = resolutions(office)
    assert "Ordered a disk." in str(resolution["body"])
    assert "Ref 32162" in str(resolution["body"]).rpartition("Called Len.")[2]
    assert len(logs(office)) == 1
