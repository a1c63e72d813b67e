"""A running timer that is stopped becomes a note of its ticket, once.

It goes in three steps, and a kill between any two is understood by the next run: what note it is going to be is kept
with the timer; the note is written into the ticket's file, in a commit that names the timer; the timer is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from synclog.app.running import all_timers, change_timers, discard, place_of, running_timers
from synclog.app.session import Tell, nothing
from synclog.errors import InvalidFile, SynclogError, UsageError

if TYPE_CHECKING:
    from synclog.core.notes import Note
    from synclog.core.running import Noting, Running
    from synclog.core.ticketfile import TicketFile
    from synclog.model import TicketNumber
    from synclog.workspace.workspace import Workspace

_TRAILER = "Synclog-Stopped"


@dataclass(frozen=True, slots=True)
class Stopped:
    """A timer that is a note now: in the file at `path` of the work tree at `root`, the one of ticket `number` (0: of a
    new ticket)."""

    timer: Running
    note: Note
    root: Path
    path: str
    number: TicketNumber


def stop(workspace: Workspace, timer: Running, path: str, note: Note, *, tell: Tell = nothing) -> Stopped:
    """Make a timer this note, at the end of the file at `path`, and forget it. Sends nothing.

    Where an interrupted run had made it a note already, it stays that one, which is returned. Raises as `enter`; the
    timer is then still there, and where the note was begun the next run makes it whole.
    """
    from synclog.app.entering import enter
    from synclog.core.running import Noting, alike
    from synclog.core.ticketfile import with_added_notes

    def make(file: TicketFile) -> str:
        current = next((one for one in all_timers(workspace) if one.id == timer.id), None)
        if current is None:
            raise UsageError(f"the timer of {timer.name} was stopped meanwhile", remedy="see `synclog status`")
        if current.noting is not None and _is_noted(workspace, current, file):
            raise _Noted(current.noting, file)
        return with_added_notes(file.text, [note], path=file.path)

    def prepare(file: TicketFile) -> None:
        noting = Noting(str(workspace.root), path, note, alike(file.notes, note))
        change_timers(workspace, lambda timers: [replace(t, noting=noting) if t.id == timer.id else t for t in timers])

    try:
        file = enter(workspace, path, make, tell=tell, prepare=prepare, trailer=f"{_TRAILER}: {timer.id}")
    except _Noted as there:
        file, note = there.file, there.noting.note
    discard(workspace, timer)
    return Stopped(timer, note, workspace.root, path, file.number or 0)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A timer whose interrupted stop can't be completed, and why."""

    timer: Running
    error: SynclogError


def finish_stopped(workspace: Workspace, *, tell: Tell = nothing) -> tuple[tuple[Stopped, ...], tuple[Unfinished, ...]]:
    """Complete what interrupted stops had begun, each by itself: the note is made unless it is there. Return what is
    done, and what can't be."""
    done: list[Stopped] = []
    failed: list[Unfinished] = []
    for timer in running_timers(workspace):
        if timer.noting is None:
            continue
        try:
            done.append(_finish(workspace, timer, tell))
        except SynclogError as error:
            failed.append(Unfinished(timer, error))
    return tuple(done), tuple(failed)


def _finish(workspace: Workspace, timer: Running, tell: Tell) -> Stopped:
    from synclog.app.entering import ticket_here

    noting = timer.noting
    assert noting is not None
    home = _home(workspace, noting.root)
    path = noting.path
    if not home.exists(path):
        number = timer.number or ticket_of_draft(home, timer) or 0
        file = ticket_here(home, number) if number else None
        if _is_noted(home, timer, file):
            discard(workspace, timer)
            return Stopped(timer, noting.note, home.root, file.path if file else path, number)
        if file is None:
            raise UsageError(
                f"the timer of {timer.name} was to be a note of {path}, and that file is gone",
                remedy=f"bring it back{f': `synclog pull {number}`' if number else ''}; or `synclog stop --discard`, "
                "which shows what the note was",
            )
        path = file.path
    return stop(home, timer, path, noting.note, tell=tell)


def _home(workspace: Workspace, root: str) -> Workspace:
    """The work tree in which a stop was begun, where it is still one of this clone."""
    from synclog.workspace.workspace import Workspace

    try:
        home = Workspace.open(Path(root))
        return home if home.root == Path(root) and place_of(home) == place_of(workspace) else workspace
    except (SynclogError, OSError):
        return workspace


class _Noted(Exception):
    """The note of a timer is in its file already, or was."""

    def __init__(self, noting: Noting, file: TicketFile) -> None:
        super().__init__()
        self.noting, self.file = noting, file


def _is_noted(workspace: Workspace, timer: Running, file: TicketFile | None) -> bool:
    """Whether the note that was begun is there: the commit that names the timer is in history; or, where it was
    committed as an ordinary edit, the file is or once was one with one such note more than before. All that is in
    `file` is committed."""
    from synclog.app.status import rules_here
    from synclog.core.running import alike
    from synclog.core.ticketfile import parse_ticket_file
    from synclog.workspace.stops import is_told, versions_anywhere

    noting, git = timer.noting, workspace.history.git
    assert noting is not None
    if is_told(git, f"{_TRAILER}: {timer.id}"):
        return True
    rules = rules_here(workspace)()
    for path in {noting.path, file.path if file else noting.path}:
        for raw in versions_anywhere(git, path):
            try:
                version = parse_ticket_file(raw, path, rules)
            except InvalidFile:
                continue
            if alike(version.notes, noting.note) > noting.before:
                return True
    return False


def ticket_of_draft(workspace: Workspace, timer: Running) -> TicketNumber | None:
    """Return the number of the ticket that a timer's new ticket became, None where it did not, as far as is known."""
    from synclog.workspace.stops import became

    return became(workspace.history.git, timer.path, timer.made)
