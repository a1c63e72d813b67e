"""What push does next with a note's comment: the table row by row, and what holds for every case there can be."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from synclog.core.deciding.notes import bare_words, is_whole, note_step
from synclog.core.deciding.steps import (
    NOT_SHOWN,
    TIME_NOT_RECORDED,
    Accepted,
    Doubt,
    Evidence,
    Hold,
    Leave,
    NoteCase,
    ReadBack,
    Record,
    Restamp,
    Send,
    TimeWanted,
    Wait,
)
from synclog.core.plaintext import plain_lines
from synclog.model import Comment

OWNER, OTHER = 1735, 24406
REF, OLD, OLDER, ELSEWHERE = "32162-7k2m9q4x1c", "32162-0000000000", "32162-1111111111", "32164-7k2m9q4x1c"
BODY = f"<p>Replaced the <strong>failed</strong> disk.</p>\n<p>Ref {REF}</p>"
NOON = datetime(2026, 4, 17, 12, 0, tzinfo=UTC)


def comment(id_: int, body: str, user_id: int | None = OWNER) -> Comment:
    return Comment(id_, 7, "Update", body, "Mike Sorrel", user_id, False, NOON)


def seen(*comments: Comment, **known: Any) -> Evidence:
    return Evidence(comments, OWNER, **known)


def ending(reference: str) -> str:
    return f"Replaced a disk.\nRef {reference}"


FRESH = NoteCase(REF, BODY)
STAMPED = NoteCase(REF, BODY, stamped=REF, stamped_by=OWNER, after=10, in_flight=True)
BEGUN_HERE = replace(STAMPED, in_flight=False)
CHANGED = replace(STAMPED, stamped=OLD)
THERE = comment(11, BODY)
ACCEPTED = Accepted(comment=THERE)
READ_BACK = Accepted(comment=THERE, read_back=True)


# --- not there -------------------------------------------------------------------------------------------------------


def test_a_note_that_was_never_stamped_and_is_not_there_is_sent() -> None:
    assert note_step(FRESH, seen()) == Send()


def test_a_note_stamped_by_this_run_and_not_yet_sent_is_sent() -> None:
    assert note_step(BEGUN_HERE, seen()) == Send()


def test_a_note_stamped_before_is_looked_for_again_after_a_settle_and_then_sent() -> None:
    assert note_step(STAMPED, seen()) == Wait()
    assert note_step(STAMPED, seen(settled=True)) == Send()


def test_a_note_that_lost_its_stamp_and_that_history_knows_as_begun_is_waited_for_all_the_same() -> None:
    begun = replace(FRESH, in_flight=True)
    assert note_step(begun, seen()) == Wait()
    assert note_step(begun, seen(settled=True)) == Send()


def test_a_changed_note_that_is_not_there_is_waited_for_then_stamped_anew() -> None:
    assert note_step(CHANGED, seen()) == Wait()
    assert note_step(CHANGED, seen(settled=True)) == Restamp()


def test_a_note_begun_with_another_technicians_key_is_left_to_them() -> None:
    theirs = replace(STAMPED, stamped_by=OTHER)
    assert isinstance(note_step(theirs, seen(settled=True)), Leave)
    assert isinstance(note_step(theirs, seen(THERE)), Leave)


# --- there -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [FRESH, STAMPED, BEGUN_HERE, CHANGED])
def test_a_note_found_in_syncro_is_recorded_not_sent(case: NoteCase) -> None:
    assert note_step(case, seen(THERE)) == Record(THERE)


@pytest.mark.parametrize("case", [FRESH, STAMPED, CHANGED])
def test_what_the_trail_has_already_is_doubtful(case: NoteCase) -> None:
    step = note_step(case, seen(THERE, recorded={REF}))
    assert isinstance(step, Doubt)
    assert step.comments == (THERE,)


def test_two_comments_with_one_reference_are_doubtful() -> None:
    again = comment(13, BODY)
    step = note_step(STAMPED, seen(THERE, again))
    assert isinstance(step, Doubt)
    assert step.comments == (THERE, again)


def test_of_two_comments_with_one_reference_a_person_can_pass_over_one() -> None:
    assert note_step(replace(STAMPED, passed=(13,)), seen(THERE, comment(13, BODY))) == Record(THERE)


def test_a_comment_that_a_person_passed_over_is_not_recorded_as_the_note() -> None:
    assert not isinstance(note_step(replace(STAMPED, passed=(11,)), seen(THERE, settled=True)), Record | Send | Restamp)


def test_a_changed_note_whose_old_reference_is_there_is_doubtful() -> None:
    old = comment(11, ending(OLD))
    step = note_step(CHANGED, seen(old, settled=True))
    assert isinstance(step, Doubt)
    assert step.comments == (old,)


def test_earlier_references_are_looked_for_too() -> None:
    case = replace(STAMPED, earlier=(OLD, OLDER))
    for reference in (OLD, OLDER):
        assert isinstance(note_step(case, seen(comment(11, ending(reference)), settled=True)), Doubt)


def test_a_note_that_was_moved_is_looked_for_in_the_ticket_it_was_stamped_for() -> None:
    moved = replace(CHANGED, stamped=ELSEWHERE)
    there = comment(5, ending(ELSEWHERE))
    step = note_step(moved, seen(there))
    assert isinstance(step, Doubt)
    assert step.comments == (there,)
    assert note_step(moved, seen(settled=True)) == Restamp()


# --- there, and not to be recognised by its last line ----------------------------------------------------------------


@pytest.mark.parametrize(
    "twin",
    [
        comment(11, "Replaced the failed disk!"),
        comment(11, "<p>replaced the *failed* disk</p>"),
        comment(11, f"<p>Replaced the failed disk. Ref {REF}</p><p>Mike Sorrel, Copperline IT</p>"),
        comment(11, f"Wrote it down as Ref {REF}, see there."),
    ],
)
@pytest.mark.parametrize("case", [STAMPED, CHANGED])
def test_the_same_words_or_its_reference_anywhere_since_the_stamp_are_doubtful(case: NoteCase, twin: Comment) -> None:
    assert isinstance(note_step(case, seen(twin, settled=True)), Doubt)
    assert isinstance(note_step(case, seen(twin)), Doubt)


def test_the_same_words_of_the_same_day_are_doubtful_and_of_an_earlier_day_are_not() -> None:
    twin = comment(5, "Replaced the failed disk.")
    assert isinstance(note_step(FRESH, seen(twin, today={5})), Doubt)
    assert note_step(FRESH, seen(twin)) == Send()
    assert note_step(BEGUN_HERE, seen(twin)) == Send()


def test_the_same_words_that_answer_for_another_note_mean_nothing() -> None:
    other = comment(11, f"Replaced the failed disk.\nRef {OLDER}")
    assert note_step(BEGUN_HERE, seen(other, today={11})) == Send()


def test_other_words_of_the_same_day_mean_nothing() -> None:
    assert note_step(FRESH, seen(comment(5, "Other words"), today={5})) == Send()


@pytest.mark.parametrize("user", [None, OTHER])
def test_the_same_words_by_anyone_else_mean_nothing(user: int | None) -> None:
    assert note_step(FRESH, seen(comment(11, "Replaced the failed disk.", user), today={11})) == Send()


def test_a_customer_who_quotes_the_reference_answers_for_nothing() -> None:
    quoting = comment(12, f"Thanks!\nRef {REF}", None)
    assert note_step(STAMPED, seen(quoting, settled=True)) == Send()


@pytest.mark.parametrize("reference", [REF, OLD])
def test_what_a_colleague_has_posted_is_doubtful_and_not_posted_again(reference: str) -> None:
    theirs = comment(12, ending(reference), OTHER)
    step = note_step(replace(STAMPED, earlier=(OLD,)), seen(theirs, settled=True))
    assert isinstance(step, Doubt)
    assert step.comments == (theirs,)
    assert note_step(replace(STAMPED, earlier=(OLD,), passed=(12,)), seen(theirs, settled=True)) == Send()


def test_comments_that_a_person_passed_over_make_no_doubt() -> None:
    case = replace(CHANGED, passed=(11, 12, 13), earlier=(OLDER,))
    passed = (comment(11, ending(OLD)), comment(12, "Replaced the failed disk."), comment(13, ending(OLDER)))
    assert note_step(case, seen(*passed, settled=True)) == Restamp()
    assert isinstance(note_step(case, seen(*passed, comment(14, ending(OLD)), settled=True)), Doubt)


def test_words_are_compared_without_markup_punctuation_and_case() -> None:
    assert bare_words(BODY) == bare_words("REPLACED the **failed** disk") == "replacedthefaileddisk"
    assert bare_words("<p>👍</p>") != bare_words("<p>🔥</p>")


# --- accepted in this run --------------------------------------------------------------------------------------------


def test_what_syncro_accepted_is_read_back_before_it_is_recorded() -> None:
    assert note_step(replace(BEGUN_HERE, accepted=ACCEPTED), seen()) == ReadBack()
    assert note_step(replace(BEGUN_HERE, accepted=READ_BACK), seen(THERE)) == Record(THERE)


@pytest.mark.parametrize(
    "shown",
    [
        f"<p>Replaced the failed disk.</p><p>Ref {REF}</p><p>Mike Sorrel, Copperline IT</p>",
        "Replaced the failed disk.",
        f"[public] Replaced the failed disk. Ref {REF}",
    ],
)
def test_an_accepted_comment_that_shows_all_of_its_words_is_recorded_whatever_was_added(shown: str) -> None:
    found = comment(11, shown)
    assert note_step(replace(BEGUN_HERE, accepted=READ_BACK), seen(found)) == Record(found)


@pytest.mark.parametrize("shown", [[], [comment(11, "Replaced the")], [comment(12, "Replaced the failed disk.")]])
def test_what_was_accepted_and_is_not_shown_whole_waits_for_a_person_and_is_not_sent_again(
    shown: list[Comment],
) -> None:
    for settled in (False, True):
        case = replace(BEGUN_HERE, accepted=READ_BACK)
        assert note_step(case, seen(*shown, settled=settled)) == Hold(11, NOT_SHOWN)


def test_what_was_accepted_and_shows_under_another_id_is_recorded_as_that() -> None:
    other = comment(12, BODY)
    assert note_step(replace(BEGUN_HERE, accepted=READ_BACK), seen(other)) == Record(other)
    again = comment(13, BODY)
    assert isinstance(note_step(replace(BEGUN_HERE, accepted=READ_BACK), seen(other, again)), Doubt)


# --- known by its stamp ----------------------------------------------------------------------------------------------

KNOWN = replace(STAMPED, comment=11)
UNSHOWN = replace(KNOWN, problem=NOT_SHOWN)


def test_the_comment_that_a_stamp_names_is_the_note_whatever_it_says() -> None:
    said = comment(11, "Done, see the runbook.")
    assert note_step(KNOWN, seen(said, recorded={REF})) == Record(said)


def test_a_note_that_was_not_shown_is_recorded_once_it_shows_and_never_sent_again() -> None:
    assert note_step(UNSHOWN, seen(THERE)) == Record(THERE)
    for shown in ([], [comment(11, "Replaced the")]):
        assert note_step(UNSHOWN, seen(*shown, settled=True)) == Hold(11, NOT_SHOWN)


def test_a_note_whose_words_were_changed_after_its_comment_was_posted_is_not_recorded_as_posted() -> None:
    posted = comment(11, ending(OLD))
    for problem in (None, TIME_NOT_RECORDED):
        case = replace(CHANGED, comment=11, problem=problem)
        assert isinstance(note_step(case, seen(posted, recorded={OLD}, settled=True)), Doubt)


def test_a_note_that_was_accepted_and_not_shown_is_not_posted_again_because_it_was_changed() -> None:
    case = replace(CHANGED, comment=11, problem=NOT_SHOWN)
    assert isinstance(note_step(case, seen(settled=True)), Doubt | Hold)


def test_a_note_whose_time_a_person_settled_needs_its_comment_alone() -> None:
    case = replace(KNOWN, time=TimeWanted(1190473, 90, "comment"), problem=TIME_NOT_RECORDED, time_settled=True)
    assert note_step(case, seen(THERE, recorded={REF})) == Record(THERE)
    assert note_step(replace(STAMPED, time_settled=True, time=case.time), seen(settled=True)) == Send()


# --- servers that bend the text --------------------------------------------------------------------------------------

TEXTS = (
    "Replaced the failed disk.",
    "Replaced the failed disk in bay four; the array rebuilt over night.\nWatched it sync until six.",
    "Grüße an alle, der Server läuft wieder – 100 % geprüft.",
    "Ran `chkdsk /f` & rebooted it twice.\n\n- disk\n- array",
)
SHORT = "Rebooted."
DONE_WITH = ("\n", "<br>", "<br />\n", "</p><p>")


def body_of(text: str, between: str = "</p>\n<p>") -> str:
    return f"<p>{escape(text)}{between}Ref {REF}</p>"


def sent(body: str) -> NoteCase:
    """A note whose answer was lost, and that was looked for a full `settle` later."""
    return replace(STAMPED, body=body)


def flat(body: str, between: str = " ") -> str:
    return between.join(plain_lines(body))


def reflowed(body: str, width: int) -> str:
    return "\n".join(textwrap.wrap(flat(body), width))


BENT = {
    "as it was": lambda body: body,
    "plain": lambda body: flat(body, "\n"),
    "on one line": flat,
    "escaped": escape,
    "escaped twice": lambda body: escape(escape(body)),
    "a signature below": lambda body: f"{body}<p>Mike Sorrel, Copperline IT</p>",
    "a signature after its last word": lambda body: f"{flat(body)} -- Mike Sorrel",
    "quoted": lambda body: "\n".join(f"> {line}" for line in plain_lines(body)),
    "without its last line": lambda body: "\n".join(plain_lines(body)[:-1]),
    "cut in the middle of its reference": lambda body: flat(body, "\n")[:-5],
    "cut before its reference": lambda body: flat(body, "\n")[: -len(REF)],
    "wrapped at its hyphen": lambda body: flat(body, "\n").replace("-7k2m9q4x1c", "-\n7k2m9q4x1c"),
    "linked": lambda body: body.replace("32162-", '<a href="tel:32162">32162</a>-'),
    "spaces that do not break": lambda body: body.replace(" ", "&nbsp;"),
    "in a box": lambda body: f"<table><tr><td>{body}</td></tr></table>",
}


@pytest.mark.parametrize("text", [*TEXTS, SHORT])
@pytest.mark.parametrize("bent", BENT)
def test_a_server_that_bends_the_text_leads_to_a_record_or_a_doubt_never_to_a_second_comment(
    bent: str, text: str
) -> None:
    body = body_of(text)
    step = note_step(sent(body), seen(comment(11, BENT[bent](body)), settled=True))
    assert isinstance(step, Record | Doubt)


def test_words_in_angle_brackets_are_words_to_a_server_that_shows_plain_text() -> None:
    body = body_of("Ran diskpart, gave the volume <data> its letter back.")
    shown = "Ran diskpart, gave the volume <data> its letter back."
    assert isinstance(note_step(sent(body), seen(comment(11, shown), settled=True)), Doubt)


def test_a_line_that_names_the_day_since_it_is_another_one_hides_nothing() -> None:
    """Stamped and sent in the evening, looked for in the morning: what would be posted now has one line more."""
    words = "<p>Replaced the failed disk in bay four.</p>"
    body = f"<p><em>Work of 2026-04-17</em></p>\n{words}\n<p>Ref {REF}</p>"
    assert isinstance(note_step(sent(body), seen(comment(11, words), settled=True)), Doubt)


def test_a_changed_note_is_known_by_what_was_stamped_where_a_server_cuts_its_reference_off() -> None:
    old = "<p>Replaced the fan, which had been loud for weeks.</p>"
    case = replace(CHANGED, old_bodies=(f"{old}<p>Ref {OLD}</p>",))
    assert isinstance(note_step(case, seen(comment(11, old), settled=True)), Doubt)
    assert note_step(case, seen(comment(9, old), settled=True)) == Restamp()


@given(text=st.sampled_from(TEXTS) | st.text(min_size=1, max_size=80), between=st.sampled_from(DONE_WITH))
@settings(derandomize=True, deadline=None)
def test_any_text_whose_last_line_survives_is_recorded(text: str, between: str) -> None:
    body = body_of(text, between)
    shown = comment(11, body)
    assert note_step(sent(body), seen(shown, settled=True)) == Record(shown)
    assert is_whole(sent(body), shown)


@given(text=st.sampled_from(TEXTS), length=st.integers(20, 400), ellipsis=st.sampled_from(["", "…", "..."]))
@example(text=TEXTS[0], length=44, ellipsis="")
@settings(derandomize=True, deadline=None)
def test_a_text_cut_anywhere_that_leaves_enough_to_tell_is_doubtful_or_recorded(
    text: str, length: int, ellipsis: str
) -> None:
    body = body_of(text)
    shown = flat(body, "\n")[:length] + ellipsis
    assume(sum(char.isalnum() for char in shown) >= 20)
    assert isinstance(note_step(sent(body), seen(comment(11, shown), settled=True)), Record | Doubt)


@given(text=st.sampled_from(TEXTS), width=st.integers(18, 120))
@settings(derandomize=True, deadline=None)
def test_a_text_reflowed_to_any_width_is_doubtful_or_recorded(text: str, width: int) -> None:
    body = body_of(text)
    step = note_step(sent(body), seen(comment(11, reflowed(body, width)), settled=True))
    assert isinstance(step, Record | Doubt)


# --- what holds for every case there can be --------------------------------------------------------------------------

BODIES = st.sampled_from(
    [
        BODY,
        ending(REF),
        ending(OLD),
        ending(OLDER),
        ending(ELSEWHERE),
        "Replaced the failed disk.",
        "Replaced the",
        "Something else",
        f"> Ref {REF}\nthanks",
        f"Done. Ref {OLD}, I think",
        "Ref nothing",
        "",
    ]
)
CONVERSATIONS = st.lists(
    st.builds(comment, st.integers(1, 30), BODIES, st.sampled_from([OWNER, OWNER, OTHER, None])),
    max_size=6,
    unique_by=lambda c: c.id,
).map(lambda comments: tuple(sorted(comments, key=lambda c: c.id)))
IDS = st.lists(st.integers(1, 30), max_size=4).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> NoteCase:
    """A note without time, in any state that a file and a run can bring it into."""
    stamped = draw(st.sampled_from([None, REF, OLD, ELSEWHERE]))
    case = NoteCase(REF, BODY, stamped=stamped, in_flight=draw(st.booleans()))
    if stamped is not None:
        case = replace(
            case,
            stamped_by=draw(st.sampled_from([OWNER, OWNER, OWNER, OTHER])),
            earlier=draw(st.sampled_from([(), (OLDER,), (OLD, OLDER), (REF,)])),
            after=draw(st.integers(0, 30)),
            comment=draw(st.none() | st.integers(1, 30)),
            passed=draw(IDS),
        )
    if case.comment is not None:
        case = replace(case, problem=draw(st.sampled_from([None, NOT_SHOWN, TIME_NOT_RECORDED])))
    if stamped == REF and draw(st.booleans()):
        accepted = comment(draw(st.integers(1, 30)), BODY)
        case = replace(case, accepted=Accepted(comment=accepted, read_back=draw(st.booleans())))
    return case


EVIDENCE = st.builds(
    Evidence,
    comments=CONVERSATIONS,
    owner=st.just(OWNER),
    recorded=st.sets(st.sampled_from([REF, OLD])),
    today=IDS,
    settled=st.booleans(),
)


def own_references(case: NoteCase) -> set[str]:
    return {r for r in (case.reference, case.stamped, *case.earlier) if r}


def ends_with(one: Comment, references: set[str]) -> bool:
    return one.user_id == OWNER and one.body.removesuffix("</p>").endswith(tuple(f"Ref {r}" for r in references))


@given(cases(), EVIDENCE)
@settings(derandomize=True, deadline=None, max_examples=250)
def test_what_may_be_under_way_is_never_sent_before_it_settled(case: NoteCase, evidence: Evidence) -> None:
    step = note_step(case, evidence)
    assert not (case.in_flight and not evidence.settled and isinstance(step, Send | Restamp))


@given(cases(), EVIDENCE)
@settings(derandomize=True, deadline=None, max_examples=250)
def test_nothing_is_sent_while_a_comment_of_ours_ends_with_any_of_its_references(
    case: NoteCase, evidence: Evidence
) -> None:
    old = own_references(case) - {case.reference}
    there = [c for c in evidence.comments if ends_with(c, {case.reference})]
    there += [c for c in evidence.comments if ends_with(c, old) and c.id not in case.passed]
    if there:
        assert not isinstance(note_step(case, evidence), Send | Restamp | Wait)


@given(cases(), EVIDENCE)
@settings(derandomize=True, deadline=None, max_examples=250)
def test_what_was_ever_accepted_is_never_sent_again(case: NoteCase, evidence: Evidence) -> None:
    if case.accepted.comment is not None or (case.comment is not None and case.stamped == case.reference):
        assert not isinstance(note_step(case, evidence), Send | Restamp | Wait)


@given(cases(), EVIDENCE)
@settings(derandomize=True, deadline=None, max_examples=250)
def test_only_a_comment_that_was_read_is_recorded(case: NoteCase, evidence: Evidence) -> None:
    step = note_step(case, evidence)
    if isinstance(step, Record):
        assert step.comment in evidence.comments
        known = case.accepted.comment.id if case.accepted.comment else case.comment
        assert step.comment.id == known or ends_with(step.comment, {case.reference})
        assert not case.accepted.unread


@given(cases(), EVIDENCE)
@settings(derandomize=True, deadline=None, max_examples=250)
def test_what_the_trail_has_is_only_recorded_again_where_the_stamp_or_this_run_knows_it(
    case: NoteCase, evidence: Evidence
) -> None:
    if case.reference in evidence.recorded and case.comment is None and case.accepted.comment is None:
        assert not isinstance(note_step(case, evidence), Record)


@given(cases(), EVIDENCE, st.lists(st.tuples(BODIES, st.none()), max_size=4))
@settings(derandomize=True, deadline=None, max_examples=250)
def test_what_a_customer_writes_decides_nothing(
    case: NoteCase, evidence: Evidence, foreign: list[tuple[str, int | None]]
) -> None:
    theirs = tuple(comment(100 + place, body, user) for place, (body, user) in enumerate(foreign))
    with_theirs = replace(evidence, comments=(*theirs, *evidence.comments), today=(*evidence.today, *range(100, 104)))
    assert note_step(case, with_theirs) == note_step(case, evidence)


@given(cases(), EVIDENCE)
@settings(derandomize=True, deadline=None, max_examples=250)
def test_a_comment_that_a_person_passed_over_never_makes_doubt_again(case: NoteCase, evidence: Evidence) -> None:
    step = note_step(case, evidence)
    if isinstance(step, Doubt):
        assert all(c.id not in case.passed or ends_with(c, {case.reference}) for c in step.comments)
        assert step.comments or case.comment


@given(cases(), EVIDENCE)
@settings(derandomize=True, deadline=None, max_examples=250)
def test_a_decision_depends_on_nothing_but_what_it_is_given_and_settles_in_the_end(
    case: NoteCase, evidence: Evidence
) -> None:
    assert note_step(case, evidence) == note_step(case, evidence)
    settled = note_step(case, replace(evidence, settled=True))
    assert not isinstance(settled, Wait)
    if not case.in_flight:
        assert settled == note_step(case, replace(evidence, settled=False))


@given(cases(), EVIDENCE)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_another_technicians_note_is_left_whatever_is_seen(case: NoteCase, evidence: Evidence) -> None:
    theirs = replace(case, stamped=case.stamped or REF, stamped_by=OTHER)
    assert isinstance(note_step(theirs, evidence), Leave)
