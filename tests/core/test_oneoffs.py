"""One-offs in a ticket's file: kept word for word, refused where somebody changed them, joined in a merge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ticketfiles import PATH, RULES, ticket_text

from synclog.core.holding import work_in
from synclog.core.joining.whole import merge
from synclog.core.oneoffs import (
    Correction,
    InvoiceRemoval,
    NewLine,
    NewTimer,
    OneOff,
    TicketRemoval,
    can_be_kept,
    named,
    with_reference,
)
from synclog.core.references import REFERENCE
from synclog.core.ticketfile import TicketFile, parse_ticket_file, with_doing, with_state
from synclog.errors import InvalidFile

NUMBER = 32162
AT = datetime(2026, 4, 24, 16, 15, tzinfo=UTC)
TIMER = named(NUMBER, NewTimer("", 1735, AT, 47, 60, 1190473, "remote", "Watched: the backup, [all] of it # twice"))
FIXED = named(NUMBER, Correction("", 1735, "32162-7k2m9q4x1c", 45, 45, 26118, "onsite", 90, 1190473, 501, 1735, AT))
LINE = named(NUMBER, NewLine("", 1735, 88, "1187", 'Cable, 2 m "red"', Decimal("2"), Decimal("9.90")))
ALL = (
    TIMER,
    FIXED,
    LINE,
    named(NUMBER, replace(FIXED, item=7, item_was=90, name="Onsite", price=Decimal("150.50"), taxable=False)),
    named(NUMBER, InvoiceRemoval("", 1735, 88, "1187", Decimal("120.00"))),
    named(NUMBER, TicketRemoval("", 1735, 108443837)),
)


def parsed(text: str) -> TicketFile:
    return parse_ticket_file(text, PATH, RULES)


def test_they_come_and_go_without_a_trace_and_stand_by_what_is_there() -> None:
    text = ticket_text()
    kept = with_doing(with_state(text, invoice_after=77), [replace(one, after=5) for one in ALL])
    file = parsed(kept)
    assert file.doing == tuple(replace(one, after=5) for one in ALL)
    assert kept.splitlines()[file.doing_line - 1].startswith("synclog: {invoice: {after: 77}, doing: [{op: timer, ")
    assert parsed(with_state(kept)).doing == file.doing
    assert parsed(with_doing(kept, ())).invoice_after == 77
    assert with_doing(with_state(kept), ()) == text


texts = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), max_size=60)
amounts = st.decimals(0, 10**6, places=2)
whole = st.integers(0, 10**9)
maybe = st.none() | whole


@given(
    st.one_of(
        st.builds(
            NewTimer, st.just(""), whole, st.datetimes(timezones=st.just(UTC)), whole, whole, whole, texts, texts, whole
        ),
        st.builds(NewLine, st.just(""), whole, whole, texts, texts, amounts, amounts, texts, st.none() | whole, whole),
        st.builds(
            Correction, st.just(""), whole, st.just(FIXED.of), whole, whole, whole, texts, whole,
            maybe, maybe, maybe, st.none() | st.datetimes(timezones=st.just(UTC)), maybe, maybe, maybe, texts,
            st.none() | amounts, st.none() | st.booleans(),
        ),
    ),
    st.none() | whole,
)  # fmt: skip
def test_whatever_they_say_is_read_back_as_it_was(made: OneOff, after: int | None) -> None:
    one = replace(named(NUMBER, made), after=after)
    assert can_be_kept(one, NUMBER)
    assert parsed(with_doing(ticket_text(), [one])).doing == (one,)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("bills: 60", "bills: 600", "was changed"),
        ("op: timer", "op: teimr", "no kind"),
        ("bills: 60", "bills: many", "its `bills`"),
        ("bills: 60, ", "", "not whole"),
        ("by: 1735", "by: 1735, mine: 1", "`mine` does not belong"),
        ("by: 1735", "by: [1735]", "a word for each key"),
        ("{op: timer", "[op, timer], {op: timer", "not one of a list"),
        ("id: 32162-", "id: 32164-", "of ticket 32164"),
        ("start: 2026", "start: 9999999", "its `start`"),
        ("doing: [", "doing: 5, extra: [", "not as synclog writes it"),
    ],
)
def test_one_that_is_not_as_synclog_wrote_it_makes_the_file_not_valid_with_line_and_remedy(
    old: str, new: str, words: str
) -> None:
    text = with_doing(ticket_text(), [TIMER])
    assert old in text
    with pytest.raises(InvalidFile) as raised:
        parsed(text.replace(old, new, 1))
    (problem,) = raised.value.problems
    assert words in problem.message
    assert text.splitlines()[problem.line - 1].startswith("synclog:")
    assert problem.remedy


def test_one_that_stands_twice_is_refused() -> None:
    text = with_doing(ticket_text(), [TIMER, TIMER])
    with pytest.raises(InvalidFile, match="twice"):
        parsed(text)


def test_a_file_with_one_holds_work() -> None:
    (words,) = work_in(parsed(with_doing(ticket_text(), [replace(TIMER, after=5), LINE])))
    assert words == "a timer entry of 1h, a line of invoice 1187, which may be in Syncro already"


def test_the_reference_is_always_the_last_in_a_text() -> None:
    long = with_reference("word " * 100 + "32162-0000000000", TIMER.id)
    assert len(long) <= 200
    assert REFERENCE.findall(with_reference("as 32162-0000000000", TIMER.id))[-1] == TIMER.id
    assert with_reference("", TIMER.id) == f"(Ref {TIMER.id})"


# --- merging ---------------------------------------------------------------------------------------------------------


def merged(old: tuple[OneOff, ...] | None, ours: tuple[OneOff, ...], theirs: tuple[OneOff, ...]) -> tuple[OneOff, ...]:
    texts = [with_doing(ticket_text(), side) for side in (old or (), ours, theirs)]
    return parsed(merge(texts[0] if old is not None else None, texts[1], texts[2], PATH).text).doing


BEGUN = replace(TIMER, after=5)


@pytest.mark.parametrize(
    ("old", "ours", "theirs", "there"),
    [
        ((), (TIMER,), (LINE,), (TIMER, LINE)),
        (None, (TIMER,), (LINE,), (TIMER, LINE)),
        ((TIMER,), (TIMER, LINE), (), (LINE,)),
        ((TIMER,), (), (BEGUN,), (BEGUN,)),
        ((BEGUN,), (), (BEGUN,), ()),
        ((TIMER,), (TIMER,), (BEGUN,), (BEGUN,)),
        ((), (replace(TIMER, after=9),), (BEGUN,), (BEGUN,)),
        ((TIMER, LINE), (TIMER,), (LINE,), ()),
    ],
)
def test_a_merge_keeps_those_of_both_sides_and_not_those_that_one_side_is_done_with(
    old: tuple[OneOff, ...] | None, ours: tuple[OneOff, ...], theirs: tuple[OneOff, ...], there: tuple[OneOff, ...]
) -> None:
    assert merged(old, ours, theirs) == there
    assert set(merged(old, theirs, ours)) == set(there)
