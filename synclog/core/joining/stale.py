"""A file that an editor saved from a stale buffer: its base is older than the one that was committed last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

from synclog.core.notes import Note, Stamp
from synclog.core.references import is_as_stamped, note_content

Base: TypeAlias = "Mapping[str, object] | None"

_T = TypeVar("_T")


def is_behind(base: Base, committed: Base) -> bool:
    """Return whether a file's base is older than that of the version that was committed last."""
    return base is not None and committed is not None and _age(base) < _age(committed)


def buffered_versions(base: Base, versions: Iterable[tuple[Base, _T]]) -> Iterator[_T]:
    """Yield those of `versions`, given newest first, that have the buffer's base: it was opened from one of them, and
    the newest has what was written since, before the base went on."""
    for other, version in versions:
        if is_behind(other, base):
            return
        if other is not None and other == base:
            yield version


def lost_stamps(
    buffer: Sequence[Note], ancestor: Sequence[Note], older: Iterable[Sequence[Note]]
) -> dict[int, Stamp | None]:
    """Return the stamps that notes of a buffer had meanwhile, by their index: of those that the `ancestor` lacks, and
    that stood stamped in one of the `older` versions of the same base.

    Such a note was sent, and deleted by hand since. The buffer is of before its stamp: without it the note would be
    another one on another day, and be posted a second time where an account cuts references off.
    """
    there = [note_content(note) for note in ancestor]
    known = {note.stamp.reference for note in (*ancestor, *buffer) if note.stamp}
    stamped: dict[str, tuple[object, Stamp]] = {}
    for version in older:
        for note in version:
            if note.stamp is not None and note.stamp.reference not in known and is_as_stamped(note):
                stamped.setdefault(note.stamp.reference, (note_content(note), note.stamp))
    found: dict[int, Stamp | None] = {}
    for index, note in enumerate(buffer):
        content = note_content(note)
        if note.stamp is None and content not in there:
            reference = next((r for r, (said, _) in stamped.items() if said == content), None)
            if reference is not None:
                found[index] = stamped.pop(reference)[1]
    return found


def _age(base: Mapping[str, object]) -> tuple[str, int, int]:
    return str(base.get("version") or ""), _whole(base.get("comment")), _whole(base.get("timer"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
