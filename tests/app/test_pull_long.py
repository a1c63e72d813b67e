"""A pull that takes hours: in steps, beside other work, and going on where it was however it ended."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.office import NUMBER, Office, Time, git

from synclog.app.listing import NOT_CLOSED
from synclog.app.pull import fetching, pull, run
from synclog.app.session import Session
from synclog.errors import Busy, Exit, NoAnswer
from synclog.sandbox import Sandbox
from synclog.syncro.client import SyncroClient
from synclog.workspace.workspace import Workspace

TICKETS = 85


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An account of four pages, all of which is to become files; steps of ten tickets."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setattr(fetching, "STEP", 10)
    monkeypatch.setattr(run, "_ORDERED", 20)
    time = Time()
    with Sandbox(now=time.now, tickets=TICKETS) as sandbox:
        office = Office(tmp_path / "msp", sandbox, time)
        office.change_settings("scope: open", "scope: all")
        git(office.root, "commit", "-qam", "all of it")
        yield office


def asked(office: Office, what: str) -> list[str]:
    """The requests that the sandbox answered, by the beginning of their path."""
    return [f"{r.method} {r.path}" for r in office.sandbox.requests if f"{r.method} {r.path}".startswith(what)]


def files(office: Office) -> list[int]:
    return sorted(int(p.name.partition("-")[0]) for p in office.root.glob("clients/*/tickets/*.md"))


def details(office: Office) -> list[str]:
    return [path for path in asked(office, "GET /tickets/") if path.rpartition("/")[2].isdigit()]


def at_read(session: Session, count: int, action: Callable[[], None]) -> None:
    """Do something when the `count`-th ticket is read, before its answer is taken."""
    real, read = session.client.ticket, []

    def reading(ticket_id: int) -> Any:
        ticket = real(ticket_id)
        read.append(ticket_id)
        if len(read) == count:
            action()
        return ticket

    session.client.ticket = reading  # type: ignore[method-assign]


def interrupt() -> None:
    raise KeyboardInterrupt


# --- going on ------------------------------------------------------------------------------------------------------


def test_an_interrupted_pull_keeps_what_it_read_and_asks_for_nothing_twice(
    large: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "STEP", 1000)
    with large.session() as session:
        at_read(session, 35, interrupt)
        with pytest.raises(KeyboardInterrupt):
            pull(session)
    there = files(large)
    assert 20 <= len(there) < TICKETS
    assert git(large.root, "status", "--porcelain") == ""
    large.sandbox.clear_requests()
    result = large.pull()
    assert len(files(large)) == len(result.new) + len(there) >= TICKETS
    assert len(details(large)) == len(result.new)
    assert not set(there) & set(result.new)
    pages = [path for path in asked(large, "GET /tickets") if path == "GET /tickets"]
    assert len(pages) <= 4, "the list was read before, but for what changed since and what is open"


KILLED = """
import os, signal, sys
from synclog.app.pull import fetching
from synclog.cli import main
from synclog.syncro.client import SyncroClient
from synclog.workspace.workspace import Workspace
fetching.STEP = 10
real, read = SyncroClient.ticket, []
def reading(self, ticket_id):
    read.append(ticket_id)
    if len(read) == 45:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, ticket_id)
