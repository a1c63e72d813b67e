"""Reading a list that comes in pages, completely, although things may move between its pages meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_ROUNDS = 6
MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page. `total` is what the answer says of the number of pages, None when it says nothing."""

    items: tuple[tuple[int, T], ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class _Round(Generic[T]):
    items: dict[int, T]
    pages: int
    moved: bool


def collect(fetch: Callable[[int], Page[T]], *, surely: bool = False) -> dict[int, T]:
    """Return all items by id, in the order in which they came.

    `fetch` reads page n (from 1). When a page repeats what another showed, or the number of pages changes on the way,
    something moved and something may have been missed: everything is read again. With `surely`, several pages count
    only when two readings in a row agree: one thing that vanished moves others unseen over a page's edge.
    When it does not calm down, all that was seen in any reading is returned: too much rather than too little.
    """
    seen: dict[int, T] = {}
    last: _Round[T] | None = None
    for _ in range(_ROUNDS):
        this = _once(fetch)
        seen |= this.items
        agreed = last is not None and not last.moved and last.items.keys() == this.items.keys()
        if not this.moved and (this.pages == 1 or agreed or not surely):
            return this.items
        last = this
    return seen


def _once(fetch: Callable[[int], Page[T]]) -> _Round[T]:
    items: dict[int, T] = {}
    number, total, moved = 0, None, False
    while number < MOST_PAGES:
        number += 1
        page = fetch(number)
        fresh = {item_id: item for item_id, item in page.items if item_id not in items}
        items |= fresh
        if page.total is None:
            # No word about the number of pages: go on until a page brings nothing new.
            if not fresh:
                break
            continue
        moved = moved or len(fresh) < len(page.items) or total not in (None, page.total)
        total = page.total
        if number >= total:
            break
    return _Round(items, number, moved)
