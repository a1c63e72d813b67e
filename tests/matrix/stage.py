"""What the cells of one test worker share: the sandbox, a workspace to copy, and the process that forks theirs."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from support.office import Office, Time

from matrix.cell import Cell
from matrix.kinds import Kind
from matrix.processes import Processes
from synclog.sandbox import Sandbox


class Stage:
    """Makes cells, one after the other. The sandbox stays: what it holds is put back before each cell, since its
    address is in the workspace's files."""

    def __init__(self, folder: Path, sandbox: Sandbox, processes: Processes) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self._processes = processes
        self._numbers = count(1)
        self._template = Office(folder / "template" / "msp", sandbox, Time()).root
        self._account = sqlite3.connect(":memory:", check_same_thread=False)
        # Filling an account anew takes a hundred times as long as putting a copy of its database back.
        self._database = sandbox.store._db
        self._database._connection.backup(self._account)
        ended = Cell(folder / "template", sandbox, processes).run("pull")
        assert ended.code == 0, ended

    def close(self) -> None:
        self._account.close()

    @contextmanager
    def cell(self, kind: Kind) -> Iterator[Cell]:
        """Give a fresh cell with the work of `kind` written and not pushed. Its folder stays there if it fails."""
        self._put_back()
        kind.prepare(self._sandbox.store)
        folder = self._folder / f"cell-{next(self._numbers)}"
        shutil.copytree(self._template, folder / "msp", symlinks=True)
        cell = Cell(folder, self._sandbox, self._processes)
        cell.write(kind)
        try:
            yield cell
        except AssertionError as error:
            error.add_note("\n".join(cell.story))
            raise
        finally:
            self._sandbox.clear_faults()
            self._sandbox.release_late()
        shutil.rmtree(folder)

    def _put_back(self) -> None:
        with self._database.lock:
            self._account.backup(self._database._connection)
        self._sandbox.fault_hits.clear()
        self._sandbox.requests = []
        self._sandbox.forbidden.clear()
        self._sandbox.forbid_writes = False
