"""The real program, killed: the next run goes on, and everything is there exactly once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.killing import killed
from support.office import Office, git

PLACES = [
    ("synclog.syncro.client:SyncroClient", "add_comment"),
    ("synclog.syncro.client:SyncroClient", "create_invoice"),
    ("synclog.syncro.client:SyncroClient", "update_ticket"),
    ("synclog.app.push.desk", "write_and_commit"),
    ("synclog.app.writing", "_commit"),
    ("synclog.app.push.records:Recorder", "note"),
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("place", PLACES, ids=[name for _, name in PLACES])
def test_killed_anywhere_the_work_is_there_exactly_once_in_the_end(
    pulled: Office, place: tuple[str, str], when: str
) -> None:
    pulled.change_settings("settle: 60", "settle: 1")
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    assert killed(pulled, place, when, "push", "--yes") == -9
    for _ in range(3):
        pulled.push()
    assert (len(pulled.comments()), len(pulled.timers()), len(pulled.invoices())) == (1, 1, 1)
    assert pulled.sandbox.store.ticket(32162)["status"] == "Invoiced"
    trail = [(entry.op, entry.comment) for entry in pulled.trail() if entry.op == "comment"]
    assert trail == [("comment", pulled.comments()[0]["id"])]
    assert git(pulled.root, "status", "--porcelain", "clients") == ""


def test_a_pull_killed_while_it_writes_is_finished_by_the_next_one_as_syncros_work(office: Office) -> None:
    assert killed(office, ("synclog.app.writing", "_commit"), "before", "pull") == -9
    office.pull()
    assert len(list(office.root.glob("clients/*/tickets/*.md"))) == 28
    assert git(office.root, "status", "--porcelain", "clients") == ""
    assert not [line for line in office.log() if line.startswith("Mike Sorrel: edit")]


def test_a_lock_left_by_a_killed_run_holds_nobody_up(pulled: Office) -> None:
    pulled.write_note()
    killed(pulled, PLACES[0], "before", "push", "--yes")
    assert pulled.cli("pull").returncode == 0


def test_interrupted_at_the_keyboard_the_exit_code_is_130(pulled: Office, tmp_path: Path) -> None:
    code = (
        "import sys; from synclog.cli import entry; import synclog.app.status as s\n"
        "def stop(*a, **k): raise KeyboardInterrupt\n"
        "s.status = stop\nsys.exit(entry.run(['status']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=pulled.root,
        env=os.environ,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, "Traceback" in done.stderr) == (130, False)
