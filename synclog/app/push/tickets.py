"""One ticket's turn in a push: its creation, its one-offs, its notes in file order, its invoice, its changes; the first
that is not done holds back the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from synclog.app.push.creating import push_draft
from synclog.app.push.found import record_found
from synclog.app.push.invoices import push_invoice
from synclog.app.push.looking import Look, read_back, read_look
from synclog.app.push.notes import push_note
from synclog.app.push.oneoffs.going import push_one_offs
from synclog.app.push.stamps import counted, new_stamp
from synclog.app.push.surroundings import FileEdit
from synclog.app.push.updates import push_changes
from synclog.core.deciding.steps import Doubt, Leave
from synclog.core.plan import PlannedNote, TicketPlan
from synclog.core.references import reference_of
from synclog.core.trail import stamp_message
from synclog.core.work import ticket_work
from synclog.errors import DecisionNeeded

if TYPE_CHECKING:
    from synclog.app.push.state import RunState


def run_ticket(state: RunState, ticket: TicketPlan, look: Look | None, *, settled: bool) -> bool:
    """Do what is left of a ticket's plan. `look` is what was read for the plan; None reads anew, after a `settle`.

    Returns whether something must be looked for again when `settle` has passed. Raises what stops this ticket; what
    was finished before is in `state.done`.
    """
    if ticket.draft is not None:
        made = push_draft(state, ticket, settled=settled)
        if made is None:
            return True
        state.know(made.number)
        ticket = _with_stamped_notes(state, ticket, made)
        look = None
    if ticket.doing:
        if push_one_offs(state, ticket, settled=settled):
            return True
        if not (ticket.notes or ticket.invoice or ticket.changes):
            return False
        # They changed what the plan was made of.
        look = None
    if look is None:
        look = _look_again(state, ticket)
    if any(done.op == "create" and done.number == ticket.number and done.was_there for done in state.done):
        # It was created from elsewhere, and more may have been posted to it from there.
        read_back(state.around, look)
    record_found(state, ticket, look)
    finished = {done.reference for done in state.done if done.reference}
    for planned in ticket.notes:
        if planned.work.reference in finished or isinstance(planned.step, Leave):
            continue
        if planned.decides:
            return False
        after = push_note(state, ticket, planned, look, settled=settled)
        if after is None:
            return True
        look = after
    sets_status = None
    if ticket.invoice is not None:
        if isinstance(ticket.invoice.step, Doubt):
            return False
        billed = push_invoice(state, ticket, look, settled=settled)
        if billed is None:
            return True
        look, sets_status = billed, ticket.invoice.sets_status
    return push_changes(state, ticket, look, sets_status, settled=settled)


def _is_recorded(state: RunState, ticket: TicketPlan, note: PlannedNote) -> bool:
    """Whether a draft's note was posted before, from another copy of the draft."""
    days = {note.work.day, state.around.today().date()}
    names = {reference_of(ticket.number, note.work.content, day, place) for day in days for place in range(1, 6)}
    return not names.isdisjoint(state.ledger.recorded)


def _look_again(state: RunState, ticket: TicketPlan) -> Look:
    around = state.around
    file = around.desk.current(ticket.path, state.mirroring)
    return read_look(around, ticket_work(file, around.settings, around.today().date()))


def _with_stamped_notes(state: RunState, planned: TicketPlan, ticket: TicketPlan) -> TicketPlan:
    """The plan of a ticket that was just created, its notes having their references now, and their stamps.

    They must be the notes that were shown. Raises DecisionNeeded where they are others by now.
    """
    around = state.around
    file = around.desk.current(ticket.path, state.mirroring)
    works = ticket_work(file, around.settings, around.today().date()).notes
    notes: list[PlannedNote] = []
    for shown in planned.notes:
        taken = {note.work.index for note in notes}
        same = (w for w in works if w.content == shown.work.content and w.index not in taken)
        found = next(same, None)
        if found is None and _is_recorded(state, ticket, shown):
            continue
        if found is None:
            raise DecisionNeeded(
                f"{ticket.name}: a note was changed or removed while the ticket was created; it was not sent",
                remedy="run `synclog push` again",
            )
        notes.append(replace(shown, work=found))
    fresh = [note.work for note in notes if note.work.stamp is None]
    if fresh:
        stamps = {work.index: new_stamp(work, 0, state.me.user_id) for work in fresh}
        references = [work.reference for work in fresh]
        message = stamp_message(f"stamp: {ticket.name} ({counted(references)})", references)
        if around.desk.stamp({ticket.path: FileEdit(stamps=stamps)}, {ticket.path: file}, message):
            raise DecisionNeeded(
                f"{ticket.path} was saved by another program just now; its notes were not sent",
                remedy="run `synclog push` again",
            )
        state.stamped.update(references)
        state.unsent.update(references)
    return replace(ticket, notes=tuple(notes))
