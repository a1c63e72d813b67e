"""Sending a ticket's changed fields: read again, send what nobody changed meanwhile, read back by value, record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from synclog.app.planning import Look, change_plans
from synclog.app.reading import read_ticket
from synclog.app.recording import write_record
from synclog.app.rewriting import current_file
from synclog.app.runstate import Done, answer_lost
from synclog.core import ticketfile
from synclog.core.merge import same
from synclog.core.ticketfile import TicketFile
from synclog.core.trail import TrailEntry
from synclog.core.work import ticket_work
from synclog.errors import DecisionNeeded, OutcomeUnknown
from synclog.model import TicketChange

if TYPE_CHECKING:
    from synclog.app.reading import Sight
    from synclog.app.runstate import RunState
    from synclog.core.plan import PlannedChange, TicketPlan


def push_changes(state: RunState, ticket: TicketPlan, look: Look, sets_status: str | None, *, settled: bool) -> bool:
    """Send the field changes of a ticket's plan, and the status that its invoice sets.

    Returns whether the answer was lost and the fields must be read again after a `settle`.
    """
    agreed = {planned.change.field: planned.change.mine for planned in ticket.changes}
    agreed |= {"status": sets_status} if sets_status else {}
    if not agreed:
        return False
    session = state.session
    file = current_file(session, state.mirroring, ticket.path)
    work = ticket_work(file, session.workspace.settings, session.today().date())
    clashing = sorted(agreed.keys() & file.conflicts.keys())
    if clashing:
        raise DecisionNeeded(
            f"#{ticket.number}: {', '.join(clashing)} was changed in Syncro meanwhile; your value stays in the file",
            remedy="keep the right value there and delete the entry under `conflicts:`",
        )
    mine = {change.field: change.mine for change in work.changes if change.field in agreed}
    if not mine:
        return False
    # Tags that Syncro got meanwhile have come to mine: they are a set, and what was shown of it is still in it.
    other = [field for field, value in mine.items() if field != "tags" and not same(value, agreed[field])]
    if other:
        raise DecisionNeeded(
            f"#{ticket.number}: {', '.join(other)} was edited while it was being pushed; it was not sent",
            remedy="run `synclog push` again",
        )
    sight = read_ticket(session.client, ticket.id, look.comments)
    planned, held = change_plans(session, file, Look(work, sight=sight), state.mirroring)
    planned = tuple(p for p in planned if p.change.field in agreed)
    held = tuple(h for h in held if h.what in agreed)
    if held:
        raise DecisionNeeded(f"#{ticket.number}: {held[0].reason}; it was not sent", remedy=held[0].remedy)
    sending = [p for p in planned if not p.done]
    if sending:
        try:
            session.client.update_ticket(ticket.id, TicketChange(tuple((p.wire_name, p.wire_value) for p in sending)))
        except OutcomeUnknown as error:
            answer_lost(ticket.number, "the ticket was changed", error, settled=settled)
            return True
        sight = read_ticket(session.client, ticket.id, sight.comments)
    _record(state, ticket, sight, planned, was_there=not sending)
    return False


def _record(
    state: RunState, ticket: TicketPlan, sight: Sight, planned: Sequence[PlannedChange], *, was_there: bool
) -> None:
    session = state.session
    now = state.mirroring.fields_of(sight)
    there = [p for p in planned if p.is_in(sight.ticket, now[p.change.field])]
    missing = [p.change.field for p in planned if p not in there]
    if there:
        names = ", ".join(p.change.field for p in there)
        entry = TrailEntry(op="update", reference=None, ticket=ticket.number)
        values = {p.change.field: (p.change.mine, now[p.change.field]) for p in there}

        def edit(file: TicketFile) -> str:
            # A field that the technician changed once more meanwhile is the next push's.
            done = {f: new for f, (sent, new) in values.items() if same(file.fields.get(f), sent)}
            return ticketfile.with_fields(file.text, done)

        write_record(session, state.mirroring, ticket.path, edit, sight, entry, names, state.me.user_id)
        what = ", ".join(f"{p.change.field} {_shown(now[p.change.field])}" for p in there)
        state.done.append(Done(op="update", number=ticket.number, what=what, was_there=was_there))
    if missing:
        raise DecisionNeeded(
            f"#{ticket.number}: Syncro took the change and still shows another {', '.join(missing)}",
            remedy=f"run `synclog pull {ticket.number}` and look at what it says",
        )


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value or "none")
