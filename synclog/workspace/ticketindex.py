"""The index of ticket files: one SQLite file in `.synclog/`, of what was read of each file, and by what it is known
again. What the values mean is not known here.

Nothing in it is ever needed. A file that is missing, damaged, of another version or that can't be written is rebuilt or
done without. That it is as it was left is told by a seal: size, times and inode of the file after the last write, which
nobody can change it without changing.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synclog.workspace.marks import Mark

FILE, SEAL = "index.sqlite", "index.seal"
FORMAT = 3
"""Of tables and values; another one means another file."""

_TABLES = """
CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE folders (folder TEXT PRIMARY KEY, mark TEXT NOT NULL, others BLOB NOT NULL);
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT, folder TEXT NOT NULL, name TEXT NOT NULL,
    mark TEXT NOT NULL, digest BLOB NOT NULL, watched INTEGER NOT NULL, searched INTEGER NOT NULL DEFAULT 0,
    number INTEGER, status TEXT, customer TEXT, subject TEXT, assigned_to TEXT, updated_at TEXT, due_date TEXT,
    moment REAL,
    UNIQUE (folder, name)
);
CREATE INDEX files_by_number ON files (number) WHERE number IS NOT NULL;
CREATE INDEX files_listed ON files (status, number, customer, subject, assigned_to, updated_at, due_date)
    WHERE number IS NOT NULL;
CREATE INDEX files_open ON files (folder, name) WHERE number IS NULL;
CREATE INDEX files_watched ON files (folder, name) WHERE watched;
CREATE INDEX files_unsearched ON files (folder, name) WHERE number IS NOT NULL AND NOT searched;
"""
_TEXTS = """CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize="unicode61 remove_diacritics 2")"""
_PATIENCE = 5
"""Seconds to wait for another process's write."""
_LOOKS, _PAUSE = 8, 0.025
_BATCH = 2000
_ROW = "number, status, customer, subject, assigned_to, updated_at, due_date"

Place = tuple[str, str]
"""A customer's folder and a file's name in its `tickets`."""


