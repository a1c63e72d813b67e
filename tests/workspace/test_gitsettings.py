"""A clone is readied for many files, and nobody's own settings are touched."""

from __future__ import annotations

from pathlib import Path

from support.gitrepos import git, make_repository, put

from synclog.workspace.gitrun import Git
from synclog.workspace.gitsettings import prepare_for_many_files
from synclog.workspace.history import History


def test_what_git_offers_for_many_files_is_set_once(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "msp")
    assert {"index.version", "core.untrackedCache"} <= set(prepare_for_many_files(Git.find(root)))
    assert git(root, "config", "--local", "core.untrackedCache") == "true"
    assert prepare_for_many_files(Git.find(root)) == []


def test_a_setting_that_is_there_stays(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "msp")
    git(root, "config", "--global", "core.untrackedCache", "keep")
    git(root, "config", "index.version", "2")
    assert not {"index.version", "core.untrackedCache"} & set(prepare_for_many_files(Git.find(root)))
    assert git(root, "config", "index.version") == "2"


def test_files_in_unknown_folders_are_among_what_changed(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "msp", {"clients/acme/tickets/1-a.md": "one\n", ".gitignore": "*.tmp\n"})
    new = {"clients/löwe/tickets/2-b.md": "two\n", "clients/löwe/x.tmp": "", "clients/acme/tickets/3-c.md": "three\n"}
    put(root, new)
    changed = History.open(root).changed_paths()
    assert changed == ("clients/acme/tickets/3-c.md", "clients/löwe/tickets/2-b.md")
