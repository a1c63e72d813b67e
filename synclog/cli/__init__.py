"""The command line: wiring, printing, exit codes; nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from synclog.workspace.glance import Glance

LOOKING = ("status", "diff", "check", "list", "search", "show")


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    glance = _looking(sys.argv[1:])
    from synclog.cli.entry import run

    raise SystemExit(run(glance=glance))


def _looking(words: list[str]) -> Glance | None:
    """Have git look at the files for a command that will ask what it saw, while Python loads all the rest. Where global
    options come first, it begins when they are understood."""
    if not words or words[0] not in LOOKING or {"--help", "-h", "--remote"} & set(words):
        return None
    from synclog.workspace.glance import begin_glance

    return begin_glance(Path())
