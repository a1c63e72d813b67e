"""Merging two versions of a ticket's file: promises that hold whatever two clones and Syncro did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.twoclones import STATUSES, WORDS, Clone, Server, parsed

from synclog.core.joining import merge
from synclog.core.joining.saying import saying
from synclog.core.notes import Note
from synclog.core.ticketfile import TicketFile

Three = tuple[str, str, str]
Step = tuple[str, tuple[object, ...]]
PLACE = st.integers(0, 4)


def steps(*, posting: bool = True) -> st.SearchStrategy[list[Step]]:
    kinds: list[st.SearchStrategy[Step]] = [
        st.tuples(st.just("set_field"), st.tuples(st.just("status"), st.sampled_from(STATUSES))),
        st.tuples(st.just("set_field"), st.tuples(st.just("priority"), st.sampled_from(("High", "Low")))),
        st.tuples(st.just("set_field"), st.tuples(st.just("tags"), st.lists(st.sampled_from("abc"), unique=True))),
        st.tuples(st.just("set_invoice"), st.tuples(st.booleans())),
        st.tuples(st.just("add_note"), st.tuples(st.sampled_from(WORDS), st.sampled_from((None, 15, 90)))),
        st.tuples(st.just("reword"), st.tuples(PLACE, st.sampled_from(WORDS).map("{} And once more.".format))),
        st.tuples(st.just("retime"), st.tuples(PLACE, st.sampled_from((30, 45)))),
        st.tuples(st.just("delete"), st.tuples(PLACE)),
        st.tuples(st.just("scratch"), st.tuples(st.sampled_from(("ask Lena", "door code at the desk", "old: x")))),
        st.tuples(st.just("scratch_changed"), st.tuples(st.just("ask Lena"), st.sampled_from(("asked", "ask Otto")))),
        st.tuples(st.just("own_key"), st.tuples(st.sampled_from(("rack", "vpn")), st.sampled_from(("3", "b: c")))),
        st.tuples(st.just("comment"), st.tuples(st.sampled_from(("status", "tags")), st.sampled_from("xy"))),
    ]
    if posting:
        kinds += [
            st.tuples(st.just("stamp"), st.tuples(PLACE)),
            st.tuples(st.just("post"), st.tuples(PLACE)),
            st.tuples(st.just("pull"), st.just(())),
            st.tuples(st.just("push_fields"), st.just(())),
            st.tuples(st.just("theirs"), st.tuples(st.sampled_from(STATUSES))),
        ]
    return st.lists(st.one_of(kinds), max_size=6)


def play(clone: Clone, todo: list[Step]) -> Clone:
    for name, words in todo:
        if name == "theirs":
            clone.server.changed(status=words[0])
        else:
            act: Callable[..., None] = getattr(clone, name)
            act(*words)
    return clone


@st.composite
def versions(draw: st.DrawFn, *, posting: bool = True) -> Three:
    """An ancestor, and what two clones made of it."""
    server = Server()
    ancestor = play(Clone(server, server.new_file()), draw(steps(posting=posting)))
    ours, theirs = ancestor.copy(1), ancestor.copy(2)
    for _ in range(draw(st.integers(1, 2))):
        play(ours, draw(steps(posting=posting)))
        play(theirs, draw(steps(posting=posting)))
    return ancestor.text, ours.text, theirs.text


def words_of(notes: tuple[Note, ...]) -> Counter[tuple[object, ...]]:
    return Counter(saying(note) for note in notes)


def references_of(*files: TicketFile) -> set[str]:
    stamps = (note.stamp for file in files for note in file.notes if note.stamp)
    return {reference for stamp in stamps for reference in (stamp.reference, *stamp.earlier)}


def settled_edits(file: TicketFile) -> dict[str, object]:
    return {e.field: e.mine for e in file.edits if e.field not in file.conflicts and e.field != "tags"}


def it_is_the_same_every_time(three: Three, made: str) -> None:
    assert merge(*three).text == made


def it_has_the_newer_of_the_two_mirrors_as_it_is(three: Three, made: str) -> None:
    newest = max((parsed(text) for text in three[1:]), key=lambda file: file.version)
    file = parsed(made)
    assert (file.base, file.mirror) == (newest.base, newest.mirror)
    assert not file.read_only_edits


def of_one_version_with_itself_it_is_that_version(three: Three, made: str) -> None:
    for text in (*three, made):
        assert merge(text, text, text).text == text
        assert merge(three[0], text, text).text == text
        assert merge(None, text, text).text == text


def where_one_side_did_nothing_it_is_the_other_side(three: Three, made: str) -> None:
    old, ours, theirs = three
    assert merge(old, ours, old).text == ours
    assert merge(old, old, theirs).text == theirs


def where_one_side_only_pulled_it_is_what_the_other_side_wrote(three: Three, made: str) -> None:
    old, ours, _ = three
    server = Server()
    server.changes = 90
    server.changed(problem_type="Network")
    pulled = Clone(server, old)
    pulled.pull()
    file, mine = parsed(merge(old, ours, pulled.text).text), parsed(ours)
    assert [(saying(note), note.stamp) for note in file.notes] == [(saying(note), note.stamp) for note in mine.notes]
    assert (file.scratch, file.extra, file.invoice) == (mine.scratch, mine.extra, mine.invoice)


def merging_again_changes_nothing(three: Three, made: str) -> None:
    _, ours, theirs = three
    assert merge(ours, made, ours).text == made
    assert merge(theirs, theirs, made).text == made


def whichever_side_is_ours_the_same_is_pending(three: Three, made: str) -> None:
    old, ours, theirs = three
    one, other = parsed(made), parsed(merge(old, theirs, ours).text)
    assert words_of(one.notes) == words_of(other.notes)
    there = references_of(parsed(ours), parsed(theirs))
    assert references_of(one) & there == references_of(other) & there
    assert one.conflicts.keys() == other.conflicts.keys()
    assert settled_edits(one) == settled_edits(other)
    assert set(one.fields["tags"] or ()) == set(other.fields["tags"] or ())
    assert (one.invoice, one.gone, set(one.extra)) == (other.invoice, other.gone, set(other.extra))


def no_wording_that_one_side_wrote_since_is_lost(three: Three, made: str) -> None:
    old, ours, theirs = (parsed(text) for text in three)
    there = {note.text for note in parsed(made).notes}
    known = {note.text for note in old.notes}
    assert {note.text for side in (ours, theirs) for note in side.notes} - known <= there


def no_line_of_text_and_no_key_that_one_side_wrote_since_is_lost(three: Three, made: str) -> None:
    old = set(three[0].splitlines())
    own = parsed(made).scratch.splitlines()
    for text in three[1:]:
        assert all(line in own or line in old for line in parsed(text).scratch.splitlines())
        keys = [line for line in text.splitlines() if line.startswith(("# x", "# y", "rack", "vpn"))]
        # A key that both sides gave the same value is typed as one of them typed it: quoted or not.
        assert all(line.replace('"', "") in made.replace('"', "") for line in keys if line not in old)


def no_stamp_of_a_note_that_stays_is_lost(three: Three, made: str) -> None:
    file = parsed(made)
    bare = {note.text for note in file.notes if note.stamp is None}
    for text in three[1:]:
        for note in parsed(text).notes:
            if note.stamp is not None and note.text in bare and f"Ref {note.stamp.reference}" not in file.mirror:
                assert note.stamp.reference in references_of(file)


def what_was_posted_or_deleted_on_one_side_and_not_touched_on_the_other_is_gone(three: Three, made: str) -> None:
    old, ours, theirs = (parsed(text) for text in three)
    there = words_of(parsed(made).notes)
    for mine, other in ((ours, theirs), (theirs, ours)):
        for note in old.notes:
            said = saying(note)
            untouched = words_of(mine.notes)[said] == words_of(old.notes)[said]
            if untouched and not words_of(other.notes)[said] and references_of(mine) <= references_of(old):
                assert not there[said]


def a_field_that_nobody_edited_is_what_syncro_says(three: Three, made: str) -> None:
    edited = {edit.field for text in three for edit in parsed(text).edits}
    file = parsed(made)
    assert {edit.field for edit in file.edits} <= edited
    assert file.conflicts.keys() <= edited


def without_an_ancestor_it_keeps_every_wording(three: Three, made: str) -> None:
    _, ours, theirs = three
    there = {note.text for note in parsed(merge(None, ours, theirs).text).notes}
    assert {note.text for text in (ours, theirs) for note in parsed(text).notes} <= there


PROMISES = (
    it_is_the_same_every_time,
    it_has_the_newer_of_the_two_mirrors_as_it_is,
    of_one_version_with_itself_it_is_that_version,
    where_one_side_did_nothing_it_is_the_other_side,
    where_one_side_only_pulled_it_is_what_the_other_side_wrote,
    merging_again_changes_nothing,
    whichever_side_is_ours_the_same_is_pending,
    no_wording_that_one_side_wrote_since_is_lost,
    no_line_of_text_and_no_key_that_one_side_wrote_since_is_lost,
    no_stamp_of_a_note_that_stays_is_lost,
    what_was_posted_or_deleted_on_one_side_and_not_touched_on_the_other_is_gone,
    a_field_that_nobody_edited_is_what_syncro_says,
    without_an_ancestor_it_keeps_every_wording,
)


# What fails is printed as three files, which are short enough; cutting them down takes minutes.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
# Making three versions takes longer than merging them: all promises are looked at for each.
SOME = settings(max_examples=40, phases=NO_SHRINKING, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SOME
@given(versions())
def test_whatever_two_clones_and_syncro_did_the_promises_hold(three: Three) -> None:
    made = merge(*three).text
    for holds in PROMISES:
        holds(three, made)


@SOME
@given(versions(posting=False))
def test_whatever_two_technicians_wrote_the_promises_hold(three: Three) -> None:
    made = merge(*three).text
    for holds in PROMISES:
        holds(three, made)


@settings(SOME, max_examples=20)
@given(st.data())
def test_two_clones_that_merge_again_and_again_agree_and_post_nothing_twice(data: st.DataObject) -> None:
    server = Server()
    start = Clone(server, server.new_file())
    clones = [start.copy(1), start.copy(2)]
    ancestor = start.text
    for _ in range(data.draw(st.integers(1, 3))):
        for clone in clones:
            play(clone, data.draw(steps()))
        ancestor = merge(ancestor, clones[0].text, clones[1].text).text
        parsed(ancestor)
        for clone in clones:
            clone.text = ancestor
    references = [text.rpartition("Ref ")[2] for _, text in server.comments]
    assert len(references) == len(set(references))


@settings(SOME, max_examples=20)
@given(st.data())
def test_criss_cross_nothing_that_was_written_gets_lost(data: st.DataObject) -> None:
    """Each merges what the other one had before its own merge, so that neither is ahead; then both meet."""
    server = Server()
    start = Clone(server, server.new_file())
    one, other = play(start.copy(1), data.draw(steps())), play(start.copy(2), data.draw(steps()))
    left, right = merge(start.text, one.text, other.text).text, merge(start.text, other.text, one.text).text
    for ancestor in (one.text, other.text, merge(start.text, one.text, other.text).text):
        met = parsed(merge(ancestor, left, right).text)
        assert {note.text for note in met.notes} >= {note.text for note in parsed(left).notes}
        assert len(met.notes) == len(parsed(left).notes)
