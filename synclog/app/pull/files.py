"""What a pull knows of the ticket files: their heads, kept beside the commit of which they are true.

Before a pull looks, what was edited is committed. So git can say which files are not as they were when they were last
read, and a hundred thousand others need not be. The heads are a cache in `.synclog/` that can go at any time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any

from synclog.app.folders import CLIENTS, Folders, Names, card_of
from synclog.core.filehead import FileHead, file_head, same_number
from synclog.errors import UnsafePath

if TYPE_CHECKING:
    from synclog.errors import InvalidFile
    from synclog.model import Ticket, TicketNumber
    from synclog.workspace.workspace import Workspace

_FILE = "heads.sqlite"
_FORMAT = "1"
_TABLES = """
CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, number INTEGER NOT NULL, id INTEGER, customer_id INTEGER, version TEXT NOT NULL,
    timer INTEGER NOT NULL, invoices TEXT NOT NULL, gone INTEGER NOT NULL, mirror_changed INTEGER NOT NULL,
    behind INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_by_number ON files (number);
CREATE INDEX IF NOT EXISTS files_by_id ON files (id);
CREATE INDEX IF NOT EXISTS files_behind ON files (path) WHERE behind;
CREATE TABLE IF NOT EXISTS seen (number INTEGER PRIMARY KEY, version TEXT NOT NULL, left INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS seen_left ON seen (number) WHERE left;
CREATE TABLE IF NOT EXISTS lost (number INTEGER PRIMARY KEY);
"""
_HEAD = "path, number, id, customer_id, version, timer, invoices, gone, mirror_changed"


class KnownFiles:
    """The ticket files by number, and the newest versions of tickets that were seen in Syncro. A ticket that has
    several files is nobody's. `is_new`: nothing is known of what was seen, left or lost before. Raises
    sqlite3.DatabaseError anywhere where the cache is damaged: then `forget` it, and begin again."""

    def __init__(self, workspace: Workspace, *, keep: bool) -> None:
        """Look at the files that are not as they were. Without `keep` nothing is written, and what was edited counts
        although it is not committed."""
        self._workspace = workspace
        place = self._place(workspace, keep)
        self._database = sqlite3.connect(place, timeout=10, isolation_level=None)
        self._database.execute("PRAGMA trusted_schema = OFF")
        if not keep:
            copy = sqlite3.connect("", isolation_level=None)
            with closing(self._database):
                self._database.backup(copy)
            self._database = copy
        self._database.executescript(_TABLES)
        self.is_new = not self.commit
        self.catch_up()
        if not keep:
            self.refresh(workspace.history.changed_paths(CLIENTS))

    @staticmethod
    def forget(workspace: Workspace) -> None:
        """Delete the cache."""
        (workspace.state_dir / _FILE).unlink(missing_ok=True)

    @staticmethod
    def _place(workspace: Workspace, keep: bool) -> str:
        path = workspace.state_dir / _FILE
        if path.is_symlink():
            raise UnsafePath(f"{path} is a link", remedy=f"delete {path}; synclog makes a file of its own")
        if keep and not path.exists():
            workspace.write_state(_FILE, "")
        return str(path) if path.exists() else ""

    def close(self) -> None:
        """Let go of the cache."""
        self._database.close()

    # --- what there is -----------------------------------------------------------------------------------------------

    @property
    def commit(self) -> str:
        """The commit of which all this is true, empty before the first."""
        return self._note("commit")

    def get(self, number: TicketNumber) -> FileHead | None:
        """Return the head of a ticket's file; None without one, and where there are several."""
        found = list(self._heads("WHERE number = ? LIMIT 2", number))
        return found[0] if len(found) == 1 else None

    def at(self, path: str) -> FileHead | None:
        """Return the head of the file at a path."""
        return next(self._heads("WHERE path = ?", path), None)

    def numbers(self) -> set[TicketNumber]:
        """Return the tickets that have a file, or several."""
        return {number for (number,) in self._database.execute("SELECT number FROM files")}

    def lost(self) -> set[TicketNumber]:
        """Return the tickets that had a file when it was looked at before, and have none since, until a list that is
        complete was pulled."""
        return {number for (number,) in self._database.execute("SELECT number FROM lost")}

    def found(self) -> None:
        """Forget which files were lost: complete lists told what is missing."""
        self._database.execute("DELETE FROM lost")

    def by_id(self, ticket_id: int) -> FileHead | None:
        """Return the head of the file whose base has a ticket's id."""
        return next(self._heads("WHERE id = ? LIMIT 1", ticket_id), None)

    def all(self) -> Iterator[FileHead]:
        """Yield the heads of all tickets that have one file."""
        doubled = set(self.doubled())
        yield from (head for head in self._heads("ORDER BY path") if head.number not in doubled)

    def doubled(self) -> list[TicketNumber]:
        """Return the tickets that have several files."""
        return [int(number) for number in self._note("doubled").split()]

    def problems(self) -> list[InvalidFile]:
        """Return what is wrong with tickets that have several files."""
        found = (same_number(n, [head.path for head in self._heads("WHERE number = ?", n)]) for n in self.doubled())
        return [problem for problems in found for problem in problems]

    def suspects(self) -> list[FileHead]:
        """Return the files that are behind what was seen in Syncro, could not take it, whose mirrored text was changed,
        or that lost their base."""
        left = self._heads("WHERE number IN (SELECT number FROM seen WHERE left)")
        found = {head.path: head for head in (*self._heads("WHERE behind"), *left)}
        doubled = set(self.doubled())
        return [found[path] for path in sorted(found) if found[path].number not in doubled]

    def folders(self, tickets: Sequence[Ticket]) -> Folders:
        """Return which customer has which folder: of the customers of these tickets, or of all where one of them is not
        at once known by a file of theirs beside their own card."""
        found: dict[int, str] = {}
        for ticket in tickets:
            head = self.get(ticket.number)
            folder = head.path.split("/")[1] if head is not None else None
            if folder is None or head is None or head.customer_id != ticket.customer_id:
                return self.all_folders
            if found.setdefault(ticket.customer_id, folder) != folder:
                return self.all_folders
        if any(card_of(self._workspace, folder) != customer for customer, folder in found.items()):
            return self.all_folders
        return Folders(found, Names(self._workspace), by_card=set(found))

    @cached_property
    def all_folders(self) -> Folders:
        """Which customer has which folder."""
        return Folders.of(self._workspace, self.all())

    def _heads(self, rest: str, *values: object) -> Iterator[FileHead]:
        for row in self._database.execute(f"SELECT {_HEAD} FROM files {rest}", values):  # noqa: S608
            yield _head_of(row)

    # --- what was seen -----------------------------------------------------------------------------------------------

    def see(
        self, versions: Mapping[TicketNumber, str], written: Iterable[TicketNumber], left: Iterable[TicketNumber]
    ) -> None:
        """Note the newest versions of tickets, as lists had them. The files of what was `written` are what they are;
        those that are `left` could not take what Syncro has: it may be an invoice or time, which moves no version, so
        they are looked at until they could."""
        with self._database:
            self._database.execute("BEGIN")
            self._database.execute("UPDATE seen SET left = 0 WHERE left")
            self._database.executemany(
                "UPDATE seen SET version = (SELECT max(version) FROM files WHERE files.number = seen.number)"
                " WHERE number = ? AND number IN (SELECT number FROM files)",
                ((number,) for number in written),
            )
            self._seen(versions.items())
            words = "INSERT INTO seen VALUES (?, '', 1) ON CONFLICT DO UPDATE SET left = 1"
            self._database.executemany(words, ((number,) for number in left))
            self._compare([*versions, *written])

    def _seen(self, versions: Iterable[tuple[TicketNumber, str]]) -> None:
        self._database.executemany(
            "INSERT INTO seen (number, version) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET version = max(version, excluded.version)",
            versions,
        )

    def _compare(self, numbers: Iterable[TicketNumber]) -> None:
        self._database.executemany(
            "UPDATE files SET behind = mirror_changed OR version = '' OR version <"
            " (SELECT version FROM seen WHERE seen.number = files.number) WHERE number = ?",
            ((number,) for number in numbers),
        )

    # --- keeping up --------------------------------------------------------------------------------------------------

    def catch_up(self, *, own: bool = False) -> None:
        """Look at what was committed since the files were last looked at: by another process, or by this run's `own`
        writing, which knows which folders it made."""
        history = self._workspace.history
        now = history.head() or ""
        known = self._note("commit")
        if now and now == known and self._note("format") == _FORMAT:
            return
        changed = history.changed_since(known) if known and self._note("format") == _FORMAT else None
        with self._database:
            self._database.execute("BEGIN")
            if changed is None:
                self._database.execute("INSERT OR IGNORE INTO lost SELECT number FROM files")
                self._database.execute("DELETE FROM files")
            self._refresh(self._workspace.ticket_paths() if changed is None else changed)
            notes = [("commit", now), ("format", _FORMAT)]
            self._database.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?)", notes)
        if not own:
            self.__dict__.pop("all_folders", None)

    def refresh(self, paths: Iterable[str]) -> None:
        """Look again at these files."""
        with self._database:
            self._database.execute("BEGIN")
            self._refresh(paths)

    def _refresh(self, paths: Iterable[str]) -> None:
        heads: list[FileHead] = []
        for path in dict.fromkeys(paths):
            words = "INSERT OR IGNORE INTO lost SELECT number FROM files WHERE path = ?"
            self._database.execute(words, (path,))
            self._database.execute("DELETE FROM files WHERE path = ?", (path,))
            head = self._head(path) if self._workspace.is_ticket_path(path) else None
            if head is not None:
                heads.append(head)
        words = "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
        self._database.executemany(words, map(_row, heads))
        self._seen((head.number, head.version) for head in heads)
        self._compare(head.number for head in heads)
        self._database.execute("DELETE FROM lost WHERE number IN (SELECT number FROM files)")
        words = "SELECT number FROM files GROUP BY number HAVING count(*) > 1"
        doubled = " ".join(str(number) for (number,) in self._database.execute(words))
        self._database.execute("INSERT OR REPLACE INTO notes VALUES ('doubled', ?)", (doubled,))

    def _head(self, path: str) -> FileHead | None:
        """The head of a file; one that can't be read as text is known by nothing, and left alone."""
        try:
            return file_head(path, self._workspace.read_bytes(path).decode("utf-8", "replace"))
        except (FileNotFoundError, UnsafePath):
            return None

    def _note(self, key: str) -> str:
        found = self._database.execute("SELECT value FROM notes WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else ""


def _row(head: FileHead) -> tuple[Any, ...]:
    known = (head.path, head.number, head.id, head.customer_id, head.version, head.timer)
    return (*known, json.dumps(head.invoices), head.gone, head.mirror_changed)


def _head_of(row: tuple[Any, ...]) -> FileHead:
    path, number, id_, customer_id, version, timer, invoices, gone, mirror_changed = row
    shown = tuple(map(str, json.loads(invoices)))
    return FileHead(path, number, id_, customer_id, version, timer, shown, bool(gone), bool(mirror_changed))
