"""`update`: fields of a ticket put into its file as its technician would, where they differ from what is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from synclog.app.entering import enter, fetch_ticket, with_values
from synclog.app.session import Tell, nothing
from synclog.app.wanting import kept_values, live_values
from synclog.core.wanted import Wanted, changes_to
from synclog.errors import UnknownTicket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synclog.app.session import Session
    from synclog.core.merge import Value
    from synclog.core.ticketfile import TicketFile
    from synclog.model import TicketNumber
    from synclog.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Updated:
    """What became of the fields that were asked for. `changed` were written into the file at `path`, `pending` stood
    there already and wait for a push, `same` are what Syncro has."""

    path: str
    changed: tuple[str, ...]
    pending: tuple[str, ...]
    same: tuple[str, ...]

    @property
    def is_to_push(self) -> bool:
        """Whether there is anything to send of what was asked for."""
        return bool(self.changed or self.pending)


def enter_update(session: Session, number: TicketNumber, wanted: Wanted) -> Updated:
    """Write what is wanted into the ticket's file, in the account's words.

    The ticket is pulled before: what is asked for now is compared with what Syncro says now, and not with a mirror of
    this morning. Raises UsageError for a wrong value, UnknownTicket for a ticket that is gone, before anything of it is
    written, and as `fetch_ticket` and `enter`.
    """
    from synclog.app.pull import pull

    pull(session, [number])
    file = fetch_ticket(session, number)
    if file.gone:
        remedy = "see in the web interface what became of it; `synclog untrack` forgets its file"
        raise UnknownTicket(f"ticket {number} is gone from Syncro; nothing was written", remedy=remedy)
    values = live_values(session, _customer(file), wanted)
    return _entered(session.workspace, file, values, wanted, session.tell)


def queue_update(workspace: Workspace, file: TicketFile, wanted: Wanted, *, tell: Tell = nothing) -> Updated:
    """Do the same by what is known here, without asking Syncro."""
    return _entered(workspace, file, kept_values(workspace, wanted), wanted, tell)


def _entered(
    workspace: Workspace, file: TicketFile, values: Mapping[str, Value], wanted: Wanted, tell: Tell
) -> Updated:
    found = _left(file, values, wanted)
    if found.changed:
        enter(workspace, file.path, lambda now: with_values(changes_to(now.fields, values, wanted))(now), tell=tell)
    return found


def _left(file: TicketFile, values: Mapping[str, Value], wanted: Wanted) -> Updated:
    changed = tuple(changes_to(file.fields, values, wanted))
    edited = {edit.field for edit in file.edits}
    pending = tuple(name for name in wanted.fields if name in edited and name not in changed)
    same = tuple(name for name in wanted.fields if name not in changed and name not in pending)
    return Updated(file.path, changed, pending, same)


def _customer(file: TicketFile) -> int:
    """The ticket's customer by the file; 0, who has no contacts, where its base is damaged."""
    written = file.fields.get("customer_id")
    return int(written) if isinstance(written, str) and written.isascii() and written.isdigit() else 0
