"""The index of a customer's session logs, `session-logs/README.md`, and which of them are about the same thing.

Both are made from the logs' own front matter and names alone, so that the same logs give the same index on every
machine, whoever wrote or edited them. The index is synclog's whole file; a README.md without its mark is somebody's
own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from synclog.core.cleantext import clean_line
from synclog.core.document import parse_document
from synclog.core.durations import format_minutes
from synclog.core.frontedit import content_of
from synclog.core.logfile import LogName, parse_log_name
from synclog.errors import InvalidFile
from synclog.model import Minutes, TicketNumber

MARK = "<!-- synclog:index (made from the logs in this folder; changes here are overwritten) -->"
_MOST_EARLIER = 5
_TOGETHER = 2
_WORD = re.compile(r"[^\W\d_][\w-]{3,}")
_PLAIN_WORDS = frozenset(
    "after again also another back been before call called cannot customer does down each error every fixed from "
    "have help into issue just more need needs next only over please problem question request some that their "
    "them there this ticket today urgent when will with work working works your".split()
)
_ACTIVE = re.compile(r"([\\`*_\[\]<>|~])")
_ADDRESS = re.compile(r"(?<=:)/(?=/)|(?<=\bwww)\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listed:
    """What an index shows of a log; all but `file` and `name` from its front matter, as far as that can be read."""

    file: str
    name: LogName
    subject: str
    minutes: Minutes
    technicians: tuple[str, ...] = ()
    invoices: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    contact: str = ""


def listed_log(file: str, text: str) -> Listed | None:
    """Return what an index shows of the log `text` in `file`, None where its name is no log's. It never raises: of a
    front matter that can't be read, only the name is shown."""
    name = parse_log_name(file)
    if name is None:
        return None
    try:
        found: Mapping[str, object] = content_of(parse_document(text, file))
    except InvalidFile:
        found = {}
    minutes = str(found.get("minutes"))
    return Listed(
        file=file,
        name=name,
        subject=_one(found.get("subject")) or name.words,
        minutes=int(minutes) if re.fullmatch(r"[0-9]{1,6}", minutes) else 0,
        technicians=_several(found.get("technicians")),
        invoices=_several(found.get("invoices")),
        tags=_several(found.get("tags")),
        contact=_one(found.get("contact")),
    )


def render_index(customer: str, logs: Iterable[Listed]) -> str:
    """Return the index of the logs of a customer, newest first, by month. Nothing in it does more than be read."""
    others: dict[tuple[date, TicketNumber, str], list[Listed]] = {}
    rows = []
    for log in sorted(logs, key=lambda log: log.file):
        if log.name.template:
            others.setdefault(_piece(log), []).append(log)
        else:
            rows.append(log)
    shown = {_piece(log) for log in rows}
    rows += [found[0] for piece, found in others.items() if piece not in shown]
    rows.sort(key=lambda log: (log.name.day, log.name.number, log.file), reverse=True)
    parts = [MARK, f"# Session logs of {plain(customer) or 'this customer'}"]
    months: dict[str, list[Listed]] = {}
    for log in rows:
        months.setdefault(log.name.day.isoformat()[:7], []).append(log)
    for month, found in months.items():
        total = sum(log.minutes for log in found)
        counted = f"{len(found)} {'log' if len(found) == 1 else 'logs'}"
        parts.append(f"## {month}: {counted}{f', {format_minutes(total)}' if total else ''}")
        head = "| date | ticket | subject | time | technician | invoice | also as |\n|---|---|---|---|---|---|---|"
        lines = (_row(log, others.get(_piece(log), ())) for log in found)
        parts.append("\n".join((head, *lines)))
    if not rows:
        parts.append("None yet.")
    return "\n\n".join(parts) + "\n"


def is_ours(text: str) -> bool:
    """Return whether an index that is there may be written anew: it bears the mark."""
    return text.lstrip("\ufeff").startswith(MARK.split(" (")[0])


def plain(text: str) -> str:
    """Return text from outside as a part of a line of markdown, or of a cell, in which nothing is markup or a link."""
    return _ADDRESS.sub(lambda found: f"\\{found[0]}", _ACTIVE.sub(r"\\\1", clean_line(text)))


def link(file: str) -> str:
    """Return a file's name as the target of a link."""
    return quote(file, safe="/.-_", errors="replace")


def _piece(log: Listed) -> tuple[date, TicketNumber, str]:
    """What the logs of one work session by several templates share."""
    return log.name.day, log.name.number, log.name.words


def _row(log: Listed, others: Sequence[Listed]) -> str:
    also = ", ".join(f"[{other.name.template}]({link(other.file)})" for other in others if other is not log)
    cells = (
        f"[{log.name.day.isoformat()}]({link(log.file)})",
        f"#{log.name.number}",
        plain(log.subject),
        format_minutes(log.minutes) if log.minutes else "",
        plain(", ".join(log.technicians)),
        plain(", ".join(log.invoices)),
        also,
    )
    return f"| {' | '.join(cells)} |"


def _one(value: object) -> str:
    return clean_line(value)[:300] if isinstance(value, str) else ""


def _several(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_one(value),) if _one(value) else ()
    items = value if isinstance(value, list | tuple) else ()
    return tuple(_one(item) for item in items if isinstance(item, str))


# --- about the same thing -----------------------------------------------------------------------------------------


class Earlier:
    """The logs of one customer, to be asked which are about the same thing as another one.

    That is: the same ticket; else two things in common out of tags (each counts twice), the contact, and the words of
    the subject that say something (four letters or more, and not one of the few that every ticket has), of which one
    must be a tag or a word. The closest come first, of these the newest; five at most.
    """

    def __init__(self, logs: Iterable[Listed] = ()) -> None:
        self._by: dict[tuple[str, str], list[Listed]] = {}
        for log in logs:
            self.add(log)

    def add(self, log: Listed) -> None:
        """Take in one more."""
        if not log.name.template:
            for key in _marks(log):
                self._by.setdefault(key, []).append(log)

    def of(self, log: Listed) -> tuple[Listed, ...]:
        """Return the logs about the same thing that are from before this one's day."""
        points: dict[str, int] = {}
        found: dict[str, Listed] = {}
        for key in _marks(log):
            for other in self._by.get(key, ()):
                if other.name.day < log.name.day and other.file != log.file:
                    points[other.file] = points.get(other.file, 0) + _POINTS[key[0]]
                    found[other.file] = other
        if log.contact:
            for other in found.values():
                points[other.file] += _folded(other.contact) == _folded(log.contact)
        near = [other for other in found.values() if points[other.file] >= _TOGETHER]
        near.sort(key=lambda other: other.file)
        near.sort(key=lambda other: (min(points[other.file], _POINTS["ticket"]), other.name.day), reverse=True)
        return tuple(near[:_MOST_EARLIER])


_POINTS = {"ticket": 100, "tag": 2, "word": 1}


def _marks(log: Listed) -> set[tuple[str, str]]:
    """By what other logs are found."""
    words = {_folded(word) for word in _WORD.findall(log.subject)} - _PLAIN_WORDS
    tags = {_folded(tag) for tag in log.tags if tag}
    return {("ticket", str(log.name.number)), *(("tag", tag) for tag in tags), *(("word", word) for word in words)}


def _folded(text: str) -> str:
    """Text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))
