"""The places where the next run goes on, as a person would get there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from support.office import EMAIL, NAME

if TYPE_CHECKING:
    from matrix.cell import Cell


def same_run(cell: Cell) -> None:
    """The run that met the fault goes on by itself: the line holds. Everywhere else it is dead after the fault."""


def same_workspace(cell: Cell) -> None:
    """The next run goes on in the workspace as it is."""


def without_caches(cell: Cell) -> None:
    """Somebody has deleted `.synclog/`."""
    shutil.rmtree(cell.root / ".synclog", ignore_errors=True)


def other_branch(cell: Cell) -> None:
    """Another branch, begun here; what is not committed comes along."""
    cell.git("switch", "--quiet", "-c", "other")


def clone(cell: Cell) -> None:
    """A clone on another machine. What is not committed would stay behind, so it is committed by hand before."""
    cell.git("add", "--all")
    if cell.git("status", "--porcelain"):
        cell.git("commit", "--quiet", "--message=to go on elsewhere")
    elsewhere = cell.folder / "elsewhere"
    who = ("-c", f"user.name={NAME}", "-c", f"user.email={EMAIL}")
    cell.git("clone", "--quiet", *who, str(cell.root), str(elsewhere / "msp"))
    cell.root, cell.machine = elsewhere / "msp", elsewhere


Place = Callable[["Cell"], None]

ELSEWHERE: tuple[Place, ...] = (same_workspace, without_caches, other_branch, clone)
PLACES: tuple[Place, ...] = (same_run, *ELSEWHERE)
