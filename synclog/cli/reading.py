"""`list`: tickets for people, a line each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from synclog.cli.columns import cut, padded, places, terminal_width
from synclog.cli.completing import CUSTOMER, STATUS
from synclog.cli.context import App, Report, colour, pass_app, reporting, styled
from synclog.errors import UsageError

if TYPE_CHECKING:
    from synclog.app.views import Row, SortBy
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
    from synclog.app.views import FINISHED

    if row.status in FINISHED:
        return None
    if row.due_date and row.due_date[:10] < now.date().isoformat():
        return "red"
    touched = moment_of(row.updated_at)
    days = (now.timestamp() - touched) / 86_400 if touched else 0
    return next((of for least, of in _AGES if days >= least), None)
