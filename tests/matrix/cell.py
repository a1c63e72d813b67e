"""One cell of the matrix: a workspace with one kind of work in it, what goes wrong, and how it goes on to the end."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from matrix.faults import Fault, Watched
from matrix.kinds import DRAFT, DRAFT_TEXT, Changes, Kind
from matrix.places import Place, clone, same_run, without_caches
from matrix.processes import Ended, Processes
from matrix.records import NUMBER, Account, Difference, all_of, trail_of
from synclog.sandbox import Sandbox
from synclog.sandbox.faults import Fault as Struck

SETTLE = 60.0
"""Seconds within which Syncro commits what it has received: what is late comes at the very last moment."""
MOST_RUNS = 5
DEAD_LINE = "drop-before GET /**"
"""Only reads fail: whoever tried to write again would succeed, and be found out."""
_RECORDING = re.compile("^killed (after replace clients/|before _execute git update-ref)", re.MULTILINE)
"""Between a file's new text and the commit that says what it means."""
_MENDED = re.compile(r"\bop: correct,.*? of: (\d+-[0-9a-z]{10})")
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
        self._died_recording = False
        self._again = ""

    # --- what a person does ----------------------------------------------------------------------------------------

    def write(self, kind: Kind) -> None:
        """Set the workspace up for `kind`, and write its work as an editor does: saved, not committed."""
        self.kind = kind
        self.set_up(kind.settings)
        self._start = self.git("rev-parse", "HEAD")
        edits = kind.edits_in(self._before)
        (file,) = self.root.glob(f"clients/*/tickets/{NUMBER}-*.md")
        if edits:
            _replace(file, edits)
        self._mended = _MENDED.findall(file.read_bytes().decode())
        if kind.draft:
            (self.root / DRAFT).write_bytes(DRAFT_TEXT.encode())

    def leave(self, kind: Kind) -> None:
        """Let a command leave the work of `kind` in the file, after what this cell has pushed."""
        found = Difference(self._before, self._account())
        names = {
            "reference": "".join(found.new.references()),
            "invoice": "".join(row["number"] for row in found.new.invoices.values()),
        }
        ended = self.run(*(word.format(**names) for word in kind.leaves), "--queue")
        assert ended.code == 0, ended

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
        self._died_recording |= ended.killed and _RECORDING.search(ended.err) is not None
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

    def push_through(self, fault: Fault, place: Place, write: str) -> None:
        """Push while `fault` strikes one `write` of the kind, to the end of that process.

        Unless the same run is to go on, it reads nothing more of Syncro afterwards, and is refused until it gives up.
        """
        holds = place is same_run
        self.set_up((("timeout: 30", "timeout: 1"),) if fault.impatient else ())
        spec = f"{fault.kind} {write} {'#1-9' if fault.refused and not holds else '#1'}"
        self.sandbox.add_fault(spec)
        arrived: list[Account] = []

        def arrives() -> None:
            arrived.append(self._account())
            if not (holds or fault.refused or fault.killed):
                self.sandbox.add_fault(DEAD_LINE)

        def under_way() -> bool:
            there = spec in self.sandbox.fault_hits
            return there and (not fault.committed or self._account() != arrived[0])

        self.sandbox.requests = Watched(Struck.parse(spec), arrives)
        ended = self.run(*self.kind.command, kill_when=under_way if fault.killed else None)
        self.sandbox.requests = list(self.sandbox.requests)
        self._again = write if fault.again else ""
        self.sandbox.clear_faults()
        assert spec in self.sandbox.fault_hits
        assert ended.killed is fault.killed

    def push_dying(self, step: int, when: str) -> bool:
        """Push with a process that is killed just `before` or `after` its durable step number `step`; return whether
        it has that many."""
        return self.run(*self.kind.command, dies=(step, when)).killed

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
        """Go on in `place` until the command is done with everything, as a person would."""
        place(self)
        self._excused = self._may_be_missing(place, pull_first)
        for turn in range(MOST_RUNS):
            if pull_first or turn:
                self.run("pull")
            if self.run(*self.kind.command).code in (0, self.kind.over) and self._pending() == []:
                break
        self.sandbox.release_late()
        if pull_last:
            self.run("pull")

    def _may_be_missing(self, place: Place, pull_first: bool) -> Counter[str]:
        """Return the entries that the trail may lack: of what nobody looks for in Syncro by a reference."""
        if self._died_recording and place in (without_caches, clone):
            # The journal said that the file's new text was a record: it is gone with `.synclog/`.
            # A pull that reads the ticket again finds what a command had begun; none does where nothing else changed.
            unlooked = {"update", "invoice", "correct", "line", "delete"}
            return Counter({op: 1 for op in self.kind.ops if op in unlooked or self.kind.there.customers})
        # Where a pull meets a change before the push that sent it does, it may be anybody's.
        return Counter(update=1 if pull_first else 0)

    def _pending(self) -> list[object]:
        ended = self.run("status", "--json")
        document = json.loads(ended.out)["result"]
        return [*document["pending"], *document["drafts"], *document["invalid"], *([ended.code] if ended.code else [])]

    # --- what has to be then ---------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raise AssertionError unless each piece of work is there exactly once, and nothing is left to do."""
        found = Difference(self._before, self._account())
        assert found.new.records() == self.kind.there
        assert found.gone.records() == self.kind.gone
        assert found.changed == self.kind.changed
        self._check_trail(found)
        self._check_sent()
        self._check_files(found)
        assert self._pending() == []
        assert self.git("status", "--porcelain", "clients") == ""
        self.sandbox.forbid_writes = True
        last = self.run(*self.kind.command)
        assert (last.code, self.sandbox.forbidden) == (self.kind.over, [])
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

    def _check_sent(self) -> None:
        """Raise AssertionError when a request was sent again that may have been taken: what says the same twice may
        undo what somebody did in between."""
        for write in self.kind.writes:
            asked = Struck.parse(f"500-before {write}")
            times = sum(asked.matches(request.method, request.path) for request in self.sandbox.requests)
            assert times > 1 if write == self._again else (times == 1 or self.kind.by_value), (write, times)

    def _check_files(self, found: Difference) -> None:
        """Raise AssertionError when a file holds a stamp still, or a new customer has not just one card."""
        texts = [file.read_bytes() for file in self.root.glob("clients/**/*.md")]
        assert not [text for text in texts if b"\nsynclog:" in text]
        for customer in found.new.customers:
            assert sum(b"\nid: %d\n" % customer in text for text in texts) == 1

    def _check_trail(self, found: Difference) -> None:
        trail = trail_of(self.git, self._start)
        # Time that reaches Syncro by a request of its own may have an entry of its own.
        commented = all_of([block for block in trail if "Syncro-Comment" in block], "Synclog-Entry")
        posted = [b for b in trail if b["Synclog-Op"] != ["time"] or all_of([b], "Synclog-Entry")[0] not in commented]
        ops = Counter(all_of(posted, "Synclog-Op"))
        assert not ops - self.kind.ops
        missing = self.kind.ops - ops
        assert not missing - self._excused
        lost = missing.keys() & {"correct", "line", "delete", "create"}
        assert all_of(posted, "Synclog-Entry") == ([] if lost else sorted(found.new.references() + self._mended))
        assert all_of(posted, "Syncro-Comment") == sorted(map(str, found.new.comments))
        assert all_of(posted, "Syncro-Customer") == ([] if lost else sorted(map(str, found.new.customers)))
        invoices = sorted(row["number"] for row in found.touched("invoices").values())
        assert all_of(trail, "Syncro-Invoice") == ([] if missing["invoice"] or lost else invoices)
        for name in ("Synclog-Minutes", "Synclog-Billed-Minutes"):
            assert sum(map(int, all_of(trail, name))) == (0 if lost else self.kind.minutes)
        for name, trailer in (("timers", "Syncro-Timer"), ("line_items", "Syncro-Line-Item")):
            if name in self.kind.trail_lists:
                assert all_of(trail, trailer) == ([] if lost else sorted(map(str, found.touched(name))))


def _replace(file: Path, changes: Changes) -> None:
    text = file.read_bytes().decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file.write_bytes(text.encode())
