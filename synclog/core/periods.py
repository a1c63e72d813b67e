"""Spans of local days as people name them: `2026-04-17`, `2026-04`, `today`, `yesterday`."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

FORMS = "write a day or a month: 2026-04-17, 2026-04, today, yesterday"

_MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """The local days from `first` to `last`, both included; None where it is open."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def parse_day(text: str, today: date, *, end: Literal["first", "last"]) -> date:
    """Return the day that `text` names; of a month its `first` or its `last` one.

    Raises ValueError, whose text names the accepted forms, for anything else.
    """
    written = text.strip().lower()
    if written in ("today", "yesterday"):
        return today - timedelta(days=written == "yesterday")
    try:
        if month := _MONTH.fullmatch(written):
            year, number = int(month[1]), int(month[2])
            first = date(year, number, 1)
            return first if end == "first" else first.replace(day=calendar.monthrange(year, number)[1])
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        raise ValueError(f"`{text}` is not in the calendar: {FORMS}") from None
    raise ValueError(f"`{text}` is not a day: {FORMS}")
