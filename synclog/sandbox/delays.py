"""Requests that a fault holds back, and a way to let them go on early."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Delays:
    """Waits that `release` can end. Safe to use from several threads."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._held = 0
        self._round = 0

    @contextmanager
    def held(self, seconds: float) -> Iterator[Callable[[], None]]:
        """Count what happens inside as held back; what it gives waits `seconds` from its call, or until `release`."""
        this_round = self._begin()
        try:
            yield lambda: self._wait(this_round, seconds)
        finally:
            self._end()

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Run `action` in `seconds`, or at `release`, in a thread of its own."""
        this_round = self._begin()

        def run() -> None:
            try:
                self._wait(this_round, seconds)
                action()
            finally:
                self._end()

        threading.Thread(target=run, daemon=True).start()

    def release(self, timeout: float) -> None:
        """Wake all that waits, and return when it is done, or `timeout` seconds have passed."""
        with self._condition:
            self._round += 1
            self._condition.notify_all()
            self._condition.wait_for(lambda: self._held == 0, timeout=timeout)

    def _begin(self) -> int:
        with self._condition:
            self._held += 1
            return self._round

    def _end(self) -> None:
        with self._condition:
            self._held -= 1
            self._condition.notify_all()

    def _wait(self, this_round: int, seconds: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._round != this_round, timeout=seconds)
