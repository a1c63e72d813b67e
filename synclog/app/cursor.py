"""How far pull has come: the server's time up to which everything in the scope is known, and what was seen last.

Kept in `.synclog/`, which can go at any time: the time then comes from the newest pull commit, and files are compared
with complete lists.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synclog.model import TicketNumber
    from synclog.workspace.workspace import Workspace

_FILE = "pull.json"
OVERLAP = timedelta(minutes=5)
"""Every window reaches back this far: date filters behave unevenly at their edges, and clocks differ."""


@dataclass(slots=True)
class Cursor:
    """`pulled_to` is None when nothing is known: then everything in the scope is listed. `strangers` are the versions
    of listed tickets that have no file and are not in the scope. `head` is the commit that the last pull ended with."""

    pulled_to: datetime | None = None
    scope: str = ""
    strangers: dict[TicketNumber, str] = field(default_factory=dict)
    head: str = ""


def load_cursor(workspace: Workspace) -> Cursor:
    """Return the cursor of this workspace and scope; an empty one when it is gone, damaged, or of another account."""
    try:
        kept = json.loads((workspace.state_dir / _FILE).read_text("utf-8"))
        if kept["host"] != workspace.settings.syncro.base_url:
            return Cursor()
        return Cursor(
            moment(kept["pulled_to"]) if kept["pulled_to"] else None,
            str(kept["scope"]),
            {int(n): str(v) for n, v in kept["strangers"].items()},
            str(kept["head"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Cursor()


def moment(text: str) -> datetime | None:
    """Return the moment that a text names, None when it is none that a window can be reckoned from: of no timezone,
    or of a year that only damage or malice writes."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None and 1970 < found.year < 9999 else None


def save_cursor(workspace: Workspace, cursor: Cursor) -> None:
    """Keep the cursor. Called after success only."""
    document = {
        "host": workspace.settings.syncro.base_url,
        "pulled_to": cursor.pulled_to.isoformat() if cursor.pulled_to else None,
        "scope": cursor.scope,
        "strangers": cursor.strangers,
        "head": cursor.head,
    }
    workspace.write_state(_FILE, json.dumps(document))
