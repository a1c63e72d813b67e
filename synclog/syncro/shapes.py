"""Reading fields out of a server's JSON: tolerant of what is unknown, missing or null, strict about what is essential.

JSON comes with Decimal for every number that is not whole. A `Record` is one object of it, with the words that name it
in an error. Whatever the JSON holds, the only exception of this module is ShapeError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TypeVar

T = TypeVar("T")

_MOST_ID = 2**63 - 1
_MOST_NUMBER = Decimal(10) ** 15
_SURROGATES = re.compile("[\ud800-\udfff]")


class ShapeError(Exception):
    """The JSON lacks what is essential, or it is of another kind; the text says what lacks where."""


class Record:
    """One JSON object. `what` names it for errors: `ticket`, `comment`."""

    __slots__ = ("_fields", "what")

    def __init__(self, value: object, what: str) -> None:
        """Raises ShapeError when `value` is no JSON object."""
        if not isinstance(value, dict):
            raise ShapeError(f"{what} is {_kind(value)}, not an object")
        self._fields = value
        self.what = what

    def named(self) -> str:
        """Return what this is, with its id where it has one."""
        return f"{self.what} {self._fields['id']}" if isinstance(self._fields.get("id"), int | str) else self.what

    def lacks(self, name: str) -> ShapeError:
        """Return the error that says that this has no usable `name`."""
        return ShapeError(f"{self.named()[:80]} has no usable `{name}`")

    def has(self, name: str) -> bool:
        """Return whether `name` is there and not null."""
        return self._fields.get(name) is not None

    def mentions(self, name: str) -> bool:
        """Return whether `name` is there, null or not."""
        return name in self._fields

    def raw(self, name: str) -> object:
        """Return what stands under `name`, None when nothing does."""
        return self._fields.get(name)

    def inner(self, name: str) -> Record | None:
        """Return the object under `name`, None when there is none."""
        value = self._fields.get(name)
        return Record(value, name) if isinstance(value, dict) else None

    def each(self, name: str, parse: Callable[[Record], T], what: str) -> tuple[T, ...]:
        """Return the objects of the list under `name`, parsed; none when it is missing or null."""
        return tuple(parse(Record(item, what)) for item in self.list(name))

    def list(self, name: str) -> list[object]:
        """Return the list under `name`, empty when it is missing or null; ShapeError when it is no list."""
        value = self._fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise ShapeError(f"`{name}` is {_kind(value)}, not a list")
        return value

    def text(self, name: str) -> str | None:
        """Return text as the server gave it (numbers as their digits), None when there is none."""
        value = self._fields.get(name)
        if isinstance(value, str):
            return text_of(value)
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else None

    def shown(self, *names: str) -> str | None:
        """Return the first of `names` that has text other than blanks, without blanks around it."""
        texts = (self.text(name) for name in names)
        return next((text.strip() for text in texts if text is not None and text.strip()), None)

    def maybe_id(self, name: str) -> int | None:
        """Return a whole number above 0, given as number or digits; else None."""
        return id_of(self._fields.get(name))

    def id(self, *names: str) -> int:
        """Return the first of `names` that holds an id; ShapeError when none does."""
        for name in names:
            if (value := self.maybe_id(name)) is not None:
                return value
        raise self.lacks(names[0])

    def maybe_moment(self, *names: str) -> datetime | None:
        """Return the first time among `names`, in UTC (one without offset is UTC); None when there is none."""
        moments = (moment_of(self._fields.get(name)) for name in names)
        return next((moment for moment in moments if moment is not None), None)

    def moment(self, *names: str) -> datetime:
        """Return the first time among `names`; ShapeError when there is none."""
        moment = self.maybe_moment(*names)
        if moment is None:
            raise self.lacks(names[0])
        return moment

    def maybe_number(self, name: str) -> Decimal | None:
        """Return a number, given as such or as text (`"81.53"`), None when there is none."""
        return number_of(self._fields.get(name))

    def number(self, name: str) -> Decimal:
        """Return a number; ShapeError when there is none."""
        number = self.maybe_number(name)
        if number is None:
            raise self.lacks(name)
        return number

    def flag(self, name: str, default: bool = False) -> bool:
        """Return yes or no, `default` when the server says neither."""
        value = self._fields.get(name)
        if isinstance(value, str):
            return {"true": True, "1": True, "false": False, "0": False}.get(value.strip().lower(), default)
        return bool(value) if isinstance(value, bool | int) else default

    def minutes_of_seconds(self, name: str) -> int | None:
        """Return the whole minutes nearest to the seconds under `name`; None when there are none."""
        seconds = self.maybe_number(name)
        if seconds is None or seconds < 0:
            return None
        return int((seconds / 60).to_integral_value(ROUND_HALF_UP))


def unwrapped(document: object, wrapper: str) -> Record:
    """Return the object that an answer is about: what is under `wrapper`, or the answer itself when it has an id.

    Endpoints differ in this, and a wrapper misread is a write that looks failed.
    """
    outer = Record(document, f"the answer for a {wrapper}")
    inner = outer.inner(wrapper)
    if inner is not None:
        return inner
    if outer.has("id") and not outer.mentions(wrapper):
        return Record(document, wrapper)
    raise ShapeError(f"it holds no `{wrapper}`")


def listed(document: object, wrapper: str) -> Iterator[Record]:
    """Return the objects of a list answer; ShapeError when there is no list."""
    outer = Record(document, f"the answer for {wrapper}")
    if not outer.has(wrapper):
        raise ShapeError(f"it holds no `{wrapper}`")
    return (Record(item, wrapper.removesuffix("s")) for item in outer.list(wrapper))


def total_pages(document: object) -> int | None:
    """Return `meta.total_pages`, None when the answer does not say."""
    meta = Record(document, "the answer").inner("meta")
    total = None if meta is None else meta.raw("total_pages")
    if total in (0, "0"):
        return 1
    return id_of(total)


def text_of(value: str) -> str:
    """Return `value` with lone surrogates, which no file can hold, replaced."""
    if _SURROGATES.search(value):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def id_of(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        value = int(value)
    elif isinstance(value, Decimal):
        number = number_of(value)
        value = int(number) if number is not None and number == number.to_integral_value() else None
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_ID
    return value if whole and isinstance(value, int) else None


def number_of(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    if isinstance(value, str) and len(value) > 40:
        return None
    try:
        number = Decimal(value) if isinstance(value, int | Decimal) else Decimal(value.strip().replace("_", "?"))
    except (InvalidOperation, ValueError):
        return None
    # An exponent out of range would make every sum with it a matter of gigabytes.
    if not number.is_finite() or abs(number) >= _MOST_NUMBER or number.as_tuple().exponent < -30:  # type: ignore[operator]
        return None
    return number


def moment_of(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # The first and the last year are not in the calendar everywhere.
    return moment if 1 < moment.year < 9999 else None


def _kind(value: object) -> str:
    kinds = {type(None): "empty", str: "text", list: "a list", dict: "an object", bool: "yes or no"}
    return kinds.get(type(value), "a number")
