"""Who sees a comment is read back like the rest of it."""

from __future__ import annotations

from typing import Any

import pytest
from support.office import Office

from synclog.errors import Exit
from synclog.model import Comment
from synclog.syncro.client import SyncroClient


def test_a_private_note_that_the_account_shows_to_the_customer_is_not_called_done(
    pulled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.write_note("notes:\n  - note: Replaced the failed disk.\n    to: private\n")
    add_comment = SyncroClient.add_comment

    def shown(self: SyncroClient, *args: Any) -> Comment:
        made = add_comment(self, *args)
        pulled.sandbox.store._db.update("comments", made.id, hidden=0)
        return made

    monkeypatch.setattr(SyncroClient, "add_comment", shown)
    result = pulled.push()
    assert result.exit_code == Exit.DECISION
    assert "the customer can see it" in result.trouble[0].error.message
    assert len(pulled.trail()) == 1
    assert pulled.push().exit_code == Exit.DONE
