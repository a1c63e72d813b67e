"""What a shell offers while somebody types: tickets, customers, statuses, labor; from mirror and settings alone.

Nothing is brought up to date for it, since somebody waits at a key: the index is read as the last command left it, and
without one the names of the files have to do. Names come as words that no shell takes for more than one word, or for a
command; what a word stands for comes with it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from synclog import __version__
from synclog.core.cleantext import clean_line
from synclog.core.slugs import slug
from synclog.errors import SynclogError
from synclog.workspace.ticketindex import TicketIndex

if TYPE_CHECKING:
    from synclog.model import TicketNumber
    from synclog.workspace.workspace import Workspace

MOST_TICKETS = 200
"""Tickets that are offered at once: more is no help."""
_FILE = re.compile(r"(\d{1,18})-(.*)\.md", re.IGNORECASE | re.ASCII)
_WORD = re.compile(r"\w[\w.@+-]*")


def offered_tickets(workspace: Workspace, digits: str = "") -> list[tuple[TicketNumber, str]]:
    """Return (number, subject) of tickets whose number begins with `digits`, the highest first; without any digits only
    open ones. A subject may be made of its file's name."""
    from synclog.app.views import FINISHED

    if digits and not (digits.isascii() and digits.isdigit()):
        return []
    with _index_as_left(workspace) as index:
        if index is None:
            found = dict(_named((path.rsplit("/", 1)[-1] for path in workspace.ticket_paths()), digits))
        else:
            found = dict(index.beginning(digits, () if digits else FINISHED, MOST_TICKETS))
            found |= _named((name for _, name in index.open_files()), digits)
    return [(number, clean_line(found[number])) for number in sorted(found, reverse=True)[:MOST_TICKETS]]


def offered_customers(workspace: Workspace) -> dict[str, str]:
    """Return the customers that have a card here, by the words they are offered as: the names of their folders."""
    folders = filter(_WORD.fullmatch, workspace.customer_folders())
    named = ((folder, customer_offered_as(workspace, folder)) for folder in folders)
    return {folder: name for folder, name in named if name}


def customer_offered_as(workspace: Workspace, word: str) -> str | None:
    """Return the name of the customer that is offered as `word`, None where there is none."""
    from synclog.app.customers import customer_of_card
    from synclog.workspace.paths import CARD, CLIENTS

    path = f"{CLIENTS}/{word}/{CARD}"
    customer = customer_of_card(workspace, path) if _WORD.fullmatch(word) else None
    return clean_line(customer.name) or None if customer else None


def offered_statuses(workspace: Workspace) -> dict[str, str]:
    """Return the account's statuses by the words they are offered as; where they are not known, the mirror's."""
    from synclog.app.account import known_account

    account = known_account(workspace)
    if account is not None:
        return _by_word(account.statuses)
    with _index_as_left(workspace) as index:
        return _by_word(index.statuses() if index else ())


def offered_labor(workspace: Workspace) -> list[str]:
    """Return the labor aliases of the settings."""
    return [alias for alias in workspace.settings.labor if _WORD.fullmatch(alias)]


@contextmanager
def _index_as_left(workspace: Workspace) -> Iterator[TicketIndex | None]:
    index = None
    with suppress(sqlite3.Error, OSError, SynclogError):
        index = TicketIndex.as_left(workspace.state_dir, __version__)
    try:
        yield index
    finally:
        if index is not None:
            index.abandon()


def _named(names: Iterable[str], digits: str) -> Iterator[tuple[TicketNumber, str]]:
    for match in filter(None, map(_FILE.fullmatch, names)):
        if match[1].startswith(digits):
            yield int(match[1]), match[2].replace("-", " ")


def _by_word(names: Iterable[str]) -> dict[str, str]:
    """Names by the words they are offered as; those that would be offered as one word are left out."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        if word := slug(name, ""):
            found.setdefault(word, []).append(clean_line(name))
    return {word: same[0] for word, same in sorted(found.items()) if len(same) == 1}
