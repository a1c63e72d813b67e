"""Time that goes by itself: Syncro is sent what the plan showed, and it is found again by its reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.app.push.timed import line_item_draft, start_of, timer_draft
from synclog.core.deciding.times import hours_of
from synclog.core.plan import Rate
from synclog.core.references import mentions
from synclog.core.work import NoteWork
from synclog.model import LineItemDraft, TimerDraft

REF = "32162-7k2m9q4x1c"
PHOENIX, BERLIN = ZoneInfo("America/Phoenix"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 4, 20, 21, 30, tzinfo=UTC)
"""Half past two in the afternoon in Phoenix, half past eleven at night in Berlin."""
TODAY = date(2026, 4, 20)
RATE = Rate(1190473, "Remote Support", Decimal("165.00"), taxable=True)


def work(text: str = "Replaced the failed disk.\nWatched it sync.", **fields: Any) -> NoteWork:
    usual: dict[str, Any] = {
        "index": 0,
        "line": 7,
        "text": text,
        "subject": "Update",
        "to": "public",
        "minutes": 80,
        "bills": 90,
        "why_bills": "rounded to 15 min",
        "labor": "remote",
        "product_id": 1190473,
        "day": TODAY,
        "start": None,
        "dated": False,
        "place": 1,
        "reference": REF,
        "stamp": None,
        "filled": (),
    }
    return NoteWork(**{**usual, **fields})


def test_a_timer_entry_has_the_minutes_that_are_billed_and_says_whose_it_is() -> None:
    assert timer_draft(work(), NOW, PHOENIX, 1735) == TimerDraft(
        start_at=NOW - timedelta(minutes=90),
        minutes=90,
        notes=f"Replaced the failed disk. (Ref {REF})",
        product_id=1190473,
        user_id=1735,
    )


def test_a_charge_has_the_products_own_name_rate_and_tax_and_the_hours_that_are_billed() -> None:
    assert line_item_draft(work(), RATE) == LineItemDraft(
        name="Remote Support",
        description=f"Replaced the failed disk. (Ref {REF})",
        quantity=Decimal("1.5"),
        price=Decimal("165.00"),
        taxable=True,
        product_id=1190473,
    )


def test_a_product_without_a_name_gets_one_that_syncro_accepts() -> None:
    assert line_item_draft(work(), replace(RATE, name="")).name == "Labor 1190473"


@given(st.integers(1, 24 * 60))
@settings(derandomize=True, deadline=None)
def test_hours_have_at_most_four_decimals_and_mean_the_same_minutes(minutes: int) -> None:
    quantity = line_item_draft(work(bills=minutes), RATE).quantity
    assert quantity == hours_of(minutes)
    assert -quantity.as_tuple().exponent <= 4  # type: ignore[operator]
    assert abs(quantity * 60 - minutes) <= Decimal("0.003")


# --- when it began ---------------------------------------------------------------------------------------------------


def test_work_of_today_without_a_time_of_day_ends_now() -> None:
    assert start_of(work(bills=90), NOW, PHOENIX) == NOW - timedelta(minutes=90)
    assert start_of(work(bills=90), NOW, BERLIN) == NOW - timedelta(minutes=90)


def test_which_day_is_today_is_what_the_technicians_clock_says() -> None:
    after_midnight = NOW + timedelta(hours=1)
    assert start_of(work(bills=30), after_midnight, PHOENIX) == after_midnight - timedelta(minutes=30)
    assert start_of(work(bills=30), after_midnight, BERLIN) == datetime(2026, 4, 20, 7, 0, tzinfo=UTC)


def test_work_of_another_day_begins_in_the_morning_of_that_day() -> None:
    begun = start_of(work(day=date(2026, 4, 17), dated=True), NOW, PHOENIX)
    assert begun == datetime(2026, 4, 17, 9, 0, tzinfo=PHOENIX)


@pytest.mark.parametrize("day", [TODAY, date(2026, 4, 17), date(2026, 1, 5)])
@pytest.mark.parametrize("zone", [PHOENIX, BERLIN])
def test_work_that_says_when_it_began_begins_then(day: date, zone: ZoneInfo) -> None:
    begun = start_of(work(day=day, start=time(13, 45), dated=True), NOW, zone)
    assert begun == datetime.combine(day, time(13, 45), zone)
    assert begun.tzinfo == UTC


# --- what it says ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "word " * 100,
        "x" * 500,
        "\n\n  Leading lines.  \nMore.",
        "Red \x1b[31m\u202e and \u200b hidden.",
        "\u200b",
        "Grüße 🙂" * 60,
    ],
)
def test_its_text_is_one_line_of_two_hundred_characters_at_most_that_ends_in_the_reference(text: str) -> None:
    notes = timer_draft(work(text), NOW, PHOENIX, 1735).notes
    assert len(notes) <= 200
    assert notes.endswith(f" (Ref {REF})")
    assert notes.isprintable()


@given(st.text(min_size=1, max_size=300).filter(lambda text: text.strip().splitlines()))
@settings(derandomize=True, deadline=None)
def test_whatever_a_note_says_its_time_is_found_again_by_its_reference(text: str) -> None:
    for written in (timer_draft(work(text), NOW, PHOENIX, 1).notes, line_item_draft(work(text), RATE).description):
        assert len(written.splitlines()) == 1
        assert len(written) <= 200
        assert mentions(written, REF)


def test_a_long_first_line_is_cut_where_it_can_be_seen() -> None:
    assert timer_draft(work("x" * 500), NOW, PHOENIX, 1735).notes == f"{'x' * 176}… (Ref {REF})"
