"""Mails that the account would have sent. None leaves the machine: they are kept, to see who was mailed."""

from __future__ import annotations

from .database import Database, Row, stamp_text


def mail(db: Database, ticket: Row, subject: str) -> None:
    """Put a mail to the ticket's contact, else its customer, into the outbox; without an address there is none."""
    customer = db.get("customers", ticket["customer_id"]) or {}
    person = db.get("contacts", ticket["contact_id"]) or {}
    if recipient := person.get("email") or customer.get("email"):
        at = stamp_text(db.clock())
        db.insert(
            "outbox", at=at, recipient=recipient, subject=subject, ticket_id=ticket["id"], number=ticket["number"]
        )
