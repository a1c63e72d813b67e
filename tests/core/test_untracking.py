"""Which deleted files come back: those deleted by hand, not those forgotten on purpose."""

from __future__ import annotations

import pytest

from synclog.core.untracking import Deleted, parse_untracked, to_bring_back, untrack_message


def deleted(commit: str, number: int = 5) -> Deleted:
    return Deleted(number, f"clients/x/tickets/{number}-printer.md", commit, f"content at {commit}")


def before(commit: str, later: str) -> bool:
    """A history in which commits are called by the alphabet; a capital is on a branch of its own."""
    return commit.islower() and later.islower() and commit <= later


@pytest.mark.parametrize(
    ("deletions", "untracked", "back"),
    [
        (["b"], [], "b"),
        (["d", "b"], [], "d"),
        (["b"], ["b"], None),
        (["b"], ["c"], None),
        (["d", "b"], ["b"], "d"),
        (["d", "b"], ["d"], None),
        (["b"], ["U"], None),
        (["D"], ["u"], None),
    ],
    ids=str,
)
def test_the_last_word_counts_and_where_there_is_none_that_of_who_said_so(
    deletions: list[str], untracked: list[str], back: str | None
) -> None:
    found = to_bring_back([deleted(c) for c in deletions], (), {5: untracked}, before)
    assert found == ([deleted(back)] if back else [])


def test_a_ticket_that_has_a_file_or_is_asked_for() -> None:
    assert to_bring_back([deleted("b")], (5,), {}, before, (5,)) == []
    assert to_bring_back([deleted("b")], (), {5: ["b"]}, before, (5,)) == [deleted("b")]


def test_a_message_says_which_tickets_were_forgotten_and_nothing_else_does() -> None:
    message = untrack_message(range(1, 13))
    assert message.startswith("untrack: #1, #2, #3, #4, #5, #6, #7, #8, #9, #10 and 2 more\n\n")
    assert parse_untracked(message) == tuple(range(1, 13))
    squashed = "Squashed\n\n    untrack: #5\n\n    Synclog-Untracked: 5\n"
    assert parse_untracked(squashed) == (5,)
    assert parse_untracked("Synclog-Untracked: 5\n\nSynclog-Untracked: 5x\nSynclog-Untracked: ٣\n") == ()
