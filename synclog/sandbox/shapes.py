"""From records to the JSON that Syncro answers: field names, wrappers and kinds of number as its API has them.

Many fields are always null: real answers are full of them, and a client has to live with that.
"""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .database import Database, Row
from .plaintext import formatted

CENT = Decimal("0.01")
# How much of a long conversation the detail of a ticket shows.
DETAIL_COMMENTS = 20


def money(amount: Decimal | str) -> str:
    """Return an amount as invoices answer it: `"81.53"`."""
    return str(Decimal(amount).quantize(CENT, ROUND_HALF_UP))


def number(amount: Decimal | str) -> int | float:
    """Return an amount as catalogue and line items answer it: a JSON number, `15` or `81.53`."""
    value = Decimal(amount)
    return int(value) if value == value.to_integral_value() else float(value)


def hours(quantity: Decimal | str) -> str:
    """Return a quantity as it is answered: at most four decimals, at least one, `"1.0"` or `"0.0833"`."""
    text = format(Decimal(quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP), "f").rstrip("0")
    return text + "0" if text.endswith(".") else text


def user(row: Row) -> dict[str, Any]:
    """A technician, as tickets and comments hold one."""
    return {
        "id": row["id"],
        "email": row["email"],
        "full_name": row["name"],
        "created_at": "2019-11-04T14:54:51.081Z",
        "updated_at": "2026-01-05T08:00:00.000Z",
        "group": "Technicians",
        "admin": False,
        "color": "1e3e96",
    }


