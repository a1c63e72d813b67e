"""Front matter that another program has read and written again: Obsidian when a property is edited, a formatter.

Comments, quotes and block texts do not survive that. What it says does, or the file is refused: never is a note another
note than before, which would be posted a second time.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.ticketfiles import PATH, RULES, ticket_text
from support.yamlcore import read

from synclog.core.ticketfile import Note, TicketFile, parse_ticket_file
from synclog.core.work import references_here
from synclog.core.yamlemit import emit
from synclog.errors import InvalidFile

TODAY = date(2026, 4, 18)
TYPED = """\
# what was done
notes:
  - Called back, no answer.
  - note: |
      Replaced the failed disk and rebuilt the array.

      - Disk 3: `WD-40EFRX`, # of hours: 41000
      - `"C:\\temp"` was full; see 'log'
    time: 1h30m # with the reboot
    billed: 2h15m
    labor: remote
    to: public
    date: 2026-04-17 09:00
    synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 5512, by: 1735}
  - note: "A very long line that says everything that was done on that day, which no editor would leave on one line."
    time: 90
    hold: true
"""

OF_JS_YAML = """\
notes:
  - Called back, no answer.
  - note: |
      Replaced the failed disk and rebuilt the array.

      - Disk 3: `WD-40EFRX`, # of hours: 41000
      - `"C:\\temp"` was full; see 'log'
    time: 1h30m
    billed: 2h15m
    labor: remote
    to: public
    date: '2026-04-17 09:00'
    synclog:
      id: 32162-7k2m9q4x1c
      of: 2026-04-17/1
      after: 5512
      by: 1735
  - note: >-
      A very long line that says everything that was done on that day, which no
      editor would leave on one line.
    time: 90
    hold: true
"""
"""The same as js-yaml 3.14, 4.3 and 5.5 write it (they differ in quotes alone). It is what Obsidian uses."""


def parsed(text: str) -> TicketFile:
    return parse_ticket_file(text, PATH, RULES)


def meaning(file: TicketFile) -> Any:
    """All that a push goes by."""
    notes = [
        (n.text, n.minutes, n.billed, n.labor, n.subject, n.to, n.date, n.hold, n.stamp)
        for n in file.notes  # their lines in the file may be others
    ]
    edits = [(edit.field, edit.mine) for edit in (*file.edits, *file.read_only_edits)]
    return notes, references_here(file, TODAY), edits, file.invoice, file.base, file.conflicts, file.number


def test_what_js_yaml_writes_says_the_same() -> None:
    before, after = parsed(ticket_text(TYPED)), parsed(ticket_text(OF_JS_YAML))
    assert len(before.notes) == 3
    assert before.notes[1].stamp is not None
    assert meaning(after) == meaning(before)


def test_times_in_utc_are_the_same_times_and_a_plain_due_date_as_a_time_is_the_only_edit() -> None:
    """So writes js-yaml up to 4, of values that it took for times."""
    before = parsed(ticket_text(TYPED))
    text = ticket_text(OF_JS_YAML)
    for old, new in (
        ("created_at: 2026-04-15T09:12:00-07:00", "created_at: 2026-04-15T16:12:00.000Z"),
        ("updated_at: 2026-04-17T11:17:40-07:00", "updated_at: 2026-04-17T18:17:40.000Z"),
        ("due_date: 2026-04-20", "due_date: 2026-04-20T00:00:00.000Z"),
        ("tags: [server]", "tags:\n  - server"),
        ("subject: Server upgrade", "subject: 'Server upgrade'"),
    ):
        assert f"\n{old}\n" in text
        text = text.replace(f"\n{old}\n", f"\n{new}\n", 1)
    after = parsed(text)
    assert [edit.field for edit in after.edits] == ["due_date"]
    assert after.read_only_edits == ()
    assert (meaning(after)[0], meaning(after)[1]) == (meaning(before)[0], meaning(before)[1])


def test_a_quoted_yes_is_refused_and_not_taken_for_no() -> None:
    with pytest.raises(InvalidFile, match="`invoice` is not true or false"):
        parsed(ticket_text().replace("invoice: false", "invoice: 'yes'"))


WORDS = st.text("aB #:'\"`-|>\\{[&*%\n", min_size=1, max_size=40) | st.sampled_from(
    ["yes", "2026-04-17", "1:30", "0x10", "~", "5", "- a\n- b", "a\n\n\nb", "a \nb", "word " * 30]
)
STYLES = {"plain": None, "single quotes": "'", "double quotes": '"', "blocks": "|", "folded blocks": ">"}


class Writer(yaml.SafeDumper):
    """Writes texts in one style, where YAML lets it."""

    style: str | None = None

    def text(self, text: str) -> yaml.Node:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=self.style)


Writer.add_representer(str, Writer.text)


@given(
    st.lists(WORDS, min_size=1, max_size=3),
    st.sampled_from(sorted(STYLES)),
    st.sampled_from([80, 10**6]),
    st.sampled_from([False, None]),
)
def test_whoever_writes_it_again_it_says_the_same_or_is_refused(
    texts: list[str], style: str, width: int, flow: bool | None
) -> None:
    block = "notes:\n"
    for text in texts:
        lines = "".join(f"      {line}".rstrip() + "\n" for line in text.strip("\n").split("\n"))
        subject = (text.split() or ["Update"])[0]
        block += f"  - note: |2-\n{lines}    time: 90\n    subject: {emit(subject)}\n"
    try:
        before = parsed(ticket_text(block))
    except InvalidFile:
        return
    writer = type("OneStyle", (Writer,), {"style": STYLES[style]})
    again = yaml.dump(
        read(block), Dumper=writer, sort_keys=False, allow_unicode=True, width=width, default_flow_style=flow
    )
    try:
        after = parsed(ticket_text(again))
    except InvalidFile:
        return
    assert [as_posted(note) for note in after.notes] == [as_posted(note) for note in before.notes]
    assert meaning(after)[1:] == meaning(before)[1:]


def as_posted(note: Note) -> Any:
    """A note as its reference sees it: spaces at the ends of lines do not count."""
    return [line.rstrip() for line in note.text.strip().splitlines()], note.minutes, note.subject, note.hold
