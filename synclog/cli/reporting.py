"""`report`: sums of a period in groups, and what would be forgotten."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from synclog.cli.context import App, Report, pass_app, reporting, styled
from synclog.cli.periods import period_of
from synclog.core.periods import Period
from synclog.core.report import DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from synclog.app.reporting import Reported
    from synclog.core.report import Dimension, Forgotten, Sums

_SUMS = (
    "worked posted billed unbilled not_billable billed_amount unbilled_amount unpriced_minutes invoiced_amount"
).split()
_FORGOTTEN = "kind ticket customer subject day minutes amount what remedy recurring".split()
_WIDEST, _NARROWEST = 32, 12


@click.command(
    "report",
    epilog="""\b
Examples:
  synclog report --from 2026-04 --to 2026-04
  synclog report --from 2026-04 --by tech --csv
  synclog report --from 2026-01 --unbilled
  synclog report --from 2026-04 --offline --json
  synclog report --from 2026-01 --to 2026-12 --html report.html
""",
)
@click.option(
    "--from", "first", metavar="D", help="The first local day: 2026-04-17, 2026-04; this month's when left out."
)
@click.option("--to", "last", metavar="D", help="The last local day, of a month its last one; today when left out.")
@click.option("--by", type=click.Choice(DIMENSIONS), default="customer", help="What the groups are; customer.")
@click.option("--unbilled", is_flag=True, help="List what would be forgotten instead of groups.")
@click.option("--offline", "--no-pull", is_flag=True, help="Ask Syncro nothing: count what the files say.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet.")
@click.option("--html", metavar="FILE", type=click.Path(dir_okay=False), help="Write it as one page, charts included.")
@pass_app
@reporting
def report(
    app: App,
    first: str | None,
    last: str | None,
    by: Dimension,
    unbilled: bool,
    offline: bool,
    as_csv: bool,
    html: str | None,
) -> Report:
    """Report what Syncro holds: worked, posted, billed and unbilled time and money. Changes nothing anywhere."""
    workspace = app.workspace()
    from synclog.app.reporting import make_report

    zone = workspace.settings.timezone
    today = datetime.now(zone).date()
    asked = period_of(first, last, zone, names=("--from", "--to"))
    period = Period(asked.first or min(today, asked.last or today).replace(day=1), asked.last or today)
    now = datetime.now(UTC)
    if offline:
        found = make_report(workspace, period, now=now)
    else:
        with app.session(workspace) as session:
            found = make_report(workspace, period, now=now, session=session)
    if html is not None:
        from pathlib import Path

        from synclog.app.reporting import write_page

        write_page(found, Path(html))
        app.tell(f"written: {html}")
    if app.as_json:
        return Report({**_json(found, by), "html": html}, errors=found.failed, exit_code=found.exit_code)
    if as_csv:
        text = _forgotten_csv(found) if unbilled else _groups_csv(found, by)
        _tell_limits(app, found)
        return Report({}, csv=text, errors=found.failed, exit_code=found.exit_code)
    lines = _forgotten_lines(found) if unbilled else _groups_lines(found, by)
    return Report({}, [*_title(found), *lines, *_notes(found)], found.failed, found.exit_code)


# --- for scripts and spreadsheets ----------------------------------------------------------------------------------


def _sums(sums: Sums) -> list[Any]:
    """The values of `_SUMS`: minutes as numbers, money as text."""
    return [
        sums.worked,
        sums.posted,
        sums.billed,
        sums.unbilled,
        sums.not_billable,
        _amount(sums.billed_amount),
        _amount(sums.unbilled_amount),
        sums.unpriced,
        _amount(sums.invoiced),
    ]


def _row(one: Forgotten) -> list[Any]:
    """The values of `_FORGOTTEN`."""
    from synclog.app.reporting import remedy_for

    amount = None if one.amount is None else _amount(one.amount)
    shown = (one.kind, one.ticket, one.customer, one.subject, one.day.isoformat(), one.minutes, amount, one.what)
    return [*shown, remedy_for(one), one.expected]


def _json(found: Reported, by: Dimension) -> dict[str, Any]:
    from synclog.core.report import forgotten_sums

    made = found.report
    count, minutes, amount, unpriced = forgotten_sums(made.forgotten)
    return {
        "from": str(made.period.first),
        "to": str(made.period.last),
        "by": by,
        "groups": [{"name": name, **dict(zip(_SUMS, _sums(sums), strict=True))} for name, sums in made.by(by)],
        "total": dict(zip(_SUMS, _sums(made.total), strict=True)),
        "unbilled": [dict(zip(_FORGOTTEN, _row(one), strict=True)) for one in made.forgotten],
        "forgotten": {
            "count": count,
            "minutes": minutes,
            "amount": _amount(amount),
            "unpriced_minutes": unpriced,
        },
        "differences": [{"ticket": d.ticket, "reference": d.reference, "what": d.what} for d in found.differences],
        "not_covered": list(found.not_covered),
        "tickets": made.tickets,
        "from_files": found.from_files,
        "from_syncro": found.from_syncro,
        "requests": found.requests,
    }


def _groups_csv(found: Reported, by: Dimension) -> str:
    from synclog.core.csvtext import csv_text

    rows = [[name, *_numbers(sums)] for name, sums in found.report.by(by)]
    return csv_text([by, *_SUMS], [*rows, ["total", *_numbers(found.report.total)]])


def _numbers(sums: Sums) -> list[Any]:
    """The same with money as numbers: a negative one is no formula."""
    plain: list[Any] = _sums(sums)
    plain[5], plain[6], plain[8] = sums.billed_amount, sums.unbilled_amount, sums.invoiced
    return plain


def _forgotten_csv(found: Reported) -> str:
    from synclog.core.csvtext import csv_text

    rows = [
        [*_row(one)[:6], one.amount, *_row(one)[7:9], "yes" if one.expected else "no"] for one in found.report.forgotten
    ]
    return csv_text(_FORGOTTEN, rows)


def _amount(amount: Decimal) -> str:
    from synclog.core.money import money

    return money(amount)


# --- for people ----------------------------------------------------------------------------------------------------


def _title(found: Reported) -> list[str]:
    made = found.report
    return [styled(f"{made.period.first} to {made.period.last}", bold=True) + f"  ({found.source})", ""]


def _groups_lines(found: Reported, by: Dimension) -> list[str]:
    made = found.report
    over = ("", "", "", "", "time", "", "", "money")
    head = (by, "worked", "posted", "billed", "unbilled", "billed", "unbilled", "invoiced")
    rows = [_shown(name, sums) for name, sums in made.by(by)]
    return _table([over, head, *rows, _shown("total", made.total)])


def _shown(name: str, sums: Sums) -> tuple[str, ...]:
    minutes = (sums.worked, sums.posted, sums.billed, sums.unbilled)
    amounts = (sums.billed_amount, sums.unbilled_amount, sums.invoiced)
    return (name, *map(_hours, minutes), *map(_amount, amounts))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines, the first column to the left and cut to what the terminal leaves it, the others to the right; the
    heads and the last row stand out."""
    widths = [max(len(row[column]) for row in rows) for column in range(1, len(rows[0]))]
    left = shutil.get_terminal_size((120, 24)).columns - sum(widths) - 2 * len(widths)
    name = min(max(len(row[0]) for row in rows), max(_NARROWEST, left))
    lines = []
    for place, row in enumerate(rows):
        cells = [_cut(row[0], name).ljust(name), *(c.rjust(w) for c, w in zip(row[1:], widths, strict=True))]
        line = "  ".join(cells).rstrip()
        lines.append(styled(line, bold=True) if place in (0, 1, len(rows) - 1) else line)
    return lines


