"""The sample account holds together: what the demo, the docs and other tests rely on is really in its files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import synclog.sandbox

ACCOUNT = Path(synclog.sandbox.__file__).parent / "account"
HEAD: dict[str, Any] = yaml.safe_load((ACCOUNT / "account.yaml").read_text(encoding="utf-8"))
FILES: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((ACCOUNT / "customers").glob("*.yaml"))
}
FIRST, LAST = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 25, tzinfo=UTC)
DONE = {"Resolved", "Invoiced", "Closed"}

Row = dict[str, Any]


def rows(kind: str) -> Iterator[tuple[Row, Row, Row]]:
    """Each comment, timer or line item with its ticket and its customer's file."""
    for file in FILES.values():
        for ticket in file["tickets"]:
            for row in ticket.get(kind, []):
                yield row, ticket, file


def tickets() -> list[Row]:
    return sorted((ticket for file in FILES.values() for ticket in file["tickets"]), key=lambda t: t["number"])


def invoices() -> list[Row]:
    return [invoice for file in FILES.values() for invoice in file.get("invoices", [])]


def ticket(number: int) -> Row:
    return next(t for t in tickets() if t["number"] == number)


def bodies() -> list[str]:
    return [comment["body"] for comment, _, _ in rows("comments")]


def when(text: str) -> datetime:
    assert text.endswith("Z"), text
    return datetime.fromisoformat(text)


# --- the account ---------------------------------------------------------------------------------------------------


def test_five_technicians_two_of_whom_share_a_name() -> None:
    assert len(HEAD["users"]) == 5
    assert Counter(user["name"] for user in HEAD["users"]).most_common(1) == [("Daniel Reyes", 2)]
    assert len({user["id"] for user in HEAD["users"]}) == len({user["key"] for user in HEAD["users"]}) == 5
    assert HEAD["key_owner"] in {user["id"] for user in HEAD["users"]}


def test_the_labor_products_have_the_ids_and_rates_that_the_documents_name() -> None:
    labor = {p["id"]: (p["price"], p["minimum"]) for p in HEAD["products"] if p["category"] == "Labor"}
    assert labor == {
        1190473: ("120.00", 0),
        26118: ("145.00", 0),
        26184: ("225.00", 60),
        9269129: ("135.00", 0),
        9269124: ("0.00", 0),
        26117: ("60.00", 0),
        68055: ("95.00", 0),
    }
    assert HEAD["default_labor_product_id"] in labor
    assert any(p["category"] == "Hardware" and p["taxable"] for p in HEAD["products"])


def test_twelve_customers_one_of_them_a_person() -> None:
    assert len(FILES) == 12
    assert [stem for stem, file in FILES.items() if "business_name" not in file["customer"]] == ["jerry-burger"]


def test_two_customers_have_prepaid_hours() -> None:
    assert sum(Decimal(file["customer"].get("prepay_hours", "0")) > 0 for file in FILES.values()) == 2


def test_two_contacts_of_one_customer_share_a_name() -> None:
    assert any(
        len({contact["name"] for contact in file.get("contacts", [])}) < len(file.get("contacts", []))
        for file in FILES.values()
    )


# --- the tickets ---------------------------------------------------------------------------------------------------


def test_there_are_tickets_in_every_status_and_28_are_open() -> None:
    counted = Counter(t["status"] for t in tickets())
    assert set(counted) == set(HEAD["statuses"])
    assert sum(counted.values()) == 64
    assert sum(count for status, count in counted.items() if status not in DONE) == 28


def test_every_id_is_there_once() -> None:
    kinds: dict[str, list[int]] = {
        "customers": [file["customer"]["id"] for file in FILES.values()],
        "contacts": [contact["id"] for file in FILES.values() for contact in file.get("contacts", [])],
        "tickets": [t["id"] for t in tickets()],
        "numbers": [t["number"] for t in tickets()],
        "products": [product["id"] for product in HEAD["products"]],
        "invoices": [invoice["id"] for invoice in invoices()],
        "invoice numbers": [invoice["number"] for invoice in invoices()],
        "invoice lines": [line["id"] for invoice in invoices() for line in invoice["lines"]],
        **{kind: [row["id"] for row, _, _ in rows(kind)] for kind in ("comments", "timers", "line_items")},
    }
    assert {kind for kind, ids in kinds.items() if not ids or len(set(ids)) != len(ids)} == set()


