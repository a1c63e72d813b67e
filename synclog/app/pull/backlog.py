"""The list of a long pull, kept in `.synclog/` as it is read: who is killed on the way goes on where it was.

A first pull of a large account lists for minutes and reads for hours. What is listed is kept page by page; what is read
is in the files, whose versions say that it need not be asked for again. It can go at any time: then it is listed anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from synclog.app.cursor import moment
from synclog.core.pulling import ListedTicket
from synclog.model import Invoice

if TYPE_CHECKING:
    from synclog.model import TicketId
    from synclog.workspace.workspace import Workspace

_FILE = "backlog.jsonl"
_KEPT = timedelta(days=30)


@dataclass(slots=True)
class Backlog:
    """Everything in a scope, as far as it is listed. `began` is the server's time at the first page, None before it;
    `pages` are the tickets' pages that are read, `is_listed` says that it was to their end; `invoices` is None until
    all of them are read. `resumed`: a run before this one began it."""

    workspace: Workspace
    scope: str
    keep: bool
    began: datetime | None = None
    tickets: dict[TicketId, ListedTicket] = field(default_factory=dict)
    pages: int = 0
    is_listed: bool = False
    invoices: tuple[Invoice, ...] | None = None
    resumed: bool = False

    @classmethod
    def open(cls, workspace: Workspace, scope: str, now: datetime, *, anew: bool = False, keep: bool = True) -> Backlog:
        """Return what is kept of this account and scope; an empty one without, or `anew`. Without `keep` nothing is
        written."""
        backlog = cls(workspace, scope, keep)
        if not anew:
            backlog._load(now)
        if not backlog.resumed:
            backlog = cls(workspace, scope, keep)
            backlog._begin()
        return backlog

    def add(self, page: int, tickets: Sequence[ListedTicket], began: datetime) -> None:
        """Take one more page, the next one or the last one again."""
        self.began = self.began or began
        self.pages = page
        self.take(tickets)
        self._note({"page": page, "at": began.isoformat(), "tickets": [_row(ticket) for ticket in tickets]})

    def take(self, tickets: Iterable[ListedTicket]) -> None:
        """Take tickets as they are now: the newest version of each counts."""
        for ticket in tickets:
            known = self.tickets.get(ticket.id)
            if known is None or ticket.version >= known.version:
                self.tickets[ticket.id] = ticket

    def listed(self) -> None:
        """Note that all pages are read."""
        self.is_listed = True
        self._note({"listed": True})

    def add_invoices(self, invoices: Sequence[Invoice]) -> None:
        """Take all invoices."""
        self.invoices = tuple(invoices)
        self._note({"invoices": [_invoice_row(invoice) for invoice in invoices]})

    def close(self) -> None:
        """Forget it: everything is read."""
        if self.keep:
            (self.workspace.state_dir / _FILE).unlink(missing_ok=True)

    def _begin(self) -> None:
        if self.keep:
            head = {"host": self.workspace.settings.syncro.base_url, "scope": self.scope}
            self.workspace.write_state(_FILE, json.dumps(head) + "\n")

    def _note(self, row: dict[str, Any]) -> None:
        if self.keep:
            self.workspace.append_state(_FILE, json.dumps(row) + "\n")

    def _load(self, now: datetime) -> None:
        try:
            text = (self.workspace.state_dir / _FILE).read_text("utf-8")
            head, *rows = text.split("\n")[:-1]
            kept = json.loads(head)
            if (kept["host"], kept["scope"]) != (self.workspace.settings.syncro.base_url, self.scope):
                return
            for row in rows:
                self._take_row(json.loads(row))
            if self.keep and not text.endswith("\n"):
                # A kill cut its last row: the next one must not go on there.
                self.workspace.write_state(_FILE, text[: text.rindex("\n") + 1])
            self.resumed = self.began is not None and now - self.began < _KEPT
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
            return

    def _take_row(self, row: dict[str, Any]) -> None:
        if "page" in row:
            began = moment(row["at"])
            if began is None:
                raise ValueError(row["at"])
            self.began = self.began or began
            self.pages = int(row["page"])
            self.take([_ticket(*values) for values in row["tickets"]])
        elif "invoices" in row:
            self.invoices = tuple(_invoice(*values) for values in row["invoices"])
        elif row.get("listed"):
            self.is_listed = True


def _row(ticket: ListedTicket) -> list[Any]:
    return [ticket.id, ticket.number, ticket.version, ticket.created_at.isoformat()]


def _ticket(ticket_id: object, number: object, version: object, created_at: object) -> ListedTicket:
    return ListedTicket(int(str(ticket_id)), int(str(number)), str(version), _time(created_at))


def _invoice_row(i: Invoice) -> list[Any]:
    money = (str(i.subtotal), str(i.tax), str(i.total))
    times = (i.created_at.isoformat(), i.updated_at.isoformat())
    return [i.id, i.number, i.customer_id, i.ticket_id, *money, i.is_paid, *times]


def _invoice(
    invoice_id: int,
    number: object,
    customer_id: int,
    ticket_id: int | None,
    subtotal: str,
    tax: str,
    total: str,
    is_paid: object,
    created_at: object,
    updated_at: object,
) -> Invoice:
    return Invoice(
        int(invoice_id),
        str(number),
        int(customer_id),
        None if ticket_id is None else int(ticket_id),
        Decimal(subtotal),
        Decimal(tax),
        Decimal(total),
        is_paid is True,
        _time(created_at),
        _time(updated_at),
    )


def _time(text: object) -> datetime:
    found = moment(str(text))
    if found is None:
        raise ValueError(text)
    return found
