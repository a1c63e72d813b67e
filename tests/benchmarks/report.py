"""What a year's report and a year's log cost, as ratios to floors measured in the same run. Prints a table.

    python tests/benchmarks/report.py [TICKETS [RUNS]]   (20000 with five time entries each, 3 runs, when left out)

From files and history alone: no network, no key. The floor of a report is to read the same files and do nothing with
them, that of a log is git's own; both take turns with what they are compared with.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bulk import FIRST_NUMBER, make_workspace

from synclog.core.trail import TrailEntry, message_with
from synclog.sandbox.generate import END, START

PYTHON = sys.executable
SYNCLOG = (PYTHON, "-m", "synclog")
TIMES = 5
Words = Sequence[str]
READING = "from pathlib import Path\nfor file in Path('clients').glob('*/tickets/*.md'): file.read_bytes()"
READ_ALL = (PYTHON, "-c", READING)
GIT_LOG = ("git", "log", "-z", "--grep=Synclog-Op: ", "--format=%H%an%ae%at%B")


def add_trail(root: Path, entries: int) -> None:
    """Record so many posted notes, a commit each."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, check=True, text=True).stdout
    start = int(START.timestamp())
    step = (int(END.timestamp()) - start) // entries
    with subprocess.Popen(["git", "fast-import", "--quiet", "--done"], cwd=root, stdin=subprocess.PIPE) as into:
        assert into.stdin is not None
        for place in range(entries):
            ticket = FIRST_NUMBER + place
            entry = TrailEntry(
                "comment", ticket, f"{ticket}-{place:010}", place + 1, place + 1, minutes=60, labor="remote"
            )
            raw = message_with(f"comment: #{ticket}", [entry]).encode()
            who = f"Mika Sandoval <mika@copperline.example> {start + step * place} +0000"
            parent = f"from {head.strip()}\n" if place == 0 else ""
            words = f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata {len(raw)}\n"
            into.stdin.write(words.encode() + raw + f"\n{parent}".encode())
        into.stdin.write(b"done\n")
    assert into.returncode == 0


def measured(words: Words, folder: Path) -> tuple[float, float, int]:
    """Return how long a command takes, how long processors were at work for it (seconds), and the most memory (MB) that
    it or a program that it ran had."""
    start = time.perf_counter()
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def row(what: str, words: Words, floor: Words, name: str, folder: Path, runs: int) -> None:
    """Measure a command against its floor, in turns, and print a row."""
    measured(floor, folder)
    pairs = [(measured(words, folder), measured(floor, folder)) for _ in range(runs)]
    ours, bare = ([median(values) for values in zip(*column, strict=True)] for column in zip(*pairs, strict=True))
    shown = f"{ours[0]:.1f} s, {ours[1]:.1f} s of processor time, {ours[2]:.0f} MB"
    print(f"| {what} | {shown} | {name}: {bare[1]:.2f} s of processor time | {ours[1] / bare[1]:.1f} |", flush=True)


def main() -> None:
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    for who in ("AUTHOR", "COMMITTER"):
        os.environ |= {f"GIT_{who}_NAME": "Mira Stanton", f"GIT_{who}_EMAIL": "mira@copperline.example"}
    asked = [int(word) for word in sys.argv[1:]]
    tickets, runs = (*asked, *(20_000, 3)[len(asked) :])
    year = ("--from", str(START.date()), "--to", str(END.date()), "--offline")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "msp"
        make_workspace(root, tickets, times=TIMES)
        add_trail(root, tickets)
        page = Path(folder) / "report.html"
        report = (*SYNCLOG, "report", *year)
        of = f"{tickets:,} tickets, {tickets * TIMES:,} time entries"
        print("| what | measured | floor | ratio of processor time |\n|---|---|---|---|")
        row(f"`report --offline`, {of}", report, READ_ALL, "reading the files", root, runs)
        row("the same as a page", (*report, "--html", str(page)), READ_ALL, "reading the files", root, runs)
        print(f"| the page | {page.stat().st_size / 1000:.0f} kB | | |")
        measured((*SYNCLOG, "status"), root)
        row(f"`log --csv`, {tickets:,} entries", (*SYNCLOG, "log", "--csv"), GIT_LOG, "git log", root, runs)


if __name__ == "__main__":
    main()
