"""`report`: what Syncro holds of a span of days, and what would be forgotten. Read-only, here and there.

With a session everything that changed since the first day is asked for, tickets without a file included; files stand in
for what they show anyway. Without one the files alone are counted. Tickets are counted as they come, and not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from synclog.app.pending import remedy_of
from synclog.app.reportmaking import Making
from synclog.core.deciding.steps import TIME_NOT_RECORDED
from synclog.core.differences import Difference, differences, sent_work
from synclog.core.report import Forgotten, Report
from synclog.errors import Exit, SynclogError, UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from synclog.app.session import Session
    from synclog.core.periods import Period
    from synclog.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reported:
    """A report with what goes beside it: where history and Syncro differ, what is not covered in words, and how many
    tickets were counted from files and from Syncro, by how many requests."""

    report: Report
    differences: tuple[Difference, ...]
    not_covered: tuple[str, ...]
    from_files: int
    from_syncro: int
    requests: int
    failed: tuple[SynclogError, ...] = ()

    @property
    def source(self) -> str:
        """Where its figures come from, in words."""
        asked = f", {self.requests} requests" if self.requests else ""
        return f"{self.from_syncro} tickets read from Syncro, {self.from_files} counted from files{asked}"

    @property
    def exit_code(self) -> Exit:
        """Failed where a ticket could not be read; the rest was."""
        return Exit.FAILED if self.failed else Exit.DONE


def remedy_for(forgotten: Forgotten) -> str:
    """Return what to do about something that would be forgotten."""
    number = forgotten.ticket or ""
    if forgotten.expected:
        return "the customer's recurring invoice collects it"
    if forgotten.kind == "unbilled":
        return f"`synclog bill {number} --no-time` invoices it"
    if forgotten.kind == "dropped":
        return remedy_of(TIME_NOT_RECORDED)
    if forgotten.kind == "not_pushed":
        return f"`synclog push {number}`".replace(" `", "`")
    return "look at it in the web interface: delete it, or add what is missing"


def write_page(reported: Reported, file: Path) -> None:
    """Write a report as one page. Raises UsageError where something else than such a page is there already,
    StorageFailed when it can't be written."""
    from synclog.render.reportpage import MARK, report_page
    from synclog.workspace.files import write_whole

    if file.exists() and (file.is_dir() or MARK.encode() not in file.read_bytes()[:4096]):
        raise UsageError(f"{file} is there, and is no report", remedy="name another file, or remove it first")
    page = report_page(
        reported.report,
        source=reported.source,
        differences=reported.differences,
        not_covered=reported.not_covered,
        remedy_for=remedy_for,
    )
    write_whole(file, page.encode("utf-8", "replace"))


def make_report(workspace: Workspace, period: Period, *, now: datetime, session: Session | None = None) -> Reported:
    """Report on a `period`, whose first day is known. Without a `session` the files alone are counted.

    Raises what the client raises when the lists can't be read; a single ticket that can't be read stops nothing.
    """
    before = session.client.requests_made if session else 0
    sent = sent_work(workspace.history.posted(), period, workspace.settings.timezone)
    making = Making(workspace, period, now, session, frozenset(s.reference for s in sent if s.reference))
    report = Report(period)
    for facts in making.facts():
        report.add(facts)
    report.forgotten.sort(key=lambda one: (one.ticket is None, one.ticket or 0))
    found = tuple(differences(sent, making.seen(sent)))
    requests = session.client.requests_made - before if session else 0
    counted = (making.from_files, making.from_syncro, requests)
    return Reported(report, found, tuple(making.not_covered), *counted, tuple(making.failed))
