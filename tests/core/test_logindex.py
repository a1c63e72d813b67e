"""The index of a customer's logs, what in it can act, and which logs are about the same thing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from synclog.core.logfile import LogName, log_name, parse_log_name
from synclog.core.logindex import Earlier, Listed, is_ours, link, listed_log, plain, render_index

DAY = date(2026, 4, 17)


def listed(number: int, day: date = DAY, subject: str = "Server upgrade", **more: object) -> Listed:
    name = log_name(day, number, "log", str(more.pop("template", "")))
    values: dict[str, object] = {"minutes": 30, **more}
    return Listed(name.filename, name, subject, **values)  # type: ignore[arg-type]


def test_the_newest_log_comes_first_by_month_with_its_time() -> None:
    logs = [
        listed(7, DAY - timedelta(days=40), minutes=0),
        listed(7, technicians=("Mia Ortiz", "Jo"), invoices=("10231",)),
        listed(8, subject="Printer", minutes=75),
        listed(7, template="customer", minutes=999),
    ]
    text = render_index("Hollow Oak Dental", logs)
    assert text == render_index("Hollow Oak Dental", logs[::-1])
    assert text == (
        "<!-- synclog:index (made from the logs in this folder; changes here are overwritten) -->\n\n"
        "# Session logs of Hollow Oak Dental\n\n"
        "## 2026-04: 2 logs, 1h45m\n\n"
        "| date | ticket | subject | time | technician | invoice | also as |\n|---|---|---|---|---|---|---|\n"
        "| [2026-04-17](2026-04-17-8-log.md) | #8 | Printer | 1h15m |  |  |  |\n"
        "| [2026-04-17](2026-04-17-7-log.md) | #7 | Server upgrade | 30m | Mia Ortiz, Jo | 10231 "
        "| [customer](2026-04-17-7-log.customer.md) |\n\n"
        "## 2026-03: 1 log\n\n"
        "| date | ticket | subject | time | technician | invoice | also as |\n|---|---|---|---|---|---|---|\n"
        "| [2026-03-08](2026-03-08-7-log.md) | #7 | Server upgrade |  |  |  |  |\n"
    )
    assert is_ours(text)
    assert not is_ours("# My own words on this customer\n")


def test_a_log_for_customers_alone_is_in_the_index_too() -> None:
    text = render_index("x", [listed(7, template="customer")])
    assert "| [2026-04-17](2026-04-17-7-log.customer.md) | #7 |" in text


HOSTILE = [
    "[x](javascript:alert(1))",
    "<script>alert(1)</script>",
    "a | b |\n| c",
    "![x](http://evil.example/p.png)",
    "` | `",
    "\\",
    "\\[x](y)",
    "**bold** __x__ ~~y~~",
    "http://evil.example www.evil.example",
    "<http://evil.example>",
    "-->\n# heading",
    "[x]: http://evil.example",
]


def tokens(markdown: str) -> list[str]:
    parser = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
    found = []
    for token in parser.parse(markdown):
        found += [child.type for child in token.children] if token.children else [token.type]
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_what_outsiders_wrote_is_words_in_the_index(text: str) -> None:
    plain_one = render_index("x", [listed(7, subject="x", technicians=("x",), invoices=("x",))])
    hostile = render_index(text, [listed(7, subject=text, technicians=(text,), invoices=(text,))])
    wanted = [kind for kind in tokens(plain_one) if kind != "text"]
    assert [kind for kind in tokens(hostile) if kind not in ("text", "text_special")] == wanted


@given(st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_is_one_line_without_markup(text: str) -> None:
    shown = plain(text)
    assert "\n" not in shown
    kinds = tokens(f"| a | b |\n|---|---|\n| {shown} | x |\n")
    assert kinds.count("td_open") == 2
    assert not set(kinds) & {"link_open", "image", "html_inline", "code_inline", "strong_open", "em_open", "s_open"}


def test_addresses_are_broken_where_readers_would_make_links_of_them() -> None:
    assert plain("http://a.example www.a.example") == "http:\\//a.example www\\.a.example"
    assert link("2026-04-17-7-a b](x).md") == "2026-04-17-7-a%20b%5D%28x%29.md"


def test_a_front_matter_that_can_not_be_read_leaves_the_name() -> None:
    found = listed_log("2026-04-17-7-server-upgrade.md", "no front matter")
    assert found == Listed("2026-04-17-7-server-upgrade.md", LogName(DAY, 7, "server-upgrade"), "server-upgrade", 0)
    bent = listed_log("2026-04-17-7-x.md", "---\nminutes: many\nsubject: [a]\ntags: {a: b}\ninvoices: 7\n---\n")
    assert bent is not None
    assert (bent.minutes, bent.subject, bent.tags, bent.invoices) == (0, "x", (), ("7",))
    assert listed_log("README.md", "") is None


def test_the_name_of_a_log_reads_back() -> None:
    for name in (log_name(DAY, 32162, "Server upgrade"), log_name(DAY, 7, "", "customer")):
        assert parse_log_name(name.filename) == name
    for other in (
        "notes.md",
        "2026-13-01-7-x.md",
        "2026-04-17-7-X.md",
        "2026-04-17-7-x.a.b.md",
        "2026-04-17-07-x.md",
        "README.md",
    ):
        assert parse_log_name(other) is None


def test_the_same_ticket_comes_first_then_what_has_most_in_common() -> None:
    before = DAY - timedelta(days=10)
    same = listed(7, before, "Anything")
    tagged = listed(8, before, "Anything else", tags=("RAID",))
    worded = listed(9, DAY - timedelta(days=1), "The SERVER needs an úpgrade again")
    one_word_same_contact = listed(10, before, "Server", contact="Len Ford")
    others = [
        listed(11, before, "Server room key"),
        listed(12, before, "Printer", contact="Len Ford"),
        listed(13, DAY, "Server upgrade"),
        listed(14, DAY + timedelta(days=1), "Server upgrade"),
        listed(15, before, "Server upgrade", template="customer"),
    ]
    log = listed(7, DAY, "Server upgrade", tags=("raid",), contact="len ford")
    found = Earlier([log, *others, one_word_same_contact, worded, tagged, same]).of(log)
    assert [one.name.number for one in found] == [7, 9, 10, 8]


def test_at_most_five_earlier_logs_are_named_whatever_their_order() -> None:
    logs = [listed(n, DAY - timedelta(days=n), "Server upgrade") for n in range(1, 30)]
    log = listed(99)
    assert Earlier(logs).of(log) == Earlier(logs[::-1]).of(log)
    assert [one.name.number for one in Earlier(logs).of(log)] == [1, 2, 3, 4, 5]


def test_words_that_every_ticket_has_tell_nothing() -> None:
    assert (
        Earlier([listed(8, DAY - timedelta(days=1), "Please help, urgent problem")]).of(
            listed(7, DAY, "Urgent: please help with this problem")
        )
        == ()
    )
