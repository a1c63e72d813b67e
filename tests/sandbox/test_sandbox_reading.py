"""Lists, details, filters, pages: what reading the sandbox gives."""

from __future__ import annotations

import pytest


def numbers(answer):
    return [int(ticket["number"]) for ticket in answer["tickets"]]


def test_me_is_the_owner_of_the_key(api, sandbox, connect):
    assert api.get("/me")["user_name"] == "Rhea Stoltz"
    assert api.get("/me")["subdomain"] == "tinymsp"
    assert connect(sandbox, sandbox.second_key).get("/me")["user_id"] == 12


def test_the_key_is_never_in_an_answer(api):
    for path in ("/me", "/users", "/tickets", "/tickets/5002", "/tickets/settings"):
        assert "tiny-key" not in api("GET", path).text


def test_users_are_pairs(api):
    assert api.get("/users") == {"users": [[11, "Rhea Stoltz"], [12, "Omar Quist"]]}


def test_settings_are_the_accounts_own_lists(api):
    settings = api.get("/tickets/settings")
    assert settings["ticket_status_list"][:2] == ["New", "In Progress"]
    assert settings["default_labor_product_id"] == 501
    assert settings["users"] == [{"id": 11, "name": "Rhea Stoltz"}, {"id": 12, "name": "Omar Quist"}]
    assert settings["ticket_types"] == [{"id": 71, "name": "Incident"}]


def test_a_ticket_number_is_text_in_lists_and_a_number_in_details(api):
    assert api.get("/tickets", number=2101)["tickets"][0]["number"] == "2101"
    assert api.get("/tickets/5001")["ticket"]["number"] == 2101


def test_a_detail_holds_all_that_is_on_the_ticket(api):
    ticket = api.get("/tickets/5002")["ticket"]
    assert ticket["customer"]["business_then_name"] == "Möhre & Sohn Bakery"
    assert ticket["user"]["full_name"] == "Omar Quist"
    assert ticket["contact"] is None
    timer, item = ticket["ticket_timers"][0], ticket["line_items"][0]
    assert (timer["active_duration"], timer["recorded"], timer["ticket_line_item_id"]) == (3600, True, 9001)
    assert (item["quantity"], item["price_retail"], item["converted"]) == ("1.0", 110, True)
    first = api.get("/tickets/5001")["ticket"]
    assert (first["contact"]["name"], first["tag_list"], first["due_date"]) == ("Jule Möhre", ["oven"], "2026-04-20")


def test_lists_are_the_last_changed_first(api, sandbox):
    assert numbers(api.get("/tickets")) == [2103, 2101, 2102]
    sandbox.store.web_update_ticket(2102, priority="High")
    assert numbers(api.get("/tickets")) == [2102, 2103, 2101]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"status": "Not Closed"}, [2103, 2101]),
        ({"status": "Invoiced"}, [2102]),
        ({"status": "Gone Fishing"}, []),
        ({"customer_id": 900}, [2101, 2102]),
        ({"user_id": 12}, [2102]),
        ({"mine": "true"}, [2103]),
        ({"number": "2101"}, [2101]),
        ({"number": "#2101"}, []),
        ({"query": "100%"}, [2101]),
        ({"query": "slicer"}, [2102]),
        ({"query": "möhre"}, [2101, 2102]),
        ({"query": "2103"}, [2103]),
        ({"since_updated_at": "2026-04-03T15:00:00.249Z"}, [2103]),
        ({"since_updated_at": "2026-04-03T15:00:00.250Z"}, []),
        ({"since_updated_at": "2026-04-03T08:00:00.249-07:00"}, [2103]),
        ({"since_updated_at": "last tuesday"}, [2103, 2101, 2102]),
        ({"created_after": "2026-04-01T14:59:59Z"}, [2103, 2101]),
        ({"resolved_after": "2026-03-05T14:00:00Z"}, [2102]),
        ({"status": "Not Closed", "customer_id": 900}, [2101]),
    ],
)
def test_tickets_are_filtered(api, given, found):
    assert numbers(api.get("/tickets", **given)) == found


