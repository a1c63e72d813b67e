"""A report's arithmetic: groups add up to the total, and nothing counts twice."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.periods import Period
from synclog.core.report import (
    DIMENSIONS,
    InvoiceFact,
    Piece,
    Report,
    State,
    Sums,
    TicketFacts,
    amount_of,
    charge_amount,
    forgotten_sums,
)

DAY = date(2026, 4, 17)
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30))


def piece(state: State = "open", minutes: int = 60, amount: str | None = "120.00", **more: object) -> Piece:
    values = {"tech": "Mike Sorrel", "labor": "remote", "day": DAY, "bills": minutes} | more
    money = None if amount is None else Decimal(amount)
    return Piece(minutes=minutes, amount=money, state=state, **values)  # type: ignore[arg-type]


def ticket(*pieces: Piece, invoices: tuple[InvoiceFact, ...] = (), **more: object) -> TicketFacts:
    values = {"customer": "Len's Auto Brokerage", "subject": "Server upgrade", "status": "Resolved", "finished": True}
    return TicketFacts(32162, 7, pieces=pieces, invoices=invoices, **(values | more))  # type: ignore[arg-type]


def reported(*tickets: TicketFacts, period: Period = APRIL) -> Report:
    report = Report(period)
    for one in tickets:
        report.add(one)
    return report


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("not_pushed", Sums(worked=60)),
        ("dropped", Sums(worked=60)),
        ("not_billable", Sums(worked=60, posted=60, not_billable=60)),
        ("open", Sums(worked=60, posted=60, unbilled=90, unbilled_amount=Decimal("180.00"))),
        ("charged", Sums(worked=60, posted=60, unbilled=90, unbilled_amount=Decimal("180.00"))),
        ("invoiced", Sums(worked=60, posted=60, billed=90, billed_amount=Decimal("180.00"))),
    ],
)
def test_what_each_state_counts_as(state: State, expected: Sums) -> None:
    assert reported(ticket(piece(state, amount="180.00", bills=90))).total == expected


def test_time_without_a_known_price_is_in_the_minutes_and_in_no_amount() -> None:
    total = reported(ticket(piece(amount=None), piece("invoiced", amount="30.00"))).total
    assert (total.unbilled, total.unbilled_amount, total.unpriced) == (60, 0, 60)
    assert total.billed_amount == 30


def test_only_the_periods_days_count_both_ends_included() -> None:
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1)]
    report = reported(ticket(*(piece(day=day) for day in days)))
    assert [name for name, _ in report.by("day")] == ["2026-04-01", "2026-04-30"]
    assert report.total.worked == 120


def test_money_is_exact_to_the_cent() -> None:
    assert amount_of(50, Decimal("100.00")) == Decimal("83.33")
    assert amount_of(1, Decimal("0.30")) == Decimal("0.01")
    assert charge_amount(Decimal("0.8333"), Decimal("100.00")) == Decimal("83.33")


# --- what would be forgotten ---------------------------------------------------------------------------------------


def test_unbilled_time_of_a_finished_ticket_would_be_forgotten_however_old_it_is() -> None:
    old = piece(day=date(2025, 11, 3))
    (found,) = reported(ticket(old, piece("charged"), piece("invoiced"))).forgotten
    assert (found.kind, found.minutes, found.amount, found.day) == ("unbilled", 120, Decimal("240.00"), old.day)
    assert reported(ticket(old, finished=False)).forgotten == []
    assert reported(ticket(piece(day=date(2026, 5, 1)))).forgotten == []


def test_work_that_comes_to_nothing_is_not_forgotten() -> None:
    assert reported(ticket(piece(amount="0.00"), piece("not_billable"))).forgotten == []


def test_a_customer_with_recurring_invoices_is_marked_and_not_counted() -> None:
    report = reported(ticket(piece(), recurring=True), ticket(piece("not_pushed"), recurring=True))
    assert [(one.kind, one.expected) for one in report.forgotten] == [("unbilled", True), ("not_pushed", False)]
    assert forgotten_sums(report.forgotten) == (1, 60, Decimal("120.00"), 0)


def test_dropped_time_and_notes_that_were_never_pushed_are_listed_on_open_tickets_too() -> None:
    report = reported(ticket(piece("dropped"), piece("not_pushed", 0, None), piece("not_pushed"), finished=False))
    assert [(one.kind, one.minutes, one.amount) for one in report.forgotten] == [
        ("dropped", 60, Decimal("120.00")),
        ("not_pushed", 60, None),
    ]


@pytest.mark.parametrize(
    ("total", "empty", "words"),
    [("0.00", True, "has no lines"), ("0.00", None, "may be empty"), ("0.00", False, None), ("5.00", True, None)],
)
def test_an_empty_invoice_is_not_one_whose_hours_were_prepaid(
    total: str, empty: bool | None, words: str | None
) -> None:
    found = reported(ticket(invoices=(InvoiceFact("41206", DAY, Decimal(total), empty),))).forgotten
    assert [words in one.what for one in found if words] == ([True] if words else [])
    assert len(found) == bool(words)


# --- groups and totals ---------------------------------------------------------------------------------------------

STATES: list[State] = ["not_pushed", "dropped", "open", "charged", "invoiced", "not_billable"]
pieces = st.builds(
    Piece,
    tech=st.sampled_from(["", "Mike Sorrel", "mike sorrel", "Tess Hallgrim"]),
    labor=st.sampled_from(["remote", "onsite", "(not labor)"]),
    day=st.integers(-20, 20).map(lambda days: DAY + timedelta(days=days)),
    minutes=st.integers(0, 1440),
    bills=st.integers(-60, 1440),
    amount=st.none() | st.decimals(-1000, 1000, places=2),
    state=st.sampled_from(STATES),
)
invoices = st.builds(
    InvoiceFact,
    number=st.just("41206"),
    day=st.integers(-20, 20).map(lambda days: DAY + timedelta(days=days)),
    total=st.decimals(0, 1000, places=2),
)
tickets = st.builds(
    lambda customer, pieces, invoices: ticket(*pieces, invoices=tuple(invoices), customer=customer),
    st.sampled_from(["Len's Auto Brokerage", "Rosa's Panadería", ""]),
    st.lists(pieces, max_size=5),
    st.lists(invoices, max_size=2),
)


def values(sums: Sums) -> dict[str, object]:
    return {one.name: getattr(sums, one.name) for one in fields(Sums)}


def added(parts: list[Sums], without: tuple[str, ...] = ()) -> dict[str, object]:
    names = [one.name for one in fields(Sums) if one.name not in without]
    return {name: sum(getattr(part, name) for part in parts) for name in names}


@settings(max_examples=40)
@given(st.lists(tickets, max_size=4))
def test_the_groups_of_every_dimension_add_up_to_the_total(found: list[TicketFacts]) -> None:
    report = reported(*found)
    for dimension in DIMENSIONS:
        # Whose work an invoice was, and of which labor, its total does not say.
        without = () if dimension in ("customer", "day") else ("invoiced",)
        expected = {name: value for name, value in values(report.total).items() if name not in without}
        assert added([sums for _, sums in report.by(dimension)], without) == expected


@settings(max_examples=40)
@given(st.lists(tickets, max_size=4))
def test_two_periods_side_by_side_add_up_to_both_and_nothing_counts_twice(found: list[TicketFacts]) -> None:
    first = reported(*found, period=Period(None, DAY)).total
    second = reported(*found, period=Period(DAY + timedelta(days=1))).total
    whole = reported(*found, period=Period()).total
    assert added([first, second]) == values(whole)
    every = [one for ticket in found for one in ticket.pieces]
    assert whole.worked == sum(one.minutes for one in every)
    in_syncro = [one for one in every if one.state in ("open", "charged", "invoiced")]
    assert whole.billed + whole.unbilled == sum(one.bills for one in in_syncro)
