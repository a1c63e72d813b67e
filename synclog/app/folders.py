"""Which folder a customer has, and which file a ticket: names are given once and stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from synclog.core.clientcard import card_id
from synclog.core.slugs import customer_slug, free_name, ticket_filename

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
class Names:
    """The names that are taken in the folders of a workspace, each folder being looked at once."""

    workspace: Workspace
    _taken: dict[str, set[str]] = field(default_factory=dict)

    def occupied(self, path: str) -> bool:
        """Return whether something is there already, in whatever case, be it a link or a folder."""
        folder, _, name = path.rpartition("/")
        return name.lower() in self._in(folder)

    def free(self, path: str) -> str:
        """Return `path`, or one beside it where that is occupied, and take it."""
        folder, _, name = path.rpartition("/")
        chosen = free_name(name, self._in(folder))
        self._in(folder).add(chosen.lower())
        return f"{folder}/{chosen}"

    def _in(self, folder: str) -> set[str]:
        if folder not in self._taken:
            self._taken[folder] = {name.lower() for name in self.workspace.names_in(folder)}
        return self._taken[folder]


@dataclass(slots=True)
class Folders:
    """The customers' folders of a workspace, by customer id; folders of new customers are added as they come. `by_card`
    are the customers who have a card."""

    by_customer: dict[int, str]
    names: Names
    taken: set[str] = field(default_factory=set)
    by_card: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, workspace: Workspace, heads: Iterable[FileHead]) -> Folders:
        """Read which customer has which folder: from the cards, else from the tickets that lie there. A folder with a
        card is that customer's alone, whatever else was put into it by hand."""
        found: dict[int, str] = {}
        taken: set[str] = set()
        cards: dict[str, int] = {}
        for folder in workspace.customer_folders():
            taken.add(folder.lower())
            customer = card_of(workspace, folder)
            if customer is not None:
                found.setdefault(customer, folder)
                cards[folder] = customer
        for head in heads:
            folder = PurePosixPath(head.path).parts[1]
            if head.customer_id is not None and folder not in cards:
                found.setdefault(head.customer_id, folder)
        return cls(found, Names(workspace), taken, set(cards.values()))

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
        """Return where a ticket's file belongs: where it is, unless Syncro moved the ticket to another customer. Where
        something else has that name, beside it."""
        folder = f"{CLIENTS}/{self.by_customer[ticket.customer_id]}/tickets"
        if head is None:
            return self.names.free(f"{folder}/{ticket_filename(ticket.number, ticket.subject)}")
        there = PurePosixPath(head.path)
        if head.customer_id in (None, ticket.customer_id) or there.parent.as_posix() == folder:
            return head.path
        return self.names.free(f"{folder}/{there.name}")
