"""What is pending in one ticket's file, as values: found from the file alone, without network.

`status` and `diff` show it; push completes it with what Syncro says (core/plan.py). Nothing is filled in here without
being named in `filled`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from synclog.core.merge import Value, same
from synclog.core.oneoffs import OneOff, TicketRemoval
from synclog.core.references import REFERENCE, note_content, note_reference, reference_of, ticket_of
from synclog.core.settings import Labor, Settings
from synclog.core.ticketkeys import READ_ONLY
from synclog.model import Audience, Comment, CommentId, Invoice, Minutes, Reference, TicketId, TicketNumber

if TYPE_CHECKING:
    from synclog.core.ticketfile import Note, Stamp, TicketFile

_DAYS_BACK = 14
"""A note is posted on the day it was stamped, or some days later where a run died in between."""
_FIRST_PLACES = range(1, 6)


@dataclass(frozen=True, slots=True)
class NoteWork:
    """A note to post. `minutes` is worked, `bills` what Syncro is sent; both None for a note without time.

    `filled` names what was not written and comes from the defaults; `why_bills` says why `bills` differs. `dated` is
    True when the note names its day; otherwise `day` is the day it is looked at, or the stamp's. `fixed` is True when
    it names a day that is the same whenever and wherever it is looked at. `content` is what makes it this note, as
    references are made of it.
    """

    index: int
    line: int
    text: str
    subject: str
    to: Audience
    minutes: Minutes | None
    bills: Minutes | None
    why_bills: str
    labor: str | None
    product_id: int | None
    day: date
    start: time | None
    dated: bool
    place: int
    reference: Reference
    stamp: Stamp | None
    filled: tuple[str, ...]
    fixed: bool = False
    content: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """An edit of one field: what Syncro said last, and what the technician wrote."""

    field: str
    base: Value
    mine: Value
    line: int


@dataclass(frozen=True, slots=True)
class InvoiceWork:
    """An invoice asked for. `after` is the highest invoice id of the ticket when it was stamped, None before. `known`
    are the numbers of the invoices that the file shows, `since` is when these were read (aware), None where that is not
    known."""

    after: int | None
    known: tuple[str, ...] = ()
    since: datetime | None = None

    def begun(self, invoices: Collection[Invoice]) -> int | None:
        """Return after which invoice id the one that is asked for would be: `after`, or before the first that was made
        since the file's were read, by whomever. None where none was."""
        if self.after is not None or self.since is None:
            return self.after
        newer = [i.id for i in invoices if i.number not in self.known and i.created_at > self.since]
        return min(newer) - 1 if newer else None


@dataclass(frozen=True, slots=True)
class DraftWork:
    """A ticket to create; `description` is its first comment, sent as `to`. `fields` are what the draft says of the
    editable fields, by name. The rest is as a note's."""

    customer_id: int
    subject: str
    description: str
    to: Audience
    fields: tuple[tuple[str, Value], ...]
    day: date
    place: int
    reference: Reference
    stamp: Stamp | None
    filled: tuple[str, ...]
    content: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Something that is not sent. `decision` says that a person has to act; otherwise it is left on purpose."""

    what: str
    reason: str
    remedy: str
    line: int
    decision: bool


@dataclass(frozen=True, slots=True)
class TicketWork:
    """All that is pending in one file, in the order in which it is done: draft, one-offs (`doing`), notes, invoice,
    changes.

    `blocked` is set when nothing of the ticket may be sent; `held` are single things that are not. `number` and `id`
    are 0 for a `draft`; `id` is 0 too where the file has lost its base and its `id:`: nothing is sent then. `seen` is
    the highest comment id that the base knows.
    """

    number: TicketNumber
    id: TicketId
    path: str
    subject: str
    customer: str
    notes: tuple[NoteWork, ...] = ()
    invoice: InvoiceWork | None = None
    changes: tuple[FieldChange, ...] = ()
    held: tuple[Held, ...] = ()
    seen: CommentId = 0
    blocked: bool = False
    draft: DraftWork | None = None
    doing: tuple[OneOff, ...] = ()

    @property
    def is_pending(self) -> bool:
        """Whether there is something to send."""
        return bool(self.doing) or (bool(self.draft or self.notes or self.invoice or self.changes) and not self.blocked)


def draft_work(file: TicketFile, draft: DraftWork, customer: str, settings: Settings, today: date) -> TicketWork:
    """Return what is pending in a draft's file: the ticket to create, then its notes and its invoice. The notes get
    their references with the ticket's number."""
    notes, held = _notes(file, settings, today)
    invoice = InvoiceWork(None) if file.invoice else None
    return TicketWork(
        0, 0, file.path, draft.subject, customer, notes=notes, invoice=invoice, held=tuple(held), draft=draft
    )


