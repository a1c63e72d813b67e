"""Several requests in flight, so that waiting for answers costs none of the rate."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT = 8
"""Requests at a time: more than any rate of Syncro's needs at the usual delays, and as many as connections are kept."""


def meanwhile(work: Callable[[], R]) -> Callable[[], R]:
    """Begin `work` in a thread of its own; return what waits for its result, or raises its error, however often."""
    done: Future[R] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done.result


def side_by_side(work: Callable[[T], R], items: Iterable[T], in_flight: int = IN_FLIGHT) -> Generator[tuple[T, R]]:
    """Yield (item, result) as results come, at most `in_flight` at work at a time.

    An error of `work` is raised here, and nothing more is begun; that also happens when the caller stops listening.
    The threads are daemons: whoever is interrupted does not wait for what they wait for.
    """
    waiting = iter(items)
    results: queue.SimpleQueue[tuple[T, Future[R]]] = queue.SimpleQueue()
    tasks: queue.SimpleQueue[tuple[T] | None] = queue.SimpleQueue()
    stopped = threading.Event()

    def worker() -> None:
        while (task := tasks.get()) is not None and not stopped.is_set():
            (item,) = task
            done: Future[R] = Future()
            try:
                done.set_result(work(item))
            except BaseException as error:
                done.set_exception(error)
            results.put((item, done))

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
            item, done = results.get()
            under_way -= 1
            result = done.result()
            under_way += begin()
            yield item, result
    finally:
        stopped.set()
        for _ in threads:
            tasks.put(None)
