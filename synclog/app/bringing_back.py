"""Files that were deleted by hand: put back as git had them last, for a pull to bring up to date.

Nobody deletes a ticket by deleting its file, and what was written in it may be nowhere else. Who means it says
`synclog untrack`. A customer's card comes back, too, as long as a ticket of the customer has a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from synclog.app.folders import Names
from synclog.app.writing import Change, write_and_commit
from synclog.core.clientcard import card_id
from synclog.core.document import own_part
from synclog.core.filehead import file_head
from synclog.core.settingsfile import host_of
from synclog.core.ticketfile import parse_ticket_file
from synclog.core.untracking import Deleted, to_bring_back
from synclog.errors import InvalidFile, UnsafePath
from synclog.model import TicketNumber
from synclog.workspace import deletions as history

if TYPE_CHECKING:
    from synclog.app.folders import Folders
    from synclog.core.filehead import FileHead
    from synclog.core.ticketfile import FileRules
    from synclog.workspace.history import Author
    from synclog.workspace.workspace import Workspace

_AT_ONCE = 500
"""Contents that are looked at together."""
_NAMED = 10


@dataclass(slots=True)
class Deletions:
    """What history says of the files that were deleted since a commit ("": since the last pull of anybody, None: ever),
    read when it is first asked for; with `edited` those too whose deletion is not committed yet."""

    workspace: Workspace
    since: str | None
    edited: bool = False
    _found: list[tuple[history.Deletion, TicketNumber | None, int | None]] | None = None
    _untracked: dict[TicketNumber, tuple[str, ...]] | None = None

    @property
    def untracked(self) -> Mapping[TicketNumber, Collection[str]]:
        """The tickets that were forgotten on purpose, each with the commits that say so."""
        if self._untracked is None:
            self._untracked = history.untracking_commits(self.workspace.history.git)
        return self._untracked

    def any(self, asked: Collection[TicketNumber] = ()) -> bool:
        """Return whether anything was deleted, or a ticket that is `asked` for was forgotten: mostly nothing was."""
        return bool(self._all()) or (bool(asked) and not self.untracked.keys().isdisjoint(asked))

    def tickets(
        self, known: Collection[TicketNumber], asked: Collection[TicketNumber] | None = None
    ) -> dict[TicketNumber, Deleted]:
        """Return the deletions to undo of tickets that are not `known` to have a file; with `asked`, of these alone."""
        if asked is not None and set(asked) <= set(known):
            return {}
        if asked and not self.untracked.keys().isdisjoint(asked):
            # Where it was when it was forgotten may be long ago.
            self.since = None
        found = [
            Deleted(number, one.path, one.commit, one.blob)
            for one, number, _ in self._all()
            if number is not None and number not in known and (asked is None or number in asked)
        ]
        if not found:
            return {}
        is_before = partial(history.is_before, self.workspace.history.git)
        return {one.number: one for one in to_bring_back(found, known, self.untracked, is_before, asked or ())}

    def cards(self, customers: Collection[int]) -> dict[int, history.Deletion]:
        """Return the newest deletions of the cards of these customers, who have none."""
        found: dict[int, history.Deletion] = {}
        for one, _, customer in self._all():
            if customer is not None and customer in customers:
                found.setdefault(customer, one)
        return found

    def _all(self) -> list[tuple[history.Deletion, TicketNumber | None, int | None]]:
        if self._found is None:
            self._found = list(_identified(self.workspace, self._deletions()))
        return self._found

    def _deletions(self) -> Iterator[history.Deletion]:
        git = self.workspace.history.git
        if self.edited:
            yield from history.not_committed(git)
        if self.since != self.workspace.history.head():
            yield from history.deletions(git, self.since)


def _identified(
    workspace: Workspace, found: Iterable[history.Deletion]
) -> Iterator[tuple[history.Deletion, TicketNumber | None, int | None]]:
    """Yield the deletions of ticket files and of cards, with the ticket's number or the customer's id."""
    files = (one for one in found if _is_ticket(one.path) or _is_card(one.path))
    ours = iter([one for one in files if _is_safe(workspace, one.path)])
    while some := list(islice(ours, _AT_ONCE)):
        texts = history.contents(workspace.history.git, [one.blob for one in some])
        for one in some:
            text = texts.get(one.blob, b"").decode("utf-8", "replace")
            if _is_card(one.path):
                yield one, None, card_id(text)
            elif (head := file_head(one.path, text)) is not None:
                yield one, head.number, None


def _is_safe(workspace: Workspace, path: str) -> bool:
    """Whether something can be put there: history may be anyone's, and holds names that mean something else on some
    system."""
    try:
        workspace.exists(path)
    except UnsafePath:
        return False
    return True


def _is_ticket(path: str) -> bool:
    parts = path.split("/")
    hidden = any(part.startswith(".") for part in parts)
    return len(parts) == 4 and parts[2] == "tickets" and path.lower().endswith(".md") and not hidden


def _is_card(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 3 and parts[2] == "client.md" and not parts[1].startswith(".")


# --- putting them back -------------------------------------------------------------------------------------------


def bring_back(
    deletions: Deletions, found: Iterable[Deleted], heads: Iterable[FileHead], folders: Folders, rules: FileRules
) -> list[FileHead]:
    """Put these files back as they were, where they were (beside, where something else is there by now), and commit
    them; and the cards of the customers who have a ticket here (in `heads`, or back) and no card. Returns the heads of
    the tickets' files.

    A note is pushed by who wrote it, and the commit that brings its lines back is taken for its author's: so it is by
    whoever wrote the notes of a file. Where several did it bears all their names, and nobody pushes them unasked.
    """
    workspace = deletions.workspace
    found = list(found)
    texts = _texts(workspace, (one.blob for one in found))
    names = Names(workspace)
    groups: dict[Author | None, dict[str, str]] = {}
    back: list[FileHead] = []
    for one in found:
        text = texts.get(one.blob)
        head = file_head(names.free(one.path), text) if text is not None else None
        if head is not None and text is not None:
            back.append(head)
            groups.setdefault(_author(workspace, one, text, rules), {})[head.path] = text
    customers = {head.customer_id for head in (*heads, *back) if head.customer_id is not None} - folders.by_card
    groups.setdefault(None, {}).update(_cards(deletions, customers, folders, names) if customers else {})
    for who, files in groups.items():
        _commit(workspace, files, who)
    return back


def _cards(deletions: Deletions, customers: Collection[int], folders: Folders, names: Names) -> dict[str, str]:
    """The cards of these customers that were deleted, by where each belongs: where the customer's tickets are."""
    cards = deletions.cards(customers)
    texts = _texts(deletions.workspace, (card.blob for card in cards.values()))
    found: dict[str, str] = {}
    for customer, card in cards.items():
        path = folders.card_path(customer) if customer in folders.by_customer else card.path
        if card.blob in texts and not names.occupied(path):
            found[path] = texts[card.blob]
    return found


