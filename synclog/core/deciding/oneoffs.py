"""What push does next with a one-off: a timer entry to add, time to correct, a line for an invoice, something to
delete. The first rule that fits; the tables are those of docs/exactly-once.md."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from synclog.core.deciding.steps import Doubt, Leave, Wait
from synclog.core.deciding.times import minutes_of
from synclog.core.oneoffs import Correction, InvoiceRemoval, NewLine, NewTimer, OneOff, TicketRemoval
from synclog.core.references import REFERENCE
from synclog.model import Invoice, InvoiceLine, LineItem, Minutes, Reference, Ticket, TimerEntry

Action = Literal[
    "add timer",
    "change timer",
    "change charge",
    "remove charge",
    "remove timer",
    "add line",
    "delete invoice",
    "delete ticket",
]


@dataclass(frozen=True, slots=True)
class Act:
    """This request surely has to be made. `minutes` are what a charge is changed to."""

    action: Action
    minutes: Minutes = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """It is as it was asked for, and only the record is missing. `timer` and `item` are what there is now; `problem`
    says what Syncro made otherwise."""

    timer: TimerEntry | None = None
    item: LineItem | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Forget:
    """History says that it was finished or taken back: this is a copy from a file of before."""


OneOffStep = Act | Finish | Forget | Leave | Wait | Doubt


@dataclass(frozen=True, slots=True)
class OneOffSeen:
    """What was read for one one-off: of its ticket all timer entries and charges, its invoice with its lines, the
    ticket itself; what is None is not there.

    `taken` are the ids of timer entries that history has for other work (charges negated). `ended` says that history
    has it, `in_flight` that a request of it may have left before this was read, `settled`
    that this was read a full `settle` later. `accepted` are the requests that Syncro took in this run, `made` the id
    of the timer entry that it said to have made.
    """

    owner: int
    timers: tuple[TimerEntry, ...] = ()
    items: tuple[LineItem, ...] = ()
    invoice: Invoice | None = None
    ticket: Ticket | None = None
    taken: Collection[int] = ()
    ended: bool = False
    in_flight: bool = False
    settled: bool = False
    accepted: Collection[Action] = ()
    made: int | None = None


def one_off_step(one: OneOff, seen: OneOffSeen) -> OneOffStep:
    """Return what to do with a one-off."""
    if one.by != seen.owner:
        return Leave("it was asked for with another technician's key, and is left to them")
    if seen.ended:
        return Forget()
    if isinstance(one, NewTimer):
        return _new_timer(one, seen)
    if isinstance(one, Correction):
        return _correction(one, seen)
    if isinstance(one, NewLine):
        return _new_line(one, seen)
    return _invoice_removal(one, seen) if isinstance(one, InvoiceRemoval) else _ticket_removal(one, seen)


def _send(action: Action, seen: OneOffSeen, minutes: Minutes = 0) -> OneOffStep:
    """It does not show: send it, where it surely is not under way."""
    if action in seen.accepted and seen.settled:
        return Doubt(f"Syncro accepted the request ({action}), and what it shows is as before")
    if action in seen.accepted or (seen.in_flight and not seen.settled):
        return Wait()
    return Act(action, minutes)


# --- what is made: known by its reference ----------------------------------------------------------------------------


def _new_timer(one: NewTimer, seen: OneOffSeen) -> OneOffStep:
    there = tuple(t for t in seen.timers if names(t.notes, one.id) or t.id == seen.made)
    if len(there) > 1:
        return Doubt("more than one timer entry carries its reference", times=there)
    if there and there[0].user_id not in (None, one.by):
        return Doubt("the timer entry with its reference is another Syncro user's", times=there)
    if there:
        return Finish(timer=there[0], problem=_otherwise(one, there[0]))
    twins = tuple(t for t in seen.timers if _is_twin(one, t, seen.taken))
    if twins:
        return Doubt("a timer entry of yours says the same, and does not carry its reference", times=twins)
    return _send("add timer", seen)


def _otherwise(one: NewTimer, timer: TimerEntry) -> str | None:
    if timer.product_id not in (None, one.product_id):
        return f"it is on labor product {timer.product_id}"
    return None if timer.minutes == one.bills else f"it has {timer.minutes} minutes, not {one.bills}"


def _is_twin(one: NewTimer, timer: TimerEntry, taken: Collection[int]) -> bool:
    """Whether an entry may be this one: accounts were seen to drop the texts of timers. One that was not begun here
    may have been from another branch or clone; what was recorded for other work is that work."""
    return (
        (one.after is None or timer.id > one.after)
        and timer.id not in taken
        and timer.user_id == one.by
        and (timer.start_at, timer.minutes, timer.product_id) == (one.start, one.bills, one.product_id)
        and not REFERENCE.search(timer.notes)
    )


def _new_line(one: NewLine, seen: OneOffSeen) -> OneOffStep:
    if seen.invoice is None:
        return Doubt(f"invoice {one.number} is not there any more")
    if seen.invoice.lines is None:
        return Doubt(f"Syncro does not show the lines of invoice {one.number}")
    there = [line for line in seen.invoice.lines if names(line.name, one.id)]
    if len(there) > 1:
        return Doubt(f"more than one line of invoice {one.number} carries its reference")
    if there:
        return Finish(problem=_line_otherwise(one, there[0]))
    if any(_is_twin_line(one, line) for line in seen.invoice.lines):
        return Doubt(f"a line of invoice {one.number} says the same, and does not carry its reference")
    return _send("add line", seen)


def _line_otherwise(one: NewLine, line: InvoiceLine) -> str | None:
    if line.quantity != one.quantity:
        return f"its quantity is {line.quantity:f}, not {one.quantity:f}"
    return None if one.price == line.price else f"its price is {line.price:f}, not {one.price:f}"


def _is_twin_line(one: NewLine, line: InvoiceLine) -> bool:
    """Whether a line may be this one, as `_is_twin`; one that was not begun here only where it has its name, too."""
    if one.after is None:
        may_be = line.name.strip().casefold() in (one.name.casefold(), one.text.casefold())
    else:
        may_be = line.id is not None and line.id > one.after
    shown = (line.quantity, line.price, line.product_id)
    return may_be and shown == (one.quantity, one.price, one.product_id) and not REFERENCE.search(line.name)


def names(text: str, reference: Reference) -> bool:
    """Return whether a text is of this reference: the last one in it, since a person's words may quote another."""
    return REFERENCE.findall(text)[-1:] == [reference]


