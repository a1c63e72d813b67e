"""References: the visible names of pieces of work, `32162-7k2m9q4x1c`, by which they are found again in Syncro.

A reference is made from the ticket, the note's content, its day and its place among equal notes, so that every
clone and branch makes the same one of the same note. It stands as `Ref 32162-7k2m9q4x1c` on the last line of the
comment; Syncro keeps no other mark of who asked for what.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from synclog.core.plaintext import plain_lines
from synclog.model import Comment, Reference, TicketNumber

if TYPE_CHECKING:
    from synclog.core.ticketfile import Note

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 10
DRAFT = "new"
REFERENCE = re.compile(rf"\b((?:\d{{1,12}}|{DRAFT})-[{_ALPHABET}]{{{_LENGTH}}})\b")
_LAST_LINE = re.compile(rf"^Ref ((?:\d{{1,12}}|{DRAFT})-[{_ALPHABET}]{{{_LENGTH}}})\.?$")


def short_hash(value: object) -> str:
    """Return ten characters (50 bits) for a JSON-able value, the same on every machine."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(_LENGTH))


def note_content(note: Note) -> tuple[object, ...]:
    """Return what makes a note this note and not another: as written, so that changed defaults change nothing.

    White space at line ends does not count: editors strip it on saving.
    """
    text = "\n".join(line.rstrip() for line in note.text.strip().splitlines())
    return (text, note.minutes, note.billed, note.labor, note.subject, note.to)


def note_reference(number: TicketNumber, note: Note, day: date, place: int) -> Reference:
    """Return the reference of `note` of ticket `number` on local day `day`, the `place`-th (from 1) of equal ones."""
    return reference_of(number, note_content(note), day, place)


def is_as_stamped(note: Note) -> bool:
    """Return whether a note of a ticket still says what it was stamped for."""
    stamp = note.stamp
    number = ticket_of(stamp.reference) if stamp else None
    if stamp is None or number is None:
        return False
    return note_reference(number, note, stamp.day, stamp.place) == stamp.reference


@lru_cache(maxsize=4096)
def reference_of(number: TicketNumber, content: tuple[object, ...], day: date, place: int) -> Reference:
    """Return the reference of a note by its `note_content`."""
    return f"{number}-{short_hash([number, list(content), day.isoformat(), place])}"


def is_draft(reference: Reference) -> bool:
    """Return whether a reference is that of a new ticket."""
    return reference.startswith(f"{DRAFT}-")


def ticket_of(reference: Reference) -> TicketNumber | None:
    """Return the ticket number a reference was made for; None for a draft's."""
    head = reference.rpartition("-")[0]
    return int(head) if head.isdigit() else None


def closing_reference(body: str) -> Reference | None:
    """Return the reference on the last line of a comment's body (HTML or plain text), None without one."""
    lines = plain_lines(body)
    match = _LAST_LINE.match(lines[-1]) if lines else None
    return match.group(1) if match else None


def mentions(text: str, reference: Reference) -> bool:
    """Return whether a text (HTML or plain) holds `reference` anywhere."""
    return reference in text and reference in REFERENCE.findall(text)


def draft_reference(content: tuple[object, ...], day: date, place: int) -> Reference:
    """Return the reference of a new ticket by what makes it this one (`draft_content`), as `reference_of` a note."""
    return f"{DRAFT}-{short_hash([DRAFT, list(content), day.isoformat(), place])}"


def answering(comments: tuple[Comment, ...], reference: Reference, owner: int) -> tuple[Comment, ...]:
    """Return the comments that carry `reference` on their last line and were written by the key's owner."""
    return tuple(c for c in comments if c.user_id == owner and closing_reference(c.body) == reference)
