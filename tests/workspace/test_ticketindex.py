"""The index is what was left there, or none: nothing that somebody else made of it is believed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from synclog.workspace import marks
from synclog.workspace.marks import UNSURE, disk_moment, file_mark, folder_mark
from synclog.workspace.ticketindex import FILE, SEAL, OutOfDate, Settled, TicketIndex

PLACE = ("hollow-oak", "32162-server.md")
ROW = Settled(32162, "New", "Hollow Oak Dental", "Server upgrade", "Mika Sandoval", "2026-04-17T11:17:40-07:00", 1.0)


def put_one(folder: Path, version: str = "1") -> None:
    index = TicketIndex.open(folder, version)
    index.put(PLACE, "mark", b"digest", False, ROW)
    index.counted()
    index.finish()


def statuses(folder: Path | None, version: str = "1") -> list[str]:
    index = TicketIndex.open(folder, version)
    found = [row[1] for _, row in index.settled()]
    index.finish()
    return found


def test_what_was_put_is_there_the_next_time(tmp_path: Path) -> None:
    put_one(tmp_path)
    assert statuses(tmp_path) == ["New"]


def other_words(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"Server upgrade", b"Server Upgrade"))


def another_writer(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE files SET status = 'Resolved'")
    connection.close()


def copied(file: Path) -> None:
    raw = file.read_bytes()
    file.unlink()
    file.write_bytes(raw)


@pytest.mark.parametrize(
    "harm",
    [
        other_words,
        another_writer,
        copied,
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"not a database" * 99),
        lambda file: os.truncate(file, 5000),
        lambda file: file.unlink(),
        lambda file: file.with_name(SEAL).unlink(),
        lambda file: file.with_name(SEAL).write_bytes(b"\xff"),
    ],
)
def test_an_index_that_is_not_as_it_was_left_is_begun_anew(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    put_one(tmp_path)
    harm(tmp_path / FILE)
    assert statuses(tmp_path) == []
    put_one(tmp_path)
    assert statuses(tmp_path) == ["New"]


def test_an_index_of_another_version_is_begun_anew(tmp_path: Path) -> None:
    put_one(tmp_path, "1")
    assert statuses(tmp_path, "2") == []


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    put_one(elsewhere)
    (tmp_path / FILE).symlink_to(elsewhere / FILE)
    with pytest.raises(OSError, match="no plain file"):
        TicketIndex.open(tmp_path, "1")


def test_of_two_that_write_at_once_the_later_one_works_on_a_copy_or_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synclog.workspace.ticketindex._PATIENCE", 0)
    put_one(tmp_path)
    one, two = TicketIndex.open(tmp_path, "1"), TicketIndex.open(tmp_path, "1")
    one.put(("hollow-oak", "32163-printer.md"), "mark", b"digest", False, ROW)
    two.put(("hollow-oak", "32164-phone.md"), "mark", b"digest", False, ROW)
    assert len(two.entries("hollow-oak")) == 2
    two.finish()
    late = TicketIndex.open(tmp_path, "1")
    late.abandon()
    one.finish()
    index = TicketIndex.open(tmp_path, "1")
    assert set(index.entries("hollow-oak")) == {PLACE[1], "32163-printer.md"}
    index.finish()


def test_who_read_before_another_wrote_is_told_to_begin_again(tmp_path: Path) -> None:
    put_one(tmp_path)
    reader = TicketIndex.open(tmp_path, "1")
    reader._connection.execute("COMMIT")
    put_one(tmp_path)
    reader._connection.execute("BEGIN")
    with pytest.raises(OutOfDate):
        reader.drop(1)
    reader.abandon()


def test_a_file_that_was_just_touched_is_not_known_by_its_mark(tmp_path: Path) -> None:
    file = tmp_path / "ticket.md"
    file.write_text("one")
    moment = disk_moment(tmp_path / "now")
    assert file_mark(str(file), moment) == UNSURE
    assert folder_mark(str(tmp_path), moment) == UNSURE
    later = moment + marks._TICK + 1_000_000_000
    assert file_mark(str(file), later)
    assert file_mark(str(file), later) != file_mark(str(tmp_path / "now"), later)


def test_the_mark_of_a_folder_changes_with_the_names_in_it(tmp_path: Path) -> None:
    later = disk_moment(tmp_path / "now") + 60_000_000_000
    before = folder_mark(str(tmp_path), later)
    os.utime(tmp_path, ns=(1, 1))
    (tmp_path / "another").write_text("")
    assert folder_mark(str(tmp_path), later) not in (before, None, UNSURE)
    assert folder_mark(str(tmp_path / "another"), later) is None
    assert file_mark(str(tmp_path), later) is None
