"""What is read of one ticket in Syncro: its detail, its complete conversation, its invoices where asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synclog.model import Comment, Invoice, Ticket, TicketId

if TYPE_CHECKING:
    from synclog.syncro.client import SyncroClient

_SURELY_WHOLE = 10
"""A detail with fewer comments than this shows all of them: accounts were seen to cut longer conversations only."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A ticket as it was read. `comments` are complete, oldest first. `invoices` is None where not asked for."""

    ticket: Ticket
    comments: tuple[Comment, ...]
    invoices: tuple[Invoice, ...] | None = None

    @property
    def last_comment(self) -> int:
        """The highest comment id, 0 without comments."""
        return max((c.id for c in self.comments), default=0)

    @property
    def last_timer(self) -> int:
        """The highest timer entry id, 0 without time."""
        return max((t.id for t in self.ticket.timers), default=0)

    def with_invoices(self, invoices: Sequence[Invoice]) -> Sight:
        """Return the same with the ticket's own among `invoices`, oldest first."""
        own = sorted((i for i in invoices if i.ticket_id == self.ticket.id), key=lambda i: i.id)
        return replace(self, invoices=tuple(own))


def read_ticket(client: SyncroClient, ticket_id: TicketId, known: Sequence[Comment] | None = None) -> Sight:
    """Read a ticket with its complete conversation.

    `known` is the complete conversation as it was read before in this run, where it was: then the detail's newest
    comments only add to it, as long as they reach back to what is known. One request for most tickets, more for a
    long conversation.
    """
    ticket = client.ticket(ticket_id)
    shown = sorted(ticket.comments, key=lambda c: c.id)
    # A detail without any may be one that does not show comments; one that lacks what is known shows a part.
    if 0 < len(shown) < _SURELY_WHOLE and {c.id for c in known or ()} <= {c.id for c in shown}:
        return Sight(ticket, tuple(shown))
    if known and shown and shown[0].id <= known[-1].id:
        joined = {c.id: c for c in known} | {c.id: c for c in shown}
        return Sight(ticket, tuple(joined[i] for i in sorted(joined)))
    return Sight(ticket, client.conversation(ticket_id))
