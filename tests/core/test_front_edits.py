"""Edits in place: the edited value reads back, and every other byte is as the technician typed it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.ticketfiles import BASE, PATH, RULES, STAMP, ticket_text

from synclog.core.document import parse_document
from synclog.core.frontedit import Splice, content_of, edited, remove_keys, set_values
from synclog.core.merge import Conflict
from synclog.core.noteedit import with_added_notes, with_stamps, without_notes
from synclog.core.notes import Note, Stamp
from synclog.core.ticketedit import render_draft, with_conflicts, with_fields, with_gone, with_state, without_keys
from synclog.core.ticketfile import parse_ticket_file
from synclog.core.yamlemit import plain_form
from synclog.errors import EditFailed, InvalidFile, UsageError


def front(*lines: str) -> str:
    return "---\n" + "".join(f"{line}\n" for line in lines) + "---\nscratch\n"


def lines_of(text: str) -> list[str]:
    return text.splitlines(keepends=True)


# --- one value ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("status: New", "Resolved", "status: Resolved"),
        ("status:   New   # call her first", "Resolved", "status:   Resolved   # call her first"),
        ('status: "New"', "In Progress", 'status: "In Progress"'),
        ("status: 'New'", "Len's", "status: 'Len''s'"),
        ("status: 'New'", None, "status: null"),
        ("status:", "New", "status: New"),
        ("status:  # none yet", "New", "status: New  # none yet"),
        ("status: ~", "New", "status: New"),
        ("status: New", None, "status: null"),
        ("status: New", "a: b", 'status: "a: b"'),
        ("status: New", "a #b", 'status: "a #b"'),
        ("status: New", "null", 'status: "null"'),
        ("status: New", "yes", 'status: "yes"'),
        ("status: New", "", 'status: ""'),
        ("status: New", "- x", 'status: "- x"'),
        ("status: New", "two\nlines\t\\", 'status: "two\\nlines\\t\\\\"'),
        ("status: New", "\x1b\u2028\x85", 'status: "\\u001b\\u2028\\u0085"'),
        ("status: New", "Grüße 😀", "status: Grüße 😀"),
        ("status: New", "2026-04-20", "status: 2026-04-20"),
        ("status: |  # why\n  New", "Resolved", "status: Resolved  # why"),
        ("status: >-\n  New\n  and so on", "Resolved", "status: Resolved"),
        ("status: New\n  on two lines", "Resolved", "status: Resolved"),
        ("status:\n  New", "Resolved", "status:\n  Resolved"),
        ("status: New", True, "status: true"),
        ("status: New", 32162, "status: 32162"),
    ],
)
def test_a_value_is_replaced_where_it_stands(before: str, value: Any, after: str) -> None:
    frame = ("a: 1  # one", "", "{}", "# last", "b:   'x'")
    text = front(*(before if line == "{}" else line for line in frame))
    fresh = set_values(text, {"status": value})
    assert fresh == front(*(after if line == "{}" else line for line in frame))
    assert content_of(parse_document(fresh, PATH))["status"] == plain_form(value)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("tags: [server]", ("server", "disk"), "tags: [server, disk]"),
        ("tags: [ 'server' , disk ]  # mine", ("server",), "tags: [ 'server' ]  # mine"),
        ("tags: [a, b, c]", ("b", "d"), "tags: [b, d]"),
        ("tags: [a, b]", (), "tags: []"),
        ("tags: []", ("a",), "tags: [a]"),
        ("tags:", ("a",), "tags: [a]"),
        ("tags: server", ("server", "x, y"), 'tags: [server, "x, y"]'),
        ("tags:\n  - a  # first\n  # between\n  - b", ("a", "c"), "tags:\n  - a  # first\n  # between\n  - c"),
        ("tags:\n- a\n- b\n", ("b",), "tags:\n- b\n"),
        ("tags:  # all\n  - a\n  - b", ("c",), "tags: [c]  # all"),
        ("tags:\n  - a\n  - b", ("b", "a"), "tags: [b, a]"),
        ("tags:\n  - a", (), "tags: []"),
        ("tags: [a,\n  b]", ("a",), "tags: [a]"),
    ],
)
def test_a_list_changes_by_its_members(before: str, value: Any, after: str) -> None:
    text = front("a: 1", before, "b: 2")
    fresh = set_values(text, {"tags": value})
    assert fresh == front("a: 1", after, "b: 2")


@pytest.mark.parametrize("value", ["In Progress", None, ("server",), "32162"])
def test_a_value_that_is_there_already_leaves_every_byte(value: Any) -> None:
    written = {"In Progress": '"In Progress"', None: "~", "32162": "32162"}.get(value, "[ 'server' ]")
    text = front(f"key:   {written}   # as I like it")
    assert set_values(text, {"key": value}) == text


def test_a_missing_key_goes_where_the_layout_has_it() -> None:
    text = front("# top", "subject: x", "mine: 1", "notes:", "  - a", "", "# end")
    fresh = with_fields(text, {"status": "New", "number": 5, "invoice": False, "other": "z", "id": 9})
    assert fresh == front(
        "# top", "number: 5", "subject: x", "status: New", "mine: 1", "notes:", "  - a", "invoice: false", "id: 9",
        "other: z", "", "# end",
    )  # fmt: skip


def test_a_key_is_added_in_the_files_own_indentation_and_line_ends() -> None:
    text = "\ufeff---\r\n  subject: x\r\n---\r\n"
    assert with_fields(text, {"status": "New"}) == "\ufeff---\r\n  subject: x\r\n  status: New\r\n---\r\n"


def test_removed_keys_go_with_their_lines_and_nothing_else() -> None:
    text = front("a: 1", "# about b", "b:", "  - x  # gone", "  - y", "# stays", "c: |", "  text", "", "d: 2  # gone")
    assert remove_keys(text, ("b", "c", "d", "e")) == front("a: 1", "# about b", "# stays", "")


def test_state_conflicts_and_gone_come_and_go_without_a_trace() -> None:
    text = ticket_text()
    conflicts = {"status": Conflict("Resolved", "In Progress"), "tags": Conflict(("a", "b, c"), ())}
    state = with_state(with_gone(with_conflicts(text, conflicts), True), invoice_after=77, create=STAMP)
    file = parse_ticket_file(state, PATH, RULES)
    assert (file.conflicts, file.gone, file.invoice_after, file.create) == (conflicts, True, 77, STAMP)
    assert "conflicts: {status: {theirs: Resolved, base: In Progress}, tags:" in state
    assert with_conflicts(with_gone(with_state(state), False), {}) == text


def test_a_draft_becomes_an_ordinary_file_by_its_keys() -> None:
    draft = render_draft({"subject": "Scanner: no mail", "description": "Since: Monday\n\n# all floors", "to": "email"})
    file = parse_ticket_file(draft, "clients/x/tickets/new-scanner.md", RULES)
    assert (file.is_draft, file.fields["subject"], file.to) == (True, "Scanner: no mail", "email")
    assert file.description == "Since: Monday\n\n# all floors"
    made = without_keys(with_fields(draft, {"number": 32170, "id": 5}), ("description", "to"))
    assert made == '---\nnumber: 32170\nsubject: "Scanner: no mail"\nnotes: []\ninvoice: false\nid: 5\n---\n'


def test_a_description_that_no_file_can_hold_is_refused_before_it_is_written() -> None:
    with pytest.raises(UsageError, match="U\\+001B"):
        render_draft({"subject": "Scanner", "description": "red \x1b[31m"})


def test_an_edit_that_would_change_anything_else_is_never_returned() -> None:
    document = parse_document(front("a: 1", "b: 2"), PATH)
    with pytest.raises(EditFailed):
        edited(document, [Splice(document.front_start, document.front_start, "x: 1\n")], {"a": "1", "b": "2"})
    with pytest.raises(EditFailed):
        edited(document, [Splice(document.front_start, document.front_start, "'")], {"a": "1", "b": "2"})
    with pytest.raises(EditFailed):
        edited(document, [Splice(len(document.text), len(document.text), "x")], {"a": "1", "b": "2"})


def test_an_edit_of_a_file_that_is_not_valid_is_refused() -> None:
    with pytest.raises(InvalidFile):
        with_gone("---\nsubject: a: b\n---\n", True)


# --- any front matter, any edit ----------------------------------------------------------------------------------

WORDS = st.text(alphabet=st.sampled_from("abz: #'\"-|>[]{},?&*!%@`\\éß😀0 "), max_size=14)
PLAIN = (
    st.text(alphabet=st.sampled_from("abzé😀09 ._/"), min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: bool(text) and text[0].isalnum())
)
COMMENT = st.sampled_from(["", "  # mine", " #c: [x"])
BETWEEN = st.sampled_from(["", "\n", "# a: comment\n", "\n  # indented\n\n"])


@dataclass(frozen=True)
class Piece:
    """One key with its value as it is typed, its lines whole."""

    key: str
    source: str


@st.composite
def scalars(draw: st.DrawFn) -> str:
    """A scalar as somebody types it, with what follows on its line."""
    style = draw(st.sampled_from(["plain", "single", "double", "literal", "keep", "folded", "null", "tilde", "below"]))
    text, comment = draw(WORDS), draw(COMMENT)
    if style == "single":
        return " '" + text.replace("'", "''") + f"'{comment}\n"
    if style == "double":
        return ' "' + text.replace("\\", "\\\\").replace('"', '\\"') + f'"{comment}\n'
    if style in ("literal", "keep", "folded"):
        header = {"literal": "|", "keep": "|+", "folded": ">-"}[style]
        lines = draw(st.lists(WORDS, min_size=1, max_size=3))
        return f" {header}{comment}\n" + "".join(f"    x{line}\n" for line in lines) + draw(st.sampled_from(["", "\n"]))
    if style == "below":
        return f"{comment}\n    {draw(PLAIN)}\n"
    return {"plain": f" {draw(PLAIN)}", "null": "", "tilde": " ~"}[style] + f"{comment}\n"


@st.composite
def values(draw: st.DrawFn) -> str:
    """A value of a key: a scalar, a list or a mapping, in either style."""
    style = draw(st.sampled_from(["scalar", "flow list", "flow map", "block list", "block map", "flat list"]))
    comment = draw(COMMENT)
    words = draw(st.lists(PLAIN, min_size=1, max_size=3, unique=True))
    if style == "scalar":
        return draw(scalars())
    if style == "flow list":
        return f" [{', '.join(words)}]{comment}\n"
    if style == "flow map":
        return " {" + ", ".join(f"k{i}: {word}" for i, word in enumerate(words)) + f"}}{comment}\n"
    pad = {"block list": "  - ", "flat list": "- "}.get(style)
    lines = [f"{pad}{w}{draw(COMMENT)}\n" if pad else f"  k{i}: {w}{draw(COMMENT)}\n" for i, w in enumerate(words)]
    return f"{comment}\n" + draw(BETWEEN).join(lines)


@st.composite
def files(draw: st.DrawFn) -> list[Piece]:
    """The pieces of a front matter: every key with its lines, and between them blank lines and comments."""
    keys = draw(
        st.lists(st.sampled_from(["status", "tags", "mine", "subject", "x-1"]), min_size=1, max_size=4, unique=True)
    )
    pieces = []
    for key in keys:
        pieces.append(Piece(key, f"{key}:{draw(values())}"))
        pieces.append(Piece("", draw(BETWEEN)))
    return pieces


def assembled(pieces: list[Piece], newline: str, bom: str) -> str:
    return bom + ("---\n" + "".join(p.source for p in pieces) + "---\nscratch \t\n\nmore").replace("\n", newline)


LINE_ENDS = st.sampled_from(["\n", "\r\n"])
EDITED = st.one_of(
    st.none(),
    st.text(max_size=12),
    WORDS,
    st.booleans(),
    st.integers(0, 10**9),
    st.lists(PLAIN, max_size=3, unique=True).map(tuple),
    st.dictionaries(PLAIN, st.one_of(st.none(), WORDS), max_size=2),
)


@settings(deadline=None, max_examples=400)
@given(files(), st.sampled_from(["status", "tags", "mine", "new"]), EDITED, LINE_ENDS, st.sampled_from(["", "\ufeff"]))
def test_any_edit_of_any_front_matter_reads_back_and_touches_nothing_else(
    pieces: list[Piece], key: str, value: Any, newline: str, bom: str
) -> None:
    text = assembled(pieces, newline, bom)
    before = content_of(_parsed(text))
    fresh = set_values(text, {key: value})
    assert content_of(parse_document(fresh, PATH)) == before | {key: plain_form(value)}
    place = next((i for i, piece in enumerate(pieces) if piece.key == key), None)
    if place is None:
        added = [line for line in lines_of(fresh) if line not in lines_of(text)]
        assert len(added) == 1
        assert fresh.replace(added[0], "", 1) == text
    else:
        head, tail = assembled(pieces[:place], newline, bom), assembled(pieces[place + 1 :], newline, bom)
        assert fresh.startswith(head.partition(f"---{newline}scratch")[0])
        assert fresh.endswith(tail.partition(f"---{newline}")[2])


@settings(deadline=None, max_examples=150)
@given(files(), LINE_ENDS)
def test_removing_any_key_leaves_the_other_lines_as_they_are(pieces: list[Piece], newline: str) -> None:
    assume(sum(bool(piece.key) for piece in pieces) > 1)
    text = assembled(pieces, newline, "")
    before = content_of(_parsed(text))
    gone = pieces[0].key
    fresh = remove_keys(text, (gone,))
    assert content_of(parse_document(fresh, PATH)) == {k: v for k, v in before.items() if k != gone}
    assert fresh.endswith(assembled(pieces[2:], newline, "").partition(f"---{newline}")[2])


def _parsed(text: str) -> Any:
    """The document; a front matter that is not valid is another test's."""
    try:
        return parse_document(text, PATH)
    except InvalidFile:
        assume(False)


