"""`python -m simulation COUNT`, in the tests' folder: see the package."""

from __future__ import annotations

import argparse
import ast
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from simulation.breaks import BREAKS, found_after
from simulation.running import failure_of, run_many
from simulation.schedules import schedule
from simulation.short import short_count, short_schedule

SCHEDULES = 10_000


def main() -> int:
    """Run what the command line asks for; 1 when something does not hold."""
    parser = argparse.ArgumentParser(prog="python tests/simulation", description="Random schedules against the engine.")
    parser.add_argument("count", nargs="?", type=int)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, help="processes; as many as there are cores")
    parser.add_argument("--seed", type=int, help="just this one, as it is made")
    parser.add_argument("--replay", type=Path, help="the schedule in this file, as a failure prints it")
    parser.add_argument("--short", type=int, metavar="N", help="all that can happen in N events; or COUNT of these")
    parser.add_argument("--broken", action="store_true", help="engines broken on purpose: after how many each is found")
    words = parser.parse_args()
    if words.broken:
        return _broken(words.count or SCHEDULES)
    make = partial(short_schedule, events=words.short) if words.short is not None else schedule
    if words.replay or words.seed is not None:
        if words.replay:
            text = words.replay.read_text("utf-8")
            told = ast.literal_eval(text[text.index("{") :])
            start, actions = told["start"], told["actions"]
        else:
            start, actions = make(words.seed)
        print(start, *actions, sep="\n")
        what = failure_of(0, start, actions)
        print(what or "all holds")
        return 1 if what else 0
    count = words.count or (short_count(words.short) if words.short is not None else SCHEDULES)
    summary = run_many(count, first=words.first, jobs=words.jobs, make=make)
    for failure in summary.failures:
        print(failure)
    print(summary)
    return 1 if summary.failures else 0


def _broken(most: int) -> int:
    missed = 0
    for broken in BREAKS:
        count, failure = found_after(broken, most)
        missed += failure is None
        print(f"{broken.__name__}: {f'found after {count} schedules: {failure.what}' if failure else 'not found'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
