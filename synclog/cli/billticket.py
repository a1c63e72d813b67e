"""`bill`: one ticket's work into an invoice, or with `--all-unbilled` that of all tickets, one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from synclog.cli.asking import ask_labor, ask_minutes, ask_text
from synclog.cli.billtext import billing_lines
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.cli.notes import labor_option, note_of, time_option
from synclog.cli.sending import Sending, sending
from synclog.cli.texts import TypedText, piped_text, text_of
from synclog.errors import DecisionNeeded, Exit, UsageError

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.app.unbilled import Billing
    from synclog.core.notes import Note


@click.command(
    epilog="""\b
Examples:
  synclog bill 32162                     details, then the questions for minutes, labor and text
  synclog bill 32162 "Replaced the failed disk." --time 1h30m --labor remote --yes
  synclog bill 32162 --no-time           what is unbilled already, nothing new
  synclog bill --all-unbilled            everything unbilled, ticket by ticket
  synclog bill --all-unbilled --customer dental --yes
"""
)
@click.argument("number", required=False, type=click.IntRange(min=1))
@click.argument("text", required=False)
@time_option
@click.option("--no-time", is_flag=True, help="Bill what is unbilled already, without new time.")
@labor_option
@click.option("--billed", metavar="TIME", help="What is billed instead of the time worked.")
@click.option("--subject", metavar="S", help="The comment's subject; synclog.yaml's default when left out.")
@click.option("--to", type=click.Choice(["private", "public", "email"]), help="Who sees it; email sends it as well.")
@click.option("--date", "day", metavar="D", help="When the work began: 2026-04-17, 2026-04-17 09:00, yesterday.")
@click.option("--again", is_flag=True, help="Add this note even if an earlier bill is not finished.")
@click.option("--all-unbilled", is_flag=True, help="All tickets with unbilled work that have a file here.")
@click.option("--customer", metavar="C", help="With --all-unbilled: only customers whose name has this in it.")
@sending
@pass_app
@reporting
def bill(
    app: App,
    number: int | None,
    text: str | None,
    minutes: str | None,
    no_time: bool,
    labor: str | None,
    billed: str | None,
    subject: str | None,
    to: str | None,
    day: str | None,
    again: bool,
    all_unbilled: bool,
    customer: str | None,
    yes: bool,
    queue: bool,
) -> Report:
    """Post time on a ticket, make the invoice of all that is unbilled, and set the ticket to Invoiced.

    The ticket's details come first. On a terminal minutes, labor and text are asked for where they are not given. The
    plan shows rate and expected total before anything is sent; afterwards it is said what the invoice came to.
    """
    note = note_of(minutes=minutes, billed=billed, labor=labor, subject=subject, to=to, day=day)
    if number is None or all_unbilled:
        about_one = (number, text, minutes, labor, billed, subject, to, day)
        _check_all(all_unbilled, any(word is not None for word in about_one) or no_time or again)
        from synclog.cli.billall import bill_all

        return bill_all(app, Sending.of(app, yes=yes, queue=queue), customer)
    if customer is not None:
        raise UsageError("--customer goes with --all-unbilled")
    if no_time and any(word is not None for word in (minutes, labor, billed)):
        raise UsageError("--no-time takes no --time, --labor or --billed")
    way = Sending.of(app, yes=yes, queue=queue)
    file = way.file_of(number)
    if text is None and note.minutes is not None:
        text = piped_text()
    if text is not None and not text.strip():
        raise UsageError("the text is empty", remedy="leave it out to type it in your editor")
    if queue:
        from synclog.app.unbilled import billing_here

        return _Bill(app, way, billing_here(way.workspace, file), None, again).run(note, text, no_time)
    with app.session(way.workspace) as session:
        from synclog.app.unbilled import read_billing

        return _Bill(app, way, read_billing(session, file), session, again).run(note, text, no_time)


def _check_all(all_unbilled: bool, about_one: bool) -> None:
    if not all_unbilled:
        raise UsageError("which ticket?", remedy="name its number, or --all-unbilled")
    if about_one:
        raise UsageError("--all-unbilled takes no ticket, text or time of one", remedy="bill that ticket by itself")


class _Bill:
    """One ticket's way to its invoice. Without a `session` (--queue) Syncro is not asked."""

    def __init__(self, app: App, way: Sending, billing: Billing, session: Session | None, again: bool) -> None:
        self.app, self.way, self.billing, self.session, self.again = app, way, billing, session, again
        self.file = billing.file
        assert self.file.number is not None
        self.number = self.file.number

    def run(self, note: Note, text: str | None, no_time: bool) -> Report:
        from synclog.app.tobill import bill_begun, check_begun, check_billable

        for line in billing_lines(self.billing):
            self.app.tell(line)
        begun = None if self.again else bill_begun(self.way.workspace, self.file)
        if begun is not None:
            given = note.with_text(text or "") if text or note.minutes is not None else None
            check_begun(self.file, begun, given, with_text=text is not None, command="bill")
            if self.file.invoice:
                check_billable(self.billing, adds_time=True)
            self.app.tell(f"#{self.number}: an earlier bill is not finished: it goes on with that one and adds nothing")
            return self.send(went_on=True)
        asks = note.minutes is None and not no_time and self.app.interactive
        if not asks and note.minutes is None and not no_time:
            raise UsageError("how long did it take?", remedy="add --time, or --no-time for what is unbilled already")
        # What stands against any invoice is said before somebody answers questions.
        if not check_billable(self.billing, adds_time=asks or note.minutes is not None):
            return self.invoiced(text)
        if asks:
            note = replace(note, minutes=ask_minutes(self.way.workspace.settings.defaults.minutes))
            if not check_billable(self.billing, adds_time=note.minutes is not None):
                return self.invoiced(text)
        if note.minutes is not None and note.labor is None:
            note = replace(note, labor=ask_labor(self.app, self.way.workspace.settings, always=asks))
        if asks and note.minutes is not None and text is None:
            text = ask_text("What was done (nothing: your editor)")
        return self.enter(note, text)

    def enter(self, note: Note, text: str | None) -> Report:
        """Write note and invoice into the file in one edit, and send them."""
        from synclog.app.entering import enter, with_work
        from synclog.app.tobill import check_not_posted

        typed = TypedText(self.way.workspace, f"bill-{self.number}")
        if note.minutes is not None and text is None:
            text = text_of(self.app, None, typed, "what was done")
        written = note.with_text(text.strip()) if text is not None else None
        if written is not None:
            check_not_posted(self.way.workspace, self.file, written)
        if self.session is not None:
            from synclog.app.unbilled import learn_invoices

            self.file = learn_invoices(self.session, self.file, self.billing.invoices)
        enter(self.way.workspace, self.file.path, with_work(written, {"invoice": True}), tell=self.app.tell)
        typed.arrived()
        return self.send(went_on=False)

    def send(self, *, went_on: bool) -> Report:
        if self.session is None:
            report = self.way.queued(self.file.path, [self.number])
        else:
            report = self.way.push(self.session, self.file.path, [self.number])
            report = self.checked(report)
        return replace(report, result={**report.result, "went_on": went_on, "invoices": list(self.billing.invoices)})

    def checked(self, report: Report) -> Report:
        """The report of the push; it is not done where no invoice was made, whatever kept it from being asked for."""
        made = any(done["op"] == "invoice" for done in report.result["done"])
        if made or report.exit_code != Exit.DONE or report.result["declined"] or not self.asks_still():
            return report
        error = DecisionNeeded(
            f"#{self.number}: no invoice was made: it waits in {self.file.path}",
            remedy=f"`synclog diff {self.number}` says what for",
        )
        return replace(report, errors=(*report.errors, error), exit_code=error.exit_code)

    def asks_still(self) -> bool:
        """Whether the file asks for an invoice."""
        from synclog.app.entering import ticket_here

        file = ticket_here(self.way.workspace, self.number)
        return file is not None and file.invoice

    def invoiced(self, text: str | None) -> Report:
        """Say that there is nothing left to do. Raises DecisionNeeded where a text would be dropped by that."""
        numbers = ", ".join(self.billing.invoices)
        words = f"#{self.number} is invoiced already ({numbers}), and nothing is unbilled"
        if text is not None:
            raise DecisionNeeded(f"{words}; nothing was done", remedy=f"`synclog comment {self.number}` posts the text")
        document = {"path": self.file.path, "queued": False, "went_on": False, "invoices": list(self.billing.invoices)}
        return Report(document, [words])
