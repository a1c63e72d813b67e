"""Names: in full, with the id, or by a part that fits only one; never a guess."""

from __future__ import annotations

import pytest

from synclog.core.names import (
    NameProblem,
    display_names,
    match_beginning,
    match_name,
    match_text,
    matching_people,
    near_people,
    written_id,
)
from synclog.model import Person

PEOPLE = (
    Person(1, "Mika Sandoval"),
    Person(2, "Daniel Reyes"),
    Person(3, "Daniel Reyes"),
    Person(4, "Jörg Ångström"),
    Person(5, "Ann Lee"),
    Person(6, "Joann Leeds"),
)


@pytest.mark.parametrize(
    ("written", "person"),
    [
        ("Mika Sandoval", 1),
        ("mika   SANDOVAL", 1),
        ("sando", 1),
        ("jörg", 4),
        ("JO\u0308RG A\u030angstro\u0308m", 4),
        ("Ann Lee", 5),
        ("Leeds", 6),
        ("Daniel Reyes (#3)", 3),
        ("reyes (#2)", 2),
        ("#2", 2),
        ("(#2)", 2),
    ],
)
def test_a_name_is_matched_in_full_by_its_id_or_by_an_unambiguous_part(written: str, person: int) -> None:
    found = match_name(written, PEOPLE)
    assert isinstance(found, Person)
    assert found.id == person


def test_a_shared_name_needs_its_id_and_the_problem_shows_how() -> None:
    assert match_name("Daniel Reyes", PEOPLE) == NameProblem("Daniel Reyes", ("Daniel Reyes (#2)", "Daniel Reyes (#3)"))


def test_a_part_of_two_names_is_not_guessed() -> None:
    assert match_name("ann", PEOPLE) == NameProblem("ann", ("Ann Lee", "Joann Leeds"))


@pytest.mark.parametrize("written", ["Sandy", "", "  ", "Daniel Reyes (#1)", "Mika Sandoval (#99)", "#99"])
def test_a_name_that_fits_nobody_or_belies_its_id_matches_nobody(written: str) -> None:
    assert match_name(written, PEOPLE) == NameProblem(written)


def test_names_are_shown_with_the_id_only_where_two_share_one() -> None:
    shown = display_names(PEOPLE)
    assert shown[1] == "Mika Sandoval"
    assert (shown[2], shown[3]) == ("Daniel Reyes (#2)", "Daniel Reyes (#3)")


def test_every_shown_name_is_matched_to_its_person() -> None:
    for person, name in display_names(PEOPLE).items():
        found = match_name(name, PEOPLE)
        assert isinstance(found, Person)
        assert found.id == person


def test_a_status_is_matched_by_the_same_rules() -> None:
    statuses = ("New", "In Progress", "Waiting on Customer", "Waiting on Vendor")
    assert match_text("in progress", statuses) == "In Progress"
    assert match_text("vendor", statuses) == "Waiting on Vendor"
    assert match_text("waiting", statuses) == NameProblem("waiting", ("Waiting on Customer", "Waiting on Vendor"))
    assert match_text("Done", statuses) == NameProblem("Done")


def test_the_id_that_a_name_was_written_with_is_found() -> None:
    assert written_id("Daniel Reyes (#3)") == 3
    assert written_id("Daniel Reyes") is None


def test_a_beginning_comes_before_a_part() -> None:
    options = ("New", "In Progress", "Resolved", "Invoiced")
    assert match_beginning("res", options) == "Resolved"
    assert match_beginning("progress", options) == "In Progress"
    assert match_beginning("in", options) == NameProblem("in", ("In Progress", "Invoiced"))
    assert match_beginning(" ", options) == NameProblem(" ")


CUSTOMERS = (Person(1, "Hollow Oak Dental"), Person(2, "Hollow Oak Dental Lab"), Person(3, "Quarry Road Dental"))


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("hollow  OAK dental", [1]),
        ("dental oak", [1, 2]),
        ("lab", [2]),
        ("dental", [1, 2, 3]),
        ("lab quarry", []),
        (" ", []),
    ],
)
def test_words_mean_who_is_called_so_in_full_else_whoever_has_them_all(words: str, ids: list[int]) -> None:
    assert [person.id for person in matching_people(words, CUSTOMERS)] == ids


def test_near_ones_are_a_slip_away() -> None:
    assert [person.id for person in near_people("qarry", CUSTOMERS)] == [3]
    assert near_people("zzzz", CUSTOMERS) == ()
