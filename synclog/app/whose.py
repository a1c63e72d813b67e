"""Whose work it is: a note is pushed by who wrote it, which git knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synclog.core.ticketfile import TicketFile
    from synclog.workspace.history import History
    from synclog.workspace.workspace import Workspace

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


class Whose:
    """The same of one's own work in many files, most of which was not committed yet: of `files`, which are asked about,
    git gives what HEAD has at once. Lines that stand nowhere in there were committed by nobody."""

    def __init__(self, workspace: Workspace, files: Sequence[TicketFile]) -> None:
        self._history = workspace.history if files else None
        self._committed: dict[str, frozenset[str]] = {}
        if self._history is not None:
            self._history.identity()
            texts = self._history.texts_of_head([file.path for file in files])
            self._committed = {path: frozenset(_lines(text)) for path, text in texts.items()}

    def __call__(self, file: TicketFile, spans: Sequence[tuple[int, int]], author: str | None) -> list[str | None]:
        """Return for each range of lines whose it is, as `not_mine` does."""
        assert self._history is not None
        lines, committed = _lines(file.text), self._committed.get(file.path, frozenset())
        asked = author is not None or any(committed.intersection(lines[start - 1 : end]) for start, end in spans)
        return not_mine(self._history, file, spans, author) if asked else [None for _ in spans]


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]