def _commit(workspace: Workspace, files: Mapping[str, str], author: Author | None) -> None:
    heads = ((path, file_head(path, text) if _is_ticket(path) else None) for path, text in files.items())
    named = [f"#{head.number}" if head else path.split("/")[1] for path, head in heads]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    if files:
        message = f"brought back: {', '.join(named[:_NAMED])}{more}"
        write_and_commit(workspace, Change(files, message, dict.fromkeys(files), author))


def _texts(workspace: Workspace, blobs: Iterable[str]) -> dict[str, str]:
    """The contents that are text."""
    found: dict[str, str] = {}
    for blob, raw in history.contents(workspace.history.git, blobs).items():
        with suppress(UnicodeDecodeError):
            found[blob] = raw.decode("utf-8")
    return found


def _author(workspace: Workspace, one: Deleted, text: str, rules: FileRules) -> Author | None:
    """Who wrote the notes of a file that was deleted; None where there are none. Of a file that is not valid: who wrote
    anything in it."""
    from synclog.workspace.history import Author, syncro_author

    try:
        spans = [(note.line, note.end_line) for note in parse_ticket_file(text, one.path, rules).notes]
    except InvalidFile:
        spans = [(1, text.count("\n", 0, len(own_part(text.encode()).decode("utf-8", "replace"))) or 1)]
    found = history.authors_before(workspace.history.git, one.commit, one.path, spans)
    syncro = syncro_author(host_of(workspace.settings.syncro.base_url))
    people = sorted({(name, email) for name, email in found if email != syncro.email})
    if not people:
        return None
    return Author(", ".join(name for name, _ in people), ", ".join(email for _, email in people))
