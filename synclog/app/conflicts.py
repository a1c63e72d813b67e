"""Settling the conflicts of a ticket's fields: by what the file says, or by what Syncro says. Needs no network."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from synclog.app.account import known_account
from synclog.app.edits import commit_edits
from synclog.app.files import read_ticket_files
from synclog.app.mirroring import file_rules
from synclog.app.writing import Change, finish_interrupted, write_and_commit
from synclog.core import ticketfile
from synclog.errors import Busy, UsageError
from synclog.model import TicketNumber

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace


def resolve_fields(
    workspace: Workspace, number: TicketNumber, *, theirs: bool, fields: Collection[str] = ()
) -> tuple[str, tuple[str, ...]]:
    """Settle the conflicts of a ticket's fields (none named: all), with `theirs` by what Syncro says. What is not
    `theirs` stays in the file, as an edit to be pushed. Returns the file's path and the fields.

    Raises UnknownTicket, InvalidFile, RepositoryState, Busy, and UsageError where there is no such conflict.
    """
    workspace.history.check_ready()
    with workspace.lock("resolve"):
        finish_interrupted(workspace)
        file = read_ticket_files(workspace, file_rules(workspace.settings, known_account(workspace))).one(number)
        unknown = sorted(set(fields) - file.conflicts.keys())
        if unknown or not file.conflicts:
            what = f"no conflict in {', '.join(unknown)}" if unknown else "no conflict"
            raise UsageError(f"#{number}: there is {what}", remedy="`synclog status` shows what there is to settle")
        commit_edits(workspace, [file.path])
        chosen = tuple(fields or file.conflicts)
        text = file.text
        if theirs:
            text = ticketfile.with_fields(text, {field: file.conflicts[field].theirs for field in chosen})
        left = {field: conflict for field, conflict in file.conflicts.items() if field not in chosen}
        text = ticketfile.with_conflicts(text, left)
        message = f"resolve: #{number} {', '.join(chosen)}: {'theirs' if theirs else 'ours'}"
        if write_and_commit(workspace, Change({file.path: text}, message, {file.path: file.text})).left:
            raise Busy(f"{file.path} was saved by another program just now", remedy="run the command again")
        return file.path, chosen
