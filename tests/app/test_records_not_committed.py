"""Git refuses the commit of a record (its index is locked, signing fails, the disk is full) and the push goes on with
other work: what was done is recorded all the same, with its trailers."""

from __future__ import annotations

import pytest
from support.office import NUMBER, Office

from synclog.errors import Busy, Exit
from synclog.workspace.history import History

LATER = 32167
"""A ticket that comes after NUMBER in a push: its customer's folder does."""


def refuse_once(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Have git refuse the first commit whose message holds `word`."""
    commit = History.commit
    refused: list[str] = []

    def refusing(self: History, paths: list[str], message: str, **more: object) -> str | None:
        if word in message and not refused:
            refused.append(message)
            raise Busy("git's files are locked: index.lock is there", remedy="wait")
        return commit(self, paths, message, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(History, "commit", refusing)


def test_an_invoice_is_recorded_although_another_ticket_came_after_it(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    pulled.write_note("notes:\n  - Called the vendor.\n", number=LATER)
    refuse_once(monkeypatch, "Synclog-Op: invoice")
    assert pulled.push().exit_code == Exit.FAILED
    assert pulled.push().exit_code == Exit.DONE
    pulled.pull()
    assert len(pulled.invoices()) == 1
    assert sorted(entry.op for entry in pulled.trail()) == ["comment", "invoice", "update"]
    assert len(pulled.comments(LATER, "Called the vendor.")) == 1


def test_a_note_is_recorded_although_the_stamps_of_others_were_taken_back(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.write_note("notes:\n  - Replaced the failed disk.\n  - Rebuilt the array.\n")
    refuse_once(monkeypatch, "Synclog-Op: comment")
    assert pulled.push().exit_code == Exit.FAILED
    assert pulled.push().exit_code == Exit.DONE
    assert len(pulled.comments()) == 1
    assert len(pulled.comments(words="Rebuilt the array.")) == 1
    assert [entry.op for entry in pulled.trail()] == ["comment", "comment"]
    # The record is one of its own, and no edit of the technician's.
    assert [line for line in pulled.log() if line.endswith(f": edit: #{NUMBER}")] == [f"Mike Sorrel: edit: #{NUMBER}"]
