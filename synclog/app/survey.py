"""What is unbilled of all tickets that have a file here: found in the files, then read from Syncro."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from synclog.app.cards import Cards
from synclog.app.unbilled import Rates, shown_text, shown_unbilled, unknown_to_syncro
from synclog.core.cleantext import clean_line
from synclog.core.tobill import waits_of
from synclog.core.unbilled import Unbilled, labor_of, unbilled_of
from synclog.errors import NotFound, SynclogError, Unauthorised

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.core.ticketfile import TicketFile
    from synclog.core.work import TicketWork
    from synclog.errors import InvalidFile
    from synclog.model import TicketId, TicketNumber
    from synclog.workspace.workspace import Workspace

_MAY_BE_OPEN = re.compile(rb"^\|.*\| (?:[0-9]+ open \|.*|no \|)[ \t\r]*$", re.MULTILINE)
"""A row of a file's time that is not billed, or of its charges; most files have none, and need not be parsed."""


@dataclass(frozen=True, slots=True)
class UnbilledTicket:
    """A ticket with unbilled work. `notes` is how many notes wait in its file, `pending` whether anything does that
    would be sent. `left_out` says why it is not billed, empty where it may be; `decision` whether a
    person has to act for that."""

    number: TicketNumber
    id: TicketId
    path: str
    customer: str
    subject: str
    status: str
    unbilled: Unbilled
    notes: int = 0
    pending: bool = False
    left_out: str = ""
    decision: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """All tickets with unbilled work that have a file here. `unposted` are those of the others in whose files notes
    wait: number and how many. `looked_at` is how many files there are, as of the last pull at `pulled_to` (None where
    that is not known); `invalid` are those that could not be read; `failed` what went wrong with single tickets."""

    tickets: tuple[UnbilledTicket, ...]
    unposted: tuple[tuple[TicketNumber, int], ...]
    looked_at: int
    pulled_to: datetime | None
    invalid: tuple[InvalidFile, ...]
    failed: tuple[SynclogError, ...]


def find_unbilled(session: Session, customer: str | None = None) -> Survey:
    """Find the tickets with time or charges that no invoice holds, the lowest number first: those whose file shows
    some, each then read from Syncro (one request a ticket, one a labor product). `customer` is a part of the name."""
    from synclog.app.status import status

    found = status(session.workspace)
    works = {work.number: work for work in found.works if work.number}
    rates, cards = Rates(session), Cards(session.workspace)
    tickets: list[UnbilledTicket] = []
    failed: list[SynclogError] = []
    candidates = sorted(_candidates(session.workspace, customer), key=lambda file: file.number or 0)
    for done, file in enumerate(candidates):
        session.progress("tickets looked at", done, len(candidates))
        try:
            row = _looked_at(session, file, works.get(file.number or 0), rates, cards)
        except Unauthorised:
            raise
        except SynclogError as error:
            failed.append(error)
            continue
        if row.unbilled:
            tickets.append(row)
    shown = {ticket.number for ticket in tickets}
    wanted = (work for work in found.works if work.number and work.number not in shown)
    return Survey(
        tickets=tuple(tickets),
        unposted=tuple((w.number, _notes(w)) for w in wanted if _notes(w) and _is_of(w.customer, customer)),
        looked_at=found.tickets,
        pulled_to=session.workspace.history.pulled_to(),
        invalid=found.invalid,
        failed=tuple(failed),
    )


def _looked_at(
    session: Session, file: TicketFile, work: TicketWork | None, rates: Rates, cards: Cards
) -> UnbilledTicket:
    if file.id is None or file.gone:
        raise unknown_to_syncro(file)
    try:
        ticket = session.client.ticket(file.id)
    except NotFound:
        raise unknown_to_syncro(file) from None
    why = cards.no_invoice(file.path, ticket.customer_id)
    waits = waits_of(work)
    reason = why.reason if why else "; ".join(dict.fromkeys(held.reason for held in waits))
    return UnbilledTicket(
        number=ticket.number,
        id=ticket.id,
        path=file.path,
        customer=clean_line(ticket.customer_name),
        subject=clean_line(ticket.subject),
        status=clean_line(ticket.status),
        unbilled=unbilled_of(ticket, rates.of(labor_of(ticket))),
        notes=_notes(work),
        pending=bool(work and work.is_pending),
        left_out=reason,
        decision=not why and any(held.decision for held in waits),
    )


def _candidates(workspace: Workspace, customer: str | None) -> list[TicketFile]:
    """The files that show unbilled work. Of those in which nothing is pending, which are most, only the ones are parsed
    that may."""
    from synclog.app.files import IndexedFiles
    from synclog.app.indexing import Raw, path_of, with_index
    from synclog.app.views import plain_rules
    from synclog.core.mirror import parse_mirror
    from synclog.core.ticketfile import parse_ticket_file
    from synclog.workspace.ticketindex import TicketIndex

    rules = plain_rules(workspace)()

    def read(index: TicketIndex, raw: Raw) -> list[TicketFile]:
        files = IndexedFiles(workspace, index, raw, lambda: rules)

        def settled() -> Iterator[TicketFile]:
            for _, row in files.settled():
                if not _is_of(row[2], customer):
                    continue
                path = path_of(index.places(row[0])[0])
                content = workspace.read_bytes(path)
                if _MAY_BE_OPEN.search(content):
                    yield parse_ticket_file(content, path, rules)

        every = [*(f for f in files.open.tickets.values() if _is_of(shown_text(f, "customer"), customer)), *settled()]
        return [f for f in every if shown_unbilled(parse_mirror(f.mirror, workspace.settings.timezone))]

    return with_index(workspace, read)


def _is_of(name: str, customer: str | None) -> bool:
    return customer is None or customer.casefold() in name.casefold()


def _notes(work: TicketWork | None) -> int:
    """How many notes wait in a file, whoever's and why ever."""
    return len(work.notes) + sum(1 for held in work.held if held.what == "note") if work else 0
