"""The audit trail: what was posted, as trailers of commit messages. Writing and reading them; git is not known here.

Messages are read from anyone's history, so every value is checked: what is not as written by `trailers_of` is
ignored, and can neither raise nor pass on control characters. A squashed message holds several entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from synclog.model import CommentId, Minutes, Reference, TicketNumber

Op = Literal["comment", "time", "invoice", "update", "create", "correct", "line", "delete"]
"""`line` is one added to an invoice; `delete` is of the invoice that the entry names, else of the ticket."""

PULLED_TO = "Synclog-Pulled-To"
OPENING = "Synclog-Op"
STAMP, UNSTAMP = "Synclog-Stamp", "Synclog-Unstamp"
"""A request for this reference may have left since; or surely did not, or was refused."""

_LINE = re.compile(r"[ \t]*(Synclog|Syncro)-([A-Za-z-]{1,30}):[ \t]*([^\r\n]{0,200}?)[ \t]*\r?")
_REFERENCE = re.compile(r"(?:[0-9]{1,12}|new)-(?:[0-9a-z]{10}|invoice)")
_ID = re.compile(r"[0-9]{1,18}")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\uffff\U00010000-\U0010ffff]+")
_LONGEST_TEXT = 80


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One posted piece of work. `labor` is the alias, `invoice` the invoice's number (text). `time_waits` says that a
    comment was posted whose time is not in Syncro yet: it is an entry of its own later.

    `commit`, `author`, `author_email` and `when` (UTC, when it was recorded) are known of entries that were read.
    """

    op: Op
    ticket: TicketNumber
    reference: Reference | None = None
    comment: CommentId | None = None
    timer: int | None = None
    line_items: tuple[int, ...] = ()
    invoice: str | None = None
    minutes: Minutes | None = None
    billed_minutes: Minutes | None = None
    labor: str | None = None
    time_waits: bool = False
    commit: str = ""
    author: str = ""
    author_email: str = ""
    when: datetime | None = None

    def identity(self) -> tuple[object, ...]:
        """Return what two copies of one entry share, and no two entries do.

        A rebase, a cherry-pick or a squash changes the commit. What has no reference, and a correction (there may be
        several of one reference), is told apart by the author and the author's time, which copies keep.
        """
        fixed = (self.op, self.ticket, self.reference, self.comment, self.timer, self.line_items, self.invoice)
        if self.op == "correct" or self.reference is None:
            return (*fixed, self.minutes, self.billed_minutes, self.labor, self.author_email, self.when)
        return fixed


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the history says of some tickets: `entries` as `TrailEntry`, newest first; `begun` are the references that
    were stamped, and whose stamp was not taken back since; `ended` those whose stamp was."""

    entries: tuple[TrailEntry, ...] = ()
    begun: frozenset[Reference] = frozenset()
    ended: frozenset[Reference] = frozenset()

    @property
    def recorded(self) -> frozenset[Reference]:
        """The references of all that was posted."""
        return frozenset(entry.reference for entry in self.entries if entry.reference)

    @property
    def timed(self) -> frozenset[Reference]:
        """The references of notes whose time is recorded, or settled by a person."""
        with_time = (e for e in self.entries if e.op == "time" or (e.op == "comment" and e.minutes is not None))
        return frozenset(entry.reference for entry in with_time if entry.reference)

    @property
    def untimed(self) -> dict[Reference, TrailEntry]:
        """The entries of notes whose comment is posted and whose time waits."""
        posted = {e.reference: e for e in self.entries if e.reference and e.time_waits}
        timed = self.timed
        return {reference: entry for reference, entry in posted.items() if reference not in timed}

    def taken(self, but: Reference) -> frozenset[int]:
        """Return what is recorded for other work than `but`: the ids of timer entries, and those of charges negated,
        since the two count apart."""
        others = [entry for entry in self.entries if entry.reference != but]
        timers = {entry.timer for entry in others if entry.timer is not None}
        return frozenset(timers | {-item for entry in others for item in entry.line_items})

    def with_entry(self, entry: TrailEntry) -> Ledger:
        """Return the ledger with one more entry, recorded just now."""
        return Ledger((entry, *self.entries), self.begun, self.ended)

    def with_ended(self, name: Reference, entry: TrailEntry) -> Ledger:
        """Return the ledger with the entry of a one-off, by its id, that is over."""
        return Ledger((entry, *self.entries), self.begun - {name}, self.ended | {name})


def trailers_of(entry: TrailEntry) -> str:
    """Return the block of trailers of `entry`: one a line, each line ended, to stand last in a commit message."""
    rows: list[tuple[str, object]] = [
        (OPENING, entry.op),
        ("Synclog-Entry", entry.reference),
        ("Syncro-Ticket", entry.ticket),
        ("Syncro-Comment", entry.comment),
        ("Syncro-Timer", entry.timer),
        *(("Syncro-Line-Item", item) for item in entry.line_items),
        ("Syncro-Invoice", entry.invoice),
        ("Synclog-Minutes", entry.minutes),
        ("Synclog-Billed-Minutes", entry.billed_minutes),
        ("Synclog-Labor", entry.labor),
        ("Synclog-Time", "waits" if entry.time_waits else None),
    ]
    return "".join(f"{name}: {_one_line(str(value))}\n" for name, value in rows if value is not None)


def message_with(summary: str, entries: Iterable[TrailEntry]) -> str:
    """Return a whole commit message: `summary` made one safe line, then the entries, a paragraph each."""
    blocks = "".join("\n" + trailers_of(entry) for entry in entries)
    return f"{_one_line(summary, longest=200)}\n{blocks}"


def stamp_message(summary: str, references: Iterable[Reference], *, taken_back: bool = False) -> str:
    """Return the whole message of a commit that stamps work, or takes its stamps back."""
    name = UNSTAMP if taken_back else STAMP
    lines = "".join(f"{name}: {_one_line(reference)}\n" for reference in references)
    return f"{_one_line(summary, longest=200)}\n\n{lines}"


def parse_stamps(text: str) -> tuple[tuple[Reference, bool], ...]:
    """Return the references that a commit message says to be stamped (True) or taken back (False), in its order."""
    found = []
    for line in text.split("\n")[1:]:
        name, _, value = line.strip().partition(": ")
        if name in (STAMP, UNSTAMP) and _REFERENCE.fullmatch(value):
            found.append((value, name == STAMP))
    return tuple(found)


def parse_all_trailers(text: str) -> tuple[TrailEntry, ...]:
    """Return all entries of a commit message, in its order. Its first line, the summary, is never one."""
    entries: list[TrailEntry] = []
    block: dict[str, list[str]] = {}
    for line in [*text.split("\n")[1:], ""]:
        match = _LINE.fullmatch(line)
        name = f"{match[1]}-{match[2]}" if match else ""
        if (match is None or name == OPENING) and block:
            entries.extend(_entry(block))
            block = {}
        if match and (block or name == OPENING):
            block.setdefault(name, []).append(match[3])
    return tuple(entries)


def pulled_to_trailer(moment: datetime) -> str:
    """Return the trailer that says how far a pull came: all that Syncro changed before `moment` (aware) is here."""
    return f"{PULLED_TO}: {moment.astimezone(UTC).isoformat()}\n"


def parse_pulled_to(text: str) -> datetime | None:
    """Return the latest moment (UTC) that a message's pulled-to trailers name, None without a valid one."""
    found = (_moment(line.partition(":")[2].strip()) for line in text.splitlines() if line.startswith(f"{PULLED_TO}:"))
    return max((moment for moment in found if moment is not None), default=None)


