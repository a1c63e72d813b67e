"""What history, of whatever branch, says of timers that were stopped and of new tickets that became tickets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from synclog.core.trail import parse_all_trailers
from synclog.model import TicketNumber
from synclog.workspace.gitlog import contents
from synclog.workspace.gitrun import Git

_LOG = ("log", "--no-show-signature", "--no-color", "--no-notes", "--no-patch", "--fixed-strings")
_VERSIONS_READ = 200
_SKEW = 2 * 24 * 3600
"""Seconds by which the clocks of those who share a history may differ."""


def is_told(git: Git, line: str) -> bool:
    """Return whether a commit that any branch leads to has this line in its message."""
    ran = git.run(*_LOG, "-1", f"--grep={line}", "--format=%H", "--all", "HEAD")
    return bool(ran.line)


def versions_anywhere(git: Git, path: str) -> Iterator[bytes]:
    """Yield what the file at `path` (of the workspace) lately held, on any branch."""
    full = git.prefix + path
    words = (f"--max-count={_VERSIONS_READ}", "--full-history", "--format=%H", "--all", "HEAD")
    commits = git.run(*_LOG, *words, "--", full).line.split()
    yield from (raw for _, raw in contents(git, [(commit, full) for commit in commits]))


def became(git: Git, path: str, since: datetime) -> TicketNumber | None:
    """Return the ticket that the new ticket's file at `path` became after `since`, None where history does not say."""
    earliest = int(since.timestamp())
    words = (
        "-z",
        "--full-history",
        "--no-renames",
        "--diff-filter=D",
        f"--since={earliest - _SKEW}",
        "--format=%at %B",
    )
    ran = git.run(*_LOG, *words, "HEAD", "--", git.prefix + path)
    for record in ran.out.decode("utf-8", "replace").split("\0"):
        written, _, message = record.partition(" ")
        created = [entry.ticket for entry in parse_all_trailers(message) if entry.op == "create"]
        if created and written.isdigit() and int(written) >= earliest:
            return created[0]
    return None
