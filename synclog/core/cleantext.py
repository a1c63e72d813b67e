"""Text from outside made safe to show: no control characters, one kind of line end, ordinary spaces.

A terminal, an editor and git must never act on what a customer wrote. Nothing here knows of HTML or markdown.
"""

from __future__ import annotations

import re

# C0 and C1 controls, bidirectional and zero-width marks, surrogates without a partner, annotation and tag characters,
# noncharacters: invisible ones that reorder, hide or command. Line ends are dealt with before, tabs afterwards.
_INVISIBLE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
)
_BAD = re.compile(f"[{_INVISIBLE}]+")
_BAD_ASCII = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
# A terminal's own commands go whole: what follows the escape character is not something that anybody wrote.
_TERMINAL = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)")
# What a terminal would obey or show elsewhere than it stands, and half characters that can't be printed at all.
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_TAB = 4


def clean_text(text: str) -> str:
    """Return `text` with `\\n` as its only line end, and without control characters, odd spaces and trailing spaces.

    Every line separator of Unicode ends a line. Runs of blank lines become one; blank lines at the ends are gone.
    """
    if "\x1b" in text or "\x9b" in text or "\x9d" in text:
        text = _TERMINAL.sub("", text)
    lines: list[str] = []
    for line in _plain(text).splitlines():
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    if lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def clean_line(text: str) -> str:
    """Return `text` as one line, for subjects and names: cleaned, line ends and runs of spaces folded to one space."""
    return " ".join(clean_text(text).split())


def inert(text: str) -> str:
    """Return `text` without anything that a terminal obeys; its lines, spaces and all else stay as they are."""
    if "\x1b" in text or "\x9b" in text or "\x9d" in text:
        text = _TERMINAL.sub("", text)
    return _COMMANDS.sub("", text)


def escaped(document: str) -> str:
    """Return a JSON document with the same characters escaped: it means the same, and commands nothing."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def _plain(text: str) -> str:
    """The text without invisible characters; line ends of every kind are `\\n`."""
    if text.isascii():
        if "\t" in text:
            text = text.expandtabs(_TAB)
        return _BAD_ASCII.sub("", "\n".join(text.splitlines())) if _BAD_ASCII.search(text) else text
    text = _BAD.sub("", "\n".join(text.splitlines()))
    return _SPACES.sub(" ", text).expandtabs(_TAB)
