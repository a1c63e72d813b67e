"""The push engine itself, over an in-memory Syncro, clock and repository, driven by seeded random schedules.

`world` has the clock, the processes and their deaths; `server` the Syncro; `desk` the repository; `story` what can be
done; `schedules` makes them of seeds; `checking` says what must hold; `running` runs many, cuts failing ones down.

    python tests/simulation 1000000            as many schedules, on all cores
    python tests/simulation --replay FILE      one again, as a failure printed it
"""
