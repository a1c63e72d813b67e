"""Bringing a one-off to its end in a push: look, stamp, send, read back, look again where that is needed, record."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from synclog.app.push.notes import facts_of
from synclog.app.push.oneoffs.seeing import OneOffLook, see_one_off
from synclog.app.push.state import Done, attempt
from synclog.app.push.surroundings import FileEdit
from synclog.app.reading import Sight, read_ticket
from synclog.core.deciding.oneoffs import Act, Action, Finish, Forget
from synclog.core.deciding.steps import Doubt, Leave, Wait
from synclog.core.deciding.times import billed_minutes, hours_of
from synclog.core.oneoffs import (
    Correction,
    InvoiceRemoval,
    NewLine,
    NewTimer,
    OneOff,
    TicketRemoval,
    words_of,
)
from synclog.core.trail import TrailEntry, message_with, stamp_message
from synclog.core.work import TicketWork, ticket_work
from synclog.errors import DecisionNeeded, SynclogError
from synclog.model import InvoiceLineDraft, TimerDraft

if TYPE_CHECKING:
    from synclog.app.push.state import RunState
    from synclog.core.plan import TicketPlan
    from synclog.core.ticketfile import TicketFile

_SAID: dict[Action, str] = {
    "add timer": "a timer entry was added",
    "change timer": "the timer entry was changed",
    "change charge": "the charge was changed",
    "remove charge": "the charge was removed",
    "remove timer": "the timer entry was deleted",
    "add line": "the line was added",
    "delete invoice": "the invoice was deleted",
    "delete ticket": "the ticket was deleted",
}


def push_one_offs(state: RunState, ticket: TicketPlan, *, settled: bool) -> bool:
    """Bring the one-offs of a ticket's plan to their ends. Returns whether one has to be looked for again after a
    `settle`. Raises what stops the ticket."""
    finished = {done.one_off for done in state.done if done.one_off}
    for planned in ticket.doing:
        if planned.work.id in finished or isinstance(planned.step, Leave):
            continue
        if planned.decides:
            return False
        if not _OneOff(state, ticket, planned.work, settled).run():
            return True
    return False


class _OneOff:
    """One one-off under way."""

    def __init__(self, state: RunState, ticket: TicketPlan, one: OneOff, settled: bool) -> None:
        self.state = state
        self.ticket = ticket
        self.one = one
        self.settled = settled
        self.acted = False

    def run(self) -> bool:
        """Do one step after the other. False: it has to be looked for again after a `settle`."""
        while True:
            work = self.current()
            if work is None:
                return True
            look = see_one_off(self.state.around, work, self.one, facts_of(self.state, settled=self.settled))
            step = look.step
            if isinstance(step, Wait):
                return False
            if isinstance(step, Leave):
                return True
            if isinstance(step, Doubt):
                raise self.doubtful(step)
            if isinstance(step, Forget):
                self.edit(None, f"stamp: {self.ticket.name} ({words_of(self.one)}, finished before)")
                return True
            if isinstance(step, Finish):
                self.record(step, look.sight, work)
                return True
            if not self.act(step, look, work):
                return False

    def current(self) -> TicketWork | None:
        """The work of the ticket's file as it is now, None when the one-off is not in it any more: another run has
        finished it, or somebody took it out."""
        around = self.state.around
        file = around.desk.current(self.ticket.path, self.state.mirroring)
        found = next((one for one in file.doing if one.id == self.one.id), None)
        if found is None:
            return None
        self.one = found
        return ticket_work(file, around.settings, around.today().date())

    # --- writing ---------------------------------------------------------------------------------------------------

    def act(self, step: Act, look: OneOffLook, work: TicketWork) -> bool:
        """Make the request that a step is. Returns False when its answer was lost."""
        state, name = self.state, self.one.id
        if self.one.after is None:
            stamped = replace(self.one, after=look.last)
            self.edit(stamped, stamp_message(f"stamp: {self.ticket.name} ({words_of(self.one)})", [name]))
            self.one = stamped
            state.stamped.add(name)
        state.unsent.discard(name)
        state.around.desk.note_sent(name)
        what = f"{_SAID[step.action]} ({words_of(self.one)})"

        def send() -> bool:
            self.send(step, work)
            return True

        try:
            taken = attempt(state, self.ticket.number, name, what, send, settled=self.settled)
        except SynclogError as error:
            if name not in state.lost:
                self.refused(error)
            raise
        if not taken:
            return False
        state.acted[name] = (*state.acted.get(name, ()), step.action)
        return True

    def send(self, step: Act, work: TicketWork) -> None:
        """Send the one request of a step."""
        client, one = self.state.around.client, self.one
        if isinstance(one, NewTimer):
            draft = TimerDraft(one.start, one.bills, one.notes, one.product_id, one.by)
            self.state.timers_made[one.id] = client.add_timer_entry(work.id, draft).id
        elif isinstance(one, NewLine):
            line = InvoiceLineDraft(one.name, one.description, one.quantity, one.price, one.product_id)
            client.add_invoice_line(one.invoice, line)
        elif isinstance(one, InvoiceRemoval):
            client.delete_invoice(one.invoice)
        elif isinstance(one, TicketRemoval):
            client.delete_ticket(one.ticket)
        else:
            self.correct(step, one, work)

    def correct(self, step: Act, one: Correction, work: TicketWork) -> None:
        """Send one request of a correction. A timer entry stays its technician's, and begins when it did: what is left
        out Syncro takes from whom the key belongs to."""
        client = self.state.around.client
        if step.action == "change timer":
            assert one.timer is not None
            client.update_timer_entry(
                work.id,
                one.timer,
                start_at=one.start,
                minutes=one.bills,
                product_id=one.product_id,
                user_id=one.user,
            )
        elif step.action == "remove timer":
            assert one.timer is not None
            client.delete_timer_entry(work.id, one.timer)
        elif step.action == "remove charge":
            assert one.item is not None
            client.remove_line_item(work.id, one.item)
        else:
            assert one.item is not None
            client.update_line_item(
                work.id,
                one.item,
                name=one.name or None,
                quantity=hours_of(step.minutes),
                price=one.price,
                taxable=one.taxable,
                product_id=one.product_id,
            )

    def refused(self, error: SynclogError) -> None:
        """Surely refused: nothing is under way. What was asked for by this run is dropped, and its error told; what
        waited in the file before goes on waiting there."""
        self.state.around.desk.note_sent(self.one.id, refused=True)
        kept = replace(self.one, after=None) if self.one.id in self.state.waited else None
        if kept is not None:
            drop = f"`synclog resolve {self.ticket.number} --doing {self.one.id} --drop` gives it up"
            error.remedy = f"{error.remedy}; {drop}" if error.remedy else drop
        message = stamp_message(
            f"stamp: {self.ticket.name} ({words_of(self.one)}, refused)", [self.one.id], taken_back=True
        )
        done = [_SAID[action] for action in self.state.acted.get(self.one.id, ())]
        if done:
            error.remedy = (
                f"{' and '.join(done)} before that; run the command again for the rest. {error.remedy}".strip()
            )
        with suppress(SynclogError):
            self.edit(kept, message)

    # --- the end ---------------------------------------------------------------------------------------------------

    def record(self, step: Finish, sight: Sight | None, work: TicketWork) -> None:
        """Record it: what was read shows all of it."""
        state, one = self.state, self.one
        gone = isinstance(one, TicketRemoval)
        if sight is None and not gone:
            sight = read_ticket(state.around.client, work.id)
        if sight is not None and isinstance(one, NewLine | InvoiceRemoval):
            sight = sight.with_invoices(state.around.client.invoices(ticket_id=work.id))
        entry = entry_of(one, step, work)
        message = message_with(f"push: {self.ticket.name} {words_of(one)}", [entry])
        closing = stamp_message("", [one.id], taken_back=True).strip()
        self.edit(None, f"{message}\n{closing}\n", sight=sight, gone=gone)
        state.recorded(entry)
        state.done.append(
            Done(
                op=entry.op,
                number=work.number,
                what=words_of(one),
                reference=entry.reference,
                comment=entry.comment,
                timer=entry.timer,
                line_items=entry.line_items,
                minutes=entry.minutes,
                billed=entry.billed_minutes,
                invoice=entry.invoice,
                was_there=one.id not in state.acted,
                one_off=one.id,
            )
        )
        if step.problem:
            raise DecisionNeeded(
                f"{self.ticket.name}: {words_of(one)} is in Syncro, and {step.problem}",
                remedy="mend it: `synclog correct`, or the web interface",
            )

    def edit(self, become: OneOff | None, message: str, *, sight: Sight | None = None, gone: bool = False) -> None:
        """Let the one-off be `become` in its file, or go from it, and commit that with `message`."""
        owner, name = self.state.me.user_id, self.one.id

        def edit(file: TicketFile) -> FileEdit:
            doing = tuple(become if one.id == name else one for one in file.doing)
            left = tuple(one for one in doing if one is not None)
            return FileEdit(doing=left, sight=sight, owner=owner if sight else None, gone=gone)

        self.state.around.desk.rewrite(self.ticket.path, self.state.mirroring, edit, message)

    def doubtful(self, step: Doubt) -> DecisionNeeded:
        return DecisionNeeded(
            f"{self.ticket.name}: {words_of(self.one)} is doubtful: {step.reason}",
            remedy=remedy_of(self.ticket, self.one),
        )


def remedy_of(ticket: TicketPlan, one: OneOff) -> str:
    """Return what a person can do about a one-off that is doubtful."""
    return (
        "look at the ticket in the web interface; then"
        f" `synclog resolve {ticket.number} --doing {one.id} --drop`, and ask for it again if it is still to be done"
    )


def entry_of(one: OneOff, step: Finish, work: TicketWork) -> TrailEntry:
    """Return the trail's entry of a one-off that is done."""
    number = work.number
    if isinstance(one, NewTimer):
        billed = step.timer.billable_minutes if step.timer else one.bills
        timer = step.timer.id if step.timer else None
        return TrailEntry(
            "time", number, one.id, timer=timer, minutes=one.minutes, billed_minutes=billed, labor=one.labor
        )
    if isinstance(one, Correction):
        found = step.item or step.timer
        return TrailEntry(
            "correct",
            number,
            one.of,
            timer=one.timer,
            line_items=(one.item,) if one.item else (),
            minutes=one.minutes,
            billed_minutes=billed_minutes(found) if found and not one.removes else one.bills,
            labor=one.labor,
        )
    if isinstance(one, NewLine):
        return TrailEntry("line", number, one.id, invoice=one.number)
    return TrailEntry("delete", number, invoice=one.number if isinstance(one, InvoiceRemoval) else None)
