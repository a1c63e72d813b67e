"""Changing one ticket's file that somebody may have open: what an editor saves meanwhile is never written over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from synclog.app.edits import commit_edits
from synclog.app.writing import Change, write_and_commit
from synclog.core.ticketfile import TicketFile, parse_ticket_file
from synclog.errors import Busy, DecisionNeeded

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.session import Session

_TRIES = 5

Edit = Callable[[TicketFile], str]
"""Makes the new text of a file from the file as it is."""


def current_file(session: Session, mirroring: Mirroring, path: str) -> TicketFile:
    """Return the file as it is now; what an editor saved meanwhile is committed as the technician's first.

    Raises InvalidFile when it is not valid, DecisionNeeded when it is not there any more: then nothing is written, and
    the next run records.
    """
    commit_edits(session.workspace, [path])
    try:
        raw = session.workspace.read_bytes(path)
    except FileNotFoundError:
        remedy = "run `synclog push` again: it finds the file where it is now, and looks in Syncro before it sends"
        raise DecisionNeeded(f"{path} was moved or deleted while it was being pushed", remedy=remedy) from None
    return parse_ticket_file(raw, path, mirroring.rules())


def rewrite(session: Session, mirroring: Mirroring, path: str, edit: Edit, message: str) -> None:
    """Change the file at `path` by `edit` and commit it with `message`; again, when it was saved in between.

    Raises InvalidFile like `current_file`, StorageFailed, Busy when the file never holds still, and what `edit` raises.
    """
    for _ in range(_TRIES):
        file = current_file(session, mirroring, path)
        change = Change({path: edit(file)}, message, {path: file.text})
        if not write_and_commit(session.workspace, change).left:
            return
    raise Busy(f"{path} is changed by another program again and again", remedy="close it there, and run it again")
