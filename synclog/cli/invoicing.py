"""`invoice add-item`, `invoice delete`: changing an invoice that there is."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import partial

import click

from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import UsageError


@click.command(
    "invoice add-item",
    epilog="""\b
Examples:
  synclog invoice add-item 1187 --product 8812 --quantity 2
  synclog invoice add-item 1187 --name "Patch cable, 2 m" --price 9.90
""",
)
@click.argument("invoice")
@click.option("--product", type=click.IntRange(min=1), metavar="ID", help="A product of the catalogue, by its id.")
@click.option("--name", metavar="N", help="What is sold; the product's name.")
@click.option("--quantity", default="1", metavar="Q", help="How many, or how many hours; 1.")
@click.option("--price", metavar="P", help="The price of one; the product's of now.")
@click.option("--text", default="", metavar="T", help="What the line says of it, one line.")
@click.option("--again", is_flag=True, help="Add it though the very same was added before.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--queue", is_flag=True, help="Leave it in the ticket's file, for a later push.")
@pass_app
@reporting
def add_item(
    app: App,
    invoice: str,
    product: int | None,
    name: str | None,
    quantity: str,
    price: str | None,
    text: str,
    again: bool,
    yes: bool,
    queue: bool,
) -> Report:
    """Add a line to an invoice, by the invoice's number."""
    from synclog.app.push.oneoffs.commands import add_invoice_line
    from synclog.app.push.oneoffs.making import Line
    from synclog.cli.oneoffs import check_confirm, one_off_report
    from synclog.cli.sending import confirm_plan

    workspace = app.workspace()
    check_confirm(app, workspace, yes=yes, queue=queue)
    amount = _number(price, "price") if price is not None else None
    line = Line(_number(quantity, "quantity"), name or "", product, amount, text)
    confirm = partial(confirm_plan, app, yes=yes)
    with app.session(workspace) as session:
        result = add_invoice_line(session, invoice, line, again=again, confirm=confirm, queue=queue)
    return one_off_report(result)


@click.command(
    "invoice delete",
    epilog="""\b
Examples:
  synclog invoice delete 1187
  synclog invoice delete 1187 --yes
""",
)
@click.argument("invoice")
@click.option("--yes", is_flag=True, help="Delete without asking for the number again.")
@pass_app
@reporting
def delete_invoice(app: App, invoice: str, yes: bool) -> Report:
    """Delete an invoice, by its number: what is on it is unbilled again. The ticket's status stays."""
    from synclog.app.push.oneoffs.commands import delete_invoice as run
    from synclog.cli.oneoffs import check_confirm, confirm_by_name, one_off_report

    workspace = app.workspace()
    check_confirm(app, workspace, yes=yes, can_queue=False)
    confirm = partial(confirm_by_name, app, yes=yes, name=invoice.strip().removeprefix("#"), what="invoice")
    with app.session(workspace) as session:
        result = run(session, invoice, confirm=confirm)
    return one_off_report(result)


def _number(text: str, name: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UsageError(f"--{name} {text} is not a number", remedy="write it with a point: 9.90")
    return number
