"""A report: what was worked, posted, billed and is unbilled in a span of days, in groups and in total.

What each word means and how it is computed is in docs/reports.md; this is the table that it describes. Facts in, sums
out: where the facts come from (Syncro, files) is not known here. Money is before tax, but for invoices' own totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from synclog.core.periods import Period
from synclog.model import Minutes, Reference, TicketId, TicketNumber

State = Literal["not_pushed", "dropped", "open", "charged", "invoiced", "not_billable"]
"""Of a note in a file: not pushed yet, or its comment is posted and the account dropped its time. In Syncro: on no
charge yet, charged (a line item was made of it), on an invoice, never to be billed."""

Dimension = Literal["customer", "tech", "labor", "day"]
DIMENSIONS: tuple[Dimension, ...] = ("customer", "tech", "labor", "day")

NOT_LABOR = "(not labor)"
"""The labor of charges that are no time."""
NOBODY = "(nobody)"

_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work, or a charge that is none. `minutes` are worked, `bills` what is billed of them or would be;
    `amount` is what that comes to, None where no price is known. `day` is local. `reference` is the one that its text
    ends with."""

    tech: str
    labor: str
    day: date
    minutes: Minutes
    bills: Minutes
    amount: Decimal | None
    state: State
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class InvoiceFact:
    """An invoice. `total` is with tax. `empty` says that it has no line, None where that was not looked at."""

    number: str
    day: date
    total: Decimal
    empty: bool | None = None


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What is known of a ticket. `finished`: nobody is expected to work on it any more. `number` is None for what is no
    ticket (yet): a draft, invoices without a ticket. `recurring`: its customer gets recurring invoices."""

    number: TicketNumber | None
    id: TicketId | None
    customer: str
    subject: str
    status: str
    finished: bool
    pieces: tuple[Piece, ...] = ()
    invoices: tuple[InvoiceFact, ...] = ()
    recurring: bool = False


@dataclass(slots=True)
class Sums:
    """What pieces add up to, in minutes and money. `unpriced` are the minutes to bill whose price is not known: they
    are in the minutes, and not in the money. `invoiced` are the totals of the invoices of these days."""

    worked: Minutes = 0
    posted: Minutes = 0
    billed: Minutes = 0
    unbilled: Minutes = 0
    not_billable: Minutes = 0
    billed_amount: Decimal = _NOTHING
    unbilled_amount: Decimal = _NOTHING
    unpriced: Minutes = 0
    invoiced: Decimal = _NOTHING

    def add(self, piece: Piece) -> None:
        """Count a piece."""
        self.worked += piece.minutes
        if piece.state in ("not_pushed", "dropped"):
            return
        self.posted += piece.minutes
        if piece.state == "not_billable":
            self.not_billable += piece.minutes
            return
        amount = piece.amount
        if amount is None:
            self.unpriced += piece.bills
        if piece.state == "invoiced":
            self.billed += piece.bills
            self.billed_amount += amount or 0
        else:
            self.unbilled += piece.bills
            self.unbilled_amount += amount or 0


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Something that would be forgotten. `day` is that of its oldest piece. What is `expected` is left to a recurring
    invoice, and counts as nothing forgotten."""

    kind: Literal["unbilled", "dropped", "empty_invoice", "not_pushed"]
    ticket: TicketNumber | None
    customer: str
    subject: str
    day: date
    minutes: Minutes
    amount: Decimal | None
    what: str
    expected: bool = False


