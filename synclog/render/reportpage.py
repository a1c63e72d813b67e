"""A report as one page that needs nothing else: charts, tables that sort, fit to be printed.

Everything in it may be anybody's words, and is escaped. The only script is ours: the page's own policy names its hash,
and lets nothing else run or be fetched.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from importlib import resources
from typing import Any

from synclog.core.cleantext import inert
from synclog.core.differences import Difference
from synclog.core.durations import format_minutes
from synclog.core.money import money
from synclog.core.report import DIMENSIONS, Forgotten, Report, Sums, forgotten_sums
from synclog.render.charts import amount_value, charts_of

MARK = '<meta name="generator" content="synclog report">'
"""By this a page of ours is known, which may be replaced."""

MOST_ROWS = 1000
"""How much of what would be forgotten a page lists."""

_COLUMNS = (
    "worked",
    "posted",
    "billed",
    "unbilled",
    "not billable",
    "billed money",
    "unbilled money",
    "invoiced money",
)
_TITLES = {"customer": "customer", "tech": "technician", "labor": "labor", "day": "day"}


def report_page(
    report: Report,
    *,
    source: str,
    differences: Iterable[Difference],
    not_covered: Iterable[str],
    remedy_for: Callable[[Forgotten], str],
) -> str:
    """Return the page of a report. `source` says in words where its figures come from. The same input gives the same
    bytes."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_harmless
    )
    script, style = _own("reportpage.js"), _own("reportpage.css")
    count, minutes, amount, unpriced = forgotten_sums(report.forgotten)
    page = environment.from_string(_own("reportpage.html.j2")).render(
        first=report.period.first,
        last=report.period.last,
        source=source,
        columns=_COLUMNS,
        script=Markup(script),  # noqa: S704  (our own file)
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=Markup(style),  # noqa: S704  (our own file)
        charts=[{"title": one.title, "svg": Markup(one.svg)} for one in charts_of(report)],  # noqa: S704  (escaped there)
        figures=[
            {"name": name, "text": cell["text"]} for name, cell in zip(_COLUMNS, _cells(report.total), strict=True)
        ],
        tables=[{"title": _TITLES[one], "groups": _groups(report.by(one))} for one in DIMENSIONS],
        total=_cells(report.total),
        forgotten=[_forgotten(one, remedy_for) for one in _greatest(report.forgotten)],
        forgotten_count=len(report.forgotten),
        forgotten_total={
            "count": count,
            "time": _time(minutes),
            "amount": money(amount),
            "note": f"and {_time(unpriced)} without a known price" if unpriced else "",
        },
        differences=list(differences),
        not_covered=list(not_covered),
    )
    return page.lstrip() + "\n"


def _own(name: str) -> str:
    return resources.files("synclog.render").joinpath(name).read_text("utf-8")


def _harmless(value: Any) -> Any:
    """Plain text without what a terminal or a reader of right-to-left would obey; our own markup as it is."""
    return inert(value) if type(value) is str else value


def _groups(groups: Sequence[tuple[str, Sums]]) -> list[dict[str, Any]]:
    return [{"name": name, "cells": _cells(sums)} for name, sums in groups]


def _cells(sums: Sums) -> list[dict[str, str]]:
    times = (sums.worked, sums.posted, sums.billed, sums.unbilled, sums.not_billable)
    amounts = (sums.billed_amount, sums.unbilled_amount, sums.invoiced)
    cells = [{"value": str(minutes), "text": _time(minutes)} for minutes in times]
    return cells + [{"value": amount_value(amount), "text": money(amount)} for amount in amounts]


def _greatest(forgotten: Sequence[Forgotten]) -> Sequence[Forgotten]:
    """What a page shows of what would be forgotten: all in its order, or where it is too much for a page, that which
    comes to most, and what no price is known of before it."""
    if len(forgotten) <= MOST_ROWS:
        return forgotten
    worth = sorted(forgotten, key=lambda one: (one.amount is None, one.amount or 0, one.minutes), reverse=True)
    return worth[:MOST_ROWS]


def _forgotten(one: Forgotten, remedy_for: Callable[[Forgotten], str]) -> dict[str, Any]:
    return {
        "number": one.ticket or 0,
        "ticket": f"#{one.ticket}" if one.ticket else "–",
        "customer": one.customer,
        "subject": one.subject,
        "day": one.day,
        "minutes": one.minutes,
        "time": _time(one.minutes),
        "value": amount_value(one.amount),
        "amount": _money(one.amount),
        "what": f"{one.what} (recurring)" if one.expected else one.what,
        "remedy": remedy_for(one),
    }


def _money(amount: Decimal | None) -> str:
    return "not known" if amount is None else money(amount)


def _time(minutes: int) -> str:
    return format_minutes(minutes) if minutes >= 0 else f"-{format_minutes(-minutes)}"
