"""`start`, `stop`: a timer that outlives its terminal, and becomes one note with its time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cli.test_kills import killed
from support.office import NUMBER, Office, git

TEXT = "Replaced the failed disk."
KEPT = "synclog-running"


@pytest.fixture
def office(office: Office) -> Office:
    """A workspace that has the file of one ticket, in a timezone where it is noon: no minute ago was yesterday."""
    ahead = 12 - datetime.now(UTC).hour
    office.change_settings("timezone: America/Phoenix", f"timezone: Etc/GMT{-ahead:+}" if ahead else "timezone: UTC")
    office.pull(NUMBER)
    return office


def timers(office: Office) -> list[dict[str, Any]]:
    kept = office.root / ".git" / KEPT
    return list(json.loads(kept.read_text("utf-8"))["timers"]) if kept.exists() else []


def ago(**passed: float) -> str:
    """A moment as `--at` takes it: so long ago."""
    return (datetime.now(UTC) - timedelta(**passed)).isoformat(timespec="seconds")


def started(office: Office, at: str = "", *words: str) -> Office:
    ran = office.cli("start", str(NUMBER), *(["--at", at] if at else []), *words)
    assert ran.returncode == 0, ran.stderr
    return office


def test_started_in_one_terminal_and_stopped_in_another_it_waits_in_the_file(office: Office) -> None:
    office.key = ""
    ran = office.cli("start", str(NUMBER), "--labor", "onsite")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"(0 min): #{NUMBER} Server upgrade" in ran.stdout
    shown = office.cli("status")
    assert f"(0 min): #{NUMBER} Server upgrade\nnothing pending" in shown.stdout
    (row,) = json.loads(office.cli("status", "--json").stdout)["result"]["running"]
    assert (row["number"], row["minutes"], row["labor"]) == (NUMBER, 0, "onsite")
    ran = office.cli("stop", TEXT, "--to", "private")
    assert ran.returncode == 0, ran.stderr
    assert f"stopped: #{NUMBER} Server upgrade: 1 min since" in ran.stdout
    assert f"`synclog push {NUMBER}` sends it" in ran.stdout
    assert "s count as 1 min" in ran.stderr
    for line in (f"note: {TEXT}", "time: 1m", "labor: onsite", "to: private", "date: 20"):
        assert line in office.text()
    assert (timers(office), office.comments()) == ([], [])
    assert office.cli("stop", TEXT).returncode == 2


def test_sent_at_once_it_bills_its_minimum_and_the_trail_has_both(office: Office) -> None:
    office.change_settings("remote: 1190473", "remote: {product: 1190473, round_to: 15, minimum: 60}")
    started(office, "yesterday 08:00")
    ran = office.cli("stop", TEXT, "--time", "47", "--yes", "--json")
    document = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stderr
    assert (document["result"]["stopped"]["minutes"], document["result"]["queued"]) == (47, False)
    (done,) = document["result"]["done"]
    assert (done["minutes"], done["billed_minutes"]) == (47, 60)
    assert len(office.comments()) == 1
    message = git(office.root, "log", "-1", "--format=%B")
    assert "Synclog-Minutes: 47\nSynclog-Billed-Minutes: 60\n" in message


def test_worked_and_billed_are_both_shown_wherever_it_is_pending(office: Office) -> None:
    office.change_settings("remote: 1190473", "remote: {product: 1190473, round_to: 15, minimum: 60}")
    office.write_note(
        "notes:\n  - {note: One., time: 47}\n  - {note: Two., time: 70}\n  - {note: 3., time: 9, billed: 5}\n"
    )
    for command in (["status"], ["diff"], ["push", "--dry-run"]):
        shown = office.cli(*command).stdout
        for part in (
            "worked 47 min, bills 60 min (minimum of remote) remote",
            "worked 70 min, bills 75 min (rounded to 15 min) remote",
            "worked 9 min, bills 5 min (as the note says) remote",
        ):
            assert part in shown, command


def test_left_overnight_it_wants_to_be_told_and_runs_on(office: Office) -> None:
    started(office, "yesterday 08:00")
    assert "since yesterday 8:00" in office.cli("status").stdout
    ran = office.cli("stop", TEXT)
    assert ran.returncode == 3
    assert "--at 17:30, or --time 1h30m; or --discard" in ran.stderr
    assert "notes: []" in office.text()
    assert len(timers(office)) == 1
    assert office.cli("stop", TEXT, "--at", "9:30").returncode == 0
    assert "time: 1h30m" in office.text()


def test_a_clock_that_was_set_back_is_said_and_loses_nothing(office: Office) -> None:
    started(office, ago(minutes=1))
    kept = office.root / ".git" / KEPT
    kept.write_text(kept.read_text("utf-8").replace(timers(office)[0]["since"], ago(hours=-2)), "utf-8")
    assert "(the clock was set back since)" in office.cli("status").stdout
    ran = office.cli("stop", TEXT)
    assert ran.returncode == 3
    assert "the clock was set back" in ran.stderr
    assert office.cli("stop", TEXT, "--time", "20").returncode == 0
    assert "time: 20m" in office.text()


REFUSED = [
    (["start", "32164"], "a timer is running already: #32162"),
    (["start", str(NUMBER), "--also"], "a timer of #32162 is running already"),
    (["start", "new-nothing.md"], "there is no ticket file `new-nothing.md`"),
    (["start", str(NUMBER), "--at", "2099-01-01 09:00"], "--at: `2099-01-01 09:00` is in the future"),
    (["stop", str(NUMBER)], "`--ticket 32162`"),
    (["stop", TEXT, "--ticket", "32164"], "no timer runs for `32164`"),
    (["stop", TEXT, "--at", "yesterday 0:01"], "is not between the start"),
    (["stop", TEXT, "--at", "now", "--time", "5"], "both say how long"),
    (["stop", TEXT, "--labor", "remot"], "did you mean `remote`?"),
    (["stop", TEXT, "--discard"], "--discard makes no note"),
    (["stop", TEXT, "--push", "--queue"], "--queue sends nothing"),
    (["stop", TEXT, "--push"], "there is no terminal to ask on"),
    (["stop", "--discard"], "add --yes to discard it"),
    (["stop"], "the note is empty"),
]


def test_a_wrong_word_is_refused_and_the_timer_runs_on(office: Office) -> None:
    started(office, ago(seconds=30))
    office.pull(32164)
    before = timers(office), office.text()
    for words, said in REFUSED:
        ran = office.cli(*words)
        assert (ran.returncode, timers(office), office.text()) == (2, *before), ran.stderr
        assert said in ran.stderr


def test_of_several_one_is_stopped_by_its_ticket(office: Office) -> None:
    started(office, ago(seconds=30))
    draft = office.path().parent / "new-switch.md"
    draft.write_bytes(b"---\nsubject: New switch\n---\n")
    assert office.cli("start", "new-switch.md", "--also").returncode == 0
    ran = office.cli("stop", "Ordered it.")
    assert ran.returncode == 2
    assert "#32162 Server upgrade, new-switch.md New switch" in ran.stderr
    ran = office.cli("stop", "Ordered it.", "--ticket", "new-switch.md")
    assert (ran.returncode, "sends it" in ran.stdout) == (0, True)
    assert "note: Ordered it." in draft.read_text("utf-8")
    assert [timer["number"] for timer in timers(office)] == [NUMBER]
    assert office.cli("stop", "--discard", "--yes").stdout.startswith("discarded: 1 min of #32162 Server upgrade")
    assert timers(office) == []


def test_where_the_file_is_not_valid_it_runs_on_and_says_how_to_end_it_as_of_now(office: Office) -> None:
    started(office, ago(minutes=30))
    office.edit(("notes: []", "notes: ["))
    ran = office.cli("stop", TEXT)
    assert ran.returncode == 3
    at = ran.stderr.partition("later: --at ")[2].split()[0]
    office.edit(("notes: [", "notes: []"))
    assert office.cli("stop", TEXT, "--at", at).returncode == 0
    assert "time: 30m" in office.text()


def test_killed_between_the_note_and_the_forgetting_it_is_one_note(office: Office) -> None:
    started(office)
    assert killed(office, ("synclog.app.stopping", "discard"), "before", "stop", TEXT) == -9
    assert "`synclog stop` completes it" in office.cli("status").stdout
    ran = office.cli("stop", TEXT)
    assert (ran.returncode, office.text().count(TEXT)) == (0, 1)
    assert "completed a stop that was interrupted" in ran.stderr
    assert timers(office) == []


def test_timers_that_can_not_be_read_hide_nothing_else(office: Office) -> None:
    office.write_note()
    (office.root / ".git" / KEPT).write_bytes(b"{")
    ran = office.cli("status")
    assert (ran.returncode, TEXT in ran.stdout) == (3, True)
    assert "running timers can't be read" in ran.stderr
    assert "Traceback" not in ran.stderr


# --- on a terminal -----------------------------------------------------------------------------------------------


def test_left_overnight_it_asks_until_it_is_told(office: Office) -> None:
    started(office, "yesterday 08:00")
    with office.terminal("stop", TEXT) as terminal:
        assert "has run since yesterday 8:00" in terminal.wait_for("discard):")
        terminal.type("25:00", "Enter")
        terminal.wait_for("is not a time")
        terminal.type("9:30", "Enter")
        assert terminal.exit_code() == 0
    assert "time: 1h30m" in office.text()


def test_ctrl_c_at_the_question_leaves_it_running(office: Office) -> None:
    started(office, "yesterday 08:00")
    with office.terminal("stop", TEXT) as terminal:
        terminal.wait_for("discard):")
        terminal.type("C-c")
        assert terminal.exit_code() == 130
    assert len(timers(office)) == 1


def test_the_answer_may_be_that_it_is_nothing(office: Office) -> None:
    started(office, "yesterday 08:00")
    with office.terminal("stop", TEXT) as terminal:
        terminal.wait_for("discard):")
        terminal.type("discard", "Enter")
        assert "discarded: " in terminal.wait_for("exit code")
    assert (timers(office), "notes: []" in office.text()) == ([], True)


def test_of_several_it_asks_which_and_whether_to_send(office: Office) -> None:
    office.pull(32164)
    started(office)
    assert office.cli("start", "32164", "--also").returncode == 0
    with office.terminal("stop", TEXT, "--push") as terminal:
        terminal.wait_for("Which ticket's:")
        terminal.type(str(NUMBER), "Enter")
        assert TEXT in terminal.wait_for("Send this? [y/N]")
        terminal.type("n", "Enter")
        assert terminal.exit_code() == 0
    assert TEXT in office.text()
    assert [timer["number"] for timer in timers(office)] == [32164]
