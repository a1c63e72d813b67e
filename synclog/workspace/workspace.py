"""A workspace: the folder with synclog.yaml, its files below `clients/`, its settings, its history and its lock."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from synclog.core.settings import Settings
from synclog.core.settingsfile import parse_settings
from synclog.errors import InvalidFile, Problem, SettingsError, UnsafePath, UsageError
from synclog.workspace import files, paths
from synclog.workspace.glance import Glance, find_root
from synclog.workspace.paths import SETTINGS_FILE, STATE

__all__ = ["SETTINGS_FILE", "Workspace"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from synclog.workspace.history import History

_WAIT = 30


class Workspace:
    """An opened workspace. Paths are relative to its root, with `/`, and always below `clients/`: others are refused
    with UnsafePath, by every method that takes one."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self.root = root
        self.settings = settings
        self._glance: Glance | None = None

    @classmethod
    def open(cls, start: Path, glance: Glance | None = None) -> Workspace:
        """Return the workspace that `start` lies in: the nearest folder, it or above, with a synclog.yaml.

        `glance` is git's look at it, where that has begun already. Raises UsageError when there is none, SettingsError
        when its synclog.yaml is not valid.
        """
        folder = start.resolve()
        root = find_root(folder)
        if root is not None:
            workspace = cls(root, _settings(root / SETTINGS_FILE))
            workspace._glance = glance if glance is not None and glance.root == root else None
            return workspace
        remedy = "go to your workspace, name it with `synclog -C DIR`, or make one with `synclog init`"
        raise UsageError(f"there is no {SETTINGS_FILE} in {folder} or above it", remedy=remedy)

    @cached_property
    def history(self) -> History:
        """The git history. Raises RepositoryState when the workspace is in no git repository."""
        from synclog.workspace.history import History

        return History.open(self.root)

    def lock(self, what: str, timeout: float = _WAIT, *, name: str | None = None) -> AbstractContextManager[None]:
        """Return the lock that lets one process at a time work here; `what` is the command that wants it.

        With a `name` (letters and `-`) it is another lock, for one kind of work beside which others go on.
        """
        from synclog.workspace.lock import WORKSPACE, workspace_lock

        lock = f"{WORKSPACE}-{name}" if name else WORKSPACE
        return workspace_lock(self.history.common_dir, timeout, what, name=lock)

    # --- which files there are -------------------------------------------------------------------------------------

    def ticket_paths(self) -> list[str]:
        """Return the paths of the ticket files and drafts, sorted."""
        return list(paths.iter_ticket_paths(self.root))

    def other_names(self, customer: str) -> list[str]:
        """Return the names of what may be a ticket's file, or hold one, by mistake in a customer's `tickets`."""
        return paths.other_names(self.root, customer)

    def misplaced(self, path: str) -> Iterator[str]:
        """Yield the paths of what may be a ticket's file by mistake: `path`, or what is in it where it is a folder."""
        return paths.misplaced(self.root, path)

    def is_ticket_path(self, path: str) -> bool:
        """Return whether a path is that of a ticket file or draft that is there: one of `ticket_paths`."""
        return paths.is_ticket_path(self.root, path)

    def is_card_path(self, path: str) -> bool:
        """Return whether a path is that of a customer's card that is there."""
        return paths.is_card_path(self.root, path)

    def customer_folders(self) -> list[str]:
        """Return the names of the customers' folders, sorted."""
        return paths.customer_folders(self.root)

    def card_paths(self) -> list[str]:
        """Return the paths of the customers' cards, sorted."""
        found = (f"{paths.CLIENTS}/{customer}/{paths.CARD}" for customer in self.customer_folders())
        return [path for path in found if (self.root / path).is_file() and not paths.is_link(self.root / path)]

    def exists(self, path: str) -> bool:
        """Return whether there is a file."""
        return paths.inside(self.root, path).is_file()

    def names_in(self, folder: str) -> list[str]:
        """Return the names of all that is in a folder (`clients` itself, or below), hidden things and links too; none
        where there is no folder."""
        full = self.root / folder if folder == paths.CLIENTS else paths.inside(self.root, folder)
        try:
            return [entry.name for entry in full.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def relative(self, path: str | Path) -> str:
        """Return a path that a person typed (from the current folder) as one of this workspace.

        Raises UsageError when it is not below `clients/`.
        """
        for full in (os.path.abspath(path), os.path.realpath(path)):  # noqa: PTH100  (Path.absolute keeps `..`)
            if Path(full).is_relative_to(self.root / paths.CLIENTS):
                return Path(full).relative_to(self.root).as_posix()
        raise UsageError(f"{path} is not below {self.root / paths.CLIENTS}", remedy="name a file of this workspace")

    def glance(self) -> Glance:
        """Return git's look at the files, which has begun: the one of the start for who asks first."""
        begun, self._glance = self._glance, None
        return begun or Glance(self.root)

    # --- reading and writing them ----------------------------------------------------------------------------------

    def read_bytes(self, path: str) -> bytes:
        """Return a file's exact bytes. Raises FileNotFoundError when there is none, StorageFailed otherwise."""
        return files.read_bytes(paths.inside(self.root, path))

    def begins_with(self, path: str, *openings: bytes) -> bool:
        """Return whether a file begins with one of these, without reading the rest. Raises as `read_bytes`."""
        return files.read_bytes(paths.inside(self.root, path), max(map(len, openings))).startswith(openings)

    def read_text(self, path: str) -> str:
        """Return a file's text, byte order mark and line ends as they are. Raises as `read_bytes`, and InvalidFile
        when it is not UTF-8."""
        file = files.read_text(paths.inside(self.root, path))
        if file.text is None:
            raise InvalidFile(path, (_not_utf8(file.raw),))
        return file.text

    def read_text_or_none(self, path: str) -> str | None:
        """Return a file's text, None when there is no file. Raises InvalidFile when it is not UTF-8: what can't be
        read must not be taken for missing, and be written anew."""
        try:
            return self.read_text(path)
        except FileNotFoundError:
            return None

    def write(self, path: str, text: str, *, still: Callable[[], bool] = lambda: True) -> bool:
        """Write a file whole, exactly as given, if it is `still` to be written at the last moment; return whether it
        was. Raises StorageFailed, with the old file intact."""
        return files.write_whole(paths.inside(self.root, path), text.encode(), still=still)

    def rename(self, path: str, to: str) -> None:
        """Rename a file or a folder, whole. Raises StorageFailed, with everything where it was."""
        files.rename(paths.inside(self.root, path), paths.inside(self.root, to))

    def delete(self, path: str) -> None:
        """Delete a file if it is there. Raises StorageFailed when it can't be."""
        files.remove(paths.inside(self.root, path))

    def delete_empty(self, folder: str) -> None:
        """Delete a folder that nothing is in; any other stays."""
        with suppress(OSError):
            paths.inside(self.root, folder).rmdir()

    # --- this machine's own state ----------------------------------------------------------------------------------

    @property
    def state_dir(self) -> Path:
        """The folder of this machine's own caches. It may be missing at any time, and nothing in it is ever needed.

        Raises UnsafePath when somebody has put a link there.
        """
        folder = self.root / STATE
        if paths.is_link(folder):
            raise UnsafePath(f"{STATE} is a link", remedy=f"delete {folder}; synclog makes a folder of its own")
        return folder

    def own_state(self) -> Path:
        """Return the same folder, made where it is missing; git ignores it. Raises StorageFailed, UnsafePath."""
        ignore = self.state_dir / ".gitignore"
        if not ignore.exists():
            files.write_whole(ignore, b"*\n")
        return self.state_dir

    def write_state(self, name: str, text: str) -> None:
        """Write a file of this machine's own state whole; git ignores it."""
        self.own_state()
        files.write_whole(paths.inside(self.root, f"{STATE}/{name}", top=STATE), text.encode())

    def append_state(self, name: str, text: str) -> None:
        """Add to a file of this machine's own state that `write_state` made. What a kill leaves of it may be cut."""
        with paths.inside(self.root, f"{STATE}/{name}", top=STATE).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(text)

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"


def _settings(path: Path) -> Settings:
    file = files.read_text(path)
    if file.text is None:
        raise SettingsError(f"{path} is not UTF-8 text", remedy="save it as UTF-8 in your editor")
    return parse_settings(file.text.removeprefix("\ufeff"), SETTINGS_FILE)


def _not_utf8(raw: bytes) -> Problem:
    """Return what is wrong with bytes that are not UTF-8, and on which line."""
    lines = enumerate(raw.split(b"\n"), start=1)
    line = next((number for number, row in lines if not _is_utf8(row)), 1)
    return Problem(line, "this is not UTF-8 text", "save the file as UTF-8 in your editor")


def _is_utf8(row: bytes) -> bool:
    try:
        row.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
