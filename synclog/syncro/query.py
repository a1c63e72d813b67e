"""What a list of tickets is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from synclog.syncro.outgoing import iso

NOT_CLOSED = "Not Closed"
"""Not a status of its own: the account's filter for all that is open."""


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """Filters of a ticket list; what is left out does not filter. Times are aware.

    `status` is one of the account's, or "Not Closed". `mine` are the key owner's tickets.
    """

    status: str | None = None
    customer_id: int | None = None
    user_id: int | None = None
    mine: bool = False
    number: int | None = None
    query: str | None = None
    since_updated_at: datetime | None = None
    created_after: datetime | None = None
    resolved_after: datetime | None = None

    def params(self) -> dict[str, str]:
        """Return the query as it goes over the wire; times in full, as Syncro is uneven about bare dates."""
        asked: dict[str, object] = {
            "status": self.status,
            "customer_id": self.customer_id,
            "user_id": self.user_id,
            "mine": "true" if self.mine else None,
            "number": self.number,
            "query": self.query,
            "since_updated_at": self.since_updated_at and iso(self.since_updated_at),
            "created_after": self.created_after and iso(self.created_after),
            "resolved_after": self.resolved_after and iso(self.resolved_after),
        }
        return {name: str(value) for name, value in asked.items() if value is not None}
