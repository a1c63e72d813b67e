"""Files moved, copied or deleted by hand: a ticket is known by its number, and no work in its file is lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from support.office import EMAIL, NAME, NUMBER, Office, git

from synclog.app.untracking import untrack
from synclog.errors import Exit

OTHER = "Priya Venkat", "priya@copperline.example"
LENS, JERRY, SAGUARO = 24152385, 24160207, 24152611
WORK = ("notes: []\n", "gate_code: 4711\nnotes:\n  - note: Replaced the failed disk.\n    time: 1h30m\n")


@pytest.fixture
def pulled(office: Office) -> Office:
    """A small workspace that has pulled: three customers are all that the key may see."""
    office.sandbox.store.restrict_key(office.sandbox.key_owner, LENS, JERRY, SAGUARO)
    office.pull()
    return office


def write_work(office: Office) -> None:
    """Write all that a technician can: a note, a wish, an edit, a key and text of one's own."""
    office.edit(
        WORK,
        ("invoice: false", "invoice: true"),
        ("priority: Normal", "priority: High"),
        ("\n---\n\n", "\n---\nAsk Len for the old keys.\n\n"),
    )


def holds_work(text: str) -> bool:
    kept = ("Replaced the failed disk.", "invoice: true", "priority: High", "Ask Len for the old keys.", "gate_code")
    return all(word in text for word in kept)


def any_news(office: Office) -> None:
    office.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)


# --- renamed, moved, copied ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["lens-auto-brokerage/tickets/The server.MD", "jerry-burger/tickets/server.md"])
def test_a_file_stays_where_it_was_put_and_is_kept_up_to_date_there(pulled: Office, place: str) -> None:
    write_work(pulled)
    moved = pulled.root / "clients" / place
    pulled.path().rename(moved)
    any_news(pulled)
    result = pulled.pull()
    assert (result.changed, result.new, result.brought_back) == ([NUMBER], [], [])
    text = moved.read_text("utf-8")
    assert "Any news?" in text
    assert holds_work(text)
    assert pulled.pull(NUMBER, full=True).changed == []
    assert [p.name for p in pulled.root.rglob("*.md") if "server-upgrade" in p.name] == []
    assert pulled.push().done
    assert len(pulled.comments()) == 1


def test_two_files_of_one_ticket_send_nothing_until_one_is_deleted(pulled: Office) -> None:
    write_work(pulled)
    copied = pulled.path().with_name("copy.md")
    shutil.copy(pulled.path(), copied)
    before = copied.read_bytes()
    any_news(pulled)
    for result in (pulled.pull(), pulled.pull(NUMBER), pulled.push()):
        assert result.exit_code == Exit.DECISION
        assert [error.path for error in result.invalid] == sorted(e.path for e in result.invalid)
        assert all("keep one of them" in str(error) for error in result.invalid)
    assert pulled.comments() == []
    assert copied.read_bytes() == before
    pulled.path().unlink()
    result = pulled.pull()
    assert (result.changed, result.brought_back, result.exit_code) == ([NUMBER], [], Exit.DONE)
    assert holds_work(copied.read_text("utf-8"))
    assert len(pulled.push().done) == 3


def test_a_file_put_among_another_customers_leaves_that_customers_card_alone(pulled: Office) -> None:
    own = pulled.path().parent.parent
    there = pulled.root / "clients" / "jerry-burger"
    pulled.path().rename(there / "tickets" / "server.md")
    shutil.rmtree(own)
    card = (there / "client.md").read_bytes()
    any_news(pulled)
    pulled.pull()
    assert (there / "client.md").read_bytes() == card
    assert (own / "client.md").exists()


