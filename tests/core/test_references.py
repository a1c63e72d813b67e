"""References: the same note has the same one everywhere, and only the last line of our own comment answers for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.notes import Note, Stamp
from synclog.core.references import (
    REFERENCE,
    answering,
    closing_reference,
    draft_reference,
    mentions,
    note_reference,
    short_hash,
    ticket_of,
)
from synclog.model import Comment

DAY = date(2026, 4, 17)
NOTE = Note("Replaced the failed disk.\nWatched it sync.", minutes=90, labor="remote")
REF = "32162-7k2m9q4x1c"


def comment(body: str, user_id: int | None = 1735) -> Comment:
    return Comment(1, 2, "Update", body, "Mike Sorrel", user_id, False, datetime(2026, 4, 17, tzinfo=UTC))


def test_a_reference_looks_as_documented() -> None:
    assert REFERENCE.fullmatch(note_reference(32162, NOTE, DAY, 1))


def test_where_a_note_stands_and_its_stamp_change_nothing() -> None:
    moved = replace(NOTE, index=3, line=40, end_line=44, stamp=Stamp(REF, DAY, 1, 5, 1735), hold=True)
    assert note_reference(32162, moved, DAY, 1) == note_reference(32162, NOTE, DAY, 1)


def test_white_space_that_editors_strip_changes_nothing() -> None:
    spaced = replace(NOTE, text="Replaced the failed disk.  \nWatched it sync.\n\n")
    assert note_reference(32162, spaced, DAY, 1) == note_reference(32162, NOTE, DAY, 1)


@pytest.mark.parametrize(
    "other",
    [
        replace(NOTE, text="Replaced the other disk."),
        replace(NOTE, minutes=91),
        replace(NOTE, minutes=None),
        replace(NOTE, billed=120),
        replace(NOTE, labor="onsite"),
        replace(NOTE, to="email"),
        replace(NOTE, subject="Diagnosis"),
    ],
)
def test_other_content_is_another_reference(other: Note) -> None:
    assert note_reference(32162, other, DAY, 1) != note_reference(32162, NOTE, DAY, 1)


def test_ticket_day_and_place_are_in_it() -> None:
    made = {
        note_reference(32162, NOTE, DAY, 1),
        note_reference(32164, NOTE, DAY, 1),
        note_reference(32162, NOTE, date(2026, 4, 18), 1),
        note_reference(32162, NOTE, DAY, 2),
    }
    assert len(made) == 4
    assert ticket_of(REF) == 32162
    assert ticket_of("new-7k2m9q4x1c") is None


@pytest.mark.parametrize(
    "body",
    [
        f"<p>Replaced the disk.</p>\n<p>Ref {REF}</p>",
        f"Replaced the disk.\n\nRef {REF}",
        f"Replaced the disk.<br>Ref&nbsp;{REF}<br><br>",
        f"<div>Replaced the disk.</div><div><span>Ref</span> {REF}</div>\n  ",
    ],
)
def test_it_is_found_on_the_last_line_whatever_the_server_did_to_the_markup(body: str) -> None:
    assert closing_reference(body) == REF


@pytest.mark.parametrize(
    "body",
    [
        f"> Ref {REF}\n\nThanks, works again!",
        f"Thanks!\n> Ref {REF}",
        f"about your Ref {REF}",
        "Replaced the disk.",
        "",
    ],
)
def test_a_quoted_reference_closes_nothing(body: str) -> None:
    assert closing_reference(body) is None


def test_only_a_comment_of_the_keys_owner_answers() -> None:
    ours, customers, another = comment(f"x\nRef {REF}"), comment(f"x\nRef {REF}", None), comment(f"x\nRef {REF}", 99)
    assert answering((customers, another, ours), REF, 1735) == (ours,)


@given(st.text(max_size=200))
def test_no_body_makes_reading_fail(body: str) -> None:
    closing_reference(body)
    closing_reference(f"<p>{body}</p>")


# --- mentioned anywhere ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        REF,
        f"Replaced the disk. (Ref {REF})",
        f"> Ref {REF}\n\nThanks!",
        f"<p>Replaced the disk. Ref {REF}</p><p>Mike Sorrel</p>",
        f"&lt;p&gt;Ref {REF}&lt;/p&gt;",
        f"see 32164-0000000000, {REF}.",
    ],
)
def test_a_reference_is_mentioned_wherever_it_stands_whole(text: str) -> None:
    assert mentions(text, REF)


@pytest.mark.parametrize(
    "text",
    ["", REF[:-1], f"1{REF}", f"{REF}4", REF.upper(), REF.replace("-", " - "), f"new-{REF.partition('-')[2]}"],
)
def test_a_part_of_a_reference_or_a_longer_one_is_no_mention(text: str) -> None:
    assert not mentions(text, REF)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(derandomize=True, deadline=None)
def test_whatever_stands_around_it_a_reference_set_off_by_spaces_is_mentioned(before: str, after: str) -> None:
    assert mentions(f"{before} {REF} {after}", REF)


# --- of new tickets --------------------------------------------------------------------------------------------------


def test_a_drafts_reference_looks_as_documented_and_is_found_like_any_other() -> None:
    reference = draft_reference((24152385, "Since Monday.", None, (("subject", "Printer"),)), DAY, 1)
    assert REFERENCE.fullmatch(reference)
    assert reference.startswith("new-")
    assert ticket_of(reference) is None
    assert closing_reference(f"<p>Since Monday.</p><p>Ref {reference}</p>") == reference
    assert mentions(f"see {reference}", reference)


def test_content_day_and_place_are_in_a_drafts_reference() -> None:
    content = (24152385, "Since Monday.", None, (("subject", "Printer"), ("tags", ("a", "b"))))
    made = {
        draft_reference(content, DAY, 1),
        draft_reference(content, DAY, 2),
        draft_reference(content, date(2026, 4, 18), 1),
        draft_reference((24152386, *content[1:]), DAY, 1),
        draft_reference((*content[:3], (("subject", "Printer"), ("tags", ("a",)))), DAY, 1),
    }
    assert len(made) == 5
    assert draft_reference(content, DAY, 1) in made


def test_references_are_the_same_on_every_machine_and_in_every_version() -> None:
    """Other ones than these would post again whatever is under way while synclog is updated."""
    assert short_hash(["ü", 1, None, [True]]) == "fwrey7trve"
    assert note_reference(32162, NOTE, DAY, 1) == "32162-4ky279sttx"
    assert draft_reference((1, "x", None, (("subject", "y"), ("tags", ("a",)))), DAY, 1) == "new-b22b5zxwvs"
