"""What is there in the end, in the sandbox's store and in the trail of the git history; read without synclog's code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from synclog.sandbox.store import Store

NUMBER = 32162
"""The ticket that all is done on, but for drafts."""

_REFERENCE = re.compile(r"\bRef ((?:\d+|new)-[0-9a-z]{10})\b")


@dataclass(frozen=True)
class Records:
    """How many records of each kind; time entries by their minutes, line items by their hours."""

    tickets: int = 0
    comments: int = 0
    timers: Counter[int] = field(default_factory=Counter)
    line_items: Counter[str] = field(default_factory=Counter)
    invoices: int = 0


@dataclass(frozen=True)
class Account:
    """What the sandbox holds, by id; comments those of the tickets that are worked on."""

    tickets: dict[int, dict[str, Any]]
    comments: dict[int, dict[str, Any]]
    timers: dict[int, dict[str, Any]]
    line_items: dict[int, dict[str, Any]]
    invoices: dict[int, dict[str, Any]]

    @classmethod
    def of(cls, store: Store, known: Account | None = None) -> Account:
        tickets = _by_id(store.tickets())
        on = [t for t, row in tickets.items() if row["number"] == NUMBER or (known and t not in known.tickets)]
        comments = [comment for ticket in on for comment in store.comments(ticket)]
        return cls(
            tickets, _by_id(comments), _by_id(store.timers()), _by_id(store.line_items()), _by_id(store.invoices())
        )

    def since(self, before: Account) -> Account:
        """Return what is there and was not before."""

        def new(name: str) -> dict[int, dict[str, Any]]:
            return {i: row for i, row in getattr(self, name).items() if i not in getattr(before, name)}

        return Account(*(new(name) for name in ("tickets", "comments", "timers", "line_items", "invoices")))

    def records(self) -> Records:
        return Records(
            len(self.tickets),
            len(self.comments),
            Counter(row["active_duration"] // 60 for row in self.timers.values()),
            Counter(row["quantity"] for row in self.line_items.values()),
            len(self.invoices),
        )

    def references(self) -> list[str]:
        """The references on the comments, one a comment that has one."""
        found = (_REFERENCE.findall(row["body"]) for row in self.comments.values())
        return sorted(references[-1] for references in found if references)


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


def _by_id(rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in rows}