def ticket_work(file: TicketFile, settings: Settings, today: date) -> TicketWork:
    """Return what is pending in `file`. `today` is the local day, for notes that do not name theirs."""
    assert file.number is not None
    held = [*_blocks(file)]
    blocked = bool(held)
    held += _conflicts(file)
    notes, left = _notes(file, settings, today)
    held += left
    changes = tuple(
        FieldChange(edit.field, edit.base, edit.mine, edit.line)
        for edit in file.edits
        if edit.field not in file.conflicts
    )
    if file.base is None:
        changes = ()
    invoice = invoice_work(file)
    return TicketWork(
        number=file.number,
        id=file.id or 0,
        path=file.path,
        subject=_text(file.fields.get("subject")),
        customer=_text(file.fields.get("customer")),
        notes=notes,
        invoice=invoice,
        changes=changes,
        held=tuple(held),
        seen=_seen(file),
        blocked=blocked,
        doing=_doing(file, held),
    )


def _doing(file: TicketFile, held: Sequence[Held]) -> tuple[OneOff, ...]:
    """The one-offs to go on with. A ticket that is gone may be so by what was asked for."""
    if any(one.what in (*READ_ONLY, "base") for one in held):
        return ()
    return tuple(one for one in file.doing if not file.gone or isinstance(one, TicketRemoval))


def invoice_work(file: TicketFile) -> InvoiceWork | None:
    """Return the invoice that a file asks for, None where it asks for none."""
    if not file.invoice:
        return None
    try:
        since = datetime.fromisoformat(file.invoices_at) if file.invoices_at else None
    except ValueError:
        since = None
    return InvoiceWork(file.invoice_after, file.base_invoices, since if since and since.tzinfo else None)


def note_works(note: Note, settings: Settings) -> tuple[NoteWork, ...]:
    """Return what is pending of a stamped note that is in no file any more; nothing where its labor is not known."""
    assert note.stamp is not None
    return _works(ticket_of(note.stamp.reference) or 0, [note], settings, note.stamp.day)[0]


def references_here(file: TicketFile, today: date) -> frozenset[Reference]:
    """Return the references of all notes of a file: those they have now, pushed or held, and those they were stamped
    with."""
    number = file.number or 0
    days = [_day(note, today) for note in file.notes]
    placed = zip(file.notes, days, _places(number, file.notes, days), strict=True)
    now = {note_reference(number, note, day, place) for note, day, place in placed}
    stamps = [note.stamp for note in file.notes if note.stamp]
    return frozenset(now | {r for stamp in stamps for r in (stamp.reference, *stamp.earlier)})


def equal_behind(file: TicketFile, index: int, today: date) -> list[tuple[int, date, int, Reference]]:
    """Return the notes without a stamp that say the same as the note at `index` and come after it: (index, day, place,
    reference) of each. When that note goes they would move up, and take its reference."""
    number, notes = file.number or 0, file.notes
    days = [_day(note, today) for note in notes]
    places = _places(number, notes, days)
    at = next(i for i, note in enumerate(notes) if note.index == index)
    return [
        (note.index, day, place, note_reference(number, note, day, place))
        for note, day, place in zip(notes, days, places, strict=True)
        if note.stamp is None
        and day == days[at]
        and place > places[at]
        and note_content(note) == note_content(notes[at])
    ]


def unposted(number: TicketNumber, notes: Sequence[Note], today: date, recorded: Collection[Reference]) -> list[Note]:
    """Return the notes that were not posted to a ticket yet, of a draft that became it: those that history lacks."""
    days = [_day(note, today) for note in notes]
    placed = zip(notes, days, _places(number, notes, days), strict=True)
    return [note for note, day, place in placed if note_reference(number, note, day, place) not in recorded]


