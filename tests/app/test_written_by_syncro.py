"""Syncro writes no notes: lines of a note that a pull's commit took along are of who pulled."""

from __future__ import annotations

import pytest
from support.office import NUMBER, Office, git


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_note_in_a_file_whose_changes_git_was_told_to_overlook_is_posted_after_a_pull(
    pulled: Office, flag: str
) -> None:
    git(pulled.root, "update-index", flag, pulled.path().relative_to(pulled.root).as_posix())
    pulled.write_note()
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled")
    pulled.pull()
    pulled.push()
    assert len(pulled.comments()) == 1
