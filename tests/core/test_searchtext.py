"""What can be found in a ticket is what people wrote; what is typed is text, never syntax."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.ticketfiles import PATH, RULES, ticket_text

from synclog.core.cleantext import clean_line
from synclog.core.searchtext import search_query, search_text
from synclog.core.ticketfile import parse_ticket_file


def matches(text: str, typed: str) -> bool:
    table = sqlite3.connect(":memory:")
    table.execute("""CREATE VIRTUAL TABLE texts USING fts5(text, tokenize="unicode61 remove_diacritics 2")""")
    table.execute("INSERT INTO texts VALUES (?)", (text,))
    found = table.execute("SELECT 1 FROM texts WHERE texts MATCH ?", (search_query(typed),)).fetchone()
    table.close()
    return found is not None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("disk", True),
        ("DISK array", True),
        ("disk tape", False),
        ('"failed disk"', True),
        ('"disk failed"', False),
        ('"failed disk', True),
        ("rep*", True),
        ("rep", False),
        ("uber", True),
        ("Über", True),
        ("can't", True),
        ("disk AND", False),
        ("NOT disk", False),
        ("text:disk", False),
    ],
)
def test_words_phrases_and_beginnings_are_found(typed: str, found: bool) -> None:
    assert matches("Replaced the failed disk über Nacht; the array can't wait.", typed) is found


@given(st.text(max_size=40))
@example('a" OR "b')
@example("x NEAR(y) ^z -q {a b}: *")
@example("\0\x1b[31m\ud800")
def test_no_query_is_ever_an_error(typed: str) -> None:
    query = search_query(typed)
    assert not query or isinstance(matches("some text", typed), bool)
    assert bool(query) >= clean_line(typed).isalnum()


def test_what_every_file_says_is_not_found_and_what_people_wrote_is() -> None:
    text = search_text(parse_ticket_file(ticket_text("notes:\n  - Called the vendor."), PATH, RULES))
    assert {"#32162", "Called the vendor."} <= {line.strip() for line in text.splitlines()}
    assert "The server is slow." in text
    assert "2026-04-15 09:12 · Lena Fjord · Initial Issue" in text
    for word in ("Conversation", "public", "synclog", "notes", "priority"):
        assert word not in text
