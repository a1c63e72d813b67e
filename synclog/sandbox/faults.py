"""Faults: what goes wrong on purpose, between a request and its answer.

A fault is written as one line: `KIND[=SECONDS] METHOD PATH-GLOB [#FIRST[-LAST]]`, for example

    drop-after POST /tickets/*/comment #1

It strikes the requests that match METHOD (`GET`, `POST`, `PUT`, `DELETE`, or `*` for any) and PATH-GLOB (below
`/api/v1`; `*` is one part of the path, `**` any number of them). `#2` is the second of these since the fault was
added, `#2-4` the second to the fourth; without it all are struck. The kinds, by what they leave behind:

    drop-before     nothing is written; the connection closes without an answer
    500-before      nothing is written; 500 with an HTML page
    html-before     nothing is written; 200 with an HTML page, as a proxy on the way would answer
    429             nothing is written; 429 without Retry-After
    429-retry=S     nothing is written; 429 with `Retry-After: S` (60 without =S)
    redirect        nothing is written; 302 to another host
    drop-after      written; the connection closes without an answer
    500-after       written; 500 with an HTML page
    html-after      written; 200 with an HTML page
    cut-json        written; 200 with the first half of the JSON
    empty           written; 204 without a body
    hang=S          waits S seconds, then is written and answered as usual
    hang-after=S    written; the answer comes S seconds later
    late=S          the connection closes without an answer; written S seconds later
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

BEFORE = frozenset({"drop-before", "500-before", "html-before", "429", "429-retry", "redirect"})
AFTER = frozenset({"drop-after", "500-after", "html-after", "cut-json", "empty"})
TIMED = frozenset({"hang", "hang-after", "late"})
KINDS = BEFORE | AFTER | TIMED
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "*"})
DEFAULT_RETRY_AFTER = 60.0

_SPEC = re.compile(
    r"(?P<kind>[\w-]+)(?:=(?P<seconds>\d+(?:\.\d+)?))?\s+(?P<method>[A-Za-z]+|\*)\s+(?P<path>/\S*)"
    r"(?:\s+#(?P<first>\d+)(?:-(?P<last>\d+))?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `seconds` is 0 for kinds that don't wait; `last` None: all from `first` are struck."""

    spec: str
    kind: str
    method: str
    path: str
    seconds: float = 0.0
    first: int = 1
    last: int | None = None

    @classmethod
    def parse(cls, spec: str) -> Fault:
        """Read the line described above. Raises ValueError, saying what is wrong with it."""
        found = _SPEC.fullmatch(spec.strip())
        if not found:
            raise ValueError(f"not a fault: {spec!r}; it reads KIND[=SECONDS] METHOD PATH-GLOB [#FIRST[-LAST]]")
        kind, method, seconds = found["kind"], found["method"].upper(), found["seconds"]
        if kind not in KINDS:
            raise ValueError(f"no kind of fault: {kind!r} in {spec!r}; there are {', '.join(sorted(KINDS))}")
        if method not in METHODS:
            raise ValueError(f"no method: {method!r} in {spec!r}; there are GET, POST, PUT, DELETE and *")
        if kind in TIMED and seconds is None:
            raise ValueError(f"{kind} wants its seconds: {kind}=5 in {spec!r}")
        if seconds is not None and kind not in TIMED and kind != "429-retry":
            raise ValueError(f"{kind} takes no seconds: {spec!r}")
        first = int(found["first"] or 1)
        last = int(found["last"]) if found["last"] else (first if found["first"] else None)
        if first < 1 or (last is not None and last < first):
            raise ValueError(f"requests count from #1 upwards: {spec!r}")
        wait = float(seconds) if seconds else (DEFAULT_RETRY_AFTER if kind == "429-retry" else 0.0)
        return cls(spec.strip(), kind, method, found["path"], wait, first, last)

    def matches(self, method: str, path: str) -> bool:
        """Return whether this fault is about such a request. `path` is the one below `/api/v1`."""
        return self.method in ("*", method) and _glob(self.path).fullmatch(path) is not None

    def strikes(self, count: int) -> bool:
        """Return whether the request that matches as number `count` (from 1) is struck."""
        return self.first <= count and (self.last is None or count <= self.last)


def _glob(pattern: str) -> re.Pattern[str]:
    parts = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*)", pattern)))


class Faults:
    """The faults in force, and which of them struck. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: list[tuple[Fault, list[int]]] = []
        self.hits: list[str] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force; its requests count from now."""
        with self._lock:
            self._counts.append((fault, [0]))

    def clear(self) -> None:
        """Take all faults away; `hits` stays."""
        with self._lock:
            self._counts.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Count the request, and return the fault that strikes it: of several, the one added first."""
        with self._lock:
            striking = []
            for fault, count in self._counts:
                if fault.matches(method, path):
                    count[0] += 1
                    if fault.strikes(count[0]):
                        striking.append(fault)
            if not striking:
                return None
            self.hits.append(striking[0].spec)
            return striking[0]