# --- what is changed or removed: known by its value, or by its absence ------------------------------------------------

_Part = tuple[Action, Literal["done", "todo", "gone", "other"], Minutes]


def _correction(one: Correction, seen: OneOffSeen) -> OneOffStep:
    timer = next((t for t in seen.timers if t.id == one.timer), None)
    item = next((i for i in seen.items if i.id == one.item), None)
    parts = _removals(one, timer, item) if one.removes else _changes(one, timer, item, seen.accepted)
    left = next((part for part in parts if part[1] != "done"), None)
    if left is None:
        rounded = not one.removes and timer is not None and timer.minutes != one.bills
        return Finish(timer, item, f"it has {timer.minutes} minutes, not {one.bills}" if timer and rounded else None)
    shown: tuple[TimerEntry | LineItem, ...] = tuple(t for t in (timer, item) if t is not None)
    if item is not None and item.invoiced:
        return Doubt("its charge is on an invoice by now", times=shown)
    if timer is not None and timer.charged and one.item is None:
        return Doubt("its timer entry was charged meanwhile", times=shown)
    action, state, minutes = left
    if state == "gone":
        return Doubt(f"its {action.split()[1]} is not there any more", times=shown)
    if state == "other":
        return Doubt(f"its {action.split()[1]} was changed by somebody since", times=shown)
    return _send(action, seen, minutes)


def _changes(
    one: Correction, timer: TimerEntry | None, item: LineItem | None, accepted: Collection[Action]
) -> Sequence[_Part]:
    """The parts of other time, in order: the charge is what its timer entry comes to by then, as the account rounds."""
    parts: list[_Part] = []
    bills = one.bills
    if one.timer is not None:
        wanted, was = (one.bills, one.product_id), (one.was, one.was_product_id)
        state = _state(timer, wanted, was)
        if timer is not None and one.user is not None and timer.user_id != one.user:
            state = "other"
        elif timer is not None and state == "other" and "change timer" in accepted:
            # What the account makes of the minutes that it took is as it says.
            state = "done" if timer.product_id == one.product_id else "other"
        parts.append(("change timer", state, one.bills))
        bills = timer.billable_minutes if timer else one.bills
    if one.item is not None:
        state = _state(item, (bills, one.product_id), _item_was(one))
        if state == "done" and item is not None and one.price not in (None, item.price):
            state = "todo"
        parts.append(("change charge", state, bills))
    return parts


def _removals(one: Correction, timer: TimerEntry | None, item: LineItem | None) -> Sequence[_Part]:
    """The parts of a removal, in order: a timer entry that is deleted leaves its charge, the other way round not."""
    parts: list[_Part] = []
    if one.item is not None:
        state = _state(item, None, _item_was(one))
        parts.append(("remove charge", "done" if item is None else state, 0))
    if one.timer is not None:
        state = _state(timer, None, (one.was, one.was_product_id))
        parts.append(("remove timer", "done" if timer is None else state, 0))
    return parts


def _item_was(one: Correction) -> tuple[Minutes, int | None]:
    if one.timer is None:
        return one.was, one.was_product_id
    return (one.was if one.item_was is None else one.item_was), one.item_product_id or one.was_product_id


def _state(
    found: TimerEntry | LineItem | None, wanted: tuple[Minutes, int | None] | None, was: tuple[Minutes, int | None]
) -> Literal["done", "todo", "gone", "other"]:
    if found is None:
        return "gone"
    shown = (minutes_of(found), found.product_id)
    if shown == wanted:
        return "done"
    return "todo" if shown == was else "other"


def _invoice_removal(one: InvoiceRemoval, seen: OneOffSeen) -> OneOffStep:
    if seen.invoice is None:
        return _absent(one, seen, f"invoice {one.number}")
    if seen.invoice.total != one.total:
        return Doubt(f"invoice {one.number} comes to {seen.invoice.total:f} by now, not to {one.total:f}")
    return _send("delete invoice", seen)


def _ticket_removal(one: TicketRemoval, seen: OneOffSeen) -> OneOffStep:
    return _absent(one, seen, "the ticket") if seen.ticket is None else _send("delete ticket", seen)


def _absent(one: InvoiceRemoval | TicketRemoval, seen: OneOffSeen, what: str) -> OneOffStep:
    """What is not there was deleted, where a request for that may have left; else nobody knows why."""
    if one.after is not None or seen.in_flight:
        return Finish()
    return Doubt(f"{what} is not there (any more), or not for this key")
