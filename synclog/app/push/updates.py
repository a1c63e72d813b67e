"""Sending a ticket's changed fields: read again, send what nobody changed meanwhile, read back by value, record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from synclog.app.push.changes import change_plans
from synclog.app.push.looking import Look, read_back
from synclog.app.push.state import Done, attempt
from synclog.app.push.surroundings import FileEdit
from synclog.core.merge import same
from synclog.core.trail import TrailEntry, message_with
from synclog.core.work import ticket_work
from synclog.errors import DecisionNeeded
from synclog.model import TicketChange

if TYPE_CHECKING:
    from synclog.app.push.state import RunState
    from synclog.app.reading import Sight
    from synclog.core.plan import PlannedChange, TicketPlan
    from synclog.core.ticketfile import TicketFile


def push_changes(state: RunState, ticket: TicketPlan, look: Look, sets_status: str | None, *, settled: bool) -> bool:
    """Send the field changes of a ticket's plan, and the status that its invoice sets.

    Returns whether the answer was lost and the fields must be read again after a `settle`.
    """
    # By what Syncro is sent: a name that was typed in part is the account's own once its lists are known.
    agreed = {planned.change.field: planned.wire_value for planned in ticket.changes}
    agreed |= {"status": sets_status} if sets_status else {}
    if not agreed:
        return False
    around = state.around
    file = around.desk.current(ticket.path, state.mirroring)
    work = ticket_work(file, around.settings, around.today().date())
    clashing = sorted(agreed.keys() & file.conflicts.keys())
    if clashing:
        raise DecisionNeeded(
            f"{ticket.name}: {', '.join(clashing)} was changed in Syncro meanwhile; your value stays in the file",
            remedy=f"`synclog resolve {ticket.number} --ours` or `--theirs`",
        )
    if not any(change.field in agreed for change in work.changes):
        return False
    sight = read_back(around, look)
    look.work = work
    planned, held = change_plans(around.client, look, state.mirroring)
    planned = tuple(p for p in planned if p.change.field in agreed)
    held = tuple(h for h in held if h.what in agreed)
    # Tags that Syncro got meanwhile have come to mine: they are a set, and what was shown of it is still in it.
    other = [p.change.field for p in planned if p.change.field != "tags" and p.wire_value != agreed[p.change.field]]
    if other:
        raise DecisionNeeded(
            f"{ticket.name}: {', '.join(other)} was edited while it was being pushed; it was not sent",
            remedy="run `synclog push` again",
        )
    if held:
        raise DecisionNeeded(f"{ticket.name}: {held[0].reason}; it was not sent", remedy=held[0].remedy)
    sending = [p for p in planned if not p.done]
    if sending:
        change = TicketChange(tuple((p.wire_name, p.wire_value) for p in sending))
        reference = f"{ticket.number}-update"
        what, client = "the ticket was changed", around.client
        sent = attempt(
            state, ticket.number, reference, what, lambda: client.update_ticket(ticket.id, change), settled=settled
        )
        if sent is None:
            return True
        sight = read_back(around, look)
    _record(state, ticket, sight, planned, was_there=not sending)
    return False


def _record(
    state: RunState, ticket: TicketPlan, sight: Sight, planned: Sequence[PlannedChange], *, was_there: bool
) -> None:
    now = state.mirroring.fields_of(sight)
    there = [p for p in planned if p.is_in(sight.ticket, now[p.change.field])]
    missing = [p.change.field for p in planned if p not in there]
    if there:
        names = ", ".join(p.change.field for p in there)
        entry = TrailEntry(op="update", reference=None, ticket=ticket.number)
        values = {p.change.field: (p.change.mine, now[p.change.field]) for p in there}
        owner = state.me.user_id

        def edit(file: TicketFile) -> FileEdit:
            # A field that the technician changed once more meanwhile is the next push's.
            done = {f: new for f, (sent, new) in values.items() if same(file.fields.get(f), sent)}
            return FileEdit(fields=done, sight=sight, owner=owner)

        message = message_with(f"push: {ticket.name} {names}", [entry])
        state.around.desk.rewrite(ticket.path, state.mirroring, edit, message)
        what = ", ".join(f"{p.change.field} {_shown(now[p.change.field])}" for p in there)
        state.done.append(Done(op="update", number=ticket.number, what=what, was_there=was_there))
    if missing:
        raise DecisionNeeded(
            f"{ticket.name}: Syncro took the change and still shows another {', '.join(missing)}",
            remedy=f"run `synclog pull {ticket.number}` and look at what it says",
        )


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value or "none")
