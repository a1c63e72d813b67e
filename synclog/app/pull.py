"""Pull: Syncro into files. Lists say what changed, details are read, files are written whole and committed by Syncro.

What a technician wrote and did not commit is committed first, as the technician. A file that is not valid is left as
it is and named. Absence is not deletion: no file is ever removed here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synclog.app.account import account_of
from synclog.app.bringing_back import Deletions, bring_back
from synclog.app.cursor import Cursor, load_cursor, save_cursor
from synclog.app.edits import commit_edits
from synclog.app.folders import Folders
from synclog.app.gone import mark_gone
from synclog.app.listing import Lists, list_changes, list_everything
from synclog.app.mirroring import Mirroring
from synclog.app.reading import Sight, read_ticket
from synclog.app.unrecorded import lacking_tickets, record_unrecorded
from synclog.app.writing import Change, finish_interrupted, write_and_commit
from synclog.core import ticketfile
from synclog.core.clientcard import updated_card
from synclog.core.fields import version_of
from synclog.core.filehead import FileHead, by_number, file_head, same_number
from synclog.core.pulling import not_listed, to_fetch
from synclog.core.remembering import remembered
from synclog.core.settingsfile import host_of
from synclog.core.ticketfile import parse_ticket_file
from synclog.core.trail import pulled_to_trailer
from synclog.errors import (
    Exit,
    InvalidFile,
    NotFound,
    SynclogError,
    Unauthorised,
    UnknownTicket,
    worst,
)
from synclog.model import Invoice, Ticket, TicketId, TicketNumber

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.workspace.history import Author
    from synclog.workspace.workspace import Workspace

Rewritten = dict[str, tuple[str | None, str | None]]
"""Files by path: what each held, and what it is to hold; None where there is none."""

_AHEAD = "~"
"""Behind a version in the cursor: later than it, and than no other."""

_STEP = 200
"""Tickets that are written and committed together: what a kill in mid-pull has to fetch again at most."""


@dataclass(slots=True)
class PullResult:
    """What a pull did. Ticket numbers; `invalid` are files left as they are, `restored` read-only edits put back,
    `brought_back` files that were deleted by hand, `recorded` references of notes that were posted before and not
    recorded, `undecided` what a person has to settle, `failed` what could not be read."""

    new: list[TicketNumber] = field(default_factory=list)
    changed: list[TicketNumber] = field(default_factory=list)
    conflicts: dict[TicketNumber, tuple[str, ...]] = field(default_factory=dict)
    restored: dict[TicketNumber, tuple[str, ...]] = field(default_factory=dict)
    brought_back: list[TicketNumber] = field(default_factory=list)
    gone: list[TicketNumber] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)
    invalid: list[InvalidFile] = field(default_factory=list)
    undecided: list[SynclogError] = field(default_factory=list)
    failed: list[SynclogError] = field(default_factory=list)
    committed: list[str] = field(default_factory=list)
    requests: int = 0

    @property
    def exit_code(self) -> Exit:
        """3 where something needs a decision, 1 where something failed, 0 otherwise."""
        decision = Exit.DECISION if self.conflicts or self.invalid else Exit.DONE
        return worst(decision, *(error.exit_code for error in (*self.failed, *self.undecided)))


def pull(
    session: Session, numbers: Sequence[TicketNumber] = (), *, full: bool = False, dry_run: bool = False
) -> PullResult:
    """Bring the workspace up to date with Syncro: everything in the scope, or just `numbers`.

    `full` compares complete lists, as the first pull does. `dry_run` writes nothing anywhere and says what would
    change. Raises UnknownTicket for a number that neither side has, RepositoryState, Busy, StorageFailed, and what the
    client raises when the lists can't be read; a single ticket that can't be read stops no other.
    """
    workspace = session.workspace
    workspace.history.check_ready()
    before = session.client.requests_made
    with workspace.lock("pull"):
        edited: list[str] = []
        if not dry_run:
            finish_interrupted(workspace)
            edited = commit_edits(workspace)
        run = _Run(session, dry_run)
        if numbers:
            run.some(numbers)
        else:
            run.all(full, edited)
        run.result.requests = session.client.requests_made - before
        return run.result


class _Run:
    """One pull under way: what is known of the files, and what was done so far."""

    def __init__(self, session: Session, dry_run: bool) -> None:
        from synclog.workspace.history import syncro_author

        self.session = session
        self.author = syncro_author(host_of(session.workspace.settings.syncro.base_url))
        self.workspace = session.workspace
        self.dry_run = dry_run
        self.result = PullResult()
        self.mirroring = Mirroring(self.workspace.settings, account_of(session, fresh=True, keep=not dry_run))
        heads = by_number(_heads(self.workspace))
        self.heads: dict[TicketNumber, FileHead] = {}
        for number, found in heads.items():
            if len(found) == 1:
                self.heads[number] = found[0]
            else:
                self.result.invalid += same_number(number, [head.path for head in found])
        self.doubled = {n: max(head.version for head in found) for n, found in heads.items() if len(found) > 1}
        self.unwritten: set[TicketNumber] = set()
        self.me: int | None = None
        self.moving: Rewritten = {}
        self.moves: dict[str, str] = {}
        self.remembered: Rewritten = {}
        self.missing: list[FileHead] = []
        self.folders = Folders.of(self.workspace, self.heads.values())

    def some(self, numbers: Sequence[TicketNumber]) -> None:
        wanted: dict[TicketId, TicketNumber] = {}
        lost = self.bring_back(Deletions(self.workspace, load_cursor(self.workspace).head, self.dry_run), numbers)
        for number in dict.fromkeys(n for n in numbers if n not in self.doubled and n not in lost):
            head = self.heads.get(number)
            if head is not None and head.version and head.id is not None:
                wanted[head.id] = number
                continue
            ticket = self.session.client.find_ticket(number)
            if ticket is None and head is not None:
                self.mark_gone(number)
                continue
            if ticket is None:
                raise UnknownTicket(
                    f"there is no ticket {number} in Syncro (or this key may not see it)",
                    remedy="check the number in the web interface",
                )
            wanted[ticket.id] = number
        self.fetch(wanted, None, with_invoices=True)

    def all(self, full: bool, edited: Sequence[str]) -> None:
        cursor = load_cursor(self.workspace)
        since = self.workspace.history.changed_since(cursor.head) if cursor.head else None
        edited = [*edited, *(self.workspace.ticket_paths() if since is None else since)]
        deletions = Deletions(self.workspace, None if full else cursor.head, self.dry_run)
        lost = self.bring_back(deletions)
        incremental = cursor.pulled_to and cursor.scope == self.workspace.settings.scope and not full
        if incremental and (missing := cursor.versions.keys() - {*self.heads, *self.doubled, *lost}):
            # They had a file when this machine pulled last, and history does not say who deleted it: another branch, a
            # reset. Only complete lists tell what is missing besides.
            incremental = missing <= deletions.untracked.keys()
        lists = (
            list_changes(self.session, cursor, self.heads) if incremental else list_everything(self.session, self.heads)
        )
        behind = [n for n, head in self.heads.items() if head.version < cursor.versions.get(n, "")]
        tampered = [n for n, head in self.heads.items() if head.mirror_changed or self.keys_changed(head, edited)]
        own = {number: head.path for number, head in self.heads.items() if full or head.path in edited}
        again = [*behind, *tampered, *lacking_tickets(self.workspace, own), *self.result.brought_back]
        again += not_listed(self.heads, lists.listed) if full else []
        strange = any(ticket.number not in self.heads for ticket in lists.listed.in_scope)
        left = {*self.doubled, *lost, *(deletions.untracked if strange else ())} - self.heads.keys()
        wanted = {i: n for i, n in to_fetch(self.heads, lists.listed, again).items() if n not in left}
        wanted |= self.without_base(wanted.values())
        self.fetch(wanted, lists, with_invoices=False)
        if not self.dry_run and not self.result.failed:
            self.advance(cursor, lists)

    def bring_back(self, deletions: Deletions, asked: Sequence[TicketNumber] | None = None) -> Collection[TicketNumber]:
        """Put the files back that were deleted by hand (all, or those `asked` for), to be brought up to date. Returns
        those that a dry run only names."""
        found = deletions.tickets({*self.heads, *self.doubled}, asked)
        if self.dry_run:
            self.result.brought_back += sorted(found)
            return found
        back = bring_back(deletions, found.values(), self.heads.values(), self.folders, self.mirroring.rules())
        self.result.brought_back += sorted(head.number for head in back)
        if back:
            self.heads |= {head.number: head for head in back}
            self.folders = Folders.of(self.workspace, self.heads.values())
        return ()

    def without_base(self, found: Collection[TicketNumber]) -> dict[TicketId, TicketNumber]:
        """The tickets whose files lost their base, by the ids that Syncro has for their numbers: nothing in such a file
        proves that its id is the right one."""
        lost = [n for n, head in self.heads.items() if not head.version and n not in found]
        tickets = {n: self.session.client.find_ticket(n) for n in lost}
        for number in (n for n, ticket in tickets.items() if ticket is None):
            self.mark_gone(number)
        return {ticket.id: n for n, ticket in tickets.items() if ticket is not None}

    def keys_changed(self, head: FileHead, edited: Sequence[str]) -> bool:
        """Whether a file edited since the last pull has a read-only key changed, which is to be put back."""
        if head.path not in edited:
            return False
        try:
            file = parse_ticket_file(self.workspace.read_bytes(head.path), head.path, self.mirroring.rules())
        except InvalidFile as invalid:
            self.refuse(invalid)
            return False
        return bool(file.read_only_edits or file.base_problem)

    def advance(self, cursor: Cursor, lists: Lists) -> None:
        """Move the cursor to when the listing began. Versions of what could not be written stay ahead of the files."""
        versions = {n: head.version for n, head in self.heads.items()} | self.doubled
        for ticket in (*lists.listed.in_scope, *lists.listed.others):
            if ticket.number in versions:
                versions[ticket.number] = max(versions[ticket.number], version_of(ticket))
        for number in (*self.unwritten, *self.doubled):
            # What was left out may be an invoice or time, which moves no version: only a later one is sure to be ahead.
            seen = max(versions[number], cursor.versions.get(number, ""))
            versions[number] = seen.removesuffix(_AHEAD) + _AHEAD
        scope = self.workspace.settings.scope
        save_cursor(
            self.workspace, Cursor(lists.began, scope, versions, lists.strangers, self.workspace.history.head() or "")
        )

    def fetch(self, wanted: dict[TicketId, TicketNumber], lists: Lists | None, *, with_invoices: bool) -> None:
        """Read the tickets and write them, a step at a time."""
        ids = list(wanted)
        self.write_gone()
        trailer = f"\n\n{pulled_to_trailer(lists.began)}" if lists else ""
        invoices = list(lists.listed.invoices) if lists else None
        for start in range(0, len(ids), _STEP):
            sights: list[Sight] = []
            for done, ticket_id in enumerate(ids[start : start + _STEP], start + 1):
                sight = self.read(ticket_id, wanted[ticket_id], invoices, with_invoices)
                if sight is not None:
                    sights.append(sight)
                self.session.progress("tickets read", done, len(ids))
            self.write_gone()
            last = start + _STEP >= len(ids)
            self.write(sights, trailer if last and not self.result.failed else "")

    def read(
        self, ticket_id: TicketId, number: TicketNumber, invoices: list[Invoice] | None, with_invoices: bool
    ) -> Sight | None:
        """Read one ticket; None where it is gone or could not be read, which is noted."""
        try:
            sight = read_ticket(self.session.client, ticket_id)
            if with_invoices:
                return sight.with_invoices(self.session.client.invoices(ticket_id=ticket_id))
        except NotFound:
            self.mark_gone(number)
            return None
        except SynclogError as error:
            if isinstance(error, Unauthorised):
                raise
            self.result.failed.append(error)
            return None
        head = self.heads.get(number)
        own = [i for i in invoices or () if i.ticket_id == ticket_id]
        shown = set(head.invoices) if head else set()
        if head is None or shown <= {i.number for i in own}:
            return sight.with_invoices(own)
        if own:
            return sight.with_invoices(self.session.client.invoices(ticket_id=ticket_id))
        return sight

    def refuse(self, invalid: InvalidFile) -> None:
        """Name a file that is not valid, once."""
        if invalid.path not in {known.path for known in self.result.invalid}:
            self.result.invalid.append(invalid)

    def mark_gone(self, number: TicketNumber) -> None:
        """Note that Syncro does not know the ticket of a file (any more)."""
        if number in self.heads:
            self.missing.append(self.heads[number])

    def write_gone(self) -> None:
        """Say so in the files; these and all work in them stay."""
        gone = mark_gone(self.workspace, self.missing, self.mirroring.rules())
        self.missing = []
        self.result.undecided += gone.undecided
        for invalid in gone.invalid:
            self.refuse(invalid)
        left: Collection[str] = ()
        if gone.files and not self.dry_run:
            left = self.commit(gone.files, gone.message, self.author)
            self.refresh_heads(gone.files)
        self.result.gone += [number for number, path in gone.paths.items() if path not in left]

    def write(self, sights: Sequence[Sight], trailer: str) -> None:
        """Write a step's files and commit them; then record what was posted before and is not recorded."""
        self.folders.name_customers((s.ticket.customer_id, s.ticket.customer_name) for s in sights)
        files: Rewritten = {}
        self.moving, self.moves, self.remembered = {}, {}, {}
        paths: dict[TicketNumber, Rewritten] = {}
        new = changed = 0
        for sight in sights:
            written = self.file_of(sight)
            if written is None:
                continue
            is_new = sight.ticket.number not in self.heads
            if written:
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
        self.unwritten |= {n for n, written in paths.items() if not left.isdisjoint(written)}
        self.refresh_heads((*files, *self.moving))

    def record_found(self, sights: Sequence[Sight]) -> None:
        """Record what this machine's technician posted and what history lacks."""
        paths = {number: head.path for number, head in self.heads.items()}
        found = record_unrecorded(self.session, self.mirroring, sights, paths, self.owner, self.undecided)
        self.result.recorded += found.recorded
        self.result.undecided += found.undecided

    def undecided(self, error: SynclogError) -> None:
        """Note what keeps something from being recorded."""
        if isinstance(error, InvalidFile):
            self.refuse(error)
        else:
            self.result.undecided.append(error)

    def owner(self) -> int:
        """Whose key this is; asked once, and only where it matters."""
        if self.me is None:
            self.me = self.session.client.me().user_id
        return self.me

    def file_of(self, sight: Sight) -> Rewritten | None:
        """What to write for one ticket: nothing where nothing differs, None where its file is not valid."""
        ticket = sight.ticket
        head = self.heads.get(ticket.number)
        path = self.folders.ticket_path(ticket, head)
        if head is None:
            return {path: (None, self.mirroring.new_file(sight))}
        try:
            file = parse_ticket_file(self.workspace.read_bytes(head.path), head.path, self.mirroring.rules())
        except InvalidFile as invalid:
            self.refuse(invalid)
            self.unwritten.add(ticket.number)
            return None
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

    def cards(self, tickets: Sequence[Ticket]) -> Rewritten:
        """The cards that change, of the customers of these tickets."""
        found: Rewritten = {}
        for customer in {t.customer.id: t.customer for t in tickets if t.customer}.values():
            met = [t.contact for t in tickets if t.contact and t.customer_id == customer.id]
            path = self.folders.card_path(customer.id)
            try:
                old = self.workspace.read_text_or_none(path)
                fresh = updated_card(old, customer, path, met)
            except InvalidFile as invalid:
                self.refuse(invalid)
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

    def refresh_heads(self, files: Iterable[str]) -> None:
        for path in files:
            text = self.workspace.read_text_or_none(path)
            head = file_head(path, text) if text is not None and "/tickets/" in path else None
            if head is not None:
                self.heads[head.number] = head


def _heads(workspace: Workspace) -> list[FileHead]:
    """The heads of all ticket files; one that can't be read as text is known by nothing, and left alone."""
    heads = []
    for path in workspace.ticket_paths():
        head = file_head(path, workspace.read_bytes(path).decode("utf-8", "replace"))
        if head is not None:
            heads.append(head)
    return heads
