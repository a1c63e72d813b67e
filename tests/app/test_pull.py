"""A pull brings what changed, and loses nothing that a technician wrote."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.office import NUMBER, Office, Time, git, snapshot

from synclog.errors import Exit, NotFound, RepositoryState, StorageFailed, UnknownTicket
from synclog.sandbox import Sandbox
from synclog.workspace import files as workspace_files


def test_a_second_pull_with_no_change_makes_no_commit_and_at_most_four_requests(pulled: Office) -> None:
    head = git(pulled.root, "rev-parse", "HEAD")
    result = pulled.pull()
    assert (result.new, result.changed, result.committed) == ([], [], [])
    assert result.requests <= 4
    assert git(pulled.root, "rev-parse", "HEAD") == head
    assert git(pulled.root, "status", "--porcelain") == ""


def test_what_syncro_says_is_committed_by_syncro_and_what_i_wrote_by_me(pulled: Office) -> None:
    pulled.edit(("subject: Server upgrade", "subject: Server upgrade and disks"))
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
    pulled.pull()
    assert pulled.log(2) == ["Syncro: pull: 0 new, 1 changed", "Mike Sorrel: edit: #32162"]
    assert git(pulled.root, "log", "-1", "--format=%cn") == "Mike Sorrel"


@pytest.mark.parametrize(
    ("scope", "inside", "outside"), [("open", 32162, 32129), ("mine", 32162, 32164), ("all", 32129, 0)]
)
def test_the_scope_says_which_tickets_become_files(office: Office, scope: str, inside: int, outside: int) -> None:
    office.change_settings("scope: open", f"scope: {scope}")
    result = office.pull()
    assert inside in result.new
    assert outside not in result.new
    if scope == "all":
        assert len(result.new) == len(office.sandbox.store.tickets())


def test_a_ticket_that_has_a_file_is_kept_up_to_date_whatever_its_status(pulled: Office) -> None:
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Closed")
    assert pulled.pull().changed == [NUMBER]
    assert "status: Closed" in pulled.text()
    pulled.sandbox.store.web_add_comment(NUMBER, "Thanks, all good", "Re: Server upgrade", None)
    assert pulled.pull().changed == [NUMBER]


def test_single_tickets_are_pulled_whatever_their_status(office: Office) -> None:
    assert office.pull(32129).new == [32129]
    assert "invoices: [41205]" in office.text(32129)
    with pytest.raises(UnknownTicket):
        office.pull(99999)


def test_time_and_invoices_made_in_the_web_reach_the_file_though_the_ticket_does_not_move(pulled: Office) -> None:
    pulled.sandbox.store.web_add_time(NUMBER, 45, 1190473, 24406)
    assert pulled.pull().changed == [NUMBER]
    assert "| 45 | remote | Priya Venkat |" in pulled.text()
    pulled.sandbox.store.web_make_invoice(NUMBER)
    assert pulled.pull().changed == [NUMBER]
    assert f"invoices: [{pulled.invoices()[0]['number']}]" in pulled.text()
    assert not pulled.pull().changed


# --- merging -------------------------------------------------------------------------------------------------------


def test_changes_of_different_fields_on_both_sides_survive(pulled: Office) -> None:
    pulled.edit(("priority: Normal", "priority: High"), ("tags: [server]", "tags: [server, disk]  # both"))
    pulled.write_note()
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled")
    assert pulled.pull().exit_code == Exit.DONE
    text = pulled.text()
    for kept in ("priority: High", "status: Scheduled", "tags: [server, disk]  # both", "time: 1h30m"):
        assert kept in text


def test_the_same_field_changed_on_both_sides_is_a_conflict_that_keeps_mine(pulled: Office) -> None:
    pulled.edit(("status: In Progress", "status: Resolved"))
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled")
    result = pulled.pull()
    assert (result.conflicts, result.exit_code) == ({NUMBER: ("status",)}, Exit.DECISION)
    assert "status: Resolved" in pulled.text()
    assert "theirs: Scheduled" in pulled.text()
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Waiting on Vendor")
    pulled.pull()
    assert "theirs: Waiting on Vendor" in pulled.text()
    assert "base: In Progress" in pulled.text()
    assert not pulled.push().done
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Resolved")
    assert pulled.pull().exit_code == Exit.DONE
    assert "conflicts:" not in pulled.text()


def test_a_conflict_is_settled_by_deleting_its_entry(pulled: Office) -> None:
    pulled.edit(("status: In Progress", "status: Resolved"))
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled")
    pulled.pull()
    lines = pulled.text().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith("conflicts:"))
    end = next(i for i in range(at + 1, len(lines)) if not lines[i].startswith(" "))
    pulled.path().write_bytes("".join(lines[:at] + lines[end:]).encode())
    assert pulled.push().done
    assert pulled.sandbox.store.ticket(NUMBER)["status"] == "Resolved"


def test_what_is_syncros_is_put_back_and_said(pulled: Office) -> None:
    before = pulled.text()
    pulled.edit(("customer: Len's Auto Brokerage", "customer: Somebody else"))
    assert pulled.pull().restored == {NUMBER: ("customer",)}
    assert pulled.text() == before
    pulled.edit(("> Good morning Mike,", "> Good evening Mike,"))
    assert pulled.pull().changed == [NUMBER]
    assert pulled.text() == before


def test_a_stale_buffer_saved_over_a_pulled_file_is_put_together_with_it(pulled: Office) -> None:
    stale = pulled.path().read_bytes()
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
    pulled.time.sleep(3600)
    pulled.pull()
    pulled.time.sleep(3600)
    pulled.pull()
    pulled.path().write_bytes(stale.replace(b"notes: []", b"notes:\n  - Called back."))
    assert pulled.pull().changed == []
    assert "Any news?" in pulled.text()
    assert "- Called back." in pulled.text()
    assert pulled.log(2) == [f"Mike Sorrel: merge: a stale file of #{NUMBER}", f"Mike Sorrel: edit: #{NUMBER}"]
    assert "Any news?" not in git(pulled.root, "show", f"HEAD~1:{pulled.path().relative_to(pulled.root).as_posix()}")


def test_a_stale_buffer_that_no_commit_knows_is_fetched_again(pulled: Office) -> None:
    buffer = pulled.text().replace('"timer": ', '"timer": 1')
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
    pulled.pull()
    pulled.path().write_bytes(buffer.encode())
    assert pulled.pull().changed == [NUMBER]
    assert "Any news?" in pulled.text()


def test_a_file_saved_while_it_is_read_is_left_to_the_editor(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
    from synclog.app.pull import writer as module

    real = module.write_and_commit

    def saved_just_now(workspace: Any, change: Any) -> Any:
        pulled.edit(("notes: []", "notes:\n  - Called back."))
        return real(workspace, change)

    monkeypatch.setattr(module, "write_and_commit", saved_just_now)
    pulled.pull()
    monkeypatch.undo()
    assert "- Called back." in pulled.text()
    assert "Any news?" not in pulled.text()
    pulled.pull()
    assert "- Called back." in pulled.text()
    assert "Any news?" in pulled.text()


# --- files ---------------------------------------------------------------------------------------------------------


def test_an_invalid_file_is_left_byte_for_byte_and_stops_no_other(pulled: Office) -> None:
    pulled.edit(("notes: []", "notes:\n  - Rebooted. # twice"))
    before = pulled.path().read_bytes()
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
    pulled.sandbox.store.web_add_comment(32164, "hello??", "Re", None)
    result = pulled.pull()
    assert (result.exit_code, result.changed) == (Exit.DECISION, [32164])
    assert pulled.path().read_bytes() == before
    pulled.time.sleep(3600)
    pulled.pull()
    pulled.edit(("Rebooted. # twice", "Rebooted twice."))
    pulled.time.sleep(3600)
    assert pulled.pull().changed == [NUMBER]
    assert "Any news?" in pulled.text()


def test_a_file_whose_number_cannot_be_read_is_not_replaced(pulled: Office) -> None:
    broken = b"---\nnumber: [oops\n---\nmy scratch\n"
    pulled.path().write_bytes(broken)
    result = pulled.pull(full=True)
    assert [error.path for error in result.invalid] == [pulled.path().relative_to(pulled.root).as_posix()]
    assert pulled.path().read_bytes() == broken


def test_two_files_with_one_number_are_both_named_and_left(pulled: Office) -> None:
    copy = pulled.path().with_name("copy-of-server-upgrade.md")
    shutil.copy(pulled.path(), copy)
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
    result = pulled.pull()
    assert len(result.invalid) == 2
    assert "Any news?" not in copy.read_text("utf-8")


def test_a_ticket_moved_to_another_customer_moves_to_that_folder_with_its_work(pulled: Office) -> None:
    pulled.write_note()
    old = pulled.path()
    other = pulled.sandbox.store.ticket(32164)["customer_id"]
    pulled.sandbox.store.web_move_ticket(NUMBER, other)
    assert pulled.pull().changed == [NUMBER]
    assert not old.exists()
    assert pulled.path().parent.parent.name == "jerry-burger"
    assert "time: 1h30m" in pulled.text()
    assert git(pulled.root, "status", "--porcelain") == ""


def test_a_ticket_that_is_gone_keeps_its_file_and_work(pulled: Office) -> None:
    pulled.write_note()
    pulled.sandbox.store.web_delete_ticket(NUMBER)
    result = pulled.pull(NUMBER)
    assert result.gone == [NUMBER]
    assert "gone: true" in pulled.text()
    assert "time: 1h30m" in pulled.text()
    assert pulled.push().exit_code == Exit.DECISION


def test_foreign_staged_and_dirty_files_stay_exactly_as_they_are(pulled: Office) -> None:
    (pulled.root / "runbook.md").write_text("staged\n")
    git(pulled.root, "add", "runbook.md")
    (pulled.root / "runbook.md").write_text("staged, then changed\n")
    (pulled.root / "clients" / "notes.txt").write_text("mine\n")
    before = git(pulled.root, "status", "--porcelain")
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
    pulled.pull()
    assert git(pulled.root, "status", "--porcelain") == before
    assert git(pulled.root, "show", ":runbook.md") == "staged"


def test_technicians_keys_and_text_on_a_customers_card_stay(pulled: Office) -> None:
    card = pulled.path().parent.parent / "client.md"
    text = card.read_text("utf-8")
    card.write_text(text.replace("---\n\n", "invoicing: recurring\n---\nGate code 4711.\n\n", 1), "utf-8")
    pulled.sandbox.store.web_update_customer(24152385, phone="602-555-0199")
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
    pulled.pull()
    fresh = card.read_text("utf-8")
    assert "602-555-0199" in fresh
    assert "invoicing: recurring" in fresh
    assert "Gate code 4711." in fresh


# --- when things go wrong ------------------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing(pulled: Office) -> None:
    pulled.sandbox.store.web_add_comment(NUMBER, "Any news?", "Re: Server upgrade", None)
    before = snapshot(pulled.root)
    assert pulled.pull(dry_run=True).changed == [NUMBER]
    assert snapshot(pulled.root) == before


def test_without_its_own_caches_a_pull_asks_for_no_ticket_again(pulled: Office) -> None:
    shutil.rmtree(pulled.root / ".synclog")
    result = pulled.pull()
    assert (result.new, result.changed) == ([], [])
    assert result.requests <= 8


def test_a_full_disk_in_mid_pull_keeps_what_was_there_and_the_next_pull_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = workspace_files.write_whole, []

    def full_after_ten(path: Path, data: bytes, **options: Any) -> bool:
        if path.suffix == ".md":
            written.append(path)
            if len(written) > 10:
                raise StorageFailed(f"{path}: no space left on device", remedy="make room")
        return real(path, data, **options)

    monkeypatch.setattr(workspace_files, "write_whole", full_after_ten)
    with pytest.raises(StorageFailed):
        office.pull()
    monkeypatch.undo()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    office.pull()
    assert len(list(office.root.glob("clients/*/tickets/*.md"))) == 28
    assert git(office.root, "status", "--porcelain") == ""
    assert not any(line.startswith("Mike Sorrel: edit") for line in office.log())


def test_a_ticket_that_cannot_be_read_stops_no_other_and_is_fetched_next_time(office: Office) -> None:
    ticket = office.sandbox.store.ticket(NUMBER)["id"]
    office.sandbox.add_fault(f"html-before GET /tickets/{ticket}")
    result = office.pull()
    assert result.exit_code == Exit.FAILED
    assert len(result.new) == 27
    office.sandbox.clear_faults()
    assert office.pull().new == [NUMBER]


def test_tickets_that_move_between_pages_are_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    time = Time()
    with Sandbox(now=time.now, tickets=120) as sandbox:
        office = Office(tmp_path / "msp", sandbox, time)
        office.change_settings("scope: open", "scope: all")
        numbers = {t["number"] for t in sandbox.store.tickets()}
        with office.session() as session:
            from synclog.app.pull import pull

            real = session.client.ticket_pages

            def moving(query: Any, **words: Any) -> Any:
                for at, page in enumerate(real(query, **words)):
                    yield page
                    if at == 1 and query.since_updated_at is None:
                        # The last ones of the list come to its front, behind the reader's back.
                        for number in sorted(numbers)[:3]:
                            sandbox.store.web_update_ticket(int(number), priority="High")

            session.client.ticket_pages = moving  # type: ignore[method-assign]
            result = pull(session)
        assert {str(n) for n in result.new} == {str(n) for n in numbers}


def test_a_window_reaches_back_over_the_edge_of_the_last_pull(pulled: Office) -> None:
    pulled.time.at -= timedelta(seconds=30)
    pulled.sandbox.store.web_update_ticket(NUMBER, priority="High")
    pulled.time.at += timedelta(hours=1)
    assert pulled.pull().changed == [NUMBER]


def test_a_ticket_that_this_key_may_not_see_is_said_to_be_unknown(office: Office) -> None:
    office.sandbox.store.restrict_key(office.sandbox.key_owner, 24160207)
    with pytest.raises((UnknownTicket, NotFound)):
        office.pull(NUMBER)


def test_a_file_that_lost_its_base_is_mended_by_the_next_pull(pulled: Office) -> None:
    before = pulled.text()
    pulled.edit(("status: In Progress", "status: Resolved"))
    text = pulled.text()
    pulled.path().write_bytes(text[: text.rindex("<!-- synclog:base")].encode())
    result = pulled.pull()
    assert result.conflicts == {NUMBER: ("status",)}
    assert "status: Resolved" in pulled.text()
    assert pulled.text().splitlines()[-1] == before.splitlines()[-1]


def test_a_clone_with_a_part_of_the_files_pushes_and_leaves_pulling_to_a_whole_one(pulled: Office) -> None:
    shared = pulled.root.parent / "shared.git"
    git(pulled.root.parent, "clone", "--quiet", "--bare", str(pulled.root), str(shared))
    small = pulled.root.parent / "small"
    git(pulled.root.parent, "clone", "--quiet", "--sparse", str(shared), str(small))
    git(small, "sparse-checkout", "set", "clients/lens-auto-brokerage")
    for key, value in (("user.name", "Mike Sorrel"), ("user.email", "mike@copperline.example")):
        git(small, "config", key, value)
    whole, pulled.root = pulled.root, small
    pulled.write_note()
    with pytest.raises(RepositoryState, match="only a part of the files"):
        pulled.pull()
    assert [done.op for done in pulled.push().done] == ["comment"]
    assert len(pulled.comments()) == 1
    assert git(small, "status", "--porcelain") == ""
    git(small, "push", "--quiet", "origin", "HEAD")
    git(whole, "pull", "--quiet", "--ff-only", str(shared), "main")
    pulled.root = whole
    assert pulled.pull().changed == []
    assert len(list(whole.glob("clients/*/tickets/*.md"))) == 28
