"""Everything that is written to Syncro. Each call makes one request, and nothing here ever repeats one.

Only `synclog.app` may decide that something is to be sent: it has looked before, and reads back after.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from synclog.model import (
    Comment,
    CommentDraft,
    Customer,
    Invoice,
    InvoiceLineDraft,
    LineItem,
    LineItemDraft,
    Minutes,
    Ticket,
    TicketChange,
    TicketDraft,
    TicketId,
    TimerDraft,
    TimerEntry,
)
from synclog.syncro import outgoing, wire_billing, wire_people, wire_tickets
from synclog.syncro.messages import one_line
from synclog.syncro.outgoing import given
from synclog.syncro.shapes import Record, ShapeError, text_of
from synclog.syncro.transport import Transport


class Writes:
    """The writing half of the client.

    Every method raises the class of a refusal (4xx: Syncro took nothing), NoAnswer (no connection: nothing was
    sent), or OutcomeUnknown (all else: it may have happened).
    """

    _transport: Transport

    def create_ticket(self, draft: TicketDraft) -> Ticket:
        """Make a ticket with its first comment."""
        return self._transport.write("POST", "/tickets", outgoing.ticket_body(draft), wire_tickets.ticket_answer)

    def update_ticket(self, ticket_id: TicketId, change: TicketChange) -> Ticket:
        """Change the fields of `change`, and no others."""
        body = outgoing.change_body(change)
        return self._transport.write("PUT", f"/tickets/{ticket_id}", body, wire_tickets.ticket_answer)

    def delete_ticket(self, ticket_id: TicketId) -> str:
        """Delete a ticket; return what Syncro says to it."""
        return self._transport.write("DELETE", f"/tickets/{ticket_id}", None, _done)

    def add_comment(self, ticket_id: TicketId, draft: CommentDraft) -> Comment:
        """Post a comment, which nothing can take back. That its time was taken shows only when it is read back."""
        return self._transport.write(
            "POST",
            f"/tickets/{ticket_id}/comment",
            outgoing.comment_body(draft),
            lambda document: wire_tickets.comment_answer(document, ticket_id),
        )

    def add_timer_entry(self, ticket_id: TicketId, draft: TimerDraft) -> TimerEntry:
        """Add time to a ticket."""
        return self._timer("POST", ticket_id, "timer_entry", outgoing.timer_body(draft))

    def update_timer_entry(
        self,
        ticket_id: TicketId,
        timer_id: int,
        *,
        start_at: datetime | None = None,
        minutes: Minutes | None = None,
        notes: str | None = None,
        product_id: int | None = None,
        user_id: int | None = None,
    ) -> TimerEntry:
        """Change what is given of a timer entry."""
        body = given(
            timer_entry_id=timer_id,
            start_at=None if start_at is None else outgoing.iso(start_at),
            duration_minutes=minutes,
            notes=notes,
            product_id=product_id,
            user_id=user_id,
        )
        return self._timer("PUT", ticket_id, "update_timer_entry", body)

    def delete_timer_entry(self, ticket_id: TicketId, timer_id: int) -> None:
        """Delete a timer entry."""
        path = f"/tickets/{ticket_id}/delete_timer_entry"
        self._transport.write("POST", path, {"timer_entry_id": timer_id}, _done)

    def charge_timer_entry(self, ticket_id: TicketId, timer_id: int) -> TimerEntry:
        """Make a line item of a timer entry. Doing it twice bills twice."""
        return self._timer("POST", ticket_id, "charge_timer_entry", {"timer_entry_id": timer_id})

    def add_line_item(self, ticket_id: TicketId, draft: LineItemDraft) -> LineItem:
        """Add a charge to a ticket."""
        return self._line_item("POST", ticket_id, "add_line_item", outgoing.line_item_body(draft))

    def update_line_item(
        self,
        ticket_id: TicketId,
        line_item_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        quantity: Decimal | None = None,
        price: Decimal | None = None,
        taxable: bool | None = None,
        product_id: int | None = None,
    ) -> LineItem:
        """Change what is given of a line item, as long as it is on no invoice. `quantity` is hours for labor."""
        body = given(
            ticket_line_item_id=line_item_id,
            name=name,
            description=description,
            quantity=None if quantity is None else outgoing.hours(quantity),
            price_retail=price,
            taxable=taxable,
            product_id=product_id,
        )
        return self._line_item("PUT", ticket_id, "update_line_item", body)

    def remove_line_item(self, ticket_id: TicketId, line_item_id: int) -> None:
        """Remove a line item, as long as it is on no invoice."""
        path = f"/tickets/{ticket_id}/remove_line_item"
        self._transport.write("POST", path, {"ticket_line_item_id": line_item_id}, _done)

    def create_invoice(self, ticket_id: TicketId, customer_id: int) -> Invoice:
        """Make an invoice of a ticket's unbilled work. It can come out empty: its lines show when it is read."""
        body = given(ticket_id=ticket_id, customer_id=customer_id, category="Standard")
        return self._transport.write("POST", "/invoices", body, wire_billing.invoice_answer)

    def add_invoice_line(self, invoice_id: int, draft: InvoiceLineDraft) -> None:
        """Add a line to an invoice. What Syncro answers to it is not documented: `invoice` shows the line."""
        body = outgoing.invoice_line_body(draft)
        self._transport.write("POST", f"/invoices/{invoice_id}/line_items", body, _done)

    def delete_invoice(self, invoice_id: int) -> str:
        """Delete an invoice; return what Syncro says to it."""
        return self._transport.write("DELETE", f"/invoices/{invoice_id}", None, _done)

    def create_customer(
        self,
        *,
        business_name: str | None = None,
        firstname: str | None = None,
        lastname: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        mobile: str | None = None,
        address: str | None = None,
    ) -> Customer:
        """Make a customer: a business, a person, or a person of a business."""
        body = given(
            business_name=business_name,
            firstname=firstname,
            lastname=lastname,
            email=email,
            phone=phone,
            mobile=mobile,
            address=address,
        )
        return self._transport.write("POST", "/customers", body, wire_people.customer_answer)

    def _timer(self, method: str, ticket_id: TicketId, action: str, body: dict[str, outgoing.Json]) -> TimerEntry:
        return self._transport.write(
            method,
            f"/tickets/{ticket_id}/{action}",
            body,
            lambda document: wire_tickets.timer_answer(document, ticket_id),
        )

    def _line_item(self, method: str, ticket_id: TicketId, action: str, body: dict[str, outgoing.Json]) -> LineItem:
        return self._transport.write(
            method,
            f"/tickets/{ticket_id}/{action}",
            body,
            lambda document: wire_tickets.line_item_answer(document, ticket_id),
        )


def _done(document: object) -> str:
    """Read an answer that only says that it is done: empty (204), or an object that does not say otherwise."""
    if document is None:
        return ""
    record = Record(document, "the answer")
    if not record.flag("success", default=True) or record.has("error") or record.has("errors"):
        raise ShapeError("it is a success that says it is none")
    message = record.raw("message")
    return one_line(text_of(message)) if isinstance(message, str) else ""
