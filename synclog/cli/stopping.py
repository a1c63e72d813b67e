"""How `stop` goes: which timer, how long it was, what is asked on a terminal, and what is said of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import click

from synclog.cli.context import App, Report, say
from synclog.cli.runningtext import minutes_words, running_json, timer_name
from synclog.cli.texts import TypedText, text_of
from synclog.errors import DecisionNeeded, SynclogError, UsageError

if TYPE_CHECKING:
    from synclog.app.stopping import Stopped
    from synclog.cli.sending import Sending
    from synclog.core.notes import Note
    from synclog.core.running import Running, Why
    from synclog.core.ticketfile import TicketFile
    from synclog.model import Minutes

_FORMS = "17:30, 1h30m, now, or discard"


def is_number(word: str) -> bool:
    """Return whether a word is a ticket's number."""
    return word.isascii() and word.isdigit() and len(word) <= 18 and int(word) > 0


def moment_of(at: str, now: datetime, zone: tzinfo, after: datetime | None = None) -> datetime:
    """Return the moment that `--at` says. Raises UsageError."""
    from synclog.core.moments import parse_at

    try:
        return parse_at(at, now, zone, after=after)
    except ValueError as error:
        said, _, forms = str(error).rpartition(": ")
        raise UsageError(f"--at: {said}", remedy=forms) from None


