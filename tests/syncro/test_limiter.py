"""The rate limit holds over all processes of a machine, and outlives their crashes."""

from __future__ import annotations

import subprocess
import sys
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clients import Waits, client_of
from support.scripted import Say, ScriptedServer

from synclog.errors import RateLimited
from synclog.syncro import limiter as limiter_module
from synclog.syncro.limiter import Limiter

HOST = "acme.syncromsp.com"


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds


def limiter(folder: Path, rate: int, time: Time, name: str = HOST) -> Limiter:
    return Limiter(folder, name, rate, clock=time, sleep=time.sleep)


def state_file(folder: Path) -> Path:
    (file,) = folder.glob("*.window")
    return file


def stamps(folder: Path) -> int:
    """How many requests the state file counts."""
    return len(array("q", state_file(folder).read_bytes())) - 1


def test_requests_below_the_limit_do_not_wait(tmp_path: Path) -> None:
    time = Time()
    one = limiter(tmp_path, 180, time)
    for _ in range(180):
        one.acquire()
    assert time.slept == []


def test_never_more_than_the_rate_in_any_minute(tmp_path: Path) -> None:
    time = Time()
    two = [limiter(tmp_path, 7, time), limiter(tmp_path, 7, time)]
    stamps: list[float] = []
    for turn in range(60):
        two[turn % 2].acquire()
        stamps.append(time.now)
        time.now += (turn * 37 % 11) / 2
    for first, eighth in zip(stamps, stamps[7:], strict=False):
        assert eighth - first >= 60


def test_in_the_background_half_of_the_rate_is_left_to_others_at_any_time(tmp_path: Path) -> None:
    time = Time()
    behind = Limiter(tmp_path, HOST, 10, background=True, clock=time, sleep=time.sleep)
    for _ in range(5):
        behind.acquire()
    assert time.slept == []
    ordinary = limiter(tmp_path, 10, time)
    for _ in range(5):
        ordinary.acquire()
    assert time.slept == []
    time.now += 61
    for _ in range(5):
        ordinary.acquire()
    behind.acquire()
    assert sum(time.slept) == pytest.approx(60.5)


def test_a_wait_is_told_before_it_begins(tmp_path: Path) -> None:
    time = Time()
    one = limiter(tmp_path, 2, time)
    told: list[tuple[str, float, int]] = []
    for _ in range(3):
        one.acquire(lambda reason, seconds: told.append((reason, seconds, len(time.slept))))
    assert [(seconds, slept) for _, seconds, slept in told] == [(60.5, 0)]
    assert "2 requests a minute" in told[0][0]


def test_a_429_of_one_process_stops_all(tmp_path: Path) -> None:
    time = Time()
    one, other = limiter(tmp_path, 180, time), limiter(tmp_path, 180, time)
    one.hold(45)
    other.acquire()
    assert time.slept == [45]


def test_a_shorter_hold_does_not_end_a_longer_one(tmp_path: Path) -> None:
    time = Time()
    one = limiter(tmp_path, 180, time)
    one.hold(60)
    one.hold(5)
    one.acquire()
    assert time.slept == [60]


def test_hosts_do_not_share_a_limit(tmp_path: Path) -> None:
    time = Time()
    names = ["acme.syncromsp.com", "acme-syncromsp.com", "127.0.0.1:8080", "127.0.0.1-8080", "CON", "a/../../b"]
    for name in names:
        limiter(tmp_path, 1, time, name).acquire()
    assert time.slept == []
    assert len(list(tmp_path.rglob("*.window"))) == len(names)
    limiter(tmp_path, 1, time, "ACME.syncromsp.com").acquire()
    assert len(time.slept) == 1


def test_stamps_of_a_clock_that_was_put_back_are_dropped(tmp_path: Path) -> None:
    time = Time()
    one = limiter(tmp_path, 2, time)
    one.acquire()
    one.acquire()
    one.hold(60)
    time.now -= 86_400
    one.acquire()
    assert time.slept == []


