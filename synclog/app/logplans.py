"""Which session logs are to be written: the trail is read once for all of them, files only of the tickets meant.

Nothing is written here, and no lock is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from synclog.app.files import IndexedFiles
from synclog.app.indexing import Raw, with_index
from synclog.app.session import Progress
from synclog.app.views import plain_rules
from synclog.core.clientcard import parse_card
from synclog.core.logfile import INDEX, LogName, log_name, parse_log_name, read_log
from synclog.core.logindex import Earlier, Listed, is_ours, listed_log, render_index
from synclog.core.mirror import parse_mirror
from synclog.core.sessionlog import Session, SessionLog, last_day, session_log, sessions_of, waiting_work, work_of
from synclog.errors import InvalidFile, SynclogError, UnknownTicket, UsageError
from synclog.model import Reference, TicketNumber
from synclog.render.sessionlog import listed_of

if TYPE_CHECKING:
    from synclog.core.ticketfile import TicketFile
    from synclog.core.trail import TrailEntry
    from synclog.workspace.ticketindex import TicketIndex
    from synclog.workspace.workspace import Workspace

FOLDER = "session-logs"
_POSTED_LATER = timedelta(days=62)
"""How long after its day a piece of work may have been posted, to be found by that day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which logs are meant: those of tickets, of customers whose name or folder has `customer` in it, of local days
    from `first` to `last`. `template` is another one than the workspace's usual one."""

    numbers: tuple[TicketNumber, ...] = ()
    customer: str | None = None
    first: date = date.min
    last: date = date.max
    template: str | None = None

    @property
    def is_dated(self) -> bool:
        """Whether only some days are meant."""
        return (self.first, self.last) != (date.min, date.max)


@dataclass(frozen=True, slots=True)
class Failure:
    """A log that could not be made or written, and why; `path` is the ticket's file or the log."""

    number: TicketNumber
    path: str
    error: SynclogError


@dataclass(frozen=True, slots=True)
class PlannedLog:
    """A log to write: the value, and what its file holds now."""

    number: TicketNumber
    path: str
    old: str | None
    log: SessionLog
    template: str

    @property
    def name(self) -> str:
        """The file's name in its folder."""
        return self.path.rpartition("/")[2]


