"""Reading tickets for people: lines of a list, one ticket in full. From the mirror, or from Syncro."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from synclog.app.files import IndexedFiles
from synclog.app.indexing import SHOWN, Raw, moment_of, path_of, shown_text, with_index
from synclog.errors import InvalidFile, UnknownTicket, UsageError

if TYPE_CHECKING:
    from decimal import Decimal

    from synclog.app.session import Session
    from synclog.core.billing import Billing
    from synclog.core.merge import Value
    from synclog.core.mirror import Mirror
    from synclog.core.notes import Note
    from synclog.core.ticketfile import FileRules, TicketFile
    from synclog.model import TicketNumber
    from synclog.syncro.query import TicketQuery
    from synclog.workspace.ticketindex import TicketIndex
    from synclog.workspace.workspace import Workspace

SortBy = Literal["number", "updated", "due", "customer", "status"]

FINISHED = ("Resolved", "Invoiced", "Closed")
"""Statuses whose tickets are not listed as open, where only the mirror is asked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket in a list."""

    number: TicketNumber
    status: str
    customer: str
    subject: str
    assigned_to: str
    updated_at: str
    due_date: str = ""


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket in full: the front matter's values, what the mirror shows below it, and how far that is billed. `path`
    is None for a ticket that was read of Syncro; `prepaid` are the customer's hours, None where they are not known.
    `unsent` are the notes that wait in its file."""

    path: str | None
    fields: dict[str, Value]
    mirror: Mirror
    billing: Billing
    prepaid: Decimal | None = None
    unsent: tuple[Note, ...] = ()


def list_mirrored(
    workspace: Workspace, *, status: str | None, customer: str | None, tech: str | None
) -> tuple[list[Row], tuple[InvalidFile, ...]]:
    """Return the open tickets that have files, newest number first; with `status` those of any status that match it.
    And the files that are not valid, which are in no list.

    `customer` is a part of the name, `tech` a technician's name. Raises UsageError for a status that no file has.
    """

    def read(index: TicketIndex, raw: Raw) -> tuple[list[Row], tuple[InvalidFile, ...]]:
        files = IndexedFiles(workspace, index, raw, plain_rules(workspace))
        rows = [row_of(file) for file in files.open.tickets.values()]
        matched = None if status is None else match_status(status, files.statuses() | {row.status for row in rows})
        rows = [row for row in rows if (row.status not in FINISHED if matched is None else row.status == matched)]
        rows += [Row(*row) for _, row in files.settled(matched, FINISHED)]
        return chosen_rows(rows, customer, tech), files.open.invalid

    return with_index(workspace, read)


def list_remote(session: Session, *, status: str | None, customer: str | None, mine: bool) -> list[Row]:
    """Return the tickets as Syncro lists them now: the account's own filter for open ones, or one status."""
    from synclog.syncro.query import NOT_CLOSED, TicketQuery

    wanted = NOT_CLOSED if status is None else account_status(session, status)
    return chosen_rows(rows_of_syncro(session, TicketQuery(status=wanted, mine=mine)), customer)


def account_status(session: Session, status: str) -> str:
    """Return the one of the account's statuses that is meant. Raises UsageError for one that it does not have."""
    from synclog.app.account import account_of
    from synclog.core.cleantext import clean_line
    from synclog.core.names import NameProblem, match_text

    known = account_of(session).statuses
    matched = match_text(status, known)
    if isinstance(matched, NameProblem):
        raise UsageError(clean_line(str(matched)), remedy=clean_line(matched.instead(known)))
    return matched


def rows_of_syncro(session: Session, query: TicketQuery) -> list[Row]:
    """Return the tickets that Syncro lists for a query, each once."""
    from synclog.core.cleantext import clean_line
    from synclog.core.fields import due_date

    zone = session.workspace.settings.timezone
    rows: dict[TicketNumber, Row] = {}
    for page in session.client.ticket_pages(query):
        for t in page.tickets:
            tech = clean_line(t.assigned_to.name) if t.assigned_to else ""
            name, subject = clean_line(t.customer_name), clean_line(t.subject)
            due = due_date(t.due_date, zone) or ""
            rows[t.number] = Row(t.number, clean_line(t.status), name, subject, tech, t.updated_at.isoformat(), due)
    return list(rows.values())


def view_ticket(workspace: Workspace, number: TicketNumber) -> TicketView | None:
    """Return a ticket as its file shows it, None when it has no file. Raises InvalidFile when it is not valid."""
    rules = plain_rules(workspace)
    try:
        file = with_index(workspace, lambda index, raw: IndexedFiles(workspace, index, raw, rules).one(number))
    except UnknownTicket:
        return None
    return view_of_file(workspace, file)


