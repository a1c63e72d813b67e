"""How one write goes: once. What is not known about it is said to be unknown."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from support.clients import KEY, Waits, client_of
from support.scripted import Cut, Drip, Drop, Hang, Move, Reset, Say, ScriptedServer

from synclog.errors import (
    Forbidden,
    NoAnswer,
    NotFound,
    NotJson,
    OutcomeUnknown,
    RateLimited,
    RedirectRefused,
    Rejected,
    ServerFailed,
    SyncroError,
    Unauthorised,
)
from synclog.model import (
    CommentDraft,
    InvoiceLineDraft,
    LineItemDraft,
    TicketChange,
    TicketDraft,
    TimerDraft,
)
from synclog.syncro.client import SyncroClient

NOTE = CommentDraft("Update", "<p>Replaced the failed disk.</p>", "public")
COMMENT = {
    "comment": {
        "id": 900,
        "ticket_id": 5,
        "subject": "Update",
        "body": "Replaced",
        "created_at": "2026-04-17T18:00:00Z",
    }
}
POSTED = Say(body=COMMENT)

Write = Callable[[SyncroClient], Any]
START = datetime(2026, 4, 17, 16, 0, tzinfo=UTC)
WRITES: dict[str, Write] = {
    "POST /tickets": lambda c: c.create_ticket(TicketDraft(3, "Printer jams", NOTE)),
    "PUT /tickets/5": lambda c: c.update_ticket(5, TicketChange((("status", "Resolved"),))),
    "DELETE /tickets/5": lambda c: c.delete_ticket(5),
    "POST /tickets/5/comment": lambda c: c.add_comment(5, NOTE),
    "POST /tickets/5/timer_entry": lambda c: c.add_timer_entry(5, TimerDraft(START, 60, "Ref", 26118)),
    "PUT /tickets/5/update_timer_entry": lambda c: c.update_timer_entry(5, 8, minutes=30),
    "POST /tickets/5/delete_timer_entry": lambda c: c.delete_timer_entry(5, 8),
    "POST /tickets/5/charge_timer_entry": lambda c: c.charge_timer_entry(5, 8),
    "POST /tickets/5/add_line_item": lambda c: c.add_line_item(
        5, LineItemDraft("Labor", "Ref", Decimal("1.5"), Decimal("95.00"), True)
    ),
    "PUT /tickets/5/update_line_item": lambda c: c.update_line_item(5, 9, quantity=Decimal(2)),
    "POST /tickets/5/remove_line_item": lambda c: c.remove_line_item(5, 9),
    "POST /invoices": lambda c: c.create_invoice(5, 3),
    "POST /invoices/4/line_items": lambda c: c.add_invoice_line(4, InvoiceLineDraft("Cable", "Cat 6", Decimal(1))),
    "DELETE /invoices/4": lambda c: c.delete_invoice(4),
    "POST /customers": lambda c: c.create_customer(business_name="Saguaro Dental"),
}
every_write = pytest.mark.parametrize("name", WRITES)
TROUBLES: dict[str, Move] = {
    "500": Say(500, {"error": "boom"}),
    "502 page": Say(502, "<h1>Bad gateway</h1>"),
    "599": Say(599),
    "reset": Reset(),
    "drop": Drop(),
    "cut": Cut(),
    "page": Say(200, "<html><body>Please sign in</body></html>"),
    "garbage": Say(200, b'{"comment": {"id": 9'),
    "redirect": Say(302, "", {"Location": "/login"}),
    "elsewhere": Say(307, "", {"Location": "https://elsewhere.example/"}),
}


@every_write
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_failed_write_is_sent_once_and_its_outcome_is_unknown(name: str, trouble: str) -> None:
    waits = Waits()
    with (
        ScriptedServer(TROUBLES[trouble]) as server,
        client_of(server, waits) as client,
        pytest.raises(OutcomeUnknown) as caught,
    ):
        WRITES[name](client)
    assert [f"{asked.method} {asked.path.removeprefix('/api/v1')}" for asked in server.requests] == [name]
    assert waits.slept == []
    assert caught.value.request == name
    assert "don't send it again" in caught.value.remedy
    assert caught.value.__cause__ is not None


def test_the_cause_of_an_unknown_outcome_says_what_happened() -> None:
    expected = {"500": ServerFailed, "reset": NoAnswer, "page": NotJson, "redirect": RedirectRefused, "cut": NoAnswer}
    for trouble, kind in expected.items():
        with (
            ScriptedServer(TROUBLES[trouble]) as server,
            client_of(server) as client,
            pytest.raises(OutcomeUnknown) as caught,
        ):
            client.add_comment(5, NOTE)
        assert type(caught.value.__cause__) is kind


@pytest.mark.parametrize("trouble", [Hang(), Drip(b" ", every=0.02)])
def test_a_write_without_an_answer_in_time_is_unknown(trouble: Any) -> None:
    with (
        ScriptedServer(trouble) as server,
        client_of(server, timeout=0.1) as client,
        pytest.raises(OutcomeUnknown, match="no answer within"),
    ):
        client.add_comment(5, NOTE)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body", [b"", {}, {"comment": None}, {"comment": {"subject": "no id"}}, {"success": False}, []]
)
def test_a_success_that_does_not_show_what_was_made_is_unknown(body: object) -> None:
    with ScriptedServer(Say(201, body)) as server, client_of(server) as client, pytest.raises(OutcomeUnknown):
        client.add_comment(5, NOTE)
    assert len(server.requests) == 1


@every_write
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (401, Unauthorised), (403, Forbidden), (404, NotFound), (422, Rejected), (409, Rejected)],
)
def test_a_refused_write_took_nothing_and_says_what_the_server_said(
    name: str, status: int, kind: type[SyncroError]
) -> None:
    said = Say(status, {"success": False, "message": ["Subject can't be blank", "Body can't be blank"]})
    with ScriptedServer(said) as server, client_of(server) as client, pytest.raises(kind) as caught:
        WRITES[name](client)
    assert type(caught.value) is kind
    assert len(server.requests) == 1
    assert caught.value.server_message == "Subject can't be blank; Body can't be blank"


def test_a_write_after_429_waits_and_is_sent_again() -> None:
    waits = Waits()
    with ScriptedServer(Say(429, {}, {"Retry-After": "5"}), POSTED) as server, client_of(server, waits) as client:
        assert client.add_comment(5, NOTE).id == 900
    assert len(server.requests) == 2
    assert waits.slept == [5.0]


def test_a_write_that_meets_429_for_ever_took_nothing() -> None:
    with ScriptedServer(Say(429)) as server, client_of(server) as client, pytest.raises(RateLimited):
        client.add_comment(5, NOTE)
    assert len(server.requests) == 4


def test_an_unknown_outcome_after_429_is_not_sent_again() -> None:
    with ScriptedServer(Say(429), Reset()) as server, client_of(server) as client, pytest.raises(OutcomeUnknown):
        client.add_comment(5, NOTE)
    assert len(server.requests) == 2


def test_without_a_connection_nothing_was_sent() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    waits = Waits()
    with client_of(f"http://127.0.0.1:{port}/api/v1", waits) as client, pytest.raises(NoAnswer):
        client.add_comment(5, NOTE)
    assert waits.slept == []


def test_what_is_not_proven_to_be_unsent_is_not_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # Connections through a SOCKS proxy are not ours: nothing notes whether a byte was sent.
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with client_of("https://acme.example/api/v1") as client, pytest.raises(OutcomeUnknown):
        client.add_comment(5, NOTE)


def test_a_connection_that_the_server_closed_meanwhile_is_not_written_to() -> None:
    with ScriptedServer(Say(body=COMMENT, close_after=True)) as server, client_of(server) as client:
        for _ in range(5):
            client.add_comment(5, NOTE)
            server.until_all_closed()
    assert len(server.requests) == 5


def test_a_write_over_a_connection_that_dies_under_it_is_not_sent_again() -> None:
    with ScriptedServer(POSTED, Drop(), POSTED) as server, client_of(server) as client:
        client.add_comment(5, NOTE)
        with pytest.raises(OutcomeUnknown):
            client.add_comment(5, NOTE)
        assert len(server.requests) == 2
        assert server.connections == 1
        client.add_comment(5, NOTE)


def test_a_write_does_not_trust_a_connection_that_was_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("synclog.syncro.connections.time.monotonic", lambda: now[0])
    with ScriptedServer(POSTED) as server, client_of(server) as client:
        client.add_comment(5, NOTE)
        client.add_comment(5, NOTE)
        assert server.connections == 1
        now[0] += 10
        client.add_comment(5, NOTE)
        assert server.connections == 2


@every_write
def test_every_write_says_that_it_is_json_and_holds_the_key_where_it_belongs(name: str) -> None:
    with ScriptedServer(Say(422)) as server, client_of(server, auth="bearer") as client, pytest.raises(Rejected):
        WRITES[name](client)
    asked = server.requests[0]
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert KEY.encode() not in asked.body


@pytest.mark.parametrize(
    ("to", "hidden", "do_not_email"), [("email", False, False), ("public", False, True), ("private", True, True)]
)
def test_who_sees_a_comment_is_sent_as_two_flags(to: Any, hidden: bool, do_not_email: bool) -> None:
    with ScriptedServer(POSTED) as server, client_of(server) as client:
        client.add_comment(5, CommentDraft("Update", "Größe 42 ✔", to))
    assert server.requests[0].json == {
        "subject": "Update",
        "body": "Größe 42 ✔",
        "hidden": hidden,
        "do_not_email": do_not_email,
    }


def test_a_comment_with_time_carries_the_fields_of_the_web_form() -> None:
    with ScriptedServer(POSTED) as server, client_of(server) as client:
        client.add_comment(5, CommentDraft("Update", "x", "public", product_id=26118, minutes=90, bill_time_now=True))
    sent = server.requests[0].json
    assert isinstance(sent, dict)
    assert (sent["product_id"], sent["minutes_spent"], sent["bill_time_now"]) == (26118, 90, True)


def test_a_new_ticket_carries_its_first_comment() -> None:
    made = {
        "id": 5,
        "number": "32170",
        "customer_id": 3,
        "created_at": START.isoformat(),
        "updated_at": "2026-04-17T16:00:01Z",
    }
    draft = TicketDraft(3, "Printer jams", NOTE, user_id=1735, tags=("printer",), due_date="2026-04-20")
    with ScriptedServer(Say(201, {"ticket": made})) as server, client_of(server) as client:
        assert client.create_ticket(draft).number == 32170
    assert server.requests[0].json == {
        "customer_id": 3,
        "subject": "Printer jams",
        "user_id": 1735,
        "due_date": "2026-04-20",
        "tag_list": ["printer"],
        "comments_attributes": [
            {"subject": "Update", "body": NOTE.body, "hidden": False, "do_not_email": True},
        ],
    }


def test_an_update_sends_the_changed_fields_alone_and_null_for_none() -> None:
    change = TicketChange((("due_date", None), ("tag_list", ("server", "raid")), ("user_id", 1735)))
    with ScriptedServer(Say(422)) as server, client_of(server) as client, pytest.raises(Rejected):
        client.update_ticket(5, change)
    assert server.requests[0].json == {"due_date": None, "tag_list": ["server", "raid"], "user_id": 1735}


def test_hours_and_money_go_out_digit_for_digit() -> None:
    draft = LineItemDraft("Labor", "Ref", Decimal("0.33333333"), Decimal("81.10"), True, 26118)
    with ScriptedServer(Say(422)) as server, client_of(server) as client, pytest.raises(Rejected):
        client.add_line_item(5, draft)
    assert b'"quantity": 0.3333,' in server.requests[0].body
    assert b'"price_retail": 81.10,' in server.requests[0].body


def test_a_timer_is_sent_with_its_begin_in_utc_and_its_minutes() -> None:
    with ScriptedServer(Say(422)) as server, client_of(server) as client, pytest.raises(Rejected):
        client.add_timer_entry(5, TimerDraft(START, 60, "Ref 32162-7k2m9q4x1c", 26118))
    assert server.requests[0].json == {
        "start_at": "2026-04-17T16:00:00.000Z",
        "duration_minutes": 60,
        "notes": "Ref 32162-7k2m9q4x1c",
        "product_id": 26118,
    }


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Say(204, b""), ""),
        (Say(200, b""), ""),
        (Say(200, {"message": "Ticket was successfully deleted. "}), "Ticket was successfully deleted."),
        (Say(200, {"success": True, "message": ""}), ""),
    ],
)
def test_a_deletion_is_done_when_the_server_says_so_or_nothing(answer: Say, said: str) -> None:
    with ScriptedServer(answer) as server, client_of(server) as client:
        assert client.delete_ticket(5) == said
        client.remove_line_item(5, 9)


def test_a_deletion_that_says_it_failed_is_not_called_done() -> None:
    with (
        ScriptedServer(Say(200, {"success": False, "message": "Already invoiced"})) as server,
        client_of(server) as client,
        pytest.raises(OutcomeUnknown, match="Already invoiced"),
    ):
        client.remove_line_item(5, 9)


def test_answers_are_understood_with_and_without_their_wrapper() -> None:
    timer = {"id": 8, "ticket_id": 5, "start_time": "2026-04-17T16:00:00Z", "active_duration": 3600}
    line = {"id": 9, "name": "Labor", "quantity": "1.5", "retail_cents": 9500, "created_at": "2026-04-17T16:00:00Z"}
    comment = COMMENT["comment"]
    answers = [timer, {"ticket_timer": timer}, line, {"ticket_line_item": line}, comment, COMMENT]
    with ScriptedServer(*(Say(body=answer) for answer in answers)) as server, client_of(server) as client:
        assert client.charge_timer_entry(5, 8).minutes == 60
        assert client.update_timer_entry(5, 8, minutes=60).id == 8
        draft = LineItemDraft("Labor", "Ref", Decimal("1.5"), Decimal(95), True)
        assert client.add_line_item(5, draft).price == Decimal(95)
        assert client.update_line_item(5, 9, name="Labor").quantity == Decimal("1.5")
        assert client.add_comment(5, NOTE).id == 900
        assert client.add_comment(5, NOTE).id == 900
