"""What synclog knows of Syncro, as frozen values: no wire shapes, no files, no behaviour.

Times are aware UTC datetimes. Durations are whole minutes. Money and hours are Decimal. `None` means that Syncro
says nothing. Ids are Syncro's; `number` is what people call a ticket by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Minutes = int
TicketId = int
TicketNumber = int
CommentId = int
Reference = str
Audience = Literal["private", "public", "email"]


@dataclass(frozen=True, slots=True)
class Person:
    """A technician (Syncro user) or a customer's contact."""

    id: int
    name: str
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer. `name` is the business name, else the person's. `prepay_hours` is known from the detail only."""

    id: int
    name: str
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    address: str | None = None
    contacts: tuple[Person, ...] = ()
    prepay_hours: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """One entry of a ticket's conversation. `body` is as the server gave it: plain text or HTML.

    `user_id` is the Syncro user who wrote it, None for customers and automations; `author` is the name shown.
    """

    id: CommentId
    ticket_id: TicketId
    subject: str
    body: str
    author: str
    user_id: int | None
    hidden: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TimerEntry:
    """Time on a ticket. `minutes` is worked, `billable_minutes` what Syncro would bill (its own rounding applied).

    `charged` means that a line item was made of it (`line_item_id`, where Syncro says which).
    """

    id: int
    ticket_id: TicketId
    user_id: int | None
    start_at: datetime
    minutes: Minutes
    billable_minutes: Minutes
    billable: bool
    charged: bool
    product_id: int | None
    notes: str
    created_at: datetime
    comment_id: CommentId | None = None
    line_item_id: int | None = None


@dataclass(frozen=True, slots=True)
class LineItem:
    """A charge on a ticket. `quantity` is hours for labor. `invoiced` means that it is on an invoice already."""

    id: int
    ticket_id: TicketId
    product_id: int | None
    name: str
    description: str
    quantity: Decimal
    price: Decimal
    taxable: bool
    invoiced: bool
    created_at: datetime
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as its detail shows it. From a list, `comments` holds at most the first one and the rest is empty.

    `due_date` is the text Syncro gave: a date (`2026-04-20`) or a full ISO time. `comments` are oldest first.
    """

    id: TicketId
    number: TicketNumber
    subject: str
    status: str
    customer_id: int
    customer_name: str
    created_at: datetime
    updated_at: datetime
    priority: str | None = None
    problem_type: str | None = None
    due_date: str | None = None
    resolved_at: datetime | None = None
    assigned_to: Person | None = None
    contact: Person | None = None
    tags: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    timers: tuple[TimerEntry, ...] = ()
    line_items: tuple[LineItem, ...] = ()
    customer: Customer | None = None


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One page of a ticket list. `server_time` is the server's clock when it answered (its Date header)."""

    tickets: tuple[Ticket, ...]
    page: int
    total_pages: int
    server_time: datetime | None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line of an invoice."""

    id: int | None
    name: str
    quantity: Decimal
    price: Decimal
    product_id: int | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice. `number` is text. `lines` is None from a list, which does not show them. `customer_name` is empty
    where Syncro does not say it."""

    id: int
    number: str
    customer_id: int
    ticket_id: TicketId | None
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    is_paid: bool
    created_at: datetime
    updated_at: datetime
    lines: tuple[InvoiceLine, ...] | None = None
    customer_name: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the catalogue; a labor product's `price` is its rate an hour."""

    id: int
    name: str
    price: Decimal
    taxable: bool
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Me:
    """The owner of the key: everything written is attributed to this Syncro user."""

    user_id: int
    name: str
    email: str | None
    subdomain: str | None


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """The account's own lists."""

    statuses: tuple[str, ...]
    technicians: tuple[Person, ...]
    problem_types: tuple[str, ...] = ()
    ticket_types: tuple[Person, ...] = ()
    default_labor_product_id: int | None = None


# --- what is sent ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommentDraft:
    """A comment to post. `body` is HTML. With `product_id` and `minutes` it carries time."""

    subject: str
    body: str
    to: Audience
    product_id: int | None = None
    minutes: Minutes | None = None
    bill_time_now: bool = False


@dataclass(frozen=True, slots=True)
class TimerDraft:
    """A timer entry to make."""

    start_at: datetime
    minutes: Minutes
    notes: str
    product_id: int
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class LineItemDraft:
    """A line item to add. `quantity` is hours with at most four decimals."""

    name: str
    description: str
    quantity: Decimal
    price: Decimal
    taxable: bool
    product_id: int | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLineDraft:
    """A line to add to an invoice. With a `product_id`, what is None is filled in by Syncro from its catalogue."""

    name: str
    description: str
    quantity: Decimal
    price: Decimal | None = None
    product_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket to make; its first comment is `description`."""

    customer_id: int
    subject: str
    description: CommentDraft
    user_id: int | None = None
    contact_id: int | None = None
    status: str | None = None
    priority: str | None = None
    problem_type: str | None = None
    due_date: str | None = None
    tags: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class TicketChange:
    """What to change of a ticket: wire names (`subject status priority problem_type due_date user_id contact_id
    tag_list`) and their new values; only these change."""

    values: tuple[tuple[str, str | int | None | tuple[str, ...]], ...]
