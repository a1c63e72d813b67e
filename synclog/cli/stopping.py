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
from synclog.cli.workedtime import Clock
from synclog.errors import SynclogError, UsageError

if TYPE_CHECKING:
    from synclog.app.stopping import Stopped, Unfinished
    from synclog.cli.sending import Sending
    from synclog.core.notes import Note
    from synclog.core.running import Running
    from synclog.core.ticketfile import TicketFile
    from synclog.model import Minutes


def is_number(word: str) -> bool:
    """Return whether a word is a ticket's number."""
    return word.isascii() and word.isdigit() and len(word) <= 18 and int(word) > 0


@dataclass(frozen=True, slots=True)
class Stopping:
    """One run of `stop`, which was called at `now`."""

    app: App
    way: Sending
    now: datetime

    @property
    def zone(self) -> tzinfo:
        return self.way.workspace.settings.timezone

    @property
    def clock(self) -> Clock:
        return Clock(self.app, self.now, self.zone)

    # --- which -------------------------------------------------------------------------------------------------------

    def finished(self, ticket: str | None, text: str | None) -> Stopped | None:
        """Complete stops that were interrupted, and say so. Return the one that this run was to be: that of `ticket`,
        or the last where no other timer is running. Raises why that one can't be completed."""
        done, failed = self.complete()
        for bad in failed:
            if bad.timer.is_called(ticket) if ticket is not None else len(self._running()) == 1:
                raise bad.error
        fit = [one for one in done if ticket is None or one.timer.is_called(ticket) or ticket == str(one.number)]
        if not fit or (ticket is None and self._running()):
            return None
        if text is not None and text.strip() != fit[-1].note.text:
            self.app.tell(f"its text is the one of that stop: to change it, edit {fit[-1].path}")
        return fit[-1]

    def complete(self) -> tuple[Sequence[Stopped], Sequence[Unfinished]]:
        """Complete stops that were interrupted; say which were, and which can't be."""
        from synclog.app.stopping import finish_stopped

        done, failed = finish_stopped(self.way.workspace, tell=self.app.tell)
        for one in done:
            self.app.tell(f"completed a stop that was interrupted: {self._words(one)}")
            self._typed(one.timer).forget()
        for bad in failed:
            self.app.tell(f"the interrupted stop of {timer_name(bad.timer)} waits: {bad.error.message}")
        return done, failed

    def _running(self) -> Sequence[Running]:
        from synclog.app.running import running_timers

        return running_timers(self.way.workspace)

    def chosen(self, ticket: str | None) -> Running:
        """Return the timer that is meant: the only one, that of `ticket`, or the one that is chosen on a terminal."""
        timers = self._running()
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

    # --- doing it ----------------------------------------------------------------------------------------------------

    def stop(self, timer: Running, worked: Minutes, given: Note, text: str | None) -> Stopped:
        """Make a timer a note of these minutes, and of the text that was given or is asked for."""
        from synclog.app.stopping import stop
        from synclog.core.running import timer_note

        if timer.noting is not None:
            remedy = "mend what is said above, and run it again; or `synclog stop --discard`, which shows the note"
            raise UsageError(f"the stop of {timer_name(timer)} was interrupted, and waits", remedy=remedy)
        with self._kept(timer):
            file = self._file_of(timer)
            typed = self._typed(timer)
            note = given.with_text(text_of(self.app, text, typed, "the note"))
            note = timer_note(timer, note, worked, self.zone)
            done = stop(self.way.workspace, timer, file.path, note, tell=self.app.tell)
        if done.note.text == note.text:
            typed.arrived()
        return done

    def _typed(self, timer: Running) -> TypedText:
        return TypedText(self.way.workspace, f"stop-{timer.id}")

    @contextmanager
    def _kept(self, timer: Running) -> Iterator[None]:
        """Say of a stop that fails how it is to be gone on with."""
        try:
            yield
        except SynclogError:
            still = next((one for one in self._running() if one.id == timer.id), None)
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
