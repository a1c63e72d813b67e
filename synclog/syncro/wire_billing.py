"""The wire shapes of money: invoices, their lines, products."""

from __future__ import annotations

from decimal import Decimal

from synclog.model import Invoice, InvoiceLine, Product
from synclog.syncro.shapes import Record, unwrapped


def invoice(record: Record) -> Invoice:
    """Read an invoice; `lines` is None when the answer shows none (lists don't). Money comes as text, `"81.53"`."""
    total = record.number("total")
    tax = record.maybe_number("tax")
    tax = Decimal(0) if tax is None else tax
    subtotal = record.maybe_number("subtotal")
    created = record.moment("created_at")
    number = record.shown("number")
    if number is None:
        raise record.lacks("number")
    return Invoice(
        id=record.id("id"),
        number=number,
        customer_id=record.id("customer_id"),
        ticket_id=record.maybe_id("ticket_id"),
        subtotal=total - tax if subtotal is None else subtotal,
        tax=tax,
        total=total,
        is_paid=record.flag("is_paid"),
        created_at=created,
        updated_at=record.maybe_moment("updated_at") or created,
        lines=record.each("line_items", _line, "invoice line") if record.has("line_items") else None,
        customer_name=record.shown("customer_business_then_name") or "",
    )


def invoice_answer(document: object) -> Invoice:
    """Read an answer about one invoice."""
    return invoice(unwrapped(document, "invoice"))


def _line(record: Record) -> InvoiceLine:
    """Read a line: `item` is what was sold, `name` its description; both are kept where they differ."""
    item, name = record.shown("item"), record.shown("name")
    quantity = record.maybe_number("quantity")
    return InvoiceLine(
        id=record.maybe_id("id"),
        name=f"{item}: {name}" if item and name and item != name else item or name or "",
        quantity=Decimal(1) if quantity is None else quantity,
        price=record.maybe_number("price") or Decimal(0),
        product_id=record.maybe_id("product_id"),
    )


def product_answer(document: object) -> Product:
    """Read an answer about one product. Without a price there is nothing to bill by: that is a ShapeError."""
    return product(unwrapped(document, "product"))


def product(record: Record) -> Product:
    """Read a product of the catalogue."""
    return Product(
        id=record.id("id"),
        name=record.shown("name") or "",
        price=record.number("price_retail"),
        taxable=record.flag("taxable"),
        category=record.shown("product_category", "category_path"),
    )