# --- notes -------------------------------------------------------------------------------------------------------

MARK = "synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 5512, by: 1735}"

STAMPED = [
    ("  - plain text", f"  - note: plain text\n    {MARK}"),
    ("- plain text", f"- note: plain text\n  {MARK}"),
    ('  - "quoted: text"  # why', f'  - note: "quoted: text"  # why\n    {MARK}'),
    ("  - |\n    two\n\n    lines", f"  - note: |\n      two\n\n      lines\n    {MARK}"),
    ("  - |  # why\n      deep\n        deeper", f"  - note: |  # why\n      deep\n        deeper\n    {MARK}"),
    ("  - |2\n      lead\n    text", f"  - note: |2\n        lead\n      text\n    {MARK}"),
    ("  - |2\n      all deeper", f"  - note: |2\n        all deeper\n    {MARK}"),
    ("  - >\n    folded\n    text", f"  - note: >\n      folded\n      text\n    {MARK}"),
    ("  - |+\n    kept\n", f"  - note: |+\n      kept\n\n    {MARK}"),
    ("  - note: text\n    time: 30  # min", f"  - note: text\n    time: 30  # min\n    {MARK}"),
    ("  -\n    note: text", f"  -\n    note: text\n    {MARK}"),
    ("  - time: 5\n    note: |\n      text\n        ", f"  - time: 5\n    note: |\n      text\n        \n    {MARK}"),
    ("  - note: text\n    hold:", f"  - note: text\n    hold:\n    {MARK}"),
    ("  - {note: text, time: 5}  # c", f"  - {{note: text, time: 5, {MARK}}}  # c"),
    ("  - note: text\n    synclog: {id: 32162-0000000000, of: 2026-04-16/2, after: 1, by: 2}\n    time: 5",
     f"  - note: text\n    {MARK}\n    time: 5"),
    ("  - note: text\n    synclog:\n      id: 32162-0000000000\n      of: 2026-04-16/2\n      after: 1\n      by: 2\n"
     "    time: 5", f"  - note: text\n    {MARK}\n    time: 5"),
]  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("before", "after"), STAMPED)
def test_a_stamp_is_one_line_more_and_the_text_stays_as_typed(before: str, after: str, newline: str) -> None:
    frame = "notes:\n  - first\n\n{}\n  # about the last\n  - last"
    if before.startswith("- "):
        frame = frame.replace("\n  - ", "\n- ")
    text = ticket_text(frame.replace("{}", before)).replace("\n", newline)
    old = parse_ticket_file(text, PATH, RULES).notes[1]
    fresh = with_stamps(text, {1: STAMP})
    assert fresh == ticket_text(frame.replace("{}", after)).replace("\n", newline)
    note = parse_ticket_file(fresh, PATH, RULES).notes[1]
    assert note.stamp == STAMP
    assert replace(note, stamp=old.stamp, line=old.line, end_line=old.end_line) == old


