"""What is in Syncro and in no record: found by its reference, recorded once, and asked about where it is half done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.office import EMAIL, LABOR, NAME, NUMBER, Office, git

from synclog.app.pull import PullResult
from synclog.app.push import dry_run, push
from synclog.app.push.records import Recorder
from synclog.app.push.resolving import resolve_note
from synclog.app.writing import Change
from synclog.core.deciding.steps import Doubt, Hold
from synclog.core.trail import TrailEntry
from synclog.errors import Exit
from synclog.model import CommentDraft
from synclog.sandbox import Sandbox
from synclog.syncro.client import SyncroClient

NOTE = "notes:\n  - note: Replaced the failed disk.\n    time: 1h30m\n    labor: remote\n"
MARK = "the note was deleted here before its time was posted"


class Killed(BaseException):
    pass


def kill(*_: object, **__: object) -> None:
    raise Killed


@contextmanager
def dying(how: str = "killed") -> Iterator[pytest.MonkeyPatch]:
    """Let a push die. A process that is killed leaves what it would have tidied up at its end; an interrupted one
    does that first."""
    with pytest.MonkeyPatch.context() as patch:
        if how == "killed":
            patch.setattr("synclog.app.push.run._Run.take_back", lambda _: None)
        with pytest.raises(Killed):
            yield patch


def push_killed_at(office: Office, place: str) -> None:
    """Push, and die when `place` (an attribute by its dotted name) is called."""
    with dying() as patch:
        patch.setattr(place, kill)
        office.push()


def die_before_the_record_is_committed(office: Office) -> None:
    """Push, and die when the record is in the file and not in a commit."""
    from synclog.app import writing

    commit = writing._commit

    def committing(workspace: Any, change: Change, left: Any) -> str | None:
        if change.message.startswith("push:"):
            raise Killed
        return commit(workspace, change, left)

    with dying() as patch:
        patch.setattr(writing, "_commit", committing)
        office.push()


def delete_the_notes(office: Office, number: int = NUMBER) -> None:
    """Do what an editor does: the list of notes is empty, and saved."""
    text = office.text(number)
    before, _, rest = text.partition("notes:")
    _, _, after = rest.partition("\ninvoice:")
    office.path(number).write_bytes(f"{before}notes: []\ninvoice:{after}".encode())


def items(office: Office, number: int = NUMBER) -> list[dict[str, Any]]:
    return office.sandbox.store.line_items(office.sandbox.store.ticket(number)["id"])


def only_entry(office: Office) -> TrailEntry:
    (entry,) = office.trail()
    return entry


def front(office: Office) -> str:
    return office.text().partition("<!-- synclog:mirror")[0]


def clone_of(office: Office, name: str) -> Path:
    """The same technician's other machine, with all that is committed."""
    other = office.root.parent / name
    git(office.root.parent, "clone", "--quiet", str(office.root), str(other))
    git(other, "config", "user.name", NAME)
    git(other, "config", "user.email", EMAIL)
    return other


def assert_nothing_is_left(office: Office) -> None:
    """Neither pull nor push finds anything more to do, or to ask."""
    assert "notes: []" in office.text()
    office.sandbox.forbid_writes = True
    before = len(office.trail())
    for _ in range(2):
        pulled = office.pull()
        assert (pulled.recorded, pulled.exit_code) == ([], Exit.DONE)
        assert office.push().exit_code == Exit.DONE
    assert not office.sandbox.forbidden
    assert len(office.trail()) == before
    assert git(office.root, "status", "--porcelain", "clients") == ""
    office.sandbox.forbid_writes = False


# --- a note that was deleted after it was posted ---------------------------------------------------------------------


@pytest.mark.parametrize("caches", [True, False])
@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("via", ["comment", "timer", "line_item"])
def test_a_note_deleted_after_all_of_it_was_posted_is_recorded_by_a_pull_with_its_time(
    pulled: Office, via: str, committed: bool, caches: bool
) -> None:
    pulled.change_settings("via: comment", f"via: {via}")
    pulled.write_note()
    push_killed_at(pulled, "synclog.app.push.records.Recorder.note")
    delete_the_notes(pulled)
    if committed:
        git(pulled.root, "commit", "--quiet", "-am", "tidied up")
    if not caches:
        shutil.rmtree(pulled.root / ".synclog")
    result = pulled.pull()
    assert result.exit_code == Exit.DONE
    entry = only_entry(pulled)
    (comment,) = pulled.comments()
    assert result.recorded == [entry.reference]
    assert (entry.op, entry.comment, entry.minutes, entry.billed_minutes) == ("comment", comment["id"], 90, 90)
    assert entry.labor == "remote"
    assert entry.timer == next((timer["id"] for timer in pulled.timers()), None)
    assert entry.line_items == tuple(item["id"] for item in items(pulled))
    assert len(pulled.timers()) + len(items(pulled)) == 1
    assert_nothing_is_left(pulled)


