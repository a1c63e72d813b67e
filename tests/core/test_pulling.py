"""What a pull fetches: everything that changed, once, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from synclog.core.fields import version_of
from synclog.core.filehead import FileHead, by_number, file_head, same_number
from synclog.core.pulling import Listed, to_fetch
from synclog.model import Invoice, Ticket, TimerEntry

NOON = datetime(2026, 4, 17, 12, 0, tzinfo=UTC)


def ticket(number: int, updated: datetime = NOON) -> Ticket:
    return Ticket(number * 10, number, "Printer", "New", 5, "Hollow Oak Dental", NOON, updated)


def head(number: int, version: str | None = None, timer: int = 0, invoices: tuple[str, ...] = ()) -> FileHead:
    return FileHead(
        f"clients/x/tickets/{number}-printer.md",
        number,
        number * 10,
        5,
        version_of(ticket(number)) if version is None else version,
        timer,
        invoices,
        False,
        False,
    )


def test_a_ticket_without_a_file_is_fetched_when_it_is_in_the_scope() -> None:
    assert to_fetch({}, Listed([ticket(1)])) == {10: 1}
    assert to_fetch({}, Listed([], [ticket(1)])) == {}


def test_a_ticket_is_fetched_when_its_file_is_of_another_version() -> None:
    later = ticket(1, NOON + timedelta(milliseconds=1))
    assert to_fetch({1: head(1)}, Listed([ticket(1)])) == {}
    assert to_fetch({1: head(1)}, Listed([later])) == {10: 1}
    assert to_fetch({1: head(1)}, Listed([], [later])) == {10: 1}
    assert to_fetch({1: head(1, version="")}, Listed([ticket(1)])) == {10: 1}


def test_a_ticket_that_is_listed_twice_is_fetched_once() -> None:
    assert list(to_fetch({}, Listed([ticket(2), ticket(1), ticket(2)], [ticket(2)]))) == [20, 10]


def test_an_invoice_or_a_timer_that_the_file_does_not_show_fetches_its_ticket() -> None:
    zero = Decimal(0)
    invoice = Invoice(7, "41209", 5, 10, zero, zero, zero, False, NOON, NOON)
    timer = TimerEntry(88, 10, 1, NOON, 5, 5, True, False, None, "", NOON)
    assert to_fetch({1: head(1)}, Listed([], invoices=[invoice])) == {10: 1}
    assert to_fetch({1: head(1, invoices=("41209",))}, Listed([], invoices=[invoice])) == {}
    assert to_fetch({1: head(1)}, Listed([], timers=[timer])) == {10: 1}
    assert to_fetch({1: head(1, timer=88)}, Listed([], timers=[timer])) == {}
    assert to_fetch({}, Listed([], invoices=[invoice], timers=[timer])) == {}


def test_a_file_that_is_behind_is_fetched_again() -> None:
    assert to_fetch({1: head(1)}, Listed([]), again=[1, 99]) == {10: 1}


def test_the_head_of_a_file_is_its_base() -> None:
    from support.ticketfiles import PATH, ticket_text

    found = file_head(PATH, ticket_text())
    assert found is not None
    assert (found.number, found.id, found.version) == (32162, 108443837, "2026-04-17T18:17:40.123Z")


def test_a_file_without_a_base_is_known_by_its_number_and_is_behind() -> None:
    found = file_head("x.md", "---\nnumber: 32162\ngone: true\n---\nscratch\n")
    assert found is not None
    assert (found.number, found.version, found.gone) == (32162, "", True)
    assert file_head("new-x.md", "---\nsubject: Printer\n---\nnumber: 5\n") is None


def test_two_files_with_one_number_are_both_named() -> None:
    other = head(1)
    assert len(by_number([head(1), other, head(2)])[1]) == 2
    errors = same_number(1, ["b.md", "a.md"])
    assert [(e.path, "a.md" in str(e)) for e in errors] == [("a.md", True), ("b.md", True)]
