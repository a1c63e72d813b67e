"""What a technician wrote and did not commit yet: committed as theirs, before synclog touches the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synclog.app.folders import CLIENTS
from synclog.app.session import Tell, nothing
from synclog.app.writing import finish_interrupted
from synclog.core.cleantext import clean_line
from synclog.core.filehead import file_head
from synclog.errors import UnsafePath

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synclog.workspace.workspace import Workspace


def commit_edits(workspace: Workspace, only: Sequence[str] | None = None, tell: Tell = nothing) -> list[str]:
    """Commit changed ticket files and cards below `clients/` as the technician (`edit: #32162, #32164`).

    `only` limits it to these paths. Other dirty or staged files of the repository stay as they are. Files that are not
    valid are committed too: what was typed is in git, whatever happens next. A file that was saved from a stale buffer
    is then put together with what was committed before, which is told. Returns the paths.
    """
    # What synclog itself wrote and git refused to commit is no edit.
    finish_interrupted(workspace)
    paths = _edited_paths(workspace, only)
    if paths:
        before = workspace.history.head()
        workspace.history.commit(paths, f"edit: {', '.join(_names(workspace, paths))}")
        from synclog.app.stale import mend_stale

        mend_stale(workspace, paths, before, tell)
    return paths


def commit_stale(workspace: Workspace, tell: Tell = nothing) -> list[str]:
    """Commit, as `commit_edits` does, just what was saved from a stale buffer; return the paths."""
    paths = _edited_paths(workspace, None)
    if not paths:
        return []
    from synclog.app.stale import stale_files

    stale = stale_files(workspace, paths, workspace.history.head())
    return commit_edits(workspace, list(stale), tell) if stale else []


def _edited_paths(workspace: Workspace, only: Sequence[str] | None) -> list[str]:
    return [
        path
        for path in workspace.history.changed_paths(CLIENTS)
        if (only is None or path in only) and (_is_ours(workspace, path) or _was_ours(workspace, path))
    ]


def _is_ours(workspace: Workspace, path: str) -> bool:
    return workspace.is_ticket_path(path) or workspace.is_card_path(path)


def _was_ours(workspace: Workspace, path: str) -> bool:
    """Whether a path was a ticket's file or a card, and is gone. What is there and not known is a link, or has a name
    that means something else on some system: it is left alone, and stops nothing."""
    parts = path.split("/")
    is_ticket = len(parts) == 4 and parts[2] == "tickets" and path.endswith(".md")
    is_card = len(parts) == 3 and parts[2] == "client.md"
    try:
        return parts[0] == CLIENTS and (is_ticket or is_card) and not workspace.exists(path)
    except UnsafePath:
        return False


def _names(workspace: Workspace, paths: Sequence[str]) -> list[str]:
    names = []
    for path in paths:
        text = workspace.read_bytes(path).decode("utf-8", "replace") if workspace.exists(path) else ""
        head = file_head(path, text)
        names.append(f"#{head.number}" if head else clean_line(path.rsplit("/", 1)[-1]))
    return names
