"""The ticket files of a workspace: those that are valid as values, and what is wrong with the others.

`read_ticket_files` reads all of them. `IndexedFiles` gives the same answers and reads only what the index does not know
to be settled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from synclog.app.indexing import path_of
from synclog.errors import InvalidFile, UnknownTicket

if TYPE_CHECKING:
    from synclog.app.indexing import Raw
    from synclog.core.filehead import FileHead
    from synclog.core.ticketfile import FileRules, TicketFile
    from synclog.model import TicketNumber
    from synclog.workspace.ticketindex import Place, TicketIndex
    from synclog.workspace.workspace import Workspace

T = TypeVar("T")


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
    from synclog.core.filehead import file_head

    found = (file_head(p, workspace.read_bytes(p).decode("utf-8", "replace")) for p in workspace.ticket_paths())
    return [head for head in found if head is not None]


def read_ticket_files(workspace: Workspace, rules: FileRules) -> TicketFiles:
    """Read every ticket file below `clients/`. A number in two files makes both invalid; so is work in what is no
    ticket's file by its place."""
    from synclog.app.strays import strays
    from synclog.core.filehead import same_number
    from synclog.core.ticketfile import parse_ticket_file

    paths = workspace.ticket_paths()
    found, drafts, invalid = _parsed(lambda path: parse_ticket_file(workspace.read_bytes(path), path, rules), paths)
    for number, files in found.items():
        if len(files) > 1:
            invalid += same_number(number, [file.path for file in files])
    invalid += strays(workspace, {folder: workspace.other_names(folder) for folder in workspace.customer_folders()})
    tickets = {number: files[0] for number, files in found.items() if len(files) == 1}
    return TicketFiles(tickets, tuple(drafts), tuple(invalid))


def _parsed(
    parse: Callable[[T], TicketFile], items: Iterable[T]
) -> tuple[dict[TicketNumber, list[TicketFile]], list[TicketFile], list[InvalidFile]]:
    """Parse files: those of tickets by number, drafts, and what is wrong with the others."""
    found: dict[TicketNumber, list[TicketFile]] = {}
    drafts: list[TicketFile] = []
    invalid: list[InvalidFile] = []
    for item in items:
        try:
            file = parse(item)
        except InvalidFile as problem:
            invalid.append(problem)
            continue
        if file.number is None:
            drafts.append(file)
        else:
            found.setdefault(file.number, []).append(file)
    return found, drafts, invalid


class IndexedFiles:
    """The same files through the index: `open` are those that are not settled, `doubled` the numbers that are in
    several files, settled or not; `invalid` are all that `read_ticket_files` finds. `rules` are only asked for where a
    file is read; so is all that reads files only loaded then: most of the time there is nothing to read."""

    def __init__(self, workspace: Workspace, index: TicketIndex, raw: Raw, rules: Callable[[], FileRules]) -> None:
        self._workspace, self._index, self._rules = workspace, index, rules
        found, drafts, invalid = _parsed(lambda item: self._parsed(item[1], item[0]), raw.items())
        doubled: dict[TicketNumber, list[Place]] = {}
        for number in found.keys() | set(index.doubled()):
            places = [*map(_place, found.get(number, ())), *index.places(number)]
            if len(places) > 1:
                doubled[number] = sorted(places)
        for number, places in sorted(doubled.items(), key=lambda item: item[1]):
            from synclog.core.filehead import same_number

            invalid += same_number(number, map(path_of, places))
        if others := index.others():
            from synclog.app.strays import strays

            invalid += strays(workspace, others)
        tickets = {number: files[0] for number, files in found.items() if number not in doubled}
        self.doubled = frozenset(doubled)
        self.open = TicketFiles(tickets, tuple(drafts), tuple(invalid))
        self._lost = sum(len(index.places(number)) for number in doubled)

    @property
    def count(self) -> int:
        """How many valid tickets there are."""
        return len(self.open.tickets) + self._index.count() - self._lost

    def only(self, numbers: Collection[TicketNumber]) -> list[TicketFile]:
        """Return the files of these tickets; when none are named, those of all that are not settled. Raises as
        `TicketFiles.only`."""
        return [self.one(number) for number in numbers] if numbers else list(self.open.tickets.values())

    def one(self, number: TicketNumber) -> TicketFile:
        """Return the file of a ticket. Raises as `TicketFiles.one`."""
        places = self._index.places(number)
        return self._read(places[0]) if places and number not in self.doubled else self.open.one(number)

    def settled(self, status: str | None = None, besides: Sequence[str] = ()) -> Iterator[tuple[int, Sequence[Any]]]:
        """Yield (id, what a list shows) of the valid tickets that are settled, as the index does."""
        rows = self._index.settled(status, besides)
        return ((i, row) for i, row in rows if row[0] not in self.doubled)

    def statuses(self) -> set[str]:
        """Return the statuses of valid tickets that are settled."""
        if not self.doubled:
            return set(self._index.statuses())
        return {row[1] for _, row in self.settled()}

    def with_neighbours(self, drafts: Iterable[TicketFile]) -> TicketFiles:
        """Return what is open, with a settled ticket of each draft's folder: it tells whose folder that is."""
        files = {_place(file): file for file in self.open.tickets.values()}
        for folder in {_place(draft)[0] for draft in drafts}:
            valid = (name for name, number in self._index.first_settled(folder) if number not in self.doubled)
            if (name := next(valid, None)) is not None:
                files[folder, name] = self._read((folder, name))
        tickets = {file.number: file for _, file in sorted(files.items()) if file.number is not None}
        return TicketFiles(tickets, self.open.drafts, self.open.invalid)

    def _read(self, place: Place) -> TicketFile:
        return self._parsed(self._workspace.read_bytes(path_of(place)), place)

    def _parsed(self, content: bytes, place: Place) -> TicketFile:
        from synclog.core.ticketfile import parse_ticket_file

        return parse_ticket_file(content, path_of(place), self._rules())


def _place(file: TicketFile) -> Place:
    parts = file.path.split("/")
    return parts[1], parts[3]
