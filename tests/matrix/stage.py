"""What the cells of one test worker share: the sandbox, a workspace to copy, and the process that forks theirs."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from support.office import Office, Time

from matrix.cell import Cell
from matrix.kinds import Kind
from matrix.places import same_workspace
from matrix.processes import Processes
from synclog.sandbox import Sandbox


@dataclass(frozen=True)
class _Ground:
    """A workspace to copy, and the account that goes with it."""

    root: Path
    account: sqlite3.Connection


class Stage:
    """Makes cells, one after the other. The sandbox stays: what it holds is put back before each cell, since its
    address is in the workspace's files."""

    def __init__(self, folder: Path, sandbox: Sandbox, processes: Processes) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self._processes = processes
        self._numbers = count(1)
        self._template = Office(folder / "template" / "msp", sandbox, Time()).root
        self._database = sandbox.store._db
        ended = Cell(folder / "template", sandbox, processes).run("pull")
        assert ended.code == 0, ended
        self._base = _Ground(self._template, self._copy())
        self._grounds: dict[str, _Ground] = {}

    def close(self) -> None:
        for ground in (self._base, *self._grounds.values()):
            ground.account.close()

    @contextmanager
    def cell(self, kind: Kind) -> Iterator[Cell]:
        """Give a fresh cell with the work of `kind` written and not pushed. Its folder stays there if it fails."""
        cell = self._cell(kind, self._ground(kind))
        try:
            yield cell
        except AssertionError as error:
            error.add_note("\n".join(cell.story))
            raise
        finally:
            self._sandbox.clear_faults()
            self._sandbox.release_late()
        shutil.rmtree(cell.folder)

    def _cell(self, kind: Kind | None, ground: _Ground) -> Cell:
        self._put_back(ground.account)
        if kind:
            kind.prepare(self._sandbox.store)
        folder = self._folder / f"cell-{next(self._numbers)}"
        shutil.copytree(ground.root, folder / "msp", symlinks=True)
        cell = Cell(folder, self._sandbox, self._processes)
        if kind:
            cell.write(kind)
        return cell

    def _ground(self, kind: Kind) -> _Ground:
        """What a kind begins with: what was pushed before, and the work that a command left in the file."""
        if not (kind.first or kind.leaves):
            return self._base
        if kind.name not in self._grounds:
            cell = self._cell(kind.first, self._base)
            if kind.first:
                cell.go_on(same_workspace, pull_first=False)
                cell.check()
            if kind.leaves:
                cell.leave(kind)
            self._grounds[kind.name] = _Ground(cell.root, self._copy())
        return self._grounds[kind.name]

    def _copy(self) -> sqlite3.Connection:
        """A copy of the account: filling one anew takes a hundred times as long as putting a copy back."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        with self._database.lock:
            self._database._connection.backup(copy)
        return copy

    def _put_back(self, account: sqlite3.Connection) -> None:
        with self._database.lock:
            account.backup(self._database._connection)
        self._sandbox.fault_hits.clear()
        self._sandbox.requests = []
        self._sandbox.forbidden.clear()
        self._sandbox.forbid_writes = False
