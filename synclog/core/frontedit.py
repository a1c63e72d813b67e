"""Edits of front matter in place: only the characters that have to change do, and every edit is read back.

An edit is a list of splices into the text, made from the positions of the nodes, and the content that the front matter
has to have afterwards. A text that does not read back as exactly that is never returned (EditFailed).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from synclog.core.document import REPORT, Document, parse_document
from synclog.core.yamlemit import Emittable, emit, plain_form
from synclog.core.yamltext import Entry, Plain, Scalar, YamlList, YamlMap, plain
from synclog.errors import EditFailed, InvalidFile

_HEADER_COMMENT = re.compile(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?")


@dataclass(frozen=True, slots=True)
class Splice:
    """`text[start:end]` becomes `new`."""

    start: int
    end: int
    new: str


def edited(document: Document, splices: Iterable[Splice], content: Mapping[str, object]) -> str:
    """Return the document's text with `splices` made, where the front matter then reads as `content`.

    Raises EditFailed when it does not, or when anything below the front matter reads otherwise than before.
    """
    text = document.text
    for splice in sorted(splices, key=lambda s: (s.start, s.end), reverse=True):
        text = text[: splice.start] + splice.new + text[splice.end :]
    try:
        check = parse_document(text, document.path)
    except InvalidFile as invalid:
        raise EditFailed(f"an edit of the front matter would break it: {invalid.message}", remedy=REPORT) from None
    below = document.text[document.front_end :]
    if plain(check.front) != content or text[check.front_end :] != below:
        raise EditFailed("an edit of the front matter would change more than it should", remedy=REPORT)
    return text


def set_values(text: str, values: Mapping[str, Emittable], order: Sequence[str] = (), *, path: str = "") -> str:
    """Return `text` with these keys of the front matter set to these values.

    A key that is not there is added where `order` has it, after the nearest key before it, else at the end. Raises
    InvalidFile like parsing.
    """
    document = parse_document(text, path)
    content: dict[str, object] = dict(content_of(document))
    splices: list[Splice] = []
    new: list[str] = []
    for key, value in values.items():
        entry = document.front.entry(key)
        if entry is None:
            new.append(key)
        elif content[key] != plain_form(value):
            splices += _replaced(document, entry, value)
        content[key] = plain_form(value)
    splices += _added(document, new, {key: emit(values[key]) for key in new}, order)
    return edited(document, splices, content) if splices else text


def remove_keys(text: str, keys: Collection[str], *, path: str = "") -> str:
    """Return `text` without these keys of the front matter, and without their lines. Comments of their own stay."""
    document = parse_document(text, path)
    gone = [entry for entry in document.front.entries if entry.key.text in keys]
    if not gone:
        return text
    content = {key: value for key, value in content_of(document).items() if key not in keys}
    spans = [lines_of(document, entry.key.start, entry.value.end) for entry in gone]
    return edited(document, [Splice(start, end, "") for start, end in spans], content)


def add_lines(document: Document, key: str, lines: str, order: Sequence[str]) -> Splice:
    """Return the splice that adds a key with the text `lines` (after `key:`, without a last line end)."""
    return _added(document, [key], {key: lines}, order, gap="")[0]


def replaced_value(document: Document, entry: Entry, value: Emittable) -> list[Splice]:
    """Return the splices that give an entry another value, on the line of its key."""
    node, new = entry.value, emit(value)
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        comment = _HEADER_COMMENT.match(document.text, node.start)
        return [Splice(node.start, node.end, new + (comment[1] or "" if comment else ""))]
    if isinstance(node, Scalar):
        gap = " " if node.start == node.end else ""
        return [Splice(node.start, node.end, gap + emit(value, style=node.style))]
    if node.flow:
        return [Splice(node.start, node.end, new)]
    end_of_key = line_end(document.text, entry.colon)
    return [Splice(entry.colon, entry.colon, f" {new}"), Splice(end_of_key, line_end(document.text, node.end), "")]


def removed_items(document: Document, entry: Entry, indexes: Collection[int]) -> list[Splice]:
    """Return the splices that take items out of a list; an emptied list becomes `[]`."""
    node = entry.value
    assert isinstance(node, YamlList)  # callers look before they cut
    if node.flow:
        return cut([(item.start, item.end) for item in node.items], indexes, node.start + 1, node.end - 1)
    splices = [Splice(*lines_of(document, *item_span(document, node, i)), "") for i in sorted(indexes)]
    if len(set(indexes)) == len(node.items):
        splices.append(Splice(entry.colon, entry.colon, " []"))
    return splices


def cut(spans: Sequence[tuple[int, int]], indexes: Collection[int], opening: int, closing: int) -> list[Splice]:
    """Return the splices that take members out of a `[…]` or `{…}`, with a comma each; `opening` and `closing` are the
    positions inside the brackets."""
    kept = [i for i in range(len(spans)) if i not in indexes]
    if not kept:
        return [Splice(opening, closing, "")]
    splices = []
    for i in sorted(indexes):
        if i > kept[-1]:
            splices.append(Splice(spans[i - 1][1], spans[i][1], ""))
        else:
            splices.append(Splice(spans[i][0], spans[i + 1][0], ""))
    return splices


def item_span(document: Document, node: YamlList, index: int) -> tuple[int, int]:
    """Return where an item of a block list begins, its dash included, and ends."""
    text, item = document.text, node.items[index]
    at = node.start if index == 0 else line_end(text, node.items[index - 1].end) + 1
    while index and not text[at : line_end(text, at)].lstrip().startswith("-"):
        at = line_end(text, at) + 1
    dash = text.index("-", at)
    return dash, max(dash + 1, item.end)


def lines_of(document: Document, start: int, end: int) -> tuple[int, int]:
    """Return the whole lines, the last line end included, that hold `text[start:end]`."""
    text = document.text
    return text.rfind("\n", 0, start) + 1, min(line_end(text, end) + 1, len(text))


def line_end(text: str, position: int) -> int:
    """Return where the line end (the `\\n`) of the line at `position` is, or the end of the text."""
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def content_of(document: Document) -> dict[str, Plain]:
    """Return what the front matter says, without positions."""
    found = plain(document.front)
    assert isinstance(found, dict)  # the front matter is a mapping
    return found


def _replaced(document: Document, entry: Entry, value: Emittable) -> list[Splice]:
    if isinstance(entry.value, YamlList) and isinstance(value, list | tuple):
        kept = _list_edit(document, entry, [str(item) for item in value])
        if kept is not None:
            return kept
    return replaced_value(document, entry, value)


def _list_edit(document: Document, entry: Entry, new: list[str]) -> list[Splice] | None:
    """The splices that take items out of a list and add some at its end; None where that is not all."""
    node = entry.value
    assert isinstance(node, YamlList)  # looked at by the caller
    old = [plain(item) for item in node.items]
    stay = [text for text in old if text in new]
    add = [text for text in new if text not in old]
    one_line = "\n" not in document.text[node.start : node.end]
    if not stay or [*stay, *add] != new or len(set(new)) != len(new) or (node.flow and not one_line):
        return None
    gone = [i for i, text in enumerate(old) if text not in new]
    splices = removed_items(document, entry, gone) if gone else []
    if not add:
        return splices
    if node.flow:
        at = max(item.end for item, text in zip(node.items, old, strict=True) if text in new)
        return [*splices, Splice(at, at, "".join(f", {emit(text, flow=True)}" for text in add))]
    lines = [" " * (node.column - 1) + f"- {emit(text)}" + document.newline for text in add]
    if gone and gone[-1] == len(old) - 1:
        return [*splices[:-1], Splice(splices[-1].start, splices[-1].end, "".join(lines))]
    at = lines_of(document, node.start, node.end)[1]
    return [*splices, Splice(at, at, "".join(lines))]


def _added(
    document: Document, keys: Sequence[str], values: Mapping[str, str], order: Sequence[str], *, gap: str = " "
) -> list[Splice]:
    """The splices that add keys, each after the nearest key of `order` that is there, the rest at the end."""
    entries = {entry.key.text: entry for entry in document.front.entries}
    pad, newline = " " * (document.front.column - 1), document.newline
    places: dict[int, list[str]] = {}
    for key in sorted(keys, key=lambda k: order.index(k) if k in order else len(order)):
        before = [k for k in order[: order.index(key)] if k in entries] if key in order else []
        if before:
            at = lines_of(document, entries[before[-1]].key.start, entries[before[-1]].value.end)[1]
        elif key in order:
            at = lines_of(document, document.front.start, document.front.start)[0]
        else:
            last = document.front.entries[-1]
            at = lines_of(document, last.key.start, last.value.end)[1]
        places.setdefault(at, []).append(f"{pad}{key}:{gap}{values[key]}{newline}")
    return [Splice(at, at, "".join(lines)) for at, lines in places.items()]


def spans_of(node: YamlMap) -> list[tuple[int, int]]:
    """Return where the entries of a mapping begin and end."""
    return [(entry.key.start, entry.value.end) for entry in node.entries]
