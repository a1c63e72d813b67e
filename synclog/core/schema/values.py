"""The values of front matter and settings, as schemas.

YAML makes numbers and booleans of some texts that synclog reads as they were typed, so these are taken wherever a text
is. What a value may be is said by what it is not where editors would otherwise offer `true` or `null` for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from synclog.core import durations, notes

Schema: TypeAlias = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
HIDDEN = "doNotSuggest"
"""What keeps editors from offering a key that only synclog writes."""

NOTHING: Schema = {"not": {"type": ["string", "number", "boolean", "array", "object"]}}
"""A key without a value."""
TEXT: Schema = {"not": {"type": ["array", "object", "null"]}, "pattern": r"\S"}
"""A text that says something."""
OPTIONAL: Schema = {"not": {"type": ["array", "object"]}}
"""A text, or nothing."""
WHOLE: Schema = {"type": ["integer", "string"], "minimum": 1, "pattern": "^[0-9]+$"}
"""An id or a number of Syncro's."""

AUDIENCES: dict[str, str] = {
    "private": "Internal only.",
    "public": "Visible to the customer, without an e-mail.",
    "email": "E-mailed to the customer.",
}


def described(schema: Schema, text: str, **more: Any) -> Schema:
    """Return a schema with what an editor shows of it: the help on a key, and values to offer."""
    return {**schema, "description": text, **more}


def boolean() -> Schema:
    """Return true or false, in all words that synclog takes for them."""
    words = "|".join(_any_case(word) for word in ("yes", "no", "on", "off"))
    return {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": f"^({words})$"}, NOTHING]}


def duration() -> Schema:
    """Return whole minutes, in all forms that synclog reads."""
    return {
        "not": {"type": ["boolean", "array", "object"]},
        "multipleOf": 1,
        "minimum": 1,
        "maximum": durations.LONGEST,
        **_written(_any_case(durations.WRITTEN), durations.FORMS),
    }


def note_date() -> Schema:
    """Return when work began."""
    return {"not": {"type": ["number", "boolean", "array", "object"]}, **_written(notes.WRITTEN, notes.FORMS)}


def due_date(expression: str) -> Schema:
    """Return a date, or a full time."""
    return {"not": {"type": ["number", "boolean", "array", "object"]}, **_written(expression, "write 2026-04-20")}


def chosen(choices: Mapping[str, str]) -> Schema:
    """Return one of some words, each with what it means; or nothing."""
    words = {"enum": list(choices), "enumDescriptions": list(choices.values())}
    return {"anyOf": [words, NOTHING]}


def offering(values: Iterable[str], otherwise: Schema) -> Schema:
    """Return `otherwise` with values to choose from: a part of a name is taken, too."""
    known = list(dict.fromkeys(values))
    return {"anyOf": [{"enum": known}, otherwise]} if known else otherwise


def _written(expression: str, forms: str) -> Schema:
    return {"pattern": rf"^\s*({expression})\s*$", "patternErrorMessage": forms}


def _any_case(expression: str) -> str:
    """Return an expression of lower-case letters that takes capitals as well. A letter after a backslash is none."""
    return re.sub(r"(?<!\\)[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", expression)
