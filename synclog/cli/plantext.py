"""The plan of a push as lines for people and as JSON, and what was done of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from synclog.cli.context import styled
from synclog.cli.oneofftext import one_off_lines, planned_one_off_json
from synclog.cli.worktext import change_line, heading, held_json, held_line, note_json, time_line
from synclog.core.cleantext import clean_line
from synclog.core.deciding.steps import (
    AddTime,
    Charge,
    Doubt,
    Hold,
    Leave,
    Record,
    RecordInvoice,
    RecordTicket,
    Restamp,
    Send,
    TimeRecord,
    Wait,
)
from synclog.core.deciding.times import billed_minutes
from synclog.core.durations import format_minutes
from synclog.core.money import money
from synclog.core.plaintext import plain_lines
from synclog.core.plan import Plan, PlannedDraft, PlannedInvoice, PlannedNote, TicketPlan, audience_words
from synclog.model import TimerEntry

if TYPE_CHECKING:
    from synclog.app.push.state import Done

_STEPS = {
    Send: "send",
    Wait: "look again, then send if it is not there",
    Restamp: "send as changed",
    AddTime: "send its time alone, its comment is in Syncro",
    Charge: "charge its time, which is in Syncro",
    Hold: "NOT DONE",
    Record: "record only: it is in Syncro already",
    RecordInvoice: "record only: it is in Syncro already",
    RecordTicket: "record only: it is in Syncro already",
    Leave: "left",
    Doubt: "DOUBTFUL, not sent",
}
_MOST_LINES = 8


def plan_lines(plan: Plan) -> list[str]:
    """Return everything that a plan shows, in the order in which it is done."""
    lines: list[str] = []
    for ticket in plan.tickets:
        lines += _ticket_lines(ticket)
    if plan.mails:
        lines.append(styled("WILL E-MAIL", fg="magenta", bold=True))
        lines += [f"    {_of(mail.number)}{_what(mail.line)}: to {mail.to}" for mail in plan.mails]
    if any(c.change.field == "status" for t in plan.tickets for c in t.changes) or any(
        t.invoice and t.invoice.sets_status for t in plan.tickets
    ):
        lines.append("    Syncro's own automations may e-mail on a changed status.")
    if any(t.draft for t in plan.tickets):
        lines.append("    Syncro's own automations may e-mail on a new ticket.")
    if not plan.tickets:
        lines.append("nothing to push")
    elif plan.technician:
        lines.append(f"as {clean_line(plan.technician)}")
    return lines


def _of(number: int) -> str:
    return f"#{number}" if number else "the new ticket"


def _what(line: int) -> str:
    return f", the note of line {line}" if line else ", its first comment"


def _ticket_lines(ticket: TicketPlan) -> list[str]:
    lines = [heading(ticket.number, ticket.customer, ticket.subject)]
    if ticket.draft is not None:
        lines += _draft_lines(ticket.draft)
    for one in ticket.doing:
        lines += one_off_lines(ticket.number, one)
    for note in ticket.notes:
        lines += _note_lines(ticket.number, note)
    if ticket.invoice is not None:
        lines += _invoice_lines(ticket.number, ticket.invoice, ticket.notes)
    for planned in ticket.changes:
        done = " (Syncro has it already)" if planned.done else ""
        lines.append(f"    change   {change_line(planned.change)}{done}")
    lines += [held_line(held) for held in ticket.held]
    return lines


def _draft_lines(draft: PlannedDraft) -> list[str]:
    work = draft.work
    filled = f" (default: {', '.join(work.filled)})" if work.filled else ""
    lines = [f"    create   {audience_words(work.to)}{filled}: {_STEPS[type(draft.step)]}"]
    lines += [f"             | {line}" for line in work.description.strip().splitlines()]
    lines.append(f"             assigned_to: {clean_line(draft.assigned_to)}")
    shown = [(name, value) for name, value in work.fields if name != "assigned_to"]
    for name, value in shown:
        text = ", ".join(value) if isinstance(value, tuple) else value
        lines.append(f"             {name}: {clean_line(text or '')}")
    if isinstance(draft.step, Doubt):
        lines += _doubt_lines(draft.step, f"synclog resolve --note {work.reference}", "TICKET")
    if isinstance(draft.step, Leave):
        lines.append(f"             {draft.step.reason}")
    return lines


def _note_lines(number: int, note: PlannedNote) -> list[str]:
    work = note.work
    filled = f" (default: {', '.join(work.filled)})" if work.filled else ""
    lines = [f"    note     {work.subject} · {audience_words(work.to)}{filled}: {_STEPS[type(note.step)]}"]
    lines += [f"             | {line}" for line in work.text.strip().splitlines()]
    if note.rate is not None:
        rate = f"{note.rate.name}, {money(note.rate.price)}/h"
        lines.append(f"             {time_line(work)} ({rate}) = {note.amount}")
    if work.dated or work.stamp is not None:
        lines.append(f"             work of {work.day.isoformat()}")
    command = f"synclog resolve {number} --note {work.reference}"
    if isinstance(note.step, Doubt):
        lines += _doubt_lines(note.step, command, "COMMENT")
    if isinstance(note.step, Hold):
        from synclog.app.pending import remedy_of

        step = note.step
        lines.append(styled(f"             comment {step.comment} is in Syncro, and {step.problem}", fg="red"))
        lines.append(f"             -> {remedy_of(step.problem)}")
        lines.append(f"             all of it is there: {command} --posted {step.comment}")
        lines.append(f"             what is missing is to be sent: {command} --send-again")
    if isinstance(note.step, Leave):
        lines.append(f"             {note.step.reason}")
    return lines


def _doubt_lines(doubt: Doubt, command: str, what: str) -> list[str]:
    """What is doubtful beside what is in Syncro, and how to settle it."""
    lines = [styled(f"             {doubt.reason}:", fg="red")]
    for comment in doubt.comments:
        lines.append(f"             in Syncro, comment {comment.id} of {comment.created_at:%Y-%m-%d %H:%M} UTC:")
        lines += [f"             > {clean_line(line)}" for line in plain_lines(comment.body)[:_MOST_LINES]]
    for ticket in doubt.tickets:
        lines.append(f"             in Syncro, ticket {ticket.number}: {clean_line(ticket.subject)}")
        first = plain_lines(ticket.comments[0].body) if ticket.comments else []
        lines += [f"             > {clean_line(line)}" for line in first[:_MOST_LINES]]
    lines += [f"             in Syncro, {time_words(time)}" for time in doubt.times]
    lines.append(f"             it is posted: {command} --posted {what}; it is not: {command} --send-again")
    return lines


def time_words(time: TimeRecord) -> str:
    """Return a timer entry or a charge in words."""
    minutes = format_minutes(billed_minutes(time))
    if isinstance(time, TimerEntry):
        return f"timer entry {time.id}: {minutes}, {clean_line(time.notes) or 'no text'}"
    return f"charge {time.id}: {minutes}, {clean_line(time.description)}"


def _invoice_lines(number: int, invoice: PlannedInvoice, notes: Sequence[PlannedNote]) -> list[str]:
    coming = sum(n.work.bills or 0 for n in notes if n.is_sent)
    parts = []
    if invoice.unbilled_minutes:
        parts.append(f"{format_minutes(invoice.unbilled_minutes)} unbilled in Syncro")
    if invoice.unbilled_items:
        parts.append(f"{invoice.unbilled_items} open charge{'s' * (invoice.unbilled_items != 1)}")
    if coming:
        parts.append(f"{format_minutes(coming)} of the notes above")
    lines = [f"    invoice  {', '.join(parts) or 'nothing to bill'}: {_STEPS[type(invoice.step)]}"]
    if invoice.expected is not None and invoice.expected and not isinstance(invoice.step, Doubt):
        most = "at most " if invoice.prepaid is not None else ""
        lines.append(f"             expected: {most}{money(invoice.expected)} at the live rates, before tax")
    if invoice.prepaid is not None:
        lines.append(
            f"             prepaid hours: {invoice.prepaid} now, fewer after it, as far as its labor draws on them"
        )
    if invoice.sets_status:
        lines.append(f"             then status -> {invoice.sets_status}")
    if isinstance(invoice.step, Doubt):
        lines.append(styled(f"             {invoice.step.reason}", fg="red"))
        if invoice.after is not None:
            command = f"synclog resolve {number} --invoice"
            lines.append(f"             it is made: {command} --posted NUMBER; it is not: {command} --send-again")
    return lines


def done_line(done: Done) -> str:
    """Return what was read back of one piece of work, in a line."""
    mark = styled("recorded", fg="cyan") if done.was_there else styled("done", fg="green")
    if done.one_off is not None:
        return f"{mark} #{done.number} {done.what}{_done_time(done)}"
    if done.op in ("comment", "time"):
        what = f"comment {done.comment}" if done.op == "comment" else f"time of comment {done.comment}"
        return f"{mark} #{done.number} {what}{_done_time(done)}: {done.reference}"
    if done.op == "invoice":
        return f"{mark} #{done.number} {done.what}, {_total(done)}"
    if done.op == "create":
        return f"{mark} #{done.number} created: {done.reference}"
    return f"{mark} #{done.number} {done.what}"


def _done_time(done: Done) -> str:
    if done.minutes is None or done.billed is None:
        return ""
    billed = "" if done.billed == done.minutes else f", bills {format_minutes(done.billed)}"
    where = [f"timer {done.timer}"] if done.timer else []
    where += [f"charge {item}" for item in done.line_items]
    return f", {format_minutes(done.minutes)}{billed} ({', '.join(where)})"


def _total(done: Done) -> str:
    """What an invoice came to, and how that differs from what the plan said."""
    total = done.total or Decimal(0)
    subtotal = total if done.subtotal is None else done.subtotal
    words = f"total {money(total)}"
    if subtotal != total:
        words += f" ({money(subtotal)} and {money(total - subtotal)} tax)"
    if done.prepaid is not None:
        words += f" ({'right, ' if total == 0 else ''}prepaid hours: {done.prepaid_before} before, {done.prepaid} left)"
    elif total == 0:
        words += " (0.00 is right where prepaid hours cover it)"
    difference = Decimal(0) if done.expected is None else subtotal - done.expected
    if difference:
        than = "more" if difference > 0 else "less"
        words += f"; {money(abs(difference))} {than} than the expected {money(done.expected or Decimal(0))}"
        words += " before tax" if subtotal != total else ""
    return words


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return a plan for `--json`."""
    return {
        "technician": plan.technician or None,
        "asked": list(plan.asked),
        "mails": [{"number": m.number or None, "line": m.line, "to": m.to} for m in plan.mails],
        "tickets": [_ticket_json(ticket) for ticket in plan.tickets],
    }


