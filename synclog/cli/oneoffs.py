"""What the commands of one write of their own have in common: their words, their questions, their report."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime, tzinfo
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


def moment_of(text: str, zone: tzinfo, *, day: datetime, name: str) -> datetime:
    """Return the local time that is meant, aware: `9:15` (of `day`), `2026-04-17 09:15`, or with an offset. Raises
    UsageError."""
    import re

    remedy = "write 9:15, 2026-04-17 09:15, or 2026-04-17T09:15-07:00"
    written = text.strip()
    clock = re.fullmatch(r"(?:(\d{4}-\d{2}-\d{2})[T ] *)?(\d{1,2}:\d{2})(.*)", written, re.ASCII)
    if clock is None:
        raise UsageError(f"--{name} {text} is not a time", remedy=remedy)
    try:
        moment = datetime.fromisoformat(f"{clock[1] or f'{day:%Y-%m-%d}'}T{clock[2].zfill(5)}{clock[3]}")
    except ValueError:
        raise UsageError(f"--{name} {text} is not in the calendar or on the clock", remedy=remedy) from None
    if moment.tzinfo is None:
        local = moment.replace(tzinfo=zone)
        if _gap(local, zone):
            raise UsageError(
                f"--{name} {text} did not exist: the clocks went forward", remedy="write the time after it"
            )
        moment = local
    return moment


def _gap(local: datetime, zone: tzinfo) -> bool:
    from datetime import UTC

    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None)
