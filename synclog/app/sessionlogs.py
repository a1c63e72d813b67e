"""Writing session logs: from tickets' files and the audit trail into `session-logs/`, committed as the technician.

All is read before the lock is taken, which is held only to write; a log that an editor saved meanwhile is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synclog.app.customerlogs import CustomerPlan, Failure
from synclog.app.logplans import Wanted, plan_logs
from synclog.app.session import Progress, nothing, templates_of
from synclog.app.writing import Change, finish_interrupted, write_and_commit
from synclog.core.logfile import read_log
from synclog.core.settingsfile import TEMPLATE_NAME
from synclog.errors import Busy, Exit, SynclogError, UsageError, worst
from synclog.model import TicketNumber
from synclog.render.sessionlog import Outcome, is_changed, template_file, updated_log

if TYPE_CHECKING:
    from datetime import date

    from synclog.render.environment import Templates
    from synclog.workspace.workspace import Workspace

__all__ = ["Failure", "Logs", "Wanted", "Written", "check_session_logs", "write_session_log", "write_session_logs"]

_STEP = 500
"""Files that one commit has at least, as long as there are more: a kill then loses little."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where a session log is, and what became of it."""

    path: str
    outcome: Outcome
    number: TicketNumber
    day: date


@dataclass(frozen=True, slots=True)
class Logs:
    """What became of all logs that were meant, by customer and oldest first. `indexes` are those that were written,
    `foreign` those that are somebody's own and were left alone."""

    logs: tuple[Written, ...] = ()
    failed: tuple[Failure, ...] = ()
    indexes: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def exit_code(self) -> Exit:
        """1 or 3 where logs failed; 3 where one that somebody edited is behind its ticket; else 0."""
        kept = [Exit.DECISION for log in self.logs if log.outcome == "kept"]
        return worst(*kept, *(failure.error.exit_code for failure in self.failed), Exit.DONE)


def write_session_log(workspace: Workspace, number: TicketNumber, *, template: str | None = None) -> Written:
    """Write the logs of all work sessions of a ticket; return the last one. A log that a person has edited is kept.

    Raises UnknownTicket, InvalidFile, TemplateFailed, RepositoryState, Busy, StorageFailed.
    """
    done = write_session_logs(workspace, Wanted((number,), template=template))
    if done.failed:
        raise done.failed[0].error
    return done.logs[-1]


def write_session_logs(
    workspace: Workspace, wanted: Wanted, *, update: bool = False, progress: Progress = nothing
) -> Logs:
    """Write the logs that are meant, one for each ticket and work session, and their customers' indexes.

    A log that nobody edited is written anew. An edited one is kept; with `update` what is new is merged into it. What
    fails (a template, a file that is not valid) stops only its log. Raises UnknownTicket and UsageError before anything
    is written, RepositoryState, Busy, StorageFailed.
    """
    workspace.history.check_ready()
    templates = templates_of(workspace)
    _check_template(workspace, templates, wanted.template)
    with workspace.lock("session-log"):
        finish_interrupted(workspace)
    plans, failed = plan_logs(workspace, wanted, progress)
    run = _Run(workspace, templates, update, progress, sum(len(plan.logs) for plan in plans), list(failed))
    for plan in plans:
        run.render(plan)
        if len(run.files) >= _STEP:
            run.write()
    run.write()
    left = {failure.path for failure in run.failed}
    logs = tuple(log for log in run.done if log.path not in left)
    return Logs(logs, tuple(run.failed), tuple(p for p in run.indexes if p not in left), tuple(run.foreign))


def check_session_logs(workspace: Workspace, wanted: Wanted, *, progress: Progress = nothing) -> Logs:
    """Return which of the logs that are there are behind their tickets: `replaced` are those that would be written
    anew, `kept` those that somebody edited. Writes nothing, and needs no template. Raises as `write_session_logs`."""
    plans, failed = plan_logs(workspace, wanted, progress, only_there=True)
    found = [
        Written(log.path, "replaced" if read_log(log.old).untouched else "kept", log.number, log.log.day)
        for plan in plans
        for log in plan.logs
        if log.old is not None and is_changed(log.old, log.log, log.template)
    ]
    return Logs(tuple(found), (*failed, *(failure for plan in plans for failure in plan.failed)))


@dataclass
class _Run:
    """One writing of logs: rendered customer by customer, written in steps, each whole customers with their indexes."""

    workspace: Workspace
    templates: Templates
    update: bool
    progress: Progress
    total: int
    failed: list[Failure]
    done: list[Written] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    files: dict[str, str | None] = field(default_factory=dict)
    made_of: dict[str, str | None] = field(default_factory=dict)
    numbers: set[TicketNumber] = field(default_factory=set)

    def render(self, plan: CustomerPlan) -> None:
        """Render the logs of a customer, and the index of all that are there."""
        self.failed += plan.failed
        for log in plan.logs:
            self.progress("session logs", len(self.done), self.total)
            try:
                text, outcome = updated_log(log.old, log.log, self.templates, log.template, update=self.update)
            except SynclogError as error:
                self.failed.append(Failure(log.number, log.path, error))
                plan.holds(log, log.old)
                continue
            self.done.append(Written(log.path, outcome, log.number, log.log.day))
            if outcome in ("kept", "merged") or text == log.old:
                plan.holds(log, text)
            if text != log.old:
                self._add(log.path, text, log.old)
                self.numbers.add(log.number)
        if plan.logs and plan.has_logs:
            path, index, old = plan.index()
            if index is None:
                self.foreign.append(path)
            elif index != old:
                self._add(path, index, old)
                self.indexes.append(path)

    def write(self) -> None:
        """Write and commit what was rendered since the last time."""
        if not self.files:
            return
        names = ", ".join(f"#{number}" for number in sorted(self.numbers)[:5])
        more = f" and {len(self.numbers) - 5} more" if len(self.numbers) > 5 else ""
        message = f"session log: {names}{more}" if names else "session log: index"
        with self.workspace.lock("session-log"):
            finish_interrupted(self.workspace)
            left = write_and_commit(self.workspace, Change(self.files, message, self.made_of)).left
        numbers = {log.path: log.number for log in self.done}
        for path in left:
            error = Busy(f"{path} was saved by another program just now", remedy="run the command again")
            self.failed.append(Failure(numbers.get(path, 0), path, error))
        self.files, self.made_of, self.numbers = {}, {}, set()

    def _add(self, path: str, text: str, old: str | None) -> None:
        self.files[path], self.made_of[path] = text, old


def _check_template(workspace: Workspace, templates: Templates, named: str | None) -> None:
    """Raise UsageError where there is no template of the name that is meant."""
    template = named or workspace.settings.session_log.template
    if TEMPLATE_NAME.fullmatch(template) and template_file(template) in templates.names():
        return
    before, after = template_file("\0").split("\0")
    known = [n.removeprefix(before).removesuffix(after) for n in templates.names() if n.startswith(before)]
    where = "" if named else " (`session_log.template` of synclog.yaml)"
    remedy = f"there are: {', '.join(known)}; your own is a file templates/{template_file('NAME')}"
    raise UsageError(f"there is no session log template {template!r}{where}", remedy=remedy)
