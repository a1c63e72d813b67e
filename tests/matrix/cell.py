"""One cell of the matrix: a workspace with one kind of work in it, what goes wrong, and how it goes on to the end."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from matrix.faults import Fault
from matrix.kinds import DRAFT, DRAFT_TEXT, Changes, Kind
from matrix.places import Place, clone, same_run, without_caches
from matrix.processes import Ended, Processes
from matrix.records import NUMBER, Account, all_of, trail_of
from synclog.sandbox import Sandbox
from synclog.sandbox.faults import Fault as Struck
from synclog.sandbox.server import Recorded

SETTLE = 60.0
"""Seconds within which Syncro commits what it has received: what is late comes at the very last moment."""
MOST_RUNS = 5
DEAD_LINE = "drop-before GET /**"
"""Only reads fail: whoever tried to write again would succeed, and be found out."""
NO_GIT_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


class Cell:
    """`root` is the workspace and `machine` the folder of whose machine it is on; a place may move both."""

    def __init__(self, folder: Path, sandbox: Sandbox, processes: Processes) -> None:
        self.folder = self.machine = folder
        self.root = folder / "msp"
        self.sandbox = sandbox
        self.story: list[str] = []
        self._processes = processes
        self._before = Account.of(sandbox.store)
        self._slept = 0.0
        self._due: float | None = None
        self._excused: Counter[str] = Counter()
        self._killed = False

    # --- what a person does ----------------------------------------------------------------------------------------

    def write(self, kind: Kind) -> None:
        """Set the workspace up for `kind`, and write its work as an editor does: saved, not committed."""
        self.kind = kind
        self.set_up(kind.settings)
        self._start = self.git("rev-parse", "HEAD")
        if kind.edits:
            (file,) = self.root.glob(f"clients/*/tickets/{NUMBER}-*.md")
            _replace(file, kind.edits)
        if kind.draft:
            (self.root / DRAFT).write_bytes(DRAFT_TEXT.encode())

    def set_up(self, changes: Changes) -> None:
        """Change settings, and commit them."""
        _replace(self.root / "synclog.yaml", changes)
        if self.git("status", "--porcelain", "synclog.yaml"):
            self.git("commit", "--quiet", "--message=settings", "synclog.yaml")

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=self.environment(), capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def run(
        self, *words: str, dies: tuple[int, str] | None = None, kill_when: Callable[[], bool] | None = None
    ) -> Ended:
        """Run `synclog` with `words` to its end, or to its death."""
        ended = self._processes.run(
            words,
            self.root,
            self.environment(),
            self.folder / f"said-{len(self.story)}",
            slept=self._slept,
            on_sleep=self._sleeps,
            dies=dies,
            kill_when=kill_when,
        )
        self._killed |= ended.killed
        self.story.append(str(ended))
        assert "Traceback" not in ended.err
        assert "this is a bug" not in ended.err
        return ended

    def environment(self) -> dict[str, str]:
        own = {
            "SYNCLOG_API_KEY": self.sandbox.api_key,
            "SYNCLOG_CONFIG_DIR": str(self.machine / "config"),
            **NO_GIT_SETTINGS,
        }
        return os.environ | own

    # --- what goes wrong -------------------------------------------------------------------------------------------

    def push_through(self, fault: Fault, place: Place) -> None:
        """Push while `fault` strikes the kind's write, to the end of that process.

        Unless the same run is to go on, it reads nothing more of Syncro afterwards, and is refused until it gives up.
        """
        holds = place is same_run
        self.set_up((("timeout: 30", "timeout: 1"),) if fault.impatient else ())
        refused = fault.kind.startswith("429")
        spec = f"{fault.kind} {self.kind.write} {'#1-9' if refused and not holds else '#1'}"
        self.sandbox.add_fault(spec)
        arrived: list[Account] = []

        def arrives() -> None:
            arrived.append(self._account())
            if not (holds or refused or fault.killed):
                self.sandbox.add_fault(DEAD_LINE)

        def under_way() -> bool:
            there = spec in self.sandbox.fault_hits
            return there and (not fault.committed or self._account() != arrived[0])

        self.sandbox.requests = _Watched(Struck.parse(spec), arrives)
        ended = self.run("push", "--yes", kill_when=under_way if fault.killed else None)
        self.sandbox.requests = []
        self.sandbox.clear_faults()
        assert spec in self.sandbox.fault_hits
        assert ended.killed is fault.killed

    def push_dying(self, step: int, when: str) -> bool:
        """Push with a process that is killed just `before` or `after` its durable step number `step`; return whether
        it has that many."""
        return self.run("push", "--yes", dies=(step, when)).killed

    def _account(self) -> Account:
        return Account.of(self.sandbox.store, self._before)

    def _sleeps(self, seconds: float) -> None:
        """Let time pass: what Syncro has received and holds back is committed when `settle` is over."""
        if self._due is None and self.sandbox.fault_hits:
            self._due = self._slept + SETTLE
        self._slept += seconds
        if self._due is not None and self._slept >= self._due:
            self.sandbox.release_late()

    # --- how it goes on --------------------------------------------------------------------------------------------

    def go_on(self, place: Place, *, pull_first: bool, pull_last: bool = False) -> None:
        """Go on in `place` until a push is done with everything, as a person would."""
        place(self)
        self._excused = self._may_be_missing(place, pull_first)
        for turn in range(MOST_RUNS):
            if pull_first or turn:
                self.run("pull")
            if self.run("push", "--yes").code == 0 and self._pending() == []:
                break
        self.sandbox.release_late()
        if pull_last:
            self.run("pull")

    def _may_be_missing(self, place: Place, pull_first: bool) -> Counter[str]:
        """Return the entries that the trail may lack: of work that has no reference in Syncro to know it by again."""
        if self._killed and place in (without_caches, clone):
            # The journal said that the file's new text was a record: it is gone with `.synclog/`.
            return Counter(update=1, invoice=1)
        # Where a pull meets a change before the push that sent it does, it may be anybody's.
        return Counter(update=1 if pull_first else 0)

    def _pending(self) -> list[object]:
        ended = self.run("status", "--json")
        document = json.loads(ended.out)["result"]
        return [*document["pending"], *document["drafts"], *document["invalid"], *([ended.code] if ended.code else [])]

    # --- what has to be then ---------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raise AssertionError unless each piece of work is there exactly once, and nothing is left to do."""
        found = self._account().since(self._before)
        assert found.records() == self.kind.there
        assert self.sandbox.store.ticket(NUMBER)["status"] == self.kind.status
        self._check_trail(found)
        assert self._pending() == []
        assert self.git("status", "--porcelain", "clients") == ""
        self.sandbox.forbid_writes = True
        last = self.run("push", "--yes")
        assert (last.code, self.sandbox.forbidden) == (0, [])
        self.check_key()

    def check_key(self) -> None:
        """Raise AssertionError when the key is in anything that the runs left: files, git's objects, what was said."""
        key = self.sandbox.api_key.encode()
        for file in self.folder.rglob("*"):
            if file.is_file():
                assert key not in file.read_bytes(), file
        every = ("cat-file", "--batch-all-objects", "--batch")
        objects = subprocess.run(["git", *every], cwd=self.root, capture_output=True, check=True).stdout
        assert key not in objects

    def _check_trail(self, found: Account) -> None:
        trail = trail_of(self.git, self._start)
        # Time that reaches Syncro by a request of its own may have an entry of its own.
        posted = [block for block in trail if block["Synclog-Op"] != ["time"]]
        ops = Counter(all_of(posted, "Synclog-Op"))
        assert not ops - self.kind.ops
        missing = self.kind.ops - ops
        assert not missing - self._excused
        assert all_of(posted, "Synclog-Entry") == found.references()
        assert all_of(posted, "Syncro-Comment") == sorted(map(str, found.comments))
        invoices = [] if missing["invoice"] else sorted(row["number"] for row in found.invoices.values())
        assert all_of(trail, "Syncro-Invoice") == invoices
        assert sum(map(int, all_of(trail, "Synclog-Minutes"))) == self.kind.minutes()
        for name, trailer in (("timers", "Syncro-Timer"), ("line_items", "Syncro-Line-Item")):
            if name in self.kind.trail_lists:
                assert all_of(trail, trailer) == sorted(map(str, getattr(found, name)))


class _Watched(list[Recorded]):
    """The sandbox's list of requests, which says when one `arrives` that a fault is about; before it strikes."""

    def __init__(self, struck: Struck, arrives: Callable[[], None]) -> None:
        super().__init__()
        self._struck = struck
        self._arrives = arrives

    def append(self, request: Recorded) -> None:
        super().append(request)
        if self._struck.matches(request.method, request.path):
            self._arrives()


def _replace(file: Path, changes: Changes) -> None:
    text = file.read_bytes().decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file.write_bytes(text.encode())
