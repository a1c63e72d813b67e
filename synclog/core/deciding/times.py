"""Which time in Syncro is a note's: a timer entry, or a charge made without one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from synclog.core.deciding.steps import (
    TIME_NOT_RECORDED,
    Doubt,
    Evidence,
    TimeRecord,
    Times,
    TimeWanted,
    on_another_labor,
)
from synclog.core.references import REFERENCE, closing_reference, is_draft
from synclog.model import Comment, LineItem, Minutes, Reference, TimerEntry

_FOUR_PLACES = Decimal("0.0001")


def time_of(
    wanted: TimeWanted,
    comment: Comment,
    reference: Reference,
    seen: Evidence,
    older: Collection[Reference] = (),
) -> TimeRecord | Doubt | None:
    """Return the time that belongs to `comment`, None when there is none, Doubt where that can't be told.

    By the comment's id first, then by the reference in its text (or one of the `older` ones that the comment may have
    been posted with), then, among what carries no reference, by product and minutes of what the key's owner entered
    since the comment: accounts were seen not to link the two.
    """
    times = seen.times
    assert times is not None
    linked = [t for t in times.timers if t.comment_id == comment.id]
    its, is_cut = {reference, *older}, closing_reference(comment.body) is None

    def is_its(found: TimeRecord) -> bool:
        texts = (found.notes,) if isinstance(found, TimerEntry) else (found.description, found.name)
        if any(_names(text, {reference}) for text in texts):
            return True
        # Where the comment itself does not say so, what is recorded for other work is that work's.
        return any(_names(text, its) for text in texts) and not (is_cut and _key(found) in seen.taken)

    timers = linked + [t for t in times.timers if t.comment_id != comment.id and is_its(t)]
    items = [i for i in times.items if is_its(i)]
    if timers:
        # A charged timer entry's charge has the entry's text, reference included.
        is_its_charge = len(items) == 1 and any(is_charged(t) for t in timers)
        return _one((*timers, *(() if is_its_charge else items)), comment)
    if items:
        return _one(tuple(items), comment)
    alike = [t for t in times.timers if _is_open(t, comment, seen) and _is_as(t, wanted)]
    if alike:
        first = min(alike, key=lambda t: t.id)
        if _may_be_anothers(first, comment, reference, seen):
            reason = "time of the same labor and minutes was entered since its comment, and may be another note's"
            return Doubt(reason, (comment,), (first,), of_time=True)
        return first
    charges = tuple(i for i in times.items if _is_open_charge(i, comment, seen, times) and _is_as(i, wanted))
    if charges:
        reason = "a charge of the same labor and hours was made since its comment, without a reference"
        return Doubt(reason, (comment,), charges, of_time=True)
    unclear: tuple[TimeRecord, ...] = (
        *(t for t in times.timers if _is_open(t, comment, seen)),
        *(i for i in times.items if _is_open_charge(i, comment, seen, times)),
    )
    if unclear and its != {reference}:
        reason = "time was entered since its comment, without a reference, and the note was changed since"
        return Doubt(reason, (comment,), unclear, of_time=True)
    every: tuple[TimeRecord, ...] = (*times.timers, *times.items)
    nobodys = tuple(t for t in every if is_cut and _is_nobodys(t, wanted, comment, seen))
    if nobodys:
        reason = (
            "time of the same labor and minutes was entered since its comment, with a reference that no comment has"
        )
        return Doubt(reason, (comment,), nobodys, of_time=True)
    return None


def time_problem(found: TimeRecord, wanted: TimeWanted) -> str | None:
    """Return what is wrong with time that was read back, None when it is all right. Minutes that the account rounded
    are all right: they are recorded as it says."""
    if billed_minutes(found) <= 0 and minutes_of(found) <= 0:
        return TIME_NOT_RECORDED
    if found.product_id not in (None, wanted.product_id):
        return on_another_labor(found.product_id)
    return None


def is_charged(timer: TimerEntry) -> bool:
    """Return whether a charge was made of a timer entry."""
    return timer.charged or timer.line_item_id is not None


def minutes_of(found: TimeRecord) -> Minutes:
    """Return the minutes of time as it was entered."""
    return found.minutes if isinstance(found, TimerEntry) else _minutes(found)


def billed_minutes(found: TimeRecord) -> Minutes:
    """Return the minutes that Syncro bills of it."""
    return found.billable_minutes if isinstance(found, TimerEntry) else _minutes(found)


def hours_of(minutes: Minutes) -> Decimal:
    """Return minutes as decimal hours with at most four decimals, as Syncro takes them."""
    return (Decimal(minutes) / 60).quantize(_FOUR_PLACES)


def _key(found: TimeRecord) -> int:
    """How `Evidence.taken` knows it."""
    return found.id if isinstance(found, TimerEntry) else -found.id


def _names(text: str, references: Collection[Reference]) -> bool:
    """Whether a text is of one of these references: the last one in it, since what was written before may quote
    another."""
    found = REFERENCE.findall(text)
    return bool(found) and found[-1] in references


def _minutes(item: LineItem) -> Minutes:
    return int((item.quantity * 60).to_integral_value())


def _one(found: tuple[TimeRecord, ...], comment: Comment) -> TimeRecord | Doubt:
    if len(found) == 1:
        return found[0]
    return Doubt("more than one piece of time belongs to its comment", (comment,), found, of_time=True)


def _is_as(found: TimeRecord, wanted: TimeWanted) -> bool:
    return (found.product_id, minutes_of(found)) == (wanted.product_id, wanted.minutes)


def _is_open(timer: TimerEntry, comment: Comment, seen: Evidence) -> bool:
    """Whether a timer entry may be of the comment, or of any other one: nothing of it says which."""
    return (
        timer.comment_id is None
        and timer.user_id == seen.owner
        and timer.created_at >= comment.created_at
        and timer.id not in seen.taken
        and not REFERENCE.search(timer.notes)
        and not any(
            (timer.start_at, timer.minutes, timer.product_id) == (one.start, one.bills, one.product_id)
            for one in seen.plain
        )
    )


def _may_be_anothers(timer: TimerEntry, comment: Comment, reference: Reference, seen: Evidence) -> bool:
    """Whether another note of the key's owner may have been waiting for this time: one that was posted from elsewhere,
    so that the audit trail here lacks it, or its time. Of two that it waits for either may have it, and the other's is
    sent."""
    for other in seen.comments:
        theirs = closing_reference(other.body) if other.user_id == seen.owner and other.id != comment.id else None
        if theirs is None or theirs == reference or is_draft(theirs) or other.created_at > timer.created_at:
            # The first comment of a new ticket has no time.
            continue
        if theirs not in seen.recorded or (other.id > comment.id and theirs not in {*seen.timed, *seen.waiting}):
            return True
    return False


def _is_nobodys(found: TimeRecord, wanted: TimeWanted, comment: Comment, seen: Evidence) -> bool:
    """Whether time carries a reference that neither history nor the end of a comment knows: an account cut that off, so
    that it may be the time of any comment there."""
    text = found.notes if isinstance(found, TimerEntry) else f"{found.name} {found.description}"
    reference = REFERENCE.findall(text)[-1:]
    return (
        bool(reference)
        and found.user_id in (None, seen.owner)
        and _is_as(found, wanted)
        and found.created_at >= comment.created_at
        and reference[0] not in {*seen.recorded, *(one.id for one in seen.plain)}
        and all(closing_reference(other.body) != reference[0] for other in seen.comments)
    )


def _is_open_charge(item: LineItem, comment: Comment, seen: Evidence, times: Times) -> bool:
    return (
        item.user_id in (None, seen.owner)
        and item.created_at >= comment.created_at
        and -item.id not in seen.taken
        and item.id not in _made_of_timers(times.timers)
        and not REFERENCE.search(f"{item.name} {item.description}")
    )


def _made_of_timers(timers: Iterable[TimerEntry]) -> set[int]:
    return {t.line_item_id for t in timers if t.line_item_id is not None}
