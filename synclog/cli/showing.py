"""`show`: one ticket in full, with what of its work is billed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from synclog.cli.columns import Column, named_lines, table_lines, terminal_width
from synclog.cli.completing import TICKET
from synclog.cli.context import App, Report, pass_app, reporting, styled
from synclog.cli.markdowntext import quoted_lines
from synclog.core.cleantext import clean_line
from synclog.core.money import money

if TYPE_CHECKING:
    from synclog.app.views import TicketView

_COMMENTS = 5


@click.command(
    epilog="""\b
Examples:
  synclog show 32162
  synclog show 32162 --remote --json
"""
)
@click.argument("number", type=TICKET)
@click.option("--all", "everything", is_flag=True, help="Show the whole conversation.")
@click.option("--remote", is_flag=True, help="Ask Syncro instead of the mirror.")
@pass_app
@reporting
def show(app: App, number: int, everything: bool, remote: bool) -> Report:
    """Show one ticket: its fields, the last 5 comments newest first, time and billing.

    A terminal shows the markdown of comments as what it means. Every line of a comment begins with `>`.
    """
    workspace = app.workspace(look=not remote)
    from synclog.app.views import view_remote, view_ticket

    view = None if remote else view_ticket(workspace, number)
    if view is None:
        with app.session(workspace) as session:
            view = view_remote(session, number)
    return Report(_view_json(view), _view_lines(view, everything))


def _view_lines(view: TicketView, everything: bool) -> list[str]:
    get = view.fields.get
    shown = (
        "status priority problem_type customer contact assigned_to created_at due_date updated_at resolved_at tags url"
    )
    pairs = []
    for key in shown.split():
        value = get(key)
        pairs.append((key.replace("_", " "), ", ".join(value) if isinstance(value, tuple) else value or ""))
    title = clean_line(f"{get('subject')}")
    lines = [styled(f"#{get('number')}  {title}", bold=True), *named_lines(pairs)]
    lines += _conversation(view, None if everything else _COMMENTS)
    return [*lines, *_time(view), *_billing(view)]


def _conversation(view: TicketView, most: int | None) -> list[str]:
    entries = list(reversed(view.mirror.entries))
    width = terminal_width()
    lines = ["", _title(f"Conversation ({_count(len(entries), 'comment')}, newest first)")]
    for entry in entries[:most]:
        mark = "public " if entry.visibility == "public" else styled("private", fg="magenta")
        who = clean_line(f"{entry.author}: {entry.subject}")
        lines += ["", f"{entry.when:%Y-%m-%d %H:%M}  {mark}  {styled(who, bold=True)}"]
        lines += quoted_lines(entry.text, width)
    older = len(entries) - len(entries[:most])
    return [*lines, *(["", f"… {older} older ones: --all shows them"] if older else [])]


def _time(view: TicketView) -> list[str]:
    from synclog.core.durations import format_minutes

    rows = view.mirror.time
    if not rows:
        return []
    columns = (
        Column("date"),
        Column("worked", right=True),
        Column("billed"),
        Column("labor", most=20),
        Column("technician", most=20),
        Column("notes", wraps=True),
    )
    cells = [(r.date.isoformat(), format_minutes(r.minutes), r.billed, r.labor, r.tech, r.notes) for r in rows]
    worked = format_minutes(sum(row.minutes for row in rows))
    return ["", _title(f"Time ({worked})"), *table_lines(columns, cells, "  ")]


def _billing(view: TicketView) -> list[str]:
    """How far the ticket's work is billed, and what that counts."""
    from synclog.core.durations import format_minutes

    billing = view.billing
    parts = [
        (billing.open_minutes, "not charged"),
        (billing.charged_minutes, "charged and on no invoice"),
        (billing.labor_minutes or 0, "of labor charges without a timer entry"),
    ]
    told = ", ".join(f"{format_minutes(minutes)} {what}" for minutes, what in parts if minutes)
    charges = f"{billing.open_charges}, together {money(billing.open_amount)} before tax"
    pairs = [
        ("status", billing.status),
        ("unbilled time", f"{format_minutes(billing.unbilled_minutes)} ({told})" if told else ""),
        ("open charges", charges if billing.open_charges else ""),
        *(("invoice", f"{i.number} of {i.date}: {money(i.total)}") for i in view.mirror.invoices),
        ("prepaid hours", _prepaid(view)),
        ("not sent yet", _unsent(view)),
    ]
    return ["", _title("Billing"), *named_lines(pairs, "  ")]


def _prepaid(view: TicketView) -> str:
    if view.path is not None:
        return "not in the mirror; --remote shows them"
    return f"{view.prepaid:f} left" if view.prepaid else "none"


def _unsent(view: TicketView) -> str:
    """What waits in the file, so that nobody takes it for billed or for missing."""
    from synclog.core.durations import format_minutes

    if not view.unsent:
        return ""
    minutes = sum(note.minutes or 0 for note in view.unsent)
    time = f" with {format_minutes(minutes)}" if minutes else ""
    return f"{_count(len(view.unsent), 'note')}{time}: `synclog status {view.fields.get('number')}`"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _title(text: str) -> str:
    return styled(text, bold=True)


def _view_json(view: TicketView) -> dict[str, Any]:
    mirror = view.mirror
    return {
        "path": view.path,
        "ticket": {key: list(v) if isinstance(v, tuple) else v for key, v in view.fields.items()},
        "comments": [
            {
                "at": e.when.isoformat(),
                "author": e.author,
                "subject": e.subject,
                "visibility": e.visibility,
                "text": e.text,
            }
            for e in reversed(mirror.entries)
        ],
        "time": [
            {
                "date": r.date.isoformat(),
                "minutes": r.minutes,
                "labor": r.labor,
                "tech": r.tech,
                "billed": r.billed,
                "notes": r.notes,
            }
            for r in mirror.time
        ],
        "charges": [
            {"name": c.name, "quantity": str(c.quantity), "price": str(c.price), "invoiced": c.invoiced}
            for c in mirror.charges
        ],
        "invoices": [{"number": i.number, "date": i.date.isoformat(), "total": str(i.total)} for i in mirror.invoices],
        "billing": {
            "status": view.billing.status,
            "unbilled_minutes": view.billing.unbilled_minutes,
            "open_minutes": view.billing.open_minutes,
            "charged_minutes": view.billing.charged_minutes,
            "labor_minutes": view.billing.labor_minutes,
            "open_charges": view.billing.open_charges,
            "open_amount": str(view.billing.open_amount),
        },
        "prepaid_hours": str(view.prepaid) if view.prepaid is not None else None,
        "unsent_notes": len(view.unsent),
    }
