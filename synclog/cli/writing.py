"""`edit`, `session-log`: writing into the workspace, not to Syncro."""

from __future__ import annotations

import click

from synclog.cli.completing import TICKET
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import Exit, UsageError


@click.command(
    epilog="""\b
Examples:
  synclog edit 32162
  EDITOR="code --wait" synclog edit 32162
"""
)
@click.argument("number", type=TICKET)
@pass_app
@reporting
def edit(app: App, number: int) -> Report:
    """Open a ticket's file in $VISUAL or $EDITOR, and check it on return."""
    from synclog.app.status import check
    from synclog.app.views import find_file
    from synclog.cli.worktext import slip_lines

    workspace = app.workspace()
    path = find_file(workspace, number)
    if not app.interactive and app.as_json:
        raise UsageError("an editor needs a terminal", remedy=f"edit {path} and run `synclog check {path}`")
    click.edit(filename=str(workspace.root / path))
    found, slips = check(workspace, [path])
    problems = [line for error in found for line in str(error).splitlines()]
    lines = (problems or [f"{path}: valid"]) + slip_lines(slips)
    return Report({"path": path, "problems": problems}, lines, (), Exit.DECISION if found else Exit.DONE)


@click.command(
    "session-log",
    epilog="""\b
Examples:
  synclog session-log 32162
  synclog session-log 32162 --date 2026-04-17
""",
)
@click.argument("number", type=TICKET)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The local day the log is of; today.")
@pass_app
@reporting
def session_log(app: App, number: int, day: object) -> Report:
    """Render the session log of a ticket from its file and the audit trail.

    A log that a person has edited is never overwritten: what is new is added below it.
    """
    from datetime import datetime

    from synclog.app.sessionlogs import write_session_log

    workspace = app.workspace()
    written = write_session_log(workspace, number, day=day.date() if isinstance(day, datetime) else None)
    words = {
        "created": "written",
        "unchanged": "nothing new in",
        "replaced": "rendered anew",
        "appended": "was edited by hand, so what is new was added below",
    }
    return Report({"path": written.path, "outcome": written.outcome}, [f"{words[written.outcome]}: {written.path}"])
