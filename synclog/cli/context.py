"""What every command has: the workspace and session it works in, and the one way in which things are said.

Messages for people go to stderr, results to stdout. With `--json` stdout is one document:
`{"ok": …, "exit_code": …, "result": {…}, "errors": [{"kind", "message", "remedy"}]}`.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from synclog.core.cleantext import escaped, inert
from synclog.errors import Exit, SynclogError

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.workspace.glance import Glance
    from synclog.workspace.workspace import Workspace

P = ParamSpec("P")

_COLOUR = re.compile("(\x1b\\[(?:0|1|3[1-6])m)")
"""What `styled` puts around a text: bold, six colours, and their end."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a command ended. `result` is for `--json`, of a documented shape; `lines` are for people, on stdout; `errors`
    are what went wrong beside it. `csv` is a whole table instead of lines, printed to the byte."""

    result: Mapping[str, Any]
    lines: Sequence[str] = ()
    errors: Sequence[SynclogError] = ()
    exit_code: Exit = Exit.DONE
    csv: str = ""


@dataclass
class App:
    """The options given before the command, and what is made of them."""

    as_json: bool = False
    directory: str | None = None
    quiet: bool = False
    glance: Glance | None = field(default=None, repr=False)
    _progress: Any = field(default=None, repr=False)

    def workspace(self, *, look: bool = False) -> Workspace:
        """Open the workspace that contains the directory. `look` has git look at its files from now on, while the rest
        of the program is being loaded."""
        from pathlib import Path

        from synclog.workspace.glance import begin_glance

        folder = Path(self.directory or os.curdir)
        glance = None
        if look:
            glance = self.glance if self.glance and not self.directory else begin_glance(folder)
        from synclog.workspace.workspace import Workspace

        return Workspace.open(folder, glance)

    def session(self, workspace: Workspace | None = None, *, background: bool = False) -> Session:
        """Open the workspace with a connection to its account; in the `background` at half the allowed rate."""
        from synclog.app.session import connect

        chosen = workspace or self.workspace()
        return connect(chosen, tell=self.tell, progress=self.progress, background=background)

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return not self.as_json and sys.stdin.isatty() and sys.stderr.isatty()

    def tell(self, line: str) -> None:
        """Say what goes on, on stderr."""
        if not self.quiet and not self.as_json:
            self.end_progress()
            say(line, sys.stderr)

    def progress(self, what: str, done: int, total: int) -> None:
        """Show how far something is: one line that rewrites itself, on a terminal only."""
        if self.quiet or self.as_json or not sys.stderr.isatty():
            return
        if self._progress is None:
            from synclog.cli.progress import ProgressLine

            self._progress = ProgressLine()
        self._progress.show(what, done, total)

    def end_progress(self) -> None:
        if self._progress is not None:
            self._progress.clear()

    def finish(self, report: Report) -> int:
        """Print a report and return its exit code."""
        self.end_progress()
        if self.as_json:
            self._document(report.exit_code, report.result, [_error(e) for e in report.errors])
            return report.exit_code
        if report.csv:
            click.echo(report.csv.encode("utf-8", "replace"), nl=False)
        self.finish_lines(report.lines)
        for error in report.errors:
            self._say_error(error.message, error.remedy)
        return report.exit_code

    def finish_lines(self, lines: Sequence[str]) -> None:
        """Print lines of a result, for people."""
        self.end_progress()
        if lines and not self.as_json:
            say("\n".join(lines), sys.stdout)

    def fail(self, code: Exit, kind: str, message: str, remedy: str) -> int:
        """Print what stopped the command and return its exit code."""
        self.end_progress()
        if self.as_json:
            self._document(code, {}, [{"kind": kind, "message": message, "remedy": remedy}])
        else:
            self._say_error(message, remedy)
        return code

    def _document(self, code: Exit, result: Mapping[str, Any], errors: Sequence[Mapping[str, str]]) -> None:
        import json

        document = {"ok": code == Exit.DONE, "exit_code": int(code), "result": result, "errors": errors}
        click.echo(escaped(json.dumps(document, ensure_ascii=False, indent=2, default=str)))

    def _say_error(self, message: str, remedy: str) -> None:
        say(click.style("error: ", fg="red", bold=True) + message, sys.stderr)
        if remedy:
            say(click.style("  -> ", fg="cyan") + remedy, sys.stderr)


def say(text: str, stream: Any) -> None:
    """Print lines for people. Whatever they quote, of files and of Syncro, commands no terminal: only the colours of
    `styled` get through, and only where they are wanted."""
    pieces = _COLOUR.split(text)
    for place, piece in enumerate(pieces):
        pieces[place] = inert(piece) if place % 2 == 0 else piece if colour(stream) else ""
    click.echo("".join(pieces), file=stream, color=colour(stream))


def colour(stream: Any) -> bool:
    """Whether colours are wanted on a stream: a terminal, and no NO_COLOR."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


def styled(text: str, **style: Any) -> str:
    """Return `text` in a colour where stdout wants colours."""
    return click.style(text, **style) if colour(sys.stdout) else text


def _error(error: SynclogError) -> dict[str, str]:
    return {"kind": error.kind, "message": error.message, "remedy": error.remedy}


def reporting(function: Callable[P, Report]) -> Callable[P, int]:
    """Make a command of a function that returns a Report: adds `--json`, prints the report, exits with its code."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
    @functools.wraps(function)
    def command(*args: Any, as_json: bool = False, **kwargs: Any) -> int:
        context = click.get_current_context()
        app = context.find_object(App)
        assert app is not None
        app.as_json = app.as_json or as_json
        return app.finish(function(*args, **kwargs))

    return command  # type: ignore[return-value]


pass_app = click.make_pass_decorator(App, ensure=True)
