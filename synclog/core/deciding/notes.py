"""What push does next with one note: the table of its comment, then that of its time."""

from __future__ import annotations

import re
from collections.abc import Collection

from synclog.core.deciding.steps import (
    CHARGE_NOT_SHOWN,
    NOT_SHOWN,
    TIME_NOT_RECORDED,
    TIME_NOT_SHOWN,
    AddTime,
    Charge,
    Doubt,
    Evidence,
    Hold,
    Leave,
    NoteCase,
    NoteStep,
    ReadBack,
    ReadTimes,
    Record,
    Restamp,
    Send,
    TimeWanted,
    Wait,
)
from synclog.core.deciding.times import is_charged, time_of, time_problem
from synclog.core.plaintext import plain_lines
from synclog.core.references import answering, closing_reference, mentions
from synclog.model import Comment, Reference, TimerEntry

_CUT_REFERENCE = re.compile(r"ref[0-9a-z]{0,24}$")
"""What may be left of a reference at a text's end, where that is cut or broken."""
_TELLING = 20
"""Letters that a text needs before a part of another one is taken for the same, cut short or added to."""


def note_step(case: NoteCase, seen: Evidence) -> NoteStep:
    """Return what to do with a note. The order of the rules is the order of the tables."""
    if case.stamped_by is not None and case.stamped_by != seen.owner:
        return Leave("it was begun with another technician's key, and is left to them")
    comment = _comment(case, seen)
    if not isinstance(comment, Comment):
        return comment
    if case.time is None or case.time_settled:
        return ReadBack() if case.accepted.unread else Record(comment)
    return _time(case, case.time, comment, seen)


# --- its comment -----------------------------------------------------------------------------------------------------


def _comment(case: NoteCase, seen: Evidence) -> Comment | NoteStep:
    """Return the comment that is this note, or the step where there is none, or no telling."""
    there = answering(seen.comments, case.reference, seen.owner)
    accepted = case.accepted.comment
    known = accepted.id if accepted else case.comment
    if known is not None and case.stamped in (None, case.reference):
        shown = next((c for c in seen.comments if c.id == known), None)
        surely = accepted is None and case.problem != NOT_SHOWN
        if shown is not None and (surely or is_whole(case, shown)):
            return shown
        if accepted is not None and case.accepted.unread:
            return accepted
        if not there:
            return Hold(known, NOT_SHOWN)
    if there:
        left = tuple(c for c in there if c.id not in case.passed)
        if not left:
            return Doubt("the comment with its reference was said not to be it", there)
        if all(c.id in case.claimed for c in left):
            return Doubt("the comment with its reference is known to be another note of its file", left)
        return _found(case, left, seen)
    return _absent(case, seen)


def _found(case: NoteCase, there: tuple[Comment, ...], seen: Evidence) -> Comment | Doubt:
    if case.reference in seen.recorded:
        return Doubt("the audit trail has it already: a copy, a revert, or the same words again on that day", there)
    if len(there) > 1:
        return Doubt("more than one comment carries its reference", there)
    return there[0]


def _absent(case: NoteCase, seen: Evidence) -> NoteStep:
    """No comment of the key's owner has its reference on the last line."""
    old = [r for r in (case.stamped, *case.earlier) if r and r != case.reference]
    before = tuple(
        c
        for c in seen.comments
        if (c.id == case.comment or any(c in answering((c,), r, seen.owner) for r in old)) and c.id not in case.passed
    )
    if before:
        return Doubt("it was posted, and was changed, copied or moved afterwards", before)
    if case.comment is not None and case.comment not in case.passed:
        return Doubt(f"it was posted as comment {case.comment}, which does not show, and was changed afterwards")
    theirs = tuple(
        c for c in seen.comments if _is_a_colleagues(c, {case.reference, *old}, seen) and c.id not in case.passed
    )
    if theirs:
        return Doubt("a colleague has posted it: the comment with its reference is another Syncro user's", theirs)
    twins = _twins(case, seen)
    if twins:
        return Doubt("a comment of yours says the same, and does not end with its reference", twins)
    if case.in_flight and not seen.settled:
        return Wait()
    return Restamp() if case.stamped not in (None, case.reference) else Send()


def _is_a_colleagues(comment: Comment, references: Collection[Reference], seen: Evidence) -> bool:
    """Whether another Syncro user posted the note; a customer, who may quote a reference, is none."""
    return comment.user_id not in (None, seen.owner) and closing_reference(comment.body) in references


def _twins(case: NoteCase, seen: Evidence) -> tuple[Comment, ...]:
    """Comments of the key's owner, newer than the stamp or of the note's day, that may be this note: they say the same,
    cut short or with something added, or hold one of its references somewhere; and they answer for no other note."""
    texts = [bare_words(body) for body in (case.body, *case.old_bodies)]
    references = {case.reference, *case.earlier, *([case.stamped] if case.stamped else [])}

    def is_suspicious(comment: Comment) -> bool:
        if comment.user_id != seen.owner or comment.id in case.passed:
            return False
        if not (case.after is not None and comment.id > case.after) and comment.id not in seen.today:
            return False
        if closing_reference(comment.body) is not None:
            return False
        alike = any(is_alike(words, comment.body) for words in texts)
        return alike or any(mentions(comment.body, r) for r in references)

    return tuple(c for c in seen.comments if is_suspicious(c))


