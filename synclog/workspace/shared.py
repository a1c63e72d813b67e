"""Files that synclog shares with people (an editor's settings, instructions for assistants): written where only its own
part changes, and committed unless something of theirs would be committed along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from synclog.errors import UnsafePath
from synclog.workspace.files import read_text, write_whole
from synclog.workspace.history import History
from synclog.workspace.paths import is_link

Change = Callable[[str | None], str]
"""What is to become of a file's text, None where there is none. Raises ValueError, with why, to leave it."""


@dataclass(frozen=True, slots=True)
class Shared:
    """`changed` are the files that were written, `left` those that stay as they are, each with why; `uncommitted` were
    written beside somebody's own changes, which are theirs to commit."""

    changed: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    uncommitted: tuple[str, ...]


def change_shared(root: Path, history: History, changes: Mapping[str, Change], message: str) -> Shared:
    """Change files of the workspace, by path, and commit those in which nothing else was changed.

    A run that was killed before its commit is finished by the next. Raises RepositoryState where no commit can be
    made, StorageFailed and UnsafePath.
    """
    history.check_ready()
    changed, left, commits, beside = [], [], [], []
    committed = history.texts_of_head(list(changes))
    for path, change in changes.items():
        before = committed.get(path)
        try:
            there = _text(root, path)
            # Git may have given the file other line ends on this machine; that is nobody's edit.
            clean = there is None or (before is not None and _lines(there) == _lines(before))
            wanted = change(before if clean else there)
        except ValueError as why:
            left.append((path, str(why)))
            continue
        if wanted != (before if clean else there) or there is None:
            write_whole(root / path, wanted.encode())
            changed.append(path)
        elif clean:
            continue
        if clean or wanted == _ours(change, before):
            commits.append(path)
        elif path in changed:
            beside.append(path)
    history.commit(commits, message)
    return Shared(tuple(changed), tuple(left), tuple(beside))


def _ours(change: Change, before: str | None) -> str | None:
    """What an earlier run has written, and was killed before it committed it."""
    try:
        return change(before)
    except ValueError:
        return None


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _text(root: Path, path: str) -> str | None:
    at = root
    for part in path.split("/"):
        at /= part
        if is_link(at):
            raise UnsafePath(f"{path} goes through a link ({part})", remedy="replace the link by a file of its own")
    try:
        text = read_text(at).text
    except FileNotFoundError:
        return None
    if text is None:
        raise ValueError("it is not UTF-8 text")
    return text
