"""The front matter of two versions, joined key by key as it was typed: comments, order and quoting included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synclog.core.document import Document, parse_document
from synclog.core.frontedit import lines_of
from synclog.core.joining.lines import changed_one, merged_text
from synclog.core.yamltext import Plain, plain

OTHER_VALUE = "merged: the other side had"


@dataclass(frozen=True, slots=True)
class Piece:
    """One key as it was typed: the comment and blank lines above it, its own lines, what they mean."""

    lead: str
    body: str
    value: Plain


@dataclass(frozen=True, slots=True)
class Front:
    """A front matter by its pieces, in their order. `opening` and `closing` are the lines `---`; `tail` are the lines
    after the last key."""

    opening: str
    pieces: Mapping[str, Piece]
    tail: str
    closing: str


def front_of(document: Document) -> Front:
    """Return the front matter of a document by its pieces."""
    text, at = document.text, document.front_start
    pieces = {}
    for entry in document.front.entries:
        start, end = lines_of(document, entry.key.start, entry.value.end)
        pieces[entry.key.text] = Piece(text[at:start], text[start:end], plain(entry.value))
        at = end
    closing = text[document.front_end : document.body_start]
    return Front(text[: document.front_start], pieces, text[at : document.front_end], closing)


def aligned(document: Document, column: int) -> Document:
    """Return the document with its keys at another column."""
    by = column - document.front.column
    if not by:
        return document
    text = document.text
    front = shifted(text[document.front_start : document.front_end], by)
    return parse_document(text[: document.front_start] + front + text[document.front_end :], document.path)


def shifted(lines: str, by: int) -> str:
    """Return lines indented by some spaces more or, as far as they have them, less."""
    rows = lines.split("\n")
    if by >= 0:
        return "\n".join(" " * by + row if row else row for row in rows)
    return "\n".join(row[min(-by, len(row) - len(row.lstrip(" "))) :] for row in rows)


def joined_front(
    ancestor: Front | None, ours: Front, theirs: Front, notes: str | None, known: frozenset[str]
) -> tuple[str, tuple[str, ...]]:
    """Return the front matter, with its `---` lines, and the technician's own keys that both sides changed.

    `notes` are the lines of that key, joined before. Of two values of a key of one's own, ours stays and theirs becomes
    a comment above it; the values of `known` keys are decided elsewhere.
    """
    old = ancestor.pieces if ancestor else {}
    text, clashes = "", []
    for key in _order(ancestor, ours, theirs):
        before, mine, other = old.get(key), ours.pieces.get(key), theirs.pieces.get(key)
        piece = mine or other
        if key == "notes" and piece is not None and notes is not None:
            text += _lead(before, mine, other) + notes
            continue
        if mine and other:
            body, lead = _body(before, mine, other), _lead(before, mine, other)
            if key not in known and body is None:
                clashes.append(key)
                theirs_as_comment = _comment(other.body)
                lead += "" if theirs_as_comment in lead else theirs_as_comment
            text += lead + (body or mine.body)
        elif piece and (before is None or before.body != piece.body):
            text += piece.lead + piece.body
    tail = merged_text(ancestor.tail if ancestor else None, ours.tail, theirs.tail)
    opening = _one(ancestor.opening if ancestor else None, ours.opening, theirs.opening)
    closing = _one(ancestor.closing if ancestor else None, ours.closing, theirs.closing)
    return opening + text + tail + closing, tuple(clashes)


def _one(ancestor: str | None, ours: str, theirs: str) -> str:
    return ours if ancestor is None else changed_one(ancestor, ours, theirs)


def _body(old: Piece | None, mine: Piece, other: Piece) -> str | None:
    """The lines of a key that both sides have; None where both gave it another value."""
    if old is not None and mine.body == old.body:
        return other.body
    if mine.value == other.value or (old is not None and other.body == old.body):
        return mine.body
    if old is not None and old.value in (mine.value, other.value):
        # One side changed how it is typed, the other what it says.
        return other.body if mine.value == old.value else mine.body
    return None


def _lead(old: Piece | None, mine: Piece | None, other: Piece | None) -> str:
    if mine is None or other is None:
        piece = mine or other
        return piece.lead if piece else ""
    return merged_text(old.lead if old else None, mine.lead, other.lead)


def _comment(body: str) -> str:
    first = body.split("\n", 1)[0]
    pad = first[: len(first) - len(first.lstrip(" "))]
    return "".join(f"{pad}# {line}".rstrip() + "\n" for line in (OTHER_VALUE, *body.rstrip("\n").split("\n")))


def _order(ancestor: Front | None, ours: Front, theirs: Front) -> list[str]:
    """The keys of both, in the order of the side that changed it; the other's own each behind what it stood behind."""
    first, second = list(ours.pieces), list(theirs.pieces)
    if ancestor is not None:
        shared = ours.pieces.keys() & theirs.pieces.keys() & ancestor.pieces.keys()
        if [key for key in first if key in shared] == [key for key in ancestor.pieces if key in shared]:
            first, second = second, first
    order = list(first)
    for at, key in enumerate(second):
        if key not in order:
            before = [k for k in second[:at] if k in order]
            order.insert(order.index(before[-1]) + 1 if before else 0, key)
    return order
