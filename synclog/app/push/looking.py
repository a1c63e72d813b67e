"""What is read of Syncro before and while one ticket is pushed: always enough to tell what is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from synclog.app.reading import Sight, read_ticket
from synclog.core.deciding.steps import Times
from synclog.core.references import ticket_of
from synclog.core.work import TicketWork
from synclog.model import Comment, Invoice

if TYPE_CHECKING:
    from synclog.app.push.surroundings import Surroundings

_BEFORE = timedelta(days=1)
"""How far before a ticket was made its time is asked for: an account may ignore that it is one ticket's."""

_FRESH = timedelta(seconds=60)
"""What was read longer ago says nothing any more of what is not there: a plan that waited for an answer, a laptop
that slept."""


@dataclass(slots=True)
class Look:
    """What was read of one ticket, at `at` or later: `comments` complete where it has notes, `sight` where its detail
    was needed, `times` where its time was. `elsewhere` are comments of other tickets that notes were stamped for,
    `last_ticket` the highest ticket id that was seen, of a draft."""

    work: TicketWork
    at: datetime
    comments: tuple[Comment, ...] = ()
    sight: Sight | None = None
    times: Times | None = None
    invoices: tuple[Invoice, ...] = ()
    elsewhere: tuple[Comment, ...] = ()
    last_ticket: int = 0


def is_fresh(read_at: datetime, now: datetime) -> bool:
    """Return whether something was read just now, by a clock that may have been set meanwhile."""
    return timedelta(0) <= now - read_at <= _FRESH


def read_look(around: Surroundings, work: TicketWork) -> Look:
    """Read what deciding about one ticket needs: its complete conversation for notes, its detail for the rest."""
    look = Look(work, around.clock.now())
    client = around.client
    if work.notes:
        # Only the conversation itself is evidence that something is not there: a detail may show a part of it.
        look.comments = client.conversation(work.id)
    if work.changes or work.invoice:
        _see(look, read_ticket(client, work.id, look.comments if work.notes else None))
    if work.invoice:
        look.invoices = client.invoices(ticket_id=work.id)
    stamps = [note.stamp for note in work.notes if note.stamp]
    stamped_for = {ticket_of(reference) for stamp in stamps for reference in (stamp.reference, *stamp.earlier)}
    for number in sorted(n for n in stamped_for if n is not None and n != work.number):
        other = client.find_ticket(number)
        if other is not None:
            look.elsewhere += client.conversation(other.id)
    return look


def read_back(around: Surroundings, look: Look) -> Sight:
    """Read the ticket's detail into `look`: what was written shows there."""
    at = around.clock.now()
    sight = read_ticket(around.client, look.work.id, look.comments)
    _see(look, sight)
    look.at = at
    return sight


def read_times(around: Surroundings, look: Look) -> None:
    """Read more of the ticket's time into `look`: first the detail, then the complete list of timer entries."""
    if look.times is None:
        read_back(around, look)
        return
    assert look.sight is not None
    listed = around.client.timers(ticket_id=look.work.id, created_after=look.sight.ticket.created_at - _BEFORE)
    known = {timer.id: timer for timer in look.times.timers} | {timer.id: timer for timer in listed}
    look.times = Times(tuple(known[i] for i in sorted(known)), look.times.items, complete=True)


def _see(look: Look, sight: Sight) -> None:
    look.sight, look.comments = sight, sight.comments
    look.times = Times(sight.ticket.timers, sight.ticket.line_items)
