"""One process at a time; a lock never outlives its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from synclog.errors import Busy, StorageFailed
from synclog.workspace.lock import workspace_lock

HOLDER = """\
import sys
from pathlib import Path
from synclog.workspace.lock import workspace_lock
with workspace_lock(Path(sys.argv[1]), what="pull"):
    print("held", flush=True)
    sys.stdin.read()
"""


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def hold(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.communicate()


def test_a_free_workspace_is_had_at_once_and_again(tmp_path: Path) -> None:
    clock = Clock()
    for _ in range(2):
        with workspace_lock(tmp_path, clock=clock, sleep=clock.sleep):
            pass
    assert clock.slept == []


def test_another_process_is_named_after_the_wait(tmp_path: Path) -> None:
    clock = Clock()
    process = hold(tmp_path)
    with (
        pytest.raises(Busy, match=rf"`synclog pull` \(process {process.pid}, since "),
        workspace_lock(tmp_path, 30, "push", clock=clock, sleep=clock.sleep),
    ):
        pytest.fail("two had the workspace")
    assert sum(clock.slept) == pytest.approx(30, abs=1)
    end(process)


def test_a_workspace_that_becomes_free_during_the_wait_is_had(tmp_path: Path) -> None:
    clock = Clock()
    process = hold(tmp_path)

    def sleep(seconds: float) -> None:
        end(process)
        clock.sleep(seconds)

    with workspace_lock(tmp_path, clock=clock, sleep=sleep):
        assert clock.slept


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    clock = Clock()
    process = hold(tmp_path)
    process.kill()
    end(process)
    assert (tmp_path / "synclog.lock.holder").exists()
    with workspace_lock(tmp_path, 0, clock=clock, sleep=clock.sleep):
        pass


def test_the_lock_is_given_back_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="work"), workspace_lock(tmp_path):
        raise ValueError("work")
    with workspace_lock(tmp_path, 0):
        pass


@pytest.mark.parametrize("note", ["", "{}", "[]", '{"pid": 1, "what": "x", "since": "now"}'])
def test_a_note_that_says_nothing_useful_is_only_a_worse_message(tmp_path: Path, note: str) -> None:
    clock = Clock()
    process = hold(tmp_path)
    (tmp_path / "synclog.lock.holder").write_text(note)
    with (
        pytest.raises(Busy, match="another synclog process is at work"),
        workspace_lock(tmp_path, 1, clock=clock, sleep=clock.sleep),
    ):
        pytest.fail("two had the workspace")
    end(process)


def test_the_note_can_not_write_to_the_terminal(tmp_path: Path) -> None:
    clock = Clock()
    process = hold(tmp_path)
    (tmp_path / "synclog.lock.holder").write_text(
        '{"pid": 1, "what": "\\u001b[31mpull", "since": "2026-04-17T10:00:00"}'
    )
    with pytest.raises(Busy) as caught, workspace_lock(tmp_path, 0, clock=clock, sleep=clock.sleep):
        pytest.fail("two had the workspace")
    assert "\x1b" not in caught.value.message
    end(process)


def test_a_lock_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageFailed, match="can't be locked"), workspace_lock(tmp_path / "file"):
        pytest.fail("there is no such folder")
