"""The audit log: what was posted, an entry a line, and what it adds up to. Of trailers alone.

A correction says anew how long work took: it counts with the difference to what was said before. So the totals of
two spans of days add up to those of both, and no work is counted twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo

from synclog.core.periods import Period
from synclog.core.trail import TrailEntry
from synclog.model import Minutes, Reference, TicketNumber


@dataclass(frozen=True, slots=True)
class Named:
    """What the mirror calls a ticket."""

    customer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry of the log. `day` is local. `adds` and `adds_billed` are the minutes by which it changes the totals;
    `named` is None for a ticket that has no file here."""

    entry: TrailEntry
    day: date
    adds: Minutes
    adds_billed: Minutes
    named: Named | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a log is to show. `tech` is a part of a name, or an e-mail address; `customer` a part of a name."""

    number: TicketNumber | None = None
    period: Period = field(default_factory=Period)
    tech: str | None = None
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What entries add up to. `minutes` are worked, `unnamed` the tickets among them that have no file here."""

    entries: int
    minutes: Minutes
    billed_minutes: Minutes
    tickets: int
    by_op: Mapping[str, int]
    unnamed: int


def audit_log(
    entries: Iterable[TrailEntry], names: Mapping[TicketNumber, Named], tz: tzinfo, wanted: Wanted
) -> Iterator[Posted]:
    """Yield the `wanted` ones of all entries of a trail, which come oldest first. One without a time is of no day, and
    shown only where no days are asked for."""
    said: dict[Reference, tuple[Minutes, Minutes]] = {}
    for entry in entries:
        minutes, billed = _said(entry)
        before = (0, 0)
        if entry.reference and entry.op in ("comment", "time", "correct"):
            before = said.get(entry.reference, before)
            if entry.minutes is None and entry.billed_minutes is None:
                minutes, billed = before
            said[entry.reference] = minutes, billed
        day = entry.when.astimezone(tz).date() if entry.when else date.min
        named = names.get(entry.ticket)
        if _is_wanted(entry, day, named, wanted):
            yield Posted(entry, day, minutes - before[0], billed - before[1], named)


def totals(posted: Collection[Posted]) -> Totals:
    """Return what these add up to."""
    by_op: dict[str, int] = {}
    for one in posted:
        by_op[one.entry.op] = by_op.get(one.entry.op, 0) + 1
    return Totals(
        entries=len(posted),
        minutes=sum(one.adds for one in posted),
        billed_minutes=sum(one.adds_billed for one in posted),
        tickets=len({one.entry.ticket for one in posted}),
        by_op=dict(sorted(by_op.items())),
        unnamed=len({one.entry.ticket for one in posted if one.named is None}),
    )


def _said(entry: TrailEntry) -> tuple[Minutes, Minutes]:
    """The minutes worked and billed that an entry names; what is not billed otherwise is billed as it was worked."""
    minutes = entry.minutes or 0
    return minutes, minutes if entry.billed_minutes is None else entry.billed_minutes


def _is_wanted(entry: TrailEntry, day: date, named: Named | None, wanted: Wanted) -> bool:
    period = wanted.period
    return (
        (wanted.number is None or entry.ticket == wanted.number)
        and (day in period if day != date.min else period == Period())
        and (wanted.tech is None or is_by(entry, wanted.tech))
        and (wanted.customer is None or (named is not None and _has(named.customer, wanted.customer)))
    )


def is_by(entry: TrailEntry, tech: str) -> bool:
    """Whether a technician, named by a part of the name or by e-mail address, posted an entry."""
    return _has(entry.author, tech) or entry.author_email.casefold() == tech.casefold()


def _has(text: str, part: str) -> bool:
    return part.casefold() in text.casefold()
