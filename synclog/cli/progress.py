"""How far something is, as one line on a terminal that goes away when it is done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_QUIET = 1.0
"""Seconds in which nothing is shown, which most work fits into."""


class ProgressLine:
    """Shows progress on stderr; rich is loaded only when there is something to show."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def show(self, what: str, done: int, total: int) -> None:
        """Show `done` of `total` (0: not known) of `what`."""
        if self._progress is None:
            if time.monotonic() - self._began < _QUIET:
                return
            self._progress = _progress()
            self._task = self._progress.add_task(what)
            self._progress.start()
        assert self._task is not None
        self._progress.update(self._task, description=what, completed=done, total=total or None)

    def clear(self) -> None:
        """Remove the line, so that other text can stand there."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        self._began = time.monotonic()


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    # Whatever a description holds is text: brackets in it are no markup. How long it still takes is for whoever knows
    # the limit to say: the first minute's requests are let through at once.
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=20), MofNCompleteColumn())
    return Progress(*columns, transient=True, console=Console(stderr=True))
