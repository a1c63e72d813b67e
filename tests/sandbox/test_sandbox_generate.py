"""The made-up large account: the same each time, and in itself consistent."""

from __future__ import annotations

import itertools
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from synclog.sandbox.generate import FINISHED, generated
from synclog.sandbox.load import load_account

TINY = Path(__file__).parent / "tiny"


@pytest.fixture(scope="module")
def made():
    whole: dict[str, list] = {}
    for batch in generated(load_account(TINY), 3000):
        for table, rows in batch.items():
            whole.setdefault(table, []).extend(rows)
    return whole


def test_it_is_the_same_each_time(made):
    again: dict[str, list] = {}
    for batch in generated(load_account(TINY), 3000):
        for table, rows in batch.items():
            again.setdefault(table, []).extend(rows)
    assert again == made


def test_the_account_is_filled_up_to_the_number_asked_for(made):
    assert len(made["tickets"]) == 3000 - 3
    assert list(generated(load_account(TINY), 3)) == []


def test_four_of_five_tickets_are_finished(made):
    finished = sum(ticket["status"] in FINISHED for ticket in made["tickets"])
    assert 0.76 < finished / len(made["tickets"]) < 0.84


def test_conversations_have_one_to_twelve_comments_in_order(made):
    sizes = Counter(comment["ticket_id"] for comment in made["comments"])
    assert len(sizes) == len(made["tickets"])
    assert (min(sizes.values()), max(sizes.values())) == (1, 12)
    for _, talk in itertools.groupby(made["comments"], key=lambda comment: comment["ticket_id"]):
        times = [comment["created_at"] for comment in talk]
        assert times == sorted(times)


def test_everything_belongs_to_something(made):
    ids = {table: {row["id"] for row in rows} for table, rows in made.items()}
    for table, rows in made.items():
        assert len(ids[table]) == len(rows), table
    assert {t["customer_id"] for t in made["tickets"]} <= ids["customers"]
    assert {t["contact_id"] for t in made["tickets"]} <= ids["contacts"]
    assert {t["line_item_id"] for t in made["timers"] if t["recorded"]} == ids["line_items"]
    assert {i["invoice_id"] for i in made["line_items"]} - {None} == ids["invoices"]
    assert len({t["number"] for t in made["tickets"]}) == len(made["tickets"])


def test_what_is_invoiced_has_an_invoice_whose_sum_is_right(made):
    invoiced = {ticket["id"] for ticket in made["tickets"] if ticket["status"] == "Invoiced"}
    assert {invoice["ticket_id"] for invoice in made["invoices"]} == invoiced
    for invoice, line in zip(made["invoices"], made["invoice_lines"], strict=True):
        assert Decimal(invoice["total"]) == Decimal(line["quantity"]) * Decimal(line["price"])


def test_a_large_account_is_served_and_goes_on_counting(start, connect):
    sandbox = start(tickets=300)
    api = connect(sandbox)
    assert api.get("/tickets")["meta"]["total_pages"] == 12
    last = max(ticket["number"] for ticket in sandbox.store.tickets())
    assert api.post("/tickets", customer_id=900, subject="next").json()["ticket"]["number"] == last + 1
    assert len(sandbox.store.tickets()) == 301
