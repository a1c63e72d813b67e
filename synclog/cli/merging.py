"""`merge-driver`: what git runs for each ticket file that both sides of a merge changed."""

from __future__ import annotations

from pathlib import Path

import click

from synclog.cli.context import Report, reporting
from synclog.errors import Exit


@click.command(
    "merge-driver",
    epilog="""\b
Examples:
  synclog merge-driver %O %A %B %P      as git's settings have it; `synclog init` writes them
""",
)
@click.argument("ancestor", type=click.Path(path_type=Path))
@click.argument("ours", type=click.Path(path_type=Path))
@click.argument("theirs", type=click.Path(path_type=Path))
@click.argument("path", required=False, default="")
@reporting
def merge_driver(ancestor: Path, ours: Path, theirs: Path, path: str) -> Report:
    """Merge three versions of a ticket's file into OURS. Git calls it, with names of its own files.

    Exit 0 when OURS is merged, 1 when it is left with conflict markers.
    """
    from synclog.app.merging import merge_files

    merged = merge_files(ancestor, ours, theirs, path)
    name = path or str(ours)
    lines = [f"{name}: {line}" for line in merged.left]
    if merged.problem:
        lines = [f"{name} was not merged as a ticket's file, both sides are in it: {merged.problem}"]
    result = {"path": name, "merged": not merged.problem, "left": list(merged.left), "problem": merged.problem}
    return Report(result, lines, (), Exit.FAILED if merged.problem else Exit.DONE)
