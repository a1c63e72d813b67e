"""The sandbox's records: one SQLite connection behind one lock, its schema, its clock and its counters.

Times are stored as ISO text in UTC with milliseconds (`2026-04-15T16:12:00.000Z`), so that text order is time order.
Money and hours are stored as decimal text, tags as JSON. Nothing here knows HTTP or the rules of tickets.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Mapping[str, Any]]]

SCHEMA_VERSION = 1
MILLISECOND = timedelta(milliseconds=1)

# AUTOINCREMENT: an id that was given once is never given again, also after a delete.
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL, key TEXT NOT NULL UNIQUE);
CREATE TABLE choices (kind TEXT NOT NULL, position INTEGER NOT NULL, id INTEGER, name TEXT NOT NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, description TEXT, price TEXT NOT NULL,
    taxable INTEGER NOT NULL DEFAULT 0, category TEXT, minimum INTEGER NOT NULL DEFAULT 0,
    increment INTEGER NOT NULL DEFAULT 0, prepaid INTEGER NOT NULL DEFAULT 0);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, business_name TEXT, firstname TEXT, lastname TEXT, email TEXT, phone TEXT,
    mobile TEXT, address TEXT, city TEXT, state TEXT, zip TEXT, notes TEXT, prepay_hours TEXT NOT NULL DEFAULT '0.0',
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, customer_id INTEGER NOT NULL, name TEXT NOT NULL, email TEXT, phone TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL UNIQUE, customer_id INTEGER NOT NULL,
    contact_id INTEGER, user_id INTEGER, subject TEXT NOT NULL, status TEXT NOT NULL, priority TEXT,
    problem_type TEXT, ticket_type_id INTEGER, due_date TEXT, tags TEXT NOT NULL DEFAULT '[]',
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, resolved_at TEXT);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id INTEGER NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    author TEXT, user_id INTEGER, hidden INTEGER NOT NULL DEFAULT 0, html INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE timers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id INTEGER NOT NULL, user_id INTEGER, product_id INTEGER,
    comment_id INTEGER, line_item_id INTEGER, start_at TEXT NOT NULL, end_at TEXT NOT NULL, seconds INTEGER NOT NULL,
    billable_seconds INTEGER NOT NULL, recorded INTEGER NOT NULL DEFAULT 0, notes TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE line_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id INTEGER NOT NULL, user_id INTEGER, product_id INTEGER,
    invoice_id INTEGER, name TEXT NOT NULL, description TEXT NOT NULL, quantity TEXT NOT NULL, price TEXT NOT NULL,
    taxable INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE invoices (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL, customer_id INTEGER NOT NULL, ticket_id INTEGER,
    user_id INTEGER, subtotal TEXT NOT NULL, tax TEXT NOT NULL, total TEXT NOT NULL,
    is_paid INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE invoice_lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT, invoice_id INTEGER NOT NULL, product_id INTEGER, item TEXT NOT NULL,
    name TEXT NOT NULL, quantity TEXT NOT NULL, price TEXT NOT NULL, taxable INTEGER NOT NULL DEFAULT 0,
    prepaid_hours TEXT NOT NULL DEFAULT '0', created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL,
    ticket_id INTEGER NOT NULL, number INTEGER NOT NULL);
CREATE INDEX tickets_by_change ON tickets (updated_at, id);
CREATE INDEX tickets_by_customer ON tickets (customer_id);
CREATE INDEX tickets_by_status ON tickets (status, updated_at);
CREATE INDEX contacts_by_customer ON contacts (customer_id);
CREATE INDEX comments_by_ticket ON comments (ticket_id, created_at, id);
CREATE INDEX timers_by_ticket ON timers (ticket_id);
CREATE INDEX timers_by_creation ON timers (created_at);
CREATE INDEX line_items_by_ticket ON line_items (ticket_id);
CREATE INDEX invoices_by_ticket ON invoices (ticket_id);
CREATE INDEX invoices_by_change ON invoices (updated_at, id);
CREATE INDEX invoice_lines_by_invoice ON invoice_lines (invoice_id);
"""