def test_a_date_without_a_time_is_the_accounts_own_midnight(api, sandbox, clock):
    clock.time = clock.time.replace(day=25, hour=3)
    evening = sandbox.store.web_add_ticket(900, "It is the 25th in UTC, and still the 24th in Phoenix")["number"]
    assert numbers(api.get("/tickets", created_after="2026-04-24")) == [evening]
    assert numbers(api.get("/tickets", created_after="2026-04-25")) == []


def test_a_page_of_tickets_holds_25_however_many_are_asked_for(api, sandbox):
    for index in range(50):
        sandbox.store.web_add_ticket(900, f"Ticket {index}")
    first = api.get("/tickets", per_page=200)
    assert len(first["tickets"]) == 25
    assert first["meta"] == {"total_pages": 3, "page": 1}
    pages = [numbers(api.get("/tickets", page=page)) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [25, 25, 3]
    assert len({number for page in pages for number in page}) == 53
    assert numbers(api.get("/tickets", page=4)) == []
    assert len(api.get("/tickets", per_page=2)["tickets"]) == 2


def test_a_ticket_that_changes_moves_between_pages(api, sandbox):
    for index in range(30):
        sandbox.store.web_add_ticket(900, f"Ticket {index}")
    first = numbers(api.get("/tickets", page=1))
    sandbox.store.web_update_ticket(2102, priority="Low")
    second = numbers(api.get("/tickets", page=2))
    assert 2102 not in first + second
    assert set(first) & set(second)


def test_a_list_shows_only_the_first_comment(api, sandbox):
    sandbox.store.web_add_comment(2101, "and another thing", author="Jule Möhre")
    comments = api.get("/tickets", number=2101)["tickets"][0]["comments"]
    assert [comment["id"] for comment in comments] == [7001]


def test_a_detail_cuts_the_conversation_to_the_newest_20(api, sandbox):
    added = [sandbox.store.web_add_comment(2101, f"mail {i}")["id"] for i in range(25)]
    shown = [comment["id"] for comment in api.get("/tickets/5001")["ticket"]["comments"]]
    assert shown == added[:4:-1]
    assert len(shown) == 20


def test_the_conversation_comes_in_pages_of_10_newest_first(api, sandbox):
    added = [sandbox.store.web_add_comment(2101, f"mail {i}")["id"] for i in range(14)]
    first = api.get("/tickets/5001/comments")
    assert [comment["id"] for comment in first["comments"]] == added[:3:-1]
    assert first["meta"] == {"total_pages": 2, "page": 1, "per_page": 10}
    whole = api.get("/tickets/5001/comments", per_page=500, sort_direction="ASC")
    assert [comment["id"] for comment in whole["comments"]] == [7001, *added]
    assert whole["meta"]["per_page"] == 100
    since = whole["comments"][-2]["created_at"]
    assert [c["id"] for c in api.get("/tickets/5001/comments", created_after=since)["comments"]] == added[-1:]
    assert [c["id"] for c in api.get("/tickets/5001/comments", created_before="2026-04-02T00:00:00Z")["comments"]] == [
        7001
    ]


def test_the_format_of_comments_can_be_chosen(api):
    def body(**params):
        return api.get("/tickets/5001/comments", **params)["comments"][0]["body"]

    assert body() == "The display is stuck & hot.\n\none\n\ntwo"
    assert body(comment_format="original").startswith("<style>p {color: red}</style><p>The")
    assert body(comment_format="richtext").startswith("<p>The display is <b>stuck</b>")
    plain = api.get("/tickets/5002/comments")["comments"][0]
    assert (plain["body"], plain["is_rich_text"]) == ("The slicer is <offline>.", False)


def test_timers_are_filtered_by_ticket_and_by_creation(api, sandbox):
    new = sandbox.store.web_add_time(2101, 30, 501)
    assert [timer["id"] for timer in api.get("/ticket_timers")["ticket_timers"]] == [new["id"], 8001]
    assert [timer["id"] for timer in api.get("/ticket_timers", ticket_id=5001)["ticket_timers"]] == [new["id"]]
    since = api.get("/ticket_timers", created_at_gt="2026-03-03T00:00:00Z")
    assert [timer["id"] for timer in since["ticket_timers"]] == [new["id"]]
    before = api.get("/ticket_timers", created_at_lt="2026-03-03T00:00:00Z")
    assert [timer["id"] for timer in before["ticket_timers"]] == [8001]


def test_invoices_are_filtered_and_their_lines_are_in_the_detail_only(api, sandbox):
    new = sandbox.store.web_make_invoice(2101)
    assert [i["id"] for i in api.get("/invoices")["invoices"]] == [new["id"], 3001]
    assert [i["id"] for i in api.get("/invoices", ticket_id=5002)["invoices"]] == [3001]
    assert [i["id"] for i in api.get("/invoices", paid="true")["invoices"]] == [3001]
    assert [i["id"] for i in api.get("/invoices", unpaid="true")["invoices"]] == [new["id"]]
    since = api.get("/invoices", since_updated_at="2026-04-01T00:00:00Z")
    assert [i["id"] for i in since["invoices"]] == [new["id"]]
    assert "line_items" not in since["invoices"][0]
    detail = api.get("/invoices/3001")["invoice"]
    assert (detail["total"], detail["number"], detail["line_items"][0]["price"]) == ("110.00", "4001", "110.00")
    assert api.get("/invoices/4001")["invoice"]["id"] == 3001


def test_customers_are_found_and_the_detail_alone_has_prepaid_hours_and_contacts(api):
    found = api.get("/customers", query="bakery")
    assert [customer["id"] for customer in found["customers"]] == [900]
    assert "prepay_hours" not in found["customers"][0]
    assert found["customers"][0]["contacts"] == []
    assert found["meta"]["total_entries"] == 1
    assert [c["id"] for c in api.get("/customers", query="dora haul")["customers"]] == [901]
    completed = api.get("/customers/autocomplete", query="möh")
    assert set(completed) == {"customers"}
    person = api.get("/customers/901")["customer"]
    assert (person["business_name"], person["business_then_name"]) == (None, "Dora Hauler")
    assert person["prepay_hours"] == "1.5"
    assert [c["name"] for c in api.get("/customers/900")["customer"]["contacts"]] == ["Jule Möhre", "Ben Ofen"]
    assert [c["id"] for c in api.get("/contacts", customer_id=900)["contacts"]] == [31, 32]


def test_products_have_the_rate_of_now(api, sandbox):
    assert api.get("/products/601")["product"]["price_retail"] == 612.5
    assert api.get("/products/501")["product"]["product_category"] == "Labor"
    sandbox.store.set_product(501, price="125.00")
    assert api.get("/products/501")["product"]["price_retail"] == 125
    assert [p["id"] for p in api.get("/products", query="Emerg")["products"]] == [502]


@pytest.mark.parametrize(
    "path",
    [
        "/tickets/1",
        "/tickets/1/comments",
        "/customers/1",
        "/invoices/1",
        "/products/1",
        f"/tickets/{2**70}",
        "/nowhere",
    ],
)
def test_what_does_not_exist_is_404(api, path):
    answer = api("GET", path)
    assert answer.status_code == 404
    if path != "/nowhere":
        assert answer.json() == {"error": "Not found"}


def test_a_restricted_key_gets_404_for_tickets_that_exist(sandbox, api, connect):
    sandbox.store.restrict_key(12, 900)
    restricted = connect(sandbox, sandbox.keys[12])
    assert numbers(restricted.get("/tickets")) == [2101, 2102]
    assert restricted("GET", "/tickets/5003").status_code == 404
    assert restricted.put("/tickets/5003", subject="mine").status_code == 404
    sandbox.store.web_add_time(2103, 15, 501)
    assert {timer["ticket_id"] for timer in restricted.get("/ticket_timers")["ticket_timers"]} == {5002}
    assert api("GET", "/tickets/5003").status_code == 200


def test_a_key_without_a_permission_gets_403(sandbox, connect):
    sandbox.store.deny(12, "invoices")
    denied = connect(sandbox, sandbox.keys[12])
    answer = denied.post("/invoices", ticket_id=5001)
    assert answer.status_code == 403
    assert "Not authorized" in answer.json()["error"]
    assert denied("GET", "/tickets").status_code == 200


def test_a_deleted_ticket_is_in_no_list(api, sandbox):
    sandbox.store.web_delete_ticket(2103)
    assert numbers(api.get("/tickets", since_updated_at="2026-01-01T00:00:00Z")) == [2101, 2102]
    assert api("GET", "/tickets/5003").status_code == 404
