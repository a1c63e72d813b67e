"""Session logs as files: the value of core/sessionlog.py through the templates, and never over a person's edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from synclog.core.cleantext import clean_line
from synclog.core.durations import format_minutes
from synclog.core.merge import Value
from synclog.core.mirror import Entry, quoted
from synclog.core.money import money
from synclog.core.sessionlog import Outcome, SessionLog, Work, missing_work, read_log, sealed
from synclog.core.yamlemit import emit
from synclog.render.ticket import inert_line

if TYPE_CHECKING:
    from synclog.render.environment import Templates

LOG_TEMPLATE = "session-log.md.j2"
WORK_TEMPLATE = "session-log-work.md.j2"
_LINES = 15


def render_session_log(log: SessionLog, environment: Templates) -> str:
    """Return the whole file of a log: front matter by the code, the rest by the template, and the seal.

    All that comes from outside reaches the template quoted, or as one line of inert markdown. The same log gives the
    same bytes. Raises TemplateFailed.
    """
    text = _front_matter(log) + environment.render(LOG_TEMPLATE, _values(log)).strip("\n")
    return sealed(text, (work.reference for work in log.work))


def updated_log(existing: str | None, log: SessionLog, environment: Templates) -> tuple[str, Outcome]:
    """Return a log's file brought up to date, and what became of it.

    A log that nobody edited is written anew. To one that a person edited only the work that it lacks is added, under a
    heading at its end; what they wrote stays as it is. Raises TemplateFailed.
    """
    if existing is None:
        return render_session_log(log, environment), "created"
    found = read_log(existing)
    if found.untouched:
        fresh = render_session_log(log, environment)
        return (existing, "unchanged") if existing.replace("\r\n", "\n") == fresh else (fresh, "replaced")
    added = missing_work(log, found)
    if not added:
        return existing, "unchanged"
    values = {"work": [_work(work) for work in added], "total": _total(added)}
    part = f"## Added {log.day.isoformat()}\n\n" + environment.render(WORK_TEMPLATE, values).strip("\n")
    entries = found.entries | {work.reference for work in added}
    return sealed(f"{found.text.rstrip(chr(10))}\n\n{part}\n", entries, edited=True), "appended"


# --- front matter -------------------------------------------------------------------------------------------------


def _front_matter(log: SessionLog) -> str:
    """YAML that any reader takes for the same: every text in quotes, whatever a subject or a name contains."""
    number = _text(log.fields.get("number"))
    by_labor = ", ".join(f"{_yaml(labor)}: {minutes}" for labor, minutes in log.minutes_by_labor.items())
    lines = [
        f"ticket: {number if number.isascii() and number.isdecimal() else _yaml(number)}",
        f"subject: {_yaml(_text(log.fields.get('subject')))}",
        f"customer: {_yaml(_text(log.fields.get('customer')))}",
        f"date: {log.day.isoformat()}",
        f"technician: {_yaml(log.technician)}",
        f"minutes: {log.minutes}",
        f"billed_minutes: {log.billed_minutes}",
        f"minutes_by_labor: {{{by_labor}}}",
        f"invoice: {_yaml_list(row.number for row in log.invoices)}",
        f"tags: {_yaml_list(log.fields.get('tags') or ())}",
    ]
    return "---\n" + "\n".join(lines) + "\n---\n\n"


def _yaml(text: str) -> str:
    return emit(clean_line(text), style='"')


def _yaml_list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(emit(clean_line(text), style='"', flow=True) for text in texts) + "]"


# --- values for the templates -------------------------------------------------------------------------------------


def _values(log: SessionLog) -> dict[str, Any]:
    ticket = {key: inert_line(_text(value)) for key, value in log.fields.items()}
    ticket = {
        **dict.fromkeys(("number", "subject", "customer", "status", "contact", "resolved_at", "url"), ""),
        **ticket,
    }
    return {
        "ticket": ticket,
        "date": log.day.isoformat(),
        "technician": inert_line(log.technician),
        "work": [_work(work) for work in log.work],
        "total": _total(log.work),
        "labor": [{"name": _cell(name), "time": format_minutes(m)} for name, m in log.minutes_by_labor.items()],
        "problem": _entry(log.problem) if log.problem else None,
        "conversation": [_entry(entry) for entry in log.excerpt],
        "charges": [
            {
                "name": _cell(row.name),
                "quantity": f"{row.quantity:f}",
                "price": money(row.price),
                "invoiced": row.invoiced,
            }
            for row in log.charges
        ],
        "invoices": [
            {"number": _cell(row.number), "date": row.date.isoformat(), "total": money(row.total)}
            for row in log.invoices
        ],
        "open_ends": [inert_line(line) for line in log.open_ends],
    }


def _work(work: Work) -> Mapping[str, Any]:
    return {
        "reference": clean_line(work.reference),
        "date": work.day.isoformat(),
        "technician": inert_line(work.technician),
        "subject": inert_line(work.subject),
        "visibility": work.visibility,
        "text": quoted(work.text) if work.text else "",
        "time": format_minutes(work.minutes) if work.minutes else "",
        "billed": format_minutes(work.billed_minutes) if work.billed_minutes not in (None, work.minutes) else "",
        "labor": inert_line(work.labor or ""),
    }


def _total(works: Sequence[Work]) -> str:
    minutes = sum(work.minutes or 0 for work in works)
    return format_minutes(minutes) if minutes else ""


def _entry(entry: Entry) -> Mapping[str, str]:
    lines = entry.text.split("\n")
    text = "\n".join(lines[:_LINES]) + ("\n[…]" if len(lines) > _LINES else "")
    return {
        "when": entry.when.isoformat(sep=" ", timespec="minutes")[:16],
        "author": inert_line(entry.author),
        "subject": inert_line(entry.subject),
        "visibility": entry.visibility,
        "text": quoted(text),
    }


def _cell(text: str) -> str:
    return inert_line(text).replace("|", "\\|")


def _text(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or ""
