"""`edit`: writing into the workspace, not to Syncro."""

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
