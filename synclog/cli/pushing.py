"""`push`: show the plan, ask, send, say what was read back."""

from __future__ import annotations

from functools import partial

import click

from synclog.cli.completing import TICKET
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.cli.sending import confirm_plan, push_report
from synclog.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  synclog push                     show the plan of everything pending, ask, send
  synclog push 32162 --yes         just this ticket, without asking
  synclog push --dry-run           show the plan and its id, write nothing
  synclog push --plan 7k2m9q4x1c   send exactly the plan that was shown
"""
)
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=TICKET)
@click.option("--dry-run", is_flag=True, help="Show the plan and its id; write nothing, here or in Syncro.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--plan", "plan_id", metavar="ID", help="Send exactly the plan that --dry-run showed, or nothing.")
@click.option("--for", "author", metavar="NAME", help="Push the notes that this other git author committed.")
@pass_app
@reporting
def push(
    app: App, numbers: tuple[int, ...], dry_run: bool, yes: bool, plan_id: str | None, author: str | None
) -> Report:
    """Send notes, time, invoices and changes to Syncro, each exactly once.

    Everything is shown before it is sent, and read back before it is called done.
    """
    from synclog.app.push import dry_run as plan_only
    from synclog.app.push import push as run

    workspace = app.workspace()
    _check_words(app, workspace.settings.confirm, numbers, dry_run, yes, plan_id)
    with app.session(workspace) as session:
        if dry_run:
            return push_report(plan_only(session, numbers, author=author), planned_only=True)
        confirm = partial(confirm_plan, app, yes=yes)
        result = run(session, numbers, confirm=confirm, plan_id=plan_id, author=author)
    return push_report(result)


def _check_words(
    app: App, confirm: str, numbers: tuple[int, ...], dry_run: bool, yes: bool, plan_id: str | None
) -> None:
    """Refuse options that don't fit together, or that the workspace does not allow. Raises UsageError."""
    if plan_id is not None and (yes or numbers or dry_run):
        raise UsageError("--plan takes no numbers, no --yes and no --dry-run: the id says it all")
    if confirm == "plan" and not dry_run and plan_id is None:
        raise UsageError(
            "this workspace sends shown plans only (push.confirm: plan)",
            remedy="run `synclog push --dry-run`, show it, then `synclog push --plan ID`",
        )
    if not (dry_run or yes or plan_id or app.interactive):
        raise UsageError(
            "there is no terminal to ask on",
            remedy="add --yes, or use --dry-run and then --plan ID",
        )
