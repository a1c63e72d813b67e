"""The page of a report: complete in itself, and nothing that anybody wrote runs in it."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support.browser import find_chromium, rendered

from synclog.core.differences import Difference
from synclog.core.periods import Period
from synclog.core.report import Forgotten, InvoiceFact, Piece, Report, TicketFacts
from synclog.render.reportpage import MOST_ROWS, report_page

DAY = date(2026, 4, 17)
PAYLOADS = (
    "<script>document.title='pwned'</script>",
    "</script><script>document.title='pwned'</script>",
    "</title><script>document.title='pwned'</script>",
    "</style></svg><img src=x onerror=\"document.title='pwned'\">",
    '" onmouseover="document.title=1" x="',
    "<svg onload=document.title='pwned'>",
    "<a href=\"javascript:document.title='pwned'\">x</a>",
    "<iframe srcdoc=\"<script>parent.document.title='pwned'</script>\"></iframe>",
    "{{ 7 * 7 }}{% raw %}",
    "]]><script>document.title='pwned'</script>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "\u202e\x1b]0;pwned\x07",
)


def a_report(names: tuple[str, ...] = PAYLOADS, period: Period | None = None) -> Report:
    """A report in which every name and text is one of `names`."""
    report = Report(period or Period(date(2026, 4, 1), date(2026, 4, 30)))
    for place, name in enumerate(names):
        pieces = (
            Piece(name, name, DAY, 60 + place, 60 + place, Decimal("120.00") + place, "invoiced"),
            Piece(name, name, DAY, 30, 30, Decimal("60.00"), "open"),
            Piece(name, name, DAY, 30, 30, None, "not_pushed"),
        )
        invoices = (InvoiceFact(name, DAY, Decimal(0), True),)
        report.add(TicketFacts(32162 + place, 7, name, name, name, True, pieces, invoices))
    return report


def a_page(report: Report | None = None) -> str:
    differences = [Difference(32162, name, name) for name in PAYLOADS]

    def remedy(one: Forgotten) -> str:
        return one.what

    return report_page(
        report or a_report(),
        source=PAYLOADS[0],
        differences=differences,
        not_covered=PAYLOADS,
        remedy_for=remedy,
    )


class Reader(HTMLParser):
    """Collects what could act in a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.scripts: list[str] = []
        self.policy = ""
        self.text: list[str] = []
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self._in = tag
        if tag == "script":
            self.scripts.append("")
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs).get("content") or ""

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "script":
            self.scripts[-1] += data
        else:
            self.text.append(data)


def test_nothing_that_anybody_wrote_is_anything_but_text() -> None:
    page = Reader(a_page())
    (script,) = page.scripts
    assert "pwned" not in script
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert page.policy.startswith(f"default-src 'none'; script-src 'sha256-{digest}';")
    assert {"img", "iframe", "object", "embed", "link", "a", "form", "base", "image", "use", "animate"}.isdisjoint(
        page.tags
    )
    assert [name for name in page.attributes if name.startswith("on")] == []
    assert {"href", "src", "srcdoc", "action", "xlink:href", "formaction"}.isdisjoint(page.attributes)
    assert page.tags.count("meta") == a_page(a_report(())).count("<meta ")
    shown = "".join(page.text)
    for payload in PAYLOADS[:-1]:
        assert payload in shown
    assert "\x1b" not in shown + "".join(page.scripts)
    assert "\u202e" not in shown


def test_it_needs_nothing_from_elsewhere_and_is_the_same_each_time() -> None:
    page = a_page(a_report(("Len's Auto Brokerage", "Rosa's Panadería")))
    addresses = set(re.findall(r"(?:https?:)?//[^\s\"'<>)]+", page.partition("<script>")[0]))
    assert {one for one in addresses if "w3.org" not in one and "127.0.0.1" not in one} == set()
    assert "@import" not in page
    assert "url(" not in page.replace("0;url=", "")
    assert page == a_page(a_report(("Len's Auto Brokerage", "Rosa's Panadería")))


def test_a_page_has_its_sums_its_charts_and_a_table_for_each_group() -> None:
    report = a_report(("Len's Auto Brokerage",))
    page = a_page(report)
    assert page.count("<svg ") == 4
    for title in ("customer", "technician", "labor", "day"):
        assert f"<h2>{title}</h2>" in page
    assert "<td>Len&#39;s Auto Brokerage</td>" in page
    assert 'data-value="120.00">120.00</td>' in page
    assert 'data-value="-1e15">not known</td>' in page


