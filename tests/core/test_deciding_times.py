"""What push does next with a note's time and its charge: the tables row by row, and what holds for every case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.deciding.notes import note_step
from synclog.core.deciding.steps import (
    CHARGE_NOT_SHOWN,
    DELETED,
    NOT_SHOWN,
    TIME_NOT_RECORDED,
    TIME_NOT_SHOWN,
    Accepted,
    AddTime,
    Charge,
    Doubt,
    Evidence,
    Hold,
    NoteCase,
    ReadBack,
    ReadTimes,
    Record,
    Restamp,
    Send,
    TimeRecord,
    Times,
    TimeWanted,
    Wait,
    on_another_labor,
)
from synclog.core.deciding.times import billed_minutes, hours_of, is_charged, minutes_of, time_of, time_problem
from synclog.core.settings import TimeVia
from synclog.core.trail import Ledger, TrailEntry
from synclog.model import Comment, LineItem, TimerEntry

OWNER, OTHER, LABOR, OTHER_LABOR = 1735, 24406, 1190473, 26118
REF, OLD, NEIGHBOUR = "32162-7k2m9q4x1c", "32162-0000000000", "32162-2222222222"
BODY = f"<p>Replaced the failed disk.</p>\n<p>Ref {REF}</p>"
TEXT = f"Replaced the failed disk. (Ref {REF})"
NOON = datetime(2026, 4, 17, 12, 0, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)
THERE = Comment(11, 7, "Update", BODY, "Mike Sorrel", OWNER, False, NOON)


def timer(id_: int, **fields: Any) -> TimerEntry:
    usual: dict[str, Any] = {
        "ticket_id": 7,
        "user_id": OWNER,
        "start_at": NOON,
        "minutes": 90,
        "billable_minutes": 90,
        "billable": True,
        "charged": False,
        "product_id": LABOR,
        "notes": "",
        "created_at": AFTER,
    }
    return TimerEntry(id=id_, **{**usual, **fields})


def item(id_: int, **fields: Any) -> LineItem:
    usual: dict[str, Any] = {
        "ticket_id": 7,
        "product_id": LABOR,
        "name": "Remote Support",
        "description": "",
        "quantity": Decimal("1.5"),
        "price": Decimal("165.00"),
        "taxable": False,
        "invoiced": False,
        "created_at": AFTER,
        "user_id": OWNER,
    }
    return LineItem(id=id_, **{**usual, **fields})


def detail(*records: TimeRecord, complete: bool = False) -> Times:
    timers = tuple(r for r in records if isinstance(r, TimerEntry))
    return Times(timers, tuple(r for r in records if isinstance(r, LineItem)), complete)


def lists(*records: TimeRecord) -> Times:
    return detail(*records, complete=True)


def seen(times: Times | None, **known: Any) -> Evidence:
    return Evidence((THERE,), OWNER, times=times, **known)


def wanted(via: TimeVia = "timer", charge: bool = False) -> TimeWanted:
    return TimeWanted(LABOR, 90, via, charge)


def note(via: TimeVia = "timer", charge: bool = False, **fields: Any) -> NoteCase:
    """A note that this run stamped."""
    return replace(NoteCase(REF, BODY, stamped=REF, stamped_by=OWNER, after=10), time=wanted(via, charge), **fields)


def accepted(**what: Any) -> Accepted:
    return Accepted(comment=THERE, **what)


WAYS = ("comment", "timer", "line_item")
ALONE = ("timer", "line_item")
NAMED = timer(20, notes=TEXT)
CHARGED = timer(20, notes=TEXT, charged=True, line_item_id=21)
ITS_CHARGE = item(21, description=TEXT)


# --- which time it is ------------------------------------------------------------------------------------------------


def found_in(*records: TimeRecord, reference: str = REF, **known: Any) -> TimeRecord | Doubt | None:
    return time_of(wanted(), THERE, reference, seen(lists(*records), **known))


def test_time_is_known_by_its_comment_whatever_the_account_rounded() -> None:
    rounded = timer(2, comment_id=11, minutes=90, billable_minutes=120, product_id=OTHER_LABOR)
    assert found_in(timer(1), rounded) == rounded


def test_time_is_known_by_its_reference_then_by_labor_and_minutes() -> None:
    assert found_in(timer(4), timer(3, notes=TEXT, minutes=60)) == timer(3, notes=TEXT, minutes=60)
    assert found_in(timer(5), timer(4)) == timer(4)


def test_a_charge_without_a_timer_entry_is_known_by_its_reference_in_name_or_description() -> None:
    for charge in (item(3, description=TEXT, quantity=Decimal("9")), item(3, name=f"Remote Support ({REF})")):
        assert found_in(charge) == charge


def test_a_timer_entry_and_the_charge_that_was_made_of_it_are_one_piece_of_time() -> None:
    assert found_in(CHARGED, ITS_CHARGE) == CHARGED
    without_id = timer(20, notes=TEXT, charged=True)
    assert found_in(without_id, ITS_CHARGE) == without_id


@pytest.mark.parametrize(
    "records",
    [
        (NAMED, timer(22, notes=TEXT)),
        (NAMED, timer(22, comment_id=11)),
        (NAMED, ITS_CHARGE),
        (CHARGED, ITS_CHARGE, item(22, description=TEXT)),
        (ITS_CHARGE, item(22, description=TEXT)),
    ],
)
def test_more_than_one_piece_of_time_of_one_note_is_doubtful(records: tuple[TimeRecord, ...]) -> None:
    step = found_in(*records)
    assert isinstance(step, Doubt)
    assert set(step.times) <= set(records)


@pytest.mark.parametrize(
    "other",
    [
        timer(1, minutes=60),
        timer(1, product_id=OTHER_LABOR),
        timer(1, user_id=OTHER),
        timer(1, user_id=None),
        timer(1, comment_id=99),
        timer(1, created_at=BEFORE),
        timer(1, notes=f"Something else (Ref {NEIGHBOUR})"),
        item(1, quantity=Decimal("1")),
        item(1, product_id=OTHER_LABOR),
        item(1, user_id=OTHER),
        item(1, created_at=BEFORE),
        item(1, description=f"Something else (Ref {NEIGHBOUR})"),
    ],
)
def test_time_of_something_else_is_not_taken_for_ours(other: TimeRecord) -> None:
    assert found_in(other) is None


@pytest.mark.parametrize("user", [OWNER, None])
def test_a_charge_of_the_same_labor_and_hours_since_its_comment_is_doubtful_not_ours(user: int | None) -> None:
    step = found_in(item(3, user_id=user))
    assert isinstance(step, Doubt)
    assert step.times == (item(3, user_id=user),)


def test_a_charge_that_was_made_of_another_timer_entry_means_nothing() -> None:
    other = timer(2, user_id=OTHER, charged=True, line_item_id=3)
    assert found_in(other, item(3)) is None


@pytest.mark.parametrize("record", [timer(5), item(5)])
def test_time_that_history_has_for_another_note_does_not_answer_for_this_one(record: TimeRecord) -> None:
    timers = record.id if isinstance(record, TimerEntry) else None
    items = (record.id,) if isinstance(record, LineItem) else ()
    entry = TrailEntry("comment", 32162, NEIGHBOUR, comment=10, timer=timers, line_items=items, minutes=90)
    ledger = Ledger((entry,))
    assert found_in(record, taken=ledger.taken(REF)) is None
    assert found_in(record, taken=ledger.taken(NEIGHBOUR)) is not None


def test_a_charge_and_a_timer_entry_may_have_one_number_and_are_two_things() -> None:
    charges = Ledger((TrailEntry("comment", 32162, NEIGHBOUR, comment=10, line_items=(5,), minutes=90),))
    assert found_in(timer(5), taken=charges.taken(REF)) == timer(5)
    timers = Ledger((TrailEntry("comment", 32162, NEIGHBOUR, comment=10, timer=5, minutes=90),))
    assert isinstance(found_in(item(5), taken=timers.taken(REF)), Doubt)


def test_time_whose_words_quote_another_note_answers_for_its_own_alone() -> None:
    quoting = timer(5, notes=f"As in Ref {REF}, the second disk. (Ref {NEIGHBOUR})")
    assert found_in(quoting) is None
    assert found_in(quoting, reference=NEIGHBOUR) == quoting


CUT = replace(THERE, body="<p>Replaced the failed disk.</p>")


def found_since(record: TimeRecord, comment: Comment, **more: Any) -> TimeRecord | Doubt | None:
    """The time of a note that was changed after it was posted as `comment`: its reference was OLD."""
    timers = (record,) if isinstance(record, TimerEntry) else ()
    items = (record,) if isinstance(record, LineItem) else ()
    seen = Evidence((comment,), OWNER, times=Times(timers, items, complete=True), **more)
    return time_of(TimeWanted(LABOR, 30, "timer"), comment, REF, seen, {OLD})


@pytest.mark.parametrize("record", [timer(5, notes=f"Disk (Ref {OLD})"), item(5, description=f"Disk (Ref {OLD})")])
@pytest.mark.parametrize("comment", [replace(THERE, body=f"<p>Disk.</p><p>Ref {OLD}</p>"), CUT])
def test_a_changed_note_has_the_time_that_was_sent_before_it_was_changed(record: TimeRecord, comment: Comment) -> None:
    assert found_since(record, comment) == record


def test_where_references_are_cut_off_time_that_history_has_for_another_note_stays_its_own() -> None:
    assert found_since(timer(5, notes=f"Disk (Ref {OLD})"), CUT, taken={5}) is None


@pytest.mark.parametrize("record", [timer(5), item(5)])
def test_time_without_a_reference_may_be_that_of_a_note_that_was_changed_since_whatever_its_minutes(
    record: TimeRecord,
) -> None:
    assert isinstance(found_since(record, CUT), Doubt)
    assert found_since(replace(record, created_at=BEFORE), CUT) is None


@pytest.mark.parametrize("record", [timer(5, notes=f"(Ref {NEIGHBOUR})"), item(5, description=f"(Ref {NEIGHBOUR})")])
def test_where_references_are_cut_off_time_with_one_that_no_comment_has_is_asked_about(record: TimeRecord) -> None:
    timers = (record,) if isinstance(record, TimerEntry) else ()
    items = (record,) if isinstance(record, LineItem) else ()
    seen = Evidence((CUT,), OWNER, times=Times(timers, items, complete=True))
    assert isinstance(time_of(TimeWanted(LABOR, 90, "timer"), CUT, REF, seen), Doubt)
    assert time_of(TimeWanted(LABOR, 90, "timer"), CUT, REF, replace(seen, recorded={NEIGHBOUR})) is None
    assert time_of(TimeWanted(LABOR, 60, "timer"), CUT, REF, seen) is None


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (timer(1), None),
        (timer(1, billable_minutes=120), None),
        (timer(1, minutes=0), None),
        (timer(1, billable_minutes=0), None),
        (timer(1, minutes=0, billable_minutes=0), TIME_NOT_RECORDED),
        (timer(1, product_id=OTHER_LABOR), on_another_labor(OTHER_LABOR)),
        (timer(1, product_id=None), None),
        (item(1), None),
        (item(1, quantity=Decimal("0")), TIME_NOT_RECORDED),
        (item(1, product_id=OTHER_LABOR), on_another_labor(OTHER_LABOR)),
    ],
)
def test_what_is_wrong_with_time_that_was_read_back(record: TimeRecord, problem: str | None) -> None:
    assert time_problem(record, wanted()) == problem


@given(st.integers(1, 24 * 60))
@settings(derandomize=True, deadline=None)
def test_minutes_go_out_as_hours_with_four_decimals_and_come_back_the_same(minutes: int) -> None:
    hours = hours_of(minutes)
    assert hours == hours.quantize(Decimal("0.0001"))
    assert abs(hours * 60 - minutes) <= Decimal("0.003"), "a whole hundredth of an hour is money"
    assert minutes_of(item(1, quantity=hours)) == billed_minutes(item(1, quantity=hours)) == minutes


# --- the table of its time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("via", WAYS)
def test_once_its_comment_is_there_the_tickets_time_is_read(via: TimeVia) -> None:
    assert note_step(note(via, in_flight=True), seen(None)) == ReadTimes()
    assert note_step(note(via, in_flight=True), seen(detail(), settled=True)) == ReadTimes()


@pytest.mark.parametrize("via", WAYS)
@pytest.mark.parametrize("record", [timer(20, comment_id=11), NAMED, timer(20)])
def test_time_that_is_there_is_recorded_with_its_comment_whichever_way_it_went(
    via: TimeVia, record: TimerEntry
) -> None:
    for times in (detail(record), lists(record)):
        assert note_step(note(via, in_flight=True), seen(times)) == Record(THERE, record)


@pytest.mark.parametrize("via", WAYS)
def test_a_charge_with_its_reference_is_its_time_and_recorded(via: TimeVia) -> None:
    assert note_step(note(via, in_flight=True), seen(lists(ITS_CHARGE))) == Record(THERE, ITS_CHARGE)


def test_minutes_that_the_account_rounded_are_recorded_as_it_says() -> None:
    rounded = timer(20, notes=TEXT, minutes=90, billable_minutes=105)
    assert note_step(note(), seen(lists(rounded))) == Record(THERE, rounded)


@pytest.mark.parametrize("via", WAYS)
def test_time_that_may_be_under_way_is_waited_for(via: TimeVia) -> None:
    assert note_step(note(via, in_flight=True), seen(lists())) == Wait()


@pytest.mark.parametrize("via", ALONE)
def test_time_that_is_surely_not_there_is_sent_alone(via: TimeVia) -> None:
    assert note_step(note(via, in_flight=True), seen(lists(), settled=True)) == AddTime(THERE)
    assert note_step(note(via), seen(lists())) == AddTime(THERE)


def test_time_that_went_with_its_comment_and_is_not_there_waits_for_a_person_and_is_not_called_done() -> None:
    for case in (note("comment", in_flight=True), note("comment", accepted=accepted(read_back=True))):
        assert note_step(case, seen(lists(), settled=True)) == Hold(11, TIME_NOT_RECORDED)


@pytest.mark.parametrize("via", ALONE)
def test_a_note_that_waited_for_its_time_gets_it_once_the_setting_is_changed(via: TimeVia) -> None:
    waiting = note(via, in_flight=True, comment=11, problem=TIME_NOT_RECORDED)
    assert note_step(waiting, seen(lists(), recorded={REF})) == AddTime(THERE)
    assert note_step(waiting, seen(lists(NAMED), recorded={REF})) == Record(THERE, NAMED)
    still = note("comment", in_flight=True, comment=11, problem=TIME_NOT_RECORDED)
    assert note_step(still, seen(lists(), recorded={REF})) == Hold(11, TIME_NOT_RECORDED)


@pytest.mark.parametrize("via", WAYS)
@pytest.mark.parametrize("problem", [TIME_NOT_SHOWN, CHARGE_NOT_SHOWN, DELETED, on_another_labor(OTHER_LABOR)])
def test_what_waits_for_a_person_for_another_reason_goes_on_waiting(via: TimeVia, problem: str) -> None:
    waiting = note(via, in_flight=True, comment=11, problem=problem)
    assert note_step(waiting, seen(lists(), recorded={REF}, settled=True)) == Hold(11, problem)
    assert note_step(waiting, seen(lists(NAMED), recorded={REF}, settled=True)) == Record(THERE, NAMED)


@pytest.mark.parametrize("via", WAYS)
def test_time_on_another_labor_product_is_not_called_done(via: TimeVia) -> None:
    wrong = timer(20, notes=TEXT, product_id=OTHER_LABOR)
    assert note_step(note(via), seen(lists(wrong), settled=True)) == Hold(11, on_another_labor(OTHER_LABOR))
    assert note_step(note(via), seen(detail(wrong), settled=True)) == ReadTimes()


def test_time_of_no_minutes_is_time_that_was_dropped() -> None:
    empty = timer(20, comment_id=11, minutes=0, billable_minutes=0)
    assert note_step(note("comment"), seen(lists(empty), settled=True)) == Hold(11, TIME_NOT_RECORDED)


@pytest.mark.parametrize("via", WAYS)
def test_more_than_one_piece_of_time_is_doubtful_and_none_is_added(via: TimeVia) -> None:
    step = note_step(note(via), seen(lists(NAMED, timer(22, notes=TEXT)), settled=True))
    assert isinstance(step, Doubt)
    assert set(step.times) == {NAMED, timer(22, notes=TEXT)}


@pytest.mark.parametrize("via", WAYS)
def test_time_that_history_calls_settled_and_syncro_does_not_show_is_doubtful(via: TimeVia) -> None:
    known = note(via, in_flight=True, comment=11)
    step = note_step(known, seen(lists(), recorded={REF}, timed={REF}, settled=True))
    assert isinstance(step, Doubt)


def test_a_detail_that_shows_no_timer_entries_makes_no_doubt_of_a_charge_that_was_made_of_one() -> None:
    unlinked = timer(20, charged=True, line_item_id=21)
    case = note("comment", charge=True, accepted=accepted(read_back=True))
    assert note_step(case, seen(detail(item(21)))) == ReadTimes()
    assert note_step(case, seen(lists(unlinked, item(21)))) == Record(THERE, unlinked)


# --- accepted in this run --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("via", ALONE)
def test_after_its_comment_was_accepted_the_time_is_sent_at_once(via: TimeVia) -> None:
    assert note_step(note(via, accepted=accepted()), Evidence((), OWNER)) == AddTime(THERE)


def test_time_that_went_with_the_comment_is_read_back() -> None:
    assert note_step(note("comment", accepted=accepted()), Evidence((), OWNER)) == ReadBack()


@pytest.mark.parametrize("via", ALONE)
def test_time_that_was_accepted_is_read_back_and_recorded(via: TimeVia) -> None:
    assert note_step(note(via, accepted=accepted(time=20)), Evidence((), OWNER)) == ReadBack()
    after = note(via, accepted=accepted(time=20, read_back=True))
    assert note_step(after, seen(detail(NAMED))) == Record(THERE, NAMED)


@pytest.mark.parametrize("via", ALONE)
def test_time_that_was_accepted_and_is_not_shown_waits_for_a_person_and_is_not_sent_again(via: TimeVia) -> None:
    after = note(via, accepted=accepted(time=20, read_back=True))
    for settled in (False, True):
        assert note_step(after, seen(lists(), settled=settled)) == Hold(11, TIME_NOT_SHOWN)


@pytest.mark.parametrize("via", ALONE)
def test_after_the_answer_of_its_time_was_lost_nothing_is_sent_before_its_time_was_read(via: TimeVia) -> None:
    lost = note(via, accepted=accepted(), in_flight=True)
    assert note_step(lost, seen(None, settled=True)) in (ReadTimes(), ReadBack())
    read = replace(lost, accepted=accepted(read_back=True))
    assert note_step(read, seen(lists(), settled=True)) == AddTime(THERE)
    assert note_step(read, seen(lists(NAMED), settled=True)) == Record(THERE, NAMED)


# --- the table of its charge -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("via", ["comment", "timer"])
def test_time_that_is_charged_is_done(via: TimeVia) -> None:
    for charged in (CHARGED, timer(20, notes=TEXT, line_item_id=21), timer(20, notes=TEXT, charged=True)):
        assert is_charged(charged)
        case = note(via, charge=True, in_flight=True)
        assert note_step(case, seen(lists(charged, ITS_CHARGE))) == Record(THERE, charged)


@pytest.mark.parametrize("via", ["comment", "timer"])
def test_time_that_is_surely_not_charged_is_charged(via: TimeVia) -> None:
    case = note(via, charge=True)
    assert note_step(case, seen(lists(NAMED))) == Charge(THERE, 20)
    assert note_step(replace(case, in_flight=True), seen(lists(NAMED), settled=True)) == Charge(THERE, 20)


@pytest.mark.parametrize("via", ["comment", "timer"])
def test_a_charge_that_may_be_under_way_is_waited_for(via: TimeVia) -> None:
    assert note_step(note(via, charge=True, in_flight=True), seen(lists(NAMED))) == Wait()


def test_time_that_was_just_accepted_is_charged_at_once_and_then_read_back() -> None:
    assert note_step(note(charge=True, accepted=accepted(time=20)), Evidence((), OWNER)) == Charge(THERE, 20)
    charged = note(charge=True, accepted=accepted(time=20, charged=True))
    assert note_step(charged, Evidence((), OWNER)) == ReadBack()


def test_after_the_answer_of_a_charge_was_lost_nothing_is_charged_before_the_time_was_read() -> None:
    lost = note(charge=True, accepted=accepted(time=20), in_flight=True)
    for times in (None, detail(CHARGED, ITS_CHARGE), lists(CHARGED, ITS_CHARGE)):
        assert note_step(lost, seen(times, settled=True)) in (ReadTimes(), ReadBack(), Record(THERE, CHARGED))
    read = replace(lost, accepted=accepted(time=20, read_back=True))
    assert note_step(read, seen(lists(NAMED), settled=True)) == Charge(THERE, 20)
    assert note_step(read, seen(lists(CHARGED, ITS_CHARGE), settled=True)) == Record(THERE, CHARGED)


@pytest.mark.parametrize("via", ["comment", "timer"])
def test_a_charge_that_was_accepted_and_is_not_shown_waits_for_a_person_and_is_not_made_again(via: TimeVia) -> None:
    after = note(via, charge=True, accepted=accepted(time=20, charged=True, read_back=True))
    assert note_step(after, seen(lists(NAMED), settled=True)) == Hold(11, CHARGE_NOT_SHOWN)
    later = note(via, charge=True, in_flight=True, comment=11, problem=CHARGE_NOT_SHOWN)
    assert note_step(later, seen(lists(NAMED), recorded={REF}, settled=True)) == Hold(11, CHARGE_NOT_SHOWN)
    assert note_step(later, seen(lists(CHARGED, ITS_CHARGE), recorded={REF})) == Record(THERE, CHARGED)


def test_a_charge_without_a_timer_entry_is_not_charged_once_more() -> None:
    assert note_step(note(charge=True), seen(lists(ITS_CHARGE), settled=True)) == Record(THERE, ITS_CHARGE)


def test_without_charging_time_is_done_as_it_is() -> None:
    assert note_step(note(charge=False), seen(lists(NAMED))) == Record(THERE, NAMED)


# --- what holds for every case there can be --------------------------------------------------------------------------

WORDS = st.sampled_from(["", TEXT, "Drove there", f"Something else (Ref {NEIGHBOUR})", f"Before (Ref {OLD})"])
TIMERS = st.builds(
    timer,
    st.integers(1, 9),
    user_id=st.sampled_from([OWNER, OWNER, OTHER, None]),
    minutes=st.sampled_from([90, 90, 60, 0]),
    billable_minutes=st.sampled_from([90, 120, 0]),
    product_id=st.sampled_from([LABOR, LABOR, OTHER_LABOR, None]),
    notes=WORDS,
    created_at=st.sampled_from([AFTER, BEFORE]),
    comment_id=st.sampled_from([None, None, 11, 99]),
    charged=st.booleans(),
    line_item_id=st.sampled_from([None, 31, 32]),
)
ITEMS = st.builds(
    item,
    st.integers(31, 39),
    user_id=st.sampled_from([OWNER, OTHER, None]),
    quantity=st.sampled_from([Decimal("1.5"), Decimal("1.0"), Decimal("0")]),
    product_id=st.sampled_from([LABOR, OTHER_LABOR, None]),
    description=WORDS,
    created_at=st.sampled_from([AFTER, BEFORE]),
)
TIMES = st.builds(
    Times,
    timers=st.lists(TIMERS, max_size=3, unique_by=lambda t: t.id).map(tuple),
    items=st.lists(ITEMS, max_size=2, unique_by=lambda i: i.id).map(tuple),
    complete=st.booleans(),
)
PROBLEMS = [None, None, TIME_NOT_RECORDED, NOT_SHOWN, TIME_NOT_SHOWN, CHARGE_NOT_SHOWN, DELETED, on_another_labor(3)]


@st.composite
def cases(draw: st.DrawFn) -> NoteCase:
    """A note with time whose comment is there, in any state that a file and a run can bring it into."""
    case = note(
        draw(st.sampled_from(WAYS)),
        draw(st.booleans()),
        in_flight=draw(st.booleans()),
        comment=draw(st.sampled_from([None, 11])),
        time_settled=draw(st.sampled_from([False, False, False, True])),
    )
    if case.comment is not None:
        case = replace(case, problem=draw(st.sampled_from(PROBLEMS)))
    if draw(st.booleans()):
        time = draw(st.sampled_from([None, 1, 2]))
        charged = draw(st.booleans()) and time is not None
        case = replace(case, accepted=accepted(time=time, charged=charged, read_back=draw(st.booleans())))
    return case


EVIDENCE = st.builds(
    Evidence,
    comments=st.just((THERE,)),
    owner=st.just(OWNER),
    settled=st.booleans(),
    times=st.none() | TIMES,
    timed=st.sampled_from([(), (), (REF,)]),
    taken=st.sets(st.sampled_from([1, 2, 3, 31, 32]), max_size=2),
)
thorough = settings(derandomize=True, deadline=None, max_examples=300)


def of_note(times: Times) -> list[TimeRecord]:
    """Time that says itself that it is the note's."""
    named = [i for i in times.items if REF in i.description]
    return [*(t for t in times.timers if t.comment_id == 11 or REF in t.notes), *named]


