"""What history tells: what was posted, how far pulls came, who wrote a line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.gitrepos import TECHNICIAN, git, make_repository, put

from synclog.core.trail import TrailEntry, message_with, pulled_to_trailer
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
