"""`comment`: a note into a ticket's file, and from there to Syncro."""

from __future__ import annotations

import click

from synclog.cli.completing import TICKET
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.cli.notes import labor_option, note_of, time_option
from synclog.cli.sending import Sending, sending
from synclog.cli.texts import TypedText, text_of


@click.command(
    epilog="""\b
Examples:
  synclog comment 32162 "Replaced the failed disk." --time 1h30m --labor remote
  synclog comment 32162 "Waiting for the part." --to email --yes
  synclog comment 32162 --time 45 --queue     the text from your editor; posted by the next push
  synclog comment 32162 --to private <notes.md
"""
)
@click.argument("number", type=TICKET)
@click.argument("text", required=False)
@time_option
@labor_option
@click.option("--billed", metavar="TIME", help="What is billed instead of the time worked.")
@click.option("--subject", metavar="S", help="The comment's subject; synclog.yaml's default when left out.")
@click.option("--to", type=click.Choice(["private", "public", "email"]), help="Who sees it; email sends it as well.")
@click.option("--date", "day", metavar="D", help="When the work began: 2026-04-17, 2026-04-17 09:00, yesterday.")
@click.option("--again", is_flag=True, help="Another one, though the very same note waits in the file.")
@sending
@pass_app
@reporting
def comment(
    app: App,
    number: int,
    text: str | None,
    minutes: str | None,
    labor: str | None,
    billed: str | None,
    subject: str | None,
    to: str | None,
    day: str | None,
    again: bool,
    yes: bool,
    queue: bool,
) -> Report:
    """Write a note into a ticket's file and post it, with its time.

    TEXT is markdown; left out, it is read from standard input, or typed in your editor. What else is pending on the
    ticket is posted with it. The plan is shown before anything is sent. Where the very same note waits in the file, as
    after a run that failed, it is that one.
    """
    from synclog.app.entering import enter, holds_note, with_note
    from synclog.app.tobill import check_not_posted

    note = note_of(minutes=minutes, billed=billed, labor=labor, subject=subject, to=to, day=day)
    way = Sending.of(app, yes=yes, queue=queue)
    file = way.file_of(number)
    typed = TypedText(way.workspace, f"comment-{number}")
    written = note.with_text(text_of(app, text, typed, "the comment"))
    if not again and holds_note(file, written):
        app.tell(f"#{number}: the same note waits in the file already: that one it is, and --again adds another")
    else:
        check_not_posted(way.workspace, file, written)
        enter(way.workspace, file.path, with_note(written), tell=app.tell)
    typed.arrived()
    return way.send(file.path, [number])
