"""`synclog push` as a process of its own: what it shows, where, what it asks, and what it leaves untouched."""

from __future__ import annotations

import json

import pytest
from support.office import NUMBER, Office, git, snapshot

from synclog.cli.context import App
from synclog.cli.entry import run
from synclog.sandbox import Sandbox

MAILED = "notes:\n  - note: Replaced the failed disk.\n    time: 50\n    to: email\n"


def test_a_dry_run_changes_no_byte_of_files_index_refs_state_and_settings(pulled: Office) -> None:
    pulled.write_note(MAILED)
    pulled.edit(("invoice: false", "invoice: true"), ("status: In Progress", "status: Resolved"))
    (pulled.root / "clients" / "lens-auto-brokerage" / "tickets" / "new-printer.md").write_text(
        "---\nsubject: Printer is mute\n---\n"
    )
    before = snapshot(pulled.root)
    pulled.sandbox.forbid_writes = True
    for words in (("push", "--dry-run"), ("--json", "push", str(NUMBER), "--dry-run")):
        assert pulled.cli(*words).returncode == 0
    assert snapshot(pulled.root) == before
    for words in (("status",), ("diff",)):
        assert pulled.cli(*words).returncode == 0
    changed = {path for path, content in snapshot(pulled.root).items() if before.get(path) != content}
    assert all(path.startswith(".synclog/index.") for path in changed), "but for what they know files again by"
    assert not pulled.sandbox.forbidden


def test_the_plan_shows_text_time_rate_defaults_audience_mail_invoice_and_changes(pulled: Office) -> None:
    pulled.write_note(MAILED)
    pulled.edit(("invoice: false", "invoice: true"), ("priority: Normal", "priority: High"))
    shown = pulled.cli("push", "--dry-run").stdout
    for part in (
        f"#{NUMBER}  Len's Auto Brokerage · Server upgrade",
        "Update · e-mailed to the customer (default: labor, subject): send",
        "| Replaced the failed disk.",
        "50m remote (Remote Support, 120.00/h) = 100.00",
        "50m of the notes above",
        "then status -> Invoiced",
        "priority: Normal -> High",
        f"WILL E-MAIL\n    #{NUMBER}, the note of line ",
        ": to Len Ford",
        "automations may e-mail",
        "as Mike Sorrel",
    ):
        assert part in shown, shown


def test_a_plan_without_mail_promises_none(pulled: Office) -> None:
    pulled.write_note()
    assert "WILL E-MAIL" not in pulled.cli("push", "--dry-run").stdout


def test_what_is_billed_instead_of_worked_is_shown_with_its_reason(pulled: Office) -> None:
    pulled.change_settings("onsite: 26118", "onsite: {product: 26118, round_to: 15, minimum: 60}")
    pulled.write_note(
        "notes:\n  - note: Swapped a cable.\n    time: 20\n    labor: onsite\n"
        "  - note: Cleaned the rack.\n    time: 1h10m\n    labor: onsite\n"
        "  - note: A favour.\n    time: 30\n    billed: 10\n    labor: onsite\n"
    )
    shown = pulled.cli("push", "--dry-run").stdout
    assert "worked 20 min, bills 60 min (minimum of onsite)" in shown
    assert "worked 70 min, bills 75 min (rounded to 15 min)" in shown
    assert "worked 30 min, bills 10 min (as the note says)" in shown


def test_with_json_and_yes_stdout_is_one_document_and_stderr_is_silent(pulled: Office) -> None:
    pulled.write_note()
    said = pulled.cli("push", "--yes", "--json")
    document = json.loads(said.stdout)
    assert (said.returncode, said.stderr, document["ok"]) == (0, "", True)
    (done,) = document["result"]["done"]
    assert (done["op"], done["number"], done["minutes"], done["billed_minutes"]) == ("comment", NUMBER, 90, 90)
    assert document["errors"] == []


def test_with_json_a_failure_is_one_document_too(pulled: Office) -> None:
    pulled.write_note()
    pulled.change_settings("settle: 60", "settle: 1")
    pulled.sandbox.add_fault("drop-before POST /tickets/*/comment")
    said = pulled.cli("push", "--yes", "--json")
    document = json.loads(said.stdout)
    assert (said.returncode, document["ok"], document["exit_code"]) == (1, False, 1)
    assert document["errors"][0]["kind"] == "outcome-unknown"
    assert document["result"]["not_done"][0]["number"] == NUMBER


