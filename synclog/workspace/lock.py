"""One synclog process at a time in a workspace: a kernel lock, which dies with its process.

It lies in git's common folder, so that all work trees of a clone share it. Who holds it is noted beside it, for the
message alone: nothing is ever decided by that note.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from synclog.errors import Busy, StorageFailed

WORKSPACE = "synclog"
_PAUSE = 0.1


@contextmanager
def workspace_lock(
    git_common_dir: Path,
    timeout: float = 30,
    what: str = "synclog",
    *,
    name: str = WORKSPACE,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the workspace while the block runs. `what` is the command, for others' messages; `timeout` is seconds;
    `name` tells apart what can be held by itself.

    Raises Busy, naming who holds it, after the wait; StorageFailed when the lock's file can't be made.
    """
    from filelock import FileLock, Timeout

    path = git_common_dir / f"{name}.lock"
    lock = FileLock(path)
    until = clock() + timeout
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            pass
        except (OSError, NotImplementedError) as error:
            remedy = "check that you may write there; the lock needs a local file system"
            raise StorageFailed(f"{path} can't be locked: {error}", remedy=remedy) from error
        if clock() >= until:
            remedy = "wait until it is done, or end it; a lock never outlives its process"
            raise Busy(f"{_holder(path)} is at work in this workspace", remedy=remedy)
        sleep(_PAUSE)
    try:
        _note(path, what)
        yield
    finally:
        with suppress(OSError):
            _beside(path).unlink()
        lock.release()


def _beside(lock: Path) -> Path:
    return lock.with_name(f"{lock.name}.holder")


def _note(lock: Path, what: str) -> None:
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    with suppress(OSError):
        _beside(lock).write_text(json.dumps({"pid": os.getpid(), "what": what, "since": since}), "utf-8")


def _holder(lock: Path) -> str:
    try:
        noted = json.loads(_beside(lock).read_text("utf-8"))
        pid, what, since = int(noted["pid"]), str(noted["what"]), datetime.fromisoformat(noted["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return "another synclog process"
    shown = "".join(character for character in what if character.isprintable())[:40]
    return f"`synclog {shown}` (process {pid}, since {since:%Y-%m-%d %H:%M:%S})"
