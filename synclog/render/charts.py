"""Charts of a report as SVG that does nothing: no script, no link, nothing from outside, the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from synclog.core.cleantext import clean_line
from synclog.core.report import Report, Sums

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MOST_SPANS = 31
"""How many days, weeks or months a chart shows side by side."""
_MOST_BARS = 12
_LONGEST_NAME = 28
_KEPT = frozenset("svg g defs style title desc rect path line circle text tspan polyline polygon".split())
_COLOURS = ("#2a6f97", "#e09f3e", "#9a9fa8")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its title; `svg` is markup."""

    title: str
    svg: str


def charts_of(report: Report) -> list[Chart]:
    """Return the charts of a report: its time over the days, and its greatest customers, technicians and labor."""
    step, spans = _spans(report)
    return [
        Chart(f"Hours by {step}", _hours("days", spans, False)),
        Chart("Money by customer", _money("customers", report.by("customer"))),
        Chart("Hours by technician", _hours("technicians", _greatest(report.by("tech")), True)),
        Chart("Hours by labor", _hours("labor", _greatest(report.by("labor")), True)),
    ]


Groups = Sequence[tuple[str, Sums]]


def _spans(report: Report) -> tuple[str, Groups]:
    """The days of a report, or where they are too many for a chart its weeks (by their Mondays) or months."""
    steps: dict[str, Callable[[str], str]] = {"day": str, "week": _monday, "month": lambda day: day[:7]}
    spans: dict[str, dict[str, Sums]] = {}
    for step, name_of in steps.items():
        found = spans.setdefault(step, {})
        for day, sums in report.by("day"):
            span = found.setdefault(name_of(day), Sums())
            span.billed += sums.billed
            span.unbilled += sums.unbilled
            span.not_billable += sums.not_billable
    shown = next((step for step, found in spans.items() if len(found) <= _MOST_SPANS), "month")
    return shown, list(spans[shown].items())


def _monday(day: str) -> str:
    when = date.fromisoformat(day)
    return (when - timedelta(days=when.weekday())).isoformat()


def _greatest(groups: Groups) -> Groups:
    """The groups with most to bill, the least first as bars are drawn from below; those left out are not summed up."""
    ordered = sorted(groups, key=lambda one: (one[1].billed + one[1].unbilled + one[1].not_billable, one[0]))
    return ordered[-_MOST_BARS:]


def _hours(name: str, groups: Groups, lying: bool) -> str:
    series = {
        "billed": [sums.billed / 60 for _, sums in groups],
        "unbilled": [sums.unbilled / 60 for _, sums in groups],
        "not billable": [sums.not_billable / 60 for _, sums in groups],
    }
    return _drawn(name, [one for one, _ in groups], series, lying, "{:.1f} h")


def _money(name: str, groups: Groups) -> str:
    most = sorted(groups, key=lambda one: (one[1].billed_amount + one[1].unbilled_amount, one[0]))[-_MOST_BARS:]
    series = {
        "billed": [float(sums.billed_amount) for _, sums in most],
        "unbilled": [float(sums.unbilled_amount) for _, sums in most],
    }
    return _drawn(name, [one for one, _ in most], series, True, "{:,.2f}")


def _library() -> Any:
    """The library that draws. It puts an importer of its own, for its plugins, into all of Python, which none of ours
    needs, and which is of a form that Python is giving up: it is taken out again."""
    import sys

    import pygal
    import pygal.style

    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("pygal")]
    return pygal


def _drawn(name: str, labels: Sequence[str], series: dict[str, list[float]], lying: bool, form: str) -> str:
    from xml.etree import ElementTree

    pygal = _library()
    font = "system-ui, sans-serif"
    style = pygal.style.Style(
        background="transparent",
        plot_background="transparent",
        font_family=font,
        label_font_family=font,
        major_label_font_family=font,
        legend_font_family=font,
        tooltip_font_family=font,
        value_font_family=font,
        colors=_COLOURS,
        transition="0s",
        label_font_size=11,
        legend_font_size=12,
    )
    kind = pygal.HorizontalStackedBar if lying else pygal.StackedBar
    chart = kind(
        style=style,
        js=(),
        width=640,
        height=max(260, 90 + 26 * len(labels)) if lying else 320,
        legend_at_bottom=True,
        x_label_rotation=0 if lying else 60,
        formatter=lambda value: form.format(value or 0),
        no_data_text="nothing in these days",
        print_values=False,
    )
    chart.uuid = f"synclog-{name}"
    chart.x_labels = [_short(label) for label in labels]
    for title, values in series.items():
        chart.add(title, values)
    tree = chart.render_tree()
    _strip(tree)
    return ElementTree.tostring(tree, encoding="unicode")


def _strip(element: Element) -> None:
    """Take out all that is not needed to look at it: scripts, comments, links, handlers."""
    for child in list(element):
        name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
        if name not in _KEPT:
            element.remove(child)
            continue
        for attribute in [key for key in child.attrib if key.startswith("on") or key.endswith("href")]:
            del child.attrib[attribute]
        _strip(child)


def _short(label: str) -> str:
    line = clean_line(label)
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"


def amount_value(amount: Decimal | None) -> str:
    """Return an amount as a number that a script sorts by; what is not known comes first."""
    return "-1e15" if amount is None else f"{amount:f}"
