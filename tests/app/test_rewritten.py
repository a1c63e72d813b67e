"""A file that another program wrote again, as Obsidian does when a property is edited: its notes are posted once."""

from __future__ import annotations

import yaml
from support.office import NOTE, NUMBER, Office
from support.yamlcore import read


def rewritten(text: str) -> str:
    """The file with its front matter read and written again: comments gone, quotes changed, lists on lines."""
    front, _, below = text.removeprefix("---\n").partition("\n---\n")
    again = yaml.safe_dump(read(front), sort_keys=False, allow_unicode=True, width=10**6)
    return f"---\n{again}---\n{below}"


def test_a_note_is_posted_once_though_its_file_was_rewritten_before_and_after(pulled: Office) -> None:
    pulled.write_note(f"# of today\n{NOTE}    subject: 'Disk: replaced'\n")
    pulled.path().write_bytes(rewritten(pulled.text()).encode())
    before = pulled.text()
    assert "# of today" not in before
    assert [done.what for done in pulled.push().done]
    (comment,) = pulled.comments()
    assert comment["subject"] == "Disk: replaced"
    pulled.path().write_bytes(before.encode())  # the program still had the file open, and saves it
    pulled.push()
    assert [one["id"] for one in pulled.comments()] == [comment["id"]]
    assert len(pulled.timers()) == 1
    pulled.path().write_bytes(rewritten(pulled.text()).encode())
    assert list(pulled.push().done) == []
    assert [entry.op for entry in pulled.trail(NUMBER)] == ["comment"]
