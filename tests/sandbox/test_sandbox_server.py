"""The sandbox as a whole: start and stop, clock, rate limit, what it records, what it keeps."""

from __future__ import annotations

import socket
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

import synclog.sandbox
from synclog.sandbox import Sandbox

NOTE = {"subject": "Update", "body": "x"}


def test_it_starts_and_ends_with_a_with_block():
    with Sandbox() as sandbox:
        url = f"{sandbox.base_url}/me?api_key={sandbox.api_key}"
        assert requests.get(url, timeout=20).json()["user_id"] == sandbox.key_owner
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=20)


def test_the_sample_account_is_there_unless_told_otherwise():
    with Sandbox() as sandbox:
        assert sandbox.store.ticket(32162)["subject"] == "Server upgrade"


def test_after_a_stop_it_starts_again_on_the_same_port_with_what_was_written(sandbox, api):
    api.post("/tickets/5001/comment", **NOTE)
    url = sandbox.base_url
    sandbox.stop()
    with pytest.raises(requests.ConnectionError):
        api("GET", "/me")
    sandbox.start()
    assert sandbox.base_url == url
    assert len(api.get("/tickets/5001/comments")["comments"]) == 2


def test_a_stop_closes_the_connections_that_clients_keep(sandbox, api):
    api.get("/me")
    threads = threading.active_count()
    sandbox.stop()
    assert threading.active_count() < threads
    with pytest.raises(requests.ConnectionError):
        api("GET", "/me")


def test_a_port_that_is_taken_is_an_error_that_can_be_caught(sandbox):
    port = int(sandbox.base_url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match=r"."), Sandbox(port=port):
        pytest.fail("it started")


def test_serve_forever_serves_until_it_is_stopped(sandbox):
    serving = threading.Event()

    class Watched(threading.Event):
        def wait(self, timeout=None):
            serving.set()
            return super().wait(timeout)

    sandbox._stopping = Watched()
    thread = threading.Thread(target=sandbox.serve_forever)
    thread.start()
    assert serving.wait(20)
    assert thread.is_alive()
    sandbox.stop()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_one_connection_serves_many_requests(sandbox):
    host, port = "127.0.0.1", int(sandbox.base_url.split(":")[2].split("/")[0])
    lines = f"GET /api/v1/me?api_key={sandbox.api_key} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    with socket.create_connection((host, port), timeout=20) as connection, connection.makefile("rb") as answer:
        # Both at once: the second must not be lost while the first is answered.
        connection.sendall(lines + lines)
        for _ in range(2):
            assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
            headers = {}
            while (line := answer.readline().decode().strip()) != "":
                name, _, value = line.partition(": ")
                headers[name] = value
            assert "Connection" not in headers
            assert b"Rhea" in answer.read(int(headers["Content-Length"]))


def test_the_date_header_is_the_sandboxs_clock(api, clock):
    assert parsedate_to_datetime(api("GET", "/me").headers["Date"]) == clock()
    clock.move(hours=5)
    answer = api.post("/tickets/5001/comment", **NOTE)
    assert parsedate_to_datetime(answer.headers["Date"]) == clock()
    assert answer.json()["comment"]["created_at"] == "2026-04-24T21:00:00.000Z"


def test_the_clock_never_runs_behind_what_it_has_stamped(api, clock):
    api.post("/tickets/5001/comment", **NOTE)
    stamped = clock()
    clock.move(minutes=-10)
    assert parsedate_to_datetime(api("GET", "/me").headers["Date"]) == stamped


# --- rate limit ----------------------------------------------------------------------------------------------------


def test_more_requests_than_allowed_in_a_minute_are_429_and_write_nothing(start, connect, clock):
    sandbox = start(rate_limit=3)
    api = connect(sandbox)
    clock.move(seconds=1)
    assert [api("GET", "/me").status_code for _ in range(3)] == [200] * 3
    clock.move(seconds=20)
    refused = [api.post("/tickets/5001/comment", **NOTE) for _ in range(4)]
    assert [answer.status_code for answer in refused] == [429] * 4
    assert [answer.headers.get("Retry-After") for answer in refused] == ["40", None, "40", None]
    assert len(sandbox.store.comments(5001)) == 1
    clock.move(seconds=40)
    assert api.post("/tickets/5001/comment", **NOTE).status_code == 200


