from __future__ import annotations

from pathlib import Path

import pytest
from support.gitrepos import isolate_git


@pytest.fixture(autouse=True)
def own_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home, git settings and a config folder that are the test's own."""
    home = tmp_path / "home"
    isolate_git(monkeypatch, home)
    monkeypatch.setenv("SYNCLOG_CONFIG_DIR", str(home / "synclog"))
    monkeypatch.delenv("SYNCLOG_API_KEY", raising=False)
    return home
