"""A ticket's file as tests begin with it, and what it is checked against."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from synclog.core.settings import Labor
from synclog.core.ticketfile import FileRules, Stamp, render_new_ticket_file
from synclog.model import Person

PATH = "clients/hollow-oak-dental/tickets/32162-server-upgrade.md"

RULES = FileRules(
    labor={"remote": Labor("remote", 1190473), "onsite": Labor("onsite", 26118), "travel": Labor("travel", 26117)},
    timezone=ZoneInfo("America/Phoenix"),
    statuses=("New", "In Progress", "Waiting on Customer", "Waiting on Vendor", "Resolved", "Invoiced"),
    technicians=(
        Person(1735, "Mika Sandoval"),
        Person(1740, "Daniel Reyes"),
        Person(1741, "Daniel Reyes"),
        Person(1750, "Jörg Ångström"),
    ),
    contacts={24152385: (Person(501, "Lena Fjord"), Person(502, "Lenard Ott"))},
)

BASE: dict[str, Any] = {
    "number": 32162,
    "subject": "Server upgrade",
    "customer": "Hollow Oak Dental",
    "status": "In Progress",
    "priority": "Normal",
    "problem_type": "Server",
    "due_date": "2026-04-20",
    "assigned_to": "Mika Sandoval",
    "assigned_to_id": 1735,
    "contact": "Lena Fjord",
    "contact_id": 501,
    "tags": ["server"],
    "id": 108443837,
    "customer_id": 24152385,
    "created_at": "2026-04-15T09:12:00-07:00",
    "updated_at": "2026-04-17T11:17:40-07:00",
    "resolved_at": None,
    "url": "https://acme.syncromsp.com/tickets/108443837",
    "invoices": [],
    "version": "2026-04-17T18:17:40.123Z",
    "comment": 5512,
    "timer": 88,
}

MIRROR = "\n## Conversation\n\n### 2026-04-15 09:12 · Lena Fjord · Initial Issue · public\n\n> The server is slow.\n"

STAMP = Stamp("32162-7k2m9q4x1c", date(2026, 4, 17), place=1, after=5512, by=1735)


def ticket_text(notes: str = "notes: []", **changes: object) -> str:
    """The text of a ticket file as pull makes it: `changes` are to the base, `notes` stands for the line of notes."""
    base = BASE | changes
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else None if value is None else str(value)
        for key, value in base.items()
    }
    return render_new_ticket_file(fields, MIRROR, base).replace("notes: []", notes.rstrip("\n"), 1)
