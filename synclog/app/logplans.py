"""Which session logs are to be written: the trail is read once for all of them, files only of the tickets meant.

Nothing is written here, and no lock is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from synclog.app.customerlogs import CustomerPlan, Failure, customer_name, logs_in
from synclog.app.files import IndexedFiles
from synclog.app.indexing import Raw, with_index
from synclog.app.session import Progress
from synclog.app.views import plain_rules
from synclog.core.mirror import parse_mirror
from synclog.core.sessionlog import last_day, session_log, sessions_of, waiting_work, work_of
from synclog.errors import InvalidFile, SynclogError, UnknownTicket, UsageError
from synclog.model import Reference, TicketNumber

if TYPE_CHECKING:
    from synclog.core.ticketfile import TicketFile
    from synclog.core.trail import TrailEntry
    from synclog.workspace.ticketindex import TicketIndex
    from synclog.workspace.workspace import Workspace

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
        self.plans: dict[str, CustomerPlan] = {}
        self.homes = {
            (log.number, log.day): folder
            for folder in sorted(workspace.customer_folders(), reverse=True)
            for log in logs_in(workspace, folder)
        }
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
        self.plans = {}
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
                self._add(file, customer, number)
        return [self.plans[customer] for customer in sorted(self.plans)], failed

    def _numbers(self) -> Sequence[TicketNumber]:
        """The tickets that may have work in the days that are meant; or a log, where only these are looked at."""
        wanted, zone = self.wanted, self.settings.timezone
        if self.only_there:
            logs = (log for folder in self.folders for log in logs_in(self.workspace, folder))
            return sorted({log.number for log in logs if wanted.first <= log.day <= wanted.last})
        found = set()
        for number, entries in self.trail.items():
            days = (entry.when.astimezone(zone).date() for entry in entries if entry.when)
            if not wanted.is_dated or any(wanted.first <= day <= _later(wanted.last) for day in days):
                found.add(number)
        return sorted(found)

    def _add(self, file: TicketFile, customer: str, number: TicketNumber) -> None:
        """Plan the logs of a ticket's work sessions. One that is in the folder of the customer whom the ticket belonged
        to before stays there: there must not be two of one day."""
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
            home = self.homes.get((number, session.day), customer)
            there = f"../tickets/{name}" if home == customer else f"../../{customer}/tickets/{name}"
            if home not in self.plans:
                self.plans[home] = CustomerPlan(self.workspace, home)
            plan = self.plans[home]
            log = session_log(fields, mirror, work, session, there)
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
