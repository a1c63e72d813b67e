"""One pull: which tickets are read, and how far it came. The lock is held for writing alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from synclog.app.account import account_of
from synclog.app.cursor import Cursor, load_cursor, save_cursor
from synclog.app.edits import commit_edits
from synclog.app.listing import Lists, list_changes, list_everything, list_open
from synclog.app.pull.backlog import Backlog
from synclog.app.pull.fetching import Fetching
from synclog.app.pull.files import KnownFiles
from synclog.app.pull.result import PullResult
from synclog.app.sidebyside import meanwhile
from synclog.core.pulling import not_listed, open_first, to_fetch
from synclog.core.trail import pulled_to_trailer
from synclog.errors import Busy, InvalidFile, UnknownTicket

if TYPE_CHECKING:
    from synclog.app.bringing_back import Deletions
    from synclog.app.mirroring import Mirroring
    from synclog.app.pull.writer import Writer
    from synclog.app.reading import Sight
    from synclog.app.session import Session
    from synclog.core.filehead import FileHead
    from synclog.model import AccountSettings, TicketId, TicketNumber

_ORDERED = 200
"""Tickets from which on their order matters: what is open comes first."""

_STALE = timedelta(minutes=5)
"""A listing that was begun longer ago than this has missed what changed since; that is asked for at once."""

_FILLING = "pull-list"
"""What a run that reads a whole list holds, besides the workspace's lock, which it gives up between its steps."""


def pull(
    session: Session,
    numbers: Sequence[TicketNumber] = (),
    *,
    everything: bool = False,
    full: bool = False,
    dry_run: bool = False,
) -> PullResult:
    """Bring the workspace up to date with Syncro: everything in the scope, or just `numbers`.

    `everything` takes all tickets of the account, whatever the scope. `full` compares complete lists, as the first
    pull does. `dry_run` writes nothing anywhere and says what would change. What was read is written in steps, and is
    not asked for again by the next pull, however this one ends. Raises UnknownTicket for a number that neither side
    has, RepositoryState, Busy, StorageFailed, and what the client raises when the lists can't be read; a single ticket
    that can't be read stops no other.
    """
    try:
        return _pulled(session, numbers, everything=everything, full=full, dry_run=dry_run)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        # What is kept of the files is damaged. It is made anew; what was written is not written twice.
        KnownFiles.forget(session.workspace)
        return _pulled(session, numbers, everything=everything, full=full, dry_run=dry_run)


def _pulled(
    session: Session, numbers: Sequence[TicketNumber], *, everything: bool, full: bool, dry_run: bool
) -> PullResult:
    workspace = session.workspace
    workspace.history.check_ready()
    workspace.history.check_whole()
    before = session.client.requests_made
    # Syncro answers while git is asked.
    account = meanwhile(lambda: account_of(session, fresh=True, keep=not dry_run))
    with workspace.lock("pull"):
        edited: list[str] = []
        if not dry_run:
            edited = commit_edits(workspace, tell=session.tell)
        files = KnownFiles(workspace, keep=not dry_run)
    with closing(files):
        run = _Run(session, files, account, dry_run)
        if numbers:
            run.some(numbers)
        else:
            run.all(full, edited, "all" if everything else workspace.settings.scope)
    if run.result.committed:
        workspace.history.maintain()
    run.result.requests = session.client.requests_made - before
    return run.result


