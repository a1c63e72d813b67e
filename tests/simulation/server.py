"""A Syncro in memory: one POST makes one record, whatever becomes of its answer. Independent of the sandbox.

What it does with time, and to texts, differs from account to account, as it does in the world.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from simulation.world import Killed, Process, World
from synclog.errors import NotFound, OutcomeUnknown, Rejected, ServerFailed
from synclog.model import (
    AccountSettings,
    Comment,
    CommentDraft,
    Customer,
    Invoice,
    InvoiceLine,
    InvoiceLineDraft,
    LineItem,
    LineItemDraft,
    Me,
    Person,
    Product,
    Ticket,
    TicketChange,
    TicketDraft,
    TimerDraft,
    TimerEntry,
)

T = TypeVar("T")

MIKE, PRIYA = 1735, 24406
PEOPLE = {MIKE: "Mike Sorrel", PRIYA: "Priya Venkat"}
CUSTOMER = 501
RATES = {1190473: Decimal("120"), 26118: Decimal("145")}
TOKEN = re.compile(r"job(\d+)\b")
STATUSES = ("New", "In Progress", "Scheduled", "Resolved", "Invoiced")
ACCOUNT = AccountSettings(STATUSES, tuple(Person(i, name) for i, name in PEOPLE.items()))


def token_of(text: str) -> int | None:
    """Return which piece of work a text is of: every note of a schedule names its own."""
    found = TOKEN.search(text)
    return int(found[1]) if found else None


@dataclass(slots=True)
class Book:
    """A ticket as the server keeps it."""

    ticket: Ticket
    comments: list[Comment] = field(default_factory=list)
    timers: list[TimerEntry] = field(default_factory=list)
    items: list[LineItem] = field(default_factory=list)


@dataclass(slots=True)
class Quirks:
    """How this account is. `time`: what becomes of time that comes with a comment (`link`, `apart`: kept without a
    link, `drop`). `mangle`: what becomes of posted texts (``, `sign`, `cut`, `flat`, `bare`: timers and charges lose
    their text)."""

    time: str = "link"
    mangle: str = ""


@dataclass(slots=True)
class Server:
    """All records, and what each piece of work got: `made` counts by (kind, token)."""

    world: World
    quirks: Quirks = field(default_factory=Quirks)
    books: dict[int, Book] = field(default_factory=dict)
    invoices: list[Invoice] = field(default_factory=list)
    last_id: int = 1000
    last_number: int = 100
    origins: dict[int, int] = field(default_factory=dict)
    """Of timer entries and charges: which piece of work each is of, whatever its text says."""
    charged: dict[int, int] = field(default_factory=dict)
    """How often a timer entry was charged."""
    deleted: list[Book] = field(default_factory=list)
    """Tickets that are gone."""
    invoiced: dict[int, int] = field(default_factory=dict)
    """How many invoices were made of a ticket (number), those that were deleted included."""
    ever_invoiced: set[int] = field(default_factory=set)
    """The ids of all invoices that ever were."""
    added: dict[tuple[str, int, int], int] = field(default_factory=dict)
    """How often a timer entry or an invoice line was added by itself, by (kind, token, id of the ticket or invoice)."""

    def id(self) -> int:
        self.last_id += 1
        return self.last_id

    def open_ticket(self, subject: str, status: str = "In Progress") -> Ticket:
        self.last_number += 1
        now = self.world.now
        ticket = Ticket(
            self.id(),
            self.last_number,
            subject,
            status,
            CUSTOMER,
            "Acme",
            now,
            now,
            customer=Customer(CUSTOMER, "Acme"),
        )
        self.books[ticket.id] = Book(ticket)
        return ticket

    def book(self, ticket_id: int) -> Book:
        if ticket_id not in self.books:
            raise NotFound("404")
        return self.books[ticket_id]

    def everything(self) -> list[Book]:
        """All tickets that ever were."""
        return [*self.books.values(), *self.deleted]

    def touch(self, book: Book, **changes: Any) -> None:
        book.ticket = replace(book.ticket, updated_at=self.world.now, **changes)

    def say(self, ticket_id: int, body: str, user: int | None, subject: str = "Update") -> Comment:
        book = self.book(ticket_id)
        name = PEOPLE.get(user or 0, "A customer")
        comment = Comment(self.id(), ticket_id, subject, body, name, user, False, self.world.now)
        book.comments.append(comment)
        self.touch(book)
        return comment

    # --- what is written -------------------------------------------------------------------------------------------

    def add_comment(self, user: int, ticket_id: int, draft: CommentDraft) -> Comment:
        comment = self.say(ticket_id, self.mangled(draft.body), user, draft.subject)
        if draft.minutes and draft.product_id and self.quirks.time != "drop":
            linked = comment.id if self.quirks.time == "link" else None
            timer = self.timer(user, ticket_id, draft.product_id, draft.minutes, "", self.world.now, linked)
            self.origins[timer.id] = token_of(draft.body) or 0
            if draft.bill_time_now:
                self.charge(user, ticket_id, timer.id)
        return comment

    def mangled(self, body: str) -> str:
        if self.quirks.mangle == "sign":
            return f"{body}\nCopperline IT, Tempe"
        if self.quirks.mangle == "cut":
            return body[:76] if body.startswith("Work of") else body[:60]
        return " ".join(body.split()) if self.quirks.mangle == "flat" else body

    def timer(
        self, user: int, ticket_id: int, product: int, minutes: int, notes: str, start: datetime, comment: int | None
    ) -> TimerEntry:
        timer = TimerEntry(
            self.id(), ticket_id, user, start, minutes, minutes, True, False, product, notes, self.world.now, comment
        )
        self.book(ticket_id).timers.append(timer)
        return timer

    def add_timer(self, user: int, ticket_id: int, draft: TimerDraft) -> TimerEntry:
        notes = "" if self.quirks.mangle == "bare" else draft.notes
        timer = self.timer(user, ticket_id, draft.product_id, draft.minutes, notes, draft.start_at, None)
        self.origins[timer.id] = token_of(draft.notes) or 0
        self._count("timer", draft.notes, ticket_id)
        return timer

    def _count(self, kind: str, text: str, to: int) -> None:
        key = (kind, token_of(text) or 0, to)
        self.added[key] = self.added.get(key, 0) + 1

    def charge(self, user: int, ticket_id: int, timer_id: int) -> TimerEntry:
        book = self.book(ticket_id)
        place = next((i for i, t in enumerate(book.timers) if t.id == timer_id), None)
        if place is None:
            raise Rejected("there is no such timer")
        timer = book.timers[place]
        hours = (Decimal(timer.minutes) / 60).quantize(Decimal("0.0001"))
        item = self.item(user, ticket_id, "Labor", timer.notes or "Labor", hours, timer.product_id)
        self.origins[item.id] = -1
        self.charged[timer_id] = self.charged.get(timer_id, 0) + 1
        book.timers[place] = replace(timer, charged=True, line_item_id=item.id)
        return book.timers[place]

    def item(
        self, user: int, ticket_id: int, name: str, description: str, hours: Decimal, product: int | None
    ) -> LineItem:
        price = RATES.get(product or 0, Decimal())
        item = LineItem(
            self.id(), ticket_id, product, name, description, hours, price, False, False, self.world.now, user
        )
        self.book(ticket_id).items.append(item)
        return item

    def add_item(self, user: int, ticket_id: int, draft: LineItemDraft) -> LineItem:
        text = "Labor" if self.quirks.mangle == "bare" else draft.description
        item = self.item(user, ticket_id, draft.name, text, draft.quantity, draft.product_id)
        self.origins[item.id] = token_of(draft.description) or 0
        return item

    def make_invoice(self, user: int, ticket_id: int) -> Invoice:
        """Whatever is unbilled goes onto it; with nothing unbilled an empty one comes out."""
        book = self.book(ticket_id)
        self.invoiced[book.ticket.number] = self.invoiced.get(book.ticket.number, 0) + 1
        for timer in [t for t in book.timers if not t.charged]:
            self.charge(user, ticket_id, timer.id)
        open_items = [item for item in book.items if not item.invoiced]
        book.items = [replace(item, invoiced=True) for item in book.items]
        lines = tuple(InvoiceLine(i.id, i.name, i.quantity, i.price, i.product_id) for i in open_items)
        total = sum((line.quantity * line.price for line in lines), Decimal())
        now, made = self.world.now, self.id()
        invoice = Invoice(made, str(made), CUSTOMER, ticket_id, total, Decimal(), total, False, now, now, lines)
        self.invoices.append(invoice)
        self.ever_invoiced.add(invoice.id)
        return invoice

    def change(self, user: int, ticket_id: int, change: TicketChange) -> Ticket:
        values = dict(change.values)
        if "status" in values:
            self.touch(self.book(ticket_id), status=str(values["status"]))
        return self.book(ticket_id).ticket

    def create(self, user: int, draft: TicketDraft) -> Ticket:
        ticket = self.open_ticket(draft.subject, draft.status or "New")
        self.say(ticket.id, self.mangled(draft.description.body), user, "Initial Issue")
        return self.books[ticket.id].ticket

    # --- what is changed, and what is taken away -------------------------------------------------------------------

    def change_timer(self, ticket_id: int, timer_id: int, minutes: int, product: int) -> TimerEntry:
        book, place = self._timer_at(ticket_id, timer_id)
        book.timers[place] = replace(book.timers[place], minutes=minutes, billable_minutes=minutes, product_id=product)
        return book.timers[place]

    def drop_timer(self, ticket_id: int, timer_id: int) -> None:
        """A charge that was made of it stays."""
        book, place = self._timer_at(ticket_id, timer_id)
        del book.timers[place]

    def _timer_at(self, ticket_id: int, timer_id: int) -> tuple[Book, int]:
        book = self.book(ticket_id)
        place = next((i for i, timer in enumerate(book.timers) if timer.id == timer_id), None)
        if place is None:
            raise NotFound("404")
        on_invoices = {item.id for item in book.items if item.invoiced}
        if book.timers[place].line_item_id in on_invoices:
            raise Rejected("422: it is invoiced")
        return book, place

    def change_item(self, ticket_id: int, item_id: int, changes: dict[str, Any]) -> LineItem:
        book, place = self._item_at(ticket_id, item_id)
        book.items[place] = replace(book.items[place], **changes)
        return book.items[place]

    def drop_item(self, ticket_id: int, item_id: int) -> None:
        """Time that it was made of is not charged again."""
        book, place = self._item_at(ticket_id, item_id)
        del book.items[place]
        for i, timer in enumerate(book.timers):
            if timer.line_item_id == item_id:
                book.timers[i] = replace(timer, charged=False, line_item_id=None)
                self.charged[timer.id] -= 1

    def _item_at(self, ticket_id: int, item_id: int) -> tuple[Book, int]:
        book = self.book(ticket_id)
        place = next((i for i, item in enumerate(book.items) if item.id == item_id), None)
        if place is None:
            raise NotFound("404")
        if book.items[place].invoiced:
            raise Rejected("422: it is invoiced")
        return book, place

    def add_line(self, invoice_id: int, draft: InvoiceLineDraft) -> None:
        place = self.invoice_at(invoice_id)
        invoice = self.invoices[place]
        text = draft.name if self.quirks.mangle == "bare" else draft.description
        line = InvoiceLine(self.id(), text, draft.quantity, draft.price or Decimal(), draft.product_id)
        self._count("line", draft.description, invoice_id)
        total = invoice.total + line.quantity * line.price
        self.invoices[place] = replace(invoice, lines=(*(invoice.lines or ()), line), total=total)

    def drop_invoice(self, invoice_id: int) -> None:
        """What was on it is unbilled again."""
        invoice = self.invoices.pop(self.invoice_at(invoice_id))
        on_it = {line.id for line in invoice.lines or ()}
        for book in self.books.values():
            book.items = [replace(item, invoiced=False) if item.id in on_it else item for item in book.items]

    def invoice_at(self, invoice_id: int) -> int:
        place = next((i for i, invoice in enumerate(self.invoices) if invoice.id == invoice_id), None)
        if place is None:
            raise NotFound("404")
        return place

    def drop_ticket(self, ticket_id: int) -> None:
        self.deleted.append(self.book(ticket_id))
        del self.books[ticket_id]


@dataclass(slots=True)
class Client:
    """One process's way to the server, with one key. `faults` say what becomes of its writes, the n-th by the n-th;
    `bad_reads` which reads fail."""

    server: Server
    process: Process
    user: int
    faults: list[str] = field(default_factory=list)
    bad_reads: frozenset[int] = frozenset()
    requests_made: int = 0
    reads: int = 0
    writes: int = 0

    def __enter__(self) -> Client:
        return self

    # --- reading ---------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        self.server.world.step(self.process)
        self.requests_made += 1
        self.reads += 1
        if self.reads in self.bad_reads:
            raise ServerFailed("GET: 500")

    def me(self) -> Me:
        self._read()
        return Me(self.user, PEOPLE[self.user], None, None)

    def product(self, product_id: int) -> Product:
        self._read()
        return Product(product_id, f"Labor {product_id}", RATES[product_id], False)

    def customer(self, customer_id: int) -> Customer:
        self._read()
        return Customer(customer_id, "Acme")

    def contacts(self, customer_id: int) -> tuple[Person, ...]:
        return ()

    def ticket(self, ticket_id: int) -> Ticket:
        self._read()
        book = self.server.book(ticket_id)
        # Of a long conversation the newest ten are shown.
        shown = tuple(book.comments[-10:])
        return replace(book.ticket, comments=shown, timers=tuple(book.timers), line_items=tuple(book.items))

    def find_ticket(self, number: int) -> Ticket | None:
        self._read()
        return next((b.ticket for b in self.server.books.values() if b.ticket.number == number), None)

    def tickets_since(self, created_after: datetime, *, customer_id: int | None = None) -> tuple[Ticket, ...]:
        self._read()
        return tuple(
            replace(b.ticket, comments=tuple(b.comments[:1]))
            for b in self.server.books.values()
            if b.ticket.created_at >= created_after
        )

    def conversation(self, ticket_id: int) -> tuple[Comment, ...]:
        self._read()
        return tuple(self.server.book(ticket_id).comments)

    def timers(self, *, ticket_id: int | None = None, created_after: datetime | None = None) -> tuple[TimerEntry, ...]:
        self._read()
        return tuple(t for b in self.server.books.values() for t in b.timers if t.ticket_id == ticket_id)

    def invoices(self, *, ticket_id: int | None = None) -> tuple[Invoice, ...]:
        self._read()
        return tuple(replace(i, lines=None) for i in self.server.invoices if i.ticket_id == ticket_id)

    def invoice(self, invoice_id: int) -> Invoice:
        self._read()
        return self.server.invoices[self.server.invoice_at(invoice_id)]

    # --- writing ---------------------------------------------------------------------------------------------------

    def _write(self, commit: Callable[[], T]) -> T:
        """One request: what becomes of it, and of its answer, is the schedule's."""
        world = self.server.world
        world.step(self.process)
        self.requests_made += 1
        fault = self.faults[self.writes] if self.writes < len(self.faults) else "ok"
        self.writes += 1
        if fault == "refused":
            raise Rejected("POST: 422")
        if fault == "lost":
            raise OutcomeUnknown("POST: no answer")
        if fault == "die":
            self.process.dead = True
            raise Killed
        if fault.startswith("late"):
            world.late.append((world.now + timedelta(seconds=int(fault[4])), _quietly(commit)))
            if fault.endswith("die"):
                self.process.dead = True
                raise Killed
            raise OutcomeUnknown("POST: no answer")
        made = commit()
        if fault == "lost-after":
            raise OutcomeUnknown("POST: no answer")
        if fault == "die-after":
            self.process.dead = True
            raise Killed
        return made

    def add_comment(self, ticket_id: int, draft: CommentDraft) -> Comment:
        return self._write(lambda: self.server.add_comment(self.user, ticket_id, draft))

    def add_timer_entry(self, ticket_id: int, draft: TimerDraft) -> TimerEntry:
        return self._write(lambda: self.server.add_timer(self.user, ticket_id, draft))

    def charge_timer_entry(self, ticket_id: int, timer_id: int) -> TimerEntry:
        return self._write(lambda: self.server.charge(self.user, ticket_id, timer_id))

    def add_line_item(self, ticket_id: int, draft: LineItemDraft) -> LineItem:
        return self._write(lambda: self.server.add_item(self.user, ticket_id, draft))

    def create_invoice(self, ticket_id: int, customer_id: int) -> Invoice:
        return replace(self._write(lambda: self.server.make_invoice(self.user, ticket_id)), lines=None)

    def update_ticket(self, ticket_id: int, change: TicketChange) -> Ticket:
        return self._write(lambda: self.server.change(self.user, ticket_id, change))

    def create_ticket(self, draft: TicketDraft) -> Ticket:
        return self._write(lambda: self.server.create(self.user, draft))

    def update_timer_entry(
        self, ticket_id: int, timer_id: int, *, start_at: object, minutes: int, product_id: int, user_id: object
    ) -> TimerEntry:
        return self._write(lambda: self.server.change_timer(ticket_id, timer_id, minutes, product_id))

    def delete_timer_entry(self, ticket_id: int, timer_id: int) -> None:
        self._write(lambda: self.server.drop_timer(ticket_id, timer_id))

    def update_line_item(self, ticket_id: int, item_id: int, **changes: Any) -> LineItem:
        given = {name: value for name, value in changes.items() if value is not None}
        return self._write(lambda: self.server.change_item(ticket_id, item_id, given))

    def remove_line_item(self, ticket_id: int, item_id: int) -> None:
        self._write(lambda: self.server.drop_item(ticket_id, item_id))

    def add_invoice_line(self, invoice_id: int, draft: InvoiceLineDraft) -> None:
        self._write(lambda: self.server.add_line(invoice_id, draft))

    def delete_invoice(self, invoice_id: int) -> None:
        self._write(lambda: self.server.drop_invoice(invoice_id))

    def delete_ticket(self, ticket_id: int) -> None:
        self._write(lambda: self.server.drop_ticket(ticket_id))


def _quietly(commit: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        try:
            return commit()
        except (Rejected, NotFound):
            return None

    return run


def records(server: Server) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, token, minutes) for all time that was recorded: timer entries, and charges without one."""
    for book in server.everything():
        for timer in book.timers:
            yield "timer", server.origins.get(timer.id, 0), timer.minutes
        for item in book.items:
            if server.origins.get(item.id, 0) > 0:
                yield "item", server.origins[item.id], int(item.quantity * 60)
