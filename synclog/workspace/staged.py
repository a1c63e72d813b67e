"""What is staged for the next commit: the ticket files in git's index, as they would be committed."""

from __future__ import annotations

import os
from collections.abc import Iterator

from synclog.workspace.gitrun import Git
from synclog.workspace.paths import CLIENTS, TICKETS


def staged_ticket_files(git: Git, index: str | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of the ticket files that are new or changed in the index, sorted.

    `index` is the file of another index than the usual one, as git tells its hooks: from the top of the work tree.
    """
    env = {"GIT_INDEX_FILE": str(git.root / index)} if index else {}
    words = ("diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--diff-filter=ACM")
    records = git.must(*words, "--", git.prefix + CLIENTS, env=env).out.split(b"\0")
    for head, name in zip(records[::2], records[1::2], strict=False):
        _, mode, _, blob, _ = os.fsdecode(head).split(" ")
        path = os.fsdecode(name).removeprefix(git.prefix)
        if mode.startswith("100") and _is_ticket(path):
            yield path, git.must("cat-file", "blob", blob).out


def _is_ticket(path: str) -> bool:
    parts = path.split("/")
    named = len(parts) == 4 and (parts[0], parts[2]) == (CLIENTS, TICKETS)
    return named and parts[3].lower().endswith(".md") and not any(part.startswith(".") for part in parts)
