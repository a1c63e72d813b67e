"""How much of an account's rate limit a pull uses when every answer takes its time. Prints a table.

    python tests/benchmarks/limit.py [MINUTES] [--all]

A sandbox allows 180 requests a minute, answers each after 0.3 s, and says 429 to more. With `--all` it is the pull that
fills in history beside daily work, which leaves half of them to others.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from synclog.sandbox import Sandbox

RATE, LATENCY = 180, 0.3


def main() -> None:
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    minutes = next((int(word) for word in sys.argv[1:] if word not in options), 5)
    with Sandbox(tickets=RATE * (minutes + 2), rate_limit=RATE, latency=LATENCY) as sandbox:
        with tempfile.TemporaryDirectory() as folder:
            pull_for(Path(folder), sandbox, 60 * minutes + 2, options)
        begun = sandbox.requests[0].at
        counted = [r for r in sandbox.requests if r.at < begun + timedelta(minutes=minutes)]
    refused = sum(request.status == 429 for request in counted)
    made, allowed = len(counted) - refused, RATE * minutes
    print("| | |\n|---|---|")
    print(f"| allowed | {RATE} a minute, {allowed} in {minutes} minutes; {LATENCY} s to each answer |")
    print(f"| made | {made}, {100 * made / allowed:.1f} % |")
    print(f"| answered with 429 | {refused} |")


def pull_for(root: Path, sandbox: Sandbox, seconds: int, options: list[str]) -> None:
    """Let a first pull of everything go on for some seconds, then interrupt it."""
    own = {"SYNCLOG_API_KEY": sandbox.api_key, "SYNCLOG_CONFIG_DIR": str(root / "config")}
    env = os.environ | own | {"XDG_STATE_HOME": str(root / "state")}
    synclog = (sys.executable, "-m", "synclog")
    init = (*synclog, "init", str(root / "w"), "--base-url", sandbox.base_url, "--timezone", "UTC")
    subprocess.run(init, env=env, check=True, capture_output=True)
    settings = root / "w" / "synclog.yaml"
    settings.write_text(settings.read_text("utf-8").replace("scope: open", "scope: all"), "utf-8")
    pull = subprocess.Popen((*synclog, "-q", "-C", str(root / "w"), "pull", *options), env=env)
    time.sleep(seconds)
    pull.send_signal(signal.SIGINT)
    pull.wait()


if __name__ == "__main__":
    main()
