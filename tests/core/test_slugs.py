"""Slugs: what customers and tickets are called becomes a name that is safe on every file system."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.slugs import customer_slug, is_device_name, slug, ticket_filename

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Len's Auto Brokerage", "lens-auto-brokerage"),
        ("Müller & Söhne Architekten", "muller-sohne-architekten"),
        ("Mu\u0308ller & So\u0308hne Architekten", "muller-sohne-architekten"),
        ("  --  Desert   Bloom -- Dental  ", "desert-bloom-dental"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\Windows\\System32", "windows-system32"),
        ("株式会社", "zhushihuishe"),
        ("COM1 cables", "com1-cables"),
        ("a\x00b\nc", "a-b-c"),
        ("\ud800", "fallback"),
        ("", "fallback"),
        ("!!!", "fallback"),
    ],
)
def test_a_name_becomes_a_safe_slug(name: str, expected: str) -> None:
    assert slug(name, "fallback") == expected


@pytest.mark.parametrize("name", ["CON", "nul", "Aux", "COM7", "com¹", "LPT3.", "prn"])
def test_a_windows_device_is_never_a_slug(name: str) -> None:
    made = slug(name, "ticket")
    assert not is_device_name(made)
    assert made.endswith("-ticket")


@pytest.mark.parametrize("name", ["con", "CON.md", "nul.tar.gz", "lpt9", "CONIN$", "com²"])
def test_a_device_name_is_known_in_any_case_and_with_any_extension(name: str) -> None:
    assert is_device_name(name)


@pytest.mark.parametrize("name", ["console", "com10", "32162-con.md", "null", "aux-in"])
def test_names_that_only_resemble_a_device_are_free(name: str) -> None:
    assert not is_device_name(name)


def test_a_long_name_is_cut_at_the_end_of_a_word() -> None:
    made = slug("Superstition Mountain Veterinary Clinic and Equine Hospital", "x")
    assert made == "superstition-mountain-veterinary-clinic"


def test_a_long_word_is_cut_at_forty_characters() -> None:
    assert slug("x" * 300, "f") == "x" * 40


@given(st.text(max_size=500))
@settings(deadline=None, max_examples=150)
def test_whatever_the_name_the_slug_keeps_its_promises(name: str) -> None:
    made = slug(name, "fallback")
    assert SLUG.fullmatch(made)
    assert len(made) <= 40
    assert not is_device_name(made)


@given(st.text(max_size=60), st.integers(min_value=1, max_value=10**12), st.sets(st.integers(1, 5), max_size=5))
@settings(deadline=None, max_examples=100)
def test_a_customers_folder_is_never_one_that_is_taken(name: str, customer: int, extra: set[int]) -> None:
    taken: set[str] = set()
    for other in [customer, *(customer + more for more in extra), customer]:
        made = customer_slug(name, other, taken)
        assert made.lower() not in {one.lower() for one in taken}
        assert SLUG.fullmatch(made)
        assert len(made) <= 40
        taken.add(made.upper())


def test_of_two_customers_with_one_slug_the_later_gets_its_id() -> None:
    assert customer_slug("Saguaro Law", 17, set()) == "saguaro-law"
    assert customer_slug("SAGUARO LAW!", 23, {"Saguaro-Law"}) == "saguaro-law-23"
    assert customer_slug("Saguaro Law", 23, {"saguaro-law", "saguaro-law-23"}) == "saguaro-law-23-2"


def test_a_customer_without_a_usable_name_is_known_by_id() -> None:
    assert customer_slug("???", 41, set()) == "customer-41"


def test_a_tickets_file_has_its_number_and_subject() -> None:
    assert ticket_filename(32162, "Server upgrade") == "32162-server-upgrade.md"
    assert ticket_filename(32170, "🙃") == "32170-upside-down.md"
    assert ticket_filename(32171, "") == "32171-ticket.md"
