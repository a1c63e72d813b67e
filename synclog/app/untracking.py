"""Forgetting a ticket's file on purpose: it goes, and no pull brings it back unless asked for it by number.

History remembers it, in a trailer of the commit, so that every clone knows. What a file held stays in git, and comes
back with it. Needs no network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synclog.app.account import known_account
from synclog.app.bringing_back import Deletions
from synclog.app.edits import commit_edits
from synclog.app.files import ticket_heads
from synclog.app.mirroring import file_rules
from synclog.app.writing import Change, finish_interrupted, write_and_commit
from synclog.core.filehead import by_number, same_number
from synclog.core.holding import work_in
from synclog.core.ticketfile import parse_ticket_file
from synclog.core.untracking import untrack_message
from synclog.errors import Busy, DecisionNeeded, Exit, InvalidFile, SynclogError, UnknownTicket, worst
from synclog.model import TicketNumber
from synclog.workspace.deletions import contents

if TYPE_CHECKING:
    from synclog.core.trail import Ledger
    from synclog.core.untracking import Deleted
    from synclog.workspace.workspace import Workspace

Confirm = Callable[[TicketNumber, Sequence[str]], bool]
"""Called with a ticket whose file holds work, and with that work in words; says whether it is to go all the same."""


@dataclass(slots=True)
class UntrackResult:
    """What was forgotten, and what was `kept` because of the work in it, in words; `errors` tell of these."""

    untracked: list[TicketNumber] = field(default_factory=list)
    kept: dict[TicketNumber, tuple[str, ...]] = field(default_factory=dict)
    errors: list[SynclogError] = field(default_factory=list)
    commit: str | None = None

    @property
    def exit_code(self) -> Exit:
        """3 where a file was kept, 1 where one was saved meanwhile, 0 otherwise."""
        return worst(Exit.DONE, *(error.exit_code for error in self.errors))


@dataclass(frozen=True, slots=True)
class _Looked:
    """A file as it was looked at. `raw` is None where it was deleted by hand, `path` where that is committed."""

    number: TicketNumber
    path: str | None
    raw: bytes | None
    work: tuple[str, ...]


def untrack(workspace: Workspace, numbers: Sequence[TicketNumber], *, confirm: Confirm) -> UntrackResult:
    """Remove the files of these tickets, in one commit by the technician, and remember that they are not wanted.

    A file that holds work goes only where `confirm` says so. A file that was deleted by hand can be forgotten, too.
    Raises UnknownTicket for a ticket that has no file, InvalidFile where it has two, RepositoryState, Busy.
    """
    workspace.history.check_ready()
    result = UntrackResult()
    chosen: list[_Looked] = []
    for looked in _look(workspace, list(dict.fromkeys(numbers))):
        if not looked.work or confirm(looked.number, looked.work):
            chosen.append(looked)
            continue
        result.kept[looked.number] = looked.work
        message = f"the file of #{looked.number} holds {', '.join(looked.work)}; it was not forgotten"
        remedy = f"finish that first (`synclog status {looked.number}`), or say `--yes`"
        result.errors.append(DecisionNeeded(message, remedy=remedy))
    with workspace.lock("untrack"):
        finish_interrupted(workspace)
        _forget(workspace, chosen, result)
    return result


def _forget(workspace: Workspace, chosen: Sequence[_Looked], result: UntrackResult) -> None:
    commit_edits(workspace, [looked.path for looked in chosen if looked.path and looked.raw is not None])
    there = {head.number for head in ticket_heads(workspace)} if any(looked.raw is None for looked in chosen) else set()
    going: list[_Looked] = []
    for looked in chosen:
        was_saved = looked.path is not None and _read(workspace, looked.path) != looked.raw
        if was_saved or (looked.raw is None and looked.number in there):
            result.errors.append(_saved(looked.number))
        else:
            going.append(looked)
    if not going:
        return
    message = untrack_message(looked.number for looked in going)
    files = {looked.path: looked.raw for looked in going if looked.path is not None}
    left: Sequence[str] = ()
    if files:
        made_of = {path: raw.decode() if raw is not None else None for path, raw in files.items() if _is_text(raw)}
        outcome = write_and_commit(workspace, Change(dict.fromkeys(files), message, made_of))
        result.commit, left = outcome.commit, outcome.left
    result.errors += [_saved(looked.number) for looked in going if looked.path in left]
    result.untracked = [looked.number for looked in going if looked.path not in left]
    if result.untracked and result.commit is None:
        result.commit = workspace.history.commit_message(message)


def _saved(number: TicketNumber) -> Busy:
    message = f"the file of #{number} was saved by another program just now; it was not forgotten"
    return Busy(message, remedy="run the command again")


def _look(workspace: Workspace, numbers: Sequence[TicketNumber]) -> list[_Looked]:
    """Look at the files of these tickets: where they are, and what work they hold."""
    known = by_number(ticket_heads(workspace))
    deleted: dict[TicketNumber, Deleted] = {}
    if any(number not in known for number in numbers):
        deleted = Deletions(workspace, None, edited=True).tickets(known)
    ledger = workspace.history.ledger(numbers)
    found = []
    for number in numbers:
        paths = [head.path for head in known.get(number, [])]
        if len(paths) > 1:
            raise same_number(number, paths)[0]
        if paths:
            raw = workspace.read_bytes(paths[0])
            found.append(_Looked(number, paths[0], raw, _work(workspace, paths[0], raw, ledger)))
        elif number in deleted:
            one = deleted[number]
            held = contents(workspace.history.git, [one.blob]).get(one.blob, b"")
            path = one.path if not one.commit else None
            found.append(_Looked(number, path, None, _work(workspace, one.path, held, ledger)))
        else:
            raise UnknownTicket(f"ticket {number} has no file here: there is nothing to forget")
    return found


def _work(workspace: Workspace, path: str, raw: bytes, ledger: Ledger) -> tuple[str, ...]:
    try:
        file = parse_ticket_file(raw, path, file_rules(workspace.settings, known_account(workspace)))
    except InvalidFile as invalid:
        return (f"what can't be told, since it is not valid ({invalid.problems[0].message})",)
    return work_in(file, ledger)


def _is_text(raw: bytes | None) -> bool:
    """Whether what a file held can be compared as text; what is no text was compared just now."""
    try:
        (raw or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _read(workspace: Workspace, path: str) -> bytes | None:
    return workspace.read_bytes(path) if workspace.exists(path) else None
