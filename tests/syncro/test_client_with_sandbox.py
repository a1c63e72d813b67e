"""The client against the sandbox: every endpoint over real HTTP, by two readings of the API that share no code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from synclog.errors import NotFound, OutcomeUnknown, RateLimited, Rejected, Unauthorised
from synclog.model import (
    CommentDraft,
    InvoiceLineDraft,
    LineItemDraft,
    Ticket,
    TicketChange,
    TicketDraft,
    TimerDraft,
)
from synclog.sandbox import Sandbox
from synclog.syncro.client import NOT_CLOSED, SyncroClient, TicketQuery
from synclog.syncro.limiter import Limiter

REMOTE = 1190473
START = datetime(2026, 4, 17, 16, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[SyncroClient]:
    with SyncroClient(sandbox.base_url, sandbox.api_key, sleep=lambda _: None) as client:
        yield client


@pytest.fixture
def ticket(client: SyncroClient) -> Ticket:
    """A ticket of one's own, without time or charges."""
    first = CommentDraft("Initial Issue", "<p>The scanner sends nothing since Monday.</p>", "private")
    customer_id = next(client.ticket_pages(TicketQuery())).tickets[0].customer_id
    return client.create_ticket(TicketDraft(customer_id, "Scanner is mute", first))


def test_the_account_is_read(sandbox: Sandbox, client: SyncroClient) -> None:
    me = client.me()
    assert me.user_id == sandbox.key_owner
    assert me.user_id in {person.id for person in client.users()}
    account = client.account_settings()
    assert {"New", "In Progress", "Resolved", "Invoiced"} <= set(account.statuses)
    assert {person.id for person in account.technicians} == {person.id for person in client.users()}
    assert client.product(REMOTE).price > 0


def test_the_accounts_labor_products_are_listed(client: SyncroClient) -> None:
    products = client.labor_products()
    assert REMOTE in {product.id for product in products}
    assert {product.category for product in products} == {"Labor"}


def test_both_ways_to_show_the_key_work_and_a_wrong_one_does_not(sandbox: Sandbox) -> None:
    with SyncroClient(sandbox.base_url, sandbox.api_key, auth="bearer") as client:
        assert client.me().user_id == sandbox.key_owner
    with SyncroClient(sandbox.base_url, "T-of-another-account") as client, pytest.raises(Unauthorised):
        client.me()


def test_every_ticket_of_the_account_is_listed_and_read(sandbox: Sandbox, client: SyncroClient) -> None:
    pages = list(client.ticket_pages(TicketQuery()))
    listed = {ticket.id: ticket for page in pages for ticket in page.tickets}
    assert len(listed) == len(sandbox.store.tickets())
    for ticket in listed.values():
        detail = client.ticket(ticket.id)
        assert (detail.number, detail.subject, detail.status) == (ticket.number, ticket.subject, ticket.status)
        assert detail.updated_at == ticket.updated_at
        conversation = client.conversation(ticket.id)
        assert [comment.id for comment in conversation] == sorted(c["id"] for c in sandbox.store.comments(ticket.id))
        assert set(detail.comments) <= set(conversation)
        assert set(detail.timers) == set(client.timers(ticket_id=ticket.id))


def test_a_list_is_filtered(client: SyncroClient) -> None:
    every = [ticket for page in client.ticket_pages(TicketQuery()) for ticket in page.tickets]
    some = every[0]
    open_ones = {t.id for page in client.ticket_pages(TicketQuery(status=NOT_CLOSED)) for t in page.tickets}
    assert 0 < len(open_ones) < len(every)
    found = client.find_ticket(some.number)
    assert found is not None
    assert found.id == some.id
    assert client.find_ticket(1) is None
    since = TicketQuery(since_updated_at=some.updated_at - timedelta(seconds=1))
    assert some.id in {t.id for page in client.ticket_pages(since) for t in page.tickets}


