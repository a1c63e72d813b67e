"""Bringing the index of ticket files up to date: of all files only those are read that may have changed since.

The truth is in the files; the index only says which ones need not be read again, and what they said. A file is
*settled* when nothing in it is pending, held, conflicted or not valid, by whatever rules: all that is not settled is
read each time, with the rules of who asks. So no setting, no list of the account and no clock has a part in what the
index holds.

Which files were touched git tells, while its index is the one that the marks were compared with. Else, and for files
that git does not look at, their own marks are compared.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from synclog import __version__
from synclog.errors import InvalidFile, SynclogError
from synclog.workspace.marks import UNSURE, Mark, disk_moment, file_mark, folder_mark
from synclog.workspace.paths import CLIENTS, TICKETS, other_names, ticket_names
from synclog.workspace.ticketindex import Entry, OutOfDate, Place, Settled, TicketIndex

if TYPE_CHECKING:
    from pathlib import Path

    from synclog.core.ticketfile import FileRules, TicketFile
    from synclog.workspace.glance import Seen
    from synclog.workspace.workspace import Workspace

T = TypeVar("T")

_TRIES = 3
_TOP = "."
"""Stands for `clients/` itself among the folders."""
SHOWN = ("status", "customer", "subject", "assigned_to", "updated_at", "due_date")
"""What a list shows of a ticket besides its number."""

Raw = dict[Place, bytes]
"""What is in the files that are not settled, in order of their paths."""


def with_index(workspace: Workspace, use: Callable[[TicketIndex, Raw], T]) -> T:
    """Return what `use` makes of the index, brought up to date, and of the files that are not settled.

    `use` only reads, and may be called again: an index that fails is done without. Raises StorageFailed where a ticket
    file can't be read.
    """
    for attempt in range(_TRIES):
        folder = None
        if attempt < _TRIES - 1:
            try:
                folder = workspace.own_state()
            except (SynclogError, OSError):
                folder = None
        index = None
        try:
            index = TicketIndex.open(folder, __version__)
            raw = bring_up_to_date(workspace, index)
            try:
                return use(index, raw)
            finally:
                index.finish()
        except (sqlite3.Error, OutOfDate, OSError) as failed:
            if attempt == _TRIES - 1:
                raise
            if folder is not None and isinstance(failed, sqlite3.Error):
                TicketIndex.distrust(folder)
            continue
        finally:
            if index is not None:
                index.abandon()
    raise AssertionError


def path_of(place: Place) -> str:
    """Return the path of a file that the index knows."""
    return f"{CLIENTS}/{place[0]}/{TICKETS}/{place[1]}"


def bring_up_to_date(workspace: Workspace, index: TicketIndex) -> Raw:
    """Compare the index with the files, read what may have changed, and return what is not settled."""
    return _Update(workspace, index).run()


class _Update:
    """One comparison of the index with the files."""

    def __init__(self, workspace: Workspace, index: TicketIndex) -> None:
        self._workspace, self._index = workspace, index
        self._root = workspace.root
        self._glance = workspace.glance()
        self._now = time.time_ns()
        self._disk: int | None = None
        self._open: Raw = {}

    def run(self) -> Raw:
        """Return what is in the files that are not settled, in order of their paths."""
        top, listed = self._folders()
        if self._index.open_files():
            # They will be read: what does that is loaded while git is still looking.
            import synclog.app.mirroring
            import synclog.app.pending
            import synclog.workspace.history  # noqa: F401
        seen = self._glance.seen()
        if seen.index and seen.index == self._index.note("git"):
            self._by_git(listed, seen.touched or frozenset())
        else:
            self._by_marks(listed, seen)
        if top is not None:
            self._index.put_folder(_TOP, top)
        self._index.counted()
        return {place: self._open[place] for place in sorted(self._open)}

    def _folders(self) -> tuple[Mark | None, dict[str, _Listed | None]]:
        """Return the mark of `clients/`, None where it is as before; and the customers' folders, each None where no
        name in it came or went."""
        known = self._index.folders()
        clients = self._root / CLIENTS
        before = known.pop(_TOP, None)
        top = _folder_mark(clients, self._now)
        if top and top == before:
            customers = list(known)
        else:
            top = _folder_mark(clients, self._moment())
            customers = self._workspace.customer_folders()
        listed: dict[str, _Listed | None] = {}
        known_others = self._index.others()
        for folder in customers:
            mark = _folder_mark(clients / folder / TICKETS, self._now)
            listed[folder] = None
            if not mark or mark != known.get(folder):
                mark = _folder_mark(clients / folder / TICKETS, self._moment())
                names, others = ticket_names(self._root, folder), other_names(self._root, folder)
                is_new = mark != known.get(folder) or others != known_others.get(folder, [])
                listed[folder] = _Listed(mark, names, others, is_new)
        for folder in known.keys() - set(customers):
            for entry in self._index.entries(folder).values():
                self._index.drop(entry.id)
            self._index.put_folder(folder, None)
        return (None if top == before else top), listed

    def _by_git(self, listed: Mapping[str, _Listed | None], touched: Collection[str]) -> None:
        """Look at what git saw touched, at what it does not look at, at names that came, and at what is not settled."""
        for folder, names in listed.items():
            if names is not None:
                entries = self._listed(folder, names)
                for name in names.names:
                    if name not in entries:
                        self._look((folder, name), None, watched=True)
                self._noted(folder, names)
        suspects = {*self._index.watched(), *self._index.open_files(), *filter(None, map(_place_of, touched))}
        for place in sorted(suspects - self._open.keys()):
            entry = self._index.entry(place)
            if entry is not None:
                self._look(place, entry, watched=True)

    def _by_marks(self, listed: Mapping[str, _Listed | None], seen: Seen) -> None:
        """Look at every file's own mark, and note what git can be asked about from now on."""
        if self._index.note("git"):
            self._index.put_note("git", "")
        trusted = self._glance.trusted(seen)
        untouched = (trusted or frozenset()) - (seen.touched or frozenset())
        for folder, names in listed.items():
            entries = self._index.entries(folder) if names is None else self._listed(folder, names)
            for name in entries if names is None else names.names:
                watched = path_of((folder, name)) not in untouched
                self._look((folder, name), entries.get(name), watched=watched)
            if names is not None:
                self._noted(folder, names)
        if trusted is not None:
            self._index.put_note("git", seen.index)

    def _listed(self, folder: str, listed: _Listed) -> dict[str, Entry]:
        """Forget the files of a folder that are gone, and return the others."""
        entries, there = self._index.entries(folder), set(listed.names)
        for name in entries.keys() - there:
            self._index.drop(entries.pop(name).id)
        return entries

    def _noted(self, folder: str, listed: _Listed) -> None:
        if listed.is_new:
            self._index.put_folder(folder, listed.mark, listed.others)

    def _look(self, place: Place, entry: Entry | None, *, watched: bool) -> None:
        """See whether a file is as it was; read it where that is not sure."""
        path = path_of(place)
        full = f"{self._root}/{path}"
        if entry is not None and entry.settled and entry.mark and file_mark(full, self._now) == entry.mark:
            if watched != entry.watched:
                self._index.mark(entry.id, entry.mark, watched)
            return
        before = file_mark(full, self._moment())
        try:
            raw = self._workspace.read_bytes(path)
        except FileNotFoundError:
            before = None
        if before is None:
            if entry is not None:
                self._index.drop(entry.id)
            return
        mark = before if before == file_mark(full, self._moment()) else UNSURE
        from hashlib import blake2b

        digest = blake2b(raw, digest_size=16).digest()
        if entry is not None and digest == entry.digest:
            if not entry.settled:
                self._open[place] = raw
            elif (mark, watched or not mark) != (entry.mark, entry.watched):
                self._index.mark(entry.id, mark, watched or not mark)
            return
        settled = settled_of(raw, path)
        if settled is None:
            self._open[place] = raw
            # It is read each time, whatever its mark.
            self._index.put(place, UNSURE, digest, False, None)
        else:
            self._index.put(place, mark, digest, watched or not mark, settled)

    def _moment(self) -> int:
        """The present, by the clock of the disk: of before anything was looked at that will be noted."""
        if self._disk is None:
            try:
                self._disk = disk_moment(self._workspace.own_state() / "index.now")
            except (SynclogError, OSError):
                self._disk = self._now
        return self._disk


