"""Notes that stand again in a file that was behind: remembered before the file learns of the comments it missed.

A file of another branch, or a stale buffer that an editor saved, can hold a note that was posted from elsewhere. It is
known by the comments that the file's base has not seen (core/work.py). As soon as the base moves on that is lost, so it
is written into the note first: the comment's reference as an earlier one of its stamp, which push takes for doubtful.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from synclog.core.deciding.notes import bare_words, is_alike
from synclog.core.notes import Stamp
from synclog.core.references import closing_reference, mentions
from synclog.core.settings import Settings
from synclog.core.work import NoteWork, TicketWork, posted_before, ticket_work
from synclog.model import Comment, Reference

if TYPE_CHECKING:
    from synclog.core.ticketfile import TicketFile


def remembered(
    file: TicketFile,
    comments: Sequence[Comment],
    settings: Settings,
    today: date,
    owner: Callable[[], int],
    besides: Reference | None = None,
    *,
    unseen: bool = False,
) -> dict[int, Stamp | None]:
    """Return the stamps of such notes by their index. `comments` are the ticket's, of which those of technicians count;
    `owner` (asked where it matters) is whose key it is, `besides` a reference that was recorded just now. `unseen` says
    that the notes know none of the comments, whatever the file's base says: they come from the draft that became the
    ticket."""
    if not file.notes:
        return {}
    work = ticket_work(file, settings, today)
    work = replace(work, seen=0) if unseen else work
    stamped = [note.stamp for note in file.notes if note.stamp]
    taken = {besides, *(r for stamp in stamped for r in (stamp.reference, *stamp.earlier))}
    written = [comment for comment in comments if comment.user_id is not None]
    stamps: dict[int, Stamp | None] = {}
    for note in work.notes:
        before = posted_before(note, work, written, settings.timezone)
        references = [r for r in before if r not in taken and r != note.reference]
        writers = {c.user_id or 0 for c in written if any(mentions(c.body, r) for r in references)}
        if writers:
            # Whoever pulls it: it is its writer's to say what it is.
            stamps[note.index] = _looked_for(note, work, references, owner() if len(writers) > 1 else writers.pop())
        elif note.stamp is None and _cut_off(note, work, written, owner):
            stamps[note.index] = _looked_for(note, work, (), owner())
    return stamps


def _looked_for(note: NoteWork, work: TicketWork, references: Sequence[Reference], by: int) -> Stamp:
    if note.stamp is not None:
        return replace(note.stamp, earlier=(*note.stamp.earlier, *references))
    return Stamp(note.reference, note.day, note.place, work.seen, by, earlier=tuple(references))


def _cut_off(note: NoteWork, work: TicketWork, comments: Sequence[Comment], owner: Callable[[], int]) -> bool:
    """Whether a comment that the file does not know of may be the note, its reference cut off: a push would ask about
    it, but not once the file knows of it."""
    words = bare_words(note.text)
    unseen = (c for c in comments if c.id > work.seen and closing_reference(c.body) is None)
    return any(is_alike(words, c.body) and c.user_id == owner() for c in unseen)
