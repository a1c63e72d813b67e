"""`customers create`: a customer, exactly once, with a card here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from synclog.cli.context import App, Report, pass_app, reporting, say
from synclog.errors import DecisionNeeded, Exit, UsageError

if TYPE_CHECKING:
    from synclog.app.newcustomers import Made, Plan
    from synclog.model import Customer


@click.command(
    "customers create",
    epilog="""\b
Examples:
  synclog customers create "Hollow Oak Dental" --phone 602-555-0114
  synclog customers create "Hollow Oak Dental" --first-name Ana --last-name Ruiz --email ana@hollowoak.example --yes
""",
)
@click.argument("name")
@click.option("--email", metavar="E", help="The e-mail address.")
@click.option("--phone", metavar="P", help="The telephone number.")
@click.option("--mobile", metavar="P", help="The mobile number.")
@click.option("--address", metavar="A", help="Street and number.")
@click.option("--first-name", metavar="N", help="The first name of whom one talks to.")
@click.option("--last-name", metavar="N", help="The last name of whom one talks to.")
@click.option("--another", is_flag=True, help="Another one, though a customer has exactly that name.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@pass_app
@reporting
def create(
    app: App,
    name: str,
    email: str | None,
    phone: str | None,
    mobile: str | None,
    address: str | None,
    first_name: str | None,
    last_name: str | None,
    another: bool,
    yes: bool,
) -> Report:
    """Create a customer in Syncro, once, and their card here.

    Who has exactly that name already is shown, and nothing is sent. What is sent is written down on the card before; a
    run that lost the answer, or was killed, is finished by the same command.
    """
    from synclog.app.newcustomers import create_customer
    from synclog.core.newcustomers import new_customer

    new = new_customer(
        name, firstname=first_name, lastname=last_name, email=email, phone=phone, mobile=mobile, address=address
    )
    workspace = app.workspace()
    _check_may_send(app, workspace.settings.confirm, yes=yes)
    with app.session(workspace) as session:
        made = create_customer(session, new, confirm=lambda plan: _confirm(app, plan, yes=yes), another=another)
    return _report(new.business_name, made)


def _check_may_send(app: App, confirm: str, *, yes: bool) -> None:
    """Raise UsageError where nobody can be asked, or where only what was shown may be sent."""
    if confirm == "plan" and (yes or not app.interactive):
        remedy = "run it on a terminal, without --yes: there it is shown and asked about"
        raise UsageError("this workspace sends shown plans only (push.confirm: plan)", remedy=remedy)
    if not (yes or app.interactive):
        raise UsageError("there is no terminal to ask on", remedy="add --yes")


def _confirm(app: App, plan: Plan, *, yes: bool) -> bool:
    """Show what would be sent on stderr and ask; with `yes` only show it."""
    app.end_progress()
    if not app.as_json and not app.quiet:
        say(f"create a customer, as {plan.technician}:", sys.stderr)
        for key, value in plan.sends.items():
            say(f"    {key:<13} {value}", sys.stderr)
        for customer in plan.there:
            say(f"    beside        {customer.name} ({customer.id}), who stays", sys.stderr)
        if plan.begun:
            say(f"    begun {plan.begun}: it is looked for first, for as long as `settle` says", sys.stderr)
    if yes:
        return True
    sys.stderr.flush()
    return click.confirm("Send this?", default=False, err=True)


def _report(name: str, made: Made) -> Report:
    document: dict[str, Any] = {
        "customer": _as_json(made.customer) if made.customer else None,
        "path": made.path or None,
        "was_there": made.was_there,
        "exist": [_as_json(customer) for customer in made.exist],
    }
    if made.exist:
        listed = "\n".join(f"{customer.id:>10}  {customer.name}" for customer in made.exist)
        error = DecisionNeeded(
            f"a customer is called {name!r} already, and nothing was sent:\n{listed}",
            remedy="--another makes another one of that name",
        )
        return Report(document, [], [error], Exit.DECISION)
    if made.customer is None:
        return Report(document, ["nothing was sent"])
    how = "was made by an earlier run, and is recorded" if made.was_there else "is made"
    return Report(document, [f"customer {made.customer.name} ({made.customer.id}) {how}: {made.path}"])


def _as_json(customer: Customer) -> dict[str, Any]:
    names = ("id", "name", "email", "phone", "mobile", "address")
    return {name: getattr(customer, name) for name in names}
