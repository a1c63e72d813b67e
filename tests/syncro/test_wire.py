"""Syncro's JSON becomes values: tolerant of what is unknown, missing or null, strict about what is essential."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.model import Person
from synclog.syncro import wire_billing, wire_people, wire_tickets
from synclog.syncro.outgoing import hours, iso, json_bytes
from synclog.syncro.shapes import Record, ShapeError, id_of, listed, moment_of, number_of, total_pages, unwrapped

WHEN = datetime(2026, 4, 17, 18, 17, 40, 123000, tzinfo=UTC)
COMMENT = {
    "id": 301,
    "ticket_id": 5,
    "subject": "Update",
    "body": "Größe passt ✔",
    "tech": "Mike Swanson",
    "hidden": True,
    "user_id": 1735,
    "created_at": "2026-04-17T11:17:40.123-07:00",
}
TIMER = {
    "id": 81,
    "ticket_id": 5,
    "user_id": 1735,
    "start_time": "2026-04-17T16:00:00.000Z",
    "end_time": "2026-04-17T17:30:00.000Z",
    "recorded": False,
    "billable": True,
    "notes": "Ref 32162-7k2m9q4x1c",
    "product_id": 26118,
    "comment_id": 301,
    "ticket_line_item_id": None,
    "active_duration": 3600,
    "billable_time": 5400,
    "created_at": "2026-04-17T18:17:40.123Z",
}
LINE = {
    "id": 91,
    "ticket_id": 5,
    "product_id": 26118,
    "name": "Onsite labor",
    "description": "Ref",
    "quantity": "1.5",
    "price_retail": 95.5,
    "retail_cents": 9550,
    "taxable": True,
    "converted": False,
    "created_at": "2026-04-17T18:17:40.123Z",
}
CUSTOMER = {
    "id": 3,
    "business_name": "Len's Auto Brokerage",
    "fullname": "Len Ford",
    "email": "len@autobrokerage.example",
    "phone": "",
    "mobile": "602-555-0117",
    "address": "8653 Ivan Flat",
    "address_2": None,
    "city": "Phoenix",
    "state": "AZ",
    "zip": "85004",
    "prepay_hours": "2.5",
    "contacts": [{"id": 77, "name": "Len Ford", "phone": None, "mobile": "602-555-0117"}, {"email": "no id"}],
}
TICKET = {
    "id": 5,
    "number": "32162",
    "subject": "Server upgrade",
    "status": "In Progress",
    "customer_id": 3,
    "customer_business_then_name": "Len's Auto Brokerage",
    "created_at": "2026-04-15T09:12:00-07:00",
    "updated_at": "2026-04-17T18:17:40.123Z",
    "resolved_at": None,
    "due_date": "2026-04-20T00:00:00.000Z",
    "priority": "Normal",
    "problem_type": "Server",
    "user": {"id": 1735, "full_name": "Mike Swanson", "email": "mike@copperline.example"},
    "contact": {"id": 77, "name": "Len Ford"},
    "tag_list": ["server", " raid "],
    "comments": [COMMENT, {**COMMENT, "id": 300, "created_at": "2026-04-15T16:12:00Z"}],
    "ticket_timers": [TIMER],
    "line_items": [LINE],
    "customer": CUSTOMER,
    "something_new": {"since": "today"},
}
INVOICE = {
    "id": 40,
    "number": "4444",
    "customer_id": 3,
    "ticket_id": 5,
    "subtotal": "75.00",
    "tax": "6.53",
    "total": "81.53",
    "is_paid": False,
    "created_at": "2026-04-17T18:17:40.123Z",
    "updated_at": "2026-04-17T18:17:40.123Z",
    "line_items": [{"id": 1, "item": "Onsite labor", "name": "Ref", "quantity": "1.5", "price": "50.0"}],
}
PRODUCT = {"id": 26118, "name": "Onsite labor", "price_retail": 95.1, "taxable": False, "product_category": "Labor"}

ONE: dict[str, tuple[Callable[[Any], Any], dict[str, Any], set[str]]] = {
    "ticket": (wire_tickets.ticket_answer, TICKET, {"id", "number", "created_at", "updated_at"}),
    "comment": (lambda d: wire_tickets.comment_answer(d, 5), COMMENT, {"id", "created_at"}),
    "ticket_timer": (lambda d: wire_tickets.timer_answer(d, 5), TIMER, {"id"}),
    "ticket_line_item": (lambda d: wire_tickets.line_item_answer(d, 5), LINE, {"id", "created_at"}),
    "customer": (wire_people.customer_answer, CUSTOMER, {"id"}),
    "invoice": (wire_billing.invoice_answer, INVOICE, {"id", "number", "customer_id", "total", "created_at"}),
    "product": (wire_billing.product_answer, PRODUCT, {"id", "price_retail"}),
}
ANY_DOCUMENT: list[Callable[[Any], Any]] = [
    *(parse for parse, _, _ in ONE.values()),
    wire_people.me,
    wire_people.users,
    wire_people.account_settings,
    lambda d: [wire_tickets.ticket(record) for record in listed(d, "tickets")],
    lambda d: [wire_tickets.timer_entry(record) for record in listed(d, "ticket_timers")],
    lambda d: [wire_people.person(record) for record in listed(d, "contacts")],
    total_pages,
]


def received(value: object) -> Any:
    """The value as the client gets it: over JSON, numbers that are not whole as Decimal."""
    return json.loads(json.dumps(value), parse_float=Decimal)


def test_a_ticket_is_read_whole() -> None:
    ticket = wire_tickets.ticket_answer(received({"ticket": TICKET}))
    assert (ticket.id, ticket.number, ticket.subject, ticket.status) == (5, 32162, "Server upgrade", "In Progress")
    assert ticket.created_at == datetime(2026, 4, 15, 16, 12, tzinfo=UTC)
    assert ticket.updated_at == WHEN
    assert ticket.due_date == "2026-04-20T00:00:00.000Z"
    assert ticket.assigned_to == Person(1735, "Mike Swanson", "mike@copperline.example")
    assert ticket.contact == Person(77, "Len Ford")
    assert ticket.tags == ("server", "raid")
    assert [comment.id for comment in ticket.comments] == [300, 301]
    assert ticket.customer is not None
    assert ticket.customer.prepay_hours == Decimal("2.5")


def test_a_comment_without_a_user_keeps_its_author() -> None:
    comment = wire_tickets.comment_answer(received({"comment": {**COMMENT, "user_id": None, "tech": "Len Ford"}}), 5)
    assert (comment.author, comment.user_id, comment.hidden, comment.created_at) == ("Len Ford", None, True, WHEN)


@pytest.mark.parametrize(
    ("changed", "minutes", "billable", "charged"),
    [
        ({}, 60, 90, False),
        ({"active_duration": None}, 90, 90, False),
        ({"billable_time": None}, 60, 60, False),
        ({"active_duration": None, "end_time": None, "billable_time": None}, 0, 0, False),
        ({"active_duration": 89}, 1, 90, False),
        ({"active_duration": 90}, 2, 90, False),
        ({"recorded": True}, 60, 90, True),
        ({"ticket_line_item_id": 91}, 60, 90, True),
    ],
)
def test_time_is_whole_minutes_of_the_servers_seconds(
    changed: dict[str, Any], minutes: int, billable: int, charged: bool
) -> None:
    entry = wire_tickets.timer_answer(received(TIMER | changed), 5)
    assert (entry.minutes, entry.billable_minutes, entry.charged) == (minutes, billable, charged)


def test_a_price_is_exact_whichever_field_holds_it() -> None:
    assert wire_tickets.line_item_answer(received(LINE), 5).price == Decimal("95.5")
    assert wire_tickets.line_item_answer(
        received({**LINE, "price_retail": None, "retail_cents": 8153}), 5
    ).price == Decimal("81.53")
    assert wire_billing.product_answer(received({"product": PRODUCT})).price == Decimal("95.1")
    invoice = wire_billing.invoice_answer(received({"invoice": INVOICE}))
    assert (invoice.total, invoice.tax, invoice.subtotal) == (Decimal("81.53"), Decimal("6.53"), Decimal("75.00"))


@pytest.mark.parametrize("changed", [{"converted": True}, {"invoice_id": 40}])
def test_a_line_item_on_an_invoice_is_known(changed: dict[str, Any]) -> None:
    assert wire_tickets.line_item_answer(received(LINE | changed), 5).invoiced
    assert not wire_tickets.line_item_answer(received(LINE), 5).invoiced


def test_an_invoice_of_a_list_has_no_lines_and_an_empty_one_has_none() -> None:
    listed_one = {name: value for name, value in INVOICE.items() if name != "line_items"}
    assert wire_billing.invoice_answer(received({"invoice": listed_one})).lines is None
    assert wire_billing.invoice_answer(received({"invoice": {**INVOICE, "line_items": []}})).lines == ()
    (line,) = wire_billing.invoice_answer(received({"invoice": INVOICE})).lines or ()
    assert (line.name, line.quantity, line.price) == ("Onsite labor: Ref", Decimal("1.5"), Decimal(50))


def test_a_customer_is_called_by_its_business_else_by_the_person() -> None:
    customer = wire_people.customer_answer(received({"customer": CUSTOMER}))
    assert (customer.name, customer.phone, customer.mobile) == ("Len's Auto Brokerage", None, "602-555-0117")
    assert customer.address == "8653 Ivan Flat, Phoenix, AZ 85004"
    assert customer.contacts == (Person(77, "Len Ford", phone="602-555-0117"),)
    person = wire_people.customer_answer(received({"customer": {**CUSTOMER, "business_name": " "}}))
    assert person.name == "Len Ford"


def test_users_are_pairs() -> None:
    pairs = received({"users": [[1735, "Mike Swanson"], ["1736", "Ana Núñez"], {"id": 3, "full_name": "Jo"}]})
    assert wire_people.users(pairs) == (Person(1735, "Mike Swanson"), Person(1736, "Ana Núñez"), Person(3, "Jo"))


def test_the_accounts_lists_are_read() -> None:
    settings_ = wire_people.account_settings(
        received(
            {
                "ticket_status_list": ["New", "Resolved", "New", None],
                "default_labor_product_id": 1190473,
                "ticket_types": [{"id": 1, "name": "Hardware"}],
                "users": [{"id": 1735, "name": "Mike Swanson"}],
                "problem_types": ["Server", {"name": "Printer"}],
            }
        )
    )
    assert settings_.statuses == ("New", "Resolved")
    assert settings_.technicians == (Person(1735, "Mike Swanson"),)
    assert settings_.problem_types == ("Server", "Printer")
    assert settings_.default_labor_product_id == 1190473


def test_the_token_in_the_answer_about_the_keys_owner_is_not_kept() -> None:
    me = wire_people.me(received({"user_id": 1735, "user_name": "Mike", "user_token": "3746f72b-made-up"}))
    assert (me.user_id, me.name, me.email) == (1735, "Mike", None)
    assert "3746f72b" not in repr(me)


@pytest.mark.parametrize("wrapper", ONE)
def test_both_the_wrapped_and_the_flat_object_are_understood(wrapper: str) -> None:
    parse, example, _ = ONE[wrapper]
    assert parse(received({wrapper: example})) == parse(received(example))


@pytest.mark.parametrize("missing", [None, "absent"])
@pytest.mark.parametrize("wrapper", ONE)
def test_only_what_is_essential_must_be_there(wrapper: str, missing: str | None) -> None:
    parse, example, essential = ONE[wrapper]
    for name in example:
        poorer = {k: v for k, v in example.items() if k != name} if missing else {**example, name: None}
        if name in essential:
            with pytest.raises(ShapeError, match=f"`{name}`"):
                parse(received({wrapper: poorer}))
        else:
            parse(received({wrapper: poorer}))


@pytest.mark.parametrize(
    "document", [None, [], "text", 5, {}, {"error": "x"}, {"ticket": []}, {"ticket": {"id": None}}]
)
def test_an_answer_about_something_else_is_no_ticket(document: object) -> None:
    with pytest.raises(ShapeError):
        wire_tickets.ticket_answer(document)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=12)
    | st.sampled_from(["2026-04-17T11:17:40Z", "0001-01-01T00:00:00+23:59", "9999-12-31", "1e999999999", "\ud800", "٣"])
    | st.sampled_from([Decimal("1E+999999"), Decimal("1E-999999"), Decimal("NaN"), 10**400])
)
FIELDS = sorted({*TICKET, *COMMENT, *TIMER, *LINE, *CUSTOMER, *INVOICE, *PRODUCT, *ONE, "tickets", "users", "meta"})
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=20,
)


@given(st.sampled_from(ANY_DOCUMENT), TREES)
@settings(max_examples=200, deadline=None)
def test_any_json_is_either_a_value_or_a_shape_error(parse: Callable[[Any], Any], document: object) -> None:
    with contextlib.suppress(ShapeError):
        parse(document)


@given(st.sampled_from(sorted(ONE)), st.data())
@settings(max_examples=200, deadline=None)
def test_any_value_in_a_known_field_is_either_read_or_a_shape_error(wrapper: str, data: st.DataObject) -> None:
    parse, example, _ = ONE[wrapper]
    name = data.draw(st.sampled_from(sorted(example)))
    try:
        value = parse({wrapper: {**received(example), name: data.draw(TREES)}})
    except ShapeError:
        return
    repr(value).encode("utf-8")


@given(st.datetimes(min_value=datetime(2, 1, 2), max_value=datetime(9998, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
@settings(max_examples=80, deadline=None)
def test_a_time_means_the_same_with_any_offset(naive: datetime, minutes: int) -> None:
    from datetime import timezone

    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert moment_of(moment.isoformat()) == moment
    assert moment_of(naive.isoformat()) == naive.replace(tzinfo=UTC)
    assert moment_of(iso(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.mark.parametrize(
    "value", ["", "soon", None, 5, "2026-13-01", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z"]
)
def test_what_is_no_time_is_none(value: object) -> None:
    assert moment_of(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        ("7", 7),
        (" 7 ", 7),
        (Decimal("7.0"), 7),
        (Decimal("7.5"), None),
        (0, None),
        (-1, None),
        (True, None),
        ("", None),
        ("٣", None),
        ("1" * 30, None),
        (2**63, None),
        (None, None),
        ([7], None),
    ],
)
def test_an_id_is_a_whole_number_above_zero(value: object, expected: int | None) -> None:
    assert id_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("81.53", Decimal("81.53")),
        (" -3 ", Decimal(-3)),
        (4, Decimal(4)),
        (Decimal("0.10"), Decimal("0.10")),
        ("1_000", None),
        ("", None),
        ("NaN", None),
        ("Infinity", None),
        (True, None),
        ("1e999", None),
        ("9" * 41, None),
    ],
)
def test_a_number_is_exact_and_of_sensible_size(value: object, expected: Decimal | None) -> None:
    assert number_of(value) == expected


def test_lone_surrogates_never_reach_a_file() -> None:
    record = Record({"subject": "broken \ud83d emoji, whole \U0001f4be"}, "ticket")
    assert record.text("subject") == "broken \ufffd emoji, whole \U0001f4be"


def test_a_wrapper_that_is_null_is_no_flat_object() -> None:
    with pytest.raises(ShapeError):
        unwrapped({"comment": None, "id": 5}, "comment")


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.decimals(allow_nan=False, allow_infinity=False, places=4),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=10,
    )
)
@settings(max_examples=100, deadline=None)
def test_what_is_sent_arrives_as_it_was_meant(value: Any) -> None:
    assert json.loads(json_bytes(value), parse_float=Decimal) == value


@pytest.mark.parametrize(
    ("quantity", "sent"),
    [
        ("1.5", "1.5"),
        ("0.33333333", "0.3333"),
        ("0.00005", "0.0001"),
        ("2.0000", "2"),
        ("100", "100"),
        ("0.75", "0.75"),
    ],
)
def test_hours_have_at_most_four_decimals(quantity: str, sent: str) -> None:
    assert json_bytes(hours(Decimal(quantity))) == sent.encode()
