"""The wire shapes of people and of the account: users, customers, contacts, `me`, settings."""

from __future__ import annotations

from synclog.model import AccountSettings, Customer, Me, Person
from synclog.syncro.shapes import Record, ShapeError, id_of, text_of, unwrapped


def me(document: object) -> Me:
    """Read `GET /me`, a flat object. Its `user_token` is never looked at."""
    record = Record(document, "the answer about the key's owner")
    return Me(
        user_id=record.id("user_id", "id"),
        name=record.shown("user_name", "name", "user_email") or "",
        email=record.shown("user_email", "email"),
        subdomain=record.shown("subdomain"),
    )


def users(document: object) -> tuple[Person, ...]:
    """Read `GET /users`: a list of pairs `[id, name]`, not of objects."""
    outer = Record(document, "the answer for users")
    if not outer.has("users"):
        raise ShapeError("it holds no `users`")
    return tuple(_user(item) for item in outer.list("users"))


def _user(item: object) -> Person:
    if isinstance(item, dict):
        return person(Record(item, "user"))
    if isinstance(item, list) and len(item) >= 2 and isinstance(item[1], str):
        user_id = id_of(item[0])
        if user_id is not None:
            return Person(user_id, text_of(item[1]).strip())
    raise ShapeError("a user is neither a pair of id and name nor an object")


def person(record: Record) -> Person:
    """Read a user or a contact. A contact's `phone` stands before its `mobile`."""
    return Person(
        id=record.id("id"),
        name=record.shown("full_name", "name", "fullname") or _both_names(record) or record.shown("email") or "",
        email=record.shown("email"),
        phone=record.shown("phone", "mobile"),
    )


def customer(record: Record) -> Customer:
    """Read a customer, from a list or from its detail."""
    name = record.shown("business_name", "fullname", "business_then_name") or _both_names(record)
    found = (Record(item, "contact") for item in record.list("contacts") if isinstance(item, dict))
    return Customer(
        id=record.id("id"),
        name=name or record.shown("email") or "",
        email=record.shown("email"),
        phone=record.shown("phone"),
        mobile=record.shown("mobile"),
        address=_address(record),
        contacts=tuple(person(contact) for contact in found if contact.maybe_id("id") is not None),
        prepay_hours=record.maybe_number("prepay_hours"),
    )


def customer_answer(document: object) -> Customer:
    """Read an answer about one customer."""
    return customer(unwrapped(document, "customer"))


def account_settings(document: object) -> AccountSettings:
    """Read `GET /tickets/settings`, a flat object."""
    record = Record(document, "the answer for the settings")
    if not record.has("ticket_status_list"):
        raise record.lacks("ticket_status_list")
    types = (Record(item, "ticket type") for item in record.list("ticket_types") if isinstance(item, dict))
    return AccountSettings(
        statuses=_names(record, "ticket_status_list"),
        technicians=tuple(_user(item) for item in record.list("users")),
        problem_types=_names(record, "problem_types") or _names(record, "ticket_problem_types"),
        ticket_types=tuple(person(kind) for kind in types if kind.maybe_id("id") is not None),
        default_labor_product_id=record.maybe_id("default_labor_product_id"),
    )


def _names(record: Record, name: str) -> tuple[str, ...]:
    items = ({"name": item} if isinstance(item, str) else item for item in record.list(name))
    named = (Record(item, name).shown("name") for item in items if isinstance(item, dict))
    return tuple(dict.fromkeys(text for text in named if text))


def _both_names(record: Record) -> str:
    return " ".join(part for part in (record.shown("firstname"), record.shown("lastname")) if part)


def _address(record: Record) -> str | None:
    zipped = " ".join(part for part in (record.shown("state"), record.shown("zip")) if part)
    parts = (record.shown("address", "address1"), record.shown("address_2", "address2"), record.shown("city"), zipped)
    return ", ".join(part for part in parts if part) or None
