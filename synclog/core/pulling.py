"""What a pull has to fetch, decided from lists alone: (files, what Syncro listed) in, ticket ids and reasons out."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from synclog.core.fields import version_of
from synclog.core.filehead import FileHead
from synclog.model import Invoice, Ticket, TicketId, TicketNumber, TimerEntry


@dataclass(frozen=True, slots=True)
class ListedTicket:
    """What a pull keeps of a ticket in a list: a list of a hundred thousand is held in memory."""

    id: TicketId
    number: TicketNumber
    version: str
    created_at: datetime


def listed_ticket(ticket: Ticket) -> ListedTicket:
    """Return what is kept of a ticket that a list shows."""
    return ListedTicket(ticket.id, ticket.number, version_of(ticket), ticket.created_at)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the lists of a pull said. `in_scope` are tickets that get a file if they have none; `others` only matter
    where there is one. A ticket may be listed twice: it moved between pages while they were read."""

    in_scope: Sequence[ListedTicket]
    others: Sequence[ListedTicket] = ()
    invoices: Sequence[Invoice] = ()
    timers: Sequence[TimerEntry] = ()


class Heads(Protocol):
    """The heads of ticket files: by number, None without a file or with several; and by the id in the file's base."""

    def get(self, number: TicketNumber) -> FileHead | None: ...

    def by_id(self, ticket_id: TicketId) -> FileHead | None: ...


def to_fetch(heads: Heads, listed: Listed, again: Iterable[FileHead] = ()) -> dict[TicketId, TicketNumber]:
    """Return the tickets to fetch, ids to numbers, in the order they were listed, each once.

    A ticket is fetched when it has no file and is in the scope; when its file's version is another one, or the file
    says that it is gone; when an invoice or a timer entry is listed that its file does not show; and when its file
    is in `again`.
    """
    found: dict[TicketId, TicketNumber] = {}
    for ticket in listed.in_scope:
        head = heads.get(ticket.number)
        if head is None or head.gone or head.version != ticket.version:
            found[ticket.id] = ticket.number
    for ticket in listed.others:
        head = heads.get(ticket.number)
        if head is not None and (head.gone or head.version != ticket.version):
            found[ticket.id] = ticket.number
    for invoice in listed.invoices:
        head = heads.by_id(invoice.ticket_id) if invoice.ticket_id is not None else None
        if head is not None and head.id is not None and invoice.number not in head.invoices:
            found[head.id] = head.number
    for timer in listed.timers:
        head = heads.by_id(timer.ticket_id)
        if head is not None and timer.id > head.timer:
            found[timer.ticket_id] = head.number
    for head in again:
        if head.id is not None:
            found[head.id] = head.number
    return found


def open_first(
    wanted: Mapping[TicketId, TicketNumber], still_open: Collection[TicketId]
) -> dict[TicketId, TicketNumber]:
    """Return the same tickets in the order in which a long pull reads them: open ones first, then the newest first."""
    order = sorted(wanted.items(), key=lambda item: (item[0] not in still_open, -item[1]))
    return dict(order)


@dataclass(slots=True)
class ListOrder:
    """In which order tickets come in a list that was begun at `began`, told one by one.

    Steady is an order in which a ticket's change can hide that ticket alone from who reads on: the one changed last
    first, or by ids. In any other it may move others, that nobody touched, onto pages that were read already. What was
    changed since the beginning is where it is by its change, and tells nothing.
    """

    began: datetime
    _last: Ticket | None = None
    _seen: set[TicketId] = field(default_factory=set)
    _broken: set[str] = field(default_factory=set)

    def see(self, ticket: Ticket) -> None:
        """Take the next one."""
        if ticket.id in self._seen or ticket.updated_at >= self.began:
            return
        self._seen.add(ticket.id)
        if self._last is not None:
            if ticket.updated_at > self._last.updated_at:
                self._broken.add("changed last first")
            self._broken.add("newest first" if ticket.id > self._last.id else "oldest first")
        self._last = ticket

    @property
    def is_steady(self) -> bool:
        """Whether all that came fits one steady order."""
        return len(self._broken) < 3


def minutes_left(done: int, total: int, seconds: float, a_minute: float) -> int | None:
    """Return about how many minutes a long reading still takes; None when too little is done to tell.

    By what was done in `seconds` so far, and never quicker than the `a_minute` requests that are allowed: the first
    minute's are let through at once.
    """
    if done == 0 or seconds <= 0:
        return None
    pace = min(done / seconds * 60, a_minute)
    return math.ceil((total - done) / pace)


def not_listed(files: Iterable[FileHead], listed: Listed) -> list[FileHead]:
    """Return the files whose tickets no list shows: closed ones outside of the scope, and those that were merged,
    deleted, or are not for this key any more, which only asking for each can tell."""
    shown = {ticket.number for ticket in (*listed.in_scope, *listed.others)}
    return [head for head in files if head.number not in shown]
