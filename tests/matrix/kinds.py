"""The kinds of write: what a technician puts into the workspace, and what has to be there in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from support.office import LABOR

from matrix.records import NUMBER, Records
from synclog.core.oneoffs import NewTimer, as_yaml, named
from synclog.core.yamlemit import emit
from synclog.sandbox.store import Store

Changes = tuple[tuple[str, str], ...]
"""Texts to replace in a file, and by what."""

MINUTES = 90
NOTE = """\
notes:
  - note: |
      Replaced the failed disk.
      Watched it sync.
    time: 1h30m
    labor: remote
"""
DRAFT = Path("clients/lens-auto-brokerage/tickets/new-switch.md")
DRAFT_TEXT = """\
---
subject: New switch for the front office
description: The old one drops the phones.
notes:
  - note: Ordered the switch.
    time: 1h30m
    labor: remote
---
"""
VIA = "via: comment "


@dataclass(frozen=True)
class Kind:
    """`write` is the request that a fault strikes, as the sandbox's faults name it; `settings` and `edits` change
    synclog.yaml and the ticket's file; `there` and `ops` (trail entries by `Synclog-Op`) are what is new in the end."""

    name: str
    write: str
    there: Records
    ops: Counter[str]
    settings: Changes = ()
    edits: Changes = ()
    draft: bool = False
    worked_before: int = 0
    timed: bool = False
    status: str = "In Progress"
    trail_lists: frozenset[str] = field(default=frozenset({"timers", "line_items"}))

    def prepare(self, store: Store) -> None:
        """Let the account be as this kind needs it."""
        if self.worked_before:
            store.web_add_time(NUMBER, self.worked_before, LABOR["remote"])

    def minutes(self) -> int:
        """The minutes that the trail accounts for."""
        return MINUTES if "comment" in self.ops or self.timed else 0

    def __str__(self) -> str:
        return self.name


def _note(name: str, write: str, there: Records, via: str, charge: str = "false") -> Kind:
    settings = ((VIA, f"via: {via} "), ("charge_now: false", f"charge_now: {charge}"))
    return Kind(name, write, there, Counter(comment=1), settings, (("notes: []\n", NOTE),))


TIME, HOURS = Counter({MINUTES: 1}), Counter({"1.5": 1})

KINDS = (
    _note("comment", "POST /tickets/*/comment", Records(comments=1, timers=TIME), "comment"),
    _note("timer", "POST /tickets/*/timer_entry", Records(comments=1, timers=TIME), "timer"),
    _note(
        "charge",
        "POST /tickets/*/charge_timer_entry",
        Records(comments=1, timers=TIME, line_items=HOURS),
        "timer",
        charge="true",
    ),
    _note("line_item", "POST /tickets/*/add_line_item", Records(comments=1, line_items=HOURS), "line_item"),
    Kind(
        "invoice",
        "POST /invoices",
        Records(line_items=Counter({"1.0": 1}), invoices=1),
        Counter(invoice=1, update=1),
        edits=(("invoice: false\n", "invoice: true\n"),),
        worked_before=60,
        status="Invoiced",
        trail_lists=frozenset(),
    ),
    Kind(
        "update",
        "PUT /tickets/*",
        Records(),
        Counter(update=1),
        edits=(("status: In Progress\n", "status: Waiting on Vendor\n"),),
        status="Waiting on Vendor",
    ),
    Kind(
        "create",
        "POST /tickets",
        Records(tickets=1, comments=2, timers=TIME),
        Counter(create=1, comment=1),
        draft=True,
    ),
)

PLAIN = named(
    NUMBER, NewTimer("", 21735, datetime(2026, 4, 20, 16, 0, tzinfo=UTC), MINUTES, MINUTES, LABOR["remote"], "remote")
)
WHOLE_KINDS = (
    *KINDS,
    Kind(
        "plain_timer",
        "POST /tickets/*/timer_entry",
        Records(timers=TIME),
        Counter(),
        edits=(("notes: []\n", f"notes: []\nsynclog: {emit({'doing': [as_yaml(PLAIN)]})}\n"),),
        timed=True,
    ),
)
"""With those that only the whole matrix plays: a write of its own, left in the file for a push."""
