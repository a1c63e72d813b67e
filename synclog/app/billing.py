"""Time and invoices for people, as Syncro has them now: the mirror tells of them only in part."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from synclog.errors import Forbidden, NotFound, SyncroError, UnknownTicket, UsageError
from synclog.model import Minutes
from synclog.render.ticket import TimeState, time_state

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.model import Invoice, Ticket, TicketNumber

_WINDOWS = (7, 31, 183)
"""Days back in which the latest invoices are sought, one after the other until there are enough."""


@dataclass(frozen=True, slots=True)
class WorkedTime:
    """A timer entry. `start` is in the workspace's timezone; `labor` an alias, else the product's name or `#id`;
    `billed` are the minutes to bill, 0 where `state` is `no`."""

    id: int
    start: datetime
    minutes: Minutes
    billed: Minutes
    labor: str
    product_id: int | None
    tech: str
    state: TimeState
    notes: str


@dataclass(frozen=True, slots=True)
class TicketTime:
    """A ticket's timer entries, oldest first."""

    number: TicketNumber
    subject: str
    customer: str
    entries: tuple[WorkedTime, ...]

    @property
    def minutes(self) -> Minutes:
        """The minutes worked."""
        return sum(entry.minutes for entry in self.entries)

    @property
    def billed(self) -> Minutes:
        """The minutes to bill."""
        return sum(entry.billed for entry in self.entries)

    @property
    def unbilled(self) -> Minutes:
        """The minutes to bill that are on no invoice."""
        return sum(entry.billed for entry in self.entries if entry.state in ("open", "charged"))


@dataclass(frozen=True, slots=True)
class LatestInvoices:
    """The account's invoices that were made last, the latest first: `total` were made in the last `days`, of which
    these are some."""

    invoices: tuple[Invoice, ...]
    total: int
    days: int


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """An invoice with its lines; `ticket` is None where it is of none, or of one that this key may not see."""

    invoice: Invoice
    customer: str
    ticket: Ticket | None


def ticket_time(session: Session, number: TicketNumber) -> TicketTime:
    """Return a ticket's timer entries. Raises UnknownTicket."""
    from synclog.app.account import account_of

    ticket = session.client.ticket(_ticket(session, number).id)
    settings = session.workspace.settings
    names = {item.product_id: alias for alias, item in settings.labor.items()}
    for product in {timer.product_id for timer in ticket.timers} - {None, *names}:
        with suppress(SyncroError):  # a name is nice to have
            names[product or 0] = session.client.product(product or 0).name
    people = {person.id: person.name for person in account_of(session).technicians}
    entries = (
        WorkedTime(
            id=timer.id,
            start=timer.start_at.astimezone(settings.timezone),
            minutes=timer.minutes,
            billed=timer.billable_minutes if timer.billable else 0,
            labor=_named(timer.product_id, names),
            product_id=timer.product_id,
            tech=_named(timer.user_id, people),
            state=time_state(timer, ticket.line_items),
            notes=timer.notes,
        )
        for timer in sorted(ticket.timers, key=lambda timer: (timer.start_at, timer.id))
    )
    return TicketTime(ticket.number, ticket.subject, ticket.customer_name, tuple(entries))


def ticket_invoices(session: Session, number: TicketNumber) -> tuple[Invoice, ...]:
    """Return a ticket's invoices, the latest first. Raises UnknownTicket."""
    return _latest_first(session.client.invoices(ticket_id=_ticket(session, number).id))


def latest_invoices(session: Session, most: int = 20) -> LatestInvoices:
    """Return the account's invoices that were made last, at most `most`, of half a year at most."""
    now = session.clock.now()
    for days in _WINDOWS:
        since = now - timedelta(days=days)
        found = [i for i in session.client.invoices(since_updated_at=since) if i.created_at >= since]
        if len(found) >= most:
            break
    return LatestInvoices(_latest_first(found)[:most], len(found), days)


def invoice_detail(session: Session, name: int) -> InvoiceDetail:
    """Return the invoice of this number or id, whichever Syncro takes it for. Raises UsageError where there is none."""
    client = session.client
    try:
        invoice = client.invoice(name)
    except NotFound as error:
        remedy = "`synclog invoices` lists the latest, `synclog invoices NUMBER` those of a ticket"
        raise UsageError(f"there is no invoice {name} in Syncro (or this key may not see it)", remedy=remedy) from error
    ticket = None
    if invoice.ticket_id is not None:
        with suppress(NotFound, Forbidden):
            ticket = client.ticket(invoice.ticket_id)
    name_of = invoice.customer_name or (ticket.customer_name if ticket else "")
    return InvoiceDetail(invoice, name_of or client.customer(invoice.customer_id).name, ticket)


def _ticket(session: Session, number: TicketNumber) -> Ticket:
    found = session.client.find_ticket(number)
    if found is None:
        raise UnknownTicket(f"there is no ticket {number} in Syncro (or this key may not see it)")
    return found


def _latest_first(invoices: tuple[Invoice, ...] | list[Invoice]) -> tuple[Invoice, ...]:
    return tuple(sorted(invoices, key=lambda invoice: (invoice.created_at, invoice.id), reverse=True))


def _named(id_: int | None, names: dict[int, str]) -> str:
    return "" if id_ is None else names.get(id_) or f"#{id_}"
