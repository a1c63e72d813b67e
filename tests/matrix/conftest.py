"""The worker's stage, the option for the whole matrix, and the table at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrix.cell import NO_GIT_SETTINGS
from matrix.processes import Processes
from matrix.stage import Stage
from synclog.sandbox import Sandbox

MEMORY, ROOM = Path("/dev/shm"), 1 << 29

if not hasattr(os, "fork"):
    collect_ignore_glob = ["test_*.py"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="Play every cell of the fault matrix, not the selection.")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the cells are: in memory where the machine has such a folder. A process that is killed leaves there what it
    leaves on a disk, and most of the time goes into waiting for one."""
    has_room = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    if not has_room:
        yield tmp_path_factory.mktemp("matrix")
        return
    with tempfile.TemporaryDirectory(prefix="synclog-matrix-", dir=MEMORY) as made:
        yield Path(made)


@pytest.fixture(scope="session")
def stage(folder: Path) -> Iterator[Stage]:
    (folder / "template").mkdir()
    with Processes() as processes, Sandbox() as sandbox:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in NO_GIT_SETTINGS.items():
                patch.setenv(name, value)
            made = Stage(folder, sandbox, processes)
        yield made
        made.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was played, a line for each kind of write."""
    rows: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0])
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            played = dict(report.user_properties).get("matrix")
            if played:
                for row in (rows[played["kind"]], rows["all"]):
                    row[0] += played["cells"]
                    row[1] += played.get("failures", 1) if report.failed else 0
                    row[2] += report.duration
    if rows:
        rows["all"] = rows.pop("all")
        terminalreporter.section("fault matrix")
        terminalreporter.write_line(f"{'kind':<22}{'cells':>7}{'failures':>10}{'seconds':>9}")
        for name, (cells, failures, seconds) in rows.items():
            terminalreporter.write_line(f"{name:<22}{cells:>7.0f}{failures:>10.0f}{seconds:>9.1f}")
