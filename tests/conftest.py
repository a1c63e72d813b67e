"""Fixtures that the tests of the engines and of the command line share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.office import Office, Time

from synclog.sandbox import Sandbox


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A workspace that has not pulled yet, with its sandbox, and a clock that both share."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("SYNCLOG_CONFIG_DIR", str(tmp_path / "config"))
    time = Time()
    with Sandbox(now=time.now) as sandbox:
        yield Office(tmp_path / "msp", sandbox, time)


@pytest.fixture
def pulled(office: Office) -> Office:
    """The same after a pull, with nothing recorded of what it asked."""
    office.pull()
    office.sandbox.requests.clear()
    return office
