"""What of a ticket's work is billed, from what its file shows: numbers, and the word for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from synclog.core.mirror import Mirror, TimeRow
from synclog.core.unbilled import line_amount
from synclog.model import LineItem, Minutes, Ticket, TimerEntry


@dataclass(frozen=True, slots=True)
class Billing:
    """How far a ticket's work is billed. Of its time `open_minutes` are not charged, `charged_minutes` are charged and
    on no invoice. `labor_minutes` are charges for labor that no timer entry tells of, on no invoice; None where it is
    not known which charges are for labor. `open_charges` are all on no invoice, `open_amount` what they come to before
    tax. `invoices` is how many there are."""

    open_minutes: Minutes
    charged_minutes: Minutes
    labor_minutes: Minutes | None
    open_charges: int
    open_amount: Decimal
    invoices: int

    @property
    def unbilled_minutes(self) -> Minutes:
        """The minutes to bill that are on no invoice, as far as they are known."""
        return self.open_minutes + self.charged_minutes + (self.labor_minutes or 0)

    @property
    def status(self) -> str:
        """The word for it: `nothing to bill`, `not invoiced`, `partly invoiced` or `invoiced`."""
        if self.unbilled_minutes or self.open_charges:
            return "partly invoiced" if self.invoices else "not invoiced"
        return "invoiced" if self.invoices else "nothing to bill"


def billing_of(mirror: Mirror, labor_minutes: Minutes | None = None) -> Billing:
    """Return how far the work is billed that a ticket's file shows; `labor_minutes` as of `labor_beside_time`."""
    charges = [charge for charge in mirror.charges if not charge.invoiced]
    return Billing(
        open_minutes=sum(_billed(mirror.time, "open")),
        charged_minutes=sum(_billed(mirror.time, "charged")),
        labor_minutes=labor_minutes,
        open_charges=len(charges),
        open_amount=sum((line_amount(c.quantity, c.price) for c in charges), Decimal("0.00")),
        invoices=len(mirror.invoices),
    )


def labor_beside_time(ticket: Ticket, labor: Collection[int]) -> Minutes:
    """Return the minutes of a ticket's open charges for these labor products that no timer entry was charged as."""
    linked = {timer.line_item_id for timer in ticket.timers}
    own = [i for i in ticket.line_items if not i.invoiced and i.product_id in labor and i.id not in linked]
    for timer in ticket.timers:
        if timer.charged and timer.line_item_id is None:
            # Syncro does not say as which charge: an equal one will do.
            same = next((item for item in own if _is_of(item, timer)), None)
            own = [item for item in own if item is not same]
    return sum(_minutes(item) for item in own)


def _is_of(item: LineItem, timer: TimerEntry) -> bool:
    return item.product_id == timer.product_id and _minutes(item) == timer.billable_minutes


def _minutes(item: LineItem) -> Minutes:
    return int((item.quantity * 60).to_integral_value(ROUND_HALF_UP))


def _billed(rows: Collection[TimeRow], state: str) -> Iterator[Minutes]:
    """The minutes to bill of the rows that are `open` or `charged`."""
    for row in rows:
        minutes, _, told = row.billed.partition(" ")
        if told == state and minutes.isascii() and minutes.isdigit():
            yield int(minutes)
