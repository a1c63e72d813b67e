"""What history says of files that are not there any more: who deleted them, what they held. Nothing here changes it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from synclog.core.trail import PULLED_TO
from synclog.core.untracking import UNTRACKED, parse_untracked
from synclog.model import TicketNumber
from synclog.workspace.gitlog import has_commits
from synclog.workspace.gitrun import Git

_LOG = ("log", "-z", "--no-show-signature", "--no-color", "--no-notes")
_COMMIT = re.compile("[0-9a-f]{40,64}")
_DELETED = re.compile(r":[0-7]{6} 0{6} ([0-9a-f]{40,64}) 0+ D")


@dataclass(frozen=True, slots=True)
class Deletion:
    """A file that a commit deleted: its path in the workspace, and its content's id."""

    commit: str
    path: str
    blob: str


def deletions(git: Git, since: str | None, prefix: str = "clients") -> list[Deletion]:
    """Return what was deleted below the folder `prefix` since the commit `since`, newest first; since the last pull of
    anybody where that is no commit (any more), in all of history where it is None. A file that moved is deleted where
    it was."""
    if not has_commits(git):
        return []
    words = (
        "--no-follow",
        "--topo-order",
        "--full-history",
        "--no-renames",
        "--raw",
        "--no-abbrev",
        "--diff-filter=D",
        "--format=%H",
    )
    if since is not None and not _is_commit(git, since):
        # Whoever pulled brought back what had been deleted until then.
        since = git.must(*_LOG, "--fixed-strings", f"--grep={PULLED_TO}: ", "-1", "--format=%H", "HEAD").line.strip(
            "\0"
        )
    span = f"{since}..HEAD" if since else "HEAD"
    ran = git.must(*_LOG, *words, "--no-ext-diff", span, "--", git.prefix + prefix)
    found: list[Deletion] = []
    commit, blob = "", ""
    for token in ran.out.split(b"\0"):
        text = os.fsdecode(token)
        if blob:
            found.append(Deletion(commit, text.removeprefix(git.prefix), blob))
            blob = ""
        elif match := _DELETED.fullmatch(text.strip("\n")):
            blob = match[1]
        elif _COMMIT.fullmatch(text.strip("\n")):
            commit = text.strip("\n")
    return found


def _is_commit(git: Git, name: str) -> bool:
    return bool(_COMMIT.fullmatch(name)) and git.run("cat-file", "-e", f"{name}^{{commit}}").status == 0


def not_committed(git: Git, prefix: str = "clients") -> list[Deletion]:
    """Return the files below the folder `prefix` that HEAD has and that are not on disk; their commit is ""."""
    if not has_commits(git):
        return []
    words = ("diff-index", "-z", "--no-renames", "--no-abbrev", "--diff-filter=D", "--no-ext-diff", "HEAD")
    tokens = git.must(*words, "--", git.prefix + prefix).out.split(b"\0")
    pairs = zip(map(os.fsdecode, tokens[::2]), map(os.fsdecode, tokens[1::2]), strict=False)
    matches = ((_DELETED.fullmatch(raw), path) for raw, path in pairs)
    return [Deletion("", path.removeprefix(git.prefix), match[1]) for match, path in matches if match]


def untracking_commits(git: Git) -> dict[TicketNumber, tuple[str, ...]]:
    """Return the tickets whose files were forgotten on purpose, each with the commits that say so."""
    if not has_commits(git):
        return {}
    words = ("--fixed-strings", f"--grep={UNTRACKED}: ", "--no-patch", "--format=%H%n%B")
    ran = git.must(*_LOG, *words, "HEAD")
    found: dict[TicketNumber, tuple[str, ...]] = {}
    for record in ran.out.decode("utf-8", "replace").split("\0"):
        commit, _, message = record.partition("\n")
        for number in parse_untracked(message):
            found[number] = (*found.get(number, ()), commit)
    return found


def is_before(git: Git, commit: str, later: str) -> bool:
    """Return whether `commit` is in the history of `later`, or is it; "" is what is not committed yet."""
    return git.run("merge-base", "--is-ancestor", commit, later or "HEAD").status == 0


def contents(git: Git, blobs: Iterable[str]) -> dict[str, bytes]:
    """Return what these ids stand for; one that git has not (any more) is left out."""
    wanted = list(dict.fromkeys(blobs))
    if not wanted:
        return {}
    out = git.must("cat-file", "--batch", feed="".join(f"{blob}\n" for blob in wanted).encode()).out
    found: dict[str, bytes] = {}
    at = 0
    for blob in wanted:
        end = out.index(b"\n", at)
        head = out[at:end].split()
        at = end + 1
        if head[-1] != b"missing":
            size = int(head[2])
            found[blob] = out[at : at + size]
            at += size + 1
    return found


def authors_before(
    git: Git, commit: str, path: str, line_ranges: Sequence[tuple[int, int]]
) -> Collection[tuple[str, str]]:
    """Return who wrote these lines (from 1, the last included) of the file that `commit` deleted: (name, e-mail)."""
    spans = [f"-L{start},{end}" for start, end in line_ranges]
    if not spans:
        return ()
    at = f"{commit}^" if commit else "HEAD"
    ran = git.run("blame", "--no-textconv", "--line-porcelain", *spans, at, "--", git.prefix + path)
    found: dict[tuple[str, str], None] = {}
    name = ""
    for row in ran.out.split(b"\n"):
        if row.startswith(b"author "):
            name = _shown(row[len(b"author ") :])
        elif row.startswith(b"author-mail "):
            found[(name, _shown(row[len(b"author-mail ") :].strip(b"<> ")))] = None
    return tuple(found)


def _shown(raw: bytes) -> str:
    return "".join(one for one in raw.decode("utf-8", "replace") if one.isprintable())
