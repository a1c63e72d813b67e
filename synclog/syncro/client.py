"""The client of the Syncro REST API: everything synclog reads there and writes there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from synclog.core.settings import AuthStyle
from synclog.syncro.limiter import Limiter, NoLimiter
from synclog.syncro.query import NOT_CLOSED, TicketQuery
from synclog.syncro.reads import Reads
from synclog.syncro.transport import Transport
from synclog.syncro.writes import Writes

__all__ = ["NOT_CLOSED", "SyncroClient", "TicketQuery"]


class SyncroClient(Reads, Writes):
    """One account, seen with one key. Safe for threads; connections are kept alive until `close`.

    >>> with SyncroClient("https://acme.syncromsp.com/api/v1", key) as client:  # doctest: +SKIP
    ...     client.ticket(108443837).status
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        auth: AuthStyle = "query",
        timeout: float = 30,
        limiter: Limiter | NoLimiter | None = None,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: Callable[[str, float], None] | None = None,
    ) -> None:
        """Nothing is asked of Syncro yet.

        `timeout` is seconds without a byte, for each request; an answer may take four times that in all. Without a
        `limiter` requests are not counted. `on_wait(reason, seconds)` is told of every wait before it begins.

        Raises SettingsError when `base_url` is no address, KeyRefused when `key` is none, or must not go there (only
        over https, except to this machine itself).
        """
        self._transport = Transport(
            base_url, key, auth=auth, timeout=timeout, limiter=limiter or NoLimiter(), sleep=sleep, on_wait=on_wait
        )

    @property
    def requests_made(self) -> int:
        """How many requests were made, tries that failed included."""
        return self._transport.requests_made

    @property
    def server_time(self) -> datetime | None:
        """The server's clock at its last answer that told it (Date header, whole seconds)."""
        return self._transport.server_time

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SyncroClient({self._transport.base_url!r})"
