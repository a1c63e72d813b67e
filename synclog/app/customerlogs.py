"""The session logs of one customer's folder: which file a log goes into, what is there, and the index of it all.

Nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synclog.core.clientcard import parse_card
from synclog.core.logfile import INDEX, LogName, log_name, parse_log_name, read_log
from synclog.core.logindex import Earlier, Listed, is_ours, listed_log, render_index
from synclog.core.sessionlog import Session, SessionLog
from synclog.errors import SynclogError
from synclog.model import Reference, TicketNumber
from synclog.render.sessionlog import listed_of

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace

FOLDER = "session-logs"


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
        self._names = {known.filename: known for known in logs_in(workspace, customer)}
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
        place = self._place(fresh, session, by_day=settings.per == "day")
        name, path = place.filename, f"{self.top}/{place.filename}"
        try:
            old = self._workspace.read_text_or_none(path)
        except SynclogError as error:
            self.failed.append(Failure(number, path, error))
            return
        planned = PlannedLog(number, path, old, log, template or settings.template)
        self._names[name] = place
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

    def _place(self, fresh: LogName, session: Session, *, by_day: bool) -> LogName:
        """The name of the file that has this session's log, or is free for it. Subjects change, names stay."""
        names = self.names_of(fresh.number)
        same = [name for name, known in names.items() if known.template == fresh.template]
        if by_day:
            return next((names[name] for name in same if names[name].day == fresh.day), fresh)
        taken = {log.name for log in self.logs}
        for name in same:
            if name not in taken and not session.references.isdisjoint(self._entries_of(name)):
                return names[name]
        words, place = fresh.words, 1
        while fresh.filename in self._names:
            place += 1
            fresh = replace(fresh, words=f"{words}-{place}")
        return fresh

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


def logs_in(workspace: Workspace, customer: str) -> list[LogName]:
    """The logs that a customer has, by what their names say; none where that folder is a link."""
    try:
        names = workspace.names_in(f"clients/{customer}/{FOLDER}")
    except SynclogError:
        return []
    return [log for log in map(parse_log_name, sorted(names)) if log]
