"""Speed and memory of everyday commands, as ratios to a floor measured in the same run. Prints a table.

    python tests/benchmarks/run.py [TICKETS]

Medians of several runs; pulls run in a fresh folder against a sandbox of another process, without latency or limit.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PYTHON = sys.executable
RUNS = 5
KEY = "sandbox-key-of-mike-sorrel-0000000000"
_READ_ALL = """
import json, sys, requests
base, key, ids = sys.argv[1], {"api_key": sys.argv[2]}, json.load(sys.stdin)
session = requests.Session()
for ticket in ids:
    json.loads(session.get(f"{base}/tickets/{ticket}", params=key).content)
"""


def timed(action: Callable[[], object], runs: int = RUNS) -> float:
    """Return the median seconds of `action`."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def run(*words: str, env: dict[str, str] | None = None, feed: str | None = None) -> str:
    done = subprocess.run(words, env=env, input=feed, capture_output=True, check=True, encoding="utf-8")
    return done.stdout


def peak_memory(words: Sequence[str], env: dict[str, str]) -> tuple[float, int, dict[str, object]]:
    """Return seconds, peak memory in MB and the JSON answer of a command."""
    watch = (
        "import resource, subprocess, sys; out = subprocess.run(sys.argv[1:], capture_output=True).stdout;"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.stdout.flush();"
        "sys.stdout.buffer.write(out)"
    )
    start = time.perf_counter()
    said = run(PYTHON, "-c", watch, *words, env=env)
    seconds = time.perf_counter() - start
    first, _, rest = said.partition("\n")
    return seconds, int(first) // 1024, json.loads(rest)


def start_sandbox(tickets: int) -> tuple[subprocess.Popen[str], str]:
    words = [PYTHON, "-m", "synclog", "--json", "sandbox", "--tickets", str(tickets)]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, encoding="utf-8")
    assert server.stdout is not None
    text = ""
    while True:
        text += server.stdout.readline()
        try:
            return server, json.loads(text)["result"]["base_url"]
        except json.JSONDecodeError:
            continue


def main() -> None:
    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rows: list[tuple[str, str, str, str]] = []
    pairs = [
        (
            timed(lambda: run(PYTHON, "-c", "import click"), 1),
            timed(lambda: run(PYTHON, "-m", "synclog", "--version"), 1),
        )
        for _ in range(31)
    ]
    floor, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    rows.append(("synclog --version", f"{ours:.3f} s", f"import click: {floor:.3f} s", f"{ours / floor:.2f}"))
    server, base_url = start_sandbox(tickets)
    try:
        rows += pulls(base_url, tickets)
    finally:
        server.terminate()
        server.wait()
    print("| what | measured | floor | ratio |\n|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def pulls(base_url: str, tickets: int) -> list[tuple[str, str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        env = os.environ | {"SYNCLOG_API_KEY": KEY, "SYNCLOG_CONFIG_DIR": str(root / "config")}
        synclog = (PYTHON, "-m", "synclog", "--json", "-C", str(root / "w"))
        run(PYTHON, "-m", "synclog", "init", str(root / "w"), "--base-url", base_url, "--timezone", "UTC", env=env)
        settings = root / "w" / "synclog.yaml"
        text = settings.read_text("utf-8").replace("scope: open", "scope: all")
        settings.write_text(text.replace("rate_limit: 180", "rate_limit: 100000"), "utf-8")
        seconds, memory, answer = peak_memory((*synclog, "pull"), env)
        bases = [p.read_text("utf-8").rstrip().rpartition("\n")[2] for p in (root / "w").glob("clients/*/tickets/*.md")]
        ids = [json.loads(base.removeprefix("<!-- synclog:base ").removesuffix(" -->"))["id"] for base in bases]
        floor = timed(lambda: run(PYTHON, "-c", _READ_ALL, base_url, KEY, feed=json.dumps(ids)), 3)
        floor += timed(lambda: bare_git(root / "w"), 1)
        first = (
            f"first pull of {tickets} tickets",
            f"{seconds:.1f} s, {tickets / seconds:.0f} tickets/s, {memory} MB, {requests_of(answer)} requests",
            f"the same details read bare, the same files committed by git: {floor:.1f} s",
            f"{seconds / floor:.2f}",
        )
        again, memory, answer = peak_memory((*synclog, "pull"), env)
        one = timed(lambda: run(PYTHON, "-c", _READ_ALL, base_url, KEY, feed=json.dumps(ids[:1])))
        second = (
            "pull with no change",
            f"{again:.2f} s, {memory} MB, {requests_of(answer)} requests",
            f"Python start and one request: {one:.2f} s",
            f"{again / one:.2f}",
        )
        return [first, second, push_row(root, synclog, env)]


def push_row(root: Path, synclog: Sequence[str], env: dict[str, str]) -> tuple[str, str, str, str]:
    path = next((root / "w").glob("clients/*/tickets/32162-*.md"))
    settings = root / "w" / "synclog.yaml"
    settings.write_text(settings.read_text("utf-8").replace("labor: {}", "labor:\n  remote: 1190473"), "utf-8")
    note = "notes:\n  - note: Replaced the failed disk.\n    time: 1h30m\n    labor: remote\n"
    path.write_text(path.read_text("utf-8").replace("notes: []\n", note), "utf-8")
    seconds, memory, answer = peak_memory((*synclog, "push", "32162", "--yes"), env)
    measured = f"{seconds:.2f} s, {memory} MB, {requests_of(answer)} requests"
    return ("push of one note with time", measured, "", "")


def requests_of(answer: dict[str, object]) -> object:
    result = answer["result"]
    assert isinstance(result, dict)
    assert answer["ok"], answer
    return result["requests"]


def bare_git(workspace: Path) -> None:
    """Write the same files once more and commit them with git alone."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        run("git", "init", "--quiet", str(copy))
        for path in workspace.glob("clients/**/*.md"):
            target = copy / path.relative_to(workspace)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        run("git", "-C", str(copy), "add", "--all")
        run("git", "-C", str(copy), "-c", "user.name=x", "-c", "user.email=x@x.example", "commit", "-qm", "x")


if __name__ == "__main__":
    main()
