"""The field-wise merge: nobody's change is lost, and only both sides' different changes are a conflict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.merge import Conflict, Merged, Value, merge_fields, same

FIELDS = ("subject", "status", "tags")


def merged(base: Value, mine: Value, theirs: Value, standing: Conflict | None = None) -> Merged:
    conflicts = {"status": standing} if standing else {}
    return merge_fields(("status",), {"status": base}, {"status": mine}, {"status": theirs}, conflicts)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "value", "conflict"),
    [
        ("New", "New", "New", None, None),
        ("New", "New", "Resolved", "Resolved", None),
        ("New", "In Progress", "New", None, None),
        ("New", "Resolved", "Resolved", None, None),
        ("New", "In Progress", "Resolved", None, Conflict("Resolved", "New")),
        (None, None, "Mike Sorrel", "Mike Sorrel", None),
        ("Mike Sorrel", "Mike Sorrel", None, None, None),
    ],
)
def test_each_row_of_the_table(
    base: Value, mine: Value, theirs: Value, value: Value, conflict: Conflict | None
) -> None:
    result = merged(base, mine, theirs)
    takes_nothing = base == mine and theirs is None and base is not None
    expected = {"status": value} if value is not None or takes_nothing else {}
    assert result.values == expected
    assert result.conflicts == ({"status": conflict} if conflict else {})


def test_a_second_remote_change_updates_theirs_and_keeps_the_first_base() -> None:
    first = merged("New", "In Progress", "Resolved").conflicts["status"]
    second = merged("Resolved", "In Progress", "Closed", first)
    assert second.conflicts == {"status": Conflict("Closed", "New")}


def test_a_conflict_stands_until_it_is_settled_even_when_nothing_changes_any_more() -> None:
    standing = Conflict("Resolved", "New")
    assert merged("Resolved", "In Progress", "Resolved", standing).conflicts == {"status": standing}


def test_a_deleted_conflict_entry_makes_the_technicians_value_an_edit_to_push() -> None:
    assert merged("Resolved", "In Progress", "Resolved") == Merged({}, {})


def test_a_conflict_dissolves_when_both_sides_agree() -> None:
    assert merged("Resolved", "Closed", "Closed", Conflict("Resolved", "New")) == Merged({}, {})


def test_without_a_base_every_difference_is_a_conflict() -> None:
    result = merge_fields(("status",), None, {"status": "New"}, {"status": "Closed"}, {})
    assert result == Merged({}, {"status": Conflict("Closed", None)})


def test_tags_are_a_set_to_which_both_sides_add_and_from_which_both_remove() -> None:
    base, mine, theirs = ("server", "old"), ("server", "disk"), ("old", "server", "urgent")
    result = merge_fields(("tags",), {"tags": base}, {"tags": mine}, {"tags": theirs}, {})
    assert result == Merged({"tags": ("server", "disk", "urgent")}, {})


words = st.sampled_from(["New", "In Progress", "Resolved", "", "Closed"])
tags = st.lists(st.sampled_from(["server", "urgent", "remodel", "vip"]), unique=True).map(tuple)
sides = st.fixed_dictionaries({"subject": words, "status": words, "tags": tags})


@given(base=sides, mine=sides, theirs=sides)
def test_only_one_side_changed_means_that_side_wins(
    base: dict[str, Value], mine: dict[str, Value], theirs: dict[str, Value]
) -> None:
    only_theirs = merge_fields(FIELDS, base, base, theirs, {})
    assert not only_theirs.conflicts
    assert all(same(only_theirs.values.get(f, base[f]), theirs[f]) for f in FIELDS)
    assert merge_fields(FIELDS, base, mine, base, {}) == Merged({}, {})


@given(base=sides, mine=sides, theirs=sides)
def test_merging_again_what_was_merged_changes_nothing(
    base: dict[str, Value], mine: dict[str, Value], theirs: dict[str, Value]
) -> None:
    first = merge_fields(FIELDS, base, mine, theirs, {})
    again = merge_fields(FIELDS, theirs, {**mine, **first.values}, theirs, first.conflicts)
    assert again == Merged({}, first.conflicts)


@given(base=sides, mine=sides, theirs=sides)
def test_a_value_that_the_technician_changed_is_never_replaced(
    base: dict[str, Value], mine: dict[str, Value], theirs: dict[str, Value]
) -> None:
    result = merge_fields(FIELDS, base, mine, theirs, {})
    changed = [f for f in ("subject", "status") if not same(mine[f], base[f])]
    assert not set(changed) & set(result.values)
    kept = set(mine["tags"] or ()) - set(base["tags"] or ())
    assert kept <= set(result.values.get("tags", mine["tags"]) or ())
