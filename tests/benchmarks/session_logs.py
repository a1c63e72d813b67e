"""What 10,000 session logs cost, as ratios to floors measured in the same run. Prints a table.

    python tests/benchmarks/session_logs.py [LOGS]          (10000 when left out)

Rendering: values through a template and into files, against Jinja rendering a trivial template that often and the same
files being written by `open`. Then the command on a workspace of so many tickets with a note posted on each: reading
the trail and the tickets, rendering, indexes, writing and the commit; against git reading its log, and taking and
committing as many files. Each is measured in a process of its own, which tells its memory.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bulk import FIRST_NUMBER, ZONE, make_workspace

from synclog.core.mirror import ChargeRow, Entry, InvoiceRow, Mirror, TimeRow
from synclog.core.sessionlog import SessionLog, session_log, sessions_of, work_of
from synclog.core.trail import TrailEntry, message_with

PYTHON = sys.executable
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def reference(number: int) -> str:
    """A reference as notes have them, another one for each ticket."""
    return f"{number}-" + "".join(LETTERS[(number >> (5 * place)) & 31] for place in range(10))


def log_of(index: int) -> SessionLog:
    """A log of the usual size: two notes, an answer, time, a charge, an invoice."""
    number = FIRST_NUMBER + index
    opened = datetime(2026, 1, 5, 9, 0, tzinfo=ZONE) + timedelta(minutes=17 * index)
    references = [reference(number), reference(number + 10**6).replace(str(number + 10**6), str(number))]
    texts = [f"Replaced the failed disk, slot {index % 12}.\n\nRef {references[0]}", f"Rebuilt.\n\nRef {references[1]}"]
    entries = [
        Entry(opened, "Len Ford", "Initial Issue", "public", f"The server is slow since Monday, room {index}."),
        *(Entry(opened + timedelta(hours=1), "Mia Ortiz", "Update", "public", text) for text in texts),
        Entry(opened + timedelta(hours=2), "Len Ford", "Re: Server", "public", "Thank you!\nIt hums again."),
    ]
    day = opened.date()
    mirror = Mirror(
        entries=tuple(entries),
        time=(TimeRow(day, 90, "remote", "Mia Ortiz", "90 invoiced", f"Ref {references[0]}"),),
        charges=(ChargeRow("SSD 960 GB", Decimal("2"), Decimal("189.50"), True),),
        invoices=(InvoiceRow(str(41000 + index), day, Decimal("439.00")),),
    )
    trail = [
        TrailEntry(
            "comment", number, name, 5, minutes=45, labor="remote", author="Mia Ortiz", when=opened.astimezone(UTC)
        )
        for name in references
    ]
    fields = {
        "number": str(number),
        "subject": f"Server upgrade {index}",
        "customer": "Len's Auto Brokerage",
        "contact": "Len Ford",
        "status": "Invoiced",
        "tags": ("server", "raid"),
        "resolved_at": opened.isoformat(),
        "url": f"https://acme.syncromsp.com/tickets/{number}",
    }
    work = work_of(mirror, trail, ZONE)
    return session_log(
        fields, mirror, work, sessions_of(work, "day", {}, day)[0], f"../tickets/{number}-server-upgrade.md"
    )


def rendering(count: int, folder: Path) -> None:
    """Render logs and write them."""
    from synclog.render.environment import Templates
    from synclog.render.sessionlog import render_session_log

    templates = Templates()
    for index in range(count):
        write(folder, index, render_session_log(log_of(index), templates))


def values_alone(count: int, folder: Path) -> None:
    """Make the values of logs, which the benchmark itself costs."""
    for index in range(count):
        log_of(index)


def trivial(count: int, folder: Path) -> None:
    """Let Jinja alone render a trivial template, and write files of the size of logs."""
    from jinja2 import Environment

    template = Environment(autoescape=False).from_string("# {{ number }}\n{{ text }}\n")  # noqa: S701
    text = "x" * 2200
    for index in range(count):
        write(folder, index, template.render(number=index, text=text))


def write(folder: Path, index: int, text: str) -> None:
    with (folder / f"{index}.md").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


def measured(what: Callable[[int, Path], None], count: int) -> tuple[float, float, int]:
    """Return the seconds, the processor's seconds and the memory (MB) of one of these, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run((PYTHON, __file__, what.__name__, str(count), folder), capture_output=True, check=True)
    wall, worked, memory = json.loads(said.stdout)
    return wall, worked, memory


