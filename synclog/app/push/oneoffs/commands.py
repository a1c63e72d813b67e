"""One one-off at a time, as a command asks for it: looked at, shown, agreed to, and run by the engine that pushes.

What it sends stands in the ticket's file before; a run that dies leaves it there, and the same command, or an ordinary
push, goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from synclog.app.mirroring import Mirroring
from synclog.app.push.cases import Facts
from synclog.app.push.desk import surroundings_of
from synclog.app.push.looking import Look
from synclog.app.push.oneoffs.making import (
    Ground,
    Line,
    Other,
    make_correction,
    make_invoice_removal,
    make_line,
    make_ticket_removal,
    make_timer,
)
from synclog.app.push.oneoffs.seeing import plan_one_off, see_one_off
from synclog.app.push.planning import Prepared, check_technician, live_rate
from synclog.app.push.run import Confirm, PushResult, result_of, run_plan
from synclog.app.push.surroundings import FileEdit
from synclog.core.holding import work_in
from synclog.core.oneoffs import InvoiceRemoval, NewLine, OneOff, TicketRemoval, can_be_kept, subject_of, words_of
from synclog.core.plan import Plan, TicketPlan
from synclog.core.references import ticket_of
from synclog.core.work import TicketWork, ticket_work
from synclog.errors import DecisionNeeded, NotFound, UnknownTicket, UsageError
from synclog.model import Invoice, Reference, TicketNumber

if TYPE_CHECKING:
    from synclog.app.push.surroundings import Surroundings
    from synclog.app.session import Session
    from synclog.core.ticketfile import TicketFile

Make = Callable[[Ground], OneOff | None]


def correct(
    session: Session, reference: Reference, other: Other, *, confirm: Confirm, queue: bool = False
) -> PushResult:
    """Mend the time of posted work that is not invoiced yet. With `queue` it is left in the file for a later push.

    Raises UsageError for a reference that is none, UnknownTicket, and what `make_correction` raises.
    """
    number = ticket_of(reference)
    if number is None:
        raise UsageError(
            f"{reference!r} is not the reference of work on a ticket",
            remedy="it is what `Ref` says on the last line of the comment: 32162-7k2m9q4x1c",
        )
    return run_one_off(
        surroundings_of(session), number, lambda ground: make_correction(ground, reference, other), confirm, queue
    )


def add_timer(
    session: Session,
    number: TicketNumber,
    start: datetime,
    end: datetime,
    *,
    labor: str | None = None,
    text: str = "",
    again: bool = False,
    confirm: Confirm,
    queue: bool = False,
) -> PushResult:
    """Add a plain timer entry to a ticket, without a comment. `again` adds what was added already once more."""
    make = partial(make_timer, start=start, end=end, labor=labor, text=text, again=again)
    return run_one_off(surroundings_of(session), number, make, confirm, queue)


def add_invoice_line(
    session: Session, invoice: str, line: Line, *, again: bool = False, confirm: Confirm, queue: bool = False
) -> PushResult:
    """Add a line to the invoice with this number. Raises UsageError where there is none."""
    around = surroundings_of(session)
    found, number = _invoice(around, invoice)
    return run_one_off(around, number, lambda ground: make_line(ground, found, line, again=again), confirm, queue)


def delete_invoice(session: Session, invoice: str, *, confirm: Confirm) -> PushResult:
    """Delete the invoice with this number. Raises UsageError where there is none."""
    around = surroundings_of(session)
    found, number = _invoice(around, invoice)
    return run_one_off(around, number, lambda ground: make_invoice_removal(ground, found), confirm)


def delete_ticket(session: Session, number: TicketNumber, *, with_work: bool = False, confirm: Confirm) -> PushResult:
    """Delete a ticket in Syncro; its file stays, and says that it is gone. Refused where the file holds work that was
    not pushed, unless it is to go `with_work`."""

    def make(ground: Ground) -> OneOff:
        # What was begun to delete it is no work that would be lost.
        file = replace(ground.file, doing=tuple(o for o in ground.file.doing if not isinstance(o, TicketRemoval)))
        return make_ticket_removal(ground, work_in(file), with_work=with_work)

    return run_one_off(surroundings_of(session), number, make, confirm)


# --- running ---------------------------------------------------------------------------------------------------------


def run_one_off(
    around: Surroundings, number: TicketNumber, make: Make, confirm: Confirm, queue: bool = False
) -> PushResult:
    """Run the one-off that `make` makes for a ticket, as the commands above do, in whatever surroundings."""
    desk = around.desk
    desk.check_ready()
    before = around.client.requests_made
    with desk.lock():
        desk.finish_interrupted()
        desk.commit_stale()
        turn = desk.turn()
    look = partial(_look, around, number, make)
    prepared = look()
    result = result_of(prepared)
    if prepared.plan.acts and queue:
        _leave(around, prepared)
        result.queued = True
    elif prepared.plan.acts and confirm(prepared.plan):
        run_plan(around, prepared, result, turn, look)
    else:
        result.declined = prepared.plan.acts
    result.requests = around.client.requests_made - before
    return result


def _look(around: Surroundings, number: TicketNumber, make: Make) -> Prepared:
    """Make the plan of one one-off."""
    desk = around.desk
    me = around.client.me()
    check_technician(around.technician, me)
    mirroring = Mirroring(around.settings, desk.account())
    file = desk.files(mirroring.account).one(number)
    work = ticket_work(file, around.settings, around.today().date())
    _refuse_blocked(file, work)
    ledger = desk.ledger([number])
    rate_of = cache(partial(live_rate, around))
    one = make(Ground(around, me, mirroring, file, work, ledger, rate_of))
    tickets: tuple[TicketPlan, ...] = ()
    at = around.clock.now()
    if one is not None and not can_be_kept(one, number):
        raise DecisionNeeded(
            f"#{number}: {words_of(one)} has values that no file can hold", remedy="do it in the web interface"
        )
    one = _as_begun(file, one)
    if one is not None:
        seen = see_one_off(around, work, one, Facts(me.user_id, ledger, sent=desk.sent_lately()))
        planned = plan_one_off(one, seen, mirroring, rate_of)
        tickets = (TicketPlan(number, work.id, work.path, work.subject, work.customer, doing=(planned,)),)
    return Prepared(
        Plan(me.name, (number,), tickets, ()),
        me,
        {file.path: Look(work, at)},
        mirroring,
        (),
        {file.path: file},
        ledger,
        looked_at=at,
    )


def _refuse_blocked(file: TicketFile, work: TicketWork) -> None:
    """Raise DecisionNeeded for a file that is not to be written by a push."""
    if file.gone and not any(isinstance(one, TicketRemoval) for one in file.doing):
        raise DecisionNeeded(f"#{work.number} is gone from Syncro", remedy=f"`synclog untrack {work.number}`")
    if work.blocked and not file.gone:
        raise DecisionNeeded(f"#{work.number}: {work.held[0].reason}", remedy=work.held[0].remedy)
    if not work.id:
        raise DecisionNeeded(f"{file.path} has lost its `id:`", remedy=f"run `synclog pull {work.number}`")


def _as_begun(file: TicketFile, one: OneOff | None) -> OneOff | None:
    """The one-off as the file has it, where it has it. Raises DecisionNeeded where another one is not finished."""
    for other in file.doing:
        if one is not None and other.id == one.id:
            return other
        if other.after is not None or (one is not None and subject_of(other) == subject_of(one)):
            raise _not_finished(file, other)
    return one


def _not_finished(file: TicketFile, other: OneOff) -> DecisionNeeded:
    return DecisionNeeded(
        f"#{file.number}: {words_of(other)} is not finished; nothing else was begun",
        remedy=f"`synclog push {file.number}` goes on with it",
    )


def _leave(around: Surroundings, prepared: Prepared) -> None:
    """Leave a one-off in its file, for a later push."""
    (ticket,) = prepared.plan.tickets
    one = ticket.doing[0].work

    def edit(file: TicketFile) -> FileEdit:
        there = any(other.id == one.id for other in file.doing)
        return FileEdit() if there else FileEdit(doing=(*file.doing, one))

    assert prepared.mirroring is not None
    with around.desk.lock():
        around.desk.check_ready()
        around.desk.rewrite(ticket.path, prepared.mirroring, edit, f"queue: {ticket.name} {words_of(one)}")


def _invoice(around: Surroundings, written: str) -> tuple[Invoice, TicketNumber]:
    """The invoice that people call so, and the number of its ticket. Raises UsageError, UnknownTicket."""
    client = around.client
    number = written.strip().removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise UsageError(f"{written!r} is not the number of an invoice", remedy="`synclog show NUMBER` lists them")
    found: Invoice | None = None
    try:
        found = client.invoice(int(number))
    except NotFound:
        found = None
    if found is not None and found.number != number:
        # Syncro takes an id for a number: the one that people mean may be another one.
        listed = next((invoice for invoice in client.invoices() if invoice.number == number), None)
        found = client.invoice(listed.id) if listed else None
    files = around.desk.files()
    if found is None or found.number != number:
        for file in files.tickets.values():
            for one in file.doing:
                if isinstance(one, NewLine | InvoiceRemoval) and one.number == number:
                    raise _not_finished(file, one)
        raise UsageError(f"there is no invoice {number} (or this key may not see it)")
    if found.ticket_id is None:
        raise UsageError(
            f"invoice {number} is of no ticket",
            remedy="only in the web interface: it has no file to keep in mind what is sent",
        )
    home = next((n for n, file in files.tickets.items() if file.id == found.ticket_id), None)
    if home is None:
        ticket = client.ticket(found.ticket_id)
        raise UnknownTicket(
            f"ticket {ticket.number}, which invoice {number} is of, has no file here",
            remedy=f"run `synclog pull {ticket.number}`",
        )
    return found, home
