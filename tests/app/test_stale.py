"""A stale buffer that an editor saves over a newer file: nothing of it is lost, and nothing is brought back by it."""

from __future__ import annotations

import pytest
from support.office import NUMBER, Office, git

from synclog.errors import Exit

TWO = "notes:\n  - Replaced the failed disk.\n  - Rebuilt the array.\n"


@pytest.fixture
def buffered(pulled: Office) -> tuple[Office, str]:
    """Two notes were posted since an editor read the file, which holds them still."""
    pulled.write_note(TWO)
    buffer = pulled.text()
    assert len(pulled.push().done) == 2
    return pulled, buffer


def test_what_was_typed_is_committed_as_it_was_saved_then_the_posted_notes_are_gone_again(
    buffered: tuple[Office, str],
) -> None:
    office, buffer = buffered
    saved = buffer.replace(TWO, f"{TWO}  - Ordered a spare one.\n").replace("status: In Progress", "status: Scheduled")
    office.path().write_bytes(saved.encode())
    result = office.push()
    assert [done.op for done in result.done] == ["comment", "update"]
    assert result.exit_code == Exit.DONE
    assert len(office.comments()) == 1
    assert len(office.comments(words="Ordered a spare one.")) == 1
    path = office.path().relative_to(office.root).as_posix()
    typed = git(office.root, "log", "--format=%H", "--grep=^edit: ", "--max-count=1")
    assert git(office.root, "show", f"{typed}:{path}") == saved.strip()
    assert f"Mike Sorrel: merge: a stale file of #{NUMBER}" in office.log()
    assert any("an older version was saved over a newer one" in line for line in office.told)


def test_a_note_that_was_changed_in_the_buffer_and_posted_meanwhile_is_not_posted_again(
    buffered: tuple[Office, str],
) -> None:
    office, buffer = buffered
    office.path().write_bytes(buffer.replace("the failed disk.", "the failed disk and its cable.").encode())
    office.time.sleep(86400)
    result = office.push()
    assert result.done == []
    assert "failed disk and its cable" in office.text()
    assert len(office.comments()) == 1


def test_a_dry_run_heals_nothing(buffered: tuple[Office, str]) -> None:
    office, buffer = buffered
    office.path().write_bytes(buffer.encode())
    head = git(office.root, "rev-parse", "HEAD")
    assert office.cli("push", "--dry-run").returncode in (Exit.DONE, Exit.DECISION)
    assert (office.text(), git(office.root, "rev-parse", "HEAD")) == (buffer, head)


def test_a_note_that_was_sent_and_deleted_is_known_again_when_a_buffer_of_before_brings_it_back(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another day it has another reference, and the account has cut off the one that it was posted with."""
    note = "notes:\n  - Replaced the failed disk, and watched it sync.\n"
    pulled.write_note(note)
    buffer = pulled.text()
    pulled.sandbox.add_fault("drop-after POST /tickets/*/comment #1")
    with monkeypatch.context() as patch:
        patch.setattr(pulled.time, "sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pulled.push()
    cut_references(pulled)
    pulled.path().write_bytes(buffer.replace(note, "notes: []\n").encode())
    with monkeypatch.context() as patch:
        patch.setattr("synclog.app.push.found.Finding.of_ticket", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pulled.pull()
    pulled.time.sleep(86400)
    pulled.path().write_bytes(buffer.encode())
    result = pulled.push()
    assert result.exit_code == Exit.DECISION
    assert len(pulled.comments()) == 1
    assert pulled.text().count("- note: Replaced the failed disk") == 1


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def cut_references(office: Office) -> None:
    """Let the account be one that cuts long comments short."""
    db = office.sandbox.store._db
    with db.transaction():
        for comment in office.comments():
            db.update("comments", comment["id"], body=comment["body"].partition("Ref ")[0])
