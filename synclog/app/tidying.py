"""Folders and files renamed to what customers and tickets are called today; needs no network.

A folder moves whole, with all that lies in it. Each rename is atomic, and its commit changes no content: so git follows
the files, and still tells who wrote a note.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synclog.app.edits import commit_edits
from synclog.app.folders import CLIENTS
from synclog.app.writing import Renames, rename_and_commit
from synclog.core.baseline import decode_base
from synclog.core.tidying import CustomerFolder, file_rename, folder_renames
from synclog.errors import DecisionNeeded, Exit, SynclogError, UnknownTicket, UnsafePath, worst
from synclog.model import TicketNumber

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace

_NAMED = 10


@dataclass(slots=True)
class TidyResult:
    """What was renamed, (from, to) below the workspace, in order, and what was not though it should be: `errors`."""

    renamed: list[tuple[str, str]] = field(default_factory=list)
    errors: list[SynclogError] = field(default_factory=list)
    committed: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> Exit:
        """The worst of what was left, 0 without any."""
        return worst(Exit.DONE, *(error.exit_code for error in self.errors))


@dataclass(frozen=True, slots=True)
class _File:
    """A ticket's file by what its base says."""

    path: str
    number: TicketNumber
    subject: str
    customer_id: int | None
    customer: str


def tidy(workspace: Workspace, numbers: Sequence[TicketNumber] = (), *, dry_run: bool = False) -> TidyResult:
    """Rename the files of `numbers`; without any, the folders of all customers and the files of all tickets.

    What is edited and not committed yet is committed before, as the technician. `dry_run` writes nothing. Raises
    UnknownTicket for a number without a file, RepositoryState, Busy.
    """
    workspace.history.check_ready()
    with workspace.lock("tidy"):
        if not dry_run:
            commit_edits(workspace)
        run = _Run(workspace, dry_run)
        unknown = [number for number in numbers if number not in run.numbers]
        if unknown:
            raise UnknownTicket(f"ticket {unknown[0]} has no file here", remedy=f"run `synclog pull {unknown[0]}`")
        if not numbers:
            run.rename_folders()
        run.rename_files(numbers)
        return run.result


class _Run:
    """One tidying under way. `ours` are the files whose edits are committed beforehand, `moved` the folders that have
    another name by now, a dry run's too."""

    def __init__(self, workspace: Workspace, dry_run: bool) -> None:
        self.workspace, self.dry_run = workspace, dry_run
        self.result = TidyResult()
        self.files = [file for path in workspace.ticket_paths() if (file := _file(workspace, path)) is not None]
        self.numbers = {file.number for file in self.files}
        self.ours = {*workspace.ticket_paths(), *workspace.card_paths()}
        self.moved: dict[str, str] = {}

    def rename_folders(self) -> None:
        """Rename the folders of customers, each in a commit of its own."""
        folders = _customer_folders(self.workspace, self.files)
        for old, new in folder_renames(folders, self.workspace.names_in(CLIENTS)):
            source, target = f"{CLIENTS}/{old}", f"{CLIENTS}/{new}"
            inside = self.workspace.history.tracked_paths(source)
            if reason := self._stays(source, inside):
                remedy = "commit or move that, then run `synclog tidy` again"
                self.result.errors.append(DecisionNeeded(f"{source} was not renamed to {new}: {reason}", remedy=remedy))
                continue
            files = {path: target + path.removeprefix(source) for path in inside}
            if self.rename(Renames({source: target}, files, f"tidy: {old} is {new} now")):
                self.moved[old] = new

    def _stays(self, folder: str, inside: Collection[str]) -> str:
        """Why a folder can't be renamed without a trace in what is not synclog's; nothing where it can."""
        dirty = sorted(set(self.workspace.history.changed_paths(folder)).intersection(inside) - self.ours)
        if dirty:
            return f"{dirty[0]} is changed and not committed"
        for path in inside:
            try:
                if not self.workspace.exists(path):
                    return f"{path} is no plain file"
            except UnsafePath as unsafe:
                return unsafe.message
        return ""

    def rename_files(self, numbers: Collection[TicketNumber]) -> None:
        """Rename the files of tickets, in one commit."""
        there: dict[str, set[str]] = {}
        renames: dict[str, str] = {}
        named: list[str] = []
        for file in self.files:
            if numbers and file.number not in numbers:
                continue
            folder, _, name = file.path.rpartition("/")
            if folder not in there:
                there[folder] = set(self.workspace.names_in(self._now(folder)))
            new = file_rename(name, file.number, file.subject, there[folder])
            if new is not None:
                there[folder] = there[folder] - {name} | {new}
                renames[f"{self._now(folder)}/{name}"] = f"{self._now(folder)}/{new}"
                named.append(f"#{file.number}")
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        if renames:
            self.rename(Renames(renames, renames, f"tidy: {', '.join(named[:_NAMED])}{more}"))

    def _now(self, folder: str) -> str:
        """Where a folder of tickets is by now; in a dry run, where it still is."""
        customer = folder.split("/")[1]
        return folder if self.dry_run else f"{CLIENTS}/{self.moved.get(customer, customer)}/{folder.split('/')[2]}"

    def rename(self, renames: Renames) -> bool:
        """Do it, or only note it in a dry run; return whether all of it was done."""
        if self.dry_run:
            self.result.renamed += renames.places.items()
            return True
        outcome = rename_and_commit(self.workspace, renames)
        self.result.renamed += outcome.done
        self.result.errors += outcome.failed
        if outcome.commit:
            self.result.committed.append(outcome.commit)
        return not outcome.failed


def _file(workspace: Workspace, path: str) -> _File | None:
    """A file by its base; None for a draft, and where the base can't be read: what is it to be called?"""
    base = decode_base(workspace.read_bytes(path).decode("utf-8", "replace")) or {}
    number, customer_id = base.get("number"), base.get("customer_id")
    if not isinstance(number, int):
        return None
    subject, customer = str(base.get("subject") or ""), str(base.get("customer") or "")
    return _File(path, number, subject, customer_id if isinstance(customer_id, int) else None, customer)


def _customer_folders(workspace: Workspace, files: Sequence[_File]) -> list[CustomerFolder]:
    """The folders of customers by their cards, else by the tickets that lie there; a folder that two customers share,
    or one of two that one customer has, is nobody's to rename."""
    found: dict[str, set[tuple[int, str]]] = {}
    for file in files:
        if file.customer_id is not None:
            found.setdefault(file.path.split("/")[1], set()).add((file.customer_id, file.customer))
    for path in workspace.card_paths():
        base = decode_base(workspace.read_bytes(path).decode("utf-8", "replace")) or {}
        if isinstance(base.get("id"), int) and base.get("customer"):
            found[path.split("/")[1]] = {(int(str(base["id"])), str(base["customer"]))}
    owners = {folder: next(iter(who)) for folder, who in found.items() if len(who) == 1}
    counts = [customer_id for customer_id, _ in owners.values()]
    return [CustomerFolder(folder, *who) for folder, who in owners.items() if counts.count(who[0]) == 1]
