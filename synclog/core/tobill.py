"""What `bill` and `close` answer before anything is written: from values, so that each case is a line of a table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from synclog.core.invoicing import NoInvoice
from synclog.core.oneoffs import OneOffName
from synclog.core.references import closing_reference, note_content, note_reference
from synclog.core.work import Held, TicketWork

if TYPE_CHECKING:
    from synclog.core.notes import Note
    from synclog.core.trail import TrailEntry
    from synclog.model import Reference, TicketNumber

Answer = Literal["bill", "recurring", "waits", "invoiced", "nothing"]
"""`bill`: go on · `recurring`: never by ticket · `waits`: the invoice would wait for what is held · `invoiced`: it is
billed already · `nothing`: there is nothing to bill."""

RESOLUTION = "Resolution"
"""The subject of the note that closes a ticket."""

_FIRST_PLACES = range(1, 6)


@dataclass(frozen=True, slots=True)
class BillCase:
    """A ticket that is to be billed. `adds_time`: time is given now, or waits in a note of the file; `unbilled`:
    the ticket has unbilled work; `invoiced`: it has an invoice."""

    no_invoice: NoInvoice | None
    waits: bool
    adds_time: bool
    unbilled: bool
    invoiced: bool


def bill_answer(case: BillCase) -> Answer:
    """Return what is to be done about a ticket that is to be billed."""
    if case.no_invoice is not None:
        return "recurring"
    if case.waits:
        return "waits"
    if case.adds_time or case.unbilled:
        return "bill"
    return "invoiced" if case.invoiced else "nothing"


def waits_of(work: TicketWork | None) -> tuple[Held, ...]:
    """Return what of a file an invoice would wait for: notes and one-offs on hold, of others, or to be decided; all
    that is held where nothing of the ticket may be sent."""
    if work is None:
        return ()
    waited_for = ("note", *get_args(OneOffName))
    return tuple(held for held in work.held if work.blocked or held.what in waited_for)


# --- what is under way already -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """What an earlier run of the command has begun and not finished: `notes` that wait in the file, and `posted`, what
    of it history has already."""

    notes: tuple[Note, ...]
    posted: tuple[TrailEntry, ...]

    def covers(self, number: TicketNumber, given: Note | None, *, with_text: bool) -> bool:
        """Return whether it has what is `given` now (its text only `with_text`), so that going on is all that is to be
        done. What was not given is not compared."""
        if given is None:
            return True
        if any(_says_the_same(note, given, with_text=with_text) for note in self.notes):
            return True
        if with_text:
            return any(_is_of(entry, number, given) for entry in self.posted)
        return any(
            given.minutes in (None, entry.minutes) and given.labor in (None, entry.labor) for entry in self.posted
        )


def begun_bill(
    notes: Sequence[Note], *, asks_invoice: bool, sets_invoiced: bool, trail: Sequence[TrailEntry]
) -> Begun | None:
    """Return the bill that a file shows to be under way, None where none is. `trail` is the ticket's, newest first.

    `asks_invoice`: the file asks for an invoice, and what was posted for it is what came since the last one; where
    nothing did, and nothing waits, it was asked for by hand, and no note can come twice.
    `sets_invoiced`: the invoice is recorded and the status that goes with it is not sent yet; then it is what came
    before that invoice.
    """
    if asks_invoice:
        begun = Begun(tuple(notes), tuple(_until_invoice(trail)))
        return begun if begun.notes or begun.posted else None
    if sets_invoiced and trail and trail[0].op == "invoice":
        return Begun((), tuple(_until_invoice(trail[1:])))
    return None


def begun_close(
    notes: Sequence[Note], *, sets_resolved: bool, trail: Sequence[TrailEntry], resolutions: Collection[Reference]
) -> Begun | None:
    """Return the closing that a file shows to be under way: its `Resolution` waits, or was posted as the last thing
    (`resolutions` are the references of those that were) and the status waits. `trail` is the ticket's, newest
    first."""
    own = tuple(note for note in notes if note.subject == RESOLUTION)
    posted = tuple(entry for entry in trail[:1] if entry.reference in resolutions)
    return Begun(own, posted) if own or (sets_resolved and posted) else None


def posted_on(number: TicketNumber, note: Note, today: date, recorded: Collection[Reference]) -> Reference | None:
    """Return the reference under which the very same note was posted on its day already, None where it was not."""
    day = note.date.resolve(today) if note.date else today
    names = (note_reference(number, note, day, place) for place in _FIRST_PLACES)
    return next((name for name in names if name in recorded), None)


def resolved_status(statuses: Iterable[str]) -> str | None:
    """Return the one of an account's statuses that is called Resolved: in full, else the only one that begins so."""
    folded = {status: " ".join(status.casefold().split()) for status in statuses}
    full = [status for status, word in folded.items() if word == "resolved"]
    begun = [status for status, word in folded.items() if word.startswith("resolved")]
    found = full or begun
    return found[0] if len(found) == 1 else None


def resolution_draft(posted: Iterable[str], waiting: Iterable[str]) -> str:
    """Return the text that a resolution is written from: notes as they were posted, without their references, and
    those that wait; each once."""
    texts = [_without_reference(text) for text in posted] + [text.strip() for text in waiting]
    return "\n\n".join(dict.fromkeys(text for text in texts if text))


def _without_reference(text: str) -> str:
    if closing_reference(text) is None:
        return text.strip()
    return text.rstrip().rpartition("\n")[0].strip()


def _until_invoice(trail: Iterable[TrailEntry]) -> Iterable[TrailEntry]:
    for entry in trail:
        if entry.op == "invoice":
            return
        if entry.op in ("comment", "time"):
            yield entry


def _says_the_same(note: Note, given: Note, *, with_text: bool) -> bool:
    if with_text and note_content(note)[0] != note_content(given)[0]:
        return False
    names = ("minutes", "billed", "labor", "subject", "to", "date")
    return all(getattr(given, name) in (None, getattr(note, name)) for name in names)


def _is_of(entry: TrailEntry, number: TicketNumber, given: Note) -> bool:
    """Whether what was posted is the note that is given now: its reference is made of that, on its day."""
    if entry.reference is None or entry.when is None:
        return False
    posted = entry.when.date()
    days = [given.date.day] if given.date and given.date.day else [posted + timedelta(days=d) for d in (0, -1, 1)]
    return any(note_reference(number, given, day, place) == entry.reference for day in days for place in _FIRST_PLACES)
