"""What push does next with one piece of work, decided from the file and from what was read back; nothing else decides.

Each function is one of the decision tables of docs/pushing.md. They take values and return a step; they read no
clock, file or network. `settled` says whether the evidence was read a full `settle` after anything that may still be
under way: the start of the run for what was stamped before it, the lost answer for what this run sent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from synclog.core.plaintext import plain_lines
from synclog.core.references import answering, closing_reference
from synclog.model import Comment, Invoice, Minutes, Reference, TimerEntry


@dataclass(frozen=True, slots=True)
class Send:
    """It is surely not there: post it (stamp it before, where it has no stamp that fits)."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It may still be under way: look again when `settle` has passed."""


@dataclass(frozen=True, slots=True)
class Restamp:
    """What was stamped is not there and the note says something else now: stamp anew, keep the old reference, send."""


@dataclass(frozen=True, slots=True)
class Record:
    """It is there, and only the record is missing."""

    comment: Comment


@dataclass(frozen=True, slots=True)
class RecordInvoice:
    """The invoice is there, and only the record is missing."""

    invoice: Invoice


@dataclass(frozen=True, slots=True)
class Leave:
    """Not ours to push; nothing is wrong."""

    reason: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nobody but a person can tell whether it was posted. `comments` are what to look at."""

    reason: str
    comments: tuple[Comment, ...] = ()


NoteStep = Send | Wait | Restamp | Record | Leave | Doubt
InvoiceStep = Send | Wait | RecordInvoice | Doubt


@dataclass(frozen=True, slots=True)
class NoteCase:
    """One note as push meets it.

    `reference` is what its content, day and place make now. `stamped` is the reference of its stamp, None without one;
    `earlier` are older ones it had. `in_flight` means that a request may have left before this evidence was read: the
    stamp is from before this run, or this run lost the answer. `after` is the highest comment id when it was stamped.
    `body` is what would be posted.
    """

    reference: Reference
    body: str
    stamped: Reference | None = None
    stamped_by: int | None = None
    earlier: tuple[Reference, ...] = ()
    after: int | None = None
    in_flight: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read: complete conversations of every ticket the note was ever stamped for, oldest first.

    `recorded` are the references that the audit trail has. `today` are the ids of comments of the note's own day.
    """

    comments: tuple[Comment, ...]
    owner: int
    recorded: Collection[Reference]
    today: Collection[int]
    settled: bool


def note_step(case: NoteCase, seen: Evidence) -> NoteStep:
    """Return what to do with a note. The order of the rules is the order of the table."""
    if case.stamped_by is not None and case.stamped_by != seen.owner:
        return Leave("it was begun with another technician's key, and is left to them")
    there = answering(seen.comments, case.reference, seen.owner)
    if there:
        return _found(case, there, seen)
    changed = case.stamped is not None and case.stamped != case.reference
    old = [r for r in (case.stamped, *case.earlier) if r and r != case.reference]
    before = tuple(c for r in old for c in answering(seen.comments, r, seen.owner))
    if before:
        return Doubt("it was posted, and was changed, copied or moved afterwards", before)
    twin = _same_words(case, seen)
    if twin:
        return Doubt("a comment of yours says the same without a reference", twin)
    if case.in_flight and not seen.settled:
        return Wait()
    return Restamp() if changed else Send()


def _found(case: NoteCase, there: tuple[Comment, ...], seen: Evidence) -> NoteStep:
    if case.reference in seen.recorded:
        return Doubt("the audit trail has it already: a copy, a revert, or the same words again on that day", there)
    if len(there) > 1:
        return Doubt("more than one comment carries its reference", there)
    return Record(there[0])


def _same_words(case: NoteCase, seen: Evidence) -> tuple[Comment, ...]:
    """Comments of the key's owner that say the same without a reference, newer than the stamp or of the note's day."""
    words = bare_words(case.body)

    def suspicious(comment: Comment) -> bool:
        newer = case.after is not None and comment.id > case.after
        return comment.user_id == seen.owner and (newer or comment.id in seen.today)

    return tuple(
        c for c in seen.comments if suspicious(c) and closing_reference(c.body) is None and bare_words(c.body) == words
    )


def bare_words(body: str) -> str:
    """Return the letters and digits of a body, case folded, without its closing reference: what survives any server.

    A body without any (a lone emoji) is compared by its characters.
    """
    lines = plain_lines(body)
    if closing_reference(body) is not None:
        lines = lines[:-1]
    text = "".join(lines).casefold()
    return "".join(char for char in text if char.isalnum()) or text


# --- time ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TimeCase:
    """Time that went with a comment: what was asked for, and the references and ids it can be known by."""

    comment: Comment
    reference: Reference
    product_id: int
    minutes: Minutes


def time_of(case: TimeCase, timers: Collection[TimerEntry], owner: int) -> TimerEntry | None:
    """Return the timer entry that Syncro made of a comment's time, None when it dropped the time.

    By the comment's id first, then by the reference in its text, then by product and minutes among those of the key's
    owner that are not older than the comment and belong to no comment: accounts were seen not to link the two.
    """
    linked = [t for t in timers if t.comment_id == case.comment.id]
    named = [t for t in timers if t.comment_id is None and case.reference in t.notes]
    alike = [
        t
        for t in timers
        if t.comment_id is None
        and t.user_id == owner
        and t.product_id == case.product_id
        and t.minutes == case.minutes
        and t.created_at >= case.comment.created_at
    ]
    for found in (linked, named, alike):
        if found:
            return min(found, key=lambda t: t.id)
    return None


# --- invoices -----------------------------------------------------------------------------------------------------


def invoice_step(
    after: int | None, invoices: Collection[Invoice], unbilled: bool, in_flight: bool, settled: bool
) -> InvoiceStep:
    """Return what to do about an invoice of a ticket.

    `after` is the highest invoice id when it was stamped, None before that. `invoices` are all of the ticket,
    `unbilled` says whether time or charges of it are on no invoice. `in_flight` and `settled` as for notes.
    """
    if after is None:
        return Send() if unbilled else Doubt("there is nothing to bill")
    newer = [invoice for invoice in invoices if invoice.id > after]
    if newer and not unbilled:
        return (
            RecordInvoice(max(newer, key=lambda invoice: invoice.id))
            if len(newer) == 1
            else Doubt("more than one invoice was made since it was asked for")
        )
    if newer:
        return Doubt("an invoice was made since it was asked for, and there is still unbilled work")
    if in_flight and not settled:
        return Wait()
    if unbilled:
        return Send()
    return Doubt("no invoice was made since it was asked for, and there is nothing left to bill")
