"""What somebody wants a ticket's fields to be, typed as words, in the account's own words; and what that changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synclog.core.cleantext import clean_line
from synclog.core.merge import Value, same
from synclog.core.names import NameProblem, display_names, match_beginning, match_name
from synclog.core.ticketkeys import REQUIRED
from synclog.errors import UsageError
from synclog.model import Person

ME, NONE = "me", "none"
"""Words: the owner of the key; and nothing, which clears a field."""

_PEOPLE = ("assigned_to", "contact")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Fields as they were typed. `texts` are by field, None to clear it. `tags` are all that a ticket is to have, None
    where that was not said; then `tags_added` and `tags_removed` are single ones."""

    texts: Mapping[str, str | None]
    tags: tuple[str, ...] | None = None
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that something was said of."""
        tags = self.tags is not None or self.tags_added or self.tags_removed
        return (*self.texts, *(("tags",) if tags else ()))


@dataclass(frozen=True, slots=True)
class Lists:
    """What names are matched against; None is not known, and then names are taken as typed. `me` is the key's owner."""

    statuses: Sequence[str] | None = None
    problem_types: Sequence[str] | None = None
    technicians: Sequence[Person] | None = None
    contacts: Sequence[Person] | None = None
    me: Person | None = None


def wanted_of(
    texts: Mapping[str, str | None], *, tags: str | None = None, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Wanted:
    """Return what options say: `texts` by field (None: not given), `tags` with commas between them.

    An empty text and `none` clear a field. Raises UsageError where it can't be empty.
    """
    found: dict[str, str | None] = {}
    for name, text in texts.items():
        if text is None:
            continue
        cleaned = clean_line(text)
        empty = not cleaned or (cleaned.casefold() == NONE and name not in REQUIRED)
        if empty and name in REQUIRED:
            raise UsageError(f"{shown(name)} can't be empty", remedy="give it a value, or leave the option out")
        found[name] = None if empty else cleaned
    everything = None
    if tags is not None:
        everything = () if tags.strip().casefold() == NONE else _tags(tags.split(","))
    return Wanted(found, everything, _tags(add), _tags(remove))


def shown(name: str) -> str:
    """Return what a field is called in a sentence."""
    return name.replace("_", " ")


def values_of(wanted: Wanted, lists: Lists) -> dict[str, Value]:
    """Return the values of `wanted.texts` as a ticket's file has them. Raises UsageError for a name that fits nobody or
    several, which says what there is."""
    return {name: None if text is None else _value(name, text, lists) for name, text in wanted.texts.items()}


def changes_to(fields: Mapping[str, Value], values: Mapping[str, Value], wanted: Wanted) -> dict[str, Value]:
    """Return what has to change of `fields` so that they have these `values`, and the tags that are `wanted`."""
    asked = dict(values)
    if "tags" in wanted.fields:
        asked["tags"] = tags_after(fields.get("tags"), wanted)
    return {name: value for name, value in asked.items() if not same(fields.get(name), value)}


def tags_after(now: Value, wanted: Wanted) -> tuple[str, ...]:
    """Return the tags that a ticket with the tags `now` is to have: a set, in the order in which they came."""
    there = now if isinstance(now, tuple) else ()
    gone = {tag.casefold() for tag in wanted.tags_removed}
    kept = (*(there if wanted.tags is None else wanted.tags), *wanted.tags_added)
    return tuple(dict.fromkeys(tag for tag in kept if tag.casefold() not in gone))


def _tags(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(tag for tag in map(clean_line, texts) if tag)


def _value(name: str, text: str, lists: Lists) -> str:
    if name == "assigned_to" and text.casefold() == ME and lists.me is not None:
        return _written(lists.me, lists.technicians or (lists.me,))
    if name in _PEOPLE:
        people = lists.technicians if name == "assigned_to" else lists.contacts
        if people is None:
            return text
        person = match_name(text, people)
        if isinstance(person, NameProblem):
            raise _unknown(name, person, list(display_names(people).values()))
        return _written(person, people)
    options = {"status": lists.statuses, "problem_type": lists.problem_types}.get(name)
    if not options:
        return text
    found = match_beginning(text, options)
    if isinstance(found, NameProblem):
        raise _unknown(name, found, options)
    return clean_line(found)


def _written(person: Person, people: Sequence[Person]) -> str:
    """A person's name as a file has it, by which they are found again: with the id where others have that name."""
    name = clean_line(display_names((*people, person))[person.id])
    found = match_name(name, people)
    return name if isinstance(found, Person) and found.id == person.id else f"#{person.id}"


def _unknown(name: str, problem: NameProblem, options: Sequence[str]) -> UsageError:
    where = "customer" if name == "contact" else "account"
    said = (
        f"`{problem.written}` fits more than one"
        if problem.candidates
        else f"`{problem.written}` is none of this {where}"
    )
    return UsageError(clean_line(f"{shown(name)}: {said}"), remedy=clean_line(problem.instead(options)))