def test_customers_are_found_with_their_contacts(client: SyncroClient) -> None:
    ticket = next(client.ticket_pages(TicketQuery())).tickets[0]
    customer = client.customer(ticket.customer_id)
    assert customer.name == ticket.customer_name
    assert customer.id in {one.id for one in client.search_customers(customer.name)}
    assert customer.id in {one.id for one in client.autocomplete_customers(customer.name[:4])}
    assert {person.id for person in client.contacts(customer.id)} == {person.id for person in customer.contacts}
    made = client.create_customer(business_name="Saguaro Dental", email="front@saguaro-dental.example")
    assert client.customer(made.id).name == "Saguaro Dental"


def test_a_comment_is_posted_and_found_again(sandbox: Sandbox, client: SyncroClient, ticket: Ticket) -> None:
    draft = CommentDraft("Update", "<p>Grüße — disk replaced 💾</p><p>Ref 32162-7k2m9q4x1c</p>", "private")
    posted = client.add_comment(ticket.id, draft)
    last = client.conversation(ticket.id)[-1]
    assert (last.id, last.hidden, last.user_id) == (posted.id, True, sandbox.key_owner)
    assert "32162-7k2m9q4x1c" in last.body


@pytest.mark.parametrize(("to", "mails"), [("private", 0), ("public", 0), ("email", 1)])
def test_only_an_email_is_mailed(sandbox: Sandbox, client: SyncroClient, ticket: Ticket, to: str, mails: int) -> None:
    before = len(sandbox.store.outbox())
    client.add_comment(ticket.id, CommentDraft("Update", "<p>Done.</p>", to))  # type: ignore[arg-type]
    assert len(sandbox.store.outbox()) - before == mails


def test_time_of_a_comment_shows_as_a_timer_entry(client: SyncroClient, ticket: Ticket) -> None:
    draft = CommentDraft("Update", "<p>Done.</p>", "private", product_id=REMOTE, minutes=45)
    posted = client.add_comment(ticket.id, draft)
    (entry,) = client.timers(ticket_id=ticket.id)
    assert (entry.comment_id, entry.minutes, entry.product_id, entry.charged) == (posted.id, 45, REMOTE, False)


def test_time_goes_from_a_timer_to_an_invoice(client: SyncroClient, ticket: Ticket) -> None:
    entry = client.add_timer_entry(ticket.id, TimerDraft(START, 90, "Ref 32162-7k2m9q4x1c", REMOTE))
    assert (entry.minutes, entry.start_at, entry.charged) == (90, START, False)
    assert client.update_timer_entry(ticket.id, entry.id, minutes=60, notes="Ref x").minutes == 60
    assert client.charge_timer_entry(ticket.id, entry.id).charged
    (line,) = client.ticket(ticket.id).line_items
    assert (line.quantity, line.product_id, line.invoiced) == (Decimal(1), REMOTE, False)
    invoice = client.create_invoice(ticket.id, ticket.customer_id)
    assert [one.id for one in client.invoices(ticket_id=ticket.id)] == [invoice.id]
    lines = client.invoice(invoice.id).lines
    assert lines is not None
    assert len(lines) == 1
    (line,) = client.ticket(ticket.id).line_items
    assert line.invoiced
    with pytest.raises(Rejected):
        client.remove_line_item(ticket.id, line.id)


def test_line_items_are_added_changed_and_removed(client: SyncroClient, ticket: Ticket) -> None:
    draft = LineItemDraft("Remote labor", "Ref 32162-7k2m9q4x1c", Decimal("0.7500"), Decimal("95.10"), False, REMOTE)
    line = client.add_line_item(ticket.id, draft)
    assert (line.quantity, line.price, line.description) == (Decimal("0.75"), Decimal("95.10"), draft.description)
    changed = client.update_line_item(ticket.id, line.id, quantity=Decimal("0.3333"))
    assert changed.quantity == Decimal("0.3333")
    client.remove_line_item(ticket.id, line.id)
    assert client.ticket(ticket.id).line_items == ()