def test_what_is_referred_to_exists() -> None:
    users = {user["id"] for user in HEAD["users"]} | {None}
    products = {product["id"] for product in HEAD["products"]}
    types = {kind["name"] for kind in HEAD["ticket_types"]} | {None}
    for file in FILES.values():
        contacts = {contact["id"] for contact in file.get("contacts", [])} | {None}
        for t in file["tickets"]:
            assert t.get("user_id") in users
            assert t.get("contact_id") in contacts
            assert t["status"] in HEAD["statuses"]
            assert t["problem_type"] in HEAD["problem_types"]
            assert t.get("ticket_type") in types
    for comment, _, _ in rows("comments"):
        assert comment["user_id"] in users
    for timer, t, _ in rows("timers"):
        assert timer["user_id"] in users
        assert timer["product_id"] in products
        assert timer.get("comment_id") in {comment["id"] for comment in t["comments"]} | {None}
    for item, t, file in rows("line_items"):
        assert item["product_id"] in products
        billed = {invoice["id"] for invoice in file.get("invoices", []) if invoice["ticket_id"] == t["id"]}
        assert item.get("invoice_id") in billed | {None}


def test_a_comment_by_a_technician_bears_that_technicians_name() -> None:
    names = {user["id"]: user["name"] for user in HEAD["users"]}
    assert all(c["author"] == names[c["user_id"]] for c, _, _ in rows("comments") if c["user_id"])


def test_times_lie_in_the_spring_of_2026_and_in_order() -> None:
    for t in tickets():
        at = [when(comment["at"]) for comment in t["comments"]]
        assert at == sorted(set(at)), t["number"]
        assert when(t["created_at"]) == at[0]
        assert max(at) <= when(t["updated_at"]) < LAST
        assert t["status"] not in DONE or at[0] < when(t["resolved_at"]) <= when(t["updated_at"])
        assert t["status"] in DONE or "resolved_at" not in t
    for timer, t, _ in rows("timers"):
        started = when(timer["start"])
        assert when(t["created_at"]) <= started, t["number"]
        assert started + timedelta(minutes=timer["minutes"]) <= when(timer["at"]), t["number"]
    assert when(tickets()[0]["created_at"]) >= FIRST


def test_updated_at_sorts_the_tickets_without_a_tie() -> None:
    assert len({t["updated_at"] for t in tickets()}) == 64


@pytest.mark.parametrize("kind", ["comments", "line_items"])
def test_ids_grow_with_time(kind: str) -> None:
    made = [at for _, at in sorted((row["id"], when(row["at"])) for row, _, _ in rows(kind))]
    assert made == sorted(made)


def test_ticket_ids_and_times_grow_with_their_numbers() -> None:
    assert [t["id"] for t in tickets()] == sorted(t["id"] for t in tickets())
    assert [t["created_at"] for t in tickets()] == sorted(t["created_at"] for t in tickets())


# --- time and money ------------------------------------------------------------------------------------------------


def test_charged_time_has_its_line_item_and_no_other_time_has_one() -> None:
    minimum = {product["id"]: product.get("minimum", 0) for product in HEAD["products"]}
    for timer, t, _ in rows("timers"):
        billable = timer.get("billable_minutes", timer["minutes"])
        assert billable == max(timer["minutes"], minimum[timer["product_id"]])
        assert timer["charged"] == ("line_item_id" in timer)
        if timer["charged"]:
            item = next(item for item in t["line_items"] if item["id"] == timer["line_item_id"])
            assert item["product_id"] == timer["product_id"]
            assert abs(Decimal(item["quantity"]) * 60 - billable) < Decimal("0.01")
            assert Decimal(item["quantity"]) == round(Decimal(item["quantity"]), 4)


