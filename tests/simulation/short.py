"""Every short schedule: a note is written and pushed, something goes wrong with that, and a few things happen then.

Chance finds what many schedules come near to; what only one exact order of events reaches, it hardly ever finds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from simulation.story import Action

ACCOUNTS: Sequence[Mapping[str, Any]] = tuple(
    {"via": via, "charge": charge, "time": time, "mangle": mangle}
    for via, charge, time, mangle in product(
        ("comment", "timer", "line_item"), (False, True), ("link", "drop"), ("", "cut", "bare")
    )
)
FAULTS = ((), ("die-after",), ("ok", "die-after"), ("late4-die",), ("ok", "late4-die"))
"""What becomes of the requests of the first push."""
EVENTS: Sequence[Action] = (
    ("change", 0, 0, 0, 9, 15),
    ("change", 0, 0, 0, 9, 30),
    ("delete", 0, 0, 0),
    ("delete", 1, 0, 0),
    ("unstamp", 0, 0, 0),
    ("copy", 0, 0, 0, 1, True),
    ("copy", 0, 0, 0, 0, False),
    ("copy", 0, 0, 0, 1, False),
    ("move", 0, 0, 0, 1, True),
    ("move", 0, 0, 0, 1, False),
    ("write", 0, 0, 2, 15, "onsite"),
    ("by_hand", 0, 1),
    ("quote", 0),
    ("invoice", 0, 0),
    ("via", "timer", True),
    ("days", 1),
    ("forget", 0),
    ("worktree", 0),
    ("clone", 0),
    *(("stale", 0, 0, back) for back in (1, 2, 3, 4)),
    *(("pull", 0, dies) for dies in (None, 10, 14, 20)),
    ("pull", 1, None),
    *(("push", 0, faults, None, (), 0) for faults in ((), ("lost",), ("die-after",), ("ok", "die-after"))),
    ("push", 0, ("late4-die",), None, (), 0),
    ("push", 0, (), 25, (), 0),
    ("push", 1, (), None, (), 0),
    ("correct", 0, 0, 0, 30, None, False, (), None),
    ("correct", 0, 0, 0, 60, "onsite", False, ("ok", "late4-die"), None),
    ("correct", 0, 0, 0, 0, None, False, ("die-after",), None),
    ("add_timer", 0, 0, 3, 15, False, ("die-after",), None),
)
_STEP = 1_000_003
"""A prime that no number of schedules is a multiple of: any part of them is spread over all."""


def short_count(events: int) -> int:
    """Return how many schedules with so many events there are."""
    return len(ACCOUNTS) * len(FAULTS) * len(EVENTS) ** events


def short_schedule(place: int, *, events: int) -> tuple[dict[str, Any], list[Action]]:
    """Return one of them, by its place from 0."""
    left = place * _STEP % short_count(events)
    left, account = divmod(left, len(ACCOUNTS))
    left, faults = divmod(left, len(FAULTS))
    actions: list[Action] = [("write", 0, 0, 1, 15, "onsite"), ("push", 0, FAULTS[faults], None, (), 0)]
    for _ in range(events):
        left, event = divmod(left, len(EVENTS))
        actions.append(EVENTS[event])
    return dict(ACCOUNTS[account]), actions
