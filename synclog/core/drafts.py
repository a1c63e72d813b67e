"""New tickets, `new-*.md`: which customer each is for, what makes it this ticket, and its place among equal ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from synclog.core.merge import Value
from synclog.core.references import draft_reference
from synclog.core.settings import Settings
from synclog.core.work import DraftWork, Held, TicketWork, draft_work
from synclog.model import Reference

if TYPE_CHECKING:
    from synclog.core.ticketfile import TicketFile


DAYS_BACK = 14
"""A ticket may have been created of a copy of the draft that long ago."""
_FIRST_PLACES = range(1, 4)


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A draft with its customer: `customer_id` is 0 where `problem` says why it is not known."""

    file: TicketFile
    customer_id: int
    customer: str
    problem: str = ""


def draft_works(drafts: Sequence[DraftFile], settings: Settings, today: date) -> list[TicketWork]:
    """Return what is pending in these drafts, in order of their paths. Two equal drafts are two tickets."""
    ordered = sorted(drafts, key=lambda d: d.file.path)
    bound = [(draft, draft.file.create) for draft in ordered if _is_as_stamped(draft)]
    taken = {(draft_content(draft), stamp.day, stamp.place) for draft, stamp in bound if stamp}
    works = []
    for draft in ordered:
        if draft.problem:
            works.append(_held(draft, draft.problem, "write `customer_id:` into the draft"))
            continue
        if draft.file.conflicts:
            fields = ", ".join(f"`{field}`" for field in draft.file.conflicts)
            remedy = "write the right value into the draft, and delete its `conflicts:`"
            works.append(_held(draft, f"both sides of a merge changed {fields}", remedy))
            continue
        stamp = draft.file.create
        content = draft_content(draft)
        day, place = stamp.day if stamp else today, 1
        if stamp is not None and _is_as_stamped(draft):
            place = stamp.place
        else:
            while (content, day, place) in taken:
                place += 1
            taken.add((content, day, place))
        works.append(draft_work(draft.file, _work(draft, settings, day, place), draft.customer, settings, today))
    return works


def other_days(work: DraftWork, today: date) -> frozenset[Reference]:
    """Return the references that a draft would have got on other days until today: where another branch or clone
    created its ticket from a copy of it."""
    days = {today - timedelta(days=back) for back in range(DAYS_BACK)} - {work.day}
    return frozenset(draft_reference(work.content, day, place) for day in days for place in _FIRST_PLACES)


def draft_content(draft: DraftFile) -> tuple[object, ...]:
    """Return what makes a draft this ticket and not another: as written, so that changed defaults change nothing."""
    file = draft.file
    fields = tuple((edit.field, edit.mine) for edit in file.edits)
    text = "\n".join(line.rstrip() for line in (file.description or "").strip().splitlines())
    return (draft.customer_id, text, file.to, fields)


def _is_as_stamped(draft: DraftFile) -> bool:
    stamp = draft.file.create
    if stamp is None or draft.problem:
        return False
    return draft_reference(draft_content(draft), stamp.day, stamp.place) == stamp.reference


def _work(draft: DraftFile, settings: Settings, day: date, place: int) -> DraftWork:
    file = draft.file
    fields: dict[str, Value] = {edit.field: edit.mine for edit in file.edits}
    subject = fields.pop("subject", None)
    asked = {"description": not file.description, "to": file.to is None, "assigned_to": "assigned_to" not in fields}
    assert isinstance(subject, str)
    return DraftWork(
        customer_id=draft.customer_id,
        subject=subject,
        description=file.description or subject,
        to=file.to or settings.defaults.to,
        fields=tuple(fields.items()),
        day=day,
        place=place,
        reference=draft_reference(draft_content(draft), day, place),
        stamp=file.create,
        filled=tuple(name for name, missing in asked.items() if missing),
        content=draft_content(draft),
    )


def _held(draft: DraftFile, reason: str, remedy: str) -> TicketWork:
    subject = draft.file.fields.get("subject")
    held = Held("ticket", reason, remedy, 0, True)
    return TicketWork(0, 0, draft.file.path, subject if isinstance(subject, str) else "", draft.customer, held=(held,))