def test_a_timer_entry_and_an_invoice_can_be_deleted(client: SyncroClient, ticket: Ticket) -> None:
    entry = client.add_timer_entry(ticket.id, TimerDraft(START, 15, "by mistake", REMOTE))
    client.delete_timer_entry(ticket.id, entry.id)
    assert client.timers(ticket_id=ticket.id) == ()
    invoice = client.create_invoice(ticket.id, ticket.customer_id)
    client.add_invoice_line(invoice.id, InvoiceLineDraft("Cable", "Cat 6, 3 m", Decimal(2), Decimal("7.50")))
    lines = client.invoice(invoice.id).lines
    assert lines is not None
    assert [(line.quantity, line.price) for line in lines] == [(Decimal(2), Decimal("7.50"))]
    client.delete_invoice(invoice.id)
    with pytest.raises(NotFound):
        client.invoice(invoice.id)


def test_a_ticket_is_changed_and_deleted(client: SyncroClient, ticket: Ticket) -> None:
    change = TicketChange((("status", "Resolved"), ("tag_list", ("scanner", "büro")), ("due_date", "2026-05-04")))
    changed = client.update_ticket(ticket.id, change)
    assert (changed.status, set(changed.tags)) == ("Resolved", {"scanner", "büro"})
    assert changed.due_date is not None
    assert changed.due_date.startswith("2026-05-04")
    assert changed.subject == ticket.subject
    assert changed.updated_at > ticket.updated_at
    assert client.delete_ticket(ticket.id)
    with pytest.raises(NotFound):
        client.ticket(ticket.id)


@pytest.mark.parametrize("fault", ["drop-after", "500-after", "html-after", "cut-json", "empty"])
def test_a_lost_answer_leaves_one_comment_and_an_unknown_outcome(
    sandbox: Sandbox, client: SyncroClient, ticket: Ticket, fault: str
) -> None:
    sandbox.add_fault(f"{fault} POST /tickets/*/comment")
    before = len(sandbox.store.comments(ticket.id))
    with pytest.raises(OutcomeUnknown):
        client.add_comment(ticket.id, CommentDraft("Update", "<p>Once.</p>", "private"))
    assert len(sandbox.store.comments(ticket.id)) == before + 1


def test_reads_outlive_a_server_that_stumbles(sandbox: Sandbox, client: SyncroClient) -> None:
    sandbox.add_fault("500-before GET /me #1")
    sandbox.add_fault("drop-before GET /me #2")
    assert client.me().user_id == sandbox.key_owner


def test_a_shared_limiter_keeps_an_office_below_the_limit(tmp_path: Path) -> None:
    now = [1_000_000.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    def limiter() -> Limiter:
        return Limiter(tmp_path, "sandbox", 12, clock=lambda: now[0], sleep=sleep)

    with Sandbox(rate_limit=12, now=lambda: datetime.fromtimestamp(now[0], UTC)) as sandbox, ExitStack() as stack:
        office = [SyncroClient(sandbox.base_url, sandbox.api_key, limiter=limiter(), sleep=sleep) for _ in range(3)]
        for client in office:
            stack.enter_context(client)
        for turn in range(30):
            office[turn % 3].me()
            now[0] += turn % 4
    assert [recorded.status for recorded in sandbox.requests] == [200] * 30


def test_without_a_limiter_the_servers_429_is_waited_out() -> None:
    slept: list[float] = []
    with (
        Sandbox(rate_limit=3) as sandbox,
        SyncroClient(sandbox.base_url, sandbox.api_key, sleep=slept.append) as client,
    ):
        for _ in range(3):
            client.me()
        with pytest.raises(RateLimited):
            client.me()
    assert len(slept) == 3
    assert all(0 < seconds <= 60 for seconds in slept)
