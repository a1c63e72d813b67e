"""A commit of many files is the same commit, however it is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.gitrepos import git, make_repository, put

from synclog.workspace import bulk
from synclog.workspace.history import History

FOLDER = "clients/grunwald-sohne/tickets"
MANY = {f"{FOLDER}/{number}-umlauts-in-file-names.md": f"number: {number}\nGrünwald\n" for number in range(100, 240)}
ODD = {
    f'{FOLDER}/a "quoted" \\ name.md': "one\n",
    f"{FOLDER}/tab\tnewline\nname.md": "two\n",
    f"{FOLDER}/größe.md": "3\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(
        tmp_path / "msp", {f"{FOLDER}/100-umlauts-in-file-names.md": "old\n", "runbook.md": "call the vendor\n"}
    )


def commit(repository: Path, paths: list[str]) -> str:
    made = History.open(repository, sleep=lambda _: None).commit(paths, "pull: 140 new, 0 changed")
    assert made == git(repository, "rev-parse", "HEAD")
    return git(repository, "rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize("attributes", ["", "*.md text=auto eol=lf\n"])
def test_the_tree_is_the_one_that_git_s_own_index_makes(
    repository: Path, attributes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository, {**MANY, **ODD, ".gitattributes": attributes})
    (repository / f"{FOLDER}/100-umlauts-in-file-names.md").unlink()
    start = git(repository, "rev-parse", "HEAD")
    in_bulk = commit(repository, [*MANY, *ODD])
    assert git(repository, "status", "--porcelain", "--", "clients") == ""
    assert git(repository, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    git(repository, "reset", "--quiet", start)
    monkeypatch.setattr(bulk, "FEWEST", 10_000)
    assert commit(repository, [*MANY, *ODD]) == in_bulk


def test_the_first_commit_of_a_repository_may_be_a_large_one(tmp_path: Path) -> None:
    repository = tmp_path / "empty"
    repository.mkdir()
    git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "config", "user.name", "Mira Stanton")
    git(repository, "config", "user.email", "mira@copperline.example")
    put(repository, MANY)
    commit(repository, list(MANY))
    assert len(git(repository, "ls-tree", "-r", "--name-only", "HEAD").splitlines()) == len(MANY)


@pytest.mark.parametrize(
    ("attributes", "content"),
    [("*.md text eol=lf\n", "windows\r\nline ends\r\n"), ("*.md ident\n", "$Id$\n")],
    ids=["line ends", "ident"],
)
def test_what_git_converts_on_its_way_in_is_converted(
    repository: Path, attributes: str, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository, {**MANY, ".gitattributes": attributes})
    path = f"{FOLDER}/150-umlauts-in-file-names.md"
    (repository / path).write_bytes(content.encode())
    start = git(repository, "rev-parse", "HEAD")
    made = commit(repository, list(MANY))
    assert git(repository, "status", "--porcelain", "--", "clients") == ""
    git(repository, "reset", "--quiet", start)
    monkeypatch.setattr(bulk, "FEWEST", 10_000)
    assert commit(repository, list(MANY)) == made


def test_objects_of_many_files_are_one_pack_and_not_a_file_each(repository: Path) -> None:
    put(repository, MANY)
    commit(repository, list(MANY))
    counted = dict(line.split(": ") for line in git(repository, "count-objects", "-v").splitlines())
    assert int(counted["packs"]) == 1
    assert int(counted["count"]) < 20