def test_an_empty_period_and_a_long_one_are_pages_too() -> None:
    assert "Nothing." in a_page(a_report(()))
    year = a_report((), Period(date(2026, 1, 1), date(2026, 12, 31)))
    for place in range(300):
        day = date.fromordinal(date(2026, 1, 1).toordinal() + place)
        piece = Piece("Mike Sorrel", "remote", day, 60, 60, Decimal(1), "open")
        year.add(TicketFacts(place + 1, None, f"Customer {place}", "", "New", False, (piece,)))
    page = a_page(year)
    assert "<figcaption>Hours by month</figcaption>" in page
    assert "2026-10" in page
    assert "<figcaption>Hours by day</figcaption>" in a_page(a_report(("Len's Auto Brokerage",)))


def test_a_page_lists_at_most_a_thousand_that_would_be_forgotten_those_that_come_to_most() -> None:
    report = Report(Period(date(2026, 4, 1), date(2026, 4, 30)))
    for place in range(1, MOST_ROWS + 2):
        piece = Piece("Mike Sorrel", "remote", DAY, 60, 60, Decimal(place), "open")
        report.add(TicketFacts(place, None, "Len's Auto Brokerage", "", "Resolved", True, (piece,)))
    page = a_page(report)
    assert "These are the 1000 of 1001 that come to most" in page
    assert ">#1</td>" not in page
    assert ">#2</td>" in page
    assert f"{sum(range(1, MOST_ROWS + 2))}.00</td>" in page


CHROMIUM = find_chromium()
needs_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

PROBE = """
document.querySelectorAll('*').forEach(function (one) {
  Array.from(one.attributes).forEach(function (attribute) {
    if (/^on/i.test(attribute.name)) { document.body.dataset.handler = 1; }
  });
});
var table = Array.from(document.querySelectorAll('h2')).find(function (one) { return one.textContent === 'customer'; })
  .nextElementSibling.querySelector('table');
function column(place) {
  return Array.from(table.tBodies[0].rows).map(function (row) { return row.cells[place].textContent; });
}
table.tHead.rows[0].cells[1].click();
document.body.dataset.up = column(1).join(' ');
table.tHead.rows[0].cells[1].click();
document.body.dataset.down = column(1).join(' ');
table.tHead.rows[0].cells[0].click();
document.body.dataset.names = column(0).join('|');
"""


def probed(page: str) -> str:
    """The page with one more script of this test's own, which its policy is told of."""
    digest = base64.b64encode(hashlib.sha256(PROBE.encode()).digest()).decode()
    allowed = page.replace("script-src '", f"script-src 'sha256-{digest}' '", 1)
    return allowed.replace("</body>", f"<script>{PROBE}</script></body>")


@needs_a_browser
def test_in_a_browser_no_hostile_name_runs_and_the_pages_own_script_does(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    file = tmp_path / "report.html"
    file.write_text(probed(a_page()), "utf-8")
    dom = rendered(CHROMIUM, file, tmp_path / "profile")
    assert "<title>Report 2026-04-01 to 2026-04-30</title>" in dom
    assert 'tabindex="0"' in dom
    assert "data-handler" not in dom
    body = re.search(r"<body[^>]*>", dom)
    assert body is not None
    assert "data-up=" in body[0]


@needs_a_browser
def test_in_a_browser_tables_sort_by_numbers_and_by_names(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    report = Report(Period(date(2026, 4, 1), date(2026, 4, 30)))
    for place, (name, minutes) in enumerate((("Rosa's Panadería", 90), ("Ångström GmbH", 600), ("Len's Auto", 120))):
        piece = Piece("Mike Sorrel", "remote", DAY, minutes, minutes, Decimal(minutes), "open")
        report.add(TicketFacts(place + 1, None, name, "", "New", False, (piece,)))
    file = tmp_path / "report.html"
    file.write_text(probed(a_page(report)), "utf-8")
    body = re.search(r"<body[^>]*>", rendered(CHROMIUM, file, tmp_path / "profile"))
    assert body is not None
    assert 'data-up="1h30m 2h 10h"' in body[0]
    assert 'data-down="10h 2h 1h30m"' in body[0]
    assert "data-names=\"Ångström GmbH|Len's Auto|Rosa's Panadería\"" in body[0]
