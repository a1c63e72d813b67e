"""Facts for a report, from Syncro's records and from the text of a ticket's file.

A charge that was made of time counts with that time, once. Where the two are not linked (in a file, or by an account
that does not say) they are matched by minutes and by whether they are invoiced; what can't be matched has no price.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal

from synclog.core.baseline import decode_base, last_line
from synclog.core.cleantext import clean_line
from synclog.core.filehead import FileHead
from synclog.core.mirror import ChargeRow, TimeRow, parse_mirror
from synclog.core.references import REFERENCE
from synclog.core.report import NOT_LABOR, InvoiceFact, Piece, State, TicketFacts, amount_of, charge_amount
from synclog.model import Invoice, LineItem, Minutes, Reference, Ticket, TimerEntry

_BILLED = re.compile(r"(\d{1,6}) (open|charged|invoiced)")
_SECTIONS = re.compile(r"^## (?:Time|Charges|Invoices)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called: technicians by user id, labor aliases by product id. `rate` gives a product's price an hour
    as it is now, None where it is not known. `zone` is the workspace's, `finished` are the statuses of tickets that
    nobody is expected to work on."""

    zone: tzinfo
    rate: Callable[[int], Decimal | None]
    technicians: Mapping[int, str] = field(default_factory=dict)
    labor: Mapping[int, str] = field(default_factory=dict)
    finished: Collection[str] = ()

    def price(self, bills: Minutes, product_id: int | None) -> Decimal | None:
        """Return what minutes on a product come to now."""
        rate = None if product_id is None else self.rate(product_id)
        return None if rate is None else amount_of(bills, rate)

    def product(self, labor: str) -> int | None:
        """Return the product that a file's `labor` names: an alias, or `#` and its id."""
        if labor.startswith("#"):
            return _digits(labor[1:])
        return next((product for product, alias in self.labor.items() if alias == labor), None)


# --- from Syncro ---------------------------------------------------------------------------------------------------


def facts_of_ticket(ticket: Ticket, invoices: Iterable[InvoiceFact], names: Names, *, recurring: bool) -> TicketFacts:
    """Return what a ticket's detail says."""
    items = {item.id: item for item in ticket.line_items}
    linked = [t.line_item_id for t in ticket.timers if t.line_item_id in items]
    loose = [item for item in ticket.line_items if item.id not in linked]
    taken: set[int] = set()
    pieces = []
    for timer in sorted(ticket.timers, key=lambda timer: timer.id):
        item = items.get(timer.line_item_id or 0) or _matching(timer, loose)
        shared = item is not None and item.id in taken
        if item is not None:
            taken.add(item.id)
            loose = [one for one in loose if one.id != item.id]
        pieces.append(_piece_of_timer(timer, item, shared, names))
    pieces += [_piece_of_item(item, names) for item in loose]
    return TicketFacts(
        number=ticket.number,
        id=ticket.id,
        customer=clean_line(ticket.customer_name),
        subject=clean_line(ticket.subject),
        status=clean_line(ticket.status),
        finished=ticket.resolved_at is not None or ticket.status in names.finished,
        pieces=tuple(pieces),
        invoices=tuple(invoices),
        recurring=recurring,
    )


def invoice_fact(invoice: Invoice, zone: tzinfo, *, empty: bool | None = None) -> InvoiceFact:
    """Return an invoice as a report counts it."""
    return InvoiceFact(clean_line(invoice.number), _day(invoice.created_at, zone), invoice.total, empty)


def _matching(timer: TimerEntry, loose: Sequence[LineItem]) -> LineItem | None:
    """The charge of a timer entry that does not say which it is: of its labor and its minutes."""
    if not timer.charged:
        return None
    same = (i for i in loose if i.product_id == timer.product_id and _minutes(i.quantity) == timer.billable_minutes)
    return next(same, None)


def _piece_of_timer(timer: TimerEntry, item: LineItem | None, shared: bool, names: Names) -> Piece:
    state: State = "not_billable" if not timer.billable else "charged" if timer.charged else "open"
    amount: Decimal | None = None
    if item is not None:
        state = "invoiced" if item.invoiced else "charged"
        amount = Decimal(0) if shared else charge_amount(item.quantity, item.price)
    elif state == "open":
        amount = names.price(timer.billable_minutes, timer.product_id)
    return Piece(
        tech=_named(timer.user_id, names.technicians),
        labor=_named(timer.product_id, names.labor),
        day=_day(timer.start_at, names.zone),
        minutes=timer.minutes,
        bills=timer.billable_minutes,
        amount=amount,
        state=state,
        reference=_reference(timer.notes),
    )


