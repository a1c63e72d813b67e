"""The workspace's settings as values: what synclog.yaml says, with its defaults. settingsfile.py reads the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from synclog.model import Audience, Minutes

AuthStyle = Literal["query", "bearer"]
TimeVia = Literal["comment", "timer", "line_item"]
Confirm = Literal["ask", "plan"]
Scope = Literal["open", "mine", "all"]
WorkSession = Literal["day", "push"]

FORMAT = 1

SECTIONS: dict[str, tuple[str, ...]] = {
    "format": (),
    "timezone": (),
    "syncro": ("base_url", "auth", "rate_limit", "timeout", "settle"),
    "labor": ("product", "round_to", "minimum"),
    "defaults": ("labor", "subject", "to", "minutes"),
    "time": ("via", "charge_now"),
    "push": ("confirm",),
    "pull": ("scope",),
    "session_log": ("per", "template"),
}
"""The keys of synclog.yaml, and those below each; of `labor`, those below an alias."""

DAY = 24 * 60
LIMITS = {
    "syncro.rate_limit": (1, 100_000),
    "syncro.timeout": (1, 3600),
    "syncro.settle": (0, 3600),
    "labor.product": (1, 10**15),
    "labor.round_to": (1, DAY),
    "labor.minimum": (0, DAY),
    "defaults.minutes": (1, DAY),
}
"""The least and the most of settings that are whole numbers."""


@dataclass(frozen=True, slots=True)
class SyncroSettings:
    """How to reach the account. `rate_limit` is requests a minute; `timeout` and `settle` are seconds."""

    base_url: str
    auth: AuthStyle = "query"
    rate_limit: int = 180
    timeout: int = 30
    settle: int = 60


@dataclass(frozen=True, slots=True)
class Labor:
    """One alias of a labor product. `round_to` and `minimum` are minutes, None when not configured."""

    alias: str
    product_id: int
    round_to: Minutes | None = None
    minimum: Minutes | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a note that does not say gets; `labor` is an alias. `minutes` is offered by `bill`, never filled in."""

    labor: str | None = None
    subject: str = "Update"
    to: Audience = "public"
    minutes: Minutes = 60


@dataclass(frozen=True, slots=True)
class SessionLogs:
    """What one session log is of, a local day's work on a ticket or what one push posted; and the template it is made
    with unless another one is named."""

    per: WorkSession = "day"
    template: str = "full"


@dataclass(frozen=True, slots=True)
class Settings:
    """All of synclog.yaml. `labor` is by alias, in the file's order."""

    syncro: SyncroSettings
    format: int = FORMAT
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    labor: dict[str, Labor] = field(default_factory=dict)
    defaults: Defaults = field(default_factory=Defaults)
    via: TimeVia = "comment"
    charge_now: bool = False
    confirm: Confirm = "ask"
    scope: Scope = "open"
    session_log: SessionLogs = field(default_factory=SessionLogs)
