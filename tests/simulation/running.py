"""Many schedules, on all cores; a failing one is cut down to what makes it fail, and printed so that it can be played
again."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from simulation.schedules import schedule, tell
from simulation.story import Action

Make = Callable[[int], tuple[dict[str, Any], list[Action]]]
"""Makes the schedule of a seed."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """A schedule after which something does not hold: its seed, what is left of it, and what happened."""

    seed: int
    start: dict[str, Any]
    actions: tuple[Action, ...]
    what: str

    def __str__(self) -> str:
        steps = "".join(f"    {action!r},\n" for action in self.actions)
        return f"seed {self.seed}: {self.what}\n{{'start': {self.start!r}, 'actions': [\n{steps}]}}"


@dataclass(slots=True)
class Summary:
    """What many schedules came to."""

    schedules: int = 0
    works: int = 0
    doubtful: int = 0
    pushes: int = 0
    seconds: float = 0.0
    failures: tuple[Failure, ...] = ()

    def __str__(self) -> str:
        rate = self.schedules / self.seconds if self.seconds else 0
        share = 100 * self.doubtful / self.works if self.works else 0
        return (
            f"{self.schedules} schedules, {len(self.failures)} failures, {rate:.0f} a second; {self.pushes} pushes of"
            f" {self.works} pieces of work, {self.doubtful} ({share:.2f} %) ended doubtful"
        )


def failure_of(seed: int, start: dict[str, Any], actions: Sequence[Action]) -> str | None:
    """Play a schedule; return what is wrong, None when all holds."""
    try:
        tell(start, actions)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        return f"{type(error).__name__}: {error} (at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})"
    return None


def shortest(seed: int, start: dict[str, Any], actions: Sequence[Action]) -> Failure:
    """Cut a failing schedule down: leave out one action after the other as long as it fails."""
    left = list(actions)
    what = failure_of(seed, start, left) or ""
    changed = True
    while changed:
        changed = False
        for place in reversed(range(len(left))):
            shorter = left[:place] + left[place + 1 :]
            found = failure_of(seed, start, shorter)
            if found is not None:
                left, what, changed = shorter, found, True
    return Failure(seed, start, tuple(left), what)


def run_seeds(first: int, count: int, most_failures: int = 5, make: Make = schedule) -> Summary:
    """Play `count` schedules that `make` makes from seed `first` on, here; stops after `most_failures`."""
    summary = Summary()
    begun = time.perf_counter()
    failures: list[Failure] = []
    for seed in range(first, first + count):
        start, actions = make(seed)
        try:
            works, doubtful, pushes = tell(start, actions)
        except Exception:
            failures.append(shortest(seed, start, actions))
            if len(failures) >= most_failures:
                break
            continue
        finally:
            summary.schedules += 1
        summary.works += works
        summary.doubtful += doubtful
        summary.pushes += pushes
    summary.seconds = time.perf_counter() - begun
    summary.failures = tuple(failures)
    return summary


def run_many(
    count: int, *, first: int = 0, jobs: int | None = None, most_failures: int = 5, make: Make = schedule
) -> Summary:
    """Play `count` schedules as `run_seeds` does, on `jobs` cores (all)."""
    whole = Summary()
    begun = time.perf_counter()
    starts = range(first, first + count, _BATCH)
    with ProcessPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        counts = (min(_BATCH, first + count - start) for start in starts)
        for part in pool.map(partial(run_seeds, make=make), starts, counts):
            whole.schedules += part.schedules
            whole.works += part.works
            whole.doubtful += part.doubtful
            whole.pushes += part.pushes
            whole.failures += part.failures
            if len(whole.failures) >= most_failures:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    whole.seconds = time.perf_counter() - begun
    return whole