class _Run:
    """One pull under way: what is known of the files, and what was done so far."""

    def __init__(
        self, session: Session, files: KnownFiles, account: Callable[[], AccountSettings], dry_run: bool
    ) -> None:
        self.session = session
        self.workspace = session.workspace
        self.dry_run = dry_run
        self.result = PullResult()
        self.account = account
        self.files = files
        self.doubled = frozenset(files.doubled())
        self.result.invalid += self.files.problems()
        self.unwritten: set[TicketNumber] = set()
        self.written: list[TicketNumber] = []
        self.missing: list[FileHead] = []
        self.deleted_since: str | None = None

    # Most pulls find nothing: what only writing needs is loaded when there is something to write.

    @cached_property
    def mirroring(self) -> Mirroring:
        """How files are written."""
        from synclog.app.mirroring import Mirroring

        return Mirroring(self.workspace.settings, self.account())

    @cached_property
    def writer(self) -> Writer:
        """What writes them; the tickets whose files it could write, and could not, are this run's."""
        from synclog.app.pull.writer import Writer

        writer = Writer(self.session, self.mirroring, self.files, self.result, dry_run=self.dry_run)
        writer.written, writer.unwritten, writer.missing = self.written, self.unwritten, self.missing
        return writer

    @cached_property
    def deletions(self) -> Deletions:
        """What history says of files that were deleted since `deleted_since`."""
        from synclog.app.bringing_back import Deletions

        return Deletions(self.workspace, self.deleted_since, self.dry_run)

    # --- which tickets -----------------------------------------------------------------------------------------------

    def some(self, numbers: Sequence[TicketNumber]) -> None:
        """Pull single tickets, whatever the scope."""
        wanted: dict[TicketId, TicketNumber] = {}
        self.deleted_since = load_cursor(self.workspace).head
        lost = self.bring_back(numbers)
        for number in dict.fromkeys(n for n in numbers if n not in self.doubled and n not in lost):
            head = self.files.get(number)
            if head is not None and head.version and head.id is not None:
                wanted[head.id] = number
                continue
            ticket = self.session.client.find_ticket(number)
            if ticket is None and head is not None:
                self.gone(number)
                continue
            if ticket is None:
                raise UnknownTicket(
                    f"there is no ticket {number} in Syncro (or this key may not see it)",
                    remedy="check the number in the web interface",
                )
            wanted[ticket.id] = number
        self.fetch(wanted, None)

    def all(self, full: bool, edited: Sequence[str], scope: str) -> None:
        """Pull what changed in the scope; a whole list where it is not known yet, or `full`."""
        cursor = load_cursor(self.workspace)
        since = self.workspace.history.changed_since(cursor.head) if cursor.head else None
        edited = [*edited, *(self.workspace.ticket_paths() if since is None else since)]
        self.deleted_since = None if full else cursor.head
        back = self.bring_back()
        incremental = cursor.pulled_to and cursor.scope == scope and not full and not self.files.is_new
        if incremental and (missing := self.files.lost() - set(back)):
            # They had a file when this machine pulled last, and history does not say who deleted it: another branch, a
            # reset. Only complete lists tell what is missing besides.
            incremental = missing <= self.deletions.untracked.keys()
        if incremental:
            self.changes(cursor, edited, back)
            return
        with self.filling():
            backlog = Backlog.open(self.workspace, scope, self.session.clock.now(), anew=full, keep=not self.dry_run)
            lists = list_everything(self.session, self.files.all(), backlog)
            wanted = self.wanted(lists, edited, back, full)
            if len(wanted) > _ORDERED:
                wanted = open_first(wanted, list_open(self.session) if scope == "all" else frozenset(wanted))
            is_own = scope == self.workspace.settings.scope
            self.fetch(wanted, lists if is_own else replace(lists, began=None))
            if self.dry_run or self.result.failed:
                return
            backlog.close()
        if is_own:
            self.advance(lists, is_complete=True)
            now = self.session.client.server_time or self.session.clock.now()
            if lists.began is not None and now - lists.began > _STALE:
                self.changes(load_cursor(self.workspace), (), ())

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Let one process at a time read a whole list: two would read the same tickets."""
        with ExitStack() as stack:
            if not self.dry_run:
                try:
                    stack.enter_context(self.workspace.lock("pull", timeout=0, name=_FILLING))
                except Busy as busy:
                    remedy = "name the tickets that you need now, `synclog pull NUMBER`; the other run brings the rest"
                    raise Busy(busy.message, remedy=remedy) from busy
            yield

    def bring_back(self, asked: Sequence[TicketNumber] | None = None) -> Collection[TicketNumber]:
        """Put the files back that were deleted by hand (all, or those `asked` for), to be brought up to date. Returns
        those that a dry run only names."""
        untouched = not self.dry_run and self.deleted_since == self.files.commit
        if (asked is None and untouched) or not self.deletions.any(asked or ()):
            return ()
        from synclog.app.bringing_back import bring_back

        found = self.deletions.tickets(self.files.numbers(), asked)
        if self.dry_run:
            self.result.brought_back += sorted(found)
            return found
        with self.workspace.lock("pull"):
            heads = list(self.files.all())
            folders = self.files.all_folders
            back = bring_back(self.deletions, found.values(), heads, folders, self.mirroring.rules())
            self.result.brought_back += sorted(head.number for head in back)
            self.files.catch_up()
        return ()

    def changes(self, cursor: Cursor, edited: Sequence[str], back: Collection[TicketNumber]) -> None:
        """Pull what changed since the cursor."""
        lists = list_changes(self.session, cursor, self.files)
        self.fetch(self.wanted(lists, edited, back, False), lists)
        if not self.dry_run and not self.result.failed:
            self.advance(lists)

    def wanted(
        self, lists: Lists, edited: Sequence[str], back: Collection[TicketNumber], full: bool
    ) -> dict[TicketId, TicketNumber]:
        """Return the tickets to read: what the lists say, and what is not right with the files. Not those that were
        forgotten on purpose, and not those that a dry run would bring `back`."""
        self.account()
        touched = [head for head in map(self.files.at, dict.fromkeys(edited)) if head is not None]
        own = {head.number: head.path for head in (self.files.all() if full else touched)}
        lacking = [self.files.get(number) for number in self.lacking(own)]
        changed = [head for head in touched if self.keys_changed(head)]
        returned = [self.files.get(number) for number in self.result.brought_back]
        again = [*self.files.suspects(), *changed, *(head for head in (*lacking, *returned) if head is not None)]
        again += not_listed(self.files.all(), lists.listed) if full else []
        strange = any(self.files.get(ticket.number) is None for ticket in lists.listed.in_scope)
        left = {n for n in (*back, *(self.deletions.untracked if strange else ())) if self.files.get(n) is None}
        left |= self.doubled
        wanted = {i: n for i, n in to_fetch(self.files, lists.listed, again).items() if n not in left}
        return wanted | self.without_base(again, wanted.values())

    def gone(self, number: TicketNumber) -> None:
        """Note that Syncro does not know the ticket of a file (any more)."""
        head = self.files.get(number)
        if head is not None:
            self.missing.append(head)

    def lacking(self, own: Mapping[TicketNumber, str]) -> list[TicketNumber]:
        """Return those of these tickets of which history lacks what their files show."""
        if not own:
            return []
        from synclog.app.unrecorded import lacking_tickets

        return lacking_tickets(self.workspace, own)

    def without_base(self, heads: Sequence[FileHead], found: Collection[TicketNumber]) -> dict[TicketId, TicketNumber]:
        """The tickets whose files lost their base, by the ids that Syncro has for their numbers: nothing in such a file
        proves that its id is the right one."""
        lost = [head.number for head in heads if not head.version and head.number not in found]
        tickets = {n: self.session.client.find_ticket(n) for n in lost}
        for number in (n for n, ticket in tickets.items() if ticket is None):
            self.gone(number)
        return {ticket.id: n for n, ticket in tickets.items() if ticket is not None}

    def keys_changed(self, head: FileHead) -> bool:
        """Whether a file edited since the last pull has a read-only key changed, which is to be put back."""
        from synclog.core.ticketfile import parse_ticket_file

        try:
            file = parse_ticket_file(self.workspace.read_bytes(head.path), head.path, self.mirroring.rules())
        except InvalidFile as invalid:
            self.result.refuse(invalid)
            return False
        return bool(file.read_only_edits or file.base_problem)

    def advance(self, lists: Lists, *, is_complete: bool = False) -> None:
        """Move the cursor to when the listing began. What could not be written is looked at again."""
        with self.workspace.lock("pull"):
            seen = {t.number: t.version for t in (*lists.listed.others, *lists.listed.in_scope)}
            if is_complete:
                self.files.found()
            self.files.see(seen, self.written, {*self.unwritten, *self.files.doubled()})
            head = self.workspace.history.head() or ""
            save_cursor(self.workspace, Cursor(lists.began, self.workspace.settings.scope, lists.strangers, head))

    def fetch(self, wanted: Mapping[TicketId, TicketNumber], lists: Lists | None) -> None:
        """Read the tickets and write them. Without `lists` their invoices are asked for one by one."""
        if not wanted and not self.missing:
            return
        invoices = lists.listed.invoices if lists else None
        trailer = f"\n\n{pulled_to_trailer(lists.began)}" if lists and lists.began else ""
        heads = {n: head for n in wanted.values() if (head := self.files.get(n)) is not None}
        self.writer.read_with |= heads
        shown = {i: frozenset(heads[n].invoices) for i, n in wanted.items() if n in heads}
        fetching = Fetching(self.session, self.write, self.gone, self.result.failed)
        fetching.run(wanted, invoices, shown, trailer)

    def write(self, sights: Sequence[Sight], trailer: str) -> None:
        """Write what was read, and what was found to be gone."""
        if sights or self.missing:
            self.writer.write(sights, trailer)
