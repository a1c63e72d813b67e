"""Tickets, comments, time, line items, invoices: what writing to the sandbox does, and what it refuses."""

from __future__ import annotations

import pytest


@pytest.fixture
def store(sandbox):
    return sandbox.store


# --- tickets -------------------------------------------------------------------------------------------------------


def test_a_new_ticket_gets_the_next_number_and_is_nobodys(api, store):
    made = api.post("/tickets", customer_id=900, subject="Mixer hums", line_items=[{"name": "ignored"}]).json()[
        "ticket"
    ]
    assert (made["number"], made["id"], made["user_id"], made["status"]) == (2104, 5004, None, "New")
    assert made["line_items"] == []
    assert store.ticket(2104)["subject"] == "Mixer hums"


def test_a_new_ticket_comes_with_its_first_comment(api, store):
    comment = {"subject": "Initial Issue", "body": "It <b>hums</b>", "hidden": True, "do_not_email": True}
    made = api.post("/tickets", customer_id=900, subject="Mixer", user_id=12, tag_list=["a", "b"], contact_id=31,
                    due_date="2026-05-01", comments_attributes=[comment]).json()["ticket"]  # fmt: skip
    assert (made["user_id"], made["tag_list"], made["contact_id"], made["due_date"]) == (
        12,
        ["a", "b"],
        31,
        "2026-05-01",
    )
    first = store.comments(made["id"])[0]
    assert (first["body"], first["hidden"], first["user_id"]) == ("It <b>hums</b>", True, 11)


def test_the_account_mails_the_customer_about_a_new_ticket_whatever_is_asked(api, store):
    comment = {"subject": "Initial Issue", "body": "x", "hidden": True, "do_not_email": True}
    api.post("/tickets", customer_id=901, subject="Tablet", comments_attributes=[comment])
    assert [(mail["to"], mail["ticket"]) for mail in store.outbox()] == [("dora@hauler.example", 2104)]


@pytest.mark.parametrize("body", [{"subject": "x"}, {"customer_id": 1, "subject": "x"}, {"customer_id": 900}])
def test_a_ticket_without_customer_or_subject_is_refused(api, store, body):
    answer = api.post("/tickets", **body)
    assert answer.status_code == 422
    assert answer.json()["error"].endswith("required field")
    assert len(store.tickets()) == 3


def test_an_update_changes_only_what_it_gives(api, store):
    before = store.ticket(2101)
    after = api.put("/tickets/5001", status="In Progress", tag_list="oven, urgent").json()["ticket"]
    assert (after["status"], after["tag_list"]) == ("In Progress", ["oven", "urgent"])
    for key in ("subject", "priority", "due_date", "contact_id", "created_at"):
        assert after[key] == before[key]
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": "  "}, "subject"),
        ({"status": "Gone Fishing"}, "status"),
        ({"status": {"a": 1}}, "status"),
        ({"due_date": "next friday"}, "due_date"),
        ({"user_id": 99}, "user"),
        ({"contact_id": 99}, "contact"),
        ({"customer_id": 99}, "customer"),
        ({"customer_id": None}, "customer"),
    ],
)
def test_an_update_that_is_not_valid_is_refused_by_field_and_changes_nothing(api, store, body, field):
    before = store.ticket(2101)
    answer = api.put("/tickets/5001", priority="High", **body)
    assert answer.status_code == 422
    assert field in answer.json()["errors"]
    assert store.ticket(2101) == before


def test_fields_can_be_emptied(api, store):
    api.put("/tickets/5001", due_date=None, contact_id=None, user_id=None, tag_list=[])
    ticket = store.ticket(2101)
    assert (ticket["due_date"], ticket["contact_id"], ticket["user_id"], ticket["tag_list"]) == (None, None, None, [])


def test_a_due_date_with_a_time_is_kept_in_utc(api, store):
    api.put("/tickets/5001", due_date="2026-05-01T15:00:00-07:00")
    assert store.ticket(2101)["due_date"] == "2026-05-01T22:00:00.000Z"


