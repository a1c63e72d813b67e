"""The kinds of write that are no note and no field: one-offs left in the file for a push, after what they are about was
pushed, and a customer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from unittest.mock import ANY

from support.office import LABOR

from matrix.kinds import CHARGE, HOURS, INVOICE, KINDS, LINE_ITEM, MINUTES, TIME, TIMER, Kind
from matrix.records import NUMBER, Account, Records, Row
from synclog.core.oneoffs import InvoiceRemoval, TicketRemoval, named

OWNER = 21735
HOUR_OF_TIMER: Row = {"active_duration": 3600, "billable_time": 3600, "end_time": ANY}
ONSITE = {"product_id": LABOR["onsite"]}


def _invoice_removal(account: Account) -> InvoiceRemoval:
    row = account.invoices[max(account.invoices)]
    return named(NUMBER, InvoiceRemoval("", OWNER, row["id"], row["number"], Decimal(row["total"])))


def _ticket_removal(account: Account) -> TicketRemoval:
    (ticket,) = (i for i, row in account.tickets.items() if row["number"] == NUMBER)
    return named(NUMBER, TicketRemoval("", OWNER, ticket))


def _correction(name: str, first: Kind, *words: str, **more: object) -> Kind:
    wanted = Kind(name, (), Counter(correct=1), first=first, leaves=("correct", "{reference}", *words))
    return replace(wanted, **more)  # type: ignore[arg-type]


CHARGED_CORRECTION = _correction(
    "charged_correction",
    CHARGE,
    *("--time", "1h", "--labor", "onsite"),
    writes=("PUT /tickets/*/update_timer_entry", "PUT /tickets/*/update_line_item"),
    changed={
        "timers": [HOUR_OF_TIMER | ONSITE],
        "line_items": [
            {"quantity": "1.0", "name": "Onsite Support", "price_retail": 145.0, "retail_cents": 14500} | ONSITE
        ],
    },
    minutes=60,
)
ONE_OFFS = (
    Kind(
        "plain_timer",
        ("POST /tickets/*/timer_entry",),
        Counter(time=1),
        Records(timers=TIME),
        leaves=("timers", "add", str(NUMBER), "--start", "2026-04-20 09:00", "--end", "2026-04-20 10:30"),
        minutes=MINUTES,
    ),
    _correction(
        "correction",
        TIMER,
        *("--time", "1h"),
        writes=("PUT /tickets/*/update_timer_entry",),
        changed={"timers": [HOUR_OF_TIMER]},
        minutes=60,
    ),
    CHARGED_CORRECTION,
    _correction(
        "line_item_correction",
        LINE_ITEM,
        *("--time", "1h"),
        writes=("PUT /tickets/*/update_line_item",),
        changed={"line_items": [{"quantity": "1.0"}]},
        minutes=60,
    ),
    _correction(
        "removal",
        CHARGE,
        "--remove",
        writes=("POST /tickets/*/remove_line_item", "POST /tickets/*/delete_timer_entry"),
        gone=Records(timers=TIME, line_items=HOURS),
    ),
    Kind(
        "invoice_line",
        ("POST /invoices/*/line_items",),
        Counter(line=1),
        Records(invoice_lines=Counter({"2.0": 1})),
        changed={"invoices": [{"subtotal": "139.80", "total": "139.80"}]},
        first=INVOICE,
        leaves=("invoice", "add-item", "{invoice}", "--name", "Patch cable", "--price", "9.90", "--quantity", "2"),
    ),
    Kind(
        "invoice_removal",
        ("DELETE /invoices/*",),
        Counter(delete=1),
        gone=Records(invoices=1, invoice_lines=Counter({"1.0": 1})),
        changed={"line_items": [{"converted": False}]},
        first=INVOICE,
        doing=_invoice_removal,
        trail_lists=frozenset(),
    ),
    Kind(
        "ticket_removal",
        ("DELETE /tickets/*",),
        Counter(delete=1),
        gone=Records(tickets=1, comments=4, timers=TIME, line_items=HOURS),
        first=CHARGE,
        doing=_ticket_removal,
        trail_lists=frozenset(),
    ),
)

CUSTOMER = Kind(
    "customer",
    ("POST /customers",),
    Counter(create=1),
    Records(customers=1),
    command=("customers", "create", "Hollow Oak Dental", "--phone", "602-555-0114", "--yes"),
    over=3,
)
WHOLE_KINDS = (*KINDS, *ONE_OFFS, CUSTOMER)
SELECTED_KINDS = (*KINDS, CHARGED_CORRECTION, CUSTOMER)
"""What the selection strikes with faults; those that it kills are KINDS."""
