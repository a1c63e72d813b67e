"""What waits in a technician's file as facts for a report: notes that were never pushed, and dropped time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from synclog.core.report import Piece, State
from synclog.core.reportfacts import Names
from synclog.core.settings import Settings
from synclog.core.ticketfile import Note, TicketFile
from synclog.core.work import ticket_work


def pieces_of_notes(
    file: TicketFile, settings: Settings, names: Names, today: date, authors: Sequence[str]
) -> tuple[Piece, ...]:
    """Return the notes of a file as pieces of work, those without time too. `authors` wrote them, in their order."""
    if file.is_draft:
        works = {}
    else:
        works = {note.index: note for note in ticket_work(file, settings, today).notes}
    pieces = []
    for note, author in zip(file.notes, authors, strict=True):
        work = works.get(note.index)
        minutes = note.minutes or 0
        bills = work.bills if work and work.bills is not None else note.billed if note.billed is not None else minutes
        alias = (work.labor if work else None) or note.labor or settings.defaults.labor or ""
        product = settings.labor[alias].product_id if alias in settings.labor else None
        waits = note.stamp is not None and note.stamp.comment is not None and note.stamp.problem is not None
        state: State = "dropped" if waits else "not_pushed"
        day = work.day if work else _day(note, today)
        amount = names.price(bills, product) if bills else None
        pieces.append(Piece(author, alias or "(none)", day, minutes, bills, amount, state))
    return tuple(pieces)


def _day(note: Note, today: date) -> date:
    if note.stamp is not None:
        return note.stamp.day
    return note.date.resolve(today) if note.date else today
