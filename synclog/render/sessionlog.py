"""Session logs as files: the value of core/sessionlog.py through the templates, and never over a person's edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from synclog.core.cleantext import clean_line
from synclog.core.durations import format_minutes
from synclog.core.logfile import fingerprint, parse_log_name, read_log, sealed
from synclog.core.logindex import Listed, link, plain
from synclog.core.logmerge import merged
from synclog.core.merge import Value
from synclog.core.mirror import Entry, TimeRow, quoted
from synclog.core.money import money
from synclog.core.sessionlog import RESOLUTION, SessionLog, Work, for_customer
from synclog.core.ticketkeys import READ_ONLY, TICKET_EDITABLE
from synclog.core.yamlemit import emit
from synclog.render.ticket import inert_line

if TYPE_CHECKING:
    from synclog.render.environment import Templates

Outcome = Literal["created", "unchanged", "replaced", "kept", "merged"]

FOR_CUSTOMERS = "customer"
"""What a template's name begins with that gets only what a customer may see."""
_LINES = 15
_NOT_SHOWN = ("updated_at", "id", "customer_id", "invoices")
TICKET_KEYS = tuple(key for key in (*TICKET_EDITABLE, *READ_ONLY) if key not in _NOT_SHOWN)
"""What templates get of a ticket's front matter."""


def template_file(template: str) -> str:
    """Return the file of the session log template called `template`."""
    return f"session-log-{template}.md.j2"


def is_for_customers(template: str) -> bool:
    """Return whether logs of a template are for customers' eyes."""
    return template.split("-")[0] == FOR_CUSTOMERS


def seen_by(log: SessionLog, template: str) -> SessionLog:
    """Return what of `log` a template gets at all."""
    return for_customer(log) if is_for_customers(template) else log


def render_session_log(log: SessionLog, environment: Templates, template: str = "full") -> str:
    """Return the whole file of a log: front matter by the code, the rest by the template, and the seal.

    All that comes from outside reaches the template quoted, or as one line of inert markdown. The same log gives the
    same bytes. Raises TemplateFailed.
    """
    seen = seen_by(log, template)
    values = log_values(seen, template)
    body = _body(seen, values, environment, template)
    return sealed(body, _references(seen), _fingerprint(seen, values, template))


def is_changed(existing: str, log: SessionLog, template: str) -> bool:
    """Return whether the ticket of a log that is there has changed since it was made."""
    seen = seen_by(log, template)
    return read_log(existing).made_of != _fingerprint(seen, log_values(seen, template), template)


def updated_log(
    existing: str | None, log: SessionLog, environment: Templates, template: str = "full", *, update: bool = False
) -> tuple[str, Outcome]:
    """Return a log's file brought up to date, and what became of it.

    A log that nobody edited is written anew. One that a person edited is `kept` where its ticket has changed since it
    was made; with `update` what is new is merged into it, and what they wrote stays as it is. Raises TemplateFailed.
    """
    if existing is None:
        return render_session_log(log, environment, template), "created"
    found = read_log(existing)
    if found.untouched:
        fresh = render_session_log(log, environment, template)
        return (existing, "unchanged") if existing.replace("\r\n", "\n") == fresh else (fresh, "replaced")
    seen = seen_by(log, template)
    values = log_values(seen, template)
    now = _fingerprint(seen, values, template)
    if found.made_of == now:
        return existing, "unchanged"
    if not update:
        return existing, "kept"
    body = _body(seen, values, environment, template)
    text = merged(found.text, found.base, body)
    newline = "\r\n" if text.split("\n", 1)[0].endswith("\r") else "\n"
    return sealed(text, found.entries | set(_references(seen)), now, body, newline=newline), "merged"


def listed_of(log: SessionLog, file: str, template: str = "full") -> Listed:
    """Return what an index shows of a log that is written as `file`: what its front matter will say."""
    seen = seen_by(log, template)
    name = parse_log_name(file)
    assert name is not None
    return Listed(
        file=file,
        name=name,
        subject=clean_line(_text(seen.fields.get("subject")))[:300] or name.words,
        minutes=seen.minutes if seen.minutes < 10**6 else 0,
        technicians=tuple(clean_line(one)[:300] for one in seen.technicians),
        invoices=tuple(clean_line(row.number)[:300] for row in seen.invoices),
        tags=tuple(clean_line(tag)[:300] for tag in seen.fields.get("tags") or ()),
        contact=clean_line(_text(seen.fields.get("contact")))[:300],
    )


def _fingerprint(log: SessionLog, values: Mapping[str, Any], template: str) -> str:
    """What a log is made of: links to earlier logs are not counted, these come and go."""
    return fingerprint([{**values, "earlier": []}, _front_matter(log, template)])


