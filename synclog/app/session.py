"""One run's surroundings: the workspace, the way to Syncro, the clock and who is told. All of it is passed in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from synclog.syncro.client import SyncroClient
    from synclog.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Clock:
    """The time and how to wait, so that tests need no waiting. `now` is aware UTC."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


Tell = Callable[[str], None]
"""Called with a line about what goes on, for a person; never with a result."""

Progress = Callable[[str, int, int], None]
"""Called with what is counted, how many are done and how many there are (0: not known)."""


def _nothing(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Session:
    """A workspace with a connection. `technician` is the Syncro user this machine's key must belong to, None: anyone."""

    workspace: Workspace
    client: SyncroClient
    technician: str | None = None
    clock: Clock = field(default_factory=Clock)
    tell: Tell = _nothing
    progress: Progress = _nothing

    def today(self) -> datetime:
        """Return the local time in the workspace's timezone."""
        return self.clock.now().astimezone(self.workspace.settings.timezone)


def host_of(base_url: str) -> str:
    """Return the host of an address, with its port where it names one: what keys and trust are kept by."""
    parts = urlsplit(base_url)
    name = (parts.hostname or "").lower()
    return f"{name}:{parts.port}" if parts.port else name


def connect(
    workspace: Workspace,
    *,
    environ: Mapping[str, str] = os.environ,
    clock: Clock | None = None,
    tell: Tell = _nothing,
    progress: Progress = _nothing,
) -> Session:
    """Open a session on `workspace` with this machine's key.

    Raises KeyRefused when there is no key, or when it must not go to the host that synclog.yaml names, and
    SettingsError when the personal settings can't be read. Nothing is asked of Syncro yet.
    """
    from synclog.syncro.client import SyncroClient
    from synclog.syncro.limiter import Limiter
    from synclog.workspace.keys import obtain_key
    from synclog.workspace.userconfig import load_user_config, user_state_dir

    syncro = workspace.settings.syncro
    config = load_user_config()
    key = obtain_key(syncro.base_url, config, environ)
    host = host_of(syncro.base_url)
    known = config.hosts.get(host)
    limiter = Limiter(user_state_dir() / "limiter", host, syncro.rate_limit)

    def waiting(reason: str, seconds: float) -> None:
        if seconds >= 1:
            tell(f"{reason}: waiting {seconds:.0f} s")

    client = SyncroClient(
        syncro.base_url, key, auth=syncro.auth, timeout=syncro.timeout, limiter=limiter, on_wait=waiting
    )
    return Session(workspace, client, known.tech if known else None, clock or Clock(), tell, progress)
