"""Line items: charges on a ticket, made by hand or of its time. They don't change the ticket's own `updated_at`."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from . import shapes
from .database import Database, Row
from .http import Call, Json, Refused, Route, not_found, visible_ticket, whole

SECONDS_AN_HOUR = 3600


def add_line_item(call: Call, ticket_id: int) -> Json:
    """`POST /tickets/<id>/add_line_item`: a flat object; name and description are wanted, even with a product."""
    row = visible_ticket(call, ticket_id)
    names = ("name", "description")
    missing = [f"{name.capitalize()} can't be blank" for name in names if not str(call.body.get(name) or "").strip()]
    if missing:
        raise Refused(422, {"errors": ", ".join(missing), "params": {}})
    product = call.db.get("products", whole(call.body.get("product_id")))
    at = call.db.stamp()
    item_id = call.db.insert(
        "line_items",
        **{"quantity": "1.0", "price": product["price"] if product else "0", **_given(call.body)},
        ticket_id=row["id"], user_id=call.user_id, product_id=product["id"] if product else None,
        created_at=at, updated_at=at,
    )  # fmt: skip
    return _shown(call.db, item_id)


def change_line_item(call: Call, ticket_id: int) -> Json:
    """`PUT /tickets/<id>/update_line_item`, wrapped as `ticket_line_item`; refused once it is on an invoice."""
    item = _named(call, ticket_id)
    values = _given(call.body)
    if product_id := whole(call.body.get("product_id")):
        if call.db.get("products", product_id) is None:
            raise Refused(422, {"errors": "Product must exist", "params": {}})
        values["product_id"] = product_id
    call.db.update("line_items", item["id"], **values, updated_at=call.db.stamp())
    return {"ticket_line_item": _shown(call.db, item["id"])}


def remove_line_item(call: Call, ticket_id: int) -> Json:
    """`POST /tickets/<id>/remove_line_item`. Time that it was made of is uncharged again."""
    item = _named(call, ticket_id)
    call.db.run("DELETE FROM line_items WHERE id = ?", item["id"])
    call.db.run(
        "UPDATE timers SET recorded = 0, line_item_id = NULL, updated_at = ? WHERE line_item_id = ?",
        call.db.stamp(), item["id"],
    )  # fmt: skip
    return {"success": True, "message": ""}


# --- the rules -----------------------------------------------------------------------------------------------------


def charge(db: Database, timer: Row, user_id: int) -> int:
    """Make a line item of a timer entry at its product's price of now, and return its id. Charging a second time
    makes a second one: that is what Syncro does."""
    product = db.get("products", timer["product_id"]) or {}
    at = db.stamp()
    item_id = db.insert(
        "line_items", ticket_id=timer["ticket_id"], user_id=user_id, product_id=timer["product_id"],
        name=product.get("name", "Labor"), description=timer["notes"] or product.get("name", "Labor"),
        quantity=shapes.hours(Decimal(timer["billable_seconds"]) / SECONDS_AN_HOUR),
        price=product.get("price", "0"), taxable=product.get("taxable", 0), created_at=at, updated_at=at,
    )  # fmt: skip
    db.update("timers", timer["id"], recorded=1, line_item_id=item_id, updated_at=at)
    return item_id


def _given(body: Json) -> dict[str, Any]:
    """Return the columns that a body gives. Raises Refused where a number is none."""
    values: dict[str, Any] = {name: str(body[name]) for name in ("name", "description") if body.get(name)}
    for name, column in (("quantity", "quantity"), ("price_retail", "price")):
        if body.get(name) is not None:
            amount = decimal(body[name])
            if amount is None:
                raise Refused(422, {"errors": f"{name.capitalize()} is not a number", "params": {}})
            values[column] = shapes.hours(amount)
    if "taxable" in body:
        values["taxable"] = int(bool(body["taxable"]))
    return values


def decimal(value: object) -> Decimal | None:
    """Return a number or a numeric text as it was written, None for anything else."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < 10**12 else None


def _shown(db: Database, item_id: int) -> Json:
    row = db.get("line_items", item_id) or {}
    product = db.get("products", row["product_id"])
    return shapes.line_item(row, product["category"] if product else None)


def _named(call: Call, ticket_id: int) -> Row:
    row = visible_ticket(call, ticket_id)
    item = call.db.get("line_items", whole(call.body.get("ticket_line_item_id")))
    if item is None or item["ticket_id"] != row["id"]:
        raise not_found()
    if item["invoice_id"] is not None:
        raise Refused(422, {"errors": "Line item is already on an invoice", "params": {}})
    return item


ROUTES: list[Route] = [
    ("POST", "/tickets/<int:ticket_id>/add_line_item", add_line_item),
    ("PUT", "/tickets/<int:ticket_id>/update_line_item", change_line_item),
    ("POST", "/tickets/<int:ticket_id>/remove_line_item", remove_line_item),
]