class OutOfDate(Exception):
    """Another process has written since this one began to read: begin again."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a list shows of a ticket's file in which nothing is pending. `moment` is `updated_at` in seconds."""

    number: int
    status: str
    customer: str
    subject: str
    assigned_to: str
    updated_at: str
    moment: float
    due_date: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the index. `settled` says that nothing is pending in it; the others are read each time."""

    id: int
    mark: Mark
    digest: bytes
    watched: bool
    settled: bool


class TicketIndex:
    """The index, opened to be read: all of it is of one moment, until `finish`. Raises sqlite3.Error anywhere."""

    def __init__(self, connection: sqlite3.Connection, file: Path | None) -> None:
        self._connection = connection
        self._file = file
        self._writing = False
        self._generation = self.note("generation")
        self._unsaved = 0

    @classmethod
    def open(cls, folder: Path | None, version: str) -> TicketIndex:
        """Return the index in `folder`, made afresh where there is none that can be trusted; without a folder one of
        this process alone. `version` names the program that wrote it. Raises sqlite3.Error, OSError."""
        if folder is None:
            alone = _made(sqlite3.connect("", isolation_level=None), version)
            alone.execute("BEGIN")
            return cls(alone, None)
        file = folder / FILE
        if file.is_symlink() or (file.exists() and not file.is_file()):
            raise OSError(f"{file} is no plain file")
        found = _sealed(file, version) if file.exists() else None
        if found is None:
            for name in (SEAL, FILE, f"{FILE}-journal"):
                (folder / name).unlink(missing_ok=True)
            found = _made(_connected(file), version)
            _seal(found, file)
            found.execute("BEGIN")
        return cls(found, file)

    @classmethod
    def as_left(cls, folder: Path, version: str) -> TicketIndex | None:
        """Return the index in `folder` as it was left, however old, without writing anything; None where there is none
        that can be trusted. Raises sqlite3.Error, OSError."""
        file = folder / FILE
        found = _sealed(file, version) if file.is_file() and not file.is_symlink() else None
        return None if found is None else cls(found, file)

    @staticmethod
    def distrust(folder: Path) -> None:
        """Have the index in `folder` be made afresh the next time: what reads it has failed."""
        with suppress(OSError):
            (folder / SEAL).unlink()

    def finish(self) -> None:
        """Keep what was written, and let go."""
        self._save()
        self._connection.close()

    def abandon(self) -> None:
        """Let go, without keeping anything."""
        with suppress(sqlite3.Error):
            self._connection.close()

    # --- reading ---------------------------------------------------------------------------------------------------

    def note(self, key: str) -> str:
        """Return a remark about the whole index, empty without one."""
        found = self._connection.execute("SELECT value FROM notes WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else ""

    def folders(self) -> dict[str, Mark]:
        """Return the folders that were read, with their marks."""
        return dict(self._connection.execute("SELECT folder, mark FROM folders"))

    def others(self) -> dict[str, list[str]]:
        """Return the folders with the names in them that are no files' of the index, where there are any."""
        words = "SELECT folder, others FROM folders WHERE length(others) ORDER BY folder"
        return {folder: os.fsdecode(others).split("/") for folder, others in self._connection.execute(words)}

    def entries(self, folder: str) -> dict[str, Entry]:
        """Return the files of a folder by name."""
        words = "SELECT name, id, mark, digest, watched, number IS NOT NULL FROM files WHERE folder = ?"
        return {name: _entry(*rest) for name, *rest in self._connection.execute(words, (folder,))}

    def entry(self, place: Place) -> Entry | None:
        """Return a file, None where it is not known."""
        words = "SELECT id, mark, digest, watched, number IS NOT NULL FROM files WHERE folder = ? AND name = ?"
        found = self._connection.execute(words, place).fetchone()
        return _entry(*found) if found else None

    def watched(self) -> list[Place]:
        """Return the files that are looked at each time, as git does not tell whether they were touched."""
        return list(self._connection.execute("SELECT folder, name FROM files WHERE watched"))

    def open_files(self) -> list[Place]:
        """Return the files that are not settled, in order."""
        return list(
            self._connection.execute("SELECT folder, name FROM files WHERE number IS NULL ORDER BY folder, name")
        )

    def settled(self, status: str | None = None, besides: Sequence[str] = ()) -> Iterator[tuple[int, Sequence[Any]]]:
        """Yield (id, what a list shows) of settled tickets, the highest number first: of one status, or of all
        `besides` these."""
        words = f"SELECT id, {_ROW} FROM files WHERE number IS NOT NULL"  # noqa: S608
        if status is not None:
            return self._rows(f"{words} AND status = ? ORDER BY number DESC", (status,))
        marks = ", ".join("?" * len(besides))
        return self._rows(f"{words} AND status NOT IN ({marks}) ORDER BY number DESC", tuple(besides))

    def statuses(self) -> list[str]:
        """Return the statuses of settled tickets."""
        words = "SELECT DISTINCT status FROM files WHERE number IS NOT NULL"
        return [status for (status,) in self._connection.execute(words)]

    def beginning(self, digits: str, besides: Sequence[str], most: int) -> list[tuple[int, str]]:
        """Return (number, subject) of settled tickets whose number begins with these digits, the highest first, at most
        `most`; of all statuses `besides` these."""
        marks = ", ".join("?" * len(besides))
        words = (
            "SELECT number, subject FROM files WHERE number IS NOT NULL AND CAST(number AS TEXT) LIKE ?"  # noqa: S608
            f" AND status NOT IN ({marks}) ORDER BY number DESC LIMIT ?"
        )
        return list(self._connection.execute(words, (f"{digits}%", *besides, most)))

    def places(self, number: int) -> list[Place]:
        """Return the settled files of a ticket, in order: one, or more where a number is in several files."""
        words = "SELECT folder, name FROM files WHERE number = ? ORDER BY folder, name"
        return list(self._connection.execute(words, (number,)))

    def first_settled(self, folder: str) -> Iterator[tuple[str, int]]:
        """Yield (name, number) of the settled files of a folder, in order."""
        words = "SELECT name, number FROM files WHERE folder = ? AND number IS NOT NULL ORDER BY name"
        return self._connection.execute(words, (folder,))

    def doubled(self) -> list[int]:
        """Return the numbers that several settled files have."""
        return [int(number) for number in self.note("doubled").split()]

    def count(self) -> int:
        """Return how many files are settled."""
        return int(self.note("settled") or 0)

    # --- searching -------------------------------------------------------------------------------------------------

    def unsearched(self) -> list[tuple[int, Place]]:
        """Return (id, place) of the settled files whose text can't be found yet."""
        held = int(self.note("texts") or 0)
        if not held or held > 2 * self.count() + _BATCH:
            # There is none yet, or most of what it holds is of files as they once were.
            self._begin_writing()
            self._connection.execute("DROP TABLE IF EXISTS texts")
            self._connection.execute(_TEXTS)
            self._connection.execute("UPDATE files SET searched = 0")
        words = "SELECT id, folder, name FROM files WHERE number IS NOT NULL AND NOT searched ORDER BY id"
        return [(i, (folder, name)) for i, folder, name in self._connection.execute(words)]

    def found(self, query: str) -> Iterator[tuple[int, Sequence[Any], float]]:
        """Yield (id, what a list shows, when it was changed last) of settled tickets whose text fits a query in FTS5's
        own words."""
        words = (
            f"SELECT id, {_ROW}, moment FROM files WHERE number IS NOT NULL AND searched"  # noqa: S608
            " AND id IN (SELECT rowid FROM texts WHERE texts MATCH ?)"
        )
        return ((id_, row[:-1], row[-1]) for id_, row in self._rows(words, (query,)))

    def put_texts(self, texts: Iterable[tuple[int, str]]) -> None:
        """Make the texts of these files be found."""
        for id_, text in texts:
            self._begin_writing()
            self._connection.execute("INSERT INTO texts (rowid, text) VALUES (?, ?)", (id_, text))
            self._connection.execute("UPDATE files SET searched = 1 WHERE id = ?", (id_,))
            self.put_note("texts", str(int(self.note("texts") or 0) + 1))
            self._written()

    # --- writing ---------------------------------------------------------------------------------------------------

    def put(self, place: Place, mark: Mark, digest: bytes, watched: bool, settled: Settled | None) -> None:
        """Remember a file as it was just read, in place of what it was before."""
        self._begin_writing()
        shown: tuple[object, ...] = (None,) * 8
        if settled is not None:
            s = settled
            shown = (s.number, s.status, s.customer, s.subject, s.assigned_to, s.updated_at, s.due_date, s.moment)
        self._connection.execute("DELETE FROM files WHERE folder = ? AND name = ?", place)
        self._connection.execute(
            f"INSERT INTO files (folder, name, mark, digest, watched, {_ROW}, moment)"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*place, mark, digest, watched, *shown),
        )
        self._written()

    def mark(self, id_: int, mark: Mark, watched: bool) -> None:
        """Note by what a file is known again that holds what it held."""
        self._begin_writing()
        self._connection.execute("UPDATE files SET mark = ?, watched = ? WHERE id = ?", (mark, watched, id_))
        self._written()

    def drop(self, id_: int) -> None:
        """Forget a file."""
        self._begin_writing()
        self._connection.execute("DELETE FROM files WHERE id = ?", (id_,))
        self._written()

    def put_folder(self, folder: str, mark: Mark | None, others: Sequence[str] = ()) -> None:
        """Note that a folder was read, and the `others` among its names; or forget it."""
        self._begin_writing()
        if mark is None:
            self._connection.execute("DELETE FROM folders WHERE folder = ?", (folder,))
        else:
            # Of these names some may be no Unicode.
            row = (folder, mark, os.fsencode("/".join(others)))
            self._connection.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?)", row)

    def put_note(self, key: str, value: str) -> None:
        """Note a remark about the whole index."""
        self._begin_writing()
        self._connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (key, value))

    def counted(self) -> None:
        """Note what is asked for each time and found by looking at everything, where anything was written."""
        if not self._writing:
            return
        words = "SELECT number FROM files WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1"
        self.put_note("doubled", " ".join(str(number) for (number,) in self._connection.execute(words)))
        words = "SELECT count(*) FROM files WHERE number IS NOT NULL"
        self.put_note("settled", str(self._connection.execute(words).fetchone()[0]))

    def _rows(self, words: str, values: tuple[str, ...]) -> Iterator[tuple[int, Sequence[Any]]]:
        doubled = frozenset(self.doubled())
        for id_, *row in self._connection.execute(words, values):
            if row[0] not in doubled:
                yield id_, row

    def _begin_writing(self) -> None:
        """Write from now on; on a copy of this process's own where another one writes, or nobody can."""
        if self._writing:
            return
        if self._file is not None:
            try:
                self._connection.execute("COMMIT")
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                self._leave_file()
            if self.note("generation") != self._generation:
                raise OutOfDate
        self._writing = True

    def _leave_file(self) -> None:
        copy = sqlite3.connect("", isolation_level=None)
        self._connection.backup(copy)
        self._connection.close()
        copy.execute("BEGIN")
        self._connection, self._file = copy, None

    def _written(self) -> None:
        self._unsaved += 1
        if self._unsaved >= _BATCH and self._file is not None:
            self._save()
            self._begin_writing()

    def _save(self) -> None:
        if self._writing and self._file is not None:
            self._generation = str(int(self._generation or 0) + 1)
            self.put_note("generation", self._generation)
            self._connection.execute("COMMIT")
            _seal(self._connection, self._file)
            self._connection.execute("BEGIN")
            self._writing, self._unsaved = False, 0


