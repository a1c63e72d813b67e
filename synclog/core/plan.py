"""The plan of a push: what is pending, completed with what Syncro says now. A value; `--dry-run` prints what push runs.

The plan's id is made from everything that it shows and the numbers that were asked for: the same id means the same
plan, here and there.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal

from synclog.core.deciding.oneoffs import OneOffStep
from synclog.core.deciding.steps import (
    AddTime,
    Charge,
    Doubt,
    Hold,
    InvoiceStep,
    Leave,
    NoteStep,
    Restamp,
    Send,
    TicketStep,
    Wait,
)
from synclog.core.merge import Value, same
from synclog.core.oneoffs import Correction, NewTimer, OneOff
from synclog.core.references import short_hash
from synclog.core.work import DraftWork, FieldChange, Held, NoteWork
from synclog.model import Audience, Minutes, Ticket, TicketId, TicketNumber


@dataclass(frozen=True, slots=True)
class Rate:
    """A labor product as Syncro has it now: its name, its price an hour, and whether it is taxed."""

    product_id: int
    name: str
    price: Decimal
    taxable: bool = False


@dataclass(frozen=True, slots=True)
class PlannedNote:
    """A note with its next step. `rate` is None for a note without time."""

    work: NoteWork
    step: NoteStep
    rate: Rate | None

    @property
    def is_posted(self) -> bool:
        """Whether a comment may be made for it in this run."""
        return isinstance(self.step, Send | Restamp | Wait)

    @property
    def is_sent(self) -> bool:
        """Whether something may be sent for it in this run."""
        return self.is_posted or isinstance(self.step, AddTime | Charge)

    @property
    def decides(self) -> bool:
        """Whether a person has to decide something."""
        return isinstance(self.step, Doubt | Hold)

    @property
    def amount(self) -> Decimal | None:
        """What its time comes to at the live rate, None without time."""
        if self.rate is None or self.work.bills is None:
            return None
        return (self.rate.price * self.work.bills / 60).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class PlannedInvoice:
    """An invoice with its next step. `unbilled_minutes` and `unbilled_items` wait in Syncro already; the notes of the
    plan add to them. `prepaid` is the customer's hours now, None without prepaid hours. `sets_status` is the status
    the ticket gets with it. `expected` is what it comes to at the live rates, before tax and without prepaid hours;
    None where a price is not known, or where it is there already."""

    step: InvoiceStep
    after: int | None
    unbilled_minutes: Minutes
    unbilled_items: int
    prepaid: Decimal | None
    sets_status: str | None
    expected: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A field's edit with the value to send under its wire name; `done` when Syncro has that value already."""

    change: FieldChange
    wire_name: str
    wire_value: str | int | None | tuple[str, ...]
    done: bool

    def is_in(self, ticket: Ticket, shown: Value) -> bool:
        """Whether `ticket`, read again, has the value that was sent; `shown` is the field as a file would show it.

        People are compared by id. A date is answered by some accounts with a time of that day.
        """
        field, mine = self.change.field, self.change.mine
        if field == "assigned_to":
            return (ticket.assigned_to.id if ticket.assigned_to else None) == self.wire_value
        if field == "contact":
            return (ticket.contact.id if ticket.contact else None) == self.wire_value
        if field == "due_date" and isinstance(mine, str) and isinstance(shown, str):
            return shown == mine or (len(mine) == len("2026-04-20") and shown.startswith(mine))
        return same(shown, self.wire_value if isinstance(self.wire_value, str | tuple) else mine)


@dataclass(frozen=True, slots=True)
class PlannedOneOff:
    """A one-off with its next step. `rate` is that of its labor, or of the charge that keeps its own, None where
    nothing is billed; `whose` the name of whose time it is. `when` is when that was, local, `was` what it was before,
    `last` the highest id of its kind that is there."""

    work: OneOff
    step: OneOffStep
    rate: Rate | None = None
    whose: str = ""
    when: str = ""
    was: str = ""
    last: int = 0

    @property
    def acts(self) -> bool:
        """Whether something is sent for it in this run, or recorded."""
        return not isinstance(self.step, Doubt | Leave)

    @property
    def decides(self) -> bool:
        """Whether a person has to decide something."""
        return isinstance(self.step, Doubt)

    @property
    def amount(self) -> Decimal | None:
        """What its time comes to at the live rate, None without time."""
        if self.rate is None or not isinstance(self.work, NewTimer | Correction):
            return None
        return (self.rate.price * self.work.bills / 60).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class PlannedDraft:
    """A ticket to create, with its next step and its fields by their wire names. `assigned_to` is the technician who
    gets it."""

    work: DraftWork
    step: TicketStep
    values: tuple[tuple[str, str | int | tuple[str, ...] | None], ...]
    assigned_to: str


