"""What a pull fetches: everything that changed, once, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from synclog.core.fields import version_of
from synclog.core.filehead import FileHead, by_number, file_head, same_number
from synclog.core.pulling import Listed, ListedTicket, ListOrder, listed_ticket, minutes_left, open_first, to_fetch
from synclog.model import Invoice, Ticket, TimerEntry

NOON = datetime(2026, 4, 17, 12, 0, tzinfo=UTC)


def whole(number: int, updated: datetime = NOON) -> Ticket:
    return Ticket(number * 10, number, "Printer", "New", 5, "Hollow Oak Dental", NOON, updated)


def ticket(number: int, updated: datetime = NOON) -> ListedTicket:
    return listed_ticket(whole(number, updated))


def head(number: int, version: str | None = None, timer: int = 0, invoices: tuple[str, ...] = ()) -> FileHead:
    return FileHead(
        f"clients/x/tickets/{number}-printer.md",
        number,
        number * 10,
        5,
        version_of(whole(number)) if version is None else version,
        timer,
        invoices,
        False,
        False,
    )


class Files(dict[int, FileHead]):
    """The files of a workspace, by number."""

    def by_id(self, ticket_id: int) -> FileHead | None:
        return next((head for head in self.values() if head.id == ticket_id), None)


def test_a_ticket_without_a_file_is_fetched_when_it_is_in_the_scope() -> None:
    assert to_fetch(Files({}), Listed([ticket(1)])) == {10: 1}
    assert to_fetch(Files({}), Listed([], [ticket(1)])) == {}


def test_a_ticket_is_fetched_when_its_file_is_of_another_version() -> None:
    later = ticket(1, NOON + timedelta(milliseconds=1))
    assert to_fetch(Files({1: head(1)}), Listed([ticket(1)])) == {}
    assert to_fetch(Files({1: head(1)}), Listed([later])) == {10: 1}
    assert to_fetch(Files({1: head(1)}), Listed([], [later])) == {10: 1}
    assert to_fetch(Files({1: head(1, version="")}), Listed([ticket(1)])) == {10: 1}


def test_a_ticket_that_is_listed_twice_is_fetched_once() -> None:
    assert list(to_fetch(Files({}), Listed([ticket(2), ticket(1), ticket(2)], [ticket(2)]))) == [20, 10]


def test_an_invoice_or_a_timer_that_the_file_does_not_show_fetches_its_ticket() -> None:
    zero = Decimal(0)
    invoice = Invoice(7, "41209", 5, 10, zero, zero, zero, False, NOON, NOON)
    timer = TimerEntry(88, 10, 1, NOON, 5, 5, True, False, None, "", NOON)
    assert to_fetch(Files({1: head(1)}), Listed([], invoices=[invoice])) == {10: 1}
    assert to_fetch(Files({1: head(1, invoices=("41209",))}), Listed([], invoices=[invoice])) == {}
    assert to_fetch(Files({1: head(1)}), Listed([], timers=[timer])) == {10: 1}
    assert to_fetch(Files({1: head(1, timer=88)}), Listed([], timers=[timer])) == {}
    assert to_fetch(Files({}), Listed([], invoices=[invoice], timers=[timer])) == {}


def test_a_file_that_is_behind_is_fetched_again() -> None:
    assert to_fetch(Files({1: head(1)}), Listed([]), again=[head(1)]) == {10: 1}


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


# --- a long list ---------------------------------------------------------------------------------------------------


def order_of(*moments: tuple[int, int]) -> ListOrder:
    """An order of tickets told as (number, minutes before the list was begun at which it was changed)."""
    order = ListOrder(NOON)
    for number, minutes in moments:
        order.see(whole(number, NOON - timedelta(minutes=minutes)))
    return order


def test_an_order_in_which_no_change_moves_a_ticket_back_is_steady() -> None:
    assert order_of().is_steady
    assert order_of((3, 1), (9, 2), (4, 2), (7, 5)).is_steady
    assert order_of((9, 5), (8, 1), (3, 7)).is_steady
    assert order_of((3, 5), (8, 1), (9, 7)).is_steady


def test_an_order_in_which_a_change_may_hide_a_ticket_is_not() -> None:
    assert not order_of((3, 9), (9, 5), (4, 1)).is_steady
    assert not order_of((3, 1), (9, 5), (4, 2)).is_steady


def test_what_is_changed_or_told_again_meanwhile_says_nothing_of_the_order() -> None:
    assert order_of((3, 5), (5, -1), (8, 1), (4, -2), (9, 7), (3, 9)).is_steady


def test_a_long_pull_reads_what_is_open_first_and_then_the_newest() -> None:
    wanted = {10: 1, 40: 4, 20: 2, 30: 3}
    assert list(open_first(wanted, {10, 30})) == [30, 10, 40, 20]


def test_the_time_left_is_by_what_was_done_and_never_quicker_than_the_limit_allows() -> None:
    assert minutes_left(180, 100_000, 5.0, 180) == 555
    assert minutes_left(90, 270, 60.0, 180) == 2
    assert minutes_left(0, 270, 60.0, 180) is None
