"""The stamps of one note on two sides: what either side knows of what was sent holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from synclog.core.joining.lines import changed_one
from synclog.core.notes import Stamp
from synclog.model import Reference

_T = TypeVar("_T")


def join_stamps(
    ancestor: Stamp | None, ours: Stamp | None, theirs: Stamp | None, fits: Reference | None = None
) -> Stamp | None:
    """Return what both sides know. `fits` is the reference that the kept wording was stamped with, where one was: of
    two different ones that neither side knows to be older it stays, and the other is looked for too."""
    if ours is None or theirs is None:
        return ours or theirs
    if ours == theirs:
        return ours
    if ours.reference != theirs.reference:
        return _newer(ours, theirs, fits)
    old = ancestor if ancestor is not None and ancestor.reference == ours.reference else None
    more, less = sorted((ours, theirs), key=_knowledge, reverse=True)
    comment = more.comment if more.comment is not None else less.comment
    return replace(
        more,
        after=min(ours.after, theirs.after),
        comment=comment,
        problem=changed_one(old.problem, ours.problem, theirs.problem) if old else more.problem,
        earlier=_either(more.earlier, less.earlier),
        passed=_either(more.passed, less.passed),
        # That nothing is under way holds only as long as neither side sent anything since.
        again=changed_one(old.again, ours.again, theirs.again) if old else ours.again and theirs.again,
        time_settled=ours.time_settled or theirs.time_settled,
    )


def also_looked_for(stamp: Stamp, references: tuple[Reference, ...]) -> Stamp:
    """Return the stamp with more references that its note may have been posted with."""
    found = _either(stamp.earlier, references)
    return replace(stamp, earlier=tuple(reference for reference in found if reference != stamp.reference))


def _newer(ours: Stamp, theirs: Stamp, fits: Reference | None) -> Stamp:
    if ours.reference in theirs.earlier or (fits == theirs.reference and theirs.reference not in ours.earlier):
        kept, other = theirs, ours
    else:
        kept, other = ours, theirs
    kept = replace(kept, passed=_either(kept.passed, other.passed))
    return also_looked_for(kept, (*other.earlier, other.reference))


def _knowledge(stamp: Stamp) -> tuple[object, ...]:
    """What orders stamps by how much they know; equal ones by what is the same on every machine."""
    known = (stamp.comment is not None, stamp.time_settled, stamp.problem is not None, not stamp.again)
    return (*known, len(stamp.passed), len(stamp.earlier), stamp.comment or 0, stamp.problem or "", -stamp.by)


def _either(more: tuple[_T, ...], less: tuple[_T, ...]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys((*more, *less)))
