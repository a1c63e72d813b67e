"""Engines that are broken on purpose: each must be found by some schedule, or the schedules say nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from simulation.running import Failure, run_seeds
from synclog.app.push import cases, notes, run, state, tickets
from synclog.app.push.oneoffs import going, seeing
from synclog.core import references
from synclog.core.deciding import notes as table
from synclog.core.deciding import oneoffs as one_offs
from synclog.core.deciding import steps, times
from synclog.errors import OutcomeUnknown

Break = Callable[[pytest.MonkeyPatch], None]
_PART = 50


def never_waits(patch: pytest.MonkeyPatch) -> None:
    """What may be under way is taken for missing: as if a `settle` had always passed."""
    facts_of = notes.facts_of
    patch.setattr(notes, "facts_of", lambda state, *, settled: facts_of(state, settled=True))


def sends_again(patch: pytest.MonkeyPatch) -> None:
    """A write whose answer was lost is repeated, as many HTTP libraries do."""

    def attempt(run: Any, number: int, reference: str, what: str, send: Callable[[], Any], *, settled: bool) -> Any:
        try:
            return send()
        except OutcomeUnknown:
            return send()

    for module in (state, notes, going):
        patch.setattr(module, "attempt", attempt)


def trusts_answers(patch: pytest.MonkeyPatch) -> None:
    """What Syncro accepted is called done, and its time is never looked for."""
    patch.setattr(table, "_without_time", lambda case, wanted, comment, seen: steps.Record(comment))


def keeps_no_stamp(patch: pytest.MonkeyPatch) -> None:
    """Nothing durable says that a request is about to leave."""
    patch.setattr(run, "stamp_all", lambda *_: None)
    patch.setattr(notes._Note, "stamp", lambda self, stamp: None)


def believes_anybody(patch: pytest.MonkeyPatch) -> None:
    """Whoever quotes a reference answers for the note."""

    def answering(comments: Any, reference: str, owner: int) -> Any:
        return tuple(c for c in comments if references.closing_reference(c.body) == reference)

    patch.setattr(table, "answering", answering)


def forgets_what_was_stamped(patch: pytest.MonkeyPatch) -> None:
    """A note that was changed after its stamp is a new one."""
    patch.setattr(cases, "_other_bodies", lambda *_: ())
    patch.setattr(table, "answering", lambda comments, r, owner: references.answering(comments, r, owner)[:0])


def charges_blindly(patch: pytest.MonkeyPatch) -> None:
    """Time that is there is charged, whether or not a charge may be under way."""
    patch.setattr(table, "_uncharged", lambda case, comment, timer, seen: steps.Charge(comment, timer.id))


def minds_no_other_run(patch: pytest.MonkeyPatch) -> None:
    """A run that waited believes what it knew before, whoever was at work meanwhile."""
    patch.setattr("simulation.desk.MemoryDesk.turn", lambda self: "always mine")
    patch.setattr("simulation.desk.MemoryDesk.take_turn", lambda self: "always mine")


def takes_any_time(patch: pytest.MonkeyPatch) -> None:
    """Time of the same minutes answers for every note."""
    patch.setattr(times, "_is_open", lambda timer, comment, seen: True)


def never_looks_again(patch: pytest.MonkeyPatch) -> None:
    """What was deleted while it was posted is forgotten."""
    patch.setattr(tickets, "record_found", lambda *_: None)
    patch.setattr("simulation.story.Finding.of_ticket", lambda *_: None)


def never_waits_for_one_offs(patch: pytest.MonkeyPatch) -> None:
    """What was begun with a command and may be under way is taken for missing."""
    step = one_offs.one_off_step
    patch.setattr(seeing, "one_off_step", lambda one, seen: step(one, dataclasses.replace(seen, settled=True)))


QUICKLY_FOUND: tuple[Break, ...] = (
    never_waits,
    sends_again,
    trusts_answers,
    keeps_no_stamp,
    believes_anybody,
    forgets_what_was_stamped,
    never_looks_again,
    takes_any_time,
    minds_no_other_run,
    never_waits_for_one_offs,
)
BREAKS: tuple[Break, ...] = (*QUICKLY_FOUND, charges_blindly)


def found_after(broken: Break, most: int) -> tuple[int, Failure | None]:
    """Play schedules against a broken engine until one fails; return how many it took, and the failure, cut down."""
    with pytest.MonkeyPatch.context() as patch:
        broken(patch)
        for first in range(0, most, _PART):
            summary = run_seeds(first, _PART, most_failures=1)
            if summary.failures:
                return first + summary.schedules, summary.failures[0]
    return most, None
