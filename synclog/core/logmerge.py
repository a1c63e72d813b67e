"""Merging what is new into a session log that a person has edited: three ways, by section and line.

What the log was last made as is known by the hashes of its lines (the seal of logfile.py). A line that is still as it
was written is ours, and goes along with what is new; every other line is a person's, and stays, in its order, to the
byte. A line of ours that a person deleted stays deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from synclog.core.logfile import line_hash, split_sections

_KEY = re.compile(r"([A-Za-z_][\w-]*):")
_GOES_ON = ("- ", "| ", ">")

Hashes = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Part:
    """A section of the result; `key` is the hash of its heading."""

    key: str
    lines: list[str]
    is_new: bool = False


def merged(mine: str, base: Sequence[Hashes], fresh: str) -> str:
    """Return the log `mine`, which a person has edited since it was made as `base`, with what is new in `fresh`.

    `base` are hashes of lines by section, none where nothing is known of it: then every line of `mine` is a person's.
    """
    ending = "\r" if mine.split("\n", 1)[0].endswith("\r") else ""
    ours = split_sections(mine.removesuffix("\n").split("\n"))
    theirs = split_sections(fresh.rstrip("\n").split("\n"))
    theirs = [[line + ending for line in section] for section in theirs]
    known = {section[0]: section for section in base[2:] if section}
    head, top = (*base[:2], (), ())[:2]
    there = {line_hash(section[0]): section for section in ours[2:]}
    wanted = {line_hash(section[0]): section for section in theirs[2:]}
    result = [_Part("", _front_matter(ours[0], head, theirs[0])), _Part("", _section(ours[1], top, theirs[1]))]
    for section in ours[2:]:
        key = line_hash(section[0])
        if key in wanted:
            is_it = there[key] is section  # not another one under the same heading
            result.append(_Part(key, _section(section, known.get(key, ()), wanted[key]) if is_it else section))
        elif tuple(map(line_hash, section)) != known.get(key):
            result.append(_Part(key, section))
    after = ""
    for key, section in wanted.items():
        news = [line for line in section[1:] if line_hash(line) not in known.get(key, ())]
        if key not in there and any(line.strip() for line in news):
            place = next((at for at, part in enumerate(result) if after and part.key == after), len(result) - 1)
            result.insert(place + 1, _Part(key, [section[0], ending, *_trimmed(news)], is_new=True))
        after = key
    return "\n".join(_joined(result, ending)) + "\n"


def _front_matter(mine: list[str], base: Hashes, theirs: list[str]) -> list[str]:
    """Merge by key: a key with another value than was written is the person's; so is one that they deleted."""
    if not mine or not theirs:
        return mine or ([] if base else theirs)
    fresh = {match[1]: line for line in theirs if (match := _KEY.match(line))}
    result: list[str] = []
    seen = set()
    for line in mine[:-1]:
        match = _KEY.match(line)
        if match:
            seen.add(match[1])
        if match and line_hash(line) in base:
            result += [fresh[match[1]]] if match[1] in fresh else []
        else:
            result.append(line)
    written = {line_hash(line) for line in theirs} & set(base)
    result += [line for key, line in fresh.items() if key not in seen and line_hash(line) not in written]
    return [*result, mine[-1]]


def _section(mine: list[str], base: Hashes, theirs: list[str]) -> list[str]:
    """Merge one section: between lines that all three have, whoever changed something wins; where both did, the
    person's lines stay and those that are new come after them."""
    ours, fresh = list(map(line_hash, mine)), list(map(line_hash, theirs))
    in_mine, in_fresh = _matches(base, ours), _matches(base, fresh)
    result: list[str] = []
    b = o = t = 0
    for place in [*sorted(in_mine.keys() & in_fresh.keys()), len(base)]:
        o_end, t_end = in_mine.get(place, len(ours)), in_fresh.get(place, len(fresh))
        was, here, there = list(base[b:place]), ours[o:o_end], fresh[t:t_end]
        if here == was:
            result += theirs[t:t_end]
        elif there in (was, here):
            result += mine[o:o_end]
        else:
            result += _both(mine[o:o_end], {i - o for i in in_mine.values()}, theirs[t:t_end], set(was))
        if place < len(base):
            result.append(mine[o_end])
        b, o, t = place + 1, o_end + 1, t_end + 1
    return result


def _both(mine: Sequence[str], unchanged: set[int], theirs: Sequence[str], was: set[str]) -> list[str]:
    """Both sides differ: lines of ours give way to what is new, where the first of them stood."""
    here = {line_hash(line) for line in mine}
    new = _trimmed([line for line in theirs if not line.strip() or line_hash(line) not in was | here])
    kept: list[str] = []
    fresh = set(map(line_hash, theirs))
    for at, line in enumerate(mine):
        ours_still = at in unchanged and bool(line.strip())
        if ours_still and line_hash(line) not in fresh:
            _append(kept, new)
            new = []
        else:
            kept.append(line)
    _append(kept, new)
    return kept


def _append(result: list[str], new: Sequence[str]) -> None:
    """Add lines, with an empty one before them where two paragraphs would become one."""
    if not new:
        return
    last = result[-1] if result else ""
    goes_on = any(last.startswith(mark) and new[0].startswith(mark) for mark in _GOES_ON)
    if last.strip() and new[0].strip() and not goes_on and result:
        result.append("\r" if last.endswith("\r") else "")
    result += new


def _matches(base: Hashes, other: Hashes) -> dict[int, int]:
    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}


def _trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without empty ones at the ends and with one at most in between."""
    result: list[str] = []
    for line in lines:
        if line.strip() or (result and result[-1].strip()):
            result.append(line)
    while result and not result[-1].strip():
        result.pop()
    return result


def _joined(parts: Sequence[_Part], ending: str) -> Iterator[str]:
    """The lines of all parts, with an empty one around those that are new."""
    last, was_new = "", False
    for part in parts:
        if part.lines and last.strip() and (part.is_new or was_new):
            yield ending
        yield from part.lines
        last, was_new = (part.lines[-1], part.is_new) if part.lines else (last, was_new)
