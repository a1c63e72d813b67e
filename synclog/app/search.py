"""Finding tickets by words: in all that the files hold, or in Syncro by its own search."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synclog.app.files import IndexedFiles
from synclog.app.indexing import Raw, moment_of, path_of, with_index
from synclog.app.views import Row, account_status, chosen_rows, match_status, plain_rules, row_of, rows_of_syncro
from synclog.core.searchtext import search_query, search_text
from synclog.errors import InvalidFile, StorageFailed, UsageError

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.core.ticketfile import FileRules
    from synclog.workspace.ticketindex import TicketIndex
    from synclog.workspace.workspace import Workspace

BEGIN, END = "\x02", "\x03"
"""What a snippet has around the words that were found; no text of a file has these."""
_WORDS = 16
_TEXTS = """CREATE VIRTUAL TABLE texts USING fts5(text, tokenize="unicode61 remove_diacritics 2")"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that was found; `snippet` are the words around what was found, marked, empty where Syncro found it."""

    row: Row
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the first `hits`, of `total`. `invalid` are the files that were not looked into."""

    hits: tuple[Hit, ...]
    total: int
    invalid: tuple[InvalidFile, ...] = ()


def search_mirrored(
    workspace: Workspace, query: str, *, status: str | None = None, customer: str | None = None, limit: int = 20
) -> Found:
    """Return the tickets of any status whose file has all words and "quoted phrases" of `query`: what was changed last
    comes first. `word*` is any word that begins so; case and accents make no difference.

    Raises UsageError for a query without words, and for a status that no file has; StorageFailed where the SQLite of
    this Python can't search.
    """
    sought = _query(query)
    rules = plain_rules(workspace)

    def read(index: TicketIndex, raw: Raw) -> Found:
        files = IndexedFiles(workspace, index, raw, rules)
        tickets = files.open.tickets
        wanted = status
        if status is not None:
            statuses = files.statuses() | {row_of(file).status for file in tickets.values()}
            wanted = match_status(status, statuses)
        _make_searchable(workspace, index, rules)
        found: list[tuple[float, Row]] = []
        for number in _matches({number: search_text(file) for number, file in tickets.items()}, sought):
            row = row_of(tickets[number])
            found.append((moment_of(row.updated_at), row))
        for _, row_, moment in index.found(sought):
            found.append((moment, Row(*row_)))
        rows = {row.number: row for _, row in found if row.number not in files.doubled}
        kept = {row.number for row in chosen_rows(rows.values(), customer) if wanted in (None, row.status)}
        order = sorted(((m, row.number) for m, row in found if row.number in kept), reverse=True)
        shown = [number for _, number in order[:limit]]
        snippets = _snippets({number: search_text(files.one(number)) for number in shown}, sought)
        hits = tuple(Hit(rows[number], snippets.get(number, "")) for number in shown)
        return Found(hits, len(order), files.open.invalid)

    return with_index(workspace, read)


def search_remote(
    session: Session, query: str, *, status: str | None = None, customer: str | None = None, limit: int = 20
) -> Found:
    """Return the tickets that Syncro finds by its own search, the newest number first."""
    from synclog.syncro.query import TicketQuery

    wanted = None if status is None else account_status(session, status)
    rows = chosen_rows(rows_of_syncro(session, TicketQuery(query=query, status=wanted)), customer)
    return Found(tuple(Hit(row, "") for row in rows[:limit]), len(rows))


def _query(typed: str) -> str:
    query = search_query(typed)
    if not query:
        raise UsageError("there is no word to search for", remedy='give words, or a "quoted phrase"')
    try:
        _matches({}, query)
    except sqlite3.Error:
        remedy = "use a Python whose SQLite has FTS5, or `--remote`"
        raise StorageFailed("the SQLite of this Python has no full-text search", remedy=remedy) from None
    return query


def _make_searchable(workspace: Workspace, index: TicketIndex, rules: Callable[[], FileRules]) -> None:
    """Have the index hold the texts of all settled files."""
    from synclog.core.ticketfile import parse_ticket_file

    def texts() -> Iterable[tuple[int, str]]:
        for id_, place in index.unsearched():
            path = path_of(place)
            try:
                yield id_, search_text(parse_ticket_file(workspace.read_bytes(path), path, rules()))
            except (InvalidFile, FileNotFoundError):  # it is being changed just now
                continue

    index.put_texts(texts())


def _matches(texts: dict[int, str], query: str) -> list[int]:
    with closing(_table(texts)) as table:
        return [number for (number,) in table.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (query,))]


def _snippets(texts: dict[int, str], query: str) -> dict[int, str]:
    words = "SELECT rowid, snippet(texts, 0, ?, ?, '…', ?) FROM texts WHERE texts MATCH ?"
    with closing(_table(texts)) as table:
        found: Sequence[tuple[int, str]] = table.execute(words, (BEGIN, END, _WORDS, query)).fetchall()
    return {number: " ".join(text.split()) for number, text in found}


def _table(texts: dict[int, str]) -> sqlite3.Connection:
    table = sqlite3.connect(":memory:")
    table.execute(_TEXTS)
    table.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", texts.items())
    return table
