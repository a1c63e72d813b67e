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

from synclog.core.notes import Stamp
from synclog.core.settings import Settings
from synclog.core.work import NoteWork, posted_before, ticket_work
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
    """Return the stamps of such notes by their index. `comments` are the ticket's, `owner` (asked where it matters) is
    whose of them count; `besides` is a reference that was recorded just now. `unseen` says that the notes know none of
    the comments, whatever the file's base says: they come from the draft that became the ticket."""
    if not file.notes:
        return {}
    work = ticket_work(file, settings, today)
    work = replace(work, seen=0) if unseen else work
    stamped = [note.stamp for note in file.notes if note.stamp]
    taken = {besides, *(r for stamp in stamped for r in (stamp.reference, *stamp.earlier))}

    def earlier(note: NoteWork, among: Sequence[Comment]) -> list[Reference]:
        return [r for r in posted_before(note, work, among, settings.timezone) if r not in taken]

    found = [note for note in work.notes if earlier(note, comments)]
    if not found:
        return {}
    who = owner()
    own = tuple(comment for comment in comments if comment.user_id == who)
    stamps: dict[int, Stamp | None] = {}
    for note in found:
        references = [r for r in earlier(note, own) if r != note.reference]
        if references and note.stamp is not None:
            stamps[note.index] = replace(note.stamp, earlier=(*note.stamp.earlier, *references))
        elif references:
            stamps[note.index] = Stamp(note.reference, note.day, note.place, work.seen, who, earlier=tuple(references))
    return stamps
