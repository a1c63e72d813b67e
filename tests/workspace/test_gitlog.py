"""What history tells: what was posted, how far pulls came, who wrote a line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.gitrepos import TECHNICIAN, git, make_repository, put

from synclog.core.trail import Ledger, TrailEntry, message_with, pulled_to_trailer, stamp_message
from synclog.workspace.history import Author, History, syncro_author

FILE = "clients/lens-auto-brokerage/tickets/32162-server-upgrade.md"
NOON = datetime(2026, 4, 17, 12, tzinfo=UTC)
DISK = TrailEntry("comment", 32162, "32162-7k2m9q4x1c", comment=9001, minutes=90, labor="remote")
MAIL = TrailEntry("comment", 32164, "32164-0000000001", comment=9002)
MIRA = Author(*TECHNICIAN)
DANIEL = Author("Daniel Reyes", "daniel@copperline.example")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "msp", {FILE: "1\n2\n3\n"})


@pytest.fixture
def history(repository: Path) -> History:
    return History.open(repository)


def test_a_commit_of_a_year_that_no_calendar_ends_has_no_time(repository: Path, history: History) -> None:
    git(repository, "-c", "user.name=M", "-c", "user.email=m@x.example", "commit", "--quiet", "--allow-empty",
        "--date=@253402300799 +0000", f"--message={message_with('push: #32162', [DISK])}")  # fmt: skip
    assert [entry.when for entry in history.trail()] == [None]


def record(repository: Path, message: str, author: Author | None = None, when: datetime = NOON) -> str:
    """Commit some change with `message`."""
    history = History.open(repository)
    counter = repository / "clients" / "counter.txt"
    text = counter.read_text() if counter.exists() else ""
    put(repository, {"clients/counter.txt": text + "x"})
    made = history.commit(["clients/counter.txt"], message, author=author, date=when)
    assert made
    return made


def known(entries: tuple[TrailEntry, ...]) -> list[TrailEntry]:
    return [replace(entry, commit="", author="", author_email="", when=None) for entry in entries]


def test_the_trail_says_what_was_posted_by_whom_and_when(repository: Path, history: History) -> None:
    made = record(repository, message_with("comment: #32162", [DISK]))
    assert history.trail() == (replace(DISK, commit=made, author=TECHNICIAN[0], author_email=TECHNICIAN[1], when=NOON),)


def test_the_trail_is_newest_first_and_can_be_asked_for_references(repository: Path, history: History) -> None:
    record(repository, message_with("a", [DISK]))
    record(repository, "pull: 0 new, 1 changed\n\nRef 32164-0000000001 is quoted here")
    record(repository, message_with("b", [MAIL]))
    assert known(history.trail()) == [MAIL, DISK]
    assert known(history.trail(["32162-7k2m9q4x1c"])) == [DISK]
    assert known(history.trail(["32164-0000000001", "32162-7k2m9q4x1c", "nobody"])) == [MAIL, DISK]
    assert known(history.trail([f"1-{place:010}" for place in range(500)] + ["32164-0000000001"])) == [MAIL]
    assert history.trail([]) == ()
    assert history.trail(["32162-zzzzzzzzzz"]) == ()


def test_a_reference_that_looks_like_an_option_or_a_pattern_is_only_a_word(repository: Path, history: History) -> None:
    record(repository, message_with("a", [DISK]))
    assert history.trail(["--all", ".*", "-"]) == ()


def test_copied_history_gives_each_entry_once(repository: Path, history: History) -> None:
    made = record(repository, message_with("a", [DISK]))
    git(repository, "switch", "--quiet", "-c", "side", "HEAD~1")
    git(repository, "cherry-pick", made)
    record(repository, message_with("b", [MAIL]))
    git(repository, "switch", "--quiet", "main")
    git(repository, "merge", "--quiet", "-s", "ours", "--no-edit", "side")
    git(repository, "revert", "--no-edit", made)
    assert sorted(entry.ticket for entry in history.trail()) == [32162, 32164]
    assert [entry.commit for entry in history.trail([DISK.reference or ""])] == [made]


def test_a_copy_does_not_make_an_entry_newer(repository: Path, history: History) -> None:
    record(repository, message_with("a", [DISK]))
    record(repository, message_with("b", [MAIL]))
    record(repository, message_with("a, again after a rebase", [DISK]))
    assert known(history.trail()) == [MAIL, DISK]


def test_a_squashed_branch_keeps_its_entries(repository: Path, history: History) -> None:
    git(repository, "switch", "--quiet", "-c", "side")
    record(repository, message_with("a", [DISK]))
    record(repository, message_with("b", [MAIL]))
    git(repository, "switch", "--quiet", "main")
    git(repository, "merge", "--quiet", "--squash", "side")
    git(repository, "commit", "--quiet", "--no-edit")
    assert sorted(entry.ticket for entry in history.trail()) == [32162, 32164]


def test_a_message_in_another_encoding_or_with_odd_authors_is_read(repository: Path, history: History) -> None:
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "color.ui", "always")
    git(repository, "config", "i18n.commitEncoding", "latin1")
    record(repository, message_with("größer", [DISK]), Author("Zoë\u202e evil", "z@x.example"))
    assert [entry.author for entry in history.trail()] == ["Zoë evil"]


def test_other_branches_have_no_say(repository: Path, history: History) -> None:
    git(repository, "switch", "--quiet", "-c", "side")
    record(repository, message_with("a", [DISK]) + pulled_to_trailer(NOON))
    git(repository, "switch", "--quiet", "main")
    assert history.trail() == ()
    assert history.pulled_to() is None


def test_how_far_pulls_came_is_read_from_history(repository: Path, history: History) -> None:
    syncro = syncro_author("copperline.syncromsp.com")
    record(repository, "pull: 3 new, 0 changed\n\n" + pulled_to_trailer(NOON), syncro)
    record(repository, "edit: #32162")
    assert history.pulled_to() == NOON
    record(repository, "pull: 1 new\n\n" + pulled_to_trailer(NOON + timedelta(hours=1)), syncro)
    record(repository, "pull: odd\n\nSynclog-Pulled-To: tomorrow\n", syncro)
    assert history.pulled_to() == NOON + timedelta(hours=1)


def test_after_a_merge_the_later_of_both_pulls_counts(repository: Path, history: History) -> None:
    git(repository, "switch", "--quiet", "-c", "side")
    record(repository, "pull\n\n" + pulled_to_trailer(NOON + timedelta(hours=2)))
    git(repository, "switch", "--quiet", "main")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "pull\n\n" + pulled_to_trailer(NOON))
    git(repository, "merge", "--quiet", "--no-edit", "side")
    assert history.pulled_to() == NOON + timedelta(hours=2)


def test_lines_have_the_authors_who_committed_them(repository: Path, history: History) -> None:
    put(repository, {FILE: "1\n2 by Daniel\n3\n"})
    history.commit([FILE], "edit", author=DANIEL)
    found = history.blame_authors(FILE, [(1, 1), (2, 2), (1, 3), (3, 99), (50, 60)])
    assert found == (
        frozenset({MIRA}),
        frozenset({DANIEL}),
        frozenset({MIRA, DANIEL}),
        frozenset({MIRA}),
        frozenset(),
    )


def test_lines_that_are_not_committed_have_no_author(repository: Path, history: History) -> None:
    put(repository, {FILE: "0 new\n1\n2\n3", "clients/new.md": "x\n"})
    assert history.blame_authors(FILE, [(1, 1), (2, 3)]) == (frozenset(), frozenset({MIRA}))
    assert history.blame_authors("clients/new.md", [(1, 1)]) == (frozenset(),)
    assert history.blame_authors("clients/no-such.md", [(1, 1)]) == (frozenset(),)
    (repository / FILE).unlink()
    assert history.blame_authors(FILE, [(1, 1)]) == (frozenset(),)
    assert history.blame_authors(FILE, []) == ()


# --- what history says of some tickets --------------------------------------------------------------------------------

DISK_REF, MAIL_REF, DRAFT_REF = "32162-7k2m9q4x1c", "32164-0000000001", "new-7k2m9q4x1c"
CREATED = TrailEntry("create", 32170, DRAFT_REF, comment=9003)
INVOICED = TrailEntry("invoice", 32162, invoice="41002")


def entries(ledger: Ledger) -> list[TrailEntry]:
    return known(ledger.entries)


def test_the_ledger_of_a_ticket_says_what_was_posted_to_it_newest_first(repository: Path, history: History) -> None:
    record(repository, message_with("a", [DISK]))
    record(repository, message_with("b", [MAIL]))
    record(repository, message_with("c", [INVOICED, CREATED]))
    assert entries(history.ledger([32162])) == [INVOICED, DISK]
    assert entries(history.ledger([32164])) == [MAIL]
    assert entries(history.ledger([32164, 32162])) == [INVOICED, MAIL, DISK]
    assert entries(history.ledger([3216])) == [], "a number that another one begins with"
    made = history.ledger([32162]).entries[1]
    assert (made.author, made.when) == (TECHNICIAN[0], NOON)


def test_a_ledger_of_no_ticket_is_empty_and_asks_nothing(repository: Path, history: History) -> None:
    record(repository, message_with("a", [DISK]) + "\n" + stamp_message("", [DISK_REF]))
    assert history.ledger([]) == Ledger()


def test_new_tickets_are_in_the_ledger_where_they_are_asked_for(repository: Path, history: History) -> None:
    record(repository, stamp_message("stamp: new-printer.md", [DRAFT_REF]))
    record(repository, message_with("created", [CREATED]))
    assert history.ledger([32162], drafts=True).recorded == {DRAFT_REF}
    assert history.ledger([], drafts=True).begun == {DRAFT_REF}
    assert history.ledger([32162]) == Ledger()
    assert history.ledger([32170]).recorded == {DRAFT_REF}


def test_what_was_stamped_is_begun_until_its_stamp_is_taken_back(repository: Path, history: History) -> None:
    assert history.ledger([32162]).begun == frozenset()
    record(repository, stamp_message("stamp: two", [DISK_REF, "32162-0000000002"]))
    assert history.ledger([32162]).begun == {DISK_REF, "32162-0000000002"}
    record(repository, stamp_message("stamp: taken back", [DISK_REF], taken_back=True))
    assert history.ledger([32162]).begun == {"32162-0000000002"}
    record(repository, stamp_message("stamp: once more", [DISK_REF]))
    assert history.ledger([32162]).begun == {DISK_REF, "32162-0000000002"}
    assert history.ledger([32164]).begun == frozenset()


def test_one_commit_may_stamp_and_take_back_and_its_last_word_counts(repository: Path, history: History) -> None:
    taken_back = stamp_message("", [DISK_REF], taken_back=True).strip()
    record(repository, stamp_message("stamp", [DISK_REF, "32162-invoice"]) + taken_back + "\n")
    assert history.ledger([32162]).begun == {"32162-invoice"}


def test_a_record_that_closes_an_invoices_stamp_is_both(repository: Path, history: History) -> None:
    record(repository, stamp_message("stamp: #32162 (invoice)", ["32162-invoice"]))
    assert history.ledger([32162]).begun == {"32162-invoice"}
    closing = stamp_message("", ["32162-invoice"], taken_back=True).strip()
    record(repository, message_with("push: invoice 41002", [INVOICED]) + f"\n{closing}\n")
    ledger = history.ledger([32162])
    assert (entries(ledger), ledger.begun) == ([INVOICED], frozenset())


def test_the_ledger_of_a_ticket_says_nothing_of_others_that_were_stamped_with_it(
    repository: Path, history: History
) -> None:
    record(repository, stamp_message("stamp: both", [DISK_REF, MAIL_REF]))
    record(repository, stamp_message("stamp: taken back", [MAIL_REF], taken_back=True))
    assert MAIL_REF not in history.ledger([32162]).begun
    assert history.ledger([32162, 32164]).begun == {DISK_REF}


def test_stamps_of_another_branch_count_once_it_is_merged(repository: Path, history: History) -> None:
    git(repository, "switch", "--quiet", "-c", "side")
    record(repository, stamp_message("stamp", [DISK_REF]))
    git(repository, "switch", "--quiet", "main")
    git(repository, "commit", "--quiet", "--allow-empty", "--message=meanwhile")
    assert history.ledger([32162]) == Ledger()
    git(repository, "merge", "--quiet", "--no-edit", "side")
    assert history.ledger([32162]).begun == {DISK_REF}


def test_a_ledger_of_very_many_tickets_is_the_same(repository: Path, history: History) -> None:
    record(repository, message_with("a", [DISK]))
    record(repository, stamp_message("stamp", [MAIL_REF, "32162-0000000002"]))
    record(repository, stamp_message("stamp: taken back", ["32162-0000000002"], taken_back=True))
    few, many = history.ledger([32162, 32164]), history.ledger(range(32000, 32400))
    assert entries(few) == entries(many) == [DISK]
    assert few.begun == many.begun == {MAIL_REF}
    assert MAIL_REF in history.ledger(range(32000, 32400), drafts=True).begun


def test_copied_history_gives_a_ledger_each_entry_once(repository: Path, history: History) -> None:
    made = record(repository, message_with("a", [DISK]))
    record(repository, message_with("a, again after a rebase", [DISK]))
    assert [entry.commit for entry in history.ledger([32162]).entries] == [made]


def test_what_people_write_in_messages_makes_no_ledger(repository: Path, history: History) -> None:
    record(repository, f"Synclog-Stamp: {DISK_REF}")
    record(repository, f"about it\n\nSynclog-Stamp: {DISK_REF} was odd\nSyncro-Ticket: 32162\n")
    assert history.ledger([32162]) == Ledger()


def test_before_the_first_commit_a_ledger_is_empty(tmp_path: Path) -> None:
    assert History.open(make_repository(tmp_path / "new")).ledger([32162], drafts=True) == Ledger()


# --- what files once held ---------------------------------------------------------------------------------------------

OTHER_FILE = "clients/jerry-burger/tickets/32164-größe.md"


def commit(repository: Path, files: dict[str, str], message: str = "edit") -> None:
    put(repository, files)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message)


def test_what_a_file_held_before_a_note_was_deleted_is_found(repository: Path, history: History) -> None:
    commit(repository, {FILE: f"1\nnote {DISK_REF}\n3\n"})
    commit(repository, {FILE: "1\n3\n"})
    commit(repository, {FILE: "1\n3\n4\n"})
    found = list(history.texts_with(DISK_REF, "clients"))
    assert found
    assert set(found) == {(FILE, f"1\nnote {DISK_REF}\n3\n".encode())}


def test_the_newest_change_comes_first_and_every_file_is_looked_in(repository: Path, history: History) -> None:
    commit(repository, {FILE: f"first {DISK_REF}\n"})
    commit(repository, {FILE: "none\n", OTHER_FILE: f"moved {DISK_REF}\n"})
    commit(repository, {OTHER_FILE: f"moved, changed {DISK_REF}\n"})
    commit(repository, {OTHER_FILE: "none\n"})
    found = list(dict.fromkeys(history.texts_with(DISK_REF, "clients")))
    assert found[0] == (OTHER_FILE, f"moved, changed {DISK_REF}\n".encode())
    assert found[-1] == (FILE, f"first {DISK_REF}\n".encode())
    assert (OTHER_FILE, f"moved {DISK_REF}\n".encode()) in found


def test_only_files_below_the_folder_and_only_this_word_count(repository: Path, history: History) -> None:
    commit(repository, {"runbook.md": f"{DISK_REF}\n", FILE: f"{MAIL_REF}\n"})
    commit(repository, {"runbook.md": "none\n"})
    assert list(history.texts_with(DISK_REF, "clients")) == []
    assert list(history.texts_with("3216[0-9]-.*", "clients")) == []
    assert [path for path, _ in history.texts_with(MAIL_REF, "clients")] == [FILE]


def test_paths_are_the_workspaces_own_where_it_lies_below_a_repositorys_root(tmp_path: Path) -> None:
    top = make_repository(tmp_path / "docs", {f"msp/{FILE}": f"{DISK_REF}\n", FILE: f"{DISK_REF} elsewhere\n"})
    assert list(History.open(top / "msp").texts_with(DISK_REF, "clients")) == [(FILE, f"{DISK_REF}\n".encode())]


def test_before_the_first_commit_no_file_held_anything(tmp_path: Path) -> None:
    assert list(History.open(make_repository(tmp_path / "new")).texts_with(DISK_REF, "clients")) == []


def test_what_was_posted_can_be_read_as_it_comes_oldest_first_each_entry_once(
    repository: Path, history: History
) -> None:
    made = record(repository, message_with("a", [DISK, MAIL]))
    git(repository, "switch", "--quiet", "-c", "side", "HEAD~1")
    git(repository, "cherry-pick", made)
    record(repository, message_with("b", [replace(MAIL, op="time", minutes=15)]), when=NOON + timedelta(hours=1))
    git(repository, "switch", "--quiet", "main")
    git(repository, "merge", "--quiet", "-s", "ours", "--no-edit", "side")
    assert known(tuple(history.posted())) == [DISK, MAIL, replace(MAIL, op="time", minutes=15)]
    assert set(history.posted()) == set(history.trail())
    assert known(tuple(history.posted(32162))) == [DISK]
    assert list(history.posted(3216)) == []


def test_before_the_first_commit_nothing_was_posted(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "empty")
    assert list(History.open(tmp_path / "empty").posted()) == []
