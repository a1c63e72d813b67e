"""What is unbilled and what it comes to; how a card says that a customer is never invoiced by ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.invoicing import no_invoice, without_invoice
from synclog.core.plan import Rate
from synclog.core.unbilled import Unbilled, labor_of, line_amount, unbilled_of
from synclog.core.work import FieldChange, InvoiceWork, TicketWork
from synclog.model import LineItem, Ticket, TimerEntry

AT = datetime(2026, 4, 20, 16, 0, tzinfo=UTC)
RATES = {26118: Rate(26118, "Onsite Labor", Decimal("150.00")), 5: None}
TIMER = TimerEntry(
    id=1, ticket_id=7, user_id=3, start_at=AT, minutes=47, billable_minutes=60, billable=True, charged=False,
    product_id=26118, notes="", created_at=AT,
)  # fmt: skip
CHARGE = LineItem(
    id=2, ticket_id=7, product_id=None, name="Toner", description="Black", quantity=Decimal(3), price=Decimal("33.335"),
    taxable=True, invoiced=False, created_at=AT,
)  # fmt: skip


def ticket(timers: tuple[TimerEntry, ...] = (), charges: tuple[LineItem, ...] = ()) -> Ticket:
    return Ticket(
        id=7, number=32162, subject="Server", status="New", customer_id=4, customer_name="Rosa's", created_at=AT,
        updated_at=AT, timers=timers, line_items=charges,
    )  # fmt: skip


def test_unbilled_is_time_without_a_charge_and_charges_without_an_invoice() -> None:
    charged, unpaid = replace(TIMER, id=3, charged=True), replace(TIMER, id=4, billable=False)
    found = unbilled_of(ticket((TIMER, charged, unpaid), (CHARGE, replace(CHARGE, invoiced=True))), RATES)
    assert found == Unbilled(60, 1, Decimal("250.01"))
    assert labor_of(ticket((TIMER, charged, unpaid))) == (26118,)


@pytest.mark.parametrize("product", [None, 5, 99])
def test_of_labor_without_a_known_rate_no_amount_is_made_up(product: int | None) -> None:
    found = unbilled_of(ticket((TIMER, replace(TIMER, id=3, product_id=product))), RATES)
    assert (found.minutes, found.amount) == (120, None)


def test_nothing_unbilled_is_nothing() -> None:
    assert not unbilled_of(ticket(), RATES)
    assert unbilled_of(ticket(), RATES).amount == Decimal(0)


@given(st.decimals("0", "999", places=4), st.decimals("-9999", "9999", places=2))
def test_a_line_is_of_whole_cents_and_at_most_half_a_cent_off(quantity: Decimal, price: Decimal) -> None:
    amount = line_amount(quantity, price)
    assert amount == amount.quantize(Decimal("0.01"))
    assert abs(amount - quantity * price) <= Decimal("0.005")


CARD = "---\ncustomer: Rosa's\n{}---\n"
PATH = "clients/rosas/client.md"


@pytest.mark.parametrize("line", ["", "invoicing: ticket\n", "invoicing:\n", "invoicing: null\n", "rate: recurring\n"])
def test_a_card_that_does_not_say_otherwise_allows_invoices_by_ticket(line: str) -> None:
    assert no_invoice(CARD.format(line), PATH) is None


@pytest.mark.parametrize("line", ["invoicing: recurring\n", 'invoicing: "Recurring "\n'])
def test_recurring_is_never_by_ticket(line: str) -> None:
    why = no_invoice(CARD.format(line), PATH)
    assert why is not None
    assert why.recurring
    assert PATH in why.reason


@pytest.mark.parametrize("card", [CARD.format("invoicing: recuring\n"), CARD.format("invoicing: [a]\n"), "---\na: [\n"])
def test_a_card_that_may_have_meant_it_holds_back_too_and_says_what_to_mend(card: str) -> None:
    why = no_invoice(card, PATH)
    assert why is not None
    assert not why.recurring
    assert PATH in why.reason
    assert why.remedy


def test_a_held_invoice_needs_a_person_and_the_changes_wait_for_it() -> None:
    change = FieldChange("status", "New", "Resolved", 4)
    work = TicketWork(32162, 7, "x.md", "Server", "Rosa's", invoice=InvoiceWork(None), changes=(change,))
    why = no_invoice(CARD.format("invoicing: recurring\n"), PATH)
    assert why is not None
    held = without_invoice(work, why)
    assert (held.invoice, held.changes, held.is_pending) == (None, (), False)
    assert [(h.what, h.decision) for h in held.held] == [("invoice", True), ("status", False)]