def view_of_file(workspace: Workspace, file: TicketFile) -> TicketView:
    """Return a ticket as its file shows it."""
    from synclog.core.billing import billing_of
    from synclog.core.mirror import parse_mirror

    mirror = parse_mirror(file.mirror, workspace.settings.timezone)
    return TicketView(file.path, dict(file.fields), mirror, billing_of(mirror), unsent=file.notes)


def view_remote(session: Session, number: TicketNumber) -> TicketView:
    """Return a ticket as Syncro has it now. Raises UnknownTicket."""
    from synclog.app.account import account_of
    from synclog.app.mirroring import Mirroring
    from synclog.app.reading import read_ticket
    from synclog.core.billing import billing_of, labor_beside_time

    found = session.client.find_ticket(number)
    if found is None:
        raise UnknownTicket(f"there is no ticket {number} in Syncro (or this key may not see it)")
    sight = read_ticket(session.client, found.id)
    sight = sight.with_invoices(session.client.invoices(ticket_id=found.id))
    mirroring = Mirroring(session.workspace.settings, account_of(session))
    customer = session.client.customer(found.customer_id)
    fields = mirroring.fields_of(sight)
    mirror = mirroring.mirror_of(sight)
    labor = {item.product_id for item in session.workspace.settings.labor.values()}
    billing = billing_of(mirror, labor_beside_time(sight.ticket, labor))
    return TicketView(None, fields, mirror, billing, customer.prepay_hours)


def find_file(workspace: Workspace, number: TicketNumber) -> str:
    """Return the path of a ticket's file, valid or not. Raises UnknownTicket."""
    from synclog.core.filehead import file_head

    def read(index: TicketIndex, raw: Raw) -> str | None:
        for place in sorted({*index.places(number), *raw}):
            path = path_of(place)
            head = file_head(path, raw[place].decode("utf-8", "replace")) if place in raw else None
            named = head is None and place[1].startswith(f"{number}-")
            if place not in raw or (head and head.number == number) or named:
                return path
        return None

    path = with_index(workspace, read)
    if path is None:
        raise UnknownTicket(f"ticket {number} has no file here", remedy=f"run `synclog pull {number}`")
    return path


def web_address(workspace: Workspace, number: TicketNumber) -> str:
    """Return where people find a ticket in the web interface, empty where its file does not say."""
    view = view_ticket(workspace, number)
    found = view.fields.get("url") if view else None
    return found if isinstance(found, str) else ""


def plain_rules(workspace: Workspace) -> Callable[[], FileRules]:
    """Return what gives the rules by which files are shown: whatever the account's lists are."""

    def rules() -> FileRules:
        from synclog.app.mirroring import file_rules

        return file_rules(workspace.settings, None)

    return rules


def row_of(file: TicketFile) -> Row:
    """Return a ticket's file as a list shows it."""
    return Row(file.number or 0, *(shown_text(file, key) for key in SHOWN))


def match_status(status: str, statuses: Collection[str]) -> str:
    """Return the one of the mirror's statuses that is meant. Raises UsageError for one that no file has."""
    from synclog.core.names import NameProblem, match_text

    matched = match_text(status, sorted(statuses))
    if isinstance(matched, NameProblem):
        raise UsageError(str(matched), remedy="`synclog list --remote --status …` asks Syncro")
    return matched


def chosen_rows(rows: Iterable[Row], customer: str | None, tech: str | None = None) -> list[Row]:
    """Return the rows of customers whose name has `customer` in it, assigned to `tech`; the newest number first."""
    found = list(rows)
    if customer is not None:
        found = [row for row in found if customer.casefold() in row.customer.casefold()]
    if tech is not None:
        found = [row for row in found if tech.casefold() == row.assigned_to.casefold()]
    return sorted(found, key=lambda row: -row.number)


def sorted_rows(rows: Iterable[Row], by: SortBy, statuses: Sequence[str] = ()) -> list[Row]:
    """Return the rows in an order: `number` and `updated` the highest and latest first, `due` the earliest first and
    those without a date last, `customer` by name, `status` as they come in `statuses`. What is equal there, the highest
    number first."""
    places = {status: place for place, status in enumerate(statuses)}
    keys: dict[SortBy, Callable[[Row], tuple[object, ...]]] = {
        "number": lambda row: (),
        "updated": lambda row: (-moment_of(row.updated_at),),
        "due": lambda row: (not row.due_date, row.due_date),
        "customer": lambda row: (row.customer.casefold(),),
        "status": lambda row: (places.get(row.status, len(places)), row.status),
    }
    return sorted(rows, key=lambda row: (*keys[by](row), -row.number))
