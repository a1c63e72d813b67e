"""One-offs: writes that are no note, no invoice and no field change, as values that a ticket's file can hold.

Each is the durable intent of one command, under `synclog: {doing: […]}` of the front matter from before its first
request until what it did is recorded. Its `id` is made of all that it says, so that one that was changed by hand is
known as such, and the same command is the same one-off. `after` is the highest id of its kind when it was stamped,
None as long as nothing of it can be under way; `by` is the Syncro user whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeVar, get_args

from synclog.core.durations import format_minutes
from synclog.core.references import REFERENCE, short_hash, ticket_of
from synclog.model import Minutes, Reference, TicketNumber

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class NewTimer:
    """A plain timer entry: `minutes` are worked, `bills` what is entered; `labor` is the alias. `place` counts equal
    ones."""

    id: Reference
    by: int
    start: datetime
    minutes: Minutes
    bills: Minutes
    product_id: int
    labor: str
    text: str = ""
    place: int = 1
    after: int | None = None

    @property
    def notes(self) -> str:
        """The text of the timer entry: always with the reference, by which it is found again."""
        return with_reference(self.text, self.id)

    @property
    def end(self) -> datetime:
        """When the work ended."""
        return self.start + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Correction:
    """Other time of the work `of` (a reference), or none where `bills` is 0: of its `timer` entry, of the charge `item`
    that was made of it, or of a charge alone.

    `minutes` are worked, `bills` what is entered, on `product_id`; `was` and `was_product_id` are what the timer entry
    (without one: the charge) said, `item_was` and `item_product_id` the same of a timer entry's charge. `name`, `price`
    and `taxable` are what the charge gets with another labor. `user` is whose work the timer entry is, since `start`.
    """

    id: Reference
    by: int
    of: Reference
    minutes: Minutes
    bills: Minutes
    product_id: int
    labor: str
    was: Minutes
    was_product_id: int | None = None
    timer: int | None = None
    user: int | None = None
    start: datetime | None = None
    item: int | None = None
    item_was: Minutes | None = None
    item_product_id: int | None = None
    name: str = ""
    price: Decimal | None = None
    taxable: bool | None = None
    after: int | None = None

    @property
    def removes(self) -> bool:
        """Whether the time is to go."""
        return self.bills == 0


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line added to `invoice` (an id; `number` is what people call it)."""

    id: Reference
    by: int
    invoice: int
    number: str
    name: str
    quantity: Decimal
    price: Decimal
    text: str = ""
    product_id: int | None = None
    place: int = 1
    after: int | None = None

    @property
    def description(self) -> str:
        """The text of the line: always with the reference, by which it is found again."""
        return with_reference(self.text or self.name, self.id)


@dataclass(frozen=True, slots=True)
class InvoiceRemoval:
    """An invoice deleted; `total` is what it came to when that was asked for."""

    id: Reference
    by: int
    invoice: int
    number: str
    total: Decimal
    after: int | None = None


@dataclass(frozen=True, slots=True)
class TicketRemoval:
    """The ticket itself deleted; `ticket` is its id."""

    id: Reference
    by: int
    ticket: int
    after: int | None = None


OneOff = NewTimer | Correction | NewLine | InvoiceRemoval | TicketRemoval
Kind = TypeVar("Kind", bound=OneOff)
OneOffName = Literal["timer", "correct", "line", "delete-invoice", "delete"]

_KINDS: dict[str, type[OneOff]] = dict(zip(get_args(OneOffName), get_args(OneOff), strict=True))
_NAMES: dict[type[OneOff], OneOffName] = {kind: name for name, kind in _KINDS.items()}  # type: ignore[misc]


def name_of(one: OneOff) -> OneOffName:
    """Return what a file calls this kind of one-off."""
    return _NAMES[type(one)]


def named(number: TicketNumber, one: Kind) -> Kind:
    """Return the one-off with the id that what it says gives it in the file of a ticket."""
    said = {f.name: _plain(getattr(one, f.name)) for f in fields(one) if f.name not in ("id", "after")}
    kept = {name: value for name, value in said.items() if value is not None}
    return replace(one, id=f"{number}-{short_hash([name_of(one), number, kept])}")


