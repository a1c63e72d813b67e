"""The session log of a ticket as a value: what one work session was about, what was done, and what it cost.

A log is made from what is in the workspace alone: the ticket's fields, its mirror, and the audit trail; the trail says
which comments are our work, and how long it took. Looks are the template's (render/sessionlog.py), what a log's file
holds besides is in logfile.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from synclog.core.merge import Value
from synclog.core.mirror import ChargeRow, Entry, InvoiceRow, Mirror, TimeRow
from synclog.core.references import REFERENCE, closing_reference
from synclog.model import Minutes, Reference

if TYPE_CHECKING:
    from synclog.core.logindex import Listed
    from synclog.core.settings import WorkSession
    from synclog.core.ticketfile import TicketFile
    from synclog.core.trail import TrailEntry

_EXCERPT = 6
RESOLUTION = "Resolution"
"""The subject of the note that says how a ticket was resolved."""


@dataclass(frozen=True, slots=True)
class Work:
    """One posted note. `text` is its markdown without the reference, empty where the mirror lacks the comment.

    `minutes` is worked, `billed_minutes` what Syncro bills, both None for a note without time; `day` is local.
    `visibility` is `public` or `private`, empty where the mirror lacks the comment.
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
class Session:
    """One work session of a ticket: its `work`, oldest first, none for a ticket nothing was posted on.

    `since` is the last day of the session before, None for the first; `is_last` says that none came after.
    """

    day: date
    work: tuple[Work, ...]
    since: date | None = None
    is_last: bool = True

    @property
    def references(self) -> frozenset[Reference]:
        """The references of all work in it."""
        return frozenset(work.reference for work in self.work)


@dataclass(frozen=True, slots=True)
class SessionLog:
    """All that a log shows. `problem` is the first entry of the conversation, `talk` the last ones of others that came
    with this session. `file` is where the ticket's file is, from the log's folder. `internal_ends` are open ends of no
    interest outside: what is not sent or not invoiced yet. `earlier` are logs about the same thing."""

    day: date
    fields: Mapping[str, Value]
    file: str
    technicians: tuple[str, ...]
    work: tuple[Work, ...]
    problem: Entry | None
    talk: tuple[Entry, ...]
    time: tuple[TimeRow, ...]
    charges: tuple[ChargeRow, ...]
    invoices: tuple[InvoiceRow, ...]
    open_ends: tuple[str, ...]
    internal_ends: tuple[str, ...] = ()
    earlier: tuple[Listed, ...] = ()

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


# --- work sessions ------------------------------------------------------------------------------------------------


def work_of(mirror: Mirror, trail: Iterable[TrailEntry], tz: tzinfo) -> tuple[Work, ...]:
    """Return all work on a ticket, oldest first, from its entries of the audit trail, in any order, and its mirror."""
    shown = _carrying(mirror)
    timed = {reference: row.date for row in reversed(mirror.time) for reference in REFERENCE.findall(row.notes)}
    by_reference: dict[Reference, list[TrailEntry]] = {}
    for entry in sorted(trail, key=_age):
        if entry.reference and entry.op in ("comment", "time", "correct"):
            by_reference.setdefault(entry.reference, []).append(entry)
    works = [_work(reference, found, shown.get(reference), timed, tz) for reference, found in by_reference.items()]
    return tuple(sorted(works, key=lambda work: work.day))


def sessions_of(
    work: Sequence[Work], per: WorkSession, pushes: Mapping[Reference, str], idle: date
) -> tuple[Session, ...]:
    """Return the work sessions of a ticket, oldest first: one a day, or one a push (`pushes` names the push of each
    reference; work of none is a session by its day). Without work there is one session without, of the day `idle`."""
    groups: dict[str, list[Work]] = {}
    for made in work:
        key = pushes.get(made.reference) if per == "push" else None
        groups.setdefault(key or made.day.isoformat(), []).append(made)
    found = sorted(groups.values(), key=lambda group: max(made.day for made in group))
    days = [max(made.day for made in group) for group in found]
    sessions = [
        Session(day, tuple(group), max((d for d in days if d < day), default=None), day == days[-1])
        for group, day in zip(found, days, strict=True)
    ]
    return tuple(sessions) or (Session(idle, ()),)


def last_day(fields: Mapping[str, Value], mirror: Mirror) -> date:
    """Return the last local day on which something happened on a ticket: the day of a log without work."""
    days = [entry.when.date() for entry in mirror.entries] + [row.date for row in mirror.time]
    for key in ("created_at", "resolved_at"):
        try:
            days.append(datetime.fromisoformat(_text(fields.get(key))).date())
        except ValueError:
            continue
    return max(days, default=date(1970, 1, 1))


# --- the log of one -----------------------------------------------------------------------------------------------


