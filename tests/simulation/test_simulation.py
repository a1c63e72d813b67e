"""Ten thousand random schedules of edits, faults, deaths and late writes; a million with `python tests/simulation`."""

from __future__ import annotations

import os

import pytest
from simulation.running import run_seeds
from simulation.story import Broken, tell

SCHEDULES = 10_000
PARTS = 10


@pytest.mark.parametrize("part", range(PARTS))
def test_after_any_schedule_each_piece_of_work_is_there_once_or_shown(part: int) -> None:
    count = int(os.environ.get("SYNCLOG_SCHEDULES", SCHEDULES)) // PARTS
    summary = run_seeds(part * count, count)
    assert not summary.failures, "\n".join(map(str, summary.failures))
    assert summary.schedules == count


def test_a_schedule_that_breaks_something_is_found_and_cut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    from simulation import running

    from synclog.core.deciding import notes

    # An engine that never waits for what may be under way.
    monkeypatch.setattr(notes, "Wait", notes.Send)
    failing = next(s for s in (run_seeds(first, 25) for first in range(0, 2000, 25)) if s.failures)
    shortest = failing.failures[0]
    assert len(shortest.actions) <= 5
    assert running.failure_of(shortest.seed, shortest.start, shortest.actions)
    monkeypatch.undo()
    tell(shortest.start, shortest.actions)


def test_a_schedule_is_the_same_whenever_it_is_made() -> None:
    from simulation.story import schedule

    assert schedule(4711) == schedule(4711)
    assert issubclass(Broken, AssertionError)
