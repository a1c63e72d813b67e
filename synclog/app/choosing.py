"""Which customer is meant: by id, or by words of the name, among those who have a card here, else asked of Syncro."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from synclog.app.drafts import customers_here
from synclog.core.cleantext import clean_line
from synclog.core.names import matching_people, near_people
from synclog.errors import NotFound, UsageError
from synclog.model import Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from synclog.app.session import Session
    from synclog.workspace.workspace import Workspace

_LONGEST_ID, _SHOWN = 18, 5


@dataclass(frozen=True, slots=True)
class Choice:
    """Customers, by id and name, whom some words may mean: one who is meant, or several. Where they fit nobody, `near`
    are those who come nearest."""

    fitting: tuple[Person, ...]
    near: tuple[Person, ...] = ()


def choose_customer(workspace: Workspace, words: str, connected: Callable[[], Session]) -> Choice:
    """Return whom `words` mean, an id or words of a name. Syncro is asked where nobody with a card fits; only then is
    `connected` called. Raises UsageError for an id that Syncro does not know, and what the client raises."""
    here = tuple(Person(i, clean_line(name)) for i, name in sorted(customers_here(workspace).items()))
    asked = words.strip()
    if asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST_ID:
        return Choice((_by_id(here, int(asked), connected),))
    if not asked:
        raise UsageError("the customer is missing", remedy="give the id, or words of the name")
    if found := matching_people(asked, here):
        return Choice(found)
    there = _search(connected(), asked)
    found = matching_people(asked, there)
    return Choice(found) if found else Choice((), _without_doubles((*there[:_SHOWN], *near_people(asked, here))))


def _by_id(here: tuple[Person, ...], customer_id: int, connected: Callable[[], Session]) -> Person:
    for person in here:
        if person.id == customer_id:
            return person
    try:
        customer = connected().client.customer(customer_id)
    except NotFound:
        remedy = "give words of the name instead: the customers who fit are shown with their ids"
        raise UsageError(f"there is no customer {customer_id} in Syncro", remedy=remedy) from None
    return Person(customer.id, clean_line(customer.name))


def _search(session: Session, words: str) -> tuple[Person, ...]:
    """Whom Syncro finds: by all of the words, else by each."""
    for query in dict.fromkeys((words, *sorted(words.split(), key=len, reverse=True))):
        if found := session.client.search_customers(query):
            return tuple(Person(customer.id, clean_line(customer.name)) for customer in found)
    return ()


def _without_doubles(people: tuple[Person, ...]) -> tuple[Person, ...]:
    return tuple({person.id: person for person in people}.values())
