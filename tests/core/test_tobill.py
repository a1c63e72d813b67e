"""What `bill` and `close` answer before anything is written, and what of an earlier run they go on with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from synclog.core.invoicing import NoInvoice
from synclog.core.notes import Note
from synclog.core.references import note_reference
from synclog.core.tobill import (
    Answer,
    BillCase,
    begun_bill,
    begun_close,
    bill_answer,
    posted_on,
    resolution_draft,
    resolved_status,
)
from synclog.core.trail import TrailEntry

RECURRING = NoInvoice("recurring", "", recurring=True)
NUMBER, DAY = 32162, date(2026, 4, 24)
NOTE = Note("Replaced the failed disk.", minutes=90, labor="remote")
INVOICE = TrailEntry("invoice", NUMBER, invoice="41209")


def posted(note: Note, day: date = DAY) -> TrailEntry:
    when = datetime(day.year, day.month, day.day, 18, 0, tzinfo=UTC)
    reference = note_reference(NUMBER, note, day, 1)
    return TrailEntry("comment", NUMBER, reference, 5, minutes=note.minutes, labor=note.labor, when=when)


@pytest.mark.parametrize(
    ("no_invoice", "waits", "adds_time", "unbilled", "invoiced", "answer"),
    [
        (RECURRING, True, True, True, False, "recurring"),
        (None, True, True, True, False, "waits"),
        (None, False, True, False, False, "bill"),
        (None, False, True, False, True, "bill"),
        (None, False, False, True, True, "bill"),
        (None, False, False, False, True, "invoiced"),
        (None, False, False, False, False, "nothing"),
    ],
)
def test_each_case_has_its_answer(
    no_invoice: NoInvoice | None, waits: bool, adds_time: bool, unbilled: bool, invoiced: bool, answer: Answer
) -> None:
    assert bill_answer(BillCase(no_invoice, waits, adds_time, unbilled, invoiced)) == answer


def begun(*notes: Note, trail: tuple[TrailEntry, ...] = (), invoice: bool = True, status: bool = False) -> object:
    return begun_bill(notes, asks_invoice=invoice, sets_invoiced=status, trail=trail)


def test_a_bill_is_under_way_as_long_as_the_file_asks_for_something_of_it() -> None:
    assert begun(NOTE)
    assert begun(trail=(posted(NOTE),))
    assert begun(trail=(INVOICE, posted(NOTE)), invoice=False, status=True)
    assert begun(trail=(INVOICE, posted(NOTE)), invoice=False) is None
    assert begun(NOTE, invoice=False) is None


def test_an_invoice_that_was_asked_for_by_hand_is_no_bill_under_way() -> None:
    assert begun() is None
    assert begun(trail=(INVOICE, posted(NOTE))) is None
    assert begun(trail=(posted(NOTE),), invoice=False, status=True) is None


WAITING = begun_bill([NOTE], asks_invoice=True, sets_invoiced=False, trail=())
POSTED = begun_bill([], asks_invoice=True, sets_invoiced=False, trail=[posted(NOTE)])


@pytest.mark.parametrize("under_way", [WAITING, POSTED], ids=["waiting", "posted"])
@pytest.mark.parametrize(
    ("given", "with_text", "covered"),
    [
        (None, False, True),
        (NOTE, True, True),
        (replace(NOTE, text=""), False, True),
        (Note("", minutes=90), False, True),
        (Note("", minutes=60), False, False),
        (Note("", minutes=90, labor="onsite"), False, False),
        (replace(NOTE, text="Something else."), True, False),
        (replace(NOTE, minutes=60), True, False),
    ],
)
def test_the_same_again_is_what_is_under_way_and_anything_else_is_not(
    under_way: object, given: Note | None, with_text: bool, covered: bool
) -> None:
    assert under_way is not None
    assert under_way.covers(NUMBER, given, with_text=with_text) is covered  # type: ignore[attr-defined]


def test_the_very_same_note_of_that_day_is_recognised_when_it_is_posted() -> None:
    recorded = {note_reference(NUMBER, NOTE, DAY, 2)}
    assert posted_on(NUMBER, NOTE, DAY, recorded) in recorded
    assert posted_on(NUMBER, replace(NOTE, minutes=60), DAY, recorded) is None
    assert posted_on(NUMBER, NOTE, date(2026, 4, 25), recorded) is None


def test_a_closing_is_under_way_while_its_resolution_waits_or_the_status_after_it() -> None:
    note = replace(NOTE, subject="Resolution")
    entry = posted(note)
    names = [entry.reference or ""]
    assert begun_close([note], sets_resolved=True, trail=[], resolutions=[])
    assert begun_close([], sets_resolved=True, trail=[entry], resolutions=names)
    assert begun_close([], sets_resolved=False, trail=[entry], resolutions=names) is None
    assert begun_close([NOTE], sets_resolved=True, trail=[posted(NOTE), entry], resolutions=names) is None


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        (["New", "Resolved", "Closed"], "Resolved"),
        (["resolved", "Resolved by vendor"], "resolved"),
        (["New", "Resolved - confirmed"], "Resolved - confirmed"),
        (["Unresolved", "Done"], None),
        (["Resolved A", "Resolved B"], None),
        ([], None),
    ],
)
def test_what_the_account_calls_resolved(statuses: list[str], found: str | None) -> None:
    assert resolved_status(statuses) == found


def test_a_resolution_is_written_from_notes_without_their_references() -> None:
    reference = note_reference(NUMBER, NOTE, DAY, 1)
    draft = resolution_draft([f"Replaced the disk.\n\nRef {reference}", "Called Len.", ""], ["Called Len.", "Tested."])
    assert draft == "Replaced the disk.\n\nCalled Len.\n\nTested."
