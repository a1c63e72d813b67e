"""The audit trail's trailers: what is written reads back, and nobody's commit message can bend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.trail import (
    Ledger,
    TrailEntry,
    message_with,
    parse_all_trailers,
    parse_pulled_to,
    parse_stamps,
    pulled_to_trailer,
    stamp_message,
    trailers_of,
)


def parse_trailers(text: str) -> TrailEntry | None:
    """The last entry of a message."""
    return next(reversed(parse_all_trailers(text)), None)


FULL = TrailEntry(
    op="comment",
    ticket=32162,
    reference="32162-7k2m9q4x1c",
    comment=9001,
    timer=77,
    line_items=(5, 6),
    invoice="INV-118",
    minutes=90,
    billed_minutes=135,
    labor="remote",
)


def test_the_trailers_are_the_documented_ones() -> None:
    assert trailers_of(FULL) == (
        "Synclog-Op: comment\n"
        "Synclog-Entry: 32162-7k2m9q4x1c\n"
        "Syncro-Ticket: 32162\n"
        "Syncro-Comment: 9001\n"
        "Syncro-Timer: 77\n"
        "Syncro-Line-Item: 5\n"
        "Syncro-Line-Item: 6\n"
        "Syncro-Invoice: INV-118\n"
        "Synclog-Minutes: 90\n"
        "Synclog-Billed-Minutes: 135\n"
        "Synclog-Labor: remote\n"
    )


ids = st.none() | st.integers(min_value=0, max_value=10**17)
entries = st.builds(
    TrailEntry,
    op=st.sampled_from(["comment", "time", "invoice", "update", "create", "correct"]),
    ticket=st.integers(min_value=1, max_value=10**11),
    reference=st.none() | st.from_regex(r"\A(?:[0-9]{1,12}|new)-[0-9a-z]{10}\Z"),
    comment=ids,
    timer=ids,
    line_items=st.lists(st.integers(0, 10**17), max_size=3).map(tuple),
    invoice=st.none() | st.from_regex(r"\A[A-Z0-9-]{1,20}\Z"),
    minutes=ids,
    billed_minutes=ids,
    labor=st.none() | st.sampled_from(["remote", "Vor Ort", "notfall-ü"]),
)


@given(entries)
@settings(deadline=None, max_examples=100)
def test_an_entry_reads_back_as_it_was_written(entry: TrailEntry) -> None:
    assert parse_trailers(message_with("comment: #1", [entry])) == entry


@given(st.text(max_size=300), st.lists(entries, max_size=3))
@settings(deadline=None, max_examples=100)
def test_no_summary_adds_or_hides_an_entry(summary: str, written: list[TrailEntry]) -> None:
    assert parse_all_trailers(message_with(summary, written)) == tuple(written)


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=100)
def test_no_message_makes_the_reader_fail(text: str) -> None:
    parse_all_trailers(text)
    parse_all_trailers("x\n\nSynclog-Op: comment\nSyncro-Ticket: 1\nSyncro-Comment: " + text)
    parse_pulled_to("Synclog-Pulled-To: " + text)


def test_a_summary_that_poses_as_a_trailer_is_no_entry() -> None:
    message = "Synclog-Op: comment\nSyncro-Ticket: 32162\n"
    assert parse_trailers(message) is None


def test_a_squashed_commit_gives_each_of_its_entries() -> None:
    other = replace(FULL, reference="32164-0000000001", ticket=32164)
    squashed = "Squashed commit\n\n" + "\n".join(
        "    " + line for line in (message_with("a", [FULL]) + "\n" + message_with("b", [other])).split("\n")
    )
    assert parse_all_trailers(squashed) == (FULL, other)


def test_blocks_joined_without_a_blank_line_are_still_two_entries() -> None:
    other = replace(FULL, comment=1)
    assert parse_all_trailers("x\n\n" + trailers_of(FULL) + trailers_of(other)) == (FULL, other)


@pytest.mark.parametrize(
    "block",
    [
        "Synclog-Op: launder\nSyncro-Ticket: 1",
        "Synclog-Op: comment",
        "Synclog-Op: comment\nSyncro-Ticket: one",
        "Synclog-Op: comment\nSyncro-Ticket: -1",
        "Synclog-Op: comment\nSyncro-Ticket: ١٢",
        "Syncro-Ticket: 1\nSynclog-Entry: 32162-7k2m9q4x1c",
    ],
)
def test_a_block_that_is_not_an_entry_is_ignored(block: str) -> None:
    assert parse_all_trailers(f"x\n\n{block}\n") == ()


def test_values_that_cannot_be_are_left_out() -> None:
    block = (
        "Synclog-Op: time\nSyncro-Ticket: 1\nSynclog-Entry: ../../x\nSyncro-Comment: 1e9\n"
        "Synclog-Minutes: -5\nSynclog-Labor: re\x1b[31mmote\nSyncro-Line-Item: 4\nSyncro-Line-Item: x\n"
    )
    assert parse_trailers(f"x\n\n{block}") == TrailEntry("time", 1, labor="re [31mmote", line_items=(4,))


def test_the_first_of_two_values_counts() -> None:
    block = "Synclog-Op: time\nSyncro-Ticket: 1\nSynclog-Minutes: 15\nSynclog-Minutes: 900\n"
    entry = parse_trailers(f"x\n\n{block}")
    assert entry is not None
    assert entry.minutes == 15


def test_written_values_stay_on_their_line() -> None:
    forged = replace(FULL, labor="remote\nSyncro-Comment: 1", invoice="7\r\n\r\nSynclog-Op: comment")
    entries = parse_all_trailers(message_with("x", [forged]))
    assert len(entries) == 1
    assert entries[0].comment == 9001


def test_copies_of_an_entry_have_one_identity_and_corrections_have_their_own() -> None:
    noon = datetime(2026, 4, 17, 12, tzinfo=UTC)
    assert replace(FULL, commit="a", when=noon).identity() == replace(FULL, commit="b").identity()
    first = replace(FULL, op="correct", when=noon)
    again = replace(FULL, op="correct", when=noon + timedelta(minutes=5))
    assert first.identity() != again.identity()
    assert first.identity() == replace(first, commit="copied").identity()


def test_how_far_a_pull_came_reads_back_in_utc() -> None:
    moment = datetime(2026, 4, 17, 11, 17, 40, tzinfo=timezone(timedelta(hours=-7)))
    assert pulled_to_trailer(moment) == "Synclog-Pulled-To: 2026-04-17T18:17:40+00:00\n"
    assert parse_pulled_to("pull\n\n" + pulled_to_trailer(moment)) == moment


@pytest.mark.parametrize("value", ["", "soon", "2026-04-17", "2026-04-17T10:00:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_is_none_is_ignored(value: str) -> None:
    assert parse_pulled_to(f"pull\n\nSynclog-Pulled-To: {value}\n") is None


# --- stamps ----------------------------------------------------------------------------------------------------------

REFERENCES = st.lists(st.from_regex(r"\A(?:[0-9]{1,12}|new)-(?:[0-9a-z]{10}|invoice)\Z"), max_size=4)


def test_a_commit_of_stamps_is_the_documented_one() -> None:
    assert stamp_message("stamp: #32162 (1 note)", ["32162-7k2m9q4x1c"]) == (
        "stamp: #32162 (1 note)\n\nSynclog-Stamp: 32162-7k2m9q4x1c\n"
    )
    assert stamp_message("stamp: taken back", ["new-7k2m9q4x1c"], taken_back=True) == (
        "stamp: taken back\n\nSynclog-Unstamp: new-7k2m9q4x1c\n"
    )


@given(st.text(max_size=120), REFERENCES, st.booleans())
@settings(deadline=None, derandomize=True)
def test_stamps_read_back_as_they_were_written_and_no_summary_adds_one(
    summary: str, references: list[str], taken_back: bool
) -> None:
    message = stamp_message(summary, references, taken_back=taken_back)
    assert parse_stamps(message) == tuple((reference, not taken_back) for reference in references)
    assert parse_all_trailers(message) == ()


@given(st.text(max_size=200))
@settings(deadline=None, derandomize=True)
def test_no_message_makes_the_reader_of_stamps_fail(text: str) -> None:
    parse_stamps(text)
    parse_stamps("x\n\nSynclog-Stamp: " + text)


def test_a_squashed_commit_gives_its_stamps_in_order_beside_its_entries() -> None:
    message = (
        "Squashed\n\n"
        + "    Synclog-Stamp: 32162-7k2m9q4x1c\n"
        + message_with("b", [FULL])
        + "\nSynclog-Unstamp: 32162-7k2m9q4x1c\nSynclog-Stamp: 32162-invoice\n"
    )
    assert parse_stamps(message) == (
        ("32162-7k2m9q4x1c", True),
        ("32162-7k2m9q4x1c", False),
        ("32162-invoice", True),
    )
    assert parse_all_trailers(message) == (FULL,)


@pytest.mark.parametrize(
    "line", ["Synclog-Stamp: x", "Synclog-Stamp: ../32162-7k2m9q4x1c", "Synclog-Stamp:", "Stamp: 32162-7k2m9q4x1c"]
)
def test_what_is_not_a_stamp_is_ignored(line: str) -> None:
    assert parse_stamps(f"x\n\n{line}\n") == ()
    assert parse_stamps("Synclog-Stamp: 32162-7k2m9q4x1c\n") == (), "a summary is never one"


# --- what history says of a ticket -----------------------------------------------------------------------------------

COMMENT = TrailEntry("comment", 32162, "32162-7k2m9q4x1c", comment=9001)
TIMED = replace(COMMENT, timer=77, line_items=(5,), minutes=90, billed_minutes=90, labor="remote")
ITS_TIME = TrailEntry("time", 32162, "32162-7k2m9q4x1c", comment=9001, timer=77, minutes=90, billed_minutes=90)
OTHER = replace(TIMED, reference="32162-0000000000", comment=9002, timer=78, line_items=(6,))


def test_what_was_posted_is_recorded_and_what_has_its_time_is_timed() -> None:
    assert Ledger().recorded == Ledger().timed == frozenset()
    assert Ledger((COMMENT,)).recorded == {"32162-7k2m9q4x1c"}
    assert Ledger((COMMENT,)).timed == frozenset()
    for entries in ((TIMED,), (ITS_TIME, COMMENT), (replace(ITS_TIME, timer=None), COMMENT)):
        assert Ledger(entries).timed == {"32162-7k2m9q4x1c"}


def test_a_note_whose_comment_is_posted_and_whose_time_is_not_says_so() -> None:
    waiting = replace(COMMENT, time_waits=True)
    assert Ledger((waiting, OTHER)).timed == {"32162-0000000000"}
    assert Ledger((waiting, OTHER)).untimed == {"32162-7k2m9q4x1c": waiting}
    assert Ledger((ITS_TIME, waiting, OTHER)).untimed == Ledger((COMMENT, OTHER)).untimed == {}


def test_what_has_no_reference_is_neither() -> None:
    entries = (
        TrailEntry("invoice", 32162, invoice="41002"),
        TrailEntry("update", 32162),
        replace(TIMED, reference=None),
    )
    assert Ledger(entries).recorded == Ledger(entries).timed == frozenset()


def test_time_is_taken_by_all_other_work_and_never_by_its_own() -> None:
    corrected = TrailEntry("correct", 32162, "32162-0000000000", timer=79)
    ledger = Ledger((corrected, OTHER, TIMED, replace(TIMED, reference=None, timer=80, line_items=())))
    assert ledger.taken("32162-7k2m9q4x1c") >= {78, 79, 80, -6}
    assert ledger.taken("32162-7k2m9q4x1c").isdisjoint({77, -5})
    assert ledger.taken("32162-zzzzzzzzzz") >= {77, 78, 79, 80, -5, -6}


def test_a_ledger_with_one_more_entry_knows_it_and_keeps_the_rest() -> None:
    ledger = Ledger((OTHER,), frozenset({"32162-7k2m9q4x1c"}))
    more = ledger.with_entry(TIMED)
    assert more.entries == (TIMED, OTHER)
    assert more.begun == ledger.begun
    assert more.timed == more.recorded == {"32162-7k2m9q4x1c", "32162-0000000000"}
    assert ledger.entries == (OTHER,)
