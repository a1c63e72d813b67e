"""`timers add`: a plain timer entry."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import click

from synclog.cli.completing import LABOR, TICKET
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import UsageError


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
@click.option(
    "--start", required=True, metavar="T", help="When the work began: 9:15 (today), yesterday 16:30, 2026-04-17 09:15."
)
@click.option(
    "--end", required=True, metavar="T", help="When it ended: 17:30 (the first since the start), 2026-04-17 17:30, now."
)
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
    from synclog.cli.oneoffs import check_confirm, one_off_report
    from synclog.cli.sending import confirm_plan
    from synclog.cli.workedtime import moment_of

    workspace = app.workspace()
    check_confirm(app, workspace, yes=yes, queue=queue)
    with app.session(workspace) as session:
        zone = workspace.settings.timezone
        now = session.clock.now()
        begun = moment_of(start, now, zone, option="--start")
        ended = moment_of(end, now, zone, begun, option="--end")
        if ended - begun == timedelta(days=1):
            raise UsageError("from --start to --end is a whole day", remedy="an entry is shorter: look at both")
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
