"""Asking Syncro for the lists of a pull: as few requests as the account allows, complete all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from synclog.app.cursor import OVERLAP, Cursor, moment
from synclog.core.fields import version_of
from synclog.core.pulling import Listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synclog.app.session import Session
    from synclog.core.filehead import FileHead
    from synclog.model import Ticket, TicketNumber
    from synclog.syncro.query import TicketQuery

NOT_CLOSED = "Not Closed"
"""The account's own filter for open tickets."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What was listed, the server's time when the listing began, and the cursor's strangers from now on."""

    listed: Listed
    began: datetime
    strangers: dict[TicketNumber, str]


def list_changes(session: Session, cursor: Cursor, heads: Mapping[TicketNumber, FileHead]) -> Lists:
    """List what changed since the cursor: two to four requests when little did.

    One list of everything changed tells about the tickets that have a file. Only when it holds a ticket that has none,
    and was not looked at before, the scope's own list is asked, since only Syncro knows what is in it.
    """
    from synclog.syncro.query import TicketQuery

    assert cursor.pulled_to is not None
    since = cursor.pulled_to - OVERLAP
    changed, began = _list(session, TicketQuery(since_updated_at=since))
    strange = {t.number: version_of(t) for t in changed if t.number not in heads}
    in_scope: list[Ticket] = []
    if session.workspace.settings.scope == "all":
        in_scope = changed
    elif any(cursor.strangers.get(number) != version for number, version in strange.items()):
        in_scope, _ = _list(session, _scoped(session, since))
    seen = {t.number for t in in_scope}
    listed = Listed(
        in_scope=in_scope,
        others=changed,
        invoices=session.client.invoices(since_updated_at=since),
        timers=session.client.timers(created_after=since),
    )
    return Lists(listed, began, {n: v for n, v in strange.items() if n not in seen})


def list_everything(session: Session, heads: Mapping[TicketNumber, FileHead]) -> Lists:
    """List the whole scope, and what changed of the tickets that have a file outside of it."""
    from synclog.syncro.query import TicketQuery

    in_scope, began = _list(session, _scoped(session, None))
    seen = {t.number for t in in_scope}
    outside = [head for number, head in heads.items() if number not in seen]
    others: list[Ticket] = []
    if outside:
        pulled_to = session.workspace.history.pulled_to()
        versions = [moment(head.version) for head in outside]
        oldest = min((version for version in versions if version), default=None)
        since = max((t for t in (pulled_to, oldest) if t), default=began)
        others, _ = _list(session, TicketQuery(since_updated_at=since - OVERLAP))
    starts = [t.created_at for t in in_scope]
    invoices = session.client.invoices(since_updated_at=min(starts) - OVERLAP) if starts else ()
    return Lists(Listed(in_scope, others, invoices), began, {})


def _scoped(session: Session, since: datetime | None) -> TicketQuery:
    from synclog.syncro.query import TicketQuery

    scope = session.workspace.settings.scope
    if scope == "all":
        return TicketQuery(since_updated_at=since)
    if scope == "mine":
        return TicketQuery(status=NOT_CLOSED, mine=True, since_updated_at=since)
    return TicketQuery(status=NOT_CLOSED, since_updated_at=since)


def _list(session: Session, query: TicketQuery) -> tuple[list[Ticket], datetime]:
    """Read a list to its end, complete: a ticket that is touched or leaves the list meanwhile shifts others between
    pages, onto ones that were read already. When anything was touched since the round began, another round is read,
    until one brings nothing new."""
    from synclog.syncro.query import TicketQuery

    tickets, began, pages = _round(session, query)
    start = began
    while pages > 1:
        touched, _, _ = _round(session, TicketQuery(since_updated_at=start))
        if not touched:
            break
        again, start, pages = _round(session, query)
        new = again.keys() - tickets.keys()
        tickets |= again
        if not new:
            break
    return list(tickets.values()), began


def _round(session: Session, query: TicketQuery) -> tuple[dict[int, Ticket], datetime, int]:
    """Read every page once: the tickets by id, the server's time at the first page, and how many pages there were."""
    tickets: dict[int, Ticket] = {}
    began: datetime | None = None
    pages = 0
    for page in session.client.ticket_pages(query):
        pages += 1
        began = began or page.server_time
        for ticket in page.tickets:
            known = tickets.get(ticket.id)
            if known is None or ticket.updated_at >= known.updated_at:
                tickets[ticket.id] = ticket
        session.progress("tickets listed", len(tickets), 0)
    return tickets, began or session.clock.now(), pages