def test_notes_in_brackets_are_stamped_in_braces() -> None:
    text = ticket_text("notes: [one, note: two, {note: three}]")
    fresh = with_stamps(text, {0: STAMP, 1: None, 2: replace(STAMP, reference="32162-0000000000")})
    other = MARK.replace("7k2m9q4x1c", "0000000000")
    assert f"notes: [{{note: one, {MARK}}}, note: two, {{note: three, {other}}}]\n" in fresh
    again = with_stamps(text, {1: STAMP})
    assert f"notes: [one, {{note: two, {MARK}}}, {{note: three}}]\n" in again


def test_a_stamp_keeps_all_that_it_holds() -> None:
    full = replace(
        STAMP, comment=5600, problem="time was not recorded", earlier=("32162-0000000000", "32163-0000000001")
    )
    text = with_stamps(ticket_text("notes:\n  - one\n  - two"), {0: full})
    assert parse_ticket_file(text, PATH, RULES).notes[0].stamp == full


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"  - note: text\n    {MARK}", "  - note: text"),
        (f"  - note: text\n    {MARK}\n    time: 5", "  - note: text\n    time: 5"),
        (f"  - {MARK}\n    note: text", "  - note: text"),
        (f"  - {{note: text, {MARK}}}", "  - {note: text}"),
        (f"  - {{{MARK}, note: text}}", "  - {note: text}"),
        ("  - note: text", "  - note: text"),
        ("  - text", "  - text"),
    ],
)
def test_a_stamp_is_taken_back(before: str, after: str) -> None:
    text = ticket_text(f"notes:\n{before}\n  - last")
    assert with_stamps(text, {0: None}) == ticket_text(f"notes:\n{after}\n  - last")


