"""Asking Syncro for the lists of a pull: as few requests as the account allows, complete all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from synclog.app.cursor import OVERLAP, Cursor, moment
from synclog.app.sidebyside import meanwhile
from synclog.core.pulling import Listed, ListedTicket, ListOrder, listed_ticket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from synclog.app.pull.backlog import Backlog
    from synclog.app.session import Session
    from synclog.core.filehead import FileHead
    from synclog.core.pulling import Heads
    from synclog.model import TicketId, TicketNumber
    from synclog.syncro.query import TicketQuery

NOT_CLOSED = "Not Closed"
"""The account's own filter for open tickets."""

_MOST_ROUNDS = 6
"""Readings of one list after which it is as complete as it gets: an account where it never calms down."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What was listed, the server's time when the listing began (None where it is not that of the workspace's own
    scope), and the cursor's strangers from now on."""

    listed: Listed
    began: datetime | None
    strangers: dict[TicketNumber, str]


def list_changes(session: Session, cursor: Cursor, heads: Heads) -> Lists:
    """List what changed since the cursor: two to four requests when little did.

    One list of everything changed tells about the tickets that have a file. Only when it holds a ticket that has none,
    and was not looked at before, the scope's own list is asked, since only Syncro knows what is in it.
    """
    from synclog.syncro.query import TicketQuery

    assert cursor.pulled_to is not None
    since = cursor.pulled_to - OVERLAP
    client = session.client
    invoices = meanwhile(lambda: client.invoices(since_updated_at=since))
    timers = meanwhile(lambda: client.timers(created_after=since))
    changed, began = whole_list(session, TicketQuery(since_updated_at=since))
    strange = {t.number: t.version for t in changed if heads.get(t.number) is None}
    in_scope: list[ListedTicket] = []
    if session.workspace.settings.scope == "all":
        in_scope = changed
    elif any(cursor.strangers.get(number) != version for number, version in strange.items()):
        in_scope, _ = whole_list(session, scope_query(session, session.workspace.settings.scope, since))
    seen = {t.number for t in in_scope}
    listed = Listed(
        in_scope=in_scope,
        others=changed,
        invoices=invoices(),
        timers=timers(),
    )
    return Lists(listed, began, {n: v for n, v in strange.items() if n not in seen})


def list_everything(session: Session, files: Iterable[FileHead], backlog: Backlog) -> Lists:
    """List the whole scope of `backlog`, from where it stands, and what changed of the tickets that have a file outside
    of it."""
    from synclog.syncro.query import TicketQuery

    _list_backlog(session, backlog)
    began = backlog.began or session.clock.now()
    in_scope = list(backlog.tickets.values())
    seen = {t.number for t in in_scope}
    outside = [head.version for head in files if head.number not in seen]
    others: list[ListedTicket] = []
    if outside:
        pulled_to = session.workspace.history.pulled_to()
        oldest = min((version for version in map(moment, outside) if version), default=None)
        since = max((t for t in (pulled_to, oldest) if t), default=began)
        others, _ = whole_list(session, TicketQuery(since_updated_at=since - OVERLAP))
    if backlog.invoices is None:
        starts = [t.created_at for t in in_scope]
        backlog.add_invoices(session.client.invoices(since_updated_at=min(starts) - OVERLAP) if starts else ())
    assert backlog.invoices is not None
    return Lists(Listed(in_scope, others, backlog.invoices), began, {})


def list_open(session: Session) -> frozenset[TicketId]:
    """List which tickets are open, to read them first; one that is missed comes later."""
    from synclog.syncro.query import TicketQuery

    pages = session.client.ticket_pages(TicketQuery(status=NOT_CLOSED))
    return frozenset(ticket.id for page in pages for ticket in page.tickets)


def _list_backlog(session: Session, backlog: Backlog) -> None:
    """Read the list to its end, from the last page that is known: what came in meanwhile moved it back, not on."""
    from synclog.syncro.query import TicketQuery

    if backlog.is_listed:
        return
    query = scope_query(session, backlog.scope, None)
    order: ListOrder | None = None
    for page in session.client.ticket_pages(query, first=max(1, backlog.pages)):
        began = backlog.began or page.server_time or session.clock.now()
        order = order or ListOrder(began)
        for ticket in page.tickets:
            order.see(ticket)
        backlog.add(page.page, [listed_ticket(ticket) for ticket in page.tickets], began)
        session.progress("tickets listed", len(backlog.tickets), 0)
    began = backlog.began or session.clock.now()
    if backlog.pages > 1:
        changed, start, _ = _round(session, TicketQuery(since_updated_at=began))
        known = backlog.tickets.keys()
        backlog.take([t for t in changed.values() if t.id in known or backlog.scope == "all"])
        is_whole = backlog.scope == "all" and order is not None and order.is_steady
        if changed and not is_whole:
            backlog.take(_calmed(session, query, start, dict(backlog.tickets)).values())
    backlog.listed()


def scope_query(session: Session, scope: str, since: datetime | None) -> TicketQuery:
    """Return what the tickets of a scope are asked for."""
    from synclog.syncro.query import TicketQuery

    if scope == "all":
        return TicketQuery(since_updated_at=since)
    if scope == "mine":
        return TicketQuery(status=NOT_CLOSED, mine=True, since_updated_at=since)
    return TicketQuery(status=NOT_CLOSED, since_updated_at=since)


def whole_list(session: Session, query: TicketQuery) -> tuple[list[ListedTicket], datetime]:
    """Read a list to its end, complete: a ticket that is touched or leaves the list meanwhile shifts others between
    pages, onto ones that were read already. When anything was touched since the round began, another round is read,
    until one brings nothing new."""
    from synclog.syncro.query import TicketQuery

    tickets, began, pages = _round(session, query)
    if pages > 1 and _round(session, TicketQuery(since_updated_at=began))[0]:
        tickets = _calmed(session, query, began, tickets)
    return list(tickets.values()), began


def _calmed(
    session: Session, query: TicketQuery, start: datetime, tickets: dict[TicketId, ListedTicket]
) -> dict[TicketId, ListedTicket]:
    """Read a list again and again until a round brings nothing new, or nothing was touched during it."""
    from synclog.syncro.query import TicketQuery

    for _ in range(_MOST_ROUNDS):
        again, start, _ = _round(session, query)
        new = again.keys() - tickets.keys()
        tickets |= again
        if not new or not _round(session, TicketQuery(since_updated_at=start))[0]:
            break
    return tickets


def _round(session: Session, query: TicketQuery) -> tuple[dict[TicketId, ListedTicket], datetime, int]:
    """Read every page once: the tickets by id, the server's time at the first page, and how many pages there were."""
    tickets: dict[TicketId, ListedTicket] = {}
    began: datetime | None = None
    pages = 0
    for page in session.client.ticket_pages(query):
        pages += 1
        began = began or page.server_time
        for ticket in map(listed_ticket, page.tickets):
            known = tickets.get(ticket.id)
            if known is None or ticket.version >= known.version:
                tickets[ticket.id] = ticket
        session.progress("tickets listed", len(tickets), 0)
    return tickets, began or session.clock.now(), pages
