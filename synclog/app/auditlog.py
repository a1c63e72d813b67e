"""`log`: what was posted from this workspace and its other clones, by the trailers of its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from synclog.app.files import IndexedFiles
from synclog.app.indexing import Raw, with_index
from synclog.app.views import plain_rules, row_of
from synclog.core.audit import Named, Posted, Totals, Wanted, audit_log, totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synclog.model import TicketNumber
    from synclog.workspace.ticketindex import TicketIndex
    from synclog.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The entries that were asked for, oldest first, and what they add up to."""

    posted: tuple[Posted, ...]
    totals: Totals


def read_log(workspace: Workspace, wanted: Wanted) -> AuditLog:
    """Return what history says was posted. Nothing but history is asked; the mirror only names tickets.

    Raises RepositoryState, StorageFailed.
    """
    entries = workspace.history.posted(wanted.number)
    names = ticket_names(workspace)
    posted = tuple(audit_log(entries, names, workspace.settings.timezone, wanted))
    return AuditLog(posted, totals(posted))


def ticket_names(workspace: Workspace) -> Mapping[TicketNumber, Named]:
    """Return what the files of tickets say of customer and subject, of those that are valid."""

    def read(index: TicketIndex, raw: Raw) -> dict[TicketNumber, Named]:
        files = IndexedFiles(workspace, index, raw, plain_rules(workspace))
        names = {row[0]: Named(row[2], row[3]) for _, row in files.settled()}
        rows = map(row_of, files.open.tickets.values())
        return names | {row.number: Named(row.customer, row.subject) for row in rows}

    return with_index(workspace, read)
