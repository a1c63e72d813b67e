"""The command line: wiring, printing, exit codes; nothing else."""

from __future__ import annotations

from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    from synclog.cli.entry import run

    raise SystemExit(run())
