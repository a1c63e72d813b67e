"""A note of a ticket file and what belongs to it, as values. Reading them from YAML is notereading.py."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Literal

from synclog.model import Audience, CommentId, Minutes, Reference

Word = Literal["today", "yesterday"]

_WHEN = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2}|today|yesterday)(?:[T ]+(?P<time>\d{1,2}:\d{2}))?", re.ASCII)
WRITTEN = re.sub(r"\?P<\w+>", "", _WHEN.pattern)
"""An expression for the forms of a date, without names for its parts: not every reader of expressions takes them."""

FORMS = "write a date and, if you like, a time: 2026-04-17, 2026-04-17 09:00, yesterday"


@dataclass(frozen=True, slots=True)
class NoteDate:
    """When the work of a note began, local. `day` is None where a `word` says it: what that means depends on today."""

    day: date | None
    time: time | None = None
    word: Word | None = None

    def resolve(self, today: date) -> date:
        """Return the day, given the local day of today."""
        if self.day is not None:
            return self.day
        return today - timedelta(days=1) if self.word == "yesterday" else today

    @property
    def text(self) -> str:
        """As it is written in a file."""
        day = self.day.isoformat() if self.day else self.word or "today"
        return f"{day} {self.time.isoformat('minutes')}" if self.time else day


def parse_note_date(text: str) -> NoteDate:
    """Return when work began: a date, a date with a local time, `today` or `yesterday`.

    Raises ValueError, whose text names the accepted forms, for anything else.
    """
    match = _WHEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"`{text}` is not a date: {FORMS}")
    words: dict[str, Word] = {"today": "today", "yesterday": "yesterday"}
    word = words.get(match["day"])
    try:
        day = None if word else date.fromisoformat(match["day"])
        begun = time.fromisoformat(match["time"].zfill(5)) if match["time"] else None
    except ValueError:
        raise ValueError(f"`{text}` is not in the calendar or on the clock: {FORMS}") from None
    return NoteDate(day, begun, word)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The durable intent to post: written into a note before the first attempt.

    `day` and `place` went into the reference; `after` is the highest comment id of the ticket at that time (of a
    draft: the highest ticket id), `by` the Syncro user. `comment` is set when the comment is known to be there (of a
    draft: the ticket); `problem` says why it is not done. `earlier` are the references that it had before its content
    changed.

    A person's word, by `resolve`: `passed` are comments that are not it, `again` that it is to be sent and nothing of
    it is under way, `time_settled` that its time needs nothing any more.
    """

    reference: Reference
    day: date
    place: int
    after: int
    by: int
    comment: CommentId | None = None
    problem: str | None = None
    earlier: tuple[Reference, ...] = ()
    passed: tuple[CommentId, ...] = ()
    again: bool = False
    time_settled: bool = False

    def as_yaml(self) -> dict[str, str | int | tuple[str | int, ...]]:
        """Return what stands under `synclog:`."""
        found: dict[str, str | int | tuple[str | int, ...]] = {
            "id": self.reference,
            "of": f"{self.day.isoformat()}/{self.place}",
            "after": self.after,
            "by": self.by,
        }
        if self.comment is not None:
            found["comment"] = self.comment
        if self.problem is not None:
            found["problem"] = self.problem
        if self.earlier:
            found["earlier"] = self.earlier
        if self.passed:
            found["not"] = self.passed
        if self.again:
            found["again"] = True
        if self.time_settled:
            found["time"] = "settled"
        return found


@dataclass(frozen=True, slots=True)
class Note:
    """One note. `text` is markdown without blank lines at its ends; `labor` is as written: an alias or a product id.

    None is what was not written. `index` is its place in the list, `line` to `end_line` its lines in the file.
    """

    text: str
    minutes: Minutes | None = None
    billed: Minutes | None = None
    labor: str | None = None
    subject: str | None = None
    to: Audience | None = None
    date: NoteDate | None = None
    hold: bool = False
    stamp: Stamp | None = None
    index: int = 0
    line: int = 0
    end_line: int = 0

    def with_text(self, text: str) -> Note:
        """Return this note with another text."""
        return replace(self, text=text)
