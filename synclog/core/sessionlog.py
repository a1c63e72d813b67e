"""The session log of a ticket as a value, and how a log that a person may have edited is brought up to date.

A log is made from what is in the workspace alone: the ticket's fields, its mirror, and the audit trail; the trail says
which comments are our work, and how long it took. Looks are the template's (render/sessionlog.py).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Literal

from synclog.core.merge import Value
from synclog.core.mirror import ChargeRow, Entry, InvoiceRow, Mirror, TimeRow
from synclog.core.references import REFERENCE, closing_reference
from synclog.model import Minutes, Reference

if TYPE_CHECKING:
    from synclog.core.trail import TrailEntry

Outcome = Literal["created", "unchanged", "replaced", "appended"]

_EXCERPT = 6


@dataclass(frozen=True, slots=True)
class Work:
    """One posted note. `text` is its markdown without the reference, empty where the mirror lacks the comment.

    `minutes` is worked, `billed_minutes` what Syncro bills, both None for a note without time; `day` is local.
    """

    reference: Reference
    day: date
    technician: str
    subject: str
    visibility: str
    text: str
    minutes: Minutes | None
    billed_minutes: Minutes | None
    labor: str | None


@dataclass(frozen=True, slots=True)
class SessionLog:
    """All that a log shows. `problem` is the first entry of the conversation, `excerpt` the last ones of others."""

    day: date
    fields: Mapping[str, Value]
    technician: str
    work: tuple[Work, ...]
    problem: Entry | None
    excerpt: tuple[Entry, ...]
    time: tuple[TimeRow, ...]
    charges: tuple[ChargeRow, ...]
    invoices: tuple[InvoiceRow, ...]
    open_ends: tuple[str, ...]

    @property
    def minutes(self) -> Minutes:
        """The minutes worked, of all notes shown."""
        return sum(work.minutes or 0 for work in self.work)

    @property
    def billed_minutes(self) -> Minutes:
        """The minutes billed; those worked where Syncro said nothing else."""
        return sum(_billed(work) for work in self.work)

    @property
    def minutes_by_labor(self) -> dict[str, Minutes]:
        """The minutes worked by labor alias, in the order of the aliases."""
        totals: dict[str, Minutes] = {}
        for work in self.work:
            if work.minutes:
                name = work.labor or "unnamed"
                totals[name] = totals.get(name, 0) + work.minutes
        return dict(sorted(totals.items()))


def session_log(
    fields: Mapping[str, Value],
    mirror: Mirror,
    trail: Iterable[TrailEntry],
    *,
    day: date,
    tz: tzinfo,
    whole: bool = True,
    pending: Sequence[str] = (),
) -> SessionLog:
    """Return the log of a ticket's work: all of it, or (`whole` false) what was done on the local `day`.

    `fields` is the ticket's front matter, `trail` its entries of the audit trail in any order. `pending` are lines
    about what is not posted yet; they are open ends. The same input gives the same value.
    """
    shown = {reference: entry for entry in mirror.entries if (reference := closing_reference(entry.text))}
    work = [made for made in _works(trail, shown, mirror.time, tz) if whole or made.day == day]
    others = [e for e in mirror.entries[1:] if closing_reference(e.text) not in {w.reference for w in work}]
    if not whole:
        others = [entry for entry in others if entry.when.date() <= day]
    technicians = sorted({made.technician for made in work if made.technician})
    return SessionLog(
        day=day,
        fields=dict(fields),
        technician=", ".join(technicians) or _text(fields.get("assigned_to")),
        work=tuple(work),
        problem=mirror.entries[0] if mirror.entries else None,
        excerpt=tuple(others[-_EXCERPT:]),
        time=tuple(row for row in mirror.time if whole or row.date == day),
        charges=mirror.charges,
        invoices=mirror.invoices,
        open_ends=(*_open_ends(fields, mirror), *pending),
    )


def _works(
    trail: Iterable[TrailEntry], shown: Mapping[Reference, Entry], rows: Sequence[TimeRow], tz: tzinfo
) -> list[Work]:
    by_reference: dict[Reference, list[TrailEntry]] = {}
    for entry in sorted(trail, key=_age):
        if entry.reference and entry.op in ("comment", "time", "correct"):
            by_reference.setdefault(entry.reference, []).append(entry)
    works = [_work(reference, found, shown.get(reference), rows, tz) for reference, found in by_reference.items()]
    return sorted(works, key=lambda work: work.day)


def _work(
    reference: Reference, found: Sequence[TrailEntry], shown: Entry | None, rows: Sequence[TimeRow], tz: tzinfo
) -> Work:
    """One note from its entries, oldest first: the time may have come later, and been corrected after that."""
    first = found[0]
    days = [row.date for row in rows if reference in REFERENCE.findall(row.notes)]
    posted = first.when.astimezone(tz).date() if first.when else date.min
    return Work(
        reference=reference,
        day=days[0] if days else posted,
        technician=first.author,
        subject=shown.subject if shown else "",
        visibility=shown.visibility if shown else "",
        text=_without_reference(shown.text) if shown else "",
        minutes=_last(entry.minutes for entry in found),
        billed_minutes=_last(entry.billed_minutes for entry in found),
        labor=next((entry.labor for entry in reversed(found) if entry.labor), None),
    )


def _age(entry: TrailEntry) -> tuple[float, str, int]:
    return (entry.when.timestamp() if entry.when else 0.0, entry.reference or "", entry.comment or 0)


def _last(values: Iterable[Minutes | None]) -> Minutes | None:
    known = [value for value in values if value is not None]
    return known[-1] if known else None


def _billed(work: Work) -> Minutes:
    return work.billed_minutes if work.billed_minutes is not None else work.minutes or 0


def _without_reference(text: str) -> str:
    return "\n".join(text.split("\n")[:-1]).rstrip()


def _open_ends(fields: Mapping[str, Value], mirror: Mirror) -> list[str]:
    found = []
    if not fields.get("resolved_at"):
        due = _text(fields.get("due_date"))
        found.append(f"The ticket is {_text(fields.get('status')) or 'open'}{f', due {due}' if due else ''}.")
    waiting = [row for row in mirror.time if row.billed.endswith((" open", " charged"))]
    if waiting:
        found.append(f"{sum(row.minutes for row in waiting)} minutes of its time are on no invoice yet.")
    charges = [row for row in mirror.charges if not row.invoiced]
    if charges:
        found.append(f"{len(charges)} of its charges {'is' if len(charges) == 1 else 'are'} on no invoice yet.")
    return found


def _text(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or ""


# --- a log on disk ------------------------------------------------------------------------------------------------

_SEAL = re.compile(r"^<!-- synclog:log (\{.*\}) -->[ \t]*$", re.MULTILINE)
# Work's own line. A reference in a quoted comment is not work that the log has: its record may come later.
_OWN_LINE = re.compile(rf"^Ref {REFERENCE.pattern}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LogOnDisk:
    """A log as it was found. `text` is all but its seal; `untouched` means that it is as it was written."""

    text: str
    entries: frozenset[Reference]
    untouched: bool


def sealed(text: str, entries: Iterable[Reference], *, edited: bool = False) -> str:
    """Return `text` with the seal, its last line, by which edits are noticed; `edited` marks it as a person's."""
    body = text.rstrip("\n") + "\n"
    seal = {"entries": sorted(entries), "sha256": None if edited else _digest(body)}
    return f"{body}\n<!-- synclog:log {json.dumps(seal, sort_keys=True)} -->\n"


def read_log(content: str) -> LogOnDisk:
    """Return what a log's file holds. It never raises: a seal that is bent or gone means that a person was here."""
    content = content.replace("\r\n", "\n")
    text = _SEAL.sub("", content).rstrip("\n") + "\n"
    entries = set(_OWN_LINE.findall(text))
    seals = list(_SEAL.finditer(content))
    digest: object = None
    for seal in seals:
        try:
            said = json.loads(seal[1])
        except (ValueError, RecursionError):
            continue
        digest = said.get("sha256")
        listed = said.get("entries")
        entries.update(str(entry) for entry in listed if isinstance(entry, str)) if isinstance(listed, list) else None
    ends_there = len(seals) == 1 and not content[seals[0].end() :].strip()
    return LogOnDisk(text, frozenset(entries), ends_there and digest == _digest(text))


def missing_work(log: SessionLog, found: LogOnDisk) -> tuple[Work, ...]:
    """Return the work that the log on disk does not have yet."""
    return tuple(work for work in log.work if work.reference not in found.entries)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
