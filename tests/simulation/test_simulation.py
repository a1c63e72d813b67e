"""Ten thousand random schedules of edits, faults, deaths and late writes; a million with `python tests/simulation`."""

from __future__ import annotations

import os

import pytest

from simulation.breaks import QUICKLY_FOUND, Break, found_after
from simulation.running import run_seeds
from simulation.schedules import tell
from simulation.story import Broken

SCHEDULES = 10_000
PARTS = 10


@pytest.mark.parametrize("part", range(PARTS))
def test_after_any_schedule_each_piece_of_work_is_there_once_or_shown(part: int) -> None:
    count = int(os.environ.get("SYNCLOG_SCHEDULES", SCHEDULES)) // PARTS
    summary = run_seeds(part * count, count)
    assert not summary.failures, "\n".join(map(str, summary.failures))
    assert summary.schedules == count


@pytest.mark.parametrize("broken", QUICKLY_FOUND, ids=lambda broken: broken.__name__)
def test_an_engine_that_is_broken_on_purpose_is_found_and_what_finds_it_is_short(broken: Break) -> None:
    _, failure = found_after(broken, 4000)
    assert failure is not None
    assert len(failure.actions) <= 8
    tell(failure.start, failure.actions)


def test_a_schedule_is_the_same_whenever_it_is_made() -> None:
    from simulation.schedules import schedule

    assert schedule(4711) == schedule(4711)
    assert issubclass(Broken, AssertionError)
