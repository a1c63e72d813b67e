"""Which folders and files have other names today, and which untracked ones stay away: values in, values out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.slugs import free_name, is_device_name
from synclog.core.tidying import CustomerFolder, file_rename, folder_renames


def folders(**customers: str) -> list[CustomerFolder]:
    return [
        CustomerFolder(name.replace("_", "-"), place, who) for place, (name, who) in enumerate(customers.items(), 1)
    ]


@pytest.mark.parametrize(
    ("there", "renames"),
    [
        (folders(acme="Acme", acme_2="Acme"), []),
        (folders(acme_1="Acme", acme="Acme"), []),
        (folders(old="Acme"), [("old", "acme")]),
        (folders(beta="Gamma", alpha="Beta"), [("beta", "gamma"), ("alpha", "beta")]),
        (folders(alpha="Beta", beta="Gamma"), [("beta", "gamma"), ("alpha", "beta")]),
        (folders(alpha="Beta", beta="Alpha"), [("alpha", "beta-1"), ("beta", "alpha")]),
        (folders(old="Aux"), [("old", "aux-customer-1")]),
        (folders(Acme="Acme"), []),
    ],
)
def test_folders_are_called_after_their_customers(there: list[CustomerFolder], renames: list[tuple[str, str]]) -> None:
    assert folder_renames(there, [f.folder for f in there]) == renames


def test_what_else_has_the_name_keeps_it() -> None:
    assert folder_renames(folders(old="Acme"), ["old", "ACME"]) == [("old", "acme-1")]


names = st.sampled_from(["Acme", "Beta", "Gamma", "acme", "Aux", "Äpfel", "?"])


@given(st.lists(st.tuples(names, names), max_size=6, unique_by=lambda pair: pair[0].lower()))
def test_every_new_name_is_free_when_its_turn_comes_and_a_second_time_nothing_is_to_do(
    pairs: list[tuple[str, str]],
) -> None:
    there = [CustomerFolder(folder, place, who) for place, (folder, who) in enumerate(pairs, 1)]
    now = {f.folder: f for f in there}
    for old, new in folder_renames(there, list(now)):
        assert new.lower() not in {name.lower() for name in now}
        assert not is_device_name(new)
        now[new] = CustomerFolder(new, now[old].customer_id, now.pop(old).customer)
    assert folder_renames(now.values(), list(now)) == []


def test_a_file_is_called_by_its_number_and_subject() -> None:
    assert file_rename("server.md", 5, "Server upgrade", ["server.md"]) == "5-server-upgrade.md"
    assert file_rename("5-server-upgrade.md", 5, "Server upgrade", ["5-server-upgrade.md"]) is None
    assert file_rename("5-Server-Upgrade.MD", 5, "Server upgrade", []) is None
    assert file_rename("x.md", 5, "Server upgrade", ["5-SERVER-upgrade.md"]) == "5-server-upgrade-2.md"
    assert file_rename("5-server-upgrade-2.md", 5, "Server upgrade", ["5-server-upgrade.md"]) is None


def test_a_name_that_is_taken_is_counted_up() -> None:
    assert free_name("a.md", ()) == "a.md"
    assert free_name("A.md", ("a.md", "a-2.md")) == "A-3.md"
    assert free_name("folder", ("folder",)) == "folder-2"