def test_a_finished_status_resolves_a_ticket_and_an_open_one_takes_it_back(api, store):
    api.put("/tickets/5001", status="Resolved")
    assert store.ticket(2101)["resolved_at"] == store.ticket(2101)["updated_at"]
    api.put("/tickets/5001", status="New")
    assert store.ticket(2101)["resolved_at"] is None


def test_a_ticket_that_moves_to_another_customer_loses_its_contact(api, store):
    api.put("/tickets/5001", customer_id=901)
    assert (store.ticket(2101)["customer_id"], store.ticket(2101)["contact_id"]) == (901, None)


def test_a_deleted_ticket_takes_all_on_it_along_and_its_number_never_comes_back(api, store):
    api.post("/tickets", customer_id=900, subject="first")
    answer = api("DELETE", "/tickets/5004")
    assert answer.json() == {"message": "Ticket #2104 was deleted."}
    again = api.post("/tickets", customer_id=900, subject="second").json()["ticket"]
    assert (again["number"], again["id"]) == (2105, 5005)
    assert api("DELETE", "/tickets/5002").status_code == 200
    assert (store.comments(5002), store.timers(), store.line_items()) == ([], [], [])
    assert len(store.invoices()) == 1


def test_no_two_writes_have_the_same_time_and_none_goes_back(api, store, clock):
    seen = []
    for index in range(5):
        api.put("/tickets/5001", priority=str(index))
        seen.append(store.ticket(2101)["updated_at"])
    clock.move(seconds=-30)
    api.put("/tickets/5001", priority="Low")
    seen.append(store.ticket(2101)["updated_at"])
    assert seen == sorted(set(seen))
    assert seen[0] == "2026-04-24T16:00:00.000Z"


# --- comments ------------------------------------------------------------------------------------------------------


def test_a_comment_is_stored_as_sent_and_is_the_key_owners(api, sandbox, store, connect):
    body = "<p>Replaced the <b>disk</b> & more 🐈</p>\n<p>Ref 2101-abc</p>"
    made = (
        connect(sandbox, sandbox.keys[12]).post("/tickets/5001/comment", subject="Update", body=body).json()["comment"]
    )
    assert (made["body"], made["user_id"], made["tech"], made["hidden"]) == (body, 12, "Omar Quist", False)
    assert "do_not_email" not in made
    assert store.comments(5001)[-1] == made
    assert store.ticket(2101)["updated_at"] == made["created_at"]
    shown = api.get("/tickets/5001/comments")["comments"][0]["body"]
    assert shown.splitlines() == ["Replaced the disk & more 🐈", "", "Ref 2101-abc"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"subject": "x"}, ["Body can't be blank"]),
        ({"body": "x", "subject": " "}, ["Subject can't be blank"]),
        ({}, ["Body can't be blank", "Subject can't be blank"]),
    ],
)
def test_a_comment_without_subject_or_body_is_refused(api, store, body, message):
    answer = api.post("/tickets/5001/comment", **body)
    assert (answer.status_code, answer.json()) == (422, {"success": False, "message": message})
    assert len(store.comments(5001)) == 1


@pytest.mark.parametrize(
    ("flags", "mailed"),
    [
        ({}, True),
        ({"hidden": False, "do_not_email": False}, True),
        ({"hidden": False, "do_not_email": True}, False),
        ({"hidden": True, "do_not_email": True}, False),
        ({"hidden": True}, False),
    ],
)
def test_only_a_comment_that_is_neither_hidden_nor_marked_is_mailed(api, store, flags, mailed):
    api.post("/tickets/5001/comment", subject="Update", body="x", **flags)
    assert [mail["to"] for mail in store.outbox()] == (["jule@moehre.example"] if mailed else [])


def test_a_comment_called_diagnosis_starts_a_new_ticket(api, store):
    api.post("/tickets/5001/comment", subject="Diagnosis", body="x")
    assert store.ticket(2101)["status"] == "In Progress"
    api.post("/tickets/5002/comment", subject="Diagnosis", body="x")
    assert store.ticket(2102)["status"] == "Invoiced"


