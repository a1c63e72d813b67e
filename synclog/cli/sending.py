"""What all commands have that write to Syncro: `--yes` and `--queue`, the plan and the question, and the report."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from synclog.cli.context import App, Report, say
from synclog.errors import Exit, SynclogError, UsageError

if TYPE_CHECKING:
    from synclog.app.push import PushResult
    from synclog.app.session import Session
    from synclog.core.plan import Plan
    from synclog.core.ticketfile import TicketFile
    from synclog.model import TicketNumber
    from synclog.workspace.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def sending(function: F) -> F:
    """Give a command the options `--yes` and `--queue`, as `yes` and `queue`."""
    options = (
        click.option("--yes", is_flag=True, help="Send without asking."),
        click.option("--queue", is_flag=True, help="Send nothing now: leave it in the ticket's file for a later push."),
    )
    return functools.reduce(lambda made, option: option(made), reversed(options), function)


@dataclass(frozen=True, slots=True)
class Sending:
    """How a command sends what it writes into a ticket's file."""

    app: App
    workspace: Workspace
    yes: bool
    queue: bool

    @classmethod
    def of(cls, app: App, *, yes: bool, queue: bool) -> Sending:
        """Open the workspace of a command. Raises UsageError before anything is written where it may not be sent as
        asked: `--yes` and `--queue` at once, `--yes` where plans have to be shown, or nobody there to ask."""
        workspace = app.workspace()
        if yes and queue:
            raise UsageError("--queue sends nothing: it takes no --yes")
        if not queue:
            check_may_send(app, workspace.settings.confirm, yes=yes)
        return cls(app, workspace, yes, queue)

    def file_of(self, number: TicketNumber) -> TicketFile:
        """Return a ticket's file; one that has none here gets it from Syncro. Raises as `fetch_ticket`."""
        from synclog.app.entering import fetch_ticket, ticket_here

        file = ticket_here(self.workspace, number)
        if file is not None:
            return file
        with self.app.session(self.workspace) as session:
            return fetch_ticket(session, number)

    def send(self, path: str, numbers: Sequence[TicketNumber] = (), *, drafts: Sequence[str] = ()) -> Report:
        """Push what was written into the file at `path`: all that is pending of `numbers`, or of `drafts`. With
        `--queue` it is only said where it waits."""
        if self.queue:
            return self.queued(path, numbers)
        try:
            with self.app.session(self.workspace) as session:
                return self.push(session, path, numbers, drafts=drafts)
        except SynclogError:
            self.app.tell(f"what was written waits in {path}")
            raise

    def queued(self, path: str, numbers: Sequence[TicketNumber] = ()) -> Report:
        """Return the report of what was left in the file at `path`."""
        return Report({"path": path, "queued": True}, [f"it waits in {path}: {_push_words(numbers)} sends it"])

    def push(
        self, session: Session, path: str, numbers: Sequence[TicketNumber] = (), *, drafts: Sequence[str] = ()
    ) -> Report:
        """Push as `send` does, in a session that is open already."""
        from synclog.app.push import push

        confirm = functools.partial(confirm_plan, self.app, yes=self.yes)
        result = push(session, numbers, drafts=drafts, confirm=confirm)
        report = push_report(result, more={"path": path, "queued": False})
        if not result.declined:
            return report
        lines = [f"nothing was sent: it waits in {path}, and {_push_words(numbers)} sends it"]
        return Report(report.result, lines, report.errors, report.exit_code)


def _push_words(numbers: Sequence[TicketNumber]) -> str:
    return f"`synclog push{''.join(f' {number}' for number in numbers)}`"


def check_may_send(app: App, confirm: str, *, yes: bool) -> None:
    """Raise UsageError where only plans that were shown may be sent, or where nobody can be asked."""
    if confirm == "plan":
        raise UsageError(
            "this workspace sends shown plans only (push.confirm: plan)",
            remedy="add --queue, then `synclog push --dry-run`, show it, and `synclog push --plan ID`",
        )
    if not (yes or app.interactive):
        raise UsageError("there is no terminal to ask on", remedy="add --yes, or --queue to send it later")


def confirm_plan(app: App, plan: Plan, *, yes: bool) -> bool:
    """Show the plan on stderr and ask; with `yes` only show it."""
    from synclog.cli.plantext import plan_lines

    app.end_progress()
    if not app.as_json and not app.quiet:
        for line in plan_lines(plan):
            say(line, sys.stderr)
    if yes:
        return True
    sys.stderr.flush()
    return click.confirm("Send this?", default=False, err=True)


def push_report(result: PushResult, *, planned_only: bool = False, more: Mapping[str, Any] | None = None) -> Report:
    """Return what a push did as a command tells it; `more` comes first in its document."""
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
        **(more or {}),
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
                "subtotal": str(d.subtotal) if d.subtotal is not None else None,
                "expected": str(d.expected) if d.expected is not None else None,
                "prepaid_hours_before": str(d.prepaid_before) if d.prepaid_before is not None else None,
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
