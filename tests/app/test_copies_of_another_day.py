"""A note without its stamp (history was reset, a buffer was saved) is pushed on another day than it was posted on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from support.office import NUMBER, Office, git
from support.oneoffs import Killed

from synclog.app.push import PushResult, push
from synclog.app.session import Clock, Session
from synclog.errors import OutcomeUnknown
from synclog.syncro.client import SyncroClient

WORDS = "notes:\n  - Replaced the failed disk.\n"
MIDNIGHT = datetime(2026, 4, 25, 7, 0, tzinfo=UTC)
"""In America/Phoenix, the workspace's timezone."""


@pytest.fixture
def written(pulled: Office) -> Office:
    """An office with a note that is committed, and not pushed yet."""
    pulled.write_note(WORDS)
    git(pulled.root, "commit", "--quiet", "-am", "my note")
    return pulled


@contextmanager
def session(office: Office, *, ahead: timedelta = timedelta(0), timeout: float = 5) -> Iterator[Session]:
    """A session on a machine whose clock is `ahead` of Syncro's."""
    client = SyncroClient(office.sandbox.base_url, office.key, timeout=timeout, sleep=office.time.sleep)
    clock = Clock(lambda: office.time.now() + ahead, office.time.sleep)
    with Session(office.workspace, client, None, clock) as opened:
        yield opened


def pushed(office: Office, ahead: timedelta) -> PushResult:
    with session(office, ahead=ahead) as opened:
        return push(opened, confirm=lambda _: True)


def test_posted_just_after_midnight_by_a_clock_that_is_a_little_ahead_it_is_known_again(written: Office) -> None:
    start = git(written.root, "rev-parse", "HEAD")
    ahead = timedelta(seconds=20)
    written.time.at = MIDNIGHT - timedelta(seconds=15)
    assert [done.op for done in pushed(written, ahead).done] == ["comment"]
    git(written.root, "reset", "--quiet", "--hard", start)
    written.time.sleep(86400)
    assert pushed(written, ahead).plan.doubts
    assert len(written.comments()) == 1


def test_under_way_since_before_midnight_it_is_waited_for_although_its_stamp_was_saved_over(
    written: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = written.text()
    written.time.at = MIDNIGHT - timedelta(seconds=20)
    written.sandbox.add_fault("late=600 POST /tickets/*/comment #1")
    add_comment = SyncroClient.add_comment

    def dies(self: SyncroClient, *args: object) -> None:
        with pytest.raises(OutcomeUnknown):
            add_comment(self, *args)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as context, session(written, timeout=0.3) as opened:
        context.setattr(SyncroClient, "add_comment", dies)
        with pytest.raises(Killed):
            push(opened, confirm=lambda _: True)
    written.path().write_bytes(buffer.encode())
    written.time.at = MIDNIGHT + timedelta(seconds=10)
    sleep = written.time.sleep

    def waiting(seconds: float) -> None:
        written.sandbox.release_late()
        sleep(seconds)

    monkeypatch.setattr(written.time, "sleep", waiting)
    written.push()
    written.sandbox.release_late()
    assert len(written.comments()) == 1


def test_a_colleagues_pull_in_the_same_clone_does_not_make_it_a_new_note(written: Office) -> None:
    start, mine = git(written.root, "rev-parse", "HEAD"), written.key
    written.push()
    git(written.root, "reset", "--quiet", "--hard", start)
    written.time.sleep(86400)
    written.key = written.sandbox.second_key
    written.pull(NUMBER)
    written.key = mine
    written.push()
    assert len(written.comments()) == 1


def test_a_branch_that_was_pulled_does_not_post_it_again_where_an_account_cuts_references_off(written: Office) -> None:
    git(written.root, "branch", "other")
    written.push()
    (comment,) = written.comments()
    body = comment["body"].partition("<p>Ref ")[0].rstrip()
    written.sandbox.store._db.update("comments", comment["id"], body=body)
    git(written.root, "switch", "--quiet", "other")
    written.pull(NUMBER)
    written.time.sleep(86400)
    written.push()
    assert len(written.comments()) == 1