def test_the_time_of_a_comment_becomes_a_timer_entry_of_it(api, store):
    made = api.post("/tickets/5001/comment", subject="Update", body="x", product_id=501, minutes_spent=90).json()
    timer = store.timers(5001)[0]
    assert (timer["comment_id"], timer["active_duration"], timer["billable_time"]) == (
        made["comment"]["id"],
        5400,
        5400,
    )
    assert (timer["user_id"], timer["recorded"], timer["product_id"]) == (11, False, 501)
    assert store.line_items(5001) == []


def test_time_billed_now_is_charged_at_once(api, store):
    api.post("/tickets/5001/comment", subject="Update", body="x", product_id=501, minutes_spent=20, bill_time_now=True)
    item = store.line_items(5001)[0]
    assert store.timers(5001)[0]["ticket_line_item_id"] == item["id"]
    assert (item["quantity"], item["price_retail"], item["converted"]) == ("0.3333", 120, False)


@pytest.mark.parametrize("time", [{"minutes_spent": 30}, {"product_id": 601, "minutes_spent": 30},
                                  {"product_id": 1, "minutes_spent": 30}, {"product_id": 501, "minutes_spent": "1h"},
                                  {"product_id": 501, "minutes_spent": 0}])  # fmt: skip
def test_time_that_can_not_be_recorded_is_dropped_without_a_word(api, store, time):
    assert api.post("/tickets/5001/comment", subject="Update", body="x", **time).status_code == 200
    assert store.timers(5001) == []


def test_an_account_may_drop_the_time_of_all_comments(start, connect):
    sandbox = start(comment_time="drop")
    answer = connect(sandbox).post("/tickets/5001/comment", subject="U", body="x", product_id=501, minutes_spent=30)
    assert answer.status_code == 200
    assert len(sandbox.store.comments(5001)) == 2
    assert sandbox.store.timers(5001) == []


def test_a_product_may_have_a_minimum_and_an_increment(api, store):
    for minutes, billed in ((20, 60), (61, 75), (75, 75)):
        api.post("/tickets/5001/comment", subject="Update", body="x", product_id=502, minutes_spent=minutes)
        timer = store.timers(5001)[-1]
        assert (timer["active_duration"], timer["billable_time"]) == (minutes * 60, billed * 60)


# --- timer entries -------------------------------------------------------------------------------------------------

START = "2026-04-23T09:00:00-07:00"


def test_a_timer_entry_is_a_flat_object_with_the_default_labor_product(api, store):
    before = store.ticket(2101)["updated_at"]
    made = api.post(
        "/tickets/5001/timer_entry", start_at=START, duration_minutes=45, notes="Ref x", billable=False
    ).json()
    assert (made["start_time"], made["end_time"]) == ("2026-04-23T16:00:00.000Z", "2026-04-23T16:45:00.000Z")
    assert (made["product_id"], made["billable"], made["notes"], made["user_id"]) == (501, True, "Ref x", 11)
    assert store.timers(5001) == [made]
    assert store.ticket(2101)["updated_at"] == before


def test_a_timer_entry_may_have_an_end_and_another_worker(api):
    made = api.post("/tickets/5001/timer_entry", start_at=START, end_at="2026-04-23T17:30:00Z", user_id=12).json()
    assert (made["active_duration"], made["user_id"]) == (5400, 12)


@pytest.mark.parametrize(
    "body",
    [
        {"duration_minutes": 5},
        {"start_at": START},
        {"start_at": START, "duration_minutes": 0},
        {"start_at": START, "end_at": "2026-04-23T15:30:00Z"},
        {"start_at": "whenever", "duration_minutes": 5},
        {"start_at": "9999-12-31T23:59:00Z", "duration_minutes": 5},
        {"start_at": START, "duration_minutes": 5, "product_id": 1},
    ],
)
def test_a_timer_entry_that_is_no_time_is_refused(api, store, body):
    answer = api.post("/tickets/5001/timer_entry", **body)
    assert answer.status_code == 422
    assert isinstance(answer.json()["error"], str)
    assert store.timers(5001) == []


