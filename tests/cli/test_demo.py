"""`synclog demo`: the whole round, without terminal, key and network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"GIT_CONFIG_GLOBAL": str(folder.parent / "none"), "GIT_CONFIG_NOSYSTEM": "1"}
    for name in ("SYNCLOG_API_KEY", "SYNCLOG_CONFIG_DIR"):
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "synclog", *words, "demo", str(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
        timeout=120,
    )


def test_the_demo_runs_the_whole_round_and_leaves_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done = demo(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 comment of ours, 1 timer entry of 90 min, 1 invoice of 180.00; status Invoiced." in done.stderr
    assert str(folder) in done.stdout
    assert "synclog sandbox --data" in done.stdout
    assert list(folder.glob("workspace/clients/*/session-logs/*.md"))


def test_the_demo_says_each_command_that_a_user_would_type(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo", "--json")
    steps = json.loads(done.stdout)["result"]["steps"]
    for step in ("synclog pull", "synclog status", "synclog diff", "synclog push --dry-run", "synclog push --yes"):
        assert step in steps


def test_the_demo_takes_no_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = demo(tmp_path)
    assert (done.returncode, "not empty" in done.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir() if path.name != "none"] == ["mine.txt"]


def test_the_demo_fails_when_the_server_holds_something_else(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom synclog.sandbox import Sandbox\nimport functools, synclog.sandbox\n"
        "synclog.sandbox.Sandbox = functools.partial(Sandbox, comment_time='drop')\n"
        "from synclog.cli.entry import run\nsys.exit(run(['demo', sys.argv[1]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "demo")], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1
    assert "ended with exit code 3" in done.stderr