@given(cases(), EVIDENCE)
@thorough
def test_time_that_may_be_under_way_is_never_sent_or_charged_before_it_settled(
    case: NoteCase, evidence: Evidence
) -> None:
    step = note_step(case, evidence)
    if case.in_flight and not evidence.settled:
        assert not isinstance(step, Charge)
        # The mark of a note that waits for its time is taken away before its time is sent.
        assert not isinstance(step, AddTime) or case.problem in (TIME_NOT_RECORDED, NOT_SHOWN)


@given(cases(), EVIDENCE)
@thorough
def test_nothing_is_posted_again_while_its_comment_is_there(case: NoteCase, evidence: Evidence) -> None:
    assert not isinstance(note_step(case, evidence), Send | Restamp)


@given(cases(), EVIDENCE)
@thorough
def test_no_time_is_added_while_the_complete_lists_show_time_of_the_note(case: NoteCase, evidence: Evidence) -> None:
    step = note_step(case, evidence)
    if not isinstance(step, AddTime) or case.accepted.unread:
        return
    assert evidence.times is not None
    assert evidence.times.complete
    assert not of_note(evidence.times)
    assert REF not in evidence.timed
    assert case.accepted.time is None
    assert case.problem in (None, TIME_NOT_RECORDED, NOT_SHOWN)
    assert case.time is not None
    assert case.time.via != "comment"


