"""An office to test in: a sandbox, a workspace of its account, a session with a clock that never really waits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.terminal import Terminal
from synclog.app.pull import PullResult, pull
from synclog.app.push import PushResult, push
from synclog.app.session import Clock, Session
from synclog.core.trail import TrailEntry
from synclog.sandbox import Sandbox
from synclog.syncro.client import SyncroClient
from synclog.workspace.making import init_workspace
from synclog.workspace.workspace import Workspace

LABOR = {"remote": 1190473, "onsite": 26118, "emergency": 26184, "project": 9269129}
NAME, EMAIL = "Mike Sorrel", "mike@copperline.example"
NUMBER = 32162
NOTE = "notes:\n  - note: Replaced the failed disk.\n    time: 1h30m\n    labor: remote\n"


class Time:
    """A clock for the sandbox and the engine alike; sleeping moves it on."""

    def __init__(self) -> None:
        self.at = datetime(2026, 4, 24, 18, 0, tzinfo=UTC)
        self.slept = 0.0

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.at += timedelta(seconds=seconds)


class Office:
    """One technician's workspace of the sandbox's account."""

    def __init__(self, root: Path, sandbox: Sandbox, time: Time) -> None:
        self.root, self.sandbox, self.time = root, sandbox, time
        git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
        git(root, "config", "user.name", NAME)
        git(root, "config", "user.email", EMAIL)
        init_workspace(root, sandbox.base_url, "America/Phoenix", labor=LABOR)
        self.change_settings("rate_limit: 180", "rate_limit: 100000")
        git(root, "commit", "--quiet", "-am", "our settings")
        self.technician: str | None = None
        self.key = sandbox.api_key
        self.told: list[str] = []
        self.terminals = 0

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(self.root)

    @contextmanager
    def session(self) -> Iterator[Session]:
        client = SyncroClient(self.sandbox.base_url, self.key, timeout=5, sleep=self.time.sleep)
        clock = Clock(self.time.now, self.time.sleep)
        with Session(self.workspace, client, self.technician, clock, self.told.append) as session:
            yield session

    def pull(self, *numbers: int, **options: Any) -> PullResult:
        with self.session() as session:
            return pull(session, numbers, **options)

    def push(self, *numbers: int, **options: Any) -> PushResult:
        with self.session() as session:
            return push(session, numbers, **{"confirm": lambda _: True, **options})

    def path(self, number: int = NUMBER) -> Path:
        (found,) = self.root.glob(f"clients/*/tickets/{number}-*.md")
        return found

    def text(self, number: int = NUMBER) -> str:
        return self.path(number).read_bytes().decode()

    def edit(self, *changes: tuple[str, str], number: int = NUMBER) -> None:
        """Do what an editor does: replace and save."""
        text = self.text(number)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        self.path(number).write_bytes(text.encode())

    def write_note(self, notes: str = NOTE, number: int = NUMBER) -> None:
        self.edit(("notes: []\n", notes), number=number)

    def commit_as(self, name: str, email: str) -> None:
        """Commit all that is changed as another technician."""
        git(self.root, "-c", f"user.name={name}", "-c", f"user.email={email}", "commit", "-qam", "theirs")

    def change_settings(self, old: str, new: str) -> None:
        file = self.root / "synclog.yaml"
        text = file.read_text("utf-8")
        assert old in text, old
        file.write_bytes(text.replace(old, new, 1).encode())

    def move_to(self, sandbox: Sandbox) -> None:
        """Let the workspace be one of another account."""
        self.change_settings(self.sandbox.base_url, sandbox.base_url)
        self.sandbox, self.key = sandbox, sandbox.api_key

    # --- what Syncro holds, asked of the sandbox itself ------------------------------------------------------------

    def comments(self, number: int = NUMBER, words: str = "Replaced the failed disk") -> list[dict[str, Any]]:
        ticket = self.sandbox.store.ticket(number)
        return [c for c in self.sandbox.store.comments(ticket["id"]) if words in c["body"]]

    def timers(self, number: int = NUMBER) -> list[dict[str, Any]]:
        return self.sandbox.store.timers(self.sandbox.store.ticket(number)["id"])

    def invoices(self, number: int = NUMBER) -> list[dict[str, Any]]:
        return self.sandbox.store.invoices(self.sandbox.store.ticket(number)["id"])

    def trail(self, number: int = NUMBER) -> list[TrailEntry]:
        """What history says was posted to a ticket, newest first."""
        return [entry for entry in self.workspace.history.trail() if entry.ticket == number]

    def log(self, count: int = 20) -> list[str]:
        return git(self.root, "log", f"-{count}", "--format=%an: %s").splitlines()

    # --- the command line ------------------------------------------------------------------------------------------

    def environment(self, **more: str) -> dict[str, str]:
        own = {"SYNCLOG_API_KEY": self.key, "SYNCLOG_CONFIG_DIR": str(self.root.parent / "config"), "PYTHONUTF8": "1"}
        return os.environ | own | more

    def cli(self, *words: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run the real command line in the workspace, without a terminal."""
        return subprocess.run(
            [sys.executable, "-m", "synclog", *words],
            cwd=self.root,
            env=self.environment(**more),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    @contextmanager
    def terminal(self, *words: str, columns: int = 80, **more: str) -> Iterator[Terminal]:
        """Run the real command line in the workspace, in a terminal."""
        command = [sys.executable, "-m", "synclog", *words]
        environment = self.environment(TERM="xterm-256color", **more)
        # A server that ends may still hold its socket when the next one begins.
        self.terminals += 1
        socket = self.root.parent / f"tmux-{self.terminals}"
        terminal = Terminal(command, self.root, environment, socket, columns=columns)
        try:
            yield terminal
        finally:
            terminal.close()


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, encoding="utf-8").stdout.strip()


def snapshot(root: Path, *, without: Sequence[str] = ()) -> dict[str, bytes]:
    """Every file below a folder, git's own included."""
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file() and not any(part in without for part in p.parts)
    }
