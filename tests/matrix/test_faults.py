"""Whatever goes wrong with a request, and wherever it is gone on: everything is in Syncro exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from matrix.faults import FAULTS, Fault
from matrix.kinds import Kind
from matrix.oneoffs import SELECTED_KINDS, WHOLE_KINDS
from matrix.places import ELSEWHERE, PLACES, Place, clone, other_branch
from matrix.stage import Stage


def cells(whole: bool) -> Iterator[tuple[Kind, str, Fault, Place]]:
    """Yield the whole matrix; or each kind x each fault, the place rotating so that kinds and faults meet them all, and
    so the requests of a kind that makes several."""
    for k, kind in enumerate(WHOLE_KINDS if whole else SELECTED_KINDS):
        for f, fault in enumerate(FAULTS):
            places = ELSEWHERE if fault.killed else PLACES
            chosen = places if whole else (places[(k + f) % len(places)],)
            for write in kind.writes if whole else (kind.writes[f % len(kind.writes)],):
                for place in chosen:
                    yield kind, write, fault, place


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = list(cells(metafunc.config.getoption("whole", False)))
    ids = [f"{kind}-{_request(kind, write)}{fault}-{place.__name__}" for kind, write, fault, place in chosen]
    metafunc.parametrize(("kind", "write", "fault", "place"), chosen, ids=ids)


def _request(kind: Kind, write: str) -> str:
    return f"{write.rpartition('/')[2]}-" if len(kind.writes) > 1 else ""


def test_after_a_fault_every_piece_of_work_is_there_exactly_once_in_the_end(
    stage: Stage, kind: Kind, write: str, fault: Fault, place: Place, record_property: Callable[[str, object], None]
) -> None:
    record_property("matrix", {"kind": kind.name, "cells": 1})
    with stage.cell(kind) as cell:
        cell.push_through(fault, place, write)
        # Whoever comes to another branch or clone pulls first; whoever stays pushes once more.
        cell.go_on(place, pull_first=place in (other_branch, clone), pull_last=fault.killed)
        cell.check()
