"""Whatever shape a server's complaint has, its words reach the technician, and only its words."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synclog.syncro.messages import LONGEST, one_line, server_message

SHAPES = [
    ({"error": "Not authorized"}, "Not authorized"),
    (
        {"errors": "Name can't be blank, Description can't be blank", "params": {}},
        "Name can't be blank, Description can't be blank",
    ),
    ({"errors": ["Subject can't be blank", "Body can't be blank"]}, "Subject can't be blank; Body can't be blank"),
    ({"errors": {"email": ["is not an email", "is taken"]}}, "email: is not an email; email: is taken"),
    ({"errors": {"base": "Invoice is locked"}}, "base: Invoice is locked"),
    ({"errors": [{"message": "no seat"}, {"detail": "no bed"}]}, "no seat; no bed"),
    ({"message": "Not found"}, "Not found"),
    ({"message": ["Email is not an email"]}, "Email is not an email"),
    ({"success": False, "message": ["Body can't be blank"], "params": {"x": 1}}, "Body can't be blank"),
    ({"error": "Invalid", "message": "Subject is too long"}, "Invalid; Subject is too long"),
    ({"error": {"code": 17, "message": "Größe unbekannt"}}, "Größe unbekannt"),
    ({"error": "twice", "message": "twice"}, "twice"),
    ({"status": 404, "reason": "gone"}, '{"status": 404, "reason": "gone"}'),
    ("just text", "just text"),
    (["one", "two"], "one; two"),
    ({"error": None, "errors": [], "message": "told"}, "told"),
    ({"error": "line one\nline two\x1b[31m\u202e\u0000"}, "line one line two[31m"),
    ([], ""),
    (None, ""),
    (True, ""),
]


@pytest.mark.parametrize(("body", "said"), SHAPES)
def test_every_shape_is_read(body: object, said: str) -> None:
    assert server_message(json.dumps(body).encode()) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", ""),
        (b"  \r\n", ""),
        (b"{}", ""),
        (b"Service Unavailable", "Service Unavailable"),
        (
            b"<html><head><title>400</title><style>p{}</style></head><body><h1>Bad &amp; wrong</h1></body></html>",
            "400: Bad & wrong",
        ),
        (b"<!DOCTYPE html><title>Sign in</title><p>Sign in<script>x()</script> please", "Sign in please"),
        (b'\xef\xbb\xbf{"error": "with a mark"}', "with a mark"),
        (b"caf\xe9 closed", "caf\ufffd closed"),
        (b'{"error": "cut', '{"error": "cut'),
    ],
)
def test_what_is_no_json_is_read_too(body: bytes, said: str) -> None:
    assert server_message(body) == said


def test_a_long_complaint_is_cut() -> None:
    said = server_message(json.dumps({"error": "x" * 5000}).encode())
    assert len(said) == LONGEST
    assert said.endswith("…")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "message", "base"]) | st.text(max_size=4), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    st.binary(max_size=300)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.text().map(lambda t: f"<{t}>".encode("utf-8", "replace"))
)
@example(b"<![x[")
@example(b"<!x <?")
@example(b"[" * 60_000)
@settings(max_examples=150, deadline=None)
def test_no_body_breaks_it_and_the_words_are_safe_to_print(body: bytes) -> None:
    said = server_message(body)
    assert len(said) <= LONGEST
    assert all(unicodedata.category(character) not in ("Cc", "Cs") for character in said)
    assert said == one_line(said)


@given(
    st.text(min_size=1, alphabet=st.characters(categories=["L", "N", "P"])),
    st.sampled_from(["error", "errors", "message"]),
)
@settings(max_examples=60, deadline=None)
def test_no_words_are_lost(words: str, name: str) -> None:
    for shape in ({name: words}, {name: [words]}, {name: {"field": [words]}}, {"success": False, name: words}):
        assert words in server_message(json.dumps(shape).encode())
