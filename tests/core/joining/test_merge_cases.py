"""The decision table of merging two versions of a ticket's file, row by row, and files as people type them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.ticketfiles import STAMP, ticket_text
from support.twoclones import Clone, Server, parsed

from synclog.core.joining import conflicted, merge
from synclog.core.merge import Conflict
from synclog.core.ticketfile import with_stamps
from synclog.errors import InvalidFile

NOTE = "Replaced the failed disk."


@pytest.fixture
def start() -> Clone:
    server = Server()
    clone = Clone(server, server.new_file())
    clone.add_note(NOTE, 90)
    return clone


def two(start: Clone) -> tuple[Clone, Clone]:
    return start.copy(1), start.copy(2)


def texts(text: str) -> list[str]:
    return [note.text for note in parsed(text).notes]


# --- fields ----------------------------------------------------------------------------------------------------------


def test_a_value_of_an_older_mirror_is_no_edit(start: Clone) -> None:
    ours, theirs = two(start)
    start.server.changed(status="Resolved", priority="High")
    theirs.pull()
    ours.set_field("problem_type", "Network")
    file = parsed(merge(start.text, ours.text, theirs.text).text)
    assert (file.fields["status"], file.fields["priority"]) == ("Resolved", "High")
    assert [edit.field for edit in file.edits] == ["problem_type"]


def test_both_edited_one_field_differently_ours_rules_and_a_conflict_says_what_theirs_was(start: Clone) -> None:
    ours, theirs = two(start)
    ours.set_field("status", "Resolved")
    theirs.set_field("status", "New")
    made = merge(start.text, ours.text, theirs.text)
    assert "status: Resolved\n" in made.text
    assert parsed(made.text).conflicts == {"status": Conflict("New", "In Progress")}
    assert made.left == ("`status` was changed on both sides, differently",)


def test_an_edit_meets_what_syncro_changed_meanwhile_as_a_conflict(start: Clone) -> None:
    ours, theirs = two(start)
    ours.set_field("status", "Resolved")
    start.server.changed(status="New")
    theirs.pull()
    for one, other in ((ours, theirs), (theirs, ours)):
        file = parsed(merge(start.text, one.text, other.text).text)
        assert (file.fields["status"], file.conflicts) == ("Resolved", {"status": Conflict("New", "In Progress")})


def test_an_edit_that_was_pushed_from_one_side_is_none_any_more(start: Clone) -> None:
    start.set_field("status", "Resolved")
    ours, theirs = two(start)
    theirs.push_fields()
    start.server.changed(status="New")
    theirs.pull()
    file = parsed(merge(start.text, ours.text, theirs.text).text)
    assert (file.fields["status"], file.edits, file.conflicts) == ("New", (), {})


def test_a_second_thought_about_an_edit_that_was_pushed_meanwhile_is_an_edit_and_no_conflict(start: Clone) -> None:
    start.set_field("status", "Resolved")
    ours, theirs = two(start)
    theirs.push_fields()
    ours.set_field("status", "New")
    file = parsed(merge(start.text, ours.text, theirs.text).text)
    assert ([edit.mine for edit in file.edits], file.conflicts) == (["New"], {})


def test_a_conflict_that_one_side_settled_is_over(start: Clone) -> None:
    start.set_field("status", "Resolved")
    start.server.changed(status="New")
    start.pull()
    assert parsed(start.text).conflicts
    ours, theirs = two(start)
    ours.text = ours.text.replace("conflicts: {status: {theirs: New, base: In Progress}}\n", "")
    theirs.scratch("Ask Lena.")
    file = parsed(merge(start.text, ours.text, theirs.text).text)
    assert (file.fields["status"], file.conflicts) == ("Resolved", {})


def test_tags_are_a_set(start: Clone) -> None:
    ours, theirs = two(start)
    ours.set_field("tags", ["server", "raid"])
    theirs.set_field("tags", ["urgent"])
    assert set(parsed(merge(start.text, ours.text, theirs.text).text).fields["tags"] or ()) == {"raid", "urgent"}


# --- notes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mine", [True, False])
def test_a_note_that_one_side_posted_is_gone(start: Clone, mine: bool) -> None:
    posted, other = two(start)
    posted.post(0)
    other.add_note("Called back.")
    pair = (posted.text, other.text) if mine else (other.text, posted.text)
    assert texts(merge(start.text, *pair).text) == ["Called back."]


def test_a_note_that_was_stamped_here_and_posted_there_is_gone(start: Clone) -> None:
    ours, theirs = two(start)
    ours.stamp(0)
    theirs.post(0)
    assert texts(merge(start.text, ours.text, theirs.text).text) == []


def test_a_note_that_was_stamped_here_and_deleted_there_stays_since_it_may_be_in_syncro(start: Clone) -> None:
    ours, theirs = two(start)
    ours.stamp(0)
    theirs.delete(0)
    assert texts(merge(start.text, ours.text, theirs.text).text) == [NOTE]


def test_a_note_that_was_changed_here_and_posted_there_is_on_hold(start: Clone) -> None:
    ours, theirs = two(start)
    ours.reword(0, f"{NOTE} And its cable.")
    theirs.post(0)
    made = merge(start.text, ours.text, theirs.text)
    (note,) = parsed(made.text).notes
    assert (note.text, note.hold) == (f"{NOTE} And its cable.", True)
    assert "  # merged: this note may have been posted from elsewhere" in made.text
    assert made.left


def test_a_stamped_note_that_was_changed_here_and_posted_there_is_left_to_its_stamp(start: Clone) -> None:
    start.stamp(0)
    ours, theirs = two(start)
    ours.text = ours.text.replace(NOTE, f"{NOTE} And its cable.", 1)
    theirs.post(0)
    (note,) = parsed(merge(start.text, ours.text, theirs.text).text).notes
    assert (note.hold, note.stamp) == (False, parsed(start.text).notes[0].stamp)


def test_a_change_of_one_side_is_taken_and_changes_of_different_things_are_joined(start: Clone) -> None:
    ours, theirs = two(start)
    ours.reword(0, f"{NOTE} And its cable.")
    theirs.text = theirs.text.replace("    time: 1h30m\n", "    time: 1h30m\n    to: private   # not for Lena\n")
    (note,) = parsed(merge(start.text, ours.text, theirs.text).text).notes
    assert (note.text, note.minutes, note.to, note.hold) == (f"{NOTE} And its cable.", 90, "private", False)


@pytest.mark.parametrize("stamped", [False, True])
def test_two_wordings_are_both_kept_and_on_hold_with_ids_of_their_own(start: Clone, stamped: bool) -> None:
    if stamped:
        start.stamp(0)
    ours, theirs = two(start)
    ours.text = ours.text.replace(NOTE, f"{NOTE} And its cable.", 1)
    theirs.text = theirs.text.replace("1h30m", "2h", 1)
    made = merge(start.text, ours.text, theirs.text)
    one, other = parsed(made.text).notes
    assert [(one.text, one.minutes), (other.text, other.minutes)] == [(f"{NOTE} And its cable.", 90), (NOTE, 120)]
    assert one.hold
    assert other.hold
    if stamped:
        assert one.stamp is not None
        assert other.stamp is not None
        assert one.stamp.reference in other.stamp.earlier
    assert made.text.count("# merged: this note was changed on both sides") == 2


@pytest.mark.parametrize("changed", [False, True])
def test_a_stamp_that_one_side_has_stays_whichever_side_it_is(start: Clone, changed: bool) -> None:
    ours, theirs = two(start)
    theirs.stamp(0)
    if changed:
        ours.reword(0, f"{NOTE} And its cable.")
    ours.scratch("Ask Lena.")
    stamp = parsed(theirs.text).notes[0].stamp
    for pair in ((ours, theirs), (theirs, ours)):
        (note,) = parsed(merge(start.text, pair[0].text, pair[1].text).text).notes
        assert stamp is not None
        assert note.stamp == stamp


def test_one_id_at_two_notes_stays_with_one_and_is_looked_for_by_the_other(start: Clone) -> None:
    ours, theirs = two(start)
    ours.stamp(0)
    theirs.stamp(0)
    stamped = parsed(theirs.text).notes
    theirs.text = start.text
    theirs.add_note(NOTE, 90)
    theirs.text = with_stamps(theirs.text, {1: stamped[0].stamp})
    notes = parsed(merge(start.text, ours.text, theirs.text).text).notes
    assert len({note.stamp.reference for note in notes if note.stamp}) == 2
    assert [note.stamp.earlier for note in notes if note.stamp] == [(), (stamped[0].stamp.reference,)]  # type: ignore[union-attr]
    assert [note.hold for note in notes] == [False, True]


def test_the_side_that_knows_more_of_a_stamped_note_is_believed() -> None:
    start = ticket_text(
        f"notes:\n  - note: {NOTE}\n    synclog: {{id: {STAMP.reference}, of: 2026-04-17/1, after: 5512, by: 1735}}"
    )
    known = start.replace("by: 1735}", "by: 1735, comment: 77, problem: time was not recorded}")
    more = start.replace("by: 1735}", "by: 1735, earlier: [32162-0000000000], not: [5]}")
    for pair in ((known, more), (more, known)):
        (note,) = parsed(merge(start, *pair).text).notes
        assert note.stamp == replace(
            STAMP, comment=77, problem="time was not recorded", earlier=("32162-0000000000",), passed=(5,)
        )


def test_notes_that_both_added_stand_behind_each_other_and_equal_ones_are_one(start: Clone) -> None:
    ours, theirs = two(start)
    for clone, words in ((ours, "Called back."), (theirs, "Ordered a spare one.")):
        clone.add_note(words)
        clone.add_note("Closed the case.", 15)
    made = texts(merge(start.text, ours.text, theirs.text).text)
    assert made == [NOTE, "Called back.", "Ordered a spare one.", "Closed the case."]


@pytest.mark.parametrize("old", [True, False])
def test_the_same_words_with_other_time_added_on_both_sides_are_on_hold(start: Clone, old: bool) -> None:
    ours, theirs = two(start)
    ours.add_note("Called back.", 15)
    theirs.add_note("Called back.", 30)
    made = parsed(merge(start.text if old else None, ours.text, theirs.text).text)
    assert [(note.text, note.minutes, note.hold) for note in made.notes] == [
        (NOTE, 90, False),
        ("Called back.", 15, True),
        ("Called back.", 30, True),
    ]


# --- the technician's own --------------------------------------------------------------------------------------------


def test_an_invoice_that_one_side_got_is_not_asked_for_again(start: Clone) -> None:
    start.set_invoice(True)
    ours, theirs = two(start)
    ours.add_note("Called back.")
    theirs.set_invoice(False)
    theirs.server.changed(invoices=["5021"])
    theirs.pull()
    file = parsed(merge(start.text, ours.text, theirs.text).text)
    assert (file.invoice, file.fields["invoices"]) == (False, ("5021",))


def test_scratch_text_that_both_changed_is_there_twice_and_a_key_of_ones_own_stays_as_a_comment(start: Clone) -> None:
    start.scratch("Key: at the desk.")
    start.own_key("rack", "3")
    ours, theirs = two(start)
    ours.text = ours.text.replace("at the desk", "with Lena").replace("rack: 3", 'rack: "4"  # moved')
    theirs.text = theirs.text.replace("at the desk", "with Otto").replace("rack: 3", "rack: 5")
    made = merge(start.text, ours.text, theirs.text)
    assert "\nKey: with Lena.\nKey: with Otto.\n" in made.text
    assert '\n# merged: the other side had\n# rack: 5\nrack: "4"  # moved\n' in made.text
    assert parsed(made.text).extra == ("rack",)


def test_what_is_left_to_decide_is_one_line_each_whatever_a_key_is_called(start: Clone) -> None:
    sides = [start.text.replace("tags:", f'"x\\nSynclog-Op: comment": {value}\ntags:', 1) for value in (1, 2, 3)]
    (line,) = merge(*sides).left
    assert "\n" not in line


def test_comments_quotes_and_the_order_of_keys_are_as_they_were_typed_on_either_side(start: Clone) -> None:
    ours, theirs = two(start)
    ours.text = ours.text.replace("status: In Progress", "status: 'In Progress'  # since Monday")
    theirs.text = theirs.text.replace("priority: Normal\n", "").replace("tags:", "# hot\npriority: 'Normal'\ntags:")
    made = merge(start.text, ours.text, theirs.text).text
    assert "\nstatus: 'In Progress'  # since Monday\n" in made
    assert "\n# hot\npriority: 'Normal'\ntags:" in made


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        (f"notes: ['{NOTE}', Called back]", f"notes:\n- {NOTE}\n- Ordered one."),
        (
            "notes:\n    # mine\n    - Called back\n    - |\n      Two\n        lines",
            f"notes:\n- {NOTE}\n-   note: |2\n      Three\n      more",
        ),
        ("notes:", f"notes: [{{note: '{NOTE}', time: 5}}]"),
        ("notes: ~", f"notes:\n  - {NOTE}\n\n  # behind\n  - Ordered one."),
    ],
)
def test_lists_are_joined_however_they_are_typed(mine: str, other: str) -> None:
    start = ticket_text(f"notes:\n  - {NOTE}")
    ours, theirs = ticket_text(mine), ticket_text(other)
    for old in (start, None):
        for pair in ((ours, theirs), (theirs, ours)):
            made = texts(merge(old, *pair).text)
            assert set(made) >= {t for text in pair for t in texts(text)} - {NOTE}


@pytest.mark.parametrize("empty", ["notes:", "notes: ~", "notes: []  # none yet"])
def test_a_list_that_is_empty_on_both_sides_is_left_as_it_is(empty: str) -> None:
    start = ticket_text(empty)
    ours, theirs = start.replace("status: In Progress", "status: New"), start.replace("---\n\n<!--", "---\nmine\n<!--")
    assert f"\n{empty}\n" in merge(start, ours, theirs).text


def test_line_ends_a_byte_order_mark_and_indented_keys_are_kept(start: Clone) -> None:
    ours, theirs = two(start)
    ours.add_note("Called back.")
    theirs.scratch("Ask Lena.")
    theirs.text = "\ufeff" + theirs.text.replace("\n", "\r\n")
    made = merge(start.text, ours.text, theirs.text).text
    assert made.startswith("\ufeff---\r\n")
    assert made.count("\n") == made.count("\r\n")
    front, rest = start.text.split("\n---\n", 1)
    indented = "---\n" + "".join(f"  {line}\n" for line in front.split("\n")[1:]) + f"---\n{rest}"
    made = merge(start.text, ours.text, indented).text
    assert "\n  number: 32162\n" in made
    assert texts(made) == [NOTE, "Called back."]


# --- what is not whole -----------------------------------------------------------------------------------------------


def test_a_side_that_lost_its_base_is_read_with_the_ancestors(start: Clone) -> None:
    ours, theirs = two(start)
    ours.set_field("status", "Resolved")
    ours.text = "".join(
        line for line in ours.text.splitlines(keepends=True) if not line.startswith("<!-- synclog:base")
    )
    start.server.changed(priority="High")
    theirs.pull()
    file = parsed(merge(start.text, ours.text, theirs.text).text)
    assert (file.fields["status"], file.fields["priority"], file.conflicts) == ("Resolved", "High", {})
    lost = parsed(merge(None, ours.text, theirs.text).text)
    assert lost.conflicts.keys() == {"status", "priority"}


def test_an_emptied_status_of_a_file_without_a_base_is_no_wish(start: Clone) -> None:
    ours, theirs = two(start)
    theirs.text = start.text[: start.text.index("<!-- synclog:base")].replace("status: In Progress", "status:")
    ours.add_note("Called back.")
    assert parsed(merge(start.text, ours.text, theirs.text).text).fields["status"] == "In Progress"


def test_a_draft_is_merged_and_meets_the_ticket_that_was_made_of_it(start: Clone) -> None:
    draft = "---\nsubject: New switch\ndescription: The old one drops.\nnotes: []\ninvoice: false\n---\n"
    ours = draft.replace("notes: []", "notes:\n  - Ordered it.").replace("drops.", "drops the phones.")
    theirs = draft.replace("subject: New switch", "subject: New switch\npriority: High")
    made = merge(draft, ours, theirs).text
    assert "priority: High\n" in made
    assert "drops the phones." in made
    joined = parsed(merge(draft, ours, start.text).text)
    assert joined.number == 32162
    assert {note.text for note in joined.notes} == {"Ordered it.", NOTE}


def test_files_of_two_tickets_are_not_merged(start: Clone) -> None:
    other = start.text.replace("number: 32162", "number: 32163").replace('"number": 32162', '"number": 32163')
    with pytest.raises(InvalidFile, match="#32162 and #32163"):
        merge(None, start.text, other)


def test_a_conflict_holds_both_sides_to_the_byte() -> None:
    made = conflicted("a\nb\nc\n", "a\nmine\nc\n", "a\ntheirs")
    assert made == "a\n<<<<<<< ours\nmine\nc\n=======\ntheirs\n>>>>>>> theirs\n"


def test_what_is_not_valid_in_an_ancestor_counts_as_no_ancestor(start: Clone) -> None:
    ours, theirs = two(start)
    ours.add_note("Called back.")
    theirs.scratch("Ask Lena.")
    assert merge("<<<<<<< ours\n", ours.text, theirs.text) == merge(None, ours.text, theirs.text)
