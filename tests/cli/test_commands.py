"""The real command line in a process of its own: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.office import NUMBER, Office, git, snapshot

from synclog import __version__
from synclog.cli.entry import COMMANDS, run

BAD_FILES = {
    "not YAML": ("notes: []", "notes: [", "never closed"),
    "a duplicate key": ("notes: []", "notes: []\nnotes: []", "notes"),
    "a tab": ("notes: []", "notes:\n\t- x", "tab"),
    "an unclosed quote": ("subject: Server upgrade", 'subject: "Server upgrade', "quote"),
    "a text cut at a hash": ("notes: []", "notes:\n  - Rebooted. # twice", "|"),
    "a text read as a mapping": ("notes: []", "notes:\n  - Cause: the disk", "|"),
    "an unknown key": ("notes: []", "notes:\n  - note: x\n    tiem: 5", "time"),
    "time: soon": ("notes: []", "notes:\n  - note: x\n    time: soon", "1h30m"),
    "time: -5": ("notes: []", "notes:\n  - note: x\n    time: -5", "1h30m"),
    "time: 0:45": ("notes: []", "notes:\n  - note: x\n    time: 0:45", "1h30m"),
    "time: 25h": ("notes: []", "notes:\n  - note: x\n    time: 25h", "24"),
    "an unknown labor": ("notes: []", "notes:\n  - note: x\n    time: 5\n    labor: remot", "remote"),
    "an unknown status": ("status: In Progress", "status: Almost done", "Resolved"),
}


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"synclog {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert f"synclog {name}" in capsys.readouterr().out.partition("Examples:")[2]


@pytest.mark.parametrize(
    "words", [["--json", "push", "--nonsense"], ["push", "--nonsense", "--json"], ["--json", "lst"]]
)
def test_wrong_usage_is_one_json_document_and_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["ok"], document["exit_code"], document["errors"][0]["kind"]) == (False, 2, "usage")


def test_an_unknown_command_suggests_the_near_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stauts"]) == 2
    assert "'status'" in capsys.readouterr().err


def test_outside_of_a_workspace_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(tmp_path), "status"]) == 2
    assert "synclog init" in capsys.readouterr().err


def test_starting_up_loads_nothing_heavy() -> None:
    import subprocess

    heavy = ("requests", "git", "jinja2", "yaml", "rich", "bs4", "werkzeug", "nh3")
    code = (
        f"from synclog.cli.entry import run; run(['--version']); import sys; print(sys.modules.keys() & set({heavy}))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout
    assert said.splitlines()[-1] == "set()"


# --- the round -----------------------------------------------------------------------------------------------------


def test_the_round_of_a_day_from_the_command_line(office: Office) -> None:
    assert "28 new" in office.cli("pull").stdout
    lines = office.cli("list", "--status", "in prog").stdout.splitlines()
    assert f"#{NUMBER}  In Progress  Len's Auto Brokerage" in "\n".join(lines)
    office.write_note()
    assert "1h30m remote, public" in office.cli("status").stdout
    assert "+   Replaced the failed disk." in office.cli("diff").stdout
    dry = office.cli("push", "--dry-run")
    word = dry.stdout.rstrip().rpartition("plan: ")[2]
    assert "(Remote Support, 120.00/h) = 180.00" in dry.stdout
    assert office.cli("push").returncode == 2
    done = office.cli("push", "--plan", word)
    assert (done.returncode, "done #32162 comment" in done.stdout) == (0, True)
    assert office.cli("push", "--plan", word).returncode == 3
    shown = json.loads(office.cli("show", str(NUMBER), "--json").stdout)["result"]
    assert "Replaced the failed disk." in shown["comments"][0]["text"]
    assert shown["time"][0]["minutes"] == 90
    log = json.loads(office.cli("--json", "session-log", str(NUMBER)).stdout)["result"]
    assert log["outcome"] == "created"
    assert "Replaced the failed disk." in (office.root / log["path"]).read_text("utf-8")
    assert office.cli("session-log", str(NUMBER)).stdout.startswith("nothing new in")
    assert len(office.comments()) == len(office.timers()) == 1


def test_an_edited_session_log_keeps_every_word(pulled: Office) -> None:
    pulled.write_note()
    pulled.push()
    path = pulled.root / json.loads(pulled.cli("--json", "session-log", str(NUMBER)).stdout)["result"]["path"]
    path.write_text(path.read_text("utf-8").replace("## Still open", "My own words.\n\n## Still open"), "utf-8")
    pulled.write_note("notes:\n  - Swapped the second disk, too.\n")
    pulled.push()
    kept = pulled.cli("session-log", str(NUMBER))
    assert kept.returncode == 3
    assert kept.stdout.startswith("kept as it was edited")
    assert "--update" in kept.stdout
    again = json.loads(pulled.cli("--json", "session-log", str(NUMBER), "--update").stdout)["result"]
    assert again["outcome"] == "merged"
    text = (pulled.root / again["path"]).read_text("utf-8")
    assert "My own words." in text
    assert "Swapped the second disk, too." in text


def test_a_workspace_of_shown_plans_refuses_yes(pulled: Office) -> None:
    pulled.change_settings("confirm: ask", "confirm: plan")
    pulled.write_note()
    refused = pulled.cli("push", "--yes")
    assert (refused.returncode, "--plan" in refused.stderr) == (2, True)
    assert not pulled.comments()


def test_show_and_list_ask_syncro_where_they_are_told_to(pulled: Office) -> None:
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled")
    assert f"#{NUMBER}  Scheduled" in pulled.cli("list", "--remote").stdout
    assert f"#{NUMBER}  In Progress" in pulled.cli("list").stdout
    assert "Scheduled" in pulled.cli("show", str(NUMBER), "--remote").stdout
    assert "Invoiced" in pulled.cli("show", "32129").stdout


# --- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named_with_line_and_remedy_and_left_as_it_is(
    pulled: Office, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, hint = BAD_FILES[name]
    pulled.edit((old, new))
    before = pulled.path().read_bytes()
    path = pulled.path().relative_to(pulled.root).as_posix()
    pulled.sandbox.forbid_writes = True
    monkeypatch.setenv("SYNCLOG_API_KEY", pulled.key)
    for words in (["check"], ["status"], ["push", "--yes"], ["pull"]):
        assert run(["-C", str(pulled.root), *words]) == 3
        said = capsys.readouterr()
        assert f"{path}:" in said.out + said.err
        assert hint in said.out + said.err
    assert pulled.path().read_bytes() == before
    assert not pulled.sandbox.forbidden


def test_a_file_with_another_encoding_is_refused_and_line_ends_and_marks_of_windows_are_kept(pulled: Office) -> None:
    path = pulled.path()
    utf8 = path.read_bytes()
    path.write_bytes(utf8.replace(b"Server upgrade", "Grüße".encode("latin-1"), 1))
    assert pulled.cli("check").returncode == 3
    windows = b"\xef\xbb\xbf" + utf8.replace(b"notes: []", b"notes:\n  - Rebooted.").replace(b"\n", b"\r\n")
    path.write_bytes(windows)
    assert pulled.cli("push", "--yes").returncode == 0
    fresh = path.read_bytes()
    assert fresh.startswith(b"\xef\xbb\xbf---\r\n")
    assert b"\n" not in fresh.replace(b"\r\n", b"")


def test_a_copied_note_with_its_old_stamp_is_refused_in_one_file(pulled: Office) -> None:
    stamp = "synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 5, by: 21735}"
    pulled.edit(("notes: []", f"notes:\n  - note: x\n    {stamp}\n  - note: y\n    {stamp}"))
    said = pulled.cli("check")
    assert (said.returncode, "32162-7k2m9q4x1c" in said.stdout) == (3, True)


@pytest.mark.parametrize("end", ["", "<!-- synclog:base {oops -->\n"])
def test_a_lost_base_sends_nothing_and_a_pull_mends_it(pulled: Office, end: str) -> None:
    pulled.write_note()
    text = pulled.text()
    pulled.path().write_bytes((text[: text.rindex("<!-- synclog:base")] + end).encode())
    said = pulled.cli("push", "--yes")
    assert (said.returncode, "synclog pull 32162" in said.stdout + said.stderr) == (3, True)
    assert not pulled.comments()
    assert pulled.cli("pull", str(NUMBER)).returncode == 0
    assert pulled.cli("push", "--yes").returncode == 0
    assert len(pulled.comments()) == 1


def test_a_number_that_nobody_has_is_wrong_usage(pulled: Office) -> None:
    for words in (("pull", "99999"), ("show", "99999"), ("push", "99999", "--yes")):
        said = pulled.cli(*words)
        assert (said.returncode, "99999" in said.stderr) == (2, True)


def test_a_missing_and_a_wrong_key_each_have_their_answer(pulled: Office) -> None:
    missing = pulled.cli("pull", SYNCLOG_API_KEY="")
    assert (missing.returncode, "SYNCLOG_API_KEY" in missing.stderr) == (2, True)
    wrong = pulled.cli("pull", SYNCLOG_API_KEY="wrong-key-0123456789")
    assert (wrong.returncode, "wrong-key" in wrong.stdout + wrong.stderr) == (4, False)


@pytest.mark.parametrize("fault", ["html-before", "cut-json", "empty", "redirect"])
def test_a_server_that_answers_nonsense_has_a_clear_error(pulled: Office, fault: str) -> None:
    pulled.sandbox.add_fault(f"{fault} GET /**")
    before = snapshot(pulled.root / "clients")
    said = pulled.cli("pull")
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert "GET /" in said.stderr
    assert snapshot(pulled.root / "clients") == before


def test_the_key_is_in_nothing_that_was_left(pulled: Office) -> None:
    pulled.write_note()
    outputs = [pulled.cli(*words) for words in (("-v", "push", "--yes", "--json"), ("-v", "doctor"), ("-v", "pull"))]
    key = pulled.key.encode()
    assert all(key.decode() not in done.stdout + done.stderr for done in outputs)
    git(pulled.root, "gc", "--quiet")
    objects = git(pulled.root, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").splitlines()
    assert all(pulled.key not in git(pulled.root, "cat-file", "-p", name) for name in objects)
    left = snapshot(pulled.root.parent)
    assert [path for path, content in left.items() if key in content] == []


def test_doctor_says_what_is_right_and_what_is_not(pulled: Office) -> None:
    said = json.loads(pulled.cli("--json", "doctor", "--labor").stdout)["result"]
    states = {(f["subject"], f["state"]) for f in said["findings"]}
    assert {("key", "ok"), ("git", "ok"), ("statuses", "ok")} <= states
    assert 1190473 in {product["id"] for product in said["labor"]}
    pulled.change_settings("remote: 1190473", "remote: 4711")
    wrong = pulled.cli("doctor")
    assert (wrong.returncode, "4711" in wrong.stdout) == (2, True)
