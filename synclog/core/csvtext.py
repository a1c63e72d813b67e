"""Tables as CSV (RFC 4180) in which nothing is a formula to the spreadsheet that opens them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from synclog.core.cleantext import clean_line

Cell = object
"""Text, which is made harmless, or a number, which is written as it is; None is empty."""

_STARTS_A_FORMULA = re.compile(r"(?:^|[;|]\s*)(?=[=+\-@＝＋－＠])")
"""At the beginning of a cell, or behind what some countries' spreadsheets take for the end of one."""


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table with its head: `\\r\\n` after each row, cells quoted where they have to be."""
    into = io.StringIO()
    writer = csv.writer(into, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return into.getvalue()


def harmless(text: str) -> str:
    """Return text as one line that no spreadsheet computes: what begins like a formula gets an apostrophe before it."""
    return _STARTS_A_FORMULA.sub(r"\g<0>'", clean_line(text))


def _cell(value: Cell) -> Cell:
    return harmless(value) if isinstance(value, str) else "" if value is None else value