@dataclass(frozen=True, slots=True)
class Stopping:
    """One run of `stop`, which was called at `now`."""

    app: App
    way: Sending
    now: datetime

    @property
    def zone(self) -> tzinfo:
        return self.way.workspace.settings.timezone

    # --- which -------------------------------------------------------------------------------------------------------

    def finished(self, ticket: str | None, text: str | None) -> Stopped | None:
        """Complete stops that were interrupted, and say so. Return the one that this run was to be: that of `ticket`,
        or the last where no other timer is running."""
        from synclog.app.running import running_timers
        from synclog.app.stopping import finish_stopped

        completed = finish_stopped(self.way.workspace, tell=self.app.tell)
        for done in completed:
            self.app.tell(f"completed a stop that was interrupted: {self._words(done)}")
        fit = [done for done in completed if ticket is None or ticket in (str(done.number), done.path)]
        fit += [done for done in completed if ticket is not None and done.timer.is_called(ticket) and done not in fit]
        if not fit or (ticket is None and running_timers(self.way.workspace)):
            return None
        if text is not None and text.strip() != fit[-1].note.text:
            self.app.tell(f"its text is the one of that stop: to change it, edit {fit[-1].path}")
        return fit[-1]

    def chosen(self, ticket: str | None) -> Running:
        """Return the timer that is meant: the only one, that of `ticket`, or the one that is chosen on a terminal."""
        from synclog.app.running import running_timers

        timers = running_timers(self.way.workspace)
        if not timers:
            remedy = "`synclog start NUMBER` starts one; `synclog comment NUMBER --time 45` needs none"
            raise UsageError("no timer is running", remedy=remedy)
        if ticket is not None:
            return self._called(timers, ticket)
        if len(timers) == 1:
            return timers[0]
        names = ", ".join(timer_name(timer) for timer in timers)
        if not self.app.interactive:
            raise UsageError(f"several timers are running: {names}", remedy="say which one: --ticket NUMBER")
        say(f"several timers are running: {names}", sys.stderr)
        while True:
            word = click.prompt("Which ticket's", err=True)
            try:
                return self._called(timers, word)
            except UsageError as error:
                say(error.message, sys.stderr)

    def _called(self, timers: Sequence[Running], ticket: str) -> Running:
        from synclog.app.stopping import ticket_of_draft

        found = [timer for timer in timers if timer.is_called(ticket)]
        plain = ticket.strip().removeprefix("#")
        if not found and is_number(plain):
            drafts = (timer for timer in timers if not timer.number)
            found = [timer for timer in drafts if ticket_of_draft(self.way.workspace, timer) == int(plain)]
        if len(found) == 1:
            return found[0]
        names = ", ".join(timer_name(timer) for timer in timers)
        raise UsageError(f"{'several timers run' if found else 'no timer runs'} for `{ticket}`; running: {names}")

    # --- how long ----------------------------------------------------------------------------------------------------

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

    # --- doing it ----------------------------------------------------------------------------------------------------

    def stop(self, timer: Running, worked: Minutes, given: Note, text: str | None) -> Stopped:
        """Make a timer a note of these minutes, and of the text that was given or is asked for."""
        from synclog.app.stopping import stop
        from synclog.core.running import timer_note

        with self._kept(timer):
            file = self._file_of(timer)
            typed = TypedText(self.way.workspace, f"stop-{file.number or timer.id}")
            note = given.with_text(text_of(self.app, text, typed, "the note"))
            note = timer_note(timer, note, worked, self.zone)
            done = stop(self.way.workspace, timer, file.path, note, tell=self.app.tell)
        if done.note.text == note.text:
            typed.arrived()
        return done

    @contextmanager
    def _kept(self, timer: Running) -> Iterator[None]:
        """Say of a stop that fails how it is to be gone on with."""
        from synclog.app.running import running_timers

        try:
            yield
        except SynclogError:
            still = next((one for one in running_timers(self.way.workspace) if one.id == timer.id), None)
            if still is not None and still.noting is None:
                at = self.now.astimezone(self.zone).isoformat(timespec="minutes")
                self.app.tell(f"the timer of {timer_name(timer)} runs on; to end it as of now, later: --at {at}")
            elif still is not None:
                self.app.tell(f"the timer of {timer_name(timer)} is kept: `synclog stop` completes it")
            raise

    def _file_of(self, timer: Running) -> TicketFile:
        """The file that a timer's note belongs to: of a new ticket the draft, or that of the ticket it became."""
        from synclog.app.running import draft_named
        from synclog.app.stopping import ticket_of_draft

        workspace = self.way.workspace
        number = timer.number or ticket_of_draft(workspace, timer)
        if number:
            return self.way.file_of(number)
        if workspace.is_ticket_path(timer.path):
            return draft_named(workspace, str(workspace.root / timer.path))
        since = timer.since.astimezone(self.zone).isoformat(timespec="minutes")
        raise UsageError(
            f"{timer.path} is not here any more",
            remedy=f"bring it back; or start its ticket's timer: `synclog start NUMBER --also --at {since}`, and then "
            f"`synclog stop --discard --ticket {timer.name}`",
        )

    def discard(self, timer: Running, *, sure: bool) -> Report:
        """Forget a timer that is not wanted: asked on a terminal, unless `sure`."""
        if not (sure or self.app.interactive):
            raise UsageError("there is no terminal to ask on", remedy="add --yes to discard it")
        if not sure and not click.confirm(f"Discard {self._sum(timer)}?", default=False, err=True):
            return Report({"discarded": None}, ["nothing was discarded"])
        return self.discarded(timer)

    def discarded(self, timer: Running) -> Report:
        """Forget a timer, and say what is lost with it."""
        from synclog.app.running import discard

        discard(self.way.workspace, timer)
        lines = [f"discarded: {self._sum(timer)}"]
        if timer.noting is not None:
            lines.append(f"its stop was interrupted: the note may be in {timer.noting.path}, and said:")
            lines += [f"    {line}" for line in timer.noting.note.text.splitlines()]
        return Report({"discarded": running_json(timer, self.now, self.zone)}, lines)

    def _sum(self, timer: Running) -> str:
        from synclog.core.moments import clock_words
        from synclog.core.running import whole_minutes

        minutes = minutes_words(max(0, whole_minutes(timer.since, self.now)))
        return f"{minutes} of {timer_name(timer)}, since {clock_words(timer.since, self.now, self.zone)}"

    # --- what is said ------------------------------------------------------------------------------------------------

    def report(self, done: Stopped) -> Report:
        """Send the note, or leave it in its file, as this run was asked to."""
        row = {
            "number": done.number or None,
            "subject": done.timer.subject,
            "since": done.timer.since.astimezone(self.zone).isoformat(timespec="seconds"),
            "minutes": done.note.minutes,
        }
        numbers = [done.number] if done.number else []
        if done.root != self.way.workspace.root:
            lines = [
                f"stopped: {self._words(done)}",
                f"it waits in {done.root / done.path}: `synclog push` there sends it",
            ]
            return Report({"stopped": row, "path": done.path, "queued": True}, lines)
        if self.way.queue:
            report = self.way.queued(done.path, numbers)
            lines = [f"stopped: {self._words(done)}", *report.lines]
        else:
            self.app.tell(f"stopped: {self._words(done)}")
            report = self.way.send(done.path, numbers, drafts=[] if numbers else [done.path])
            lines = list(report.lines)
        return replace(report, result={"stopped": row, **report.result}, lines=lines)

    def _words(self, done: Stopped) -> str:
        from synclog.core.moments import clock_words

        since = clock_words(done.timer.since, self.now, self.zone)
        name = timer_name(replace(done.timer, number=done.number))
        return f"{name}: {minutes_words(done.note.minutes or 0)} since {since}"
