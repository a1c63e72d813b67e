"""How long a stopped timer was: by the clock, by what was said, or by what is asked on a terminal."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import click

from synclog.cli.context import App, say
from synclog.cli.runningtext import minutes_words, timer_name
from synclog.errors import DecisionNeeded, UsageError

if TYPE_CHECKING:
    from synclog.core.running import Running, Why
    from synclog.model import Minutes

_FORMS = "17:30, 1h30m, now, or discard"


def moment_of(at: str, now: datetime, zone: tzinfo, after: datetime | None = None, *, option: str = "--at") -> datetime:
    """Return the moment that an option says; a bare time is one of today, or the first one `after`. Raises
    UsageError."""
    from synclog.core.moments import parse_at

    try:
        return parse_at(at, now, zone, after=after)
    except ValueError as error:
        said, _, forms = str(error).rpartition(": ")
        raise UsageError(f"{option}: {said}", remedy=forms) from None


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it was when the command was called, where, and whom to ask."""

    app: App
    now: datetime
    zone: tzinfo

    def worked(self, timer: Running, at: str | None, minutes: Minutes | None) -> Minutes | None:
        """Return the minutes that were worked, None where a person says that the timer is to be discarded.

        Raises UsageError for an `at` that can't be, DecisionNeeded where only a person can say it and none is there.
        """
        from synclog.core.running import why_ask

        if minutes is not None:
            return minutes
        if at is not None:
            return self._until(timer, at)
        why = why_ask(timer.since, self.now, self.zone)
        return self._until(timer, "now") if why is None else self._asked(timer, why)

    def _until(self, timer: Running, at: str) -> Minutes:
        from synclog.core.running import minutes_worked

        until = moment_of(at, self.now, self.zone, timer.since)
        try:
            minutes = minutes_worked(timer.since, until)
        except ValueError as error:
            raise UsageError(f"--at: {error}", remedy="say what was worked: --time 1h30m") from None
        whole, seconds = divmod(int((until - timer.since).total_seconds()), 60)
        if whole < minutes:
            self.app.tell(f"{whole} min {seconds} s count as {minutes_words(minutes)}")
        return minutes

    def _asked(self, timer: Running, why: Why) -> Minutes | None:
        said = self._why(timer, why)
        if not self.app.interactive:
            at = "" if why == "clock" else "--at 17:30, or "
            remedy = f"say when the work ended: {at}--time 1h30m; or --discard. The timer runs on"
            raise DecisionNeeded(said, remedy=remedy)
        say(said, sys.stderr)
        while True:
            answer = click.prompt(f"When did the work end, or how long was it? ({_FORMS})", err=True).strip()
            try:
                return self._answer(timer, answer)
            except UsageError as error:
                say(error.message, sys.stderr)

    def _answer(self, timer: Running, answer: str) -> Minutes | None:
        from synclog.core.durations import parse_minutes

        if answer == "discard":
            return None
        try:
            return parse_minutes(answer)
        except ValueError:
            return self._until(timer, answer)

    def _why(self, timer: Running, why: Why) -> str:
        from synclog.core.moments import clock_words
        from synclog.core.running import whole_minutes

        since = clock_words(timer.since, self.now, self.zone)
        if why == "clock":
            return f"the timer of {timer_name(timer)} begins at {since}, which is still to come: the clock was set back"
        long = minutes_words(whole_minutes(timer.since, self.now))
        return f"the timer of {timer_name(timer)} has run since {since}, which is {long}"
