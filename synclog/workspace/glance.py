"""What git sees at a glance: which tracked files are on disk otherwise than its index has noted them.

Git compares sizes, times and inodes of a hundred thousand files in the time in which Python begins. So it is asked
first, and its answer is taken when all else is ready. What it says is worth something only as long as its index is the
same one: that is told by the index's own checksum, taken before and after.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from synclog.errors import RepositoryState
from synclog.workspace.gitrun import Running, outside
from synclog.workspace.paths import CLIENTS, SETTINGS_FILE

_ALL_COUNTS = (
    # Every difference counts, whatever this clone was told to overlook.
    *("-c", "core.trustctime=true", "-c", "core.checkStat=default"),
    *("-c", "core.ignoreStat=false", "-c", "core.preloadIndex=true"),
)
_SHORTEST_CHECKSUM, _LONGEST_CHECKSUM = 20, 32


@dataclass(frozen=True, slots=True)
class Seen:
    """What git saw: `touched` are paths (of the workspace) that may differ from the index, or None where git could not
    tell; `index` names the state of the index that this is compared with, empty where it changed meanwhile."""

    touched: frozenset[str] | None
    index: str


class Glance:
    """A look of git at the work tree of the workspace at `root`; it begins at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._index = _index_file(root)
        self._before = _state(self._index)
        self._env = {**outside(root), **({"GIT_INDEX_FILE": str(self._index)} if self._index else {})}
        words = ("diff-files", "--name-only", "-z", "--relative", "--ignore-submodules=all", "--", CLIENTS)
        self._running: Running | None = None
        try:
            self._running = Running(root, (*_ALL_COUNTS, *words), env=self._env)
        except RepositoryState:
            self._before = ""

    def seen(self) -> Seen:
        """Return what git saw."""
        ran = self._running.wait() if self._running else None
        if ran is None or ran.status or self._index is None:
            return Seen(None, "")
        touched = frozenset(os.fsdecode(path) for path in ran.out.split(b"\0") if path)
        return Seen(touched, self._before if self._before == _state(self._index) else "")

    def trusted(self, seen: Seen) -> frozenset[str] | None:
        """Return the paths of which it is true that git compares them: tracked, and not flagged to be overlooked. None
        where that can't be told of the index that was `seen`."""
        if not seen.index or self._index is None:
            return None
        words = ("ls-files", "-v", "-z", "--", CLIENTS)
        ran = Running(self.root, words, env=self._env).wait()
        if ran.status or seen.index != _state(self._index):
            return None
        # `H`: in the index; in lower case: assumed to be unchanged; `S`: not meant to be on disk; `M`: in a merge.
        return frozenset(os.fsdecode(row[2:]) for row in ran.out.split(b"\0") if row.startswith(b"H "))


def find_root(start: Path) -> Path | None:
    """Return the workspace that `start` lies in: the nearest folder, it or above, with a synclog.yaml."""
    return next((folder for folder in (start, *start.parents) if (folder / SETTINGS_FILE).is_file()), None)


def begin_glance(start: Path) -> Glance | None:
    """Begin a look at the workspace that `start` lies in, where there is one."""
    root = find_root(start.resolve())
    return Glance(root) if root is not None else None


def _index_file(root: Path) -> Path | None:
    """Return where the index of the repository around `root` is, None where that is not plain to see."""
    for folder in (root, *root.parents):
        place = folder / ".git"
        if place.is_dir():
            return place / "index"
        try:
            told = place.read_text("utf-8") if place.is_file() else ""
        except (OSError, ValueError):
            return None
        if told.startswith("gitdir: "):
            return (folder / told.removeprefix("gitdir: ").rstrip("\n")) / "index"
    return None


def _state(index: Path | None) -> str:
    """Return what tells this index from another: its size, and the checksum at its end (or times, without one)."""
    if index is None:
        return ""
    try:
        with index.open("rb") as stream:
            info = os.fstat(stream.fileno())
            stream.seek(max(0, info.st_size - _LONGEST_CHECKSUM))
            end = stream.read()
    except OSError:
        return ""
    if not end[-_SHORTEST_CHECKSUM:].strip(b"\0"):
        return f"{info.st_size}:{info.st_mtime_ns}:{info.st_ctime_ns}:{info.st_ino}"
    return f"{info.st_size}:{end.hex()}"