def test_a_note_without_time_deleted_after_it_was_posted_is_recorded_by_a_pull(pulled: Office) -> None:
    pulled.write_note("notes:\n  - Replaced the failed disk.\n")
    push_killed_at(pulled, "synclog.app.push.records.Recorder.note")
    delete_the_notes(pulled)
    result = pulled.pull()
    entry = only_entry(pulled)
    assert result.recorded == [entry.reference]
    assert (entry.comment, entry.minutes) == (pulled.comments()[0]["id"], None)
    assert_nothing_is_left(pulled)


def test_a_push_of_that_ticket_records_it_on_its_way_and_sends_the_rest(pulled: Office) -> None:
    pulled.write_note()
    push_killed_at(pulled, "synclog.app.push.records.Recorder.note")
    delete_the_notes(pulled)
    pulled.write_note("notes:\n  - note: Took the old disk away.\n    time: 15\n")
    result = pulled.push()
    assert result.exit_code == Exit.DONE
    assert [done.minutes for done in result.done] == [15]
    assert sorted(entry.minutes or 0 for entry in pulled.trail()) == [15, 90]
    assert len(pulled.comments()) == 1
    assert_nothing_is_left(pulled)


def test_a_note_deleted_before_it_was_posted_was_taken_back(pulled: Office) -> None:
    pulled.write_note()
    push_killed_at(pulled, "synclog.syncro.client.SyncroClient.add_comment")
    delete_the_notes(pulled)
    assert pulled.pull().recorded == []
    assert pulled.trail() == []
    assert pulled.comments() == []
    assert_nothing_is_left(pulled)


def test_a_deleted_note_whose_comment_arrives_late_is_recorded_by_a_later_pull(pulled: Office) -> None:
    pulled.write_note()
    sent: list[tuple[int, CommentDraft]] = []

    def under_way(self: SyncroClient, ticket_id: int, draft: CommentDraft) -> None:
        sent.append((ticket_id, draft))
        raise Killed

    with dying() as patch:
        patch.setattr(SyncroClient, "add_comment", under_way)
        pulled.push()
    delete_the_notes(pulled)
    assert pulled.pull().recorded == []
    with pulled.session() as late:
        late.client.add_comment(*sent[0])
    assert pulled.pull().recorded == [only_entry(pulled).reference]
    assert only_entry(pulled).minutes == 90
    assert_nothing_is_left(pulled)


# --- a note that was deleted between its comment and its time --------------------------------------------------------


@pytest.fixture
def half(pulled: Office) -> Office:
    """A note whose comment is posted and whose time is not, deleted by the technician."""
    pulled.change_settings("via: comment", "via: timer")
    pulled.write_note()
    push_killed_at(pulled, "synclog.syncro.client.SyncroClient.add_timer_entry")
    assert (len(pulled.comments()), pulled.timers()) == (1, [])
    delete_the_notes(pulled)
    return pulled


def assert_it_came_back(office: Office, result: PullResult) -> str:
    """Return the note's reference."""
    assert result.exit_code == Exit.DECISION
    (undecided,) = result.undecided
    assert MARK in undecided.message
    assert "resolve" in undecided.remedy
    text = front(office)
    for part in ("Replaced the failed disk.", "time: 1h30m", "labor: remote", f"problem: {MARK}"):
        assert text.count(part) == 1, text
    assert f"comment: {office.comments()[0]['id']}" in text
    with office.session() as session:
        (planned,) = dry_run(session).plan.tickets[0].notes
    assert isinstance(planned.step, Hold)
    return planned.work.reference


def settle(office: Office, reference: str, posted: int | None) -> None:
    with office.session() as session:
        resolve_note(session, NUMBER, reference, posted=posted)


@pytest.mark.parametrize("committed", [True, False])
def test_a_note_deleted_between_comment_and_time_comes_back_and_is_asked_about(half: Office, committed: bool) -> None:
    if committed:
        git(half.root, "commit", "--quiet", "-am", "tidied up")
    assert_it_came_back(half, half.pull())
    assert git(half.root, "status", "--porcelain", "clients") == ""
    result = half.push()
    assert (result.done, result.exit_code) == ([], Exit.DECISION)
    assert half.timers() == []


