"""What push does next with a new ticket: the table row by row, and what holds for every case there can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.deciding.steps import Doubt, Leave, RecordTicket, Restamp, Send, Wait
from synclog.core.deciding.tickets import DraftCase, TicketsSeen, draft_step
from synclog.core.plaintext import plain_lines
from synclog.model import Comment, Ticket

OWNER, OTHER, CUSTOMER, ELSEWHERE = 1735, 24406, 24152385, 24152386
REF, OLD, OLDER, NEIGHBOUR = "new-7k2m9q4x1c", "new-0000000000", "new-1111111111", "new-2222222222"
WORDS = "The printer on floor two prints blank pages since Monday."
BODY = f"<p>{WORDS}</p>\n<p>Ref {REF}</p>"
NOON = datetime(2026, 4, 17, 12, 0, tzinfo=UTC)


def ticket(
    id_: int,
    body: str | None = BODY,
    user_id: int | None = OWNER,
    *,
    customer: int = CUSTOMER,
    subject: str = "Printer prints blank pages",
) -> Ticket:
    """A ticket as the list shows it: with its first comment at most."""
    first = (
        () if body is None else (Comment(id_ * 10, id_, "Initial Issue", body, "Mike Sorrel", user_id, False, NOON),)
    )
    return Ticket(id_, 32000 + id_, subject, "New", customer, "Hollow Oak Dental", NOON, NOON, comments=first)


def seen(*tickets: Ticket, recorded: tuple[str, ...] = (), settled: bool = False) -> TicketsSeen:
    return TicketsSeen(tickets, OWNER, recorded, settled)


def ending(reference: str) -> str:
    return f"Something else.\nRef {reference}"


FRESH = DraftCase(REF, CUSTOMER, "Printer prints blank pages", BODY)
STAMPED = replace(FRESH, stamped=REF, stamped_by=OWNER, after=10, in_flight=True)
BEGUN_HERE = replace(STAMPED, in_flight=False)
CHANGED = replace(STAMPED, stamped=OLD)
THERE = ticket(11)


# --- not there -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [FRESH, BEGUN_HERE])
def test_a_draft_that_is_not_there_and_can_not_be_under_way_is_created(case: DraftCase) -> None:
    assert draft_step(case, seen()) == Send()
    assert draft_step(case, seen(ticket(9, "Other words", subject="Scanner"))) == Send()


def test_a_draft_stamped_before_is_looked_for_again_after_a_settle_and_then_created() -> None:
    assert draft_step(STAMPED, seen()) == Wait()
    assert draft_step(STAMPED, seen(settled=True)) == Send()


def test_a_draft_that_lost_its_stamp_and_that_history_knows_as_begun_is_waited_for_all_the_same() -> None:
    assert draft_step(replace(FRESH, in_flight=True), seen()) == Wait()


def test_a_changed_draft_that_is_not_there_is_waited_for_then_stamped_anew() -> None:
    assert draft_step(CHANGED, seen()) == Wait()
    assert draft_step(CHANGED, seen(settled=True)) == Restamp()


def test_a_draft_begun_with_another_technicians_key_is_left_to_them() -> None:
    assert isinstance(draft_step(replace(STAMPED, stamped_by=OTHER), seen(THERE, settled=True)), Leave)


# --- there -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [FRESH, STAMPED, BEGUN_HERE, CHANGED])
def test_a_ticket_that_opens_with_its_reference_is_recorded_not_created_again(case: DraftCase) -> None:
    assert draft_step(case, seen(ticket(9, ending(NEIGHBOUR)), THERE)) == RecordTicket(THERE)


def test_it_is_recognised_whatever_became_of_its_customer_and_subject() -> None:
    moved = ticket(11, customer=ELSEWHERE, subject="Printer")
    assert draft_step(STAMPED, seen(moved)) == RecordTicket(moved)


def test_what_the_trail_has_already_is_doubtful() -> None:
    step = draft_step(FRESH, seen(THERE, recorded=(REF,)))
    assert isinstance(step, Doubt)
    assert step.tickets == (THERE,)


def test_two_tickets_with_one_reference_are_doubtful() -> None:
    step = draft_step(STAMPED, seen(THERE, ticket(12)))
    assert isinstance(step, Doubt)
    assert step.tickets == (THERE, ticket(12))


@pytest.mark.parametrize("case", [CHANGED, replace(STAMPED, earlier=(OLD,))])
def test_a_changed_draft_whose_old_reference_is_there_is_doubtful(case: DraftCase) -> None:
    before = ticket(11, ending(OLD), subject="Printer")
    step = draft_step(case, seen(before, settled=True))
    assert isinstance(step, Doubt)
    assert step.tickets == (before,)


def test_a_ticket_that_was_created_of_a_copy_on_another_day_is_doubtful_unless_history_has_it() -> None:
    case = replace(FRESH, other_days={OLD, OLDER})
    copy = ticket(11, ending(OLDER), subject="Printer")
    step = draft_step(case, seen(copy))
    assert isinstance(step, Doubt)
    assert step.tickets == (copy,)
    assert draft_step(case, seen(copy, recorded=(OLDER,))) == Send()
    assert draft_step(replace(case, passed=(11,)), seen(copy)) == Send()
    assert draft_step(case, seen(ticket(11, ending(OLDER), OTHER, subject="Printer"))) == Send()


# --- there, and not to be recognised ---------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [FRESH, STAMPED, BEGUN_HERE])
def test_a_ticket_of_ours_that_says_the_same_without_a_reference_is_doubtful(case: DraftCase) -> None:
    twin = ticket(11, WORDS.upper())
    step = draft_step(case, seen(twin, settled=True))
    assert isinstance(step, Doubt)
    assert step.tickets == (twin,)


def test_a_ticket_of_ours_that_holds_one_of_its_references_anywhere_is_doubtful() -> None:
    for case, reference in ((BEGUN_HERE, REF), (replace(BEGUN_HERE, earlier=(OLD,)), OLD)):
        holding = ticket(11, f"Short. Ref {reference}\nMike Sorrel, Copperline IT")
        assert isinstance(draft_step(case, seen(holding, settled=True)), Doubt)


@pytest.mark.parametrize("user", [OTHER, None])
def test_the_same_words_by_anyone_else_mean_nothing_where_none_can_be_under_way(user: int | None) -> None:
    assert draft_step(BEGUN_HERE, seen(ticket(11, WORDS, user))) == Send()
    assert draft_step(FRESH, seen(ticket(11, WORDS, user))) == Send()


@pytest.mark.parametrize("body", [None, "Something else", ""])
@pytest.mark.parametrize("user", [OWNER, OTHER, None])
def test_where_it_may_be_under_way_a_newer_ticket_of_that_subject_is_doubtful_whatever_it_shows(
    body: str | None, user: int | None
) -> None:
    assert isinstance(draft_step(STAMPED, seen(ticket(11, body, user), settled=True)), Doubt)
    assert draft_step(STAMPED, seen(ticket(9, body, user), settled=True)) == Send()
    assert draft_step(BEGUN_HERE, seen(ticket(11, body, user), settled=True)) == Send()


@pytest.mark.parametrize(
    "other",
    [
        ticket(11, WORDS, customer=ELSEWHERE),
        ticket(11, WORDS, subject="Scanner"),
        ticket(11, f"{WORDS}\nRef {NEIGHBOUR}"),
    ],
)
def test_a_ticket_of_another_customer_or_subject_or_draft_means_nothing(other: Ticket) -> None:
    assert draft_step(STAMPED, seen(other, settled=True)) == Send()


def test_a_customer_who_quotes_the_reference_answers_for_nothing() -> None:
    quoting = ticket(11, f"Thanks!\nRef {REF}", None, subject="Thanks")
    assert draft_step(STAMPED, seen(quoting, settled=True)) == Send()


def test_what_a_colleague_has_created_is_doubtful_and_not_created_again() -> None:
    theirs = ticket(11, f"Please.\nRef {REF}", OTHER)
    assert isinstance(draft_step(STAMPED, seen(theirs, settled=True)), Doubt)


BENT = {
    "on one line": lambda body: " ".join(plain_lines(body)),
    "escaped": escape,
    "a signature below": lambda body: f"{body}<p>Mike Sorrel</p>",
    "without its last line": lambda body: plain_lines(body)[0],
    "cut": lambda body: plain_lines(body)[0][:40],
    "cut in the middle of its reference": lambda body: "\n".join(plain_lines(body))[:-5],
}


@pytest.mark.parametrize("bent", BENT)
@pytest.mark.parametrize("case", [STAMPED, replace(STAMPED, in_flight=False)])
def test_a_server_that_bends_the_text_leads_to_a_doubt_never_to_a_second_ticket(bent: str, case: DraftCase) -> None:
    assert isinstance(draft_step(case, seen(ticket(11, BENT[bent](BODY)), settled=True)), Doubt)


# --- a person's word -------------------------------------------------------------------------------------------------


def test_the_ticket_that_a_person_named_is_recorded_whatever_it_says() -> None:
    named = ticket(9, "Something else", OTHER, customer=ELSEWHERE)
    case = replace(STAMPED, ticket=9)
    assert draft_step(case, seen(named, THERE, recorded=(REF,))) == RecordTicket(named)
    assert isinstance(draft_step(case, seen(THERE)), Doubt)


def test_tickets_that_a_person_passed_over_make_no_doubt() -> None:
    case = replace(CHANGED, earlier=(OLDER,), passed=(11, 12, 13))
    passed = (ticket(11, ending(OLD)), ticket(12, WORDS), ticket(13, ending(OLDER)))
    assert draft_step(case, seen(*passed, settled=True)) == Restamp()
    assert isinstance(draft_step(case, seen(*passed, ticket(14, WORDS), settled=True)), Doubt)


# --- what holds for every case there can be --------------------------------------------------------------------------

BODIES = st.sampled_from([BODY, ending(REF), ending(OLD), ending(OLDER), ending(NEIGHBOUR), WORDS, "Other words", None])
TICKETS = st.lists(
    st.builds(
        ticket,
        st.integers(1, 20),
        BODIES,
        st.sampled_from([OWNER, OWNER, OTHER, None]),
        customer=st.sampled_from([CUSTOMER, CUSTOMER, ELSEWHERE]),
        subject=st.sampled_from(["Printer prints blank pages", "Scanner"]),
    ),
    max_size=5,
    unique_by=lambda t: t.id,
).map(tuple)
SEEN = st.builds(
    TicketsSeen,
    tickets=TICKETS,
    owner=st.just(OWNER),
    recorded=st.sets(st.sampled_from([REF, OLD])),
    settled=st.booleans(),
)


@st.composite
def cases(draw: st.DrawFn) -> DraftCase:
    stamped = draw(st.sampled_from([None, REF, OLD]))
    case = replace(FRESH, stamped=stamped, in_flight=draw(st.booleans()))
    if stamped is None:
        return case
    return replace(
        case,
        stamped_by=draw(st.sampled_from([OWNER, OWNER, OWNER, OTHER])),
        earlier=draw(st.sampled_from([(), (OLDER,), (OLD, OLDER)])),
        after=draw(st.integers(0, 20)),
        ticket=draw(st.none() | st.integers(1, 20)),
        passed=draw(st.lists(st.integers(1, 20), max_size=4).map(tuple)),
    )


def opens(one: Ticket, reference: str | None) -> bool:
    first = one.comments[0] if one.comments else None
    body = first.body.removesuffix("</p>") if first else ""
    return first is not None and first.user_id == OWNER and body.endswith(f"Ref {reference}")


@given(cases(), SEEN)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_no_ticket_is_created_twice_or_too_early(case: DraftCase, evidence: TicketsSeen) -> None:
    step = draft_step(case, evidence)
    if not isinstance(step, Send | Restamp):
        return
    assert evidence.settled or not case.in_flight
    assert case.ticket is None
    assert not [t for t in evidence.tickets if opens(t, case.reference)]
    old = [r for r in (case.stamped, *case.earlier) if r]
    assert not [t for t in evidence.tickets if any(opens(t, r) for r in old) and t.id not in case.passed]
    assert isinstance(step, Restamp) == (case.stamped not in (None, case.reference))


@given(cases(), SEEN)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_recorded_is_one_ticket_that_was_read_by_its_reference_or_a_persons_word(
    case: DraftCase, evidence: TicketsSeen
) -> None:
    step = draft_step(case, evidence)
    if isinstance(step, RecordTicket):
        assert step.ticket in evidence.tickets
        if case.ticket is None:
            assert [t for t in evidence.tickets if opens(t, case.reference)] == [step.ticket]
            assert case.reference not in evidence.recorded
        else:
            assert step.ticket.id == case.ticket


@given(cases(), SEEN)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_what_a_person_passed_over_makes_no_doubt_and_every_draft_settles(
    case: DraftCase, evidence: TicketsSeen
) -> None:
    step = draft_step(case, evidence)
    if isinstance(step, Doubt):
        assert all(t.id not in case.passed or opens(t, case.reference) for t in step.tickets)
    settled = draft_step(case, replace(evidence, settled=True))
    assert not isinstance(settled, Wait)
    assert isinstance(step, Wait) or step == settled
