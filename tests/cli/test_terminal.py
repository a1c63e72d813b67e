"""What files of a cloned workspace and Syncro say never commands the terminal that shows it."""

from __future__ import annotations

import io
import json
import re

import pytest
from support.office import NUMBER, Office

from synclog.cli.context import say, styled
from synclog.cli.entry import run

ESCAPES = "\\x1b]0;owned\\x07\\x9b31m\\u202e"
"""A window title, a colour by one character, and text from right to left; as YAML writes them."""
COMMANDS_A_TERMINAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
EVERY = (["check"], ["status"], ["diff"], ["list"], ["show", "32162"], ["push", "--dry-run"], ["pull"])

PLACES = {
    "a subject": ("subject: Server upgrade", f'subject: "{ESCAPES}"'),
    "a status": ("status: In Progress", f'status: "{ESCAPES}"'),
    "a customer": ("customer: Len's Auto Brokerage", f'customer: "{ESCAPES}"'),
    "a tag": ("tags: [server]", f'tags: ["{ESCAPES}"]'),
    "a key": ("notes: []", f'notes: []\n"{ESCAPES}": 5\n"{ESCAPES}": 6'),
    "a note": ("notes: []", f'notes: ["{ESCAPES}"]'),
    "a key of a note": ("notes: []", f'notes:\n  - note: a\n    "{ESCAPES}": 5'),
    "a conflict": ("notes: []", f'notes: []\nconflicts: {{status: {{theirs: "{ESCAPES}", base: "{ESCAPES}"}}}}'),
    "a stamp": (
        "notes: []",
        "notes:\n  - note: a\n    synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 5, by: 21735, "
        f'problem: "{ESCAPES}", comment: 5}}',
    ),
    "an address": ("url: http", f'url: "{ESCAPES}"\nx: http'),
    "the base": ('"status": "In Progress"', '"status": "\\u001b[31m\\u009b"'),
    "the conversation": ("> Good morning Mike,", "> Good \x1b[31m\u009b31m morning,"),
}


@pytest.mark.parametrize("name", PLACES)
def test_no_command_for_a_terminal_gets_out_of_a_file(
    pulled: Office, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.edit(PLACES[name])
    monkeypatch.setenv("SYNCLOG_API_KEY", pulled.key)
    for words in EVERY:
        for options in ([], ["--json"]):
            run(["-C", str(pulled.root), *options, *words])
            said = capsys.readouterr()
            assert COMMANDS_A_TERMINAL.search(said.out + said.err) is None, (words, said)


def test_what_syncro_answers_to_a_refusal_is_shown_without_its_commands(pulled: Office) -> None:
    pulled.sandbox.store.web_update_ticket(NUMBER, subject="Disk \x1b[2J\x9b31mfull\u202e")
    for words in (("show", str(NUMBER), "--remote"), ("list", "--remote"), ("pull",), ("list",)):
        said = pulled.cli(*words)
        assert said.returncode == 0
        assert COMMANDS_A_TERMINAL.search(said.stdout + said.stderr) is None
    assert "Disk full" in pulled.text()


def test_a_subject_of_several_lines_makes_no_row_and_its_file_is_named(pulled: Office) -> None:
    pulled.edit(("subject: Server upgrade", 'subject: "Server\\n#99999  New  Nobody  Made up"'))
    said = pulled.cli("list")
    assert len(said.stdout.splitlines()) == 27
    assert "#99999" not in said.stdout
    assert pulled.path().relative_to(pulled.root).as_posix() in said.stderr


def test_a_document_means_the_same_with_its_characters_escaped(
    pulled: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    pulled.edit(("priority: Normal", 'priority: "Hoch \\x9b \\u202e ü 💾"'))
    run(["-C", str(pulled.root), "status", "--json"])
    (work,) = json.loads(capsys.readouterr().out)["result"]["pending"]
    assert work["changes"][0]["to"] == "Hoch \x9b \u202e ü 💾"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_of_our_own_show_on_a_terminal_that_wants_them_and_others_never(
    no_color: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    terminal, file = Terminal(), io.StringIO()
    monkeypatch.setattr("sys.stdout", terminal)
    line = styled("not valid", fg="red") + " \x1b[8mhidden\x1b]0;owned\x07"
    say(line, terminal)
    say(line, file)
    assert ("\x1b[31mnot valid\x1b[0m" in terminal.getvalue()) is coloured
    assert terminal.getvalue().endswith(" hidden\n")
    assert file.getvalue() == "not valid hidden\n"