def test_a_note_that_came_back_comes_once_however_often_it_is_pulled(half: Office) -> None:
    half.pull()
    for _ in range(2):
        half.sandbox.store.web_update_ticket(NUMBER, priority="High")
        half.pull(full=True)
        assert front(half).count("Replaced the failed disk.") == 1
    assert [entry.op for entry in half.trail()] == ["comment"]


def test_what_is_known_of_a_note_that_came_back_is_in_the_trail_and_no_minutes_are_called_billed(half: Office) -> None:
    half.pull()
    entry = only_entry(half)
    assert (entry.comment, entry.timer, entry.billed_minutes) == (half.comments()[0]["id"], None, None)


def test_its_time_may_be_sent_after_all_and_then_is_there_once(half: Office) -> None:
    settle(half, assert_it_came_back(half, half.pull()), None)
    (done,) = half.push().done
    assert (done.op, done.minutes, done.billed) == ("time", 90, 90)
    assert (len(half.comments()), [t["active_duration"] for t in half.timers()]) == (1, [90 * 60])
    assert_nothing_is_left(half)


def test_or_need_nothing_any_more_and_then_is_recorded_without(half: Office) -> None:
    settle(half, assert_it_came_back(half, half.pull()), half.comments()[0]["id"])
    assert half.push().exit_code == Exit.DONE
    assert (len(half.comments()), half.timers()) == (1, [])
    assert [entry.billed_minutes for entry in half.trail() if entry.billed_minutes] == []
    assert_nothing_is_left(half)


def test_a_note_that_came_back_and_is_deleted_again_comes_back_again(half: Office) -> None:
    half.pull()
    delete_the_notes(half)
    reference = assert_it_came_back(half, half.pull())
    settle(half, reference, None)
    assert half.push().exit_code == Exit.DONE
    assert len(half.timers()) == 1
    assert_nothing_is_left(half)


def test_a_push_of_that_ticket_brings_it_back_too_and_what_comes_after_it_waits(half: Office) -> None:
    half.write_note("notes:\n  - note: Took the old disk away.\n    time: 15\n")
    result = half.push()
    assert result.exit_code == Exit.DECISION
    assert MARK in str(result.trouble[0].error)
    assert f"problem: {MARK}" in front(half)
    assert "time: 1h30m" in front(half)
    assert half.comments(words="Took the old disk away") == []
    assert half.timers() == []


def test_time_that_arrived_late_for_a_deleted_note_is_recorded_and_it_does_not_come_back(pulled: Office) -> None:
    pulled.change_settings("via: comment", "via: timer")
    pulled.write_note()
    pulled.sandbox.add_fault("late=600 POST /tickets/*/timer_entry #1")
    with pulled.session() as session:
        session = replace(session, clock=replace(session.clock, sleep=kill))
        with pytest.raises(Killed):
            push(session, confirm=lambda _: True)
    delete_the_notes(pulled)
    pulled.sandbox.release_late()
    result = pulled.pull()
    assert (result.exit_code, result.undecided) == (Exit.DONE, [])
    assert (only_entry(pulled).minutes, only_entry(pulled).timer) == (90, pulled.timers()[0]["id"])
    assert_nothing_is_left(pulled)


@pytest.fixture
def dropping(office: Office) -> Iterator[Office]:
    with Sandbox(comment_time="drop", now=office.time.now) as sandbox:
        office.move_to(sandbox)
        office.pull()
        yield office


def test_a_note_that_waits_for_its_dropped_time_is_not_lost_by_deleting_it(dropping: Office) -> None:
    dropping.write_note()
    assert dropping.push().exit_code == Exit.DECISION
    delete_the_notes(dropping)
    reference = assert_it_came_back(dropping, dropping.pull())
    dropping.change_settings("via: comment", "via: timer")
    settle(dropping, reference, None)
    (done,) = dropping.push().done
    assert (done.op, done.minutes) == ("time", 90)
    assert (len(dropping.comments()), len(dropping.timers())) == (1, 1)
    assert_nothing_is_left(dropping)


