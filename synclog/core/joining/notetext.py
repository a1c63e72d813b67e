"""The lines of `notes:` that hold the joined notes, each as it was typed on the side that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synclog.core.document import Document
from synclog.core.frontedit import item_span, line_end, lines_of
from synclog.core.joining.front import shifted
from synclog.core.joining.lines import changed_one
from synclog.core.joining.notes import JoinedNote
from synclog.core.noteedit import one_line
from synclog.core.yamltext import YamlList


@dataclass(frozen=True, slots=True)
class NoteLines:
    """The notes of one version as they were typed: `body` is all of it, `head` its first line up to the colon and
    `rest` what follows there; each of `items` is a note's lines, with the comments above it, the dashes at `column`."""

    body: str
    head: str
    rest: str
    items: tuple[str, ...]
    column: int
    is_block: bool


def note_lines(document: Document) -> NoteLines | None:
    """Return the notes of a document as they were typed, None without the key."""
    entry, text = document.front.entry("notes"), document.text
    if entry is None:
        return None
    node = entry.value
    start, end = lines_of(document, entry.key.start, node.end)
    head = text[start : entry.colon]
    if not isinstance(node, YamlList) or node.flow:
        column = document.front.column + 2
        flow = node.items if isinstance(node, YamlList) else ()
        items = tuple(f"{' ' * (column - 1)}- {one_line(text, item)}\n" for item in flow)
        rest = text[node.end : line_end(text, node.end) + 1]
        return NoteLines(text[start:end], head, rest, items, column, False)
    at = line_end(text, entry.colon) + 1
    rest, found = text[entry.colon : at], []
    for index in range(len(node.items)):
        after = lines_of(document, *item_span(document, node, index))[1]
        found.append(text[at:after])
        at = after
    return NoteLines(text[start:end], head, rest, tuple(found), node.column, True)


def joined_lines(
    notes: Sequence[JoinedNote], ancestor: NoteLines | None, ours: NoteLines | None, theirs: NoteLines | None
) -> str | None:
    """Return the lines of `notes:` with these notes, as their sides typed them; None where neither has the key."""
    if ours is None or theirs is None:
        ours = theirs = ours or theirs
    if ours is None or theirs is None:
        return None
    for lines, side, back in ((ours, "ours", ancestor), (theirs, "theirs", ancestor)):
        alone = [note.index if note.side == side else note.twin for note in notes]
        other = theirs if side == "ours" else ours
        if alone == list(range(len(lines.items))) and not any(note.remark for note in notes):
            untouched = other.body == lines.body or (back is not None and other.body == back.body)
            if untouched or (side == "ours" and all(note.side == "ours" and note.twin is None for note in notes)):
                return lines.body
    frame = ours if ours.is_block or not theirs.is_block else theirs
    if not notes:
        empty = [lines.body for lines in (ours, theirs) if not lines.items]
        return empty[0] if empty else f"{frame.head} []{frame.rest}"
    items = [_item(note, ancestor, ours, theirs, frame.column) for note in notes]
    return frame.head + frame.rest + "".join(items)


def _item(note: JoinedNote, ancestor: NoteLines | None, ours: NoteLines, theirs: NoteLines, column: int) -> str:
    lines = ours if note.side == "ours" else theirs
    text = shifted(lines.items[note.index], column - lines.column)
    if note.twin is not None and ancestor is not None and note.ancestor is not None:
        other = theirs if note.side == "ours" else ours
        twin = shifted(other.items[note.twin], column - other.column)
        old = shifted(ancestor.items[note.ancestor], column - ancestor.column)
        text = changed_one(old, text, twin)
    remark = f"{' ' * (column - 1)}# {note.remark}\n" if note.remark else ""
    return text if not remark or remark in text else remark + text
