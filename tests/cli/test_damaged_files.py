"""Whatever stands in the files of a workspace, a cloned one too: a clear answer, no crash, nothing written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.office import NUMBER, Office

from synclog.cli.entry import run
from synclog.errors import Exit

READING = (["check"], ["status"], ["show", "32162"], ["push", "--dry-run"], ["pull", "--dry-run"])
WRITING = (["pull"], ["push", "--yes"])

FILES = {
    "nothing": b"",
    "zeros": b"\0" * 100,
    "no end of the front matter": b"---\nnumber: 32162\n",
    "empty front matter": b"---\n---\n",
    "a list": b"---\n- a\n- b\n---\n",
    "only a number": b"---\nnumber: 32162\n---\n",
    "a number and work": b"---\nnumber: 32162\nnotes: [Called back.]\n---\n",
    "number zero": b"---\nnumber: 0\n---\n",
    "a number of 5000 digits": b"---\nnumber: " + b"1" * 5000 + b"\n---\n",
    "a value of 5000 digits": b"---\nnumber: 32162\nx: " + b"1" * 5000 + b"\n---\n",
    "UTF-16": "---\nnumber: 32162\n---\n".encode("utf-16"),
    "nested 3000 deep": b"---\nnumber: 32162\nx: " + b"[" * 3000 + b"]" * 3000 + b"\n---\n",
    "a program for a careless YAML reader": b"---\nnumber: !!python/object/apply:os.system ['exit 1']\n---\n",
    "itself": b"---\nnumber: 32162\nx: &x [*x]\n---\n",
    "a day that there is not": b"---\nnumber: 32162\ndue_date: 2026-02-31\nx: 2026-02-31 25:61:61\n---\n",
    "half a character": b'---\nsubject: "\\ud800"\nnumber: 32162\n---\n',
    "old line ends": b"---\rnumber: 32162\r---\r",
}

EDITS = {
    "notes are text": ("notes: []", "notes: hello"),
    "notes are a mapping": ("notes: []", "notes: {a: b}"),
    "notes that are none": ("notes: []", "notes:\n  -\n  - ''\n  - 5\n  - true\n  - []"),
    "a note without text": ("notes: []", "notes:\n  - time: 5"),
    "a note of white space": ("notes: []", "notes:\n  - '\u00a0'"),
    "a time of 5000 digits": ("notes: []", "notes:\n  - note: a\n    time: " + "9" * 5000),
    "a superscript time": ("notes: []", "notes:\n  - note: a\n    time: ²h"),
    "a date at the end of time": ("notes: []", "notes:\n  - note: a\n    date: 9999-12-31 23:59"),
    "a labor of 5000 digits": ("notes: []", "notes:\n  - note: a\n    time: 5\n    labor: " + "9" * 5000),
    "a stamp that is none": ("notes: []", "notes:\n  - note: a\n    synclog: {id: 5, of: 2026-99-99/1, by: []}"),
    "state that is none": ("notes: []", "notes: []\nsynclog: {invoice: {after: -1e9}}"),
    "conflicts that are none": ("notes: []", "notes: []\nconflicts: {status: 3}"),
    "tags in tags": ("tags: [server]", "tags: [[a], {b: c}, null, 5]"),
    "no subject": ("subject: Server upgrade", "subject:"),
    "another id": ("\nid: 108443837", "\nid: xyz"),
    "no marker": ("<!-- synclog:mirror", "<!-- mirror"),
    "a base nested too deep": ('"timer": 0', '"timer": ' + "[" * 5000),
    "a base of other types": ('"invoices": []', '"invoices": 5'),
    "a base with another id": ('"id": 108443837', '"id": [1]'),
    "a base of another time": ('"version": "2026-04-17T18:17:40.123Z"', '"version": "9999-12-31T23:59:59-23:00"'),
    "a base without a timezone": ('"version": "2026-04-17T18:17:40.123Z"', '"version": "2026-04-17T18:17:40"'),
}

STATE = {"nothing": b"", "null": b"null", "a list": b"[]", "no text": b"\xff\xfe\xfd", "nested too deep": b"[" * 100000}


def answers(office: Office, words: list[str], capsys: pytest.CaptureFixture[str]) -> int:
    """Run a command as the program does; return its exit code, having seen that it is one that was foreseen."""
    code = run(["-C", str(office.root), *words])
    said = capsys.readouterr()
    assert code in (0, 1, 2, 3), words
    assert "this is a bug" not in said.err + said.out, (words, said)
    return code


@pytest.fixture(autouse=True)
def key(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCLOG_API_KEY", pulled.key)


@pytest.mark.parametrize("name", FILES)
def test_whatever_a_file_holds_every_command_answers(
    pulled: Office, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = pulled.path()
    path.write_bytes(FILES[name])
    for words in READING:
        answers(pulled, words, capsys)
    assert path.read_bytes() == FILES[name]
    for words in WRITING:
        answers(pulled, words, capsys)


@pytest.mark.parametrize("name", EDITS)
def test_whatever_was_typed_every_command_answers(
    pulled: Office, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pulled.edit(EDITS[name])
    before = pulled.path().read_bytes()
    for words in READING:
        answers(pulled, words, capsys)
    assert pulled.path().read_bytes() == before
    for words in WRITING:
        answers(pulled, words, capsys)


def test_a_file_that_lost_all_but_its_number_and_work_keeps_the_work_and_sends_nothing(pulled: Office) -> None:
    pulled.path().write_bytes(FILES["a number and work"])
    said = pulled.cli("push", "--yes")
    assert (said.returncode, "synclog pull 32162" in said.stdout) == (3, True)
    pulled.pull(NUMBER)
    assert "customer: Len's Auto Brokerage" in pulled.text()
    assert "notes: [Called back.]" in pulled.text()
    assert pulled.push().exit_code == Exit.DECISION
    assert not pulled.comments(words="Called back.")


@pytest.mark.parametrize("content", STATE)
@pytest.mark.parametrize(
    "file", [".synclog/account.json", ".synclog/pull.json", ".synclog/journal.json", ".git/synclog-turn"]
)
def test_whatever_this_machines_own_state_holds_it_counts_for_nothing(
    pulled: Office, file: str, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pulled.write_note()
    (pulled.root / file).write_bytes(STATE[content])
    assert answers(pulled, ["status"], capsys) == 0
    assert answers(pulled, ["pull"], capsys) == 0
    assert answers(pulled, ["push", "--yes"], capsys) == 0
    assert len(pulled.comments()) == 1


@pytest.mark.parametrize("moment", ["2026-04-24T00:00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00"])
def test_a_cursor_at_no_sensible_time_lists_everything_anew(
    pulled: Office, moment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cursor = {"host": pulled.sandbox.base_url, "pulled_to": moment, "scope": "open", "versions": {}, "strangers": {}}
    (pulled.root / ".synclog" / "pull.json").write_text(json.dumps(cursor))
    pulled.sandbox.store.web_update_ticket(NUMBER, priority="High")
    assert answers(pulled, ["pull"], capsys) == 0
    assert "priority: High" in pulled.text()


@pytest.mark.parametrize("version", ["2026-04-17T18:17:40", "0001-01-01T00:00:00+00:00", "soon"])
def test_a_version_that_is_no_time_in_a_file_out_of_scope_stops_no_pull(
    pulled: Office, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pulled.pull(32129)
    base = pulled.text(32129).partition('"version": "')[2].partition('"')[0]
    pulled.edit((f'"version": "{base}"', f'"version": "{version}"'), number=32129)
    assert answers(pulled, ["pull", "--full"], capsys) == 0


@pytest.mark.parametrize(
    "path", ["../outside.md", "/etc/hosts", "synclog.yaml", "clients/a/../../../outside.md", "a\0b"]
)
def test_a_journal_that_names_files_outside_of_clients_is_forgotten(
    pulled: Office, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = pulled.root / ".synclog" / "journal.json"
    journal.write_text(json.dumps({"files": {path: None}, "message": "theirs", "author": None}))
    before = pulled.log(1)
    assert answers(pulled, ["pull"], capsys) == 0
    assert pulled.log(1) == before
    assert not journal.exists()
