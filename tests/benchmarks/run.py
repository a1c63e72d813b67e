"""Speed and memory of everyday commands, as ratios to a floor measured in the same run. Prints a table.

    python tests/benchmarks/run.py

Medians of several runs; the push runs against a sandbox of another process, without latency or limit.
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
READ_ALL = """
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
    server, base_url = start_sandbox(100)
    try:
        rows.append(push(base_url))
    finally:
        server.terminate()
        server.wait()
    print("| what | measured | floor | ratio |\n|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def push(base_url: str) -> tuple[str, str, str, str]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        env = os.environ | {"SYNCLOG_API_KEY": KEY, "SYNCLOG_CONFIG_DIR": str(root / "config")}
        synclog = (PYTHON, "-m", "synclog", "--json", "-C", str(root / "w"))
        run(PYTHON, "-m", "synclog", "init", str(root / "w"), "--base-url", base_url, "--timezone", "UTC", env=env)
        run(*synclog, "pull", env=env)
        return push_row(root, synclog, env, base_url)


def push_row(root: Path, synclog: Sequence[str], env: dict[str, str], base_url: str) -> tuple[str, str, str, str]:
    path = next((root / "w").glob("clients/*/tickets/32162-*.md"))
    settings = root / "w" / "synclog.yaml"
    settings.write_text(settings.read_text("utf-8").replace("labor: {}", "labor:\n  remote: 1190473"), "utf-8")
    ticket = json.loads(path.read_text("utf-8").rstrip().rpartition("synclog:base ")[2].removesuffix(" -->"))["id"]
    pushes, floor, requests = [], [], set()
    for turn in range(7):
        note = f"notes:\n  - note: Replaced failed disk {turn}.\n    time: 1h30m\n    labor: remote\n"
        path.write_text(path.read_text("utf-8").replace("notes: []\n", note), "utf-8")
        seconds, memory, answer = peak_memory((*synclog, "push", "32162", "--yes"), env)
        pushes.append(seconds)
        requests.add(str(requests_of(answer)))
        feed = json.dumps([ticket] * 5)
        floor.append(timed(lambda: run(PYTHON, "-c", READ_ALL, base_url, KEY, feed=feed), 1))  # noqa: B023
    ours, bare = statistics.median(pushes), statistics.median(floor)
    measured = f"{ours:.2f} s, {memory} MB, {' or '.join(sorted(requests))} requests"
    return ("push of one note with time", measured, f"Python start and 5 requests: {bare:.2f} s", f"{ours / bare:.2f}")


def requests_of(answer: dict[str, object]) -> object:
    result = answer["result"]
    assert isinstance(result, dict)
    assert answer["ok"], answer
    return result["requests"]


def fast_import(workspace: Path) -> None:
    """Write the same files once more with git alone: a commit of all of them in bulk, and its checkout."""
    head = b"commit refs/heads/main\ncommitter x <x@x.example> now\ndata 0\n"
    rows = [head]
    for path in sorted(workspace.glob("clients/**/*.md")):
        raw = path.read_bytes()
        name = path.relative_to(workspace).as_posix().encode()
        rows.append(b"M 100644 inline " + name + b"\ndata " + str(len(raw)).encode() + b"\n" + raw + b"\n")
    with tempfile.TemporaryDirectory() as folder:
        git = ("git", "-C", folder)
        run(*git, "init", "--quiet", "--initial-branch=main")
        words = (*git, "fast-import", "--quiet", "--date-format=now", "--depth=0")
        subprocess.run(words, input=b"".join(rows), check=True)
        run(*git, "reset", "--quiet", "--hard")


if __name__ == "__main__":
    main()
