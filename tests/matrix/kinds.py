"""The kinds of write: what a technician puts into the workspace, and what has to be there in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import ANY

from support.office import LABOR

from matrix.records import NUMBER, Account, Records, Row
from synclog.core.oneoffs import OneOff, as_yaml
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
    """`writes` are its requests, as the sandbox's faults name them; `settings` and `edits` change synclog.yaml and the
    ticket's file.

    `first` is the work that was pushed before; `leaves` are the words of the command that leaves a one-off in the file,
    with the `{reference}` and the `{invoice}` of that; `doing` makes one that no command leaves there. `command` sends
    it, and says `over` when all is done already.

    In the end `there` is new, `gone` is not there any more, and `changed` is what else is otherwise, a row a record.
    `by_value`: it is known by what Syncro says, and may be sent once more while it is under way. `ops` are the trail's
    entries by `Synclog-Op`, `minutes` what they account for, and `trail_lists` the records that they name.
    """

    name: str
    writes: tuple[str, ...]
    ops: Counter[str]
    there: Records = field(default_factory=Records)
    gone: Records = field(default_factory=Records)
    changed: Mapping[str, list[Row]] = field(default_factory=dict)
    settings: Changes = ()
    edits: Changes = ()
    draft: bool = False
    worked_before: int = 0
    first: Kind | None = None
    leaves: tuple[str, ...] = ()
    doing: Callable[[Account], OneOff] | None = None
    command: tuple[str, ...] = ("push", "--yes")
    over: int = 0
    by_value: bool = False
    minutes: int = 0
    trail_lists: frozenset[str] = field(default=frozenset({"timers", "line_items"}))

    def prepare(self, store: Store) -> None:
        """Let the account be as this kind needs it."""
        if self.worked_before:
            store.web_add_time(NUMBER, self.worked_before, LABOR["remote"])

    def edits_in(self, account: Account) -> Changes:
        """What is changed in the ticket's file, by what the account holds."""
        if self.doing is None:
            return self.edits
        left = emit({"doing": [as_yaml(self.doing(account))]})
        return (("notes: []\n", f"notes: []\nsynclog: {left}\n"),)

    def __str__(self) -> str:
        return self.name


def _note(name: str, write: str, there: Records, via: str, charge: str = "false") -> Kind:
    settings = ((VIA, f"via: {via} "), ("charge_now: false", f"charge_now: {charge}"))
    edits = (("notes: []\n", NOTE),)
    return Kind(name, (write,), Counter(comment=1), there, settings=settings, edits=edits, minutes=MINUTES)


TIME, HOURS = Counter({MINUTES: 1}), Counter({"1.5": 1})

COMMENT = _note("comment", "POST /tickets/*/comment", Records(comments=1, timers=TIME), "comment")
TIMER = _note("timer", "POST /tickets/*/timer_entry", Records(comments=1, timers=TIME), "timer")
CHARGE = _note(
    "charge",
    "POST /tickets/*/charge_timer_entry",
    Records(comments=1, timers=TIME, line_items=HOURS),
    "timer",
    charge="true",
)
LINE_ITEM = _note("line_item", "POST /tickets/*/add_line_item", Records(comments=1, line_items=HOURS), "line_item")
INVOICE = Kind(
    "invoice",
    ("POST /invoices",),
    Counter(invoice=1, update=1),
    Records(line_items=Counter({"1.0": 1}), invoices=1, invoice_lines=Counter({"1.0": 1})),
    changed={
        "tickets": [{"status": "Invoiced", "resolved_at": ANY}],
        "timers": [{"recorded": True, "ticket_line_item_id": ANY}],
    },
    edits=(("invoice: false\n", "invoice: true\n"),),
    worked_before=60,
    trail_lists=frozenset(),
)
KINDS = (
    COMMENT,
    TIMER,
    CHARGE,
    LINE_ITEM,
    INVOICE,
    Kind(
        "update",
        ("PUT /tickets/*",),
        Counter(update=1),
        changed={"tickets": [{"status": "Waiting on Vendor"}]},
        edits=(("status: In Progress\n", "status: Waiting on Vendor\n"),),
        by_value=True,
    ),
    Kind(
        "create",
        ("POST /tickets",),
        Counter(create=1, comment=1),
        Records(tickets=1, comments=2, timers=TIME),
        draft=True,
        minutes=MINUTES,
    ),
)
