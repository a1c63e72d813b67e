"""Where history and Syncro differ, and that nothing is called gone that was not looked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from synclog.core.differences import Seen, Sent, differences, sent_work
from synclog.core.periods import Period
from synclog.core.trail import TrailEntry

REF = "32162-7k2m9q4x1c"
WHEN = datetime(2026, 4, 17, 19, tzinfo=UTC)
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30))
NOTE = TrailEntry("comment", 32162, REF, comment=9001, timer=77, minutes=90, billed_minutes=135, when=WHEN)
INVOICE = TrailEntry("invoice", 32162, "32162-invoice", invoice="41206", when=WHEN)


def found(seen: Seen, *entries: TrailEntry) -> list[str]:
    return [one.what for one in differences(sent_work(entries, APRIL, UTC), seen)]


def test_what_is_there_as_it_was_sent_is_no_difference() -> None:
    assert found(Seen({77: 135}, invoices={"41206"}, whole_timers={32162}, whole_invoices={32162}), NOTE, INVOICE) == []


def test_other_minutes_are_said() -> None:
    assert found(Seen({77: 60}), NOTE) == ["Syncro bills 60 min, 135 min were sent"]
    assert found(Seen(times={REF: 60}), replace(NOTE, timer=None)) == ["Syncro bills 60 min, 135 min were sent"]


def test_what_was_looked_for_and_is_not_there_is_gone() -> None:
    seen = Seen(whole_timers={32162}, whole_items={32162}, whole_invoices={32162})
    charge = replace(NOTE, timer=None, line_items=(5, 6))
    assert found(seen, NOTE, INVOICE) == ["its time (timer 77) is gone", "invoice 41206 is gone"]
    assert found(replace(seen, items={5}), charge) == ["its charge 6 is gone"]


def test_what_was_not_looked_for_is_not_called_gone() -> None:
    assert found(Seen(), NOTE, INVOICE, replace(NOTE, timer=None, line_items=(5,))) == []


def test_a_correction_says_what_is_to_be_there() -> None:
    corrected = TrailEntry("correct", 32162, REF, minutes=60, when=WHEN)
    assert found(Seen({77: 60}), NOTE, corrected) == []
    assert found(Seen({77: 135}), NOTE, corrected) == ["Syncro bills 135 min, 60 min were sent"]
    assert found(Seen(whole_timers={32162}), NOTE, replace(corrected, minutes=0)) == []


def test_only_what_was_posted_in_the_period_is_compared() -> None:
    early = replace(NOTE, when=datetime(2026, 3, 1, tzinfo=UTC))
    assert sent_work([early], APRIL, UTC) == []
    assert sent_work([early, replace(NOTE, op="correct", minutes=60, billed_minutes=None, timer=None)], APRIL, UTC) == [
        Sent(32162, REF, timer=77, billed=60)
    ]