def test_a_timer_entry_can_be_changed_and_deleted(api, store):
    timer = api.post("/tickets/5001/timer_entry", start_at=START, duration_minutes=45).json()["id"]
    made = api.put("/tickets/5001/update_timer_entry", timer_entry_id=timer, duration_minutes=30, product_id=502).json()
    assert (made["active_duration"], made["billable_time"], made["product_id"]) == (1800, 3600, 502)
    made = api.put(
        "/tickets/5001/update_timer_entry", timer_entry_id=timer, notes="moved", start_at="2026-04-22T10:00:00Z"
    )
    assert (made.json()["end_time"], made.json()["notes"]) == ("2026-04-22T10:30:00.000Z", "moved")
    assert api.post("/tickets/5001/delete_timer_entry", timer_entry_id=timer).json() == {"success": True}
    assert api.post("/tickets/5001/delete_timer_entry", timer_entry_id=timer).status_code == 404
    assert store.timers(5001) == []


def test_a_changed_timer_entry_is_the_key_owners_unless_the_change_says_whose_it_is(api, store):
    timer = api.post("/tickets/5001/timer_entry", start_at=START, duration_minutes=45, user_id=12).json()
    assert timer["user_id"] == 12
    change = {"timer_entry_id": timer["id"], "duration_minutes": 30}
    assert api.put("/tickets/5001/update_timer_entry", **change, user_id=12).json()["user_id"] == 12
    owner = api.get("/me")["user_id"]
    assert api.put("/tickets/5001/update_timer_entry", **change).json()["user_id"] == owner != 12


def test_a_timer_entry_of_another_ticket_is_404(api):
    for path in ("charge_timer_entry", "delete_timer_entry"):
        assert api.post(f"/tickets/5001/{path}", timer_entry_id=8001).status_code == 404


def test_charging_twice_bills_twice_and_takes_no_product(api, store):
    timer = api.post("/tickets/5001/timer_entry", start_at=START, duration_minutes=30).json()["id"]
    for _ in range(2):
        answer = api.post("/tickets/5001/charge_timer_entry", timer_entry_id=timer, product_id=502).json()
        assert answer["recorded"]
    assert [(item["product_id"], item["quantity"]) for item in store.line_items(5001)] == [(501, "0.5"), (501, "0.5")]


def test_time_on_an_invoice_can_not_be_changed(api):
    for method, path in (("PUT", "update_timer_entry"), ("POST", "delete_timer_entry")):
        answer = api(method, f"/tickets/5002/{path}", json={"timer_entry_id": 8001, "duration_minutes": 5})
        assert answer.status_code == 422


# --- line items ----------------------------------------------------------------------------------------------------


def test_a_line_item_needs_a_name_and_a_description_even_with_a_product(api, store):
    answer = api.post("/tickets/5001/add_line_item", product_id=601, quantity=1)
    assert answer.status_code == 422
    assert answer.json() == {"errors": "Name can't be blank, Description can't be blank", "params": {}}
    assert api.post("/tickets/5001/add_line_item", name="Switch").json()["errors"] == "Description can't be blank"
    assert store.line_items(5001) == []


def test_a_line_item_is_a_flat_object_with_exact_numbers(api, store):
    before = store.ticket(2101)["updated_at"]
    made = api.post("/tickets/5001/add_line_item", name="Remote", description="Ref x", product_id=501, quantity=0.0833,
                    price_retail=120.35, taxable=True).json()  # fmt: skip
    assert (made["quantity"], made["price_retail"], made["retail_cents"]) == ("0.0833", 120.35, 12035)
    assert (made["taxable"], made["user_id"], made["product_category"]) == (True, 11, "Labor")
    assert store.ticket(2101)["updated_at"] == before
    priced = api.post("/tickets/5001/add_line_item", name="Switch", description="x", product_id=601).json()
    assert (priced["quantity"], priced["price_retail"]) == ("1.0", 612.5)


