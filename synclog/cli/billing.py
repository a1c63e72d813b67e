"""`timers`, `invoices`, `invoice show`: time and money as Syncro has them now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from synclog.cli.columns import Column, named_lines, table_lines
from synclog.cli.completing import TICKET
from synclog.cli.context import App, Report, pass_app, reporting, styled
from synclog.core.cleantext import clean_line
from synclog.core.durations import format_minutes
from synclog.core.money import money

if TYPE_CHECKING:
    from datetime import tzinfo

    from synclog.app.billing import TicketTime
    from synclog.model import Invoice

_LATEST = 20
_STATES = {"no": "not billable"}


@click.command(
    epilog="""\b
Examples:
  synclog timers 32162
  synclog timers 32162 --json
"""
)
@click.argument("number", type=TICKET)
@pass_app
@reporting
def timers(app: App, number: int) -> Report:
    """Show a ticket's timer entries, as Syncro has them now: when, how long, what is billed of it.

    `open` is not charged yet, `charged` on no invoice yet. What the mirror holds of them is in `synclog show`.
    """
    from synclog.app.billing import ticket_time

    with app.session() as session:
        time = ticket_time(session, number)
    entries = [
        {
            "id": entry.id,
            "start": entry.start.isoformat(timespec="seconds"),
            "minutes": entry.minutes,
            "billed_minutes": entry.billed,
            "labor": entry.labor,
            "product_id": entry.product_id,
            "tech": entry.tech,
            "state": entry.state,
            "notes": entry.notes,
        }
        for entry in time.entries
    ]
    totals = {"minutes": time.minutes, "billed_minutes": time.billed, "unbilled_minutes": time.unbilled}
    result = {"number": time.number, "subject": time.subject, "customer": time.customer, "timers": entries, **totals}
    return Report(result, _time_lines(time))


def _time_lines(time: TicketTime) -> list[str]:
    title = f"#{time.number}  {clean_line(time.customer)} · {clean_line(time.subject)}"
    if not time.entries:
        return [styled(title, bold=True), "no timer entries"]
    columns = (
        Column("date"),
        Column("start"),
        Column("worked", right=True),
        Column("billed", right=True),
        Column("state"),
        Column("labor", most=20),
        Column("technician", most=20),
        Column("id", right=True),
        Column("notes", wraps=True),
    )
    rows = [
        (
            f"{entry.start:%Y-%m-%d}",
            f"{entry.start:%H:%M}",
            format_minutes(entry.minutes),
            format_minutes(entry.billed),
            _STATES.get(entry.state, entry.state),
            entry.labor,
            entry.tech,
            str(entry.id),
            entry.notes,
        )
        for entry in time.entries
    ]
    told = f"{format_minutes(time.minutes)} worked, {format_minutes(time.billed)} to bill"
    total = f"total: {told}, of that {format_minutes(time.unbilled)} on no invoice"
    return [styled(title, bold=True), *table_lines(columns, rows), total]


@click.command(
    epilog="""\b
Examples:
  synclog invoices 32162
  synclog invoices --limit 5
"""
)
@click.argument("number", required=False, type=TICKET)
@click.option(
    "--limit", metavar="N", type=click.IntRange(min=1), default=_LATEST, help="Without a number: so many; 20."
)
@pass_app
@reporting
def invoices(app: App, number: int | None, limit: int) -> Report:
    """List the invoices of a ticket, or without a number the account's latest, as Syncro has them now."""
    from synclog.app.billing import latest_invoices, ticket_invoices

    with app.session() as session:
        if number is not None:
            found = ticket_invoices(session, number)
            nothing = f"ticket {number} has no invoice"
        else:
            latest = latest_invoices(session, limit)
            found = latest.invoices
            nothing = f"no invoice was made in the last {latest.days} days"
            if found:
                app.tell(f"the latest {len(found)} of {latest.total} that were made in the last {latest.days} days")
        zone = session.workspace.settings.timezone
    result = {"ticket": number, "invoices": [_invoice_json(invoice, zone) for invoice in found]}
    columns = (
        Column("number", right=True, fg="yellow"),
        Column("date"),
        Column("total", right=True),
        Column("paid"),
        Column("customer", wraps=True),
    )
    rows = [(i.number, _day(i, zone), money(i.total), _paid(i), _customer(i)) for i in found]
    return Report(result, table_lines(columns, rows) if rows else [nothing])


@click.command(
    "invoice show",
    epilog="""\b
Examples:
  synclog invoice show 10231
  synclog invoice show 10231 --json
""",
)
@click.argument("name", metavar="NUMBER_OR_ID", type=click.IntRange(min=1))
@pass_app
@reporting
def invoice_show(app: App, name: int) -> Report:
    """Show an invoice with its lines, tax and total, as Syncro has it now."""
    from synclog.app.billing import invoice_detail

    with app.session() as session:
        detail = invoice_detail(session, name)
        zone = session.workspace.settings.timezone
    invoice, ticket = detail.invoice, detail.ticket
    lines = [
        {"name": line.name, "quantity": str(line.quantity), "price": str(line.price), "product_id": line.product_id}
        for line in invoice.lines or ()
    ]
    result = _invoice_json(invoice, zone) | {
        "customer": detail.customer,
        "ticket": ticket.number if ticket else None,
        "subject": ticket.subject if ticket else None,
        "lines": lines,
    }
    pairs = [
        ("customer", f"{detail.customer} (id {invoice.customer_id})"),
        ("ticket", f"#{ticket.number} {ticket.subject}" if ticket else ""),
        ("paid", _paid(invoice)),
    ]
    sums = [("subtotal", money(invoice.subtotal)), ("tax", money(invoice.tax)), ("total", money(invoice.total))]
    columns = (Column("quantity", right=True), Column("price", right=True), Column("what", wraps=True))
    rows = [(f"{line.quantity:f}", money(line.price), line.name) for line in invoice.lines or ()]
    title = f"Invoice {clean_line(invoice.number)} of {_day(invoice, zone)} (id {invoice.id})"
    table = table_lines(columns, rows, "  ") if rows else ["  no lines"]
    return Report(result, [styled(title, bold=True), *named_lines(pairs), "", *table, "", *named_lines(sums)])


def _invoice_json(invoice: Invoice, zone: tzinfo) -> dict[str, Any]:
    return {
        "id": invoice.id,
        "number": invoice.number,
        "date": _day(invoice, zone),
        "customer": _customer(invoice),
        "customer_id": invoice.customer_id,
        "ticket_id": invoice.ticket_id,
        "subtotal": str(invoice.subtotal),
        "tax": str(invoice.tax),
        "total": str(invoice.total),
        "paid": invoice.is_paid,
    }


def _day(invoice: Invoice, zone: tzinfo) -> str:
    return invoice.created_at.astimezone(zone).date().isoformat()


def _paid(invoice: Invoice) -> str:
    return "yes" if invoice.is_paid else "no"


def _customer(invoice: Invoice) -> str:
    return invoice.customer_name or f"#{invoice.customer_id}"
