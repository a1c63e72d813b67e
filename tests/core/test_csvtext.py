"""CSV that reads back, and in which no spreadsheet finds a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.cleantext import clean_line
from synclog.core.csvtext import csv_text, harmless


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://evil.example","x")', "+1-800", "-2+3", "@SUM(A1)", "\t=1", " \n=1", "\u200b=1", "＝1"],
)
def test_what_begins_like_a_formula_is_made_text(text: str) -> None:
    assert harmless(text) == f"'{clean_line(text)}"
    assert harmless(text)[1] in "=+-@＝"


def test_a_formula_behind_what_other_countries_take_for_a_separator_is_text_too() -> None:
    assert harmless("foo;=cmd|'/c calc'!A1; -1") == "foo;'=cmd|'/c calc'!A1; '-1"
    assert harmless("Whitlock & Bane; LLP | a-b") == "Whitlock & Bane; LLP | a-b"


def test_rows_end_as_rfc_4180_says_and_numbers_stay_numbers() -> None:
    text = csv_text(["name", "minutes"], [['Len\'s "Auto", Brokerage', 90], ["two\nlines", -30], [None, None]])
    assert text == 'name,minutes\r\n"Len\'s ""Auto"", Brokerage",90\r\ntwo lines,-30\r\n,\r\n'


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_every_table_reads_back_cell_by_cell_and_no_cell_computes(rows: list[list[str]]) -> None:
    found = list(csv.reader(io.StringIO(csv_text(["a", "b"], rows), newline="")))
    assert found == [["a", "b"], *[[harmless(cell) for cell in row] for row in rows]]
    assert not [cell for row in found[1:] for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
