"""`comment`: what is written on the command line goes into the ticket's file, and from there to Syncro, once."""

from __future__ import annotations

import json
import sys

import pytest
from support.editors import writing
from support.office import NUMBER, Office

TEXT = "Replaced the failed disk."


@pytest.fixture
def office(office: Office) -> Office:
    """A workspace that has the file of one ticket."""
    office.pull(NUMBER)
    return office


def test_a_comment_with_time_is_posted_once_and_read_back(office: Office) -> None:
    ran = office.cli("comment", str(NUMBER), TEXT, "--time", "1h30m", "--labor", "remote", "--yes", "--json")
    document = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stderr
    assert [done["op"] for done in document["result"]["done"]] == ["comment"]
    assert document["result"]["done"][0]["minutes"] == 90
    assert len(office.comments()) == 1
    assert "notes: []" in office.text()


def test_queued_it_waits_in_the_file_and_needs_no_key(office: Office) -> None:
    office.key = ""
    ran = office.cli("comment", str(NUMBER), TEXT, "--time", "45", "--to", "private", "--date", "yesterday", "--queue")
    assert ran.returncode == 0, ran.stderr
    assert f"`synclog push {NUMBER}` sends it" in ran.stdout
    for line in (f"note: {TEXT}", "time: 45m", "to: private", "date: yesterday"):
        assert line in office.text()
    assert office.comments() == []
    assert office.log(1) == [f"Mike Sorrel: edit: #{NUMBER}"]


def test_a_ticket_without_a_file_gets_one_first(office: Office) -> None:
    ran = office.cli("comment", "32164", TEXT, "--yes")
    assert ran.returncode == 0, ran.stderr
    assert len(office.comments(32164)) == 1
    assert office.path(32164).exists()


def test_what_was_edited_before_stays_an_edit_of_its_own(office: Office) -> None:
    office.edit(("priority: ", "priority: High # was "))
    office.cli("comment", str(NUMBER), TEXT, "--queue")
    assert office.log(2) == [f"Mike Sorrel: edit: #{NUMBER}"] * 2


def test_the_same_command_after_a_run_that_failed_posts_the_same_note_once(office: Office) -> None:
    words = ("comment", str(NUMBER), TEXT, "--time", "60", "--labor", "remote", "--yes")
    key, office.key = office.key, "a-key-of-nobody-0000000000"
    ran = office.cli(*words)
    assert (ran.returncode, office.comments()) == (4, [])
    assert "what was written waits in clients/" in ran.stderr
    office.key = key
    ran = office.cli(*words)
    assert ran.returncode == 0, ran.stderr
    assert "that one it is" in ran.stderr
    assert len(office.comments()) == len(office.timers()) == 1
    assert office.cli(*words).returncode == 3
    assert len(office.comments()) == 1


def test_the_very_same_note_waits_twice_only_where_that_is_said(office: Office) -> None:
    for more in ((), (), ("--again",)):
        assert office.cli("comment", str(NUMBER), TEXT, "--queue", *more).returncode == 0
    assert office.text().count(f"- {TEXT}") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--time", "1,5h"], "--time: `1,5h` has a comma"),
        (["--billed", "0"], "--billed: `0` is not above 0"),
        (["--date", "soon"], "--date: `soon` is not a date"),
        (["--labor", "remot"], "did you mean `remote`?"),
        (["--time", "90", "--queue", "--yes"], "--queue sends nothing"),
    ],
)
def test_a_wrong_option_is_refused_and_nothing_written(office: Office, words: list[str], said: str) -> None:
    before = office.text()
    ran = office.cli("comment", str(NUMBER), TEXT, *words, *([] if "--queue" in words else ["--yes"]))
    assert (ran.returncode, office.text()) == (2, before)
    assert said in ran.stderr


def test_without_a_terminal_it_wants_to_be_told_to_send(office: Office) -> None:
    ran = office.cli("comment", str(NUMBER), TEXT)
    assert ran.returncode == 2
    assert "add --yes, or --queue" in ran.stderr
    assert "notes: []" in office.text()


