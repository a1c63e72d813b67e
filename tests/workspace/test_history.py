"""Commits of just what they name, in real repositories: foreign work stays, nothing of the repository runs."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.gitrepos import TECHNICIAN, git, make_repository, put

from synclog.errors import Busy, RepositoryState, StorageFailed
from synclog.workspace.gitrun import Git
from synclog.workspace.history import Author, History, syncro_author

DISK = "clients/lens-auto-brokerage/tickets/32162-server-upgrade.md"
CLOUD = "clients/jerry-burger/tickets/32164-own-cloud-thing-again.md"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "msp", {DISK: "one\n", CLOUD: "two\n", "runbook.md": "call the vendor\n"})


@pytest.fixture
def history(repository: Path) -> History:
    return History.open(repository, sleep=lambda _: None)


def staged(repository: Path) -> str:
    return git(repository, "ls-files", "--stage")


def test_a_commit_holds_what_it_names_and_nothing_else(repository: Path, history: History) -> None:
    put(repository, {DISK: "one\nmore\n", CLOUD: "two\nmore\n"})
    made = history.commit([DISK], "pull: 0 new, 1 changed", author=syncro_author("copperline.syncromsp.com"))
    assert made == history.head() == git(repository, "rev-parse", "main")
    assert git(repository, "show", "--format=", "--name-status", "HEAD") == f"M\t{DISK}"
    assert git(repository, "status", "--porcelain") == f" M {CLOUD}"


def test_the_author_is_syncro_and_the_committer_the_technician(repository: Path, history: History) -> None:
    put(repository, {DISK: "new\n"})
    when = datetime(2026, 4, 17, 18, 17, 40, tzinfo=UTC)
    history.commit([DISK], "pull: größer 🙂\n\nbody", author=syncro_author("copperline.syncromsp.com"), date=when)
    shown = git(repository, "log", "-1", "--format=%an|%ae|%cn|%ce|%aI|%B")
    assert shown.rstrip() == (
        "Syncro|syncro@copperline.syncromsp.com|Mira Stanton|mira@copperline.example|2026-04-17T18:17:40+00:00|"
        "pull: größer 🙂\n\nbody"
    )


def test_the_technician_is_the_author_when_none_is_named(repository: Path, history: History) -> None:
    put(repository, {DISK: "new\n"})
    history.commit([DISK], "edit: #32162")
    assert git(repository, "log", "-1", "--format=%an <%ae>") == "{} <{}>".format(*TECHNICIAN)
    assert history.identity() == TECHNICIAN


def test_an_authors_name_cannot_break_the_commit(repository: Path, history: History) -> None:
    put(repository, {DISK: "new\n"})
    history.commit([DISK], "x\0y", author=Author("<script>\nEve", "a>b"))
    assert git(repository, "log", "-1", "--format=%an|%ae|%s") == "scriptEve|ab|xy"


def test_foreign_staged_and_dirty_work_stays_exactly_as_it_was(repository: Path, history: History) -> None:
    put(repository, {"runbook.md": "staged\n", "new.txt": "staged new\n"})
    git(repository, "add", "runbook.md", "new.txt")
    git(repository, "rm", "--quiet", "--cached", CLOUD)
    put(repository, {"runbook.md": "staged, then edited\n", "untracked.txt": "x\n", DISK: "ours\n"})
    before = [line for line in staged(repository).splitlines() if DISK not in line]
    status = git(repository, "status", "--porcelain").replace(f" M {DISK}\n", "")
    history.commit([DISK], "edit: #32162")
    assert [line for line in staged(repository).splitlines() if DISK not in line] == before
    assert git(repository, "status", "--porcelain") == status
    assert git(repository, "show", "--format=", "--name-only", "HEAD") == DISK


def test_an_intent_to_add_of_a_foreign_file_stays(repository: Path, history: History) -> None:
    put(repository, {"later.txt": "x\n", DISK: "ours\n"})
    git(repository, "add", "--intent-to-add", "later.txt")
    history.commit([DISK], "edit")
    assert git(repository, "status", "--porcelain") == " A later.txt"


def test_new_and_deleted_files_are_committed_as_such(repository: Path, history: History) -> None:
    new = "clients/jerry-burger/tickets/new-größe 🙂.md"
    put(repository, {new: "draft\n"})
    (repository / CLOUD).unlink()
    history.commit([new, CLOUD, "clients/never/was.md"], "edit")
    shown = git(repository, "-c", "core.quotePath=false", "show", "--format=", "--name-status", "--no-renames", "HEAD")
    assert sorted(shown.splitlines()) == [f"A\t{new}", f"D\t{CLOUD}"]
    assert git(repository, "status", "--porcelain") == ""


def test_nothing_is_committed_when_nothing_differs(repository: Path, history: History) -> None:
    before = history.head()
    assert history.commit([DISK, CLOUD], "edit") is None
    assert history.commit([], "edit") is None
    assert history.head() == before


def test_the_first_commit_of_a_repository_can_be_ours(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "new")
    put(folder, {DISK: "one\n", "other.txt": "x\n"})
    history = History.open(folder)
    assert history.head() is None
    assert history.trail() == ()
    assert history.pulled_to() is None
    assert history.changed_paths() == (DISK,)
    assert history.commit(["clients/nothing.md"], "edit") is None
    history.commit([DISK], "edit: #32162")
    assert git(folder, "ls-tree", "-r", "--name-only", "HEAD") == DISK
    assert git(folder, "status", "--porcelain") == "?? other.txt"


def test_a_kill_after_any_step_is_mended_by_the_next_run(
    repository: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    steps = ["read-tree", "write-tree", "update-index", "commit-tree", "update-ref"]
    real = Git.run
    for number, step in enumerate(steps):
        put(repository, {DISK: f"version {number}\n"})

        def dies(self: Git, *arguments: str, step: str = step, **given: object) -> object:
            ran = real(self, *arguments, **given)  # type: ignore[arg-type]
            if arguments[0] == step:
                raise Killed
            return ran

        with monkeypatch.context() as patch:
            patch.setattr(Git, "run", dies)
            with pytest.raises(Killed):
                history.commit([DISK], "pull")
        # Done already where the kill came after the last step.
        history.commit(history.changed_paths(), "edit")
        assert git(repository, "show", f"HEAD:{DISK}") == f"version {number}"
        assert git(repository, "status", "--porcelain") == ""
    assert not list((repository / ".git").glob("synclog-index-*"))


def test_a_branch_that_moved_meanwhile_is_built_upon(
    repository: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository, {DISK: "ours\n"})
    real, moves = Git.run, iter([True])

    def moving(self: Git, *arguments: str, **given: object) -> object:
        if arguments[0] == "commit-tree" and next(moves, False):
            git(repository, "commit", "--quiet", "--allow-empty", "--message=theirs")
        return real(self, *arguments, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "run", moving)
    history.commit([DISK], "ours")
    assert git(repository, "log", "--format=%s").splitlines() == ["ours", "theirs", "start"]


def test_a_thousand_files_take_hardly_more_processes_than_one(
    repository: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    real = Git.run

    def counted(self: Git, *arguments: str, **given: object) -> object:
        runs.append(arguments[0])
        return real(self, *arguments, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "run", counted)
    put(repository, {DISK: "again\n"})
    history.commit([DISK], "one")
    for_one = list(runs)
    runs.clear()
    many = {f"clients/saguaro-law/tickets/{number}-ticket.md": f"{number}\n" for number in range(1100)}
    put(repository, many)
    history.commit(list(many), "many")
    assert len(runs) <= len(for_one) + 2
    assert len(git(repository, "show", "--format=", "--name-only", "HEAD").splitlines()) == 1100


def test_a_message_alone_is_a_commit_that_changes_no_file_and_no_index(repository: Path, history: History) -> None:
    put(repository, {DISK: "edited\n", "runbook.md": "staged\n", "new.txt": "x\n"})
    git(repository, "add", "runbook.md")
    before, status, index = history.head(), git(repository, "status", "--porcelain"), staged(repository)
    made = history.commit_message("push: #32162 found in Syncro\n\nSynclog-Op: comment\n")
    assert made == history.head() == git(repository, "rev-parse", "main")
    assert git(repository, "rev-parse", "HEAD~1") == before
    assert git(repository, "diff", "--stat", "HEAD~1", "HEAD") == ""
    assert git(repository, "status", "--porcelain") == status
    assert staged(repository) == index
    shown = git(repository, "log", "-1", "--format=%an|%ae|%B")
    assert shown.rstrip() == "{}|{}|push: #32162 found in Syncro\n\nSynclog-Op: comment".format(*TECHNICIAN)
    assert "synclog: push: #32162 found in Syncro" in git(repository, "reflog", "-1")


def test_a_message_alone_can_be_the_first_commit(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "new")
    put(folder, {DISK: "one\n"})
    history = History.open(folder)
    made = history.commit_message("first")
    assert history.head() == made
    assert git(folder, "ls-tree", "-r", "HEAD") == ""
    assert git(folder, "log", "--format=%s") == "first"
    git(folder, "fsck", "--strict")


def test_a_message_alone_is_built_upon_a_branch_that_moved_meanwhile(
    repository: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, moves = Git.run, iter([True])

    def moving(self: Git, *arguments: str, **given: object) -> object:
        if arguments[0] == "commit-tree" and next(moves, False):
            put(repository, {"theirs.txt": "x\n"})
            git(repository, "add", "theirs.txt")
            git(repository, "commit", "--quiet", "--message=theirs")
        return real(self, *arguments, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "run", moving)
    history.commit_message("ours")
    assert git(repository, "log", "--format=%s").splitlines() == ["ours", "theirs", "start"]
    assert git(repository, "show", "HEAD:theirs.txt") == "x"


def test_a_message_that_can_not_be_committed_is_said_with_a_remedy(repository: Path, history: History) -> None:
    lock = repository / ".git" / "refs" / "heads" / "main.lock"
    lock.write_bytes(b"")
    with pytest.raises(Busy, match=r"main\.lock"):
        history.commit_message("push")
    lock.unlink()
    git(repository, "config", "commit.gpgsign", "true")
    git(repository, "config", "gpg.program", str(repository / "no-such-program"))
    before = history.head()
    with pytest.raises(RepositoryState, match="can't be signed"):
        history.commit_message("push")
    assert history.head() == before


def test_hooks_and_programs_that_the_repository_names_do_not_run(repository: Path, history: History) -> None:
    ran = repository / "ran"
    script = f'#!/bin/sh\necho ran >> "{ran.as_posix()}"\n'
    for name in ("pre-commit", "post-commit", "reference-transaction", "post-index-change", "commit-msg"):
        hook = repository / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(script)
        hook.chmod(0o755)
    monitor = repository / ".git" / "monitor"
    monitor.write_text(script)
    monitor.chmod(0o755)
    for setting in ("core.fsmonitor", "diff.external", "core.pager", "diff.evil.textconv"):
        git(repository, "config", setting, monitor.as_posix())
    put(repository, {".gitattributes": "*.md diff=evil filter=unknown\n", DISK: "ours\n"})
    assert history.changed_paths() == (DISK,)
    history.commit([DISK], "edit")
    history.trail()
    history.blame_authors(DISK, [(1, 1)])
    assert not ran.exists()


@pytest.mark.parametrize("what", ["ledger", "texts", "message"])
def test_looking_into_history_runs_nothing_that_the_repository_names_either(
    repository: Path, history: History, what: str
) -> None:
    ran = repository / "ran"
    program = repository / ".git" / "program"
    program.write_text(f'#!/bin/sh\necho ran >> "{ran.as_posix()}"\n')
    program.chmod(0o755)
    hooks = repository / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-commit", "reference-transaction", "commit-msg"):
        (hooks / name).write_bytes(program.read_bytes())
        (hooks / name).chmod(0o755)
    put(repository, {".gitattributes": "*.md diff=evil\n", DISK: "two\n"})
    assert history.commit([DISK, ".gitattributes"], "edit")
    for setting in ("diff.external", "core.pager", "diff.evil.textconv", "diff.evil.command"):
        git(repository, "config", setting, program.as_posix())
    if what == "ledger":
        history.ledger([32162], drafts=True)
    elif what == "texts":
        list(history.texts_with("one", "clients"))
    else:
        history.commit_message("push")
    assert not ran.exists()


def test_files_go_in_byte_for_byte_whatever_this_machine_converts(repository: Path, history: History) -> None:
    git(repository, "config", "core.autocrlf", "true")
    git(repository, "config", "core.safecrlf", "true")
    (repository / DISK).write_bytes(b"a\r\nb\n")
    history.commit([DISK], "edit")
    assert git(repository, "cat-file", "-s", f"HEAD:{DISK}") == "5"


def test_changed_paths_are_those_below_clients_and_nothing_is_touched(repository: Path, history: History) -> None:
    draft = "clients/saguaro-law/tickets/new-printer -> floor 2.md"
    put(repository, {draft: "x\n", DISK: "changed\n", "runbook.md": "changed\n", ".gitignore": "*.tmp\n"})
    put(repository, {"clients/saguaro-law/.synclog-1.tmp": "left over\n"})
    git(repository, "rm", "--quiet", CLOUD)
    index = (repository / ".git" / "index").read_bytes()
    assert history.changed_paths() == tuple(sorted([draft, DISK, CLOUD]))
    assert history.changed_paths("clients/saguaro-law") == (draft,)
    assert (repository / ".git" / "index").read_bytes() == index


def test_a_workspace_below_a_repositorys_root_has_paths_of_its_own(tmp_path: Path) -> None:
    top = make_repository(tmp_path / "docs", {"msp/" + DISK: "one\n", "clients/other.md": "x\n"})
    history = History.open(top / "msp")
    put(top, {"msp/" + DISK: "two\n", "clients/other.md": "y\n"})
    assert history.changed_paths() == (DISK,)
    history.commit([DISK], "edit")
    assert git(top, "show", "--format=", "--name-only", "HEAD") == "msp/" + DISK
    assert history.blame_authors(DISK, [(1, 1)]) == (frozenset({Author(*TECHNICIAN)}),)
    assert history.has(DISK)
    assert not history.has("clients/other.md")


def test_a_linked_work_tree_commits_to_its_own_branch_and_shares_the_lock(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    history = History.open(tmp_path / "side")
    history.check_ready()
    put(tmp_path / "side", {DISK: "side\n"})
    history.commit([DISK], "edit")
    assert git(repository, "log", "-1", "--format=%s", "side") == "edit"
    assert git(repository, "status", "--porcelain") == ""
    assert history.common_dir == History.open(repository).common_dir == repository / ".git"


def test_a_hook_that_runs_us_cannot_send_commits_elsewhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repository(tmp_path / "other", {"a": "a\n"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    put(repository, {DISK: "ours\n"})
    made = History.open(repository).commit([DISK], "edit")
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert made == git(repository, "rev-parse", "HEAD")
    assert git(other, "log", "--format=%s") == "start"


# --- is it ready? ----------------------------------------------------------------------------------------------------


def test_a_repository_at_rest_is_ready(history: History) -> None:
    history.check_ready()


def test_a_folder_without_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepositoryState, match="not in a git repository") as caught:
        History.open(tmp_path)
    assert "synclog init" in caught.value.remedy


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    with pytest.raises(RepositoryState, match="bare"):
        History.open(tmp_path / "bare.git")


def conflict(repository: Path) -> None:
    git(repository, "switch", "--quiet", "-c", "side")
    put(repository, {DISK: "side\n"})
    git(repository, "commit", "--quiet", "--all", "--message=side")
    git(repository, "switch", "--quiet", "main")
    put(repository, {DISK: "main\n"})
    git(repository, "commit", "--quiet", "--all", "--message=main")


@pytest.mark.parametrize(
    ("command", "says", "remedy"),
    [
        (["merge", "side"], "a merge", "git merge --abort"),
        (["rebase", "side"], "a rebase", "git rebase --abort"),
        (["cherry-pick", "side"], "a cherry-pick", "git cherry-pick --abort"),
        (["revert", "--no-edit", "HEAD~1"], "a revert", "git revert --abort"),
        (["bisect", "start"], "a bisect", "git bisect reset"),
    ],
)
def test_a_repository_in_the_middle_of_something_is_refused(
    repository: Path, history: History, command: list[str], says: str, remedy: str
) -> None:
    conflict(repository)
    try:
        git(repository, *command)
    except AssertionError:
        assert command[0] != "bisect"  # the others stop at the conflict
    with pytest.raises(RepositoryState, match=f"{says} is under way") as caught:
        history.check_ready()
    assert remedy in caught.value.remedy


def test_an_unsettled_stash_is_refused(repository: Path, history: History) -> None:
    put(repository, {DISK: "stashed\n"})
    git(repository, "stash", "--quiet")
    put(repository, {DISK: "main\n"})
    git(repository, "commit", "--quiet", "--all", "--message=main")
    with pytest.raises(AssertionError, match="stash pop"):
        git(repository, "stash", "pop")
    with pytest.raises(RepositoryState, match=r"32162-server-upgrade\.md has an unsettled merge conflict"):
        history.check_ready()


def test_a_detached_head_is_refused(repository: Path, history: History) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    with pytest.raises(RepositoryState, match="detached HEAD") as caught:
        history.check_ready()
    assert "git switch" in caught.value.remedy


def test_a_repository_that_does_not_know_the_technician_is_refused(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    with pytest.raises(RepositoryState, match="does not know who you are") as caught:
        history.check_ready()
    assert "user.email" in caught.value.remedy


def test_a_stale_index_lock_is_named_with_its_remedy_and_nothing_is_committed(
    repository: Path, history: History
) -> None:
    lock = repository / ".git" / "index.lock"
    lock.write_bytes(b"")
    put(repository, {DISK: "ours\n"})
    before = history.head()
    for attempt in (history.check_ready, lambda: history.commit([DISK], "edit")):
        with pytest.raises(Busy) as caught:
            attempt()
        assert str(lock) in caught.value.remedy
    assert history.head() == before
    lock.unlink()
    assert history.commit([DISK], "edit")


def test_an_index_that_an_editor_holds_for_a_moment_is_waited_for(repository: Path) -> None:
    lock = repository / ".git" / "index.lock"
    lock.write_bytes(b"")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        lock.unlink()

    History.open(repository, sleep=wait).check_ready()
    assert len(waits) == 1


def test_a_locked_branch_is_named_with_its_remedy(repository: Path, history: History) -> None:
    lock = repository / ".git" / "refs" / "heads" / "main.lock"
    lock.write_bytes(b"")
    put(repository, {DISK: "ours\n"})
    with pytest.raises(Busy, match=r"main\.lock"):
        history.commit([DISK], "edit")


@pytest.mark.parametrize("what", ["check", "commit"])
def test_a_signature_that_cannot_be_made_is_said_before_anything_is_recorded(
    repository: Path, history: History, what: str
) -> None:
    git(repository, "config", "commit.gpgsign", "true")
    git(repository, "config", "gpg.program", str(repository / "no-such-program"))
    put(repository, {DISK: "ours\n"})
    before = history.head()
    with pytest.raises(RepositoryState, match="can't be signed") as caught:
        history.check_signing() if what == "check" else history.commit([DISK], "edit")
    assert "commit.gpgsign" in caught.value.remedy
    assert history.head() == before


def test_commits_are_signed_where_the_technician_signs(repository: Path, history: History) -> None:
    signer = repository / ".git" / "signer.py"
    signer.write_text(
        f"#!{sys.executable}\nimport sys\nsys.stdin.buffer.read()\n"
        "sys.stderr.write('\\n[GNUPG:] SIG_CREATED D\\n')\n"
        "print('-----BEGIN PGP SIGNATURE-----\\n\\nabc\\n-----END PGP SIGNATURE-----')\n"
    )
    signer.chmod(0o755)
    git(repository, "config", "commit.gpgsign", "true")
    git(repository, "config", "gpg.program", signer.as_posix())
    put(repository, {DISK: "ours\n"})
    objects = set((repository / ".git" / "objects").rglob("*"))
    history.check_signing()
    assert set((repository / ".git" / "objects").rglob("*")) == objects
    history.commit([DISK], "edit")
    assert "BEGIN PGP SIGNATURE" in git(repository, "cat-file", "commit", "HEAD")


def test_git_that_fails_is_an_error_with_a_remedy(repository: Path, history: History) -> None:
    put(repository, {DISK: "ours\n"})
    (repository / ".git" / "refs" / "heads" / "main").write_text("not a commit\n")
    with pytest.raises(StorageFailed) as caught:
        history.commit([DISK], "edit")
    assert caught.value.remedy


def test_remotes_are_listed(repository: Path, history: History) -> None:
    assert history.remotes() == ()
    git(repository, "remote", "add", "office", "https://git.copperline.example/msp.git")
    assert history.remotes() == (("office", "https://git.copperline.example/msp.git"),)
