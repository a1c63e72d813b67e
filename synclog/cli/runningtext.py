"""Running timers as lines for people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from synclog.cli.context import styled

if TYPE_CHECKING:
    from synclog.core.running import Running
    from synclog.model import Minutes


def running_lines(timers: Sequence[Running], now: datetime, zone: tzinfo) -> list[str]:
    """Return a line a timer: since when it runs, how long that is, and of what ticket."""
    return [styled("running", fg="green") + f" {running_words(timer, now, zone)}" for timer in timers]


def running_words(timer: Running, now: datetime, zone: tzinfo) -> str:
    """Return one timer: `since 9:15 (47 min): #32162 Server upgrade`, with what there is to do about it."""
    from synclog.core.moments import clock_words
    from synclog.core.running import why_ask

    shown = f"since {clock_words(timer.since, now, zone)}{_elapsed(timer, now)}: {timer_name(timer)}"
    if timer.noting is not None:
        return f"{shown} - its stop was interrupted: `synclog stop` completes it"
    if why_ask(timer.since, now, zone) is not None:
        return f"{shown} - `synclog stop` asks what it should be"
    return shown


def timer_name(timer: Running) -> str:
    """Return the ticket of a timer: its number, else its file's name, and its subject."""
    from synclog.core.cleantext import clean_line

    return f"{clean_line(timer.name)} {clean_line(timer.subject)}".rstrip()


def minutes_words(minutes: Minutes) -> str:
    """Return minutes for people: `47 min`, `1h30m`."""
    from synclog.core.durations import format_minutes

    return f"{minutes} min" if minutes < 60 else format_minutes(minutes)


def _elapsed(timer: Running, now: datetime) -> str:
    if now < timer.since:
        return " (the clock was set back since)"
    return f" ({minutes_words(int((now - timer.since).total_seconds()) // 60)})"


def running_json(timer: Running, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """Return a running timer for `--json`."""
    from synclog.core.running import why_ask

    return {
        "number": timer.number or None,
        "path": timer.path,
        "subject": timer.subject,
        "since": timer.since.astimezone(zone).isoformat(timespec="seconds"),
        "minutes": max(0, int((now - timer.since).total_seconds()) // 60),
        "labor": timer.labor,
        "asks": why_ask(timer.since, now, zone),
        "interrupted": timer.noting is not None,
    }
