"""Only what really lies below clients/ is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.errors import UnsafePath
from synclog.workspace import paths
from synclog.workspace.paths import inside, iter_ticket_paths


@pytest.mark.parametrize(
    "relative",
    [
        "clients/jerry-burger/client.md",
        "clients/jerry-burger/tickets/32164-own-cloud-thing-again.md",
        "clients/jerry-burger/tickets/new-größe 🙂 (2).md",
        "clients/a/console.md",
    ],
)
def test_paths_below_clients_are_given_in_full(tmp_path: Path, relative: str) -> None:
    assert inside(tmp_path, relative) == tmp_path.joinpath(*relative.split("/"))


@pytest.mark.parametrize(
    "relative",
    [
        "",
        "clients",
        "clients/",
        "synclog.yaml",
        "/etc/passwd",
        "/clients/a.md",
        "../clients/a.md",
        "clients/../synclog.yaml",
        "clients/a/../../../x.md",
        "clients/./a.md",
        "clients//a.md",
        "clients/a\\..\\..\\x.md",
        "C:/clients/a.md",
        "clients/a\0.md",
        "clients/a\n.md",
        "clients/\u202eevil.md",
        "clients/CON/a.md",
        "clients/nul.md",
        "clients/com1.txt.md",
        "clients/a/.git/hooks/post-checkout",
        "clients/.GIT/config",
        "clients/git~1/config",
        "Clients/a.md",
    ],
)
def test_whatever_leads_elsewhere_is_refused(tmp_path: Path, relative: str) -> None:
    with pytest.raises(UnsafePath) as caught:
        inside(tmp_path, relative)
    assert caught.value.message.isprintable()
    assert caught.value.remedy


@given(st.text(alphabet=st.sampled_from([*"./\\a:\0 ~"]), max_size=12).map("clients/{}".format) | st.text(max_size=20))
@settings(deadline=None, max_examples=200)
def test_what_is_accepted_is_below_clients(relative: str) -> None:
    root = Path("/nowhere/msp").absolute()
    try:
        found = inside(root, relative)
    except UnsafePath:
        return
    below = Path(os.path.normpath(found)).relative_to(root / "clients")
    assert below.parts


def linked_workspace(tmp_path: Path) -> tuple[Path, Path]:
    root, outside = tmp_path / "msp", tmp_path / "outside"
    (root / "clients" / "real" / "tickets").mkdir(parents=True)
    (outside / "tickets").mkdir(parents=True)
    (outside / "tickets" / "1-secret.md").write_text("secret")
    return root, outside


@pytest.mark.parametrize("where", ["clients/linked", "clients/real/linked", "clients/real/tickets/1-linked.md"])
def test_no_link_is_followed(tmp_path: Path, where: str) -> None:
    root, outside = linked_workspace(tmp_path)
    target = outside / "tickets" / "1-secret.md" if where.endswith(".md") else outside
    (root / where).symlink_to(target, target_is_directory=target.is_dir())
    path = where if where.endswith(".md") else f"{where}/tickets/1-secret.md"
    with pytest.raises(UnsafePath, match="goes through a link"):
        inside(root, path)


def test_a_link_that_leads_nowhere_is_a_link(tmp_path: Path) -> None:
    root, _ = linked_workspace(tmp_path)
    (root / "clients" / "real" / "tickets" / "2.md").symlink_to(tmp_path / "to-be-made")
    with pytest.raises(UnsafePath):
        inside(root, "clients/real/tickets/2.md")


def test_clients_itself_must_not_be_a_link(tmp_path: Path) -> None:
    root, outside = tmp_path / "msp", tmp_path / "elsewhere"
    (outside / "a" / "tickets").mkdir(parents=True)
    (outside / "a" / "tickets" / "1-x.md").write_text("x")
    root.mkdir()
    (root / "clients").symlink_to(outside, target_is_directory=True)
    assert list(iter_ticket_paths(root)) == []
    with pytest.raises(UnsafePath):
        inside(root, "clients/a/tickets/1-x.md")


def test_a_workspace_that_is_reached_through_a_link_is_fine(tmp_path: Path) -> None:
    root, _ = linked_workspace(tmp_path)
    (tmp_path / "shortcut").symlink_to(root, target_is_directory=True)
    assert inside(tmp_path / "shortcut", "clients/real/client.md")


def test_ticket_files_are_found_sorted_and_without_following_links(tmp_path: Path) -> None:
    root, outside = linked_workspace(tmp_path)
    names = [
        "clients/real/tickets/32162-b.md",
        "clients/real/tickets/32161-a.md",
        "clients/real/tickets/new-Printer.MD",
        "clients/also/tickets/1-x.md",
        "clients/also/client.md",
        "clients/also/tickets/notes.txt",
        "clients/also/tickets/.hidden.md",
        "clients/also/tickets/.synclog-12.tmp",
        "clients/also/tickets/nul.md",
        "clients/also/tickets/deeper/2-y.md",
        "clients/.hidden/tickets/3-z.md",
        "clients/stray.md",
    ]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (root / "clients" / "also" / "tickets" / "folder.md").mkdir()
    (root / "clients" / "linked").symlink_to(outside, target_is_directory=True)
    (root / "clients" / "real" / "tickets" / "1-secret.md").symlink_to(outside / "tickets" / "1-secret.md")
    assert list(iter_ticket_paths(root)) == [
        "clients/also/tickets/1-x.md",
        "clients/real/tickets/32161-a.md",
        "clients/real/tickets/32162-b.md",
        "clients/real/tickets/new-Printer.MD",
    ]
    assert paths.customer_folders(root) == ["also", "real"]


def test_a_workspace_without_clients_has_no_tickets(tmp_path: Path) -> None:
    assert list(iter_ticket_paths(tmp_path)) == []


def test_one_path_is_a_ticket_file_or_a_card_exactly_when_the_lists_have_it(tmp_path: Path) -> None:
    from synclog.workspace.paths import is_card_path, is_ticket_path

    names = ("7-a.md", "7-A.MD", ".hidden.md", "con.md", "notes.txt", "new-x.md", "sub/7-a.md")
    for folder in ("acme", ".git", "aux", "größe"):
        for name in names:
            file = tmp_path / "clients" / folder / "tickets" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("x")
        (tmp_path / "clients" / folder / "client.md").write_text("x")
    (tmp_path / "clients" / "linked").symlink_to(tmp_path / "clients" / "acme")
    (tmp_path / "clients" / "acme" / "tickets" / "8-link.md").symlink_to(tmp_path / "clients" / "acme" / "client.md")
    every = [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")]
    every += ["clients/linked/tickets/7-a.md", "clients/linked/client.md", "clients/acme/tickets/9-gone.md"]
    listed = set(iter_ticket_paths(tmp_path))
    assert {path for path in every if is_ticket_path(tmp_path, path)} == listed
    assert len(listed) == 6
    assert {path for path in every if is_card_path(tmp_path, path)} == {
        "clients/acme/client.md",
        "clients/größe/client.md",
    }
