"""By what a file is known again without reading it: size, times and inode, with care for times that are too fresh.

A clock ticks coarsely: a file that was changed twice within a tick looks the same after both. So a mark is taken only
of what was not touched for some time before it was looked at; the rest is read again the next time.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

Mark = str
"""A file's or folder's size, times and inode as text. `UNSURE` never equals what is on disk."""

UNSURE: Mark = ""
_TICK = 2_000_000_000
"""Nanoseconds: the coarsest clock of a file system in use (FAT)."""


def file_mark(path: str, moment: int) -> Mark | None:
    """Return the mark of a plain file, `UNSURE` where it was touched too shortly before `moment`; None without one."""
    return _mark(path, moment, stat.S_IFREG)


def folder_mark(path: str, moment: int) -> Mark | None:
    """Return the mark of a folder: it changes with every name in it that comes, goes or is put in place of another."""
    return _mark(path, moment, stat.S_IFDIR)


def disk_moment(probe: Path) -> int:
    """Return the present (nanoseconds) by the clock of the disk, which on a network is not this machine's."""
    with suppress(OSError):
        probe.write_bytes(b"")
        return probe.lstat().st_mtime_ns
    return time.time_ns()


def _mark(path: str, moment: int, kind: int) -> Mark | None:
    try:
        info = os.lstat(path)
    except (OSError, ValueError):
        return None
    if stat.S_IFMT(info.st_mode) != kind:
        return None
    if max(info.st_mtime_ns, info.st_ctime_ns) > moment - _TICK:
        return UNSURE
    return f"{info.st_size}:{info.st_mtime_ns}:{info.st_ctime_ns}:{info.st_ino}"
