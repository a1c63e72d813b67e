"""What of a ticket is on no invoice yet, and what an invoice of it comes to at live rates, before tax.

Money is Decimal, of whole cents where it is a line of an invoice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from synclog.core.deciding.times import hours_of
from synclog.core.plan import PlannedNote
from synclog.model import LineItem, Minutes, Ticket, TimerEntry

if TYPE_CHECKING:
    from synclog.core.plan import Rate

Rates = Mapping[int, "Rate | None"]
"""Labor as Syncro has it now, by product id; None, or nothing, of one that it does not have."""

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Unbilled:
    """What of a ticket is on no invoice: minutes to bill that no charge was made of, and how many charges. `amount` is
    what they come to, None where a price is not known."""

    minutes: Minutes = 0
    charges: int = 0
    amount: Decimal | None = Decimal("0.00")

    def __bool__(self) -> bool:
        return bool(self.minutes or self.charges)


def open_timers(ticket: Ticket) -> list[TimerEntry]:
    """Return the ticket's time that no charge was made of."""
    return [timer for timer in ticket.timers if timer.billable and not timer.charged]


def open_charges(ticket: Ticket) -> list[LineItem]:
    """Return the ticket's charges that are on no invoice."""
    return [item for item in ticket.line_items if not item.invoiced]


def labor_of(ticket: Ticket) -> tuple[int, ...]:
    """Return the product ids whose rates tell what the ticket's time comes to."""
    return tuple(sorted({timer.product_id for timer in open_timers(ticket) if timer.product_id is not None}))


def unbilled_of(ticket: Ticket, rates: Rates) -> Unbilled:
    """Return what of the ticket is on no invoice, at these rates."""
    timers, charges = open_timers(ticket), open_charges(ticket)
    amounts: list[Decimal | None] = [line_amount(item.quantity, item.price) for item in charges]
    for timer in timers:
        rate = rates.get(timer.product_id) if timer.product_id is not None else None
        amounts.append(line_amount(hours_of(timer.billable_minutes), rate.price) if rate else None)
    return Unbilled(sum(timer.billable_minutes for timer in timers), len(charges), _sum(amounts))


def expected_of(ticket: Ticket | None, notes: Iterable[PlannedNote], rates: Rates) -> Decimal | None:
    """Return what an invoice comes to of what is unbilled on the ticket and of the time that `notes` send first; None
    where a price is not known."""
    coming = [n for n in notes if n.is_sent and n.work.bills is not None]
    amounts = [line_amount(hours_of(n.work.bills or 0), n.rate.price) if n.rate else None for n in coming]
    return _sum([unbilled_of(ticket, rates).amount if ticket else Decimal("0.00"), *amounts])


def line_amount(quantity: Decimal, price: Decimal) -> Decimal:
    """Return what a line of an invoice comes to, in whole cents."""
    return (quantity * price).quantize(_CENT, ROUND_HALF_UP)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal("0.00")
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
