"""`update`: fields of a ticket, into its file and from there to Syncro."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from synclog.cli.completing import STATUS, TICKET
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.cli.fields import field_options
from synclog.cli.sending import Sending, sending
from synclog.errors import UsageError

if TYPE_CHECKING:
    from synclog.app.updating import Updated


@click.command(
    epilog="""\b
Examples:
  synclog update 32162 resolved                 any beginning that fits one status
  synclog update 32162 --priority High --due-date 2026-05-04 --assigned-to me
  synclog update 32162 --tag vip --untag server --contact none --yes
"""
)
@click.argument("number", type=TICKET)
@click.argument("status", required=False, type=STATUS)
@click.option("--status", "status_too", metavar="S", type=STATUS, help="The status: its beginning will do.")
@click.option("--subject", metavar="S", help="The subject.")
@field_options
@click.option("--untag", "untags", metavar="T", multiple=True, help="Take a tag off. May be given more than once.")
@click.option("--tags", metavar="T,T", help="All tags, instead of those that there are.")
@sending
@pass_app
@reporting
def update(
    app: App,
    number: int,
    status: str | None,
    status_too: str | None,
    subject: str | None,
    priority: str | None,
    problem_type: str | None,
    due_date: str | None,
    assigned_to: str | None,
    contact: str | None,
    tag: tuple[str, ...],
    untags: tuple[str, ...],
    tags: str | None,
    yes: bool,
    queue: bool,
) -> Report:
    """Change fields of a ticket: in its file, and with one push in Syncro.

    Names are the account's own, or a part that fits only one. `none` clears a field. What else is pending on the ticket
    is posted with it, and the plan shows all of it.
    """
    from synclog.app.updating import enter_update, queue_update
    from synclog.core.wanted import wanted_of

    if status is not None and status_too is not None:
        raise UsageError("the status is given twice", remedy="say it as STATUS or with --status")
    texts = {
        "status": status if status is not None else status_too,
        "subject": subject,
        "priority": priority,
        "problem_type": problem_type,
        "due_date": due_date,
        "assigned_to": assigned_to,
        "contact": contact,
    }
    wanted = wanted_of(texts, tags=tags, add=tag, remove=untags)
    if not wanted.fields:
        raise UsageError("it is not said what to change", remedy="name a status or a field: `synclog update --help`")
    way = Sending.of(app, yes=yes, queue=queue)
    if queue:
        made = queue_update(way.workspace, way.file_of(number), wanted, tell=app.tell)
        return _with_same(way.queued(made.path, [number]), made) if made.is_to_push else _nothing(made)
    with app.session(way.workspace) as session:
        made = enter_update(session, number, wanted)
        return _with_same(way.push(session, made.path, [number]), made) if made.is_to_push else _nothing(made)


def _nothing(made: Updated) -> Report:
    return _with_same(Report({"path": made.path, "queued": False}), made)


def _with_same(report: Report, made: Updated) -> Report:
    """The report with the fields that needed nothing."""
    from synclog.core.wanted import shown

    lines = [f"{shown(name)}: it is so already" for name in made.same]
    result = {**report.result, "same": list(made.same)}
    return Report(result, [*lines, *report.lines], report.errors, report.exit_code)
