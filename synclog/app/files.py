"""Reading all ticket files of a workspace: those that are valid as values, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synclog.core.filehead import FileHead, file_head, same_number
from synclog.core.ticketfile import FileRules, TicketFile, parse_ticket_file
from synclog.errors import InvalidFile, UnknownTicket
from synclog.model import TicketNumber

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TicketFiles:
    """The files of a workspace: `tickets` by number, `drafts` of tickets that do not exist yet, `invalid` ones."""

    tickets: dict[TicketNumber, TicketFile]
    drafts: tuple[TicketFile, ...]
    invalid: tuple[InvalidFile, ...]

    def only(self, numbers: Collection[TicketNumber]) -> list[TicketFile]:
        """Return the files of these tickets, all when none are named. Raises UnknownTicket, or the InvalidFile."""
        if not numbers:
            return list(self.tickets.values())
        return [self.one(number) for number in numbers]

    def one(self, number: TicketNumber) -> TicketFile:
        """Return the file of a ticket. Raises UnknownTicket without one, InvalidFile where it is not valid."""
        if number in self.tickets:
            return self.tickets[number]
        for broken in self.invalid:
            if broken.path.rsplit("/", 1)[-1].startswith(f"{number}-"):
                raise broken
        raise UnknownTicket(f"ticket {number} has no file here", remedy=f"run `synclog pull {number}`")


def slips_of(files: Iterable[TicketFile]) -> tuple[str, ...]:
    """Return what is valid in these files and looks like a slip, as `path:line:col: message (remedy)`: a key of one's
    own that is called nearly like one that would be sent."""
    return tuple(slip.at(file.path) for file in files for slip in file.warnings)


def ticket_heads(workspace: Workspace) -> list[FileHead]:
    """Read what the ticket files below `clients/` say of themselves, valid or not; drafts are left out, and files that
    can't be read."""
    found = (file_head(p, workspace.read_bytes(p).decode("utf-8", "replace")) for p in workspace.ticket_paths())
    return [head for head in found if head is not None]


def read_ticket_files(workspace: Workspace, rules: FileRules) -> TicketFiles:
    """Read every ticket file below `clients/`. A number in two files makes both invalid."""
    found: dict[TicketNumber, list[TicketFile]] = {}
    drafts: list[TicketFile] = []
    invalid: list[InvalidFile] = []
    for path in workspace.ticket_paths():
        try:
            file = parse_ticket_file(workspace.read_bytes(path), path, rules)
        except InvalidFile as problem:
            invalid.append(problem)
            continue
        if file.number is None:
            drafts.append(file)
        else:
            found.setdefault(file.number, []).append(file)
    for number, files in found.items():
        if len(files) > 1:
            invalid += same_number(number, [file.path for file in files])
    tickets = {number: files[0] for number, files in found.items() if len(files) == 1}
    return TicketFiles(tickets, tuple(drafts), tuple(invalid))
