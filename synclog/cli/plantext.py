"""The plan of a push as lines for people and as JSON, and what was done of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from synclog.cli.context import styled
from synclog.cli.worktext import change_line, heading, held_json, held_line, note_json, time_line
from synclog.core.cleantext import clean_line
from synclog.core.durations import format_minutes
from synclog.core.money import money
from synclog.core.plaintext import plain_lines
from synclog.core.plan import Plan, PlannedInvoice, PlannedNote, TicketPlan, audience_words
from synclog.core.pushsteps import Doubt, Leave, Record, RecordInvoice, Restamp, Send, Wait

if TYPE_CHECKING:
    from synclog.app.runstate import Done

_STEPS = {
    Send: "send",
    Wait: "look again, then send if it is not there",
    Restamp: "send as changed",
    Record: "record only: it is in Syncro already",
    RecordInvoice: "record only: it is in Syncro already",
    Leave: "left",
    Doubt: "DOUBTFUL, not sent",
}


def plan_lines(plan: Plan) -> list[str]:
    """Return everything that a plan shows, in the order in which it is done."""
    lines: list[str] = []
    for ticket in plan.tickets:
        lines += _ticket_lines(ticket)
    if plan.mails:
        lines.append(styled("WILL E-MAIL", fg="magenta", bold=True))
        lines += [f"    #{mail.number}, the note of line {mail.line}: to {mail.to}" for mail in plan.mails]
    if any(c.change.field == "status" for t in plan.tickets for c in t.changes) or any(
        t.invoice and t.invoice.sets_status for t in plan.tickets
    ):
        lines.append("    Syncro's own automations may e-mail on a changed status.")
    if not plan.tickets:
        lines.append("nothing to push")
    elif plan.technician:
        lines.append(f"as {clean_line(plan.technician)}")
    return lines


def _ticket_lines(ticket: TicketPlan) -> list[str]:
    lines = [heading(ticket.number, ticket.customer, ticket.subject)]
    for note in ticket.notes:
        lines += _note_lines(note)
    if ticket.invoice is not None:
        lines += _invoice_lines(ticket.invoice, ticket.notes)
    for planned in ticket.changes:
        done = " (Syncro has it already)" if planned.done else ""
        lines.append(f"    change   {change_line(planned.change)}{done}")
    lines += [held_line(held) for held in ticket.held]
    return lines


def _note_lines(note: PlannedNote) -> list[str]:
    work = note.work
    filled = f" (default: {', '.join(work.filled)})" if work.filled else ""
    lines = [f"    note     {work.subject} · {audience_words(work.to)}{filled}: {_STEPS[type(note.step)]}"]
    lines += [f"             | {line}" for line in work.text.strip().splitlines()]
    if note.rate is not None:
        rate = f"{note.rate.name}, {money(note.rate.price)}/h"
        lines.append(f"             {time_line(work)} ({rate}) = {note.amount}")
    if work.dated or work.stamp is not None:
        lines.append(f"             work of {work.day.isoformat()}")
    if isinstance(note.step, Doubt):
        lines.append(styled(f"             {note.step.reason}:", fg="red"))
        lines.append(
            "             posted: delete the note; not posted: change its words and delete its `synclog:` line"
        )
        for comment in note.step.comments:
            lines.append(f"             in Syncro, comment {comment.id} of {comment.created_at:%Y-%m-%d %H:%M} UTC:")
            lines += [f"             > {clean_line(line)}" for line in plain_lines(comment.body)[:8]]
    if isinstance(note.step, Leave):
        lines.append(f"             {note.step.reason}")
    return lines


def _invoice_lines(invoice: PlannedInvoice, notes: Sequence[PlannedNote]) -> list[str]:
    coming = sum(n.work.bills or 0 for n in notes if n.is_sent)
    parts = []
    if invoice.unbilled_minutes:
        parts.append(f"{format_minutes(invoice.unbilled_minutes)} unbilled in Syncro")
    if invoice.unbilled_items:
        parts.append(f"{invoice.unbilled_items} open charges")
    if coming:
        parts.append(f"{format_minutes(coming)} of the notes above")
    lines = [f"    invoice  {', '.join(parts) or 'nothing to bill'}: {_STEPS[type(invoice.step)]}"]
    if invoice.prepaid is not None:
        lines.append(
            f"             prepaid hours: {invoice.prepaid} now, fewer after it, as far as its labor draws on them"
        )
    if invoice.sets_status:
        lines.append(f"             then status -> {invoice.sets_status}")
    if isinstance(invoice.step, Doubt):
        lines.append(styled(f"             {invoice.step.reason}", fg="red"))
    return lines


def done_line(done: Done) -> str:
    """Return what was read back of one piece of work, in a line."""
    mark = styled("recorded", fg="cyan") if done.was_there else styled("done", fg="green")
    if done.op == "comment":
        time = ""
        if done.minutes is not None and done.billed is not None:
            billed = "" if done.billed == done.minutes else f", bills {format_minutes(done.billed)}"
            time = f", {format_minutes(done.minutes)}{billed} (timer {done.timer})"
        return f"{mark} #{done.number} comment {done.comment}{time}: {done.reference}"
    if done.op == "invoice":
        zero = " (0.00 is right where prepaid hours cover it)" if done.total == 0 else ""
        return f"{mark} #{done.number} {done.what}, total {money(done.total or Decimal(0))}{zero}"
    return f"{mark} #{done.number} {done.what}"


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return a plan for `--json`."""
    return {
        "technician": plan.technician or None,
        "asked": list(plan.asked),
        "mails": [{"number": m.number, "line": m.line, "to": m.to} for m in plan.mails],
        "tickets": [_ticket_json(ticket) for ticket in plan.tickets],
    }


def _ticket_json(ticket: TicketPlan) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "path": ticket.path,
        "subject": ticket.subject,
        "customer": ticket.customer,
        "notes": [_planned_json(note) for note in ticket.notes],
        "invoice": _invoice_json(ticket.invoice) if ticket.invoice else None,
        "changes": [
            {"field": c.change.field, "from": c.change.base, "to": c.change.mine, "sends": c.wire_value, "done": c.done}
            for c in ticket.changes
        ],
        "held": held_json(ticket.held),
    }


def _planned_json(note: PlannedNote) -> dict[str, Any]:
    doubt = note.step if isinstance(note.step, Doubt) else None
    return note_json(note.work) | {
        "step": type(note.step).__name__.lower(),
        "rate": str(note.rate.price) if note.rate else None,
        "product": note.rate.name if note.rate else None,
        "amount": str(note.amount) if note.amount is not None else None,
        "doubt": {"reason": doubt.reason, "comments": [c.id for c in doubt.comments]} if doubt else None,
    }


def _invoice_json(invoice: PlannedInvoice) -> dict[str, Any]:
    return {
        "step": type(invoice.step).__name__.lower(),
        "unbilled_minutes": invoice.unbilled_minutes,
        "open_charges": invoice.unbilled_items,
        "prepaid_hours": str(invoice.prepaid) if invoice.prepaid is not None else None,
        "sets_status": invoice.sets_status,
        "doubt": invoice.step.reason if isinstance(invoice.step, Doubt) else None,
    }
