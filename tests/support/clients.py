"""Clients for tests: they never really wait, and note the waits that they would have made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from support.scripted import ScriptedServer
from synclog.syncro.client import SyncroClient

KEY = "T1f9c2e7a4b80d-made-up+key/for=tests"


@dataclass
class Waits:
    """`slept` is every pause in seconds, `told` what the user was told of them."""

    slept: list[float] = field(default_factory=list)
    told: list[tuple[str, float]] = field(default_factory=list)


def client_of(server: ScriptedServer | str, waits: Waits | None = None, **options: Any) -> SyncroClient:
    waits = waits or Waits()
    options.setdefault("sleep", waits.slept.append)
    options.setdefault("on_wait", lambda reason, seconds: waits.told.append((reason, seconds)))
    base_url = server if isinstance(server, str) else server.base_url
    return SyncroClient(base_url, KEY, **options)
