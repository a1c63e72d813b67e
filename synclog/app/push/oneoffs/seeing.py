"""What is read for a one-off, as its table takes it: complete lists, since it is told by what is not there, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from synclog.app.push.cases import Facts
from synclog.app.reading import Sight, read_ticket
from synclog.core.cleantext import clean_line
from synclog.core.deciding.oneoffs import OneOffSeen, OneOffStep, one_off_step
from synclog.core.durations import format_minutes
from synclog.core.oneoffs import Correction, InvoiceRemoval, NewLine, NewTimer, OneOff
from synclog.core.plan import PlannedOneOff, Rate
from synclog.core.work import labor_of
from synclog.errors import NotFound
from synclog.model import Invoice, LineItem, Ticket, TicketId, TimerEntry

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.push.surroundings import Surroundings
    from synclog.core.work import TicketWork
    from synclog.syncro.client import SyncroClient

_BEFORE = timedelta(days=1)
"""How far before a ticket was made its time is asked for: an account may ignore that it is one ticket's."""


@dataclass(frozen=True, slots=True)
class OneOffLook:
    """What was read for a one-off, and what follows. `last` is the highest id of its kind, `sight` the ticket where its
    time was read, `charge` the charge that is corrected."""

    step: OneOffStep
    last: int = 0
    sight: Sight | None = None
    charge: LineItem | None = None


@dataclass(frozen=True, slots=True)
class TimeThere:
    """A ticket with all of its time: every timer entry and every charge."""

    sight: Sight
    timers: tuple[TimerEntry, ...]

    @property
    def items(self) -> tuple[LineItem, ...]:
        """Its charges."""
        return self.sight.ticket.line_items


def see_one_off(around: Surroundings, work: TicketWork, one: OneOff, facts: Facts) -> OneOffLook:
    """Read what a one-off of a ticket is decided from, and decide. Raises what the client raises."""
    client = around.client
    timers: tuple[TimerEntry, ...] = ()
    items: tuple[LineItem, ...] = ()
    sight: Sight | None = None
    invoice: Invoice | None = None
    ticket: Ticket | None = None
    last = 0
    if isinstance(one, NewTimer | Correction):
        there = time_there(around, work.id)
        sight, timers, items = there.sight, there.timers, there.items
        last = max((t.id for t in timers), default=0)
    elif isinstance(one, NewLine | InvoiceRemoval):
        invoice = invoice_there(client, one.invoice)
        last = max((line.id or 0 for line in (invoice.lines or ())), default=0) if invoice else 0
    else:
        ticket = ticket_there(client, one.ticket)
    stamped = one.id in facts.stamped
    before = one.after is not None or one.id in facts.ledger.begun or one.id in facts.sent
    seen = OneOffSeen(
        owner=facts.owner,
        timers=timers,
        items=items,
        invoice=invoice,
        ticket=ticket,
        taken=facts.ledger.taken(one.id),
        ended=one.id in facts.ledger.recorded
        or (one.after is not None and not stamped and one.id in facts.ledger.ended),
        in_flight=(before and not stamped) or one.id in facts.lost,
        settled=facts.settled,
        accepted=facts.acted.get(one.id, ()),
        made=facts.timers_made.get(one.id),
    )
    charge = next((i for i in items if isinstance(one, Correction) and i.id == one.item), None)
    return OneOffLook(one_off_step(one, seen), last, sight, charge)


def plan_one_off(one: OneOff, look: OneOffLook, mirroring: Mirroring, rate_of: Callable[[int], Rate]) -> PlannedOneOff:
    """Return the plan of a one-off: with the rate that counts for it, the name of whose time it is, and when."""
    settings = mirroring.settings
    user = one.user if isinstance(one, Correction) and one.user is not None else one.by
    name = next((person.name for person in mirroring.account.technicians if person.id == user), "")
    when = was = ""
    if isinstance(one, NewTimer):
        start, end = (moment.astimezone(settings.timezone) for moment in (one.start, one.end))
        day = "" if end.date() == start.date() else f"{end:%Y-%m-%d} "
        when = f"{start:%Y-%m-%d %H:%M} to {day}{end:%H:%M}"
    elif isinstance(one, Correction):
        when = one.start.astimezone(settings.timezone).strftime("%Y-%m-%d %H:%M") if one.start else ""
        labor = labor_of(str(one.was_product_id), settings) if one.was_product_id is not None else None
        was = f"{format_minutes(one.was)} {labor.alias if labor else 'without labor'}"
    rate = _rate(one, look, rate_of)
    return PlannedOneOff(one, look.step, rate, clean_line(name) or f"user {user}", when, was, look.last)


def _rate(one: OneOff, look: OneOffLook, rate_of: Callable[[int], Rate]) -> Rate | None:
    if not isinstance(one, NewTimer | Correction) or not one.bills:
        return None
    if isinstance(one, Correction) and look.charge is not None and one.price is None:
        charge = look.charge
        return Rate(one.product_id, clean_line(charge.name), charge.price, charge.taxable)
    try:
        return rate_of(one.product_id)
    except NotFound:
        return None


def time_there(around: Surroundings, ticket_id: TicketId) -> TimeThere:
    """Read a ticket with all of its time."""
    sight = read_ticket(around.client, ticket_id)
    listed = around.client.timers(ticket_id=ticket_id, created_after=sight.ticket.created_at - _BEFORE)
    known = {timer.id: timer for timer in sight.ticket.timers} | {timer.id: timer for timer in listed}
    return TimeThere(sight, tuple(known[i] for i in sorted(known)))


def invoice_there(client: SyncroClient, invoice_id: int) -> Invoice | None:
    """Return the invoice with this id and its lines, None when there is none: Syncro takes an id for a number, too."""
    try:
        found = client.invoice(invoice_id)
    except NotFound:
        return None
    return found if found.id == invoice_id else None


def ticket_there(client: SyncroClient, ticket_id: TicketId) -> Ticket | None:
    """Return the ticket with this id, None when there is none."""
    try:
        return client.ticket(ticket_id)
    except NotFound:
        return None
