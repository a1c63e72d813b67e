"""Plain `git merge` in two clones: with the driver, without it, and of files that are not valid."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from support.gitrepos import git, isolate_git, put
from support.twoclones import Clone, Server

from synclog.app.doctor import diagnose
from synclog.app.status import check
from synclog.cli.entry import run
from synclog.workspace.mergedriver import driver_command
from synclog.workspace.workspace import Workspace

TICKET = "clients/hollow-oak-dental/tickets/32162-server-upgrade.md"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, with a space in its name, that holds a workspace `first` with one ticket."""
    isolate_git(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("SYNCLOG_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("SYNCLOG_API_KEY", raising=False)
    folder = tmp_path / "our office"
    assert run(["init", str(folder / "first"), "--subdomain", "copperline", "--timezone", "America/Phoenix"]) == 0
    server = Server()
    start = Clone(server, server.new_file())
    start.add_note("Replaced the failed disk.", 90)
    commit(folder / "first", start.text)
    git(folder, "clone", "--quiet", "first", "second clone")
    return folder


def commit(root: Path, text: str) -> None:
    put(root, {TICKET: text})
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=work")


def both_work(office: Path) -> str:
    """The first clone posts its note, the second one edits; return what the second one's note says."""
    server = Server()
    first = Clone(server, (office / "first" / TICKET).read_text("utf-8"))
    second = first.copy(2)
    first.post(0)
    second.set_field("status", "Resolved")
    second.add_note("Called back, no answer.")
    second.scratch("Ask Lena for the key.")
    commit(office / "first", first.text)
    commit(office / "second clone", second.text)
    git(office / "second clone", "fetch", "--quiet")
    return second.text


def merge(root: Path) -> subprocess.CompletedProcess[str]:
    words = ["git", "merge", "--no-edit", "origin/main"]
    return subprocess.run(words, cwd=root, capture_output=True, encoding="utf-8", check=False)


def test_init_readies_a_clone_and_git_then_merges_tickets_by_what_they_say(office: Path) -> None:
    both_work(office)
    root = office / "second clone"
    assert run(["init", str(root)]) == 0
    done = merge(root)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (root / TICKET).read_text("utf-8")
    assert "  - note: Replaced the failed disk." not in text
    assert "> Replaced the failed disk." in text
    for kept in ("status: Resolved\n", "Called back, no answer.", "Ask Lena for the key.\n"):
        assert kept in text
    assert text.count("<!-- synclog:base ") == 1
    assert check(Workspace.open(root)) == ((), ())


def test_a_clone_without_the_driver_is_told_by_doctor_and_what_it_left_by_check(office: Path) -> None:
    both_work(office)
    root = office / "second clone"
    merge(root)
    (found,), _ = check(Workspace.open(root))
    assert "conflict markers" in found.message
    findings = {finding.subject: finding for finding in diagnose(Workspace.open(root), environ={}).findings}
    assert findings["merge driver"].state == "warn"
    assert "synclog init" in findings["merge driver"].remedy
    assert findings["merge"].state == "wrong"
    assert TICKET in findings["merge"].message


def test_a_merge_that_took_the_older_side_is_found(office: Path) -> None:
    both_work(office)
    root = office / "second clone"
    assert run(["init", str(root)]) == 0
    git(root, "merge", "--quiet", "--no-edit", "--strategy=ours", "origin/main")
    findings = [
        finding for finding in diagnose(Workspace.open(root), environ={}).findings if finding.subject == "merge"
    ]
    assert [(f.state, TICKET in f.message) for f in findings] == [("warn", True)]


def test_init_sets_the_driver_anew_where_it_names_a_program_that_is_gone(office: Path) -> None:
    root = office / "first"
    git(root, "config", "merge.synclog.driver", "/nowhere/python -P -m synclog merge-driver %O %A %B %P")
    (gone,) = [f for f in diagnose(Workspace.open(root), environ={}).findings if f.subject == "merge driver"]
    assert (gone.state, "/nowhere/python" in gone.message) == ("warn", True)
    assert run(["init", str(root)]) == 0
    assert git(root, "config", "merge.synclog.driver") == driver_command()
    (found,) = [f for f in diagnose(Workspace.open(root), environ={}).findings if f.subject == "merge driver"]
    assert found.state == "ok"


def test_the_driver_takes_no_module_out_of_the_repository() -> None:
    words = shlex.split(driver_command())
    assert Path(words[0]).is_absolute()
    assert words[1:4] == ["-P", "-m", "synclog"]


@pytest.mark.parametrize("theirs", [b"---\nnumber: [\n---\n", b"\xff\xfe not text", b"no front matter\n", b""])
def test_a_side_that_is_not_valid_is_left_with_both_sides_in_it_and_exit_1(
    tmp_path: Path, theirs: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server()
    text = server.new_file()
    files = {"old": text.encode(), "ours": text.replace("New", "Old").encode() + b"mine\n", "theirs": theirs}
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    assert run(["merge-driver", *(str(tmp_path / name) for name in files), TICKET]) == 1
    made = (tmp_path / "ours").read_bytes()
    assert all(line in made for line in theirs.splitlines())
    assert b"mine\n" in made
    assert TICKET in capsys.readouterr().out
