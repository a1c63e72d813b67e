"""Asking for one invoice: stamp, ask, read back, record. The status that goes with it is left as an edit of the file,
so that a run that dies in between still sets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from synclog.app.push.cases import Facts
from synclog.app.push.looking import Look, read_back
from synclog.app.push.state import Done, attempt
from synclog.app.push.surroundings import FileEdit, FileState
from synclog.core.deciding.invoices import invoice_step
from synclog.core.deciding.steps import Doubt, InvoiceStep, RecordInvoice, Wait
from synclog.core.plan import PlannedInvoice, PlannedNote
from synclog.core.trail import TrailEntry, message_with, stamp_message
from synclog.core.unbilled import expected_of, labor_of, open_charges, open_timers
from synclog.core.work import InvoiceWork, TicketWork, invoice_work
from synclog.errors import DecisionNeeded, OutcomeUnknown, SynclogError
from synclog.model import AccountSettings, Invoice, Reference, Ticket, TicketId, TicketNumber

if TYPE_CHECKING:
    from synclog.app.push.state import RunState
    from synclog.core.plan import Rate, TicketPlan
    from synclog.core.ticketfile import TicketFile
    from synclog.syncro.client import SyncroClient

INVOICED = "Invoiced"
"""The status a ticket gets with its invoice, where the account has it."""


def plan_invoice(
    client: SyncroClient,
    work: TicketWork,
    look: Look,
    notes: Sequence[PlannedNote],
    account: AccountSettings,
    facts: Facts,
    rate_of: Callable[[int], Rate | None],
) -> PlannedInvoice | None:
    """Return the plan of a ticket's invoice, None where none is asked for. `notes` add to what is unbilled; `rate_of`
    gives the live rate of a labor product, None of one that the account does not have."""
    if work.invoice is None or (look.sight is None and work.draft is None):
        return None
    ticket = look.sight.ticket if look.sight else None
    minutes, items = unbilled(ticket) if ticket else (0, 0)
    coming = any(note.is_sent and note.work.bills for note in notes)
    after = work.invoice.begun(look.invoices)
    newer = [invoice for invoice in look.invoices if after is not None and invoice.id > after]
    if len(newer) == 1 and newer[0].lines is None:
        look.invoices = _with_lines(client, look.invoices, newer[0].id, work.id)
    step = invoice_step(
        after,
        look.invoices,
        bool(minutes or items or coming),
        after is not None or reference_of(work.number) in facts.ledger.begun,
        False,
    )
    owner = ticket.customer_id if ticket else work.draft.customer_id if work.draft else 0
    prepaid = client.customer(owner).prepay_hours or None
    sets = INVOICED if INVOICED in account.statuses else None
    if any(change.field == "status" for change in work.changes) or (ticket and ticket.status == INVOICED):
        sets = None
    expected = None
    if not isinstance(step, RecordInvoice):
        expected = expected_of(ticket, notes, {i: rate_of(i) for i in (labor_of(ticket) if ticket else ())})
    return PlannedInvoice(step, after, minutes, items, prepaid, sets, expected)


def _with_lines(
    client: SyncroClient, invoices: Sequence[Invoice], invoice_id: int, ticket_id: TicketId
) -> tuple[Invoice, ...]:
    """Return a ticket's invoices, one of them with its lines, which it shows by itself alone: it can come out empty."""
    found = client.invoice(invoice_id)
    every = {invoice.id: invoice for invoice in invoices} | {found.id: replace(found, ticket_id=ticket_id)}
    return tuple(every[i] for i in sorted(every))


def reference_of(number: TicketNumber) -> Reference:
    """Return the name under which history knows that an invoice of a ticket may be under way."""
    return f"{number}-invoice"


def unbilled(ticket: Ticket) -> tuple[int, int]:
    """Return what is on no invoice yet: minutes of timers not charged, and the number of open line items."""
    return sum(timer.billable_minutes for timer in open_timers(ticket)), len(open_charges(ticket))


def push_invoice(state: RunState, ticket: TicketPlan, look: Look, *, settled: bool) -> Look | None:
    """Bring a ticket's invoice to its end. Returns what is known of the ticket then, None when it has to be looked
    for again after a `settle`. Raises what stops the ticket."""
    if any(done.op == "invoice" and done.number == ticket.number for done in state.done):
        return look
    file = state.around.desk.current(ticket.path, state.mirroring)
    if file.notes:
        raise DecisionNeeded(
            f"{ticket.name}: no invoice was asked for: there are notes that are not posted",
            remedy="run `synclog push` again, or take them out of the file",
        )
    if not file.invoice:
        raise DecisionNeeded(
            f"{ticket.name}: no invoice was asked for: the file does not ask for it any more",
            remedy="run `synclog push` again",
        )
    wish = invoice_work(file)
    assert wish is not None
    return _Asking(state, ticket, look, settled).run(wish)


