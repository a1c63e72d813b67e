"""The faults: how the request of one write goes wrong."""

from __future__ import annotations

from dataclasses import dataclass

HELD = 100_000
"""Seconds that the sandbox holds something back: until it is let go."""


@dataclass(frozen=True)
class Fault:
    """`kind` is the sandbox's name for it. `impatient`: the client's timeout passes; `killed`: the process is killed
    while its request is under way, and `committed` says whether Syncro has it by then."""

    name: str
    kind: str
    impatient: bool = False
    killed: bool = False
    committed: bool = False

    def __str__(self) -> str:
        return self.name


FAULTS = (
    *(Fault(k, k) for k in ("drop-before", "drop-after", "500-before", "500-after", "html-after", "cut-json", "empty")),
    Fault("answer-late", f"hang-after={HELD}", impatient=True),
    Fault("commit-late", f"hang={HELD}", impatient=True),
    Fault("dropped-commit-late", f"late={HELD}"),
    Fault("429", "429"),
    Fault("429-retry-after", "429-retry=7"),
    Fault("killed-before-commit", f"hang={HELD}", killed=True),
    Fault("killed-after-commit", f"hang-after={HELD}", killed=True, committed=True),
)
