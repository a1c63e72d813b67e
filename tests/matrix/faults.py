"""The faults: how the request of one write goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synclog.sandbox.faults import Fault as Struck
from synclog.sandbox.server import Recorded

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

    @property
    def again(self) -> bool:
        """Whether the request has to be sent once more; else it never may be."""
        return self.kind in ("drop-before", "500-before") or self.refused

    @property
    def refused(self) -> bool:
        return self.kind.startswith("429")

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


class Watched(list[Recorded]):
    """The sandbox's list of requests, which says when one `arrives` that a fault is about; before it strikes."""

    def __init__(self, struck: Struck, arrives: Callable[[], None]) -> None:
        super().__init__()
        self._struck = struck
        self._arrives = arrives

    def append(self, request: Recorded) -> None:
        super().append(request)
        if self._struck.matches(request.method, request.path):
            self._arrives()
