"""A customer's card, `client.md`: Syncro's part kept current, the technicians' own keys and text kept as they are.

The mirrored keys and all below the marker are Syncro's; an edit there is put back by the next pull, being in git.
Cards are never sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from synclog.core.cleantext import clean_line
from synclog.core.document import MARKER, decode_base, encode_base, parse_document, read_bytes, with_mirror
from synclog.core.frontedit import content_of, set_values
from synclog.core.yamlemit import Emittable, emit
from synclog.model import Customer, Person

CARD_KEYS = ("customer", "id", "email", "phone", "mobile", "address")
"""The mirrored keys, in the order of a new card."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card, valid. `fields` are the mirrored keys as the file has them; `extra` are the technicians' own."""

    path: str
    text: str
    id: int | None
    fields: Mapping[str, str | None]
    extra: tuple[str, ...]
    scratch: str
    mirror: str
    base: Mapping[str, object] | None


def parse_card(raw: bytes | str, path: str) -> Card:
    """Return the card that `raw` holds. Raises InvalidFile when its front matter can't be read."""
    text = read_bytes(raw, path) if isinstance(raw, bytes) else raw
    document = parse_document(text, path)
    content = content_of(document)
    fields = {key: value if isinstance(value := content.get(key), str) else None for key in CARD_KEYS}
    return Card(
        path=path,
        text=text,
        id=_whole((document.base or {}).get("id")) or _whole(fields["id"]),
        fields=fields,
        extra=tuple(key for key in content if key not in CARD_KEYS),
        scratch=document.scratch,
        mirror=document.mirror,
        base=document.base,
    )


def card_id(text: str | None) -> int | None:
    """Return the customer's id from a card's base line, without reading the rest; None without a card or a base."""
    return _whole((decode_base(text) or {}).get("id")) if text else None


def card_customer(text: str) -> Customer | None:
    """Return the customer whom a card's base line tells of, without reading the rest; None without one."""
    base = decode_base(text) or {}
    customer_id = _whole(base.get("id"))
    if customer_id is None:
        return None
    name, email, phone, mobile, address = (
        value if isinstance(value := base.get(key), str) else None for key in CARD_KEYS if key != "id"
    )
    return Customer(customer_id, name or "", email, phone, mobile, address, tuple(_contacts_of(base)))


def render_card(customer: Customer) -> str:
    """Return the text of a card for a customer who has none."""
    front = "".join(f"{key}: {emit(value)}\n" for key, value in _fields(customer).items())
    return f"---\n{front}---\n\n{MARKER}\n{_mirror(customer)}\n{encode_base(_base(customer))}\n"


def updated_card(text: str | None, customer: Customer, path: str, met: Iterable[Person] = ()) -> str:
    """Return the card brought up to date, a new one where `text` is None.

    A ticket's detail may show its customer without contacts; then those that were `met` on tickets add up, from the
    card's base on. Only mirrored keys and what is below the marker change. Raises InvalidFile when the card can't be
    read.
    """
    base = (parse_card(text, path).base or {}) if text is not None else {}
    if not customer.contacts:
        known = {person.id: person for person in (*_contacts_of(base), *met)}
        customer = replace(customer, contacts=tuple(known.values()))
    if text is None:
        return render_card(customer)
    fresh = set_values(text, _fields(customer), CARD_KEYS, path=path)
    return with_mirror(fresh, _mirror(customer), {**base, **_base(customer)})


def _contacts_of(base: Mapping[str, object]) -> Iterator[Person]:
    """The contacts that a card's base holds, as far as they make sense."""
    rows = base.get("contacts")
    for row in rows if isinstance(rows, list) else ():
        match row:
            case [int(id_), str(name), str() | None as email, str() | None as phone]:
                yield Person(id_, name, email, phone)


def _fields(customer: Customer) -> dict[str, Emittable]:
    return {
        "customer": clean_line(customer.name),
        "id": customer.id,
        "email": _line(customer.email),
        "phone": _line(customer.phone),
        "mobile": _line(customer.mobile),
        "address": _line(customer.address),
    }


def _base(customer: Customer) -> dict[str, object]:
    people = sorted(customer.contacts, key=lambda person: person.id)
    contacts = [[p.id, clean_line(p.name), _line(p.email), _line(p.phone)] for p in people]
    return {**_fields(customer), "contacts": contacts}


def _line(text: str | None) -> str | None:
    return clean_line(text or "") or None


def _mirror(customer: Customer) -> str:
    rows = [_row(person) for person in sorted(customer.contacts, key=lambda person: (person.name, person.id))]
    return "\n".join(("", "## Contacts", "", _row_of("name", "e-mail", "phone", "id"), "|---|---|---|---|", *rows, ""))


def _row(person: Person) -> str:
    return _row_of(person.name, person.email or "", person.phone or "", str(person.id))


def _row_of(*cells: str) -> str:
    """A line of a table; nothing in a cell can end it, or begin a comment."""
    safe = (clean_line(c).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for c in cells)
    return f"| {' | '.join(safe)} |"


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
