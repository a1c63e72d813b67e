"""A new ticket written as a draft, `new-*.md`, into its customer's folder. Push makes the ticket of it.

An equal draft that waits already, or an equal ticket that was created today, may be this very one, from a run that was
killed: no second one is made unless that is said (`again`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from synclog.app.drafts import drafts_of
from synclog.app.files import IndexedFiles, ticket_heads
from synclog.app.folders import CLIENTS, Folders
from synclog.app.indexing import with_index
from synclog.app.status import rules_here
from synclog.app.writing import Change, finish_interrupted, write_and_commit
from synclog.core.clientcard import render_card
from synclog.core.drafts import DraftFile, draft_content, draft_works
from synclog.core.merge import Value
from synclog.core.notes import Stamp
from synclog.core.references import draft_reference
from synclog.core.settingsfile import host_of
from synclog.core.slugs import slug
from synclog.core.ticketfile import parse_ticket_file, render_draft, with_state
from synclog.errors import Busy, DecisionNeeded, InvalidFile, UsageError
from synclog.model import Audience, Customer, Person, Reference, TicketNumber

if TYPE_CHECKING:
    from synclog.app.indexing import Raw
    from synclog.workspace.ticketindex import TicketIndex
    from synclog.workspace.workspace import Workspace

_TRIES = 5
_MOST_PLACES = 100


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket to make. `description` is its first comment, the subject where it is None; `to` who sees it, None for
    what synclog.yaml says. `fields` are editable ones by name, as a file has them. `card` is the customer as Syncro has
    them, for a card where there is none."""

    customer: Person
    subject: str
    description: str | None = None
    to: Audience | None = None
    fields: Mapping[str, Value] | None = None
    card: Customer | None = None

    def text(self) -> str:
        """Return the draft. Raises UsageError for a description that a file can't hold."""
        own: dict[str, Value] = {
            "subject": self.subject,
            "customer_id": str(self.customer.id),
            "description": self.description,
            "to": self.to,
        }
        return render_draft({**own, **(self.fields or {})})


@dataclass(frozen=True, slots=True)
class EqualBefore:
    """What may be the same ticket: a draft that waits at `path`, or the ticket `number` that was created today (`id`
    where its file is here)."""

    path: str = ""
    number: TicketNumber = 0
    id: int | None = None


def equal_before(workspace: Workspace, new: NewTicket, today: date) -> EqualBefore | None:
    """Return what may be the same ticket already, None without. Raises UsageError for what makes no valid draft."""
    return _Desk(workspace, new, today).equal()


def enter_draft(
    workspace: Workspace, new: NewTicket, today: date, *, again: bool = False, owner: Callable[[], int]
) -> tuple[str, bool]:
    """Write a draft and commit it as the technician's. Returns its path, and whether it waited there already.

    With `again` it is another one in any case; `owner`, the key's owner, is only asked for where an equal one was
    created today. Raises DecisionNeeded where one was and nothing was said of it, and UsageError for what makes no
    valid draft; then nothing is written.
    """
    workspace.history.check_ready()
    with workspace.lock("create"):
        finish_interrupted(workspace)
        desk = _Desk(workspace, new, today)
        before = desk.equal()
        if before is not None and not again:
            if before.path:
                return before.path, True
            raise DecisionNeeded(
                f"ticket {before.number} was created today with the same words; no second one was made",
                remedy="--again makes another one",
            )
        for _ in range(_TRIES):
            path = desk.write(before, owner)
            if path is not None:
                return path, False
    raise Busy(f"files in {CLIENTS}/ are made by another program again and again", remedy="run it again")


