"""Which customers are meant by words: of their own name and addresses, or of their contacts'."""

from __future__ import annotations

import unicodedata

from synclog.model import Customer, Person

_APOSTROPHES = "'’‘`´"
"""Nobody types them: `lens auto` is Len's Auto Brokerage."""


def fits(customer: Customer, query: str) -> bool:
    """Return whether every word of `query` is in what is known of a customer: name, id, e-mail, phone, address,
    contacts. Case and accents make no difference; a word of digits is sought in phone numbers whatever is between
    theirs. No word fits nobody."""
    told = [str(customer.id), customer.name, customer.address, *_reach(customer), customer.mobile]
    for person in customer.contacts:
        told += [person.name, *_reach(person)]
    text = "\n".join(_folded(part) for part in told if part)
    words = _folded(query).split()
    return bool(words) and all(word in text for word in words)


def fitting_contacts(customer: Customer, query: str) -> tuple[Person, ...]:
    """Return a customer's contacts that a word of `query` is about which the customer itself has nothing of."""
    own = _folded("\n".join(part for part in (str(customer.id), customer.name, *_reach(customer)) if part))
    words = [word for word in _folded(query).split() if word not in own]
    texts = {p.id: _folded("\n".join(part for part in (p.name, *_reach(p)) if part)) for p in customer.contacts}
    return tuple(person for person in customer.contacts if any(word in texts[person.id] for word in words))


def _reach(one: Customer | Person) -> tuple[str, ...]:
    """E-mail and phone, the latter also as bare digits."""
    digits = "".join(filter(str.isdigit, one.phone or ""))
    return tuple(part for part in (one.email, one.phone, digits) if part)


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one) and one not in _APOSTROPHES)
