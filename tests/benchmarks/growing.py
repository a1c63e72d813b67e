"""What one repository costs its clones as it grows. Prints a table.

    python tests/benchmarks/growing.py [TICKETS]...        (10000 and 100000 without)

A workspace of all the tickets, made in bulk, then a year's work on it: a commit each of 25 changed files.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from bulk import make_workspace
from run import run

COMMITS, CHANGED = 300, 25


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [10_000, 100_000]
    print("| tickets | what | seconds | .git | files on disk |\n|---|---|---|---|---|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), size)


def measure(root: Path, tickets: int) -> None:
    origin = root / "origin"
    make_workspace(origin, tickets)
    paths = sorted(origin.glob("clients/*/tickets/*.md"))
    rng = Random(tickets)
    for turn in range(COMMITS):
        change(origin, rng.sample(paths, CHANGED), turn)
    run("git", "-C", str(origin), "gc", "--quiet")
    url = origin.as_uri()
    run("git", "-C", str(origin), "config", "uploadpack.allowFilter", "true")
    row(tickets, "the whole of it", 0.0, origin)
    ways = {
        "a clone": (),
        "a clone without old contents (`--filter=blob:none`)": ("--filter=blob:none",),
        "a clone of one customer's files (`--sparse --filter=blob:none`)": ("--filter=blob:none", "--sparse"),
        "a clone of the last 50 commits (`--depth 50`)": ("--depth", "50"),
    }
    for place, (name, words) in enumerate(ways.items()):
        target = root / f"clone-{place}"
        begun = time.perf_counter()
        run("git", "clone", "--quiet", *words, url, str(target))
        if "--sparse" in words:
            run(
                "git",
                "-C",
                str(target),
                "sparse-checkout",
                "set",
                paths[0].parent.parent.relative_to(origin).as_posix(),
            )
        row(tickets, name, time.perf_counter() - begun, target)
    change(origin, rng.sample(paths, CHANGED), COMMITS)
    for place, name in ((0, "`git pull` of 25 changed, whole clone"), (2, "the same, clone of one customer's files")):
        begun = time.perf_counter()
        run("git", "-C", str(root / f"clone-{place}"), "pull", "--quiet", "--ff-only")
        row(tickets, name, time.perf_counter() - begun, root / f"clone-{place}")


def change(workspace: Path, paths: list[Path], turn: int) -> None:
    """Commit a small change of these files."""
    for path in paths:
        path.write_bytes(path.read_bytes().replace(b"\n## Time\n", f"\n> turn {turn}\n\n## Time\n".encode(), 1))
    git = ("git", "-C", str(workspace), "-c", "user.name=x", "-c", "user.email=x@x.example", "-c", "gc.auto=0")
    run(*git, "commit", "-qm", f"pull: 0 new, {len(paths)} changed", "--", *map(str, paths))


def row(tickets: int, name: str, seconds: float, clone: Path) -> None:
    git = size(clone / ".git")
    print(f"| {tickets:,} | {name} | {seconds:.1f} | {git} MB | {size(clone) - git} MB |", flush=True)


def size(folder: Path) -> int:
    """Return the megabytes that a folder takes on disk."""
    blocks = 0
    for top, _, names in os.walk(folder):
        blocks += sum(os.lstat(os.path.join(top, name)).st_blocks for name in names)  # noqa: PTH118
    return blocks * 512 // 1_000_000


if __name__ == "__main__":
    main()
