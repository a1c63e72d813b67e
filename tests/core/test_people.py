"""A customer is found by what a technician knows of them: a word of the name, a number on the phone, a contact."""

from __future__ import annotations

import pytest

from synclog.core.people import fits, fitting_contacts
from synclog.model import Customer, Person

LEN = Customer(
    24152385,
    "Len's Auto Brokerage",
    "len@lensauto.example",
    "602-555-0114",
    "602-555-0100",
    "12 Main St, Phoenix",
    (Person(1, "Mia Ångström", "mia@lensauto.example", "480 555 0199"), Person(2, "Bo Diaz")),
)


@pytest.mark.parametrize(
    "query",
    ["len", "lens AUTO", "brokerage len", "24152385", "6025550114", "602-555", "@lensauto", "angstrom", "main st"],
)
def test_every_word_has_to_fit_whatever_its_case_and_accents(query: str) -> None:
    assert fits(LEN, query)


@pytest.mark.parametrize("query", ["lens bakery", "zoe", "", "  "])
def test_one_word_that_does_not_fit_is_enough(query: str) -> None:
    assert not fits(LEN, query)


def test_the_contact_is_named_where_the_customer_itself_does_not_show_why() -> None:
    assert [person.id for person in fitting_contacts(LEN, "lens mia")] == [1]
    assert fitting_contacts(LEN, "lens auto") == ()
    assert [person.id for person in fitting_contacts(LEN, "4805550199")] == [1]