def test_a_workspace_of_shown_plans_takes_no_yes_but_queues(office: Office) -> None:
    office.change_settings("confirm: ask", "confirm: plan")
    assert office.cli("comment", str(NUMBER), TEXT, "--yes").returncode == 2
    assert office.cli("comment", str(NUMBER), TEXT, "--queue").returncode == 0
    assert TEXT in office.text()


def test_the_text_can_come_from_standard_input(office: Office) -> None:
    ran = office.cli("comment", str(NUMBER), "--queue", stdin="Größeres Netzteil eingebaut 🔌\r\n\r\nLäuft.\r\n")
    assert ran.returncode == 0, ran.stderr
    assert "Größeres Netzteil eingebaut 🔌\n" in office.text()
    assert office.cli("comment", str(NUMBER), "--queue").returncode == 2


def test_what_was_typed_in_the_editor_is_kept_until_the_file_has_it(office: Office) -> None:
    typed = office.root / ".synclog" / f"comment-{NUMBER}.md"
    editor = f"{sys.executable} {writing(office, TEXT)}"
    with office.terminal("comment", str(NUMBER), "--labor", "nothing", "--queue", EDITOR=editor) as terminal:
        assert terminal.exit_code() == 2
    assert TEXT in typed.read_text("utf-8")
    with office.terminal("comment", str(NUMBER), "--labor", "remote", "--queue", EDITOR="true") as terminal:
        assert terminal.exit_code() == 0
    assert TEXT in office.text()
    assert not typed.exists()


def test_a_text_that_was_kept_is_not_forgotten_by_another_comment(office: Office) -> None:
    typed = office.root / ".synclog" / f"comment-{NUMBER}.md"
    typed.write_text("What took an hour to write.", "utf-8")
    assert office.cli("comment", str(NUMBER), TEXT, "--queue").returncode == 0
    assert typed.exists()


def test_what_is_typed_below_the_line_counts_as_well(office: Office) -> None:
    script = office.root.parent / "append.py"
    script.write_text("import sys\nopen(sys.argv[1], 'a', encoding='utf-8').write('Typed at the end.')\n", "utf-8")
    with office.terminal("comment", str(NUMBER), "--queue", EDITOR=f"{sys.executable} {script}") as terminal:
        assert terminal.exit_code() == 0
    assert "note: Typed at the end." in office.text() or "- Typed at the end." in office.text()


def test_a_link_in_place_of_the_typed_text_is_not_opened(office: Office) -> None:
    theirs = office.root.parent / "secret"
    theirs.write_text("a key\n", "utf-8")
    (office.root / ".synclog" / f"comment-{NUMBER}.md").symlink_to(theirs)
    with office.terminal("comment", str(NUMBER), "--queue", EDITOR="true") as terminal:
        assert terminal.exit_code() == 1
    assert theirs.read_text("utf-8") == "a key\n"
    assert "a key" not in office.text()


def test_a_text_left_empty_in_the_editor_cancels(office: Office) -> None:
    with office.terminal("comment", str(NUMBER), EDITOR="true") as terminal:
        assert "the comment was left empty: nothing was done" in terminal.wait_for("error:")
        assert terminal.exit_code() == 2
    assert "notes: []" in office.text()


def test_the_plan_is_shown_and_asked_about_and_no_leaves_it_in_the_file(office: Office) -> None:
    with office.terminal("comment", str(NUMBER), TEXT, "--time", "47m", "--labor", "remote") as terminal:
        assert TEXT in terminal.wait_for("Send this? [y/N]")
        terminal.type("n", "Enter")
        assert "nothing was sent: it waits in" in terminal.wait_for("exit code")
    assert office.comments() == []
    with office.terminal("push", str(NUMBER)) as terminal:
        terminal.wait_for("Send this? [y/N]")
        terminal.type("y", "Enter")
        assert terminal.exit_code() == 0
    assert len(office.comments()) == 1


def test_ctrl_c_at_the_question_sends_nothing_and_keeps_the_note(office: Office) -> None:
    with office.terminal("comment", str(NUMBER), TEXT) as terminal:
        terminal.wait_for("Send this? [y/N]")
        terminal.type("C-c")
        assert terminal.exit_code() == 130
    assert office.comments() == []
    assert TEXT in office.text()
