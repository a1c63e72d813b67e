"""Posting one note: decide, stamp where it has none that fits, post, read back, record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from synclog.app.pending import NOT_SHOWN, remedy_of
from synclog.app.planning import Look, body_of, note_plans
from synclog.app.reading import Sight, read_ticket
from synclog.app.recording import record_note
from synclog.app.rewriting import current_file
from synclog.app.runstate import Done, answer_lost
from synclog.app.stamping import new_stamp, restamp
from synclog.app.turns import note_sent
from synclog.core.pushsteps import Doubt, Leave, NoteStep, Record, Restamp, Wait
from synclog.core.references import answering
from synclog.core.work import NoteWork, ticket_work
from synclog.errors import DecisionNeeded, OutcomeUnknown, SynclogError
from synclog.model import Comment, CommentDraft, CommentId, Reference

if TYPE_CHECKING:
    from synclog.app.runstate import RunState
    from synclog.core.plan import TicketPlan


def push_note(state: RunState, ticket: TicketPlan, reference: Reference, look: Look, *, settled: bool) -> Look | None:
    """Bring the note `reference` of a ticket to its end. Returns what is known of the ticket then, None when the note
    has to be looked for again after a `settle`. Raises what stops the ticket."""
    work = _current(state, ticket, reference)
    if work is None:
        return look
    step = _step(state, replace(look, work=replace(look.work, notes=(work,))), settled)
    if isinstance(step, Record):
        sight = look.sight or read_ticket(state.session.client, ticket.id, look.comments)
        return _record(state, ticket, work, sight, step.comment, look, was_there=True)
    if isinstance(step, Wait):
        return None
    if isinstance(step, Doubt):
        raise DecisionNeeded(
            f"#{ticket.number}: a note is doubtful and was not sent: {step.reason}",
            remedy="compare it with the comments of the ticket, then delete the note or its `synclog:` line",
        )
    if isinstance(step, Leave):
        return look
    if work.stamp is not None and work.stamp.comment is not None:
        raise _not_shown(ticket, work.stamp.comment)
    if work.minutes is not None and state.time_dropped:
        raise DecisionNeeded(
            f"#{ticket.number}: a note with time was not sent, since this account did not record time with a comment",
            remedy="settle that note first",
        )
    if isinstance(step, Restamp) or work.stamp is None:
        work = _stamp_anew(state, ticket, work, look)
    return _post(state, ticket, work, look, settled=settled)


def _current(state: RunState, ticket: TicketPlan, reference: Reference) -> NoteWork | None:
    """The note as its file has it now, None when another process has recorded it meanwhile. One that was changed since
    the plan was shown is not what was agreed to."""
    file = current_file(state.session, state.mirroring, ticket.path)
    planned = next(note.work for note in ticket.notes if note.work.reference == reference)
    days = (planned.day, state.session.today().date())
    found = (n for day in days for n in ticket_work(file, state.session.workspace.settings, day).notes)
    work = next((note for note in found if note.reference == reference), None)
    if work is None and state.session.workspace.history.trail([reference]):
        return None
    if work is None:
        raise DecisionNeeded(
            f"#{ticket.number}: a note was changed or removed while it was being pushed; it was not sent",
            remedy="run `synclog push` again",
        )
    return work


def _step(state: RunState, look: Look, settled: bool) -> NoteStep:
    return note_plans(state.session, look, state.me, settled=settled, begun_here=state.begun)[0][1]


def _stamp_anew(state: RunState, ticket: TicketPlan, work: NoteWork, look: Look) -> NoteWork:
    stamp = new_stamp(work, max((c.id for c in look.comments), default=0), state.me.user_id)
    restamp(state.session, state.mirroring, ticket, work, stamp, "stamp")
    state.begun.add(work.reference)
    return replace(work, stamp=stamp)


def _post(state: RunState, ticket: TicketPlan, work: NoteWork, look: Look, *, settled: bool) -> Look | None:
    session = state.session
    draft = CommentDraft(
        subject=work.subject,
        body=body_of(session, work),
        to=work.to,
        product_id=work.product_id,
        minutes=work.bills,
        bill_time_now=session.workspace.settings.charge_now and work.bills is not None,
    )
    state.begun.discard(work.reference)
    note_sent(session.workspace, work.reference)
    posted = f"a note was posted ({work.reference})"
    try:
        accepted = session.client.add_comment(ticket.id, draft)
    except OutcomeUnknown as error:
        answer_lost(ticket.number, posted, error, settled=settled)
        return None
    except SynclogError:
        # Surely refused: the server took nothing, so nothing is under way that a stamp would have to tell of.
        note_sent(session.workspace, work.reference, refused=True)
        restamp(session, state.mirroring, ticket, work, None, "stamp: taken back")
        raise
    sight = read_ticket(session.client, ticket.id, look.comments)
    there = answering(sight.comments, work.reference, state.me.user_id)
    if not there:
        # It is posted, whatever is shown of it: written down at once, since nobody finds it without its reference.
        stamp = work.stamp or new_stamp(work, 0, state.me.user_id)
        marked = replace(stamp, comment=accepted.id, problem=NOT_SHOWN)
        restamp(session, state.mirroring, ticket, work, marked, "stamp: accepted, not shown")
        if settled:
            raise _not_shown(ticket, accepted.id)
        return None
    return _record(state, ticket, work, sight, there[0], look, was_there=False)


def _record(
    state: RunState, ticket: TicketPlan, work: NoteWork, sight: Sight, comment: Comment, look: Look, *, was_there: bool
) -> Look:
    timer, problem = record_note(state.session, state.mirroring, ticket.path, work, sight, comment)
    state.done.append(
        Done(
            op="comment",
            number=ticket.number,
            what=work.text.strip().splitlines()[0],
            reference=work.reference,
            comment=comment.id,
            timer=timer.id if timer else None,
            minutes=work.minutes if timer and not problem else None,
            billed=timer.billable_minutes if timer and not problem else None,
            was_there=was_there,
        )
    )
    if problem:
        state.time_dropped = True
        raise DecisionNeeded(
            f"#{ticket.number}: comment {comment.id} is posted, and {problem}", remedy=remedy_of(problem)
        )
    return replace(look, sight=sight, comments=sight.comments)


def _not_shown(ticket: TicketPlan, comment: CommentId) -> DecisionNeeded:
    return DecisionNeeded(
        f"#{ticket.number}: comment {comment} is in Syncro, and {NOT_SHOWN}", remedy=remedy_of(NOT_SHOWN)
    )
