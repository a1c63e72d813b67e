"""Durations as technicians write them (`90`, `90m`, `1h30m`, `1.5h`) and whole minutes, the only unit inside."""

from __future__ import annotations

import re
from fractions import Fraction

from synclog.model import Minutes

LONGEST = 24 * 60
FORMS = "write whole minutes or hours: 90, 90m, 1h, 1h30m, 1h 30m or 1.5h; above 0 and at most 24h"

_MINUTES = re.compile(r"(\d{1,6})\s*(?:m|min)?", re.ASCII)
_HOURS = re.compile(r"(\d{1,4}(?:\.\d{1,6})?)\s*h", re.ASCII)
_BOTH = re.compile(r"(\d{1,4})\s*h\s*(\d{1,2})\s*(?:m|min)?", re.ASCII)
WRITTEN = "|".join(form.pattern for form in (_MINUTES, _HOURS, _BOTH))
"""An expression for the forms, of which a longer or an empty duration is one as well; lower case."""

_COMMA = re.compile(r"\d+,\d+\s*(?:h|m|min)?", re.ASCII)


def parse_minutes(text: str) -> Minutes:
    """Return the whole minutes that `text` says; nothing is rounded.

    Raises ValueError, whose text names the accepted forms, for anything else, for 0 and for more than 24 hours.
    """
    written = text.strip().lower()
    minutes = _exact(written, text)
    if minutes.denominator != 1:
        raise ValueError(f"`{text}` is not a whole number of minutes: {FORMS}")
    if not 0 < minutes <= LONGEST:
        raise ValueError(f"`{text}` is not above 0 and at most 24 hours: {FORMS}")
    return int(minutes)


def _exact(written: str, text: str) -> Fraction:
    if match := _MINUTES.fullmatch(written):
        return Fraction(match[1])
    if match := _HOURS.fullmatch(written):
        return Fraction(match[1]) * 60
    if match := _BOTH.fullmatch(written):
        if int(match[2]) >= 60:
            raise ValueError(f"`{text}` has 60 minutes or more beside its hours: {FORMS}")
        return Fraction(match[1]) * 60 + int(match[2])
    if _COMMA.fullmatch(written):
        raise ValueError(f"`{text}` has a comma, which could mean two things; write a point, as in 1.5h: {FORMS}")
    raise ValueError(f"`{text}` is not a duration: {FORMS}")


def format_minutes(minutes: Minutes) -> str:
    """Return the shortest form that `parse_minutes` reads back: `45m`, `2h`, `1h30m`."""
    hours, rest = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{rest}m" if rest or not hours else "")
