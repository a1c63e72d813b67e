"""`push`: show the plan, ask, send, say what was read back."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from synclog.cli.context import App, Report, pass_app, reporting, say
from synclog.errors import Exit, UsageError

if TYPE_CHECKING:
    from synclog.app.push import PushResult
    from synclog.core.plan import Plan


@click.command(
    epilog="""\b
Examples:
  synclog push                     show the plan of everything pending, ask, send
  synclog push 32162 --yes         just this ticket, without asking
  synclog push --dry-run           show the plan and its id, write nothing
  synclog push --plan 7k2m9q4x1c   send exactly the plan that was shown
"""
)
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=click.IntRange(min=1))
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
    return push_report(result, planned_only=False)


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


def confirm_plan(app: App, plan: Plan, *, yes: bool) -> bool:
    """Show the plan on stderr and ask; with --yes only show it."""
    from synclog.cli.plantext import plan_lines

    app.end_progress()
    if not app.as_json and not app.quiet:
        for line in plan_lines(plan):
            say(line, sys.stderr)
    if yes:
        return True
    sys.stderr.flush()
    return click.confirm("Send this?", default=False, err=True)


def push_report(result: PushResult, *, planned_only: bool = False) -> Report:
    """Return how a push ended, or with `planned_only` what one would do."""
    from synclog.app.push import plan_word
    from synclog.cli.plantext import done_line, plan_json, plan_lines
    from synclog.cli.worktext import invalid_lines, slip_lines

    lines: list[str] = []
    word = plan_word(result.plan)
    if planned_only or not result.plan.acts:
        lines += plan_lines(result.plan)
        if planned_only and result.plan.acts:
            lines.append(f"plan: {word}")
    if result.declined:
        lines.append("nothing was sent")
    lines += [done_line(done) for done in result.done]
    lines += [line for error in result.invalid for line in invalid_lines(error)]
    lines += slip_lines(result.slips)
    code = Exit.DONE if result.declined and not result.plan.doubts else result.exit_code
    document: dict[str, Any] = {
        "plan": plan_json(result.plan) | {"id": word},
        "done": [
            {
                "op": d.op,
                "number": d.number,
                "what": d.what,
                "reference": d.reference,
                "comment": d.comment,
                "timer": d.timer,
                "line_items": list(d.line_items),
                "minutes": d.minutes,
                "billed_minutes": d.billed,
                "invoice": d.invoice,
                "total": str(d.total) if d.total is not None else None,
                "prepaid_hours": str(d.prepaid) if d.prepaid is not None else None,
                "was_there": d.was_there,
            }
            for d in result.done
        ],
        "declined": result.declined,
        "not_done": [{"number": t.number or None, "path": t.path, "message": t.error.message} for t in result.trouble],
        "invalid": [error.path for error in result.invalid],
        "slips": list(result.slips),
        "requests": result.requests,
    }
    return Report(document, lines, [t.error for t in result.trouble], code)
