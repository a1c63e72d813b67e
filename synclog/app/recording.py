"""The record of what was done: the note leaves the file, the file shows what Syncro says, the trailers are committed.

Used by push after each effect, and by pull for what was posted and, since the run died, not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from synclog.app.again import with_remembered
from synclog.app.pending import NOT_SHOWN, TIME_NOT_RECORDED, on_another_labor, remedy_of
from synclog.app.rewriting import Edit, rewrite
from synclog.core import ticketfile
from synclog.core.pushsteps import TimeCase, time_of
from synclog.core.references import answering, note_reference
from synclog.core.ticketfile import Note, Stamp, TicketFile, parse_ticket_file
from synclog.core.trail import TrailEntry, message_with
from synclog.core.work import NoteWork, ticket_work
from synclog.errors import DecisionNeeded, InvalidFile
from synclog.model import Comment, Reference, TicketNumber, TimerEntry

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.reading import Sight
    from synclog.app.session import Session
    from synclog.core.filehead import FileHead


def record_note(
    session: Session, mirroring: Mirroring, path: str, work: NoteWork, sight: Sight, comment: Comment
) -> tuple[TimerEntry | None, str | None]:
    """Record that `comment` is the note `work` of the file at `path`.

    Returns the timer entry that Syncro made of its time, and what is wrong with the time, None when all is there. With
    a problem the note stays in the file, with the comment's id and the problem under `synclog:`. Raises DecisionNeeded
    when the note was changed while it was posted, and InvalidFile when the file was bent meanwhile: both stay as they
    are.
    """
    timer = _timer(work, sight, comment)
    problem = _problem(work, timer)
    entry = TrailEntry(
        op="comment",
        reference=work.reference,
        ticket=sight.ticket.number,
        comment=comment.id,
        timer=timer.id if timer else None,
        line_items=(timer.line_item_id,) if timer and timer.line_item_id else (),
        minutes=None if problem else work.minutes,
        billed_minutes=timer.billable_minutes if timer and not problem else None,
        labor=None if problem else work.labor,
    )

    def edit(file: TicketFile) -> str:
        note = _note_of(session, file, work)
        if problem is None:
            return ticketfile.without_notes(file.text, [note.index])
        stamp = note.stamp or ticketfile.Stamp(work.reference, work.day, work.place, comment.id, comment.user_id or 0)
        waiting = replace(stamp, comment=comment.id, problem=problem)
        return ticketfile.with_stamps(file.text, {note.index: waiting})

    write_record(session, mirroring, path, edit, sight, entry, _subject(work), comment.user_id or 0)
    return timer, problem


def write_record(
    session: Session,
    mirroring: Mirroring,
    path: str,
    edit: Edit,
    sight: Sight,
    entry: TrailEntry,
    subject: str,
    owner: int,
) -> None:
    """Change a file by `edit`, bring it up to date with `sight`, and commit it with the trailers of `entry`. `owner` is
    the Syncro user whose work it is."""

    def recorded(file: TicketFile) -> str:
        changed = parse_ticket_file(edit(file), path, mirroring.rules())
        changed = with_remembered(session, mirroring, changed, sight, owner, besides=entry.reference)
        return mirroring.refreshed(changed, sight).text

    rewrite(session, mirroring, path, recorded, message_with(f"push: #{sight.ticket.number} {subject}", [entry]))


def record_found_notes(
    session: Session, mirroring: Mirroring, sight: Sight, heads: Mapping[TicketNumber, FileHead]
) -> list[Reference]:
    """Record the stamped, unchanged notes of a ticket whose comments are in Syncro already; return their references.

    Only what is beyond doubt: exactly one comment of the user who stamped it, and a trail that does not have it. Raises
    DecisionNeeded when time is missing that belongs to one of them.
    """
    head = heads.get(sight.ticket.number)
    if head is None:
        return []
    try:
        file = parse_ticket_file(session.workspace.read_bytes(head.path), head.path, mirroring.rules())
    except InvalidFile:
        return []
    stamped = {n.stamp.reference: n for n in file.notes if n.stamp and _is_looked_for(n.stamp)}
    if not stamped:
        return []
    recorded = {entry.reference for entry in session.workspace.history.trail(list(stamped))}
    done = []
    for work in ticket_work(file, session.workspace.settings, session.today().date()).notes:
        stamp = work.stamp
        if stamp is None or stamp.reference not in stamped or stamp.reference in recorded:
            continue
        there = answering(sight.comments, stamp.reference, stamp.by)
        unchanged = (
            note_reference(sight.ticket.number, stamped[stamp.reference], stamp.day, stamp.place) == stamp.reference
        )
        if len(there) == 1 and unchanged:
            _, problem = record_note(session, mirroring, head.path, work, sight, there[0])
            if problem:
                raise DecisionNeeded(
                    f"#{sight.ticket.number}: comment {there[0].id} was posted before, and {problem}",
                    remedy=remedy_of(problem),
                )
            done.append(stamp.reference)
    return done


def _is_looked_for(stamp: Stamp) -> bool:
    """Whether a stamped note's comment has not been seen yet."""
    return stamp.comment is None or stamp.problem == NOT_SHOWN


def index_of(session: Session, file: TicketFile, reference: Reference, day: date) -> int | None:
    """Return which note of `file` has `reference`, None when none has it (any more). `day` is that of the work: a
    note without a day of its own has the day of its stamp, of today, or that on which the plan was made."""
    for today in (day, session.today().date()):
        for work in ticket_work(file, session.workspace.settings, today).notes:
            if work.reference == reference:
                return work.index
    return None


def _note_of(session: Session, file: TicketFile, work: NoteWork) -> Note:
    """The note in the file as it is now: by its reference, which a changed note does not have any more."""
    index = index_of(session, file, work.reference, work.day)
    if index is None:
        raise DecisionNeeded(
            f"#{file.number}: a note was changed while it was posted (reference {work.reference})",
            remedy="look at the ticket's last comment; the next push shows both side by side",
        )
    return next(note for note in file.notes if note.index == index)


def _timer(work: NoteWork, sight: Sight, comment: Comment) -> TimerEntry | None:
    if work.bills is None or work.product_id is None:
        return None
    case = TimeCase(comment, work.reference, work.product_id, work.bills)
    return time_of(case, sight.ticket.timers, comment.user_id or 0)


def _problem(work: NoteWork, timer: TimerEntry | None) -> str | None:
    """What is wrong with the time that was read back."""
    if work.minutes is None:
        return None
    if timer is None or timer.minutes <= 0:
        return TIME_NOT_RECORDED
    if timer.product_id not in (None, work.product_id):
        return on_another_labor(timer.product_id)
    return None


def _subject(work: NoteWork) -> str:
    first = work.text.strip().splitlines()[0]
    return first if len(first) <= 50 else first[:49] + "…"