# --- deleted ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("committed", "asked"), [(False, ()), (True, (NUMBER,))])
def test_a_file_deleted_by_hand_comes_back_with_its_work(pulled: Office, committed: bool, asked: tuple[int]) -> None:
    write_work(pulled)
    git(pulled.root, "commit", "--quiet", "-am", "what I did")
    path = pulled.path()
    path.unlink()
    if committed:
        git(pulled.root, "commit", "--quiet", "-am", "oops")
    any_news(pulled)
    result = pulled.pull(*asked)
    assert (result.brought_back, result.new, result.changed) == ([NUMBER], [], [NUMBER])
    assert "Any news?" in path.read_text("utf-8")
    assert holds_work(path.read_text("utf-8"))
    assert git(pulled.root, "status", "--porcelain", "clients") == ""
    assert pulled.pull().brought_back == []
    assert len(pulled.push().done) == 3
    assert (len(pulled.comments()), len(pulled.timers()), len(pulled.invoices())) == (1, 1, 1)


def test_all_of_a_customer_deleted_comes_back_and_the_card_with_its_own_keys(pulled: Office) -> None:
    folder = pulled.path().parent.parent
    card = folder / "client.md"
    card.write_bytes(card.read_bytes().replace(b"---\n\n", b"invoicing: recurring\n---\nGate code 4711.\n\n", 1))
    pulled.pull()
    before = {path: path.read_bytes() for path in folder.rglob("*.md")}
    shutil.rmtree(folder)
    assert len(pulled.pull().brought_back) == len(before) - 1
    assert {path: path.read_bytes() for path in folder.rglob("*.md")} == before


def test_a_dry_run_says_what_would_come_back_and_writes_nothing(pulled: Office) -> None:
    pulled.path().unlink()
    head = git(pulled.root, "rev-parse", "HEAD")
    result = pulled.pull(dry_run=True)
    assert (result.brought_back, result.new) == ([NUMBER], [])
    assert git(pulled.root, "rev-parse", "HEAD") == head
    assert not list(pulled.root.glob(f"clients/*/tickets/{NUMBER}-*"))


def test_without_its_own_caches_and_after_a_reset_a_pull_misses_no_file(pulled: Office) -> None:
    before = git(pulled.root, "log", "--format=%H", "--grep=our settings")
    write_work(pulled)
    pulled.pull()
    pulled.path().unlink()
    git(pulled.root, "commit", "--quiet", "-am", "oops")
    shutil.rmtree(pulled.root / ".synclog")
    assert pulled.pull().brought_back == [NUMBER]
    assert holds_work(pulled.text())
    git(pulled.root, "reset", "--hard", "--quiet", before)
    assert NUMBER in pulled.pull().new


@pytest.mark.parametrize("writers", [(OTHER,), ((NAME, EMAIL), OTHER)])
def test_a_note_in_a_file_that_came_back_is_still_its_authors(
    pulled: Office, writers: tuple[tuple[str, str], ...]
) -> None:
    pulled.write_note("notes:\n")
    for name, email in writers:
        pulled.edit(("notes:\n", f"notes:\n  - Replaced the failed disk, says {name}.\n"))
        pulled.commit_as(name, email)
    pulled.path().unlink()
    assert pulled.pull().brought_back == [NUMBER]
    held = pulled.push().plan.tickets[0].held
    assert {OTHER[0] in one.reason for one in held} == {True}
    assert pulled.comments() == []
    names = ", ".join(name for name, _ in sorted(writers))
    assert len(pulled.push(author=names).done) == len(writers)


def test_a_file_that_is_not_valid_comes_back_as_it_was_and_is_named(pulled: Office) -> None:
    pulled.edit(("notes: []", "notes:\n  - Rebooted. # twice"))
    pulled.commit_as(*OTHER)
    before, path = pulled.path().read_bytes(), pulled.path()
    path.unlink()
    result = pulled.pull()
    assert (result.brought_back, result.exit_code) == ([NUMBER], Exit.DECISION)
    assert path.read_bytes() == before
    assert git(pulled.root, "log", "-1", "--format=%an: %s") == f"{OTHER[0]}: brought back: #{NUMBER}"
    pulled.edit(("Rebooted. # twice", "Rebooted twice."))
    any_news(pulled)
    assert pulled.pull().changed == [NUMBER]


def test_what_else_has_the_name_stays_and_the_file_comes_back_beside_it(pulled: Office) -> None:
    path = pulled.path()
    git(pulled.root, "rm", "--quiet", str(path))
    git(pulled.root, "commit", "--quiet", "-m", "oops")
    path.with_name(path.name.upper()).mkdir(parents=True)
    assert pulled.pull().brought_back == [NUMBER]
    assert path.with_name(f"{path.stem}-2.md").exists()


