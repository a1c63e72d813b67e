"""The workspace's git history: is it ready, what is not committed, and commits that touch nothing but what they name.

A commit is built in an index of its own. The technician's index changes for the named paths alone, and after the
branch did: what a kill in between leaves differs from HEAD in the index, so the next run finds it and mends the index.
(The other way round, a commit by hand after a kill would take our change along under its own message.)
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from synclog.core.trail import Ledger, TrailEntry
from synclog.errors import RepositoryState, StorageFailed
from synclog.model import Reference, TicketNumber
from synclog.workspace import bulk, gitlog
from synclog.workspace.files import read_bytes
from synclog.workspace.gitrun import Git, Ran, locked

_UNDER_WAY = (
    ("MERGE_HEAD", "a merge", "git merge --continue` or `git merge --abort"),
    ("rebase-merge", "a rebase", "git rebase --continue` or `git rebase --abort"),
    ("rebase-apply", "a rebase", "git rebase --continue` or `git rebase --abort"),
    ("CHERRY_PICK_HEAD", "a cherry-pick", "git cherry-pick --continue` or `git cherry-pick --abort"),
    ("REVERT_HEAD", "a revert", "git revert --continue` or `git revert --abort"),
    ("BISECT_LOG", "a bisect", "git bisect reset"),
)
_LOCK_TRIES, _LOCK_PAUSE = 20, 0.15
"""Editors look at a repository again and again, and hold its index for moments: they are waited for, 3 s in all."""
_COMMIT_TRIES = 3
_OLD_INDEX = 3600
_OWN_INDEX = "synclog-index-"
_COMMIT = re.compile("[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Author:
    """Who is named as the author of a commit."""

    name: str
    email: str


def syncro_author(host: str) -> Author:
    """Return the author of what Syncro said: `Syncro <syncro@host>`."""
    return Author("Syncro", f"syncro@{host}")


class History:
    """The git history of a workspace. Paths are the workspace's own, with `/`."""

    def __init__(self, git: Git, sleep: Callable[[float], None] = time.sleep) -> None:
        self._git = git
        self._sleep = sleep

    @classmethod
    def open(cls, root: Path, *, sleep: Callable[[float], None] = time.sleep) -> History:
        """Return the history of the workspace at `root`. Raises RepositoryState when it is in no git repository."""
        return cls(Git.find(root), sleep)

    @property
    def common_dir(self) -> Path:
        """The git folder that all work trees of this clone share; the workspace's lock lies there."""
        return self._git.common

    @property
    def git(self) -> Git:
        """Git itself in this repository, for what only `sync` and `doctor` need."""
        return self._git

    # --- is it ready? ----------------------------------------------------------------------------------------------

    def check_ready(self) -> None:
        """Raise RepositoryState, with what to do, unless a commit can be made here now; Busy when git is locked."""
        for name, what, commands in _UNDER_WAY:
            if (self._git.folder / name).exists():
                raise RepositoryState(f"{what} is under way in {self._git.root}", remedy=f"finish it: `{commands}`")
        if self._git.run("symbolic-ref", "--quiet", "HEAD").status:
            remedy = "go back to your branch with `git switch main` (or `git switch -c NAME` to keep what is here)"
            raise RepositoryState(f"no branch is checked out in {self._git.root} (detached HEAD)", remedy=remedy)
        if unmerged := self._git.must("ls-files", "--unmerged", "-z").out:
            path = os.fsdecode(unmerged.split(b"\0")[0].partition(b"\t")[2])
            remedy = "settle it in the file, then `git add` it (or `git checkout --theirs`/`--ours` it)"
            raise RepositoryState(f"{path} has an unsettled merge conflict in git", remedy=remedy)
        self.identity()
        self._wait_for_index()

    def check_whole(self) -> None:
        """Raise RepositoryState where only a part of the files is checked out: a file that is not there looks like one
        that has not been pulled, and would be written anew over what HEAD has of it."""
        if self._git.run("config", "--type=bool", "--get", "core.sparseCheckout").line == "true":
            remedy = "pull in a whole clone, and bring it here with git; or `git sparse-checkout disable`"
            raise RepositoryState(f"only a part of the files is checked out in {self._git.root}", remedy=remedy)

    def identity(self) -> tuple[str, str]:
        """Return the technician's (name, e-mail). Raises RepositoryState when git knows none."""
        ran = self._git.run("var", "GIT_AUTHOR_IDENT")
        name, _, rest = ran.line.partition(" <")
        if ran.status or not name:
            remedy = (
                'run `git config --global user.name "Your Name"` and `git config --global user.email you@example.com`'
            )
            raise RepositoryState("git does not know who you are", remedy=remedy)
        return name, rest.partition(">")[0]

    def check_signing(self) -> None:
        """Sign a commit that is then thrown away, where commits are signed here. Raises RepositoryState when it fails.

        So that a missing key is found before anything is posted, not when it is to be recorded.
        """
        if not self._signs():
            return
        with tempfile.TemporaryDirectory(prefix="synclog-") as scratch:
            env = {"GIT_OBJECT_DIRECTORY": scratch}
            tree = self._git.must("hash-object", "-t", "tree", "-w", "--stdin", env=env).line
            ran = self._git.run("commit-tree", "-S", tree, feed=b"signing works\n", env=env)
        if ran.status:
            raise self._unsigned(ran)

    def _wait_for_index(self) -> None:
        lock = self._git.index.with_name("index.lock")
        for _ in range(_LOCK_TRIES):
            if not lock.exists():
                return
            self._sleep(_LOCK_PAUSE)
        raise locked(lock)

    # --- what is where ---------------------------------------------------------------------------------------------

    def head(self) -> str | None:
        """Return the commit that HEAD leads to, None before the first."""
        ran = self._git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return None if ran.status else ran.line

    def has(self, path: str) -> bool:
        """Return whether HEAD has a file at `path`."""
        return self._git.run("cat-file", "-e", f"HEAD:{self._git.prefix}{path}").status == 0

    def remotes(self) -> tuple[tuple[str, str], ...]:
        """Return the remotes as (name, address). An address may hold a login: it is not for showing as it is."""
        ran = self._git.run("config", "-z", "--get-regexp", r"^remote\..*\.url$")
        pairs = (os.fsdecode(record).partition("\n") for record in ran.out.split(b"\0") if record)
        return tuple((name.removeprefix("remote.").removesuffix(".url"), url) for name, _, url in pairs)

    def changed_paths(self, prefix: str = "clients") -> tuple[str, ...]:
        """Return the paths below the folder `prefix` that differ from HEAD, in the index or on disk, or are not known
        to git and not ignored; sorted. Changes nothing, not even git's own notes on files."""
        full = self._git.prefix + prefix
        # What is in unknown folders is asked for separately: only of folders does git remember what it saw in them.
        words = (
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=normal",
            "--no-renames",
            "--ignore-submodules=all",
        )
        ran = self._git.must(*words, "--", full)
        paths = [os.fsdecode(record[3:]) for record in ran.out.split(b"\0") if len(record) > 3]
        if folders := [path for path in paths if path.endswith("/")]:
            inside = self._git.must("ls-files", "--others", "--exclude-standard", "-z", "--", *folders)
            paths = [path for path in paths if not path.endswith("/")]
            paths += [os.fsdecode(record) for record in inside.out.split(b"\0") if record]
        return tuple(sorted(path.removeprefix(self._git.prefix) for path in paths))

    def changed_since(self, commit: str, prefix: str = "clients") -> tuple[str, ...] | None:
        """Return the paths below the folder `prefix` that HEAD has otherwise than `commit`; None where there is no such
        commit (any more)."""
        if not _COMMIT.fullmatch(commit):
            return None
        words = ("diff-tree", "-r", "-z", "--no-renames", "--name-only", "--no-ext-diff", commit, "HEAD")
        ran = self._git.run(*words, "--", self._git.prefix + prefix)
        if ran.status:
            return None
        paths = (os.fsdecode(record) for record in ran.out.split(b"\0") if record)
        return tuple(path.removeprefix(self._git.prefix) for path in paths)

    def tracked_paths(self, prefix: str) -> tuple[str, ...]:
        """Return the paths below the folder `prefix` that git's index has, sorted: things of whatever kind."""
        records = self._git.must("ls-files", "-z", "--", self._git.prefix + prefix).out.split(b"\0")
        return tuple(sorted(os.fsdecode(record).removeprefix(self._git.prefix) for record in records if record))

    def texts_of_head(self, paths: Sequence[str]) -> dict[str, str]:
        """Return what HEAD has at these paths, where it has something: by one run of git, however many they are."""
        return gitlog.texts_of_head(self._git, paths)

    def trail(self, references: Collection[Reference] | None = None) -> tuple[TrailEntry, ...]:
        """Return what was posted, newest first and each entry once; with `references`, only theirs."""
        return gitlog.trail(self._git, references)

    def posted(self, number: TicketNumber | None = None) -> Iterator[TrailEntry]:
        """Yield the same oldest first, as it is read; of one ticket with `number`."""
        return gitlog.posted(self._git, number)

    def pushes(self) -> dict[Reference, str]:
        """Return for each reference the push that began it last, by its commit: what was stamped together has one."""
        return gitlog.pushes(self._git)

    def ledger(self, numbers: Collection[TicketNumber], *, drafts: bool = False) -> Ledger:
        """Return what history says of these tickets, and of new ones with `drafts`: posted, and stamped."""
        return gitlog.ledger(self._git, frozenset(numbers), drafts=drafts)

    def texts_with(self, word: str, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Yield (path, content) of the files below `prefix` that once held `word`, the newest change first."""
        yield from gitlog.texts_with(self._git, word, self._git.prefix + prefix, len(self._git.prefix))

    def messages(self, path: str) -> tuple[str, ...]:
        """Return the messages of the commits that changed a file, the newest first, some hundred at most."""
        return gitlog.messages(self._git, self._git.prefix + path)

    def contents(self, wanted: Sequence[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
        """Yield (path, content) of files in commits, asked for as (commit, path); those that are not there are not."""
        prefix = self._git.prefix
        for (_, path), raw in gitlog.contents(self._git, [(commit, prefix + path) for commit, path in wanted]):
            yield path[len(prefix) :], raw

    def versions(self, path: str, commit: str) -> Iterator[bytes]:
        """Yield the contents that a file had up to `commit`, the newest first, some hundred at most."""
        yield from gitlog.versions(self._git, self._git.prefix + path, commit)

    def bases_gone_back(self, folder: str) -> tuple[str, ...]:
        """Return the files below `folder` that one of the last merges left with an older base than one of its parents
        had, and that have an older one still."""
        found = gitlog.bases_gone_back(self._git, self._git.prefix + folder)
        return tuple(path[len(self._git.prefix) :] for path in found)

    def pulled_to(self) -> datetime | None:
        """Return the moment (UTC) up to which all that Syncro changed is in HEAD's history, None before a pull."""
        return gitlog.pulled_to(self._git)

    def blame_authors(self, path: str, line_ranges: Sequence[tuple[int, int]]) -> tuple[frozenset[Author], ...]:
        """Return for each range of lines (from 1, end included) of the file as it is now who committed these lines."""
        found = gitlog.blame_authors(self._git, self._git.prefix + path, line_ranges)
        return tuple(frozenset(Author(name, email) for name, email in pairs) for pairs in found)

    # --- committing ------------------------------------------------------------------------------------------------

    def commit(
        self,
        paths: Sequence[str],
        message: str,
        *,
        author: Author | None = None,
        date: datetime | None = None,
        still: Callable[[], bool] = lambda: True,
    ) -> str | None:
        """Commit what is on disk at `paths` (a file that is not there is a deletion) and nothing else.

        `author` is the technician when left out, the committer always is; `date` is the author's time, now when left
        out. Returns the commit, None when HEAD has all of it already. `still` is asked once the files were read: where
        it says no, nothing is committed. Whatever else is staged or changed stays exactly as it is. Raises Busy when
        another git works here, RepositoryState when signing fails, StorageFailed for the rest. The next call with the
        same paths then does what is left of it, or finds nothing left.
        """
        if not paths:
            return None
        feed = b"".join(os.fsencode(self._git.prefix + path) + b"\0" for path in sorted(set(paths)))
        env = _author_environment(author, date)
        moved = Ran(1, b"", "")
        for _ in range(_COMMIT_TRIES):
            parent = self.head()
            tree = self._bulk_tree(paths, parent) or self._tree_with(feed, parent)
            if not still():
                return None
            self._wait_for_index()
            if tree == self._tree_of(parent):
                self._update_index(feed)
                return None
            commit = self._commit_object(tree, parent, message, env)
            moved = self._move_head(commit, parent, message)
            if moved.status == 0:
                self._update_index(feed)
                return commit
            if self.head() == parent:
                break
        raise self._git.failure("update-ref", moved)

    def commit_message(self, message: str) -> str:
        """Commit a message that changes no file; return the commit. Raises as `commit`."""
        for _ in range(_COMMIT_TRIES):
            parent = self.head()
            commit = self._commit_object(self._tree_of(parent), parent, message, {})
            moved = self._move_head(commit, parent, message)
            if moved.status == 0:
                return commit
            if self.head() == parent:
                break
        raise self._git.failure("update-ref", moved)

    def maintain(self) -> None:
        """Let git tidy its objects when they are due, in the background; not where the technician has turned it off."""
        # The last value is this program's own, which keeps every other command from starting it.
        configured = self._git.run("config", "--get-all", "gc.auto").line.split("\n")[:-1]
        most = configured[-1] if configured else "6700"
        if most != "0":
            self._git.run("-c", f"gc.auto={most}", "maintenance", "run", "--auto", "--quiet")

    def _move_head(self, commit: str, parent: str | None, message: str) -> Ran:
        summary = _plain(message.partition("\n")[0])
        return self._git.run("update-ref", "-m", f"synclog: {summary}", "HEAD", commit, parent or "0" * len(commit))

    def _bulk_tree(self, paths: Sequence[str], parent: str | None) -> str | None:
        """Return the tree of `parent` with many paths as they are on disk; None where it is not for a bulk."""
        if len(paths) < bulk.FEWEST:
            return None
        top = self._git.root / self._git.prefix
        files: dict[str, bytes | None] = {}
        for path in paths:
            try:
                if (top / path).stat().st_mode & 0o111 and os.name == "posix":
                    return None
                files[self._git.prefix + path] = read_bytes(top / path)
            except (FileNotFoundError, NotADirectoryError):
                files[self._git.prefix + path] = None
        return bulk.imported_tree(self._git, parent, files)

    def _tree_with(self, feed: bytes, parent: str | None) -> str:
        """Return the tree of `parent` with the fed paths as they are on disk."""
        with self._own_index() as env:
            if parent:
                self._git.must("read-tree", parent, env=env)
            self._update_index(feed, env)
            return self._git.must("write-tree", env=env).line

    def _update_index(self, feed: bytes, env: Mapping[str, str] | None = None) -> None:
        """Put the fed paths into an index as they are on disk: the technician's, unless `env` names another."""
        self._git.must("update-index", "--add", "--remove", "-z", "--stdin", feed=feed, env=env)

    def _tree_of(self, parent: str | None) -> str:
        if parent is None:
            return self._git.must("hash-object", "-t", "tree", "-w", "--stdin").line
        return self._git.must("rev-parse", f"{parent}^{{tree}}").line

    def _commit_object(self, tree: str, parent: str | None, message: str, env: Mapping[str, str]) -> str:
        signs = self._signs()
        options = [*(["-S"] if signs else []), *(["-p", parent] if parent else [])]
        feed = (message.replace("\0", "").rstrip("\n") + "\n").encode("utf-8", "replace")
        ran = self._git.run("commit-tree", *options, tree, feed=feed, env=env)
        if ran.status:
            raise self._unsigned(ran) if signs else self._git.failure("commit-tree", ran)
        return ran.line

    def _signs(self) -> bool:
        return self._git.run("config", "--type=bool", "--get", "commit.gpgsign").line == "true"

    def _unsigned(self, ran: Ran) -> RepositoryState:
        said = self._git.failure("commit-tree -S", ran).message
        remedy = "make `git commit -S` work here, or turn it off with `git config commit.gpgsign false`"
        return RepositoryState(f"a commit can't be signed: {said}", remedy=remedy)

    @contextmanager
    def _own_index(self) -> Iterator[dict[str, str]]:
        """Give the environment in which git uses an index of our own, and remove it (and those of killed runs)."""
        folder = self._git.folder
        index = folder / f"{_OWN_INDEX}{secrets.token_hex(8)}"
        try:
            for left in folder.glob(f"{_OWN_INDEX}*"):
                if time.time() - left.stat().st_mtime > _OLD_INDEX:
                    left.unlink(missing_ok=True)
            yield {"GIT_INDEX_FILE": str(index)}
        except OSError as error:
            raise StorageFailed(
                f"{folder} can't be written: {error.strerror}", remedy="check its permissions"
            ) from error
        finally:
            for left in (index, index.with_name(index.name + ".lock")):
                left.unlink(missing_ok=True)


def _author_environment(author: Author | None, date: datetime | None) -> dict[str, str]:
    env: dict[str, str] = {}
    if author:
        env |= {"GIT_AUTHOR_NAME": _plain(author.name) or "unknown", "GIT_AUTHOR_EMAIL": _plain(author.email)}
    if date:
        env["GIT_AUTHOR_DATE"] = f"@{int(date.timestamp())} {date:%z}"
    return env


def _plain(text: str) -> str:
    return "".join(one for one in text if one.isprintable() and one not in "<>").strip()
