"""`timers add`: a plain timer entry."""

from __future__ import annotations

from functools import partial

import click

from synclog.cli.completing import LABOR, TICKET
from synclog.cli.context import App, Report, pass_app, reporting


@click.command(
    "timers add",
    epilog="""\b
Examples:
  synclog timers add 32162 --start 9:15 --end 10:00 Watched the backup
  synclog timers add 32162 --start "2026-04-17 23:30" --end "2026-04-18 00:15" --labor onsite
""",
)
@click.argument("number", type=TICKET)
@click.argument("text", nargs=-1)
@click.option("--start", required=True, metavar="T", help="When the work began: 9:15 (today), or 2026-04-17 09:15.")
@click.option("--end", required=True, metavar="T", help="When it ended; a time alone is of the day it began.")
@click.option("--labor", metavar="L", type=LABOR, help="A labor of synclog.yaml, or a product id; defaults.labor.")
@click.option("--again", is_flag=True, help="Add it though the very same was added before.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--queue", is_flag=True, help="Leave it in the ticket's file, for a later push.")
@pass_app
@reporting
def add(
    app: App,
    number: int,
    text: tuple[str, ...],
    start: str,
    end: str,
    labor: str | None,
    again: bool,
    yes: bool,
    queue: bool,
) -> Report:
    """Add a timer entry to a ticket, without a comment. TEXT is what it says, one line."""
    from synclog.app.push.oneoffs.commands import add_timer
    from synclog.cli.oneoffs import check_confirm, moment_of, one_off_report
    from synclog.cli.sending import confirm_plan

    workspace = app.workspace()
    check_confirm(app, workspace, yes=yes, queue=queue)
    with app.session(workspace) as session:
        zone = workspace.settings.timezone
        begun = moment_of(start, zone, day=session.today(), name="start")
        ended = moment_of(end, zone, day=begun.astimezone(zone), name="end")
        result = add_timer(
            session,
            number,
            begun,
            ended,
            labor=labor,
            text=" ".join(text),
            again=again,
            confirm=partial(confirm_plan, app, yes=yes),
            queue=queue,
        )
    return one_off_report(result)
