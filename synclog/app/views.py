"""Reading tickets for people: lines of a list, one ticket in full. From the mirror, or from Syncro."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from synclog.app.account import account_of
from synclog.app.files import read_ticket_files
from synclog.app.listing import NOT_CLOSED
from synclog.app.mirroring import Mirroring, file_rules
from synclog.app.reading import read_ticket
from synclog.core.cleantext import clean_line
from synclog.core.merge import Value
from synclog.core.mirror import Mirror, parse_mirror
from synclog.core.names import NameProblem, match_text
from synclog.errors import InvalidFile, UnknownTicket, UsageError
from synclog.model import TicketNumber

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.workspace.workspace import Workspace

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


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket in full: the front matter's values, and what the mirror shows below it. `path` is None for a ticket
    that has no file here."""

    path: str | None
    fields: dict[str, Value]
    mirror: Mirror
    prepaid: Decimal | None = None


def list_mirrored(
    workspace: Workspace, *, status: str | None, customer: str | None, tech: str | None
) -> tuple[list[Row], tuple[InvalidFile, ...]]:
    """Return the open tickets that have files, newest number first; with `status` those of any status that match it.
    And the files that are not valid, which are in no list.

    `customer` is a part of the name, `tech` a technician's name. Raises UsageError for a status that no file has.
    """
    files = read_ticket_files(workspace, file_rules(workspace.settings, None))
    rows = [_row(number, file.fields) for number, file in files.tickets.items()]
    return _chosen(rows, status, customer, tech), files.invalid


def list_remote(session: Session, *, status: str | None, customer: str | None, mine: bool) -> list[Row]:
    """Return the tickets as Syncro lists them now: the account's own filter for open ones, or one status."""
    from synclog.syncro.query import TicketQuery

    wanted = NOT_CLOSED
    if status is not None:
        matched = match_text(status, account_of(session).statuses)
        if isinstance(matched, NameProblem):
            raise UsageError(clean_line(str(matched)), remedy=clean_line(matched.instead(account_of(session).statuses)))
        wanted = matched
    rows = []
    for page in session.client.ticket_pages(TicketQuery(status=wanted, mine=mine)):
        for t in page.tickets:
            tech = clean_line(t.assigned_to.name) if t.assigned_to else ""
            name, subject = clean_line(t.customer_name), clean_line(t.subject)
            rows.append(Row(t.number, clean_line(t.status), name, subject, tech, t.updated_at.isoformat()))
    unique = {row.number: row for row in rows}
    return _chosen(unique.values(), wanted, customer, None, every_status=True)


def view_ticket(workspace: Workspace, number: TicketNumber) -> TicketView | None:
    """Return a ticket as its file shows it, None when it has no file. Raises InvalidFile when it is not valid."""
    files = read_ticket_files(workspace, file_rules(workspace.settings, None))
    try:
        file = files.one(number)
    except UnknownTicket:
        return None
    return TicketView(file.path, dict(file.fields), parse_mirror(file.mirror, workspace.settings.timezone))


def view_remote(session: Session, number: TicketNumber) -> TicketView:
    """Return a ticket as Syncro has it now. Raises UnknownTicket."""
    found = session.client.find_ticket(number)
    if found is None:
        raise UnknownTicket(f"there is no ticket {number} in Syncro (or this key may not see it)")
    sight = read_ticket(session.client, found.id)
    sight = sight.with_invoices(session.client.invoices(ticket_id=found.id))
    mirroring = Mirroring(session.workspace.settings, account_of(session))
    customer = session.client.customer(found.customer_id)
    fields = mirroring.fields_of(sight)
    mirror = mirroring.mirror_of(sight)
    return TicketView(None, fields, mirror, customer.prepay_hours)


def find_file(workspace: Workspace, number: TicketNumber) -> str:
    """Return the path of a ticket's file, valid or not. Raises UnknownTicket."""
    from synclog.core.filehead import file_head

    for path in workspace.ticket_paths():
        head = file_head(path, workspace.read_bytes(path).decode("utf-8", "replace"))
        if (head and head.number == number) or (head is None and path.rsplit("/", 1)[-1].startswith(f"{number}-")):
            return path
    raise UnknownTicket(f"ticket {number} has no file here", remedy=f"run `synclog pull {number}`")


def _row(number: TicketNumber, fields: Mapping[str, Value]) -> Row:
    def text(key: str) -> str:
        value = fields.get(key)
        return clean_line(value) if isinstance(value, str) else ""

    return Row(number, text("status"), text("customer"), text("subject"), text("assigned_to"), text("updated_at"))


def _chosen(
    rows: Iterable[Row], status: str | None, customer: str | None, tech: str | None, *, every_status: bool = False
) -> list[Row]:
    found = list(rows)
    if status is not None and not every_status:
        matched = match_text(status, sorted({row.status for row in found}))
        if isinstance(matched, NameProblem):
            raise UsageError(str(matched), remedy="`synclog list --remote --status …` asks Syncro")
        found = [row for row in found if row.status == matched]
    elif not every_status:
        found = [row for row in found if row.status not in FINISHED]
    if customer is not None:
        found = [row for row in found if customer.casefold() in row.customer.casefold()]
    if tech is not None:
        found = [row for row in found if tech.casefold() == row.assigned_to.casefold()]
    return sorted(found, key=lambda row: -row.number)