@pytest.mark.parametrize(
    ("before", "indexes", "after"),
    [
        ("notes:\n  - a\n  - b\n  - c", [1], "notes:\n  - a\n  - c"),
        ("notes:\n  - a\n  # about b\n  - |\n    b\n\n    b\n  - c", [1], "notes:\n  - a\n  # about b\n  - c"),
        ("notes:  # today\n- a\n- note: b\n  time: 5", [0, 1], "notes: []  # today"),
        ("notes:\n  -\n    note: a\n  - b", [0], "notes:\n  - b"),
        ("notes: [a, {note: b}, c]", [0, 2], "notes: [{note: b}]"),
        ("notes: [a, b, c]  # x", [1, 2], "notes: [a]  # x"),
        ("notes: [ a ]", [0], "notes: []"),
        ("notes: []", [], "notes: []"),
    ],
)
def test_removed_notes_take_their_own_lines_alone(before: str, indexes: list[int], after: str) -> None:
    assert without_notes(ticket_text(before), indexes) == ticket_text(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("notes: []", "notes:\n  - new"),
        ("notes:", "notes:\n  - new"),
        ("notes: ~  # none", "notes:  # none\n  - new"),
        ("notes:\n- a\n\n# end", "notes:\n- a\n- new\n\n# end"),
        ("notes:\n    - |+\n      a\n", "notes:\n    - |+\n      a\n    - new"),
        ("notes: [a, {note: b}]  # c", "notes:  # c\n  - a\n  - {note: b}\n  - new"),
        ("other: 1", "notes:\n  - new\nother: 1"),
    ],
)
def test_a_new_note_goes_to_the_end_of_the_list(before: str, after: str) -> None:
    assert with_added_notes(ticket_text(before), [Note("new")]) == ticket_text(after)


