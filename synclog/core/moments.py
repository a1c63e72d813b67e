"""Moments as people say them, `9:15` or `yesterday 16:30`, on a clock that is set forward and back. All pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_FORMS = "write 9:15, yesterday 16:30, 2026-04-17 09:15 or now"
_DAY = timedelta(days=1)
_CLOCK = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_EXACT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)


def parse_at(text: str, now: datetime, zone: tzinfo, *, after: datetime | None = None) -> datetime:
    """Return the moment that a person says, not later than `now`: a local time, a day with one, or `now`.

    A bare time is one of today; with `after`, the first one after that. Raises ValueError, whose text names the
    accepted forms behind a colon, for a moment that is not on the clock, in the future, twice on the clock, or not
    after `after`.
    """
    said = " ".join(text.split())
    found = _possible(said, now, zone, after)
    if not found:
        raise ValueError(f"`{said}` did not exist, since the clocks went forward: {_FORMS}")
    fit = [moment for moment in found if moment <= now and (after is None or moment > after)]
    if not fit and after is not None:
        raise ValueError(f"`{said}` is not between the start ({clock_words(after, now, zone)}) and now: {_FORMS}")
    if not fit:
        raise ValueError(f"`{said}` is in the future: {_FORMS}")
    if len(fit) > 1:
        both = " or ".join(moment.astimezone(zone).isoformat(timespec="minutes") for moment in fit)
        raise ValueError(f"`{said}` was twice, since the clocks went back: write {both}")
    return fit[0]


def _possible(said: str, now: datetime, zone: tzinfo, after: datetime | None) -> list[datetime]:
    """The moments that may be meant, most often one; none for a time that the clock has skipped."""
    from synclog.core.notes import parse_note_date

    if said == "now":
        return [now]
    bare = _CLOCK.fullmatch(said) is not None
    try:
        if _EXACT.fullmatch(said):
            return [datetime.fromisoformat(said).astimezone(UTC)]
        today = now.astimezone(zone).date()
        day = parse_note_date(f"today {said}" if bare else said)
        if day.time is None:
            raise ValueError
        if not bare or after is None:
            return _on(day.resolve(today), day.time, zone)
        first = after.astimezone(zone).date()
        later = [moment for moment in _on(first, day.time, zone) if moment > after]
        return later or _on(first + _DAY, day.time, zone)
    except (ValueError, OverflowError):
        raise ValueError(f"`{said}` is not a time: {_FORMS}") from None


def _on(day: date, clock: time, zone: tzinfo) -> list[datetime]:
    """The moments at which the local clock shows this time of a day: two where it is set back, none where it is set
    forward over it."""
    moments = {datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)}
    shown = datetime.combine(day, clock)
    return sorted(moment for moment in moments if moment.astimezone(zone).replace(tzinfo=None) == shown)


def clock_words(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """Return a moment as people say it: `9:15` of today, `yesterday 16:30`, `2026-04-17 09:15`."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    clock = f"{local.hour}:{local.minute:02}"
    if local.date() == today:
        return clock
    return f"yesterday {clock}" if local.date() == today - _DAY else f"{local:%Y-%m-%d %H:%M}"
