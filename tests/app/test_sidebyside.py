"""Several requests in flight: all results, none twice, and an end at once when something stops it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from synclog.app.sidebyside import meanwhile, side_by_side

WAIT = 10


def test_every_item_comes_back_once_with_its_result() -> None:
    assert dict(side_by_side(lambda n: n * n, range(500), 8)) == {n: n * n for n in range(500)}
    assert list(side_by_side(lambda n: n, [], 8)) == []
    assert list(side_by_side(lambda n: n, [7], 8)) == [(7, 7)]


def test_as_many_are_at_work_at_a_time_as_may_be_and_no_more() -> None:
    together = threading.Barrier(4)
    at_work, most, lock = 0, 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        together.wait(WAIT)
        with lock:
            at_work -= 1

    assert len(list(side_by_side(work, range(40), 4))) == 40
    assert most == 4


def test_an_error_is_raised_where_the_results_are_taken_and_nothing_more_is_begun() -> None:
    begun: list[int] = []

    def work(n: int) -> int:
        begun.append(n)
        if n == 3:
            raise LookupError(str(n))
        return n

    with pytest.raises(LookupError, match="3"):
        list(side_by_side(work, range(10_000), 2))
    assert len(begun) < 100


def test_items_are_taken_only_as_fast_as_they_are_worked_on() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for n in range(1000):
            taken.append(n)
            yield n

    reading = side_by_side(lambda n: n, items(), 3)
    next(reading)
    assert len(taken) <= 4
    reading.close()
    assert len(taken) <= 4


def test_what_went_wrong_meanwhile_is_raised_whenever_it_is_asked_for() -> None:
    def fail() -> int:
        raise LookupError("no")

    result, error = meanwhile(lambda: 7), meanwhile(fail)
    assert (result(), result()) == (7, 7)
    for _ in range(2):
        with pytest.raises(LookupError):
            error()
