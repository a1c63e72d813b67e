"""Running timers as values: what one is, how many minutes it has, and when a person has to say what it is.

Moments are aware UTC datetimes; `zone` is the workspace's, in which people say and read times. `status` reads timers
each time, so what only a stop needs is imported there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from synclog.core.notes import Note
    from synclog.model import Minutes, TicketNumber

Why = Literal["overnight", "long", "clock"]
"""Why the clock alone can't say what a timer is: it began on an earlier day, it runs very long, or it begins in the
future by a clock that was set back."""

_LONG = timedelta(hours=12)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Noting:
    """The durable intent to make a timer a note: `note` at the end of the file at `path`, in the work tree at `root`.
    `before` is how many notes with its start and minutes the file had already."""

    root: str
    path: str
    note: Note
    before: int


@dataclass(frozen=True, slots=True)
class Running:
    """A running timer. `number` is 0 for a new ticket's file, which `path` names (of a ticket: where its file was when
    it began); `folder` is the workspace's place in its repository. `since` is when the work began, `made` when that was
    said. `noting` is set once it was stopped, until that is
    known to be done."""

    id: str
    folder: str
    number: TicketNumber
    path: str
    subject: str
    since: datetime
    made: datetime
    labor: str | None = None
    noting: Noting | None = None

    @property
    def name(self) -> str:
        """What people call it: the ticket's number, else the name of the new ticket's file."""
        return f"#{self.number}" if self.number else self.path.rsplit("/", 1)[-1]

    def is_called(self, word: str) -> bool:
        """Return whether a person means this one by `word`: a number, a path or a file's name."""
        plain = word.strip().removeprefix("#")
        if self.number:
            return plain == str(self.number) or plain == self.path
        return plain in (self.path, self.name, self.name.removesuffix(".md"))


def whole_minutes(since: datetime, until: datetime) -> Minutes:
    """Return the minutes between two moments, what is begun of one counting whole."""
    return -((since - until) // _MINUTE)


def why_ask(since: datetime, now: datetime, zone: tzinfo) -> Why | None:
    """Return why a person has to say what a timer that is stopped `now` is, None where the clock says it."""
    if now < since:
        return "clock"
    if since.astimezone(zone).date() != now.astimezone(zone).date():
        return "overnight"
    return "long" if now - since > _LONG else None


def minutes_worked(since: datetime, until: datetime) -> Minutes:
    """Return the minutes of a note for work from `since` to `until`. Raises ValueError where that is none, or more
    than a note can have."""
    from synclog.core.durations import LONGEST, format_minutes

    minutes = whole_minutes(since, until)
    if minutes < 1:
        raise ValueError("it would end before it began")
    if minutes > LONGEST:
        raise ValueError(f"it would be {format_minutes(minutes)}, and a note has at most 24h")
    return minutes


def timer_note(timer: Running, given: Note, minutes: Minutes, zone: tzinfo) -> Note:
    """Return `given` as the note of a timer: with the minutes worked, the local start, and the timer's labor unless it
    names one."""
    from synclog.core.notes import NoteDate

    local = timer.since.astimezone(zone)
    begun = NoteDate(local.date(), time(local.hour, local.minute))
    return replace(given, minutes=minutes, date=begun, labor=given.labor or timer.labor)


def alike(notes: Iterable[Note], note: Note) -> int:
    """Return how many of `notes` have the start and the minutes of `note`; their words may have been edited."""
    return sum(one.date == note.date and one.minutes == note.minutes for one in notes)
