"""What the sandbox's endpoints share: the call they get, the answer they give, filters and pages of lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from .database import Database, Row, parse_time, stamp_text

CommentTime = Literal["record", "drop"]
Json = dict[str, Any]
PAGE = 25
# A date without a time is midnight of the account's own clock (Phoenix, all year), not of UTC.
ACCOUNT_OFFSET = timedelta(hours=7)


class Refused(Exception):
    """An endpoint says no. `body` is JSON, or a text that is sent as an HTML page."""

    def __init__(self, status: int, body: Json | str) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


@dataclass(slots=True)
class Access:
    """What some keys may not do: `visible` is by user the customers whose tickets there are for that key,
    `denied` are pairs of a user and the first part of a path (`invoices`)."""

    visible: dict[int, frozenset[int]] = field(default_factory=dict)
    denied: set[tuple[int, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request to an endpoint. `user` is the owner of the key; `query` is without the key."""

    db: Database
    user: Row
    query: dict[str, str]
    body: Json
    access: Access
    comment_time: CommentTime

    @property
    def user_id(self) -> int:
        """The user whom everything is attributed to that this call writes."""
        return int(self.user["id"])

    @property
    def comment_format(self) -> str:
        """The format asked for the texts of comments."""
        return self.query.get("comment_format", "plaintext")


Endpoint = Callable[..., Json]
Route = tuple[str, str, Endpoint]


def not_found() -> Refused:
    """What most endpoints answer for an id that does not exist, or not for this key."""
    return Refused(404, {"error": "Not found"})


def visible_ticket(call: Call, ticket_id: int) -> Row:
    """Return the ticket. Raises Refused where there is none, or none for this key."""
    row = call.db.get("tickets", ticket_id)
    allowed = call.access.visible.get(call.user_id)
    if row is None or (allowed is not None and row["customer_id"] not in allowed):
        raise not_found()
    return row


@dataclass(slots=True)
class Filter:
    """The conditions of a list, as SQL with its parameters."""

    clauses: list[str] = field(default_factory=list)
    params: list[object] = field(default_factory=list)

    def add(self, clause: str, *params: object) -> None:
        """Add a condition that has to hold too."""
        self.clauses.append(clause)
        self.params.extend(params)

    def equal(self, call: Call, *names: str) -> None:
        """Filter by each of the whole numbers that the query gives under these names; nonsense finds nothing."""
        for name in names:
            if given := call.query.get(name):
                self.add(f"{name} = ?", whole(given))

    def after(self, call: Call, name: str, column: str, sign: str = ">") -> None:
        """Filter by the time that the query gives under `name`; one that can't be read filters nothing."""
        given = call.query.get(name, "")
        if moment := _moment(given):
            self.add(f"{column} {sign} ?", stamp_text(moment))

    @property
    def where(self) -> str:
        """The conditions as a WHERE clause, empty without any."""
        return f"WHERE {' AND '.join(self.clauses)}" if self.clauses else ""


def _moment(text: str) -> datetime | None:
    try:
        return parse_time(text) + (ACCOUNT_OFFSET if len(text) == len("2026-04-15") else timedelta())
    except ValueError:
        return None


def page_of(call: Call, table: str, chosen: Filter, order: str, size: int, *meta: str) -> tuple[list[Row], Json]:
    """Return one page of a table's records and its `meta`: the pages there are, the page it is, and what else `meta`
    names of `total_entries` and `per_page`. `order` is SQL."""
    total = int(call.db.value(f"SELECT count(*) FROM {table} {chosen.where}", *chosen.params))  # noqa: S608
    page = max(1, whole(call.query.get("page", "")) or 1)
    sql = f"SELECT * FROM {table} {chosen.where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 (all from the code)
    rows = call.db.rows(sql, *chosen.params, size, (page - 1) * size)
    known = {"total_pages": max(1, -(-total // size)), "page": page, "total_entries": total, "per_page": size}
    return rows, {key: known[key] for key in ("total_pages", "page", *meta)}


def like(text: str) -> str:
    """Return a LIKE pattern (ESCAPE '!') that finds `text` anywhere."""
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def whole(value: object) -> int | None:
    """Return a whole number given as one or as digits, None for anything else and for more than any id can be."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value[:20])
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        return value
    return None
