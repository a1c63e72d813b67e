"""Front matter as text with positions: a strict subset of YAML, read as nodes that know where they stand.

Scalars stay the text that was typed: `yes`, `1:30`, `0x10` and dates are never turned into something else. Anchors,
aliases, tags, duplicate and complex keys are refused. libyaml's parser and PyYAML's own give the same nodes and the
same problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from synclog.core.yamlproblems import BAD_ESCAPE, BLOCK_FORM, YamlProblem, explain, forbidden_character
from synclog.errors import Problem

if TYPE_CHECKING:
    from yaml.events import Event

DEEPEST = 16
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_COLON = re.compile(r"[ \t]*:")
_HALF = re.compile("[\ud800-\udfff]")

Plain: TypeAlias = "str | None | tuple[Plain, ...] | dict[str, Plain]"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. `style` is empty when plain, else `'`, `"`, `|` or `>`. `text[start:end]` of the file is its source;
    a block's ends with its last line. `line` and `column` count from 1."""

    text: str
    style: str
    start: int
    end: int
    line: int
    column: int

    @property
    def is_null(self) -> bool:
        """Nothing, `~` or `null`, unquoted."""
        return not self.style and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class YamlList:
    """A list; `flow` is the `[a, b]` form. A block's `column` is that of its dashes."""

    items: tuple[Node, ...]
    flow: bool
    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value. `colon` is the position right after the key's colon."""

    key: Scalar
    value: Node
    colon: int


@dataclass(frozen=True, slots=True)
class YamlMap:
    """A mapping; `flow` is the `{a: b}` form. A block's `column` is that of its keys."""

    entries: tuple[Entry, ...]
    flow: bool
    start: int
    end: int
    line: int
    column: int

    def entry(self, key: str) -> Entry | None:
        """Return the entry of `key`, None without one."""
        return next((entry for entry in self.entries if entry.key.text == key), None)


Node: TypeAlias = Scalar | YamlList | YamlMap


def plain(node: Node) -> Plain:
    """Return a node's content without positions: text, None, tuples and dicts."""
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, YamlList):
        return tuple(plain(item) for item in node.items)
    return {entry.key.text: plain(entry.value) for entry in node.entries}


def compose(text: str, start: int, end: int, first_line: int) -> YamlMap:
    """Return the mapping that `text[start:end]`, whole lines from line `first_line` of the file on, holds.

    Raises YamlProblem, with lines of the file, for what is not YAML or not in the subset.
    """
    source = text[start:end]
    if problem := forbidden_character(source, first_line):
        raise YamlProblem((problem,))
    import yaml

    composer = _Composer(source, start, first_line, _loader())
    try:
        root = composer.document()
    except yaml.MarkedYAMLError as error:
        with suppress(yaml.MarkedYAMLError):
            # The fast parser reads ahead, and may stumble over what is behind the first thing that is wrong.
            _Composer(source, start, first_line, yaml.SafeLoader).document()
        raise YamlProblem((explain(error, source, first_line),)) from None
    if not isinstance(root, YamlMap) or root.flow:
        message = "the front matter is not made of `key: value` lines"
        raise YamlProblem((Problem(first_line, message, "write one `key: value` a line between the two `---` lines"),))
    if composer.problems:
        raise YamlProblem(tuple(composer.problems))
    return root