class Killed(BaseException):
    pass


@pytest.mark.parametrize("forgotten", [False, True])
def test_what_was_posted_from_a_file_that_then_went_is_recorded_and_never_posted_again(
    pulled: Office, monkeypatch: pytest.MonkeyPatch, forgotten: bool
) -> None:
    def dying(*_: object) -> None:
        raise Killed

    pulled.write_note("notes:\n  - Replaced the failed disk.\n")
    monkeypatch.setattr("synclog.app.push.records.Recorder.note", dying)
    with pytest.raises(Killed):
        pulled.push()
    monkeypatch.undo()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    if forgotten:
        untrack(pulled.workspace, [NUMBER], confirm=lambda *_: True)
        result = pulled.pull(NUMBER)
    else:
        pulled.path().unlink()
        result = pulled.pull()
    assert (result.brought_back, len(result.recorded)) == ([NUMBER], 1)
    assert (pulled.push().done, len(pulled.comments())) == ([], 1)
    assert "notes: []" in pulled.text()


@pytest.mark.parametrize("place", ["written", "before commit", "after commit"])
def test_killed_while_files_come_back_the_next_pull_goes_on(
    pulled: Office, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    from synclog.app import bringing_back, writing
    from synclog.workspace.workspace import Workspace

    pulled.write_note("notes:\n  - Replaced the failed disk.\n")
    pulled.commit_as(*OTHER)
    shutil.rmtree(pulled.root / "clients")
    write, commit, whole = Workspace.write, writing._commit, bringing_back.write_and_commit

    def dying(*words: Any, **more: Any) -> Any:
        if place == "written":
            write(*words, **more)
        if place == "after commit":
            whole(*words)
        raise Killed

    if place == "written":
        monkeypatch.setattr(Workspace, "write", dying)
    elif place == "before commit":
        monkeypatch.setattr(writing, "_commit", dying)
    else:
        monkeypatch.setattr(bringing_back, "write_and_commit", dying)
    with pytest.raises(Killed):
        pulled.pull()
    monkeypatch.undo()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    assert commit is writing._commit
    pulled.pull()
    assert len(list(pulled.root.glob("clients/*/client.md"))) == 3
    assert OTHER[0] in pulled.push().plan.tickets[0].held[0].reason
    assert git(pulled.root, "status", "--porcelain", "clients") == ""
    assert not pulled.pull().changed


def test_a_file_saved_between_the_two_steps_of_a_move_is_the_one_that_stays(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synclog.workspace.workspace import Workspace

    old, real = pulled.path(), Workspace.write

    def saving(self: Workspace, path: str, text: str, **more: Any) -> bool:
        written = real(self, path, text, **more)
        if "jerry-burger/tickets" in path:
            old.write_bytes(old.read_bytes().replace(b"notes: []", b"notes:\n  - Called Len."))
        return written

    pulled.sandbox.store.web_move_ticket(NUMBER, JERRY)
    monkeypatch.setattr(Workspace, "write", saving)
    pulled.pull()
    monkeypatch.undo()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    assert pulled.path() == old
    assert pulled.pull().changed == [NUMBER]
    assert pulled.path().parent.parent.name == "jerry-burger"
    assert "Called Len." in pulled.text()


def test_a_path_of_history_that_leads_astray_stops_no_pull(pulled: Office) -> None:
    (pulled.root / "clients" / "con" / "tickets").mkdir(parents=True)
    astray = pulled.root / "clients" / "con" / "tickets" / "server.md"
    pulled.path().rename(astray)
    git(pulled.root, "add", "clients")
    git(pulled.root, "commit", "--quiet", "-m", "moved to where Windows has a device")
    result = pulled.pull()
    assert (result.brought_back, result.exit_code) == ([NUMBER], Exit.DONE)
    git(pulled.root, "rm", "--quiet", str(astray), str(pulled.path()))
    git(pulled.root, "commit", "--quiet", "-m", "oops")
    assert pulled.pull().brought_back == [NUMBER]


# --- moved to another customer ---------------------------------------------------------------------------------------


def test_two_files_of_one_name_move_to_another_customer_with_all_that_is_in_them(pulled: Office) -> None:
    write_work(pulled)
    numbers = [NUMBER, 32166]
    pulled.path().rename(pulled.path().with_name("notes.md"))
    pulled.path(32166).rename(pulled.path(32166).with_name("notes.md"))
    target = pulled.root / "clients" / "jerry-burger"
    card = target / "client.md"
    card.write_bytes(card.read_bytes().replace(b"---\n\n", b"invoicing: recurring\n---\n\n", 1))
    (target / "tickets" / "Notes.md").write_bytes(b"---\nnumber: 9\n---\nnot a ticket of ours\n")
    for number in numbers:
        pulled.sandbox.store.web_move_ticket(number, pulled.sandbox.store.ticket(32164)["customer_id"])
    assert sorted(pulled.pull().changed) == sorted(numbers)
    names = sorted(path.name for path in (target / "tickets").iterdir() if "otes" in path.name)
    assert names == ["Notes.md", "notes-2.md", "notes-3.md"]
    texts = [(target / "tickets" / name).read_text("utf-8") for name in names]
    assert [holds_work(text) for text in texts].count(True) == 1
    assert "invoicing: recurring" in card.read_text("utf-8")
    assert git(pulled.root, "status", "--porcelain", "clients") == ""
    assert not pulled.pull().changed


def test_a_customer_who_is_renamed_keeps_the_folder(pulled: Office) -> None:
    path = pulled.path()
    pulled.sandbox.store.web_update_customer(24152385, business_name="Len's Motors")
    any_news(pulled)
    pulled.pull()
    assert "customer: Len's Motors" in path.read_text("utf-8")
    assert "customer: Len's Motors" in (path.parent.parent / "client.md").read_text("utf-8")


# --- gone ------------------------------------------------------------------------------------------------------------


def test_a_ticket_that_is_gone_is_found_by_a_full_pull_and_its_work_is_told(pulled: Office) -> None:
    write_work(pulled)
    pulled.sandbox.store.web_delete_ticket(NUMBER)
    assert pulled.pull().gone == []
    result = pulled.pull(full=True)
    assert (result.gone, result.exit_code) == ([NUMBER], Exit.DECISION)
    assert "gone: true" in pulled.text()
    assert holds_work(pulled.text())
    (told,) = result.undecided
    assert "1 note" in told.message
    assert f"synclog untrack {NUMBER}" in told.remedy
    assert (pulled.push().exit_code, pulled.push().done) == (Exit.DECISION, [])


@pytest.mark.parametrize("how", ["full", "number"])
def test_a_ticket_that_comes_back_is_gone_no_more(pulled: Office, how: str) -> None:
    store = pulled.sandbox.store
    store.restrict_key(pulled.sandbox.key_owner, JERRY)
    assert NUMBER in pulled.pull(full=True).gone
    assert git(pulled.root, "log", "-1", "--format=%an").startswith("Syncro")
    store.restrict_key(pulled.sandbox.key_owner, JERRY, LENS)
    pulled.pull(*([NUMBER] if how == "number" else []), full=how == "full")
    assert "gone:" not in pulled.text()


def test_a_file_without_its_last_line_says_so_too(pulled: Office) -> None:
    pulled.sandbox.store.web_delete_ticket(NUMBER)
    text = pulled.text()
    pulled.path().write_bytes(text[: text.rindex("<!-- synclog:base")].encode())
    for asked in ((), (NUMBER,)):
        assert pulled.pull(*asked).exit_code == Exit.DECISION
    assert "gone: true" in pulled.text()


def test_a_file_of_a_ticket_that_is_gone_comes_back_too(pulled: Office) -> None:
    write_work(pulled)
    pulled.sandbox.store.web_delete_ticket(NUMBER)
    pulled.pull()
    path: Path = pulled.path()
    path.unlink()
    result = pulled.pull()
    assert (result.brought_back, result.gone) == ([NUMBER], [NUMBER])
    assert holds_work(pulled.text())
