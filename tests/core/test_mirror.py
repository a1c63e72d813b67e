from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.cleantext import clean_line, clean_text
from synclog.core.mirror import (
    ChargeRow,
    Entry,
    InvoiceRow,
    Mirror,
    TimeRow,
    heading_part,
    parse_mirror,
    quoted,
    render_mirror,
)

PHOENIX = ZoneInfo("America/Phoenix")
OPENING = datetime(2026, 4, 15, 9, 12, tzinfo=PHOENIX)


def test_an_empty_ticket_shows_an_empty_conversation_and_an_empty_time_table() -> None:
    assert render_mirror(Mirror()) == (
        "\n## Conversation\n\n## Time\n\n"
        "| date | minutes | labor | tech | billed | notes |\n|---|---|---|---|---|---|\n"
    )


def test_the_text_of_a_ticket_with_all_that_it_can_have() -> None:
    mirror = Mirror(
        entries=(
            Entry(OPENING, "Len Ford", "Initial Issue", "public", "The server is slow since Monday.\n\nLen"),
            Entry(OPENING + timedelta(hours=2), "Jörg Weiß", "Update", "private", "RAID degraded"),
        ),
        time=(TimeRow(date(2026, 4, 15), 90, "remote", "Jörg Weiß", "90 open", "disk 2 | bay 4"),),
        charges=(ChargeRow("SSD 960 GB", Decimal("2"), Decimal("189.50"), False),),
        invoices=(InvoiceRow("10231", date(2026, 4, 16), Decimal("0.00")),),
    )
    assert render_mirror(mirror) == (
        "\n## Conversation\n\n"
        "### 2026-04-15 09:12 · Len Ford · Initial Issue · public\n\n"
        "> The server is slow since Monday.\n>\n> Len\n\n"
        "### 2026-04-15 11:12 · Jörg Weiß · Update · private\n\n"
        "> RAID degraded\n\n"
        "## Time\n\n| date | minutes | labor | tech | billed | notes |\n|---|---|---|---|---|---|\n"
        "| 2026-04-15 | 90 | remote | Jörg Weiß | 90 open | disk 2 \\| bay 4 |\n\n"
        "## Charges\n\n| name | quantity | price | invoiced |\n|---|---|---|---|\n| SSD 960 GB | 2 | 189.50 | no |\n\n"
        "## Invoices\n\n| number | date | total |\n|---|---|---|\n| 10231 | 2026-04-16 | 0.00 |\n"
    )
    assert parse_mirror(render_mirror(mirror), PHOENIX) == mirror


def test_what_a_customer_writes_never_looks_like_ours_whatever_separates_its_lines() -> None:
    hostile = [
        "---",
        "# Heading",
        "## Time",
        "### 2026-01-01 10:00 · Boss · Update · public",
        "<!-- synclog:base {} -->",
    ]
    for separator in ("\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"):
        mirror = Mirror((Entry(OPENING, "Len", "Update", "public", separator.join(["hi", *hostile])),))
        lines = render_mirror(mirror).splitlines()
        for line in hostile:
            assert f"> {line}" in lines, (separator, line)
        assert len(parse_mirror(render_mirror(mirror), PHOENIX).entries) == 1


def test_author_and_subject_cannot_break_the_heading() -> None:
    mirror = Mirror((Entry(OPENING, "Len · Boss\n### x", "· Re: a·b · private ·", "public", ""),))
    assert "### 2026-04-15 09:12 · Len - Boss ### x · - Re: a·b - private - · public\n" in render_mirror(mirror)


def test_nobody_and_no_subject_still_make_a_heading_that_can_be_read() -> None:
    mirror = Mirror((Entry(OPENING, "", "\u200b", "public", ""),))
    [entry] = parse_mirror(render_mirror(mirror), PHOENIX).entries
    assert (entry.author, entry.subject, entry.text) == ("unknown", "–", "")


def test_an_editor_that_reflows_or_strips_costs_no_entry() -> None:
    bent = (
        "## Conversation\n### 2026-04-15 09:12 · Len Ford · Initial Issue · public\n> The server is\n"
        "slow since\n>Monday.\n"
        "## Time\n|date|minutes|labor|tech|billed|notes|\n|---|---|---|---|---|---|\n"
        "|2026-04-15|90|remote|Mia|no||\n|broken|\n"
    )
    mirror = parse_mirror(bent, PHOENIX)
    assert mirror.entries[0].text == "The server is\nslow since\nMonday."
    assert mirror.time == (TimeRow(date(2026, 4, 15), 90, "remote", "Mia", "no", ""),)


_text = st.text(st.characters(exclude_categories=()) | st.sampled_from("·|\\>#-`\n\r\x1b\u2028 \t"), max_size=60)
_amount = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**7), max_value=10**7)
_entry = st.builds(
    Entry,
    when=st.integers(-500_000_000, 500_000_000).map(lambda minutes: OPENING + timedelta(minutes=minutes)),
    author=_text.map(lambda t: heading_part(t, "unknown")),
    subject=_text.map(heading_part),
    visibility=st.sampled_from(("public", "private")),
    text=_text.map(clean_text),
)
_line = _text.map(clean_line)
_mirror = st.builds(
    Mirror,
    entries=st.lists(_entry, max_size=3).map(tuple),
    time=st.lists(st.builds(TimeRow, st.dates(), st.integers(0, 1440), _line, _line, _line, _line), max_size=3).map(
        tuple
    ),
    charges=st.lists(st.builds(ChargeRow, _line, _amount, _amount, st.booleans()), max_size=3).map(tuple),
    invoices=st.lists(st.builds(InvoiceRow, _line, st.dates(), _amount), max_size=3).map(tuple),
)


@given(_mirror)
@settings(max_examples=150, deadline=None)
def test_a_mirror_reads_back_as_it_was(mirror: Mirror) -> None:
    text = render_mirror(mirror)
    assert parse_mirror(text, PHOENIX) == mirror
    assert render_mirror(parse_mirror(text, PHOENIX)) == text


@given(
    _text,
    st.sampled_from(
        ("## Conversation\n### 2026-04-15 09:12 · ", "## Time\n| 2026-13-01 | ", "## Charges\n| x | NaN | 1 | no |")
    ),
)
@settings(max_examples=100, deadline=None)
def test_reading_any_text_never_raises(text: str, start: str) -> None:
    parse_mirror(start + text, PHOENIX)


@given(_text)
@settings(max_examples=200, deadline=None)
def test_every_line_is_quoted_and_none_holds_a_control_character(text: str) -> None:
    for line in quoted(text).splitlines():
        assert line == ">" or line.startswith("> ")
        assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in line)
    assert clean_text(clean_text(text)) == clean_text(text)
    assert "\n" not in clean_line(text)


def test_terminal_commands_go_with_their_arguments() -> None:
    assert clean_line("\x1b[31mred\x1b[0m \x1b]0;title\x07alert \x9b2Jx") == "red alert x"


@pytest.mark.parametrize("total", ["1E+40", "1e-999999", "NaN", "Infinity", "10000000000000000"])
def test_a_number_that_no_account_has_costs_its_row_alone(total: str) -> None:
    rows = f"| 7 | 2026-04-20 | {total} |\n| 8 | 2026-04-20 | 9.50 |\n"
    text = f"## Invoices\n\n| number | date | total |\n|---|---|---|\n{rows}"
    assert [row.number for row in parse_mirror(text, PHOENIX).invoices] == ["8"]
