"""Durations: the forms a technician may write, and those that are refused rather than guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.durations import LONGEST, format_minutes, parse_minutes


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("90", 90),
        ("90m", 90),
        ("90 min", 90),
        ("1h", 60),
        ("1h30m", 90),
        ("1h 30m", 90),
        ("1h30", 90),
        ("1H30M", 90),
        (" 45 ", 45),
        ("1.5h", 90),
        ("0.25h", 15),
        ("1.1h", 66),
        ("0h45m", 45),
        ("24h", 1440),
        ("1440", 1440),
    ],
)
def test_every_documented_form_is_read(written: str, minutes: int) -> None:
    assert parse_minutes(written) == minutes


@pytest.mark.parametrize(
    "written",
    ["", "0", "0h", "0:45", "1:30", "soon", "-5", "+5", "25h", "24h1m", "1441", "1.3333h", "1.5", "90s", "1h60m",
     "1h30m20s", "h", "m", "1e2", "٣٠", "½h", "1 h 30 m extra", "99999999999", "nan"],
)  # fmt: skip
def test_anything_else_is_refused_and_the_forms_are_named(written: str) -> None:
    with pytest.raises(ValueError, match="1h30m"):
        parse_minutes(written)


def test_a_comma_is_refused_with_the_way_to_write_it() -> None:
    with pytest.raises(ValueError, match=r"write a point, as in 1\.5h"):
        parse_minutes("1,5h")


@pytest.mark.parametrize(("minutes", "text"), [(1, "1m"), (45, "45m"), (60, "1h"), (90, "1h30m"), (1440, "24h")])
def test_minutes_are_shown_in_their_shortest_form(minutes: int, text: str) -> None:
    assert format_minutes(minutes) == text


@given(st.integers(1, LONGEST))
def test_what_is_shown_reads_back(minutes: int) -> None:
    assert parse_minutes(format_minutes(minutes)) == minutes


@given(st.text(max_size=12))
def test_no_text_makes_minutes_out_of_range(text: str) -> None:
    try:
        minutes = parse_minutes(text)
    except ValueError:
        return
    assert 0 < minutes <= LONGEST
