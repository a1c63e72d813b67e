"""What a pull costs as the account grows, as ratios to a floor measured in the same run. Prints a table.

    python tests/benchmarks/pulling.py [TICKETS]...        (1000, 10000 and 100000 without)

A first pull reads from a sandbox in another process, without latency and limit; up to 10,000 tickets. Pulls of what
changed run in a workspace of all the tickets, made in bulk, against a sandbox whose open tickets come on top.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bulk import make_workspace
from run import KEY, PYTHON, READ_ALL, fast_import, peak_memory, run, start_sandbox, timed

from synclog.sandbox import Sandbox

CHANGED = 25
LARGEST_FIRST_PULL = 10_000
FIRST_NUMBER = 500_000
ROUNDS = 5
Row = tuple[str, str, str, str]


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [1_000, 10_000, 100_000]
    print("| what | measured | floor | ratio |\n|---|---|---|---|")
    for size in sizes:
        if size <= LARGEST_FIRST_PULL:
            show(first_pull(size))
        for row in later_pulls(size):
            show(row)


def show(row: Row) -> None:
    print("| " + " | ".join(row) + " |", flush=True)


def ready(root: Path, base_url: str, key: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the environment and the command line for a workspace at `root`/w, made if need be, without a limit."""
    own = {"SYNCLOG_API_KEY": key, "SYNCLOG_CONFIG_DIR": str(root / "config"), "XDG_STATE_HOME": str(root / "state")}
    env = os.environ | own
    run(PYTHON, "-m", "synclog", "init", str(root / "w"), "--base-url", base_url, "--timezone", "UTC", env=env)
    settings = root / "w" / "synclog.yaml"
    settings.write_text(settings.read_text("utf-8").replace("rate_limit: 180", "rate_limit: 100000"), "utf-8")
    return env, (PYTHON, "-m", "synclog", "--json", "-C", str(root / "w"), "pull")


def first_pull(tickets: int) -> Row:
    server, base_url = start_sandbox(tickets)
    try:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            env, pull = ready(root, base_url, KEY)
            settings = root / "w" / "synclog.yaml"
            settings.write_text(settings.read_text("utf-8").replace("scope: open", "scope: all"), "utf-8")
            seconds, memory, answer = peak_memory(pull, env)
            assert answer["ok"], answer
            paths = list((root / "w").glob("clients/*/tickets/*.md"))
            bases = [p.read_text("utf-8").rstrip().rpartition("\n")[2] for p in paths]
            ids = [json.loads(b.removeprefix("<!-- synclog:base ").removesuffix(" -->"))["id"] for b in bases]
            reading = timed(lambda: run(PYTHON, "-c", READ_ALL, base_url, KEY, feed=json.dumps(ids)), 1)
            writing = timed(lambda: fast_import(root / "w"), 1)
    finally:
        server.terminate()
        server.wait()
    floor = reading + writing
    return (
        f"first pull of {tickets:,} tickets",
        f"{seconds:.1f} s, {memory} MB",
        f"the same answers read bare {reading:.1f} s, the same files by git alone {writing:.1f} s",
        f"{seconds / floor:.2f}",
    )


def later_pulls(tickets: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        root = Path(folder)
        make_workspace(root / "w", tickets, base_url=sandbox.base_url, first=FIRST_NUMBER)
        env, pull = ready(root, sandbox.base_url, sandbox.api_key)
        peak_memory(pull, env)
        still = [peak_memory(pull, env) for _ in range(ROUNDS)]
        one = [sandbox.store.tickets()[0]["id"]]
        read = (PYTHON, "-c", READ_ALL, sandbox.base_url, sandbox.api_key)
        start = timed(lambda: run(*read, feed=json.dumps(one)), ROUNDS)
        numbers = [int(p.name.partition("-")[0]) for p in (root / "w").glob("clients/*/tickets/32*.md")][:CHANGED]
        ids = [sandbox.store.ticket(number)["id"] for number in numbers]
        some, floor = [], []
        for turn in range(3):
            for number in numbers:
                sandbox.store.web_update_ticket(number, priority=("High", "Low", "Urgent")[turn])
            some.append(peak_memory(pull, env))
            begun = time.perf_counter()
            run(*read, feed=json.dumps([*one, *ids]))
            commit_by_git(root / "w", numbers, turn)
            floor.append(time.perf_counter() - begun)
    assert all(len(answer["result"]["changed"]) == CHANGED for *_, answer in some), some  # type: ignore[index,call-overload]
    none, changed = (statistics.median(seconds for seconds, *_ in runs) for runs in (still, some))
    commit = statistics.median(floor)
    return [
        (
            f"pull with no change, {tickets:,} tickets on disk",
            f"{none:.2f} s, {max(memory for _, memory, _ in still)} MB",
            f"Python start and one request: {start:.2f} s",
            f"{none / start:.2f}",
        ),
        (
            f"pull with {CHANGED} changed of {tickets:,}",
            f"{changed:.2f} s, {max(memory for _, memory, _ in some)} MB",
            f"that, {CHANGED} requests and git's commit of {CHANGED} files: {commit:.2f} s",
            f"{changed / commit:.2f}",
        ),
    ]


def commit_by_git(workspace: Path, numbers: list[int], turn: int) -> None:
    """Change as many files as were pulled, and commit them with git alone; the next pull puts them back."""
    paths = [next(workspace.glob(f"clients/*/tickets/{number}-*.md")) for number in numbers]
    for path in paths:
        path.write_bytes(
            path.read_bytes().replace(b"\n<!-- synclog:mirror", f"\nturn {turn}\n\n<!-- synclog:mirror".encode())
        )
    git = ("git", "-C", str(workspace), "-c", "user.name=x", "-c", "user.email=x@x.example")
    run(*git, "add", *(str(path) for path in paths))
    run(*git, "commit", "-qm", "x")


if __name__ == "__main__":
    main()
