"""What a ticket's file holds that is nowhere else: the reason why it must not be forgotten unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synclog.core.oneoffs import words_of
from synclog.core.references import ticket_of
from synclog.core.trail import Ledger

if TYPE_CHECKING:
    from synclog.core.ticketfile import TicketFile


def work_in(file: TicketFile, ledger: Ledger | None = None) -> tuple[str, ...]:
    """Return in words what is pending, stamped or doubtful in a file, nothing where it can go. `ledger` is what history
    says of its ticket: what was begun and not recorded, and stands in the file no more."""
    found = []
    stamped = [note for note in file.notes if note.stamp]
    if fresh := len(file.notes) - len(stamped):
        found.append(f"{fresh} note{'s' * (fresh != 1)}")
    if stamped:
        found.append(f"{len(stamped)} note{'s' * (len(stamped) != 1)} that may be in Syncro already")
    if file.invoice:
        found.append("the wish for an invoice")
    if file.doing:
        under_way = any(one.after is not None for one in file.doing)
        words = ", ".join(words_of(one) for one in file.doing)
        found.append(f"{words}{', which may be in Syncro already' if under_way else ''}")
    if file.conflicts:
        found.append(f"a conflict in {', '.join(file.conflicts)}")
    if edited := [edit.field for edit in file.edits if edit.field not in file.conflicts]:
        found.append(f"an edit of {', '.join(edited)}")
    if file.base_problem:
        found.append(f"what can't be told, its last line being {file.base_problem}")
    if ledger is not None:
        here = {
            reference for note in stamped if note.stamp for reference in (note.stamp.reference, *note.stamp.earlier)
        }
        begun = {r for r in ledger.begun - ledger.recorded if ticket_of(r) == file.number}
        begun |= {r for r, entry in ledger.untimed.items() if entry.ticket == file.number}
        if begun - here:
            found.append(f"work that was begun and is not recorded ({', '.join(sorted(begun - here))})")
    return tuple(found)