def posted_before(note: NoteWork, work: TicketWork, comments: Sequence[Comment], zone: tzinfo) -> list[Reference]:
    """Return the references of comments that the file does not know of, and that `note` would have got on another day.

    A note that does not name its day has another reference tomorrow. Where its file is behind (another branch, a stale
    buffer that an editor saved), the comment may be that very note, posted; the same words written after it, into a
    file that shows it, are another note.
    """
    if note.fixed:
        return []
    found = []
    for comment in comments:
        named = set(REFERENCE.findall(comment.body)) if comment.id > work.seen else ()
        for reference in sorted(r for r in named if ticket_of(r) == work.number):
            last = comment.created_at.astimezone(zone).date()
            # On the note's own day another place is another one of equal notes.
            # A clock that is ahead of Syncro's is a day ahead around midnight.
            days = {last - timedelta(days=back) for back in range(-1, _DAYS_BACK)} - {note.day}
            if any(reference == reference_of(work.number, note.content, d, p) for d in days for p in _FIRST_PLACES):
                found.append(reference)
    return found


def begun_as(note: NoteWork, number: TicketNumber) -> frozenset[Reference]:
    """Return the references under which a note of ticket `number` that has no stamp may be under way: its own, and
    those of the day before, where its stamp was saved over at midnight."""
    days = [] if note.fixed else [note.day - timedelta(days=1)]
    before = (reference_of(number, note.content, day, place) for day in days for place in _FIRST_PLACES)
    return frozenset({note.reference, *before})


def in_order(work: TicketWork) -> TicketWork:
    """Hold back what may not overtake: after a note that needs a decision, the rest of its ticket; for any note that
    is not posted, whoever's and why ever, the invoice, which would be made without its time."""
    stuck = min((h.line for h in work.held if h.what == "note" and h.decision), default=None)
    waits = any(h.what == "note" for h in work.held)
    held = list(work.held)
    notes, changes, invoice = work.notes, work.changes, work.invoice
    if stuck is not None:
        late = [note for note in notes if note.line >= stuck]
        held += [Held("note", "it waits for the note before it", "", note.line, False) for note in late]
        held += [Held(change.field, "it waits for the ticket's notes", "", change.line, False) for change in changes]
        notes = tuple(note for note in notes if note.line < stuck)
        changes = ()
    if invoice and waits:
        held.append(Held("invoice", "it waits for the ticket's notes that are not posted", "", 0, False))
        invoice = None
    return replace(work, notes=notes, changes=changes, invoice=invoice, held=tuple(held))


def _seen(file: TicketFile) -> CommentId:
    comment = file.base.get("comment") if file.base else None
    return comment if isinstance(comment, int) and not isinstance(comment, bool) else 0


