"""How a customer is invoiced: the technicians' own key `invoicing:` of the customer's card.

`recurring` says that the customer gets recurring invoices, which collect what is pending: a ticket of such a customer
is never invoiced by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from synclog.core.cleantext import clean_line
from synclog.core.document import parse_document
from synclog.core.frontedit import content_of
from synclog.core.work import Held, TicketWork
from synclog.errors import InvalidFile

KEY = "invoicing"
RECURRING = "recurring"
BY_TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class NoInvoice:
    """Why no ticket of a customer is invoiced by itself, and what to do where one is asked for. `recurring`: it is
    meant so; otherwise that is not known."""

    reason: str
    remedy: str
    recurring: bool = False


def no_invoice(card: str, path: str) -> NoInvoice | None:
    """Return why no ticket of the customer whose card this is may be invoiced by itself, None where it may.

    A card that can't be read, or that says what is not understood, may have meant `recurring`: nothing is guessed.
    """
    try:
        written = content_of(parse_document(card, path)).get(KEY)
    except InvalidFile:
        return NoInvoice(
            f"{path} can't be read, which says how the customer is invoiced", "mend it; `synclog pull` names the line"
        )
    said = clean_line(written).casefold() if isinstance(written, str) else written
    if said in (None, "", BY_TICKET):
        return None
    if said == RECURRING:
        return NoInvoice(
            f"the customer is invoiced by recurring invoices (`{KEY}: {RECURRING}` in {path}), never by ticket",
            "take `invoice: true` out of the ticket's file; its time and charges wait for the recurring invoice",
            recurring=True,
        )
    shown = f"`{KEY}: {said}`" if isinstance(said, str) else f"`{KEY}:`"
    return NoInvoice(f"{shown} in {path} is not understood", f"write `{KEY}: {RECURRING}`, or `{KEY}: {BY_TICKET}`")


def without_invoice(work: TicketWork, why: NoInvoice) -> TicketWork:
    """Return the work with its invoice held back, and the changes that come after it."""
    late = [Held(change.field, "it waits for the ticket's invoice", "", change.line, False) for change in work.changes]
    held = (*work.held, Held("invoice", why.reason, why.remedy, 0, True), *late)
    return replace(work, invoice=None, changes=(), held=held)
