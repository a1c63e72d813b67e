"""Pushes that something happens to: an account that mangles, another process, an editor, a branch, a clock."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.office import NUMBER, Office, git

from synclog.app.account import known_account
from synclog.app.push import push
from synclog.core.deciding.steps import Doubt
from synclog.errors import Exit
from synclog.model import Comment, Ticket
from synclog.syncro.client import SyncroClient

PLAIN = "notes:\n  - Replaced the failed disk.\n"


class Killed(BaseException):
    pass


def kill(*_: object, **__: object) -> None:
    raise Killed


# --- accepted, and not to be found -----------------------------------------------------------------------------------


@pytest.fixture
def signing_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that puts its own line below every comment that was posted."""
    ticket, conversation = SyncroClient.ticket, SyncroClient.conversation

    def signed(comments: tuple[Comment, ...]) -> tuple[Comment, ...]:
        return tuple(replace(c, body=f"{c.body}\n<p>Copperline IT, Tempe</p>") for c in comments)

    def signed_ticket(self: SyncroClient, ticket_id: int) -> Ticket:
        found = ticket(self, ticket_id)
        return replace(found, comments=signed(found.comments))

    monkeypatch.setattr(SyncroClient, "ticket", signed_ticket)
    monkeypatch.setattr(SyncroClient, "conversation", lambda self, i: signed(conversation(self, i)))


@pytest.mark.usefixtures("signing_account")
def test_a_comment_that_syncro_accepted_and_shows_with_a_line_below_its_reference_is_done(pulled: Office) -> None:
    pulled.write_note(PLAIN)
    (done,) = pulled.push().done
    assert [done.comment] == [comment["id"] for comment in pulled.comments()]
    assert "notes: []" in pulled.text()


@pytest.mark.usefixtures("signing_account")
@pytest.mark.parametrize("again", ["push", "pull"])
def test_where_an_account_adds_a_line_a_lost_answer_is_doubtful_and_never_posted_again(
    pulled: Office, again: str
) -> None:
    pulled.write_note(PLAIN)
    pulled.sandbox.add_fault("drop-after POST /tickets/*/comment #1")
    assert pulled.push().exit_code == Exit.DECISION
    if again == "pull":
        pulled.pull()
    for _ in range(2):
        result = pulled.push()
        assert isinstance(result.plan.tickets[0].notes[0].step, Doubt)
    assert len(pulled.comments()) == 1


