"""Whether a note was posted from the other side: by the references that its conversation shows and ours does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from synclog.core.mirror import parse_mirror
from synclog.core.notes import Note
from synclog.core.references import closing_reference, note_content, reference_of
from synclog.model import Reference, TicketNumber

_DAYS = 14
_PLACES = range(1, 6)


@dataclass(frozen=True, slots=True)
class Shown:
    """A reference that ends a comment, and the comment's local day."""

    reference: Reference
    day: date


def shown_in(mirror: str) -> frozenset[Shown]:
    """Return the references that end the comments of a file's mirrored text."""
    entries = parse_mirror(mirror, UTC).entries if "Ref " in mirror else ()
    found = ((closing_reference(entry.text), entry.when.date()) for entry in entries)
    return frozenset(Shown(reference, day) for reference, day in found if reference is not None)


def is_posted(number: TicketNumber, note: Note, fresh: Collection[Shown]) -> bool:
    """Return whether `fresh` holds a reference of the note: one that it was stamped with, or the one that it has on the
    day of that comment or some days before, since an undated note has another one each day."""
    stamps = {note.stamp.reference, *note.stamp.earlier} if note.stamp else set()
    return any(shown.reference in stamps or _is_of(number, note, shown) for shown in fresh)


def of_none(number: TicketNumber, notes: Iterable[Note], fresh: Collection[Shown]) -> bool:
    """Return whether some reference of `fresh` is none of these notes': of one that was changed, and then posted."""
    known = list(notes)
    return any(not any(is_posted(number, note, (shown,)) for note in known) for shown in fresh)


def _is_of(number: TicketNumber, note: Note, shown: Shown) -> bool:
    days = [shown.day - timedelta(days=back) for back in range(_DAYS)]
    days += [note.date.day] if note.date and note.date.day else []
    content = note_content(note)
    return any(shown.reference == reference_of(number, content, day, place) for day in days for place in _PLACES)
