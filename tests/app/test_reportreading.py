"""When a ticket's file may stand in for its detail: only where nothing that was listed is missing or guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from synclog.app.reportreading import Changes
from synclog.core.filehead import FileHead
from synclog.core.pulling import ListedTicket
from synclog.core.report import Piece, TicketFacts
from synclog.core.reportfacts import MirrorFacts
from synclog.model import Invoice, TimerEntry

WHEN = datetime(2026, 4, 17, 18, tzinfo=UTC)
HEAD = FileHead("clients/lens/tickets/32162-server.md", 32162, 9, 3, "v2", 5, ("41206",), False, False)
PIECE = Piece("Mike Sorrel", "remote", date(2026, 4, 17), 60, 60, None, "open")
KNOWN = MirrorFacts(TicketFacts(32162, 9, "Len's", "Server", "New", False, (PIECE, PIECE)), plain=True)
TIMER = TimerEntry(5, 9, 7, WHEN, 60, 60, True, False, 1, "", WHEN)
INVOICE = Invoice(4, "41206", 3, 9, Decimal(80), Decimal(0), Decimal(80), False, WHEN, WHEN)


def listed(
    version: str = "v2", timers: tuple[TimerEntry, ...] = (TIMER,), invoices: tuple[Invoice, ...] = ()
) -> Changes:
    return Changes({9: ListedTicket(9, 32162, version, WHEN)}, {9: list(timers)}, {9: list(invoices)})


def test_a_file_that_shows_all_that_was_listed_stands_in() -> None:
    assert listed().are_in(HEAD, KNOWN)
    assert listed(invoices=(INVOICE,)).are_in(HEAD, KNOWN)
    assert Changes(timers={9: [TIMER]}).are_in(HEAD, KNOWN)


def test_a_ticket_is_read_where_its_file_lacks_something_or_charges_had_to_be_matched() -> None:
    assert not listed("v3").are_in(HEAD, KNOWN)
    assert not listed().are_in(HEAD, replace(KNOWN, plain=False))
    assert not listed().are_in(replace(HEAD, gone=True), KNOWN)
    assert not listed(invoices=(replace(INVOICE, number="41207"),)).are_in(HEAD, KNOWN)


def test_a_ticket_is_read_where_its_time_is_newer_charged_or_of_other_minutes() -> None:
    assert not listed(timers=(replace(TIMER, id=6),)).are_in(HEAD, KNOWN)
    assert not listed(timers=(replace(TIMER, charged=True),)).are_in(HEAD, KNOWN)
    assert not listed(timers=(replace(TIMER, billable_minutes=90),)).are_in(HEAD, KNOWN)
    assert not listed(timers=tuple(replace(TIMER, id=one) for one in (3, 4, 5))).are_in(HEAD, KNOWN)