class _Asking:
    """One invoice under way."""

    def __init__(self, state: RunState, ticket: TicketPlan, look: Look, settled: bool) -> None:
        self.state = state
        self.ticket = ticket
        self.look = look
        self.settled = settled
        self.reference = reference_of(ticket.number)

    def run(self, wish: InvoiceWork) -> Look | None:
        # An invoice of before the plan may be the one that a file of before asks for. One of since then is another's,
        # and what it left unbilled is asked for: so all is read anew, but for that.
        after, begun = wish.begun(self.look.invoices), self.reference in self.state.ledger.begun
        step = self.decide(after, lost=after is not None or begun)
        if isinstance(step, Wait):
            return None
        if isinstance(step, Doubt):
            newest = max((invoice.id for invoice in self.look.invoices), default=0)
            if begun and self.settled and (after is None or newest <= after):
                # It was looked for, and nothing is under way: the next run need not wait for that again.
                self.take_back(wish)
            raise self.doubtful(step)
        if isinstance(step, RecordInvoice):
            return self.record(step.invoice, was_there=True)
        self.check_customer()
        if after is None:
            after = max((invoice.id for invoice in self.look.invoices), default=0)
            self.stamp(after)
        return self.ask(after)

    def decide(self, after: int | None, *, lost: bool, made: Invoice | None = None) -> InvoiceStep:
        """Read the ticket and its invoices, and decide. `made` is one that Syncro says to have made: made it is,
        whatever the list says."""
        client = self.state.around.client
        sight = read_back(self.state.around, self.look)
        self.look.invoices = tuple(client.invoices(ticket_id=self.ticket.id))
        newer = [invoice.id for invoice in self.look.invoices if after is not None and invoice.id > after]
        if made is not None or len(newer) == 1:
            which = made.id if made else newer[0]
            self.look.invoices = _with_lines(client, self.look.invoices, which, self.ticket.id)
        return invoice_step(after, self.look.invoices, any(unbilled(sight.ticket)), lost, self.settled)

    def check_customer(self) -> None:
        """Raise DecisionNeeded where the customer, whom Syncro may have changed, is never invoiced by ticket."""
        assert self.look.sight is not None
        why = self.state.around.desk.no_invoice(self.ticket.path, self.look.sight.ticket.customer_id)
        if why is not None:
            raise DecisionNeeded(f"{self.ticket.name}: no invoice was asked for: {why.reason}", remedy=why.remedy)

    def take_back(self, wish: InvoiceWork) -> None:
        """Say in the file, or where that does not say so in history alone, that no request for it is under way."""
        if wish.after is not None:
            self.stamp(None)
            return
        message = stamp_message(f"stamp: {self.ticket.name} (invoice, taken back)", [self.reference], taken_back=True)
        self.state.around.desk.record(message)

    def stamp(self, after: int | None) -> None:
        """Write the intent to ask for an invoice into the file, or take it back."""
        message = stamp_message(
            f"stamp: {self.ticket.name} (invoice{'' if after is not None else ', taken back'})",
            [self.reference],
            taken_back=after is None,
        )
        edit = FileEdit(state=FileState(invoice_after=after))
        self.state.around.desk.rewrite(self.ticket.path, self.state.mirroring, lambda _: edit, message)

    def ask(self, after: int) -> Look | None:
        client = self.state.around.client
        assert self.look.sight is not None
        customer = self.look.sight.ticket.customer_id
        try:
            made = attempt(
                self.state,
                self.ticket.number,
                self.reference,
                "the invoice was made",
                lambda: client.create_invoice(self.ticket.id, customer),
                settled=self.settled,
            )
        except SynclogError:
            if self.reference not in self.state.lost:
                self.stamp(None)
            raise
        if made is None:
            return None
        step = self.decide(after, lost=True, made=made)
        if isinstance(step, RecordInvoice):
            return self.record(step.invoice, was_there=False)
        if isinstance(step, Doubt):
            raise self.doubtful(step)
        raise OutcomeUnknown(f"{self.ticket.name}: Syncro accepted the request for an invoice and shows no new one")

    def record(self, invoice: Invoice, *, was_there: bool) -> Look:
        state, look = self.state, self.look
        assert look.sight is not None
        look.sight = look.sight.with_invoices(look.invoices)
        planned = self.ticket.invoice
        sets = planned.sets_status if planned else None
        owner = state.me.user_id

        def edit(file: TicketFile) -> FileEdit:
            status = sets and not any(edited.field == "status" for edited in file.edits)
            fields = {"invoice": False, **({"status": sets} if status else {})}
            return FileEdit(fields=fields, state=FileState(), sight=look.sight, owner=owner)

        entry = TrailEntry(op="invoice", reference=None, ticket=self.ticket.number, invoice=invoice.number)
        message = message_with(f"push: {self.ticket.name} invoice {invoice.number}", [entry])
        closing = stamp_message("", [self.reference], taken_back=True).strip()
        state.around.desk.rewrite(self.ticket.path, state.mirroring, edit, f"{message}\n{closing}\n")
        state.recorded(entry)
        state.done.append(
            Done(
                op="invoice",
                number=self.ticket.number,
                what=f"invoice {invoice.number}",
                invoice=invoice.number,
                total=invoice.total,
                subtotal=invoice.subtotal,
                expected=planned.expected if planned and not was_there else None,
                prepaid_before=planned.prepaid if planned else None,
                prepaid=self.prepaid_left(),
                was_there=was_there,
            )
        )
        return look

    def prepaid_left(self) -> Decimal | None:
        """The customer's prepaid hours after the invoice, where there were any before."""
        if self.ticket.invoice is None or self.ticket.invoice.prepaid is None or self.look.sight is None:
            return None
        with suppress(SynclogError):
            return self.state.around.client.customer(self.look.sight.ticket.customer_id).prepay_hours
        return None

    def doubtful(self, step: Doubt) -> DecisionNeeded:
        return DecisionNeeded(
            f"{self.ticket.name}: no invoice was asked for: {step.reason}",
            remedy="look at the ticket's invoices in the web interface, then say what is right: `synclog resolve"
            f" {self.ticket.number} --invoice …`",
        )