@cache
def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Composer:
    """Makes nodes of parse events, so that what composing would hide (anchors, tags, duplicates) is seen."""

    def __init__(self, source: str, offset: int, first_line: int, loader: Any) -> None:
        import yaml

        self.source, self.offset, self.first_line = source, offset, first_line
        self.problems: list[Problem] = []
        self.events: Iterator[Event] = yaml.parse(source, Loader=loader)

    def document(self) -> Node | None:
        """Return the node of the only document, None when there is none."""
        import yaml

        next(self.events)
        first = next(self.events)
        if isinstance(first, yaml.StreamEndEvent):
            return None
        root = self._node(next(self.events), 0)
        ending = next(self.events)
        for edge in (first, ending):
            if getattr(edge, "explicit", False):
                self._refuse(edge, "`---` or `...` ends the YAML early", "delete that line")
        for event in self.events:
            if not isinstance(event, yaml.StreamEndEvent):
                self._stop(event, "the front matter holds a second YAML document", "delete the `---` or `...` line")
        return root

    def _node(self, event: Event, depth: int) -> Node:
        import yaml

        if depth > DEEPEST:
            self._stop(event, "lists and mappings are nested too deeply here", BLOCK_FORM)
        if isinstance(event, yaml.AliasEvent):
            self._stop(event, "a text that begins with `*` is a YAML alias", BLOCK_FORM)
        if getattr(event, "anchor", None) is not None:
            self._refuse(event, "a text that begins with `&` is a YAML anchor", BLOCK_FORM)
        if getattr(event, "tag", None) is not None:
            self._refuse(event, "a text that begins with `!` is a YAML tag", BLOCK_FORM)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(event, depth)
        return self._scalar(event)

    def _scalar(self, event: Any) -> Scalar:
        start, end, style = event.start_mark.index, event.end_mark.index, event.style or ""
        if style in ("|", ">"):
            end = self._end_of_block(start, end, event.value)
        text: str = event.value
        if _HALF.search(text):
            self._refuse(event, *BAD_ESCAPE)
        line, column = self._place(event)
        return Scalar(text, style, start + self.offset, end + self.offset, line, column)

    def _end_of_block(self, start: int, end: int, text: str) -> int:
        """Return where the last line of a `|` or `>` block ends, its line end not included.

        Blank lines after it belong to it only where its header says so (`|+`), or where they hold spaces of the text.
        """
        header = self.source[start:end].split("\n", 1)[0].split("#", 1)[0]
        last = text.rstrip("\n").rpartition("\n")[2]
        if "+" not in header and (last.strip() or not last):
            return start + len(self.source[start:end].rstrip())
        if self.source[end - 1] == "\n":
            end -= 1
        return end - 1 if self.source[end - 1] == "\r" else end

    def _list(self, start: Any, depth: int) -> YamlList:
        import yaml

        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        line, column = self._place(start)
        begin = start.start_mark.index + self.offset
        end = self._flow_end(event) if start.flow_style else max(begin + 1, *(item.end for item in items))
        return YamlList(tuple(items), bool(start.flow_style), begin, end, line, column)

    def _map(self, start: Any, depth: int) -> YamlMap:
        import yaml

        entries: list[Entry] = []
        seen: dict[str, int] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._key(event, seen)
            entries.append(self._entry(key, self._node(next(self.events), depth + 1)))
        line, column = self._place(start)
        begin = start.start_mark.index + self.offset
        end = self._flow_end(event) if start.flow_style else max(entry.value.end for entry in entries)
        return YamlMap(tuple(entries), bool(start.flow_style), begin, end, line, column)

    def _key(self, event: Any, seen: dict[str, int]) -> Scalar:
        import yaml

        line_start = self.source.rfind("\n", 0, event.start_mark.index) + 1
        before = self.source[line_start : event.start_mark.index].rstrip()[-1:]
        if not isinstance(event, yaml.ScalarEvent) or before == "?" or event.style in ("|", ">"):
            self._stop(event, "a key is not a plain word", BLOCK_FORM)
        key = self._node(event, 0)
        assert isinstance(key, Scalar)  # a scalar event makes a Scalar
        if key.text in seen:
            message = f"`{key.text[:60]}` stands twice; it is in line {seen[key.text]} already"
            self.problems.append(Problem(key.line, message, "keep one of the two", key.column))
        seen.setdefault(key.text, key.line)
        return key

    def _entry(self, key: Scalar, value: Node) -> Entry:
        match = _COLON.match(self.source, key.end - self.offset)
        colon = (match.end() + self.offset) if match else key.end
        if isinstance(value, Scalar) and not value.style and value.start == value.end:
            value = Scalar("", "", colon, colon, key.line, key.column)
        return Entry(key, value, colon)

    def _place(self, event: Any) -> tuple[int, int]:
        return event.start_mark.line + self.first_line, event.start_mark.column + 1

    def _flow_end(self, event: Any) -> int:
        end: int = event.end_mark.index
        return end + self.offset

    def _refuse(self, event: Any, message: str, remedy: str) -> None:
        line, column = self._place(event)
        self.problems.append(Problem(line, message, remedy, column))

    def _stop(self, event: Any, message: str, remedy: str) -> None:
        self._refuse(event, message, remedy)
        raise YamlProblem(tuple(self.problems))
