"""What history tells of files that are not there any more."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.gitrepos import TECHNICIAN, git, make_repository, put

from synclog.core.untracking import untrack_message
from synclog.workspace import deletions
from synclog.workspace.gitrun import Git

FILES = {f"clients/käse/tickets/{name}": f"{name} \x00 in\nits \x01 lines\n" for name in ("1-a.md", "2 b.md", "3-ü.md")}


@pytest.fixture(params=["", "office/"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A repository, and where the workspace lies in it."""
    prefix: str = request.param
    top = make_repository(tmp_path / "msp", {prefix + path: text for path, text in FILES.items()})
    put(top, {"clients.md": "not of the workspace\n", "other/clients/x.md": "neither\n"})
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message=other\n\nSynclog-Pulled-To: 2026-04-24T18:00:00+00:00")
    return top, prefix


def remove(top: Path, path: str, message: str = "oops") -> str:
    git(top, "rm", "--quiet", path)
    git(top, "commit", "--quiet", f"--message={message}")
    return git(top, "rev-parse", "HEAD")


def test_what_was_deleted_is_told_newest_first_with_what_it_held(repository: tuple[Path, str]) -> None:
    top, prefix = repository
    own = Git.find(top / prefix)
    start = git(top, "rev-parse", "HEAD")
    commits = [remove(top, prefix + path) for path in FILES]
    remove(top, "other/clients/x.md")
    found = deletions.deletions(own, None)
    assert [(one.commit, one.path) for one in found] == list(zip(commits, FILES, strict=True))[::-1]
    texts = deletions.contents(own, [one.blob for one in found] + ["0" * 40])
    assert [texts[one.blob].decode() for one in found] == list(FILES.values())[::-1]
    assert deletions.deletions(own, start) == found
    assert deletions.deletions(own, commits[1]) == found[:1]
    # Of a commit that is not there any more nothing is known but what was pulled since.
    assert deletions.deletions(own, "0" * 40) == deletions.deletions(own, "--all") == found
    git(top, "commit", "--quiet", "--allow-empty", "--message=pull\n\nSynclog-Pulled-To: 2026-04-24T18:00:00+00:00")
    assert deletions.deletions(own, "") == []
    assert len(deletions.deletions(own, None)) == 3


def test_what_is_not_committed_is_told_too(repository: tuple[Path, str]) -> None:
    top, prefix = repository
    own = Git.find(top / prefix)
    first, second, third = FILES
    (top / prefix / first).unlink()
    git(top, "rm", "--quiet", prefix + second)
    put(top, {prefix + third: "edited\n"})
    assert [(one.commit, one.path) for one in deletions.not_committed(own)] == [("", first), ("", second)]


def test_who_wrote_what_a_commit_deleted(repository: tuple[Path, str]) -> None:
    top, prefix = repository
    own = Git.find(top / prefix)
    path = prefix + next(iter(FILES))
    put(top, {path: "mine\nhers\nmine\n"})
    git(top, "commit", "--quiet", "-am", "mine")
    put(top, {path: "mine\nhers, now\nmine\n"})
    git(top, "-c", "user.name=Priya", "-c", "user.email=priya@x.example", "commit", "--quiet", "-am", "hers")
    at = remove(top, path)
    asked = path.removeprefix(prefix)
    assert deletions.authors_before(own, at, asked, [(1, 1)]) == (TECHNICIAN,)
    assert set(deletions.authors_before(own, at, asked, [(1, 2)])) == {TECHNICIAN, ("Priya", "priya@x.example")}
    assert deletions.authors_before(own, at, asked, []) == ()


def test_what_was_forgotten_is_in_the_messages_and_branches_are_told_apart(repository: tuple[Path, str]) -> None:
    top, prefix = repository
    own = Git.find(top / prefix)
    first, second, _ = FILES
    forgot = remove(top, prefix + first, untrack_message([1]))
    git(top, "switch", "--quiet", "-c", "side", "HEAD~1")
    aside = remove(top, prefix + second, untrack_message([1, 2]))
    git(top, "merge", "--quiet", "--no-edit", "main")
    found = deletions.untracking_commits(own)
    assert (set(found[1]), found[2]) == ({forgot, aside}, (aside,))
    assert deletions.is_before(own, forgot, "")
    assert not deletions.is_before(own, forgot, aside)


def test_a_repository_without_commits_has_lost_nothing(tmp_path: Path) -> None:
    own = Git.find(make_repository(tmp_path / "new"))
    assert (deletions.deletions(own, None), deletions.not_committed(own), deletions.untracking_commits(own)) == (
        [],
        [],
        {},
    )
