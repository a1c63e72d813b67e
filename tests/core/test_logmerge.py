"""What is new is merged into a log that a person has edited: every line of theirs stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.logfile import line_hashes
from synclog.core.logmerge import merged

WAS = """\
---
ticket: 32162
minutes: 90
tags: ["server"]
---

# Server upgrade (#32162)

Status: In Progress.
1 note, 1h30m worked.

## What was found and done

### 2026-04-17 · Mia Ortiz · 1h30m remote

> Replaced the disk.

Ref 32162-7k2m9q4x1c

## Time and cost

- remote: 1h30m

## Still open

- The ticket is In Progress.
"""
NOW = """\
---
ticket: 32162
minutes: 120
tags: ["server", "raid"]
---

# Server upgrade (#32162)

Status: Resolved.
2 notes, 2h worked.

## What was found and done

### 2026-04-17 · Mia Ortiz · 1h30m remote

> Replaced the disk.

Ref 32162-7k2m9q4x1c

### 2026-04-17 · Mia Ortiz · 30m onsite

> Rebuilt the array.

Ref 32162-aaaaaaaaaa

## What was said

> Thank you!

## Time and cost

- onsite: 30m
- remote: 1h30m
- Invoice 10231: 439.00

## Still open

Nothing.
"""


def merge(mine: str, fresh: str = NOW, was: str = WAS) -> str:
    return merged(mine, line_hashes(was), fresh)


def test_a_log_without_a_persons_lines_becomes_the_new_one() -> None:
    assert merge(WAS) == NOW
    assert merge(WAS, WAS) == WAS


def test_what_is_new_goes_under_its_headings_around_a_persons_lines() -> None:
    mine = WAS.replace("> Replaced the disk.\n", "> Replaced the disk.\n\nIt was the one that whistled.\n")
    mine = mine.replace("- remote: 1h30m\n", "- remote: 1h30m\n- call Len about the spare\n")
    expected = NOW.replace("> Replaced the disk.\n", "> Replaced the disk.\n\nIt was the one that whistled.\n")
    expected = expected.replace(
        "- remote: 1h30m\n- Invoice 10231: 439.00\n",
        "- remote: 1h30m\n- call Len about the spare\n- Invoice 10231: 439.00\n",
    )
    assert merge(mine) == expected


def test_a_line_that_a_person_changed_stays_theirs_and_the_new_one_comes_after() -> None:
    mine = WAS.replace("Status: In Progress.", "Status: In Progress, says Len.")
    text = merge(mine)
    assert text.index("Status: In Progress, says Len.") < text.index("Status: Resolved.") < text.index("## What was")


def test_a_key_of_the_front_matter_stands_there_once() -> None:
    mine = WAS.replace('tags: ["server"]', 'tags: ["server", "ours"]\nmood: good').replace("ticket: 32162\n", "")
    head = merge(mine).split("---\n")[1]
    assert head == 'minutes: 120\ntags: ["server", "ours"]\nmood: good\n'


def test_a_section_that_a_person_deleted_comes_back_with_what_is_new_alone() -> None:
    mine = WAS.replace("## Time and cost\n\n- remote: 1h30m\n\n", "")
    text = merge(mine)
    assert "## Time and cost\n\n- onsite: 30m\n- Invoice 10231: 439.00\n\n## Still open\n" in text
    assert "## Time and cost" not in merge(mine, WAS)


def test_a_persons_own_section_and_heading_stay_where_they_are() -> None:
    mine = WAS.replace("## Time and cost", "## My own thoughts\n\nHm.\n\n## Time and cost")
    assert "\n## My own thoughts\n\nHm.\n\n## Time and cost\n" in merge(mine)


def test_line_ends_and_a_missing_last_one_are_kept() -> None:
    mine = WAS.replace("- remote: 1h30m\n", "- remote: 1h30m\n- mine  \n").replace("\n", "\r\n")
    text = merge(mine)
    assert text.replace("\r\n", "\n").count("\r") == text.count("\n") - text.count("\r\n") == 0
    assert "- mine  \r\n" in text
    assert merge("no log at all, without an end").startswith("no log at all, without an end\n")


def test_of_a_log_whose_seal_is_gone_every_line_is_a_persons() -> None:
    mine = WAS.replace("1 note", "One note")
    text = merged(mine, (), NOW)
    assert [line for line in mine.splitlines() if line not in text.splitlines()] == []
    assert "> Rebuilt the array." in text
    assert text.count("\nminutes:") == 1


LINES = st.sampled_from(["mine: a", "- mine b", "> mine c", "## mine", "### mine d", "mine e  ", "| mine | f |", ""])
EDIT = st.tuples(st.integers(0, 30), st.sampled_from(["insert", "delete", "change"]), LINES)


def edited(edits: list[tuple[int, str, str]]) -> tuple[str, list[str]]:
    """A log that a person has edited, and the lines of theirs in it."""
    lines = [(line, False) for line in WAS.split("\n")[:-1]]
    for at, what, line in edits:
        place = at % len(lines)
        if what == "insert":
            lines.insert(place, (line, True))
        elif what == "change":
            lines[place] = (f"{lines[place][0]} mine", True)
        elif len(lines) > 1:
            del lines[place]
    return "\n".join(line for line, _ in lines) + "\n", [line for line, mine in lines if mine and line]


@given(st.lists(EDIT, max_size=6))
@settings(max_examples=100, deadline=None)
def test_whatever_a_person_did_their_lines_stay_in_order_and_news_come_once(edits: list[tuple[int, str, str]]) -> None:
    mine, theirs = edited(edits)
    text = merge(mine)
    rest = iter(text.split("\n"))
    assert all(line in rest for line in theirs), text
    assert text.split("\n").count("> Rebuilt the array.") == 1
    assert merged(text, line_hashes(NOW), NOW) == text
    assert merge(mine, WAS) == mine


@pytest.mark.parametrize("mine", ["", "\n", "---\n", "---\n---\n", "## \n## \n"])
def test_any_text_can_be_merged(mine: str) -> None:
    assert "> Rebuilt the array." in merge(mine)
