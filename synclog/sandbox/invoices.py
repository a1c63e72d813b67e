"""Invoices: list, detail, "Make Invoice", lines added by hand, delete. They don't change the ticket's `updated_at`."""

from __future__ import annotations

from decimal import Decimal

from . import shapes
from .database import Database, Row
from .http import PAGE, Call, Filter, Json, Refused, Route, not_found, page_of, visible_ticket, whole
from .lineitems import charge, decimal


def list_invoices(call: Call) -> Json:
    """`GET /invoices`: without their lines, the one changed last first."""
    chosen = Filter()
    chosen.equal(call, "ticket_id", "customer_id")
    chosen.after(call, "since_updated_at", "updated_at")
    if call.query.get("paid") == "true":
        chosen.add("is_paid = 1")
    if call.query.get("unpaid") == "true":
        chosen.add("is_paid = 0")
    rows, meta = page_of(call, "invoices", chosen, "updated_at DESC, id DESC", PAGE)
    return {"invoices": [_listed(call.db, row) for row in rows], "meta": meta}


def show_invoice(call: Call, name: int) -> Json:
    """`GET /invoices/<id or number>`, with its lines."""
    return {"invoice": detailed_invoice(call.db, _found(call, name))}


def create_invoice(call: Call) -> Json:
    """`POST /invoices`: of a ticket's unbilled time and line items. `line_items` of the body are ignored, and where
    nothing is unbilled an empty invoice comes out."""
    ticket = visible_ticket(call, whole(call.body["ticket_id"]) or -1) if call.body.get("ticket_id") else None
    customer = call.db.get("customers", ticket["customer_id"] if ticket else whole(call.body.get("customer_id")))
    if customer is None:
        raise Refused(422, {"message": ["Customer must exist"]})
    return {"invoice": _listed(call.db, make_invoice(call.db, customer, ticket, call.user_id))}


def add_line(call: Call, name: int) -> Json:
    """`POST /invoices/<id>/line_items`: with a product, what the body lacks comes from the catalogue."""
    invoice = _found(call, name)
    product = call.db.get("products", whole(call.body.get("product_id"))) or {}
    item = str(call.body.get("item") or product.get("name") or call.body.get("name") or "").strip()
    if not item:
        raise Refused(422, {"errors": ["Item can't be blank"]})
    numbers = {"quantity": call.body.get("quantity", 1), "price": call.body.get("price", product.get("price", 0))}
    amounts = {key: decimal(value) for key, value in numbers.items()}
    if None in amounts.values():
        raise Refused(422, {"errors": ["Quantity and price must be numbers"]})
    at = call.db.stamp()
    line_id = call.db.insert(
        "invoice_lines", invoice_id=invoice["id"], product_id=product.get("id"), item=item,
        name=str(call.body.get("name") or product.get("description") or item), quantity=str(amounts["quantity"]),
        price=str(amounts["price"]), taxable=int(bool(call.body.get("taxable", product.get("taxable", 0)))),
        created_at=at, updated_at=at,
    )  # fmt: skip
    sum_up(call.db, invoice["id"])
    return {"line_item": shapes.invoice_line(call.db.get("invoice_lines", line_id) or {})}


def delete_invoice(call: Call, name: int) -> Json:
    """`DELETE /invoices/<id>`: what was on it is unbilled again, and prepaid hours are given back."""
    invoice = _found(call, name)
    lines = call.db.rows("SELECT prepaid_hours FROM invoice_lines WHERE invoice_id = ?", invoice["id"])
    used = sum((Decimal(line["prepaid_hours"]) for line in lines), Decimal())
    _use_prepaid(call.db, invoice["customer_id"], -used)
    call.db.run("UPDATE line_items SET invoice_id = NULL WHERE invoice_id = ?", invoice["id"])
    call.db.run("DELETE FROM invoice_lines WHERE invoice_id = ?", invoice["id"])
    call.db.run("DELETE FROM invoices WHERE id = ?", invoice["id"])
    return {"message": f"Invoice {invoice['number']} was deleted."}


# --- the rules -----------------------------------------------------------------------------------------------------