def comment(row: Row, comment_format: str = "plaintext") -> dict[str, Any]:
    """A comment, its body in the format asked for. Whether it was e-mailed is never told."""
    return {
        "id": row["id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "ticket_id": row["ticket_id"],
        "subject": row["subject"],
        "body": formatted(row["body"], bool(row["html"]), comment_format),
        "tech": row["author"],
        "hidden": bool(row["hidden"]),
        "user_id": row["user_id"],
    }


def timer(row: Row) -> dict[str, Any]:
    """A timer entry; `active_duration` and `billable_time` are seconds."""
    return {
        "id": row["id"],
        "ticket_id": row["ticket_id"],
        "user_id": row["user_id"],
        "start_time": row["start_at"],
        "end_time": row["end_at"],
        "recorded": bool(row["recorded"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "billable": True,
        "notes": row["notes"],
        "toggl_id": None,
        "product_id": row["product_id"],
        "comment_id": row["comment_id"],
        "ticket_line_item_id": row["line_item_id"],
        "active_duration": row["seconds"],
        "billable_time": row["billable_seconds"],
        "billable_override": None,
    }


def line_item(row: Row, category: str | None = None) -> dict[str, Any]:
    """A ticket's line item; `converted` says that it is on an invoice."""
    price = Decimal(row["price"])
    return {
        "id": row["id"],
        "ticket_id": row["ticket_id"],
        "user_id": row["user_id"],
        "product_id": row["product_id"],
        "name": row["name"],
        "description": row["description"],
        "quantity": hours(row["quantity"]),
        "product_category": category,
        "upc_code": None,
        "taxable": bool(row["taxable"]),
        "cost_cents": 0,
        "retail_cents": int(price.quantize(CENT, ROUND_HALF_UP) * 100),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "converted": row["invoice_id"] is not None,
        "item_id": None,
        "position": None,
        "estimate_line_item_id": None,
        "old_price": None,
        "line_discount_percent": None,
        "discount_dollars": None,
        "original_ticket_line_item_id": None,
        "price_cost": 0,
        "price_retail": number(price),
    }


def invoice(row: Row, customer_name: str) -> dict[str, Any]:
    """An invoice without its lines, as lists and POST answer it."""
    day = row["created_at"][:10]
    return {
        "id": row["id"],
        "customer_id": row["customer_id"],
        "customer_business_then_name": customer_name,
        "number": row["number"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "date": f"{day}T00:00:00.000Z",
        "due_date": f"{day}T00:00:00.000Z",
        "subtotal": money(row["subtotal"]),
        "total": money(row["total"]),
        "tax": money(row["tax"]),
        "verified_paid": False,
        "tech_marked_paid": False,
        "ticket_id": row["ticket_id"],
        "pdf_url": None,
        "is_paid": bool(row["is_paid"]),
        "location_id": None,
        "po_number": None,
        "contact_id": None,
        "note": None,
        "hardwarecost": None,
        "user_id": row["user_id"],
    }


def invoice_line(row: Row) -> dict[str, Any]:
    """A line of an invoice."""
    return {
        "id": row["id"],
        "invoice_id": row["invoice_id"],
        "item": row["item"],
        "name": row["name"],
        "cost": "0.0",
        "price": money(row["price"]),
        "quantity": hours(row["quantity"]),
        "product_id": row["product_id"],
        "taxable": bool(row["taxable"]),
        "discount_percent": None,
        "position": None,
        "invoice_bundle_id": None,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def product(row: Row) -> dict[str, Any]:
    """A product of the catalogue; a labor product's `price_retail` is its rate an hour."""
    return {
        "id": row["id"],
        "price_cost": 0,
        "price_retail": number(row["price"]),
        "condition": None,
        "description": row["description"],
        "maintain_stock": False,
        "name": row["name"],
        "quantity": 0,
        "warranty": None,
        "sort_order": None,
        "reorder_at": None,
        "disabled": False,
        "taxable": bool(row["taxable"]),
        "product_category": row["category"],
        "category_path": row["category"],
        "upc_code": None,
        "tax_rate_id": None,
        "vendor_ids": [],
        "long_description": None,
        "photos": [],
    }


def contact(row: Row) -> dict[str, Any]:
    """A person at a customer."""
    empty = dict.fromkeys(("address1", "address2", "city", "state", "zip", "latitude", "longitude", "vendor_id"))
    return {
        "id": row["id"],
        "name": row["name"],
        **empty,
        "email": row["email"],
        "phone": row["phone"],
        "mobile": None,
        "customer_id": row["customer_id"],
        "account_id": 1,
        "notes": None,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "properties": {},
        "opt_out": False,
        "extension": None,
    }


def full_name(row: Row) -> str:
    """A customer's person, `""` without one."""
    return " ".join(part for part in (row["firstname"], row["lastname"]) if part)


def customer_name(row: Row | None) -> str | None:
    """What a customer is called: the business, else the person."""
    return None if row is None else row["business_name"] or full_name(row)


def customer(row: Row) -> dict[str, Any]:
    """A customer, as lists and tickets hold one: without contacts and prepaid hours."""
    plain = ("firstname", "lastname", "email", "phone", "mobile", "address", "city", "state", "zip", "notes")
    empty = ("pdf_url", "address_2", "latitude", "longitude", "location_name", "location_id", "tax_rate_id")
    return {
        "id": row["id"],
        "business_name": row["business_name"],
        "fullname": full_name(row),
        **{key: row[key] for key in plain},
        **dict.fromkeys(empty),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "get_sms": False,
        "opt_out": False,
        "disabled": False,
        "no_email": not row["email"],
        "properties": {},
        "business_and_full_name": " - ".join(part for part in (row["business_name"], full_name(row)) if part),
        "business_then_name": customer_name(row),
        "contacts": [],
    }


def ticket(db: Database, row: Row) -> dict[str, Any]:
    """What list and detail of a ticket have in common."""
    return {
        "id": row["id"],
        "number": row["number"],
        "subject": row["subject"],
        "created_at": row["created_at"],
        "customer_id": row["customer_id"],
        "customer_business_then_name": customer_name(db.get("customers", row["customer_id"])),
        "due_date": row["due_date"],
        "resolved_at": row["resolved_at"],
        "start_at": None,
        "end_at": None,
        "location_id": None,
        "problem_type": row["problem_type"],
        "status": row["status"],
        "ticket_type_id": row["ticket_type_id"],
        "properties": {},
        "user_id": row["user_id"],
        "updated_at": row["updated_at"],
        "pdf_url": None,
        "priority": row["priority"],
        "tag_list": json.loads(row["tags"]),
        "contact_id": row["contact_id"],
    }


def _user(db: Database, user_id: int | None) -> dict[str, Any] | None:
    row = db.get("users", user_id)
    return user(row) if row else None


def listed_ticket(db: Database, row: Row, comment_format: str) -> dict[str, Any]:
    """A ticket in a list: `number` is text, and of the conversation only the first comment is there."""
    first = db.row("SELECT * FROM comments WHERE ticket_id = ? ORDER BY created_at, id LIMIT 1", row["id"])
    person = db.get("contacts", row["contact_id"])
    return ticket(db, row) | {
        "number": str(row["number"]),
        "location_name": None,
        "ticket_type_name": None,
        "billing_status": None,
        "sla_name": None,
        "contact_fullname": person["name"] if person else None,
        "parent_id": None,
        "customer_reply": False,
        "total_formatted_billable_time": None,
        "comments": [comment(first, comment_format)] if first else [],
        "user": _user(db, row["user_id"]),
    }


def detailed_ticket(db: Database, row: Row, comment_format: str = "plaintext") -> dict[str, Any]:
    """A ticket's detail: `number` is an integer; of a long conversation only the newest comments, newest first."""
    newest = "SELECT * FROM comments WHERE ticket_id = ? ORDER BY created_at DESC, id DESC LIMIT ?"
    customer_row, person = db.get("customers", row["customer_id"]), db.get("contacts", row["contact_id"])
    timers = db.rows("SELECT * FROM timers WHERE ticket_id = ? ORDER BY id", row["id"])
    return ticket(db, row) | {
        "intake_form_html": None,
        "signature_name": None,
        "asset_ids": [],
        "outtake_form_name": None,
        "comments": [comment(c, comment_format) for c in db.rows(newest, row["id"], DETAIL_COMMENTS)],
        "attachments": [],
        "ticket_timers": [timer(entry) for entry in timers],
        "line_items": line_items(db, row["id"]),
        "worksheet_results": [],
        "assets": [],
        "appointments": [],
        "ticket_fields": [],
        "ticket_answers": [],
        "customer": customer(customer_row) if customer_row else None,
        "contact": contact(person) if person else None,
        "user": _user(db, row["user_id"]),
        "ticket_type": None,
        "address": None,
    }


def line_items(db: Database, ticket_id: int) -> list[dict[str, Any]]:
    """All line items of a ticket."""
    categories = {row["id"]: row["category"] for row in db.rows("SELECT id, category FROM products")}
    rows = db.rows("SELECT * FROM line_items WHERE ticket_id = ? ORDER BY id", ticket_id)
    return [line_item(row, categories.get(row["product_id"])) for row in rows]
