"""Three-way merge of lines: what one side changed holds, and where both did, both stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Region:
    """Lines as the three have them, between lines that all share."""

    ancestor: Sequence[str]
    ours: Sequence[str]
    theirs: Sequence[str]

    @property
    def both_changed(self) -> bool:
        """Whether both sides changed these lines, and not alike."""
        return self.ours not in (self.ancestor, self.theirs) and self.theirs != self.ancestor


def changed_one(ancestor: _T, ours: _T, theirs: _T) -> _T:
    """Return the value of the side that changed it; ours where both did."""
    return theirs if ours == ancestor else ours


def merged_text(ancestor: str | None, ours: str, theirs: str) -> str:
    """Return the lines of both sides. Where both changed the same ones, both are kept, ours first; lines that the other
    side has too, in the same order, are kept once. Without an ancestor nothing was taken away by anyone."""
    if ours == theirs or theirs == ancestor:
        return ours
    if ours == ancestor:
        return theirs
    mine, other = _lines(ours), _lines(theirs)
    old = _lines(ancestor) if ancestor is not None else _common(mine, other)
    return "".join(line for region in regions(old, mine, other) for line in _both(region))


def marked_text(ancestor: str | None, ours: str, theirs: str, names: tuple[str, str]) -> str:
    """Return the lines of both sides with git's conflict markers where both changed the same ones. `names` are what
    ours and theirs are called in these."""
    mine, other = _lines(ours), _lines(theirs)
    old = _lines(ancestor) if ancestor is not None else _common(mine, other)
    return "".join(line for region in regions(old, mine, other) for line in _marked(region, names))


def regions(ancestor: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Region]:
    """Yield the lines by regions, in order: what all three share, and what lies between."""
    in_ours, in_theirs = _places(ancestor, ours), _places(ancestor, theirs)
    at = mine = other = 0
    for line in sorted(in_ours.keys() & in_theirs.keys()):
        to_mine, to_other = in_ours[line], in_theirs[line]
        if line > at or to_mine > mine or to_other > other:
            yield Region(ancestor[at:line], ours[mine:to_mine], theirs[other:to_other])
        kept = ancestor[line : line + 1]
        yield Region(kept, kept, kept)
        at, mine, other = line + 1, to_mine + 1, to_other + 1
    yield Region(ancestor[at:], ours[mine:], theirs[other:])


def _both(region: Region) -> Sequence[str]:
    if not region.both_changed:
        return changed_one(region.ancestor, region.ours, region.theirs)
    if _within(region.theirs, region.ours):
        return region.ours
    if _within(region.ours, region.theirs):
        return region.theirs
    return [*_ended(region.ours), *region.theirs]


def _marked(region: Region, names: tuple[str, str]) -> Sequence[str]:
    if not region.both_changed:
        return changed_one(region.ancestor, region.ours, region.theirs)
    ours, theirs = _ended(region.ours), _ended(region.theirs)
    return [f"<<<<<<< {names[0]}\n", *ours, "=======\n", *theirs, f">>>>>>> {names[1]}\n"]


def _ended(lines: Sequence[str]) -> list[str]:
    """The lines, the last one with a line end."""
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


def _within(few: Sequence[str], many: Sequence[str]) -> bool:
    """Whether all of `few` are among `many`, in their order."""
    rest = iter(many)
    return all(line in rest for line in few)


def _lines(text: str) -> list[str]:
    """Lines as git knows them: other separators are part of a line."""
    found = text.split("\n")
    return [f"{line}\n" for line in found[:-1]] + ([found[-1]] if found[-1] else [])


def _common(ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """The lines that both have, in the order of both."""
    return [ours[at] for at in sorted(_places(ours, theirs))]


def _places(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Return which lines of `old` are in `new`, and where: one after the other, none twice."""
    first = _shared(old, new, lambda at: at)
    last = min(_shared(old, new, lambda at: -1 - at), min(len(old), len(new)) - first)
    found = {at: at for at in range(first)}
    found |= {len(old) - 1 - at: len(new) - 1 - at for at in range(last)}
    middle_old, middle_new = old[first : len(old) - last], new[first : len(new) - last]
    if middle_old and middle_new:
        from difflib import SequenceMatcher

        for block in SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_matching_blocks():
            found |= {first + block.a + step: first + block.b + step for step in range(block.size)}
    return found


def _shared(old: Sequence[str], new: Sequence[str], place: Callable[[int], int]) -> int:
    most = min(len(old), len(new))
    return next((at for at in range(most) if old[place(at)] != new[place(at)]), most)
