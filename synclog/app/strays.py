"""Work in what is no ticket's file by its place, by its name, or since it is a link: it is not sent, and told.

What holds no work, and what is no ticket's, is left alone and not spoken of: people keep files of their own there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from synclog.app.indexing import path_of, settled_of
from synclog.core.baseline import OPENING
from synclog.core.filehead import file_head
from synclog.errors import InvalidFile, Problem, StorageFailed, UnsafePath
from synclog.workspace.paths import is_link, shown

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace

_FRONT = (b"---", b"\xef\xbb\xbf---")


def strays(workspace: Workspace, others: Mapping[str, Iterable[str]]) -> list[InvalidFile]:
    """Return what is to be told of `others`: the names in customers' `tickets` that are no ticket files'."""
    tops = (path_of((folder, name)) for folder, names in others.items() for name in names)
    found = ((path, _problem(workspace, path)) for top in tops for path in workspace.misplaced(top))
    return [InvalidFile(shown(path), (p,)) for path, p in found if p is not None]


def _problem(workspace: Workspace, path: str) -> Problem | None:
    """What is wrong with a ticket's file that is none by its place; None where there is nothing of a ticket in it."""
    if is_link(workspace.root / path):
        # It may lead out of the workspace: its name alone counts.
        message = "this is a link, which is not followed: no work in what it leads to is sent"
        return Problem(1, message, "put the file itself in its place")
    folder, name = path.rsplit("/", 1)
    home = "/".join(path.split("/")[:3])
    where = f"in {folder}/" if folder != home else f"called {name}" if name.isprintable() else "called otherwise"
    remedy = (
        f"move it to {home}/ with a name ending in .md; where its ticket has a file already, move its work into that"
    )
    try:
        if not _holds_work(workspace, path):
            return None
    except UnsafePath as unsafe:
        remedy = unsafe.remedy
    except (FileNotFoundError, StorageFailed):
        return None
    return Problem(1, f"no ticket's file is {where}: no work in it is sent", remedy)


def _holds_work(workspace: Workspace, path: str) -> bool:
    if not workspace.begins_with(path, *_FRONT):
        return False
    raw = workspace.read_bytes(path)
    text = raw.decode("utf-8", "replace")
    is_tickets = file_head("", text) is not None and (OPENING in text or "\nnotes:" in text)
    return is_tickets and settled_of(raw, path) is None
