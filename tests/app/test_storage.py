"""A disk that fills, git that refuses: what was there stays, and the next run goes on."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from support.office import NUMBER, Office, git, snapshot

from synclog.errors import Busy, Exit, StorageFailed, SynclogError


class Disk:
    """Lets so many renames through, then is full until `mend`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room = room
        self.refused = 0
        self.real = Path.replace
        monkeypatch.setattr(Path, "replace", lambda path, target: self.replace(path, target))

    def replace(self, path: Path, target: Path) -> Path:
        if self.room <= 0:
            self.refused += 1
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        self.room -= 1
        return self.real(path, target)

    def mend(self) -> None:
        self.room = 10**6


@pytest.mark.parametrize("room", range(10))
def test_a_disk_that_fills_at_any_moment_of_a_push_loses_and_repeats_nothing(
    pulled: Office, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    disk = Disk(monkeypatch, room)
    try:
        codes = {trouble.error.exit_code for trouble in pulled.push().trouble}
    except StorageFailed as error:
        codes = {error.exit_code}
    assert disk.refused
    assert codes == {Exit.FAILED}
    assert "Replaced the failed disk." in pulled.text()
    disk.mend()
    for _ in range(2):
        pulled.push()
    assert (len(pulled.comments()), len(pulled.timers()), len(pulled.invoices())) == (1, 1, 1)
    assert pulled.sandbox.store.ticket(NUMBER)["status"] == "Invoiced"
    assert [e.op for e in pulled.trail() if e.op != "update"] == ["invoice", "comment"]
    assert git(pulled.root, "status", "--porcelain", "clients") == ""


@pytest.mark.parametrize("room", range(5))
def test_a_disk_that_fills_at_any_moment_of_a_pull_loses_nothing(
    pulled: Office, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.write_note()
    for number in (NUMBER, 32164, 32161):
        pulled.sandbox.store.web_add_comment(number, "Any news?", "Re", None)
    disk = Disk(monkeypatch, room)
    with pytest.raises(StorageFailed):
        pulled.pull()
    assert "time: 1h30m" in pulled.text()
    disk.mend()
    pulled.pull()
    assert all("Any news?" in pulled.text(number) for number in (NUMBER, 32164, 32161))
    assert "time: 1h30m" in pulled.text()
    assert git(pulled.root, "status", "--porcelain", "clients") == ""
    # Whose words they are is still told apart: none of Syncro's were committed as mine.
    assert "Any news?" not in git(pulled.root, "log", "--author=Mike", "-p", "--format=%s", "--", "clients")


def test_no_temporary_file_is_left_of_a_write_that_failed(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re", None)
    Disk(monkeypatch, 2)
    with pytest.raises(StorageFailed):
        pulled.pull()
    assert not list(pulled.root.rglob("*.tmp"))


def test_git_that_cannot_commit_sends_nothing(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled.write_note()
    monkeypatch.setattr("synclog.workspace.history._LOCK_PAUSE", 0)
    (pulled.root / ".git" / "index.lock").write_bytes(b"")
    with pytest.raises(Busy) as error:
        pulled.push()
    assert "index.lock" in error.value.message + error.value.remedy
    (pulled.root / ".git" / "index.lock").unlink()
    assert not pulled.comments()
    assert pulled.push().done


def test_a_commit_that_cannot_be_signed_is_found_before_anything_is_sent(pulled: Office) -> None:
    pulled.write_note()
    git(pulled.root, "config", "commit.gpgsign", "true")
    git(pulled.root, "config", "gpg.program", "no-such-program")
    with pytest.raises(SynclogError) as error:
        pulled.push()
    assert error.value.exit_code == Exit.USAGE
    assert not pulled.comments()


@pytest.mark.parametrize("state", ["MERGE_HEAD", "rebase-merge", "detached"])
def test_a_repository_in_the_middle_of_something_is_left_alone(pulled: Office, state: str) -> None:
    pulled.write_note()
    if state == "detached":
        git(pulled.root, "checkout", "--quiet", "--detach")
    elif state == "MERGE_HEAD":
        (pulled.root / ".git" / state).write_text(git(pulled.root, "rev-parse", "HEAD") + "\n")
    else:
        (pulled.root / ".git" / state).mkdir()
    before = snapshot(pulled.root)
    for run in (pulled.push, pulled.pull):
        with pytest.raises(SynclogError) as error:
            run()
        assert error.value.exit_code == Exit.USAGE
        assert error.value.remedy
    assert snapshot(pulled.root) == before
    assert not pulled.sandbox.requests


def test_foreign_work_in_the_index_is_in_no_commit_of_a_push(pulled: Office) -> None:
    (pulled.root / "runbook.md").write_text("staged\n")
    git(pulled.root, "add", "runbook.md")
    pulled.write_note()
    pulled.push()
    assert git(pulled.root, "diff", "--cached", "--name-only") == "runbook.md"
    assert "runbook.md" not in git(pulled.root, "ls-tree", "-r", "--name-only", "HEAD")


def test_hooks_of_the_repository_are_not_run(pulled: Office) -> None:
    hook: Any = pulled.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hook-ran\nexit 1\n")
    hook.chmod(0o755)
    pulled.write_note()
    assert pulled.push().done
    assert not (pulled.root / "hook-ran").exists()
