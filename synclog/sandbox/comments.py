"""Comments: a ticket's complete conversation, and posting to it. Nothing here changes or deletes a comment."""

from __future__ import annotations

from typing import Any

from . import shapes
from .database import Database, Row
from .http import Call, Filter, Json, Refused, Route, page_of, visible_ticket, whole
from .lineitems import charge
from .outbox import mail
from .plaintext import looks_like_html
from .timers import LABOR, make_timer

PAGE = 10
MOST = 100
# Subjects that move a ticket's status by themselves, from one status to another.
AUTOMATIONS = {"Diagnosis": ("New", "In Progress")}


def list_comments(call: Call, ticket_id: int) -> Json:
    """`GET /tickets/<id>/comments`: all of them, 10 a page (`per_page` up to 100), newest first unless asked."""
    row = visible_ticket(call, ticket_id)
    chosen = Filter()
    chosen.add("ticket_id = ?", row["id"])
    for column in ("created", "updated"):
        chosen.after(call, f"{column}_after", f"{column}_at")
        chosen.after(call, f"{column}_before", f"{column}_at", "<")
    direction = "ASC" if call.query.get("sort_direction", "").lower() == "asc" else "DESC"
    column = "updated_at" if call.query.get("sort_by") == "updated_at" else "created_at"
    size = min(MOST, max(1, whole(call.query.get("per_page", "")) or PAGE))
    rows, meta = page_of(call, "comments", chosen, f"{column} {direction}, id {direction}", size, "per_page")
    return {"comments": [_listed(call, comment) for comment in rows], "meta": meta}


def post_comment(call: Call, ticket_id: int) -> Json:
    """`POST /tickets/<id>/comment`, with `product_id` and `minutes_spent` for its time.

    As accounts differ, the time is recorded or silently dropped (`Call.comment_time`); it is dropped too when the
    product is no labor product or the minutes are no whole number.
    """
    row = visible_ticket(call, ticket_id)
    missing = [f"{name} can't be blank" for name in ("Body", "Subject") if not _text(call.body.get(name.lower()))]
    if missing:
        raise Refused(422, {"success": False, "message": missing})
    comment = add_comment(call.db, row["id"], call.body, call.user)
    if call.comment_time == "record":
        record_time(call, comment)
    return {"comment": shapes.comment(comment, "original")}


def record_time(call: Call, comment: Row) -> None:
    """Make a timer entry of the time that a posted comment carries, and charge it if it says so."""
    product = call.db.get("products", whole(call.body.get("product_id")))
    minutes = whole(call.body.get("minutes_spent"))
    if product is None or product["category"] != LABOR or not minutes or minutes < 0:
        return
    timer = make_timer(
        call.db, comment["ticket_id"], call.user_id, product, minutes=minutes, end=comment["created_at"],
        comment_id=comment["id"], notes=None,
    )  # fmt: skip
    if call.body.get("bill_time_now") in (True, "true", 1, "1"):
        charge(call.db, timer, call.user_id)


# --- the rules -----------------------------------------------------------------------------------------------------


def add_comment(db: Database, ticket_id: int, given: Json, user: Row | None, is_html: bool | None = None) -> Row:
    """Write a comment and what follows from it: the ticket is changed, a status may move, the customer gets a mail.

    `given` is what a client posts: `subject`, `body` (kept as sent), `hidden`, `do_not_email` (both false when left
    out), `tech` (the name shown, else the user's). `user` is None for a customer.
    """
    at, hidden = db.stamp(), _true(given.get("hidden"))
    body = str(given.get("body"))
    comment_id = db.insert(
        "comments", ticket_id=ticket_id, subject=str(given.get("subject") or "Update"), body=body,
        author=str(given.get("tech") or (user["name"] if user else "")) or None, user_id=user["id"] if user else None,
        hidden=int(hidden), html=int(looks_like_html(body) if is_html is None else is_html),
        created_at=at, updated_at=at,
    )  # fmt: skip
    ticket = db.get("tickets", ticket_id) or {}
    changes: dict[str, Any] = {"updated_at": at}
    if AUTOMATIONS.get(str(given.get("subject")), ("", ""))[0] == ticket["status"]:
        changes["status"] = AUTOMATIONS[str(given.get("subject"))][1]
    db.update("tickets", ticket_id, **changes)
    if user is not None and not hidden and not _true(given.get("do_not_email")):
        mail(db, ticket, f"Ticket #{ticket['number']}: {given.get('subject')}")
    return db.get("comments", comment_id) or {}


def _listed(call: Call, row: Row) -> dict[str, Any]:
    author = call.db.get("users", row["user_id"])
    rich = bool(row["html"]) or call.comment_format == "richtext"
    return shapes.comment(row, call.comment_format) | {
        "is_rich_text": rich,
        "user": shapes.user(author) if author else {},
    }


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _true(value: object) -> bool:
    return value in (True, "true", "1", 1)


ROUTES: list[Route] = [
    ("GET", "/tickets/<int:ticket_id>/comments", list_comments),
    ("POST", "/tickets/<int:ticket_id>/comment", post_comment),
]