def is_alike(words: str, body: str) -> bool:
    """Return whether a body may be the one whose bare words are `words`: as it is, a part of it, or added to."""
    plain = "".join(char for char in body.casefold() if char.isalnum())
    return any(_is_a_part(words, theirs) for theirs in (bare_words(body), plain))


def _is_a_part(words: str, theirs: str) -> bool:
    if words in (theirs, _CUT_REFERENCE.sub("", theirs)):
        return True
    shorter = min(words, theirs, key=len)
    return len(shorter) >= _TELLING and (theirs in words or words in theirs)


def is_whole(case: NoteCase, shown: Comment) -> bool:
    """Return whether a comment that Syncro accepted shows all of the note: to its reference, or all of its words."""
    return closing_reference(shown.body) == case.reference or bare_words(case.body) in bare_words(shown.body)


def bare_words(body: str) -> str:
    """Return the letters and digits of a body, case folded, without its closing reference: what survives any server.

    A body without any (a lone emoji) is compared by its characters.
    """
    lines = plain_lines(body)
    if closing_reference(body) is not None:
        lines = lines[:-1]
    text = "".join(lines).casefold()
    return "".join(char for char in text if char.isalnum()) or text


# --- its time --------------------------------------------------------------------------------------------------------


def _time(case: NoteCase, wanted: TimeWanted, comment: Comment, seen: Evidence) -> NoteStep:
    """The comment is there, or was accepted just now: what is next for its time."""
    accepted = case.accepted
    if accepted.unread and case.in_flight:
        return ReadTimes() if seen.times is None else ReadBack()
    if accepted.unread:
        if accepted.time is not None and wanted.charge and wanted.via == "timer" and not accepted.charged:
            return Charge(comment, accepted.time)
        if accepted.time is not None or accepted.charged or wanted.via == "comment":
            return ReadBack()
        return AddTime(comment)
    if seen.times is None:
        return ReadTimes()
    found = time_of(wanted, comment, case.reference, seen, _older(case, comment, seen))
    if isinstance(found, Doubt):
        return found if seen.times.complete else ReadTimes()
    if found is not None and not time_problem(found, wanted):
        if wanted.charge and isinstance(found, TimerEntry) and not is_charged(found):
            return _uncharged(case, comment, found, seen)
        return Record(comment, found)
    if not seen.times.complete:
        return ReadTimes()
    if found is not None:
        return Hold(comment.id, time_problem(found, wanted) or TIME_NOT_RECORDED)
    return _without_time(case, wanted, comment, seen)


def _older(case: NoteCase, comment: Comment, seen: Evidence) -> Collection[Reference]:
    """The older references that the note's comment may have been posted with, and its time: the one at its end; where
    the account has cut that off, those of the note that no other comment has."""
    closing = closing_reference(comment.body)
    if closing is not None:
        return {closing}
    if case.passed:
        return ()
    others = {closing_reference(other.body) for other in seen.comments}
    return {r for r in (case.stamped, *case.earlier) if r is not None} - others


def _without_time(case: NoteCase, wanted: TimeWanted, comment: Comment, seen: Evidence) -> NoteStep:
    """Complete lists show no time that could be this note's."""
    if case.accepted.time is not None:
        return Hold(comment.id, TIME_NOT_SHOWN)
    if case.reference in seen.timed:
        reason = "the audit trail says that its time is settled, and Syncro shows none"
        return Doubt(reason, (comment,), of_time=True)
    if case.problem not in (None, TIME_NOT_RECORDED, NOT_SHOWN):
        return Hold(comment.id, case.problem)
    # A note that waits for its time has nothing under way: the mark is taken away before its time is sent.
    if case.problem is None and _may_be_under_way(case) and not seen.settled:
        return Wait()
    return Hold(comment.id, TIME_NOT_RECORDED) if wanted.via == "comment" else AddTime(comment)


def _may_be_under_way(case: NoteCase) -> bool:
    """Whether what follows a comment may be: also of one that neither this run nor a stamp that is known posted."""
    return case.in_flight or (case.stamped is None and case.accepted.comment is None)


def _uncharged(case: NoteCase, comment: Comment, timer: TimerEntry, seen: Evidence) -> NoteStep:
    if case.accepted.charged:
        return Hold(comment.id, CHARGE_NOT_SHOWN)
    if case.problem == CHARGE_NOT_SHOWN:
        return Hold(comment.id, CHARGE_NOT_SHOWN)
    if _may_be_under_way(case) and not seen.settled:
        return Wait()
    return Charge(comment, timer.id)
