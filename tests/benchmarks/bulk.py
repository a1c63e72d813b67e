"""A workspace with as many tickets as one likes, made in moments: rendered as by a pull, committed in bulk."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from synclog.core.fields import mirror_hash
from synclog.core.mirror import ChargeRow, Entry, InvoiceRow, Mirror, TimeRow, render_mirror
from synclog.core.slugs import customer_slug, ticket_filename
from synclog.core.ticketfile import render_new_ticket_file
from synclog.sandbox import phrases
from synclog.sandbox.generate import END, MOST_CUSTOMERS, START, STATUSES, TICKETS_A_CUSTOMER
from synclog.workspace.making import init_workspace

BASE_URL = "https://acme.syncromsp.com/api/v1"
ZONE = ZoneInfo("America/Phoenix")
RARE = "Kaltwasserpumpe"
"""A word that one ticket of a thousand has."""
FIRST_NUMBER = 32162
_TECHNICIANS = ((1735, "Mika Sandoval"), (1740, "Daniel Reyes"), (1750, "Jörg Ångström"))


@dataclass(frozen=True, slots=True)
class _Customer:
    id: int
    name: str
    folder: str
    contact: str


def make_workspace(
    root: Path, tickets: int, *, base_url: str = BASE_URL, first: int = FIRST_NUMBER, times: int = 1
) -> None:
    """Make a workspace with that many tickets at `root`, numbered from `first` on, all of them committed; nothing is
    pending in it. Each has so many `times`, those but the first charged or invoiced."""
    init_workspace(root, base_url, str(ZONE), labor={"remote": 1190473})
    start = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, check=True, text=True).stdout
    words = ["git", "fast-import", "--quiet", "--done"]
    with subprocess.Popen(words, cwd=root, stdin=subprocess.PIPE) as into:
        assert into.stdin is not None
        head = (b"commit refs/heads/main", b"committer Syncro <syncro@acme.syncromsp.com> 1777000000 +0000", b"data 0")
        into.stdin.write(b"\n".join((*head, b"from " + start.strip().encode(), b"")))
        for path, text in ticket_texts(tickets, first, times):
            raw = text.encode()
            into.stdin.write(f"M 100644 inline {path}\ndata {len(raw)}\n".encode() + raw + b"\n")
        into.stdin.write(b"done\n")
    assert into.returncode == 0
    subprocess.run(["git", "reset", "--quiet", "--hard"], cwd=root, check=True)


def ticket_texts(tickets: int, first: int = FIRST_NUMBER, times: int = 1) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of so many tickets, the same ones each time."""
    rng = Random(FIRST_NUMBER)
    taken: set[str] = set()
    customers = [
        _customer(rng, number, taken) for number in range(min(MOST_CUSTOMERS, 3 + tickets // TICKETS_A_CUSTOMER))
    ]
    step = (END - START) / tickets
    for index in range(tickets):
        yield _ticket(rng, first + index, index, rng.choice(customers), START + step * index, times)


def _customer(rng: Random, number: int, taken: set[str]) -> _Customer:
    name = f"{rng.choice(phrases.LAST)} {rng.choice(phrases.TRADES)}"
    folder = customer_slug(name, 24150000 + number, taken)
    taken.add(folder)
    return _Customer(24150000 + number, name, folder, f"{rng.choice(phrases.FIRST)} {rng.choice(phrases.LAST)}")


def _ticket(rng: Random, number: int, index: int, customer: _Customer, opened: datetime, times: int) -> tuple[str, str]:
    ticket_id = 2_000_000_000 + index * 7
    tech_id, tech = rng.choice(_TECHNICIANS)
    subject = f"{rng.choice(phrases.THINGS)} {rng.choice(phrases.TROUBLES)}"
    status = rng.choice(STATUSES)
    entries = [
        Entry(
            (opened + timedelta(minutes=47 * at)).astimezone(ZONE),
            tech if at % 2 else customer.contact,
            "Update" if at else "Initial Issue",
            "public",
            f"{rng.choice(phrases.ANSWERS if at % 2 else phrases.OPENINGS)} {rng.choice(phrases.DETAILS)}",
        )
        for at in range(min(rng.randint(1, 12), rng.randint(1, 12)))
    ]
    if rng.randrange(1000) == 0:
        entries.append(Entry(entries[-1].when, tech, "Update", "private", f"It is the {RARE}, after all."))
    last = entries[-1].when
    time = (TimeRow(last.date(), rng.choice((15, 30, 60)), "remote", tech, "open", rng.choice(phrases.ANSWERS)),)
    more, charges = _charged(times - 1, index, last)
    invoices = (InvoiceRow(f"4{number}", last.date(), Decimal("80.00")),) if index % 2 and charges else ()
    mirror = render_mirror(Mirror(tuple(entries), time + more, charges, invoices))
    fields: dict[str, str | tuple[str, ...] | None] = {
        "number": str(number),
        "subject": subject,
        "customer": customer.name,
        "status": status,
        "priority": "Normal",
        "problem_type": "Server",
        "due_date": None,
        "assigned_to": tech,
        "contact": customer.contact,
        "tags": (),
        "id": str(ticket_id),
        "customer_id": str(customer.id),
        "created_at": opened.astimezone(ZONE).isoformat(timespec="seconds"),
        "updated_at": last.isoformat(timespec="seconds"),
        "resolved_at": None,
        "url": f"https://acme.syncromsp.com/tickets/{ticket_id}",
        "invoices": (),
    }
    base: dict[str, object] = {key: list(v) if isinstance(v, tuple) else v for key, v in fields.items()}
    base |= {
        "number": number,
        "id": ticket_id,
        "customer_id": customer.id,
        "assigned_to_id": tech_id,
        "contact_id": 501,
    }
    base |= {"version": last.isoformat(timespec="milliseconds"), "comment": 5512, "timer": 88}
    base["mirror"] = mirror_hash(mirror)
    path = f"clients/{customer.folder}/tickets/{ticket_filename(number, subject)}"
    return path, render_new_ticket_file(fields, mirror, base)


def _charged(count: int, index: int, last: datetime) -> tuple[tuple[TimeRow, ...], tuple[ChargeRow, ...]]:
    """So many times that were charged, and the charges that were made of them; every other ticket is invoiced."""
    rows, charges = [], []
    for place in range(count):
        minutes, (_, tech) = 15 + 15 * ((index + place) % 4), _TECHNICIANS[(index + place) % 3]
        billed = f"{minutes} {'invoiced' if index % 2 else 'charged'}"
        rows.append(TimeRow(last.date(), minutes, "remote", tech, billed, "Replaced the failed disk."))
        charges.append(ChargeRow("Remote Support", Decimal(minutes) / 60, Decimal("120.00"), bool(index % 2)))
    return tuple(rows), tuple(charges)