@given(cases(), EVIDENCE)
@thorough
def test_nothing_is_charged_that_is_not_seen_to_be_there_and_uncharged_or_was_accepted_just_now(
    case: NoteCase, evidence: Evidence
) -> None:
    step = note_step(case, evidence)
    if not isinstance(step, Charge):
        return
    assert case.time is not None
    assert case.time.charge
    assert not case.accepted.charged
    if case.accepted.unread:
        assert step.timer == case.accepted.time
        return
    assert evidence.times is not None
    (charging,) = [t for t in evidence.times.timers if t.id == step.timer]
    assert not is_charged(charging)
    assert not [i for i in evidence.times.items if REF in i.description]
    assert case.problem != CHARGE_NOT_SHOWN


@given(cases(), EVIDENCE)
@thorough
def test_recorded_is_what_was_read_and_all_of_it(case: NoteCase, evidence: Evidence) -> None:
    step = note_step(case, evidence)
    if not isinstance(step, Record):
        return
    assert step.comment in evidence.comments
    assert not case.accepted.unread
    if case.time_settled:
        assert step.time is None
        return
    assert case.time is not None
    assert evidence.times is not None
    assert step.time in (*evidence.times.timers, *evidence.times.items)
    assert time_problem(step.time, case.time) is None
    if case.time.charge and isinstance(step.time, TimerEntry):
        assert is_charged(step.time)