def test_many_waiting_processes_lose_no_place(tmp_path: Path) -> None:
    time = Time()
    limiter(tmp_path, 4, time).hold(1)
    for _ in range(9):
        limiter(tmp_path, 4, time).acquire()
    assert time.now - 1_000_000.0 == pytest.approx(1 + 2 * 60.5)


@given(
    st.binary(max_size=200)
    | st.lists(st.integers(-(2**63), 2**63 - 1), max_size=9).map(lambda numbers: array("q", numbers).tobytes())
)
@settings(max_examples=60, deadline=None)
def test_a_damaged_state_file_stops_nobody_for_long(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        time = Time()
        one = limiter(Path(folder), 3, time)
        one.acquire()
        state_file(Path(folder)).write_bytes(content)
        one.acquire()
        assert time.now - 1_000_000.0 <= 15 * 60 + 61


def test_a_folder_that_cannot_be_written_keeps_the_limit_for_this_process(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    time = Time()
    one = limiter(in_the_way / "limiter", 2, time)
    for _ in range(3):
        one.acquire()
    assert time.slept == [60.5]


def test_threads_share_the_limit(tmp_path: Path) -> None:
    class Full(Exception):
        pass

    def no_sleep(_: float) -> None:
        raise Full

    one = Limiter(tmp_path, HOST, 25, clock=lambda: 1_000_000.0, sleep=no_sleep)

    def attempt(_: int) -> bool:
        try:
            one.acquire()
        except Full:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(60))) == 25


PROCESS = """
import sys
from pathlib import Path
from synclog.syncro.limiter import Limiter

class Full(Exception):
    pass

def no_sleep(_):
    raise Full

limiter = Limiter(Path(sys.argv[1]), "acme.syncromsp.com", 30, clock=lambda: 1_000_000.0, sleep=no_sleep)
granted = 0
try:
    for _ in range(25):
        limiter.acquire()
        granted += 1
except Full:
    pass
print(granted)
"""


def test_processes_share_the_limit(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROCESS, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    granted = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(granted) == 30


def test_a_process_that_dies_with_the_lock_leaves_nobody_waiting(tmp_path: Path) -> None:
    die = PROCESS.replace("granted = 0", "limiter._lock.acquire(); import os; os._exit(9)")
    assert subprocess.run([sys.executable, "-c", die, str(tmp_path)], check=False).returncode == 9
    time = Time()
    limiter(tmp_path, 5, time).acquire()
    assert stamps(tmp_path) == 1


def test_the_state_is_touched_under_the_kernel_lock_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = limiter(tmp_path, 5, Time())
    locked: list[bool] = []

    def spied(file: Path, *rest: object) -> object:
        try:
            FileLock(file.with_suffix(".lock"), timeout=0).acquire().lock.release()
        except Timeout:
            locked.append(True)
        else:
            locked.append(False)
        return real[len(rest)](file, *rest)

    real: dict[int, Callable[..., object]] = {0: limiter_module._load, 1: limiter_module._store}
    monkeypatch.setattr(limiter_module, "_load", spied)
    monkeypatch.setattr(limiter_module, "_store", spied)
    one.acquire()
    assert locked == [True, True]


def test_a_429_that_is_not_waited_out_here_stops_all_the_same(tmp_path: Path) -> None:
    time = Time()
    shared, other = limiter(tmp_path, 180, time), limiter(tmp_path, 180, time)
    with (
        ScriptedServer(Say(429, {}, {"Retry-After": "86400"})) as server,
        client_of(server, limiter=shared) as client,
        pytest.raises(RateLimited),
    ):
        client.me()
    other.acquire()
    assert time.slept == [15 * 60]


def test_the_client_counts_every_try_and_tells_all_processes_of_a_429(tmp_path: Path) -> None:
    time, waits = Time(), Waits()
    shared = limiter(tmp_path, 180, time)
    good = Say(body={"user_id": 1, "user_name": "Mike"})
    moves = (Say(500), Say(429, {}, {"Retry-After": "30"}), good)
    with ScriptedServer(*moves) as server, client_of(server, waits, limiter=shared, sleep=time.sleep) as client:
        client.me()
    assert stamps(tmp_path) == 3
    assert time.slept[1:] == [30.0]
    assert len(server.requests) == 3
