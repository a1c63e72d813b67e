"""Which files are to come back: those deleted by hand, and not those forgotten on purpose. Git is not known here.

`synclog untrack` leaves a trailer in the message of its commit, so that every clone knows. Messages are read from
anyone's history: what is not as written here is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from synclog.model import TicketNumber

UNTRACKED = "Synclog-Untracked"

_NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Deleted:
    """A ticket's file that some commit deleted: the commit, where the file was, and its content's id in git."""

    number: TicketNumber
    path: str
    commit: str
    blob: str


def untrack_message(numbers: Iterable[TicketNumber]) -> str:
    """Return the message of the commit that forgets these tickets' files."""
    listed = list(numbers)
    named = ", ".join(f"#{number}" for number in listed[:10])
    more = f" and {len(listed) - 10} more" if len(listed) > 10 else ""
    trailers = "".join(f"{UNTRACKED}: {number}\n" for number in listed)
    return f"untrack: {named}{more}\n\n{trailers}"


def parse_untracked(message: str) -> tuple[TicketNumber, ...]:
    """Return the tickets that a commit's message says to be forgotten; one of a squash may indent its lines."""
    found = []
    for line in message.split("\n")[1:]:
        name, _, value = line.strip().partition(": ")
        if name == UNTRACKED and _NUMBER.fullmatch(value):
            found.append(int(value))
    return tuple(found)


def to_bring_back(
    deleted: Iterable[Deleted],
    known: Collection[TicketNumber],
    untracked: Mapping[TicketNumber, Collection[str]],
    is_before: Callable[[str, str], bool],
    asked: Collection[TicketNumber] = (),
) -> list[Deleted]:
    """Return the deletions to undo, one for each ticket.

    `deleted` are newest first, `known` the tickets that have a file, `untracked` the commits that forgot a ticket, and
    `is_before` whether a commit is in the history of another. A ticket that was forgotten stays so, unless its file
    was there again afterwards and was deleted then, or it is `asked` for by number.
    """
    newest: dict[TicketNumber, Deleted] = {}
    for one in deleted:
        if one.number not in known:
            newest.setdefault(one.number, one)

    def forgotten(one: Deleted) -> bool:
        commits = untracked.get(one.number, ())
        return any(commit == one.commit or not is_before(commit, one.commit) for commit in commits)

    return [one for number, one in newest.items() if number in asked or not forgotten(one)]
