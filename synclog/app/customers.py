"""Customers for people: those of the mirror's cards, or those that Syncro finds."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from synclog.core.clientcard import card_customer
from synclog.errors import SynclogError

if TYPE_CHECKING:
    from synclog.model import Customer
    from synclog.workspace.workspace import Workspace


def mirrored_customers(workspace: Workspace) -> list[Customer]:
    """Return the customers that have a card here, as the last pull left it, in the order of their folders. What prepaid
    hours they have is not known here."""
    found = []
    for path in workspace.card_paths():
        with suppress(SynclogError, OSError):
            customer = card_customer(workspace.read_bytes(path).decode("utf-8", "replace"))
            if customer is not None:
                found.append(customer)
    return found