def _entry(block: dict[str, list[str]]) -> Iterable[TrailEntry]:
    """Yield the entry that a block of trailers spells, or nothing."""
    op = _first(block, OPENING)
    ticket = _number(_first(block, "Syncro-Ticket"))
    if op not in get_args(Op) or ticket is None:
        return
    reference = _first(block, "Synclog-Entry")
    items = (_number(text) for text in block.get("Syncro-Line-Item", []))
    yield TrailEntry(
        op=op,  # type: ignore[arg-type]  # it is one of Op's, as tested above
        ticket=ticket,
        reference=reference if reference and _REFERENCE.fullmatch(reference) else None,
        comment=_number(_first(block, "Syncro-Comment")),
        timer=_number(_first(block, "Syncro-Timer")),
        line_items=tuple(item for item in items if item is not None),
        invoice=_text(_first(block, "Syncro-Invoice")),
        minutes=_number(_first(block, "Synclog-Minutes")),
        billed_minutes=_number(_first(block, "Synclog-Billed-Minutes")),
        labor=_text(_first(block, "Synclog-Labor")),
        time_waits=_first(block, "Synclog-Time") == "waits",
    )


def _first(block: dict[str, list[str]], name: str) -> str | None:
    values = block.get(name)
    return values[0] if values else None


def _number(text: str | None) -> int | None:
    return int(text) if text and _ID.fullmatch(text) else None


def _text(text: str | None) -> str | None:
    return (_one_line(text) or None) if text else None


def _one_line(text: str, longest: int = _LONGEST_TEXT) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:longest].rstrip()


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