@dataclass(frozen=True, slots=True)
class _Listed:
    """The names in a folder as they were just read, `others` being no tickets' files; and its mark before that."""

    mark: Mark
    names: list[str]
    others: list[str]
    is_new: bool


@cache
def _nothing_known() -> FileRules:
    """Rules by which no note, no word and no name passes: what is settled by these is so by any."""
    from synclog.core.ticketfile import FileRules

    return FileRules(labor={}, timezone=UTC, statuses=(), technicians=(), contacts={}, priorities=(), problem_types=())


def settled_of(raw: bytes, path: str) -> Settled | None:
    """Return what a list shows of a ticket's file in which nothing is pending, held, in conflict or not valid, by
    whatever rules; None of any other file."""
    from synclog.core.ticketfile import parse_ticket_file

    try:
        file = parse_ticket_file(raw, path, _nothing_known())
    except InvalidFile:
        return None
    if file.number is None or file.base is None or file.base_problem is not None:
        return None
    work = file.notes or file.invoice or file.edits or file.create or file.invoice_after is not None or file.doing
    if work or file.conflicts or file.read_only_edits or file.warnings:
        return None
    status, customer, subject, tech, updated_at, due = (shown_text(file, key) for key in SHOWN)
    return Settled(file.number, status, customer, subject, tech, updated_at, moment_of(updated_at), due)


def shown_text(file: TicketFile, key: str) -> str:
    """Return a field of a ticket as a list shows it."""
    from synclog.core.cleantext import clean_line

    value = file.fields.get(key)
    return clean_line(value) if isinstance(value, str) else ""


def moment_of(when: str) -> float:
    """Return a time as seconds, to put tickets in order; 0 for what is none."""
    try:
        moment = datetime.fromisoformat(when)
        return moment.timestamp() if moment.tzinfo else 0.0
    except (ValueError, OverflowError):
        return 0.0


def _folder_mark(folder: Path, moment: int) -> Mark:
    """The mark of a folder; of one that is not there, or is a link, that too."""
    mark = folder_mark(str(folder), moment)
    return "none" if mark is None else mark


def _place_of(path: str) -> Place | None:
    """Return the place of a path, None of one that is no ticket's file."""
    parts = path.split("/")
    is_ticket = len(parts) == 4 and parts[0] == CLIENTS and parts[2] == TICKETS
    return (parts[1], parts[3]) if is_ticket else None