class CustomerPlan:
    """The logs of one customer's folder: those to write, and what all of them say in the index."""

    def __init__(self, workspace: Workspace, customer: str) -> None:
        self._workspace, self._customer = workspace, customer
        self.top = f"clients/{customer}/{FOLDER}"
        self._names = {name: known for name in workspace.names_in(self.top) if (known := parse_log_name(name))}
        self._listed: dict[str, Listed] = {}
        self._entries: dict[str, frozenset[Reference]] = {}
        self.logs: list[PlannedLog] = []
        self.failed: list[Failure] = []

    def names_of(self, number: TicketNumber) -> dict[str, LogName]:
        """Return the logs that a ticket has here, by file."""
        return {name: known for name, known in sorted(self._names.items()) if known.number == number}

    def add(self, number: TicketNumber, session: Session, log: SessionLog, template: str) -> None:
        """Plan the log of a session, into the file that has it already, else into a new one. An empty `template` is the
        workspace's usual one, whose files bear no name of it."""
        settings = self._workspace.settings.session_log
        subject = log.fields.get("subject")
        fresh = log_name(session.day, number, subject if isinstance(subject, str) else "", template)
        name = self._place(fresh, session, by_day=settings.per == "day")
        path = f"{self.top}/{name}"
        try:
            old = self._workspace.read_text_or_none(path)
        except SynclogError as error:
            self.failed.append(Failure(number, path, error))
            return
        planned = PlannedLog(number, path, old, log, template or settings.template)
        self._names[name] = replace(fresh, words=parse_log_name(name).words)  # type: ignore[union-attr]
        self._listed[name] = listed_of(log, name, planned.template)
        self.logs.append(planned)

    def finish(self) -> None:
        """Put the logs in order, oldest first, and let each know the earlier ones about the same thing."""
        for name in sorted(self._names.keys() - self._listed.keys()):
            text = self._text(name)
            listed = None if text is None else listed_log(name, text)
            if listed:
                self._listed[name] = listed
        earlier = Earlier(self._listed.values())
        logs = sorted(self.logs, key=lambda log: (log.log.day, log.number))
        self.logs = [replace(one, log=replace(one.log, earlier=earlier.of(self._listed[one.name]))) for one in logs]

    def holds(self, log: PlannedLog, text: str | None) -> None:
        """Have the index show what a log's file holds now: where somebody edited it, that is not what we made."""
        listed = None if text is None else listed_log(log.name, text)
        if listed is None:
            self._listed.pop(log.name, None)
        else:
            self._listed[log.name] = listed

    @property
    def has_logs(self) -> bool:
        """Whether there is a log here, or will be."""
        return bool(self._listed)

    def index(self) -> tuple[str, str | None, str | None]:
        """Return the path of the index, what it is to hold (None: it is somebody's own), and what it holds."""
        path = f"{self.top}/{INDEX}"
        try:
            old = self._workspace.read_text_or_none(path)
        except SynclogError:
            return path, None, None
        if old is not None and not is_ours(old):
            return path, None, old
        text = render_index(customer_name(self._workspace, self._customer), self._listed.values())
        return path, old if old is not None and old.replace("\r\n", "\n") == text else text, old

    def _place(self, fresh: LogName, session: Session, *, by_day: bool) -> str:
        """The name of the file that has this session's log, or is free for it. Subjects change, names stay."""
        names = self.names_of(fresh.number)
        same = [name for name, known in names.items() if known.template == fresh.template]
        if by_day:
            return next((name for name in same if names[name].day == fresh.day), fresh.filename)
        taken = {log.name for log in self.logs}
        for name in same:
            if name not in taken and not session.references.isdisjoint(self._entries_of(name)):
                return name
        words, place = fresh.words, 1
        while fresh.filename in self._names:
            place += 1
            fresh = replace(fresh, words=f"{words}-{place}")
        return fresh.filename

    def _entries_of(self, name: str) -> frozenset[Reference]:
        if name not in self._entries:
            text = self._text(name)
            self._entries[name] = frozenset() if text is None else read_log(text).entries
        return self._entries[name]

    def _text(self, name: str) -> str | None:
        try:
            return self._workspace.read_text_or_none(f"{self.top}/{name}")
        except SynclogError:
            return None


def customer_name(workspace: Workspace, folder: str) -> str:
    """Return what the customer of a folder is called by its card, the folder's name without one."""
    path = f"clients/{folder}/client.md"
    try:
        return parse_card(workspace.read_text(path), path).fields["customer"] or folder
    except (SynclogError, FileNotFoundError):
        return folder


def plan_logs(
    workspace: Workspace, wanted: Wanted, progress: Progress, *, only_there: bool = False
) -> tuple[list[CustomerPlan], list[Failure]]:
    """Return what is to be written, by customer, and what can't be: files that are not valid. With `only_there` only
    logs that exist are looked at. Raises UnknownTicket, UsageError for a customer that nobody is."""
    return _Planning(workspace, wanted, progress, only_there).run()


