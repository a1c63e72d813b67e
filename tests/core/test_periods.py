"""Days and months as people name them."""

from __future__ import annotations

from datetime import date

import pytest

from synclog.core.periods import Period, parse_day

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-04-17", date(2026, 4, 17), date(2026, 4, 17)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        (" Today ", TODAY, TODAY),
        ("yesterday", date(2026, 2, 28), date(2026, 2, 28)),
    ],
)
def test_a_day_or_a_month_names_its_first_and_its_last_day(text: str, first: date, last: date) -> None:
    assert parse_day(text, TODAY, end="first") == first
    assert parse_day(text, TODAY, end="last") == last


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-02-30", "0000-01", "17.4.2026", "2026-04-17T09:00", "٢٠٢٦-٠٤"]
)
def test_anything_else_is_answered_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match="write a day or a month: 2026-04-17"):
        parse_day(text, TODAY, end="first")


def test_a_period_holds_both_its_ends_and_may_be_open() -> None:
    april = Period(date(2026, 4, 1), date(2026, 4, 30))
    assert date(2026, 4, 1) in april
    assert date(2026, 4, 30) in april
    assert date(2026, 3, 31) not in april
    assert date(2026, 5, 1) not in april
    assert date.min in Period()
    assert date(2026, 5, 1) in Period(first=date(2026, 4, 1))
