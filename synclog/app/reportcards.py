"""What a report wants of the customers' cards: their names, and who gets recurring invoices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from synclog.core.cleantext import clean_line
from synclog.core.document import decode_base
from synclog.core.invoicing import no_invoice
from synclog.errors import InvalidFile

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Cards:
    """Customers by id, as far as their cards can be read: their `names`, and who gets `recurring` invoices."""

    names: dict[int, str]
    recurring: frozenset[int]


def read_cards(workspace: Workspace) -> Cards:
    """Read the cards of all customers."""
    names: dict[int, str] = {}
    recurring = set()
    for path in workspace.card_paths():
        try:
            text = workspace.read_text(path)
        except (InvalidFile, FileNotFoundError):
            continue
        base = decode_base(text) or {}
        if isinstance(known := base.get("id"), int):
            names[known] = clean_line(str(base.get("customer") or ""))
            why = no_invoice(text, path)
            if why is not None and why.recurring:
                recurring.add(known)
    return Cards(names, frozenset(recurring))
