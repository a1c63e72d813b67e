"""`sample-clients/`: what a pull of the sample account renders, with a few session logs. Made here, compared in tests.

`python tests/support/sample.py` writes the folder anew, after the account, the format or a template changed on purpose.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from synclog.app.pull import pull
from synclog.app.session import Session
from synclog.app.sessionlogs import write_session_log
from synclog.core.trail import TrailEntry, message_with
from synclog.sandbox import Sandbox
from synclog.syncro.client import SyncroClient
from synclog.workspace.history import Author
from synclog.workspace.making import init_workspace
from synclog.workspace.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLE = CHECKOUT / "sample-clients"
BASE_URL = "http://127.0.0.1:8765/api/v1"
"""The address that the sample's links show, whatever port the sandbox really has."""
LABOR = {
    "remote": 1190473,
    "onsite": 26118,
    "emergency": 26184,
    "project": 9269129,
    "internal": 9269124,
    "travel": 26117,
    "website": 68055,
}
TECHNICIAN = Author("Mike Sorrel", "mike@copperline.example")
POSTED = (
    (datetime(2026, 3, 5, 16, 5, 41, tzinfo=UTC), 32129, "4h7kq2m9xz", 397150321, 60, "remote"),
    (datetime(2026, 4, 11, 19, 20, 38, tzinfo=UTC), 32128, "7c3xhm4y6p", 397199793, 300, "project"),
    (datetime(2026, 4, 20, 22, 11, 0, tzinfo=UTC), 32166, "9vbt3n6c1e", 397216177, 75, "project"),
)
"""What was posted from this workspace before: when, ticket, reference, comment, minutes, labor."""


def make_workspace(folder: Path) -> Workspace:
    """Make a workspace of the sample account, its settings naming every labor product and all tickets in scope."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(folder)], check=True)
    for key, value in (("user.name", TECHNICIAN.name), ("user.email", TECHNICIAN.email)):
        subprocess.run(["git", "config", key, value], cwd=folder, check=True)
    init_workspace(folder, BASE_URL, "America/Phoenix", labor=LABOR)
    settings = folder / "synclog.yaml"
    settings.write_bytes(settings.read_bytes().replace(b"scope: open", b"scope: all"))
    return Workspace.open(folder)


def render_sample(folder: Path) -> Path:
    """Pull the sample account into a workspace at `folder`, render a few session logs; return its `clients/`."""
    workspace = make_workspace(folder)
    for when, number, tail, comment, minutes, labor in POSTED:
        entry = TrailEntry(
            op="comment", ticket=number, reference=f"{number}-{tail}", comment=comment, minutes=minutes, labor=labor
        )
        file = folder / f"{tail}.txt"
        file.write_bytes(tail.encode())
        workspace.history.commit([file.name], message_with(f"push: #{number}", [entry]), author=TECHNICIAN, date=when)
    with Sandbox() as sandbox, SyncroClient(sandbox.base_url, sandbox.api_key) as client:
        pull(Session(workspace, client))
    for _, number, *_ in POSTED:
        write_session_log(workspace, number)
    return folder / "clients"


def files_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        made = render_sample(Path(temporary) / "sample")
        shutil.rmtree(SAMPLE, ignore_errors=True)
        shutil.copytree(made, SAMPLE)


if __name__ == "__main__":
    main()