def test_a_note_whose_comment_is_there_and_that_was_not_deleted_keeps_its_place_for_the_next_push(
    pulled: Office,
) -> None:
    pulled.change_settings("via: comment", "via: timer")
    pulled.write_note()
    push_killed_at(pulled, "synclog.syncro.client.SyncroClient.add_timer_entry")
    result = pulled.pull()
    assert result.recorded == []
    assert pulled.push().exit_code == Exit.DONE
    assert (len(pulled.comments()), len(pulled.timers())) == (1, 1)
    assert_nothing_is_left(pulled)


# --- a record that was written and not committed ---------------------------------------------------------------------


@pytest.mark.parametrize("via", ["comment", "timer", "line_item"])
def test_killed_between_writing_and_committing_a_record_the_next_run_commits_it_with_its_trailers(
    pulled: Office, via: str
) -> None:
    pulled.change_settings("via: comment", f"via: {via}")
    pulled.write_note()
    die_before_the_record_is_committed(pulled)
    assert pulled.trail() == []
    assert "notes: []" in pulled.text()
    assert pulled.push().done == []
    entry = only_entry(pulled)
    assert (entry.op, entry.minutes, entry.billed_minutes, entry.labor) == ("comment", 90, 90, "remote")
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize("first", ["pull", "push", "full pull"])
@pytest.mark.parametrize("via", ["comment", "timer", "line_item"])
def test_with_the_caches_deleted_right_after_that_a_pull_still_makes_the_trail_whole(
    pulled: Office, via: str, first: str
) -> None:
    pulled.change_settings("via: comment", f"via: {via}")
    pulled.write_note()
    die_before_the_record_is_committed(pulled)
    shutil.rmtree(pulled.root / ".synclog")
    if first == "push":
        assert pulled.push().done == []
    result = pulled.pull(full=first == "full pull")
    entry = only_entry(pulled)
    assert result.recorded == [entry.reference]
    assert (entry.op, entry.minutes, entry.billed_minutes, entry.labor) == ("comment", 90, 90, "remote")
    assert entry.timer == next((timer["id"] for timer in pulled.timers()), None)
    assert entry.line_items == tuple(item["id"] for item in items(pulled))
    assert_nothing_is_left(pulled)
    assert len(pulled.comments()) == 1


def test_the_same_of_time_alone_leaves_the_time_in_the_trail(dropping: Office) -> None:
    dropping.write_note()
    assert dropping.push().exit_code == Exit.DECISION
    dropping.change_settings("via: comment", "via: timer")
    die_before_the_record_is_committed(dropping)
    shutil.rmtree(dropping.root / ".synclog")
    assert dropping.pull().exit_code == Exit.DONE
    assert sorted(entry.op for entry in dropping.trail()) == ["comment", "time"]
    (time,) = [entry for entry in dropping.trail() if entry.op == "time"]
    assert (time.minutes, time.billed_minutes, time.timer) == (90, 90, dropping.timers()[0]["id"])
    assert_nothing_is_left(dropping)


# --- whose it is -----------------------------------------------------------------------------------------------------


def test_what_a_colleague_posted_is_never_recorded_by_my_pull(pulled: Office) -> None:
    """Priya, who has the same notes in a clone of hers, and whose record has not come here."""
    mine, key = pulled.root, pulled.key
    other = clone_of(pulled, "hers")
    git(other, "config", "user.name", "Priya Venkat")
    git(other, "config", "user.email", "priya@copperline.example")
    pulled.root, pulled.key = other, pulled.sandbox.keys[24406]
    pulled.write_note()
    (done,) = pulled.push().done
    pulled.root, pulled.key = mine, key
    for full in (False, True):
        result = pulled.pull(full=full)
        assert (result.recorded, result.undecided) == ([], [])
    assert pulled.trail() == []
    assert f"Ref {done.reference}" in pulled.text().partition("<!-- synclog:mirror")[2]
    assert pulled.push().exit_code == Exit.DONE


@pytest.mark.parametrize("author", [None, 24406])
def test_a_reference_that_somebody_else_repeats_is_not_recorded(pulled: Office, author: int | None) -> None:
    words = f"Thanks! Is this the same?\n\nRef {NUMBER}-7k2m9q4x1c"
    pulled.sandbox.store.web_add_comment(NUMBER, words, user_id=author)
    assert pulled.pull().recorded == []
    assert pulled.trail() == []


def test_a_reference_of_another_ticket_is_not_recorded_on_this_one(pulled: Office) -> None:
    pulled.sandbox.store.web_add_comment(NUMBER, "Copied over.\n\nRef 32164-7k2m9q4x1c", user_id=21735)
    assert pulled.pull().recorded == []
    assert pulled.trail() == pulled.trail(32164) == []


