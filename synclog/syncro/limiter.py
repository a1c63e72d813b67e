"""The rate limit, shared by all synclog processes of a machine: a sliding window in a small file under a kernel lock.

Syncro counts requests by IP address. The file holds until when Syncro asked for silence, and when the last requests
were let through, as numbers of eight bytes; a process that dies leaves nothing locked.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

OnWait = Callable[[str, float], None]
"""Called with why there is a wait and its seconds, before the wait."""

_WINDOW_MS = 60_500
"""A minute and a margin: requests reach the server a little later than they are counted here, by varying delays."""

_MOMENT_MS = 100
"""Within this a request leaves that was let through beforehand: well below the margin of the window."""

_LONGEST_HOLD_MS = 15 * 60_000
_LOCK_SECONDS = 20.0


class Pace(Protocol):
    """What lets requests through: `Limiter`, or `NoLimiter`."""

    def acquire(self, on_wait: OnWait | None = None) -> None: ...

    def hold(self, seconds: float) -> None: ...


class NoLimiter:
    """Lets everything through at once."""

    def acquire(self, on_wait: OnWait | None = None) -> None:
        """Return at once."""

    def hold(self, seconds: float) -> None:
        """Remember nothing: who was told to wait waits by itself."""


@dataclass(slots=True)
class _State:
    """When requests were let through, oldest first, and before when none may be; milliseconds of the epoch."""

    stamps: list[int] = field(default_factory=list)
    not_before: int = 0

    def at(self, now: int) -> _State:
        """Return what of it still counts; a time that lies ahead stems from a clock that was put back."""
        stamps = sorted(self.stamps)
        counted = stamps[bisect_right(stamps, now - _WINDOW_MS) : bisect_right(stamps, now)]
        held = self.not_before if now < self.not_before <= now + _LONGEST_HOLD_MS else 0
        return _State(counted, held)


@dataclass(frozen=True, slots=True)
class _Step:
    """The state afterwards, how many milliseconds to wait before trying again (0: done) and why, and how many requests
    were let through."""

    state: _State
    wait: int = 0
    reason: str = ""
    granted: int = 0


class Limiter:
    """Lets at most `rate` requests through in any 60 s, over all processes that use the same `folder` and `name`.

    When the folder can't be written, this process keeps the limit for itself alone: work goes on, and Syncro's 429
    does the rest.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        rate: int,
        *,
        background: bool = False,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`name` is what Syncro counts for, the host; `clock` gives seconds of the epoch. In the `background` a request
        is let through while all processes together used less than half of the rate: the other half is for others at
        any time."""
        self._rate = max(1, rate // 2 if background else rate)
        self._clock = clock
        self._sleep = sleep
        self._mutex = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._spare, self._spare_until = 0, 0
        self._own = _State()
        self._file: Path | None = folder / f"{_file_name(name)}.window"
        self._lock: AbstractContextManager[object] = nullcontext()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _kernel_lock(self._file.with_suffix(".lock"))
        except OSError:
            self._file = None

    def acquire(self, on_wait: OnWait | None = None) -> None:
        """Wait until a request may be sent, and count it. `on_wait` is told of every wait before it begins."""
        while True:
            with self._count:
                self._waiting += 1
            with self._mutex:
                with self._count:
                    self._waiting -= 1
                    others = self._waiting
                step = self._one_of_many(others)
            if step.wait == 0:
                return
            if on_wait is not None:
                on_wait(step.reason, step.wait / 1000)
            self._sleep(step.wait / 1000)

    def hold(self, seconds: float) -> None:
        """Let nothing through for `seconds`, in any process: Syncro said 429 to one of them."""

        def held(state: _State, now: int) -> _Step:
            until = now + min(int(seconds * 1000), _LONGEST_HOLD_MS)
            return _Step(_State(state.stamps, max(state.not_before, until)))

        with self._mutex:
            self._spare = 0
            self._change(held)

    def _one_of_many(self, others: int) -> _Step:
        """Let one request through, and in the same breath those that wait behind it in this process: each takes what
        was let through for it within a moment, or it is lost."""
        now = self._now()
        if self._spare and now <= self._spare_until <= now + _MOMENT_MS:
            self._spare -= 1
            return _Step(_State())
        self._spare = 0
        step = self._change(lambda state, now: self._let_through(state, now, 1 + others))
        self._spare, self._spare_until = max(step.granted - 1, 0), self._now() + _MOMENT_MS
        return step

    def _let_through(self, state: _State, now: int, wanted: int) -> _Step:
        if state.not_before:
            return _Step(state, state.not_before - now, "Syncro asked for a pause")
        granted = min(wanted, self._rate - len(state.stamps))
        if granted > 0:
            return _Step(_State([*state.stamps, *[now] * granted]), granted=granted)
        free = state.stamps[-self._rate] + _WINDOW_MS
        return _Step(state, max(free - now, 1), f"{self._rate} requests a minute are used up")

    def _change(self, step: Callable[[_State, int], _Step]) -> _Step:
        if self._file is not None:
            try:
                with self._lock:
                    now = self._now()
                    done = step(_load(self._file).at(now), now)
                    if done.wait == 0:
                        _store(self._file, done.state)
                    return done
            except OSError:  # filelock's Timeout is one, too
                self._file = None
        now = self._now()
        done = step(self._own.at(now), now)
        self._own = done.state
        return done

    def _now(self) -> int:
        return int(self._clock() * 1000)


def _file_name(name: str) -> str:
    """Return a name for files that every file system takes, different for different names."""
    readable = re.sub(r"[^a-z0-9.-]+", "-", name.lower()).strip("-.")[:60]
    return f"{readable}-{hashlib.sha256(name.lower().encode()).hexdigest()[:8]}"


def _kernel_lock(path: Path) -> AbstractContextManager[object]:
    from filelock import FileLock

    return FileLock(path, timeout=_LOCK_SECONDS, poll_interval=0.005)


def _load(file: Path) -> _State:
    """Return what the file says; nothing when it is missing or not what we write."""
    try:
        numbers = array("q", file.read_bytes())
    except (FileNotFoundError, ValueError):
        return _State()
    return _State(numbers[1:].tolist(), numbers[0]) if numbers else _State()


def _store(file: Path, state: _State) -> None:
    """Write the file whole. No fsync: what a power cut loses here is a minute's count."""
    temporary = file.with_suffix(".new")
    temporary.write_bytes(array("q", [state.not_before, *state.stamps]).tobytes())
    temporary.replace(file)
