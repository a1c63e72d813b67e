"""How far a ticket's work is billed: what is counted, and the word for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from synclog.core.billing import billing_of, labor_beside_time
from synclog.core.mirror import ChargeRow, InvoiceRow, Mirror, TimeRow
from synclog.model import LineItem, Ticket, TimerEntry

DAY = date(2026, 4, 15)
NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)
REMOTE, SWITCH = 1190473, 77


def row(billed: str, minutes: int = 60) -> TimeRow:
    return TimeRow(DAY, minutes, "remote", "Mike Sorrel", billed, "")


def charge(price: str, quantity: str = "1", *, invoiced: bool = False) -> ChargeRow:
    return ChargeRow("Remote Support", Decimal(quantity), Decimal(price), invoiced)


INVOICE = InvoiceRow("10231", DAY, Decimal("180.00"))


@pytest.mark.parametrize(
    ("mirror", "status", "unbilled"),
    [
        (Mirror(), "nothing to bill", 0),
        (Mirror(time=(row("no"),)), "nothing to bill", 0),
        (Mirror(time=(row("90 open"), row("30 charged"), row("15 invoiced"))), "not invoiced", 120),
        (Mirror(time=(row("90 invoiced"),), invoices=(INVOICE,)), "invoiced", 0),
        (Mirror(time=(row("90 invoiced"), row("30 open")), invoices=(INVOICE,)), "partly invoiced", 30),
        (Mirror(charges=(charge("99"),)), "not invoiced", 0),
        (Mirror(charges=(charge("99", invoiced=True),), invoices=(INVOICE,)), "invoiced", 0),
        (Mirror(time=(row("bent by hand"), row(" open"))), "nothing to bill", 0),
    ],
)
def test_the_word_for_it_and_the_minutes_on_no_invoice(mirror: Mirror, status: str, unbilled: int) -> None:
    billing = billing_of(mirror)
    assert (billing.status, billing.unbilled_minutes) == (status, unbilled)
    assert billing.labor_minutes is None


def test_open_charges_come_to_what_an_invoice_would_say_line_by_line() -> None:
    billing = billing_of(Mirror(charges=(charge("135", "0.9167"), charge("0.005"), charge("5", invoiced=True))))
    assert (billing.open_charges, billing.open_amount) == (2, Decimal("123.76"))


def item(id_: int, hours: str, product: int = REMOTE, *, invoiced: bool = False) -> LineItem:
    return LineItem(id_, 5, product, "x", "x", Decimal(hours), Decimal(120), False, invoiced, NOON)


def timer(id_: int, minutes: int, line_item: int | None, *, charged: bool = True) -> TimerEntry:
    return TimerEntry(id_, 5, 1, NOON, minutes, minutes, True, charged, REMOTE, "", NOON, line_item_id=line_item)


def test_labor_charges_count_once_whether_or_not_syncro_says_of_which_time_they_are() -> None:
    items = (item(1, "1.5"), item(2, "0.5"), item(3, "0.25"), item(4, "2", SWITCH), item(5, "9", invoiced=True))
    timers = (timer(1, 90, 1), timer(2, 30, None), timer(3, 45, None, charged=False))
    ticket = Ticket(5, 32162, "s", "New", 1, "c", NOON, NOON, timers=timers, line_items=items)
    assert labor_beside_time(ticket, {REMOTE}) == 15
    assert billing_of(Mirror(), labor_beside_time(ticket, {REMOTE})).unbilled_minutes == 15
