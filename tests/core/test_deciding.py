"""Push decides by tables: a row each, and what holds for every case there can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.pushsteps import (
    Doubt,
    Evidence,
    Leave,
    NoteCase,
    Record,
    RecordInvoice,
    Restamp,
    Send,
    TimeCase,
    Wait,
    bare_words,
    invoice_step,
    note_step,
    time_of,
)
from synclog.model import Comment, Invoice, TimerEntry

OWNER, OTHER = 1735, 24406
REF, OLD = "32162-7k2m9q4x1c", "32162-0000000000"
BODY = f"<p>Replaced the <strong>failed</strong> disk.</p>\n<p>Ref {REF}</p>"
NOON = datetime(2026, 4, 17, 12, 0, tzinfo=UTC)


def comment(id_: int, body: str, user_id: int | None = OWNER) -> Comment:
    return Comment(id_, 7, "Update", body, "Mike Sorrel", user_id, False, NOON)


def seen(
    *comments: Comment, recorded: tuple[str, ...] = (), today: tuple[int, ...] = (), settled: bool = False
) -> Evidence:
    return Evidence(comments, OWNER, recorded, today, settled)


FRESH = NoteCase(REF, BODY)
STAMPED = NoteCase(REF, BODY, stamped=REF, stamped_by=OWNER, after=10, in_flight=True)
BEGUN_HERE = NoteCase(REF, BODY, stamped=REF, stamped_by=OWNER, after=10, in_flight=False)
CHANGED = NoteCase(REF, BODY, stamped=OLD, stamped_by=OWNER, after=10, in_flight=True)
THERE = comment(11, BODY)


def test_a_note_that_was_never_stamped_and_is_not_there_is_sent() -> None:
    assert note_step(FRESH, seen()) == Send()


def test_a_note_stamped_by_this_run_and_not_yet_sent_is_sent() -> None:
    assert note_step(BEGUN_HERE, seen()) == Send()


@pytest.mark.parametrize("case", [FRESH, STAMPED, BEGUN_HERE])
def test_a_note_found_in_syncro_is_recorded_not_sent(case: NoteCase) -> None:
    assert note_step(case, seen(THERE)) == Record(THERE)


def test_what_the_trail_has_already_is_doubtful() -> None:
    assert isinstance(note_step(FRESH, seen(THERE, recorded=(REF,))), Doubt)


def test_a_note_stamped_before_is_waited_for_and_then_sent() -> None:
    assert note_step(STAMPED, seen()) == Wait()
    assert note_step(STAMPED, seen(settled=True)) == Send()


def test_a_changed_note_whose_old_reference_is_there_is_doubtful() -> None:
    old = comment(11, f"Replaced a disk.\nRef {OLD}")
    step = note_step(CHANGED, seen(old, settled=True))
    assert isinstance(step, Doubt)
    assert step.comments == (old,)


def test_a_changed_note_that_is_not_there_is_waited_for_then_stamped_anew() -> None:
    assert note_step(CHANGED, seen()) == Wait()
    assert note_step(CHANGED, seen(settled=True)) == Restamp()


def test_earlier_references_are_looked_for_too() -> None:
    case = NoteCase(REF, BODY, stamped=REF, stamped_by=OWNER, earlier=(OLD,), after=10, in_flight=True)
    assert isinstance(note_step(case, seen(comment(11, f"x\nRef {OLD}"), settled=True)), Doubt)


@pytest.mark.parametrize(
    "twin", [comment(11, "Replaced the failed disk!"), comment(11, "<p>replaced the *failed* disk</p>")]
)
def test_the_same_words_without_a_reference_since_the_stamp_are_doubtful(twin: Comment) -> None:
    assert isinstance(note_step(STAMPED, seen(twin, settled=True)), Doubt)


def test_the_same_words_of_the_same_day_are_doubtful_and_of_an_earlier_day_are_not() -> None:
    twin = comment(5, "Replaced the failed disk.")
    assert isinstance(note_step(FRESH, seen(twin, today=(5,))), Doubt)
    assert note_step(FRESH, seen(twin)) == Send()


def test_the_same_words_by_a_customer_mean_nothing() -> None:
    assert note_step(FRESH, seen(comment(11, "Replaced the failed disk.", None), today=(11,))) == Send()


def test_a_customer_who_quotes_the_reference_answers_for_nothing() -> None:
    quoting = comment(12, f"Thanks!\nRef {REF}", None)
    assert note_step(STAMPED, seen(quoting, settled=True)) == Send()


def test_a_note_begun_with_another_technicians_key_is_left_to_them() -> None:
    case = NoteCase(REF, BODY, stamped=REF, stamped_by=OTHER, after=10, in_flight=True)
    assert isinstance(note_step(case, seen(settled=True)), Leave)


def test_two_comments_with_one_reference_are_doubtful() -> None:
    assert isinstance(note_step(STAMPED, seen(THERE, comment(13, BODY))), Doubt)


bodies = st.sampled_from(
    [BODY, f"x\nRef {OLD}", "Replaced the failed disk.", "Something else", f"> Ref {REF}\nthanks", "Ref nothing"]
)
conversations = st.lists(
    st.builds(comment, st.integers(1, 30), bodies, st.sampled_from([OWNER, OTHER, None])), max_size=6
)
cases = st.sampled_from([FRESH, STAMPED, BEGUN_HERE, CHANGED])


@given(case=cases, comments=conversations, recorded=st.booleans(), settled=st.booleans())
def test_nothing_is_sent_while_a_comment_of_ours_carries_any_of_its_references(
    case: NoteCase, comments: list[Comment], recorded: bool, settled: bool
) -> None:
    evidence = seen(*comments, recorded=(REF,) if recorded else (), settled=settled)
    step = note_step(case, evidence)
    wanted = {case.reference, *([case.stamped] if case.stamped else [])}
    carries = any(
        c.user_id == OWNER and any(c.body.endswith((f"Ref {r}", f"Ref {r}</p>")) for r in wanted) for c in comments
    )
    assert not (carries and isinstance(step, Send | Restamp | Wait))


@given(case=cases, comments=conversations, settled=st.booleans())
def test_what_may_be_under_way_is_never_sent_before_it_settled(
    case: NoteCase, comments: list[Comment], settled: bool
) -> None:
    step = note_step(case, seen(*comments, settled=settled))
    assert not (case.in_flight and not settled and isinstance(step, Send | Restamp))


# --- time ----------------------------------------------------------------------------------------------------------


def timer(id_: int, **fields: object) -> TimerEntry:
    usual: dict[str, object] = {
        "ticket_id": 7,
        "user_id": OWNER,
        "start_at": NOON,
        "minutes": 90,
        "billable_minutes": 90,
        "billable": True,
        "charged": False,
        "product_id": 1190473,
        "notes": "",
        "created_at": NOON,
    }
    return TimerEntry(id=id_, **{**usual, **fields})  # type: ignore[arg-type]


TIME = TimeCase(THERE, REF, 1190473, 90)


def test_time_is_known_by_its_comment_first_whatever_the_account_rounded() -> None:
    rounded = timer(2, comment_id=11, minutes=90, billable_minutes=120)
    assert time_of(TIME, [timer(1), rounded], OWNER) == rounded


def test_time_is_known_by_its_reference_then_by_product_and_minutes() -> None:
    named = timer(3, notes=f"Ref {REF}", minutes=60)
    assert time_of(TIME, [timer(4), named], OWNER) == named
    assert time_of(TIME, [timer(4)], OWNER) == timer(4)


@pytest.mark.parametrize(
    "other",
    [
        timer(1, minutes=60),
        timer(1, product_id=26118),
        timer(1, user_id=OTHER),
        timer(1, comment_id=99),
        timer(1, created_at=NOON - timedelta(minutes=1)),
    ],
)
def test_time_of_something_else_is_not_taken_for_ours(other: TimerEntry) -> None:
    assert time_of(TIME, [other], OWNER) is None


# --- invoices ------------------------------------------------------------------------------------------------------


def invoice(id_: int) -> Invoice:
    zero = Decimal("0.00")
    return Invoice(id_, str(41000 + id_), 5, 7, zero, zero, zero, False, NOON, NOON)


@pytest.mark.parametrize(
    ("after", "invoices", "unbilled", "in_flight", "settled", "step"),
    [
        (None, [], True, False, False, Send),
        (None, [3], True, False, False, Send),
        (None, [], False, False, False, Doubt),
        (3, [3], True, True, False, Wait),
        (3, [3], True, True, True, Send),
        (3, [3], True, False, False, Send),
        (3, [3, 4], False, True, False, RecordInvoice),
        (3, [3, 4], True, True, True, Doubt),
        (3, [3, 4, 5], False, True, True, Doubt),
        (3, [3], False, True, True, Doubt),
        (3, [3], False, True, False, Wait),
    ],
)
def test_each_row_of_the_invoice_table(
    after: int | None, invoices: list[int], unbilled: bool, in_flight: bool, settled: bool, step: type
) -> None:
    found = invoice_step(after, [invoice(i) for i in invoices], unbilled, in_flight, settled)
    assert isinstance(found, step)


def test_words_are_compared_without_markup_punctuation_and_case() -> None:
    assert bare_words(BODY) == bare_words("REPLACED the **failed** disk") == "replacedthefaileddisk"
    assert bare_words("<p>👍</p>") != bare_words("<p>🔥</p>")


def test_a_days_comments_are_told_by_id_not_by_text() -> None:
    assert note_step(FRESH, seen(comment(5, "Other words"), today=(5,))) == Send()
