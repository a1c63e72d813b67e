"""What of a ticket is unbilled, as a technician needs it before billing: from Syncro, or from its file alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from synclog.app.cards import Cards
from synclog.app.pending import customer_of
from synclog.core.cleantext import clean_line
from synclog.core.plan import Rate
from synclog.core.tobill import waits_of
from synclog.core.unbilled import Unbilled, labor_of, unbilled_of
from synclog.errors import DecisionNeeded, NotFound

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.core.invoicing import NoInvoice
    from synclog.core.mirror import Mirror
    from synclog.core.ticketfile import TicketFile
    from synclog.core.work import Held, TicketWork
    from synclog.model import TicketId
    from synclog.workspace.workspace import Workspace


_OPEN = re.compile(r"[0-9]{1,6} open")


@dataclass(frozen=True, slots=True)
class Billing:
    """A ticket before it is billed. `work` is what is pending or held in its file, None where nothing is; `no_invoice`
    why it is never invoiced by itself. `invoices` are the numbers of those it has. `unbilled` is what is on none of
    them; `live` says that Syncro was asked, else it is what the file shows. `prepaid` are the customer's hours, None
    where there are none or where that was not asked."""

    file: TicketFile
    status: str
    customer: str
    work: TicketWork | None
    no_invoice: NoInvoice | None
    invoices: tuple[str, ...]
    unbilled: Unbilled
    live: bool
    prepaid: Decimal | None = None

    @property
    def waits(self) -> tuple[Held, ...]:
        """What of the file an invoice would wait for."""
        return waits_of(self.work)

    @property
    def has_time(self) -> bool:
        """Whether time waits in the file's notes that would be on the invoice."""
        return self.work is not None and any(note.minutes is not None for note in self.work.notes)


def billing_here(workspace: Workspace, file: TicketFile) -> Billing:
    """Return a ticket as its file shows it, without asking Syncro."""
    from synclog.app.status import status
    from synclog.core.mirror import parse_mirror

    assert file.number is not None
    works = status(workspace, [file.number]).works
    return Billing(
        file=file,
        status=shown_text(file, "status"),
        customer=shown_text(file, "customer"),
        work=works[0] if works else None,
        no_invoice=Cards(workspace).no_invoice(file.path, customer_of(file)),
        invoices=file.base_invoices,
        unbilled=shown_unbilled(parse_mirror(file.mirror, workspace.settings.timezone)),
        live=False,
    )


def read_billing(session: Session, file: TicketFile) -> Billing:
    """Return a ticket as Syncro has it now, with what is pending in its file. Raises DecisionNeeded where Syncro does
    not know it (any more), and what the client raises."""
    here = billing_here(session.workspace, file)
    if file.id is None or file.gone:
        raise unknown_to_syncro(file)
    try:
        ticket = session.client.ticket(file.id)
    except NotFound:
        raise unknown_to_syncro(file) from None
    return replace(
        here,
        status=clean_line(ticket.status),
        customer=clean_line(ticket.customer_name) or here.customer,
        no_invoice=Cards(session.workspace).no_invoice(file.path, ticket.customer_id),
        invoices=invoices_of(session, ticket.id),
        unbilled=unbilled_of(ticket, Rates(session).of(labor_of(ticket))),
        live=True,
        prepaid=session.client.customer(ticket.customer_id).prepay_hours or None,
    )


def learn_invoices(session: Session, file: TicketFile, invoices: Iterable[str]) -> TicketFile:
    """Return a ticket's file, which is to ask for an invoice, with all of its `invoices` (numbers) in it: one that it
    did not know would be taken for the one that is asked for."""
    if set(invoices) <= set(file.base_invoices) or file.number is None:
        return file
    from synclog.app.entering import fetch_ticket
    from synclog.app.pull import pull

    pull(session, [file.number])
    return fetch_ticket(session, file.number)


def invoices_of(session: Session, ticket_id: TicketId) -> tuple[str, ...]:
    """Return the numbers of a ticket's invoices as Syncro has them now, oldest first."""
    found = (i for i in session.client.invoices(ticket_id=ticket_id) if i.ticket_id == ticket_id)
    return tuple(clean_line(invoice.number) for invoice in sorted(found, key=lambda i: i.id))


class Rates:
    """Live rates, each asked for once."""

    def __init__(self, session: Session) -> None:
        self._client = session.client
        self._known: dict[int, Rate | None] = {}

    def of(self, products: tuple[int, ...]) -> dict[int, Rate | None]:
        """Return the rates of these labor products, None of those that the account does not have."""
        for product in products:
            if product not in self._known:
                try:
                    found = self._client.product(product)
                    self._known[product] = Rate(found.id, clean_line(found.name), found.price, found.taxable)
                except NotFound:
                    self._known[product] = None
        return {product: self._known[product] for product in products}


def shown_unbilled(mirror: Mirror) -> Unbilled:
    """Return what a file shows to be on no invoice; what it comes to is not known where time is among it."""
    waiting = [int(row.billed.split()[0]) for row in mirror.time if _OPEN.fullmatch(row.billed)]
    charges = sum(1 for charge in mirror.charges if not charge.invoiced)
    return Unbilled(sum(waiting), charges, None if waiting or charges else Decimal("0.00"))


def shown_text(file: TicketFile, key: str) -> str:
    """Return a field of a ticket as one line, empty where there is none."""
    value = file.fields.get(key)
    return clean_line(value) if isinstance(value, str) else ""


def unknown_to_syncro(file: TicketFile) -> DecisionNeeded:
    """Return the error for a ticket that Syncro does not know."""
    return DecisionNeeded(
        f"#{file.number}: Syncro does not know this ticket (any more)", remedy=f"run `synclog pull {file.number}`"
    )