def child(name: str, count: int, folder: Path) -> None:
    start, before = time.perf_counter(), time.process_time()
    {made.__name__: made for made in (rendering, values_alone, trivial)}[name](count, folder)
    figures = (time.perf_counter() - start, time.process_time() - before)
    print(json.dumps((*figures, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)))


# --- the command --------------------------------------------------------------------------------------------------


def add_trail(root: Path, count: int) -> None:
    """Record a note on each ticket, a commit each."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, check=True, text=True).stdout
    lines = []
    start = int(datetime(2026, 1, 5, 16, 0, tzinfo=UTC).timestamp())
    for index in range(count):
        number = FIRST_NUMBER + index
        entry = TrailEntry("comment", number, reference(number), 5, minutes=30, labor="remote")
        message = message_with(f"push: #{number} Replaced the failed disk.", [entry]).encode()
        # A month of work, all of it.
        who = f"committer Mia Ortiz <mia@copperline.example> {start + index * 200} +0000"
        lines.append(f"commit refs/heads/main\n{who}\ndata {len(message)}\n".encode() + message)
        lines.append((f"from {head.strip()}\n" if index == 0 else "").encode())
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=b"\n".join(lines) + b"\n", check=True)
    subprocess.run(["git", "reset", "--quiet", "--hard"], cwd=root, check=True)


def timed(root: Path, *words: str) -> tuple[float, float, int]:
    """Return the seconds, the processor's seconds and the memory (MB) of a command and the programs that it runs."""
    watch = (
        "import json, os, resource, subprocess, sys, time; t = time.perf_counter();"
        " c = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode;"
        " r = resource.getrusage(resource.RUSAGE_CHILDREN);"
        " print(json.dumps((time.perf_counter() - t, r.ru_utime + r.ru_stime, r.ru_maxrss // 1024))); sys.exit(c)"
    )
    said = subprocess.run((PYTHON, "-c", watch, *words), cwd=root, capture_output=True, check=True).stdout
    wall, worked, memory = json.loads(said)
    return wall, worked, memory


def floor_of_the_command(root: Path, count: int) -> tuple[float, float]:
    """Return the seconds, and the processor's, of git reading the log, and taking and committing as many files."""
    read = timed(root, "git", "log", "--grep=Synclog-Op: ", "--format=%H%x00%an%x00%ae%x00%at%x00%B")
    for index in range(count):
        folder = root / "clients" / f"floor-{index % 400}"
        folder.mkdir(exist_ok=True)
        write(folder, index, f"{index}\n" + "x" * 2200)
    added = timed(root, "git", "add", "clients")
    committed = timed(root, "git", "commit", "--quiet", "-m", "floor")
    return read[0] + added[0] + committed[0], read[1] + added[1] + committed[1]


def main() -> None:
    if len(sys.argv) > 2:
        child(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    for who in ("AUTHOR", "COMMITTER"):
        os.environ |= {f"GIT_{who}_NAME": "Mia Ortiz", f"GIT_{who}_EMAIL": "mia@copperline.example"}
    print("| what | measured | floor | ratio | of processor time |\n|---|---|---|---|---|")
    ours, values, bare = (measured(what, count) for what in (rendering, values_alone, trivial))
    wall, worked = ours[0] - values[0], ours[1] - values[1]
    shown = f"{wall:.1f} s, {worked:.1f} s of processor time, {ours[2]} MB | {bare[0]:.1f} s, {bare[1]:.1f} s"
    print(f"| rendering {count:,} logs | {shown} | {wall / bare[0]:.1f} | {worked / bare[1]:.1f} |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "msp"
        make_workspace(root, count)
        add_trail(root, count)
        synclog = (PYTHON, "-m", "synclog")
        subprocess.run((*synclog, "status"), cwd=root, check=True, capture_output=True)
        floor = floor_of_the_command(root, count)
        subprocess.run(("git", "reset", "--quiet", "--hard", "HEAD^"), cwd=root, check=True)
        for what, words in (("first", ()), ("again, nothing new", ()), ("--check", ("--check",))):
            month = ("--month", f"{date(2026, 1, 1):%Y-%m}")
            found = timed(root, *synclog, "-q", "session-log", *month, *words)
            shown = f"{found[0]:.1f} s, {found[1]:.1f} s of processor time, {found[2]} MB"
            shown += f" | {floor[0]:.1f} s, {floor[1]:.1f} s | {found[0] / floor[0]:.1f} | {found[1] / floor[1]:.1f}"
            print(f"| session-log --month, {count:,} logs, {what} | {shown} |", flush=True)
        logs = len(list(root.glob("clients/*/session-logs/2*.md")))
        print(f"{logs:,} logs were written.")


if __name__ == "__main__":
    main()