class _Planning:
    """One reading of the trail and of the tickets that are meant."""

    def __init__(self, workspace: Workspace, wanted: Wanted, progress: Progress, only_there: bool) -> None:
        self.workspace, self.wanted, self.progress, self.only_there = workspace, wanted, progress, only_there
        self.settings = workspace.settings
        self.folders = _folders(workspace, wanted.customer)
        self.trail: dict[TicketNumber, list[TrailEntry]] = {}
        for entry in workspace.history.trail():
            self.trail.setdefault(entry.ticket, []).append(entry)
        by_push = self.settings.session_log.per == "push"
        self.pushes: Mapping[Reference, str] = workspace.history.pushes() if by_push else {}
        usual = self.settings.session_log.template
        self.template = "" if wanted.template in (None, usual) else wanted.template or ""

    def run(self) -> tuple[list[CustomerPlan], list[Failure]]:
        plans, failed = with_index(self.workspace, self._read)
        for plan in plans:
            plan.finish()
        return plans, failed

    def _read(self, index: TicketIndex, raw: Raw) -> tuple[list[CustomerPlan], list[Failure]]:
        files = IndexedFiles(self.workspace, index, raw, plain_rules(self.workspace))
        plans: dict[str, CustomerPlan] = {}
        failed: list[Failure] = []
        numbers = self.wanted.numbers or self._numbers()
        for at, number in enumerate(numbers):
            self.progress("tickets read", at, len(numbers))
            places = index.places(number)
            if places and places[0][0] not in self.folders:
                continue
            try:
                file = files.one(number)
            except UnknownTicket:
                if self.wanted.numbers:
                    raise
                continue  # its file was forgotten, or never pulled: there is nothing to tell of it
            except SynclogError as error:
                failed.append(Failure(number, error.path if isinstance(error, InvalidFile) else "", error))
                continue
            customer = file.path.split("/")[1]
            if customer in self.folders:
                if customer not in plans:
                    plans[customer] = CustomerPlan(self.workspace, customer)
                self._add(plans[customer], file, number)
        return [plans[customer] for customer in sorted(plans)], failed

    def _numbers(self) -> Sequence[TicketNumber]:
        """The tickets that may have work in the days that are meant; or a log, where only these are looked at."""
        wanted, zone = self.wanted, self.settings.timezone
        if self.only_there:
            names = (
                parse_log_name(name)
                for folder in sorted(self.folders)
                for name in self.workspace.names_in(f"clients/{folder}/{FOLDER}")
            )
            return sorted({name.number for name in names if name and wanted.first <= name.day <= wanted.last})
        found = set()
        for number, entries in self.trail.items():
            days = (entry.when.astimezone(zone).date() for entry in entries if entry.when)
            if not wanted.is_dated or any(wanted.first <= day <= _later(wanted.last) for day in days):
                found.add(number)
        return sorted(found)

    def _add(self, plan: CustomerPlan, file: TicketFile, number: TicketNumber) -> None:
        """Plan the logs of a ticket's work sessions."""
        wanted, zone = self.wanted, self.settings.timezone
        mirror = parse_mirror(file.mirror, zone)
        fields = {**file.fields, **(file.base_values or {})}
        work = work_of(mirror, self.trail.get(number, ()), zone)
        if not work and (wanted.is_dated or not (wanted.numbers or self.only_there)):
            return
        waiting = waiting_work(file)
        name = file.path.rpartition("/")[2]
        for session in sessions_of(work, self.settings.session_log.per, self.pushes, last_day(fields, mirror)):
            if not wanted.first <= session.day <= wanted.last:
                continue
            log = session_log(fields, mirror, work, session, name)
            log = replace(log, internal_ends=(*log.internal_ends, *waiting))
            templates = {self.template}
            if self.only_there and wanted.template is None:
                templates = {known.template for known in plan.names_of(number).values()}
            for template in sorted(templates):
                plan.add(number, session, log, template)


def _later(day: date) -> date:
    return day + _POSTED_LATER if day < date.max - _POSTED_LATER else date.max


def _folders(workspace: Workspace, customer: str | None) -> frozenset[str]:
    """The folders of the customers that are meant."""
    folders = workspace.customer_folders()
    if customer is None:
        return frozenset(folders)
    names = {folder: customer_name(workspace, folder) for folder in folders}
    word = customer.strip().casefold()
    found = frozenset(f for f, name in names.items() if word and (word in name.casefold() or word in f))
    if not found:
        import difflib

        words = {part: name for name in names.values() for part in (name.casefold(), *name.casefold().split())}
        near = dict.fromkeys(words[part] for part in difflib.get_close_matches(word, words, n=3))
        remedy = f"did you mean {', '.join(near)}?" if near else "`synclog list` shows customers"
        raise UsageError(f"no customer here has {customer!r} in the name", remedy=remedy)
    return found
