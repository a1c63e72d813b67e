"""`correct`, `delete`: mending or removing what is in Syncro."""

from __future__ import annotations

from functools import partial

import click

from synclog.cli.completing import LABOR, TICKET
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  synclog correct 32162-7k2m9q4x1c --time 45m
  synclog correct 32162-7k2m9q4x1c --labor onsite --yes
  synclog correct 32162-7k2m9q4x1c --remove
"""
)
@click.argument("reference")
@click.option("--time", "time", metavar="MIN", help="What was worked: 45, 45m, 1h30m, 1.5h.")
@click.option("--labor", metavar="L", type=LABOR, help="A labor of synclog.yaml, or a product id.")
@click.option("--remove", is_flag=True, help="Remove the time, with its charge; the comment stays.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--queue", is_flag=True, help="Leave it in the ticket's file, for a later push.")
@pass_app
@reporting
def correct(
    app: App, reference: str, time: str | None, labor: str | None, remove: bool, yes: bool, queue: bool
) -> Report:
    """Mend the time of posted work that is not invoiced yet.

    REFERENCE is what `Ref` says on the last line of the comment. Whose work it is stays as it is. The comment's text,
    and what is invoiced, only a person can mend, in the web interface.
    """
    from synclog.app.push.oneoffs.commands import correct as run
    from synclog.app.push.oneoffs.making import Other
    from synclog.app.views import web_address
    from synclog.cli.oneoffs import check_confirm, one_off_report
    from synclog.cli.sending import confirm_plan
    from synclog.core.durations import parse_minutes
    from synclog.core.references import ticket_of

    if remove == bool(time or labor):
        raise UsageError("say what is to be: --time or --labor, or both, or --remove")
    try:
        minutes = parse_minutes(time) if time else None
    except ValueError as error:
        raise UsageError(str(error)) from None
    workspace = app.workspace()
    check_confirm(app, workspace, yes=yes, queue=queue)
    named = reference.strip().removeprefix("Ref ").rstrip(".")
    other = Other(minutes, labor, remove)
    with app.session(workspace) as session:
        result = run(session, named, other, confirm=partial(confirm_plan, app, yes=yes), queue=queue)
    web = web_address(workspace, ticket_of(named) or 0)
    said = f"its comment, and what is invoiced, can be mended here: {web}"
    return one_off_report(result, nothing="nothing to correct: it is like that already", web=said if web else "")


@click.command(
    epilog="""\b
Examples:
  synclog delete 32162
  synclog delete 32162 --yes
"""
)
@click.argument("number", type=TICKET)
@click.option("--with-work", is_flag=True, help="Even if the file holds work that was not pushed; it stays there.")
@click.option("--yes", is_flag=True, help="Delete without asking for the number again.")
@pass_app
@reporting
def delete(app: App, number: int, with_work: bool, yes: bool) -> Report:
    """Delete a ticket in Syncro, with its comments, time and charges. Nobody can bring it back.

    Its file stays, and says that it is gone, until `synclog untrack`.
    """
    from synclog.app.push.oneoffs.commands import delete_ticket
    from synclog.cli.oneoffs import check_confirm, confirm_by_name, one_off_report

    workspace = app.workspace()
    check_confirm(app, workspace, yes=yes, can_queue=False)
    confirm = partial(confirm_by_name, app, yes=yes, name=str(number), what="ticket")
    with app.session(workspace) as session:
        result = delete_ticket(session, number, with_work=with_work, confirm=confirm)
    return one_off_report(result)
