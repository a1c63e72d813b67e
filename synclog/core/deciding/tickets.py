"""What push does next with a new ticket, a draft that Syncro does not have yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from synclog.core.deciding.notes import bare_words, is_alike
from synclog.core.deciding.steps import Doubt, Leave, RecordTicket, Restamp, Send, TicketStep, Wait
from synclog.core.references import closing_reference, mentions
from synclog.model import Reference, Ticket


@dataclass(frozen=True, slots=True)
class DraftCase:
    """A draft as push meets it: as `NoteCase`. `body` is its first comment, `after` the highest ticket id when it was
    stamped; `ticket` is the one that a person named, by its id. `other_days` are the references that it would have got
    on other days: what carries one, and history lacks, was created of a copy of it. `before` are those under which
    a draft in the very same file became a ticket."""

    reference: Reference
    customer_id: int
    subject: str
    body: str
    stamped: Reference | None = None
    stamped_by: int | None = None
    earlier: tuple[Reference, ...] = ()
    after: int = 0
    in_flight: bool = False
    ticket: int | None = None
    passed: tuple[int, ...] = ()
    other_days: Collection[Reference] = ()
    before: Collection[Reference] = ()


@dataclass(frozen=True, slots=True)
class TicketsSeen:
    """All tickets made since the draft was first stamped, with their first comments. `recorded` and `settled` as for
    notes."""

    tickets: tuple[Ticket, ...]
    owner: int
    recorded: Collection[Reference] = ()
    settled: bool = False


def draft_step(case: DraftCase, seen: TicketsSeen) -> TicketStep:
    """Return what to do with a draft. The order of the rules is the order of the table."""
    if case.stamped_by is not None and case.stamped_by != seen.owner:
        return Leave("it was begun with another technician's key, and is left to them")
    there = _opened_by(seen, case.reference)
    named = [t for t in seen.tickets if t.id == case.ticket]
    if case.ticket is not None:
        return RecordTicket(named[0]) if named else Doubt(f"there is no ticket with the id {case.ticket}")
    if there and case.reference in seen.recorded:
        return Doubt("the audit trail has it already: a copy, or the same draft again on that day", tickets=there)
    if len(there) > 1:
        return Doubt("more than one ticket carries its reference", tickets=there)
    if there:
        return RecordTicket(there[0])
    old = [r for r in (case.stamped, *case.earlier) if r and r != case.reference]
    theirs = tuple(
        t for t in seen.tickets if _is_a_colleagues(t, {case.reference, *old}, seen) and t.id not in case.passed
    )
    if theirs:
        return Doubt("a colleague has created it: its first comment is another Syncro user's", tickets=theirs)
    before = tuple(t for r in old for t in _opened_by(seen, r) if t.id not in case.passed)
    if before:
        return Doubt("it was created, and changed or copied afterwards", tickets=before)
    again = tuple(
        t for r in case.before if r in case.other_days for t in _opened_by(seen, r) if t.id not in case.passed
    )
    if again:
        return Doubt("this very file became a ticket on another day: saved once more, or another one", tickets=again)
    elsewhere = [r for r in _references(seen) if r in case.other_days and r not in seen.recorded]
    copies = tuple(t for r in elsewhere for t in _opened_by(seen, r) if t.id not in case.passed)
    if copies:
        return Doubt("it was created from elsewhere, on another day", tickets=copies)
    twins = _twins(case, seen)
    if twins:
        return Doubt("a ticket of yours says the same, and does not carry its reference", tickets=twins)
    if case.in_flight and not seen.settled:
        return Wait()
    return Restamp() if case.stamped not in (None, case.reference) else Send()


def _is_a_colleagues(ticket: Ticket, references: Collection[Reference], seen: TicketsSeen) -> bool:
    first = ticket.comments[0] if ticket.comments else None
    if first is None or first.user_id in (None, seen.owner):
        return False
    return closing_reference(first.body) in references


def _opened_by(seen: TicketsSeen, reference: Reference) -> tuple[Ticket, ...]:
    """Tickets whose first comment is the key owner's and has the reference on its last line."""
    return tuple(
        t
        for t in seen.tickets
        if t.comments and t.comments[0].user_id == seen.owner and closing_reference(t.comments[0].body) == reference
    )


def _references(seen: TicketsSeen) -> list[Reference]:
    """The references that tickets were opened with."""
    found = (closing_reference(t.comments[0].body) for t in seen.tickets if t.comments)
    return [reference for reference in found if reference is not None]


def _twins(case: DraftCase, seen: TicketsSeen) -> tuple[Ticket, ...]:
    """Tickets of that customer with that subject that may be this one: the first comment is the key owner's and says
    the same, or holds one of its references somewhere, and answers for no other; or, where it may be under way, it is
    newer than the stamp, whatever it shows."""

    words = bare_words(case.body)
    references = {case.reference, *case.earlier, *([case.stamped] if case.stamped else [])}

    def is_suspicious(ticket: Ticket) -> bool:
        if ticket.customer_id != case.customer_id or ticket.id in case.passed or ticket.subject != case.subject:
            return False
        first = ticket.comments[0] if ticket.comments else None
        if first is not None and closing_reference(first.body) is not None:
            return False
        if case.in_flight and ticket.id > case.after:
            return True
        if first is None or first.user_id != seen.owner:
            return False
        return is_alike(words, first.body) or any(mentions(first.body, r) for r in references)

    return tuple(t for t in seen.tickets if is_suspicious(t))
