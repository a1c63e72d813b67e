"""A note's time as Syncro is sent it where it goes by itself: as a timer entry, or as a charge."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo

from synclog.core.cleantext import clean_line
from synclog.core.deciding.times import hours_of
from synclog.core.plan import Rate
from synclog.core.work import NoteWork
from synclog.model import LineItemDraft, TimerDraft

_OTHER_DAY = time(9, 0)
"""When work began of which only the day is known, local."""
_LONGEST = 200


def timer_draft(work: NoteWork, now: datetime, zone: tzinfo, user_id: int) -> TimerDraft:
    """Return the timer entry of a note. It begins when the note says; without a time of day it ends now where it is of
    today, and begins in the morning of another day. The minutes are those that are billed."""
    assert work.bills is not None
    assert work.product_id is not None
    return TimerDraft(
        start_at=start_of(work, now, zone),
        minutes=work.bills,
        notes=_text(work),
        product_id=work.product_id,
        user_id=user_id,
    )


def start_of(work: NoteWork, now: datetime, zone: tzinfo) -> datetime:
    """Return when the work of a note began, aware UTC."""
    minutes = timedelta(minutes=work.bills or 0)
    if work.start is not None:
        return datetime.combine(work.day, work.start, zone).astimezone(UTC)
    if work.day == now.astimezone(zone).date():
        return (now - minutes).astimezone(UTC)
    return datetime.combine(work.day, _OTHER_DAY, zone).astimezone(UTC)


def line_item_draft(work: NoteWork, rate: Rate) -> LineItemDraft:
    """Return the charge of a note: the product's own name, its rate and its tax as they are now, decimal hours."""
    assert work.bills is not None
    return LineItemDraft(
        name=rate.name or f"Labor {rate.product_id}",
        description=_text(work),
        quantity=hours_of(work.bills),
        price=rate.price,
        taxable=rate.taxable,
        product_id=rate.product_id,
    )


def _text(work: NoteWork) -> str:
    """One line: the note's first, cut where it is long, and always the reference, by which it is found again."""
    first = clean_line(work.text.strip().splitlines()[0])
    ending = f" (Ref {work.reference})"
    room = _LONGEST - len(ending)
    return (first if len(first) <= room else first[: room - 1] + "…") + ending
