"""What is pending in a file: nothing is filled in unsaid, nothing overtakes, places tell equal notes apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.ticketfiles import BASE, PATH, RULES, ticket_text

from synclog.core.references import note_reference
from synclog.core.remembering import remembered
from synclog.core.settings import Defaults, Labor, Settings, SyncroSettings
from synclog.core.ticketfile import Note, Stamp, TicketFile, parse_ticket_file, with_added_notes, with_stamps
from synclog.core.work import NoteWork, TicketWork, in_order, posted_before, references_here, ticket_work, unposted
from synclog.model import Comment

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


# --- places and references -------------------------------------------------------------------------------------------


def file_of(notes: str, stamps: dict[int, Stamp] | None = None) -> TicketFile:
    text = ticket_text(notes)
    return parse_ticket_file(with_stamps(text, dict(stamps)) if stamps else text, PATH, RULES)


def stamp_of(note: NoteWork, **of: object) -> Stamp:
    return replace(Stamp(note.reference, note.day, note.place, 5512, 1735), **of)  # type: ignore[arg-type]


def test_a_changed_note_gets_a_reference_of_its_stamps_day_in_the_first_free_place() -> None:
    before = only_note("notes:\n  - Rebooted.")
    stamp = stamp_of(before, day=date(2026, 4, 18), place=3)
    (note,) = ticket_work(file_of("notes:\n  - Rebooted twice.", {0: stamp}), SETTINGS, TODAY).notes
    assert (note.day, note.place, note.stamp) == (date(2026, 4, 18), 1, stamp)
    assert note.reference == note_reference(32162, Note("Rebooted twice."), date(2026, 4, 18), 1)


def test_a_stamped_note_that_names_another_day_since_is_another_note() -> None:
    stamp = stamp_of(only_note("notes:\n  - Rebooted."))
    dated = 'notes:\n  - note: Rebooted.\n    date: "2026-04-17"'
    (note,) = ticket_work(file_of(dated, {0: stamp}), SETTINGS, TODAY).notes
    assert note.day == date(2026, 4, 17)
    assert note.reference != stamp.reference
    word = "notes:\n  - note: Rebooted.\n    date: yesterday"
    (note,) = ticket_work(file_of(word, {0: stamp}), SETTINGS, TODAY).notes
    assert note.day == stamp.day, "a word means the day that it was stamped for"


def test_a_note_that_was_moved_here_gets_a_reference_of_this_ticket() -> None:
    elsewhere = Stamp(note_reference(32164, Note("Rebooted."), TODAY, 1), TODAY, 1, 77, 1735)
    (note,) = ticket_work(file_of("notes:\n  - Rebooted.", {0: elsewhere}), SETTINGS, TODAY).notes
    assert note.stamp == elsewhere
    assert note.reference == note_reference(32162, Note("Rebooted."), TODAY, 1)


def test_a_note_that_was_changed_back_is_the_one_that_was_stamped() -> None:
    stamp = stamp_of(only_note("notes:\n  - Rebooted."), earlier=("32162-0000000000",))
    (note,) = ticket_work(file_of("notes:\n  - Rebooted.", {0: stamp}), SETTINGS, TODAY + timedelta(days=3)).notes
    assert note.reference == stamp.reference


def test_the_references_of_a_file_are_those_of_all_its_notes_now_and_before() -> None:
    notes = (
        "notes:\n  - Rebooted.\n  - note: Later.\n    hold: true\n  - note: Billed only.\n    billed: 30\n  - Changed."
    )
    stamp = Stamp("32162-1111111111", date(2026, 4, 18), 1, 5512, 1735, earlier=("32164-0000000000",))
    found = references_here(file_of(notes, {3: stamp}), TODAY)
    assert found == {
        note_reference(32162, Note("Rebooted."), TODAY, 1),
        note_reference(32162, Note("Later.", hold=True), TODAY, 1),
        note_reference(32162, Note("Billed only.", billed=30), TODAY, 1),
        note_reference(32162, Note("Changed."), date(2026, 4, 18), 1),
        "32162-1111111111",
        "32164-0000000000",
    }
    assert references_here(file_of("notes: []"), TODAY) == frozenset()


@given(
    notes=st.lists(st.tuples(st.sampled_from(["Rebooted.", "Replaced the fan."]), st.booleans()), max_size=5),
    before=st.integers(0, 2),
    later=st.integers(0, 2),
)
@hypothesis_settings(derandomize=True, deadline=None, max_examples=80)
def test_no_two_notes_of_a_file_ever_have_one_reference_and_stamped_ones_keep_theirs(
    notes: list[tuple[str, bool]], before: int, later: int
) -> None:
    """Some were stamped, then equal ones were written before and after them, and days passed."""
    text = with_added_notes(ticket_text(), [Note(written) for written, _ in notes])
    first = ticket_work(parse_ticket_file(text, PATH, RULES), SETTINGS, TODAY).notes
    stamps = {place: stamp_of(first[place]) for place, (_, is_stamped) in enumerate(notes) if is_stamped}
    stamped = parse_ticket_file(with_stamps(text, dict(stamps)), PATH, RULES).notes
    equal = [Note("Rebooted.")]
    text = with_added_notes(ticket_text(), [*equal * before, *stamped, *equal * 2])
    file = parse_ticket_file(text, PATH, RULES)
    found = ticket_work(file, SETTINGS, TODAY + timedelta(days=later)).notes
    assert len({note.reference for note in found}) == len(found)
    assert [n.reference for n in found if n.stamp] == [stamp.reference for stamp in stamps.values()]
    assert {note.reference for note in found} == references_here(file, TODAY + timedelta(days=later))


# --- files that are behind -------------------------------------------------------------------------------------------

PHOENIX = ZoneInfo("America/Phoenix")
LAST_SEEN = BASE["comment"]


def posted(day: date, *, id_: int = LAST_SEEN + 1, place: int = 1, user_id: int | None = 1735) -> Comment:
    """What became of the note `Rebooted.` where it was pushed on another day."""
    reference = note_reference(32162, Note("Rebooted."), day, place)
    at = datetime.combine(day, time(16, 0), PHOENIX).astimezone(UTC)
    return Comment(id_, 7, "Update", f"Rebooted.\nRef {reference}", "Mike Sorrel", user_id, False, at)


def before_of(comment: Comment, notes: str = "notes:\n  - Rebooted.") -> list[str]:
    work = ticket_work(file_of(notes), SETTINGS, TODAY)
    return posted_before(work.notes[0], work, [comment], PHOENIX)


def test_a_note_in_a_file_that_is_behind_is_known_by_the_comment_it_became_on_another_day() -> None:
    for days in (1, 5):
        comment = posted(TODAY - timedelta(days=days))
        assert before_of(comment) == [comment.body.rpartition(" ")[2]]


@pytest.mark.parametrize(
    ("comment", "notes"),
    [
        (posted(TODAY - timedelta(days=1), id_=LAST_SEEN), "notes:\n  - Rebooted."),
        (posted(TODAY - timedelta(days=1)), "notes:\n  - Rebooted twice."),
        (posted(TODAY - timedelta(days=1)), 'notes:\n  - note: Rebooted.\n    date: "2026-04-20"'),
    ],
)
def test_what_the_file_has_seen_or_what_names_its_day_is_a_note_of_its_own(comment: Comment, notes: str) -> None:
    assert before_of(comment, notes) == []


def test_a_stamped_note_may_have_been_posted_from_elsewhere_on_another_day_too() -> None:
    stamp = stamp_of(only_note("notes:\n  - Rebooted."))
    work = ticket_work(file_of("notes:\n  - Rebooted.", {0: stamp}), SETTINGS, TODAY)
    assert posted_before(work.notes[0], work, [posted(TODAY - timedelta(days=1))], PHOENIX)


def test_on_its_own_day_another_place_is_another_one_of_equal_notes() -> None:
    assert before_of(posted(TODAY, place=2)) == []


def test_what_stands_again_in_a_file_that_is_behind_is_written_into_it_before_the_file_learns_of_its_comment() -> None:
    comment = posted(TODAY - timedelta(days=2))
    (stamp,) = remembered(file_of("notes:\n  - Rebooted."), [comment], SETTINGS, TODAY, lambda: 1735).values()
    assert stamp is not None
    assert stamp.earlier == (comment.body.rpartition(" ")[2],)
    assert (stamp.day, stamp.place, stamp.after, stamp.by) == (TODAY, 1, LAST_SEEN, 1735)
    assert stamp.reference == only_note("notes:\n  - Rebooted.").reference


def test_a_customers_comment_is_not_remembered() -> None:
    comment = posted(TODAY - timedelta(days=2), user_id=None)
    assert remembered(file_of("notes:\n  - Rebooted."), [comment], SETTINGS, TODAY, lambda: 1735) == {}


def test_a_comment_of_a_colleague_is_remembered_as_theirs() -> None:
    comment = posted(TODAY - timedelta(days=2), user_id=24406)
    (stamp,) = remembered(file_of("notes:\n  - Rebooted."), [comment], SETTINGS, TODAY, lambda: 1735).values()
    assert stamp is not None
    assert stamp.by == 24406


def test_a_comment_that_says_the_same_with_its_reference_cut_off_is_remembered_by_what_the_file_knew_of() -> None:
    cut = posted(TODAY - timedelta(days=2))
    cut = replace(cut, body=cut.body.partition("Ref ")[0])
    (stamp,) = remembered(file_of("notes:\n  - Rebooted."), [cut], SETTINGS, TODAY, lambda: 1735).values()
    assert stamp is not None
    assert (stamp.after, stamp.earlier) == (LAST_SEEN, ())


def test_what_was_recorded_just_now_or_is_another_notes_stamp_is_not_remembered() -> None:
    comment = posted(TODAY - timedelta(days=2))
    reference = comment.body.rpartition(" ")[2]
    file = file_of("notes:\n  - Rebooted.")
    assert remembered(file, [comment], SETTINGS, TODAY, lambda: 1735, reference) == {}
    stamp = Stamp(reference, TODAY - timedelta(days=2), 1, 5512, 1735)
    both = file_of("notes:\n  - Rebooted.\n  - Rebooted.", {1: stamp})
    assert remembered(both, [comment], SETTINGS, TODAY, lambda: 1735) == {}


def test_a_comment_with_a_line_below_its_reference_is_known_as_well() -> None:
    comment = posted(TODAY - timedelta(days=2))
    signed = replace(comment, body=f"{comment.body}\nMike Sorrel, Copperline IT")
    assert before_of(signed) == before_of(comment)
    assert before_of(replace(comment, body="Rebooted.")) == []


def test_notes_of_a_draft_know_none_of_its_tickets_comments_whatever_its_file_shows() -> None:
    comment = posted(TODAY - timedelta(days=2), id_=LAST_SEEN)
    file = file_of("notes:\n  - Rebooted.")
    assert remembered(file, [comment], SETTINGS, TODAY, lambda: 1735) == {}
    (stamp,) = remembered(file, [comment], SETTINGS, TODAY, lambda: 1735, unseen=True).values()
    assert stamp is not None
    assert stamp.earlier == (comment.body.rpartition(" ")[2],)


def test_of_a_draft_that_became_a_ticket_the_notes_are_left_that_history_lacks() -> None:
    notes = file_of("notes:\n  - Rebooted.\n  - Rebooted.\n  - Replaced the fan.").notes
    references = [note_reference(32162, notes[0], TODAY, 1), note_reference(32162, notes[2], TODAY, 1)]
    assert unposted(32162, notes, TODAY, ()) == list(notes)
    assert unposted(32162, notes, TODAY, references) == [notes[1]]
    assert unposted(32164, notes, TODAY, references) == list(notes)


def test_who_owns_the_key_is_not_asked_where_it_does_not_matter() -> None:
    def asked() -> int:
        raise AssertionError("a request for nothing")

    assert remembered(file_of("notes: []"), [posted(TODAY)], SETTINGS, TODAY, asked) == {}
    assert remembered(file_of("notes:\n  - Other words."), [posted(TODAY)], SETTINGS, TODAY, asked) == {}
