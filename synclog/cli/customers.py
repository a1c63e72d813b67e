"""`customers`: who is meant, and how to reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from synclog.cli.columns import Column, table_lines
from synclog.cli.completing import CUSTOMER
from synclog.cli.context import App, Report, pass_app, reporting

if TYPE_CHECKING:
    from synclog.model import Customer


@click.command(
    epilog="""\b
Examples:
  synclog customers bakery
  synclog customers joyce javelina       a contact's name will do, too
  synclog customers 602-555 --remote
"""
)
@click.argument("query", nargs=-1, required=True, type=CUSTOMER)
@click.option("--remote", is_flag=True, help="Let Syncro search instead of the mirror.")
@pass_app
@reporting
def customers(app: App, query: tuple[str, ...], remote: bool) -> Report:
    """Find customers, a line each: id, name, phone, e-mail.

    All words have to be in a customer's name, id, e-mail, phone or address, or in a contact's. When no customer of the
    mirror fits, Syncro is asked, which knows prepaid hours, too.
    """
    from synclog.app.customers import find_mirrored, find_remote

    typed = " ".join(query)
    workspace = app.workspace()
    found = [] if remote else find_mirrored(workspace, typed)
    source = "mirror" if found else "syncro"
    if not found:
        if not remote:
            app.tell("no customer of the mirror fits; asking Syncro")
        with app.session(workspace) as session:
            found = find_remote(session, typed)
    result = {"customers": [customer_json(customer) for customer in found], "source": source}
    return Report(result, _lines(found, typed) if found else ["no such customer"])


def _lines(found: list[Customer], query: str) -> list[str]:
    columns = (
        Column("id", right=True, fg="yellow"),
        Column("name", wraps=True),
        Column("phone", most=20),
        Column("e-mail", most=36),
        Column("prepaid h", right=True),
    )
    rows = [
        (
            str(customer.id),
            customer.name + _told_of(customer, query),
            customer.phone or customer.mobile or "",
            customer.email or "",
            f"{customer.prepay_hours:f}" if customer.prepay_hours else "",
        )
        for customer in found
    ]
    return table_lines(columns, rows)


def _told_of(customer: Customer, query: str) -> str:
    """Which contacts are meant, where the customer's own name does not show why it was found."""
    from synclog.core.people import fitting_contacts

    people = ", ".join(person.name for person in fitting_contacts(customer, query))
    return f" ({people})" if people else ""


def customer_json(customer: Customer) -> dict[str, Any]:
    """Return a customer for `--json`."""
    contacts = [{"id": p.id, "name": p.name, "email": p.email, "phone": p.phone} for p in customer.contacts]
    return {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "mobile": customer.mobile,
        "address": customer.address,
        "contacts": contacts,
        "prepaid_hours": None if customer.prepay_hours is None else str(customer.prepay_hours),
    }