def test_a_comment_that_syncro_accepted_and_shows_cut_short_is_not_called_done(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, conversation = SyncroClient.ticket, SyncroClient.conversation

    def cut(comments: tuple[Comment, ...]) -> tuple[Comment, ...]:
        return tuple(replace(c, body=c.body[:40]) for c in comments)

    def cut_ticket(self: SyncroClient, ticket_id: int) -> Ticket:
        found = ticket(self, ticket_id)
        return replace(found, comments=cut(found.comments))

    monkeypatch.setattr(SyncroClient, "ticket", cut_ticket)
    monkeypatch.setattr(SyncroClient, "conversation", lambda self, i: cut(conversation(self, i)))
    pulled.write_note("notes:\n  - Replaced the failed disk, rebuilt the array and watched it sync for an hour.\n")
    result = pulled.push()
    assert result.exit_code == Exit.DECISION
    assert not result.done
    (comment,) = pulled.comments()
    assert str(comment["id"]) in str(result.trouble[0].error)
    for _ in range(2):
        assert pulled.push().exit_code == Exit.DECISION
    assert len(pulled.comments()) == 1


def test_a_comment_that_syncro_shows_late_is_recorded_all_the_same(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = SyncroClient.ticket
    reads = []

    def lagging(self: SyncroClient, ticket_id: int) -> Ticket:
        found = ticket(self, ticket_id)
        reads.append(ticket_id)
        return replace(found, comments=found.comments[:-1]) if len(reads) == 1 else found

    monkeypatch.setattr(SyncroClient, "ticket", lagging)
    pulled.write_note()
    assert pulled.push().exit_code == Exit.DONE
    assert len(pulled.comments()) == 1
    assert "notes: []" in pulled.text()


def test_an_invoice_that_was_accepted_and_is_not_listed_is_not_asked_for_again(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SyncroClient, "invoices", lambda self, **_: ())
    monkeypatch.setattr("synclog.app.push.invoices.unbilled", lambda ticket: (30, 0))
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    assert pulled.push().exit_code == Exit.DECISION
    assert len(pulled.invoices()) == 1


# --- evidence of absence ---------------------------------------------------------------------------------------------


def test_a_detail_that_shows_no_conversation_is_no_evidence_that_a_note_is_missing(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = SyncroClient.ticket
    pulled.write_note()
    pulled.edit(("status: In Progress", "status: Resolved"))
    with pulled.session() as session:
        monkeypatch.setattr("synclog.app.push.records.Recorder.note", kill)
        with pytest.raises(Killed):
            push(session, confirm=lambda _: True)
    monkeypatch.undo()
    monkeypatch.setattr(SyncroClient, "ticket", lambda self, i: replace(ticket(self, i), comments=()))
    pulled.push()
    assert len(pulled.comments()) == 1


# --- the same note somewhere else, another day -----------------------------------------------------------------------


def test_a_note_that_still_stands_on_another_branch_is_not_posted_again_on_another_day(pulled: Office) -> None:
    pulled.write_note(PLAIN)
    git(pulled.root, "commit", "--quiet", "-am", "my note")
    git(pulled.root, "branch", "feature")
    assert pulled.push().done
    git(pulled.root, "switch", "--quiet", "feature")
    pulled.time.at += timedelta(days=1)
    result = pulled.push()
    assert isinstance(result.plan.tickets[0].notes[0].step, Doubt)
    assert result.exit_code == Exit.DECISION
    assert len(pulled.comments()) == 1


@pytest.mark.parametrize("first", ["push", "pull"])
def test_a_stale_buffer_saved_the_next_day_posts_nothing_again(pulled: Office, first: str) -> None:
    pulled.write_note(PLAIN)
    buffer = pulled.text()
    assert pulled.push().done
    pulled.time.at += timedelta(days=1)
    pulled.path().write_bytes(buffer.encode())
    if first == "pull":
        pulled.pull()
    assert pulled.push().exit_code == Exit.DONE
    assert "notes: []" in pulled.text()
    pulled.time.at += timedelta(days=1)
    assert pulled.push().exit_code == Exit.DONE
    assert len(pulled.comments()) == 1


def test_a_stale_note_is_remembered_though_another_note_of_its_ticket_is_recorded(pulled: Office) -> None:
    pulled.write_note("notes:\n  - Replaced the failed disk.\n  - Rebuilt the array.\n")
    old = pulled.text()
    assert len(pulled.push().done) == 2
    pulled.time.at += timedelta(days=1)
    stale = old.replace(PLAIN + "  - Rebuilt the array.\n", "notes:\n  - Rebuilt it.\n  - Replaced the failed disk.\n")
    pulled.path().write_bytes(stale.encode())
    git(pulled.root, "commit", "--quiet", "-am", "saved again")
    result = pulled.push()
    assert isinstance(result.plan.tickets[0].notes[-1].step, Doubt)
    for _ in range(3):
        result = pulled.push()
    assert isinstance(result.plan.tickets[0].notes[-1].step, Doubt)
    assert len(pulled.comments()) == 1
    assert len(pulled.comments(words="Rebuilt it.")) == 1


def test_the_same_words_on_another_day_are_another_note(pulled: Office) -> None:
    for _ in range(2):
        pulled.write_note(PLAIN)
        assert pulled.push().done
        pulled.time.at += timedelta(days=1)
    assert len(pulled.comments()) == 2


# --- what others do meanwhile ----------------------------------------------------------------------------------------


def test_a_push_that_ran_during_the_wait_is_noticed_and_nothing_is_sent_on_what_was_seen_before(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.write_note(PLAIN)
    pulled.sandbox.add_fault("drop-before POST /tickets/*/comment #1-2")
    sleep, nested = pulled.time.sleep, []

    def meanwhile(seconds: float) -> None:
        sleep(seconds)
        if not nested:
            nested.append(pulled.push())

    with pulled.session() as session:
        session = replace(session, clock=replace(session.clock, sleep=meanwhile))
        result = push(session, confirm=lambda _: True)
    assert pulled.sandbox.fault_hits.count("drop-before POST /tickets/*/comment #1-2") == 2
    assert not pulled.comments()
    assert result.exit_code == Exit.FAILED
    assert pulled.push().done
    assert len(pulled.comments()) == 1


def test_what_another_work_tree_sent_just_now_is_waited_for_though_this_branch_has_no_stamp_of_it(
    pulled: Office,
) -> None:
    pulled.write_note(PLAIN)
    git(pulled.root, "commit", "--quiet", "-am", "my note")
    other = pulled.root.parent / "other-tree"
    git(pulled.root, "worktree", "add", "--quiet", "-b", "second", str(other))
    sent = []

    def die_sending(ticket_id: int, draft: Any) -> None:
        sent.append((ticket_id, draft))
        raise Killed

    with pulled.session() as session:
        session.client.add_comment = die_sending  # type: ignore[method-assign]
        with pytest.raises(Killed):
            push(session, confirm=lambda _: True)
    sleep = pulled.time.sleep

    def arrive(seconds: float) -> None:
        sleep(seconds)
        while sent:
            with pulled.session() as late:
                late.client.add_comment(*sent.pop())

    pulled.root = other
    with pulled.session() as session:
        session = replace(session, clock=replace(session.clock, sleep=arrive))
        (done,) = push(session, confirm=lambda _: True).done
    assert done.was_there
    assert len(pulled.comments()) == 1


def test_a_file_that_is_moved_away_during_the_wait_is_said_and_its_note_is_not_lost(pulled: Office) -> None:
    pulled.write_note(PLAIN)
    pulled.sandbox.add_fault("drop-after POST /tickets/*/comment #1")
    pulled.sandbox.add_fault("500-before GET /tickets/*/comments #2-5")
    sleep = pulled.time.sleep

    def move(seconds: float) -> None:
        sleep(seconds)
        path = pulled.path()
        path.rename(path.with_name(f"{NUMBER}-renamed.md"))

    with pulled.session() as session:
        session = replace(session, clock=replace(session.clock, sleep=move))
        result = push(session, confirm=lambda _: True)
    assert result.exit_code in (Exit.FAILED, Exit.DECISION)
    assert "moved or deleted" in str(result.trouble[0].error)
    pulled.sandbox.clear_faults()
    assert pulled.push().done[0].was_there
    assert len(pulled.comments()) == 1


def test_a_rebase_begun_during_the_wait_gets_no_commit_of_ours(pulled: Office) -> None:
    pulled.write_note(PLAIN)
    pulled.sandbox.add_fault("drop-before POST /tickets/*/comment #1")
    sleep = pulled.time.sleep

    def begin(seconds: float) -> None:
        sleep(seconds)
        (pulled.root / ".git" / "rebase-merge").mkdir(exist_ok=True)

    with pulled.session() as session:
        session = replace(session, clock=replace(session.clock, sleep=begin))
        result = push(session, confirm=lambda _: True)
    assert "rebase" in str(result.trouble[0].error)
    assert result.exit_code == Exit.FAILED
    assert not pulled.comments()
    (pulled.root / ".git" / "rebase-merge").rmdir()
    assert pulled.push().done
    assert len(pulled.comments()) == 1


def test_a_field_that_is_edited_while_the_push_runs_is_not_sent_unseen(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synclog.app.push import tickets as ticketrun

    pulled.write_note(PLAIN)
    pulled.edit(("status: In Progress", "status: Resolved"))
    real = ticketrun.push_note

    def edited_after(*words: Any, **more: Any) -> Any:
        look = real(*words, **more)
        pulled.edit(("status: Resolved", "status: Scheduled"))
        return look

    monkeypatch.setattr(ticketrun, "push_note", edited_after)
    result = pulled.push()
    assert result.exit_code == Exit.DECISION
    assert pulled.sandbox.store.ticket(NUMBER)["status"] == "In Progress"
    assert "status: Scheduled" in pulled.text()


def test_a_tag_that_syncro_got_meanwhile_stays_beside_mine(pulled: Office) -> None:
    pulled.edit(("tags: [server]", "tags: [server, disk]"))
    pulled.sandbox.store.web_update_ticket(NUMBER, tag_list=["server", "vip"])
    assert pulled.push().exit_code == Exit.DONE
    assert set(pulled.sandbox.store.ticket(NUMBER)["tag_list"]) == {"server", "disk", "vip"}
    assert not pulled.push().plan.tickets


def test_a_note_that_is_written_while_the_push_runs_keeps_the_invoice_waiting(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synclog.app.push import tickets as ticketrun

    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    real = ticketrun.push_note

    def another_after(*words: Any, **more: Any) -> Any:
        look = real(*words, **more)
        pulled.edit(("notes: []", "notes:\n  - note: Rebuilt the array.\n    time: 20"))
        return look

    monkeypatch.setattr(ticketrun, "push_note", another_after)
    assert pulled.push().exit_code == Exit.DECISION
    assert not pulled.invoices()


def test_a_note_begun_with_another_key_keeps_the_invoice_waiting(pulled: Office) -> None:
    pulled.sandbox.store.web_add_comment(NUMBER, "Hello")
    pulled.pull()
    pulled.write_note()
    with pulled.session() as session:
        session.client.add_comment = kill  # type: ignore[method-assign]
        with pytest.raises(Killed):
            push(session, confirm=lambda _: True)
    by = pulled.text().partition("by: ")[2].partition("}")[0]
    pulled.edit((f"by: {by}", "by: 24406"))
    pulled.edit(("notes:\n", "notes:\n  - note: Took the old server away.\n    time: 15\n"))
    pulled.edit(("invoice: false", "invoice: true"))
    result = pulled.push()
    assert [done.op for done in result.done] == ["comment"]
    assert not pulled.invoices()


# --- clocks ----------------------------------------------------------------------------------------------------------


def test_midnight_while_the_plan_is_shown_posts_the_note_once(pulled: Office) -> None:
    pulled.write_note(PLAIN)

    def confirm(_: object) -> bool:
        pulled.time.at += timedelta(hours=14)
        return True

    assert pulled.push(confirm=confirm).done
    assert len(pulled.comments()) == 1


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2)])
def test_a_settle_is_waited_out_whatever_the_clock_is_set_to_meanwhile(pulled: Office, jump: timedelta) -> None:
    pulled.write_note(PLAIN)
    pulled.sandbox.add_fault("drop-before POST /tickets/*/comment #1")
    sleep, slept = pulled.time.sleep, []

    def jumping(seconds: float) -> None:
        sleep(seconds)
        slept.append(seconds)
        if len(slept) == 2:
            pulled.time.at += jump

    with pulled.session() as session:
        session = replace(session, clock=replace(session.clock, sleep=jumping))
        assert push(session, confirm=lambda _: True).done
    assert 59 <= sum(slept) <= 70


# --- what is called done ---------------------------------------------------------------------------------------------


def test_time_that_syncro_put_on_another_labor_product_is_not_called_done(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = SyncroClient.ticket

    def default_labor(self: SyncroClient, ticket_id: int) -> Ticket:
        found = ticket(self, ticket_id)
        return replace(found, timers=tuple(replace(t, product_id=26184) for t in found.timers))

    listed = SyncroClient.timers
    monkeypatch.setattr(SyncroClient, "ticket", default_labor)
    monkeypatch.setattr(
        SyncroClient, "timers", lambda self, **k: tuple(replace(t, product_id=26184) for t in listed(self, **k))
    )
    pulled.write_note()
    result = pulled.push()
    assert result.exit_code == Exit.DECISION
    assert "26184" in str(result.trouble[0].error)
    assert "26184" in pulled.text()
    assert pulled.push().exit_code == Exit.DECISION
    assert len(pulled.comments()) == 1


def test_a_timer_of_no_minutes_is_time_that_was_dropped(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = SyncroClient.ticket

    def emptied(self: SyncroClient, ticket_id: int) -> Ticket:
        found = ticket(self, ticket_id)
        return replace(found, timers=tuple(replace(t, minutes=0, billable_minutes=0) for t in found.timers))

    listed = SyncroClient.timers
    monkeypatch.setattr(SyncroClient, "ticket", emptied)
    monkeypatch.setattr(
        SyncroClient,
        "timers",
        lambda self, **k: tuple(replace(t, minutes=0, billable_minutes=0) for t in listed(self, **k)),
    )
    pulled.write_note()
    assert pulled.push().exit_code == Exit.DECISION
    assert "time was not recorded" in pulled.text()


def test_a_permission_that_lacks_for_one_ticket_stops_no_other(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from synclog.errors import Forbidden

    pulled.write_note(PLAIN)
    pulled.write_note(PLAIN, number=32164)
    barred = pulled.sandbox.store.ticket(NUMBER)["id"]
    real = SyncroClient.add_comment

    def add_comment(self: SyncroClient, ticket_id: int, draft: Any) -> Comment:
        if ticket_id == barred:
            raise Forbidden("POST: not permitted (403)")
        return real(self, ticket_id, draft)

    monkeypatch.setattr(SyncroClient, "add_comment", add_comment)
    result = pulled.push()
    assert [done.number for done in result.done] == [32164]
    assert result.exit_code == Exit.NOT_AUTHORISED


def test_a_number_given_twice_is_one_ticket(pulled: Office) -> None:
    pulled.write_note(PLAIN)
    result = pulled.push(NUMBER, NUMBER)
    assert len(result.plan.tickets) == 1
    assert len(pulled.comments()) == 1


# --- files of any make -----------------------------------------------------------------------------------------------


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_pushed_and_keeps_them(pulled: Office) -> None:
    pulled.write_note()
    pulled.path().write_bytes(b"\xef\xbb\xbf" + pulled.text().replace("\n", "\r\n").encode())
    assert pulled.push().done
    raw = pulled.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf---\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert len(pulled.comments()) == 1


@pytest.mark.parametrize("path", ["../outside.md", "clients", "clients/x\0y", "/etc/hostname"])
def test_a_journal_that_somebody_else_wrote_does_no_harm(pulled: Office, path: str) -> None:
    noted = {"files": {path: None}, "message": "x", "author": None}
    (pulled.root / ".synclog" / "journal.json").write_text(json.dumps(noted), "utf-8")
    pulled.write_note(PLAIN)
    assert pulled.push().done


@pytest.mark.parametrize("name", ["journal.json", "account.json", "pull.json"])
@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"files": {"a": ["b"]}}', b'{"host": 1}', b"\xff"])
def test_caches_that_make_no_sense_are_as_good_as_none(pulled: Office, name: str, text: bytes) -> None:
    (pulled.root / ".synclog" / name).write_bytes(text)
    pulled.write_note(PLAIN)
    pulled.pull()
    assert pulled.push().done


@pytest.mark.parametrize("name", ["new-x\n\nSynclog-Op: comment\nSyncro-Ticket: 32162\n.md", "link.md"])
def test_a_file_that_can_not_be_ours_is_left_alone_and_stops_nothing(pulled: Office, name: str) -> None:
    path = pulled.path().parent / name
    if name == "link.md":
        path.symlink_to(pulled.root / "synclog.yaml")
    else:
        path.write_text("---\nsubject: x\n---\n", "utf-8")
    pulled.write_note(PLAIN)
    assert pulled.push().done
    assert pulled.pull().exit_code == Exit.DONE
    assert len(pulled.trail()) == 1
    assert path.name in git(pulled.root, "-c", "core.quotePath=false", "status", "--short", "-z")


@pytest.mark.parametrize(
    "wrong", ['"technicians": [[1e999, "x"]]', '"technicians": 5', '"default_labor_product_id": [1]']
)
def test_lists_that_somebody_put_among_the_caches_are_not_taken(pulled: Office, wrong: str) -> None:
    kept = pulled.root / ".synclog" / "account.json"
    document = json.loads(kept.read_text("utf-8"))
    kept.write_text(json.dumps(document)[:-1] + f", {wrong}}}", "utf-8")
    account = known_account(pulled.workspace)
    assert account is None or account.default_labor_product_id is None
