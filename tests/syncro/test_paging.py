"""Lists that come in pages are read completely, although things move between the pages meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clients import client_of
from support.scripted import Asked, Move, Say, ScriptedServer

from synclog.errors import NotFound, NotJson
from synclog.syncro.client import TicketQuery
from synclog.syncro.paging import Page, collect


def comment(number: int) -> dict[str, Any]:
    at = datetime(2026, 4, 1, tzinfo=UTC).timestamp() + number * 60
    return {
        "id": number,
        "ticket_id": 5,
        "created_at": datetime.fromtimestamp(at, UTC).isoformat(),
        "body": f"#{number}",
    }


def ticket(number: int) -> dict[str, Any]:
    at = "2026-04-17T18:00:00Z"
    return {"id": number, "number": str(32000 + number), "customer_id": 3, "created_at": at, "updated_at": at}


class Shelf:
    """A list that a server pages through. `before(n)` is called before the nth request is answered."""

    def __init__(self, wrapper: str, items: list[dict[str, Any]], size: int) -> None:
        self.wrapper, self.items, self.size = wrapper, items, size
        self.asked = 0
        self.before: Callable[[int], None] = lambda _: None
        self.with_total = True

    def __call__(self, asked: Asked) -> Move:
        self.asked += 1
        self.before(self.asked)
        page = int(asked.query["page"])
        shown = self.items[(page - 1) * self.size : page * self.size]
        total = max(1, -(-len(self.items) // self.size))
        meta = {"total_pages": total, "page": page} if self.with_total else {"page": page}
        return Say(body={self.wrapper: shown, "meta": meta})


def read_conversation(shelf: Shelf) -> list[int]:
    with ScriptedServer(shelf) as server, client_of(server) as client:
        return [one.id for one in client.conversation(5)]


def test_a_short_conversation_costs_one_request() -> None:
    shelf = Shelf("comments", [comment(n) for n in range(9, 0, -1)], 100)
    assert read_conversation(shelf) == list(range(1, 10))
    assert shelf.asked == 1


def test_a_conversation_is_asked_for_in_large_pages_oldest_first() -> None:
    with ScriptedServer(Shelf("comments", [comment(1)], 100)) as server, client_of(server) as client:
        client.conversation(5)
    asked = server.requests[0]
    assert asked.path.endswith("/tickets/5/comments")
    assert asked.query | {"api_key": ""} == {
        "per_page": "100",
        "page": "1",
        "sort_by": "created_at",
        "sort_direction": "asc",
        "api_key": "",
    }


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("size", [1, 7, 10, 100])
def test_a_conversation_is_complete_whatever_the_servers_page_size(size: int, newest_first: bool) -> None:
    items = [comment(n) for n in range(1, 22)]
    assert read_conversation(Shelf("comments", items[::-1] if newest_first else items, size)) == list(range(1, 22))


def test_a_comment_that_comes_while_paging_pushes_none_out() -> None:
    shelf = Shelf("comments", [comment(n) for n in range(30, 0, -1)], 10)

    def arrives(request: int) -> None:
        if request == 2:
            shelf.items.insert(0, comment(31))

    shelf.before = arrives
    assert set(range(1, 31)) <= set(read_conversation(shelf))


def test_a_comment_that_is_deleted_while_paging_hides_none() -> None:
    shelf = Shelf("comments", [comment(n) for n in range(1, 31)], 10)

    def vanishes(request: int) -> None:
        if request == 2:
            del shelf.items[0]
            shelf.items.append(comment(31))

    shelf.before = vanishes
    assert read_conversation(shelf) == list(range(2, 32))


def test_a_conversation_that_never_calms_down_is_too_much_rather_than_too_little() -> None:
    shelf = Shelf("comments", [comment(n) for n in range(40, 0, -1)], 10)
    shelf.before = lambda request: shelf.items.insert(0, comment(100 + request))
    assert set(range(1, 41)) <= set(read_conversation(shelf))
    assert shelf.asked < 40


def test_without_a_number_of_pages_it_reads_until_nothing_new_comes() -> None:
    shelf = Shelf("comments", [comment(n) for n in range(1, 24)], 10)
    shelf.with_total = False
    assert read_conversation(shelf) == list(range(1, 24))


def test_an_empty_page_in_the_middle_is_no_end() -> None:
    empty = Say(body={"comments": [], "meta": {"total_pages": 3}})
    first = Say(body={"comments": [comment(1)], "meta": {"total_pages": 3}})
    with (
        ScriptedServer(first, empty) as server,
        client_of(server) as client,
        pytest.raises(NotJson, match="page 2 of 3 is empty"),
    ):
        client.conversation(5)


@pytest.mark.parametrize(
    "body", [{"comments": None}, {"comments": {}}, {"meta": {}}, {"comments": [None]}, {"comments": [5]}]
)
def test_a_list_that_is_none_is_not_taken_for_an_empty_one(body: object) -> None:
    with ScriptedServer(Say(body=body)) as server, client_of(server) as client, pytest.raises(NotJson):
        client.conversation(5)


def test_an_absurd_number_of_pages_is_not_believed() -> None:
    absurd = Say(body={"tickets": [ticket(1)], "meta": {"total_pages": 10**9}})
    with ScriptedServer(absurd) as server, client_of(server) as client, pytest.raises(NotJson):
        next(client.ticket_pages(TicketQuery()))


def test_ticket_pages_follow_the_announced_number_not_the_page_size() -> None:
    shelf = Shelf("tickets", [ticket(n) for n in range(1, 121)], 50)
    with ScriptedServer(shelf) as server, client_of(server) as client:
        pages = list(client.ticket_pages(TicketQuery(status="Not Closed")))
    assert [len(page.tickets) for page in pages] == [50, 50, 20]
    assert [(page.page, page.total_pages) for page in pages] == [(1, 3), (2, 3), (3, 3)]
    assert all(page.server_time is not None for page in pages)
    assert server.requests[2].query["status"] == "Not Closed"
    assert server.requests[2].query["page"] == "3"


def test_ticket_pages_are_read_only_as_they_are_wanted() -> None:
    shelf = Shelf("tickets", [ticket(n) for n in range(1, 121)], 50)
    with ScriptedServer(shelf) as server, client_of(server) as client:
        next(client.ticket_pages(TicketQuery()))
    assert shelf.asked == 1


def test_the_filters_of_a_list_go_out_as_syncro_knows_them() -> None:
    since = datetime(2026, 4, 17, 18, 0, tzinfo=UTC)
    query = TicketQuery(
        customer_id=3,
        user_id=1735,
        mine=True,
        query="raid & disk",
        since_updated_at=since,
        created_after=since,
        resolved_after=since,
    )
    with ScriptedServer(Shelf("tickets", [], 25)) as server, client_of(server, auth="bearer") as client:
        assert [page.tickets for page in client.ticket_pages(query)] == [()]
    time = "2026-04-17T18:00:00.000Z"
    assert server.requests[0].query == {
        "customer_id": "3",
        "user_id": "1735",
        "mine": "true",
        "query": "raid & disk",
        "since_updated_at": time,
        "created_after": time,
        "resolved_after": time,
        "page": "1",
        "per_page": "25",
    }


def test_a_ticket_is_found_by_its_number_even_if_the_filter_is_ignored() -> None:
    shelf = Shelf("tickets", [ticket(n) for n in range(1, 60)], 25)
    with ScriptedServer(shelf) as server, client_of(server) as client:
        found = client.find_ticket(32040)
        assert found is not None
        assert found.id == 40
        assert client.find_ticket(99999) is None
    assert server.requests[0].query["number"] == "32040"


def test_a_page_that_fails_ends_the_reading_with_its_error() -> None:
    first = Say(body={"tickets": [ticket(1)], "meta": {"total_pages": 2}})
    with ScriptedServer(first, Say(404)) as server, client_of(server) as client:
        pages = client.ticket_pages(TicketQuery())
        next(pages)
        with pytest.raises(NotFound):
            next(pages)


def test_timers_and_invoices_of_other_tickets_are_left_out() -> None:
    timers = [{"id": n, "ticket_id": 5 + n % 2, "start_time": f"2026-04-{n:02}T10:00:00Z"} for n in range(1, 9)]
    with ScriptedServer(Shelf("ticket_timers", timers, 3)) as server, client_of(server) as client:
        assert [entry.id for entry in client.timers(ticket_id=5)] == [2, 4, 6, 8]
        since = datetime(2026, 4, 5, tzinfo=UTC)
        assert [entry.id for entry in client.timers(created_after=since)] == [5, 6, 7, 8]
    assert server.requests[0].query["ticket_id"] == "5"
    assert server.requests[-1].query["created_at_gt"] == "2026-04-05T00:00:00.000Z"
    base = {"number": "1", "customer_id": 3, "total": "0.00", "created_at": "2026-04-05T00:00:00Z"}
    invoices = [{**base, "id": n, "ticket_id": 5 if n < 3 else None} for n in range(4, 0, -1)]
    with ScriptedServer(Shelf("invoices", invoices, 25)) as server, client_of(server) as client:
        assert [invoice.id for invoice in client.invoices(ticket_id=5)] == [1, 2]


def test_an_invoice_that_comes_while_paging_pushes_none_out() -> None:
    base = {"number": "1", "customer_id": 3, "ticket_id": 5, "total": "0.00", "created_at": "2026-04-05T00:00:00Z"}
    shelf = Shelf("invoices", [{**base, "id": n} for n in range(8, 0, -1)], 3)

    def changes(request: int) -> None:
        if request == 2:
            shelf.items.insert(0, {**base, "id": 9})

    shelf.before = changes
    with ScriptedServer(shelf) as server, client_of(server) as client:
        assert [invoice.id for invoice in client.invoices()] == list(range(1, 10))


def test_an_invoice_that_is_deleted_while_paging_hides_none() -> None:
    base = {"number": "1", "customer_id": 3, "ticket_id": 5, "total": "0.00", "created_at": "2026-04-05T00:00:00Z"}
    shelf = Shelf("invoices", [{**base, "id": n} for n in range(1, 8)], 3)

    def vanishes(request: int) -> None:
        if request == 2:
            del shelf.items[0]

    shelf.before = vanishes
    with ScriptedServer(shelf) as server, client_of(server) as client:
        assert [invoice.id for invoice in client.invoices()] == list(range(2, 8))


def test_customers_and_contacts_are_read_over_all_pages() -> None:
    customers = [{"id": n, "business_name": f"Saguaro Dental {n}"} for n in range(1, 31)]
    with ScriptedServer(Shelf("customers", customers, 25)) as server, client_of(server) as client:
        assert len(client.search_customers("saguaro & sons")) == 30
        assert server.requests[0].query["query"] == "saguaro & sons"
        assert len(client.autocomplete_customers("sag")) == 30
    contacts = [{"id": n, "name": f"Ana {n}", "customer_id": 3 if n != 2 else 4} for n in (1, 2, 3)]
    with ScriptedServer(Shelf("contacts", contacts, 25)) as server, client_of(server) as client:
        assert [person.id for person in client.contacts(3)] == [1, 3]


@given(
    st.lists(st.integers(1, 60), unique=True, min_size=1, max_size=40),
    st.integers(1, 7),
    st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["delete first", "add first", "add last"])), max_size=3),
)
@settings(max_examples=120, deadline=None)
def test_whatever_moves_nothing_that_was_there_all_the_time_is_missed(
    items: list[int], size: int, moves: list[tuple[int, str]]
) -> None:
    shelf, stayed, requests = list(items), set(items), 0

    def fetch(page: int) -> Page[int]:
        nonlocal requests
        requests += 1
        for at, move in moves:
            if at == requests and move == "delete first" and len(shelf) > 1:
                stayed.discard(shelf.pop(0))
            elif at == requests and move.startswith("add"):
                shelf.insert(0 if move == "add first" else len(shelf), 1000 + requests)
        shown = shelf[(page - 1) * size : page * size]
        return Page(tuple((item, item) for item in shown), max(1, -(-len(shelf) // size)))

    assert stayed <= collect(fetch, surely=True).keys()
