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
    mine, other = _Side(ancestor, ours), _Side(ancestor, theirs)
    for side in (mine, other):
        side.match_equal()
    pairs = dict(_equal(ours, mine.free(), theirs, other.free()))
    _match_changed_alike(mine, other, pairs)
    for side, taken, still in zip((mine, other), (set(pairs), set(pairs.values())), unposted, strict=True):
        side.match_wordings(taken)
        if still:
            side.match_places(taken)
    left = [i for i in mine.free() if i not in pairs], [i for i in other.free() if i not in pairs.values()]
    pairs |= dict(_alike(ours, left[0], theirs, left[1], (_words,)))
    found = [Triple(i, mine.found.get(i), other.found.get(i)) for i in range(len(ancestor))]
    found += [Triple(None, i, pairs.get(i)) for i in mine.free()]
    return found + [Triple(None, None, i) for i in other.free() if i not in pairs.values()]


def _match_changed_alike(mine: _Side, other: _Side, pairs: dict[int, int]) -> None:
    """Match the ancestor's notes with those that both sides changed alike: taken out of `pairs`, the most alike first
    for each."""
    for old in [i for i in mine.missing() if i not in other.found]:
        likeness, place = max(((_likeness(mine.old[old], mine.new[i]), -i) for i in pairs), default=(0.0, 0))
        if likeness >= _ALIKE:
            mine.found[old], other.found[old] = -place, pairs.pop(-place)


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
    """Yield pairs of notes that are one: by reference, then by all that they say, then by what references are made
    of."""
    return _alike(one, of_one, other, of_other, (_reference, saying, note_content))


def _reference(note: Note) -> Hashable:
    return note.stamp.reference if note.stamp else None


def _words(note: Note) -> Hashable:
    return note_content(note)[0]


def _alike(
    one: Sequence[Note],
    of_one: Sequence[int],
    other: Sequence[Note],
    of_other: Sequence[int],
    keys: Sequence[Callable[[Note], Hashable]],
) -> Iterator[tuple[int, int]]:
    """Yield pairs of notes that share the first key, else the next one; of equal notes the first with the first."""
    left, right = list(of_one), list(of_other)
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