def _ticket_json(ticket: TicketPlan) -> dict[str, Any]:
    return {
        "number": ticket.number or None,
        "path": ticket.path,
        "subject": ticket.subject,
        "customer": ticket.customer,
        "create": _draft_json(ticket.draft) if ticket.draft else None,
        "doing": [planned_one_off_json(one) for one in ticket.doing],
        "notes": [_planned_json(note) for note in ticket.notes],
        "invoice": _invoice_json(ticket.invoice) if ticket.invoice else None,
        "changes": [
            {"field": c.change.field, "from": c.change.base, "to": c.change.mine, "sends": c.wire_value, "done": c.done}
            for c in ticket.changes
        ],
        "held": held_json(ticket.held),
    }


def _draft_json(draft: PlannedDraft) -> dict[str, Any]:
    work = draft.work
    return {
        "step": _step_name(draft.step),
        "customer_id": work.customer_id,
        "description": work.description,
        "to": work.to,
        "reference": work.reference,
        "filled_in": list(work.filled),
        "sends": dict(draft.values),
        "doubt": _doubt_json(draft.step),
    }


def _planned_json(note: PlannedNote) -> dict[str, Any]:
    return note_json(note.work) | {
        "step": _step_name(note.step),
        "rate": str(note.rate.price) if note.rate else None,
        "product": note.rate.name if note.rate else None,
        "amount": str(note.amount) if note.amount is not None else None,
        "doubt": _doubt_json(note.step),
        "problem": note.step.problem if isinstance(note.step, Hold) else None,
        "comment": note.step.comment if isinstance(note.step, Hold) else None,
    }


def _doubt_json(step: object) -> dict[str, Any] | None:
    if not isinstance(step, Doubt):
        return None
    return {
        "reason": step.reason,
        "comments": [c.id for c in step.comments],
        "times": [t.id for t in step.times],
        "tickets": [t.number for t in step.tickets],
    }


def _step_name(step: object) -> str:
    return type(step).__name__.lower()


def _invoice_json(invoice: PlannedInvoice) -> dict[str, Any]:
    return {
        "step": _step_name(invoice.step),
        "unbilled_minutes": invoice.unbilled_minutes,
        "open_charges": invoice.unbilled_items,
        "expected": str(invoice.expected) if invoice.expected is not None else None,
        "prepaid_hours": str(invoice.prepaid) if invoice.prepaid is not None else None,
        "sets_status": invoice.sets_status,
        "doubt": invoice.step.reason if isinstance(invoice.step, Doubt) else None,
    }
