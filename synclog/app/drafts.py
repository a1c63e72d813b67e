"""Which customer a draft is for: what it says itself, else the customer whose folder it lies in. Needs no network."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from synclog.app.folders import Folders
from synclog.core.clientcard import parse_card
from synclog.core.drafts import DraftFile
from synclog.core.names import NameProblem, match_name
from synclog.errors import InvalidFile
from synclog.model import Person

if TYPE_CHECKING:
    from synclog.app.files import TicketFiles
    from synclog.core.ticketfile import TicketFile
    from synclog.workspace.workspace import Workspace


def drafts_of(workspace: Workspace, files: TicketFiles) -> list[DraftFile]:
    """Return the drafts of `files` with their customers: by `customer_id`, else by `customer` among the customers who
    have a card here, else by the folder."""
    if not files.drafts:
        return []
    folders = Folders.of(workspace, [])
    owners = {folder: customer for customer, folder in folders.by_customer.items()}
    for file in files.tickets.values():
        written = file.fields.get("customer_id")
        if isinstance(written, str) and written.isascii() and written.isdigit():
            owners.setdefault(PurePosixPath(file.path).parts[1], int(written))
    names = customers_here(workspace)
    return [_draft(file, owners, names) for file in files.drafts]


def _draft(file: TicketFile, owners: dict[str, int], names: dict[int, str]) -> DraftFile:
    by_id, by_name = file.fields.get("customer_id"), file.fields.get("customer")
    if isinstance(by_id, str):
        if not (by_id.isascii() and by_id.isdigit()):
            return DraftFile(file, 0, by_id, f"`customer_id: {by_id}` is not a number")
        return DraftFile(file, int(by_id), names.get(int(by_id)) or f"customer {by_id}")
    if isinstance(by_name, str):
        found = match_name(by_name, [Person(customer, name) for customer, name in names.items()])
        if isinstance(found, NameProblem):
            fits = f"fits {', '.join(found.candidates)}" if found.candidates else "has no card here"
            return DraftFile(file, 0, by_name, f"`customer: {by_name}` {fits}")
        return DraftFile(file, found.id, found.name)
    folder = PurePosixPath(file.path).parts[1]
    if folder not in owners:
        return DraftFile(file, 0, folder, f"it is not known whose folder {folder} is")
    return DraftFile(file, owners[folder], names.get(owners[folder]) or folder)


def customers_here(workspace: Workspace) -> dict[int, str]:
    """Return the names of the customers who have a card, by id."""
    found: dict[int, str] = {}
    for path in workspace.card_paths():
        try:
            card = parse_card(workspace.read_bytes(path), path)
        except InvalidFile:
            continue
        if card.id is not None:
            found[card.id] = card.fields.get("customer") or ""
    return found
