"""A file that an editor saved from a stale buffer: its base is older than the one that was committed last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, TypeVar

Base: TypeAlias = "Mapping[str, object] | None"

_T = TypeVar("_T")


def is_behind(base: Base, committed: Base) -> bool:
    """Return whether a file's base is older than that of the version that was committed last."""
    return base is not None and committed is not None and _age(base) < _age(committed)


def buffered_version(base: Base, versions: Iterable[tuple[Base, _T]]) -> _T | None:
    """Return the newest of `versions`, given newest first, that has the buffer's base: what the buffer was made of, and
    what was written since before the base went on. None where there is none."""
    return next((version for other, version in versions if other is not None and other == base), None)


def _age(base: Mapping[str, object]) -> tuple[str, int, int]:
    return str(base.get("version") or ""), _whole(base.get("comment")), _whole(base.get("timer"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
