"""Names as technicians write them, matched against what the account has: in full, with the id, or by a part.

Nothing is guessed: a part that fits two names is a problem that names both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synclog.model import Person

_NEAR, _NEAR_ENOUGH, _LOOKED_AT = 5, 0.7, 80
_WITH_ID = re.compile(r"(?P<name>.*?)\s*\(?#(?P<id>\d{1,18})\)?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class NameProblem:
    """`written` fits nobody (`candidates` is empty), or each of the `candidates`: names to write instead."""

    written: str
    candidates: tuple[str, ...] = ()

    def __str__(self) -> str:
        fits = "fits more than one name" if self.candidates else "is not known to this account"
        return f"`{self.written}` {fits}"

    def instead(self, options: Iterable[str]) -> str:
        """Return a remedy: what to write instead, of `options`, the names there are."""
        if self.candidates:
            return "write one of them: " + ", ".join(self.candidates)
        shown = list(dict.fromkeys(options))
        return "known: " + ", ".join(shown[:20]) + (", …" if len(shown) > 20 else "") if shown else "there are none"


def match_name(written: str, candidates: Sequence[Person]) -> Person | NameProblem:
    """Return the one of `candidates` that `written` means.

    `John Smith (#123)` and `#123` mean the person with that id, whose name must fit what stands before it. Otherwise
    the full name decides, whatever its case and spacing; else a part that only one name contains.
    """
    sought = folded(written)
    full = [person for person in candidates if folded(person.name) == sought]
    if not full and (match := _WITH_ID.fullmatch(written.strip())):
        part = folded(match["name"])
        full = [p for p in candidates if p.id == int(match["id"]) and part in folded(p.name)]
        return full[0] if full else NameProblem(written)
    found = full or ([person for person in candidates if sought in folded(person.name)] if sought else [])
    if len({person.id for person in found}) == 1:
        return found[0]
    shown = display_names(candidates)
    return NameProblem(written, tuple(dict.fromkeys(shown[person.id] for person in found)))


def match_text(written: str, options: Sequence[str]) -> str | NameProblem:
    """Return the one of `options` (statuses, priorities, problem types) that `written` means, by the same rules."""
    if written in options:
        return written
    sought = folded(written)
    full = [option for option in options if folded(option) == sought]
    found = full or ([option for option in options if sought in folded(option)] if sought else [])
    return found[0] if len(set(found)) == 1 else NameProblem(written, tuple(dict.fromkeys(found)))


def match_beginning(written: str, options: Sequence[str]) -> str | NameProblem:
    """Return the one of `options` that `written` means: by its full name, else the one that begins so, else as
    `match_text` does. `res` is Resolved, though Progress holds the same letters."""
    sought = folded(written)
    begins = tuple(dict.fromkeys(option for option in options if folded(option).startswith(sought))) if sought else ()
    if not begins or any(folded(option) == sought for option in begins):
        return match_text(written, options)
    return begins[0] if len(begins) == 1 else NameProblem(written, begins)


def same_name(one: str, other: str) -> bool:
    """Return whether two names are one, whatever their case and spacing."""
    return folded(one) == folded(other)


def matching_people(words: str, people: Iterable[Person]) -> tuple[Person, ...]:
    """Return those whose full name `words` are, else those whose name has each of the words in it, in any order."""
    sought = folded(words)
    there = tuple(people)
    full = tuple(person for person in there if folded(person.name) == sought)
    parts = sought.split()
    return full or tuple(p for p in there if parts and all(part in folded(p.name) for part in parts))


def near_people(words: str, people: Iterable[Person]) -> tuple[Person, ...]:
    """Return the few whose names come nearest to `words`, which fit nobody: by all of it, or by a word of theirs."""
    from difflib import SequenceMatcher

    sought = folded(words)[:_LOOKED_AT]

    def nearness(person: Person) -> float:
        name = folded(person.name)[:_LOOKED_AT]
        pairs = [(sought, name), *((part, word) for part in sought.split() for word in name.split())]
        return max(SequenceMatcher(None, one, other).ratio() for one, other in pairs)

    near = sorted(((nearness(p), p) for p in people if p.name), key=lambda pair: (-pair[0], pair[1].name))
    return tuple(person for ratio, person in near[:_NEAR] if ratio >= _NEAR_ENOUGH)


def display_names(people: Iterable[Person]) -> dict[int, str]:
    """Return each person's name by id; with the id, `John Smith (#123)`, where two of `people` share a name."""
    by_id = {person.id: person.name for person in people}
    bearers: dict[str, int] = {}
    for name in by_id.values():
        bearers[folded(name)] = bearers.get(folded(name), 0) + 1
    return {i: f"{name} (#{i})" if bearers[folded(name)] > 1 else name for i, name in by_id.items()}


def written_id(written: str) -> int | None:
    """Return the id that a name was written with, `123` of `John Smith (#123)`; None without one."""
    match = _WITH_ID.fullmatch(written.strip())
    return int(match["id"]) if match else None


def folded(name: str) -> str:
    """Return a name without what makes no difference in it: case, spacing, how its letters are composed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
