"""Which folder a customer has, and which file a ticket: names are given once and stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from synclog.core.clientcard import card_id
from synclog.core.slugs import customer_slug, ticket_filename

if TYPE_CHECKING:
    from synclog.core.filehead import FileHead
    from synclog.model import Ticket
    from synclog.workspace.workspace import Workspace

CLIENTS = "clients"


def card_of(workspace: Workspace, folder: str) -> int | None:
    """Return the id of the customer whose card lies in a folder, None without one."""
    card = f"{CLIENTS}/{folder}/client.md"
    return card_id(workspace.read_bytes(card).decode("utf-8", "replace") if workspace.exists(card) else None)


@dataclass(slots=True)
class Folders:
    """The customers' folders of a workspace, by customer id; folders of new customers are added as they come."""

    by_customer: dict[int, str]
    taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, workspace: Workspace, heads: Iterable[FileHead]) -> Folders:
        """Read which customer has which folder: from the cards, else from the tickets that lie there."""
        found: dict[int, str] = {}
        taken: set[str] = set()
        for folder in workspace.customer_folders():
            taken.add(folder.lower())
            customer = card_of(workspace, folder)
            if customer is not None:
                found.setdefault(customer, folder)
        for head in heads:
            folder = PurePosixPath(head.path).parts[1]
            if head.customer_id is not None:
                found.setdefault(head.customer_id, folder)
        return cls(found, taken)

    def name_customers(self, customers: Iterable[tuple[int, str]]) -> None:
        """Give folders to the customers (id, name) that have none: lower ids first, so that the higher of two gets
        its id appended, in whatever order they were met."""
        for customer, name in sorted(set(customers)):
            if customer not in self.by_customer:
                folder = customer_slug(name, customer, self.taken)
                self.taken.add(folder.lower())
                self.by_customer[customer] = folder

    def card_path(self, customer_id: int) -> str:
        """Return the path of a customer's card."""
        return f"{CLIENTS}/{self.by_customer[customer_id]}/client.md"

    def ticket_path(self, ticket: Ticket, head: FileHead | None) -> str:
        """Return where a ticket's file belongs: where it is, unless Syncro moved the ticket to another customer."""
        folder = f"{CLIENTS}/{self.by_customer[ticket.customer_id]}/tickets"
        if head is None:
            return f"{folder}/{ticket_filename(ticket.number, ticket.subject)}"
        if head.customer_id in (None, ticket.customer_id):
            return head.path
        return f"{folder}/{PurePosixPath(head.path).name}"
