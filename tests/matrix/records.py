"""What is there in the end, in the sandbox's store and in the trail of the git history; read without synclog's code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from synclog.sandbox.store import Store

NUMBER = 32162
"""The ticket that all is done on, but for drafts."""

_REFERENCE = re.compile(r"\bRef ((?:\d+|new)-[0-9a-z]{10})\b")


Row = dict[str, Any]
Rows = dict[int, Row]


@dataclass(frozen=True)
class Records:
    """How many records of each kind; time entries by their minutes, line items and lines of invoices by what they
    count (hours, pieces)."""

    tickets: int = 0
    comments: int = 0
    timers: Counter[int] = field(default_factory=Counter)
    line_items: Counter[str] = field(default_factory=Counter)
    invoices: int = 0
    invoice_lines: Counter[str] = field(default_factory=Counter)
    customers: int = 0


@dataclass(frozen=True)
class Account:
    """What the sandbox holds, by id; comments those of the tickets that are worked on."""

    tickets: Rows
    comments: Rows
    timers: Rows
    line_items: Rows
    invoices: Rows
    invoice_lines: Rows
    customers: Rows

    @classmethod
    def of(cls, store: Store, known: Account | None = None) -> Account:
        tickets = _by_id(store.tickets())
        on = [t for t, row in tickets.items() if row["number"] == NUMBER or (known and t not in known.tickets)]
        invoices = store.invoices()
        lines = [line for invoice in invoices for line in invoice.pop("line_items")]
        for invoice in invoices:
            del invoice["customer"]
        return cls(
            tickets,
            _by_id([comment for ticket in on for comment in store.comments(ticket)]),
            _by_id(store.timers()),
            _by_id(store.line_items()),
            _by_id(invoices),
            _by_id(lines),
            _by_id(store.customers()),
        )

    def records(self) -> Records:
        return Records(
            len(self.tickets),
            len(self.comments),
            Counter(row["active_duration"] // 60 for row in self.timers.values()),
            Counter(row["quantity"] for row in self.line_items.values()),
            len(self.invoices),
            Counter(row["quantity"] for row in self.invoice_lines.values()),
            len(self.customers),
        )

    def references(self) -> list[str]:
        """The references of work: one a comment that has one, one a timer entry without a comment, one a line."""
        commented = _references(row["body"] for row in self.comments.values())
        timed = _references(row["notes"] for row in self.timers.values())
        lines = _references(row["name"] for row in self.invoice_lines.values())
        return sorted([*commented, *(r for r in timed if r not in commented), *lines])


TABLES = tuple(table.name for table in fields(Account))


@dataclass(frozen=True)
class Difference:
    """What became of an account: the records that are `new`, and those that are `gone`."""

    before: Account
    now: Account

    @property
    def new(self) -> Account:
        return _without(self.now, self.before)

    @property
    def gone(self) -> Account:
        return _without(self.before, self.now)

    @property
    def changed(self) -> dict[str, list[Row]]:
        """By table what each record says that said otherwise before, but for when it was changed."""
        rows = {table: [row for row in self._changes(table).values() if row] for table in TABLES}
        return {table: changes for table, changes in rows.items() if changes}

    def touched(self, table: str) -> Rows:
        """The records of a table that are new, gone or changed; as they are now, where they are."""
        before, now = getattr(self.before, table), getattr(self.now, table)
        left = {i for i, row in self._changes(table).items() if not row}
        return {i: row for i, row in (before | now).items() if i not in left}

    def _changes(self, table: str) -> Rows:
        before, now = getattr(self.before, table), getattr(self.now, table)
        return {
            i: {name: value for name, value in now[i].items() if row[name] != value and name != "updated_at"}
            for i, row in before.items()
            if i in now
        }


Block = dict[str, list[str]]
"""One entry of the trail: its trailers by name."""


def trail_of(git: Callable[..., str], start: str) -> list[Block]:
    """Return the entries that the trail of HEAD has since the commit `start`; `git` runs git in the workspace."""
    messages = git("log", "--format=%B%x00", f"{start}..HEAD").split("\0")
    blocks = (block for message in messages for block in message.split("\n\n"))
    return [_trailers(block) for block in blocks if block.lstrip().startswith("Synclog-Op: ")]


def all_of(trail: list[Block], name: str) -> list[str]:
    """Return every value of one trailer, in order of value."""
    return sorted(value for block in trail for value in block.get(name, []))


def _trailers(block: str) -> Block:
    found: Block = {}
    for line in block.strip().splitlines():
        name, _, value = line.partition(": ")
        found.setdefault(name, []).append(value)
    return found


def _without(account: Account, other: Account) -> Account:
    """What one holds and the other does not."""
    left = ({i: row for i, row in getattr(account, t).items() if i not in getattr(other, t)} for t in TABLES)
    return Account(*left)


def _references(texts: Iterable[str | None]) -> list[str]:
    """The last reference of each text that has one."""
    found = (_REFERENCE.findall(text or "") for text in texts)
    return [references[-1] for references in found if references]


def _by_id(rows: list[Row]) -> Rows:
    return {row["id"]: row for row in rows}
