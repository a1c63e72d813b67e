"""`bill --all-unbilled`: a table of all that is unbilled, then one ticket after the other, each with its own push."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import click

from synclog.cli.billtext import survey_lines, unbilled_json, unbilled_words
from synclog.cli.context import App, Report, say
from synclog.cli.sending import Sending
from synclog.core.cleantext import inert
from synclog.errors import Exit, SynclogError, Unauthorised, worst

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.app.survey import Survey, UnbilledTicket

Reply = Literal["yes", "no", "all", "quit"]


def bill_all(app: App, way: Sending, customer: str | None) -> Report:
    """Bill everything unbilled of tickets that have a file here. What goes wrong with one ticket stops no other."""
    from synclog.app.survey import find_unbilled

    with app.session(way.workspace) as session:
        survey = find_unbilled(session, customer)
        app.end_progress()
        if not app.as_json and not app.quiet:
            for line in survey_lines(survey):
                say(line, sys.stderr)
        return _Round(app, way, session, survey).run()


class _Round:
    """The tickets of a survey, one after the other."""

    def __init__(self, app: App, way: Sending, session: Session, survey: Survey) -> None:
        self.app, self.way, self.session, self.survey = app, way, session, survey
        self.reports: list[tuple[int, Report]] = []
        self.errors: list[SynclogError] = list(survey.failed)

    def run(self) -> Report:
        yes = self.way.yes or self.way.queue
        for ticket in self.survey.tickets:
            if ticket.left_out:
                continue
            reply: Reply = "yes" if yes else _asked(ticket)
            if reply == "quit":
                break
            if reply == "no":
                continue
            yes = yes or reply == "all"
            try:
                # Who said yes to what is unbilled has not seen what else waits in the file by now: the plan asks.
                way = replace(self.way, yes=self.way.yes or not self.holds_more(ticket))
                report = self.bill(ticket, way)
                self.app.finish_lines(report.lines)
                self.reports.append((ticket.number, report))
            except Unauthorised:
                raise
            except SynclogError as error:
                self.errors.append(error)
        return self.report()

    def holds_more(self, ticket: UnbilledTicket) -> bool:
        """Whether something waits in the ticket's file, that may have been written since it was looked at."""
        from synclog.app.entering import ticket_here

        file = ticket_here(self.way.workspace, ticket.number)
        return ticket.pending or file is None or bool(file.notes or file.edits or file.doing)

    def bill(self, ticket: UnbilledTicket, way: Sending) -> Report:
        from synclog.app.entering import enter, fetch_ticket, with_values
        from synclog.app.unbilled import invoices_of, learn_invoices

        if not way.queue:
            file = fetch_ticket(self.session, ticket.number)
            learn_invoices(self.session, file, invoices_of(self.session, ticket.id))
        enter(way.workspace, ticket.path, with_values({"invoice": True}), tell=self.app.tell)
        if way.queue:
            return way.queued(ticket.path, [ticket.number])
        return way.push(self.session, ticket.path, [ticket.number])

    def report(self) -> Report:
        survey = self.survey
        document: dict[str, Any] = {
            "tickets": [unbilled_json(ticket) for ticket in survey.tickets],
            "unposted": [{"number": number, "unposted_notes": count} for number, count in survey.unposted],
            "looked_at": survey.looked_at,
            "pulled_to": survey.pulled_to.isoformat() if survey.pulled_to else None,
            "invalid": [error.path for error in survey.invalid],
            "billed": [{"number": number, **report.result} for number, report in self.reports],
        }
        errors = [*self.errors, *(error for _, report in self.reports for error in report.errors)]
        decides = survey.invalid or any(ticket.decision for ticket in survey.tickets)
        code = worst(
            Exit.DECISION if decides else Exit.DONE,
            *(report.exit_code for _, report in self.reports),
            *(error.exit_code for error in self.errors),
        )
        return Report(document, [] if self.reports else ["nothing was billed"], errors, code)


def _asked(ticket: UnbilledTicket) -> Reply:
    """Ask about one ticket."""
    replies: dict[str, Reply] = {"y": "yes", "n": "no", "a": "all", "q": "quit"}
    replies |= {word: word for word in replies.values()}

    def read(answer: str) -> Reply:
        reply = replies.get(answer.strip().casefold())
        if reply is None:
            raise click.UsageError("y, n, all or quit")
        return reply

    words = f"Bill #{ticket.number}, {ticket.customer}, {unbilled_words(ticket.unbilled)}? [y/n/all/quit]"
    answered: Reply = click.prompt(inert(words), default="n", show_default=False, value_proc=read, err=True)
    return answered
