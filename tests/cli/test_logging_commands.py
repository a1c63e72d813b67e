"""`session-log` and `templates` from the command line: which words go together, what is said, how it ends."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from synclog.cli.entry import run
from synclog.core.trail import TrailEntry, message_with
from synclog.workspace.making import init_workspace

TICKET = Path(__file__).resolve().parents[2] / "sample-clients" / "jerry-burger"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of one customer, with two notes posted."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("SYNCLOG_CONFIG_DIR", str(tmp_path / "config"))
    root = tmp_path / "msp"
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Mia Ortiz")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "mia@copperline.example")
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-04-17T12:00:00-07:00")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(root)], check=True)
    init_workspace(root, "http://127.0.0.1:8765/api/v1", "America/Phoenix")
    folder = root / "clients" / "jerry-burger" / "tickets"
    folder.mkdir(parents=True)
    for path in sorted((TICKET / "tickets").glob("*.md")):
        (folder / path.name).write_bytes(path.read_bytes())
    entries = [TrailEntry("comment", n, f"{n}-7k2m9q4x1c", 5, minutes=30) for n in (32164, 32143)]
    git(root, "add", "clients")
    git(root, "commit", "--quiet", "-m", message_with("push: two notes", entries))
    monkeypatch.chdir(root)
    return root


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "which logs?"),
        (["32164", "--customer", "jerry"], "a ticket's number says"),
        (["32164", "--month", "2026-04"], "a ticket's number says"),
        (["--date", "2026-04-17", "--month", "2026-04"], "two answers"),
        (["--check", "--update"], "--check writes nothing"),
        (["--month", "2026-13"], "2026-13"),
        (["--customer", "burgr"], "no customer here"),
        (["32164", "--template", "../../x"], "no session log template"),
        (["32164", "--template", "nix"], "there are: customer, full, short"),
        (["7"], "ticket 7 has no file"),
    ],
)
def test_words_that_do_not_go_together_are_refused(
    workspace: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["session-log", *words]) == 2
    captured = capsys.readouterr()
    assert said in captured.err + captured.out
    assert not list(workspace.glob("clients/*/session-logs"))


def test_a_template_that_is_named_in_the_settings_must_be_there(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = workspace / "synclog.yaml"
    settings.write_bytes(settings.read_bytes().replace(b"template: full ", b"template: mine "))
    assert run(["session-log", "32164"]) == 2
    assert "`session_log.template` of synclog.yaml" in capsys.readouterr().err
    (workspace / "templates").mkdir(exist_ok=True)
    (workspace / "templates" / "session-log-mine.md.j2").write_bytes(b"mine {{ minutes }}\n")
    assert run(["session-log", "32164"]) == 0
    (log,) = workspace.glob("clients/jerry-burger/session-logs/2026-04-17-*.md")
    assert "\n---\n\nmine 30\n\n<!-- synclog:log" in log.read_text("utf-8")


def test_a_broken_template_is_told_once_with_every_log_that_it_stopped(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "templates").mkdir(exist_ok=True)
    (workspace / "templates" / "session-log-full.md.j2").write_bytes(b"ok\n{% if %}\n")
    assert run(["--json", "session-log", "--month", "2026-04"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [one["number"] for one in document["result"]["failed"]] == [32143, 32164]
    assert [one["kind"] for one in document["errors"]] == ["template"]
    assert document["errors"][0]["message"].startswith("templates/session-log-full.md.j2:2: ")
    assert not list(workspace.glob("clients/*/session-logs/*"))
    assert run(["session-log", "--date", "2026-04-17", "--template", "short"]) == 0
    assert capsys.readouterr().out.count("written: clients/jerry-burger/session-logs/2026-04-17-") == 2
    assert run(["session-log", "--date", "2026-04-16"]) == 0
    assert "no work was posted then" in capsys.readouterr().out
    assert run(["session-log", "--check"]) == 0


def test_templates_are_listed_shown_copied_and_never_lost(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = workspace / "templates" / "session-log-short.md.j2"
    assert run(["templates", "copy", "short"]) == 0
    packaged = copy.read_bytes()
    assert run(["templates", "copy", copy.name]) == 0
    copy.write_bytes(b"mine\n")
    (copy.parent / "session-log-own.md.j2").write_bytes(b"own\n")
    (copy.parent / "comment.html.j2").write_bytes(b"\xff")
    capsys.readouterr()
    assert run(["templates", "copy", "short"]) == 3
    assert copy.read_bytes() == b"mine\n"
    capsys.readouterr()
    assert run(["--json", "templates", "list"]) == 0
    states = {
        one["name"]: (one["state"], one["log"]) for one in json.loads(capsys.readouterr().out)["result"]["templates"]
    }
    assert states == {
        "comment.html.j2": ("unreadable", None),
        "session-log-customer.md.j2": ("packaged", "customer"),
        "session-log-full.md.j2": ("packaged", "full"),
        "session-log-own.md.j2": ("own", "own"),
        "session-log-short.md.j2": ("edited", "short"),
    }
    assert run(["templates", "show", "short"]) == 0
    assert capsys.readouterr().out == "mine\n"
    assert run(["templates", "show", "short", "--packaged"]) == 0
    assert capsys.readouterr().out.encode() == packaged
    assert run(["templates", "copy", "short", "--force"]) == 0
    assert copy.read_bytes() == packaged
    assert copy.with_name(f"{copy.name}.1").read_bytes() == b"mine\n"
    assert run(["templates", "copy", "own"]) == run(["templates", "show", "../synclog.yaml"]) == 2


def test_a_template_is_copied_through_no_link(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (workspace / "templates").symlink_to(tmp_path / "outside")
    assert run(["templates", "copy", "short"]) == 1
    assert not list((tmp_path / "outside").iterdir())
