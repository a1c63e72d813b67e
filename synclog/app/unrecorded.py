"""What was posted and history lacks, as a pull meets it: which tickets to look at again, and recording it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from synclog.app.push.desk import surroundings_of
from synclog.app.push.found import Finding, Found, may_lack
from synclog.app.push.looking import Look
from synclog.core.deciding.steps import Times
from synclog.core.document import own_part
from synclog.core.references import REFERENCE, ticket_of
from synclog.core.work import TicketWork
from synclog.errors import SynclogError
from synclog.model import TicketNumber

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.reading import Sight
    from synclog.app.session import Session
    from synclog.workspace.workspace import Workspace


def lacking_tickets(workspace: Workspace, paths: Mapping[TicketNumber, str]) -> list[TicketNumber]:
    """Return those of these tickets of which history lacks something that their files do not hold either: a reference
    that the conversation shows, or the time of a note."""
    if not paths:
        return []
    ledger = workspace.history.ledger(paths)
    recorded, lacking = ledger.recorded, {r: entry.ticket for r, entry in ledger.untimed.items()}
    raw = {number: workspace.read_bytes(path) for number, path in paths.items()}
    for number, content in raw.items():
        shown = REFERENCE.findall(content.decode("utf-8", "replace"))
        lacking |= {r: number for r in shown if ticket_of(r) == number and r not in recorded}
    found = (number for reference, number in lacking.items() if reference.encode() not in own_part(raw[number]))
    return list(dict.fromkeys(found))


def record_unrecorded(
    session: Session,
    mirroring: Mirroring,
    sights: Sequence[Sight],
    paths: Mapping[TicketNumber, str],
    owner: Callable[[], int],
    failed: Callable[[SynclogError], None],
) -> Found:
    """Record what the key's `owner` posted to these tickets and history lacks: a run died, or its record was lost.

    `paths` are the tickets' files. What goes wrong with one is told to `failed`, and stops no other.
    """
    whole = Found()
    around = surroundings_of(session)
    ledger = around.desk.ledger({sight.ticket.number for sight in sights})
    lacking = [s for s in sights if s.ticket.number in paths and may_lack(ledger, s.ticket.number, s.comments)]
    if not lacking:
        return whole
    finding = Finding(around, mirroring, owner(), ledger)
    for sight in lacking:
        path = paths[sight.ticket.number]
        work = TicketWork(sight.ticket.number, sight.ticket.id, path, "", "")
        times = Times(sight.ticket.timers, sight.ticket.line_items)
        look = Look(work, session.clock.now(), sight.comments, sight, times)
        try:
            found = finding.of_ticket(path, look)
        except SynclogError as error:
            failed(error)
            continue
        whole.recorded += found.recorded
        whole.undecided += found.undecided
    return whole
