"""What synclog adds to files that are somebody else's: lines, and a section between markers. The rest stays."""

from __future__ import annotations

from collections.abc import Iterable


def with_lines(text: str, lines: Iterable[str]) -> str:
    """Return `text` with those of `lines` that it lacks added at its end."""
    there = {line.strip() for line in text.splitlines()}
    lacking = [line for line in lines if line not in there]
    if not lacking:
        return text
    newline = _newline(text)
    gap = "" if not text or text.endswith("\n") else newline
    return text + gap + "".join(f"{line}{newline}" for line in lacking)


def with_section(text: str, begin: str, end: str, section: str) -> str:
    """Return `text` with what stands between the lines `begin` and `end` replaced by `section`; the three are added at
    its end where there is no `begin` yet.

    Raises ValueError when the markers are not one pair, so that nobody can tell what is synclog's.
    """
    lines = [line.strip() for line in text.splitlines()]
    newline = _newline(text)
    own = newline.join((begin, *section.strip("\n").split("\n"), end))
    if begin not in lines and end not in lines:
        while text and not text.endswith(newline * 2):
            text += newline
        return f"{text}{own}{newline}"
    if lines.count(begin) != 1 or lines.count(end) != 1 or lines.index(begin) > lines.index(end):
        raise ValueError(f"the lines `{begin}` and `{end}` are not one pair in it")
    kept = text.splitlines(keepends=True)
    first, last = lines.index(begin), lines.index(end)
    tail = kept[last][len(kept[last].rstrip("\r\n")) :]
    return "".join((*kept[:first], own, tail, *kept[last + 1 :]))


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