@given(cases(), EVIDENCE)
@thorough
def test_one_piece_of_time_never_answers_for_two_notes(case: NoteCase, evidence: Evidence) -> None:
    step = note_step(case, evidence)
    if isinstance(step, Record) and step.time is not None:
        time = step.time
        text = time.notes if isinstance(time, TimerEntry) else time.description
        linked = isinstance(time, TimerEntry) and time.comment_id is not None
        assert linked or REF in text or time.id not in evidence.taken


@given(cases(), EVIDENCE)
@thorough
def test_every_note_comes_to_an_end_once_all_was_read_and_settled(case: NoteCase, evidence: Evidence) -> None:
    times = replace(evidence.times or Times((), ()), complete=True)
    settled = replace(evidence, times=times, settled=True)
    done = replace(case, accepted=replace(case.accepted, read_back=True))
    step = note_step(done, settled)
    assert not isinstance(step, Wait | ReadTimes | ReadBack)
    if isinstance(step, Hold):
        assert step.comment == 11
        assert step.problem


# --- time without a reference, and another note that may have been waiting for it ----------------------------------


def other_comment(id_: int, when: datetime, user: int = OWNER, reference: str = NEIGHBOUR) -> Comment:
    return Comment(id_, 7, "Update", f"<p>Called back.</p>\n<p>Ref {reference}</p>", "Mike Sorrel", user, False, when)


