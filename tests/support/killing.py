"""The real program, killed in a process of its own at a place that a test names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from support.office import Office

KILLED_AT = """
import os, signal, sys
from synclog.cli.entry import run
module, name, when = sys.argv[1], sys.argv[2], sys.argv[3]
owner = __import__(module.rpartition(":")[0] if ":" in module else module, fromlist=["x"])
holder = getattr(owner, module.partition(":")[2]) if ":" in module else owner
real = getattr(holder, name)
def dying(*args, **kwargs):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(holder, name, dying)
run(sys.argv[4:])
"""


def killed(office: Office, place: Sequence[str], when: str, *words: str) -> int:
    """Run `words` until `place` (an owner, a function of it) is called, kill it `before` or `after` that, and return
    the exit code: -9."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT, *place, when, *words],
        cwd=office.root,
        env=office.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return done.returncode
