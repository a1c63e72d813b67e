"""An editor saves in the moments in which synclog writes the same file: what was typed stays, as its technician's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from support.office import NUMBER, Office

from synclog.errors import SynclogError
from synclog.workspace import files
from synclog.workspace.history import History

ASKED = "They asked for the invoice's address.\n"


@pytest.fixture
def type_while_flushed(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Have an editor save a line of scratch while the file's new text is on its way to the disk; return what says
    whether it did."""
    write_new = files._write_new
    saved: list[str] = []

    def slowly(path: object, data: bytes, mode: int | None) -> None:
        write_new(path, data, mode)  # type: ignore[arg-type]
        if f"number: {NUMBER}\n".encode() in data and not saved:
            pulled.edit(("\n<!-- synclog:mirror", f"\n{ASKED}\n<!-- synclog:mirror"))
            saved.append(ASKED)

    monkeypatch.setattr(files, "_write_new", slowly)
    return lambda: bool(saved)


def test_what_is_saved_while_a_push_flushes_its_stamp_to_the_disk_is_not_written_over(
    pulled: Office, type_while_flushed: Callable[[], bool]
) -> None:
    pulled.write_note()
    with suppress(SynclogError):
        pulled.push()
    assert type_while_flushed()
    assert ASKED in pulled.text()
    pulled.push()
    assert ASKED in pulled.text()
    assert len(pulled.comments()) == 1


def test_what_is_saved_while_a_pull_flushes_a_file_to_the_disk_is_not_written_over(
    pulled: Office, type_while_flushed: Callable[[], bool]
) -> None:
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled")
    pulled.pull()
    assert type_while_flushed()
    assert ASKED in pulled.text()
    pulled.pull()
    assert ASKED in pulled.text()
    assert "status: Scheduled" in pulled.text()


def before_the_commit(monkeypatch: pytest.MonkeyPatch, of: str, save: Callable[[], None]) -> None:
    """Have an editor save once the files of a commit whose message begins with `of` are written."""
    commit = History.commit
    saved: list[str] = []

    def late(self: History, paths: list[str], message: str, **more: object) -> str | None:
        if message.startswith(of) and not saved:
            saved.append(message)
            save()
        return commit(self, paths, message, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(History, "commit", late)


def test_a_note_that_is_saved_between_a_pulls_writing_and_its_commit_is_its_technicians_and_posted(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled")
    before_the_commit(monkeypatch, "pull: ", pulled.write_note)
    pulled.pull()
    assert "Replaced the failed disk." in pulled.text()
    result = pulled.push()
    assert [done.op for done in result.done] == ["comment"]
    assert len(pulled.comments()) == 1


def test_what_is_saved_between_a_records_writing_and_its_commit_does_not_bring_the_note_back(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.write_note()
    buffer = pulled.text().replace("\n<!-- synclog:mirror", f"\n{ASKED}\n<!-- synclog:mirror")
    before_the_commit(monkeypatch, f"push: #{NUMBER}", lambda: pulled.path().write_bytes(buffer.encode()) and None)
    result = pulled.push()
    assert [done.op for done in result.done] == ["comment"]
    assert "notes: []" in pulled.text()
    assert ASKED in pulled.text()
    assert len(pulled.comments()) == 1
    assert pulled.push().plan.tickets == ()
