"""Writing session logs: from a ticket's file and the audit trail into `session-logs/`, committed as the technician."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from synclog.app.cards import Cards
from synclog.app.files import read_ticket_files
from synclog.app.mirroring import file_rules
from synclog.app.pending import pending_work
from synclog.app.session import templates_of
from synclog.app.whose import not_mine
from synclog.app.writing import Change, finish_interrupted, write_and_commit
from synclog.core.mirror import parse_mirror
from synclog.core.sessionlog import Outcome, session_log
from synclog.core.slugs import ticket_filename
from synclog.errors import Busy
from synclog.model import TicketNumber
from synclog.render.sessionlog import updated_log

if TYPE_CHECKING:
    from synclog.core.work import TicketWork
    from synclog.workspace.workspace import Workspace

FOLDER = "session-logs"


@dataclass(frozen=True, slots=True)
class Written:
    """Where a session log is, and what became of it."""

    path: str
    outcome: Outcome


def write_session_log(
    workspace: Workspace, number: TicketNumber, *, day: date | None = None, now: datetime | None = None
) -> Written:
    """Render the log of a ticket's work: all of it, dated by its last piece, or what was done on the local `day`.

    A log that a person has edited keeps every byte; what is new is added below. Raises UnknownTicket, InvalidFile,
    TemplateFailed, RepositoryState, Busy, StorageFailed.
    """
    workspace.history.check_ready()
    with workspace.lock("session-log"):
        finish_interrupted(workspace)
        settings = workspace.settings
        zone = settings.timezone
        today = (now or datetime.now(UTC)).astimezone(zone).date()
        files = read_ticket_files(workspace, file_rules(settings, None))
        file = files.one(number)
        trail = [entry for entry in workspace.history.trail() if entry.ticket == number]
        days = [entry.when.astimezone(zone).date() for entry in trail if entry.when]
        dated = day or max(days, default=today)
        whose, cards = partial(not_mine, workspace.history), Cards(workspace)
        (work,) = pending_work(settings, files, [file], today, whose, no_invoice=cards.no_invoice)
        log = session_log(
            file.fields,
            parse_mirror(file.mirror, zone),
            trail,
            day=dated,
            tz=zone,
            whole=day is None,
            pending=_open(work),
        )
        customer = PurePosixPath(file.path).parts[1]
        subject = str(file.fields.get("subject") or "")
        path = f"clients/{customer}/{FOLDER}/{dated.isoformat()}-{ticket_filename(number, subject)}"
        old = workspace.read_text_or_none(path)
        text, outcome = updated_log(old, log, templates_of(workspace))
        if outcome != "unchanged":
            change = Change({path: text}, f"session log: #{number}", {path: old})
            if write_and_commit(workspace, change).left:
                raise Busy(f"{path} was saved by another program just now", remedy="run the command again")
        return Written(path, outcome)


def _open(work: TicketWork) -> list[str]:
    """What is not posted yet, in words."""
    lines = [f"not posted yet: {note.text.strip().splitlines()[0]}" for note in work.notes]
    lines += ["an invoice is asked for and not made yet"] if work.invoice else []
    return lines + [f"not sent yet: {change.field}" for change in work.changes]
