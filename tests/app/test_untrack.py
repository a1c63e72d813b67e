"""A file that was forgotten on purpose stays away, on every clone, until it is asked for by number."""

from __future__ import annotations

import copy
import shutil
from typing import Any

import pytest
from support.office import NUMBER, Office, git

from synclog.app.untracking import UntrackResult, untrack
from synclog.errors import DecisionNeeded, Exit, InvalidFile, UnknownTicket

LENS, JERRY = 24152385, 24160207
OWN = ("notes: []\n", "gate_code: 4711\nnotes: []\n")


@pytest.fixture
def pulled(office: Office) -> Office:
    """A small workspace that has pulled: two customers are all that the key may see."""
    office.sandbox.store.restrict_key(office.sandbox.key_owner, LENS, JERRY)
    office.pull()
    return office


def forget(office: Office, *numbers: int, yes: bool = False) -> UntrackResult:
    return untrack(office.workspace, numbers or (NUMBER,), confirm=lambda *_: yes)


def any_news(office: Office) -> None:
    office.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)


def has_file(office: Office) -> bool:
    return any(b'"number": 32162' in path.read_bytes() for path in office.root.glob("clients/*/tickets/*"))


def test_a_forgotten_file_stays_away_whatever_happens_to_its_ticket(pulled: Office) -> None:
    pulled.edit(OWN)
    assert forget(pulled).untracked == [NUMBER]
    assert pulled.log(2) == ["Mike Sorrel: untrack: #32162", "Mike Sorrel: edit: #32162"]
    assert git(pulled.root, "status", "--porcelain", "clients") == ""
    for full in (False, True):
        any_news(pulled)
        result = pulled.pull(full=full)
        assert (result.new, result.changed, result.brought_back, has_file(pulled)) == ([], [], [], False)
    shutil.rmtree(pulled.root / ".synclog")
    assert (pulled.pull().new, has_file(pulled)) == ([], False)
    with pytest.raises(UnknownTicket):
        forget(pulled)


def test_asked_for_by_number_it_is_there_again_with_the_technicians_own_and_for_good(pulled: Office) -> None:
    pulled.edit(OWN)
    forget(pulled)
    any_news(pulled)
    assert pulled.pull(NUMBER).brought_back == [NUMBER]
    assert "gate_code: 4711" in pulled.text()
    assert "Any news?" in pulled.text()
    any_news(pulled)
    assert pulled.pull().changed == [NUMBER]
    pulled.path().unlink()
    assert pulled.pull().brought_back == [NUMBER]


def test_every_clone_knows_and_work_there_is_not_lost_in_a_merge(pulled: Office) -> None:
    clones = [copy.copy(pulled) for _ in range(2)]
    for place, clone in enumerate(clones):
        clone.root = pulled.root.parent / f"clone-{place}"
        git(pulled.root.parent, "clone", "--quiet", str(pulled.root), str(clone.root))
        git(clone.root, "config", "user.name", "Priya Venkat")
        git(clone.root, "config", "user.email", "priya@copperline.example")
    forget(pulled)
    plain, working = clones
    git(plain.root, "pull", "--quiet")
    assert (plain.pull().new, plain.pull(full=True).new, has_file(plain)) == ([], [], False)
    working.write_note("notes:\n  - Replaced the failed disk.\n")
    git(working.root, "commit", "--quiet", "-am", "mine")
    with pytest.raises(Exception, match="pull"):
        git(working.root, "pull", "--quiet", "--no-rebase")
    git(working.root, "add", "clients")
    git(working.root, "commit", "--quiet", "--no-edit")
    assert working.pull().brought_back == []
    assert "Replaced the failed disk." in working.text()
    working.path().unlink()
    assert working.pull().brought_back == [NUMBER]
    assert "Replaced the failed disk." in working.text()


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("notes: []\n", "notes:\n  - Called Len.\n", "1 note"),
        ("invoice: false", "invoice: true", "an invoice"),
        ("priority: Normal", "priority: High", "an edit of priority"),
        ("priority: Normal", "priority: [", "not valid"),
    ],
)
def test_a_file_with_work_is_forgotten_only_by_who_says_so(pulled: Office, old: str, new: str, named: str) -> None:
    pulled.edit((old, new))
    result = forget(pulled, 32164, NUMBER)
    assert (result.untracked, list(result.kept), result.exit_code) == ([32164], [NUMBER], Exit.DECISION)
    assert named in result.kept[NUMBER][0]
    assert isinstance(result.errors[0], DecisionNeeded)
    assert has_file(pulled)
    assert forget(pulled, yes=True).untracked == [NUMBER]
    assert new in git(pulled.root, "show", f"HEAD~1:{next(iter(_deleted(pulled)))}")


