"""One run's surroundings: the workspace, the way to Syncro, the clock and who is told. All of it is passed in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from synclog.core.settingsfile import host_of

if TYPE_CHECKING:
    from synclog.render.environment import Templates
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


def nothing(*_: object) -> None:
    """Tell nobody."""
    return


@dataclass(frozen=True, slots=True)
class Session:
    """A workspace with a connection. `technician` is whom this machine's key must belong to, None: anyone. In the
    `background` at most half of the allowed requests are used."""

    workspace: Workspace
    client: SyncroClient
    technician: str | None = None
    clock: Clock = field(default_factory=Clock)
    tell: Tell = nothing
    progress: Progress = nothing
    background: bool = False

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    @property
    def templates(self) -> Templates:
        """The templates of the workspace, its own before the packaged ones."""
        return templates_of(self.workspace)

    @property
    def a_minute(self) -> int:
        """How many requests a minute this session may make at most."""
        rate = self.workspace.settings.syncro.rate_limit
        return max(1, rate // 2) if self.background else rate

    def today(self) -> datetime:
        """Return the local time in the workspace's timezone."""
        return self.clock.now().astimezone(self.workspace.settings.timezone)


@cache
def templates_of(workspace: Workspace) -> Templates:
    """Return the templates of a workspace, its own before the packaged ones."""
    from synclog.render.environment import Templates

    return Templates(workspace.root / "templates")


def connect(
    workspace: Workspace,
    *,
    environ: Mapping[str, str] = os.environ,
    clock: Clock | None = None,
    tell: Tell = nothing,
    progress: Progress = nothing,
    background: bool = False,
) -> Session:
    """Open a session on `workspace` with this machine's key. In the `background` it takes at most half of the allowed
    requests, and none that others want.

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
    limiter = Limiter(user_state_dir() / "limiter", host, syncro.rate_limit, background=background)

    def waiting(reason: str, seconds: float) -> None:
        if seconds >= 1:
            tell(f"{reason}: waiting {seconds:.0f} s")

    client = SyncroClient(
        syncro.base_url, key, auth=syncro.auth, timeout=syncro.timeout, limiter=limiter, on_wait=waiting
    )
    return Session(workspace, client, known.tech if known else None, clock or Clock(), tell, progress, background)
