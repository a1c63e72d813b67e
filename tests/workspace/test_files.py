"""Files are written whole or not at all, and read exactly as they are."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from synclog.errors import StorageFailed
from synclog.workspace import files


def test_a_file_is_written_with_the_folders_on_its_way(tmp_path: Path) -> None:
    path = tmp_path / "clients" / "jerry-burger" / "tickets" / "32164-cloud.md"
    files.write_whole(path, b"\xef\xbb\xbfa\r\nb\n")
    assert path.read_bytes() == b"\xef\xbb\xbfa\r\nb\n"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_file_keeps_its_permissions_and_a_new_one_gets_the_usual(tmp_path: Path) -> None:
    path, other = tmp_path / "a.md", tmp_path / "b.md"
    path.write_text("old")
    path.chmod(0o640)
    files.write_whole(path, b"new")
    files.write_whole(other, b"new")
    (tmp_path / "c.md").write_text("usual")
    usual = stat.S_IMODE((tmp_path / "c.md").stat().st_mode)
    assert stat.S_IMODE(other.stat().st_mode) == usual
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def failing(error: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    return fail


@pytest.mark.parametrize("step", ["_flush", "_replace", "_write_new", "_make_folders"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "tickets" / "32162-server-upgrade.md"
    path.parent.mkdir()
    path.write_bytes(b"what a technician wrote")
    monkeypatch.setattr(files, step, failing(errno.ENOSPC))
    with pytest.raises(StorageFailed) as caught:
        files.write_whole(path, b"new")
    assert str(path) in caught.value.message
    assert "make room" in caught.value.remedy
    assert path.read_bytes() == b"what a technician wrote"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_an_interruption_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    folder = tmp_path / "clients"
    folder.mkdir()
    monkeypatch.setattr(files, "_replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.write_whole(folder / "a.md", b"new")
    assert [one.name for one in folder.iterdir()] == []


def test_a_file_is_on_disk_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    flush, replace, folder = files._flush, files._replace, files._flush_folder
    monkeypatch.setattr(files, "_flush", lambda number: (order.append("file"), flush(number)))
    monkeypatch.setattr(files, "_replace", lambda *given: (order.append("rename"), replace(*given)))
    monkeypatch.setattr(files, "_flush_folder", lambda path: (order.append("folder"), folder(path)))
    files.write_whole(tmp_path / "a.md", b"x")
    assert order == ["file", "rename", "folder"]


def test_a_file_that_another_program_holds_open_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    waits: list[float] = []
    real = Path.replace

    def held(self: Path, target: Path) -> Path:
        if len(waits) < 3:
            raise PermissionError(errno.EACCES, "in use")
        return real(self, target)

    temporary = tmp_path / "temporary"
    temporary.write_bytes(b"new")
    monkeypatch.setattr(files, "_PAUSES_ON_THIS_SYSTEM", files._PAUSES)
    monkeypatch.setattr(Path, "replace", held)
    files._replace(temporary, path, waits.append)
    assert path.read_bytes() == b"new"
    assert waits == list(files._PAUSES[:3])


def test_text_is_decoded_strictly_and_its_line_ends_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbfG\xc3\xbcnther\r\n")
    read = files.read_text(path)
    assert read.text == "\ufeffGünther\r\n"
    path.write_bytes(b"G\xfcnther\n")
    read = files.read_text(path)
    assert (read.raw, read.text) == (b"G\xfcnther\n", None)


def test_a_missing_file_is_missing_and_a_folder_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.md", tmp_path / "none" / "none.md"):
        with pytest.raises(FileNotFoundError):
            files.read_bytes(path)
        files.remove(path)
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(StorageFailed) as caught:
        files.read_bytes(tmp_path / "folder.md")
    assert "folder.md" in caught.value.message


def test_deleting_fails_with_the_path_named(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("x")
    files.remove(path)
    assert not path.exists()
    path.mkdir()
    with pytest.raises(StorageFailed, match=r"a\.md can't be deleted"):
        files.remove(path)


def test_writing_where_a_file_stands_in_the_way_is_refused_with_the_path(tmp_path: Path) -> None:
    (tmp_path / "clients").write_text("a file")
    with pytest.raises(StorageFailed) as caught:
        files.write_whole(tmp_path / "clients" / "a.md", b"x")
    assert "a.md" in caught.value.message
    assert caught.value.remedy
