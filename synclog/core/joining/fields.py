"""The editable fields of two versions of a file: each side's wishes, put onto what Syncro said last.

A side wishes a field to be what its file says where that differs from its own base; else it wishes nothing, whatever
the other side's base says. The table, per field, of the wishes since the ancestor:

    neither changed its wish, or both alike    that wish
    one side did                               that side's wish (none: it was pushed, or undone)
    both did, one of them to none              the wish that is left
    both did, differently                      ours rules; a conflict says what theirs was

Then the wish meets the newest mirror as in core/merge.py: where Syncro's value is another one than the wish was made
upon, it is a conflict. A value that was wished before and that Syncro has now is nobody else's change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from synclog.core.merge import Conflict, Value, same
from synclog.core.ticketkeys import LISTS, REQUIRED, TICKET_EDITABLE

Wish: TypeAlias = "tuple[Value] | None"
"""What a side wants a field to be, None where it wants nothing."""


@dataclass(frozen=True, slots=True)
class SideFields:
    """The fields of one version: as its file says, and as its base does. Without a `base` all that it says is its wish,
    of a draft that becomes a ticket, or of a file that has lost it."""

    values: Mapping[str, Value]
    base: Mapping[str, Value] | None
    conflicts: Mapping[str, Conflict]
    is_draft: bool = False

    def wish(self, field: str) -> Wish:
        """Return what this side wants the field to be."""
        value = self.values.get(field)
        if not value and field in REQUIRED:
            # Only a file without a base can say so and be valid: it is no wish.
            return None
        return None if same(value, self.base.get(field) if self.base is not None else None) else (value,)


@dataclass(frozen=True, slots=True)
class FieldsJoined:
    """`values`: all editable fields. `conflicts`: all that stand. `clashes`: the fields that both sides changed."""

    values: Mapping[str, Value]
    conflicts: Mapping[str, Conflict]
    clashes: tuple[str, ...]


def join_fields(
    ancestor: SideFields | None, ours: SideFields, theirs: SideFields, newest: Mapping[str, Value]
) -> FieldsJoined:
    """Join the fields of two versions. `newest` is what the newer mirror says."""
    values: dict[str, Value] = {}
    conflicts: dict[str, Conflict] = {}
    clashes = []
    for field in TICKET_EDITABLE:
        now = newest.get(field)
        if field in LISTS:
            values[field] = _joined_list(field, ancestor, ours, theirs, now)
            continue
        wish, whose, other = _wished(field, ancestor, ours, theirs)
        values[field] = wish[0] if wish else now
        if wish is None or (same(wish[0], now) and other is None):
            continue
        stands = _standing(field, ancestor, ours, theirs)
        if other is not None:
            clashes.append(field)
            conflicts[field] = Conflict(other[0], stands.base if stands else now)
        elif not any(_knew(side, field, now) for side in whose) and not _agree(_wish(ancestor, field), (now,)):
            base = whose[0].base
            old = base.get(field) if base is not None else None
            conflicts[field] = Conflict(now, stands.base if stands else old)
        elif stands is not None:
            conflicts[field] = stands
    return FieldsJoined(values, conflicts, tuple(clashes))


def _wished(
    field: str, ancestor: SideFields | None, ours: SideFields, theirs: SideFields
) -> tuple[Wish, tuple[SideFields, ...], Wish]:
    """Return the wish that rules, whose it is, and what the other side wanted instead."""
    old, mine, other = _wish(ancestor, field), ours.wish(field), theirs.wish(field)
    if _agree(mine, other):
        return mine, (ours, theirs), None
    if _agree(mine, old):
        return other, (theirs,), None
    if _agree(other, old) or other is None:
        return mine, (ours,), None
    if mine is None:
        return other, (theirs,), None
    return mine, (ours,), other


def _knew(side: SideFields, field: str, now: Value) -> bool:
    """Whether a side made its wish knowing what Syncro says now. A draft was made knowing nothing."""
    return side.is_draft if side.base is None else same(side.base.get(field), now)


def _wish(side: SideFields | None, field: str) -> Wish:
    return side.wish(field) if side is not None else None


def _agree(one: Wish, other: Wish) -> bool:
    return one is None and other is None if one is None or other is None else same(one[0], other[0])


def _standing(field: str, ancestor: SideFields | None, ours: SideFields, theirs: SideFields) -> Conflict | None:
    """The conflict that stood before: one that a side settled since is over."""
    old = ancestor.conflicts.get(field) if ancestor else None
    mine, other = ours.conflicts.get(field), theirs.conflicts.get(field)
    if mine == old:
        return other
    return mine if other == old else mine or other


def _joined_list(
    field: str, ancestor: SideFields | None, ours: SideFields, theirs: SideFields, now: Value
) -> tuple[str, ...]:
    """A set: what either side added or took away, as far as the mirror does not have it so already."""
    there = _items(now)
    added = _held(*(_added(field, side) for side in (ancestor, ours, theirs)))
    gone = _held(*(_gone(field, side) for side in (ancestor, ours, theirs)))
    return (*(item for item in there if item not in gone), *(item for item in added if item not in there))


def _held(ancestor: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    both = dict.fromkeys((*ours, *theirs))
    return [item for item in both if (item in ours and item in theirs) or item not in ancestor]


def _added(field: str, side: SideFields | None) -> tuple[str, ...]:
    old = _items((side.base or {}).get(field)) if side else ()
    return tuple(item for item in _items(side.values.get(field)) if item not in old) if side else ()


def _gone(field: str, side: SideFields | None) -> tuple[str, ...]:
    new = _items(side.values.get(field)) if side else ()
    return tuple(item for item in _items((side.base or {}).get(field)) if item not in new) if side else ()


def _items(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,) if value else ()
