"""Whose work it is: a note is pushed by who wrote it, which git knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synclog.core.ticketfile import TicketFile
    from synclog.workspace.history import History

NotMine = Callable[["TicketFile", Sequence[tuple[int, int]], "str | None"], list["str | None"]]
"""Returns for each range of a file's lines whose they are, None where they are one's own."""


def not_mine(
    history: History, file: TicketFile, spans: Sequence[tuple[int, int]], author: str | None
) -> list[str | None]:
    """Return for each range of lines whose it is; None where it is one's own, or `author`'s (a name or an e-mail
    address), who was asked for instead."""
    name, email = history.identity()
    found: list[str | None] = []
    for who in history.blame_authors(file.path, spans):
        mine = not who or any(a.email.casefold() == email.casefold() for a in who)
        asked = author is not None and any(author.casefold() in (a.name.casefold(), a.email.casefold()) for a in who)
        theirs = ", ".join(sorted(a.name for a in who)) or name
        found.append(None if (mine if author is None else asked) else theirs)
    return found