@pytest.mark.parametrize(
    ("other", "known", "is_doubtful"),
    [
        (other_comment(12, AFTER), (), True),
        (other_comment(12, AFTER), (NEIGHBOUR,), True),
        (other_comment(10, BEFORE), (), True),
        (other_comment(10, BEFORE), (NEIGHBOUR,), False),
        (other_comment(12, AFTER + timedelta(minutes=1)), (), False),
        (other_comment(12, AFTER, user=OTHER), (), False),
        (other_comment(12, AFTER, reference=REF), (), False),
        (other_comment(10, BEFORE, reference="new-7k2m9q4x1c"), (), False),
    ],
)
def test_time_without_a_reference_is_no_notes_where_another_one_may_have_been_waiting_for_it(
    other: Comment, known: tuple[str, ...], is_doubtful: bool
) -> None:
    evidence = Evidence((THERE, other), OWNER, recorded=known, times=Times((timer(88),), ()))
    found = time_of(TimeWanted(LABOR, 90, "timer"), THERE, REF, evidence)
    assert isinstance(found, Doubt) if is_doubtful else found == timer(88)
    for more in ({"timed": (NEIGHBOUR,)}, {"waiting": (NEIGHBOUR,)}):
        known_of = replace(evidence, recorded=(*known, NEIGHBOUR), **more)  # type: ignore[arg-type]
        assert time_of(TimeWanted(LABOR, 90, "timer"), THERE, REF, known_of) == timer(88)
