"""`list`, `show`: tickets for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from synclog.cli.columns import Column, cut, named_lines, padded, places, table_lines, terminal_width
from synclog.cli.completing import CUSTOMER, STATUS, TICKET
from synclog.cli.context import App, Report, colour, pass_app, reporting, styled
from synclog.cli.markdowntext import quoted_lines
from synclog.core.cleantext import clean_line
from synclog.core.money import money
from synclog.errors import UsageError

if TYPE_CHECKING:
    from synclog.app.views import Row, SortBy, TicketView
    from synclog.errors import InvalidFile
    from synclog.workspace.workspace import Workspace

_STATUS_COLOURS = {
    "New": "yellow",
    "In Progress": "green",
    "Scheduled": "cyan",
    "Waiting on Customer": "magenta",
    "Waiting on Vendor": "magenta",
    "Resolved": "blue",
}
_AGES = ((14, "red"), (5, "yellow"))
"""Days since a ticket was touched last, and what colour its number has from then on."""
_SORTS: tuple[SortBy, ...] = ("number", "updated", "due", "customer", "status")
_COMMENTS = 5
_LONGEST_CUSTOMER = 40


@click.command(
    "list",
    epilog="""\b
Examples:
  synclog list
  synclog list --status "In Progress" --customer bakery
  synclog list --sort due
  synclog list --mine --remote
""",
)
@click.option("--status", metavar="S", type=STATUS, help="Only this status (a beginning or a part will do).")
@click.option("--customer", metavar="C", type=CUSTOMER, help="Only customers whose name has this in it.")
@click.option("--mine", is_flag=True, help="Only tickets assigned to you.")
@click.option("--sort", "by", type=click.Choice(_SORTS), default="number", help="What comes first; number: the newest.")
@click.option("--remote", is_flag=True, help="Ask Syncro instead of the mirror.")
@pass_app
@reporting
def list_tickets(app: App, status: str | None, customer: str | None, mine: bool, by: SortBy, remote: bool) -> Report:
    """List open tickets, a line each.

    A terminal gets lines of its width, and colours: a number is yellow when its ticket was not touched for 5 days, red
    after 14 days or when it is overdue.
    """
    workspace = app.workspace(look=not remote)
    from synclog.app.views import list_mirrored, list_remote, sorted_rows

    invalid: tuple[InvalidFile, ...] = ()
    if remote:
        with app.session(workspace) as session:
            rows = list_remote(session, status=status, customer=customer, mine=mine)
    else:
        tech = _technician(workspace.settings.syncro.base_url) if mine else None
        rows, invalid = list_mirrored(workspace, status=status, customer=customer, tech=tech)
        for error in invalid:
            app.tell(f"left out, it is not valid (`synclog check` says why): {error.path}")
    rows = sorted_rows(rows, by, _statuses(workspace) if by == "status" else ())
    if app.as_json:
        return Report({"tickets": [row_json(row) for row in rows], "invalid": [error.path for error in invalid]})
    return Report({}, row_lines(rows) or ["no open tickets" if status is None else "no such tickets"])


def _statuses(workspace: Workspace) -> tuple[str, ...]:
    """The account's statuses in its own order, as far as they are known without asking."""
    from synclog.app.account import known_account

    account = known_account(workspace)
    return account.statuses if account else ()


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
        "due_date": row.due_date or None,
    }


def row_lines(rows: Sequence[Row]) -> list[str]:
    """Return `#32164  New        Jerry Burger           Own cloud thing again`, columns aligned; on a terminal as wide
    as that, and coloured."""
    width = terminal_width()
    longest = _LONGEST_CUSTOMER if width is None else min(_LONGEST_CUSTOMER, width // 4)
    number = max((len(str(row.number)) for row in rows), default=0) + 1
    status = max((places(row.status) for row in rows), default=0)
    customer = min(max((places(row.customer) for row in rows), default=0), longest)
    left = None if width is None else max(width - number - status - customer - 6, 1)
    now = datetime.now(UTC) if colour(sys.stdout) else None
    lines = []
    for row in rows:
        head, state = f"#{row.number}".ljust(number), padded(row.status, status)
        name = padded(row.customer if width is None else cut(row.customer, customer), customer)
        if now is not None:
            head = styled(head, fg=_age_colour(row, now))
            state = styled(state, fg=_STATUS_COLOURS.get(row.status))
        lines.append(f"{head}  {state}  {name}  {cut(row.subject, left)}".rstrip())
    return lines


def _age_colour(row: Row, now: datetime) -> str | None:
    """The colour of a ticket's number: how long nobody touched it, or that it is overdue."""
    from synclog.app.indexing import moment_of

    if row.due_date and row.due_date[:10] < now.date().isoformat():
        return "red"
    touched = moment_of(row.updated_at)
    days = (now.timestamp() - touched) / 86_400 if touched else 0
    return next((of for least, of in _AGES if days >= least), None)


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