def subject_of(one: OneOff) -> tuple[object, ...]:
    """Return what a one-off is about: two about the same thing don't go together."""
    if isinstance(one, Correction):
        return ("time", one.of)
    if isinstance(one, InvoiceRemoval):
        return ("invoice", one.invoice)
    return ("ticket", one.ticket) if isinstance(one, TicketRemoval) else (one.id,)


def words_of(one: OneOff) -> str:
    """Return what a one-off is, in words."""
    if isinstance(one, NewTimer):
        return f"a timer entry of {format_minutes(one.bills)}"
    if isinstance(one, Correction):
        return f"the {'removal' if one.removes else 'correction'} of the time of {one.of}"
    if isinstance(one, NewLine):
        return f"a line of invoice {one.number}"
    return f"the deletion of invoice {one.number}" if isinstance(one, InvoiceRemoval) else "the deletion of the ticket"


def with_reference(text: str, reference: Reference) -> str:
    """Return a text as one line with the reference at its end, cut where it is long."""
    ending = f"(Ref {reference})"
    room = _LONGEST - len(ending) - 1
    kept = text if len(text) <= room else text[: room - 1] + "…"
    return f"{kept} {ending}" if kept else ending


# --- as a file holds them --------------------------------------------------------------------------------------------


def as_yaml(one: OneOff) -> dict[str, str | int]:
    """Return what stands in the list `doing`."""
    found: dict[str, str | int] = {"op": name_of(one)}
    for field in fields(one):
        value = _plain(getattr(one, field.name))
        if value is not None and (value != field.default or field.name == "after"):
            found[field.name] = value
    return found


def from_yaml(written: Mapping[str, str | None], number: TicketNumber | None) -> OneOff:
    """Return the one-off that a file spells. Raises ValueError, saying why, where it is not as `as_yaml` wrote it for
    the ticket `number`."""
    kind = _KINDS.get(written.get("op") or "")
    if kind is None:
        raise ValueError("it is of no kind that this synclog knows")
    known = {field.name for field in fields(kind)}
    values: dict[str, object] = {}
    for name, text in written.items():
        if name == "op":
            continue
        if name not in known or text is None:
            raise ValueError(f"`{name[:40]}` does not belong there")
        try:
            values[name] = _READERS[name](text)
        except (ValueError, InvalidOperation, OverflowError):
            raise ValueError(f"its `{name}` is not as synclog writes it") from None
    try:
        one = kind(**values)  # type: ignore[arg-type]  # each is of its field's type, as its reader made it
    except TypeError:
        raise ValueError("it is not whole") from None
    home = ticket_of(one.id)
    if number is None or home != number:
        raise ValueError(f"it is of ticket {home or 'nobody'}")
    if named(number, one).id != one.id:
        raise ValueError("what it says was changed")
    return one


def can_be_kept(one: OneOff, number: TicketNumber) -> bool:
    """Return whether the file of a ticket can hold a one-off: what Syncro says may be of any size."""
    written = {name: text if isinstance(text, str) else str(text) for name, text in as_yaml(one).items()}
    try:
        return from_yaml(written, number) == one
    except ValueError:
        return False


def _plain(value: object) -> str | int | None:
    """A value as it is written; whole numbers and words only, so that every machine writes the same."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    assert value is None or isinstance(value, str | int)
    return value


_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,12})?", re.ASCII)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_MOST_MINUTES = 10**9


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _minutes(text: str) -> Minutes:
    if (minutes := _whole(text)) > _MOST_MINUTES:
        raise ValueError(text)
    return minutes


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _reference(text: str) -> Reference:
    if not REFERENCE.fullmatch(text):
        raise ValueError(text)
    return text


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _text(text: str) -> str:
    if len(text) > 2 * _LONGEST or _UNSEEN.search(text):
        raise ValueError(text)
    return text


_READERS: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(("id", "of"), _reference),
    **dict.fromkeys(("by", "after", "timer", "item", "user", "invoice", "ticket", "place"), _whole),
    **dict.fromkeys(("product_id", "was_product_id", "item_product_id"), _whole),
    **dict.fromkeys(("minutes", "bills", "was", "item_was"), _minutes),
    **dict.fromkeys(("quantity", "price", "total"), _decimal),
    **dict.fromkeys(("labor", "text", "name", "number"), _text),
    "start": _moment,
    "taxable": _flag,
}
