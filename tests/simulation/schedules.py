"""Random schedules, the same for the same seed, and playing them to their end."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from simulation.checking import finish
from simulation.server import Quirks
from simulation.story import Action, Story

FAULTS = ("lost", "lost-after", "late1", "late4", "late4-die", "refused", "die", "die-after")


def schedule(seed: int) -> tuple[dict[str, Any], list[Action]]:
    """Return what account a schedule is of, and its actions; the same for the same seed."""
    chance = random.Random(seed)
    via = chance.choice(("comment", "comment", "timer", "line_item"))
    mangled = chance.random() < 0.12
    start: dict[str, Any] = {
        "via": via,
        "charge": chance.random() < 0.4,
        "time": chance.choice(("link", "link", "link", "apart", "drop")),
        "mangle": chance.choice(("sign", "cut", "flat", "bare")) if mangled else "",
        "settles": chance.random() < 0.5,
    }
    calm = chance.random() < 0.4
    mends = chance.random() < 0.3
    actions: list[Action] = []
    for _ in range(chance.randint(2, 7)):
        actions += _some(chance, len(actions) + 1, calm)
        if mends and chance.random() < 0.5:
            actions += _one_offs(chance, len(actions) + 1, start["mangle"] == "bare")
    return start, actions


def _one_offs(chance: random.Random, token: int, bare: bool) -> Iterator[Action]:
    """The command of a one-off. On a `bare` account nothing tells time of the same minutes apart, nor time that was
    corrected on another machine."""
    which, ticket, place = chance.randint(0, 2), chance.randint(0, 2), chance.randint(0, 3)
    roll = chance.random()
    action: Action
    if roll < 0.3:
        action = ("add_timer", which, ticket, token, chance.choice((20, 40) if bare else (15, 30)))
    elif roll < 0.75 and not bare:
        action = ("correct", which, ticket, place, chance.choice((0, 30, 60)), chance.choice((None, None, "onsite")))
    elif roll < 0.85:
        action = ("add_line", which, ticket, token)
    elif roll < 0.95:
        action = ("drop_invoice", which, ticket)
    else:
        action = ("drop_ticket", which, ticket)

    def run() -> Action:
        queue = chance.random() < 0.25 and not action[0].startswith("drop_")
        return (*action, queue, _faults(chance), _dies(chance))

    if chance.random() < 0.15:
        yield ("beside", which, run(), chance.randint(0, 9999), _faults(chance), _dies(chance))
    else:
        yield run()
    if chance.random() < 0.3:
        # Whoever sees a command fail gives it again.
        yield run()


def _faults(chance: random.Random) -> tuple[str, ...]:
    if chance.random() < 0.4:
        return ()
    if chance.random() < 0.3:
        # Just one, at any write: what comes last of several is reached too.
        return (*("ok",) * chance.randint(0, 4), chance.choice(FAULTS))
    return tuple("ok" if chance.random() < 0.5 else chance.choice(FAULTS) for _ in range(chance.randint(1, 5)))


def _some(chance: random.Random, token: int, calm: bool) -> Iterator[Action]:
    which, ticket, place = chance.randint(0, 2), chance.randint(0, 2), chance.randint(0, 3)
    minutes = chance.choice((None, 15, 15, 30, 45))
    roll = chance.random()
    if roll < 0.34:
        yield ("write", which, ticket, token, minutes, chance.choice((None, "onsite")))
    elif roll < 0.40:
        yield ("draft", which, token, chance.random() < 0.3, minutes)
    elif roll < 0.46:
        yield ("invoice", which, ticket)
    elif roll < 0.50:
        yield ("status", which, ticket, chance.randint(0, 3))
    elif roll < 0.53:
        yield ("quote", ticket)
    elif roll < 0.55:
        yield ("chatter", ticket, chance.choice((1, 11)))
    elif roll < 0.58:
        yield ("via", chance.choice(("comment", "timer", "line_item")), chance.random() < 0.4)
    elif roll < 0.60:
        yield ("days", chance.choice((1, 1, 3)))
    elif roll < 0.63:
        yield ("web_status", ticket, chance.randint(0, 3))
    elif roll < 0.66:
        yield ("pull", which, chance.choice((None, None, chance.randint(1, 30))))
    elif roll < 0.70:
        yield (
            "two",
            which,
            chance.randint(0, 2),
            chance.randint(0, 9999),
            _faults(chance),
            _faults(chance),
            _dies(chance),
        )
    elif not calm:
        yield _meddling(chance, which, ticket, place, token, minutes)
    if chance.random() < 0.55:
        bad = (chance.randint(1, 8),) if chance.random() < 0.15 else ()
        rest = chance.choice((0, 0, 0, 7200))
        yield ("push", which, _faults(chance), _dies(chance), bad, rest)
        if chance.random() < 0.2:
            # Whoever sees a push fail pushes again at once.
            yield ("push", which, _faults(chance), _dies(chance), (), 0)
        if chance.random() < 0.2:
            yield ("forget", which)


def _dies(chance: random.Random) -> int | None:
    return chance.randint(1, 60) if chance.random() < 0.3 else None


def _meddling(chance: random.Random, which: int, ticket: int, place: int, token: int, minutes: int | None) -> Action:
    to, stamped = chance.randint(0, 2), chance.random() < 0.7
    return chance.choice(
        (
            ("change", which, ticket, place, token, minutes),
            ("change", which, ticket, place, token, minutes),
            ("copy", which, ticket, place, to, stamped),
            ("move", which, ticket, place, to, stamped),
            ("delete", which, ticket, place),
            ("delete", which, ticket, place),
            ("unstamp", which, ticket, place),
            ("stale", which, ticket, chance.randint(1, 6)),
            ("worktree", which),
            ("clone", which),
            ("change_draft", which, place, token),
            ("by_hand", ticket, chance.randint(0, max(token, 1))),
        )
    )


def tell(start: dict[str, Any], actions: Sequence[Action]) -> tuple[int, int, int]:
    """Play a schedule to its end. Returns (pieces of work, doubtful ones, pushes). Raises Broken, or what breaks."""
    quirks = Quirks(start["time"], start["mangle"])
    story = Story(start["via"], start["charge"], quirks, confusing=bool(start["mangle"]))
    for action in actions:
        story.play(action)
        story.world.tick(3)
    doubtful = finish(story, settles=start.get("settles", True))
    return len(story.jobs) + len(story.drafts), doubtful, story.pushes