def _piece_of_item(item: LineItem, names: Names) -> Piece:
    """A charge that no time entry belongs to: labor by hand or by `line_item`, or something that is no time. A credit
    lowers what is billed, and undoes no work."""
    is_labor = item.product_id in names.labor
    minutes = _minutes(item.quantity) if is_labor else 0
    return Piece(
        tech=_named(item.user_id, names.technicians),
        labor=_named(item.product_id, names.labor) if is_labor else NOT_LABOR,
        day=_day(item.created_at, names.zone),
        minutes=max(0, minutes),
        bills=minutes,
        amount=charge_amount(item.quantity, item.price),
        state="invoiced" if item.invoiced else "charged",
        reference=_reference(item.description),
    )


def _named(id: int | None, names: Mapping[int, str]) -> str:
    return "" if id is None else clean_line(names[id]) if id in names else f"#{id}"


def _minutes(hours: Decimal) -> Minutes:
    return round(hours * 60)


def _day(when: datetime, zone: tzinfo) -> date:
    return when.astimezone(zone).date()


def _reference(text: str) -> Reference | None:
    return next(reversed(REFERENCE.findall(text)), None)


# --- from a ticket's file ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MirrorFacts:
    """What the mirrored part of a file says. `plain` means that it shows no charge and no charged time, so that nothing
    had to be matched."""

    facts: TicketFacts
    plain: bool


def mirrored(head: FileHead, text: str, names: Names, *, recurring: bool) -> MirrorFacts | None:
    """Return the facts that a ticket's file mirrors, None where its base or its mirror is not as it was written. What
    the technician edited above has no part in that."""
    base = decode_base(text)
    if base is None or head.mirror_changed:
        return None
    mirror = parse_mirror(_tables(text), names.zone)
    status = _text(base, "status")
    facts = TicketFacts(
        number=head.number,
        id=head.id,
        customer=_text(base, "customer"),
        subject=_text(base, "subject"),
        status=status,
        finished=bool(base.get("resolved_at")) or status in names.finished,
        pieces=tuple(_pieces_of_rows(mirror.time, mirror.charges, _updated(base, names.zone), names)),
        invoices=tuple(InvoiceFact(i.number, i.date, i.total) for i in mirror.invoices),
        recurring=recurring,
    )
    charged = any(piece.state in ("charged", "invoiced") for piece in facts.pieces)
    return MirrorFacts(facts, not charged)


def _tables(text: str) -> str:
    """The tables below the conversation: no line of a comment can begin with `##`, so they begin with the first such
    heading after that of the conversation, which is the file's last one."""
    found = _SECTIONS.search(text, max(0, text.rfind("\n## Conversation")))
    return text[found.start() : last_line(text)[0]] if found else ""


def _pieces_of_rows(
    time: Iterable[TimeRow], charges: Iterable[ChargeRow], updated: date, names: Names
) -> Iterable[Piece]:
    loose = list(charges)
    for row in time:
        match = _BILLED.fullmatch(row.billed)
        bills = int(match[1]) if match else 0 if row.billed == "no" else row.minutes
        state: State = "not_billable" if row.billed == "no" else _state(match[2] if match else "open")
        if state == "open":
            amount = names.price(bills, names.product(row.labor))
        else:
            amount = _charged(loose, bills, state) if state != "not_billable" else None
        yield Piece(row.tech, row.labor, row.date, row.minutes, bills, amount, state, _reference(row.notes))
    for charge in loose:
        amount = charge_amount(charge.quantity, charge.price)
        yield Piece("", NOT_LABOR, updated, 0, 0, amount, "invoiced" if charge.invoiced else "charged")


def _charged(loose: list[ChargeRow], bills: Minutes, state: State) -> Decimal | None:
    """Take the charge of so many minutes out of `loose`; return what it comes to, None where there is none."""
    same = (c for c in loose if _minutes(c.quantity) == bills and c.invoiced == (state == "invoiced"))
    charge = next(same, None)
    if charge is None:
        return None
    loose.remove(charge)
    return charge_amount(charge.quantity, charge.price)


def _state(word: str) -> State:
    return "invoiced" if word == "invoiced" else "charged" if word == "charged" else "open"


def _digits(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _text(base: Mapping[str, object], key: str) -> str:
    value = base.get(key)
    return clean_line(value) if isinstance(value, str) else ""


def _updated(base: Mapping[str, object], zone: tzinfo) -> date:
    try:
        return datetime.fromisoformat(_text(base, "updated_at")).astimezone(zone).date()
    except (ValueError, OverflowError):
        return date.min
