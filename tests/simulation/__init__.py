"""The push engine itself, over an in-memory Syncro, clock and repository, driven by seeded random schedules.

`world` has the clock, the processes and their deaths; `server` the Syncro; `desk` the repository; `story` the actions of
a schedule and what must hold after it; `running` makes, runs, shrinks and replays schedules.

    python -m tests.simulation 1000000            as many schedules, on all cores
    python -m tests.simulation --replay FILE      one again, step by step
"""
