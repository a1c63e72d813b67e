"""What a note says, without its stamp, and how two sides' changes of it are joined."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from synclog.core.joining.lines import changed_one
from synclog.core.notes import Note
from synclog.core.references import note_content

_T = TypeVar("_T")


def saying(note: Note) -> tuple[object, ...]:
    """Return all that a note says."""
    return (*note_content(note), note.date, note.hold)


def joined_saying(old: Note | None, mine: Note, other: Note) -> Note | None:
    """Return the note with what either side changed, None where both changed one thing differently.

    The words and the time that they are billed with belong together: they are never joined of two wordings.
    """
    if old is None:
        alike = note_content(mine) == note_content(other) and mine.date == other.date
        return replace(mine, hold=mine.hold or other.hold) if alike else None
    if any(_clash(of(old), of(mine), of(other)) for of in (_work, _subject, _audience, _date)):
        return None
    return replace(
        other if _work(mine) == _work(old) else mine,
        subject=changed_one(old.subject, mine.subject, other.subject),
        to=changed_one(old.to, mine.to, other.to),
        date=changed_one(old.date, mine.date, other.date),
        hold=changed_one(old.hold, mine.hold, other.hold),
    )


def worded_by_theirs(old: Note | None, mine: Note, other: Note) -> bool:
    """Return whether the words are theirs, of two that were joined."""
    if old is None:
        return False
    return saying(mine) == saying(old) or _work(mine) == _work(old) != _work(other)


def _work(note: Note) -> tuple[object, ...]:
    text, minutes, billed, labor, *_ = note_content(note)
    return (text, minutes, billed, labor)


def _subject(note: Note) -> object:
    return note.subject


def _audience(note: Note) -> object:
    return note.to


def _date(note: Note) -> object:
    return note.date


def _clash(old: _T, mine: _T, other: _T) -> bool:
    return mine != old and other != old and mine != other
