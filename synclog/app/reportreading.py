"""Asking Syncro for what a report needs: what changed since a day, and details only of what the files do not show.

Everything is read; nothing is written, here or there.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from synclog.app.cursor import OVERLAP
from synclog.app.listing import whole_list
from synclog.app.sidebyside import IN_FLIGHT, meanwhile, side_by_side
from synclog.core.reportfacts import invoice_fact
from synclog.errors import NotFound, SynclogError, Unauthorised

if TYPE_CHECKING:
    from decimal import Decimal

    from synclog.app.session import Session
    from synclog.core.filehead import FileHead
    from synclog.core.periods import Period
    from synclog.core.pulling import ListedTicket
    from synclog.core.report import InvoiceFact
    from synclog.core.reportfacts import MirrorFacts
    from synclog.model import Invoice, Ticket, TicketId, TimerEntry

_HOPELESS = 16
"""Tickets in a row that could not be read, after which it is the network, and no more are tried."""


@dataclass(slots=True)
class Changes:
    """What Syncro lists as changed since a day: tickets by id; timer entries and invoices by the id of their ticket,
    invoices of no ticket under None."""

    tickets: dict[TicketId, ListedTicket] = field(default_factory=dict)
    timers: dict[TicketId, list[TimerEntry]] = field(default_factory=dict)
    invoices: dict[TicketId | None, list[Invoice]] = field(default_factory=dict)

    @property
    def ids(self) -> set[TicketId]:
        """The tickets of which something changed."""
        return {*self.tickets, *self.timers, *(id_ for id_ in self.invoices if id_ is not None)}

    def are_in(self, head: FileHead, known: MirrorFacts) -> bool:
        """Whether a ticket's file shows all of this of it, so that it need not be read."""
        listed = self.tickets.get(head.id or 0)
        timers = self.timers.get(head.id or 0, [])
        invoices = self.invoices.get(head.id, [])
        shown = Counter((piece.minutes, piece.bills) for piece in known.facts.pieces)
        return (
            known.plain
            and not head.gone
            and (listed is None or listed.version == head.version)
            and all(timer.id <= head.timer and not timer.charged for timer in timers)
            and Counter((timer.minutes, timer.billable_minutes) for timer in timers) <= shown
            and {invoice.number for invoice in invoices} <= set(head.invoices)
        )


def list_changed(session: Session, since: datetime) -> Changes:
    """List what changed since a moment: tickets, 25 a request, time and invoices."""
    from synclog.syncro.query import TicketQuery

    since -= OVERLAP
    client = session.client
    timers = meanwhile(lambda: client.timers(created_after=since))
    invoices = meanwhile(lambda: client.invoices(since_updated_at=since))
    tickets, _ = whole_list(session, TicketQuery(since_updated_at=since))
    changes = Changes({ticket.id: ticket for ticket in tickets})
    for timer in timers():
        changes.timers.setdefault(timer.ticket_id, []).append(timer)
    for invoice in invoices():
        changes.invoices.setdefault(invoice.ticket_id, []).append(invoice)
    return changes


def read_details(
    session: Session, wanted: Iterable[TicketId], failed: Callable[[TicketId, SynclogError], None]
) -> Iterator[Ticket]:
    """Yield the details of tickets as they come, a request each; how many it will be is said before. Those that can't
    be read are `failed`; where nothing can, no more are tried. Raises Unauthorised."""
    ids = sorted(wanted)
    if ids:
        minutes = math.ceil(len(ids) / session.a_minute)
        many = f"{len(ids)} {'ticket is' if len(ids) == 1 else 'tickets are'}"
        session.tell(f"{many} read from Syncro, a request each: about {minutes} min at {session.a_minute} a minute")

    def read(ticket_id: TicketId) -> Ticket | SynclogError:
        try:
            return session.client.ticket(ticket_id)
        except Unauthorised:
            raise
        except SynclogError as error:
            return error

    left, in_a_row = dict.fromkeys(ids), 0
    with closing(side_by_side(read, ids, IN_FLIGHT - 2)) as reading:  # rates and invoices are asked for beside them
        for done, (ticket_id, outcome) in enumerate(reading, 1):
            session.progress("tickets read", done, len(ids))
            del left[ticket_id]
            if not isinstance(outcome, SynclogError):
                in_a_row = 0
                yield outcome
                continue
            failed(ticket_id, outcome)
            in_a_row += not isinstance(outcome, NotFound)
            if in_a_row >= _HOPELESS:
                for other in left:
                    failed(other, outcome)
                return


def invoice_facts(session: Session, invoices: Iterable[Invoice], period: Period) -> tuple[InvoiceFact, ...]:
    """Return those invoices that are of the period. Of one that comes to nothing its lines are asked for: it is empty,
    or all of it was prepaid."""
    zone = session.workspace.settings.timezone
    found = []
    for invoice in invoices:
        fact = invoice_fact(invoice, zone)
        if fact.day in period:
            if invoice.total == 0:
                fact = invoice_fact(invoice, zone, empty=not session.client.invoice(invoice.id).lines)
            found.append(fact)
    return tuple(found)


@dataclass(slots=True)
class Rates:
    """The prices of labor products an hour, each asked for once; None for one that can't be read, and of all of them
    without a session."""

    session: Session | None
    known: dict[int, Decimal | None] = field(default_factory=dict)

    def __call__(self, product_id: int) -> Decimal | None:
        if self.session is None:
            return None
        if product_id not in self.known:
            try:
                self.known[product_id] = self.session.client.product(product_id).price
            except Unauthorised:
                raise
            except SynclogError:
                self.known[product_id] = None
        return self.known[product_id]
