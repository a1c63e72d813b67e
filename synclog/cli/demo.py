"""The demo: what a technician does, as real commands against the embedded sandbox, checked as it goes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synclog.cli.context import Report
from synclog.errors import SynclogError, UsageError

_NUMBER = 32162
_NOTE = """\
notes:
  - note: |
      Replaced the failed disk and rebuilt the array.
      Watched it sync: **no errors**.
    time: 1h30m
    labor: remote
"""
_LABOR = """\
labor:
  remote: 1190473
  onsite: 26118
  emergency: 26184
"""


_IDENTITY = {"user.name": "Mike Sorrel", "user.email": "mike@copperline.example"}


class DemoFailed(SynclogError):
    """A step of the demo did not do what it should."""

    kind = "demo"


def run_demo(folder: Path | None, say: Callable[[str], None]) -> Report:
    """Run the whole round in `folder` (a temporary one when None), telling each step.

    Raises DemoFailed at the first step that went wrong, UsageError for a folder that is not empty.
    """
    from synclog.sandbox import Sandbox

    root = folder or Path(tempfile.mkdtemp(prefix="synclog-demo-"))
    if root.exists() and any(root.iterdir()):
        raise UsageError(f"{root} is not empty", remedy="name a new folder for the demo")
    root.mkdir(parents=True, exist_ok=True)
    root = root.resolve()
    with Sandbox(data=root / "sandbox") as sandbox:
        demo = _Demo(root, sandbox, say)
        demo.run()
        port = sandbox.base_url.rpartition(":")[2].partition("/")[0]
        return Report(
            {"folder": str(root), "workspace": str(demo.workspace), "steps": demo.steps},
            _how_to_go_on(root, port, sandbox.api_key),
        )


class _Demo:
    """One run of the demo. `steps` are the commands that were run."""

    def __init__(self, root: Path, sandbox: Any, say: Callable[[str], None]) -> None:
        self.workspace = root / "workspace"
        self.sandbox = sandbox
        self.say = say
        self.steps: list[str] = []
        self.environment = os.environ | {
            "SYNCLOG_API_KEY": sandbox.api_key,
            "SYNCLOG_CONFIG_DIR": str(root / "config"),
            "PYTHONUTF8": "1",
        }
        self.environment.pop("PYTHONPATH", None)

    def run(self) -> None:
        self.say(f"The sandbox serves a made-up account at {self.sandbox.base_url}\n")
        self.title("A workspace")
        self.workspace.mkdir()
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=self.workspace, check=True)
        self.identity()
        self.synclog(
            "init", "workspace", "--base-url", self.sandbox.base_url, "--timezone", "America/Phoenix",
            at=self.workspace.parent,
        )  # fmt: skip
        self.edit("synclog.yaml", "labor: {}\n", _LABOR, "Labor products, as `synclog doctor --labor` lists them")
        self.command(["git", "commit", "--quiet", "-m", "Our labor products", "synclog.yaml"])
        self.title("Tickets come in as markdown")
        self.synclog("pull")
        self.synclog("list", "--status", "In Progress")
        self.title("A technician writes what was done, in an editor")
        path = self.ticket_file()
        self.edit(path, "notes: []\n", _NOTE, f"In {path}")
        self.synclog("status")
        self.synclog("diff")
        self.title("The plan, and the push")
        self.synclog("push", "--dry-run")
        self.synclog("push", "--yes")
        self.title("An invoice")
        self.edit(path, "invoice: false\n", "invoice: true\n", f"In {path}")
        self.synclog("push", "--yes")
        self.synclog("push", "--yes")
        self.title("What remains")
        self.synclog("session-log", str(_NUMBER))
        self.synclog("show", str(_NUMBER))
        self.command(["git", "log", "--format=%h %an: %s", "-14"])
        self.check()

    def title(self, text: str) -> None:
        self.say(f"\n== {text}\n")

    def synclog(self, *words: str, at: Path | None = None) -> None:
        """Run a command of synclog as a user would type it."""
        self.command([sys.executable, "-m", "synclog", *words], shown=["synclog", *words], at=at)

    def command(self, words: list[str], *, shown: list[str] | None = None, at: Path | None = None) -> None:
        line = " ".join(f'"{word}"' if " " in word else word for word in shown or words)
        self.steps.append(line)
        self.say(f"$ {line}")
        done = subprocess.run(
            words, cwd=at or self.workspace, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
        self.say(done.stdout.rstrip() + "\n")
        if done.returncode != 0:
            raise DemoFailed(f"`{line}` ended with exit code {done.returncode}", remedy="its output above says why")

    def identity(self) -> None:
        """Give the demo a git identity of its own where the machine has none."""
        for key, value in _IDENTITY.items():
            asked = subprocess.run(["git", "config", key], cwd=self.workspace, capture_output=True, check=False)
            if asked.returncode != 0:
                subprocess.run(["git", "config", key, value], cwd=self.workspace, check=True)

    def ticket_file(self) -> str:
        found = sorted(self.workspace.glob(f"clients/*/tickets/{_NUMBER}-*.md"))
        if not found:
            raise DemoFailed(f"the pull made no file for ticket {_NUMBER}")
        return found[0].relative_to(self.workspace).as_posix()

    def edit(self, path: str, old: str, new: str, where: str) -> None:
        """Do what an editor does: replace text and save."""
        file = self.workspace / path
        text = file.read_text("utf-8")
        if old not in text:
            raise DemoFailed(f"{path} does not hold {old.strip()!r}")
        file.write_bytes(text.replace(old, new, 1).encode())
        self.say(f"{where}:\n" + "".join(f"    {line}\n" for line in new.splitlines()))

    def check(self) -> None:
        """Ask the server itself, not synclog, what it holds now."""
        store = self.sandbox.store
        ticket = store.ticket(_NUMBER)
        notes = [c for c in store.comments(ticket["id"]) if "Replaced the failed disk" in c["body"]]
        timers = store.timers(ticket["id"])
        invoices = store.invoices(ticket["id"])
        self.say(
            f"The server itself holds of ticket {_NUMBER}: {len(notes)} comment of ours, {len(timers)} timer entry of "
            f"{sum(t['active_duration'] for t in timers) // 60} min, {len(invoices)} invoice of "
            f"{', '.join(i['total'] for i in invoices)}; status {ticket['status']}."
        )
        if (len(notes), len(timers), len(invoices), ticket["status"]) != (1, 1, 1, "Invoiced"):
            raise DemoFailed("the server does not hold each of them exactly once")


def _how_to_go_on(root: Path, port: str, key: str) -> list[str]:
    export = "$env:SYNCLOG_API_KEY = " if os.name == "nt" else "export SYNCLOG_API_KEY="
    return [
        "",
        f"All of it is in {root}. To go on, in one terminal:",
        f'    synclog sandbox --data "{root / "sandbox"}" --port {port}',
        "and in another:",
        f'    cd "{root / "workspace"}"',
        f'    {export}"{key}"',
        "    synclog list",
    ]
