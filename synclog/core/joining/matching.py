"""Which notes of three versions of a file are one note: by reference, by what they say, by their words, by place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from synclog.core.joining.saying import saying
from synclog.core.notes import Note
from synclog.core.references import note_content

_ALIKE = 0.6
"""From which likeness of two texts on one is taken for another wording of the other."""


@dataclass(frozen=True, slots=True)
class Triple:
    """One note by its index in each version, None where that has none."""

    ancestor: int | None
    ours: int | None
    theirs: int | None


def matched(
    ancestor: Sequence[Note], ours: Sequence[Note], theirs: Sequence[Note], *, unposted: tuple[bool, bool]
) -> list[Triple]:
    """Return every note of the three once. `unposted` says of each side that it posted nothing since the ancestor: then
    a note that stands in the place of another is taken for another wording of it."""
    sides = (_Side(ancestor, ours), _Side(ancestor, theirs))
    for side in sides:
        side.match_equal()
    pairs = dict(_equal(ours, sides[0].free(), theirs, sides[1].free()))
    for old in [i for i in range(len(ancestor)) if all(i not in side.found for side in sides)]:
        best = max(((_likeness(ancestor[old], ours[i]), -i) for i in pairs), default=(0.0, 0))
        if best[0] >= _ALIKE:
            mine = -best[1]
            sides[0].found[old], sides[1].found[old] = mine, pairs.pop(mine)
    taken = (set(pairs), set(pairs.values()))
    for side, paired, still in zip(sides, taken, unposted, strict=True):
        side.match_wordings(paired)
        if still:
            side.match_places(paired)
    both = [Triple(i, sides[0].found.get(i), sides[1].found.get(i)) for i in range(len(ancestor))]
    both += [Triple(None, mine, other) for mine, other in pairs.items()]
    both += [Triple(None, i, None) for i in sides[0].free() if i not in taken[0]]
    return both + [Triple(None, None, i) for i in sides[1].free() if i not in taken[1]]


class _Side:
    """The notes of the ancestor in one side: `found` is where each one is."""

    def __init__(self, old: Sequence[Note], new: Sequence[Note]) -> None:
        self.old, self.new = old, new
        self.found: dict[int, int] = {}

    def free(self) -> list[int]:
        """Return the notes of the side that are none of the ancestor's."""
        taken = set(self.found.values())
        return [i for i in range(len(self.new)) if i not in taken]

    def missing(self) -> list[int]:
        """Return the notes of the ancestor that were not found."""
        return [i for i in range(len(self.old)) if i not in self.found]

    def match_equal(self) -> None:
        self.found |= dict(_equal(self.old, range(len(self.old)), self.new, range(len(self.new))))

    def match_wordings(self, but: set[int]) -> None:
        """Match what has the same words, or nearly: the most alike first."""
        free = [i for i in self.free() if i not in but]
        alike = ((_likeness(self.old[i], self.new[j]), i, j) for i in self.missing() for j in free)
        for likeness, i, j in sorted(alike, key=lambda one: (-one[0], one[1], one[2])):
            if likeness >= _ALIKE and i not in self.found and j not in self.found.values():
                self.found[i] = j

    def match_places(self, but: set[int]) -> None:
        """Match the only one that is missing between two neighbours with the only one that is new between them."""
        edges = [(-1, -1), *sorted(self.found.items()), (len(self.old), len(self.new))]
        for (i, j), (next_i, next_j) in pairwise(edges):
            new = [k for k in range(j + 1, next_j) if k not in but and k not in self.found.values()]
            if next_i - i == 2 and len(new) == 1:
                self.found[i + 1] = new[0]


def _equal(
    one: Sequence[Note], of_one: Sequence[int], other: Sequence[Note], of_other: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield pairs of notes that are one: by reference, then by all that they say, then by what references are made of;
    of equal ones the first with the first."""
    left, right = list(of_one), list(of_other)
    keys: tuple[Callable[[Note], Hashable], ...] = (lambda n: n.stamp and n.stamp.reference, saying, note_content)
    for key in keys:
        for i in list(left):
            wanted = key(one[i])
            j = next((j for j in right if key(other[j]) == wanted), None) if wanted else None
            if j is not None:
                left.remove(i)
                right.remove(j)
                yield i, j


def _likeness(one: Note, other: Note) -> float:
    """How alike two texts are, from 0 to 1; their own stamps tell better than words do."""
    if one.stamp and other.stamp:
        mine = {one.stamp.reference, *one.stamp.earlier}
        if mine & {other.stamp.reference, *other.stamp.earlier}:
            return 1.0
    matcher = SequenceMatcher(None, one.text, other.text, autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0.0
    return matcher.ratio()
