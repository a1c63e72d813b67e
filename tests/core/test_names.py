"""Names: in full, with the id, or by a part that fits only one; never a guess."""

from __future__ import annotations

import pytest

from synclog.core.names import NameProblem, display_names, match_name, match_text, written_id
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
