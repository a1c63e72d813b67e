"""Tickets that Syncro answers with 404: deleted, merged, or not for this key. Their files say so, and stay.

Nobody can tell the three apart, and the last may come back. Only `synclog untrack` removes a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synclog.core import ticketfile
from synclog.core.holding import work_in
from synclog.core.ticketfile import parse_ticket_file
from synclog.errors import DecisionNeeded, InvalidFile
from synclog.model import TicketNumber

if TYPE_CHECKING:
    from synclog.core.filehead import FileHead
    from synclog.core.ticketfile import FileRules
    from synclog.workspace.workspace import Workspace

_NAMED = 10


@dataclass(slots=True)
class Gone:
    """What is to be written of tickets that are gone: `files` by path as (what they held, what they are to hold);
    `paths` of those that say so from now on, by number; `undecided` where work waits in one, `invalid` files that are
    left."""

    files: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    paths: dict[TicketNumber, str] = field(default_factory=dict)
    undecided: list[DecisionNeeded] = field(default_factory=list)
    invalid: list[InvalidFile] = field(default_factory=list)

    @property
    def message(self) -> str:
        """The message of the commit."""
        named = ", ".join(f"#{number}" for number in list(self.paths)[:_NAMED])
        more = f" and {len(self.paths) - _NAMED} more" if len(self.paths) > _NAMED else ""
        return f"pull: {named}{more} gone"


def mark_gone(workspace: Workspace, missing: Iterable[FileHead], rules: FileRules) -> Gone:
    """Return what is to be written of these files, whose tickets Syncro does not know (any more)."""
    gone = Gone()
    for head in missing:
        try:
            file = parse_ticket_file(workspace.read_bytes(head.path), head.path, rules)
        except InvalidFile as invalid:
            gone.invalid.append(invalid)
            continue
        if work := work_in(file):
            message = f"#{head.number} is gone from Syncro (or not for this key), and its file holds {', '.join(work)}"
            remedy = f"move the work to another ticket's file, then `synclog untrack {head.number}`"
            gone.undecided.append(DecisionNeeded(message, remedy=remedy))
        if not file.gone:
            gone.paths[head.number] = head.path
            gone.files[head.path] = (file.text, ticketfile.with_gone(file.text, True, path=head.path))
    return gone
