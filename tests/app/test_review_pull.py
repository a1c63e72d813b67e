"""Pulls that something happens to: files that are not valid for a while, moves that are cut short, edits by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.office import NUMBER, Office, git

from synclog.app.push import push
from synclog.errors import Exit

PLAIN = "notes:\n  - Replaced the failed disk.\n"


class Killed(BaseException):
    pass


def kill(*_: object, **__: object) -> None:
    raise Killed


def bend(office: Office) -> None:
    office.edit(("status: In Progress", "status: [In Progress"))


def mend(office: Office) -> None:
    office.edit(("status: [In Progress", "status: In Progress"))


def test_what_syncro_has_for_a_file_comes_when_it_is_mended_however_late(pulled: Office) -> None:
    bend(pulled)
    pulled.sandbox.store.web_update_ticket(NUMBER, priority="0 Urgent")
    for _ in range(3):
        pulled.time.at += timedelta(hours=1)
        assert pulled.pull().exit_code == Exit.DECISION
    mend(pulled)
    pulled.time.at += timedelta(hours=1)
    assert pulled.pull().changed == [NUMBER]
    assert "0 Urgent" in pulled.text()
    assert not pulled.pull().changed


def test_time_made_in_the_web_while_a_file_is_not_valid_comes_when_it_is_mended(pulled: Office) -> None:
    bend(pulled)
    pulled.sandbox.store.web_add_time(NUMBER, 25, 1190473)
    for _ in range(2):
        pulled.time.at += timedelta(hours=1)
        pulled.pull()
    mend(pulled)
    pulled.time.at += timedelta(hours=1)
    pulled.pull()
    assert "| 25 |" in pulled.text()


def test_what_syncro_has_for_a_ticket_in_two_files_comes_when_one_is_gone(pulled: Office) -> None:
    copy = pulled.path().with_name("copy.md")
    copy.write_bytes(pulled.path().read_bytes())
    pulled.sandbox.store.web_update_ticket(NUMBER, priority="0 Urgent")
    for _ in range(2):
        pulled.time.at += timedelta(hours=1)
        assert pulled.pull().exit_code == Exit.DECISION
    copy.unlink()
    pulled.time.at += timedelta(hours=1)
    pulled.pull()
    assert "0 Urgent" in pulled.text()


def test_a_ticket_in_two_files_gets_no_third(pulled: Office) -> None:
    path = pulled.path()
    for name in ("one.md", "two.md"):
        path.with_name(name).write_bytes(path.read_bytes())
    path.unlink()
    result = pulled.pull(NUMBER)
    assert result.exit_code == Exit.DECISION
    assert not path.exists()


@pytest.mark.parametrize("step", ["delete", "write"])
def test_a_move_to_another_customer_that_is_cut_short_loses_no_note(
    pulled: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from synclog.workspace.workspace import Workspace

    pulled.write_note(PLAIN)
    pulled.sandbox.store.web_move_ticket(NUMBER, pulled.sandbox.store.ticket(32164)["customer_id"])
    real = getattr(Workspace, step)

    def dying(self: Workspace, path: str, *words: str, **more: Any) -> Any:
        if str(NUMBER) in path:
            raise Killed
        return real(self, path, *words, **more)

    monkeypatch.setattr(Workspace, step, dying)
    with pytest.raises(Killed):
        pulled.pull()
    monkeypatch.undo()
    pulled.pull()
    assert "Replaced the failed disk." in pulled.text()
    assert pulled.push().done
    assert len(pulled.comments()) == 1


def test_a_note_in_a_file_that_was_moved_is_still_its_authors(pulled: Office) -> None:
    pulled.write_note(PLAIN)
    pulled.sandbox.store.web_move_ticket(NUMBER, pulled.sandbox.store.ticket(32164)["customer_id"])
    for count in range(40):
        pulled.sandbox.store.web_add_comment(NUMBER, f"And another thing, number {count}: " + "please hurry, " * 20)
    pulled.pull()
    assert pulled.push().done
    assert len(pulled.comments()) == 1


def test_a_comment_that_a_pull_finds_without_its_time_is_not_recorded_as_done(office: Office) -> None:
    from synclog.sandbox import Sandbox

    with Sandbox(comment_time="drop", now=office.time.now) as dropping:
        office.sandbox, office.key = dropping, dropping.api_key
        office.change_settings(office.workspace.settings.syncro.base_url, dropping.base_url)
        office.pull()
        office.write_note()
        with pytest.MonkeyPatch.context() as patch, office.session() as session:
            patch.setattr("synclog.app.push.records.Recorder.problem", kill)
            with pytest.raises(Killed):
                push(session, confirm=lambda _: True)
        result = office.pull()
        # Its time may be under way still: only a push waits, and then knows.
        assert (result.recorded, result.exit_code) == ([], Exit.DONE)
        assert office.push().exit_code == Exit.DECISION
        assert "time was not recorded" in office.text()
        assert len(office.comments()) == 1


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_read_only_key_is_put_back_though_the_edit_was_committed_by_hand(pulled: Office, by_hand: bool) -> None:
    pulled.edit(("id: ", "id: 9"))
    if by_hand:
        git(pulled.root, "commit", "--quiet", "-am", "oops")
    result = pulled.pull()
    assert result.restored == {NUMBER: ("id",)}
    assert pulled.push().exit_code == Exit.DONE