def test_the_minute_of_the_rate_limit_slides(start, connect, clock):
    api = connect(start(rate_limit=2))
    statuses = []
    for seconds in (0, 30, 29, 1, 0, 30):
        clock.move(seconds=seconds)
        statuses.append(api("GET", "/me").status_code)
    assert statuses == [200, 200, 429, 200, 429, 200]


# --- what it records -----------------------------------------------------------------------------------------------


def test_requests_are_recorded_without_the_key(sandbox, api, clock):
    api.get("/tickets", status="New", page=1)
    api("GET", "/nowhere")
    first, second = sandbox.requests
    assert (first.method, first.path, first.query) == ("GET", "/tickets", {"status": "New", "page": "1"})
    assert (first.status, first.at, second.status) == (200, clock(), 404)
    assert sandbox.api_key not in repr(sandbox.requests)
    sandbox.clear_requests()
    assert sandbox.requests == []


def test_a_write_where_none_is_expected_is_refused_and_named(sandbox, api):
    sandbox.forbid_writes = True
    assert api("GET", "/tickets").status_code == 200
    assert sandbox.forbidden == []
    assert api.post("/tickets/5001/comment", **NOTE).status_code == 599
    assert api("DELETE", "/tickets/5001").status_code == 599
    assert [(r.method, r.path) for r in sandbox.forbidden] == [
        ("POST", "/tickets/5001/comment"),
        ("DELETE", "/tickets/5001"),
    ]
    assert len(sandbox.store.comments(5001)) == 1


def test_many_clients_at_once_lose_nothing(sandbox, connect):
    def work(index):
        api = connect(sandbox, sandbox.keys[11 + index % 2])
        return [api.post("/tickets/5001/comment", **NOTE).json()["comment"]["id"] for _ in range(10)]

    with ThreadPoolExecutor(4) as pool:
        ids = [made for batch in pool.map(work, range(4)) for made in batch]
    assert len(set(ids)) == 40
    comments = sandbox.store.comments(5001)
    assert len(comments) == 41
    assert len({comment["created_at"] for comment in comments}) == 41


def test_a_failure_of_an_endpoint_is_500_and_writes_nothing(sandbox, api, monkeypatch):
    monkeypatch.setattr("synclog.sandbox.comments.shapes.comment", lambda *_: 1 / 0)
    answer = api.post("/tickets/5001/comment", **NOTE)
    assert answer.status_code == 500
    monkeypatch.undo()
    assert len(sandbox.store.comments(5001)) == 1


# --- what it keeps -------------------------------------------------------------------------------------------------


def test_a_data_folder_keeps_the_account(start, connect, tmp_path, clock):
    folder = tmp_path / "sub" / "sandbox"
    first = start(data=folder)
    made = connect(first).post("/tickets", customer_id=900, subject="kept").json()["ticket"]
    first.close()
    clock.move(hours=-1)
    second = start(data=folder)
    assert second.store.ticket(made["number"])["subject"] == "kept"
    later = connect(second).post("/tickets", customer_id=900, subject="more").json()["ticket"]
    assert (later["number"], later["id"]) == (made["number"] + 1, made["id"] + 1)
    assert later["updated_at"] > made["updated_at"]


def test_a_reset_starts_afresh(start, tmp_path):
    first = start(data=tmp_path)
    first.store.web_add_ticket(900, "gone")
    first.close()
    assert len(start(data=tmp_path, reset=True).store.tickets()) == 3


@pytest.mark.parametrize("content", [b"no database at all, and long enough to be seen as one" * 40, None])
def test_a_file_that_is_no_sandbox_is_named_with_its_remedy(tmp_path, content):
    path = tmp_path / "sandbox.sqlite"
    if content is None:
        other = sqlite3.connect(path)
        other.execute("PRAGMA user_version = 99")
        other.close()
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="--reset"):
        Sandbox(data=tmp_path)


def test_accounts_don_t_share_what_is_written(start):
    first, second = start(), start()
    first.store.web_add_ticket(900, "mine")
    assert len(second.store.tickets()) == 3


def test_the_sandbox_imports_nothing_else_of_synclog():
    folder = Path(synclog.sandbox.__file__).parent
    for path in folder.glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [x for x in lines if x.startswith(("import synclog", "from synclog", "from .."))] == [], path
