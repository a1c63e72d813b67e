"""What is unbilled, as lines for people and for `--json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synclog.cli.worktext import change_line, heading, held_line, note_line
from synclog.core.cleantext import clean_line
from synclog.core.durations import format_minutes
from synclog.core.money import money

if TYPE_CHECKING:
    from synclog.app.survey import Survey, UnbilledTicket
    from synclog.app.unbilled import Billing
    from synclog.core.unbilled import Unbilled


def billing_lines(billing: Billing) -> list[str]:
    """Return a ticket as its technician needs it before billing."""
    fields, work = billing.file.fields, billing.work
    contact = fields.get("contact")
    lines = [heading(billing.file.number or 0, billing.customer, str(fields.get("subject") or ""))]
    lines.append(f"    status   {billing.status or '(none)'}")
    lines.append(f"    contact  {clean_line(contact) if isinstance(contact, str) and contact else '(none)'}")
    where = "" if billing.live else ", as of the last pull"
    lines.append(f"    unbilled {unbilled_words(billing.unbilled)}{where}")
    if billing.invoices:
        lines.append(f"    invoiced {', '.join(billing.invoices)}")
    if billing.prepaid is not None:
        lines.append(f"    prepaid  {billing.prepaid} hours")
    if work is not None:
        lines += [f"    waiting  note: {note_line(note)}" for note in work.notes]
        lines += [f"    waiting  change: {change_line(change)}" for change in work.changes]
        lines += [held_line(held) for held in work.held]
    return lines


def unbilled_words(unbilled: Unbilled) -> str:
    """Return what is unbilled and what it comes to."""
    parts = [format_minutes(unbilled.minutes)] if unbilled.minutes else []
    if unbilled.charges:
        parts.append(f"{unbilled.charges} charge{'s' * (unbilled.charges != 1)}")
    if not parts:
        return "nothing"
    amount = "" if unbilled.amount is None else f", {money(unbilled.amount)} at the live rates, before tax"
    return " and ".join(parts) + amount


def survey_lines(survey: Survey) -> list[str]:
    """Return the table of all that is unbilled, and what it does not cover."""
    tickets = [ticket for ticket in survey.tickets if not ticket.left_out]
    lines = _table(tickets)
    lines += [f"not posted yet, so it goes first: {_notes(t.notes)} of #{t.number}" for t in tickets if t.notes]
    left = [ticket for ticket in survey.tickets if ticket.left_out]
    if left:
        lines += ["left out:"]
        lines += [f"  #{t.number}  {t.customer}, {unbilled_words(t.unbilled)}: {t.left_out}" for t in left]
    for number, count in survey.unposted:
        lines.append(f"not posted yet, so not in it: {_notes(count)} of #{number}")
    for error in survey.invalid:
        lines.append(f"not looked at, it is not valid (`synclog check` says why): {error.path}")
    when = f"as of the pull of {survey.pulled_to:%Y-%m-%d %H:%M} UTC" if survey.pulled_to else "as they were pulled"
    lines.append(f"looked at {survey.looked_at} ticket files {when}")
    lines.append("a ticket without a file is not in it: `synclog pull NUMBER`, or `--all`, brings one")
    return lines


def _table(tickets: list[UnbilledTicket]) -> list[str]:
    rows = [("ticket", "customer", "time", "charges", "amount", "status")]
    for t in tickets:
        amount = "unknown" if t.unbilled.amount is None else money(t.unbilled.amount)
        minutes = format_minutes(t.unbilled.minutes) if t.unbilled.minutes else "–"
        charges = str(t.unbilled.charges or "–")
        rows.append((f"#{t.number}", _cut(t.customer, 24), minutes, charges, amount, _cut(t.status, 18)))
    if len(rows) == 1:
        return ["nothing is unbilled that may be billed by ticket"]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    right = {2, 3, 4}
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _notes(count: int) -> str:
    return f"{count} note{'s' * (count != 1)}"


def unbilled_json(ticket: UnbilledTicket) -> dict[str, Any]:
    """Return a ticket with unbilled work for `--json`."""
    return {
        "number": ticket.number,
        "path": ticket.path,
        "customer": ticket.customer,
        "subject": ticket.subject,
        "status": ticket.status,
        "unbilled_minutes": ticket.unbilled.minutes,
        "open_charges": ticket.unbilled.charges,
        "amount": str(ticket.unbilled.amount) if ticket.unbilled.amount is not None else None,
        "unposted_notes": ticket.notes,
        "left_out": ticket.left_out or None,
    }