def test_a_line_item_can_be_changed_and_removed(api, store):
    item = api.post("/tickets/5001/add_line_item", name="Remote", description="x", product_id=501, quantity=2).json()[
        "id"
    ]
    changed = api.put("/tickets/5001/update_line_item", ticket_line_item_id=item, quantity="1.5", price_retail=99)
    assert (changed.json()["ticket_line_item"]["quantity"], store.line_items(5001)[0]["price_retail"]) == ("1.5", 99)
    refused = api.put("/tickets/5001/update_line_item", ticket_line_item_id=item, quantity="lots")
    assert refused.status_code == 422
    assert api.post("/tickets/5001/remove_line_item", ticket_line_item_id=item).json() == {
        "success": True,
        "message": "",
    }
    assert store.line_items(5001) == []


def test_removing_the_line_item_of_charged_time_makes_the_time_unbilled_again(api, store):
    timer = store.web_add_time(2101, 30, 501)
    item = store.web_charge_timer(timer["id"])["ticket_line_item_id"]
    api.post("/tickets/5001/remove_line_item", ticket_line_item_id=item)
    assert (store.timers(5001)[0]["recorded"], store.timers(5001)[0]["ticket_line_item_id"]) == (False, None)


def test_a_line_item_on_an_invoice_can_not_be_changed(api, store):
    for method, path in (("PUT", "update_line_item"), ("POST", "remove_line_item")):
        answer = api(method, f"/tickets/5002/{path}", json={"ticket_line_item_id": 9001, "quantity": 5})
        assert answer.status_code == 422
        assert "invoice" in answer.json()["errors"]
    assert store.line_items(5002)[0]["quantity"] == "1.0"


# --- invoices ------------------------------------------------------------------------------------------------------


def test_an_invoice_takes_all_unbilled_time_and_line_items(api, store):
    before = store.ticket(2101)["updated_at"]
    store.web_add_time(2101, 20, 501, notes="Ref x")
    api.post("/tickets/5001/add_line_item", name="Switch", description="24 ports", product_id=601, taxable=True)
    answer = api.post("/invoices", ticket_id=5001, customer_id=900, line_items=[{"name": "ignored"}])
    made = answer.json()["invoice"]
    assert (made["number"], made["subtotal"], made["tax"], made["total"]) == ("4002", "652.50", "52.68", "705.18")
    lines = api.get(f"/invoices/{made['id']}")["invoice"]["line_items"]
    assert [(x["item"], x["name"], x["quantity"], x["price"]) for x in lines] == [
        ("Switch", "24 ports", "1.0", "612.50"), ("Remote", "Ref x", "0.3333", "120.00"),
    ]  # fmt: skip
    assert store.timers(5001)[0]["recorded"]
    assert all(item["converted"] for item in store.line_items(5001))
    assert store.ticket(2101)["updated_at"] == before
    assert store.ticket(2101)["status"] == "New"


def test_a_second_invoice_of_the_same_work_comes_out_empty(api, store):
    store.web_add_time(2101, 30, 501)
    first, second = (api.post("/invoices", ticket_id=5001, customer_id=900).json()["invoice"] for _ in range(2))
    assert (first["total"], second["total"]) == ("60.00", "0.00")
    assert api.get(f"/invoices/{second['id']}")["invoice"]["line_items"] == []


def test_prepaid_hours_cost_nothing_and_go_down(api, store):
    store.web_add_time(2103, 60, 501)
    first = api.post("/invoices", ticket_id=5003).json()["invoice"]
    assert (first["total"], store.customer(901)["prepay_hours"]) == ("0.00", "0.5")
    store.web_add_time(2103, 60, 501)
    store.web_add_time(2103, 60, 502)
    second = api.post("/invoices", ticket_id=5003).json()["invoice"]
    lines = api.get(f"/invoices/{second['id']}")["invoice"]["line_items"]
    assert [(x["quantity"], x["price"]) for x in lines] == [("0.5", "0.00"), ("0.5", "120.00"), ("1.0", "225.00")]
    assert (second["total"], store.customer(901)["prepay_hours"]) == ("285.00", "0.0")


