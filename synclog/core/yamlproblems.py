"""What is wrong with a piece of YAML, in the words of those who write tickets: where it is and what to type instead."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from synclog.errors import Problem

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

BLOCK_FORM = "put the text in quotes, or on lines of its own under `|`"

BAD_ESCAPE = (
    "a backslash in double quotes is an escape, and one in this text is not known",
    "use single quotes, or put the text under `|`",
)

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]|\r(?!\n)")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?\r?$", re.MULTILINE)
_NOTE_LINE = re.compile(r"^(?P<dash>-[ \t]+)?(?:(?P<key>note|description):[ \t]+)?(?P<text>.*)$", re.DOTALL)
_FIELD_LINE = re.compile(r"^(?P<key>[A-Za-z_]+):[ \t]+(?P<text>.*)$", re.DOTALL)


class YamlProblem(ValueError):
    """Front matter that is not YAML, or uses a part of YAML that synclog refuses."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


def forbidden_character(source: str, first_line: int) -> Problem | None:
    """Return a problem for the first character that no editor shows and YAML reads in its own way, None without."""
    match = _FORBIDDEN.search(source)
    if match is None:
        return None
    line, column = place_of(source, match.start(), first_line)
    message = f"a control character (U+{ord(match[0][0]):04X}) stands here"
    return Problem(line, message, "delete it; most editors can show invisible characters", column)


def place_of(source: str, index: int, first_line: int) -> tuple[int, int]:
    """Return line and column, from 1, of a position in `source`, whose first line is `first_line`."""
    return source.count("\n", 0, index) + first_line, index - (source.rfind("\n", 0, index) + 1) + 1


def explain(error: MarkedYAMLError, source: str, first_line: int) -> Problem:
    """Return the problem behind a parser's error; both parsers' words lead to the same one."""
    if match := _CONFLICT.search(source):
        line, _ = place_of(source, match.start(), first_line)
        return Problem(line, "git's conflict markers stand here", "keep what is right and delete the marker lines")
    said, context = error.problem or "", error.context or ""
    at, opened = error.problem_mark, error.context_mark
    if "quoted scalar" in context and opened is not None:
        if "found unexpected" in said:
            message, remedy = "a quote that opens here is never closed", "close it, or write the text without quotes"
        else:
            message, remedy = BAD_ESCAPE
        return Problem(opened.line + first_line, message, remedy, opened.column + 1)
    if "while parsing a flow" in context and opened is not None:
        bracket = source[opened.index : opened.index + 1] or "["
        message = f"a `{bracket}` that opens here is never closed, or what is in it is not YAML"
        return Problem(opened.line + first_line, message, "close it, or write one item a line", opened.column + 1)
    index = min(at.index if at is not None else 0, max(len(source) - 1, 0))
    line, column = place_of(source, index, first_line)
    text = source.split("\n")[line - first_line].rstrip("\r")
    return Problem(line, *_words(said, text, source[index : index + 1]), column)


def _words(said: str, line: str, char: str) -> tuple[str, str]:
    """Return message and remedy for what a parser said about `line`, at `char`."""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return "a tab indents this line", "indent with spaces; YAML takes no tabs there"
    if "mapping values are not allowed" in said:
        return "a `: ` inside a text reads as a key", quoted_form(line)
    if "cannot start any token" in said:
        return f"a text can't begin with {char} unless it is quoted", quoted_form(line)
    return "this is not valid YAML", quoted_form(line)


def quoted_form(line: str) -> str:
    """Return a remedy: `line` as it can be written, a note under `|`, another value in quotes."""
    written = line.strip()
    field = _FIELD_LINE.match(written)
    if field and field["key"] not in ("note", "description"):
        value = json.dumps(field["text"].strip("\"'"), ensure_ascii=False)
        return f"write {field['key']}: {value}"
    note = _NOTE_LINE.match(written)
    if note and note["text"] and (note["dash"] or note["key"]):
        return block_form(note["text"].strip("\"'"), key=note["key"] or "", dash=bool(note["dash"]))
    return BLOCK_FORM


def block_form(text: str, *, key: str = "note", dash: bool = True) -> str:
    """Return a remedy that shows `text` in the `|` form, which takes any text as it is."""
    head = ("- " if dash else "") + (f"{key}: |" if key else "|")
    body = "\n".join(f"    {line}".rstrip() for line in text.strip("\r\n").splitlines())
    return f"write\n{head}\n{body}"
