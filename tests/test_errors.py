"""The error tree: one meaning, exit code and name for each class."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest

from synclog import errors
from synclog.errors import Exit, InvalidFile, Problem, SynclogError, SyncroError, worst
from synclog.syncro.refusals import _REMEDIES


def tree(root: type[SynclogError] = SynclogError) -> Iterator[type[SynclogError]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


OURS = [kind for kind in tree() if kind.__module__ == errors.__name__]


def test_every_error_is_of_one_tree() -> None:
    defined = {one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Exception)}
    assert defined == set(OURS)


def test_every_error_of_synclog_is_defined_in_one_file() -> None:
    assert [kind for kind in tree() if kind.__module__.startswith("synclog.")] == OURS


def test_every_kind_is_a_name_of_its_own() -> None:
    kinds = [kind.kind for kind in OURS]
    assert len(set(kinds)) == len(kinds)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in kinds)
    assert all("kind" in vars(kind) for kind in OURS)


def test_every_meaning_is_told_once() -> None:
    meanings = [kind.__doc__ for kind in OURS]
    assert all(meanings)
    assert len(set(meanings)) == len(meanings)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (Exit.USAGE, "UsageError UnknownTicket SettingsError KeyRefused RepositoryState"),
        (Exit.DECISION, "InvalidFile DecisionNeeded"),
        (Exit.NOT_AUTHORISED, "WrongTechnician Unauthorised Forbidden"),
        (
            Exit.FAILED,
            "SyncroError NotFound Rejected RateLimited ServerFailed NoAnswer NotJson RedirectRefused OutcomeUnknown "
            "Busy StorageFailed UnsafePath TemplateFailed",
        ),
    ],
)
def test_the_exit_code_follows_from_the_class(code: Exit, names: str) -> None:
    for name in names.split():
        assert getattr(errors, name).exit_code is code


@pytest.mark.parametrize("kind", [kind for kind in OURS if issubclass(kind, SyncroError) and kind is not SyncroError])
def test_every_error_of_syncro_has_a_remedy_of_its_own(kind: type[SyncroError]) -> None:
    assert _REMEDIES[kind]
    assert list(_REMEDIES.values()).count(_REMEDIES[kind]) == 1


@pytest.mark.parametrize("kind", [kind for kind in OURS if kind is not InvalidFile])
def test_an_error_carries_what_happened_and_what_to_do(kind: type[SynclogError]) -> None:
    error = kind("ticket #32162: gone", remedy="look it up")
    assert (str(error), error.message, error.remedy) == ("ticket #32162: gone", "ticket #32162: gone", "look it up")


def test_an_invalid_file_names_every_place_in_the_form_editors_jump_to() -> None:
    problems = (Problem(7, "unknown status", "write one of …"), Problem(0, "no front matter"))
    error = InvalidFile("clients/acme/tickets/1-x.md", problems)
    assert error.message.splitlines() == [
        "clients/acme/tickets/1-x.md:7:1: unknown status (write one of …)",
        "clients/acme/tickets/1-x.md:1:1: no front matter",
    ]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((), 0),
        ((0, 0), 0),
        ((0, 3), 3),
        ((3, 1), 1),
        ((1, 2), 2),
        ((2, 4, 1, 3), 4),
        ((4, 130), 130),
    ],
)
def test_the_worst_exit_code_wins(codes: tuple[int, ...], expected: int) -> None:
    assert worst(*(Exit(code) for code in codes)) == expected