def make_invoice(db: Database, customer: Row, ticket: Row | None, user_id: int) -> Row:
    """Write an invoice of all that is unbilled on the ticket; without a ticket it is empty."""
    at = db.stamp()
    invoice_id = db.insert(
        "invoices", number=str(db.next_number("invoice")), customer_id=customer["id"],
        ticket_id=ticket["id"] if ticket else None, user_id=user_id, subtotal="0", tax="0", total="0",
        created_at=at, updated_at=at,
    )  # fmt: skip
    if ticket:
        for timer in db.rows("SELECT * FROM timers WHERE ticket_id = ? AND recorded = 0 ORDER BY id", ticket["id"]):
            charge(db, timer, user_id)
        unbilled = "SELECT * FROM line_items WHERE ticket_id = ? AND invoice_id IS NULL ORDER BY id"
        for item in db.rows(unbilled, ticket["id"]):
            _take(db, invoice_id, customer["id"], item, at)
    sum_up(db, invoice_id)
    return db.get("invoices", invoice_id) or {}


def _take(db: Database, invoice_id: int, customer_id: int, item: Row, at: str) -> None:
    """Put a line item on the invoice; hours that are prepaid cost nothing, as a line of their own if some are not."""
    product = db.get("products", item["product_id"])
    quantity = Decimal(item["quantity"])
    left = Decimal(db.value("SELECT prepay_hours FROM customers WHERE id = ?", customer_id) or "0")
    prepaid = min(quantity, left) if product and product["prepaid"] and left > 0 and quantity > 0 else Decimal()
    parts = [(prepaid, "0.00", prepaid)] if prepaid else []
    if quantity != prepaid or not parts:
        parts.append((quantity - prepaid, item["price"], Decimal()))
    for hours, price, used in parts:
        db.insert(
            "invoice_lines", invoice_id=invoice_id, product_id=item["product_id"], item=item["name"],
            name=item["description"], quantity=shapes.hours(hours), price=price, taxable=item["taxable"],
            prepaid_hours=str(used), created_at=at, updated_at=at,
        )  # fmt: skip
    _use_prepaid(db, customer_id, prepaid)
    db.update("line_items", item["id"], invoice_id=invoice_id)


def _use_prepaid(db: Database, customer_id: int, hours: Decimal) -> None:
    customer = db.get("customers", customer_id)
    if hours and customer:
        left = shapes.hours(Decimal(customer["prepay_hours"]) - hours)
        db.update("customers", customer_id, prepay_hours=left, updated_at=db.stamp())


def sum_up(db: Database, invoice_id: int) -> None:
    """Bring an invoice's sums in line with its lines, each line rounded to the cent."""
    rate = Decimal(db.meta("tax_rate") or "0")
    subtotal = taxed = Decimal()
    for line in db.rows("SELECT * FROM invoice_lines WHERE invoice_id = ?", invoice_id):
        amount = Decimal(shapes.money(Decimal(line["quantity"]) * Decimal(line["price"])))
        subtotal += amount
        taxed += amount if line["taxable"] else 0
    tax = Decimal(shapes.money(taxed * rate / 100))
    sums = {"subtotal": shapes.money(subtotal), "tax": shapes.money(tax), "total": shapes.money(subtotal + tax)}
    db.update("invoices", invoice_id, **sums, updated_at=db.stamp())


def detailed_invoice(db: Database, row: Row) -> Json:
    """An invoice with its customer and its lines."""
    customer = db.get("customers", row["customer_id"])
    lines = db.rows("SELECT * FROM invoice_lines WHERE invoice_id = ? ORDER BY id", row["id"])
    return _listed(db, row) | {
        "date_received": None,
        "customer": shapes.customer(customer) if customer else None,
        "line_items": [shapes.invoice_line(line) for line in lines],
        "payments": [],
    }


def _listed(db: Database, row: Row) -> Json:
    return shapes.invoice(row, shapes.customer_name(db.get("customers", row["customer_id"])) or "")


def _found(call: Call, name: int) -> Row:
    row = call.db.get("invoices", name) or call.db.row("SELECT * FROM invoices WHERE number = ?", str(name))
    if row is None:
        raise not_found()
    return row


ROUTES: list[Route] = [
    ("GET", "/invoices", list_invoices),
    ("POST", "/invoices", create_invoice),
    ("GET", "/invoices/<int:name>", show_invoice),
    ("DELETE", "/invoices/<int:name>", delete_invoice),
    ("POST", "/invoices/<int:name>/line_items", add_line),
]
