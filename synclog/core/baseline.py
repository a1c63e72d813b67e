"""The base line: what Syncro said last, as one machine-readable comment on a file's last line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Literal

BaseProblem = Literal["missing", "damaged"]

OPENING = "<!-- synclog:base"
"""What a base line begins with."""
_LINE = re.compile(r"<!-- synclog:base (\{.*\}) -->")
_INVISIBLE = re.compile("[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]")
_HALF = re.compile("[\ud800-\udfff]")


def encode_base(base: Mapping[str, object]) -> str:
    """Return the base line of JSON-able `base`, without a line end: keys sorted, and nothing in it that could end the
    comment or the line, whatever a subject holds."""
    text = json.dumps(base, ensure_ascii=False, sort_keys=True, allow_nan=False)
    text = _HALF.sub("\ufffd", text)
    text = _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "\\u002d\\u002d")
    return f"{OPENING} {text} -->"


def decode_base(text: str) -> dict[str, object] | None:
    """Return the base that the file `text` ends with, None where it is missing or damaged."""
    return read_base(last_line(text)[1])[0]


def read_base(line: str) -> tuple[dict[str, object] | None, BaseProblem | None]:
    """Return the base that a line holds, or what is wrong with it."""
    if not line.startswith(OPENING):
        return None, "missing"
    match = _LINE.fullmatch(line)
    if match is None:
        return None, "damaged"
    try:
        found = json.loads(match[1], object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None, "damaged"
    return found, None


def last_line(text: str) -> tuple[int, str]:
    """Return the position and the content of the last line that is not blank."""
    kept = len(text.rstrip())
    start = text.rfind("\n", 0, kept) + 1
    return start, text[start:kept]


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
