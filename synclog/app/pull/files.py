"""What a pull knows of the ticket files: their heads, kept up with what it and others write meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from synclog.app.folders import Folders
from synclog.core.filehead import FileHead, file_head, same_number

if TYPE_CHECKING:
    from synclog.errors import InvalidFile
    from synclog.model import TicketNumber
    from synclog.workspace.workspace import Workspace


class KnownFiles:
    """`heads` are the ticket files by number, `doubled` the newest versions of tickets that have several: these are
    nobody's. True of the commit `commit`, and of the files as they lay there then."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by_path: dict[str, FileHead] = {}
        self._by_number: dict[TicketNumber, list[FileHead]] = {}
        self.heads: dict[TicketNumber, FileHead] = {}
        self.doubled: dict[TicketNumber, str] = {}
        self.commit = workspace.history.head()
        self.refresh(workspace.ticket_paths())
        self.folders = Folders.of(workspace, self._by_path.values())

    def refresh(self, paths: Iterable[str]) -> None:
        """Look again at these files."""
        for path in paths:
            if "/tickets/" in path:
                self._put(path, self._head(path))

    def catch_up(self) -> None:
        """Look at what was committed since: by this run, or by another process while the lock was free."""
        now = self._workspace.history.head()
        if now == self.commit:
            return
        changed = self._workspace.history.changed_since(self.commit) if self.commit else None
        if changed is None:
            changed = (*self._by_path, *self._workspace.ticket_paths())
        self.refresh(changed)
        self.folders = Folders.of(self._workspace, self._by_path.values())
        self.commit = now

    def problems(self) -> list[InvalidFile]:
        """Return what is wrong with tickets that have several files."""
        found = (same_number(n, [head.path for head in self._by_number[n]]) for n in self.doubled)
        return [problem for problems in found for problem in problems]

    def _head(self, path: str) -> FileHead | None:
        """The head of a file; one that can't be read as text is known by nothing, and left alone."""
        try:
            return file_head(path, self._workspace.read_bytes(path).decode("utf-8", "replace"))
        except FileNotFoundError:
            return None

    def _put(self, path: str, head: FileHead | None) -> None:
        old = self._by_path.pop(path, None)
        if old is not None:
            self._by_number[old.number].remove(old)
        if head is not None:
            self._by_path[path] = head
            self._by_number.setdefault(head.number, []).append(head)
        for number in {one.number for one in (old, head) if one is not None}:
            found = self._by_number[number]
            self.heads.pop(number, None)
            self.doubled.pop(number, None)
            if len(found) == 1:
                self.heads[number] = found[0]
            elif found:
                self.doubled[number] = max(one.version for one in found)
            else:
                del self._by_number[number]
