"""Where the card of a customer who is being made lies, and what becomes of it once Syncro has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synclog.app.files import ticket_heads
from synclog.app.folders import CLIENTS, Folders
from synclog.app.writing import Change
from synclog.core.newcustomers import made_card, record_message, without_intent
from synclog.core.slugs import LONGEST, customer_slug, slug

if TYPE_CHECKING:
    from synclog.model import Customer
    from synclog.workspace.workspace import Workspace

_ENDING = 4


def free_card(workspace: Workspace, name: str) -> str:
    """Return where the card of a customer of that name goes: into a folder called so, or one beside it where there is
    such a folder and something in it."""
    first = slug(name, "customer")
    taken = {f.lower() for f in workspace.customer_folders() if workspace.names_in(f"{CLIENTS}/{f}")}
    place, folder = 1, first
    while folder in taken:
        place += 1
        folder = f"{first[: LONGEST - _ENDING].rstrip('-')}-{place}"
    return f"{CLIENTS}/{folder}/client.md"


def recorded_card(workspace: Workspace, customer: Customer, path: str, text: str | None) -> tuple[str, Change]:
    """Return the path of the customer's card, and the change that makes it of the intent's card at `path`: in the
    folder that they have (a pull may have made it), else where the intent is, unless its name was another one's."""
    folders = Folders.of(workspace, ticket_heads(workspace))
    message, own = record_message(customer), path.split("/")[1]
    rest = without_intent(text) if text is not None else None
    if customer.id in folders.by_card:
        return folders.card_path(customer.id), Change({path: rest}, message, {path: text})
    if customer.id not in folders.by_customer:
        name = customer_slug(customer.name, customer.id, folders.taken - {own.lower()})
        alone = set(workspace.names_in(f"{CLIENTS}/{own}")) <= {"client.md"}
        folders.by_customer[customer.id] = name if alone else own
    there = folders.card_path(customer.id)
    if there != path and workspace.exists(there):
        # A card of the technicians' own, without an id: it becomes this customer's.
        old = workspace.read_text(there)
        return there, Change({there: made_card(old, customer, there), path: rest}, message, {there: old, path: text})
    card = made_card(text, customer, there)
    if there == path:
        return path, Change({path: card}, message, {path: text})
    return there, Change({there: card, path: None}, message, {there: None, path: text}, None, {path: there})
