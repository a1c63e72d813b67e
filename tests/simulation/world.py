"""Time, processes and their deaths. A process stops at every call that leaves it: there it can be killed, and there
others can go on."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from greenlet import getcurrent, greenlet

BEGIN = datetime(2026, 4, 20, 16, 0, tzinfo=UTC)


MOST_CALLS = 2_000
"""Calls to the outside after which a process is taken to go on for ever."""


class Broken(AssertionError):
    """Something that must hold after every schedule does not."""


class Killed(BaseException):
    """The process is dead; nothing that it does afterwards has an effect."""


@dataclass(slots=True, eq=False)
class Process:
    """One run of synclog. It dies at its `dies_at`-th call to the outside, None: never."""

    dies_at: int | None = None
    calls: int = 0
    dead: bool = False


@dataclass(slots=True)
class World:
    """`now` is everybody's clock. `late` are writes that the server commits at their time; `switching` decides who goes
    on where several processes run."""

    now: datetime = BEGIN
    late: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    switching: random.Random | None = None

    def tick(self, seconds: float = 0.05) -> None:
        """Let time pass, and what is due happen."""
        self.now += timedelta(seconds=seconds)
        if self.late:
            due = [item for item in self.late if item[0] <= self.now]
            self.late = [item for item in self.late if item[0] > self.now]
            for _, commit in sorted(due, key=lambda item: item[0]):
                commit()

    def step(self, process: Process) -> None:
        """A process calls the outside. Raises Killed where it dies, or is dead."""
        if process.dead:
            raise Killed
        process.calls += 1
        if process.calls > MOST_CALLS:
            raise AssertionError(f"a process that never ends: {process.calls} calls")
        if process.dies_at is not None and process.calls >= process.dies_at:
            process.dead = True
            raise Killed
        self.tick()
        if self.switching is not None and self.switching.random() < 0.25:
            self.others()
            if process.dead:
                raise Killed

    def meanwhile(self, process: Process) -> None:
        """A process sleeps: another one gets far, or not."""
        if self.switching is not None:
            for _ in range(self.switching.choice((0, 0, 1, 5, 20))):
                self.others()
            if process.dead:
                raise Killed

    def others(self) -> None:
        """Let another process go on."""
        main = getcurrent().parent
        if main is not None:
            main.switch()

    def run(self, *runs: Callable[[], object]) -> None:
        """Run processes side by side, to the end of all; alone where there is just one."""
        if len(runs) == 1:
            _to_its_end(runs[0])
            return
        assert self.switching is not None
        going = [greenlet(lambda run=run: _to_its_end(run)) for run in runs]
        while going:
            chosen = self.switching.choice(going)
            chosen.switch()
            going = [one for one in going if not one.dead]


def _to_its_end(run: Callable[[], object]) -> None:
    try:
        run()
    except Killed:
        return
