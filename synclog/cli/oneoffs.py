"""What the commands of one write of their own have in common: their words, their questions, their report."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from synclog.cli.context import App, Report, say
from synclog.errors import UsageError

if TYPE_CHECKING:
    from synclog.app.push import PushResult
    from synclog.core.plan import Plan
    from synclog.workspace.workspace import Workspace


def check_confirm(app: App, workspace: Workspace, *, yes: bool, queue: bool = False, can_queue: bool = True) -> None:
    """Refuse a command that nobody could agree to. Raises UsageError."""
    if queue and yes:
        raise UsageError("--queue sends nothing, so there is nothing for --yes to agree to")
    if queue:
        return
    if yes and workspace.settings.confirm == "plan":
        remedy = "add --queue, then `synclog push --dry-run` and `synclog push --plan ID`"
        raise UsageError(
            "this workspace sends shown plans only (push.confirm: plan)",
            remedy=remedy if can_queue else "run it on a terminal, where it is shown and asked",
        )
    if not (yes or app.interactive):
        remedy = "add --yes, or --queue to leave it for a push" if can_queue else "add --yes"
        raise UsageError("there is no terminal to ask on", remedy=remedy)


def confirm_by_name(app: App, plan: Plan, *, yes: bool, name: str, what: str) -> bool:
    """Show the plan of a deletion on stderr, and ask for the name of what is to go; with --yes only show it."""
    from synclog.cli.plantext import plan_lines

    app.end_progress()
    if not app.as_json and not app.quiet:
        for line in plan_lines(plan):
            say(line, sys.stderr)
    if yes:
        return True
    sys.stderr.flush()
    typed = click.prompt(f"This can't be undone. Type the number of the {what} to delete it", default="", err=True)
    return str(typed).strip().removeprefix("#") == name


def one_off_report(result: PushResult, *, nothing: str = "", web: str = "") -> Report:
    """Return how a command ended: as a push does; `nothing` says why there was nothing to do, `web` where a person can
    mend what no command can."""
    from synclog.cli.sending import push_report

    report = push_report(result)
    lines = [line for line in report.lines if line != "nothing to push"]
    if not result.plan.tickets and nothing:
        lines.append(nothing)
    if result.queued:
        lines.append("left in the file: `synclog push` sends it")
    if web:
        lines.append(web)
    return replace(report, result={**report.result, "queued": result.queued}, lines=lines)
