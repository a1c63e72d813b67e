"""A text of a command: what was given, else from standard input, else from the technician's editor."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from synclog.cli.context import App
from synclog.errors import UsageError
from synclog.workspace.paths import STATE, inside

if TYPE_CHECKING:
    from pathlib import Path

    from synclog.workspace.workspace import Workspace

_CUT = "<!-- synclog:"
_HINT = re.compile(rf"{re.escape(_CUT)} write .*? above this line.*?-->")


class TypedText:
    """A text that is typed in the editor: it stays in a file of `.synclog/` until it is where it belongs, so that
    nothing that goes wrong in between can lose it."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._name = f"{name}.md"
        self._workspace = workspace
        self._asked = False

    @property
    def _path(self) -> Path:
        """Where it is. Raises UnsafePath where somebody has put a link there, which would be edited in its place."""
        return inside(self._workspace.root, f"{STATE}/{self._name}", top=STATE)

    def ask(self, what: str, prefill: str = "", *, optional: bool = False) -> str:
        """Open the editor, with what was typed there before and has gone nowhere, else with `prefill`. Raises
        UsageError for a text that is left empty, unless it is `optional`."""
        if not self._path.exists():
            empty = "" if optional else "; an empty text cancels"
            hint = f"{_CUT} write {what} above this line{empty} -->"
            self._workspace.write_state(self._name, f"{prefill}\n\n{hint}\n")
        self._asked = True
        click.edit(filename=str(self._path))
        # Wherever it was typed, above that line or below it.
        text = _HINT.sub("", _decoded(self._path.read_bytes(), str(self._path)), count=1).strip()
        if not text and not optional:
            self.arrived()
            raise UsageError(f"{what} was left empty: nothing was done")
        return text

    def arrived(self) -> None:
        """Forget the text: it is in the ticket's file now. One that was not asked for in this run is another one, which
        is kept."""
        if self._asked:
            self.forget()

    def forget(self) -> None:
        """Forget the text, whenever it was typed."""
        self._path.unlink(missing_ok=True)


def text_of(app: App, given: str | None, typed: TypedText, what: str, prefill: Callable[[], str] = str) -> str:
    """Return the text that was `given`, else what stands on standard input, else what is typed in the editor, where
    `prefill` gives what stands there already.

    Raises UsageError for an empty text, or where none was given and nobody can type one.
    """
    if given is not None:
        text = given.strip()
    elif sys.stdin.isatty():
        if not app.interactive:
            raise UsageError(f"{what} is missing", remedy="give it as TEXT, or on standard input")
        return typed.ask(what, prefill())
    else:
        text = _decoded(sys.stdin.buffer.read(), "standard input").strip()
    if not text:
        raise UsageError(f"{what} is empty", remedy="give it as TEXT, or on standard input")
    return text


def optional_text_of(app: App, given: str | None, typed: TypedText, what: str) -> str:
    """Return a text as `text_of` does; one that is empty, or that nobody can type, is no text."""
    if given is not None:
        return given.strip()
    if not sys.stdin.isatty():
        return _decoded(sys.stdin.buffer.read(), "standard input").strip()
    return typed.ask(what, optional=True) if app.interactive else ""


def piped_text() -> str | None:
    """Return the text that stands on standard input, None where there is none, or a person at the keyboard."""
    if sys.stdin.isatty():
        return None
    return _decoded(sys.stdin.buffer.read(), "standard input").strip() or None


def _decoded(raw: bytes, where: str) -> str:
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{where} is not UTF-8 (byte {error.start + 1})", remedy="save it as UTF-8") from None