def test_an_invoices_sums_are_those_of_its_lines() -> None:
    for invoice in invoices():
        cents = [(Decimal(x["quantity"]) * Decimal(x["price"])).quantize(Decimal("0.01")) for x in invoice["lines"]]
        assert Decimal(invoice["subtotal"]) == sum(cents), invoice["number"]
        assert Decimal(invoice["total"]) == Decimal(invoice["subtotal"]) + Decimal(invoice["tax"])
        assert all(re.fullmatch(r"\d+\.\d\d", invoice[key]) for key in ("subtotal", "tax", "total"))


def test_an_invoices_lines_are_the_line_items_it_collected() -> None:
    collected = Counter(
        (x["invoice_id"], x["product_id"], x["quantity"]) for x, _, _ in rows("line_items") if "invoice_id" in x
    )
    lines = Counter((i["id"], line["product_id"], line["quantity"]) for i in invoices() for line in i["lines"])
    assert lines == collected


def test_invoiced_and_billed_tickets_have_an_invoice_and_nothing_left_to_bill() -> None:
    billed = {invoice["ticket_id"] for invoice in invoices()}
    for t in tickets():
        if t["status"] in {"Invoiced", "Closed"}:
            assert t["id"] in billed, t["number"]
            assert all("invoice_id" in item for item in t.get("line_items", []))
            assert all(timer["charged"] or timer["product_id"] == 9269124 for timer in t.get("timers", []))


def test_there_is_time_of_every_kind() -> None:
    timers = [timer for timer, _, _ in rows("timers")]
    assert {timer["charged"] for timer in timers} == {True, False}
    assert {"comment_id" in timer for timer in timers} == {True, False}
    assert any(timer.get("billable_minutes", timer["minutes"]) != timer["minutes"] for timer in timers)
    assert {timer["product_id"] for timer in timers} == {p["id"] for p in HEAD["products"] if p["category"] == "Labor"}
    assert {"invoice_id" in item for item, _, _ in rows("line_items")} == {True, False}


def test_there_are_invoices_of_every_kind() -> None:
    assert {invoice["is_paid"] for invoice in invoices()} == {True, False}
    assert sum(not invoice["lines"] and invoice["total"] == "0.00" for invoice in invoices()) == 1
    prepaid = {f["customer"]["id"] for f in FILES.values() if "prepay_hours" in f["customer"]}
    covered = [i for f in FILES.values() if f["customer"]["id"] in prepaid for i in f["invoices"] if i["lines"]]
    assert any(invoice["total"] == "0.00" for invoice in covered)


# --- what people write ---------------------------------------------------------------------------------------------

