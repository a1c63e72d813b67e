"""The account itself: who the key belongs to, its technicians, its lists, its products."""

from __future__ import annotations

from . import shapes
from .http import PAGE, Call, Filter, Json, Route, like, not_found, page_of, whole

PERMISSIONS = ("customer", "ticket", "invoice")


def show_me(call: Call) -> Json:
    """`GET /me`: the owner of the key. (The real one shows the key itself too; nobody should need it.)"""
    rights = {"read": True, "write": True, "delete": True}
    return {
        "user_email": call.user["email"],
        "user_name": call.user["name"],
        "user_id": call.user["id"],
        "admin": False,
        "can_use_app": True,
        "two_factor_required": False,
        "subdomain": call.db.meta("subdomain"),
        "default_location": None,
        "enable_multi_locations": False,
        "locations_allowed": [],
        "permissions": {name: dict(rights) for name in PERMISSIONS},
    }


def list_users(call: Call) -> Json:
    """`GET /users`: pairs of id and name, not objects."""
    return {"users": [[row["id"], row["name"]] for row in call.db.rows("SELECT * FROM users ORDER BY id")]}


def show_settings(call: Call) -> Json:
    """`GET /tickets/settings`: the account's own statuses, types, technicians and default labor product."""
    ordered = "SELECT id, name FROM choices WHERE kind = ? ORDER BY position"
    default = call.db.meta("default_labor_product_id")
    return {
        "ticket_status_list": [row["name"] for row in call.db.rows(ordered, "status")],
        "default_labor_product_id": int(default) if default else None,
        "ticket_timer_charge_by_default": None,
        "saved_searches": [],
        "ticket_types": call.db.rows(ordered, "ticket_type"),
        "ticket_type_fields": [],
        "ticket_type_field_answers": [],
        "appointment_types": [],
        "problem_types": [row["name"] for row in call.db.rows(ordered, "problem_type")],
        "users": call.db.rows("SELECT id, name FROM users ORDER BY id"),
        "dashboard_settings": None,
        "worksheet_templates": [],
        "require_ticket_type": None,
        "ticket_workflow_default_id": None,
    }


def list_products(call: Call) -> Json:
    """`GET /products`, with `query` or `name` those called so."""
    chosen = Filter()
    if words := call.query.get("query"):
        chosen.add("(name LIKE ? ESCAPE '!' OR id = ?)", like(words), whole(words))
    if name := call.query.get("name"):
        chosen.add("name = ?", name)
    rows, meta = page_of(call, "products", chosen, "id", PAGE)
    return {"products": [shapes.product(row) for row in rows], "meta": meta}


def show_product(call: Call, product_id: int) -> Json:
    """`GET /products/<id>`."""
    row = call.db.get("products", product_id)
    if row is None:
        raise not_found()
    return {"product": shapes.product(row)}


ROUTES: list[Route] = [
    ("GET", "/me", show_me),
    ("GET", "/users", list_users),
    ("GET", "/tickets/settings", show_settings),
    ("GET", "/products", list_products),
    ("GET", "/products/<int:product_id>", show_product),
]
