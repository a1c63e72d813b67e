"""The wire shapes of tickets and what hangs on them: comments, timer entries, line items."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from synclog.model import Comment, LineItem, Person, Ticket, TimerEntry
from synclog.syncro.shapes import Record, text_of, unwrapped
from synclog.syncro.wire_people import customer, person


def ticket(record: Record) -> Ticket:
    """Read a ticket, from a list or from its detail. `number` comes as integer or as text."""
    ticket_id = record.id("id")
    owner = record.inner("customer")
    comments = record.each("comments", partial(comment, ticket_id=ticket_id), "comment")
    return Ticket(
        id=ticket_id,
        number=record.id("number"),
        subject=record.text("subject") or "",
        status=record.shown("status") or "",
        customer_id=record.id("customer_id") if owner is None or record.has("customer_id") else owner.id("id"),
        customer_name=record.shown("customer_business_then_name") or (customer(owner).name if owner else ""),
        created_at=record.moment("created_at"),
        updated_at=record.moment("updated_at"),
        priority=record.shown("priority"),
        problem_type=record.shown("problem_type"),
        due_date=record.shown("due_date"),
        resolved_at=record.maybe_moment("resolved_at"),
        assigned_to=_related(record, "user", "user_id", "user_name"),
        contact=_related(record, "contact", "contact_id", "contact_fullname"),
        tags=_tags(record),
        comments=tuple(sorted(comments, key=in_order)),
        timers=record.each("ticket_timers", partial(timer_entry, ticket_id=ticket_id), "timer entry"),
        line_items=record.each("line_items", partial(line_item, ticket_id=ticket_id), "line item"),
        customer=customer(owner) if owner else None,
    )


def ticket_answer(document: object) -> Ticket:
    """Read an answer about one ticket."""
    return ticket(unwrapped(document, "ticket"))


def in_order(one: Comment) -> tuple[object, int]:
    """Return what comments are ordered by: oldest first."""
    return one.created_at, one.id


def comment(record: Record, ticket_id: int | None = None) -> Comment:
    """Read a comment; `ticket_id` is the ticket it was read of, for shapes that do not say."""
    writer = record.inner("user")
    return Comment(
        id=record.id("id"),
        ticket_id=record.id("ticket_id") if ticket_id is None else record.maybe_id("ticket_id") or ticket_id,
        subject=record.text("subject") or "",
        body=record.text("body") or "",
        author=record.shown("tech") or (writer.shown("full_name", "name", "email") if writer else None) or "",
        user_id=record.maybe_id("user_id"),
        hidden=record.flag("hidden"),
        created_at=record.moment("created_at"),
    )


def comment_answer(document: object, ticket_id: int) -> Comment:
    """Read an answer about one comment."""
    return comment(unwrapped(document, "comment"), ticket_id)


def timer_entry(record: Record, ticket_id: int | None = None) -> TimerEntry:
    """Read a timer entry. `active_duration` and `billable_time` are seconds; a running one has worked 0 minutes."""
    start = record.moment("start_time", "start_at", "created_at")
    end = record.maybe_moment("end_time", "end_at")
    minutes = record.minutes_of_seconds("active_duration")
    if minutes is None:
        minutes = max(0, round((end - start).total_seconds() / 60)) if end else 0
    billable_minutes = record.minutes_of_seconds("billable_time")
    line_item_id = record.maybe_id("ticket_line_item_id")
    return TimerEntry(
        id=record.id("id"),
        ticket_id=record.id("ticket_id") if ticket_id is None else record.maybe_id("ticket_id") or ticket_id,
        user_id=record.maybe_id("user_id"),
        start_at=start,
        minutes=minutes,
        billable_minutes=minutes if billable_minutes is None else billable_minutes,
        billable=record.flag("billable", default=True),
        charged=record.flag("recorded") or line_item_id is not None,
        product_id=record.maybe_id("product_id"),
        notes=record.text("notes") or "",
        created_at=record.maybe_moment("created_at") or start,
        comment_id=record.maybe_id("comment_id"),
        line_item_id=line_item_id,
    )


def timer_answer(document: object, ticket_id: int) -> TimerEntry:
    """Read an answer about one timer entry: a flat object, here without a wrapper."""
    return timer_entry(unwrapped(document, "ticket_timer"), ticket_id)


def line_item(record: Record, ticket_id: int | None = None) -> LineItem:
    """Read a line item of a ticket. The price is in `price_retail`, in older shapes in `retail_cents` alone."""
    price = record.maybe_number("price_retail")
    if price is None:
        price = record.number("retail_cents") / 100
    quantity = record.maybe_number("quantity")
    return LineItem(
        id=record.id("id"),
        ticket_id=record.id("ticket_id") if ticket_id is None else record.maybe_id("ticket_id") or ticket_id,
        product_id=record.maybe_id("product_id"),
        name=record.text("name") or "",
        description=record.text("description") or "",
        quantity=Decimal(1) if quantity is None else quantity,
        price=price,
        taxable=record.flag("taxable"),
        invoiced=record.flag("converted") or record.maybe_id("invoice_id") is not None,
        created_at=record.moment("created_at"),
        user_id=record.maybe_id("user_id"),
    )


def line_item_answer(document: object, ticket_id: int) -> LineItem:
    """Read an answer about one line item: flat when it was added, wrapped when it was changed."""
    return line_item(unwrapped(document, "ticket_line_item"), ticket_id)


def _related(record: Record, name: str, id_name: str, text_name: str) -> Person | None:
    related = record.inner(name)
    if related is not None and related.maybe_id("id") is not None:
        return person(related)
    found = record.maybe_id(id_name)
    return None if found is None else Person(found, record.shown(text_name) or "")


def _tags(record: Record) -> tuple[str, ...]:
    raw = record.raw("tag_list")
    tags = raw.split(",") if isinstance(raw, str) else raw if isinstance(raw, list) else ()
    return tuple(text_of(tag).strip() for tag in tags if isinstance(tag, str) and tag.strip())
