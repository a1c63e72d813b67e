"""The record of what was done: the note leaves the file, the file shows what Syncro says, the trailers are committed.

Used by push after each effect, and by pull for what was posted and, since the run died, not recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from synclog.app.push.stamps import index_of, marked
from synclog.app.push.surroundings import FileEdit
from synclog.core.deciding.steps import TimeRecord
from synclog.core.deciding.times import billed_minutes
from synclog.core.notes import Stamp
from synclog.core.references import closing_reference, ticket_of
from synclog.core.trail import Ledger, TrailEntry, message_with, stamp_message
from synclog.core.work import NoteWork, equal_behind
from synclog.errors import DecisionNeeded
from synclog.model import Comment, Reference, TimerEntry

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.push.surroundings import Surroundings
    from synclog.app.reading import Sight
    from synclog.core.ticketfile import TicketFile


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes records of one ticket's file. `ledger` is what history has already."""

    around: Surroundings
    mirroring: Mirroring
    path: str
    ledger: Ledger

    def note(self, work: NoteWork, sight: Sight, comment: Comment, time: TimeRecord | None) -> TrailEntry | None:
        """Record that a note is posted, with its time; return the entry, None where history has all of it already.

        Raises DecisionNeeded when the note was changed while it was posted, and InvalidFile when the file was bent
        meanwhile: both stay as they are.
        """
        settled = work.stamp is not None and work.stamp.time_settled
        entry = None
        reference = recorded_as(work, comment, self.ledger)
        if reference not in (self.ledger.recorded if work.minutes is None else self.ledger.timed):
            entry = entry_of(work, sight, comment, time, self.ledger, timed=time is not None or settled)

        def edit(file: TicketFile) -> FileEdit:
            index = self._index(file, work)
            behind = equal_behind(file, index, self.around.today().date())
            # Equal notes keep their places, and with them their references.
            stamps = {i: Stamp(ref, day, place, comment.id, comment.user_id or 0) for i, day, place, ref in behind}
            return FileEdit(stamps=stamps, without=(index,), sight=sight, owner=comment.user_id, besides=work.reference)

        message = message_with(_summary(work, sight), [entry] if entry else [])
        # What else it was stamped with, before or after it was changed, is over with it.
        stamp = work.stamp
        ended = [r for r in ((stamp.reference, *stamp.earlier) if stamp else ()) if r != reference]
        if ended:
            message += "\n" + stamp_message("", ended, taken_back=True).strip() + "\n"
        self.around.desk.rewrite(self.path, self.mirroring, edit, message)
        return entry

    def problem(
        self, work: NoteWork, sight: Sight, comment: Comment, problem: str, time: TimeRecord | None = None
    ) -> TrailEntry | None:
        """Write into a note that its comment is posted, and why it is not done. Returns the entry of the comment, None
        where history has it already."""
        known = recorded_as(work, comment, self.ledger) in self.ledger.recorded
        entry = None if known else entry_of(work, sight, comment, time, self.ledger, timed=False)

        def edit(file: TicketFile) -> FileEdit:
            stamp = marked(work, comment.user_id or 0, comment.id, problem)
            return FileEdit(
                stamps={self._index(file, work): stamp}, sight=sight, owner=comment.user_id, besides=work.reference
            )

        message = message_with(_summary(work, sight), [entry]) if entry else f"stamp: #{sight.ticket.number} {problem}"
        self.around.desk.rewrite(self.path, self.mirroring, edit, message)
        return entry

    def _index(self, file: TicketFile, work: NoteWork) -> int:
        """The note in the file as it is now: by its reference, which a changed note does not have any more."""
        index = index_of(self.around, file, work.reference, work.day)
        if index is None:
            raise DecisionNeeded(
                f"#{file.number}: a note was changed while it was posted (reference {work.reference})",
                remedy="look at the ticket's last comment; the next push shows both side by side",
            )
        return index


def recorded_as(work: NoteWork, comment: Comment, ledger: Ledger) -> Reference:
    """Return the reference under which history has a note. One that was changed after it was posted has another one by
    now: then it is the one at the end of its comment; where the account has cut that off, the one that history has of
    that comment, if any."""
    closing = closing_reference(comment.body)
    if closing is not None and ticket_of(closing) is not None:
        return closing
    known = (entry.reference for entry in ledger.entries if entry.comment == comment.id and entry.reference)
    return next(known, work.reference)


def entry_of(
    work: NoteWork, sight: Sight, comment: Comment, time: TimeRecord | None, ledger: Ledger, *, timed: bool
) -> TrailEntry:
    """Return the trail's entry of a note. Where history has its comment already, it is the entry of its time alone.
    Without `timed` its time waits."""
    timer = time if isinstance(time, TimerEntry) else None
    charge = timer.line_item_id if timer else time.id if time else None
    reference = recorded_as(work, comment, ledger)
    return TrailEntry(
        op="time" if reference in ledger.recorded else "comment",
        reference=reference,
        ticket=sight.ticket.number,
        comment=comment.id,
        timer=timer.id if timer else None,
        line_items=(charge,) if charge else (),
        minutes=work.minutes if timed else None,
        billed_minutes=billed_minutes(time) if time and timed else None,
        labor=work.labor if timed else None,
        time_waits=work.minutes is not None and not timed,
    )


def first_words(text: str) -> str:
    """Return the beginning of a note for the summary of a commit."""
    first = text.strip().splitlines()[0]
    return first if len(first) <= 50 else first[:49] + "…"


def _summary(work: NoteWork, sight: Sight) -> str:
    return f"push: #{sight.ticket.number} {first_words(work.text)}"