SyncroClient.ticket = reading
sys.argv = ["synclog", "pull"]
main()
"""


def test_a_killed_pull_leaves_whole_steps_and_the_next_one_goes_on(large: Office) -> None:
    died = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=large.root, env=large.environment(), capture_output=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    there = files(large)
    assert 30 <= len(there) <= 50
    large.sandbox.clear_requests()
    result = large.pull()
    assert sorted([*there, *result.new]) == files(large)
    assert len(files(large)) >= TICKETS
    assert len(details(large)) == len(result.new)
    assert git(large.root, "status", "--porcelain") == ""
    assert large.pull().requests <= 4


def test_a_list_that_was_cut_short_is_read_on_from_there(large: Office) -> None:
    with large.session() as session:
        real = session.client.ticket_pages

        def cut(query: Any, **words: Any) -> Any:
            for page in real(query, **words):
                if page.page == 4:
                    raise NoAnswer("no connection")
                yield page

        session.client.ticket_pages = cut  # type: ignore[method-assign]
        with pytest.raises(NoAnswer):
            pull(session)
    changed = sorted(int(t["number"]) for t in large.sandbox.store.tickets())[:2]
    for number in changed:
        large.sandbox.store.web_update_ticket(number, priority="High")
    large.sandbox.clear_requests()
    result = large.pull()
    assert files(large) == sorted(result.new)
    assert len(result.new) >= TICKETS
    assert all("priority: High" in large.text(number) for number in changed)
    pages = [r.query.get("page") for r in large.sandbox.requests if r.path == "/tickets" and "status" not in r.query]
    assert "1" not in pages[:1]
    assert pages[0] == "3"


def test_a_list_that_was_cut_in_the_middle_of_a_row_is_read_on_from_the_row_before(large: Office) -> None:
    with large.session() as session:
        at_read(session, 1, interrupt)
        with pytest.raises(KeyboardInterrupt):
            pull(session)
    kept = large.root / ".synclog" / "backlog.jsonl"
    rows = kept.read_text("utf-8").splitlines(keepends=True)
    kept.write_text("".join(rows[:3]) + rows[3][:40], "utf-8")
    read: list[list[str]] = []
    for _ in range(2):
        # The first of these is interrupted, too: what it adds to the list must be read by the second.
        large.sandbox.clear_requests()
        with large.session() as session:
            at_read(session, 1, interrupt)
            with pytest.raises(KeyboardInterrupt):
                pull(session)
        queries = [r.query for r in large.sandbox.requests if r.path == "/tickets"]
        read.append([q["page"] for q in queries if not q.keys() & {"status", "since_updated_at"}])
    assert read == [["2", "3", "4"], []]
    rows = [json.loads(row) for row in kept.read_text("utf-8").splitlines()]
    assert [row["page"] for row in rows if "page" in row] == [1, 2, 2, 3, 4]
    large.pull()
    assert len(files(large)) >= TICKETS


def test_what_was_left_or_lost_is_looked_for_by_a_whole_list_where_its_cache_is_gone(pulled: Office) -> None:
    text = pulled.text()
    pulled.path().write_text(text.replace("status:", "status: [", 1), "utf-8")
    pulled.sandbox.store.web_add_time(NUMBER, 30, 1190473)
    assert pulled.pull().invalid
    pulled.path().write_text(text, "utf-8")
    (pulled.root / ".synclog" / "heads.sqlite").unlink()
    pulled.sandbox.clear_requests()
    pulled.pull()
    assert any(r.path == "/tickets" and r.query.get("status") == NOT_CLOSED for r in pulled.sandbox.requests)


def test_a_kept_list_that_is_damaged_is_read_again(large: Office) -> None:
    with large.session() as session:
        at_read(session, 15, interrupt)
        with pytest.raises(KeyboardInterrupt):
            pull(session)
    kept = large.root / ".synclog" / "backlog.jsonl"
    text = kept.read_text("utf-8")
    kept.write_text(text.replace('"tickets": [[', '"tickets": [["no id", '), "utf-8")
    assert len(files(large)) < len(large.pull().new) + 20
    assert len(files(large)) >= TICKETS
    assert not kept.exists()


def test_what_changed_since_a_list_was_begun_is_asked_for_when_it_is_done(large: Office) -> None:
    def an_hour_later() -> None:
        large.time.at = large.time.at.replace(hour=large.time.at.hour + 1)
        large.sandbox.store.web_update_ticket(NUMBER, priority="Urgent")
        large.sandbox.store.web_add_ticket(24152385, "Came in while it was read")

    with large.session() as session:
        at_read(session, TICKETS - 5, an_hour_later)
        result = pull(session)
    assert result.exit_code == Exit.DONE
    assert "priority: Urgent" in large.text()
    assert any("Came in while it was read" in p.read_text("utf-8") for p in large.root.glob("clients/*/tickets/*.md"))


def test_when_the_network_is_gone_a_pull_stops_and_keeps_what_it_has(
    large: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "HOPELESS", 5)
    with large.session() as session:
        real, read = session.client.ticket, []

        def failing(ticket_id: int) -> Any:
            read.append(ticket_id)
            if len(read) > 40:
                raise NoAnswer("no connection")
            return real(ticket_id)

        session.client.ticket = failing  # type: ignore[method-assign]
        result = pull(session)
    assert result.exit_code == Exit.FAILED
    assert 30 <= len(result.new) <= 40
    assert len(read) < 60
    assert "more were not tried" in result.failed[-1].message
    assert len(large.pull().new) == len(files(large)) - len(result.new)


# --- beside other work ---------------------------------------------------------------------------------------------


def test_others_can_work_while_tickets_are_read(large: Office) -> None:
    seen: list[str] = []

    def work() -> None:
        with large.workspace.lock("push", timeout=20):
            seen.append("worked")

    with large.session() as session:
        at_read(session, 25, work)
        pull(session)
    assert seen == ["worked"]


def test_what_another_run_wrote_meanwhile_is_not_written_over_by_what_was_read_before(large: Office) -> None:
    large.pull()
    large.sandbox.store.web_update_ticket(NUMBER, priority="High")

    def later() -> None:
        large.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
        large.pull(NUMBER)

    with large.session() as session:
        at_read(session, 1, later)
        pull(session, [NUMBER])
    assert "Any news?" in large.text()
    assert "Any news?" in git(large.root, "show", f"HEAD:{large.path().relative_to(large.root)}")
    assert large.pull().changed == []


def test_what_an_editor_saved_meanwhile_is_committed_as_the_technicians(large: Office) -> None:
    large.pull()
    large.sandbox.store.web_update_ticket(NUMBER, priority="High")

    def saved() -> None:
        large.write_note()

    with large.session() as session:
        at_read(session, 1, saved)
        pull(session)
    assert "Replaced the failed disk" in large.text()
    assert "priority: High" in large.text()
    assert large.log(2) == ["Syncro: pull: 0 new, 1 changed", f"Mike Sorrel: edit: #{NUMBER}"]


def test_two_runs_do_not_read_the_same_list_side_by_side(large: Office) -> None:
    seen: list[Busy] = []

    def another() -> None:
        with pytest.raises(Busy) as busy:
            large.pull()
        seen.append(busy.value)
        large.pull(NUMBER)

    with large.session() as session:
        at_read(session, 25, another)
        pull(session)
    assert "synclog pull NUMBER" in seen[0].remedy
    assert len(files(large)) >= TICKETS


# --- all of it -----------------------------------------------------------------------------------------------------


def test_what_is_open_is_read_first_and_then_the_newest(large: Office) -> None:
    with large.session() as session:
        pages = session.client.ticket_pages(open_query())
        still_open = sorted((t.number for page in pages for t in page.tickets), reverse=True)
        read: list[int] = []
        real = session.client.ticket

        def reading(ticket_id: int) -> Any:
            ticket = real(ticket_id)
            read.append(ticket.number)
            return ticket

        session.client.ticket = reading  # type: ignore[method-assign]
        pull(session)
    assert sorted(read[: len(still_open) - 8], reverse=True) <= still_open
    assert set(still_open) <= set(read[: len(still_open) + 8])
    rest = [number for number in read if number not in still_open]
    assert sum(one < other for one, other in zip(rest, rest[20:], strict=False)) == 0


def open_query() -> Any:
    from synclog.syncro.query import TicketQuery

    return TicketQuery(status=NOT_CLOSED)


def test_all_fills_in_history_and_leaves_the_daily_pull_as_it_was(large: Office) -> None:
    large.change_settings("scope: all", "scope: open")
    git(large.root, "commit", "-qam", "open ones")
    large.pull()
    few = len(files(large))
    assert few < TICKETS
    cursor = (large.root / ".synclog" / "pull.json").read_text("utf-8")
    large.sandbox.store.web_update_ticket(NUMBER, priority="High")
    result = large.pull(everything=True)
    assert len(files(large)) == few + len(result.new) >= TICKETS
    assert (large.root / ".synclog" / "pull.json").read_text("utf-8") == cursor
    assert "priority: High" in large.text()
    assert large.pull().exit_code == Exit.DONE
    assert large.pull().requests <= 4


def test_a_session_in_the_background_has_half_of_the_rate(large: Office) -> None:
    client = SyncroClient(large.sandbox.base_url, large.key)
    with Session(large.workspace, client, background=True) as behind, Session(large.workspace, client) as ordinary:
        assert behind.a_minute * 2 == ordinary.a_minute


# --- what is kept of the files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["cut", "garbage", "other tables", "gone", "old commit"])
def test_what_is_kept_of_the_files_can_be_damaged_or_go_at_any_time(pulled: Office, damage: str) -> None:
    kept = pulled.root / ".synclog" / "heads.sqlite"
    whole = kept.read_bytes()
    pulled.write_note()
    pulled.sandbox.store.web_update_ticket(NUMBER, priority="High")
    if damage == "cut":
        kept.write_bytes(whole[: len(whole) // 2])
    elif damage == "garbage":
        kept.write_bytes(whole[:4000] + b"\xff" * (len(whole) - 4000))
    elif damage == "gone":
        kept.unlink()
    else:
        with closing(sqlite3.connect(kept, isolation_level=None)) as database:
            if damage == "other tables":
                database.execute("DROP TABLE files")
            else:
                database.execute("UPDATE notes SET value = ? WHERE key = 'commit'", ("a" * 40,))
    result = pulled.pull()
    assert (result.changed, result.exit_code) == ([NUMBER], Exit.DONE)
    assert "priority: High" in pulled.text()
    assert "Replaced the failed disk" in pulled.text()
    assert pulled.pull().requests <= 4


def test_a_pull_with_no_change_reads_no_ticket_file(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = Workspace.read_bytes

    def reading(self: Workspace, path: str) -> bytes:
        read.append(path)
        return real(self, path)

    monkeypatch.setattr(Workspace, "read_bytes", reading)
    pulled.pull()
    assert read == []
    pulled.edit(("notes: []", "notes:\n  - Called back."))
    pulled.pull()
    assert set(read) == {pulled.path().relative_to(pulled.root).as_posix()}


def test_a_file_that_went_back_to_what_it_was_is_fetched_again_on_another_branch_too(pulled: Office) -> None:
    git(pulled.root, "branch", "before")
    pulled.sandbox.store.web_update_ticket(NUMBER, priority="High")
    pulled.pull()
    git(pulled.root, "switch", "--quiet", "before")
    assert pulled.pull().changed == [NUMBER]
    assert "priority: High" in pulled.text()
