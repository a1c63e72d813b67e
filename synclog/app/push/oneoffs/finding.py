"""One-offs that were begun, are in no file any more, and have come to their end in Syncro: a run died before its record
was committed, and the file was saved, or `.synclog/` deleted, before the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from synclog.app.push.cases import Facts
from synclog.app.push.looking import Look, read_times
from synclog.app.push.oneoffs.going import entry_of
from synclog.app.push.oneoffs.seeing import see_one_off
from synclog.core.deciding.oneoffs import Finish, names
from synclog.core.references import ticket_of
from synclog.core.trail import Ledger, TrailEntry
from synclog.core.work import labor_of
from synclog.model import Reference

if TYPE_CHECKING:
    from synclog.app.push.surroundings import Surroundings


def found_one_offs(
    around: Surroundings, look: Look, owner: int, ledger: Ledger
) -> Iterator[tuple[Reference, TrailEntry]]:
    """Yield the ids and the entries of those of a ticket. What was deleted by hand before it was sent is none: it was
    taken back, and nothing is sent for it."""
    desk, number = around.desk, look.work.number
    for name in sorted(ledger.begun - ledger.recorded):
        if ticket_of(name) != number or desk.holds(name) or desk.stamped_note(name) is not None:
            continue
        one = desk.begun_one_off(name)
        if one is None:
            entry = _timer_entry(around, look, owner, name)
            if entry is not None:
                yield name, entry
        elif one.by == owner:
            step = see_one_off(around, look.work, one, Facts(owner, ledger)).step
            if isinstance(step, Finish):
                yield name, entry_of(one, step, look.work)


def _timer_entry(around: Surroundings, look: Look, owner: int, name: Reference) -> TrailEntry | None:
    """The entry of a plain timer entry that no file of history has, by the reference in its text."""
    while look.times is None or not look.times.complete:
        read_times(around, look)
    there = [timer for timer in look.times.timers if timer.user_id == owner and names(timer.notes, name)]
    if len(there) != 1:
        return None
    timer = there[0]
    labor = labor_of(str(timer.product_id), around.settings) if timer.product_id else None
    return TrailEntry(
        "time",
        look.work.number,
        name,
        timer=timer.id,
        minutes=timer.minutes,
        billed_minutes=timer.billable_minutes,
        labor=labor.alias if labor else None,
    )
