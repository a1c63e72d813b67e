"""A workspace is made once, adopted without disturbing anything, and opened from anywhere within."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.gitrepos import TECHNICIAN, git, make_repository, put

from synclog.core.settingstext import default_settings_text
from synclog.errors import Busy, InvalidFile, RepositoryState, SettingsError, StorageFailed, UnsafePath, UsageError
from synclog.workspace.making import init_workspace
from synclog.workspace.workspace import Workspace

URL = "https://copperline.syncromsp.com/api/v1"
ZONE = "America/Phoenix"
OWN = [".gitattributes", ".gitignore", "synclog.yaml"]
TICKET = "clients/jerry-burger/tickets/32164-own-cloud-thing-again.md"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    init_workspace(tmp_path / "msp", URL, ZONE)
    return Workspace.open(tmp_path / "msp")


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file of a work tree and its git state, as far as it has a meaning."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }
    return files | {"HEAD": git(folder, "rev-parse", "HEAD").encode(), "index": git(folder, "ls-files", "-s").encode()}


# --- renaming --------------------------------------------------------------------------------------------------------


def test_a_folder_is_renamed_whole_and_over_nothing(workspace: Workspace) -> None:
    put(workspace.root, {TICKET: "x", "clients/jerry-burger/photo.jpg": "y", "clients/lens/client.md": "z"})
    workspace.rename("clients/jerry-burger", "clients/jerry")
    assert sorted(workspace.names_in("clients/jerry")) == ["photo.jpg", "tickets"]
    for there in ("clients/lens", "clients/lens/client.md"):
        with pytest.raises(StorageFailed, match="exists"):
            workspace.rename("clients/jerry", there)
    with pytest.raises(UnsafePath):
        workspace.rename("clients/jerry", "clients/con")
    assert sorted(workspace.names_in("clients")) == ["jerry", "lens"]
    assert workspace.names_in("clients/nobody") == []


# --- making ----------------------------------------------------------------------------------------------------------


def test_a_new_workspace_is_a_repository_with_one_commit_of_its_own_files(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "msp"
    assert sorted(init_workspace(folder, URL, ZONE)) == OWN
    assert git(folder, "log", "--format=%an %s") == f"{TECHNICIAN[0]} synclog: a workspace for copperline.syncromsp.com"
    assert git(folder, "ls-tree", "-r", "--name-only", "HEAD").splitlines() == OWN
    assert git(folder, "branch", "--show-current") == "main"
    assert git(folder, "status", "--porcelain") == ""
    assert (folder / "clients").is_dir()
    workspace = Workspace.open(folder)
    assert workspace.settings.syncro.base_url == URL
    assert workspace.settings.timezone.key == ZONE
    assert workspace.ticket_paths() == []


def test_making_it_again_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "msp"
    init_workspace(folder, URL, ZONE)
    put(folder, {"synclog.yaml": (folder / "synclog.yaml").read_text() + "# a comment not committed yet\n"})
    before = snapshot(folder)
    assert init_workspace(folder, URL + "/", "UTC", via="timer") == []
    assert snapshot(folder) == before


def test_a_repository_with_work_in_it_is_adopted_without_touching_that(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "docs", {"runbook.md": "call\n", ".gitignore": "*.log"})
    git(folder, "switch", "--quiet", "-c", "trunk")
    put(folder, {"runbook.md": "dirty\n", "staged.txt": "x\n", "untracked.txt": "y\n"})
    git(folder, "add", "staged.txt")
    assert sorted(init_workspace(folder, URL, ZONE, labor={"remote": 1190473})) == OWN
    assert git(folder, "show", "--format=", "--name-only", "HEAD").splitlines() == OWN
    assert sorted(git(folder, "status", "--porcelain").splitlines()) == [
        " M runbook.md",
        "?? untracked.txt",
        "A  staged.txt",
    ]
    assert (folder / ".gitignore").read_text() == "*.log\n/.synclog/\n.synclog-*.tmp\n"
    assert git(folder, "branch", "--show-current") == "trunk"
    assert Workspace.open(folder).settings.defaults.labor == "remote"


def test_a_run_that_was_killed_before_its_commit_is_finished_by_the_next(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "msp")
    put(folder, {"synclog.yaml": default_settings_text(URL, ZONE)})
    assert sorted(init_workspace(folder, URL, ZONE)) == [".gitattributes", ".gitignore"]
    assert git(folder, "ls-tree", "-r", "--name-only", "HEAD").splitlines() == OWN


def test_files_that_were_written_but_not_committed_are_committed_by_the_next_run(tmp_path: Path) -> None:
    folder = tmp_path / "msp"
    init_workspace(folder, URL, ZONE)
    git(folder, "update-ref", "-d", "HEAD")
    git(folder, "rm", "--quiet", "--cached", "-r", ".")
    assert init_workspace(folder, URL, ZONE) == []
    assert git(folder, "ls-tree", "-r", "--name-only", "HEAD").splitlines() == OWN


def test_a_folder_within_a_repository_becomes_a_workspace_of_that_repository(tmp_path: Path) -> None:
    top = make_repository(tmp_path / "docs", {"a.md": "a\n"})
    init_workspace(top / "msp", URL, ZONE)
    assert git(top, "show", "--format=", "--name-only", "HEAD").splitlines() == [f"msp/{name}" for name in OWN]
    assert not (top / "msp" / ".git").exists()


def test_a_folder_that_the_repository_around_it_ignores_gets_its_own(tmp_path: Path) -> None:
    top = make_repository(tmp_path / "home", {".gitignore": "/msp/\n"})
    init_workspace(top / "msp", URL, ZONE)
    assert (top / "msp" / ".git").is_dir()
    assert git(top, "log", "--format=%s") == "start"


def test_a_workspace_of_another_account_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "msp"
    init_workspace(folder, URL, ZONE)
    before = snapshot(folder)
    with pytest.raises(UsageError, match="is a workspace of copperline"):
        init_workspace(folder, "https://other.syncromsp.com/api/v1", ZONE)
    assert snapshot(folder) == before


@pytest.mark.parametrize(("url", "zone"), [("copperline", ZONE), ("https://a:b@c.example/", ZONE), (URL, "Mars/Base")])
def test_nothing_is_made_of_an_address_or_timezone_that_is_none(tmp_path: Path, url: str, zone: str) -> None:
    with pytest.raises((UsageError, SettingsError)):
        init_workspace(tmp_path / "msp", url, zone)
    assert not (tmp_path / "msp").exists()


def test_nothing_is_written_when_git_does_not_know_the_technician(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    with pytest.raises(RepositoryState, match="who you are"):
        init_workspace(tmp_path / "msp", URL, ZONE)
    assert not (tmp_path / "msp" / "synclog.yaml").exists()


def test_attributes_keep_line_ends_and_name_the_merge_driver(workspace: Workspace) -> None:
    shown = git(
        workspace.root, "check-attr", "eol", "merge", "text", "--", TICKET, "synclog.yaml", "clients/a/scan.pdf"
    )
    assert shown.splitlines() == [
        f"{TICKET}: eol: lf",
        f"{TICKET}: merge: synclog",
        f"{TICKET}: text: auto",
        "synclog.yaml: eol: lf",
        "synclog.yaml: merge: unspecified",
        "synclog.yaml: text: set",
        "clients/a/scan.pdf: eol: lf",
        "clients/a/scan.pdf: merge: unspecified",
        "clients/a/scan.pdf: text: auto",
    ]


# --- opening ---------------------------------------------------------------------------------------------------------


def test_a_workspace_is_found_from_any_folder_in_it(workspace: Workspace) -> None:
    workspace.write(TICKET, "x\n")
    assert Workspace.open((workspace.root / TICKET).parent).root == workspace.root


def test_without_a_workspace_the_ways_to_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no synclog\.yaml") as caught:
        Workspace.open(tmp_path)
    assert "synclog init" in caught.value.remedy


def test_settings_that_are_not_valid_are_named_by_file_and_line(workspace: Workspace) -> None:
    put(workspace.root, {"synclog.yaml": f"syncro:\n  base_url: {URL}\nfromat: 1\n"})
    with pytest.raises(SettingsError, match=r"^synclog\.yaml:3: `fromat`"):
        Workspace.open(workspace.root)
    (workspace.root / "synclog.yaml").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        Workspace.open(workspace.root)


# --- files -----------------------------------------------------------------------------------------------------------


def test_files_are_written_read_and_deleted_exactly(workspace: Workspace) -> None:
    text = "\ufeff---\r\nsubject: Größe 🙂\r\n---\n"
    assert workspace.read_text_or_none(TICKET) is None
    assert not workspace.exists(TICKET)
    workspace.write(TICKET, text)
    assert workspace.exists(TICKET)
    assert workspace.read_text(TICKET) == text
    assert workspace.read_bytes(TICKET) == text.encode()
    assert workspace.ticket_paths() == [TICKET]
    assert workspace.customer_folders() == ["jerry-burger"]
    assert workspace.history.changed_paths() == (TICKET,)
    workspace.write("clients/jerry-burger/client.md", "card\n")
    assert workspace.card_paths() == ["clients/jerry-burger/client.md"]
    workspace.delete(TICKET)
    workspace.delete(TICKET)
    with pytest.raises(FileNotFoundError):
        workspace.read_bytes(TICKET)


def test_a_file_that_is_not_utf8_is_invalid_and_never_taken_for_missing(workspace: Workspace) -> None:
    workspace.write(TICKET, "x")
    (workspace.root / TICKET).write_bytes(b"---\nsubject: Gr\xf6\xdfe\n---\n")
    for read in (workspace.read_text, workspace.read_text_or_none):
        with pytest.raises(InvalidFile) as caught:
            read(TICKET)
        assert [(problem.line, problem.message) for problem in caught.value.problems] == [(2, "this is not UTF-8 text")]


@pytest.mark.parametrize("path", ["synclog.yaml", "clients/../synclog.yaml", "/etc/passwd", "clients/a/.git/config"])
def test_no_method_leaves_clients(workspace: Workspace, path: str) -> None:
    for attempt in (
        lambda: workspace.write(path, "x"),
        lambda: workspace.delete(path),
        lambda: workspace.read_bytes(path),
        lambda: workspace.read_text_or_none(path),
        lambda: workspace.exists(path),
    ):
        with pytest.raises(UnsafePath):
            attempt()


def test_a_path_that_was_typed_is_understood_from_the_current_folder(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.write(TICKET, "x")
    (tmp_path / "shortcut").symlink_to(workspace.root, target_is_directory=True)
    monkeypatch.chdir((workspace.root / TICKET).parent)
    name = TICKET.rpartition("/")[2]
    for typed in (name, f"../tickets/{name}", workspace.root / TICKET, tmp_path / "shortcut" / TICKET):
        assert workspace.relative(typed) == TICKET
    with pytest.raises(UsageError, match="is not below"):
        workspace.relative("../../../synclog.yaml")


# --- state and lock --------------------------------------------------------------------------------------------------


def test_state_is_ignored_by_git_even_where_the_ignore_file_was_lost(workspace: Workspace) -> None:
    (workspace.root / ".gitignore").write_text("")
    workspace.write_state("journal.json", "{}")
    assert (workspace.state_dir / "journal.json").read_text() == "{}"
    assert git(workspace.root, "status", "--porcelain") == " M .gitignore"
    with pytest.raises(UnsafePath):
        workspace.write_state("../synclog.yaml", "x")


def test_a_state_folder_that_is_a_link_is_not_followed(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (workspace.root / ".synclog").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(UnsafePath):
        workspace.write_state("journal.json", "{}")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_lock_lies_in_gits_folder_and_holds(workspace: Workspace) -> None:
    with workspace.lock("push"):
        assert (workspace.root / ".git" / "synclog.lock").exists()
        assert git(workspace.root, "status", "--porcelain") == ""


def test_two_work_trees_of_a_clone_share_the_lock(workspace: Workspace, tmp_path: Path) -> None:
    git(workspace.root, "worktree", "add", "--quiet", str(tmp_path / "side"))
    other = Workspace.open(tmp_path / "side")
    with workspace.lock("push"), pytest.raises(Busy, match="synclog push"), other.lock("pull", timeout=0):
        pytest.fail("two had the clone")
