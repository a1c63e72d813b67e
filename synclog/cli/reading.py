"""`list`, `show`: tickets for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from synclog.cli.completing import CUSTOMER, STATUS, TICKET
from synclog.cli.context import App, Report, colour, pass_app, reporting, styled
from synclog.errors import UsageError

if TYPE_CHECKING:
    from synclog.app.views import Row, TicketView
    from synclog.errors import InvalidFile

_STATUS_COLOURS = {"New": "yellow", "In Progress": "green", "Scheduled": "cyan", "Resolved": "blue"}
_COMMENTS = 5


@click.command(
    "list",
    epilog="""\b
Examples:
  synclog list
  synclog list --status "In Progress" --customer bakery
  synclog list --mine --remote
""",
)
@click.option("--status", metavar="S", type=STATUS, help="Only this status (a beginning or a part will do).")
@click.option("--customer", metavar="C", type=CUSTOMER, help="Only customers whose name has this in it.")
@click.option("--mine", is_flag=True, help="Only tickets assigned to you.")
@click.option("--remote", is_flag=True, help="Ask Syncro instead of the mirror.")
@pass_app
@reporting
def list_tickets(app: App, status: str | None, customer: str | None, mine: bool, remote: bool) -> Report:
    """List open tickets, a line each."""
    workspace = app.workspace(look=not remote)
    from synclog.app.views import list_mirrored, list_remote

    invalid: tuple[InvalidFile, ...] = ()
    if remote:
        with app.session(workspace) as session:
            rows = list_remote(session, status=status, customer=customer, mine=mine)
    else:
        tech = _technician(workspace.settings.syncro.base_url) if mine else None
        rows, invalid = list_mirrored(workspace, status=status, customer=customer, tech=tech)
        for error in invalid:
            app.tell(f"left out, it is not valid (`synclog check` says why): {error.path}")
    invalid_paths = [error.path for error in invalid]
    if app.as_json:
        return Report({"tickets": [row_json(row) for row in rows], "invalid": invalid_paths})
    return Report({}, row_lines(rows) or ["no open tickets"])


def _technician(base_url: str) -> str:
    """This machine's technician, by the personal settings. Raises UsageError when they name none."""
    from synclog.core.settingsfile import host_of
    from synclog.workspace.userconfig import load_user_config

    host = load_user_config().hosts.get(host_of(base_url))
    if host is None or host.tech is None:
        raise UsageError(
            "--mine needs to know who you are", remedy="set `tech:` for the host in your config.yaml, or add --remote"
        )
    return host.tech


def row_json(row: Row) -> dict[str, Any]:
    """Return a ticket of a list for `--json`."""
    return {
        "number": row.number,
        "status": row.status,
        "customer": row.customer,
        "subject": row.subject,
        "assigned_to": row.assigned_to or None,
        "updated_at": row.updated_at or None,
    }


def row_lines(rows: Sequence[Row]) -> list[str]:
    """Return `#32164  New        Jerry Burger           Own cloud thing again`, columns aligned."""
    status = max((len(row.status) for row in rows), default=0)
    customer = max((min(len(row.customer), 30) for row in rows), default=0)
    lines = []
    coloured = colour(sys.stdout)
    for row in rows:
        name = row.customer if len(row.customer) <= 30 else row.customer[:29] + "…"
        state = row.status.ljust(status)
        state = styled(state, fg=_STATUS_COLOURS.get(row.status)) if coloured else state
        lines.append(f"#{row.number}  {state}  {name.ljust(customer)}  {row.subject}".rstrip())
    return lines


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
    """Show one ticket: its fields, the last comments newest first, time and billing."""
    workspace = app.workspace(look=not remote)
    from synclog.app.views import view_remote, view_ticket

    view = None if remote else view_ticket(workspace, number)
    if view is None:
        with app.session(workspace) as session:
            view = view_remote(session, number)
    return Report(_view_json(view), _view_lines(view, everything))


def _view_lines(view: TicketView, everything: bool) -> list[str]:
    from synclog.core.durations import format_minutes

    get = view.fields.get
    lines = [styled(f"#{get('number')}  {get('subject')}", bold=True)]
    shown = (
        "status priority problem_type customer contact assigned_to created_at due_date updated_at resolved_at tags url"
    )
    for key in shown.split():
        value = get(key)
        text = ", ".join(value) if isinstance(value, tuple) else value
        if text:
            lines.append(f"{key.replace('_', ' ') + ':':14}{text}")
    entries = list(reversed(view.mirror.entries))
    lines += ["", f"Conversation ({len(entries)} {'comment' if len(entries) == 1 else 'comments'}, newest first)"]
    for entry in entries if everything else entries[:_COMMENTS]:
        mark = "" if entry.visibility == "public" else styled(" private", fg="magenta")
        lines += ["", styled(f"{entry.when:%Y-%m-%d %H:%M}  {entry.author}: {entry.subject}", bold=True) + mark]
        lines += [f"  {line}" for line in entry.text.splitlines()]
    if not everything and len(entries) > _COMMENTS:
        lines += ["", f"… {len(entries) - _COMMENTS} older ones: --all shows them"]
    if view.mirror.time:
        total = sum(row.minutes for row in view.mirror.time)
        lines += ["", f"Time ({format_minutes(total)})"]
        lines += [
            f"  {r.date}  {format_minutes(r.minutes):>6}  {r.labor:10}  {r.tech}  {r.billed}  {r.notes}".rstrip()
            for r in view.mirror.time
        ]
    lines += ["", "Billing"]
    lines += [f"  invoice {i.number} of {i.date}: {i.total}" for i in view.mirror.invoices] or ["  no invoice"]
    lines += [f"  open charge: {c.name}, {c.quantity} x {c.price}" for c in view.mirror.charges if not c.invoiced]
    if view.prepaid:
        lines.append(f"  prepaid hours: {view.prepaid}")
    return lines


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
        "prepaid_hours": str(view.prepaid) if view.prepaid is not None else None,
    }
