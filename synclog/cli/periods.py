"""Options that name a span of local days."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Literal

from synclog.core.periods import Period, parse_day
from synclog.errors import UsageError


def period_of(first: str | None, last: str | None, zone: tzinfo, *, names: tuple[str, str]) -> Period:
    """Return the days that two options name, both included; one that was not given leaves its end open.

    `names` are the options, for errors. Raises UsageError.
    """
    today = datetime.now(zone).date()
    period = Period(_day(first, today, "first", names[0]), _day(last, today, "last", names[1]))
    if period.first and period.last and period.last < period.first:
        raise UsageError(
            f"{names[1]} {period.last} is before {names[0]} {period.first}", remedy="name the earlier day first"
        )
    return period


def _day(text: str | None, today: date, end: Literal["first", "last"], name: str) -> date | None:
    try:
        return None if text is None else parse_day(text, today, end=end)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