NOTES = st.lists(
    st.one_of(
        PLAIN.map(lambda text: f"  - {text}\n"),
        st.tuples(PLAIN, COMMENT).map(lambda p: f"  - '{p[0]}: x'{p[1]}\n"),
        st.lists(WORDS, min_size=1, max_size=3).map(lambda ls: "  - |\n" + "".join(f"    x{line}\n" for line in ls)),
        st.tuples(PLAIN, COMMENT).map(lambda p: f"  - note: {p[0]}\n    time: 30{p[1]}\n"),
        PLAIN.map(lambda text: f"  - hold: true\n    note: |\n      {text}\n\n"),
        PLAIN.map(lambda text: f"  - {{note: {text}}}\n"),
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=200)
@given(NOTES, st.data(), LINE_ENDS)
def test_stamping_and_removing_any_notes_leaves_the_others_alone(
    sources: list[str], data: st.DataObject, newline: str
) -> None:
    text = ticket_text("notes:\n" + "# c\n".join(sources)).replace("\n", newline)
    try:
        before = parse_ticket_file(text, PATH, RULES).notes
    except InvalidFile:
        assume(False)
    chosen = data.draw(st.sets(st.integers(0, len(sources) - 1)))
    stamps: dict[int, Stamp | None] = {i: replace(STAMP, reference=f"32162-000000000{i}") for i in chosen}
    stamped = with_stamps(text, stamps)
    notes = parse_ticket_file(stamped, PATH, RULES).notes
    assert [n.stamp for n in notes] == [stamps.get(i) for i in range(len(sources))]
    assert [replace(n, stamp=None, line=0, end_line=0) for n in notes] == [
        replace(n, line=0, end_line=0) for n in before
    ]
    for i, source in enumerate(sources):
        assert i in chosen or source.replace("\n", newline).rstrip() in stamped
    left = parse_ticket_file(without_notes(stamped, chosen), PATH, RULES).notes
    assert [n.text for n in left] == [n.text for n in before if n.index not in chosen]
    assert stamped.count("\r\n") == (stamped.count("\n") if newline == "\r\n" else 0)


def test_a_base_is_not_touched_by_edits_of_the_front_matter() -> None:
    file = parse_ticket_file(with_fields(ticket_text(), {"status": "Resolved"}), PATH, RULES)
    assert file.base == BASE
