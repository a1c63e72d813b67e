"""Fields that are wanted, in the account's own words: matched, never guessed, and only what differs is a change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.wanted import Lists, changes_to, tags_after, values_of, wanted_of
from synclog.errors import UsageError
from synclog.model import Person

STATUSES = ("New", "In Progress", "Waiting on Customer", "Waiting on Vendor", "Resolved", "Invoiced")
PEOPLE = (Person(1, "Mika Sandoval"), Person(2, "Daniel Reyes"), Person(3, "Daniel Reyes"), Person(4, "A\u200bnn"))
LISTS = Lists(STATUSES, ("Server", "Network"), PEOPLE, (Person(9, "Len Ford"),), Person(3, "Daniel Reyes"))


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("status", "res", "Resolved"),
        ("status", "IN P", "In Progress"),
        ("status", "vendor", "Waiting on Vendor"),
        ("status", "new", "New"),
        ("problem_type", "net", "Network"),
        ("assigned_to", "sando", "Mika Sandoval"),
        ("assigned_to", "#2", "Daniel Reyes (#2)"),
        ("assigned_to", "me", "Daniel Reyes (#3)"),
        ("assigned_to", "none", None),
        ("contact", "len", "Len Ford"),
        ("contact", "", None),
        ("priority", "0 Urgent", "0 Urgent"),
        ("subject", "none", "none"),
    ],
)
def test_what_is_typed_becomes_the_accounts_own_words(field: str, typed: str, value: str | None) -> None:
    assert values_of(wanted_of({field: typed}), LISTS) == {field: value}


@pytest.mark.parametrize(
    ("field", "typed", "instead"),
    [
        ("status", "wait", "Waiting on Customer, Waiting on Vendor"),
        ("status", "in", "In Progress, Invoiced"),
        ("status", "none", "New, In Progress"),
        ("assigned_to", "daniel", "Daniel Reyes (#2), Daniel Reyes (#3)"),
        ("contact", "mika", "Len Ford"),
    ],
)
def test_a_word_that_fits_nothing_or_several_is_answered_with_what_there_is(
    field: str, typed: str, instead: str
) -> None:
    with pytest.raises(UsageError) as refused:
        values_of(wanted_of({field: typed}), LISTS)
    assert instead in refused.value.remedy


@pytest.mark.parametrize("field", ["status", "subject"])
def test_what_every_ticket_has_is_never_cleared(field: str) -> None:
    with pytest.raises(UsageError, match="can't be empty"):
        wanted_of({field: " \u200b"})


def test_without_lists_names_stay_as_typed() -> None:
    typed: dict[str, str | None] = {"status": "res", "assigned_to": "mika", "contact": "len"}
    assert values_of(wanted_of(typed), Lists()) == typed


def test_a_person_whose_name_can_not_be_written_is_found_again_by_id() -> None:
    assert values_of(wanted_of({"assigned_to": "#4"}), LISTS) == {"assigned_to": "#4"}


def test_only_what_differs_is_a_change() -> None:
    fields = {"status": "New", "tags": ("one", "two"), "contact": None}
    wanted = wanted_of({"contact": "none", "status": "new"}, add=("two",), remove=("three",))
    assert changes_to(fields, values_of(wanted, LISTS), wanted) == {}


@given(
    there=st.lists(st.sampled_from("abc"), unique=True),
    add=st.lists(st.sampled_from("abcd")),
    remove=st.lists(st.sampled_from("ABCD")),
)
def test_tags_are_a_set_and_asking_twice_is_asking_once(there: list[str], add: list[str], remove: list[str]) -> None:
    wanted = wanted_of({}, add=add, remove=remove)
    after = tags_after(tuple(there), wanted)
    assert set(after) == (set(there) | set(add)) - {tag.lower() for tag in remove}
    assert len(after) == len(set(after))
    assert tags_after(after, wanted) == after
