"""Whose turn it was last: how a push learns that another one was at work between its look and its lock.

A word in git's common folder, changed by every push before it sends, in whichever work tree it runs. Who finds another
word than the one read before looking has to look again: what was absent then may have been posted since.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from synclog.model import Reference
from synclog.workspace.files import write_whole

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace

_FILE = "synclog-turn"
_SENT = "synclog-sent"
_KEPT = 200


def current_turn(workspace: Workspace) -> str:
    """Return the word of the last push, empty before the first."""
    try:
        return (workspace.history.common_dir / _FILE).read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""


def take_turn(workspace: Workspace) -> str:
    """Change the word, and return it. Called with the lock held, before anything is sent."""
    word = secrets.token_hex(8)
    write_whole(workspace.history.common_dir / _FILE, word.encode())
    return word


def sent_lately(workspace: Workspace) -> frozenset[Reference]:
    """Return the references of notes that were sent from this clone lately, with whatever outcome."""
    return frozenset(_sent(workspace))


def note_sent(workspace: Workspace, reference: Reference, *, refused: bool = False) -> None:
    """Remember, before it is sent, that a note is (or a customer, by a word of its own); forget it where it was surely
    refused. Called with the lock held."""
    others = [sent for sent in _sent(workspace) if sent != reference]
    lines = others if refused else [*others, reference]
    write_whole(workspace.history.common_dir / _SENT, "\n".join(lines[-_KEPT:]).encode())


def _sent(workspace: Workspace) -> list[Reference]:
    try:
        return (workspace.history.common_dir / _SENT).read_text("utf-8", "replace").split()
    except FileNotFoundError:
        return []
