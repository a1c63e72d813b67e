"""A made-up large account: tickets without end, the same ones each time.

It adds customers and tickets to an account that was loaded, with its technicians and its products: four of five
tickets are finished, conversations have one to twelve comments, what is invoiced has its invoice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from . import phrases
from .database import Row, stamp_text
from .load import Account

SEED = 32162
BATCH = 2000
TICKETS_A_CUSTOMER = 250
MOST_CUSTOMERS = 400
START = datetime(2022, 1, 3, 15, 0, tzinfo=UTC)
END = datetime(2026, 4, 24, 23, 0, tzinfo=UTC)
SECONDS_AN_HOUR = 3600
# Statuses by how many of twenty tickets have them: sixteen are finished.
STATUSES = (
    *["Closed"] * 7, *["Invoiced"] * 6, *["Resolved"] * 3,
    "New", "In Progress", "Waiting on Customer", "Scheduled",
)  # fmt: skip
FINISHED = frozenset(STATUSES[:16])
TABLES = ("customers", "contacts", "tickets", "comments", "timers", "line_items", "invoices", "invoice_lines")


@dataclass(slots=True)
class _Ids:
    """The next id of each table, and the next numbers."""

    of: dict[str, int]
    ticket: int
    invoice: int

    def take(self, table: str) -> int:
        taken = self.of[table]
        self.of[table] = taken + 1
        return taken


def generated(account: Account, tickets: int) -> Iterator[dict[str, list[Row]]]:
    """Give batches of records by table that fill the account up to so many tickets; none if it has them already."""
    missing = tickets - len(account.rows.get("tickets", []))
    if missing <= 0:
        return
    rng = Random(SEED)  # noqa: S311 (made-up data)
    ids = _Ids(
        {table: max((row["id"] for row in account.rows.get(table, [])), default=1000) + 1 for table in TABLES},
        max((row["number"] for row in account.rows.get("tickets", [])), default=1000) + 1,
        max((int(row["number"]) for row in account.rows.get("invoices", [])), default=1000) + 1,
    )
    known: list[tuple[Row, list[Row]]] = []
    batch: dict[str, list[Row]] = {table: [] for table in TABLES}
    for _ in range(min(MOST_CUSTOMERS, 3 + missing // TICKETS_A_CUSTOMER)):
        known.append(_customer(rng, ids, batch))
    maker = _Maker(rng, ids, account, known)
    step = (END - START) / missing
    for index in range(missing):
        maker.ticket(START + step * index, batch)
        if index % BATCH == BATCH - 1:
            yield batch
            batch = {table: [] for table in TABLES}
    yield batch


def _customer(rng: Random, ids: _Ids, batch: dict[str, list[Row]]) -> tuple[Row, list[Row]]:
    first, last = rng.choice(phrases.FIRST), rng.choice(phrases.LAST)
    customer_id = ids.take("customers")
    at = {"created_at": stamp_text(START), "updated_at": stamp_text(START)}
    domain = f"customer{customer_id}.example"
    customer: Row = {
        "id": customer_id, "business_name": f"{last} {rng.choice(phrases.TRADES)}", "firstname": first,
        "lastname": last, "email": f"office@{domain}", "phone": f"602-555-01{rng.randrange(100):02}", "mobile": None,
        "address": f"{rng.randrange(10, 9900)} {rng.choice(phrases.STREETS)}", "city": "Phoenix", "state": "AZ",
        "zip": f"850{rng.randrange(100):02}", "notes": None, "prepay_hours": "0.0", **at,
    }  # fmt: skip
    names = {f"{rng.choice(phrases.FIRST)} {rng.choice(phrases.LAST)}": None for _ in range(rng.randint(1, 4))}
    contacts: list[Row] = [
        {"id": ids.take("contacts"), "customer_id": customer_id, "name": name, "phone": None}
        | {"email": f"{name.lower().replace(' ', '.')}@{domain}", **at}
        for name in names
    ]
    batch["customers"].append(customer)
    batch["contacts"].extend(contacts)
    return customer, contacts


class _Maker:
    """Makes one ticket after the other, each with all that is on it."""

    def __init__(self, rng: Random, ids: _Ids, account: Account, known: list[tuple[Row, list[Row]]]) -> None:
        self._rng = rng
        self._ids = ids
        self._known = known
        self._users = account.rows["users"]
        self._labor = [product for product in account.rows["products"] if product["category"] == "Labor"]
        self._problems = [row["name"] for row in account.rows["choices"] if row["kind"] == "problem_type"] or ["Other"]

    def ticket(self, opened: datetime, batch: dict[str, list[Row]]) -> None:
        """Put one more ticket into `batch`."""
        rng, ids = self._rng, self._ids
        customer, contacts = rng.choice(self._known)
        contact, user = rng.choice(contacts), rng.choice(self._users)
        status = rng.choice(STATUSES)
        row: Row = {
            "id": ids.take("tickets"), "number": ids.ticket, "customer_id": customer["id"],
            "contact_id": contact["id"], "user_id": user["id"] if status != "New" else None,
            "subject": f"{rng.choice(phrases.THINGS)} {rng.choice(phrases.TROUBLES)}", "status": status,
            "priority": rng.choice(("Low", "Normal", "Normal", "Normal", "High")),
            "problem_type": rng.choice(self._problems), "ticket_type_id": None,
            "due_date": self._due(opened),
            "tags": json.dumps([rng.choice(phrases.TAGS)] if rng.random() < 0.2 else []),
            "created_at": stamp_text(opened),
        }  # fmt: skip
        ids.ticket += 1
        last = self._conversation(row, contact, user, batch)
        if status in FINISHED or rng.random() < 0.3:
            last = self._work(row, user, last, status, batch)
        row["updated_at"] = stamp_text(last)
        row["resolved_at"] = stamp_text(last) if status in FINISHED else None
        batch["tickets"].append(row)

    def _due(self, opened: datetime) -> str | None:
        due = opened + timedelta(days=self._rng.randint(1, 20))
        return due.date().isoformat() if self._rng.random() < 0.4 else None

    def _conversation(self, ticket: Row, contact: Row, user: Row, batch: dict[str, list[Row]]) -> datetime:
        """One to twelve comments, few more often than many; return the time of the last."""
        rng, at = self._rng, datetime.fromisoformat(ticket["created_at"])
        for index in range(min(rng.randint(1, 12), rng.randint(1, 12))):
            by_customer = index == 0 or rng.random() < 0.4
            at += timedelta(minutes=rng.randint(3, 300)) if index else timedelta()
            text = f"{rng.choice(phrases.OPENINGS if by_customer else phrases.ANSWERS)} {rng.choice(phrases.DETAILS)}"
            html = rng.random() < 0.3
            batch["comments"].append({
                "id": self._ids.take("comments"), "ticket_id": ticket["id"],
                "subject": "Update" if index else "Initial Issue", "body": f"<p>{text}</p>" if html else text,
                "author": contact["name"] if by_customer else user["name"],
                "user_id": None if by_customer else user["id"], "hidden": int(not by_customer and rng.random() < 0.3),
                "html": int(html), "created_at": stamp_text(at), "updated_at": stamp_text(at),
            })  # fmt: skip
        return at

    def _work(self, ticket: Row, user: Row, at: datetime, status: str, batch: dict[str, list[Row]]) -> datetime:
        """Time on the ticket, charged when it is finished, with its invoice when it is invoiced."""
        rng, ids = self._rng, self._ids
        product, minutes = rng.choice(self._labor), rng.choice((15, 30, 30, 45, 60, 90, 120))
        end = at + timedelta(minutes=minutes)
        stamps = {"created_at": stamp_text(end), "updated_at": stamp_text(end)}
        charged = status in FINISHED
        invoice_id = ids.take("invoices") if status == "Invoiced" else None
        item_id = ids.take("line_items") if charged else None
        note = rng.choice(phrases.ANSWERS)
        batch["timers"].append({
            "id": ids.take("timers"), "ticket_id": ticket["id"], "user_id": user["id"], "product_id": product["id"],
            "comment_id": None, "line_item_id": item_id, "start_at": stamp_text(at), "end_at": stamp_text(end),
            "seconds": minutes * 60, "billable_seconds": minutes * 60, "recorded": int(charged), "notes": note,
            **stamps,
        })  # fmt: skip
        if charged:
            quantity = str(Decimal(minutes * 60) / SECONDS_AN_HOUR)
            batch["line_items"].append({
                "id": item_id, "ticket_id": ticket["id"], "user_id": user["id"], "product_id": product["id"],
                "invoice_id": invoice_id, "name": product["name"], "description": note, "quantity": quantity,
                "price": product["price"], "taxable": 0, **stamps,
            })  # fmt: skip
            if invoice_id is not None:
                self._invoice(invoice_id, ticket, product, quantity, stamps, batch)
        return end

    def _invoice(
        self, invoice_id: int, ticket: Row, product: Row, quantity: str, stamps: Row, batch: dict[str, list[Row]]
    ) -> None:
        total = str((Decimal(quantity) * Decimal(product["price"])).quantize(Decimal("0.01")))
        batch["invoices"].append({
            "id": invoice_id, "number": str(self._ids.invoice), "customer_id": ticket["customer_id"],
            "ticket_id": ticket["id"], "user_id": ticket["user_id"], "subtotal": total, "tax": "0.00", "total": total,
            "is_paid": int(self._rng.random() < 0.8), **stamps,
        })  # fmt: skip
        batch["invoice_lines"].append({
            "id": self._ids.take("invoice_lines"), "invoice_id": invoice_id, "product_id": product["id"],
            "item": product["name"], "name": product["name"], "quantity": quantity, "price": product["price"],
            "taxable": 0, "prepaid_hours": "0", **stamps,
        })  # fmt: skip
        self._ids.invoice += 1