@dataclass(frozen=True, slots=True)
class TicketPlan:
    """What a push would do with one ticket, in order: draft, one-offs (`doing`), notes, invoice, changes.
    `number` and `id` are 0 as long as it has to be created."""

    number: TicketNumber
    id: TicketId
    path: str
    subject: str
    customer: str
    notes: tuple[PlannedNote, ...] = ()
    invoice: PlannedInvoice | None = None
    changes: tuple[PlannedChange, ...] = ()
    held: tuple[Held, ...] = ()
    draft: PlannedDraft | None = None
    doing: tuple[PlannedOneOff, ...] = ()

    @property
    def name(self) -> str:
        """What the ticket is called: its number, or the file of a draft."""
        return f"#{self.number}" if self.number else self.path.rsplit("/", 1)[-1]

    @property
    def acts(self) -> bool:
        """Whether there is something to do that needs no decision."""
        if self.draft is not None:
            return not isinstance(self.draft.step, Doubt | Leave)
        doing = [n for n in self.notes if not n.decides and not isinstance(n.step, Leave)]
        invoice = self.invoice is not None and not isinstance(self.invoice.step, Doubt)
        return bool(doing or invoice or self.changes or any(one.acts for one in self.doing))

    @property
    def doubts(self) -> bool:
        """Whether a person has to decide something."""
        draft = self.draft is not None and isinstance(self.draft.step, Doubt)
        notes = any(n.decides for n in self.notes)
        invoice = self.invoice is not None and isinstance(self.invoice.step, Doubt)
        one_offs = any(one.decides for one in self.doing)
        return draft or notes or invoice or one_offs or any(h.decision for h in self.held)


@dataclass(frozen=True, slots=True)
class Mail:
    """Who gets an e-mail: the note of which ticket, to whom (the contact's or the customer's name). `line` is 0 for the
    first comment of a new ticket."""

    number: TicketNumber
    line: int
    to: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one push, by `technician` (the key's owner), for the numbers `asked` (none: all)."""

    technician: str
    asked: tuple[TicketNumber, ...]
    tickets: tuple[TicketPlan, ...]
    mails: tuple[Mail, ...]

    @property
    def acts(self) -> bool:
        """Whether there is something to do."""
        return any(ticket.acts for ticket in self.tickets)

    @property
    def doubts(self) -> bool:
        """Whether a person has to decide something."""
        return any(ticket.doubts for ticket in self.tickets)

    @property
    def id(self) -> str:
        """The id: ten characters that change with anything that the plan shows."""
        return short_hash(_plain(self))


def _plain(value: object) -> object:
    """A JSON-able picture of a plan's value, types included, less what a note is called: that follows from the rest."""
    if isinstance(value, NoteWork | DraftWork):
        dated = isinstance(value, NoteWork) and value.dated
        unseen = {"reference", "place"} if dated else {"reference", "place", "day"}
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in unseen}
    if is_dataclass(value):
        found = {f.name: getattr(value, f.name) for f in fields(value)}
        if isinstance(value, TicketPlan) and not value.doing:
            # What most tickets don't have is in no id.
            del found["doing"]
        if isinstance(value, PlannedOneOff):
            del found["last"]
        return [type(value).__name__, {name: _plain(part) for name, part in found.items()}]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | bool | type(None)) else str(value)


def audience_words(to: Audience) -> str:
    """Return who sees a comment, in words."""
    return {
        "private": "private: internal only",
        "public": "public: visible, no e-mail",
        "email": "e-mailed to the customer",
    }[to]
