"""Asking for one invoice: stamp, ask, read back, record. The status that goes with it is left as an edit of the file,
so that a run that dies in between still sets it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from synclog.app.planning import Look, unbilled
from synclog.app.reading import Sight, read_ticket
from synclog.app.recording import write_record
from synclog.app.rewriting import current_file, rewrite
from synclog.app.runstate import Done, answer_lost
from synclog.core import ticketfile
from synclog.core.pushsteps import Doubt, RecordInvoice, Wait, invoice_step
from synclog.core.ticketfile import TicketFile
from synclog.core.trail import TrailEntry
from synclog.errors import DecisionNeeded, OutcomeUnknown, SynclogError
from synclog.model import Invoice

if TYPE_CHECKING:
    from synclog.app.runstate import RunState
    from synclog.core.plan import TicketPlan

_MADE = "the invoice was made"


def push_invoice(state: RunState, ticket: TicketPlan, look: Look, *, settled: bool) -> Look | None:
    """Bring a ticket's invoice to its end. Returns what is known of the ticket then, None when it has to be looked
    for again after a `settle`. Raises what stops the ticket."""
    if any(done.op == "invoice" and done.number == ticket.number for done in state.done):
        return look
    client = state.session.client
    file = current_file(state.session, state.mirroring, ticket.path)
    if file.notes:
        raise DecisionNeeded(
            f"#{ticket.number}: no invoice was asked for: there are notes that are not posted",
            remedy="run `synclog push` again, or take them out of the file",
        )
    # Read anew whatever was read for the plan: somebody may have billed the ticket in the web interface since.
    sight = read_ticket(client, ticket.id, look.comments)
    look = replace(look, sight=sight, comments=sight.comments, invoices=client.invoices(ticket_id=ticket.id))
    after = file.invoice_after
    step = invoice_step(after, look.invoices, any(unbilled(sight.ticket)), after is not None, settled)
    if isinstance(step, Wait):
        return None
    if isinstance(step, Doubt):
        raise _doubtful(ticket, step)
    if isinstance(step, RecordInvoice):
        return _record(state, ticket, sight, step.invoice, look, was_there=True)
    if after is None:
        after = max((invoice.id for invoice in look.invoices), default=0)
        _stamp(state, ticket, after, "stamp")
    return _ask(state, ticket, look, after, settled=settled)


def _stamp(state: RunState, ticket: TicketPlan, after: int | None, why: str) -> None:
    """Write the intent to ask for an invoice into the file, or take it back."""

    def edit(file: TicketFile) -> str:
        return ticketfile.with_state(file.text, invoice_after=after)

    rewrite(state.session, state.mirroring, ticket.path, edit, f"{why}: #{ticket.number} (invoice)")


def _ask(state: RunState, ticket: TicketPlan, look: Look, after: int, *, settled: bool) -> Look | None:
    session = state.session
    assert look.sight is not None
    try:
        made = session.client.create_invoice(ticket.id, look.sight.ticket.customer_id)
    except OutcomeUnknown as error:
        answer_lost(ticket.number, _MADE, error, settled=settled)
        return None
    except SynclogError:
        _stamp(state, ticket, None, "stamp: taken back")
        raise
    invoices = session.client.invoices(ticket_id=ticket.id)
    if made.id not in {invoice.id for invoice in invoices}:
        # Accepted is made, whatever the list says: read by its own id.
        invoices = (*invoices, replace(session.client.invoice(made.id), ticket_id=ticket.id))
    sight = read_ticket(session.client, ticket.id, look.comments)
    step = invoice_step(after, invoices, any(unbilled(sight.ticket)), True, False)
    if isinstance(step, RecordInvoice):
        return _record(state, ticket, sight, step.invoice, replace(look, invoices=invoices), was_there=False)
    if isinstance(step, Doubt):
        raise _doubtful(ticket, step)
    raise OutcomeUnknown(f"#{ticket.number}: Syncro accepted the request for an invoice and shows no new one")


def _record(
    state: RunState, ticket: TicketPlan, sight: Sight, invoice: Invoice, look: Look, *, was_there: bool
) -> Look:
    session = state.session
    sight = sight.with_invoices([*look.invoices, *([] if invoice in look.invoices else [invoice])])
    sets = ticket.invoice.sets_status if ticket.invoice else None

    def edit(file: TicketFile) -> str:
        text = ticketfile.with_state(ticketfile.with_fields(file.text, {"invoice": False}))
        if sets and not any(edited.field == "status" for edited in file.edits):
            return ticketfile.with_fields(text, {"status": sets})
        return text

    entry = TrailEntry(op="invoice", reference=None, ticket=ticket.number, invoice=invoice.number)
    subject = f"invoice {invoice.number}"
    write_record(session, state.mirroring, ticket.path, edit, sight, entry, subject, state.me.user_id)
    state.done.append(
        Done(
            op="invoice",
            number=ticket.number,
            what=subject,
            invoice=invoice.number,
            total=invoice.total,
            was_there=was_there,
        )
    )
    return replace(look, sight=sight, comments=sight.comments, invoices=sight.invoices or ())


def _doubtful(ticket: TicketPlan, step: Doubt) -> DecisionNeeded:
    return DecisionNeeded(
        f"#{ticket.number}: no invoice was asked for: {step.reason}",
        remedy="look at the ticket's invoices in the web interface; when all is billed, set `invoice: false` and delete"
        " the `synclog:` line of the front matter",
    )
