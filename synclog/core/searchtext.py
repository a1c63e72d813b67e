"""What can be found in a ticket's file: what people wrote, without the words that every file has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from synclog.core.cleantext import clean_line

if TYPE_CHECKING:
    from synclog.core.ticketfile import TicketFile

_SECTION = re.compile(r"## (Conversation|Time|Charges|Invoices)\s*|\|(---\|)+\s*|\| (date|name|number) \| .*")
_HEADING = re.compile(r"### (\d{4}-\d\d-\d\d \d\d:\d\d · .*?) · (?:public|private)\s*")
_QUOTED = re.compile(r"^(?:> ?)+")
_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')


def search_text(file: TicketFile) -> str:
    """Return the words of a ticket, a line a part and without control characters: number, subject, customer, contact,
    tags, notes, scratch text, conversation, time."""
    shown = [file.fields.get(key) for key in ("subject", "customer", "contact", "tags")]
    parts = [f"#{file.number}"] if file.number else []
    parts += [" ".join(value) if isinstance(value, tuple) else value or "" for value in shown]
    parts += [f"{note.subject or ''} {note.text}" for note in file.notes]
    parts += file.scratch.splitlines()
    parts += [_told(line) for line in file.mirror.splitlines()]
    return "\n".join(filter(None, map(clean_line, parts)))


def _told(line: str) -> str:
    """What a line of the mirrored part tells of this ticket."""
    if _SECTION.fullmatch(line):
        return ""
    if heading := _HEADING.fullmatch(line):
        return heading[1]
    return line.replace("|", " ") if line.startswith("| ") else _QUOTED.sub("", line)


def search_query(typed: str) -> str:
    """Return what a person typed as a query of FTS5, in which nothing is syntax but what is meant: every word and every
    "quoted phrase" has to be there, and `word*` is any word that begins so. Empty where nothing can be sought."""
    terms = []
    for phrase, word in _TERM.findall(clean_line(typed)):
        sought = phrase or word.rstrip("*")
        if any(one.isalnum() for one in sought):
            terms.append(f'"{sought}"' + (" *" if word.endswith("*") else ""))
    return " AND ".join(terms)