@pytest.mark.parametrize(
    "words",
    [
        ("push",),
        ("push", "--json"),
        ("push", "--plan", "abc", "--yes"),
        ("push", "--plan", "abc", "32162"),
        ("push", "--plan", "abc", "--dry-run"),
        ("push", "0", "--yes"),
        ("push", "server", "--yes"),
    ],
)
def test_words_that_do_not_fit_send_nothing_and_end_with_2(pulled: Office, words: tuple[str, ...]) -> None:
    pulled.write_note()
    said = pulled.cli(*words)
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert not pulled.sandbox.requests


def test_a_plan_that_was_asked_for_one_ticket_sends_that_ticket_alone(pulled: Office) -> None:
    pulled.write_note()
    pulled.write_note(number=32164)
    word = json.loads(pulled.cli("push", "32164", "--dry-run", "--json").stdout)["result"]["plan"]["id"]
    assert pulled.cli("push", "--plan", word).returncode == 0
    assert (len(pulled.comments(32164)), len(pulled.comments())) == (1, 0)


def test_the_key_of_another_technician_is_named_and_sends_nothing(pulled: Office) -> None:
    pulled.write_note()
    pulled.key = pulled.sandbox.second_key
    pulled.cli("init", "--tech", "Mike Sorrel")
    said = pulled.cli("push", "--yes")
    assert (said.returncode, "not to Mike Sorrel" in said.stderr) == (4, True)
    assert not pulled.comments()


def test_a_note_of_somebody_else_is_left_and_it_is_said_how_it_goes(pulled: Office) -> None:
    pulled.write_note()
    pulled.commit_as("Priya Venkat", "priya@copperline.example")
    said = pulled.cli("push", "--yes")
    assert (said.returncode, 'push --for "Priya Venkat"' in said.stdout) == (0, True)
    assert pulled.cli("push", "--yes", "--for", "Priya Venkat").returncode == 0
    assert len(pulled.comments()) == 1


def test_time_that_was_dropped_is_said_and_what_to_do_about_it(office: Office) -> None:
    with Sandbox(comment_time="drop", now=office.time.now) as dropping:
        office.move_to(dropping)
        office.pull()
        office.write_note()
        said = office.cli("push", "--yes")
        assert said.returncode == 3
        assert "nothing was billed; where this account drops time that comes with a comment" in said.stderr
        assert "time: via: timer" in said.stderr
        assert "timer" not in said.stdout.partition("note")[0]
        again = office.cli("status")
        assert (again.returncode, "time was not recorded" in again.stdout) == (3, True)
        assert len(office.comments()) == 1


# --- on a terminal -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "sent"), [("n\n", 0), ("y\n", 1), ("\n", 0)])
def test_on_a_terminal_the_plan_is_shown_and_asked_for(
    pulled: Office, answer: str, sent: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulled.write_note()
    before = git(pulled.root, "rev-parse", "HEAD")
    monkeypatch.setattr(App, "interactive", True)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: answer.strip())
    monkeypatch.setenv("SYNCLOG_API_KEY", pulled.key)
    assert run(["-C", str(pulled.root), "push"]) == 0
    said = capsys.readouterr()
    assert "| Replaced the failed disk." in said.err
    assert len(pulled.comments()) == sent
    if not sent:
        assert "nothing was sent" in said.out
        assert git(pulled.root, "rev-parse", "HEAD") == before
        assert "synclog:" not in pulled.text().partition("<!--")[0]


def test_interrupted_while_it_is_asked_sends_nothing_and_ends_with_130(
    pulled: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulled.write_note()

    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(App, "interactive", True)
    monkeypatch.setattr("click.termui.visible_prompt_func", interrupt)
    monkeypatch.setenv("SYNCLOG_API_KEY", pulled.key)
    assert run(["-C", str(pulled.root), "push"]) == 130
    assert "nothing is lost" in capsys.readouterr().err
    assert not pulled.comments()


def test_a_key_that_looks_like_a_slip_is_said_by_every_command_that_would_send_it(pulled: Office) -> None:
    pulled.edit(("notes: []\n", "notes: []\nnote: Replaced the failed disk.\n"))
    for words in (["status"], ["check"], ["push", "--yes"], ["push", "--dry-run"]):
        said = pulled.cli(*words)
        assert said.returncode == 0
        assert "`note` is a key of your own and is not sent; did you mean `notes`?" in said.stdout
    assert json.loads(pulled.cli("status", "--json").stdout)["result"]["slips"]
    assert not pulled.comments()


def test_a_dry_run_says_how_many_requests_it_needed(pulled: Office) -> None:
    pulled.write_note()
    pulled.sandbox.requests.clear()
    said = json.loads(pulled.cli("push", "--dry-run", "--json").stdout)["result"]
    assert said["requests"] == len(pulled.sandbox.requests) > 0
