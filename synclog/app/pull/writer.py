"""What was read becomes files: written a step at a time, committed by Syncro, under the lock for just that long."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from synclog.app.edits import commit_edits
from synclog.app.folders import Folders, Names
from synclog.app.gone import mark_gone
from synclog.app.unrecorded import record_unrecorded
from synclog.app.writing import Change, write_and_commit
from synclog.core import ticketfile
from synclog.core.clientcard import updated_card
from synclog.core.fields import version_of
from synclog.core.remembering import remembered
from synclog.core.settingsfile import host_of
from synclog.core.ticketfile import parse_ticket_file
from synclog.errors import InvalidFile, SynclogError
from synclog.workspace.history import syncro_author

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.pull.files import KnownFiles
    from synclog.app.pull.result import PullResult
    from synclog.app.reading import Sight
    from synclog.app.session import Session
    from synclog.core.filehead import FileHead
    from synclog.core.ticketfile import TicketFile
    from synclog.model import Ticket, TicketNumber
    from synclog.workspace.history import Author

_PATIENCE = 300
"""Seconds for which the lock is waited for with tickets in hand that took as long to read."""

Rewritten = dict[str, tuple[str | None, str | None]]
"""Files by path: what each held, and what it is to hold; None where there is none."""


class Writer:
    """Writes what a pull read. `unwritten` are the tickets whose files could not take it: they are behind."""

    def __init__(
        self, session: Session, mirroring: Mirroring, files: KnownFiles, result: PullResult, *, dry_run: bool
    ) -> None:
        self.session = session
        self.workspace = session.workspace
        self.author = syncro_author(host_of(self.workspace.settings.syncro.base_url))
        self.mirroring = mirroring
        self.files = files
        self.result = result
        self.dry_run = dry_run
        self.unwritten: set[TicketNumber] = set()
        self.written: list[TicketNumber] = []
        self.read_with: dict[TicketNumber, FileHead] = {}
        self.doubled: frozenset[TicketNumber] = frozenset()
        self.folders = Folders({}, Names(self.workspace))
        self.moves: dict[str, str] = {}
        self.missing: list[FileHead] = []
        self.me: int | None = None
        self.moving: Rewritten = {}
        self.remembered: Rewritten = {}

    def write(self, sights: Sequence[Sight], trailer: str) -> None:
        """Write a step's files and commit them, those of tickets that are gone first; then record what was posted
        before and is not recorded.

        What was saved or committed since the step was begun, by an editor or another process, is looked at first.
        """
        with nullcontext() if self.dry_run else self.workspace.lock("pull", _PATIENCE):
            if not self.dry_run:
                self.workspace.history.check_ready()
                commit_edits(self.workspace, tell=self.session.tell)
                self.files.catch_up()
            if self.missing:
                self._write_gone()
            if sights:
                self._write(sights, trailer)

    def _write(self, sights: Sequence[Sight], trailer: str) -> None:
        self.doubled = frozenset(self.files.doubled())
        self.folders = self.files.folders([s.ticket for s in sights])
        self.folders.name_customers((s.ticket.customer_id, s.ticket.customer_name) for s in sights)
        files: Rewritten = {}
        self.moving, self.moves, self.remembered = {}, {}, {}
        paths: dict[TicketNumber, Rewritten] = {}
        new = changed = 0
        for sight in sights:
            written = self.file_of(sight)
            if written:
                is_new = self.files.get(sight.ticket.number) is None
                new += is_new
                changed += not is_new
                files |= written
                paths[sight.ticket.number] = written
                (self.result.new if is_new else self.result.changed).append(sight.ticket.number)
        files |= self.cards([s.ticket for s in sights])
        if self.dry_run:
            return
        if files:
            self.write_files(files, paths, new, changed, trailer)
        self.record_found(sights)
        self.files.catch_up(own=True)

    def write_files(
        self, files: Rewritten, paths: Mapping[TicketNumber, Rewritten], new: int, changed: int, trailer: str
    ) -> None:
        """Write a step's files, `paths` by ticket, and commit them."""
        if self.remembered:
            # As the technician, whose notes they are: who wrote a line says who pushes it.
            self.commit(self.remembered, "stamp: posted before, from elsewhere", None)
        if self.moving:
            # A commit of its own, with nothing changed: so that git knows the file again, and who wrote its notes.
            self.commit(self.moving, "pull: moved to another customer", self.author, self.moves)
        left = set(self.commit(files, f"pull: {new} new, {changed} changed{trailer}", self.author))
        behind = {n for n, written in paths.items() if not left.isdisjoint(written)}
        self.unwritten |= behind
        self.written += paths.keys() - behind
        self.files.catch_up(own=True)

    def record_found(self, sights: Sequence[Sight]) -> None:
        """Record what this machine's technician posted and what history lacks."""
        heads = [head for head in (self.files.get(sight.ticket.number) for sight in sights) if head is not None]
        paths = {head.number: head.path for head in heads}
        found = record_unrecorded(self.session, self.mirroring, sights, paths, self.owner, self.undecided)
        self.result.recorded += found.recorded
        self.result.undecided += found.undecided

    def undecided(self, error: SynclogError) -> None:
        """Note what keeps something from being recorded."""
        if isinstance(error, InvalidFile):
            self.result.refuse(error)
        else:
            self.result.undecided.append(error)

    def owner(self) -> int:
        """Whose key this is; asked once, and only where it matters."""
        if self.me is None:
            self.me = self.session.client.me().user_id
        return self.me

    def _write_gone(self) -> None:
        """Say so in the files; these and all work in them stay."""
        gone = mark_gone(self.workspace, self.missing, self.mirroring.rules())
        self.missing.clear()
        self.result.undecided += gone.undecided
        for invalid in gone.invalid:
            self.result.refuse(invalid)
        left: Collection[str] = ()
        if gone.files and not self.dry_run:
            left = self.commit(gone.files, gone.message, self.author)
            self.files.catch_up(own=True)
        self.result.gone += [number for number, path in gone.paths.items() if path not in left]

    def file_of(self, sight: Sight) -> Rewritten:
        """What to write for one ticket: nothing where nothing differs, or where its file can't take it."""
        ticket = sight.ticket
        if ticket.number in self.doubled:
            return {}
        head = self.files.get(ticket.number)
        path = self.folders.ticket_path(ticket, head)
        if head is None:
            return {path: (None, self.mirroring.new_file(sight))}
        try:
            file = parse_ticket_file(self.workspace.read_bytes(head.path), head.path, self.mirroring.rules())
        except InvalidFile as invalid:
            self.result.refuse(invalid)
            self.unwritten.add(ticket.number)
            return {}
        if self.is_overtaken(sight, head, file):
            return {}
        again = remembered(file, sight.comments, self.workspace.settings, self.session.today().date(), self.owner)
        if again:
            stamped = ticketfile.with_stamps(file.text, again)
            self.remembered[head.path] = (file.text, stamped)
            file = parse_ticket_file(stamped, head.path, self.mirroring.rules())
        old = file.text
        fresh = self.mirroring.refreshed(file, sight)
        if fresh.restored:
            self.result.restored[ticket.number] = fresh.restored
        if fresh.conflicts:
            self.result.conflicts[ticket.number] = tuple(fresh.conflicts)
        if path != head.path:
            self.moving |= {head.path: (old, None), path: (None, old)}
            self.moves[head.path] = path
        return {path: (old, fresh.text)} if fresh.text != old else {}

    def is_overtaken(self, sight: Sight, head: FileHead, file: TicketFile) -> bool:
        """Whether somebody wrote the file while this run read the ticket, and knew it later than this run does."""
        if self.read_with.get(head.number) == head or file.base is None:
            return False
        comment = file.base.get("comment")
        newest = comment if isinstance(comment, int) else 0
        here = (head.version, newest, head.timer)
        return (version_of(sight.ticket), sight.last_comment, sight.last_timer) < here

    def cards(self, tickets: Sequence[Ticket]) -> Rewritten:
        """The cards that change, of the customers of these tickets."""
        found: Rewritten = {}
        contacts: dict[int, list[Ticket]] = {}
        for ticket in tickets:
            contacts.setdefault(ticket.customer_id, []).append(ticket)
        for customer in {t.customer.id: t.customer for t in tickets if t.customer}.values():
            met = [t.contact for t in contacts.get(customer.id, ()) if t.contact]
            path = self.folders.card_path(customer.id)
            try:
                old = self.workspace.read_text_or_none(path)
                fresh = updated_card(old, customer, path, met)
            except InvalidFile as invalid:
                self.result.refuse(invalid)
                continue
            if fresh != old:
                found[path] = (old, fresh)
        return found

    def commit(
        self, files: Rewritten, message: str, author: Author | None, moves: Mapping[str, str] | None = None
    ) -> tuple[str, ...]:
        """Write and commit as `author`; return the files that were saved meanwhile: they are left, and fetched again by
        the next pull."""
        fresh = {path: new for path, (_, new) in files.items()}
        change = Change(fresh, message, {path: old for path, (old, _) in files.items()}, author, moves or {})
        outcome = write_and_commit(self.workspace, change)
        if outcome.commit:
            self.result.committed.append(outcome.commit)
        return outcome.left