def _body(log: SessionLog, values: Mapping[str, Any], environment: Templates, template: str) -> str:
    text = environment.render(template_file(template), values).strip("\n")
    return f"{_front_matter(log, template)}\n{text}\n"


def _references(log: SessionLog) -> Iterable[str]:
    return (work.reference for work in log.work)


# --- front matter -------------------------------------------------------------------------------------------------


def _front_matter(log: SessionLog, template: str) -> str:
    """YAML that any reader takes for the same: every text in quotes, whatever a subject or a name contains."""
    fields = log.fields
    number = _text(fields.get("number"))
    by_labor = ", ".join(f"{_yaml(labor)}: {minutes}" for labor, minutes in log.minutes_by_labor.items())
    lines = [
        f"ticket: {number if number.isascii() and number.isdecimal() else _yaml(number)}",
        f"subject: {_yaml(_text(fields.get('subject')))}",
        f"customer: {_yaml(_text(fields.get('customer')))}",
        f"contact: {_yaml(_text(fields.get('contact')))}",
        f"date: {log.day.isoformat()}",
        f"technicians: {_yaml_list(log.technicians)}",
        f"minutes: {log.minutes}",
        f"billed_minutes: {log.billed_minutes}",
        f"minutes_by_labor: {{{by_labor}}}",
        f"invoices: {_yaml_list(row.number for row in log.invoices)}",
        f"status: {_yaml(_text(fields.get('status')))}",
        f"tags: {_yaml_list(fields.get('tags') or ())}",
        f"template: {_yaml(template)}",
    ]
    return "---\n" + "\n".join(lines) + "\n---\n"


def _yaml(text: str) -> str:
    return emit(clean_line(text), style='"')


def _yaml_list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(emit(clean_line(text), style='"', flow=True) for text in texts) + "]"


# --- values for the templates -------------------------------------------------------------------------------------


def log_values(log: SessionLog, template: str) -> dict[str, Any]:
    """Return all that a template gets: docs/session-logs.md lists it."""
    work = [_work(made) for made in log.work]
    return {
        "template": template,
        "ticket": {
            **{key: inert_line(_text(log.fields.get(key))) for key in TICKET_KEYS},
            "tags": [inert_line(tag) for tag in log.fields.get("tags") or ()],
            "file": link(log.file),
        },
        "date": log.day.isoformat(),
        "technicians": [inert_line(name) for name in log.technicians],
        "work": work,
        "resolution": next((made for made in reversed(work) if made["subject"] == RESOLUTION), None),
        "minutes": log.minutes,
        "billed_minutes": log.billed_minutes,
        "total": _time(log.minutes),
        "billed": _time(log.billed_minutes),
        "labor": [
            {"name": inert_line(name), "minutes": minutes, "time": format_minutes(minutes)}
            for name, minutes in log.minutes_by_labor.items()
        ],
        "problem": _entry(log.problem) if log.problem else None,
        "conversation": [_entry(entry) for entry in log.talk],
        "time_entries": [_row(row) for row in log.time],
        "charges": [
            {
                "name": inert_line(row.name),
                "quantity": f"{row.quantity:f}",
                "price": money(row.price),
                "invoiced": row.invoiced,
            }
            for row in log.charges
        ],
        "invoices": [
            {"number": inert_line(row.number), "date": row.date.isoformat(), "total": money(row.total)}
            for row in log.invoices
        ],
        "open_ends": [inert_line(line) for line in (*log.open_ends, *log.internal_ends)],
        "earlier": [
            {
                "date": other.name.day.isoformat(),
                "number": other.name.number,
                "subject": plain(other.subject),
                "path": link(other.file),
            }
            for other in log.earlier
        ],
    }


def _work(work: Work) -> Mapping[str, Any]:
    billed = work.billed_minutes if work.billed_minutes != work.minutes else None
    return {
        "reference": clean_line(work.reference),
        "date": work.day.isoformat(),
        "technician": inert_line(work.technician),
        "subject": inert_line(work.subject),
        "visibility": work.visibility,
        "text": quoted(work.text) if work.text else "",
        "minutes": work.minutes or 0,
        "time": _time(work.minutes or 0),
        "billed": "" if billed is None else format_minutes(billed),
        "labor": inert_line(work.labor or ""),
    }


def _row(row: TimeRow) -> Mapping[str, Any]:
    return {
        "date": row.date.isoformat(),
        "minutes": row.minutes,
        "time": format_minutes(row.minutes),
        "labor": inert_line(row.labor),
        "technician": inert_line(row.tech),
        "billed": inert_line(row.billed),
        "notes": inert_line(row.notes),
    }


def _time(minutes: int) -> str:
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


def _text(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or ""
