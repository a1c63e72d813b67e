"""A sandbox of the tiny account with a clock of its own, and an HTTP client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from synclog.sandbox import Sandbox

TINY = Path(__file__).parent / "tiny"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 4, 24, 16, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


class Client:
    """Requests to a sandbox with one technician's key."""

    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self.sandbox = sandbox
        self.key = key
        self.session = requests.Session()
        self.session.trust_env = False

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        params = {"api_key": self.key, **options.pop("params", {})}
        options.setdefault("timeout", 20)
        return self.session.request(
            method, self.sandbox.base_url + path, params=params, allow_redirects=False, **options
        )

    def get(self, path: str, **params: Any) -> Any:
        answer = self("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> requests.Response:
        return self("POST", path, json=body)

    def put(self, path: str, **body: Any) -> requests.Response:
        return self("PUT", path, json=body)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(clock: Clock) -> Iterator[Callable[..., Sandbox]]:
    """Start sandboxes of the tiny account, and close them in the end."""
    started: list[Sandbox] = []

    def make(**options: Any) -> Sandbox:
        sandbox = Sandbox(**{"account": TINY, "now": clock, **options})
        started.append(sandbox)
        sandbox.start()
        return sandbox

    yield make
    for sandbox in started:
        sandbox.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    """Make clients, and close their connections in the end."""
    clients: list[Client] = []

    def make(sandbox: Sandbox, key: str | None = None) -> Client:
        clients.append(Client(sandbox, key or sandbox.api_key))
        return clients[-1]

    yield make
    for client in clients:
        client.session.close()


@pytest.fixture
def sandbox(start: Callable[..., Sandbox]) -> Sandbox:
    return start()


@pytest.fixture
def api(sandbox: Sandbox, connect: Callable[..., Client]) -> Client:
    return connect(sandbox)
