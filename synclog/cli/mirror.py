"""`pull`, `status`, `diff`, `check`: the mirror and what is pending in it."""

from __future__ import annotations

import os
from typing import Any

import click

from synclog.cli.completing import TICKET
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  synclog pull                  everything in the scope that changed
  synclog pull 32162 32164      just these tickets
  synclog pull --full           compare everything, not only what changed
  synclog pull --all            fill in all of the account's history, beside daily work
"""
)
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=TICKET)
@click.option("--all", "everything", is_flag=True, help="All tickets, whatever the scope, at half the allowed rate.")
@click.option(
    "--full", is_flag=True, help="Compare complete lists, and ask for each ticket with a file that none shows."
)
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would change.")
@pass_app
@reporting
def pull(app: App, numbers: tuple[int, ...], everything: bool, full: bool, dry_run: bool) -> Report:
    """Bring tickets from Syncro into files.

    What you wrote and did not commit is committed first, as yours; what Syncro says is a commit by Syncro. Your own
    notes, text and edits stay as they are. A file that was deleted by hand comes back, with the work that was in it.
    """
    from synclog.app.pull import pull as run
    from synclog.cli.worktext import invalid_lines

    if numbers and everything:
        raise UsageError("--all pulls every ticket", remedy="leave out the numbers, or --all")
    with app.session(background=everything) as session:
        result = run(session, numbers, everything=everything, full=full, dry_run=dry_run)
    would = "would be " if dry_run else ""
    lines = []
    if result.new:
        lines.append(f"{len(result.new)} new: {_numbers(result.new)}")
    if result.changed:
        lines.append(f"{len(result.changed)} changed: {_numbers(result.changed)}")
    if result.recorded:
        lines.append(f"recorded, posted before: {', '.join(result.recorded)}")
    if result.brought_back:
        back = f"{would}brought back, as git had it: {_numbers(result.brought_back)}"
        lines.append(f"{back} (to forget a file: `synclog untrack NUMBER`)")
    for number, keys in result.restored.items():
        lines.append(f"#{number}: {', '.join(keys)} {would}put back to what Syncro says (your edit is in git)")
    lines += [f"#{number} is gone from Syncro (or not for this key); its file stays" for number in result.gone]
    for number, fields in result.conflicts.items():
        lines.append(f"#{number}: conflict in {', '.join(fields)}: your value stays; see `conflicts:` in its file")
    if not lines:
        lines.append("nothing new")
    lines += [line for error in result.invalid for line in invalid_lines(error)]
    return Report(
        {
            "new": result.new,
            "changed": result.changed,
            "brought_back": result.brought_back,
            "restored": {str(n): list(keys) for n, keys in result.restored.items()},
            "conflicts": {str(n): list(fields) for n, fields in result.conflicts.items()},
            "gone": result.gone,
            "recorded": result.recorded,
            "invalid": [error.path for error in result.invalid],
            "commits": result.committed,
            "requests": result.requests,
        },
        lines,
        [*result.undecided, *result.failed],
        result.exit_code,
    )


@click.command(
    epilog="""\b
Examples:
  synclog status
  synclog status 32162 --json
"""
)
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=TICKET)
@pass_app
@reporting
def status(app: App, numbers: tuple[int, ...]) -> Report:
    """Show what is running, pending, held, conflicted or invalid. Needs no network."""
    workspace = app.workspace(look=True)
    from synclog.app.running import known_timers
    from synclog.app.status import status as read
    from synclog.cli.worktext import status_lines, work_json
    from synclog.errors import worst

    timers, problems = known_timers(workspace)
    found = read(workspace, numbers)
    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    if timers:
        from datetime import UTC, datetime

        from synclog.cli.runningtext import running_json, running_lines

        now, zone = datetime.now(UTC), workspace.settings.timezone
        rows = [running_json(timer, now, zone) for timer in timers]
        lines = running_lines(timers, now, zone)
    result: dict[str, Any] = {
        "running": rows,
        "tickets": found.tickets,
        "pending": [work_json(work) for work in found.works],
        "drafts": list(found.drafts),
        "slips": list(found.slips),
        "invalid": [{"path": e.path, "problems": str(e).splitlines()} for e in found.invalid],
    }
    code = worst(found.exit_code, *(problem.exit_code for problem in problems))
    return Report(result, [*lines, *status_lines(found)], problems, code)


@click.command(
    epilog="""\b
Examples:
  synclog diff
  synclog diff 32162
"""
)
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=TICKET)
@pass_app
@reporting
def diff(app: App, numbers: tuple[int, ...]) -> Report:
    """Show what a push would send, in full, without asking Syncro."""
    workspace = app.workspace(look=True)
    from synclog.app.status import status as read
    from synclog.cli.worktext import diff_lines, work_json

    found = read(workspace, numbers)
    return Report({"pending": [work_json(work) for work in found.works]}, diff_lines(found), (), found.exit_code)


@click.command(
    epilog="""\b
Examples:
  synclog check
  synclog check clients/acme/tickets/32162-server-upgrade.md
  synclog check --staged     what git would commit, for a hook of your own
"""
)
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="Check what is staged in git, as it is staged.")
@pass_app
@reporting
def check(app: App, files: tuple[str, ...], staged: bool) -> Report:
    """Check ticket files: `file:line:col: message` for everything that is wrong. Changes nothing."""
    from synclog.cli.worktext import warning_lines
    from synclog.errors import Exit, UsageError

    if staged and files:
        raise UsageError("--staged checks what is staged; name no files with it")
    if files and not app.directory:
        app.directory = _folder_of(files[0])
    workspace = app.workspace(look=not staged)
    if staged:
        from synclog.app.editors import check_staged

        found, slips = check_staged(workspace, os.environ.get("GIT_INDEX_FILE"))
    else:
        from synclog.app.status import check as run

        found, slips = run(workspace, [workspace.relative(path) for path in files])
    lines = [line for error in found for line in str(error).splitlines()]
    problems = [
        {"path": e.path, "line": p.line, "column": p.column, "message": p.message, "remedy": p.remedy}
        for e in found
        for p in e.problems
    ]
    lines = (lines or ([] if staged else ["all files are valid"])) + warning_lines(slips)
    result = {"problems": problems, "slips": list(slips)}
    return Report(result, lines, (), Exit.DECISION if found else Exit.DONE)


def _folder_of(file: str) -> str | None:
    """The folder of a file, where the current one lies in no workspace: a hook of a repository that holds one runs at
    its top. None for the current one."""
    from pathlib import Path

    from synclog.workspace.glance import find_root

    return None if find_root(Path.cwd()) else str(Path(file).parent)


def _numbers(numbers: list[int]) -> str:
    shown = [f"#{number}" for number in numbers[:10]]
    return ", ".join(shown) + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")