def stamp_text(moment: datetime) -> str:
    """Return an aware time as it is stored and answered: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Return an ISO 8601 time as aware UTC; one without an offset counts as UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


class Database:
    """The records. Every use holds `lock`; writes go inside `transaction()`."""

    def __init__(self, path: Path | None, now: Callable[[], datetime]) -> None:
        """Open `path`, or a database in memory when None. Raises ValueError if the file is of another format."""
        self.lock = threading.RLock()
        self._now = now
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path, check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        try:
            version = self.value("PRAGMA user_version")
        except sqlite3.DatabaseError:
            version = None
        if version not in (0, SCHEMA_VERSION):
            self.close()
            raise ValueError(f"{path} is not of this version of the sandbox; start it afresh with --reset")
        self._last = parse_time(self.meta("last_stamp")) if version else datetime.min.replace(tzinfo=UTC)

    @property
    def is_new(self) -> bool:
        """Whether the account has still to be loaded."""
        return bool(self.value("PRAGMA user_version") == 0)

    def fill(self, batches: Iterable[Rows], meta: Mapping[str, str]) -> None:
        """Make the tables and write whole batches of records into them, as one transaction. Numbers of new tickets
        and invoices go on where those of the records end."""
        with self.lock:
            self._connection.executescript("BEGIN;" + SCHEMA)
            try:
                for batch in batches:
                    for table, records in batch.items():
                        self._insert_many(table, records)
                counters = {
                    "next_ticket": self.value("SELECT coalesce(max(number), 1000) + 1 FROM tickets"),
                    "next_invoice": self.value("SELECT coalesce(max(CAST(number AS INTEGER)), 1000) + 1 FROM invoices"),
                }
                start = {"last_stamp": "0001-01-01T00:00:00.000Z", **counters, **meta}
                self._connection.executemany("INSERT INTO meta VALUES (?, ?)", start.items())
                self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the database; one in memory is gone."""
        with self.lock:
            self._connection.close()

    # --- reading -------------------------------------------------------------------------------------------------

    def rows(self, sql: str, *params: object) -> list[Row]:
        """Return the records that `sql` selects."""
        with self.lock:
            return [dict(row) for row in self._connection.execute(sql, params)]

    def row(self, sql: str, *params: object) -> Row | None:
        """Return the first record that `sql` selects, None without one."""
        with self.lock:
            found = self._connection.execute(sql, params).fetchone()
        return None if found is None else dict(found)

    def value(self, sql: str, *params: object) -> Any:
        """Return the first column of the first record, None without one."""
        with self.lock:
            found = self._connection.execute(sql, params).fetchone()
        return None if found is None else found[0]

    def get(self, table: str, record_id: object) -> Row | None:
        """Return the record of `table` with that id."""
        return self.row(f"SELECT * FROM {table} WHERE id = ?", record_id)  # noqa: S608 (table: a name of SCHEMA)

    def meta(self, key: str) -> str:
        """Return one of the account's own settings, "" when it was never set."""
        return str(self.value("SELECT value FROM meta WHERE key = ?", key) or "")

    # --- writing -------------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; what is written inside is there as a whole, or not at all."""
        with self.lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def insert(self, table: str, **values: object) -> int:
        """Write a new record, and return its id. `created_at` and `updated_at` have to be given."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 (names of SCHEMA)
        with self.lock:
            return int(self._connection.execute(sql, tuple(values.values())).lastrowid or 0)

    def update(self, table: str, record_id: int, **values: object) -> None:
        """Change some columns of one record."""
        names = ", ".join(f"{name} = ?" for name in values)
        self.run(f"UPDATE {table} SET {names} WHERE id = ?", *values.values(), record_id)  # noqa: S608 (as above)

    def run(self, sql: str, *params: object) -> None:
        """Run one statement that changes records."""
        with self.lock:
            self._connection.execute(sql, params)

    def _insert_many(self, table: str, records: Sequence[Mapping[str, Any]]) -> None:
        if not records:
            return
        names = tuple(records[0])
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"  # noqa: S608
        self._connection.executemany(sql, records)

    # --- clock and counters --------------------------------------------------------------------------------------

    def clock(self) -> datetime:
        """Return the server's time, which never runs behind a stamp that was given."""
        with self.lock:
            return max(self._now().astimezone(UTC), self._last)

    def stamp(self) -> str:
        """Return the time for a record that is written now: later than every stamp before, if only by 1 ms."""
        with self.lock:
            now = self._now().astimezone(UTC)
            now = now.replace(microsecond=now.microsecond // 1000 * 1000)
            self._last = max(now, self._last + MILLISECOND) if self._last.year > 1 else now
            text = stamp_text(self._last)
            self.run("UPDATE meta SET value = ? WHERE key = 'last_stamp'", text)
            return text

    def next_number(self, kind: str) -> int:
        """Return the next number of `ticket` or `invoice`; one that was given is never given again."""
        number = int(self.meta(f"next_{kind}"))
        self.run("UPDATE meta SET value = ? WHERE key = ?", str(number + 1), f"next_{kind}")
        return number
