"""`create`: a new ticket as a draft in its customer's folder, and from there to Syncro."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

import click

from synclog.cli.completing import CUSTOMER, STATUS
from synclog.cli.context import App, Report, pass_app, reporting, say
from synclog.cli.fields import field_options
from synclog.cli.sending import Sending, sending
from synclog.cli.texts import TypedText, optional_text_of
from synclog.errors import DecisionNeeded, Exit, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from synclog.app.newtickets import NewTicket
    from synclog.app.session import Session
    from synclog.model import Audience, Person

_SHOWN = 50


@click.command(
    epilog="""\b
Examples:
  synclog create "Saguaro Smiles" "New switch for the front office"
  synclog create 31270418 "Scanner offline" "It says E-12." --priority High --to email --yes
  synclog create saguaro "Quarterly check" --due-date 2026-05-04 --queue <checklist.md
"""
)
@click.argument("customer", type=CUSTOMER)
@click.argument("subject")
@click.argument("body", required=False)
@click.option("--status", metavar="S", type=STATUS, help="The status: a beginning will do. Syncro's own when left out.")
@field_options
@click.option("--to", type=click.Choice(["private", "public", "email"]), help="Who sees the first comment.")
@click.option("--again", is_flag=True, help="Another one, though an equal one waits or was created today.")
@sending
@pass_app
@reporting
def create(
    app: App,
    customer: str,
    subject: str,
    body: str | None,
    status: str | None,
    priority: str | None,
    problem_type: str | None,
    due_date: str | None,
    assigned_to: str | None,
    contact: str | None,
    tag: tuple[str, ...],
    to: str | None,
    again: bool,
    yes: bool,
    queue: bool,
) -> Report:
    """Create a ticket of a customer: a draft in their folder, and with a push the ticket.

    CUSTOMER is an id, or words of the name. BODY is the first comment, in markdown; left out, it is read from standard
    input, or typed in your editor. Without any the subject is the first comment. A technician who is not named is the
    key's owner.
    """
    from synclog.core.cleantext import clean_line
    from synclog.core.wanted import tags_after, wanted_of

    texts = {
        "status": status,
        "priority": priority,
        "problem_type": problem_type,
        "due_date": due_date,
        "assigned_to": assigned_to,
        "contact": contact,
    }
    wanted = wanted_of(texts, add=tag)
    if not clean_line(subject):
        raise UsageError("the subject is empty", remedy="say in a line what it is about")
    way = Sending.of(app, yes=yes, queue=queue)
    with ExitStack() as stack:
        connected = _once(lambda: stack.enter_context(app.session(way.workspace)))
        if not queue:
            connected()
        chosen = _chosen(app, way, customer, connected)
        if isinstance(chosen, Report):
            return chosen
        from synclog.app.newtickets import NewTicket
        from synclog.app.wanting import kept_values, live_values

        values = kept_values(way.workspace, wanted) if queue else live_values(connected(), chosen.id, wanted)
        fields = {**values, "tags": tags_after(None, wanted)}
        typed = TypedText(way.workspace, f"create-{chosen.id}")
        description = optional_text_of(app, body, typed, "the first comment; without any it is the subject")
        new = NewTicket(chosen, clean_line(subject), description or None, cast("Audience | None", to), fields)
        path = _entered(app, way, new, connected, again=again)
        typed.arrived()
        if queue:
            return way.queued(path)
        return _under_its_number(way, way.push(connected(), path, drafts=[path]), path)


def _chosen(app: App, way: Sending, words: str, connected: Callable[[], Session]) -> Person | Report:
    """The customer whom the words mean; a report of those whom they may mean where nobody can be asked."""
    from synclog.app.choosing import choose_customer

    choice = choose_customer(way.workspace, words, connected)
    if len(choice.fitting) == 1:
        return choice.fitting[0]
    offered = choice.fitting or choice.near
    lines = [f"{person.id:>10}  {person.name}" for person in offered[:_SHOWN]]
    more = len(offered) - len(lines)
    lines += [f"{more} more: add words of the name"] if more else []
    if app.interactive and choice.fitting and not more:
        return _asked(choice.fitting)
    known = "these come near:\n" + "\n".join(lines) if lines else "`synclog customers create` makes a new one"
    error = (
        UsageError(f"more than one customer fits {words!r}:\n" + "\n".join(lines), remedy="name one by id")
        if choice.fitting
        else UsageError(f"no customer fits {words!r}", remedy=known)
    )
    document = [{"id": person.id, "name": person.name} for person in offered]
    return Report({"customers": document}, [], [error], error.exit_code)


def _asked(people: Sequence[Person]) -> Person:
    """Have one of the customers chosen by number."""
    for place, person in enumerate(people, start=1):
        say(f"{place:>4}  {person.name} ({person.id})", sys.stderr)
    place = click.prompt("Which customer?", type=click.IntRange(1, len(people)), err=True)
    return people[place - 1]


def _entered(app: App, way: Sending, new: NewTicket, connected: Callable[[], Session], *, again: bool) -> str:
    """Write the draft, with the customer's card where there is none; asks where it may be there already."""
    from dataclasses import replace

    from synclog.app.drafts import customers_here
    from synclog.app.newtickets import enter_draft, equal_before

    today = _today(way)
    before = equal_before(way.workspace, new, today)
    if before is not None and before.number and not again and app.interactive:
        say(f"Ticket {before.number} was created today with the same words.", sys.stderr)
        again = click.confirm("Create another one?", default=False, err=True)
    if new.customer.id not in customers_here(way.workspace):
        new = replace(new, card=connected().client.customer(new.customer.id))
    path, waited = enter_draft(way.workspace, new, today, again=again, owner=lambda: connected().client.me().user_id)
    if waited:
        app.tell(f"the same ticket waits in {path} already: that one it is, and --again makes another")
    return path


def _today(way: Sending) -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).astimezone(way.workspace.settings.timezone).date()


def _once(make: Callable[[], Session]) -> Callable[[], Session]:
    """Open a session when it is wanted first, and only once."""
    opened: list[Session] = []

    def session() -> Session:
        if not opened:
            opened.append(make())
        return opened[0]

    return session


def _under_its_number(way: Sending, report: Report, draft: str) -> Report:
    """The report with the file that the draft has become."""
    from synclog.app.entering import ticket_here

    made = [done["number"] for done in report.result["done"] if done["op"] == "create" and done["what"] == draft]
    file = ticket_here(way.workspace, made[0]) if made else None
    more: Mapping[str, object] = {"path": file.path if file else draft, "number": made[0] if made else None}
    errors, code = report.errors, report.exit_code
    if not made and code == Exit.DONE and not report.result["declined"]:
        # What holds a draft back without a decision: it is another technician's.
        error = DecisionNeeded(
            f"no ticket was created: the draft {draft} is another technician's, or waits",
            remedy="`synclog diff` says what for; `synclog push --for NAME` pushes theirs, --again makes your own",
        )
        errors, code = (*errors, error), error.exit_code
    return Report({**report.result, **more}, report.lines, errors, code)