def _text(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or ""


def _blocks(file: TicketFile) -> list[Held]:
    """What holds back a whole ticket."""
    found = [
        Held(
            edit.field,
            f"`{edit.field}` is Syncro's and was changed by hand",
            "undo it, or let `synclog pull` put it back",
            edit.line,
            True,
        )
        for edit in file.read_only_edits
    ]
    one_offs = bool(file.doing) and not (file.gone and any(isinstance(one, TicketRemoval) for one in file.doing))
    has_work = bool(file.notes or file.invoice or file.edits or one_offs)
    if file.gone and has_work:
        found.append(
            Held(
                "ticket",
                "the ticket is gone from Syncro and work is still in its file",
                f"move the work to another ticket's file, then `synclog untrack {file.number}`",
                0,
                True,
            )
        )
    if file.base_problem and (has_work or file.base_problem == "damaged"):
        found.append(
            Held(
                "base",
                f"the last line of the file (what Syncro said last) is {file.base_problem}",
                f"run `synclog pull {file.number}`",
                0,
                True,
            )
        )
    return found


def _conflicts(file: TicketFile) -> list[Held]:
    return [
        Held(
            field,
            f"both sides changed `{field}`: here {_show(file.fields.get(field))}, {_there(file, field)}",
            f"`synclog resolve {file.number} --ours` or `--theirs`",
            0,
            True,
        )
        for field, conflict in file.conflicts.items()
    ]


def _there(file: TicketFile, field: str) -> str:
    """What the other side of a conflict says; after a merge that is another technician."""
    theirs = file.conflicts[field].theirs
    is_syncros = file.base_values is None or same(file.base_values.get(field), theirs)
    return f"{'in Syncro' if is_syncros else 'on the other side of a merge'} {_show(theirs)}"


def _show(value: Value) -> str:
    return f'"{_text(value)}"' if value else "nothing"


def _notes(file: TicketFile, settings: Settings, today: date) -> tuple[tuple[NoteWork, ...], list[Held]]:
    """The notes to post, and those that are left, each with its place among equal ones."""
    return _works(file.number or 0, file.notes, settings, today)


def _works(
    number: TicketNumber, notes: Sequence[Note], settings: Settings, today: date
) -> tuple[tuple[NoteWork, ...], list[Held]]:
    days = [_day(note, today) for note in notes]
    places = _places(number, notes, days)
    work: list[NoteWork] = []
    left: list[Held] = []
    for note, day, place in zip(notes, days, places, strict=True):
        if note.hold:
            left.append(Held("note", "on hold", "", note.line, False))
            continue
        if note.billed is not None and note.minutes is None:
            remedy = "add `time:`, what was worked, or delete `billed:`"
            left.append(Held("note", "it says what is billed and not what was worked", remedy, note.line, True))
            continue
        labor = labor_of(note.labor or settings.defaults.labor, settings)
        if note.minutes is not None and labor is None:
            remedy = "add `labor:` to the note, or `defaults: labor:` to synclog.yaml"
            left.append(
                Held("note", "it has time and names no labor, and there is no default", remedy, note.line, True)
            )
            continue
        bills, why = _bills(note, labor)
        work.append(
            NoteWork(
                index=note.index,
                line=note.line,
                text=note.text,
                subject=note.subject or settings.defaults.subject,
                to=note.to or settings.defaults.to,
                minutes=note.minutes,
                bills=bills,
                why_bills=why,
                labor=labor.alias if labor and note.minutes is not None else None,
                product_id=labor.product_id if labor and note.minutes is not None else None,
                day=day,
                start=note.date.time if note.date else None,
                dated=note.date is not None,
                place=place,
                reference=note_reference(number, note, day, place),
                stamp=note.stamp,
                filled=_filled(note),
                fixed=note.date is not None and note.date.day is not None,
                content=note_content(note),
            )
        )
    return tuple(work), left


def _day(note: Note, today: date) -> date:
    """A stamped note keeps the day of its stamp, unless it names another one since."""
    if note.date is not None and (note.stamp is None or note.date.day is not None):
        return note.date.resolve(today)
    return note.stamp.day if note.stamp else today


def _places(number: TicketNumber, notes: Sequence[Note], days: Sequence[date]) -> list[int]:
    """The place of each note among equal ones: one that is as it was stamped keeps its own, the others take what is
    free after those before them."""

    def is_bound(note: Note, day: date) -> bool:
        stamp = note.stamp
        return stamp is not None and note_reference(number, note, day, stamp.place) == stamp.reference

    pairs = list(zip(notes, days, strict=True))
    taken = {(note_content(n), day, n.stamp.place) for n, day in pairs if n.stamp and is_bound(n, day)}
    highest: dict[tuple[object, date], int] = {}
    places = []
    for note, day in pairs:
        content = note_content(note)
        if note.stamp is not None and is_bound(note, day):
            place = note.stamp.place
        else:
            place = highest.get((content, day), 0) + 1
            while (content, day, place) in taken:
                place += 1
            taken.add((content, day, place))
        highest[content, day] = max(place, highest.get((content, day), 0))
        places.append(place)
    return places


def labor_of(written: str | None, settings: Settings) -> Labor | None:
    """Return the labor that time is for, None for what is none; a bare product id is allowed, and looked up among the
    aliases first."""
    if written is None:
        return None
    if written in settings.labor:
        return settings.labor[written]
    by_id = next((labor for labor in settings.labor.values() if str(labor.product_id) == written), None)
    return by_id or (Labor(alias=written, product_id=int(written)) if written.isdigit() else None)


def _bills(note: Note, labor: Labor | None) -> tuple[Minutes | None, str]:
    """The minutes to bill, and why they are not the minutes worked."""
    if note.minutes is None or labor is None:
        return None, ""
    if note.billed is not None:
        return note.billed, "as the note says" if note.billed != note.minutes else ""
    return bills_of(note.minutes, labor)


def bills_of(minutes: Minutes, labor: Labor) -> tuple[Minutes, str]:
    """Return what minutes of a labor are billed as, and why that is not what was worked."""
    bills, why = minutes, ""
    if labor.round_to and bills % labor.round_to:
        bills += labor.round_to - bills % labor.round_to
        why = f"rounded to {labor.round_to} min"
    if labor.minimum and minutes < labor.minimum and bills <= labor.minimum:
        bills, why = labor.minimum, f"minimum of {labor.alias}"
    return bills, why


def _filled(note: Note) -> tuple[str, ...]:
    asked = {"labor": note.labor is None and note.minutes is not None, "subject": not note.subject, "to": not note.to}
    return tuple(name for name, missing in asked.items() if missing)
