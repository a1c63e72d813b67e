"""What a year's report and a year's log cost, as ratios to floors measured in the same run. Prints a table.

    python tests/benchmarks/report.py [TICKETS]          (20000 when left out, with five time entries each)

From files and history alone: no network, no key. The floor of a report is to read the same files and do nothing with
them, that of a log is git's own; both take turns with what they are compared with.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bulk import FIRST_NUMBER, make_workspace
from reading import PYTHON, SYNCLOG, Words, peak_memory, seconds

from synclog.core.trail import TrailEntry, message_with
from synclog.sandbox.generate import END, START

RUNS = 5
TIMES = 5
READ_ALL = "from pathlib import Path\nfor file in Path('clients').glob('*/tickets/*.md'): file.read_bytes()"
FLOOR = ((PYTHON, "-c", READ_ALL),)
GIT_LOG = (("git", "log", "-z", "--grep=Synclog-Op: ", "--format=%H%an%ae%at%B"),)


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


def row(what: str, words: Words, floor: tuple[Words, ...], name: str, folder: Path) -> None:
    """Measure a command against its floor, in turns, and print a row."""
    seconds(floor, folder)
    pairs = [(seconds([words], folder), seconds(floor, folder)) for _ in range(RUNS)]
    ours, bare = (median(one for one, _ in column) for column in zip(*pairs, strict=True))
    worked, needed = (sum(work for _, work in column) / RUNS for column in zip(*pairs, strict=True))
    memory = peak_memory(words, folder)
    shown = f"{ours:.1f} s, {worked:.1f} s of processor time, {memory} MB | {name}: {bare:.1f} s, {needed:.1f} s"
    print(f"| {what} | {shown} | {worked / needed:.1f} |", flush=True)


def main() -> None:
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    for who in ("AUTHOR", "COMMITTER"):
        os.environ |= {f"GIT_{who}_NAME": "Mira Stanton", f"GIT_{who}_EMAIL": "mira@copperline.example"}
    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    year = ("--from", str(START.date()), "--to", str(END.date()), "--offline")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "msp"
        make_workspace(root, tickets, times=TIMES)
        add_trail(root, tickets)
        page = Path(folder) / "report.html"
        of = f"{tickets:,} tickets, {tickets * TIMES:,} time entries"
        print("| what | measured | floor | ratio of processor time |\n|---|---|---|---|")
        row(f"`report --offline`, {of}", (*SYNCLOG, "report", *year), FLOOR, "reading the files", root)
        if (
            "--html"
            in subprocess.run((*SYNCLOG, "report", "--help"), capture_output=True, text=True, check=True).stdout
        ):
            words = (*SYNCLOG, "report", *year, "--html", str(page))
            row("the same as a page", words, FLOOR, "reading the files", root)
            print(f"| the page | {page.stat().st_size / 1000:.0f} kB | | |")
        seconds([(*SYNCLOG, "status")], root)
        row(f"`log --csv`, {tickets:,} entries", (*SYNCLOG, "log", "--csv"), GIT_LOG, "git log", root)


if __name__ == "__main__":
    main()
