"""Work in a ticket's file that is not where, or what, a ticket's file is: nothing of it is posted, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.office import NUMBER, Office

from synclog.app.status import check, status
from synclog.errors import Exit, InvalidFile
from synclog.workspace.paths import shown


def linked(file: Path) -> Path:
    """The technician keeps the file elsewhere, and has a link to it here."""
    kept = file.parents[4] / "kept.md"
    file.rename(kept)
    file.symlink_to(kept)
    return file


def in_a_folder(file: Path) -> Path:
    """The technician puts what is nearly done into a folder."""
    (file.parent / "today").mkdir()
    return file.rename(file.parent / "today" / file.name)


def deep_down(file: Path) -> Path:
    folder = file.parent / "today" / "1 urgent"
    folder.mkdir(parents=True)
    return file.rename(folder / "server")


def with_another_ending(file: Path) -> Path:
    """An editor saved it as a text."""
    return file.rename(file.with_name(f"{file.name}.txt"))


def with_an_unusable_name(file: Path) -> Path:
    return file.rename(file.with_name("32162-server\u00a0upgrade.md"))


def with_no_ending(file: Path) -> Path:
    return file.rename(file.with_suffix(""))


@pytest.mark.parametrize("moved", [linked, in_a_folder])
def test_a_push_names_the_file_whose_note_it_does_not_see(pulled: Office, moved: Callable[[Path], Path]) -> None:
    pulled.write_note()
    file = moved(pulled.path())
    said = pulled.cli("push", "--yes")
    assert pulled.comments() or file.name in said.stdout + said.stderr
    assert (said.returncode, pulled.comments()) == (Exit.DECISION, [])


def told(office: Office) -> list[tuple[str, ...]]:
    """The files that are named, by each that names them."""
    found = (status(office.workspace), check(office.workspace)[0], office.push())
    named = [one if isinstance(one, tuple) else one.invalid for one in found]
    codes = {int(one.exit_code) for one in found if not isinstance(one, tuple)}
    assert codes == {Exit.DECISION if any(named) else Exit.DONE}
    return [tuple(error.path for error in errors) for errors in named]


@pytest.mark.parametrize(
    "moved", [linked, in_a_folder, deep_down, with_another_ending, with_no_ending, with_an_unusable_name]
)
def test_it_is_named_until_it_is_a_tickets_file_again(pulled: Office, moved: Callable[[Path], Path]) -> None:
    status(pulled.workspace)
    pulled.write_note()
    before = pulled.path()
    file = moved(before)
    path = file.relative_to(pulled.root).as_posix()
    for _ in range(2):
        assert told(pulled) == [(shown(path),)] * 3
    assert [error.path for error in check(pulled.workspace, [path])[0]] == [shown(path)]
    file.resolve().replace(before)
    assert status(pulled.workspace).invalid == ()
    assert len(pulled.push().done) == 1


def test_who_asks_for_the_ticket_is_told_where_its_file_is(pulled: Office) -> None:
    pulled.write_note()
    in_a_folder(pulled.path())
    with pytest.raises(InvalidFile, match="today/32162-server-upgrade"):
        status(pulled.workspace, [NUMBER])


def test_a_link_is_named_by_its_name_alone(pulled: Office) -> None:
    pulled.path().unlink()
    link = pulled.root / "clients" / "jerry-burger" / "tickets" / "new-printer.md"
    link.symlink_to(pulled.root.parent / "nowhere")
    assert told(pulled) == [(link.relative_to(pulled.root).as_posix(),)] * 3


def test_what_holds_no_work_on_a_ticket_is_left_alone(pulled: Office) -> None:
    """A folder of what is over, copies that editors and git keep, locks of editors, and files of one's own."""
    file, text = pulled.path(), pulled.text()
    here, archive = file.parent, file.parent / "archive"
    archive.mkdir()
    (archive / file.name).write_bytes(text.encode())
    pulled.write_note()
    for name in (f"{file.name}~", f"{file.name}.orig", f"{file.name}.bak", f".{file.name}"):
        (here / name).write_bytes(pulled.text().encode())
    pulled.edit(("notes:", "notes: []\nmine:"))
    (here / f".#{file.name}").symlink_to("mike@desk.4711:1")
    (here / "readme.md").symlink_to(pulled.root / "README.md")
    (archive / "asset.md").write_text("---\nnumber: 32162\n---\nThe label on the server.\n", "utf-8")
    (archive / "plan.txt").write_text("---\nnotes:\n  - Ask Len.\n---\n", "utf-8")
    (archive / "photo.png").write_bytes(b"\x89PNG")
    (archive / "32162-list.md").write_bytes(b"\xff\xfe---\n")
    assert told(pulled) == [()] * 3
