"""What push does next about an invoice: the table row by row, and what holds for every case there can be."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.deciding.invoices import invoice_step
from synclog.core.deciding.steps import Doubt, RecordInvoice, Send, Wait
from synclog.model import Invoice, InvoiceLine

NOON = datetime(2026, 4, 17, 12, 0, tzinfo=UTC)
LINE = InvoiceLine(1, "Remote Support", Decimal("1.5"), Decimal("165.00"))


def invoice(id_: int, lines: tuple[InvoiceLine, ...] | None = (LINE,)) -> Invoice:
    zero = Decimal("0.00")
    return Invoice(id_, str(41000 + id_), 5, 7, zero, zero, zero, False, NOON, NOON, lines)


OLD, NEW, NEWER = invoice(3), invoice(4), invoice(5)


# --- before it was ever asked for ------------------------------------------------------------------------------------


@pytest.mark.parametrize("invoices", [[], [OLD]])
def test_unbilled_work_is_asked_for_whatever_was_billed_before(invoices: list[Invoice]) -> None:
    assert invoice_step(None, invoices, unbilled=True, in_flight=False, settled=False) == Send()


@pytest.mark.parametrize("invoices", [[], [OLD]])
def test_without_unbilled_work_there_is_nothing_to_bill(invoices: list[Invoice]) -> None:
    step = invoice_step(None, invoices, unbilled=False, in_flight=False, settled=False)
    assert step == Doubt("there is nothing to bill")


def test_an_invoice_that_history_knows_as_begun_and_the_file_does_not_is_waited_for() -> None:
    assert invoice_step(None, [OLD], unbilled=True, in_flight=True, settled=False) == Wait()
    assert invoice_step(None, [OLD], unbilled=True, in_flight=True, settled=True) == Send()
    assert isinstance(invoice_step(None, [OLD, NEW], unbilled=False, in_flight=True, settled=True), Doubt)


# --- once it was asked for -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("in_flight", [False, True])
def test_one_newer_invoice_with_nothing_left_unbilled_is_recorded(in_flight: bool, settled: bool) -> None:
    step = invoice_step(3, [NEW, OLD], unbilled=False, in_flight=in_flight, settled=settled)
    assert step == RecordInvoice(NEW)


def test_an_invoice_whose_lines_were_not_read_is_recorded_by_its_being_there() -> None:
    unread = invoice(4, lines=None)
    assert invoice_step(3, [OLD, unread], unbilled=False, in_flight=True, settled=False) == RecordInvoice(unread)


def test_none_newer_and_unbilled_work_is_asked_for_again_once_it_settled() -> None:
    assert invoice_step(3, [OLD], unbilled=True, in_flight=True, settled=False) == Wait()
    assert invoice_step(3, [OLD], unbilled=True, in_flight=True, settled=True) == Send()
    assert invoice_step(3, [OLD], unbilled=True, in_flight=False, settled=False) == Send()


def test_none_newer_and_nothing_to_bill_is_doubtful_once_it_settled() -> None:
    assert invoice_step(3, [OLD], unbilled=False, in_flight=True, settled=False) == Wait()
    assert isinstance(invoice_step(3, [OLD], unbilled=False, in_flight=True, settled=True), Doubt)


def test_two_newer_invoices_are_doubtful_and_both_are_named() -> None:
    step = invoice_step(3, [NEWER, OLD, NEW], unbilled=False, in_flight=True, settled=True)
    assert isinstance(step, Doubt)
    assert "41004, 41005" in step.reason


def test_a_newer_invoice_beside_unbilled_work_is_doubtful() -> None:
    step = invoice_step(3, [OLD, NEW], unbilled=True, in_flight=True, settled=True)
    assert isinstance(step, Doubt)
    assert "41004" in step.reason


def test_an_invoice_that_came_out_empty_is_not_called_done() -> None:
    step = invoice_step(3, [OLD, invoice(4, lines=())], unbilled=False, in_flight=True, settled=True)
    assert isinstance(step, Doubt)
    assert "41004" in step.reason


# --- what holds for every case there can be --------------------------------------------------------------------------

INVOICES = st.lists(
    st.builds(invoice, st.integers(1, 9), st.sampled_from([None, (), (LINE,)])), max_size=4, unique_by=lambda i: i.id
)


@given(st.none() | st.integers(0, 9), INVOICES, st.booleans(), st.booleans(), st.booleans())
@settings(derandomize=True, deadline=None, max_examples=300)
def test_no_invoice_is_asked_for_twice_or_too_early_and_none_is_recorded_that_may_be_another(
    after: int | None, invoices: list[Invoice], unbilled: bool, in_flight: bool, settled: bool
) -> None:
    step = invoice_step(after, invoices, unbilled, in_flight, settled)
    newer = [i for i in invoices if after is not None and i.id > after]
    if isinstance(step, Send):
        assert unbilled
        assert not newer
        assert settled or not in_flight
    if isinstance(step, RecordInvoice):
        assert [step.invoice] == newer
        assert not unbilled
    if isinstance(step, Wait):
        assert in_flight
        assert not settled
        assert not newer
    assert step == invoice_step(after, invoices[::-1], unbilled, in_flight, settled)
