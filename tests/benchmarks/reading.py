"""What it costs to ask a workspace of many tickets, as ratios to floors measured in the same run. Prints a table.

    python tests/benchmarks/reading.py [TICKETS…]          (1000 10000 100000 when left out)

Medians of runs that take turns with their floor, so that other load on the machine weighs on both; the ratio of
processor time is what such load changes least. Everything is warm:
the files are in the system's memory, and the index is built. No network, no key.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bulk import RARE, make_workspace

PYTHON = sys.executable
SYNCLOG = (PYTHON, "-m", "synclog")
RUNS = 15
EDITED = 25
IMPORT_CLICK = ((PYTHON, "-c", "import click"),)
GIT_STATUS = (("git", "status"),)
LS_FILES = (("sh", "-c", "git ls-files | wc -l"), (PYTHON, "-c", "pass"))
NOTE = "notes:\n  - note: Replaced the failed disk.\n    time: 1h30m\n    labor: remote\n"

Words = Sequence[str]


def seconds(commands: Sequence[Words], folder: Path) -> tuple[float, float]:
    """Return how long these take, one after the other, and how long processors were at work for them."""
    start, before = time.perf_counter(), os.times()
    for words in commands:
        subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    worked = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - start, worked


def peak_memory(words: Words, folder: Path) -> int:
    """Return the most memory (MB) that a command had, with the programs that it ran."""
    watch = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True); "
    watch += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    said = subprocess.run((PYTHON, "-c", watch, *words), cwd=folder, capture_output=True, check=True).stdout
    return int(said) // 1024


def row(what: str, words: Words, floor: Sequence[Words], name: str, folder: Path) -> None:
    """Measure a command against its floor, in turns, and print a row."""
    seconds([words], folder), seconds(floor, folder)
    pairs = [(seconds([words], folder), seconds(floor, folder)) for _ in range(RUNS)]
    ours, bare = (statistics.median(one for one, _ in column) * 1000 for column in zip(*pairs, strict=True))
    ratio = statistics.median(a[0] / b[0] for a, b in pairs)
    worked, needed = (sum(work for _, work in column) for column in zip(*pairs, strict=True))
    memory = peak_memory(words, folder)
    shown = f"{ours:.0f} ms, {memory} MB | {name}: {bare:.0f} ms | {ratio:.2f} | {worked / needed:.2f}"
    print(f"| {what} | {shown} |", flush=True)


def measure(tickets: int, root: Path) -> None:
    make_workspace(root, tickets)
    subprocess.run(("git", "status"), cwd=root, capture_output=True, check=True)
    first, _ = seconds([(*SYNCLOG, "status")], root)
    texts, _ = seconds([(*SYNCLOG, "search", RARE)], root)
    # What was just written is read again, until it is older than a clock's tick.
    time.sleep(3)
    seconds([(*SYNCLOG, "status"), ("git", "status"), (*SYNCLOG, "status")], root)
    of = f"{tickets:,} tickets"
    print(f"| first `status` of {of}, the index is built | {first:.1f} s | | | |")
    print(f"| first `search` of {of}, the texts are taken in | {texts:.1f} s, index {size_of(root)} MB | | | |")
    ask(of, root)


def ask(of: str, root: Path) -> None:
    """Print the rows of a workspace whose index is built."""
    row(f"`status`, nothing changed, {of}", (*SYNCLOG, "status"), GIT_STATUS, "git status", root)
    row(f'`list --status "In Progress"`, {of}', (*SYNCLOG, "list", "--status", "In Progress"), LS_FILES, LIST, root)
    row(f"`list`, {of}", (*SYNCLOG, "list"), LS_FILES, LIST, root)
    row(f"`show`, {of}", (*SYNCLOG, "show", "32200"), GIT_STATUS, "git status", root)
    row(f"`search`, a rare word, {of}", (*SYNCLOG, "search", RARE), (("git", "grep", RARE),), "git grep", root)
    row(
        f"`search`, a frequent word, {of}", (*SYNCLOG, "search", "lunch"), (("git", "grep", "lunch"),), "git grep", root
    )
    paths = sorted(root.glob("clients/*/tickets/*.md"))
    for path in paths[:: max(1, len(paths) // EDITED)][:EDITED]:
        path.write_bytes(path.read_bytes().replace(b"notes: []\n", NOTE.encode(), 1))
    time.sleep(3)
    seconds([(*SYNCLOG, "status")], root)
    row(f"`status`, {EDITED} edited, {of}", (*SYNCLOG, "status"), GIT_STATUS, "git status", root)


LIST = "git ls-files, python -c pass"


def size_of(root: Path) -> float:
    return round((root / ".synclog" / "index.sqlite").stat().st_size / 1_000_000, 1)


def main() -> None:
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    for who in ("AUTHOR", "COMMITTER"):
        os.environ |= {f"GIT_{who}_NAME": "Mira Stanton", f"GIT_{who}_EMAIL": "mira@copperline.example"}
    print("| what | measured | floor | ratio | of processor time |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        row("`synclog --version`", (*SYNCLOG, "--version"), IMPORT_CLICK, "import click", Path(folder))
        for tickets in [int(word) for word in sys.argv[1:]] or [1000, 10000, 100000]:
            measure(tickets, Path(folder) / str(tickets))


if __name__ == "__main__":
    main()
