"""A draft that became a ticket is saved once more by the editor that has it open still: no second ticket."""

from __future__ import annotations

import pytest
from support.office import Office

DRAFT = "---\nsubject: Printer jams\ndescription: It jams since Monday.\nnotes:\n  - Ordered new rolls.\n---\n"


@pytest.mark.parametrize("days", [0, 1])
def test_a_draft_saved_again_from_an_open_buffer_makes_no_second_ticket(pulled: Office, days: int) -> None:
    draft = pulled.path().with_name("new-printer.md")
    draft.write_bytes(DRAFT.encode())
    before = len(pulled.sandbox.store.tickets())
    assert [done.op for done in pulled.push().done] == ["create", "comment"]
    assert not draft.exists()
    pulled.time.sleep(days * 86400)
    draft.write_bytes(DRAFT.replace("Ordered", "I ordered").encode())
    pulled.push()
    assert len(pulled.sandbox.store.tickets()) == before + 1