def _entry(id_: int, mark: str, digest: bytes, watched: int, settled: int) -> Entry:
    return Entry(id_, mark, digest, bool(watched), bool(settled))


def _connected(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)


def _made(connection: sqlite3.Connection, version: str) -> sqlite3.Connection:
    connection.executescript(f"BEGIN;{_TABLES}")
    connection.execute("INSERT INTO notes VALUES ('version', ?)", (_version(version),))
    connection.execute("COMMIT")
    return connection


def _version(version: str) -> str:
    return f"{FORMAT} {version}"


def _sealed(file: Path, version: str, sleep: Callable[[float], None] = time.sleep) -> sqlite3.Connection | None:
    """Return a connection that reads the file, None where it is not what one of us left."""
    connection = _connected(file)
    try:
        for _ in range(_LOOKS):
            connection.execute("BEGIN")
            # From the first read on nobody else writes: what the seal says is of what will be read.
            found = connection.execute("SELECT value FROM notes WHERE key = 'version'").fetchone()
            if not found or found[0] != _version(version):
                break
            if _is_sealed(file):
                return connection
            connection.execute("ROLLBACK")
            # Another process may be just between its write and its seal.
            sleep(_PAUSE)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            raise
    with suppress(sqlite3.Error):
        connection.close()
    return None


def _state(file: Path) -> str:
    info = file.lstat()
    return f"{info.st_size}:{info.st_mtime_ns}:{info.st_ctime_ns}:{info.st_ino}"


def _is_sealed(file: Path) -> bool:
    try:
        return file.with_name(SEAL).read_text("utf-8") == _state(file)
    except (OSError, ValueError):
        return False


def _seal(connection: sqlite3.Connection, file: Path) -> None:
    """Note how the file was left: while it is being read nobody writes it."""
    with suppress(OSError):
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM notes").fetchone()
        file.with_name(SEAL).write_text(_state(file), "utf-8")
    connection.execute("COMMIT")