def _deleted(office: Office) -> list[str]:
    return git(office.root, "diff", "--name-only", "--diff-filter=D", "HEAD~1", "HEAD").splitlines()


def test_what_was_begun_and_is_in_no_file_any_more_is_work_too(pulled: Office) -> None:
    pulled.write_note()
    pulled.sandbox.add_fault("drop-before POST /tickets/*/comment #1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("synclog.syncro.client.SyncroClient.add_comment", _dying)
        with pytest.raises(KeyboardInterrupt):
            pulled.push()
    text = pulled.text()
    start, end = text.index("notes:\n"), text.index("invoice:")
    pulled.path().write_bytes((text[:start] + "notes: []\n" + text[end:]).encode())
    assert "begun" in forget(pulled).kept[NUMBER][0]


def _dying(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("committed", [False, True])
def test_a_file_that_was_deleted_by_hand_can_be_forgotten_too(pulled: Office, committed: bool) -> None:
    pulled.edit(("priority: Normal", "priority: High"))
    git(pulled.root, "commit", "--quiet", "-am", "mine")
    pulled.path().unlink()
    if committed:
        git(pulled.root, "commit", "--quiet", "-am", "oops")
    assert forget(pulled).kept
    assert forget(pulled, yes=True).untracked == [NUMBER]
    assert (pulled.pull().brought_back, pulled.pull(full=True).brought_back) == ([], [])
    assert not has_file(pulled)


def test_two_files_of_one_ticket_are_not_forgotten(pulled: Office) -> None:
    shutil.copy(pulled.path(), pulled.path().with_name("copy.md"))
    with pytest.raises(InvalidFile):
        forget(pulled, yes=True)


# --- cut short -------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    pass


@pytest.mark.parametrize("place", ["synclog.workspace.workspace.Workspace.delete", "synclog.app.writing._commit"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_anywhere_a_file_is_forgotten_or_is_there(
    pulled: Office, monkeypatch: pytest.MonkeyPatch, place: str, when: str
) -> None:
    from synclog.app import writing
    from synclog.workspace.workspace import Workspace

    real: Any = Workspace.delete if place.endswith("delete") else writing._commit

    def dying(*words: Any) -> None:
        if when == "after":
            real(*words)
        raise Killed

    pulled.edit(OWN)
    monkeypatch.setattr(place, dying)
    with pytest.raises(Killed):
        forget(pulled)
    monkeypatch.undo()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    pulled.pull()
    forgotten = "Synclog-Untracked: 32162" in git(pulled.root, "log", "-3", "--format=%B")
    assert has_file(pulled) != forgotten
    if has_file(pulled):
        assert "gate_code: 4711" in pulled.text()
    assert git(pulled.root, "status", "--porcelain", "clients") == ""


@pytest.mark.parametrize("step", ["finish_interrupted", "write_and_commit"])
def test_a_file_that_is_saved_while_it_is_forgotten_stays(
    pulled: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from synclog.app import untracking as module

    real, path = getattr(module, step), pulled.path()

    def saving(*words: Any) -> Any:
        path.write_bytes(path.read_bytes().replace(b"notes: []", b"notes:\n  - Called Len."))
        return real(*words)

    monkeypatch.setattr(module, step, saving)
    result = forget(pulled)
    monkeypatch.undo()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    assert (result.untracked, result.commit, result.exit_code) == ([], None, Exit.FAILED)
    assert "Called Len." in pulled.text()
    assert not pulled.pull().brought_back


def test_a_file_that_a_pull_brought_back_meanwhile_is_not_called_forgotten(pulled: Office) -> None:
    pulled.write_note()
    git(pulled.root, "commit", "--quiet", "-am", "mine")
    pulled.path().unlink()
    git(pulled.root, "commit", "--quiet", "-am", "oops")

    def slowly(*_: object) -> bool:
        pulled.pull()
        return True

    result = untrack(pulled.workspace, [NUMBER], confirm=slowly)
    assert (result.untracked, result.commit, has_file(pulled)) == ([], None, True)
