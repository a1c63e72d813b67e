"""What is pending in a file: nothing is filled in unsaid, nothing overtakes, places tell equal notes apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from support.ticketfiles import PATH, RULES, ticket_text

from synclog.core.settings import Defaults, Labor, Settings, SyncroSettings
from synclog.core.ticketfile import Stamp, parse_ticket_file, with_stamps
from synclog.core.work import NoteWork, TicketWork, in_order, ticket_work

TODAY = date(2026, 4, 20)
SETTINGS = Settings(
    syncro=SyncroSettings("https://acme.syncromsp.com/api/v1"),
    labor={
        "remote": Labor("remote", 1190473, round_to=15, minimum=60),
        "onsite": Labor("onsite", 26118),
        "travel": Labor("travel", 26117),
    },
    defaults=Defaults(labor="remote"),
)


def work_of(notes: str = "notes: []", *edits: tuple[str, str], settings: Settings = SETTINGS) -> TicketWork:
    text = ticket_text(notes)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return in_order(ticket_work(parse_ticket_file(text, PATH, RULES), settings, TODAY))


def only_note(notes: str, settings: Settings = SETTINGS) -> NoteWork:
    (note,) = work_of(notes, settings=settings).notes
    return note


def test_what_was_not_written_is_filled_in_and_named() -> None:
    note = only_note("notes:\n  - note: Rebooted the switch.\n    time: 20m")
    assert (note.labor, note.product_id, note.subject, note.to) == ("remote", 1190473, "Update", "public")
    assert note.filled == ("labor", "subject", "to")
    assert note.day == TODAY


def test_a_note_without_time_has_no_labor_and_bills_nothing() -> None:
    note = only_note("notes:\n  - Rebooted the switch.")
    assert (note.minutes, note.bills, note.labor, note.product_id) == (None, None, None, None)


@pytest.mark.parametrize(
    ("written", "worked", "bills", "why"),
    [
        ("time: 47", 47, 60, "minimum of remote"),
        ("time: 70", 70, 75, "rounded to 15 min"),
        ("time: 75", 75, 75, ""),
        ("time: 47\n    billed: 30", 47, 30, "as the note says"),
        ("time: 47\n    labor: onsite", 47, 47, ""),
    ],
)
def test_billed_minutes_are_those_worked_unless_something_says_otherwise(
    written: str, worked: int, bills: int, why: str
) -> None:
    note = only_note(f"notes:\n  - note: Rebooted the switch.\n    {written}")
    assert (note.minutes, note.bills, note.why_bills) == (worked, bills, why)


def test_time_without_any_labor_is_a_decision() -> None:
    settings = replace(SETTINGS, defaults=Defaults(labor=None))
    work = work_of("notes:\n  - note: Rebooted the switch.\n    time: 20m", settings=settings)
    assert not work.notes
    assert [(h.what, h.decision) for h in work.held] == [("note", True)]


def test_a_bare_product_id_is_a_labor_too() -> None:
    note = only_note("notes:\n  - note: Rebooted the switch.\n    time: 20m\n    labor: 555")
    assert (note.product_id, note.bills) == (555, 20)


def test_equal_notes_of_a_day_have_places_and_so_references_of_their_own() -> None:
    first, second, other = work_of(
        "notes:\n  - Rebooted.\n  - Rebooted.\n  - note: Rebooted.\n    date: 2026-04-19"
    ).notes
    assert (first.place, second.place, other.place) == (1, 2, 1)
    assert len({first.reference, second.reference, other.reference}) == 3


def test_a_stamped_note_keeps_its_place_and_day_whatever_stands_before_it() -> None:
    (alone,) = work_of("notes:\n  - Rebooted.").notes
    stamp = Stamp(alone.reference, date(2026, 4, 18), 1, 5512, 1735)
    text = with_stamps(ticket_text("notes:\n  - Rebooted.\n  - Rebooted."), {1: stamp})
    fresh, stamped = ticket_work(parse_ticket_file(text, PATH, RULES), SETTINGS, TODAY).notes
    assert (stamped.day, stamped.place) == (date(2026, 4, 18), 1)
    assert (fresh.day, fresh.place) == (TODAY, 1)


def test_a_stamp_of_today_takes_its_place_from_new_equal_notes() -> None:
    (alone,) = work_of("notes:\n  - Rebooted.").notes
    text = with_stamps(
        ticket_text("notes:\n  - Rebooted.\n  - Rebooted."), {1: Stamp(alone.reference, TODAY, 1, 5512, 1735)}
    )
    fresh, stamped = ticket_work(parse_ticket_file(text, PATH, RULES), SETTINGS, TODAY).notes
    assert (fresh.place, stamped.place) == (2, 1)
    assert stamped.reference == alone.reference != fresh.reference


def test_a_note_may_say_when_the_work_began() -> None:
    note = only_note('notes:\n  - note: Rebooted.\n    date: "2026-04-17 09:00"')
    assert (note.day, note.start, note.dated) == (date(2026, 4, 17), time(9, 0), True)


def test_a_note_on_hold_holds_back_the_invoice_and_nothing_else() -> None:
    notes = "notes:\n  - note: Later.\n    hold: true\n  - Rebooted."
    work = work_of(notes, ("invoice: false", "invoice: true"), ("status: In Progress", "status: Resolved"))
    assert [n.text for n in work.notes] == ["Rebooted."]
    assert [c.field for c in work.changes] == ["status"]
    assert work.invoice is None
    assert [(h.what, h.decision) for h in work.held] == [("note", False), ("invoice", False)]


def test_what_needs_a_decision_holds_back_all_that_comes_after_it() -> None:
    settings = replace(SETTINGS, defaults=Defaults(labor=None))
    notes = "notes:\n  - First.\n  - note: Second.\n    time: 20m\n  - Third."
    work = work_of(
        notes, ("invoice: false", "invoice: true"), ("priority: Normal", "priority: High"), settings=settings
    )
    assert [n.text for n in work.notes] == ["First."]
    assert not work.changes
    assert work.invoice is None


def test_an_edit_of_what_is_syncros_holds_back_the_whole_ticket() -> None:
    work = work_of("notes:\n  - Rebooted.", ("customer_id: 24152385", "customer_id: 24152386"))
    assert work.blocked
    assert not work.is_pending


def test_an_edited_field_is_a_change_with_both_values() -> None:
    (change,) = work_of("notes: []", ("status: In Progress", "status: Resolved")).changes
    assert (change.field, change.base, change.mine) == ("status", "In Progress", "Resolved")


def test_without_a_readable_base_nothing_of_the_ticket_is_sent() -> None:
    text = ticket_text("notes:\n  - Rebooted.")
    damaged = text[: text.rindex("<!-- synclog:base")] + "<!-- synclog:base {broken -->\n"
    work = ticket_work(parse_ticket_file(damaged, PATH, RULES), SETTINGS, TODAY)
    assert work.blocked
    assert [(h.what, h.decision) for h in work.held] == [("base", True)]


def test_billed_without_time_is_a_decision_not_a_note_without_time() -> None:
    work = work_of("notes:\n  - note: Rebooted the switch.\n    billed: 30")
    assert not work.notes
    assert [(h.what, h.decision) for h in work.held] == [("note", True)]
