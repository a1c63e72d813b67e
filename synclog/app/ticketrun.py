"""One ticket's turn in a push: its notes in file order, its invoice, its changes; the first not done holds the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synclog.app.invoicing import push_invoice
from synclog.app.noting import push_note
from synclog.app.planning import Look, read_look
from synclog.app.rewriting import current_file
from synclog.app.updating import push_changes
from synclog.core.pushsteps import Doubt, Leave
from synclog.core.work import ticket_work

if TYPE_CHECKING:
    from synclog.app.runstate import RunState
    from synclog.core.plan import TicketPlan


def run_ticket(state: RunState, ticket: TicketPlan, look: Look | None, *, settled: bool) -> bool:
    """Do what is left of a ticket's plan. `look` is what was read for the plan; None reads anew, after a `settle`.

    Returns whether something must be looked for again when `settle` has passed. Raises what stops this ticket; what
    was finished before is in `state.done`.
    """
    if look is None:
        look = _look_again(state, ticket)
    finished = {done.reference for done in state.done if done.reference}
    for planned in ticket.notes:
        if planned.work.reference in finished or isinstance(planned.step, Leave):
            continue
        if isinstance(planned.step, Doubt):
            return False
        after = push_note(state, ticket, planned.work.reference, look, settled=settled)
        if after is None:
            return True
        look = after
    sets_status = None
    if ticket.invoice is not None:
        if isinstance(ticket.invoice.step, Doubt):
            return False
        after = push_invoice(state, ticket, look, settled=settled)
        if after is None:
            return True
        look, sets_status = after, ticket.invoice.sets_status
    return push_changes(state, ticket, look, sets_status, settled=settled)


def _look_again(state: RunState, ticket: TicketPlan) -> Look:
    session = state.session
    file = current_file(session, state.mirroring, ticket.path)
    return read_look(session, ticket_work(file, session.workspace.settings, session.today().date()))
