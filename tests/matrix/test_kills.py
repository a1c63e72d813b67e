"""Killed just before or just after any durable step of a push: everything is in Syncro exactly once in the end.

A durable step is a file of the workspace put in place or taken away, a ref of git moved, or a write to Syncro answered.
They are counted as they come, so that a step that is new to the engine is in here by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from matrix.kinds import KINDS, Kind
from matrix.oneoffs import WHOLE_KINDS
from matrix.places import ELSEWHERE, Place
from matrix.stage import Stage

TURNS = len(ELSEWHERE)


def series(whole: bool) -> Iterator[tuple[Kind, str, Place, int, int]]:
    """Yield what is killed at which of its steps, the first and then every so many: at each in each place for the
    whole, else the places taking turns."""
    for k, kind in enumerate(WHOLE_KINDS if whole else KINDS):
        for when in ("before", "after"):
            for p, place in enumerate(ELSEWHERE):
                yield (kind, when, place, 1, 1) if whole else (kind, when, place, 1 + (p + k) % TURNS, TURNS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = list(series(metafunc.config.getoption("whole", False)))
    ids = [f"{kind}-{when}-{place.__name__}" for kind, when, place, *_ in chosen]
    metafunc.parametrize(("kind", "when", "place", "first", "stride"), chosen, ids=ids)


def test_killed_at_any_durable_step_every_piece_of_work_is_there_exactly_once_in_the_end(
    stage: Stage,
    kind: Kind,
    when: str,
    place: Place,
    first: int,
    stride: int,
    record_property: Callable[[str, object], None],
) -> None:
    played = 0
    failures: list[str] = []
    for step in count(first, stride):
        try:
            with stage.cell(kind) as cell:
                if not cell.push_dying(step, when):
                    break
                played += 1
                # What is killed after a step leaves what is killed before the next one: one of the two pulls first.
                # The other pulls last: after a kill it may take a pull to complete the trail.
                cell.go_on(place, pull_first=when == "after", pull_last=when == "before")
                cell.check()
        except AssertionError as error:
            failures.append("\n".join([f"killed {when} step {step}: {error}", *error.__notes__]))
    record_property("matrix", {"kind": kind.name, "cells": played, "failures": len(failures)})
    assert played
    if failures:
        pytest.fail("\n\n".join([f"{len(failures)} of {played}", *failures]), pytrace=False)
