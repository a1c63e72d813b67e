"""Reads an account's YAML files into records: `account.yaml` and one file a customer in `customers/`.

Keys that a file leaves out get the value that Syncro would give them. Times are ISO texts in UTC, money and hours are
decimal texts, the tax rate is percent. The made-up account that comes with the sandbox lies in the folder `account`
beside this file.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from .database import Row, parse_time, stamp_text

SAMPLE = Path(__file__).parent / "account"
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Account:
    """An account as records by table, and its own settings (`meta`)."""

    rows: dict[str, list[Row]]
    meta: dict[str, str]


@functools.cache
def load_account(folder: Path) -> Account:
    """Read the account in `folder`; a folder is read once a process. Raises OSError, KeyError or yaml.YAMLError."""
    head = _yaml(folder / "account.yaml")
    rows: dict[str, list[Row]] = {
        "users": [{key: user[key] for key in ("id", "name", "email", "key")} for user in head["users"]],
        "choices": list(_choices(head)),
        "products": [_product(product) for product in head["products"]],
    }
    names = {user["id"]: user["name"] for user in head["users"]}
    types = {ticket_type["name"]: ticket_type["id"] for ticket_type in head.get("ticket_types", [])}
    for path in sorted((folder / "customers").glob("*.yaml")):
        for table, records in _customer(_yaml(path), names, types).items():
            rows.setdefault(table, []).extend(records)
    meta = {
        "subdomain": head["subdomain"],
        "key_owner": str(head["key_owner"]),
        "default_labor_product_id": str(head.get("default_labor_product_id") or ""),
        "tax_rate": str(head.get("tax_rate", "0.00")),
    }
    return Account(rows, meta)


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (a safe loader)
    return loaded


def _time(text: str | None) -> str | None:
    return stamp_text(parse_time(text)) if text else None


def _choices(head: dict[str, Any]) -> Iterator[Row]:
    for kind, names in (("status", head["statuses"]), ("problem_type", head.get("problem_types", []))):
        for position, name in enumerate(names):
            yield {"kind": kind, "position": position, "id": None, "name": name}
    for position, ticket_type in enumerate(head.get("ticket_types", [])):
        yield {"kind": "ticket_type", "position": position, "id": ticket_type["id"], "name": ticket_type["name"]}


def _product(product: dict[str, Any]) -> Row:
    return {
        "id": product["id"],
        "name": product["name"],
        "description": product.get("description") or product["name"],
        "price": str(product["price"]),
        "taxable": int(product.get("taxable", False)),
        "category": product.get("category"),
        "minimum": product.get("minimum", 0),
        "increment": product.get("increment", 0),
        "prepaid": int(product.get("prepaid", False)),
    }


def _customer(data: dict[str, Any], names: dict[int, str], types: dict[str, int]) -> dict[str, list[Row]]:
    given = data["customer"]
    tickets = data.get("tickets") or []
    moments = [_time(ticket["created_at"]) for ticket in tickets] or ["2026-01-01T00:00:00.000Z"]
    since = {"created_at": _time(given.get("created_at")) or min(filter(None, moments))}
    since["updated_at"] = _time(given.get("updated_at")) or since["created_at"]
    plain = ("business_name", "firstname", "lastname", "email", "phone", "mobile", "address", "city", "state", "zip")
    customer = {"id": given["id"], **{key: given.get(key) for key in plain}, "notes": given.get("notes")}
    rows: dict[str, list[Row]] = {
        "customers": [customer | {"prepay_hours": str(given.get("prepay_hours") or "0.0")} | since],
        "contacts": [
            {"id": contact["id"], "customer_id": given["id"], "name": contact["name"]}
            | {"email": contact.get("email"), "phone": contact.get("phone")}
            | since
            for contact in data.get("contacts") or []
        ],
        "tickets": [_ticket(ticket, given["id"], types) for ticket in tickets],
        "comments": [_comment(c, ticket, names) for ticket in tickets for c in ticket.get("comments") or []],
        "timers": [_timer(timer, ticket) for ticket in tickets for timer in ticket.get("timers") or []],
        "line_items": [_line_item(item, ticket) for ticket in tickets for item in ticket.get("line_items") or []],
        "invoices": [_invoice(invoice, given["id"]) for invoice in data.get("invoices") or []],
        "invoice_lines": [
            _invoice_line(line, invoice)
            for invoice in data.get("invoices") or []
            for line in invoice.get("lines") or []
        ],
    }
    return rows


def _ticket(ticket: dict[str, Any], customer_id: int, types: dict[str, int]) -> Row:
    due = ticket.get("due_date")
    return {
        "id": ticket["id"],
        "number": ticket["number"],
        "customer_id": customer_id,
        "contact_id": ticket.get("contact_id"),
        "user_id": ticket.get("user_id"),
        "subject": ticket["subject"],
        "status": ticket["status"],
        "priority": ticket.get("priority"),
        "problem_type": ticket.get("problem_type"),
        "ticket_type_id": types.get(ticket.get("ticket_type") or ""),
        "due_date": str(due) if due else None,
        "tags": json.dumps(ticket.get("tags") or []),
        "created_at": _time(ticket["created_at"]),
        "updated_at": _time(ticket["updated_at"]),
        "resolved_at": _time(ticket.get("resolved_at")),
    }


def _comment(comment: dict[str, Any], ticket: dict[str, Any], names: dict[int, str]) -> Row:
    at, user_id = _time(comment["at"]), comment.get("user_id")
    return {
        "id": comment["id"],
        "ticket_id": ticket["id"],
        "subject": comment["subject"],
        "body": comment["body"],
        "author": comment.get("author") or names.get(user_id or 0),
        "user_id": user_id,
        "hidden": int(comment.get("hidden", False)),
        "html": int(comment.get("html", False)),
        "created_at": at,
        "updated_at": at,
    }


def _timer(timer: dict[str, Any], ticket: dict[str, Any]) -> Row:
    start, minutes = parse_time(timer["start"]), int(timer["minutes"])
    at = _time(timer["at"])
    return {
        "id": timer["id"],
        "ticket_id": ticket["id"],
        "user_id": timer.get("user_id"),
        "product_id": timer.get("product_id"),
        "comment_id": timer.get("comment_id"),
        "line_item_id": timer.get("line_item_id"),
        "start_at": stamp_text(start),
        "end_at": stamp_text(start + timedelta(minutes=minutes)),
        "seconds": minutes * SECONDS,
        "billable_seconds": int(timer.get("billable_minutes", minutes)) * SECONDS,
        "recorded": int(timer.get("charged", False)),
        "notes": timer.get("notes"),
        "created_at": at,
        "updated_at": at,
    }


def _line_item(item: dict[str, Any], ticket: dict[str, Any]) -> Row:
    at = _time(item["at"])
    return {
        "id": item["id"],
        "ticket_id": ticket["id"],
        "user_id": item.get("user_id"),
        "product_id": item.get("product_id"),
        "invoice_id": item.get("invoice_id"),
        "name": item["name"],
        "description": item.get("description") or item["name"],
        "quantity": str(item["quantity"]),
        "price": str(item["price"]),
        "taxable": int(item.get("taxable", False)),
        "created_at": at,
        "updated_at": at,
    }


def _invoice(invoice: dict[str, Any], customer_id: int) -> Row:
    money = {key: str(invoice.get(key, "0.00")) for key in ("subtotal", "tax", "total")}
    return {
        "id": invoice["id"],
        "number": str(invoice["number"]),
        "customer_id": customer_id,
        "ticket_id": invoice.get("ticket_id"),
        "user_id": invoice.get("user_id"),
        **money,
        "is_paid": int(invoice.get("is_paid", False)),
        "created_at": _time(invoice["created_at"]),
        "updated_at": _time(invoice.get("updated_at") or invoice["created_at"]),
    }


def _invoice_line(line: dict[str, Any], invoice: dict[str, Any]) -> Row:
    at = _time(invoice["created_at"])
    return {
        "id": line["id"],
        "invoice_id": invoice["id"],
        "product_id": line.get("product_id"),
        "item": line.get("item") or line["name"],
        "name": line["name"],
        "quantity": str(line["quantity"]),
        "price": str(line["price"]),
        "taxable": int(line.get("taxable", False)),
        "prepaid_hours": "0",
        "created_at": at,
        "updated_at": at,
    }
