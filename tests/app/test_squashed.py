"""Stamp, deletion and all are squashed into one commit: no version of the file has the stamped note any more."""

from __future__ import annotations

import pytest
from support.office import NUMBER, Office, git
from support.oneoffs import Killed, dying

from synclog.syncro.client import SyncroClient


@pytest.mark.xfail(reason="what was stamped is looked for in history's files alone", strict=True)
def test_a_note_that_was_deleted_before_its_time_was_posted_is_something_to_decide_after_a_squash_too(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.change_settings("via: comment ", "via: timer ")
    git(pulled.root, "commit", "--quiet", "-am", "our way of time")
    start = git(pulled.root, "rev-parse", "HEAD")
    before = pulled.text()
    pulled.write_note()
    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "add_comment", dying(SyncroClient.add_comment, sends=True))
        with pytest.raises(Killed):
            pulled.push()
    pulled.path().write_bytes(before.encode())
    messages = git(pulled.root, "log", f"{start}..HEAD", "--reverse", "--format=%B")
    git(pulled.root, "reset", "--quiet", "--soft", start)
    git(pulled.root, "commit", "--quiet", "--allow-empty", "-am", messages)
    result = pulled.pull(NUMBER)
    assert len(pulled.comments()) == 1
    assert result.undecided or pulled.push().exit_code
