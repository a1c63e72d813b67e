"""Customers for people: those of the mirror's cards, or those that Syncro finds."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from synclog.core.clientcard import card_customer
from synclog.core.people import fits
from synclog.errors import NotFound, SynclogError

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.model import Customer
    from synclog.workspace.workspace import Workspace

_MOST_DETAILS = 10
"""Customers of which the details are asked for, a request each: prepaid hours and contacts are nowhere else."""


def find_mirrored(workspace: Workspace, query: str) -> list[Customer]:
    """Return the customers with a card here that all words of `query` fit, by name."""
    return _by_name(customer for customer in mirrored_customers(workspace) if fits(customer, query))


def find_remote(session: Session, query: str) -> list[Customer]:
    """Return the customers that Syncro's own search finds, by name; with contacts and prepaid hours where these are at
    most ten."""
    found = session.client.search_customers(query)
    if len(found) <= _MOST_DETAILS:
        found = tuple(_detail(session, customer) for customer in found)
    return _by_name(found)


def _detail(session: Session, customer: Customer) -> Customer:
    with suppress(NotFound):  # deleted just now
        return session.client.customer(customer.id)
    return customer


def _by_name(customers: Iterable[Customer]) -> list[Customer]:
    return sorted(customers, key=lambda customer: (customer.name.casefold(), customer.id))


def mirrored_customers(workspace: Workspace) -> list[Customer]:
    """Return the customers that have a card here, as the last pull left it, in the order of their folders. What prepaid
    hours they have is not known here."""
    return [customer for path in workspace.card_paths() if (customer := customer_of_card(workspace, path)) is not None]


def customer_of_card(workspace: Workspace, path: str) -> Customer | None:
    """Return the customer of a card, None where there is no card that can be read."""
    with suppress(SynclogError, OSError):
        return card_customer(workspace.read_bytes(path).decode("utf-8", "replace"))
    return None
