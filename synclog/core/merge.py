"""Field-wise three-way merge of a ticket's front matter: (base, mine, theirs) in, values and conflicts out.

`base` is what Syncro said last, `mine` what the file says, `theirs` what Syncro says now. The table, per field:

    mine = base   theirs = base    nothing to do
    mine = base   theirs changed   theirs goes into the file
    mine changed  theirs = base    mine stays, an edit to be pushed
    mine = theirs                  nothing to do, whatever the base was; a conflict there was is over
    both changed, differently      mine stays in place and rules; a conflict says what theirs and the base were

`tags` are a set: both sides' additions and removals hold, so they never conflict. Without a base every difference
is a conflict, since nobody can tell whose edit it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Value = str | None | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field that both sides changed. `base` is None where the base is lost or was empty."""

    theirs: Value
    base: Value


@dataclass(frozen=True, slots=True)
class Merged:
    """`values`: the fields of the file to change, with their new values. `conflicts`: all that stand now, by field."""

    values: dict[str, Value]
    conflicts: dict[str, Conflict]


def merge_fields(
    fields: tuple[str, ...],
    base: Mapping[str, Value] | None,
    mine: Mapping[str, Value],
    theirs: Mapping[str, Value],
    standing: Mapping[str, Conflict],
) -> Merged:
    """Merge `fields`; `standing` are the conflicts that the file already holds. The new base is always `theirs`."""
    values: dict[str, Value] = {}
    conflicts: dict[str, Conflict] = {}
    for field in fields:
        now, remote = mine.get(field), theirs.get(field)
        old = base.get(field) if base is not None else None
        if same(now, remote):
            continue
        if base is None:
            conflicts[field] = Conflict(theirs=remote, base=None)
        elif isinstance(now, tuple) or isinstance(remote, tuple):
            joined = joined_tags(old, now, remote)
            if not same(joined, now):
                values[field] = joined
        elif same(now, old):
            values[field] = remote
        elif same(remote, old):
            if field in standing:
                conflicts[field] = standing[field]
        else:
            first = standing[field].base if field in standing else old
            conflicts[field] = Conflict(theirs=remote, base=first)
    return Merged(values, conflicts)


def same(one: Value, other: Value) -> bool:
    """Return whether two values of a field mean the same: tags as a set, nothing and empty alike."""
    if isinstance(one, tuple) or isinstance(other, tuple):
        return set(_tags(one)) == set(_tags(other))
    return (one or None) == (other or None)


def joined_tags(base: Value, mine: Value, theirs: Value) -> tuple[str, ...]:
    """Return the tags with both sides' additions and removals since `base`."""
    return _join(_tags(base), _tags(mine), _tags(theirs))


def _tags(value: Value) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _join(base: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    removed = set(base) - set(theirs)
    added = [tag for tag in theirs if tag not in base and tag not in mine]
    return tuple(tag for tag in mine if tag not in removed) + tuple(added)
