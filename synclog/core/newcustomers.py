"""A customer who is to be made: the durable intent on a card without an id, and what to do next by what is there.

    of that name, besides those       no intent    an intent, which may be under way    after a `settle`
    who had it when it was begun
    nobody                            send         wait                                 send
    one customer                      exists       record                               record
    several                           exists       doubtful                             doubtful

With `another` one who exists is no reason not to send. A run that has sent itself does not send a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from synclog.core.cleantext import clean_line
from synclog.core.clientcard import CARD_KEYS, updated_card
from synclog.core.document import parse_document
from synclog.core.frontedit import content_of, remove_keys, set_values
from synclog.core.names import folded, same_name
from synclog.core.references import short_hash
from synclog.core.yamlemit import Emittable, emit
from synclog.errors import UsageError
from synclog.model import Customer

STATE = "synclog"
_LONGEST = 100

Step = Literal["send", "wait", "record", "exists", "doubtful"]


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to make, by Syncro's names of the fields; None is not said. `business_name` is the name."""

    business_name: str
    firstname: str | None = None
    lastname: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    address: str | None = None

    @property
    def sends(self) -> dict[str, str]:
        """What Syncro is sent."""
        said = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in said if value is not None}


@dataclass(frozen=True, slots=True)
class Intent:
    """The card of a customer who was begun to be made. `known` are the ids of the customers who had that name before,
    `by` is the Syncro user whose key it was."""

    path: str
    text: str
    name: str
    known: tuple[int, ...]
    by: int
    at: str


def new_customer(name: str, **more: str | None) -> NewCustomer:
    """Return who is to be made, each text made one line, and empty ones left out. Raises UsageError without a name."""
    said = {key: clean_line(value) or None for key, value in more.items() if value is not None}
    if not clean_line(name):
        raise UsageError("the name is empty", remedy="say what the customer is called")
    return NewCustomer(clean_line(name), **said)


def with_intent(text: str | None, new: NewCustomer, *, known: Iterable[int], by: int, at: datetime) -> str:
    """Return the card that says what is going to be sent, by whom and when; `text` is the card that lies there."""
    state: dict[str, Emittable] = {
        "create": {"sends": new.sends, "besides": tuple(known), "by": by, "at": at.isoformat(timespec="milliseconds")}
    }
    shown = {"customer": new.business_name, **{k: v for k, v in new.sends.items() if k in CARD_KEYS}}
    if text is None:
        text = "---\n" + "".join(f"{key}: {emit(value)}\n" for key, value in shown.items()) + "---\n"
    return set_values(text, {**shown, STATE: state}, CARD_KEYS)


def intent_of(text: str, path: str) -> Intent | None:
    """Return the intent that a card holds, None where it is a customer's, or says nothing of one. Raises InvalidFile
    for a card that may hold one and can't be read."""
    if f"\n{STATE}:" not in text:
        return None
    document = parse_document(text, path)
    content = content_of(document)
    begun = _inner(content.get(STATE), "create")
    name = _inner(begun, "sends").get("business_name")
    if document.base is not None or not isinstance(name, str) or not name:
        return None
    known = begun.get("besides")
    ids = tuple(_whole(one) for one in known) if isinstance(known, tuple) else ()
    return Intent(path, text, name, ids, _whole(begun.get("by")), str(begun.get("at") or ""))


def without_intent(text: str) -> str | None:
    """Return the card without its intent; None where nothing else is on it than what the intent put there."""
    document = parse_document(text, "")
    own = set(content_of(document)) - {*CARD_KEYS, STATE}
    return remove_keys(text, (STATE,)) if own or document.scratch.strip() else None


def made_card(text: str | None, customer: Customer, path: str) -> str:
    """Return the card of a customer who is there now; what the technicians wrote on the intent's card stays."""
    card = updated_card(text, customer, path)
    return remove_keys(card, (STATE,), path=path)


def of_that_name(name: str, customers: Iterable[Customer]) -> tuple[Customer, ...]:
    """Return the customers who are called exactly so, whatever case and spaces, by id."""
    found = {customer.id: customer for customer in customers if same_name(customer.name, name)}
    return tuple(found[i] for i in sorted(found))


def customer_step(
    intent: Intent | None, there: Sequence[Customer], *, sent: bool, settled: bool, another: bool
) -> tuple[Step, tuple[Customer, ...]]:
    """Return what to do next, and the customers that it is about. `there` are all of that name; `sent` says that one of
    that name was sent from this clone lately, whatever became of the card with its intent."""
    if intent is None:
        if there and not another:
            return "exists", tuple(there)
        return ("wait" if sent and not settled else "send"), tuple(there)
    fresh = tuple(customer for customer in there if customer.id not in intent.known)
    if not fresh:
        return ("send" if settled else "wait"), ()
    return ("record" if len(fresh) == 1 else "doubtful"), fresh


def sent_mark(name: str) -> str:
    """Return the word by which a clone remembers that a customer of that name was sent."""
    return f"customer-{short_hash(folded(name))}"


def record_message(customer: Customer) -> str:
    """Return the commit message that tells of a customer who was made."""
    name = clean_line(customer.name)[:_LONGEST]
    return f"push: customer {name}\n\nSynclog-Op: create\nSyncro-Customer: {customer.id}\n"


def _inner(value: object, key: str) -> Mapping[str, object]:
    inner = value.get(key) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _whole(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18 else 0
