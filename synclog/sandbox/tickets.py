"""Tickets: list, detail, make, change, delete; and the rules that every change follows, also one in the web form."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from . import shapes
from .comments import add_comment
from .database import Database, Row, parse_time, stamp_text
from .http import PAGE, Call, Filter, Json, Refused, Route, like, page_of, visible_ticket, whole
from .outbox import mail

FINISHED = ("Resolved", "Invoiced", "Closed")
# The fields a ticket's body may hold, and the column each one goes to.
TEXTS = ("subject", "status", "priority", "problem_type")
FIELDS = (*TEXTS, "due_date", "user_id", "contact_id")
REFERENCES = {"customer_id": "customers", "user_id": "users", "contact_id": "contacts"}


def list_tickets(call: Call) -> Json:
    """`GET /tickets`: pages of 25 and never more, the ticket changed last first."""
    chosen = Filter()
    chosen.equal(call, "customer_id", "user_id", "contact_id", "number")
    chosen.after(call, "since_updated_at", "updated_at")
    chosen.after(call, "created_after", "created_at")
    chosen.after(call, "resolved_after", "resolved_at")
    if call.query.get("mine", "").lower() in {"true", "1"}:
        chosen.add("user_id = ?", call.user_id)
    status = call.query.get("status")
    if status == "Not Closed":
        chosen.add("status NOT IN (?, ?, ?)", *FINISHED)
    elif status:
        chosen.add("status = ?", status)
    if words := call.query.get("query"):
        chosen.add(
            "(subject LIKE ? ESCAPE '!' OR number = ? OR customer_id IN (SELECT id FROM customers WHERE "
            "business_name LIKE ? ESCAPE '!' OR firstname || ' ' || lastname LIKE ? ESCAPE '!') OR id IN "
            "(SELECT ticket_id FROM comments WHERE body LIKE ? ESCAPE '!'))",
            *(like(words), whole(words), like(words), like(words), like(words)),
        )
    allowed = call.access.visible.get(call.user_id)
    if allowed is not None:
        chosen.add(f"customer_id IN ({', '.join('?' * len(allowed))})", *allowed)
    size = min(PAGE, max(1, whole(call.query.get("per_page", "")) or PAGE))
    rows, meta = page_of(call, "tickets", chosen, "updated_at DESC, id DESC", size)
    return {"tickets": [shapes.listed_ticket(call.db, row, call.comment_format) for row in rows], "meta": meta}


def show_ticket(call: Call, ticket_id: int) -> Json:
    """`GET /tickets/<id>`."""
    row = visible_ticket(call, ticket_id)
    return {"ticket": shapes.detailed_ticket(call.db, row, call.comment_format)}


def create_ticket(call: Call) -> Json:
    """`POST /tickets`: without a `user_id` it is nobody's; `line_items` are ignored; the customer gets a mail."""
    customer = call.db.get("customers", whole(call.body.get("customer_id")))
    if customer is None:
        raise Refused(422, {"error": "Customer required field"})
    if not str(call.body.get("subject") or "").strip():
        raise Refused(422, {"error": "Subject required field"})
    values = checked(call.db, call.body, customer["id"])
    ticket_id = make_ticket(call.db, customer["id"], values)
    for comment in call.body.get("comments_attributes") or []:
        if isinstance(comment, dict) and comment.get("body"):
            add_comment(call.db, ticket_id, comment, call.user)
    return show_ticket(call, ticket_id)


def change_ticket(call: Call, ticket_id: int) -> Json:
    """`PUT /tickets/<id>`: the fields given change, the others stay; so sending it twice does no harm."""
    row = visible_ticket(call, ticket_id)
    customer_id = whole(call.body.get("customer_id")) or row["customer_id"]
    apply_change(call.db, row, checked(call.db, call.body, customer_id))
    return show_ticket(call, ticket_id)


def delete_ticket(call: Call, ticket_id: int) -> Json:
    """`DELETE /tickets/<id>`: the ticket and all on it is gone; its invoices stay."""
    row = visible_ticket(call, ticket_id)
    remove_ticket(call.db, row["id"])
    return {"message": f"Ticket #{row['number']} was deleted."}


