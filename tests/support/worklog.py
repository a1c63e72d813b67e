"""A ticket two notes were posted on, as session logs see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from synclog.core.merge import Value
from synclog.core.mirror import ChargeRow, Entry, InvoiceRow, Mirror, TimeRow
from synclog.core.sessionlog import SessionLog, session_log, sessions_of, work_of
from synclog.core.trail import TrailEntry

PHOENIX = ZoneInfo("America/Phoenix")
DAY = date(2026, 4, 17)
FIRST, SECOND, THIRD = "32162-7k2m9q4x1c", "32162-aaaaaaaaaa", "32162-bbbbbbbbbb"

FIELDS: Mapping[str, Value] = {
    "number": "32162",
    "subject": "Server upgrade",
    "customer": "Len's Auto Brokerage",
    "status": "Resolved",
    "contact": "Len Ford",
    "tags": ("server", "raid"),
    "resolved_at": "2026-04-17T15:00:00-07:00",
    "url": "https://acme.example/tickets/108443837",
}
PROBLEM = Entry(
    datetime(2026, 4, 15, 9, 12, tzinfo=PHOENIX),
    "Len Ford",
    "Initial Issue",
    "public",
    "The server is slow since Monday.",
)


def said(text: str, reference: str | None, hour: int, author: str = "Mia Ortiz") -> Entry:
    text = f"{text}\n\nRef {reference}" if reference else text
    return Entry(datetime(2026, 4, 17, hour, 0, tzinfo=PHOENIX), author, "Update", "public", text)


def posted(reference: str, hour: int, minutes: int | None = None, **more: object) -> TrailEntry:
    when = datetime(2026, 4, 17, hour, 5, tzinfo=PHOENIX).astimezone(UTC)
    entry = TrailEntry("comment", 32162, reference, hour, minutes=minutes, author="Mia Ortiz", when=when)
    return replace(entry, **more)  # type: ignore[arg-type]


MIRROR = Mirror(
    entries=(
        PROBLEM,
        said("Replaced the **disk**.", FIRST, 10),
        said("Thank you! 👍\n# Grüße", None, 11, "Len Ford"),
        said("Rebuilt the array.", SECOND, 12),
    ),
    time=(TimeRow(DAY, 90, "remote", "Mia Ortiz", "135 open", ""), TimeRow(DAY, 30, "onsite", "Mia Ortiz", "no", "")),
    charges=(ChargeRow("SSD 960 GB", Decimal("2"), Decimal("189.50"), False),),
    invoices=(InvoiceRow("10231", DAY, Decimal("439.00")),),
)
TRAIL = (posted(SECOND, 12, 30, labor="onsite"), posted(FIRST, 10, 90, billed_minutes=135, labor="remote"))


def log_of(**changed: object) -> SessionLog:
    """The log of the last work session of a ticket."""
    values: dict[str, object] = {"fields": FIELDS, "mirror": MIRROR, "trail": TRAIL, **changed}
    work = work_of(values["mirror"], values["trail"], PHOENIX)  # type: ignore[arg-type]
    session = sessions_of(work, "day", {}, DAY)[-1]
    fields, mirror = values["fields"], values["mirror"]
    return session_log(fields, mirror, work, session, "../tickets/32162-server-upgrade.md")  # type: ignore[arg-type]
