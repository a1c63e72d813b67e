"""The audit log: what is shown, and that nothing counts twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from synclog.core.audit import Named, Posted, Wanted, audit_log, totals
from synclog.core.periods import Period
from synclog.core.trail import Op, TrailEntry

ZONE = ZoneInfo("America/Phoenix")
NOON = datetime(2026, 4, 17, 19, tzinfo=UTC)
NAMES = {32162: Named("Len's Auto Brokerage", "Server upgrade")}


def entry(op: Op = "comment", minutes: int | None = 90, **more: object) -> TrailEntry:
    values = {"reference": "32162-7k2m9q4x1c", "minutes": minutes, "when": NOON, "author": "Mike Sorrel"} | more
    ticket = values.pop("ticket", 32162)
    return TrailEntry(op, ticket, author_email="mike@copperline.example", **values)  # type: ignore[arg-type]


def shown(*entries: TrailEntry, **wanted: object) -> list[Posted]:
    return list(audit_log(entries, NAMES, ZONE, Wanted(**wanted)))  # type: ignore[arg-type]


def test_days_are_local_ones() -> None:
    late = entry(when=datetime(2026, 4, 18, 6, 59, tzinfo=UTC))
    assert shown(late)[0].day == date(2026, 4, 17)
    assert shown(late, period=Period(date(2026, 4, 18))) == []
    assert len(shown(late, period=Period(date(2026, 4, 17), date(2026, 4, 17)))) == 1


def test_technicians_and_customers_are_found_by_a_part_of_their_names() -> None:
    one = entry()
    assert len(shown(one, tech="SORREL", customer="brokerage")) == 1
    assert len(shown(one, tech="mike@copperline.example")) == 1
    assert shown(one, tech="copperline") == []
    assert shown(one, customer="bakery") == []
    assert shown(entry(ticket=1), customer="brokerage") == []


def test_time_that_came_after_its_comment_counts_once() -> None:
    waits = entry(minutes=None, time_waits=True)
    assert totals(shown(waits, entry("time", 90, billed_minutes=135))).minutes == 90
    assert totals(shown(waits, entry("time", 90, billed_minutes=135))).billed_minutes == 135


def test_a_correction_counts_with_what_it_changed_wherever_the_first_word_was() -> None:
    later = NOON + timedelta(days=14)
    log = [entry(minutes=90), entry("correct", 60, when=later), entry("correct", 0, when=later + timedelta(days=1))]
    assert totals(shown(*log[:2])).minutes == 60
    assert totals(shown(*log)).minutes == 0
    assert totals(shown(*log[:2], period=Period(date(2026, 5, 1)))).minutes == -30
    assert totals(shown(*log[:2], period=Period(date(2026, 5, 1)))).billed_minutes == -30


def test_a_correction_of_the_labor_alone_changes_no_minutes() -> None:
    assert totals(shown(entry(minutes=90, billed_minutes=135), entry("correct", None, labor="onsite"))).minutes == 90


OPS: list[Op] = ["comment", "time", "correct", "update", "invoice"]
entries = st.builds(
    lambda op, minutes, billed, place, days, ticket: entry(
        op,
        minutes,
        billed_minutes=billed,
        reference=f"{ticket}-000000000{place}" if place else None,
        when=NOON + timedelta(days=days),
        ticket=ticket,
    ),
    st.sampled_from(OPS),
    st.none() | st.integers(0, 1440),
    st.none() | st.integers(0, 1440),
    st.integers(0, 3),
    st.integers(0, 5),
    st.sampled_from([32162, 32164]),
)


@given(st.lists(entries, max_size=12))
def test_the_totals_of_the_days_are_those_of_the_whole(log: list[TrailEntry]) -> None:
    days = [NOON.astimezone(ZONE).date() + timedelta(days=one) for one in range(6)]
    parts = [totals(shown(*log, period=Period(day, day))) for day in days]
    whole = totals(shown(*log))
    assert whole.entries == len(log) == sum(part.entries for part in parts)
    assert whole.minutes == sum(part.minutes for part in parts)
    assert whole.billed_minutes == sum(part.billed_minutes for part in parts)
