"""Answers that are lost, writes that arrive late, two pushes at once: each piece of work is there exactly once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.office import NUMBER, Office

from synclog.app.push import push
from synclog.app.session import Clock, Session
from synclog.errors import Exit, SynclogError
from synclog.sandbox.server import Recorded
from synclog.syncro.client import SyncroClient

WRITES = ["POST /tickets/*/comment", "POST /invoices", "PUT /tickets/*"]


@pytest.fixture
def billing(pulled: Office) -> Office:
    """An office with a note, an invoice and a status to push, in which what is late is committed by the first wait."""
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    sleep = pulled.time.sleep

    def waiting(seconds: float) -> None:
        pulled.sandbox.release_late()
        sleep(seconds)

    pulled.time.sleep = waiting  # type: ignore[method-assign]
    return pulled


def assert_each_is_there_once(office: Office) -> None:
    assert (len(office.comments()), len(office.timers()), len(office.invoices())) == (1, 1, 1)
    assert office.sandbox.store.ticket(NUMBER)["status"] == "Invoiced"
    ops = sorted(entry.op for entry in office.workspace.history.trail() if entry.ticket == NUMBER)
    assert ops == ["comment", "invoice", "update"]
    office.sandbox.forbid_writes = True
    assert office.push().exit_code == Exit.DONE
    assert not office.sandbox.forbidden


@contextmanager
def impatient(office: Office) -> Iterator[Session]:
    """A session whose requests time out at once."""
    client = SyncroClient(office.sandbox.base_url, office.key, timeout=0.3, sleep=office.time.sleep)
    clock = Clock(office.time.now, office.time.sleep)
    with Session(office.workspace, client, clock=clock) as session:
        yield session


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_arrives_after_its_connection_is_lost_is_found_after_the_wait(billing: Office, write: str) -> None:
    billing.sandbox.add_fault(f"late=600 {write} #1")
    result = billing.push()
    assert billing.sandbox.fault_hits
    assert (result.exit_code, result.trouble) == (Exit.DONE, [])
    assert billing.time.slept >= 59
    assert_each_is_there_once(billing)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("fault", ["hang", "hang-after"])
def test_a_write_that_is_not_answered_in_time_is_looked_for_and_not_sent_again(
    billing: Office, fault: str, write: str
) -> None:
    billing.sandbox.add_fault(f"{fault}=600 {write} #1")
    with impatient(billing) as session:
        result = push(session, confirm=lambda _: True)
    assert (result.exit_code, result.trouble) == (Exit.DONE, [])
    assert_each_is_there_once(billing)


def test_late_writes_of_several_tickets_are_waited_for_once(billing: Office) -> None:
    for number in (32164, 32161):
        billing.write_note(number=number)
    billing.sandbox.add_fault("late=600 POST /tickets/*/comment #1-3")
    result = billing.push()
    assert result.exit_code == Exit.DONE
    assert 59 <= billing.time.slept <= 61
    assert [len(billing.comments(number)) for number in (NUMBER, 32164, 32161)] == [1, 1, 1]


def test_a_pull_that_records_a_late_note_while_the_push_waits_leaves_nothing_to_do(billing: Office) -> None:
    billing.edit(("invoice: true", "invoice: false"))
    billing.sandbox.add_fault("late=600 POST /tickets/*/comment #1")
    sleep = billing.time.sleep
    pulls: list[list[str]] = []

    def pulling(seconds: float) -> None:
        sleep(seconds)
        if not pulls:
            pulls.append([])
            pulls[0] = billing.pull().recorded

    billing.time.sleep = pulling  # type: ignore[method-assign]
    result = billing.push()
    assert len(pulls[0]) == 1
    assert len(billing.comments()) == len(billing.timers()) == 1
    assert "notes: []" in billing.text()
    assert not any("not sent" in str(trouble.error) for trouble in result.trouble)
    assert billing.push().exit_code == Exit.DONE


def test_the_day_after_a_lost_answer_the_note_is_still_known(pulled: Office) -> None:
    pulled.write_note()
    pulled.sandbox.add_fault("drop-after POST /tickets/*/comment #1")
    pulled.sandbox.add_fault("500-before GET /tickets/*/comments #2-9")
    pulled.push()
    pulled.sandbox.clear_faults()
    pulled.time.sleep(3 * 24 * 3600)
    (done,) = pulled.push().done
    assert done.was_there
    assert len(pulled.comments()) == 1


def test_a_server_that_is_away_for_good_leaves_everything_pending(pulled: Office) -> None:
    pulled.write_note()
    before = pulled.text()
    pulled.sandbox.stop()
    with pytest.raises(SynclogError) as stopped:
        pulled.push()
    assert stopped.value.exit_code == Exit.FAILED
    assert pulled.text() == before
    pulled.sandbox.start()
    assert pulled.push().exit_code == Exit.DONE
    assert len(pulled.comments()) == 1


# --- processes -----------------------------------------------------------------------------------------------------


class Watched(list[Recorded]):
    """The requests of a sandbox; `seen` is set when one arrives whose method and path end as given."""

    def __init__(self, ending: str) -> None:
        super().__init__()
        self.ending = ending
        self.seen = threading.Event()

    def append(self, request: Recorded) -> None:
        super().append(request)
        if f"{request.method} {request.path}".endswith(self.ending):
            self.seen.set()


def start(office: Office, *words: str) -> subprocess.Popen[str]:
    """Start the real command line, without waiting for its end."""
    return subprocess.Popen(
        [sys.executable, "-m", "synclog", *words],
        cwd=office.root,
        env=office.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("fault", ["hang", "hang-after"])
def test_killed_while_its_request_is_under_way_the_next_push_waits_and_finds_it(
    billing: Office, fault: str, write: str
) -> None:
    ticket = billing.sandbox.store.ticket(NUMBER)["id"]
    requests = Watched(write.replace("*", str(ticket)))
    billing.sandbox.requests = requests
    billing.sandbox.add_fault(f"{fault}=600 {write} #1")
    running = start(billing, "push", "--yes")
    assert requests.seen.wait(60)
    running.kill()
    running.communicate(timeout=60)
    assert billing.push().exit_code == Exit.DONE
    if fault == "hang" and "PUT" not in write:
        assert billing.time.slept >= 59
    billing.sandbox.release_late()
    assert_each_is_there_once(billing)


@pytest.mark.parametrize("write", WRITES)
def test_interrupted_while_its_request_is_under_way_it_ends_with_130_and_the_next_push_finds_it(
    billing: Office, write: str
) -> None:
    ticket = billing.sandbox.store.ticket(NUMBER)["id"]
    requests = Watched(write.replace("*", str(ticket)))
    billing.sandbox.requests = requests
    billing.sandbox.add_fault(f"hang=600 {write} #1")
    running = start(billing, "push", "--yes")
    assert requests.seen.wait(60)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, "Traceback" in said) == (130, False)
    assert billing.push().exit_code == Exit.DONE
    assert_each_is_there_once(billing)


def test_two_pushes_at_the_same_time_send_everything_once(billing: Office) -> None:
    billing.change_settings("settle: 60", "settle: 1")
    for number in (32164, 32161):
        billing.write_note(number=number)
    both = [start(billing, "push", "--yes") for _ in range(2)]
    said = [running.communicate(timeout=120) for running in both]
    codes = sorted(running.returncode for running in both)
    # The slower one finds nothing left to do, or a plan that is not true any more; it never fails otherwise.
    assert codes in ([0, 0], [0, 3]), said
    assert not any("Traceback" in err or "this is a bug" in err for _, err in said)
    assert [len(billing.comments(number)) for number in (32164, 32161)] == [1, 1]
    assert_each_is_there_once(billing)
