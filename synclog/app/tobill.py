"""Before a ticket is billed or closed: what an earlier run has begun of it, and what stands against it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from synclog.core.mirror import parse_mirror
from synclog.core.references import closing_reference
from synclog.core.tobill import RESOLUTION, Begun, BillCase, begun_bill, begun_close, bill_answer, posted_on
from synclog.errors import DecisionNeeded

if TYPE_CHECKING:
    from synclog.app.unbilled import Billing
    from synclog.core.notes import Note
    from synclog.core.ticketfile import TicketFile
    from synclog.workspace.workspace import Workspace

INVOICED = "Invoiced"


def bill_begun(workspace: Workspace, file: TicketFile) -> Begun | None:
    """Return the bill that is under way in a ticket's file, None where none is: the file asks for an invoice, or for
    the status that goes with one that was made."""
    sets = any(edit.field == "status" and edit.mine == INVOICED for edit in file.edits)
    if not (file.invoice or sets):
        return None
    assert file.number is not None
    trail = workspace.history.ledger([file.number]).entries
    return begun_bill(file.notes, asks_invoice=file.invoice, sets_invoiced=sets, trail=trail)


def close_begun(workspace: Workspace, file: TicketFile, resolved: str) -> Begun | None:
    """Return the closing that is under way in a ticket's file, None where none is: a resolution waits in it, or the
    status `resolved`."""
    assert file.number is not None
    sets = any(edit.field == "status" and edit.mine == resolved for edit in file.edits)
    if not sets and not any(note.subject == RESOLUTION for note in file.notes):
        return None
    trail = workspace.history.ledger([file.number]).entries
    shown = parse_mirror(file.mirror, workspace.settings.timezone).entries
    closing = [closing_reference(entry.text) for entry in shown if entry.subject == RESOLUTION]
    posted = [reference for reference in closing if reference]
    return begun_close(file.notes, sets_resolved=sets, trail=trail, resolutions=posted)


def check_begun(file: TicketFile, begun: Begun, given: Note | None, *, with_text: bool, command: str) -> None:
    """Raise DecisionNeeded where something else is given now than what is under way: nothing of either is dropped."""
    assert file.number is not None
    if not begun.covers(file.number, given, with_text=with_text):
        raise DecisionNeeded(
            f"#{file.number}: an earlier `{command}` is not finished, and is another one than this; nothing was done",
            remedy=f"`synclog {command} {file.number}` alone finishes it, `--again` adds this one to it",
        )


def check_not_posted(workspace: Workspace, file: TicketFile, note: Note, *, now: datetime | None = None) -> None:
    """Raise DecisionNeeded where the very same note was posted to the ticket on that day already: a second run of a
    command that was killed when all was done must not book its time twice."""
    assert file.number is not None
    today = (now or datetime.now(UTC)).astimezone(workspace.settings.timezone).date()
    recorded = workspace.history.ledger([file.number]).recorded
    reference = posted_on(file.number, note, today, recorded)
    if reference is not None:
        raise DecisionNeeded(
            f"#{file.number}: the same note was posted on that day already ({reference}); nothing was done",
            remedy="if it is meant twice, say what is different about it",
        )


def check_billable(billing: Billing, *, adds_time: bool) -> bool:
    """Return whether a ticket is to be billed; False: it is already, and nothing is left. `adds_time`: time is given
    now, or will be asked for. Raises DecisionNeeded, with the reason, where no invoice would be made."""
    case = BillCase(
        no_invoice=billing.no_invoice,
        waits=bool(billing.waits) or bool(billing.work and billing.work.blocked),
        adds_time=adds_time or billing.has_time,
        unbilled=bool(billing.unbilled),
        invoiced=bool(billing.invoices),
    )
    number, answer = billing.file.number, bill_answer(case)
    if answer == "recurring":
        assert billing.no_invoice is not None
        remedy = billing.no_invoice.remedy
        if billing.no_invoice.recurring and not billing.file.invoice:
            remedy = f"`synclog comment {number} --time …` posts time: the recurring invoice collects it"
        raise DecisionNeeded(f"#{number}: {billing.no_invoice.reason}; nothing was done", remedy=remedy)
    if answer == "waits":
        why = "; ".join(f"{f'line {h.line}, ' if h.line else ''}{h.reason}" for h in billing.waits)
        remedies = list(dict.fromkeys(h.remedy for h in billing.waits if h.remedy))
        raise DecisionNeeded(
            f"#{number}: no invoice would be made, since work in its file waits: {why}; nothing was done",
            remedy="; ".join(remedies) or "post it, or take it out of the file; then bill it",
        )
    if answer == "nothing":
        known = "" if billing.live else " as of the last pull"
        raise DecisionNeeded(f"#{number}: there is nothing to bill{known}", remedy="add --time for what was worked")
    return answer == "bill"