KINDS: dict[str, Callable[[str], object]] = {
    "a quoted reply": re.compile(r"^On \w{3}, .* wrote:$", re.M).search,
    "a reply as Outlook quotes it": re.compile(r"^From: .*\nSent: ", re.M).search,
    "a reply quoted in German": re.compile(r"schrieb .*:$", re.M).search,
    "a disclaimer": re.compile("CONFIDENTIALITY NOTICE").search,
    "a signature": re.compile(r"^-- ?$", re.M).search,
    "a table in HTML": re.compile("<table").search,
    "an inline style": re.compile('style="').search,
    "a hard blank": re.compile("&nbsp;|\u00a0").search,
    "a tracking pixel": re.compile(r'<img [^>]*width="1"').search,
    "a style sheet": re.compile("<style>").search,
    "a script": re.compile("<script>").search,
    "an inline image": re.compile(r'src="cid:').search,
    "what Outlook leaves behind": re.compile("<o:p>.*MsoNormal|MsoNormal.*<o:p>", re.S).search,
    "a monitoring alert": re.compile(r"^ALERT: .*\n-{20,}\n(\w.*: .*\n)+", re.M).search,
    "a voicemail": re.compile(r"^New voicemail from .*\(transcribed automatically", re.M | re.S).search,
    "emoji": re.compile("[\U0001f300-\U0001faff]").search,
    "umlauts": re.compile("[äöüß]").search,
    "Spanish": re.compile("¿.*contraseña", re.S).search,
    "front matter": re.compile(r"^---\nnumber: 1\n.*^---$", re.M | re.S).search,
    "a heading of ours": re.compile(r"^### 2026-01-01 .* · public$", re.M).search,
    "a marker of ours": re.compile(r"^<!-- synclog:mirror ", re.M).search,
    "a base of ours": re.compile(r"^<!-- synclog:base \{\} -->$", re.M).search,
    "a terminal's escape sequence": re.compile("\x1b\\[31m").search,
    "a line separator": re.compile("\u2028").search,
    "a paragraph separator": re.compile("\u2029").search,
    "a next-line character": re.compile("\x85").search,
    "text that runs backwards": re.compile("\u202e").search,
    "a code fence left open": re.compile(r"\A```[^`]*\S", re.S).search,
    "a mailed password": re.compile(r"Sunflower!2026").search,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_conversations_hold(kind: str) -> None:
    assert any(KINDS[kind](body) for body in bodies())


def test_a_customer_quotes_a_reference_on_the_last_line() -> None:
    quoting = [c for c, _, _ in rows("comments") if c["body"].endswith("\nRef 32162-7k2m9q4x1c")]
    assert [comment["user_id"] for comment in quoting] == [None]


def test_a_customers_name_tries_to_be_markup_and_front_matter() -> None:
    assert any(
        all(bait in file["customer"].get("business_name", "") for bait in ("<script>", "-->", "---"))
        for file in FILES.values()
    )


def test_subjects_try_to_be_something_else() -> None:
    subjects = {t["subject"] for t in tickets()}
    assert {"1099", "AUX", "🔥🔥🔥"} <= subjects
    assert any("-->" in subject for subject in subjects)


def test_bodies_say_rightly_whether_they_are_html() -> None:
    for comment, t, _ in rows("comments"):
        assert comment["html"] == comment["body"].startswith("<"), t["number"]


def test_one_thread_has_forty_comments_and_most_have_few() -> None:
    lengths = sorted(len(t["comments"]) for t in tickets())
    assert lengths[-1] == 40
    assert lengths[-2] < 10


def test_no_two_conversations_are_alike() -> None:
    assert max(Counter(bodies()).values()) == 1
    assert max(Counter(t["subject"] for t in tickets()).values()) == 1


def test_there_are_private_notes_of_technicians_only() -> None:
    hidden = [comment for comment, _, _ in rows("comments") if comment["hidden"]]
    assert len(hidden) > 20
    assert all(comment["user_id"] for comment in hidden)


def test_addresses_and_telephone_numbers_reach_nobody() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in ACCOUNT.rglob("*.yaml"))
    hosts = re.findall(r"@([\w-]+(?:\.[\w-]+)+)", text) + re.findall(r"https?://([\w.-]+)", text)
    assert {host for host in hosts if not host.endswith(".example")} <= {"01DC9A11.7B2F0E40"}
    assert {n for n in re.findall(r"\b\d{3}-\d{3}-\d{4}\b", text) if not re.fullmatch(r"\d{3}-555-01\d\d", n)} == set()


# --- what the demo works on ------------------------------------------------------------------------------------------


def test_the_demos_ticket_is_as_the_documents_show_it() -> None:
    upgrade, file = ticket(32162), FILES["lens-auto-brokerage"]
    contact = next(c["name"] for c in file["contacts"] if c["id"] == upgrade["contact_id"])
    assert upgrade in file["tickets"]
    assert (file["customer"]["id"], file["customer"]["business_name"]) == (24152385, "Len's Auto Brokerage")
    assert "prepay_hours" not in file["customer"]
    assert (upgrade["id"], upgrade["subject"], upgrade["status"]) == (108443837, "Server upgrade", "In Progress")
    assert (upgrade["priority"], upgrade["problem_type"], upgrade["due_date"]) == ("Normal", "Server", "2026-04-20")
    assert (upgrade["tags"], contact, upgrade["user_id"]) == (["server"], "Len Ford", HEAD["key_owner"])
    assert len(upgrade["comments"]) == 3
    assert not any(key in upgrade for key in ("timers", "line_items"))


def test_jerrys_cloud_is_new() -> None:
    assert (ticket(32164)["subject"], ticket(32164)["status"]) == ("Own cloud thing again", "New")
    assert ticket(32164) in FILES["jerry-burger"]["tickets"]
