"""What files are checked against when they are merged: their form alone. A merge needs no settings and no account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC

from synclog.core.settings import Labor
from synclog.core.ticketfields import FileRules


class _AnyLabor(Mapping[str, Labor]):
    """Every alias is one."""

    def __contains__(self, alias: object) -> bool:
        return True

    def __getitem__(self, alias: str) -> Labor:
        return Labor(alias, 0)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


RULES = FileRules(labor=_AnyLabor(), timezone=UTC)
