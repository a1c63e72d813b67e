"""The mirrored part of a ticket file as values, and its text: what stands between the marker and the base line.

`render_mirror` writes it, `parse_mirror` reads it back. Every line of what people wrote is quoted (`> `), so that it
can never look like front matter, a heading, the marker or the base. Plain text in and out; HTML is dealt with before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeVar

from synclog.core.cleantext import clean_line, clean_text
from synclog.core.money import money
from synclog.model import Minutes

Visibility = Literal["public", "private"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One comment. `when` is in the workspace's time zone, shown to the minute; `text` is markdown."""

    when: datetime
    author: str
    subject: str
    visibility: Visibility
    text: str


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One timer entry: worked `minutes` of a local `date`; `labor` is an alias; `billed` is text for people."""

    date: date
    minutes: Minutes
    labor: str
    tech: str
    billed: str
    notes: str


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One line item. `quantity` is hours for labor."""

    name: str
    quantity: Decimal
    price: Decimal
    invoiced: bool


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One invoice of the ticket; `date` is local."""

    number: str
    date: date
    total: Decimal


@dataclass(frozen=True, slots=True)
class Mirror:
    """All that a ticket file shows of the ticket's history. `entries` are oldest first."""

    entries: tuple[Entry, ...] = ()
    time: tuple[TimeRow, ...] = ()
    charges: tuple[ChargeRow, ...] = ()
    invoices: tuple[InvoiceRow, ...] = ()


_TIME = ("date", "minutes", "labor", "tech", "billed", "notes")
_CHARGES = ("name", "quantity", "price", "invoiced")
_INVOICES = ("number", "date", "total")
_DOT = re.compile(r"(?:(?<=\s)|^)·|·(?=\s|$)")
_HEADING = re.compile(r"### (\d{4}-\d\d-\d\d \d\d:\d\d) · (.*?) · (.*) · (public|private)\s*")
_SECTION = re.compile(r"## (Conversation|Time|Charges|Invoices)\s*")
_PIPE = re.compile(r"(?<!\\)\|")
_NOBODY = "unknown"
_NOTHING = "–"
_MOST, _FINEST = 10**15, -30
"""Between these are the numbers of an account; what a file says otherwise is none."""


def render_mirror(mirror: Mirror) -> str:
    """Return the text of `mirror`, which begins with a blank line and ends with one newline."""
    blocks = ["## Conversation"]
    for entry in mirror.entries:
        blocks += [_heading(entry), quoted(entry.text)]
    blocks += ["## Time", _table(_TIME, (_time_cells(row) for row in mirror.time))]
    if mirror.charges:
        blocks += ["## Charges", _table(_CHARGES, (_charge_cells(row) for row in mirror.charges))]
    if mirror.invoices:
        rows = ((row.number, row.date.isoformat(), money(row.total)) for row in mirror.invoices)
        blocks += ["## Invoices", _table(_INVOICES, rows)]
    return "\n" + "\n\n".join(blocks) + "\n"


def quoted(text: str) -> str:
    """Return `text` as a markdown quotation: every line, whatever separates lines, begins with `>`."""
    return "\n".join(f"> {line}" if line else ">" for line in clean_text(text).split("\n"))


def heading_part(text: str, default: str = _NOTHING) -> str:
    """Return `text` as a part of an entry's heading: one line without the ` · ` that separates the parts."""
    return _DOT.sub("-", clean_line(text)) or default


def _heading(entry: Entry) -> str:
    when = entry.when.isoformat(sep=" ", timespec="minutes")[:16]
    parts = (when, heading_part(entry.author, _NOBODY), heading_part(entry.subject), entry.visibility)
    return "### " + " · ".join(parts)


def _time_cells(row: TimeRow) -> tuple[str, ...]:
    return (row.date.isoformat(), str(row.minutes), row.labor, row.tech, row.billed, row.notes)


def _charge_cells(row: ChargeRow) -> tuple[str, ...]:
    return (row.name, f"{row.quantity:f}", money(row.price), "yes" if row.invoiced else "no")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(clean_line(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


# --- reading it back ----------------------------------------------------------------------------------------------


def parse_mirror(text: str, tz: tzinfo) -> Mirror:
    """Return what `text` shows; the inverse of `render_mirror` for times of zone `tz`.

    It never raises: a part that an editor or a person has bent is read as far as it goes, rows that make no sense are
    left out. (In the hour that a change to winter time repeats, a time is read as the first of the two.)
    """
    sections = _sections(text)
    return Mirror(
        entries=tuple(_entries(sections.get("Conversation", ()), tz)),
        time=_rows(sections.get("Time", ()), _TIME, _time_row),
        charges=_rows(sections.get("Charges", ()), _CHARGES, _charge_row),
        invoices=_rows(sections.get("Invoices", ()), _INVOICES, _invoice_row),
    )


def _sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    into: list[str] = []
    for line in text.splitlines():
        match = _SECTION.fullmatch(line)
        if match:
            into = found.setdefault(match.group(1), [])
        else:
            into.append(line)
    return found


def _entries(lines: Sequence[str], tz: tzinfo) -> Iterator[Entry]:
    heads = [(at, head) for at, line in enumerate(lines) if (head := _entry_head(line, tz))]
    starts = [at for at, _ in heads]
    ends = [*starts[1:], len(lines)]
    for (at, (when, author, subject, visibility)), end in zip(heads, ends, strict=False):  # no head: no entry
        body = "\n".join(_unquoted(line) for line in lines[at + 1 : end])
        yield Entry(when, author, subject, visibility, clean_text(body))


def _entry_head(line: str, tz: tzinfo) -> tuple[datetime, str, str, Visibility] | None:
    match = _HEADING.fullmatch(line)
    if match is None:
        return None
    try:
        when = datetime.fromisoformat(match.group(1)).replace(tzinfo=tz)
    except ValueError:
        return None
    return when, match.group(2), match.group(3), "private" if match.group(4) == "private" else "public"


def _unquoted(line: str) -> str:
    return line[2:] if line.startswith("> ") else line.removeprefix(">")


_Row = TypeVar("_Row")


def _rows(lines: Sequence[str], head: Sequence[str], make: Callable[[list[str]], _Row]) -> tuple[_Row, ...]:
    rows = []
    for line in lines:
        cells = [cell.strip().replace("\\|", "|") for cell in _PIPE.split(line.strip())[1:-1]]
        if len(cells) != len(head) or tuple(cells) == tuple(head):
            continue
        try:
            rows.append(make(cells))
        except (ValueError, InvalidOperation):  # the line under the head, and what a person has bent
            continue
    return tuple(rows)


def _time_row(cells: list[str]) -> TimeRow:
    day, minutes, labor, tech, billed, notes = cells
    return TimeRow(date.fromisoformat(day), int(minutes), labor, tech, billed, notes)


def _charge_row(cells: list[str]) -> ChargeRow:
    name, quantity, price, invoiced = cells
    return ChargeRow(name, _decimal(quantity), _decimal(price), invoiced == "yes")


def _invoice_row(cells: list[str]) -> InvoiceRow:
    number, day, total = cells
    return InvoiceRow(number, date.fromisoformat(day), _decimal(total))


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < _FINEST or abs(number) >= _MOST:
        raise ValueError(text)
    return number
