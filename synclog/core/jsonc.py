"""JSON with comments, as editors keep their settings: adding what is missing, and touching nothing else.

Comments, order, spacing and trailing commas stay as they were typed. Every edit is read back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = Any

_SKIP = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_OTHER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_INDENT = "  "
_DEEPEST = 50


def with_missing(text: str | None, wanted: Mapping[str, Json]) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file with what it lacks of `wanted` added, and the names of what it has otherwise, which
    stays as it is.

    Mappings are filled in key by key; a list gets the items that it lacks, where one with the same `label` is the same.
    Raises ValueError when the text is not JSON with comments, or not a mapping.
    """
    if text is None or not text.strip("\ufeff \t\r\n"):
        return json.dumps(wanted, ensure_ascii=False, indent=_INDENT) + "\n", ()
    root = _parsed(text)
    if not isinstance(root.value, dict):
        raise ValueError("it does not hold a mapping")
    newline = "\r\n" if "\r\n" in text else "\n"
    edits: list[tuple[int, str]] = []
    left: list[str] = []
    expected = _fill(text, root, wanted, newline, edits, left, ())
    fresh = text
    for position, piece in sorted(edits, key=lambda edit: edit[0], reverse=True):
        fresh = fresh[:position] + piece + fresh[position:]
    if _parsed(fresh).value != expected:
        raise ValueError("it can't be added to safely")
    return fresh, tuple(left)


@dataclass(slots=True)
class _Node:
    """A value and where it stands. Of a mapping or a list also its members, and where the last comma or member ends."""

    value: Json
    start: int
    end: int = 0
    members: dict[str, _Node] = field(default_factory=dict)
    items: list[_Node] = field(default_factory=list)
    first: int = 0
    last: int = 0
    comma: bool = False


def _fill(
    text: str, node: _Node, wanted: Json, newline: str, edits: list[tuple[int, str]], left: list[str], at: Sequence[str]
) -> Json:
    """Note the edits that bring `node` to `wanted`; return the value that it has then."""
    if isinstance(wanted, Mapping) and isinstance(node.value, dict):
        value: Json = dict(node.value)
        added = []
        for key, inner in wanted.items():
            if key in node.members:
                value[key] = _fill(text, node.members[key], inner, newline, edits, left, (*at, key))
            else:
                value[key] = inner
                added.append(f"{json.dumps(key, ensure_ascii=False)}: {_dumped(inner)}")
    elif isinstance(wanted, list) and isinstance(node.value, list):
        lacking = [item for item in wanted if not any(_same(item, there) for there in node.value)]
        value, added = [*node.value, *lacking], [_dumped(item) for item in lacking]
    else:
        if node.value != wanted:
            left.append(".".join(at))
        return node.value
    if added:
        _insert(text, node, added, newline, edits)
    return value


def _insert(text: str, node: _Node, added: Sequence[str], newline: str, edits: list[tuple[int, str]]) -> None:
    """Note the edits that put members at the end of a mapping or a list."""
    close = node.end - 1
    outer = _indent_of(text, node.start)
    first_line = text.rfind("\n", 0, node.first) + 1
    own_line = node.first and not text[first_line : node.first].strip()
    inner = text[first_line : node.first] if own_line else outer + _INDENT
    end = len(text[:close].rstrip())
    pieces = [f"{newline}{inner}{member.replace(chr(10), newline + inner)}" for member in added]
    piece = ",".join(pieces)
    if "\n" not in text[end:close]:
        piece += newline + outer
    if node.first and not node.comma:
        if node.last == end:
            piece = f",{piece}"
        else:
            edits.append((node.last, ","))
    edits.append((end, piece))


def _indent_of(text: str, position: int) -> str:
    """The white space that begins the line of a position."""
    line = text[text.rfind("\n", 0, position) + 1 : position]
    return line[: len(line) - len(line.lstrip())]


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=_INDENT)


def _same(one: Json, other: Json) -> bool:
    if isinstance(one, dict) and isinstance(other, dict) and "label" in one:
        return bool(one["label"] == other.get("label"))
    return bool(one == other)


def _parsed(text: str) -> _Node:
    start = 1 if text.startswith("\ufeff") else 0
    node = _read(text, _skip(text, start), 0)
    rest = _skip(text, node.end)
    if rest < len(text):
        raise _not_json(text, rest)
    return node


def _read(text: str, at: int, depth: int) -> _Node:
    if depth > _DEEPEST:
        raise _not_json(text, at)
    opening = text[at : at + 1]
    if opening == "{":
        return _read_members(text, at, depth, "}")
    if opening == "[":
        return _read_members(text, at, depth, "]")
    match = _STRING.match(text, at) or _OTHER.match(text, at)
    if match is None:
        raise _not_json(text, at)
    return _Node(_value(text, match[0], at), at, match.end())


def _read_members(text: str, at: int, depth: int, closing: str) -> _Node:
    node = _Node({} if closing == "}" else [], at)
    position = _skip(text, at + 1)
    while text[position : position + 1] != closing:
        if node.first and not node.comma:
            raise _not_json(text, position)
        node.first = node.first or position
        key = None
        if closing == "}":
            match = _STRING.match(text, position)
            position = _skip(text, match.end()) if match else position
            if match is None or text[position : position + 1] != ":":
                raise _not_json(text, position)
            key = _value(text, match[0], match.start())
            position = _skip(text, position + 1)
        inner = _read(text, position, depth + 1)
        if key is None:
            node.items.append(inner)
            node.value.append(inner.value)
        else:
            node.members[key] = inner
            node.value[key] = inner.value
        node.last = inner.end
        position = _skip(text, inner.end)
        node.comma = text[position : position + 1] == ","
        if node.comma:
            position = _skip(text, position + 1)
    node.end = position + 1
    return node


def _skip(text: str, at: int) -> int:
    match = _SKIP.match(text, at)
    return match.end() if match else at


def _value(text: str, written: str, at: int) -> Json:
    try:
        return json.loads(written)
    except ValueError:
        raise _not_json(text, at) from None


def _not_json(text: str, at: int) -> ValueError:
    line = text.count("\n", 0, at) + 1
    return ValueError(f"line {line} is not JSON")
