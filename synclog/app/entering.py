"""What a command writes into a ticket's file: what its technician would type there, committed as theirs.

Nothing is sent by it. Whatever writes to Syncro goes from the file through the one push engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from synclog.app.edits import commit_edits
from synclog.app.session import Tell, nothing
from synclog.app.writing import Change, finish_interrupted, write_and_commit
from synclog.errors import Busy, InvalidFile, UnknownTicket, UsageError

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.core.merge import Value
    from synclog.core.notes import Note
    from synclog.core.ticketfile import FileRules, TicketFile
    from synclog.model import TicketNumber
    from synclog.workspace.workspace import Workspace

MakeText = Callable[["TicketFile"], str]
"""Makes the new text of a file from the file as it is now."""

_TRIES = 5


def _unprepared(file: TicketFile) -> None:
    """Do nothing before a file is written."""


def ticket_here(workspace: Workspace, number: TicketNumber) -> TicketFile | None:
    """Return the file of a ticket, None where it has none. Raises InvalidFile where it is not valid."""
    from synclog.app.files import IndexedFiles
    from synclog.app.indexing import with_index
    from synclog.app.status import rules_here

    try:
        return with_index(
            workspace, lambda index, raw: IndexedFiles(workspace, index, raw, rules_here(workspace)).one(number)
        )
    except UnknownTicket:
        return None


def fetch_ticket(session: Session, number: TicketNumber) -> TicketFile:
    """Return the file of a ticket; one that has none here gets it from Syncro first. Raises UnknownTicket for a number
    that neither side has, InvalidFile, and what `pull` raises."""
    from synclog.app.pull import pull

    file = ticket_here(session.workspace, number)
    if file is None:
        pull(session, [number])
        file = ticket_here(session.workspace, number)
    if file is None:
        raise UnknownTicket(f"there is no ticket {number} in Syncro (or this key may not see it)")
    return file


def enter(
    workspace: Workspace,
    path: str,
    make: MakeText,
    *,
    tell: Tell = nothing,
    prepare: Callable[[TicketFile], None] = _unprepared,
    trailer: str = "",
) -> TicketFile:
    """Put the text that `make` makes of a file into it, commit it as the technician's, and return the file.

    What was edited in it before is committed first, on its own. `prepare` gets the file as it was, with the lock held,
    once its new text is known to be valid; `trailer` is a line for the end of the commit's message. Raises UsageError
    where the new text would not be valid, InvalidFile where the old one is not; then the file stays as it is.
    """
    from synclog.app.status import rules_here
    from synclog.core.ticketfile import parse_ticket_file

    rules = rules_here(workspace)()
    workspace.history.check_ready()
    with workspace.lock("edit"):
        finish_interrupted(workspace)
        for _ in range(_TRIES):
            commit_edits(workspace, [path], tell)
            file = parse_ticket_file(workspace.read_bytes(path), path, rules)
            text, made = _made(file, make, rules)
            name = f"#{file.number}" if file.number else path.rsplit("/", 1)[-1]
            prepare(file)
            message = f"edit: {name}\n" + (f"\n{trailer}\n" if trailer else "")
            if not write_and_commit(workspace, Change({path: text}, message, {path: file.text})).left:
                return made
    raise Busy(f"{path} is changed by another program again and again", remedy="close it there, and run it again")


def try_out(workspace: Workspace, file: TicketFile, make: MakeText) -> None:
    """Raise UsageError where `make` would not make a valid text of a file. Nothing is written."""
    from synclog.app.status import rules_here

    _made(file, make, rules_here(workspace)())


def _made(file: TicketFile, make: MakeText, rules: FileRules) -> tuple[str, TicketFile]:
    from synclog.core.ticketfile import parse_ticket_file

    text = make(file)
    try:
        return text, parse_ticket_file(text, file.path, rules)
    except InvalidFile as error:
        raise _refused(error) from None


def _refused(error: InvalidFile) -> UsageError:
    """What was given on the command line makes no valid file: said without a line of a file that is not written."""
    first = error.problems[0]
    return UsageError(first.message, remedy=first.remedy)


def holds_note(file: TicketFile, note: Note) -> bool:
    """Return whether a note that says just the same waits in a file."""
    from synclog.core.references import note_content

    alike = (note_content(note), note.date)
    return any((note_content(there), there.date) == alike for there in file.notes)


def with_note(note: Note) -> MakeText:
    """Return what adds a note at the end of a file's notes."""
    from synclog.core.ticketfile import with_added_notes

    return lambda file: with_added_notes(file.text, [note], path=file.path)


def with_work(note: Note | None, values: Mapping[str, Value | bool]) -> MakeText:
    """Return what does both in one edit: adds a note, where there is one, and sets these keys."""
    from synclog.core.ticketfile import with_added_notes, with_fields

    def make(file: TicketFile) -> str:
        text = with_added_notes(file.text, [note], path=file.path) if note else file.text
        return with_fields(text, values, path=file.path)

    return make


def with_values(values: Mapping[str, Value | bool]) -> MakeText:
    """Return what sets these keys of a file's front matter."""
    from synclog.core.ticketfile import with_fields

    return lambda file: with_fields(file.text, values, path=file.path)
