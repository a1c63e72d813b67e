"""Edits of the list of notes in place: stamping, taking away, adding. What is not edited stays as it was typed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from synclog.core.document import Document, parse_document
from synclog.core.durations import format_minutes
from synclog.core.frontedit import (
    Splice,
    add_lines,
    content_of,
    cut,
    edited,
    line_end,
    lines_of,
    removed_items,
    replaced_value,
    spans_of,
)
from synclog.core.notes import Note, Stamp
from synclog.core.ticketkeys import LAYOUT
from synclog.core.yamlemit import Emittable, emit, emit_block, is_plain, plain_form
from synclog.core.yamltext import Entry, Node, Scalar, YamlList, YamlMap, plain
from synclog.errors import UsageError

_STAMP_KEY = "synclog"
_INDICATOR = re.compile(r"[|>][-+]?[1-9]")


def with_stamps(text: str, stamps: Mapping[int, Stamp | None], *, path: str = "") -> str:
    """Return `text` with the notes at these indexes stamped; None takes a note's stamp away.

    A note that is a bare text becomes `note: …` with its text as it was typed. Raises InvalidFile like parsing.
    """
    return _with_key(text, _STAMP_KEY, {i: _yaml(stamp) for i, stamp in stamps.items()}, path)


def with_note_keys(text: str, index: int, there: Note, wanted: Note, *, path: str = "") -> str:
    """Return `text` with what note `index`, which reads as `there`, has otherwise than `wanted`: its subject, audience,
    date, hold and stamp. Raises InvalidFile like parsing."""
    old, new = _keys(there), _keys(wanted)
    for key in ("subject", "to", "date", "hold", _STAMP_KEY):
        if old.get(key) != new.get(key):
            text = _with_key(text, key, {index: new.get(key)}, path)
    return text


def _keys(note: Note) -> dict[str, Emittable]:
    """What a note says beside its text, as values of YAML; what it does not say is not there."""
    keys: dict[str, Emittable] = {
        "time": format_minutes(note.minutes) if note.minutes is not None else None,
        "billed": format_minutes(note.billed) if note.billed is not None else None,
        "labor": note.labor,
        "subject": note.subject,
        "to": note.to,
        "date": note.date.text if note.date else None,
        "hold": True if note.hold else None,
        _STAMP_KEY: _yaml(note.stamp),
    }
    return {key: value for key, value in keys.items() if value is not None}


def _yaml(stamp: Stamp | None) -> Emittable:
    return stamp.as_yaml() if stamp is not None else None


def _with_key(text: str, key: str, values: Mapping[int, Emittable], path: str) -> str:
    """The text with one key of the notes at these indexes set; None takes it away."""
    if not values:
        return text
    document = parse_document(text, path)
    items = _list(document)
    content: dict[str, object] = dict(content_of(document))
    found: list[object] = [plain(item) for item in items.items]
    splices: list[Splice] = []
    for index, value in values.items():
        node, read = items.items[index], found[index]
        rest = {k: v for k, v in read.items() if k != key} if isinstance(read, dict) else {"note": read}
        if value is not None:
            splices += _set(document, items, node, key, value)
            found[index] = {**rest, key: plain_form(value)}
        elif isinstance(node, YamlMap) and (entry := node.entry(key)):
            splices += _unset(document, node, entry)
            found[index] = rest
    content["notes"] = tuple(found)
    return edited(document, splices, content) if splices else text


def without_notes(text: str, indexes: Collection[int], *, path: str = "") -> str:
    """Return `text` without the notes at these indexes; the last one leaves `notes: []`."""
    if not indexes:
        return text
    document = parse_document(text, path)
    entry, items = document.front.entry("notes"), _list(document)
    content: dict[str, object] = dict(content_of(document))
    content["notes"] = tuple(plain(item) for i, item in enumerate(items.items) if i not in indexes)
    assert entry is not None
    return edited(document, removed_items(document, entry, indexes), content)


def with_added_notes(text: str, notes: Sequence[Note], *, path: str = "") -> str:
    """Return `text` with `notes` at the end of its list, stamps included.

    Raises UsageError for a text that no file can hold: an empty one, or one with control characters.
    """
    if not notes:
        return text
    document = parse_document(text, path)
    entry = document.front.entry("notes")
    written = [_Written.of(note) for note in notes]
    content: dict[str, object] = dict(content_of(document))
    old = plain(entry.value) if entry else None
    content["notes"] = (*(old if isinstance(old, tuple) else ()), *(note.content for note in written))
    return edited(document, _appended(document, entry, written), content)


def _list(document: Document) -> YamlList:
    entry = document.front.entry("notes")
    assert entry is not None
    assert isinstance(entry.value, YamlList)
    return entry.value


# --- keys of notes -----------------------------------------------------------------------------------------------


def _set(document: Document, items: YamlList, node: Node, key: str, value: Emittable) -> list[Splice]:
    line = f"{key}: {emit(value)}"
    flow = f"{key}: {emit(value, flow=True)}"
    if isinstance(node, YamlMap):
        entry = node.entry(key)
        if entry is not None:
            return replaced_value(document, entry, value)
        if not node.flow:
            return [_line_after(document, node.end, node.column, line)]
        braces = document.text[node.start] == "{"
        last = node.entries[-1].value.end
        if braces:
            return [Splice(last, last, f", {flow}")]
        return [Splice(node.start, node.start, "{"), Splice(last, last, f", {flow}}}")]
    if items.flow:
        return [Splice(node.start, node.start, "{note: "), Splice(node.end, node.end, f", {flow}}}")]
    assert isinstance(node, Scalar)
    after = _line_after(document, node.end, node.column, line)
    return [Splice(node.start, node.start, "note: "), *_deeper(document, items, node), after]


def _line_after(document: Document, end: int, column: int, line: str) -> Splice:
    at = lines_of(document, end, end)[1]
    return Splice(at, at, " " * (column - 1) + line + document.newline)


def _deeper(document: Document, items: YamlList, node: Scalar) -> list[Splice]:
    """The splices that indent the lines of a `|` text as far as it takes to stand under a `note:` key."""
    if node.style not in ("|", ">"):
        return []
    text, end = document.text, line_end(document.text, node.end)
    first = line_end(text, node.start) + 1
    lines = text[first:end].split("\n") if first < end else []
    depth = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=node.column)
    shift = node.column - items.column
    if not _INDICATOR.match(text, node.start):
        shift = node.column + 1 - depth if depth < node.column else 0
    splices, at = [], first
    for line in lines:
        if shift and line.rstrip("\r"):
            splices.append(Splice(at, at, " " * shift))
        at += len(line) + 1
    return splices


def _unset(document: Document, node: YamlMap, entry: Entry) -> list[Splice]:
    index = node.entries.index(entry)
    if node.flow:
        return cut(spans_of(node), [index], node.start, node.end)
    if index == 0:
        # Its line begins with the note's dash, which the next key takes over.
        return [Splice(entry.key.start, node.entries[1].key.start, "")]
    return [Splice(*lines_of(document, entry.key.start, entry.value.end), "")]


# --- new notes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Written:
    """A note about to be written: its text, as a block where it has to be one, and its other keys."""

    text: str
    block: bool
    keys: Mapping[str, Emittable]

    @classmethod
    def of(cls, note: Note) -> _Written:
        text = note.text.replace("\r\n", "\n").strip("\n")
        if not text.strip():
            raise UsageError("the note is empty", remedy="say what was done")
        return cls(text, not is_plain(text), _keys(note))

    @property
    def content(self) -> object:
        """What reading it gives."""
        text = f"{self.text}\n" if self.block else self.text
        return {"note": text, **{k: plain_form(v) for k, v in self.keys.items()}} if self.keys or self.block else text

    def lines(self, indent: int, newline: str) -> str:
        """Its lines of YAML behind `indent` spaces, without the last line end."""
        pad = " " * indent
        if not self.keys and not self.block:
            return f"{pad}- {self.text}"
        try:
            text = emit_block(self.text, indent + 4, newline) if self.block else self.text
        except ValueError as error:
            raise UsageError(f"the note can't be kept: {error}", remedy="remove that character") from None
        return newline.join((f"{pad}- note: {text}", *(f"{pad}  {k}: {emit(v)}" for k, v in self.keys.items())))


def _appended(document: Document, entry: Entry | None, notes: Sequence[_Written]) -> list[Splice]:
    newline, text, indent = document.newline, document.text, document.front.column + 1
    if entry is None:
        lines = "".join(newline + note.lines(indent, newline) for note in notes)
        return [add_lines(document, "notes", lines, LAYOUT)]
    node = entry.value
    at = lines_of(document, entry.key.start, node.end)[1]
    if isinstance(node, YamlList) and not node.flow:
        lines = "".join(note.lines(node.column - 1, newline) + newline for note in notes)
        return [Splice(at, at, lines)]
    lines = "".join(note.lines(indent, newline) + newline for note in notes)
    if isinstance(node, YamlList):
        # A list in brackets can't hold lines: its items get lines of their own, as they were typed.
        lines = "".join(f"{' ' * indent}- {one_line(text, item)}{newline}" for item in node.items) + lines
    start = max(entry.colon, len(text[: node.start].rstrip(" \t")))
    return [Splice(start, node.end, ""), Splice(at, at, lines)]


def one_line(text: str, item: Node) -> str:
    """Return an item of a list in brackets as one line of its own holds it."""
    source = text[item.start : item.end]
    return source if "\n" not in source else emit(plain(item), flow=True)