def test_deleting_an_invoice_gives_back_what_was_on_it(api, store):
    store.web_add_time(2103, 60, 501)
    made = api.post("/invoices", ticket_id=5003).json()["invoice"]
    assert "deleted" in api("DELETE", f"/invoices/{made['id']}").json()["message"]
    assert store.customer(901)["prepay_hours"] == "1.5"
    assert not store.line_items(5003)[0]["converted"]
    assert api("GET", f"/invoices/{made['id']}").status_code == 404
    again = api.post("/invoices", ticket_id=5003).json()["invoice"]
    assert again["number"] == "4003"
    assert len(store.invoices(5003)[0]["line_items"]) == 1


def test_a_line_added_to_an_invoice_is_filled_from_the_catalogue(api, store):
    invoice = store.web_make_invoice(2101)
    line = api.post(f"/invoices/{invoice['id']}/line_items", product_id=601, quantity=2).json()["line_item"]
    assert (line["item"], line["name"], line["price"], line["taxable"]) == (
        "Switch",
        "Switch with 24 ports",
        "612.50",
        True,
    )
    assert store.invoices(5001)[0]["total"] == "1330.35"
    assert api.post(f"/invoices/{invoice['id']}/line_items", quantity=2).json() == {"errors": ["Item can't be blank"]}
    assert api.post(f"/invoices/{invoice['id']}/line_items", item="x", price="much").status_code == 422


def test_an_invoice_of_nobody_is_refused(api):
    assert api.post("/invoices", customer_id=1).json() == {"message": ["Customer must exist"]}
    assert api.post("/invoices", ticket_id=1).status_code == 404


# --- customers -----------------------------------------------------------------------------------------------------


def test_a_customer_can_be_made(api, store):
    made = api.post("/customers", business_name="Copper & Clay", email="hi@clay.example").json()["customer"]
    assert (made["id"], made["business_then_name"], made["prepay_hours"]) == (902, "Copper & Clay", "0.0")
    assert [(c["id"], c["prepay_hours"]) for c in store.customers()] == [(900, "0.0"), (901, "1.5"), (902, "0.0")]
    answer = api.post("/customers", email="nobody")
    assert answer.status_code == 422
    assert answer.json()["message"] == ["Firstname can't be blank", "Email is not an email"]
    assert (answer.json()["success"], answer.json()["params"]) == (False, {"email": "nobody"})


# --- what is no request --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"data": '{"subject": "x", "body": "y"}'},
        {"data": "subject=x&body=y", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"data": '{"subject": ', "headers": {"Content-Type": "application/json"}},
        {"data": "[1]", "headers": {"Content-Type": "application/json"}},
        {"data": '{"body": NaN}', "headers": {"Content-Type": "application/json"}},
        {"data": '{"body": "\\ud800", "subject": "x"}', "headers": {"Content-Type": "application/json"}},
        {"data": "[" * 100_000, "headers": {"Content-Type": "application/json"}},
    ],
)
def test_a_write_that_is_no_json_is_400_with_an_html_page(api, store, options):
    for method, path in (("POST", "/tickets/5001/comment"), ("PUT", "/tickets/5001")):
        answer = api(method, path, **options)
        assert answer.status_code == 400
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.text.startswith("<!DOCTYPE html>")
    assert len(store.comments(5001)) == 1


@pytest.mark.parametrize("key", ["", "wrong", "tiny-key-of-rhea "])
def test_a_wrong_key_is_401_with_json(sandbox, connect, key):
    client = connect(sandbox, "none")
    client.key = key
    answer = client("GET", "/me")
    assert (answer.status_code, set(answer.json())) == (401, {"error"})


def test_the_key_may_come_in_a_header(sandbox, connect):
    client = connect(sandbox, "x")
    client.key = ""
    assert client("GET", "/me", headers={"Authorization": f"Bearer {sandbox.api_key}"}).json()["user_id"] == 11
    assert client("GET", "/me", headers={"Authorization": f"Basic {sandbox.api_key}"}).status_code == 401
