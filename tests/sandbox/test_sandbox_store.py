"""The account behind the server's back: edits as somebody makes them in the web form."""

from __future__ import annotations

import pytest


@pytest.fixture
def store(sandbox):
    return sandbox.store


def test_a_customers_comment_has_no_user_and_mails_nobody(store, api):
    store.web_add_comment(2101, "On Tue you wrote:\n> Ref 2101-abc", subject="Re: Oven", author="Jule Möhre")
    shown = api.get("/tickets/5001/comments")["comments"][0]
    assert (shown["tech"], shown["user_id"], shown["body"]) == ("Jule Möhre", None, "On Tue you wrote:\n> Ref 2101-abc")
    assert store.outbox() == []
    assert store.ticket(2101)["updated_at"] == shown["created_at"]


def test_a_colleagues_comment_has_their_name(store):
    made = store.web_add_comment(2101, "<p>x</p>", user_id=12, hidden=True)
    assert (made["tech"], made["user_id"], made["hidden"]) == ("Omar Quist", 12, True)
    assert store.web_add_comment(2103, "x")["tech"] == "Dora Hauler"


def test_an_edit_in_the_web_form_moves_the_ticket_up(store, api):
    since = store.ticket(2103)["updated_at"]
    store.web_update_ticket(2101, status="Waiting on Customer", user_id=12, tag_list=["x"])
    found = api.get("/tickets", since_updated_at=since)["tickets"]
    assert [(t["number"], t["status"], t["user_id"], t["tag_list"]) for t in found] == [
        ("2101", "Waiting on Customer", 12, ["x"])
    ]


def test_a_ticket_can_be_moved_made_and_deleted(store):
    assert store.web_move_ticket(2101, 901)["customer_business_then_name"] == "Dora Hauler"
    made = store.web_add_ticket(900, "New one", status="In Progress", contact_id=32)
    assert (made["number"], made["status"], made["contact_id"]) == (2104, "In Progress", 32)
    store.web_delete_ticket(2104)
    with pytest.raises(KeyError):
        store.ticket(2104)


def test_an_edit_that_is_not_valid_changes_nothing(store):
    before = store.ticket(2101)
    with pytest.raises(Exception, match="not included"):
        store.web_update_ticket(2101, priority="High", status="Nope")
    assert store.ticket(2101) == before


def test_time_and_its_charge_and_an_invoice_can_be_made(store):
    timer = store.web_add_time(2101, 30, 501, user_id=12, notes="by hand")
    assert (timer["user_id"], timer["active_duration"], timer["notes"]) == (12, 1800, "by hand")
    assert store.web_charge_timer(timer["id"])["recorded"]
    assert store.web_make_invoice(2101)["total"] == "60.00"
    assert [invoice["ticket_id"] for invoice in store.invoices()] == [5002, 5001]


def test_customers_and_products_can_be_changed(store):
    assert store.web_update_customer(900, business_name="Renamed", prepay_hours="2.0")["prepay_hours"] == "2.0"
    assert store.ticket(2101)["customer_business_then_name"] == "Renamed"
    store.set_product(501, minimum=30, increment=15, prepaid=False)
    assert store.web_add_time(2101, 31, 501)["billable_time"] == 45 * 60


@pytest.mark.parametrize("edit", ["web_delete_ticket", "ticket", "web_make_invoice"])
def test_an_unknown_number_is_a_key_error(store, edit):
    with pytest.raises(KeyError):
        getattr(store, edit)(1)
