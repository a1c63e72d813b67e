"""Everything that is read of Syncro, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from synclog.model import (
    AccountSettings,
    Comment,
    Customer,
    Invoice,
    Me,
    Person,
    Product,
    Ticket,
    TicketId,
    TicketNumber,
    TicketPage,
    TimerEntry,
)
from synclog.syncro import wire_billing, wire_people, wire_tickets
from synclog.syncro.outgoing import iso
from synclog.syncro.paging import MOST_PAGES, Page, collect
from synclog.syncro.query import TicketQuery
from synclog.syncro.shapes import Record, ShapeError, listed, total_pages
from synclog.syncro.transport import Transport

T = TypeVar("T")

_TICKETS_A_PAGE = "25"
_COMMENTS_A_PAGE = "100"


class Reads:
    """The reading half of the client. Every method raises a SyncroError: see `Transport.read`."""

    _transport: Transport

    def me(self) -> Me:
        """Return the owner of the key, to whom everything written is attributed."""
        return self._get("/me", {}, wire_people.me)

    def users(self) -> tuple[Person, ...]:
        """Return the account's technicians, by id and name."""
        return self._get("/users", {}, wire_people.users)

    def account_settings(self) -> AccountSettings:
        """Return the account's own lists: statuses, technicians, ticket types."""
        return self._get("/tickets/settings", {}, wire_people.account_settings)

    def ticket_pages(self, query: TicketQuery, *, first: int = 1) -> Iterator[TicketPage]:
        """Yield the pages of a ticket list from page `first` on, as they come, as long as Syncro announces more.

        Tickets move between pages meanwhile: one may come twice, one may be missed. A page may be empty.
        """
        number, last = first - 1, first
        while number < last:
            number += 1
            params = query.params() | {"page": str(number), "per_page": _TICKETS_A_PAGE}
            reply = self._transport.read("/tickets", params, _tickets)
            tickets, total = reply.value
            last = number + bool(tickets) if total is None else total
            yield TicketPage(tickets, number, last, reply.server_time)

    def ticket(self, ticket_id: TicketId) -> Ticket:
        """Return a ticket's detail. Its conversation may be cut short: `conversation` is not."""
        return self._get(f"/tickets/{ticket_id}", {}, wire_tickets.ticket_answer)

    def find_ticket(self, number: TicketNumber) -> Ticket | None:
        """Return the ticket that people call `number`, as a list shows it; None when this key sees none."""
        for page in self.ticket_pages(TicketQuery(number=number)):
            for ticket in page.tickets:
                if ticket.number == number:
                    return ticket
        return None

    def tickets_since(self, created_after: datetime, *, customer_id: int | None = None) -> tuple[Ticket, ...]:
        """Return all tickets created at a time or later, of all customers or of one, as a list shows them: with their
        first comment alone. Read again when something moved between pages, rather than miss one."""
        params = {"created_after": iso(created_after), "per_page": _TICKETS_A_PAGE}
        if customer_id is not None:
            params["customer_id"] = str(customer_id)
        found = self._all("/tickets", params, "tickets", wire_tickets.ticket, surely=True)
        return tuple(sorted((t for t in found if t.created_at >= created_after), key=lambda ticket: ticket.id))

    def conversation(self, ticket_id: TicketId) -> tuple[Comment, ...]:
        """Return all comments of a ticket, oldest first; read again when something moved, rather than miss one."""
        params = {"per_page": _COMMENTS_A_PAGE, "sort_by": "created_at", "sort_direction": "asc"}
        found = self._all(
            f"/tickets/{ticket_id}/comments",
            params,
            "comments",
            lambda record: wire_tickets.comment(record, ticket_id),
            surely=True,
        )
        return tuple(sorted(found, key=wire_tickets.in_order))

    def timers(
        self, *, ticket_id: TicketId | None = None, created_after: datetime | None = None
    ) -> tuple[TimerEntry, ...]:
        """Return timer entries by id, of one ticket or created at a time or later.

        The filter by ticket is not documented, so what comes back is filtered again here.
        """
        params = {} if ticket_id is None else {"ticket_id": str(ticket_id)}
        if created_after is not None:
            params["created_at_gt"] = iso(created_after)
        # Of one ticket it is to tell what is not there; and an account that ignores the filter lists everybody's.
        surely = ticket_id is not None
        found = self._all("/ticket_timers", params, "ticket_timers", wire_tickets.timer_entry, surely=surely)
        wanted = (
            entry
            for entry in found
            if (ticket_id is None or entry.ticket_id == ticket_id)
            and (created_after is None or entry.created_at >= created_after)
        )
        return tuple(sorted(wanted, key=lambda entry: entry.id))

    def customer(self, customer_id: int) -> Customer:
        """Return a customer's detail, with contacts and prepaid hours."""
        return self._get(f"/customers/{customer_id}", {}, wire_people.customer_answer)

    def search_customers(self, query: str, *, surely: bool = False) -> tuple[Customer, ...]:
        """Return the customers that Syncro's search finds; `surely` reads several pages again rather than miss one."""
        return self._all("/customers", {"query": query}, "customers", wire_people.customer, surely=surely)

    def autocomplete_customers(self, query: str) -> tuple[Customer, ...]:
        """Return the customers that Syncro offers for the beginning of a name."""
        return self._all("/customers/autocomplete", {"query": query}, "customers", wire_people.customer)

    def contacts(self, customer_id: int) -> tuple[Person, ...]:
        """Return a customer's contacts."""

        def own(record: Record) -> Person | None:
            return wire_people.person(record) if record.maybe_id("customer_id") in (None, customer_id) else None

        found = self._all("/contacts", {"customer_id": str(customer_id)}, "contacts", own)
        return tuple(person for person in found if person is not None)

    def invoices(
        self, *, ticket_id: TicketId | None = None, since_updated_at: datetime | None = None
    ) -> tuple[Invoice, ...]:
        """Return invoices by id, without their lines: of one ticket, or changed at a time or later."""
        params = {} if ticket_id is None else {"ticket_id": str(ticket_id)}
        if since_updated_at is not None:
            params["since_updated_at"] = iso(since_updated_at)
        found = self._all("/invoices", params, "invoices", wire_billing.invoice)
        wanted = (invoice for invoice in found if ticket_id is None or invoice.ticket_id == ticket_id)
        return tuple(sorted(wanted, key=lambda invoice: invoice.id))

    def invoice(self, invoice_id: int) -> Invoice:
        """Return an invoice with its lines."""
        return self._get(f"/invoices/{invoice_id}", {}, wire_billing.invoice_answer)

    def product(self, product_id: int) -> Product:
        """Return a product as it is now: rates change, and are never kept."""
        return self._get(f"/products/{product_id}", {}, wire_billing.product_answer)

    def labor_products(self) -> tuple[Product, ...]:
        """Return the products whose category says labor, by id; the catalogue is read to its end."""
        found = self._all("/products", {}, "products", wire_billing.product)
        labor = (product for product in found if "labo" in (product.category or "").casefold())
        return tuple(sorted(labor, key=lambda product: product.id))

    def _get(self, path: str, params: Mapping[str, str], parse: Callable[[object], T]) -> T:
        return self._transport.read(path, params, parse).value

    def _all(
        self,
        path: str,
        params: Mapping[str, str],
        wrapper: str,
        parse: Callable[[Record], T],
        *,
        surely: bool = False,
    ) -> tuple[T, ...]:
        def fetch(number: int) -> Page[T]:
            def page(document: object) -> Page[T]:
                items = tuple((record.id("id"), parse(record)) for record in listed(document, wrapper))
                return Page(items, _announced(document, number, empty=not items))

            return self._get(path, {**params, "page": str(number)}, page)

        return tuple(collect(fetch, surely=surely).values())


def _announced(document: object, number: int, *, empty: bool) -> int | None:
    """Return the announced number of pages, None without a word; ShapeError when page `number` belies it."""
    total = total_pages(document)
    if total is not None and total > MOST_PAGES:
        raise ShapeError(f"it announces {total} pages")
    if total is not None and empty and number < total:
        raise ShapeError(f"page {number} of {total} is empty")
    return total


def _tickets(document: object) -> tuple[tuple[Ticket, ...], int | None]:
    tickets = tuple(wire_tickets.ticket(record) for record in listed(document, "tickets"))
    return tickets, _announced(document, 1, empty=False)