def test_what_i_posted_from_another_machine_is_recorded_here_with_the_minutes_that_syncro_has(pulled: Office) -> None:
    """This clone never had the note."""
    here = pulled.root
    pulled.root = clone_of(pulled, "laptop")
    pulled.write_note()
    (done,) = pulled.push().done
    pulled.root = here
    assert pulled.pull().recorded == [done.reference]
    entry = only_entry(pulled)
    assert (entry.comment, entry.timer, entry.minutes, entry.billed_minutes) == (done.comment, done.timer, 90, 90)
    assert_nothing_is_left(pulled)


def test_a_note_that_i_have_here_and_posted_from_another_machine_leaves_the_file_by_a_pull(pulled: Office) -> None:
    here = pulled.root
    pulled.write_note()
    git(pulled.root, "commit", "--quiet", "-am", "my note")
    pulled.root = clone_of(pulled, "laptop")
    (done,) = pulled.push().done
    pulled.root = here
    assert pulled.pull().recorded == [done.reference]
    assert only_entry(pulled).minutes == 90
    assert_nothing_is_left(pulled)
    assert len(pulled.comments()) == 1


# --- equal notes -----------------------------------------------------------------------------------------------------

THREE = "notes:\n" + "  - note: Replaced the failed disk.\n    time: 20\n" * 3


def with_equal_notes_posted_from_the_laptop(office: Office, posted: int) -> None:
    """Three equal notes stand here; so many of them were posted from another machine."""
    here = office.root
    office.write_note(THREE)
    git(office.root, "commit", "--quiet", "-am", "my notes")
    office.root = clone_of(office, "laptop")
    real, count = Recorder.note, []

    def counting(self: Recorder, *words: Any) -> Any:
        count.append(real(self, *words))
        if len(count) == posted:
            raise Killed
        return count[-1]

    with dying() as patch:
        patch.setattr(Recorder, "note", counting)
        office.push()
    assert len(office.comments()) == posted
    office.root = here


def test_equal_notes_that_were_posted_are_each_recorded_by_a_pull(pulled: Office) -> None:
    with_equal_notes_posted_from_the_laptop(pulled, 3)
    result = pulled.pull()
    assert len(set(result.recorded)) == 3
    assert {entry.comment for entry in pulled.trail()} == {comment["id"] for comment in pulled.comments()}
    assert {entry.timer for entry in pulled.trail()} == {timer["id"] for timer in pulled.timers()}
    assert [entry.minutes for entry in pulled.trail()] == [20, 20, 20]
    assert_nothing_is_left(pulled)
    assert len(pulled.comments()) == 3


@pytest.mark.parametrize("posted", [1, 2])
@pytest.mark.parametrize("first", ["push", "pull"])
def test_of_equal_notes_those_that_were_not_posted_stay_and_are_posted_once(
    pulled: Office, first: str, posted: int
) -> None:
    with_equal_notes_posted_from_the_laptop(pulled, posted)
    if first == "pull":
        assert len(pulled.pull().recorded) == posted
        assert front(pulled).count("Replaced the failed disk.") == 3 - posted
    result = pulled.push()
    assert result.exit_code == Exit.DONE
    assert len(pulled.comments()) == len(pulled.timers()) == 3
    assert len(pulled.trail()) == 3
    assert_nothing_is_left(pulled)


@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_equal_notes_of_a_run_that_died_are_recorded_by_a_pull_and_the_rest_is_posted_once(
    pulled: Office, how: str
) -> None:
    """All are stamped; the second's record is missing. An interrupted run takes back the third's, a killed one not."""
    pulled.write_note(THREE)
    real, count = Recorder.note, []

    def counting(self: Recorder, *words: Any) -> Any:
        count.append(None)
        if len(count) == 2:
            raise Killed
        return real(self, *words)

    with dying(how) as patch:
        patch.setattr(Recorder, "note", counting)
        pulled.push()
    assert len(pulled.comments()) == 2
    assert len(pulled.pull().recorded) == 1
    assert front(pulled).count("Replaced the failed disk.") == 1
    assert pulled.push().exit_code == Exit.DONE
    assert len(pulled.comments()) == len(pulled.timers()) == len(pulled.trail()) == 3
    assert_nothing_is_left(pulled)


