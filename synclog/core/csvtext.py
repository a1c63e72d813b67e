"""Tables as CSV (RFC 4180) in which nothing is a formula to the spreadsheet that opens them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from synclog.core.cleantext import clean_line

Cell = object
"""Text, which is made harmless, or a number, which is written as it is; None is empty."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table with its head: `\\r\\n` after each row, cells quoted where they have to be."""
    into = io.StringIO()
    writer = csv.writer(into, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return into.getvalue()


def harmless(text: str) -> str:
    """Return text as one line that no spreadsheet computes: what begins like a formula gets an apostrophe before it."""
    line = clean_line(text)
    return f"'{line}" if line.startswith(_STARTS_A_FORMULA) else line


def _cell(value: Cell) -> Cell:
    return harmless(value) if isinstance(value, str) else "" if value is None else value
