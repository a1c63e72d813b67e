"""`log`: what was posted, for people, scripts and spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from synclog.cli.context import App, Report, pass_app, reporting, styled
from synclog.cli.periods import period_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synclog.app.auditlog import AuditLog
    from synclog.core.audit import Posted
    from synclog.core.trail import TrailEntry

HEAD = (
    "when technician email op ticket customer subject minutes billed_minutes labor comment timer line_items invoice"
    " reference time_waits commit"
).split()
"""The columns of the CSV, and the names of an entry in the JSON."""

_WIDEST = 24


@click.command(
    "log",
    epilog="""\b
Examples:
  synclog log 32162
  synclog log --since 2026-04 --tech mike
  synclog log --since 2026-04-01 --until 2026-04-30 --customer bakery --csv
""",
)
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option(
    "--since", metavar="D", help="Only what was posted on this local day or later: 2026-04-17, 2026-04, today."
)
@click.option("--until", metavar="D", help="Only what was posted on this local day or earlier.")
@click.option(
    "--tech", metavar="NAME", help="Only what this technician posted: a part of the name, or the e-mail address."
)
@click.option("--customer", metavar="C", help="Only customers whose name has this in it.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet.")
@pass_app
@reporting
def log(
    app: App,
    number: int | None,
    since: str | None,
    until: str | None,
    tech: str | None,
    customer: str | None,
    as_csv: bool,
) -> Report:
    """Show what was posted, from the audit trail alone: who, when, how long, which comment, timer and invoice."""
    workspace = app.workspace(look=True)
    from synclog.app.auditlog import read_log
    from synclog.core.audit import Wanted

    zone = workspace.settings.timezone
    period = period_of(since, until, zone, names=("--since", "--until"))
    found = read_log(workspace, Wanted(number, period, tech, customer))
    if found.totals.unnamed:
        app.tell(f"of {found.totals.unnamed} of these tickets there is no file here, so their customer is not known")
    rows = [_cells(one, zone) for one in found.posted]
    if as_csv and not app.as_json:
        from synclog.core.csvtext import csv_text

        return Report({}, csv=csv_text(HEAD, [_flat(row) for row in rows]))
    if app.as_json:
        return Report({"entries": [dict(zip(HEAD, row, strict=True)) for row in rows], "totals": _totals_json(found)})
    return Report({}, [*_lines(found.posted, zone), *_totals_lines(found)])


def _cells(one: Posted, zone: Any) -> tuple[Any, ...]:
    """An entry by the names of `HEAD`."""
    e, named = one.entry, one.named
    return (
        e.when.astimezone(zone).isoformat() if e.when else None,
        e.author,
        e.author_email,
        e.op,
        e.ticket,
        named.customer if named else None,
        named.subject if named else None,
        e.minutes,
        e.billed_minutes,
        e.labor,
        e.comment,
        e.timer,
        list(e.line_items),
        e.invoice,
        e.reference,
        e.time_waits,
        e.commit,
    )


def _flat(row: Sequence[Any]) -> list[Any]:
    """An entry for a spreadsheet: a list in one cell, yes and no in words."""
    words = {True: "yes", False: "no"}
    return [
        " ".join(map(str, cell)) if isinstance(cell, list) else words[cell] if isinstance(cell, bool) else cell
        for cell in row
    ]


def _totals_json(found: AuditLog) -> dict[str, Any]:
    t = found.totals
    return {
        "entries": t.entries,
        "tickets": t.tickets,
        "minutes": t.minutes,
        "billed_minutes": t.billed_minutes,
        "by_op": dict(t.by_op),
        "without_file": t.unnamed,
    }


def _lines(posted: Sequence[Posted], zone: Any) -> list[str]:
    """A line an entry, the first columns aligned."""
    techs = max((min(len(one.entry.author), _WIDEST) for one in posted), default=0)
    lines = []
    for one in posted:
        e = one.entry
        when = f"{e.when.astimezone(zone):%Y-%m-%d %H:%M}" if e.when else "when is unknown "
        op = styled(f"{e.op:8}", fg="cyan")
        named = f"{_cut(one.named.customer)}: {_cut(one.named.subject)}" if one.named else ""
        parts = (
            f"{when}  {_cut(e.author).ljust(techs)}  {op} #{e.ticket}",
            _time(e),
            named,
            _ids(e),
            e.reference or "",
        )
        lines.append("  ".join(part for part in parts if part))
    return lines


def _time(entry: TrailEntry) -> str:
    from synclog.core.durations import format_minutes

    if entry.time_waits:
        return "its time waits"
    if entry.minutes is None:
        return ""
    billed = entry.billed_minutes
    differs = f" (bills {format_minutes(billed)})" if billed is not None and billed != entry.minutes else ""
    return f"{format_minutes(entry.minutes)}{differs}" + (f" {entry.labor}" if entry.labor else "")


def _ids(entry: TrailEntry) -> str:
    found = {"comment": entry.comment, "timer": entry.timer, "invoice": entry.invoice}
    words = [f"{name} {value}" for name, value in found.items() if value is not None]
    words += [f"charge {item}" for item in entry.line_items]
    return ", ".join(words)


def _totals_lines(found: AuditLog) -> list[str]:
    from synclog.core.durations import format_minutes

    t = found.totals
    if not t.entries:
        return ["nothing was posted"]
    ops = ", ".join(f"{count} {op}" for op, count in t.by_op.items())
    time = f"worked {format_minutes(t.minutes)}, billed {format_minutes(t.billed_minutes)}"
    return ["", styled(f"{t.entries} entries ({ops}) on {t.tickets} tickets: {time}", bold=True)]


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
