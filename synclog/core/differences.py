"""Where what was sent and what Syncro holds differ: by the audit trail on one side, by ids and references on the other.

Only what is surely so is said: a record that was not looked for is not gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from synclog.core.periods import Period
from synclog.core.trail import TrailEntry
from synclog.model import Minutes, Reference, TicketNumber


@dataclass(frozen=True, slots=True)
class Sent:
    """A piece of posted work, with all that was said of it since. `billed` are the minutes that Syncro was to bill."""

    ticket: TicketNumber
    reference: Reference | None
    timer: int | None = None
    items: tuple[int, ...] = ()
    invoice: str | None = None
    billed: Minutes | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What Syncro holds, as far as it was looked at. `timers` are minutes to bill by timer id, `times` the same by the
    reference in the text; `items` the ids of line items, `invoices` numbers. Of the tickets in `whole_timers`,
    `whole_items` and `whole_invoices` all of them are known: what is not there is gone."""

    timers: Mapping[int, Minutes] = field(default_factory=dict)
    times: Mapping[Reference, Minutes] = field(default_factory=dict)
    items: Collection[int] = frozenset()
    invoices: Collection[str] = frozenset()
    whole_timers: Collection[TicketNumber] = frozenset()
    whole_items: Collection[TicketNumber] = frozenset()
    whole_invoices: Collection[TicketNumber] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that Syncro holds otherwise than it was sent, in words."""

    ticket: TicketNumber
    reference: Reference | None
    what: str


def sent_work(entries: Iterable[TrailEntry], period: Period, zone: tzinfo) -> list[Sent]:
    """Return what was posted in a period, oldest first, with later corrections in it; `entries` come oldest first."""
    by_reference: dict[Reference, Sent] = {}
    shown: dict[object, None] = {}
    others: dict[object, Sent] = {}
    for place, entry in enumerate(entries):
        within = entry.when is not None and entry.when.astimezone(zone).date() in period
        if entry.op in ("comment", "time", "correct") and entry.reference:
            before = by_reference.get(entry.reference, Sent(entry.ticket, entry.reference))
            by_reference[entry.reference] = _after(before, entry)
            if within or entry.reference in shown:
                shown[entry.reference] = None
        elif entry.op == "invoice" and entry.invoice and within:
            others[place] = Sent(entry.ticket, entry.reference, invoice=entry.invoice)
            shown[place] = None
    return [by_reference[key] if isinstance(key, str) else others[key] for key in shown]


def _after(before: Sent, entry: TrailEntry) -> Sent:
    billed = entry.minutes if entry.billed_minutes is None else entry.billed_minutes
    if entry.op == "correct" and billed == 0:
        # It was removed on purpose: its records are not to be looked for.
        return Sent(entry.ticket, entry.reference)
    return replace(
        before,
        timer=entry.timer or before.timer,
        items=entry.line_items or before.items,
        billed=before.billed if billed is None else billed,
    )


def differences(sent: Iterable[Sent], seen: Seen) -> Iterator[Difference]:
    """Yield where they differ, in the order in which it was sent."""
    for one in sent:
        if what := _difference(one, seen):
            yield Difference(one.ticket, one.reference, what)


def _difference(one: Sent, seen: Seen) -> str | None:
    if one.invoice and one.invoice not in seen.invoices and one.ticket in seen.whole_invoices:
        return f"invoice {one.invoice} is gone"
    if one.timer is not None and one.timer not in seen.timers and one.ticket in seen.whole_timers:
        return f"its time (timer {one.timer}) is gone"
    lost = [item for item in one.items if item not in seen.items]
    if lost and one.ticket in seen.whole_items:
        return f"its charge {', '.join(map(str, lost))} is gone"
    holds = seen.timers.get(one.timer or 0, seen.times.get(one.reference or ""))
    if holds is not None and one.billed is not None and holds != one.billed:
        return f"Syncro bills {holds} min, {one.billed} min were sent"
    return None
