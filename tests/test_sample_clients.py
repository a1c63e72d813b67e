"""The sample in the repository is what synclog really renders."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sample import SAMPLE, files_below, render_sample


@pytest.fixture(autouse=True)
def own_git_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


def test_the_sample_is_byte_for_byte_what_a_pull_of_the_sample_account_renders(tmp_path: Path) -> None:
    made = files_below(render_sample(tmp_path / "sample"))
    kept = files_below(SAMPLE)
    assert made.keys() == kept.keys()
    different = [path for path, content in made.items() if kept[path] != content]
    assert different == [], "after a change on purpose: python tests/support/sample.py"


def test_the_sample_shows_tickets_cards_and_session_logs() -> None:
    kinds = {path.split("/")[1] for path in files_below(SAMPLE)}
    assert kinds == {"client.md", "tickets", "session-logs"}
