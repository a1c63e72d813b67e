"""`close`: the resolution of a ticket, its status, and its session log."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from synclog.cli.asking import ask_labor
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.cli.notes import labor_option, note_of, time_option
from synclog.cli.sending import Sending, sending
from synclog.cli.texts import TypedText, piped_text, text_of
from synclog.core.cleantext import clean_line, inert
from synclog.errors import DecisionNeeded, Exit, SynclogError, UsageError, worst

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.core.notes import Note
    from synclog.core.ticketfile import TicketFile


@click.command(
    epilog="""\b
Examples:
  synclog close 32162                        the resolution from your editor, your notes in it
  synclog close 32162 "The disk was failing; replaced it." --time 30m --log --yes
  synclog close 32162 --to email --no-log <resolution.md
"""
)
@click.argument("number", type=click.IntRange(min=1))
@click.argument("text", required=False)
@click.option("--log/--no-log", "log", default=None, help="Write the session log, or don't; else you are asked.")
@time_option
@labor_option
@click.option("--billed", metavar="TIME", help="What is billed instead of the time worked.")
@click.option("--to", type=click.Choice(["private", "public", "email"]), help="Who sees it; email sends it as well.")
@click.option("--date", "day", metavar="D", help="When the work began: 2026-04-17, 2026-04-17 09:00, yesterday.")
@click.option("--again", is_flag=True, help="Even if the ticket is resolved, or an earlier close is not finished.")
@sending
@pass_app
@reporting
def close(
    app: App,
    number: int,
    text: str | None,
    log: bool | None,
    minutes: str | None,
    labor: str | None,
    billed: str | None,
    to: str | None,
    day: str | None,
    again: bool,
    yes: bool,
    queue: bool,
) -> Report:
    """Post the resolution of a ticket, set it to Resolved, and offer its session log.

    TEXT is markdown; left out, it is read from standard input, or typed in your editor, where your notes of the ticket
    stand already. The session log is written when all of it is in Syncro and was read back.
    """
    from synclog.core.tobill import RESOLUTION

    note = note_of(minutes=minutes, billed=billed, labor=labor, subject=RESOLUTION, to=to, day=day)
    if queue and log:
        raise UsageError("--log writes what was posted: it does not go with --queue")
    way = Sending.of(app, yes=yes, queue=queue)
    file = way.file_of(number)
    text = piped_text() if text is None else text
    if queue:
        return _Close(app, way, file, None, log, again).run(note, text)
    with app.session(way.workspace) as session:
        return _Close(app, way, file, session, log, again).run(note, text)


class _Close:
    """One ticket's closing. Without a `session` (--queue) Syncro is not asked."""

    def __init__(
        self, app: App, way: Sending, file: TicketFile, session: Session | None, log: bool | None, again: bool
    ) -> None:
        self.app, self.way, self.file, self.session, self.log, self.again = app, way, file, session, log, again
        assert file.number is not None
        self.number = file.number

    def run(self, note: Note, text: str | None) -> Report:
        from synclog.app.account import account_of, known_account
        from synclog.app.closing import status_of_closing, with_live_status
        from synclog.app.entering import enter, with_work
        from synclog.app.tobill import check_begun, check_not_posted, close_begun

        workspace, file = self.way.workspace, self.file
        account = account_of(self.session) if self.session else known_account(workspace)
        resolved = status_of_closing(account)
        begun = None if self.again else close_begun(workspace, file, resolved)
        if begun is not None:
            given = note.with_text(text or "") if text is not None or note.minutes is not None else None
            check_begun(file, begun, given, with_text=text is not None, command="close")
            self.app.tell(f"#{self.number}: an earlier close is not finished: it goes on with that and adds nothing")
            return self.send(resolved if resolved != file.fields.get("status") else None)
        if self.session is not None:
            self.file = file = with_live_status(self.session, file)
        self.check_open()
        if note.minutes is not None and note.labor is None:
            note = replace(note, labor=ask_labor(self.app, workspace.settings, always=False))
        typed = TypedText(workspace, f"close-{self.number}")
        written = note.with_text(text_of(self.app, text, typed, "the resolution", self.prefilled))
        check_not_posted(workspace, file, written)
        enter(workspace, file.path, with_work(written, {"status": resolved}), tell=self.app.tell)
        typed.arrived()
        return self.send(None)

    def check_open(self) -> None:
        """Ask about a ticket that is done already. Raises DecisionNeeded where it is to stay as it is."""
        from synclog.app.views import FINISHED

        written = self.file.fields.get("status")
        status = clean_line(written) if isinstance(written, str) else ""
        if self.again or status.casefold() not in {done.casefold() for done in FINISHED}:
            return
        words = f"#{self.number} is {status} already"
        if not (self.app.interactive and click.confirm(inert(f"{words}. Resolve it once more?"), err=True)):
            raise DecisionNeeded(f"{words}; nothing was done", remedy="add --again to post another resolution")

    def prefilled(self) -> str:
        """What the resolution is written from."""
        from synclog.app.closing import prefill

        names = [self.session.client.me().name] if self.session else []
        return prefill(self.way.workspace, self.file, names)

    def send(self, status: str | None) -> Report:
        """Push, and then write the session log. `status` is to be set first where an earlier run did not come to it."""
        if status is not None:
            from synclog.app.entering import enter, with_values

            enter(self.way.workspace, self.file.path, with_values({"status": status}), tell=self.app.tell)
        if self.session is None:
            report = self.way.queued(self.file.path, [self.number])
        else:
            report = self.way.push(self.session, self.file.path, [self.number])
        return self.with_log(report)

    def with_log(self, report: Report) -> Report:
        """Return the report with that of the session log, where one is wanted and all was read back."""
        document = {**report.result, "log": None}
        if self.session is None:
            return replace(report, result=document)
        if report.exit_code != Exit.DONE or report.result["declined"] or self.is_pending():
            wanted = self.log or (self.log is None and self.app.interactive)
            lines = [*report.lines, *(["no session log: not all of it is in Syncro"] if wanted else [])]
            return replace(report, result=document, lines=lines)
        if self.log is None and self.app.interactive:
            self.app.finish_lines(report.lines)
            report = replace(report, lines=[])
            self.log = click.confirm("Write the session log?", default=True, err=True)
        if not self.log:
            return replace(report, result=document)
        from synclog.app.sessionlogs import write_session_log

        try:
            written = write_session_log(self.way.workspace, self.number)
        except SynclogError as error:
            # What was posted is told all the same.
            code = worst(report.exit_code, error.exit_code)
            return replace(report, result=document, errors=[*report.errors, error], exit_code=code)
        lines = [*report.lines, f"session log: {written.path}"]
        return replace(report, result=document | {"log": written.path}, lines=lines)

    def is_pending(self) -> bool:
        """Whether something of the ticket still waits in its file that was to be sent."""
        from synclog.app.status import status

        return any(work.is_pending for work in status(self.way.workspace, [self.number]).works)
