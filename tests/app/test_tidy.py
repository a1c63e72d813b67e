"""Tidying renames to current names, and nothing else changes: no content, no author of a note, no file of others."""

from __future__ import annotations

from typing import Any

import pytest
from support.office import NUMBER, Office, git, snapshot

from synclog.app.tidying import TidyResult, tidy
from synclog.errors import Exit, UnknownTicket

LENS, JERRY = 24152385, 24160207
OTHER = "Priya Venkat", "priya@copperline.example"


@pytest.fixture
def renamed(office: Office) -> Office:
    """A small workspace in which a customer and a ticket were renamed in Syncro, and a colleague wrote a note."""
    store = office.sandbox.store
    store.restrict_key(office.sandbox.key_owner, LENS, JERRY)
    office.pull()
    office.write_note()
    office.commit_as(*OTHER)
    folder = office.path().parent.parent
    (folder / "network plan.txt").write_text("rack 2\n")
    git(office.root, "add", "clients")
    git(office.root, "commit", "--quiet", "-m", "plan")
    (folder / "photo.jpg").write_bytes(b"not committed")
    store.web_update_customer(LENS, business_name="Len's Motors")
    store.web_update_ticket(NUMBER, subject="New server")
    office.pull()
    return office


def run(office: Office, *numbers: int, dry_run: bool = False) -> TidyResult:
    return tidy(office.workspace, numbers, dry_run=dry_run)


def test_folders_and_files_get_their_current_names_and_nothing_else_changes(renamed: Office) -> None:
    before = snapshot(renamed.root / "clients" / "lens-auto-brokerage")
    result = run(renamed)
    moved = {name.replace("server-upgrade", "new-server"): content for name, content in before.items()}
    assert snapshot(renamed.root / "clients" / "lens-motors") == moved
    assert not (renamed.root / "clients" / "lens-auto-brokerage").exists()
    assert result.renamed == [
        ("clients/lens-auto-brokerage", "clients/lens-motors"),
        (
            f"clients/lens-motors/tickets/{NUMBER}-server-upgrade.md",
            f"clients/lens-motors/tickets/{NUMBER}-new-server.md",
        ),
    ]
    assert renamed.log(2) == [
        f"Mike Sorrel: tidy: #{NUMBER}",
        "Mike Sorrel: tidy: lens-auto-brokerage is lens-motors now",
    ]
    assert git(renamed.root, "status", "--porcelain", "clients") == "?? clients/lens-motors/photo.jpg"
    changes = git(renamed.root, "diff", "--name-status", "-M100%", "HEAD~2", "HEAD").splitlines()
    assert {line.split("\t")[0] for line in changes} == {"R100"}
    assert OTHER[0] in renamed.push().plan.tickets[0].held[0].reason
    again = run(renamed)
    assert (again.renamed, again.exit_code, renamed.pull().changed) == ([], Exit.DONE, [])


def test_with_a_number_only_that_file_is_renamed(renamed: Office) -> None:
    assert [new.rpartition("/")[2] for _, new in run(renamed, NUMBER).renamed] == [f"{NUMBER}-new-server.md"]
    assert (renamed.root / "clients" / "lens-auto-brokerage").exists()
    with pytest.raises(UnknownTicket):
        run(renamed, 99999)


def test_a_dry_run_renames_nothing_and_says_the_same(renamed: Office) -> None:
    before = snapshot(renamed.root)
    shown = run(renamed, dry_run=True).renamed
    assert snapshot(renamed.root) == before
    assert [new.rpartition("/")[2] for _, new in shown] == [new.rpartition("/")[2] for _, new in run(renamed).renamed]


def test_a_folder_with_something_of_others_that_is_not_committed_is_left(renamed: Office) -> None:
    plan = renamed.root / "clients" / "lens-auto-brokerage" / "network plan.txt"
    plan.write_text("rack 3\n")
    result = run(renamed)
    assert result.exit_code == Exit.DECISION
    assert "network plan.txt is changed" in result.errors[0].message
    assert [new.rpartition("/")[2] for _, new in result.renamed] == [f"{NUMBER}-new-server.md"]
    assert plan.read_text() == "rack 3\n"


class Killed(BaseException):
    pass


@pytest.mark.parametrize("saved", [False, True])
def test_killed_after_a_rename_the_next_run_commits_it_whatever_was_saved_since(
    renamed: Office, monkeypatch: pytest.MonkeyPatch, saved: bool
) -> None:
    from synclog.workspace.workspace import Workspace

    real = Workspace.rename

    def dying(*words: Any) -> None:
        real(*words)
        raise Killed

    monkeypatch.setattr(Workspace, "rename", dying)
    with pytest.raises(Killed):
        run(renamed)
    monkeypatch.undo()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    if saved:
        renamed.edit(("priority: Normal", "priority: High"))
    assert renamed.pull().brought_back == []
    assert "tidy: lens-auto-brokerage is lens-motors now" in "\n".join(renamed.log())
    assert OTHER[0] in renamed.push().plan.tickets[0].held[0].reason
    assert (renamed.root / "clients" / "lens-motors" / "network plan.txt").exists()
    assert git(renamed.root, "status", "--porcelain", "clients") == "?? clients/lens-motors/photo.jpg"


def test_a_name_that_appears_just_then_is_not_written_over(renamed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from synclog.app import tidying as module

    real, there = module.rename_and_commit, renamed.path().with_name(f"{NUMBER}-new-server.md")

    def appearing(*words: Any) -> Any:
        there.write_bytes(b"mine")
        return real(*words)

    monkeypatch.setattr(module, "rename_and_commit", appearing)
    result = run(renamed, NUMBER)
    assert (result.renamed, result.exit_code, there.read_bytes()) == ([], Exit.FAILED, b"mine")
    assert renamed.path().name in (f"{NUMBER}-server-upgrade.md",) if not there.unlink() else False
