"""What is pending in the workspace, from files and git alone: the same for `status`, `diff`, dry run and push."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from synclog.core.settings import TimeVia
from synclog.core.work import Held, NoteWork, TicketWork, in_order, ticket_work

if TYPE_CHECKING:
    from synclog.app.files import TicketFiles
    from synclog.core.ticketfile import TicketFile
    from synclog.workspace.workspace import Workspace

TIME_NOT_RECORDED = "time was not recorded"
NOT_SHOWN = "was not shown with its reference"
"""What a note waits for whose comment is in Syncro, under `synclog: problem:`; or `on_another_labor`."""

_REMEDIES = {
    TIME_NOT_RECORDED: "this account drops time that comes with a comment: nothing was billed; enter the time in the"
    " web interface and delete the note here",
    NOT_SHOWN: "compare that comment with the note, then delete the note here; delete only its `synclog:` line to send"
    " it again",
}


def on_another_labor(product_id: int) -> str:
    """Return the problem of a note whose time Syncro put on another labor product."""
    return f"its time is on labor product {product_id}"


def remedy_of(problem: str) -> str:
    """Return what to do about a note with this problem."""
    return _REMEDIES.get(problem, "correct the time in the web interface and delete the note here")


def pending_work(
    workspace: Workspace, files: TicketFiles, chosen: Sequence[TicketFile], today: date, author: str | None = None
) -> list[TicketWork]:
    """Return what is pending in the `chosen` files, and what is held back and why.

    `author` (a name or an e-mail address) asks for another technician's notes instead of one's own.
    """
    settings = workspace.settings
    waiting = _time_is_waiting(files) and settings.via == "comment"
    works = []
    for file in chosen:
        work = _ways_of_time(ticket_work(file, settings, today), settings.via, waiting)
        works.append(in_order(_own_notes(workspace, file, work, author)))
    return works


def _time_is_waiting(files: TicketFiles) -> bool:
    """Whether a note waits whose time the account dropped: until that is settled no timed note goes the same way."""
    notes = (note for file in files.tickets.values() for note in file.notes)
    return any(note.stamp and note.stamp.problem == TIME_NOT_RECORDED for note in notes)


def _ways_of_time(work: TicketWork, via: TimeVia, waiting: bool) -> TicketWork:
    """Hold back timed notes where time can't take the configured way."""
    kept: list[NoteWork] = []
    held = list(work.held)
    for note in work.notes:
        if note.stamp is not None and note.stamp.comment is not None:
            problem = note.stamp.problem or TIME_NOT_RECORDED
            reason = f"its comment {note.stamp.comment} is in Syncro, and {problem}"
            held.append(Held("note", reason, remedy_of(problem), note.line, True))
        elif note.minutes is not None and waiting:
            reason = "another note waits whose time this account did not record with its comment"
            held.append(Held("note", reason, "settle that note first", note.line, True))
        elif note.minutes is not None and via != "comment":
            remedy = "set `time: via: comment` in synclog.yaml"
            held.append(Held("note", f"`time.via: {via}` can't be used by this version", remedy, note.line, True))
        else:
            kept.append(note)
    return replace(work, notes=tuple(kept), held=tuple(held))


def _own_notes(workspace: Workspace, file: TicketFile, work: TicketWork, author: str | None) -> TicketWork:
    """Leave notes whose lines another git author committed, unless `author` names them."""
    if not work.notes:
        return work
    name, email = workspace.history.identity()
    spans = {note.index: (note.line, note.end_line) for note in file.notes}
    lines = [spans[note.index] for note in work.notes]
    authors = workspace.history.blame_authors(work.path, lines)
    kept: list[NoteWork] = []
    held = list(work.held)
    for note, who in zip(work.notes, authors, strict=True):
        mine = not who or any(a.email.casefold() == email.casefold() for a in who)
        asked = author is not None and any(author.casefold() in (a.name.casefold(), a.email.casefold()) for a in who)
        if mine if author is None else asked:
            kept.append(note)
            continue
        names = ", ".join(sorted(a.name for a in who)) or name
        remedy = f'`synclog push --for "{names}"` pushes it' if author is None else ""
        held.append(Held("note", f"written by {names}, who pushes it", remedy, note.line, False))
    return replace(work, notes=tuple(kept), held=tuple(held))