@dataclass(slots=True)
class Report:
    """The sums of a period: in `total`, and by the name of each group of each dimension. `forgotten` is in the order of
    tickets."""

    period: Period
    total: Sums = field(default_factory=Sums)
    groups: dict[Dimension, dict[str, Sums]] = field(default_factory=lambda: {d: {} for d in DIMENSIONS})
    tickets: int = 0
    forgotten: list[Forgotten] = field(default_factory=list)

    def add(self, facts: TicketFacts) -> None:
        """Count a ticket. Every ticket is to be added once."""
        has_any = False
        for piece in facts.pieces:
            if piece.day in self.period:
                has_any = True
                self.total.add(piece)
                for dimension, name in _names(facts, piece).items():
                    self._group(dimension, name).add(piece)
        for invoice in facts.invoices:
            if invoice.day in self.period:
                has_any = True
                self.total.invoiced += invoice.total
                self._group("customer", facts.customer).invoiced += invoice.total
                self._group("day", invoice.day.isoformat()).invoiced += invoice.total
        self.tickets += has_any and facts.number is not None
        self.forgotten += _forgotten(facts, self.period)

    def by(self, dimension: Dimension) -> list[tuple[str, Sums]]:
        """Return the groups of a dimension: days in order, others by their names."""
        return sorted(self.groups[dimension].items(), key=lambda group: (group[0].casefold(), group[0]))

    def _group(self, dimension: Dimension, name: str) -> Sums:
        return self.groups[dimension].setdefault(name, Sums())


def amount_of(bills: Minutes, rate: Decimal) -> Decimal:
    """Return what minutes come to at a rate an hour, to the cent."""
    return (Decimal(bills) * rate / 60).quantize(_CENT, ROUND_HALF_UP)


def charge_amount(quantity: Decimal, price: Decimal) -> Decimal:
    """Return what a line item comes to, to the cent."""
    return (quantity * price).quantize(_CENT, ROUND_HALF_UP)


def forgotten_sums(found: Iterable[Forgotten]) -> tuple[int, Minutes, Decimal, Minutes]:
    """Return how many are forgotten (what is expected is not), their minutes and money, and the minutes without a
    known price."""
    real = [one for one in found if not one.expected]
    money = sum((one.amount for one in real if one.amount is not None), _NOTHING)
    return len(real), sum(o.minutes for o in real), money, sum(o.minutes for o in real if o.amount is None)


def _names(facts: TicketFacts, piece: Piece) -> Mapping[Dimension, str]:
    return {
        "customer": facts.customer,
        "tech": piece.tech or NOBODY,
        "labor": piece.labor,
        "day": piece.day.isoformat(),
    }


def _forgotten(facts: TicketFacts, period: Period) -> Iterable[Forgotten]:
    """What would be forgotten of a ticket: up to the period's end, however old it is."""
    due = [p for p in facts.pieces if period.last is None or p.day <= period.last]
    # What comes to nothing (internal labor, say) is nothing that an invoice would lack.
    waits = [p for p in due if p.state in ("open", "charged") and p.amount != 0]
    if facts.finished and waits:
        what = f"on no invoice, and the ticket is {facts.status}"
        yield _row("unbilled", facts, waits, what, expected=facts.recurring)
    if dropped := [p for p in due if p.state == "dropped"]:
        yield _row("dropped", facts, dropped, "its comment is posted, its time was not recorded")
    if notes := [p for p in due if p.state == "not_pushed"]:
        yield _row("not_pushed", facts, notes, f"{len(notes)} {'note' if len(notes) == 1 else 'notes'} not pushed")
    for invoice in facts.invoices:
        if invoice.day in period and invoice.total == 0 and invoice.empty is not False:
            known = "has no lines" if invoice.empty else "comes to 0.00; it may be empty, or all of it prepaid"
            what = f"invoice {invoice.number} {known}"
            yield Forgotten(
                "empty_invoice", facts.number, facts.customer, facts.subject, invoice.day, 0, _NOTHING, what
            )


def _row(
    kind: Literal["unbilled", "dropped", "not_pushed"],
    facts: TicketFacts,
    pieces: list[Piece],
    what: str,
    *,
    expected: bool = False,
) -> Forgotten:
    amounts = [piece.amount for piece in pieces]
    return Forgotten(
        kind=kind,
        ticket=facts.number,
        customer=facts.customer,
        subject=facts.subject,
        day=min(piece.day for piece in pieces),
        minutes=sum(piece.bills for piece in pieces),
        amount=None if None in amounts else sum((a for a in amounts if a is not None), _NOTHING),
        what=what,
        expected=expected,
    )
