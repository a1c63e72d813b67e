"""The rate limit: so many requests in any minute, then 429. What is refused does not count."""

from __future__ import annotations

import math
import threading
from collections import deque
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)


class RateLimit:
    """`rate` requests in any 60 seconds; None for no limit."""

    def __init__(self, rate: int | None) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._taken: deque[datetime] = deque()
        self._refusals = 0

    def refuses(self, now: datetime) -> tuple[bool, int | None]:
        """Return whether a request at `now` is too many, and the seconds to tell the client: every other refusal
        says nothing, as the real one was seen to do."""
        with self._lock:
            while self._taken and now - self._taken[0] >= WINDOW:
                self._taken.popleft()
            if self._rate is None or len(self._taken) < self._rate:
                self._taken.append(now)
                return False, None
            self._refusals += 1
            wait = (self._taken[0] + WINDOW - now).total_seconds() if self._taken else WINDOW.total_seconds()
            return True, max(1, math.ceil(wait)) if self._refusals % 2 else None