def test_of_equal_notes_a_deleted_one_is_recorded_and_the_others_are_posted_once(pulled: Office) -> None:
    pulled.write_note(THREE)
    push_killed_at(pulled, "synclog.app.push.records.Recorder.note")
    text = pulled.text()
    first = text[text.index("  - note:") : text.index("  - note:", text.index("  - note:") + 1)]
    pulled.path().write_bytes(text.replace(first, "", 1).encode())
    assert len(pulled.pull().recorded) == 1
    assert pulled.push().exit_code == Exit.DONE
    assert len(pulled.comments()) == len(pulled.timers()) == len(pulled.trail()) == 3
    assert_nothing_is_left(pulled)


# --- two runs at once ------------------------------------------------------------------------------------------------

TWO = "notes:\n  - note: Replaced the failed disk.\n    time: 20\n  - note: Took the old disk away.\n    time: 15\n"


def meanwhile(office: Office, do: Any) -> Any:
    """Push, and `do` something once during the wait for a lost answer; return the result."""
    sleep, done = office.time.sleep, []

    def waiting(seconds: float) -> None:
        sleep(seconds)
        if not done:
            done.append(None)
            do()

    with office.session() as session:
        session = replace(session, clock=replace(session.clock, sleep=waiting))
        return push(session, confirm=lambda _: True)


def stamps_in(office: Office) -> int:
    return front(office).count("synclog: {id: ")


def test_a_stamp_that_another_run_used_is_not_taken_back(pulled: Office) -> None:
    """The first run waits for its first note's answer, and has stamped the second. The second run goes on from there,
    and dies with that one's request under way."""
    pulled.write_note(TWO)
    pulled.sandbox.add_fault("drop-before POST /tickets/*/comment #1")
    under_way: list[tuple[int, CommentDraft]] = []
    add = SyncroClient.add_comment

    def second_run() -> None:
        def sending(self: SyncroClient, ticket_id: int, draft: CommentDraft) -> Any:
            if "Took the old disk away" in draft.body:
                under_way.append((ticket_id, draft))
                raise Killed
            return add(self, ticket_id, draft)

        with dying() as patch:
            patch.setattr(SyncroClient, "add_comment", sending)
            pulled.push()

    result = meanwhile(pulled, second_run)
    assert len(under_way) == 1
    assert result.exit_code == Exit.FAILED
    assert stamps_in(pulled) == 1
    with pulled.session() as late:
        late.client.add_comment(*under_way[0])
    (done,) = pulled.push().done
    assert (done.was_there, done.minutes) == (True, 15)
    assert (len(pulled.comments()), len(pulled.comments(words="Took the old disk away"))) == (1, 1)
    assert_nothing_is_left(pulled)


def test_stamps_that_nobody_used_are_taken_back_and_the_next_run_does_not_wait_for_them(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synclog.errors import Rejected

    pulled.write_note(TWO)
    before = pulled.text()

    def refuse(*_: object) -> None:
        raise Rejected("POST: 422: Body can't be blank", status=422)

    with monkeypatch.context() as patch:
        patch.setattr(SyncroClient, "add_comment", refuse)
        assert pulled.push().exit_code == Exit.FAILED
    assert pulled.text() == before
    pulled.time.slept = 0
    assert len(pulled.push().done) == 2
    assert pulled.time.slept == 0
    assert_nothing_is_left(pulled)


def test_a_run_that_finished_all_of_it_meanwhile_leaves_the_first_nothing_to_send(pulled: Office) -> None:
    pulled.write_note(TWO)
    pulled.sandbox.add_fault("drop-before POST /tickets/*/comment #1")
    meanwhile(pulled, lambda: pulled.push())
    assert (len(pulled.comments()), len(pulled.comments(words="Took the old disk away"))) == (1, 1)
    assert len(pulled.timers()) == len(pulled.trail()) == 2
    assert_nothing_is_left(pulled)


def test_a_note_that_was_written_again_while_a_run_waited_is_asked_about(pulled: Office) -> None:
    """The first run's note is recorded by a pull meanwhile; the same words are written again on that day."""
    pulled.write_note()
    pulled.sandbox.add_fault("drop-after POST /tickets/*/comment #1")

    def write_again() -> None:
        assert len(pulled.pull().recorded) == 1
        pulled.write_note()

    meanwhile(pulled, write_again)
    assert len(pulled.comments()) == 1
    result = pulled.push()
    assert isinstance(result.plan.tickets[0].notes[0].step, Doubt)
    assert len(pulled.comments()) == len(pulled.timers()) == 1
    assert LABOR["remote"] == pulled.timers()[0]["product_id"]
