"""What Syncro says of a ticket as the values that its file shows below the marker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Literal

from synclog.core.cleantext import clean_line
from synclog.core.mirror import ChargeRow, Entry, InvoiceRow, Mirror, TimeRow
from synclog.model import Comment, Invoice, LineItem, Ticket, TimerEntry
from synclog.render.incoming import inert, readable

TimeState = Literal["no", "open", "charged", "invoiced"]


def mirror_of(
    ticket: Ticket,
    comments: Iterable[Comment],
    invoices: Sequence[Invoice],
    tz: tzinfo,
    technicians: Mapping[int, str],
    labor: Mapping[int, str],
) -> Mirror:
    """Return the mirror of `ticket` with its complete conversation, oldest first.

    `technicians` are names by Syncro user id, `labor` aliases by product id; an id without a name is shown as `#id`.
    Times are shown in `tz`. The order does not depend on the order in which Syncro lists things.
    """
    return Mirror(
        entries=tuple(_entry(c, tz) for c in sorted(comments, key=lambda c: (c.created_at, c.id))),
        time=tuple(
            _time_row(t, ticket.line_items, tz, technicians, labor)
            for t in sorted(ticket.timers, key=lambda t: (t.start_at, t.id))
        ),
        charges=tuple(_charge(item) for item in sorted(ticket.line_items, key=lambda item: item.id)),
        invoices=tuple(
            InvoiceRow(inert_line(i.number), _day(i.created_at, tz), i.total)
            for i in sorted(invoices, key=lambda i: (i.created_at, i.id))
        ),
    )


def inert_line(text: str) -> str:
    """Return text from outside as one line of markdown that does nothing."""
    return inert(clean_line(text))


def _day(when: datetime, tz: tzinfo) -> date:
    return when.astimezone(tz).date()


def _entry(comment: Comment, tz: tzinfo) -> Entry:
    return Entry(
        when=comment.created_at.astimezone(tz).replace(second=0, microsecond=0),
        author=inert_line(comment.author),
        subject=inert_line(comment.subject),
        visibility="private" if comment.hidden else "public",
        text=readable(comment.body),
    )


def _time_row(
    timer: TimerEntry,
    items: Sequence[LineItem],
    tz: tzinfo,
    technicians: Mapping[int, str],
    labor: Mapping[int, str],
) -> TimeRow:
    return TimeRow(
        date=_day(timer.start_at, tz),
        minutes=timer.minutes,
        labor=_named(timer.product_id, labor),
        tech=_named(timer.user_id, technicians),
        billed=_billed(timer, items),
        notes=clean_line(readable(timer.notes)),
    )


def _named(id: int | None, names: Mapping[int, str]) -> str:
    if id is None:
        return ""
    return inert_line(names[id]) if id in names else f"#{id}"


def _billed(timer: TimerEntry, items: Sequence[LineItem]) -> str:
    """What becomes of the time: `no`, or the minutes to bill and how far they are: open, charged, invoiced."""
    state = time_state(timer, items)
    return "no" if state == "no" else f"{timer.billable_minutes} {state}"


def time_state(timer: TimerEntry, items: Sequence[LineItem]) -> TimeState:
    """Return how far the billing of a timer entry is, `items` being its ticket's; `no`: it is not to be billed."""
    if not timer.billable:
        return "no"
    if not timer.charged:
        return "open"
    return "invoiced" if any(item.id == timer.line_item_id and item.invoiced for item in items) else "charged"


def _charge(item: LineItem) -> ChargeRow:
    return ChargeRow(inert_line(item.name), item.quantity, item.price, item.invoiced)