def session_log(
    fields: Mapping[str, Value], mirror: Mirror, work: Iterable[Work], session: Session, file: str
) -> SessionLog:
    """Return the log of a work session. `fields` is the ticket's front matter, `work` all work on it, of which
    `session` has a part; `file` is where its file is, from the log's folder. The same input gives the same value."""
    theirs = {made.reference: made for made in work}
    ours = {id(entry) for reference, entry in _carrying(mirror).items() if reference in theirs}
    talk = [
        entry
        for entry in mirror.entries[1:]
        if id(entry) not in ours
        and (session.since is None or entry.when.date() > session.since)
        and (session.is_last or entry.when.date() <= session.day)
    ]
    technicians = sorted({made.technician for made in session.work if made.technician})
    assigned = _text(fields.get("assigned_to"))
    return SessionLog(
        day=session.day,
        fields=dict(fields),
        file=file,
        technicians=tuple(technicians or ([assigned] if assigned else [])),
        work=session.work,
        problem=mirror.entries[0] if mirror.entries else None,
        talk=tuple(talk[-_EXCERPT:]),
        time=tuple(row for row in mirror.time if _is_of(row, session, theirs)),
        charges=mirror.charges,
        invoices=mirror.invoices,
        open_ends=_open_ends(fields),
        internal_ends=_not_invoiced(mirror),
    )


def waiting_work(file: TicketFile) -> tuple[str, ...]:
    """Return what a ticket's file holds that Syncro does not know of yet, in words."""
    lines = [f"not posted yet: {note.text.strip().splitlines()[0]}" for note in file.notes if note.text.strip()]
    lines += ["an invoice is asked for and not made yet"] if file.invoice else []
    return (*lines, *(f"not sent yet: {edit.field}" for edit in file.edits))


def for_customer(log: SessionLog) -> SessionLog:
    """Return what of a log its customer may see: public comments and the time of these, invoices. Whatever is private,
    not known to be public, or about how we work (tags, timer notes, other logs) is not in it at all."""
    public = tuple(made for made in log.work if made.visibility == "public")
    return replace(
        log,
        fields={**log.fields, "tags": ()},
        file="",
        technicians=tuple(sorted({made.technician for made in public if made.technician})),
        work=public,
        problem=log.problem if log.problem and log.problem.visibility == "public" else None,
        talk=tuple(entry for entry in log.talk if entry.visibility == "public"),
        time=(),
        charges=tuple(row for row in log.charges if row.invoiced),
        internal_ends=(),
        earlier=(),
    )


def _carrying(mirror: Mirror) -> dict[Reference, Entry]:
    """The comments by their references: the first that carries one, since who quotes it comes later."""
    found: dict[Reference, Entry] = {}
    for entry in mirror.entries:
        if reference := closing_reference(entry.text):
            found.setdefault(reference, entry)
    return found


def _work(
    reference: Reference,
    found: Sequence[TrailEntry],
    shown: Entry | None,
    timed: Mapping[Reference, date],
    tz: tzinfo,
) -> Work:
    """One note from its entries, oldest first: the time may have come later, and been corrected after that."""
    first = found[0]
    recorded = first.when.astimezone(tz).date() if first.when else date.min
    posted = shown.when.date() if shown else recorded  # what a pull found was posted before it was recorded
    return Work(
        reference=reference,
        day=timed.get(reference, posted),
        technician=first.author,
        subject=shown.subject if shown else "",
        visibility=shown.visibility if shown else "",
        text=_without_reference(shown.text) if shown else "",
        minutes=_last(entry.minutes for entry in found),
        billed_minutes=_last(entry.billed_minutes for entry in found),
        labor=next((entry.labor for entry in reversed(found) if entry.labor), None),
    )


def _is_of(row: TimeRow, session: Session, theirs: Mapping[Reference, Work]) -> bool:
    """Whether a time entry belongs to a session: by the reference in its notes, else by its day."""
    named = [reference for reference in REFERENCE.findall(row.notes) if reference in theirs]
    if named:
        return not session.references.isdisjoint(named)
    return row.date in {session.day, *(made.day for made in session.work)}


def _age(entry: TrailEntry) -> tuple[float, str, int]:
    return (entry.when.timestamp() if entry.when else 0.0, entry.reference or "", entry.comment or 0)


def _last(values: Iterable[Minutes | None]) -> Minutes | None:
    known = [value for value in values if value is not None]
    return known[-1] if known else None


def _billed(work: Work) -> Minutes:
    return work.billed_minutes if work.billed_minutes is not None else work.minutes or 0


def _without_reference(text: str) -> str:
    return "\n".join(text.split("\n")[:-1]).rstrip()


def _open_ends(fields: Mapping[str, Value]) -> tuple[str, ...]:
    if fields.get("resolved_at"):
        return ()
    due = _text(fields.get("due_date"))
    return (f"The ticket is {_text(fields.get('status')) or 'open'}{f', due {due}' if due else ''}.",)


def _not_invoiced(mirror: Mirror) -> tuple[str, ...]:
    found = []
    waiting = [row for row in mirror.time if row.billed.endswith((" open", " charged"))]
    if waiting:
        found.append(f"{sum(row.minutes for row in waiting)} minutes of its time are on no invoice yet.")
    charges = [row for row in mirror.charges if not row.invoiced]
    if charges:
        found.append(f"{len(charges)} of its charges {'is' if len(charges) == 1 else 'are'} on no invoice yet.")
    return tuple(found)


def _text(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or ""
