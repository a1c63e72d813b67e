"""Timer entries: worked time on a ticket. They don't change the ticket's own `updated_at`."""

from __future__ import annotations

from datetime import timedelta

from . import shapes
from .database import Database, Row, parse_time, stamp_text
from .http import PAGE, Call, Filter, Json, Refused, Route, not_found, page_of, visible_ticket, whole
from .lineitems import charge

LABOR = "Labor"
MINUTE = 60


def list_timers(call: Call) -> Json:
    """`GET /ticket_timers`, of all tickets or with `ticket_id` of one."""
    chosen = Filter()
    chosen.equal(call, "ticket_id")
    chosen.after(call, "created_at_gt", "created_at")
    chosen.after(call, "created_at_lt", "created_at", "<")
    allowed = call.access.visible.get(call.user_id)
    if allowed is not None:
        marks = ", ".join("?" * len(allowed))
        chosen.add(f"ticket_id IN (SELECT id FROM tickets WHERE customer_id IN ({marks}))", *allowed)  # noqa: S608
    rows, meta = page_of(call, "timers", chosen, "updated_at DESC, id DESC", PAGE)
    return {"ticket_timers": [shapes.timer(row) for row in rows], "meta": meta}


def add_timer(call: Call, ticket_id: int) -> Json:
    """`POST /tickets/<id>/timer_entry`: a flat object. `billable: false` is ignored; without a product the
    account's default labor product is put in."""
    row = visible_ticket(call, ticket_id)
    if not isinstance(call.body.get("start_at"), str):
        raise Refused(422, {"error": "no implicit conversion of nil into String"})
    start, minutes = _span(call.body)
    wanted = call.body.get("product_id") or call.db.meta("default_labor_product_id")
    product = call.db.get("products", whole(wanted))
    if product is None:
        raise Refused(422, {"error": "Product not found"})
    notes = call.body.get("notes")
    timer = make_timer(
        call.db, row["id"], _worker(call) or call.user_id, product,
        minutes=minutes, end=stamp_text(parse_time(start) + timedelta(minutes=minutes)),
        notes=str(notes) if notes is not None else None,
    )  # fmt: skip
    return shapes.timer(timer)


def change_timer(call: Call, ticket_id: int) -> Json:
    """`PUT /tickets/<id>/update_timer_entry`: refused once its time is on an invoice. Without `user_id` it becomes the
    work of the key's owner, whosever it was."""
    timer = _named(call, ticket_id)
    _refuse_if_invoiced(call.db, timer)
    given = {"start_at": timer["start_at"], **call.body}
    if "duration_minutes" not in given and "end_at" not in given:
        given["duration_minutes"] = timer["seconds"] // MINUTE
    start, minutes = _span(given)
    product = call.db.get("products", whole(call.body.get("product_id")) or timer["product_id"])
    if product is None:
        raise Refused(422, {"error": "Product not found"})
    notes = call.body.get("notes", timer["notes"])
    call.db.update(
        "timers", timer["id"], product_id=product["id"], user_id=_worker(call) or call.user_id,
        notes=str(notes) if notes is not None else None, start_at=start,
        end_at=stamp_text(parse_time(start) + timedelta(minutes=minutes)), seconds=minutes * MINUTE,
        billable_seconds=billable_minutes(product, minutes) * MINUTE, updated_at=call.db.stamp(),
    )  # fmt: skip
    return shapes.timer(call.db.get("timers", timer["id"]) or {})


def delete_timer(call: Call, ticket_id: int) -> Json:
    """`POST /tickets/<id>/delete_timer_entry`. A line item that was made of it stays."""
    timer = _named(call, ticket_id)
    _refuse_if_invoiced(call.db, timer)
    call.db.run("DELETE FROM timers WHERE id = ?", timer["id"])
    return {"success": True}


def charge_timer(call: Call, ticket_id: int) -> Json:
    """`POST /tickets/<id>/charge_timer_entry`: makes a line item of it, each time it is asked to."""
    timer = _named(call, ticket_id)
    charge(call.db, timer, call.user_id)
    return shapes.timer(call.db.get("timers", timer["id"]) or {})


# --- the rules -----------------------------------------------------------------------------------------------------


def billable_minutes(product: Row, minutes: int) -> int:
    """Return what is billed of worked minutes: at least the product's minimum, rounded up to its increment."""
    least = max(minutes, product["minimum"])
    step = product["increment"] or 1
    return int(-(-least // step) * step)


def make_timer(
    db: Database,
    ticket_id: int,
    user_id: int | None,
    product: Row,
    *,
    minutes: int,
    end: str,
    notes: str | None,
    comment_id: int | None = None,
) -> Row:
    """Write a timer entry of `minutes` that ended at `end`."""
    at = db.stamp()
    timer_id = db.insert(
        "timers", ticket_id=ticket_id, user_id=user_id, product_id=product["id"], comment_id=comment_id,
        start_at=stamp_text(parse_time(end) - timedelta(minutes=minutes)), end_at=end, seconds=minutes * MINUTE,
        billable_seconds=billable_minutes(product, minutes) * MINUTE, notes=notes, created_at=at, updated_at=at,
    )  # fmt: skip
    return db.get("timers", timer_id) or {}


def _span(given: Json) -> tuple[str, int]:
    """Return the start as it is kept and the minutes. Raises Refused where they make no time above zero."""
    try:
        start = parse_time(str(given["start_at"]))
        minutes = whole(given.get("duration_minutes"))
        if minutes is None and given.get("end_at"):
            minutes = int((parse_time(str(given["end_at"])) - start) / timedelta(minutes=1))
        if minutes is not None and minutes > 0:
            start + timedelta(minutes=minutes)
            return stamp_text(start), minutes
    except (ValueError, OverflowError):
        pass
    raise Refused(422, {"error": "End time must be after start time"})


def _worker(call: Call) -> int | None:
    """Return the user that the body names, None where it names none that exists."""
    user = call.db.get("users", whole(call.body.get("user_id")))
    return user["id"] if user else None


def _named(call: Call, ticket_id: int) -> Row:
    row = visible_ticket(call, ticket_id)
    timer = call.db.get("timers", whole(call.body.get("timer_entry_id")))
    if timer is None or timer["ticket_id"] != row["id"]:
        raise not_found()
    return timer


def _refuse_if_invoiced(db: Database, timer: Row) -> None:
    item = db.get("line_items", timer["line_item_id"])
    if item is not None and item["invoice_id"] is not None:
        raise Refused(422, {"error": "Timer entry is already on an invoice"})


ROUTES: list[Route] = [
    ("GET", "/ticket_timers", list_timers),
    ("POST", "/tickets/<int:ticket_id>/timer_entry", add_timer),
    ("PUT", "/tickets/<int:ticket_id>/update_timer_entry", change_timer),
    ("POST", "/tickets/<int:ticket_id>/delete_timer_entry", delete_timer),
    ("POST", "/tickets/<int:ticket_id>/charge_timer_entry", charge_timer),
]
