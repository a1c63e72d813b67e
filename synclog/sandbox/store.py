"""The account behind the server's back: what is in it, and edits as somebody makes them in the web form.

For tests, which look here what a client really did, and let somebody else work in the same account. Everything is
answered in the shapes of the API, the texts of comments as they were stored, lists in order of creation.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import comments, invoices, lineitems, shapes, tickets, timers
from .database import Database, Row
from .http import Access, Json


class Store:
    """The account. `number` is always a ticket's number; an unknown one raises KeyError."""

    def __init__(self, db: Database, access: Access) -> None:
        self._db = db
        self._access = access

    # --- what is there -------------------------------------------------------------------------------------------

    def tickets(self) -> list[Json]:
        """All tickets, without what is on them."""
        return [shapes.ticket(self._db, row) for row in self._db.rows("SELECT * FROM tickets ORDER BY id")]

    def ticket(self, number: int) -> Json:
        """One ticket, without what is on it."""
        return shapes.ticket(self._db, self._ticket(number))

    def comments(self, ticket_id: int) -> list[Json]:
        """A ticket's whole conversation, oldest first."""
        rows = self._db.rows("SELECT * FROM comments WHERE ticket_id = ? ORDER BY created_at, id", ticket_id)
        return [shapes.comment(row, "original") for row in rows]

    def timers(self, ticket_id: int | None = None) -> list[Json]:
        """The timer entries of a ticket, or all."""
        return [shapes.timer(row) for row in self._of_ticket("timers", ticket_id)]

    def line_items(self, ticket_id: int | None = None) -> list[Json]:
        """The line items of a ticket, or all."""
        return [shapes.line_item(row) for row in self._of_ticket("line_items", ticket_id)]

    def invoices(self, ticket_id: int | None = None) -> list[Json]:
        """The invoices of a ticket, or all, with their lines."""
        return [invoices.detailed_invoice(self._db, row) for row in self._of_ticket("invoices", ticket_id)]

    def customers(self) -> list[Json]:
        """All customers, with `prepay_hours`."""
        return [self.customer(row["id"]) for row in self._db.rows("SELECT id FROM customers ORDER BY id")]

    def customer(self, customer_id: int) -> Json:
        """One customer, with `prepay_hours`. Raises KeyError."""
        row = self._record("customers", customer_id)
        return shapes.customer(row) | {"prepay_hours": shapes.hours(row["prepay_hours"])}

    def outbox(self) -> list[dict[str, Any]]:
        """The mails that would have gone out: `to`, `subject`, `ticket` (a number), `at`."""
        names = 'recipient AS "to", subject, number AS ticket, at'
        return self._db.rows(f"SELECT {names} FROM outbox ORDER BY id")  # noqa: S608 (the names above)

    # --- somebody in the web form ----------------------------------------------------------------------------------

    def web_add_ticket(self, customer_id: int, subject: str, **fields: Any) -> Json:
        """Open a ticket; `fields` as the API names them."""
        with self._db.transaction():
            values = tickets.checked(self._db, {"subject": subject, **fields}, customer_id)
            ticket_id = tickets.make_ticket(self._db, self._record("customers", customer_id)["id"], values)
            return shapes.ticket(self._db, self._record("tickets", ticket_id))

    def web_update_ticket(self, number: int, **fields: Any) -> Json:
        """Change fields of a ticket; named as the API names them (`tag_list`, `user_id`, …)."""
        with self._db.transaction():
            row = self._ticket(number)
            values = tickets.checked(self._db, fields, int(fields.get("customer_id") or row["customer_id"]))
            tickets.apply_change(self._db, row, values)
            return self.ticket(number)

    def web_move_ticket(self, number: int, customer_id: int) -> Json:
        """Give a ticket to another customer."""
        return self.web_update_ticket(number, customer_id=customer_id)

    def web_delete_ticket(self, number: int) -> None:
        """Delete a ticket with all on it."""
        with self._db.transaction():
            tickets.remove_ticket(self._db, self._ticket(number)["id"])

    def web_add_comment(
        self,
        number: int,
        body: str,
        subject: str = "Update",
        user_id: int | None = None,
        hidden: bool = False,
        author: str | None = None,
        html: bool | None = None,
    ) -> Json:
        """Add a comment: of a technician (`user_id`), or of a customer, who is called `author`. `html` says what kind
        of text it is; None: found out as for a posted one."""
        with self._db.transaction():
            row = self._ticket(number)
            user = self._record("users", user_id) if user_id is not None else None
            customer = shapes.customer_name(self._db.get("customers", row["customer_id"]))
            given = {"subject": subject, "body": body, "hidden": hidden, "do_not_email": True}
            given["tech"] = author or (user["name"] if user else customer)
            return shapes.comment(comments.add_comment(self._db, row["id"], given, user, html), "original")

    def web_add_time(
        self, number: int, minutes: int, product_id: int, user_id: int | None = None, notes: str | None = None
    ) -> Json:
        """Add a timer entry that ends now."""
        with self._db.transaction():
            row, product = self._ticket(number), self._record("products", product_id)
            worker = int(self._db.meta("key_owner")) if user_id is None else user_id
            timer = timers.make_timer(
                self._db, row["id"], worker, product, minutes=minutes, end=self._db.stamp(), notes=notes
            )
            return shapes.timer(timer)

    def web_charge_timer(self, timer_id: int) -> Json:
        """Make a line item of a timer entry."""
        with self._db.transaction():
            lineitems.charge(self._db, self._record("timers", timer_id), int(self._db.meta("key_owner")))
            return shapes.timer(self._record("timers", timer_id))

    def web_make_invoice(self, number: int) -> Json:
        """Press "Make Invoice" on a ticket."""
        with self._db.transaction():
            row = self._ticket(number)
            customer = self._record("customers", row["customer_id"])
            invoice = invoices.make_invoice(self._db, customer, row, int(self._db.meta("key_owner")))
            return invoices.detailed_invoice(self._db, invoice)

    def web_update_customer(self, customer_id: int, **fields: Any) -> Json:
        """Change a customer: `business_name`, `firstname`, `email`, `prepay_hours`, …"""
        with self._db.transaction():
            if "prepay_hours" in fields:
                fields["prepay_hours"] = str(Decimal(str(fields["prepay_hours"])))
            self._db.update("customers", customer_id, **fields, updated_at=self._db.stamp())
            return self.customer(customer_id)

    # --- the account's settings ------------------------------------------------------------------------------------

    def set_product(self, product_id: int, **fields: Any) -> Json:
        """Change a product: `price`, `name`, `minimum`, `increment` (minutes), `prepaid`, `category`."""
        with self._db.transaction():
            if "price" in fields:
                fields["price"] = str(Decimal(str(fields["price"])))
            self._db.update("products", product_id, **fields)
            return shapes.product(self._record("products", product_id))

    def restrict_key(self, user_id: int, *customer_ids: int) -> None:
        """Let a technician's key see the tickets of these customers only; others are 404 for it."""
        self._access.visible[user_id] = frozenset(customer_ids)

    def deny(self, user_id: int, section: str) -> None:
        """Answer 403 to a technician's key for all paths that begin with `section` (`invoices`)."""
        self._access.denied.add((user_id, section))

    # --- records ---------------------------------------------------------------------------------------------------

    def _ticket(self, number: int) -> Row:
        row = self._db.row("SELECT * FROM tickets WHERE number = ?", number)
        if row is None:
            raise KeyError(number)
        return row

    def _record(self, table: str, record_id: int) -> Row:
        row = self._db.get(table, record_id)
        if row is None:
            raise KeyError(record_id)
        return row

    def _of_ticket(self, table: str, ticket_id: int | None) -> list[Row]:
        if ticket_id is None:
            return self._db.rows(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 (a name of the schema)
        return self._db.rows(f"SELECT * FROM {table} WHERE ticket_id = ? ORDER BY id", ticket_id)  # noqa: S608
