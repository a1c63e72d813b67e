"""Several requests in flight, so that waiting for answers costs none of the rate."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from functools import cache
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT = 8
"""Requests at a time: more than any rate of Syncro's needs at the usual delays, and as many as connections are kept."""


def meanwhile(work: Callable[[], R]) -> Callable[[], R]:
    """Begin `work` in a thread of its own; return what waits for its result, or raises its error."""
    done: queue.SimpleQueue[tuple[R | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put((work(), None))
        except BaseException as error:
            done.put((None, error))

    @cache
    def result() -> R:
        value, error = done.get()
        if error is not None:
            raise error
        return value  # type: ignore[return-value]

    threading.Thread(target=run, daemon=True).start()
    return result


def side_by_side(work: Callable[[T], R], items: Iterable[T], in_flight: int = IN_FLIGHT) -> Generator[tuple[T, R]]:
    """Yield (item, result) as results come, at most `in_flight` at work at a time.

    An error of `work` is raised here, and nothing more is begun; that also happens when the caller stops listening.
    The threads are daemons: whoever is interrupted does not wait for what they wait for.
    """
    waiting = iter(items)
    results: queue.SimpleQueue[tuple[T, R | None, BaseException | None]] = queue.SimpleQueue()
    tasks: queue.SimpleQueue[tuple[T] | None] = queue.SimpleQueue()
    stopped = threading.Event()

    def worker() -> None:
        while (task := tasks.get()) is not None and not stopped.is_set():
            (item,) = task
            try:
                results.put((item, work(item), None))
            except BaseException as error:
                results.put((item, None, error))

    def begin() -> int:
        for item in waiting:
            tasks.put((item,))
            return 1
        return 0

    threads = [threading.Thread(target=worker, daemon=True) for _ in range(in_flight)]
    under_way = sum(begin() for _ in threads)
    for thread in threads[:under_way]:
        thread.start()
    try:
        while under_way:
            item, result, error = results.get()
            under_way -= 1
            if error is not None:
                raise error
            under_way += begin()
            yield item, result  # type: ignore[misc]
    finally:
        stopped.set()
        for _ in threads:
            tasks.put(None)
