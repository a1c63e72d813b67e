"""Notes as technicians write them: read to the letter, or refused with the line and the form that keeps them."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ticketfiles import PATH, RULES, STAMP, ticket_text

from synclog.core.ticketfile import Note, NoteDate, Stamp, parse_ticket_file, with_added_notes, with_stamps
from synclog.errors import InvalidFile, Problem, UsageError

FIRST = 7
"""The line of the first note in a file made by `ticket_text`."""


def read(*lines: str) -> tuple[Note, ...]:
    return parse_ticket_file(ticket_text("\n".join(("notes:", *lines))), PATH, RULES).notes


def refused(*lines: str) -> list[Problem]:
    with pytest.raises(InvalidFile) as caught:
        read(*lines)
    assert all(problem.remedy for problem in caught.value.problems)
    return list(caught.value.problems)


# --- what is read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["  - Replaced the disk"], "Replaced the disk"),
        (["- Replaced the disk"], "Replaced the disk"),
        (["  - 'Printer #2: fuser, 3\" tray # done'"], "Printer #2: fuser, 3\" tray # done"),
        (['  - "Toner: black"  # bought at the corner'], "Toner: black"),
        (["  - C# build fixed, printer#2 too"], "C# build fixed, printer#2 too"),
        (["  - yes"], "yes"),
        (["  - 1:30"], "1:30"),
        (["  - 0x10"], "0x10"),
        (["  - 2026-04-17"], "2026-04-17"),
        (["  - |", "    # Heading", "", "    a: b  # kept", "      indented", "    \\n stays"],
         "# Heading\n\na: b  # kept\n  indented\n\\n stays"),
        (["  - note: |+", "      text", "", "", "    time: 5"], "text"),
        (["  - note: |2", "        lead", "    time: 5"], "  lead"),
        (["  - >-", "    folded on", "    purpose"], "folded on purpose"),
        (["  -", "    text below the dash"], "text below the dash"),
        (["  - note:", "      text below the key"], "text below the key"),
        (["  - {note: in braces, time: 5}"], "in braces"),
        (["  - 'it''s done – Grüße 😀'"], "it's done – Grüße 😀"),
        (["  - null hypothesis"], "null hypothesis"),
    ],
)  # fmt: skip
def test_a_text_is_read_to_the_letter(lines: list[str], text: str) -> None:
    assert [note.text for note in read(*lines)] == [text]


def test_a_note_at_its_fullest() -> None:
    notes = read(
        "  - note: |",
        "      Replaced the failed disk and rebuilt the array.",
        "    time: 1h30m            # or 90",
        "    billed: 2h15m",
        "    labor: remote",
        "    subject: Update",
        "    to: public",
        "    date: 2026-04-17 09:00",
        "    hold: true",
        "    synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/2, after: 5512, by: 1735, comment: 5600, "
        "problem: time was not recorded, earlier: [32162-0000000000]}",
    )
    assert notes == (
        Note(
            text="Replaced the failed disk and rebuilt the array.",
            minutes=90,
            billed=135,
            labor="remote",
            subject="Update",
            to="public",
            date=NoteDate(date(2026, 4, 17), time(9, 0)),
            hold=True,
            stamp=Stamp(
                "32162-7k2m9q4x1c",
                date(2026, 4, 17),
                2,
                5512,
                1735,
                5600,
                "time was not recorded",
                ("32162-0000000000",),
            ),
            index=0,
            line=FIRST,
            end_line=FIRST + 9,
        ),
    )


def test_notes_know_their_lines() -> None:
    notes = read("  - one", "", "  # about two", "  - note: two", "    time: 5", "  - |", "    three", "    lines", "")
    assert [(n.index, n.line, n.end_line) for n in notes] == [
        (0, FIRST, FIRST),
        (1, FIRST + 3, FIRST + 4),
        (2, FIRST + 5, FIRST + 7),
    ]


@pytest.mark.parametrize("notes", ["notes:", "notes: []", "notes: ~", "notes: null", "notes: [ ]  # none"])
def test_there_may_be_no_notes(notes: str) -> None:
    assert parse_ticket_file(ticket_text(notes), PATH, RULES).notes == ()


def test_notes_in_brackets_are_notes() -> None:
    file = parse_ticket_file(ticket_text("notes: [one, {note: two, time: 30}, note: three]"), PATH, RULES)
    assert [(n.text, n.minutes) for n in file.notes] == [("one", None), ("two", 30), ("three", None)]


@pytest.mark.parametrize("part", ["time", "billed", "labor", "subject", "to", "date", "hold", "synclog"])
def test_an_empty_part_of_a_note_says_nothing(part: str) -> None:
    assert read("  - note: x", f"    {part}:") == (Note("x", line=FIRST, end_line=FIRST + 1),)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-04-17", date(2026, 4, 17)),
        ("2026-04-17T09:00", date(2026, 4, 17)),
        ("yesterday", date(2026, 4, 19)),
        ("today 8:15", date(2026, 4, 20)),
    ],
)
def test_a_date_is_a_day_or_a_word(written: str, day: date) -> None:
    (note,) = read("  - note: x", f"    date: {written}")
    assert note.date is not None
    assert note.date.resolve(date(2026, 4, 20)) == day


@pytest.mark.parametrize(
    ("word", "value"), [("true", True), ("Yes", True), ("on", True), ("false", False), ("No", False)]
)
def test_only_where_a_boolean_is_expected_are_there_booleans(word: str, value: bool) -> None:
    (note,) = read(f"  - note: {word}", f"    hold: {word}")
    assert (note.text, note.hold) == (word, value)


def test_a_product_id_is_a_labor() -> None:
    assert read("  - note: x", "    labor: 1190473")[0].labor == "1190473"


# --- what is refused: a text that YAML would cut or bend ---------------------------------------------------------

BENT = {
    "cut at a hash": (["  - Swapped fuser of bay #2"], 0, "cuts this note at its ` #`", "Swapped fuser of bay #2"),
    "cut under note": (["  - note: Ticket #77 as well", "    time: 5"], 0, "cuts", "Ticket #77 as well"),
    "cut by a tab": (["  - Bay\t# 4"], 0, "cuts", "# 4"),
    "colon": (["  - Fixed: the disk"], 0, "as a mapping", "Fixed: the disk"),
    "colon before parts": (["  - Fixed: the disk", "    time: 30"], 0, "as a mapping", "Fixed: the disk"),
    "colon at the end": (["  - Did these things:"], 0, "as a mapping", "Did these things:"),
    "near a key": (["  - Timed: the backup, 40 min"], 0, "as a mapping", "Timed: the backup, 40 min"),
    "two colons": (["  - Fixed: the disk: again"], 0, "reads as a key", "Fixed: the disk: again"),
    "colon under note": (["  - note: Fixed: the disk"], 0, "reads as a key", "Fixed: the disk"),
    "colon below note": (["  - note:", "      Fixed: the disk"], 1, "as a mapping", "Fixed: the disk"),
    "folded plain": (["  - first line", "    second line"], 0, "folds", "first line\n    second line"),
    "folded quoted": (['  - "first line', '    second line"'], 0, "folds", "first line\n    second line"),
    "folded single": (["  - note: 'first", "      second'"], 0, "folds", "first\n    second"),
    "dropped heading": (["  - note:", "      # Heading", "      text"], 2, "drops", "# Heading\n    text"),
    "dropped after a dash": (["  -", "    # Heading", "    text"], 2, "drops", "# Heading\n    text"),
    "tab from a path": ([r'  - "Copied to C:\temp"'], 0, "U+0009", r"C:\temp"),
    "line from a path": ([r'  - "Copied to C:\new"'], 0, "U+000A", r"C:\new"),
    "bell": ([r'  - "\a"'], 0, "U+0007", r"\a"),
    "escape": ([r'  - "\e[31m"'], 0, "U+001B", r"\e[31m"),
    "backspace": ([r'  - "D:\backup"'], 0, "U+0008", r"D:\backup"),
    "direction": ([r'  - "\u202egpj.exe"'], 0, "U+202E", r"\u202egpj.exe"),
    "unknown escape": ([r'  - "\\srv\share"'], 0, "escape", ""),
    "brackets": (["  - [x] disk swapped"], 0, "not valid YAML", "[x] disk swapped"),
    "list": (["  - [disk, array]"], 0, "as a list", "[disk, array]"),
    "nested list": (["  - - disk", "    - array"], 0, "as a list", "- disk"),
    "bold": (["  - *urgent* call"], 0, "", "*urgent* call"),
    "one star": (["  - *urgent"], 0, "alias", ""),
    "ampersand": (["  - &co visited"], 0, "anchor", ""),
    "exclamation": (["  - !important call"], 0, "tag", ""),
    "backtick": (["  - `chkdsk` ran"], 0, "can't begin with `", "`chkdsk` ran"),
    "at": (["  - @Mika call back"], 0, "can't begin with @", "@Mika call back"),
    "pipe with text": (["  - | ran chkdsk"], 0, "not valid YAML", ""),
    "quote then text": (['  - "Disk" swapped'], 0, "not valid YAML", "swapped"),
    "open quote": (["  - 'til Monday"], 0, "never closed", ""),
    "empty": (["  -"], 0, "empty", ""),
    "null": (["  - null"], 0, "empty", ""),
    "blank": (["  - '  '"], 0, "empty", ""),
    "empty under note": (["  - note:", "    time: 5"], 0, "empty", ""),
    "no text": (["  - time: 5"], 0, "without a text", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", BENT)
def test_a_text_that_yaml_would_cut_or_bend_is_refused_with_the_form_that_keeps_it(case: str) -> None:
    lines, offset, what, kept = BENT[case]
    problem = refused(*lines)[0]
    assert problem.line == FIRST + offset
    assert what in problem.message
    assert kept in problem.remedy
    if kept:
        assert "|\n" in problem.remedy


@pytest.mark.parametrize("case", [name for name, (_, _, _, kept) in BENT.items() if kept])
def test_the_form_that_a_remedy_shows_keeps_the_text(case: str) -> None:
    lines, _, _, kept = BENT[case]
    shown = refused(*lines)[0].remedy.removeprefix("write\n").split("\n")
    dash = "  " if shown[0].startswith("-") else "  - "
    (note,) = read(*(f"{dash if i == 0 else '      '}{line}" for i, line in enumerate(shown)))
    assert kept.replace("\n    ", "\n") in note.text


def test_a_list_is_wanted() -> None:
    problem = refused_notes("notes: Replaced the disk")
    assert (problem.line, "not a list" in problem.message) == (FIRST - 1, True)


def refused_notes(notes: str) -> Problem:
    with pytest.raises(InvalidFile) as caught:
        parse_ticket_file(ticket_text(notes), PATH, RULES)
    return caught.value.problems[0]


# --- what is refused: the parts of a note ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "what", "remedy"),
    [
        ("time: 0:45", "not a duration", "1h30m"),
        ("time: soon", "not a duration", "1h30m"),
        ("time: -5", "not a duration", "1h30m"),
        ("time: 25h", "24 hours", "1h30m"),
        ("time: 1.3333h", "whole number of minutes", "1h30m"),
        ("time: [30]", "not one value", "time"),
        ("billed: 1,5h", "comma", "1h30m"),
        ("labor: remot", "not a labor", "did you mean `remote`? known: remote, onsite, travel"),
        ("labor: x", "not a labor", "remote, onsite, travel"),
        ("to: customer", "nobody", "private, public or email"),
        ("to: e-mail", "nobody", "did you mean `email`?"),
        ("date: 17.4.2026", "not a date", "2026-04-17 09:00"),
        ("date: 2026-02-30", "calendar", "2026-04-17 09:00"),
        ("date: 2026-04-17 25:00", "clock", "2026-04-17 09:00"),
        ("date: tomorrow", "not a date", "yesterday"),
        ("hold: maybe", "not true or false", "hold: true"),
        ("hold: 'true'", "not true or false", "hold: true"),
        ("subject: Bay #4", "cuts this subject", "double quotes"),
        (r'subject: "a\nb"', "not one line", "one line"),
        ("tme: 30", "`tme` is not a key", "did you mean `time`?"),
        ("colour: red", "`colour` is not a key", "note, time, billed"),
        ("synclog: {}", "not whole", "git"),
        ("synclog: later", "not as synclog writes it", "git"),
        ("synclog: {id: x, of: 2026-04-17/1, after: 1, by: 1}", "not whole", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17, after: 1, by: 1}", "not whole", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-31/1, after: 1, by: 1}", "names no day", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 1}", "not whole", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 1, by: 1, earlier: [x]}", "not whole", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 1, by: 1, more: 1}", "not as synclog", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 1, by: 1, not: [x]}", "not whole", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 1, by: 1, not: 12}", "not whole", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 1, by: 1, again: 1}", "not whole", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 1, by: 1, again: false}", "not whole", "git"),
        ("synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 1, by: 1, time: 90}", "not whole", "git"),
    ],
)
def test_a_part_that_is_not_valid_is_named_with_line_and_remedy(part: str, what: str, remedy: str) -> None:
    (problem,) = refused("  - note: x", f"    {part}")
    assert problem.line == FIRST + 1
    assert what in problem.message
    assert remedy in problem.remedy


def test_all_problems_of_all_notes_are_named() -> None:
    found = refused("  - note: x", "    time: soon", "    to: all", "  - a # b", "  - note: y", "    hold: maybe")
    assert [problem.line for problem in found] == [FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 5]


def test_a_time_that_the_clocks_skipped_is_refused() -> None:
    from dataclasses import replace
    from zoneinfo import ZoneInfo

    rules = replace(RULES, timezone=ZoneInfo("Europe/Berlin"))
    text = ticket_text("notes:\n  - note: x\n    date: 2026-03-29 02:30")
    with pytest.raises(InvalidFile, match="clocks went forward"):
        parse_ticket_file(text, PATH, rules)
    assert parse_ticket_file(text, PATH, RULES).notes[0].date is not None


def test_an_id_that_stands_twice_is_refused_at_the_copy() -> None:
    stamp = "    synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 5512, by: 1735}"
    (problem,) = refused("  - note: x", stamp, "  - note: y", stamp)
    assert problem.line == FIRST + 2
    assert f"in line {FIRST}" in problem.message


# --- round trips -------------------------------------------------------------------------------------------------

TEXTS = st.text(alphabet=st.sampled_from("ab:# -'\"|>[]{}&*!%@`\\é😀ß\t0\n,?~"), min_size=1, max_size=60)


@settings(deadline=None, max_examples=150)
@given(TEXTS, st.sampled_from(["notes: []", "notes:", "notes:\n- one", "notes: [one, {note: two}] # c"]), st.booleans())
def test_any_text_that_is_added_reads_back_the_same(text: str, notes: str, crlf: bool) -> None:
    before = ticket_text(notes)
    if crlf:
        before = before.replace("\n", "\r\n")
    try:
        after = with_added_notes(before, [Note(text, minutes=45), Note(text)])
    except UsageError:
        assert not text.strip()
        return
    notes_now = parse_ticket_file(after, PATH, RULES).notes
    assert [note.text for note in notes_now[-2:]] == [text.strip("\n")] * 2
    assert after.count("\r\n") == (after.count("\n") if crlf else 0)


def test_every_part_of_a_note_reads_back() -> None:
    note = Note("a: b", 90, 120, "remote", "Bay #4", "email", NoteDate(None, time(8, 15), "yesterday"), True, STAMP)
    (read_back,) = parse_ticket_file(with_added_notes(ticket_text(), [note]), PATH, RULES).notes
    from dataclasses import replace

    assert read_back == replace(note, line=FIRST, end_line=read_back.end_line)


def test_a_persons_word_stands_in_the_stamp_as_documented() -> None:
    stamp = Stamp(
        "32162-7k2m9q4x1c", date(2026, 4, 17), 2, 5512, 1735, passed=(5600, 5601), again=True, time_settled=True
    )
    assert stamp.as_yaml() == {
        "id": "32162-7k2m9q4x1c",
        "of": "2026-04-17/2",
        "after": 5512,
        "by": 1735,
        "not": (5600, 5601),
        "again": True,
        "time": "settled",
    }
    written = (
        "    synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/2, after: 5512, by: 1735, not: [5600, 5601], again: true, "
    )
    (note,) = read("  - note: x", f"{written}time: settled}}")
    assert note.stamp == stamp


REFERENCES = st.from_regex(r"\A(?:[1-9][0-9]{0,9}|new)-[0-9abcdefghjkmnpqrstvwxyz]{10}\Z")
IDS = st.integers(1, 10**17)
STAMPS = st.builds(
    Stamp,
    reference=REFERENCES,
    day=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    place=st.integers(1, 99999),
    after=st.integers(0, 10**17),
    by=IDS,
    comment=st.none() | IDS,
    problem=st.none() | st.sampled_from(["time was not recorded", "its time is on labor product 26118", "a: b # c"]),
    earlier=st.lists(REFERENCES, max_size=3).map(tuple),
    passed=st.lists(IDS, max_size=3).map(tuple),
    again=st.booleans(),
    time_settled=st.booleans(),
)


@settings(deadline=None, max_examples=100, derandomize=True)
@given(STAMPS, st.none() | STAMPS, st.sampled_from(["  - one", "  - note: one\n    time: 5  # min", "- one"]))
def test_every_stamp_reads_back_and_another_takes_its_place_whole(
    stamp: Stamp, then: Stamp | None, written: str
) -> None:
    before = ticket_text(f"notes:\n{written}")
    after = with_stamps(before, {0: stamp})
    assert [note.stamp for note in parse_ticket_file(after, PATH, RULES).notes] == [stamp]
    replaced = with_stamps(after, {0: then})
    (note,) = parse_ticket_file(replaced, PATH, RULES).notes
    assert (note.text, note.stamp) == ("one", then)


@pytest.mark.parametrize("text", ["", " \n ", "red \x1b[31m", "a\u2028b"])
def test_a_text_that_no_file_can_hold_is_refused_before_it_is_written(text: str) -> None:
    with pytest.raises(UsageError):
        with_added_notes(ticket_text(), [Note(text)])
