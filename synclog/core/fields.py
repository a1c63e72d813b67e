"""A ticket of Syncro as the values of a file's front matter and of its base; and edits as what Syncro is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from synclog.core.cleantext import clean_line
from synclog.core.merge import Value
from synclog.core.names import display_names
from synclog.core.references import short_hash
from synclog.model import Person, Ticket

WIRE_NAMES = {"assigned_to": "user_id", "contact": "contact_id", "tags": "tag_list"}
"""Front matter keys whose name in Syncro is another one."""


def local_time(when: datetime | None, zone: tzinfo) -> str | None:
    """Return `2026-04-17T11:17:40-07:00` in `zone`, whole seconds."""
    return when.astimezone(zone).isoformat(timespec="seconds") if when else None


def version_of(ticket: Ticket) -> str:
    """Return the ticket's version: when Syncro changed it last, UTC, with milliseconds."""
    return (
        ticket.updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{ticket.updated_at.microsecond // 1000:03}Z"
    )


def web_base(base_url: str) -> str:
    """Return the address of the web interface that belongs to an API address."""
    return base_url.rstrip("/").removesuffix("/api/v1")


def ticket_fields(
    ticket: Ticket, *, technicians: Iterable[Person], zone: tzinfo, web: str, invoices: Sequence[str]
) -> dict[str, Value]:
    """Return the mirrored front matter of `ticket`, in the order of the file. `invoices` are its invoice numbers."""
    contacts = ticket.customer.contacts if ticket.customer else ()
    return {
        "number": str(ticket.number),
        "subject": clean_line(ticket.subject),
        "customer": clean_line(ticket.customer_name),
        "status": clean_line(ticket.status),
        "priority": _line_or_none(ticket.priority),
        "problem_type": _line_or_none(ticket.problem_type),
        "due_date": due_date(ticket.due_date, zone),
        "assigned_to": _person(ticket.assigned_to, technicians),
        "contact": _person(ticket.contact, contacts),
        "tags": tuple(clean_line(tag) for tag in ticket.tags),
        "id": str(ticket.id),
        "customer_id": str(ticket.customer_id),
        "created_at": local_time(ticket.created_at, zone),
        "updated_at": local_time(ticket.updated_at, zone),
        "resolved_at": local_time(ticket.resolved_at, zone),
        "url": f"{web}/tickets/{ticket.id}",
        "invoices": tuple(clean_line(number) for number in invoices),
    }


def ticket_base(
    ticket: Ticket, fields: Mapping[str, Value], comment: int, timer: int, mirror: str
) -> dict[str, object]:
    """Return the base of a file with these `fields` and this `mirror`: what Syncro said last, with ids, version, the
    highest comment and timer ids seen, and a hash of the mirrored text, by which a change to it is seen."""
    base: dict[str, object] = {k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()}
    base |= {"number": ticket.number, "id": ticket.id, "customer_id": ticket.customer_id}
    base["assigned_to_id"] = ticket.assigned_to.id if ticket.assigned_to else None
    base["contact_id"] = ticket.contact.id if ticket.contact else None
    base |= {"version": version_of(ticket), "comment": comment, "timer": timer}
    base["mirror"] = mirror_hash(mirror)
    return base


def mirror_hash(mirror: str) -> str:
    """Return the hash of a file's mirrored text, whatever its line ends."""
    return short_hash(mirror.replace("\r\n", "\n").strip())


def due_date(text: str | None, zone: tzinfo) -> str | None:
    """Return a due date as the file shows it: a date as it is, a full time in `zone`."""
    if not text or len(text) <= len("2026-04-20"):
        return text or None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return clean_line(text)
    return local_time(when, zone) if when.tzinfo else clean_line(text)


def _line_or_none(text: str | None) -> str | None:
    return clean_line(text) or None if text else None


def _person(person: Person | None, people: Iterable[Person]) -> str | None:
    """The person's name, with the id where two of `people` share it."""
    if person is None:
        return None
    known = {p.id: p for p in people} | {person.id: person}
    return clean_line(display_names(tuple(known.values()))[person.id])
