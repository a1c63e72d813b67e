"""Reading many tickets, several at a time, and handing them on in steps: what was read is kept, however it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from synclog.app.reading import Sight, read_ticket
from synclog.app.sidebyside import side_by_side
from synclog.core.pulling import minutes_left
from synclog.errors import NoAnswer, NotFound, SynclogError, Unauthorised

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.model import Invoice, TicketId, TicketNumber

STEP, STEP_TIME = 2000, timedelta(seconds=30)
"""Tickets, or seconds of reading, after which what was read is written and committed: what a kill has to ask for again
at most."""

HOPELESS = 16
"""Tickets in a row that could not be read, after which it is the network, and no more are tried."""

Invoices = Mapping["TicketId", Sequence["Invoice"]]


@dataclass(frozen=True, slots=True)
class _Unread:
    """A ticket that was not read, and why."""

    error: SynclogError


@dataclass(frozen=True, slots=True)
class Fetching:
    """Reads tickets. `write` gets what was read of a step, in the order that was asked for, and the last step's
    trailer; `gone` the numbers that Syncro does not know; `failed` takes why others could not be read."""

    session: Session
    write: Callable[[Sequence[Sight], str], None]
    gone: Callable[[TicketNumber], None]
    failed: list[SynclogError]

    def run(
        self,
        wanted: Mapping[TicketId, TicketNumber],
        invoices: Sequence[Invoice] | None,
        shown: Mapping[TicketId, frozenset[str]],
        trailer: str,
    ) -> None:
        """Read `wanted`, ids to numbers. `invoices` are those that were listed, None: they are asked for one by one;
        `shown` the numbers of those that a ticket's file shows. Raises Unauthorised, and what `write` raises."""
        listed = None if invoices is None else _by_ticket(invoices)
        order = {ticket_id: place for place, ticket_id in enumerate(wanted)}
        clock = self.session.clock.now

        def read(ticket_id: TicketId) -> Sight | _Unread:
            return self._read(ticket_id, listed, shown.get(ticket_id, frozenset()))

        def in_order(step: Mapping[TicketId, Sight]) -> list[Sight]:
            return [step[ticket_id] for ticket_id in sorted(step, key=order.__getitem__)]

        step: dict[TicketId, Sight] = {}
        start = begun = clock()
        in_a_row = 0
        try:
            with closing(side_by_side(read, wanted)) as reading:
                for done, (ticket_id, outcome) in enumerate(reading, 1):
                    if isinstance(outcome, Sight):
                        step[ticket_id] = outcome
                        in_a_row = 0
                    else:
                        in_a_row += self._not_read(wanted[ticket_id], outcome.error)
                    self._show(done, len(wanted), start)
                    if in_a_row >= HOPELESS:
                        self.failed.append(_hopeless(len(wanted) - done))
                        break
                    if len(step) >= STEP or clock() - begun >= STEP_TIME:
                        whole, step, begun = step, {}, clock()
                        self.write(in_order(whole), "")
        except BaseException:
            # Interrupted, or the key is refused: what was read until then is kept.
            self.write(in_order(step), "")
            raise
        self.write(in_order(step), "" if self.failed else trailer)

    def _read(self, ticket_id: TicketId, listed: Invoices | None, shown: frozenset[str]) -> Sight | _Unread:
        """Read one ticket, in a thread of its own: nothing but the client and values are touched."""
        client = self.session.client
        try:
            sight = read_ticket(client, ticket_id)
            own = listed.get(ticket_id, ()) if listed is not None else ()
            if listed is not None and shown <= {invoice.number for invoice in own}:
                return sight.with_invoices(own)
            if listed is not None and not own:
                return sight
            return sight.with_invoices(client.invoices(ticket_id=ticket_id))
        except Unauthorised:
            raise
        except SynclogError as error:
            return _Unread(error)

    def _not_read(self, number: TicketNumber, error: SynclogError) -> int:
        """Note a ticket that is gone or could not be read; 1 for the latter."""
        if isinstance(error, NotFound):
            self.gone(number)
            return 0
        self.failed.append(error)
        return 1

    def _show(self, done: int, total: int, start: datetime) -> None:
        """Show how far it is, and for a long pull how long it still takes."""
        seconds = (self.session.clock.now() - start).total_seconds()
        left = minutes_left(done, total, seconds, self.session.a_minute) if seconds > 10 else None
        self.session.progress(f"tickets read, {_time(left)} left" if left else "tickets read", done, total)


def _by_ticket(invoices: Sequence[Invoice]) -> Invoices:
    found: dict[TicketId, list[Invoice]] = {}
    for invoice in invoices:
        if invoice.ticket_id is not None:
            found.setdefault(invoice.ticket_id, []).append(invoice)
    return found


def _time(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"


def _hopeless(left: int) -> SynclogError:
    return NoAnswer(
        f"{HOPELESS} tickets in a row could not be read; {left} more were not tried",
        remedy="run `synclog pull` again when the connection is back: what was read is kept",
    )
