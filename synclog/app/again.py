"""Notes that stand again in a file that was behind: remembered before the file learns of the comments it missed.

A file of another branch, or a stale buffer that an editor saved, can hold a note that was posted from elsewhere. It is
known by the comments that the file's base has not seen (core/work.py). As soon as the base moves on that is lost, so it
is written into the note first: as a stamp whose earlier reference is the comment's, which push takes for doubtful.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synclog.core import ticketfile
from synclog.core.ticketfile import Stamp, TicketFile, parse_ticket_file
from synclog.core.work import NoteWork, posted_before, ticket_work
from synclog.model import Comment, Reference

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.reading import Sight
    from synclog.app.session import Session


def with_remembered(
    session: Session,
    mirroring: Mirroring,
    file: TicketFile,
    sight: Sight,
    owner: int | None,
    besides: Reference | None = None,
) -> TicketFile:
    """Return `file` with such notes stamped. `owner` is whose comments count, None: asked for where it matters;
    `besides` is a reference that was recorded just now."""
    settings = session.workspace.settings
    work = ticket_work(file, settings, session.today().date())
    taken = {besides, *(note.stamp.reference for note in file.notes if note.stamp)}

    def earlier(note: NoteWork, comments: tuple[Comment, ...]) -> list[Reference]:
        return [r for r in posted_before(note, work, comments, settings.timezone) if r not in taken]

    found = [note for note in work.notes if earlier(note, sight.comments)]
    if not found:
        return file
    who = session.client.me().user_id if owner is None else owner
    own = tuple(comment for comment in sight.comments if comment.user_id == who)
    stamps: dict[int, Stamp | None] = {}
    for note in found:
        references = [r for r in earlier(note, own) if r != note.reference]
        if references:
            stamps[note.index] = Stamp(
                note.reference, note.day, note.place, sight.last_comment, who, earlier=tuple(references)
            )
    if not stamps:
        return file
    return parse_ticket_file(ticketfile.with_stamps(file.text, stamps), file.path, mirroring.rules())