class _Desk:
    """What is here of a new ticket: its content, and the drafts beside it."""

    def __init__(self, workspace: Workspace, new: NewTicket, today: date) -> None:
        self.workspace, self.new, self.today = workspace, new, today
        self.rules = rules_here(workspace)
        self.text = new.text()
        self.content = draft_content(self.as_draft(f"{CLIENTS}/new/tickets/new-ticket.md"))

    def as_draft(self, path: str) -> DraftFile:
        try:
            file = parse_ticket_file(self.text, path, self.rules())
        except InvalidFile as invalid:
            first = invalid.problems[0]
            raise UsageError(first.message, remedy=first.remedy) from None
        return DraftFile(file, self.new.customer.id, self.new.customer.name)

    def drafts(self) -> list[DraftFile]:
        """The drafts that are here."""

        def read(index: TicketIndex, raw: Raw) -> list[DraftFile]:
            files = IndexedFiles(self.workspace, index, raw, self.rules)
            return drafts_of(self.workspace, files.with_neighbours(files.open.drafts))

        return with_index(self.workspace, read)

    def equal(self) -> EqualBefore | None:
        waiting = [d.file.path for d in self.drafts() if not d.problem and draft_content(d) == self.content]
        if waiting:
            return EqualBefore(path=waiting[0])
        names = {draft_reference(self.content, self.today, place) for place in range(1, _MOST_PLACES)}
        entries = self.workspace.history.ledger((), drafts=True).entries
        made = next((e.ticket for e in entries if e.op == "create" and e.reference in names), None)
        return EqualBefore(number=made, id=self.id_of(made)) if made is not None else None

    def id_of(self, number: TicketNumber) -> int | None:
        return next((head.id for head in ticket_heads(self.workspace) if head.number == number), None)

    def write(self, before: EqualBefore | None, owner: Callable[[], int]) -> str | None:
        """Write and commit it; None where something else was put there meanwhile."""
        folders = self.folders()
        folder = f"{CLIENTS}/{folders.by_customer[self.new.customer.id]}"
        self.write_card(f"{folder}/client.md")
        path = folders.names.free(f"{folder}/tickets/new-{slug(self.new.subject, 'ticket')}.md")
        text = self.text
        if before is not None and (stamp := self.next_place(path, before, owner)) is not None:
            text = with_state(text, create=stamp)
        change = Change({path: text}, f"edit: {path.rsplit('/', 1)[-1]}", {path: None})
        return None if write_and_commit(self.workspace, change).left else path

    def folders(self) -> Folders:
        """The customers' folders, this customer's too; only where there is no card all tickets are looked at."""
        customer = self.new.customer
        folders = Folders.of(self.workspace, [])
        if customer.id not in folders.by_customer:
            folders = Folders.of(self.workspace, ticket_heads(self.workspace))
        folders.name_customers([(customer.id, customer.name)])
        return folders

    def write_card(self, path: str) -> None:
        """Give the customer a card, as a pull would: without one, nothing here tells whose folder it is."""
        if self.new.card is None or self.workspace.exists(path):
            return
        from synclog.workspace.history import syncro_author

        author = syncro_author(host_of(self.workspace.settings.syncro.base_url))
        message = f"pull: the card of {path.split('/')[1]}"
        write_and_commit(self.workspace, Change({path: render_card(self.new.card)}, message, {path: None}, author))

    def next_place(self, path: str, before: EqualBefore, owner: Callable[[], int]) -> Stamp | None:
        """The stamp of a draft that is another one though an equal one was created today; None where it needs none."""
        recorded = self.workspace.history.ledger((), drafts=True).recorded
        works = draft_works([*self.drafts(), self.as_draft(path)], self.workspace.settings, self.today)
        taken: set[Reference] = {w.draft.reference for w in works if w.draft and w.path != path} | recorded
        own = next(w.draft for w in works if w.path == path)
        if own is None or own.reference not in taken:
            return None
        names = ((draft_reference(self.content, self.today, place), place) for place in range(1, _MOST_PLACES))
        reference, place = next((name, place) for name, place in names if name not in taken)
        passed = (before.id,) if before.id is not None else ()
        return Stamp(reference, self.today, place, 0, owner(), passed=passed, again=True)
