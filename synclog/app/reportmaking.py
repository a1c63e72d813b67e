"""The making of a report: facts of tickets as they come, from files and from Syncro, and what is remembered of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from synclog.app.account import account_of, known_account
from synclog.app.mirroring import file_rules
from synclog.app.reportcards import Cards, read_cards
from synclog.app.reportreading import Changes, Rates, invoice_facts, list_changed, read_details
from synclog.app.views import FINISHED
from synclog.core.cleantext import clean_line
from synclog.core.differences import Seen, Sent
from synclog.core.filehead import file_head
from synclog.core.report import Piece, TicketFacts
from synclog.core.reportfacts import Names, facts_of_ticket, mirrored
from synclog.core.reportnotes import pieces_of_notes
from synclog.core.ticketfile import parse_ticket_file
from synclog.errors import InvalidFile, NotFound, SynclogError

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.core.periods import Period
    from synclog.core.ticketfile import TicketFile
    from synclog.model import AccountSettings, Reference, Ticket, TicketId, TicketNumber
    from synclog.workspace.workspace import Workspace

_EARLIEST = date(1970, 1, 1)
"""Before it nothing was ever changed, and it is in the calendar everywhere."""


@dataclass(slots=True)
class Making:
    """One report under way: facts as they come, and what is remembered of them to compare it with what was sent."""

    workspace: Workspace
    period: Period
    now: datetime
    session: Session | None
    references: frozenset[Reference]
    not_covered: list[str] = field(default_factory=list)
    failed: list[SynclogError] = field(default_factory=list)
    from_files: int = 0
    from_syncro: int = 0
    _changes: Changes = field(default_factory=Changes)
    _cards: Cards = field(default_factory=lambda: Cards({}, frozenset()))
    _ids: dict[TicketNumber, TicketId] = field(default_factory=dict)
    _notes: dict[TicketId, tuple[Piece, ...]] = field(default_factory=dict)
    _stand_ins: dict[TicketId, TicketFacts] = field(default_factory=dict)
    _details: set[TicketNumber] = field(default_factory=set)
    _timers: dict[int, int] = field(default_factory=dict)
    _items: set[int] = field(default_factory=set)
    _invoices: set[str] = field(default_factory=set)
    _mirrored_invoices: set[TicketNumber] = field(default_factory=set)
    _times: dict[Reference, int] = field(default_factory=dict)

    def facts(self) -> Iterator[TicketFacts]:
        """Yield what is known of every ticket, each once."""
        self._cards = read_cards(self.workspace)
        if self.session is not None and self.period.first is not None:
            first = datetime.combine(max(self.period.first, _EARLIEST), time.min, self.workspace.settings.timezone)
            self.session.tell(f"asking Syncro for what changed since {self.period.first}")
            self._changes = list_changed(self.session, first.astimezone(UTC))
        names = self._names()
        wanted = self._changes.ids
        for facts in self._of_files(names):
            self._remember(facts)
            wanted.discard(facts.id or 0)
            yield facts
        for facts in self._of_syncro(wanted, names):
            self._remember(facts)
            yield facts
        yield from self._without_ticket()
        self._say_limits()

    # --- from files ------------------------------------------------------------------------------------------------

    def _of_files(self, names: Names) -> Iterator[TicketFacts]:
        """Yield what files say of the tickets that need not be read, and of what is a file alone."""
        unreadable = []
        seen: set[TicketNumber] = set()
        changed = self._changes.ids
        for path in self.workspace.ticket_paths():
            text = self.workspace.read_bytes(path).decode("utf-8", "replace")
            head = file_head(path, text)
            notes = self._pieces_of_notes(path, text, names)
            if head is None:
                if notes is not None and notes[1]:
                    yield self._draft(notes[0], notes[1])
                continue
            pieces = notes[1] if notes else ()
            if head.number in seen:
                self.not_covered.append(f"{path}: ticket {head.number} has another file; this one is not counted")
                continue
            seen.add(head.number)
            if head.id is not None:
                self._ids[head.number] = head.id
            known = mirrored(head, text, names, recurring=head.customer_id in self._cards.recurring)
            if head.id in changed and (known is None or not self._changes.are_in(head, known)):
                self._notes[head.id] = pieces
                if known is not None:
                    self._stand_ins[head.id] = known.facts
                continue
            if known is None:
                unreadable.append(path)
                if pieces:
                    yield TicketFacts(head.number, head.id, "", "", "", False, pieces)
                continue
            facts = replace(known.facts, pieces=(*known.facts.pieces, *pieces))
            if self.session is not None:
                listed = self._changes.invoices.pop(head.id, [])
                facts = replace(facts, invoices=invoice_facts(self.session, listed, self.period))
            else:
                self._mirrored_invoices.add(head.number)
            self.from_files += 1
            yield facts
        for path in unreadable:
            self.not_covered.append(f"{path}: its mirrored part is not as it was written; `synclog pull` mends it")

    def _pieces_of_notes(self, path: str, text: str, names: Names) -> tuple[TicketFile, tuple[Piece, ...]] | None:
        """Return a file with its notes as pieces of work, None where it has none or is not valid."""
        if "\nnotes: []\n" in text or "\nnotes:" not in text:
            return None
        try:
            file = parse_ticket_file(text, path, file_rules(self.workspace.settings, None))
        except InvalidFile:
            self.not_covered.append(f"{path}: notes of a file that is not valid; `synclog check` says why")
            return None
        spans = [(note.line, note.end_line) for note in file.notes]
        authors = [
            min((clean_line(author.name) for author in found), default="")
            for found in self.workspace.history.blame_authors(path, spans)
        ]
        today = self.now.astimezone(names.zone).date()
        return file, pieces_of_notes(file, self.workspace.settings, names, today, authors)

    def _draft(self, file: TicketFile, pieces: tuple[Piece, ...]) -> TicketFacts:
        customer, subject = file.fields.get("customer"), file.fields.get("subject")
        folder = file.path.split("/")[1]
        shown = clean_line(customer) if isinstance(customer, str) else folder
        return TicketFacts(None, None, shown, clean_line(str(subject or "")), "new", False, pieces)

    # --- from Syncro -----------------------------------------------------------------------------------------------

    def _of_syncro(self, wanted: set[TicketId], names: Names) -> Iterator[TicketFacts]:
        """Yield what Syncro says of the `wanted` tickets; of one that can't be read what its file says."""
        if self.session is None:
            return
        lost: dict[TicketId, SynclogError] = {}
        for ticket in read_details(self.session, wanted, lost.__setitem__):
            self.from_syncro += 1
            yield self._of_detail(ticket, names)
        for ticket_id, error in lost.items():
            stand_in = self._stand_ins.get(ticket_id)
            listed = self._changes.tickets.get(ticket_id)
            number = stand_in.number if stand_in else listed.number if listed else None
            who = f"#{number}" if number else f"the ticket with id {ticket_id}"
            instead = "what its file says is counted" if stand_in else "it is left out"
            self.not_covered.append(f"{who} can't be read: {error.message}; {instead}")
            if not isinstance(error, NotFound):
                # One that is deleted, or not for this key, is not there to be read: that is no failure.
                self.failed.append(error)
            if stand_in is not None:
                yield replace(stand_in, pieces=(*stand_in.pieces, *self._notes.get(ticket_id, ())))

    def _of_detail(self, ticket: Ticket, names: Names) -> TicketFacts:
        assert self.session is not None
        self._details.add(ticket.number)
        self._ids[ticket.number] = ticket.id
        self._timers |= {timer.id: timer.billable_minutes for timer in ticket.timers}
        self._items |= {item.id for item in ticket.line_items}
        invoices = invoice_facts(self.session, self._changes.invoices.pop(ticket.id, []), self.period)
        facts = facts_of_ticket(ticket, invoices, names, recurring=ticket.customer_id in self._cards.recurring)
        return replace(facts, pieces=(*facts.pieces, *self._notes.get(ticket.id, ())))

    def _without_ticket(self) -> Iterator[TicketFacts]:
        """Yield invoices that belong to no ticket, or to none that could be read."""
        for invoices in self._changes.invoices.values():
            for invoice in invoices:
                assert self.session is not None
                customer = self._cards.names.get(invoice.customer_id) or f"customer #{invoice.customer_id}"
                found = invoice_facts(self.session, [invoice], self.period)
                facts = TicketFacts(None, None, customer, "(no ticket)", "", False, (), found)
                self._invoices.update(one.number for one in found)
                yield facts

    # --- what was sent, and what is there --------------------------------------------------------------------------

    def _remember(self, facts: TicketFacts) -> None:
        self._invoices.update(invoice.number for invoice in facts.invoices)
        for piece in facts.pieces:
            if piece.reference in self.references and piece.reference is not None:
                self._times[piece.reference] = self._times.get(piece.reference, 0) + piece.bills

    def seen(self, sent: list[Sent]) -> Seen:
        """Return what Syncro holds of what was sent. What the lists did not show is asked for by its ticket, before it
        is called gone."""
        for timers in self._changes.timers.values():
            self._timers |= {timer.id: timer.billable_minutes for timer in timers}
        timed, invoiced = set(self._details), set(self._mirrored_invoices)
        if self.session is not None:
            for one in sent:
                id_ = self._ids.get(one.ticket)
                if id_ is None:
                    continue
                if one.timer is not None and one.timer not in self._timers and one.ticket not in timed:
                    found = self.session.client.timers(ticket_id=id_)
                    self._timers |= {timer.id: timer.billable_minutes for timer in found}
                    timed.add(one.ticket)
                if one.invoice and one.invoice not in self._invoices and one.ticket not in invoiced:
                    self._invoices |= {
                        clean_line(invoice.number) for invoice in self.session.client.invoices(ticket_id=id_)
                    }
                    invoiced.add(one.ticket)
        return Seen(self._timers, self._times, self._items, self._invoices, timed, self._details, invoiced)

    # --- in words --------------------------------------------------------------------------------------------------

    def _names(self) -> Names:
        settings = self.workspace.settings
        account = self._account()
        return Names(
            zone=settings.timezone,
            rate=Rates(self.session),
            technicians={person.id: person.name for person in account.technicians} if account else {},
            labor={labor.product_id: alias for alias, labor in settings.labor.items()},
            finished=FINISHED,
        )

    def _account(self) -> AccountSettings | None:
        return known_account(self.workspace) if self.session is None else account_of(self.session, keep=False)

    def _say_limits(self) -> None:
        if self.session is None:
            pulled = self.workspace.history.pulled_to()
            zone = self.workspace.settings.timezone
            when = f"{pulled.astimezone(zone):%Y-%m-%d %H:%M}" if pulled else "ever: nothing was pulled yet"
            self.not_covered += [
                f"what changed in Syncro since {when}",
                f"tickets that have no file (the scope of synclog.yaml is `{self.workspace.settings.scope}`)",
                "what time comes to that no charge was made of: only Syncro knows the rates",
            ]
        else:
            first: date | None = self.period.first
            self.not_covered += [
                f"tickets without a file of which nothing changed since {first}: what is unbilled on them is not seen",
                "tickets that were deleted or merged, or that this key may not see",
            ]