def _forgotten_lines(found: Reported) -> list[str]:
    from synclog.app.reporting import remedy_for
    from synclog.core.report import forgotten_sums

    forgotten = found.report.forgotten
    if not forgotten:
        return ["nothing would be forgotten"]
    lines = []
    for one in forgotten:
        who = f"#{one.ticket}" if one.ticket else "new ticket" if one.kind == "not_pushed" else "no ticket"
        money = "" if one.amount is None else f"  {_amount(one.amount)}"
        time = f"  {_hours(one.minutes)}{money}" if one.minutes or one.amount else ""
        mark = styled("  recurring", fg="cyan") if one.expected else ""
        lines.append(f"{who}  {_cut(one.customer)}: {_cut(one.subject)}{time}  since {one.day}{mark}")
        lines.append(f"  {one.what}; {remedy_for(one)}")
    count, minutes, amount, unpriced = forgotten_sums(forgotten)
    without = f", and {_hours(unpriced)} without a known price" if unpriced else ""
    lines += ["", styled(f"{count} would be forgotten: {_hours(minutes)}, {_amount(amount)}{without}", bold=True)]
    return lines


def _notes(found: Reported) -> list[str]:
    made = found.report
    lines = [""]
    if made.total.unpriced:
        lines.append(f"{_hours(made.total.unpriced)} of this time have no known price and are in no amount")
    if found.differences:
        lines.append("What was sent and what Syncro holds differ:")
        lines += [f"  #{d.ticket}  {d.reference or 'invoice'}  {d.what}" for d in found.differences]
    lines += ["Not covered:", *(f"  {line}" for line in found.not_covered)]
    return lines


def _tell_limits(app: App, found: Reported) -> None:
    for line in found.not_covered:
        app.tell(f"not covered: {line}")
    for d in found.differences:
        app.tell(f"differs: #{d.ticket} {d.reference or 'invoice'}: {d.what}")


def _hours(minutes: int) -> str:
    from synclog.core.durations import format_minutes

    return format_minutes(minutes) if minutes >= 0 else f"-{format_minutes(-minutes)}"


def _cut(text: str, width: int = _WIDEST) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