# --- the rules -----------------------------------------------------------------------------------------------------


def checked(db: Database, body: Json, customer_id: int) -> dict[str, Any]:
    """Return the columns that a body changes. Raises Refused (422), with the errors by field, if one is not valid."""
    values = {name: body[name] for name in FIELDS if name in body}
    values |= {name: str(values[name]) for name in TEXTS if values.get(name) is not None}
    errors: dict[str, list[str]] = {}
    if "ticket_type_id" in body:
        values["ticket_type_id"] = whole(body["ticket_type_id"])
    if "customer_id" in body:
        values["customer_id"] = whole(body["customer_id"])
    if "subject" in values and not (values["subject"] or "").strip():
        errors["subject"] = ["can't be blank"]
    if "status" in values and not db.row("SELECT 1 FROM choices WHERE kind = 'status' AND name = ?", values["status"]):
        errors["status"] = ["is not included in the list"]
    if "due_date" in values:
        try:
            values["due_date"] = due_date(values["due_date"])
        except ValueError:
            errors["due_date"] = ["is invalid"]
    for name, table in REFERENCES.items():
        if name in values and (values[name] is not None or name == "customer_id"):
            values[name] = whole(values[name])
            found = db.get(table, values[name])
            if found is None or found.get("customer_id", customer_id) != customer_id:
                errors[name.removesuffix("_id")] = ["must exist"]
    if "tag_list" in body:
        values["tags"] = json.dumps(tag_list(body["tag_list"]))
    if errors:
        raise Refused(422, {"errors": errors})
    return values


def due_date(given: object) -> str | None:
    """Return a due date as it is kept: a date as it was written, a full time in UTC. Raises ValueError."""
    text = str(given or "")
    if len(text) == len("2026-04-20"):
        return date.fromisoformat(text).isoformat()
    return stamp_text(parse_time(text)) if text else None


def tag_list(given: object) -> list[str]:
    """Return tags given as a list, or as one text with commas; each once."""
    parts = given if isinstance(given, list) else str(given or "").split(",")
    return list(dict.fromkeys(text for part in parts if (text := str(part).strip())))


def make_ticket(db: Database, customer_id: int, values: dict[str, Any]) -> int:
    """Write a new ticket, and return its id. The account's automation mails the customer about it."""
    at, number = db.stamp(), db.next_number("ticket")
    columns = {"status": "New", "priority": "2 Normal", "tags": "[]", **values, "customer_id": customer_id}
    ticket_id = db.insert("tickets", number=number, created_at=at, updated_at=at, **columns)
    row = db.get("tickets", ticket_id) or {}
    mail(db, row, f"Ticket #{number} has been opened: {row['subject']}")
    return ticket_id


def apply_change(db: Database, row: Row, values: dict[str, Any]) -> None:
    """Change a ticket: it is resolved when it gets a finished status, and loses a contact of another customer."""
    at = db.stamp()
    if "status" in values and values["status"] != row["status"]:
        finished = values["status"] in FINISHED
        values["resolved_at"] = (row["resolved_at"] or at) if finished else None
    if values.get("customer_id", row["customer_id"]) != row["customer_id"]:
        values.setdefault("contact_id", None)
    db.update("tickets", row["id"], **values, updated_at=at)


def remove_ticket(db: Database, ticket_id: int) -> None:
    """Delete a ticket with its comments, time and line items."""
    for sql in ("comments", "timers", "line_items"):
        db.run(f"DELETE FROM {sql} WHERE ticket_id = ?", ticket_id)  # noqa: S608 (the names above)
    db.run("DELETE FROM tickets WHERE id = ?", ticket_id)


ROUTES: list[Route] = [
    ("GET", "/tickets", list_tickets),
    ("POST", "/tickets", create_ticket),
    ("GET", "/tickets/<int:ticket_id>", show_ticket),
    ("PUT", "/tickets/<int:ticket_id>", change_ticket),
    ("DELETE", "/tickets/<int:ticket_id>", delete_ticket),
]
