"""One line on a terminal that says how far something is, and goes away when it is done."""

from __future__ import annotations

import sys
import time

import click

_PAUSE = 0.1
_QUIET = 1.0


class ProgressLine:
    """Rewrites itself at most ten times a second; says nothing in the first second, which most work fits into."""

    def __init__(self) -> None:
        self._began = self._last = time.monotonic()
        self._shown = 0

    def show(self, what: str, done: int, total: int) -> None:
        """Show `done` of `total` (0: not known) of `what`."""
        now = time.monotonic()
        if now - self._began < _QUIET or now - self._last < _PAUSE:
            return
        self._last = now
        count = f" {done} of {total}" if total else f" {done}" if done else ""
        left = self._left(now, done, total)
        self._write(f"{what}:{count}{left}" if count else what)

    def clear(self) -> None:
        """Remove the line, so that other text can stand there."""
        if self._shown:
            click.echo("\r" + " " * self._shown + "\r", nl=False, err=True)
            self._shown = 0

    def _left(self, now: float, done: int, total: int) -> str:
        if not total or done < 3 or done >= total:
            return ""
        seconds = (now - self._began) / done * (total - done)
        if seconds < 2:
            return ""
        return f", about {seconds:.0f} s left" if seconds < 120 else f", about {seconds / 60:.0f} min left"

    def _write(self, text: str) -> None:
        import shutil

        text = text[: shutil.get_terminal_size().columns - 1]
        click.echo("\r" + text.ljust(self._shown), nl=False, err=True)
        self._shown = len(text)
        sys.stderr.flush()
