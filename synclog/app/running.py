"""Running timers, as they are kept on this machine: which there are, starting and forgetting one.

They stand in one file of git's common folder: all work trees of a clone see it, it outlives `.synclog/`, and it is
never committed, since it is one person's. How one becomes a note is stopping.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from synclog.errors import InvalidFile, Problem, RepositoryState, SynclogError, UsageError
from synclog.workspace.commonfolder import common_folder

if TYPE_CHECKING:
    from synclog.core.running import Running
    from synclog.core.ticketfile import TicketFile
    from synclog.workspace.workspace import Workspace

_FILE = "synclog-running"


def running_timers(workspace: Workspace) -> tuple[Running, ...]:
    """Return the running timers of a workspace, in the order in which they were started. Reads one small file, and
    runs no git. Raises InvalidFile where that can't be understood, StorageFailed where it can't be read."""
    _, folder = place_of(workspace)
    return tuple(timer for timer in all_timers(workspace) if timer.folder == folder)


def known_timers(workspace: Workspace) -> tuple[tuple[Running, ...], tuple[SynclogError, ...]]:
    """Return the running timers as `running_timers` does, and why they are not known instead of raising it. Outside of
    a repository there are none."""
    try:
        return running_timers(workspace), ()
    except RepositoryState:
        return (), ()
    except SynclogError as error:
        return (), (error,)


def start(
    workspace: Workspace,
    file: TicketFile,
    since: datetime,
    *,
    now: datetime,
    labor: str | None = None,
    also: bool = False,
) -> Running:
    """Start a timer for a ticket, or for a new one, which has this file; `since` is when its work began (aware).

    Raises UsageError where one runs already (for this ticket; for another unless `also`), or for a labor that is not
    known.
    """
    from synclog.app.entering import try_out, with_note
    from synclog.core.notes import Note
    from synclog.core.running import Running

    # What `stop` is going to write is tried while the mistake can still be mended.
    try_out(workspace, file, with_note(Note("work", minutes=1, labor=labor)))
    _, folder = place_of(workspace)
    subject = file.fields.get("subject")
    timer = Running(
        id=os.urandom(8).hex(),
        folder=folder,
        number=file.number or 0,
        path=file.path,
        subject=subject if isinstance(subject, str) else "",
        since=since,
        made=now,
        labor=labor,
    )

    def add(timers: tuple[Running, ...]) -> tuple[Running, ...]:
        here = [one for one in timers if one.folder == folder]
        same = [one for one in here if (one.number or one.path) == (timer.number or timer.path)]
        if same:
            raise UsageError(f"a timer of {timer.name} is running already", remedy="`synclog stop` ends it")
        if here and not also:
            names = ", ".join(one.name for one in here)
            raise UsageError(f"a timer is running already: {names}", remedy="`synclog stop` first, or add --also")
        return (*timers, timer)

    change_timers(workspace, add)
    return timer


def discard(workspace: Workspace, timer: Running) -> None:
    """Forget a timer; nothing is written anywhere."""
    change_timers(workspace, lambda timers: tuple(one for one in timers if one.id != timer.id))


def draft_named(workspace: Workspace, word: str) -> TicketFile:
    """Return the ticket file that a person names by its path or its name, most often a new ticket's. Raises UsageError
    where there is none, or several; InvalidFile where it is not valid."""
    from synclog.app.status import rules_here
    from synclog.core.ticketfile import parse_ticket_file

    if "/" in word or "\\" in word:
        found = [path for path in [workspace.relative(word)] if workspace.is_ticket_path(path)]
    else:
        found = [path for path in workspace.ticket_paths() if path.rsplit("/", 1)[-1] in (word, f"{word}.md")]
    if len(found) > 1:
        raise UsageError(f"`{word}` may be {' or '.join(found)}", remedy="give its path")
    if not found:
        remedy = "give a ticket's number, or the name of a new ticket's file, such as new-switch.md"
        raise UsageError(f"there is no ticket file `{word}`", remedy=remedy)
    return parse_ticket_file(workspace.read_bytes(found[0]), found[0], rules_here(workspace)())


# --- the file ----------------------------------------------------------------------------------------------------


def place_of(workspace: Workspace) -> tuple[Path, str]:
    """Return the folder in which timers are kept, and what tells this workspace from others in its repository."""
    found = common_folder(workspace.root)
    if found is None:
        return workspace.history.common_dir, workspace.history.git.prefix.rstrip("/") or "."
    return found


def all_timers(workspace: Workspace) -> tuple[Running, ...]:
    """Return the timers of all workspaces in this repository. Raises as `running_timers`."""
    from synclog.workspace.files import read_text

    path = place_of(workspace)[0] / _FILE
    try:
        file = read_text(path)
    except FileNotFoundError:
        return ()
    from synclog.core.runningfile import decode_running

    try:
        if file.text is None:
            raise ValueError("it is not UTF-8 text")
        return decode_running(file.text)
    except ValueError as error:
        remedy = "mend it, or note down the starts in it and move it away: then no timer is running"
        raise InvalidFile(str(path), (Problem(1, f"running timers can't be read: {error}", remedy),)) from None


def change_timers(workspace: Workspace, make: Callable[[tuple[Running, ...]], Sequence[Running]]) -> None:
    """Write the timers that `make` makes of those that are there; one process at a time."""
    from synclog.core.runningfile import encode_running
    from synclog.workspace.files import remove, write_whole

    path = place_of(workspace)[0] / _FILE
    with workspace.lock("start or stop", name="running"):
        timers = make(all_timers(workspace))
        if timers:
            write_whole(path, encode_running(timers).encode())
        else:
            remove(path)
