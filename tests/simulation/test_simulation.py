"""Ten thousand random schedules of edits, faults, deaths and late writes; a million with `python tests/simulation`."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import pytest

from simulation.breaks import QUICKLY_FOUND, Break, found_after
from simulation.running import run_seeds
from simulation.schedules import tell
from simulation.short import short_schedule
from simulation.story import Action
from simulation.world import Broken

SCHEDULES = 10_000
PARTS = 10
SHORT = 2_000


@pytest.mark.parametrize("part", range(PARTS))
def test_after_any_schedule_each_piece_of_work_is_there_once_or_shown(part: int) -> None:
    count = int(os.environ.get("SYNCLOG_SCHEDULES", SCHEDULES)) // PARTS
    summary = run_seeds(part * count, count)
    assert not summary.failures, "\n".join(map(str, summary.failures))
    assert summary.schedules == count


def test_after_every_short_schedule_too() -> None:
    """Some of those with two events, spread over all of them: `python tests/simulation --short 2` plays them all."""
    summary = run_seeds(0, SHORT, make=partial(short_schedule, events=2))
    assert not summary.failures, "\n".join(map(str, summary.failures))


@pytest.mark.parametrize("broken", QUICKLY_FOUND, ids=lambda broken: broken.__name__)
def test_an_engine_that_is_broken_on_purpose_is_found_and_what_finds_it_is_short(broken: Break) -> None:
    _, failure = found_after(broken, 4000)
    assert failure is not None
    assert len(failure.actions) <= 8
    tell(failure.start, failure.actions)


def by(via: str, time: str = "link", *, charge: bool = False) -> dict[str, Any]:
    """An account that texts reach as they are."""
    return {"via": via, "charge": charge, "time": time, "mangle": ""}


BROKE_IT_ONCE: dict[str, tuple[dict[str, Any], list[Action]]] = {
    "a line of an invoice behind a doubtful one": (
        by("timer", charge=True) | {"mangle": "bare"},
        [
            ("write", 1, 2, 1, 15, None),
            ("invoice", 1, 0),
            ("push", 0, (), None, (), 0),
            ("add_line", 2, 2, 10, True, ("ok", "die-after", "ok", "ok", "die-after"), None),
            ("add_line", 2, 0, 12, True, (), None),
        ],
    ),
    "a changed note that is said to be posted, with the time that it had before": (
        by("line_item", "drop"),
        [
            ("write", 2, 0, 6, 45, "onsite"),
            ("push", 2, ("ok", "ok", "die", "die", "die-after"), 32, (), 7200),
            ("change", 0, 2, 0, 8, 45),
        ],
    ),
    "the same, where references are cut off": (
        by("timer", "drop") | {"mangle": "cut"},
        [
            ("write", 2, 2, 1, 30, "onsite"),
            ("push", 2, ("lost-after", "late1", "die", "die-after", "ok"), None, (), 0),
            ("change", 0, 0, 0, 11, 30),
        ],
    ),
    "the same, where the texts of time are dropped, and other minutes": (
        by("timer", charge=True) | {"mangle": "bare"},
        [
            ("write", 0, 1, 5, 15, "onsite"),
            ("push", 0, ("ok", "lost", "late1", "ok", "late4-die"), None, (), 0),
            ("change", 0, 1, 3, 8, 30),
        ],
    ),
    "a changed note that is said to be posted comes back": (
        by("comment", "drop"),
        [
            ("write", 1, 0, 2, 45, "onsite"),
            ("push", 1, ("ok", "ok", "ok", "ok", "lost-after"), None, (), 0),
            ("change", 1, 0, 1, 4, 15),
        ],
    ),
    "one of two equal notes is sent again, and comes back as it was": (
        by("line_item", charge=True) | {"mangle": "sign"},
        [
            ("write", 2, 1, 11, 45, None),
            ("write", 1, 2, 12, 45, "onsite"),
            ("copy", 1, 1, 2, 1, False),
            ("push", 1, ("ok", "lost-after", "die-after", "ok"), None, (), 0),
        ],
    ),
    "an invoice was asked for, and its work is removed meanwhile": (
        by("comment", "apart"),
        [
            ("write", 1, 2, 1, 15, None),
            ("invoice", 1, 0),
            ("push", 0, ("lost-after", "die", "late4-die", "lost", "ok"), None, (), 0),
            ("correct", 2, 2, 1, 0, None, False, ("late1", "ok", "ok", "late4", "ok"), None),
        ],
    ),
    "an invoice that comes out empty, beside a correction": (
        by("comment", "apart"),
        [
            ("write", 0, 0, 5, 15, None),
            ("push", 0, (), None, (), 7200),
            ("write", 1, 2, 9, 30, None),
            ("beside", 0, ("correct", 0, 2, 0, 30, None, False, (), None), 2029, ("ok",), None),
            ("correct", 0, 2, 2, 0, "onsite", False, (), None),
            ("invoice", 1, 0),
            (
                "beside",
                1,
                ("correct", 1, 2, 1, 0, None, False, ("ok", "lost"), None),
                9018,
                ("late4", "ok", "ok", "ok", "ok"),
                None,
            ),
        ],
    ),
    "a timer entry that was queued, where its text is dropped, and a note that waits for its time": (
        by("comment", "drop") | {"mangle": "bare"},
        [
            ("via", "line_item", True),
            ("write", 2, 1, 3, 30, None),
            ("push", 0, (), None, (), 0),
            ("add_timer", 2, 1, 12, 30, True, ("late4-die", "ok", "ok", "die", "ok"), None),
            ("push", 2, ("late4-die", "ok", "ok", "ok"), None, (), 0),
        ],
    ),
    "a timer entry that was queued on two branches, where its text is dropped": (
        by("comment") | {"mangle": "bare"},
        [("add_timer", 2, 0, 4, 15, True, ("ok",), None), ("worktree", 2)],
    ),
    "a timer entry whose record was not committed, and a note written into its file": (
        by("comment", "drop"),
        [("add_timer", 2, 2, 2, 15, False, (), 31), ("write", 1, 2, 3, 15, "onsite")],
    ),
    "a note that was sent and deleted, a pull that died before it was found, and a buffer of before its stamp": (
        by("comment"),
        [
            ("write", 0, 0, 1, 15, "onsite"),
            ("push", 0, ("die-after",), None, (), 0),
            ("delete", 0, 0, 0),
            ("pull", 0, 14),
            ("days", 1),
            ("stale", 0, 0, 3),
        ],
    ),
    "a note that came back with its time, and a buffer of before that": (
        by("timer") | {"mangle": "cut"},
        [
            ("write", 0, 0, 1, 15, "onsite"),
            ("push", 0, ("die-after",), None, (), 0),
            ("delete", 0, 0, 0),
            ("pull", 0, None),
            ("stale", 0, 0, 1),
        ],
    ),
    "a note whose reference was cut off, and a copy of it from before its stamp, on another day": (
        by("line_item", "apart", charge=True) | {"mangle": "cut"},
        [
            ("write", 0, 0, 1, 15, "onsite"),
            ("push", 0, ("ok", "die-after"), None, (), 0),
            ("days", 1),
            ("stale", 0, 0, 1),
        ],
    ),
    "a draft and the file of its ticket hold one note, whose answer is lost after the wait": (
        by("timer"),
        [
            ("draft", 2, 5, False, 45),
            ("draft", 0, 6, False, 15),
            ("push", 0, ("late1", "refused", "ok"), 58, (), 0),
            ("write", 0, 2, 8, 30, None),
            ("push", 0, ("late4-die", "late4-die"), 30, (), 0),
            ("push", 1, ("late4",), None, (), 0),
        ],
    ),
    "the first comment of a new ticket seems to wait for time": (
        by("comment", "apart", charge=True),
        [("draft", 0, 1, False, 45), ("push", 1, ("ok",), 36, (), 7200), ("invoice", 0, 2)],
    ),
    "a stale buffer, in which another note stands where one waits for its time": (
        by("line_item", charge=True),
        [
            ("write", 0, 0, 2, 15, "onsite"),
            ("push", 0, ("ok", "refused"), None, (), 0),
            ("stale", 2, 2, 3),
            ("write", 0, 0, 5, 30, "onsite"),
        ],
    ),
}


@pytest.mark.parametrize(("start", "actions"), BROKE_IT_ONCE.values(), ids=BROKE_IT_ONCE)
def test_what_broke_it_once_does_so_no_more(start: dict[str, Any], actions: list[Action]) -> None:
    tell(start, actions)


def test_a_schedule_is_the_same_whenever_it_is_made() -> None:
    from simulation.schedules import schedule

    assert schedule(4711) == schedule(4711)
    assert issubclass(Broken, AssertionError)
