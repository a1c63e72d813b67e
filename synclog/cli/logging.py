"""`session-log`: what remains of a piece of work, rendered into the workspace."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import SynclogError, UsageError

if TYPE_CHECKING:
    from synclog.app.sessionlogs import Logs, Wanted

_WORDS = {
    "created": "written",
    "unchanged": "nothing new in",
    "replaced": "rendered anew",
    "kept": "kept as it was edited, though its ticket has changed since",
    "merged": "what is new was merged into",
}
_CHECKED = {"replaced": "behind its ticket", "kept": "edited, and behind its ticket"}


@click.command(
    "session-log",
    epilog="""\b
Examples:
  synclog session-log 32162
  synclog session-log 32162 --update                what is new, into a log that was edited
  synclog session-log --date 2026-04-17             all work of a day
  synclog session-log --customer "Len's Auto" --month 2026-04
  synclog session-log 32162 --template customer     a report for the customer
  synclog session-log --check
""",
)
@click.argument("number", metavar="[NUMBER]", required=False, type=click.IntRange(min=1))
@click.option("--date", "day", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help="Only work of this local day.")
@click.option("--month", metavar="MONTH", type=click.DateTime(["%Y-%m"]), help="Only work of this month: 2026-04.")
@click.option("--customer", metavar="C", help="Only customers whose name has this in it.")
@click.option("--template", metavar="NAME", help="Another template than the one of synclog.yaml.")
@click.option("--update", is_flag=True, help="Merge what is new into logs that were edited.")
@click.option("--check", is_flag=True, help="Write nothing; say which logs are behind their tickets.")
@pass_app
@reporting
def session_log(
    app: App,
    number: int | None,
    day: datetime | None,
    month: datetime | None,
    customer: str | None,
    template: str | None,
    update: bool,
    check: bool,
) -> Report:
    """Render session logs from tickets' files and the audit trail: one for each ticket and work session.

    With NUMBER all of that ticket's; else those of a day, a month or a customer. A log that a person has edited is
    never overwritten: --update merges what is new into it, under its headings. Needs no network.
    """
    from synclog.app.sessionlogs import Wanted, check_session_logs, write_session_logs

    if number is not None and (customer or month):
        raise UsageError("a ticket's number says which logs already", remedy="leave out --customer and --month")
    if day and month:
        raise UsageError("--date and --month are two answers to one question", remedy="leave out one of them")
    if number is None and not (day or month or customer or check):
        raise UsageError("which logs?", remedy="name a ticket, or give --date, --month or --customer")
    if check and update:
        raise UsageError("--check writes nothing, --update does", remedy="leave out one of them")
    first, last = _days(day, month)
    wanted = Wanted((number,) if number else (), customer, first, last, template)
    workspace = app.workspace(look=True)
    if check:
        return _checked(check_session_logs(workspace, wanted, progress=app.progress))
    return _written(write_session_logs(workspace, wanted, update=update, progress=app.progress), wanted)


def _days(day: datetime | None, month: datetime | None) -> tuple[date, date]:
    from calendar import monthrange

    if day:
        return day.date(), day.date()
    if month:
        return month.date(), month.date().replace(day=monthrange(month.year, month.month)[1])
    return date.min, date.max


def _written(done: Logs, wanted: Wanted) -> Report:
    lines = [f"{_WORDS[log.outcome]}: {log.path}" for log in done.logs]
    if any(log.outcome == "kept" for log in done.logs):
        lines.append("`synclog session-log` with `--update` merges what is new into logs that were edited")
    lines += [f"not written: {one.path or f'#{one.number}'}" for one in done.failed]
    lines += [f"left alone, it is not synclog's: {path}" for path in done.foreign]
    if not done.logs and not done.failed:
        lines.append("no work was posted then" if wanted.is_dated else "no work was posted")
    return Report(_document(done), lines, _errors(done), done.exit_code)


def _checked(done: Logs) -> Report:
    from synclog.errors import Exit, worst

    lines = [f"{_CHECKED[log.outcome]}: {log.path}" for log in done.logs]
    if not done.logs and not done.failed:
        lines.append("every log is as its ticket")
    code = worst(done.exit_code, Exit.DECISION if done.logs else Exit.DONE)
    return Report(_document(done), lines, _errors(done), code)


def _document(done: Logs) -> dict[str, object]:
    logs = [
        {"path": log.path, "outcome": log.outcome, "number": log.number, "date": log.day.isoformat()}
        for log in done.logs
    ]
    last = done.logs[-1] if done.logs else None
    return {
        "path": last.path if last else None,
        "outcome": last.outcome if last else None,
        "logs": logs,
        "failed": [{"number": one.number, "path": one.path, "message": one.error.message} for one in done.failed],
        "indexes": done.indexes,
    }


def _errors(done: Logs) -> list[SynclogError]:
    """What went wrong, each once: a broken template stops every log that is made with it."""
    return list({str(failure.error): failure.error for failure in done.failed}.values())
