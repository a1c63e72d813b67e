"""Values as YAML on one line, and texts as `|` blocks: plain where that is safe, never folded, read back the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Emittable: TypeAlias = "str | int | None | Sequence[Emittable] | Mapping[str, Emittable]"

_PLAIN = re.compile(r"[^\W_][^\n]*|[+(/_$][^\n]*")
_WORDS = frozenset("null true false yes no on off y n".split())
_IN_FLOW = re.compile(r"[,\[\]{}?]")
_NAMED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]")
_ESCAPED = re.compile('[\\\\"]|' + _UNSEEN.pattern)
_NOT_IN_BLOCK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")


def emit(value: Emittable, *, style: str = "", flow: bool = False) -> str:
    """Return `value` as YAML on one line. `style` is the quote to keep to where possible (`'`, `"` or none);
    `flow` says that it stands inside brackets."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value, style, flow)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(k, '', True)}: {emit(v, flow=True)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(emit(item, flow=True) for item in value) + "]"


def plain_form(value: Emittable) -> object:
    """Return what reading an emitted value gives: all scalars as text, lists as tuples."""
    if isinstance(value, Mapping):
        return {key: plain_form(item) for key, item in value.items()}
    if value is None or isinstance(value, str):
        return _whole(value) if value else value
    if isinstance(value, int):
        return emit(value)
    return tuple(plain_form(item) for item in value)


def emit_block(text: str, indent: int, newline: str) -> str:
    """Return `|` and the lines of `text`, each behind `indent` spaces: two more than the list or mapping around it has.

    Reading gives `text` and one line end. Raises ValueError for what a block can't hold.
    """
    if bad := _NOT_IN_BLOCK.search(text):
        raise ValueError(f"a control character (U+{ord(bad[0]):04X}) can't be kept in a text")
    header = "|2" if text[:1].isspace() else "|"
    pad = " " * indent
    lines = [f"{pad}{line}" if line else "" for line in text.split("\n")]
    return header + newline + newline.join(lines)


def is_plain(text: str, *, flow: bool = False) -> bool:
    """Return whether `text` can stand unquoted: YAML would neither cut it, bend it, nor take it for another thing."""
    return (
        _PLAIN.fullmatch(text) is not None
        and text == text.strip()
        and ": " not in text
        and " #" not in text
        and not text.endswith(":")
        and text.lower() not in _WORDS
        and not _UNSEEN.search(text)
        and not _HALF.search(text)
        and not (flow and _IN_FLOW.search(text))
    )


def _text(text: str, style: str, flow: bool) -> str:
    if style == "'" and not _UNSEEN.search(text) and not _HALF.search(text):
        return "'" + text.replace("'", "''") + "'"
    if style != '"' and is_plain(text, flow=flow):
        return text
    return '"' + _ESCAPED.sub(_escape, _whole(text)) + '"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return _NAMED.get(char) or f"\\u{ord(char):04x}"


def _whole(text: str) -> str:
    """The text without halves of characters, which neither YAML nor UTF-8 can hold."""
    return _HALF.sub("\ufffd", text)
