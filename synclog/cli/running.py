"""`start`, `stop`: a running timer, and the note that it becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from synclog.cli.context import App, Report, pass_app, reporting
from synclog.cli.notes import labor_option, note_of
from synclog.cli.runningtext import running_json, running_words
from synclog.cli.sending import Sending, sending
from synclog.cli.stopping import Stopping, is_number
from synclog.cli.workedtime import moment_of
from synclog.errors import UsageError

if TYPE_CHECKING:
    from synclog.core.ticketfile import TicketFile


@click.command(
    epilog="""\b
Examples:
  synclog start 32162
  synclog start 32162 --at 9:15                it began a while ago
  synclog start new-switch.md --labor onsite   a ticket that is not in Syncro yet
  synclog start 32164 --also                   beside the one that runs
"""
)
@click.argument("ticket", metavar="NUMBER")
@click.option("--at", metavar="T", help="When the work began: 9:15 (today), yesterday 16:30, 2026-04-17 09:15.")
@labor_option
@click.option("--also", is_flag=True, help="Start it beside one that is running.")
@pass_app
@reporting
def start(app: App, ticket: str, at: str | None, labor: str | None, also: bool) -> Report:
    """Start a timer for a ticket; `synclog stop` makes it a note.

    It runs on when the terminal is closed and over a restart, on this machine. NUMBER may be the path or the name of a
    new ticket's file as well. One timer runs at a time, unless you say --also.
    """
    from synclog.app.running import running_timers
    from synclog.app.running import start as run

    now = datetime.now(UTC)
    workspace = app.workspace()
    zone = workspace.settings.timezone
    since = now if at is None else moment_of(at, now, zone)
    way = Sending.of(app, yes=False, queue=True)
    Stopping(app, way, now).complete()
    timer = run(workspace, _file(way, ticket), since, now=now, labor=labor, also=also)
    rows = [running_json(one, now, zone) for one in running_timers(workspace)]
    return Report({"running": rows}, [f"running {running_words(timer, now, zone)}"])


def _file(way: Sending, ticket: str) -> TicketFile:
    """The file of the ticket that a person names."""
    from synclog.app.running import draft_named

    plain = ticket.removeprefix("#")
    return way.file_of(int(plain)) if is_number(plain) else draft_named(way.workspace, ticket)


@click.command(
    epilog="""\b
Examples:
  synclog stop "Replaced the failed disk."
  synclog stop "Replaced the failed disk." --yes     and post it
  synclog stop --at 17:30                            the text from your editor
  synclog stop "Moved the phones." --time 1h30m --ticket 32164
  synclog stop --discard
"""
)
@click.argument("text", required=False)
@click.option("--ticket", metavar="NUMBER", help="Whose timer, where several run: a number, or a new ticket's file.")
@click.option("--at", metavar="T", help="When the work ended: 17:30 (the first since the start), yesterday 17:30, now.")
@click.option("--time", "minutes", metavar="TIME", help="Time worked, instead of by the clock: 90, 90m, 1h30m, 1.5h.")
@labor_option
@click.option("--billed", metavar="TIME", help="What is billed instead of the time worked.")
@click.option("--subject", metavar="S", help="The comment's subject; synclog.yaml's default when left out.")
@click.option("--to", type=click.Choice(["private", "public", "email"]), help="Who sees it; email sends it as well.")
@click.option("--discard", is_flag=True, help="Forget the timer; no note is written.")
@click.option("--push", is_flag=True, help="Post the note now: show the plan, and ask.")
@sending
@pass_app
@reporting
def stop(
    app: App,
    text: str | None,
    ticket: str | None,
    at: str | None,
    minutes: str | None,
    labor: str | None,
    billed: str | None,
    subject: str | None,
    to: str | None,
    discard: bool,
    push: bool,
    yes: bool,
    queue: bool,
) -> Report:
    """Stop a timer: it becomes a note with its time in the ticket's file.

    TEXT is markdown; left out, it is read from standard input, or typed in your editor. Minutes are whole, what is
    begun of one counting whole. Nothing is sent, unless you say --push or --yes; `synclog push` posts it later. A timer
    of an earlier day, or of more than 12 hours, asks when the work ended.
    """
    if at is not None and minutes is not None:
        raise UsageError("--at and --time both say how long it was", remedy="leave out one of them")
    if text is not None and is_number(text.strip().removeprefix("#")):
        raise UsageError(f"`{text}` is not a text", remedy=f"a timer is chosen by `--ticket {text.strip()}`")
    if discard and (text is not None or at or minutes or push):
        raise UsageError("--discard makes no note", remedy="leave out --discard, or what the note would say")
    if queue and push:
        raise UsageError("--queue sends nothing: it takes no --push")
    given = note_of(minutes=minutes, billed=billed, labor=labor, subject=subject, to=to)
    sends = (push or yes) and not discard
    way = Sending.of(app, yes=yes and not discard, queue=queue or not sends)
    stopping = Stopping(app, way, datetime.now(UTC))
    if discard:
        return stopping.discard(stopping.chosen(ticket), sure=yes)
    done = stopping.finished(ticket, text)
    if done is None:
        timer = stopping.chosen(ticket)
        worked = stopping.clock.worked(timer, at, given.minutes)
        if worked is None:
            return stopping.discarded(timer)
        done = stopping.stop(timer, worked, given, text)
    return stopping.report(done)
