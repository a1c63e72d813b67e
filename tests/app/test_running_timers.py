"""A timer that is stopped becomes one note, whatever dies on the way, and is shared by all work trees of a clone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.office import NUMBER, Office, git, snapshot

from synclog.app import running, stopping, writing
from synclog.app.entering import ticket_here
from synclog.app.running import discard, draft_named, running_timers, start
from synclog.app.stopping import Stopped, finish_stopped, stop, ticket_of_draft
from synclog.app.untracking import untrack
from synclog.core.notes import Note
from synclog.core.running import Running, timer_note
from synclog.errors import InvalidFile, StorageFailed, UsageError
from synclog.workspace.workspace import Workspace

SINCE = datetime(2026, 4, 24, 16, 15, 30, tzinfo=UTC)
TEXT = "Replaced the failed disk."


class Killed(BaseException):
    pass


@pytest.fixture
def office(office: Office) -> Office:
    """A workspace that has the file of one ticket."""
    office.pull(NUMBER)
    return office


def begin(office: Office, **options: bool) -> Running:
    file = ticket_here(office.workspace, NUMBER)
    assert file is not None
    return start(office.workspace, file, SINCE, now=SINCE, **options)


def end(workspace: Workspace, timer: Running, text: str = TEXT, minutes: int = 47) -> Stopped:
    (path,) = (path for path in workspace.ticket_paths() if str(NUMBER) in path)
    return stop(workspace, timer, path, timer_note(timer, Note(text), minutes, workspace.settings.timezone))


def notes(office: Office) -> list[tuple[str, int | None, str]]:
    file = ticket_here(office.workspace, NUMBER)
    assert file is not None
    return [(note.text, note.minutes, note.date.text if note.date else "") for note in file.notes]


ONE = [(TEXT, 47, "2026-04-24 09:15")]


def test_a_stopped_timer_is_a_note_with_its_minutes_and_its_local_start(office: Office) -> None:
    timer = begin(office)
    assert running_timers(office.workspace) == (timer,)
    done = end(office.workspace, timer)
    assert (done.number, done.path) == (NUMBER, office.path().relative_to(office.root).as_posix())
    assert notes(office) == ONE
    assert running_timers(office.workspace) == ()
    assert git(office.root, "status", "--porcelain") == ""


def test_it_outlives_the_caches_and_is_in_nobodys_history(office: Office) -> None:
    before = git(office.root, "rev-parse", "HEAD")
    timer = begin(office)
    shutil.rmtree(office.root / ".synclog")
    assert running_timers(office.workspace) == (timer,)
    assert git(office.root, "rev-parse", "HEAD") == before
    assert git(office.root, "status", "--porcelain") == ""


def test_one_runs_at_a_time_unless_told(office: Office) -> None:
    office.pull(32164)
    first = begin(office)
    other = ticket_here(office.workspace, 32164)
    assert other is not None
    with pytest.raises(UsageError, match="running already: #32162"):
        start(office.workspace, other, SINCE, now=SINCE)
    second = start(office.workspace, other, SINCE, now=SINCE, also=True)
    with pytest.raises(UsageError, match="of #32162 is running already"):
        begin(office, also=True)
    discard(office.workspace, first)
    assert running_timers(office.workspace) == (second,)


def test_a_labor_that_is_not_known_is_refused_at_the_start(office: Office) -> None:
    file = ticket_here(office.workspace, NUMBER)
    assert file is not None
    with pytest.raises(UsageError, match="`remot` is not a labor"):
        start(office.workspace, file, SINCE, now=SINCE, labor="remot")
    assert running_timers(office.workspace) == ()


def test_another_work_tree_sees_it_and_can_stop_it(office: Office) -> None:
    timer = begin(office)
    tree = second_tree(office)
    assert running_timers(tree) == (timer,)
    end(tree, timer)
    assert running_timers(office.workspace) == ()
    assert notes(office) == []
    git(office.root, "merge", "--quiet", "other")
    assert notes(office) == ONE


def test_another_workspace_of_the_repository_has_timers_of_its_own(office: Office) -> None:
    begin(office)
    shutil.copytree(office.root / "clients", office.root / "branch" / "clients")
    shutil.copy(office.root / "synclog.yaml", office.root / "branch")
    assert running_timers(Workspace.open(office.root / "branch")) == ()


# --- killed ------------------------------------------------------------------------------------------------------


def killed_at(module: object, name: str, when: str, run: Callable[[], object]) -> None:
    """Run something that dies before, or after, it gets to a function."""
    real = getattr(module, name)

    def dying(*args: object, **kwargs: object) -> None:
        if when == "after":
            real(*args, **kwargs)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, dying)
        with pytest.raises(Killed):
            run()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("module", "name"),
    [(stopping, "change_timers"), (writing, "_note_down"), (writing, "_commit"), (stopping, "discard")],
)
def test_killed_anywhere_it_is_one_note_in_the_end(office: Office, module: object, name: str, when: str) -> None:
    timer = begin(office)
    killed_at(module, name, when, lambda: end(office.workspace, timer))
    finish_stopped(office.workspace)
    for left in running_timers(office.workspace):
        end(office.workspace, left)
    assert notes(office) == ONE
    assert running_timers(office.workspace) == ()
    assert git(office.root, "status", "--porcelain") == ""


def written_not_committed(office: Office) -> Running:
    timer = begin(office)
    killed_at(writing, "_commit", "before", lambda: end(office.workspace, timer))
    assert TEXT in office.text()
    return timer


def test_what_was_written_is_no_second_note_when_the_caches_are_gone(office: Office) -> None:
    written_not_committed(office)
    shutil.rmtree(office.root / ".synclog")
    (done,), _ = finish_stopped(office.workspace)
    assert (done.note.text, notes(office)) == (TEXT, ONE)


def test_nor_when_it_was_reworded_before_anything_was_committed(office: Office) -> None:
    written_not_committed(office)
    office.edit((TEXT, "Replaced the disk of bay 3."))
    finish_stopped(office.workspace)
    assert notes(office) == [("Replaced the disk of bay 3.", 47, "2026-04-24 09:15")]


def test_nor_when_it_was_posted_meanwhile(office: Office) -> None:
    written_not_committed(office)
    shutil.rmtree(office.root / ".synclog")
    office.push(NUMBER)
    assert len(office.comments()) == 1
    finish_stopped(office.workspace)
    assert notes(office) == []
    office.push(NUMBER)
    assert len(office.comments()) == 1
    assert running_timers(office.workspace) == ()


@pytest.mark.parametrize("name", ["_commit", "discard"])
def test_nor_when_another_work_tree_goes_on(office: Office, name: str) -> None:
    timer, tree = begin(office), second_tree(office)
    module = writing if name == "_commit" else stopping
    killed_at(module, name, "before", lambda: end(office.workspace, timer))
    (done,), _ = finish_stopped(tree)
    assert (done.root, notes(office)) == (office.root, ONE)
    assert TEXT not in (tree.root / done.path).read_text("utf-8")


def test_nor_when_another_branch_is_checked_out(office: Office) -> None:
    timer = begin(office)
    killed_at(stopping, "discard", "before", lambda: end(office.workspace, timer))
    git(office.root, "switch", "--quiet", "-c", "other", "HEAD~1")
    finish_stopped(office.workspace)
    assert (notes(office), running_timers(office.workspace)) == ([], ())
    git(office.root, "switch", "--quiet", "main")
    assert notes(office) == ONE


def test_nor_when_what_it_says_is_not_valid_any_more(office: Office) -> None:
    file = ticket_here(office.workspace, NUMBER)
    assert file is not None
    timer = start(office.workspace, file, SINCE, now=SINCE, labor="onsite")
    killed_at(stopping, "discard", "before", lambda: end(office.workspace, timer))
    office.push(NUMBER)
    office.change_settings("onsite:", "at_theirs:")
    assert [done.number for done in finish_stopped(office.workspace)[0]] == [NUMBER]
    assert notes(office) == []


def test_nor_when_its_file_was_forgotten_since(office: Office) -> None:
    timer = begin(office)
    killed_at(stopping, "discard", "before", lambda: end(office.workspace, timer))
    office.push(NUMBER)
    untrack(office.workspace, [NUMBER], confirm=lambda *_: True)
    assert [done.number for done in finish_stopped(office.workspace)[0]] == [NUMBER]
    assert running_timers(office.workspace) == ()


def test_one_that_can_not_be_completed_is_said_and_kept(office: Office) -> None:
    timer = begin(office)
    killed_at(writing, "_note_down", "before", lambda: end(office.workspace, timer))
    office.edit(("notes: []", "notes: ["))
    done, (failed,) = finish_stopped(office.workspace)
    assert (done, failed.timer.id, type(failed.error)) == ((), timer.id, InvalidFile)
    office.edit(("notes: [", "notes: []"))
    finish_stopped(office.workspace)
    assert notes(office) == ONE


def test_an_equal_note_that_was_there_before_is_not_taken_for_it(office: Office) -> None:
    end(office.workspace, begin(office))
    timer = begin(office)
    killed_at(writing, "_note_down", "before", lambda: end(office.workspace, timer))
    finish_stopped(office.workspace)
    assert notes(office) == ONE * 2


def test_a_disk_that_is_full_leaves_the_timer_and_its_text_for_the_next_run(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    timer = begin(office)
    with monkeypatch.context() as full:

        def write(*_: object, **__: object) -> None:
            raise StorageFailed("no space left")

        full.setattr(Workspace, "write", write)
        with pytest.raises(StorageFailed):
            end(office.workspace, timer)
    assert notes(office) == []
    finish_stopped(office.workspace)
    assert notes(office) == ONE


def test_a_timer_that_another_process_stopped_meanwhile_is_not_stopped_again(office: Office) -> None:
    timer = begin(office)
    end(office.workspace, timer)
    with pytest.raises(UsageError, match="stopped meanwhile"):
        end(office.workspace, timer, "Again.")
    assert notes(office) == ONE


# --- new tickets -------------------------------------------------------------------------------------------------


def test_the_timer_of_a_new_ticket_goes_to_the_ticket_that_it_became(office: Office) -> None:
    draft = office.path().parent / "new-switch.md"
    draft.write_bytes(b"---\nsubject: New switch\n---\n")
    now = datetime.now(UTC)
    timer = start(office.workspace, draft_named(office.workspace, "new-switch.md"), SINCE, now=now)
    assert (timer.number, ticket_of_draft(office.workspace, timer)) == (0, None)
    office.push()
    number = ticket_of_draft(office.workspace, timer)
    assert list(office.root.glob(f"clients/*/tickets/{number}-new-switch.md"))
    discard(office.workspace, timer)
    draft.write_bytes(b"---\nsubject: Another one\n---\n")
    named = draft_named(office.workspace, str(draft))
    later = start(office.workspace, named, SINCE, now=now + timedelta(minutes=5))
    assert ticket_of_draft(office.workspace, later) is None


def test_a_file_that_is_not_there_or_there_twice_is_no_ticket(office: Office) -> None:
    with pytest.raises(UsageError, match="there is no ticket file `new-x`"):
        draft_named(office.workspace, "new-x")
    for folder in ("a", "b"):
        path = office.root / "clients" / folder / "tickets" / "new-x.md"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"---\nsubject: New\n---\n")
    with pytest.raises(UsageError, match="may be clients/a/tickets/new-x"):
        draft_named(office.workspace, "new-x")


# --- what is kept ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b'{"format": 9, "timers": []}', b"{"])
def test_what_can_not_be_read_is_named_and_left_as_it_is(office: Office, damage: bytes) -> None:
    begin(office)
    kept = office.root / ".git" / "synclog-running"
    kept.write_bytes(damage)
    before = snapshot(office.root, without=["objects"])
    for use in (lambda: running_timers(office.workspace), lambda: begin(office)):
        with pytest.raises(InvalidFile, match=r"synclog-running.*running timers can't be read"):
            use()
    assert snapshot(office.root, without=["objects"])[".git/synclog-running"] == before[".git/synclog-running"]


def test_which_timers_run_is_told_without_git(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    timer, tree = begin(office), second_tree(office)
    workspace = office.workspace
    monkeypatch.setenv("PATH", "")
    assert running_timers(workspace) == (timer,) == running_timers(tree)


def second_tree(office: Office) -> Workspace:
    tree: Path = office.root.parent / "other"
    git(office.root, "worktree", "add", "--quiet", "-b", "other", str(tree))
    return Workspace.open(tree)


def test_git_agrees_where_its_folder_is(office: Office) -> None:
    for workspace in (office.workspace, second_tree(office)):
        assert running.place_of(workspace)[0].resolve() == workspace.history.common_dir
