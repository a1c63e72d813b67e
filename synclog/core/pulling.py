"""What a pull has to fetch, decided from lists alone: (files, what Syncro listed) in, ticket ids and reasons out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from synclog.core.fields import version_of
from synclog.core.filehead import FileHead
from synclog.model import Invoice, Ticket, TicketId, TicketNumber, TimerEntry


@dataclass(frozen=True, slots=True)
class Listed:
    """What the lists of a pull said. `in_scope` are tickets that get a file if they have none; `others` only matter
    where there is one. A ticket may be listed twice: it moved between pages while they were read."""

    in_scope: Sequence[Ticket]
    others: Sequence[Ticket] = ()
    invoices: Sequence[Invoice] = ()
    timers: Sequence[TimerEntry] = ()


def to_fetch(
    heads: Mapping[TicketNumber, FileHead], listed: Listed, again: Iterable[TicketNumber] = ()
) -> dict[TicketId, TicketNumber]:
    """Return the tickets to fetch, ids to numbers, in the order they were listed, each once.

    A ticket is fetched when it has no file and is in the scope; when its file's version is another one, or the file
    says that it is gone; when an invoice or a timer entry is listed that its file does not show; and when its number
    is in `again`.
    """
    found: dict[TicketId, TicketNumber] = {}
    for ticket in listed.in_scope:
        head = heads.get(ticket.number)
        if head is None or head.gone or head.version != version_of(ticket):
            found[ticket.id] = ticket.number
    for ticket in listed.others:
        head = heads.get(ticket.number)
        if head is not None and (head.gone or head.version != version_of(ticket)):
            found[ticket.id] = ticket.number
    by_id = {head.id: head for head in heads.values() if head.id is not None}
    for invoice in listed.invoices:
        head = by_id.get(invoice.ticket_id) if invoice.ticket_id is not None else None
        if head is not None and head.id is not None and invoice.number not in head.invoices:
            found[head.id] = head.number
    for timer in listed.timers:
        head = by_id.get(timer.ticket_id)
        if head is not None and timer.id > head.timer:
            found[timer.ticket_id] = head.number
    for number in again:
        head = heads.get(number)
        if head is not None and head.id is not None:
            found[head.id] = number
    return found


def not_listed(heads: Mapping[TicketNumber, FileHead], listed: Listed) -> list[TicketNumber]:
    """Return the tickets that have a file and that no list shows: closed ones outside of the scope, and those that were
    merged, deleted, or are not for this key any more, which only asking for each can tell."""
    shown = {ticket.number for ticket in (*listed.in_scope, *listed.others)}
    return [number for number in heads if number not in shown]
