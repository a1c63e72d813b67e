"""Customers and their contacts: lists, detail, search while typing, make."""

from __future__ import annotations

from typing import Any

from . import shapes
from .database import Row
from .http import Call, Filter, Json, Refused, Route, like, not_found, page_of, whole

PAGE = 100
CONTACTS_PAGE = 50
COMPLETIONS = 10
WORDS = (
    "(business_name LIKE ? ESCAPE '!' OR coalesce(firstname, '') || ' ' || coalesce(lastname, '') LIKE ? ESCAPE '!' "
    "OR email LIKE ? ESCAPE '!')"
)
FIELDS = (
    "business_name",
    "firstname",
    "lastname",
    "email",
    "phone",
    "mobile",
    "address",
    "city",
    "state",
    "zip",
    "notes",
)


def list_customers(call: Call) -> Json:
    """`GET /customers`, with `query` those that have these words in name or e-mail address."""
    chosen = _searched(call)
    chosen.equal(call, "id")
    rows, meta = page_of(call, "customers", chosen, "updated_at DESC, id DESC", PAGE, "total_entries", "per_page")
    return {"customers": [shapes.customer(row) for row in rows], "meta": meta}


def complete_customers(call: Call) -> Json:
    """`GET /customers/autocomplete`: the first few, without `meta`."""
    rows, _ = page_of(call, "customers", _searched(call), "business_name, lastname, id", COMPLETIONS)
    return {"customers": [shapes.customer(row) for row in rows]}


def show_customer(call: Call, customer_id: int) -> Json:
    """`GET /customers/<id>`: here alone are its contacts and the hours it has paid ahead."""
    row = call.db.get("customers", customer_id)
    if row is None:
        raise not_found()
    return {"customer": detailed_customer(call, row)}


def create_customer(call: Call) -> Json:
    """`POST /customers`: a business or a person."""
    given: dict[str, Any] = {key: str(call.body[key]) for key in FIELDS if call.body.get(key)}
    errors = []
    if not any(given.get(key, "").strip() for key in ("business_name", "firstname", "lastname")):
        errors.append("Firstname can't be blank")
    if "email" in given and "@" not in given["email"]:
        errors.append("Email is not an email")
    if errors:
        raise Refused(422, {"success": False, "message": errors, "params": call.body})
    at = call.db.stamp()
    return show_customer(call, call.db.insert("customers", **given, created_at=at, updated_at=at))


def list_contacts(call: Call) -> Json:
    """`GET /contacts`, with `customer_id` those of one customer."""
    chosen = Filter()
    chosen.equal(call, "customer_id")
    rows, meta = page_of(call, "contacts", chosen, "id", CONTACTS_PAGE, "total_entries", "per_page")
    return {"contacts": [shapes.contact(row) for row in rows], "meta": meta}


def detailed_customer(call: Call, row: Row) -> Json:
    """A customer with contacts and prepaid hours."""
    contacts = call.db.rows("SELECT * FROM contacts WHERE customer_id = ? ORDER BY id", row["id"])
    return shapes.customer(row) | {
        "contacts": [shapes.contact(contact) for contact in contacts],
        "prepay_hours": shapes.hours(row["prepay_hours"]),
    }


def _searched(call: Call) -> Filter:
    chosen = Filter()
    if words := call.query.get("query"):
        chosen.add(f"({WORDS} OR id = ?)", *[like(words)] * 3, whole(words))
    for name in ("business_name", "firstname", "lastname", "email"):
        if given := call.query.get(name):
            chosen.add(f"{name} = ? COLLATE NOCASE", given)
    return chosen


ROUTES: list[Route] = [
    ("GET", "/customers", list_customers),
    ("POST", "/customers", create_customer),
    ("GET", "/customers/autocomplete", complete_customers),
    ("GET", "/customers/<int:customer_id>", show_customer),
    ("GET", "/contacts", list_contacts),
]
