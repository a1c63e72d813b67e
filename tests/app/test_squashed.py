"""Stamp, deletion and all are squashed into one commit: no version of the file has the stamped note any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.office import NUMBER, Office, git
from support.oneoffs import Killed, assert_nothing_is_left, dying

from synclog.errors import Exit
from synclog.syncro.client import SyncroClient


@contextmanager
def squashed(office: Office) -> Iterator[None]:
    """What is done meanwhile becomes one commit, with the messages of all."""
    start = git(office.root, "rev-parse", "HEAD")
    yield
    messages = git(office.root, "log", f"{start}..HEAD", "--reverse", "--format=%B")
    git(office.root, "reset", "--quiet", "--soft", start)
    git(office.root, "commit", "--quiet", "--allow-empty", "-am", messages)


def post_and_delete(office: Office, monkeypatch: pytest.MonkeyPatch, *, dies_at: str) -> None:
    """A note's process dies after this request; then the note is deleted, and all of it squashed."""
    office.change_settings("via: comment ", "via: timer ")
    git(office.root, "commit", "--quiet", "-am", "our way of time")
    before = office.text()
    with squashed(office):
        office.write_note()
        with monkeypatch.context() as patch:
            patch.setattr(SyncroClient, dies_at, dying(getattr(SyncroClient, dies_at), sends=True))
            with pytest.raises(Killed):
                office.push()
        office.path().write_bytes(before.encode())


def test_a_note_that_was_deleted_before_its_time_was_posted_is_something_to_decide_after_a_squash_too(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_and_delete(pulled, monkeypatch, dies_at="add_comment")
    result = pulled.pull(NUMBER)
    (comment,) = pulled.comments()
    (told,) = result.undecided
    assert result.exit_code == Exit.DECISION
    assert f"comment {comment['id']} " in told.message
    assert f"/tickets/{pulled.sandbox.store.ticket(NUMBER)['id']};" in told.remedy
    (entry,) = pulled.trail()
    assert (entry.comment, entry.minutes) == (comment["id"], None)
    again = pulled.pull(NUMBER)
    assert (again.undecided, again.recorded) == ([], [])
    assert_nothing_is_left(pulled)
    assert len(pulled.comments()) == 1


def test_one_whose_time_is_there_is_recorded_with_it_and_nobody_is_asked(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_and_delete(pulled, monkeypatch, dies_at="add_timer_entry")
    result = pulled.pull(NUMBER)
    assert (result.undecided, len(result.recorded)) == ([], 1)
    (entry,) = pulled.trail()
    assert (entry.timer, entry.minutes) == (pulled.timers()[-1]["id"], 90)
