"""Running timers: the minutes they have, the moments that people say, and the text that keeps them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.durations import LONGEST
from synclog.core.moments import clock_words, parse_at
from synclog.core.notes import Note, NoteDate
from synclog.core.running import Noting, Running, alike, minutes_worked, timer_note, whole_minutes, why_ask
from synclog.core.runningfile import decode_running, encode_running

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 4, 24, 18, 30, 20, tzinfo=BERLIN)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(max_size=40)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


# --- minutes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 0), (1, 1), (59, 1), (60, 1), (61, 2), (46 * 60 + 40, 47), (86400, 1440)]
)
def test_what_is_begun_of_a_minute_counts_whole(seconds: int, minutes: int) -> None:
    assert whole_minutes(NOW, NOW + timedelta(seconds=seconds)) == minutes


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_the_minutes_are_never_fewer_than_what_passed_and_less_than_one_more(
    since: datetime, passed: timedelta
) -> None:
    more = timedelta(minutes=whole_minutes(since, since + passed)) - passed
    assert timedelta(0) <= more < timedelta(minutes=1)


def test_the_clocks_changing_in_the_night_neither_adds_nor_takes_an_hour() -> None:
    assert minutes_worked(at("2026-03-29 01:30"), at("2026-03-29 03:30").astimezone(UTC)) == 60
    assert minutes_worked(at("2026-10-25 01:30"), at("2026-10-25 03:30").astimezone(UTC)) == 180


@pytest.mark.parametrize(("passed", "said"), [(timedelta(0), "before it began"), (timedelta(hours=25), "25h, and")])
def test_a_note_has_more_than_nothing_and_no_more_than_a_day(passed: timedelta, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        minutes_worked(NOW, NOW + passed)
    assert minutes_worked(NOW, NOW + timedelta(minutes=LONGEST)) == LONGEST


@pytest.mark.parametrize(
    ("since", "why"),
    [
        ("2026-04-24 09:15", None),
        ("2026-04-24 18:30:20", None),
        ("2026-04-24 06:30:20", None),
        ("2026-04-24 06:30:19", "long"),
        ("2026-04-23 23:59", "overnight"),
        ("2026-04-24 18:30:21", "clock"),
    ],
)
def test_a_person_is_asked_what_the_clock_can_not_say(since: str, why: str | None) -> None:
    assert why_ask(at(since), NOW, BERLIN) == why


def test_the_days_are_those_of_the_workspace() -> None:
    since, now = datetime(2026, 4, 24, 23, 30, tzinfo=UTC), datetime(2026, 4, 25, 0, 30, tzinfo=UTC)
    assert (why_ask(since, now, UTC), why_ask(since, now, BERLIN)) == ("overnight", None)


# --- moments that people say -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("9:15", "2026-04-24 09:15"),
        ("09:15", "2026-04-24 09:15"),
        ("today 9:15", "2026-04-24 09:15"),
        ("yesterday 16:30", "2026-04-23 16:30"),
        ("2026-04-17  09:00", "2026-04-17 09:00"),
        ("2026-04-17T09:00", "2026-04-17 09:00"),
        ("now", "2026-04-24 18:30:20"),
    ],
)
def test_a_moment_is_local_and_a_bare_time_is_one_of_today(said: str, meant: str) -> None:
    assert parse_at(said, NOW, BERLIN) == at(meant)


def test_a_moment_may_carry_its_own_offset() -> None:
    assert parse_at("2026-04-24T09:15-07:00", NOW, BERLIN) == datetime(2026, 4, 24, 16, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("18:31", "in the future"),
        ("2026-04-25 09:00", "in the future"),
        ("25:00", "not a time"),
        ("9", "not a time"),
        ("soon", "not a time"),
        ("2026-04-17", "not a time"),
        ("2026-02-30 09:00", "not a time"),
        ("2026-03-29 02:30", "did not exist"),
        ("2025-10-26 02:30", "2025-10-26T02:30.02:00 or 2025-10-26T02:30.01:00"),
        ("0001-01-01 00:00", "not a time"),
    ],
)
def test_what_is_no_moment_until_now_is_refused(said: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_at(said, NOW, BERLIN)


@pytest.mark.parametrize(
    ("since", "said", "meant"),
    [
        ("2026-04-24 09:15:30", "9:16", "2026-04-24 09:16"),
        ("2026-04-23 16:00", "17:30", "2026-04-23 17:30"),
        ("2026-04-23 22:00", "1:30", "2026-04-24 01:30"),
        ("2026-04-23 18:00", "17:45", "2026-04-24 17:45"),
        ("2026-04-23 16:00", "today 17:30", "2026-04-24 17:30"),
    ],
)
def test_a_bare_end_is_the_first_such_time_after_the_start(since: str, said: str, meant: str) -> None:
    assert parse_at(said, NOW, BERLIN, after=at(since)) == at(meant)


@pytest.mark.parametrize("said", ["9:15", "2026-04-23 09:15", "yesterday 09:00", "18:31"])
def test_an_end_is_between_the_start_and_now(said: str) -> None:
    with pytest.raises(ValueError, match=r"is not between the start \(9:15\) and now"):
        parse_at(said, NOW, BERLIN, after=at("2026-04-24 09:15:30"))


def test_an_end_in_the_hour_that_is_skipped_on_the_first_day_is_one_of_the_second() -> None:
    now, since = at("2026-03-30 08:00"), at("2026-03-29 22:00")
    assert parse_at("2:30", now, BERLIN, after=since) == at("2026-03-30 02:30")


def test_of_an_hour_that_comes_twice_only_what_has_been_is_meant() -> None:
    now = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert parse_at("2:30", now, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="was twice"):
        parse_at("2:30", now + timedelta(hours=1), BERLIN)


@given(st.text(max_size=20) | st.from_regex(r"(\d{4}-\d\d-\d\d|today|yesterday)?[ T]?\d{1,2}:\d\d", fullmatch=True))
def test_whatever_is_said_is_a_moment_not_after_now_or_refused(said: str) -> None:
    with suppress(ValueError):
        assert parse_at(said, NOW, BERLIN) <= NOW


@given(MOMENTS)
def test_a_moment_as_it_is_shown_is_read_back(moment: datetime) -> None:
    minute = moment.replace(second=0, microsecond=0)
    with suppress(ValueError):
        assert parse_at(clock_words(minute, NOW, BERLIN), max(NOW, minute), BERLIN) == minute


# --- the note ----------------------------------------------------------------------------------------------------

BEGUN = at("2026-04-24 09:15:30")
TIMER = Running("0123456789abcdef", ".", 32162, "clients/a/tickets/32162-x.md", "Server", BEGUN, BEGUN)


def test_its_note_begins_at_the_local_start_and_has_the_labor_of_the_start_or_of_the_stop() -> None:
    timer = replace(TIMER, labor="onsite")
    note = timer_note(timer, Note("Done."), 47, BERLIN)
    assert (note.text, note.minutes, note.labor) == ("Done.", 47, "onsite")
    assert note.date == NoteDate(date(2026, 4, 24), time(9, 15))
    assert timer_note(timer, Note("Done.", labor="remote"), 47, BERLIN).labor == "remote"


def test_a_note_is_known_again_by_its_start_and_minutes_whatever_its_words() -> None:
    note = timer_note(TIMER, Note("Done."), 47, BERLIN)
    others = [note.with_text("Done, and cleaned up."), timer_note(TIMER, Note("Done."), 48, BERLIN), Note("Done.")]
    assert alike(others, note) == 1


@pytest.mark.parametrize("word", ["32162", "#32162", "clients/a/tickets/32162-x.md"])
def test_a_timer_is_called_by_its_number(word: str) -> None:
    assert TIMER.is_called(word)
    assert not TIMER.is_called("32163")


def test_a_new_tickets_timer_is_called_by_its_file() -> None:
    draft = replace(TIMER, number=0, path="clients/a/tickets/new-switch.md")
    assert all(draft.is_called(word) for word in ("new-switch", "new-switch.md", draft.path))
    assert draft.name == "new-switch.md"


# --- the text that keeps them ------------------------------------------------------------------------------------

NOTES = st.builds(
    Note,
    text=TEXTS,
    minutes=st.integers(1, LONGEST),
    billed=st.none() | st.integers(1, LONGEST),
    labor=st.none() | TEXTS,
    subject=st.none() | TEXTS,
    to=st.sampled_from([None, "private", "public", "email"]),
    date=st.builds(NoteDate, st.dates(), st.times().map(lambda t: t.replace(second=0, microsecond=0))),
)
TIMERS = st.builds(
    Running,
    id=st.from_regex("[0-9a-f]{16}", fullmatch=True),
    folder=TEXTS,
    number=st.integers(0, 10**9),
    path=TEXTS,
    subject=TEXTS,
    since=MOMENTS,
    made=MOMENTS,
    labor=st.none() | TEXTS,
    noting=st.none() | st.builds(Noting, root=TEXTS, path=TEXTS, note=NOTES, before=st.integers(0, 9)),
)


@given(st.lists(TIMERS, max_size=3, unique_by=lambda timer: timer.id))
def test_what_is_kept_is_read_back(timers: list[Running]) -> None:
    assert decode_running(encode_running(timers)) == tuple(timers)


@given(st.data(), st.lists(TIMERS, min_size=1, max_size=2, unique_by=lambda timer: timer.id))
def test_a_text_that_was_damaged_is_refused_or_read_and_nothing_else(
    data: st.DataObject, timers: list[Running]
) -> None:
    text = encode_running(timers)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    with suppress(ValueError):
        decode_running(
            text[:start] + data.draw(st.sampled_from(["", "null", '"x"', "[", "7", "-1", "{}"])) + text[end:]
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no list of timers"),
        ('{"format": 2, "timers": []}', "format '2'"),
        ('{"format": 1, "timers": [{}]}', "not whole"),
        (encode_running([TIMER, TIMER]), "twice"),
        (encode_running([TIMER]).replace("+00:00", ""), "not whole"),
    ],
)
def test_what_is_wrong_with_it_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decode_running(text)
