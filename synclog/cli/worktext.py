"""Pending work as lines for people and as JSON: the same words in `status`, `diff` and the plan of `push`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from synclog.cli.context import styled
from synclog.cli.oneofftext import one_off_json, one_off_line
from synclog.core.cleantext import clean_line

if TYPE_CHECKING:
    from synclog.app.status import Status
    from synclog.core.work import FieldChange, Held, NoteWork, TicketWork
    from synclog.errors import InvalidFile

_PLACE = re.compile(r"^(.+?:\d+:\d+: )")
"""The path, line and column that begin a line."""


def status_lines(found: Status) -> list[str]:
    """Return the lines of `synclog status`."""
    lines = []
    for work in found.works:
        lines.append(heading(work.number, work.customer, work.subject))
        lines += [f"    create   {work.path}"] if work.draft else []
        lines += [f"    doing    {one_off_line(one)}" for one in work.doing]
        lines += [f"    note     {note_line(note)}" for note in work.notes]
        lines += ["    invoice  asked for"] if work.invoice else []
        lines += [f"    change   {change_line(change)}" for change in work.changes]
        lines += [held_line(held) for held in work.held]
    for error in found.invalid:
        lines += invalid_lines(error)
    lines += slip_lines(found.slips)
    if not lines:
        lines.append(f"nothing pending in {found.tickets} tickets")
    return lines


def slip_lines(slips: Sequence[str]) -> list[str]:
    """Return what is valid and looks like a slip, the path and line first."""
    return [styled("look at ", fg="yellow") + slip for slip in slips]


def warning_lines(slips: Sequence[str]) -> list[str]:
    """Return the same as `file:line:col: warning: message`, as editors jump to."""
    return [_PLACE.sub(r"\1warning: ", slip, count=1) for slip in slips]


def invalid_lines(error: InvalidFile) -> list[str]:
    """Return what is wrong with a file, the path and line first."""
    return [styled("not valid", fg="red"), *(f"  {line}" for line in str(error).splitlines())]


def diff_lines(found: Status) -> list[str]:
    """Return the lines of `synclog diff`: what would be sent, in full."""
    from synclog.core.plan import audience_words

    lines = []
    for work in found.works:
        if not (work.draft or work.doing or work.notes or work.invoice or work.changes):
            continue
        lines.append(heading(work.number, work.customer, work.subject))
        if work.draft is not None:
            lines.append(styled(f"  + new ticket ({audience_words(work.draft.to)})", fg="green"))
            lines += [styled(f"  +   {line}", fg="green") for line in work.draft.description.strip().splitlines()]
            lines += [styled(f"  +   {field}: {value(of)}", fg="green") for field, of in work.draft.fields]
        lines += [styled(f"  + {one_off_line(one)}", fg="green") for one in work.doing]
        for note in work.notes:
            lines.append(styled(f"  + {note.subject} ({audience_words(note.to)})", fg="green"))
            lines += [styled(f"  +   {line}", fg="green") for line in note.text.strip().splitlines()]
            lines += [styled(f"  +   {time_line(note)}", fg="green")] if note.minutes is not None else []
        lines += [styled("  + invoice of the unbilled work", fg="green")] if work.invoice else []
        for change in work.changes:
            lines.append(styled(f"  - {change.field}: {value(change.base)}", fg="red"))
            lines.append(styled(f"  + {change.field}: {value(change.mine)}", fg="green"))
    return lines or ["nothing to send"]


def heading(number: int, customer: str, subject: str) -> str:
    """Return the line that names a ticket, a new one where `number` is 0."""
    return (
        styled(f"#{number}" if number else "new", fg="yellow", bold=True)
        + f"  {clean_line(customer)} · {clean_line(subject)}"
    )


def note_line(note: NoteWork) -> str:
    """Return a note in one line: its time, its audience, its first words."""
    first = note.text.strip().splitlines()[0]
    first = first if len(first) <= 60 else first[:59] + "…"
    time = f"{time_line(note)}, " if note.minutes is not None else ""
    return f'{time}{note.to}: "{first}"'


def time_line(note: NoteWork) -> str:
    """Return a note's time: worked, and billed where it differs, with the labor."""
    from synclog.core.durations import format_minutes

    assert note.minutes is not None
    if note.bills is None or note.bills == note.minutes:
        return f"{format_minutes(note.minutes)} {note.labor}"
    return f"worked {note.minutes} min, bills {note.bills} min ({note.why_bills}) {note.labor}"


def change_line(change: FieldChange) -> str:
    """Return a field's edit in one line."""
    return f"{change.field}: {value(change.base)} -> {value(change.mine)}"


def held_line(held: Held) -> str:
    """Return what is held back and why, coloured by whether a person has to act."""
    remedy = f" -> {held.remedy}" if held.remedy else ""
    where = f" (line {held.line})" if held.line else ""
    text = f"    {'decide' if held.decision else 'held'}   {held.what}{where}: {held.reason}{remedy}"
    return styled(text, fg="red" if held.decision else "cyan")


def value(of: str | tuple[str, ...] | None) -> str:
    """Return a field's value for people."""
    if isinstance(of, tuple):
        return "[" + ", ".join(map(clean_line, of)) + "]"
    return clean_line(of) if of else "(none)"


def work_json(work: TicketWork) -> dict[str, Any]:
    """Return the pending work of a ticket for `--json`."""
    return {
        "number": work.number or None,
        "path": work.path,
        "subject": work.subject,
        "customer": work.customer,
        "create": work.draft is not None,
        "doing": [one_off_json(one) for one in work.doing],
        "notes": [note_json(note) for note in work.notes],
        "invoice": work.invoice is not None,
        "changes": [{"field": c.field, "from": c.base, "to": c.mine} for c in work.changes],
        "held": held_json(work.held),
    }


def note_json(note: NoteWork) -> dict[str, Any]:
    """Return a note for `--json`; minutes are whole numbers, null without time."""
    return {
        "line": note.line,
        "text": note.text,
        "subject": note.subject,
        "to": note.to,
        "minutes": note.minutes,
        "billed_minutes": note.bills,
        "labor": note.labor,
        "product_id": note.product_id,
        "day": note.day.isoformat(),
        "reference": None if note.reference.startswith("0-") else note.reference,
        "filled_in": list(note.filled),
    }


def held_json(held: Sequence[Held]) -> list[dict[str, Any]]:
    """Return what is held back for `--json`."""
    return [
        {"what": h.what, "reason": h.reason, "remedy": h.remedy, "line": h.line, "decision": h.decision} for h in held
    ]
