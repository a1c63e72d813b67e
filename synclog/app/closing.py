"""Closing a ticket: the account's own word for it, and what a resolution is written from."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from synclog.app.unbilled import unknown_to_syncro
from synclog.core.cleantext import clean_line
from synclog.core.merge import same
from synclog.core.mirror import parse_mirror
from synclog.core.references import closing_reference
from synclog.core.tobill import RESOLUTION, resolution_draft, resolved_status
from synclog.errors import NotFound, UsageError

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.core.ticketfile import TicketFile
    from synclog.model import AccountSettings
    from synclog.workspace.workspace import Workspace


def status_of_closing(account: AccountSettings | None) -> str:
    """Return what the account calls Resolved, as far as its statuses are known. Raises UsageError, naming them, where
    none is called so."""
    if account is None:
        return "Resolved"
    found = resolved_status(account.statuses)
    if found is None:
        raise UsageError(
            "this account has no status that is called Resolved",
            remedy=f"set the one that you mean with `status:` in the ticket's file: {', '.join(account.statuses)}",
        )
    return found


def with_live_status(session: Session, file: TicketFile) -> TicketFile:
    """Return a ticket's file, pulled where Syncro has another status by now: somebody may have closed it meanwhile.
    Raises DecisionNeeded where Syncro does not know the ticket (any more)."""
    if file.id is None or file.number is None or file.gone:
        raise unknown_to_syncro(file)
    try:
        status = session.client.ticket(file.id).status
    except NotFound:
        raise unknown_to_syncro(file) from None
    if file.base_values is not None and same(file.base_values.get("status"), clean_line(status)):
        return file
    from synclog.app.entering import fetch_ticket
    from synclog.app.pull import pull

    pull(session, [file.number])
    return fetch_ticket(session, file.number)


def prefill(workspace: Workspace, file: TicketFile, technicians: Collection[str]) -> str:
    """Return what the resolution of a ticket is written from: the notes of these technicians (their names in Syncro)
    and of this repository's, as posted, oldest first; then those that wait in the file."""
    assert file.number is not None
    me = workspace.history.identity()[1].casefold()
    entries = workspace.history.ledger([file.number]).entries
    own = {entry.reference for entry in entries if entry.reference and entry.author_email.casefold() == me}
    names = {name.casefold() for name in technicians}
    mirror = parse_mirror(file.mirror, workspace.settings.timezone)
    posted = [
        entry.text
        for entry in mirror.entries[1:]
        if entry.subject != RESOLUTION and (closing_reference(entry.text) in own or entry.author.casefold() in names)
    ]
    return resolution_draft(posted, [note.text for note in file.notes if note.subject != RESOLUTION])
