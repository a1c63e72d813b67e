"""The durable intent: a stamp on each note before its request leaves, committed and on disk, one commit a run."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from synclog.app.recording import index_of
from synclog.app.rewriting import rewrite
from synclog.app.writing import Change, write_and_commit
from synclog.core import ticketfile
from synclog.core.pushsteps import Send
from synclog.core.ticketfile import Stamp, TicketFile, parse_ticket_file
from synclog.errors import DecisionNeeded, InvalidFile
from synclog.model import Reference

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.planning import Prepared
    from synclog.app.session import Session
    from synclog.core.plan import TicketPlan
    from synclog.core.work import NoteWork


def stamp_notes(session: Session, prepared: Prepared) -> set[Reference]:
    """Stamp every note of the plan that is to be sent and has no stamp; return their references."""
    assert prepared.me is not None
    files: dict[str, str | None] = {}
    begun: set[Reference] = set()
    names: list[str] = []
    for ticket in prepared.plan.tickets:
        fresh = [n.work for n in ticket.notes if isinstance(n.step, Send) and n.work.stamp is None]
        if not fresh:
            continue
        look = prepared.looks[ticket.number]
        after = max((c.id for c in look.comments), default=0)
        stamps = {work.index: new_stamp(work, after, prepared.me.user_id) for work in fresh}
        files[ticket.path] = ticketfile.with_stamps(prepared.texts[ticket.path], stamps)
        begun |= {work.reference for work in fresh}
        names.append(f"#{ticket.number}")
    if files:
        notes = "1 note" if len(begun) == 1 else f"{len(begun)} notes"
        made_of = {path: prepared.texts[path] for path in files}
        change = Change(files, f"stamp: {', '.join(names)} ({notes})", made_of)
        left = write_and_commit(session.workspace, change).left
        if left:
            raise DecisionNeeded(
                f"{left[0]} was saved by another program just now; nothing was sent", remedy="run `synclog push` again"
            )
    return begun


def new_stamp(work: NoteWork, after: int, owner: int) -> Stamp:
    """Return the stamp of a note; references of older stamps are kept in it, to be looked for too."""
    old = work.stamp
    earlier = (*old.earlier, old.reference) if old and old.reference != work.reference else old.earlier if old else ()
    return Stamp(work.reference, work.day, work.place, after, owner, earlier=earlier)


def restamp(
    session: Session, mirroring: Mirroring, ticket: TicketPlan, work: NoteWork, stamp: Stamp | None, why: str
) -> None:
    """Give one note another stamp (None takes it back) and commit it. A note that is not there any more has none."""

    def edit(file: TicketFile) -> str:
        index = index_of(session, file, work.reference, work.day)
        return file.text if index is None else ticketfile.with_stamps(file.text, {index: stamp})

    rewrite(session, mirroring, ticket.path, edit, f"{why}: #{ticket.number}")


def take_back_unsent(session: Session, prepared: Prepared, references: Collection[Reference]) -> None:
    """Take the stamps back that this run made and never used: so the next run need not wait for them."""
    if not references or prepared.mirroring is None:
        return
    files: dict[str, str | None] = {}
    made_of: dict[str, str | None] = {}
    for path in prepared.texts:
        try:
            file = parse_ticket_file(session.workspace.read_bytes(path), path, prepared.mirroring.rules())
        except (InvalidFile, FileNotFoundError):
            continue
        unused: dict[int, Stamp | None] = {
            n.index: None for n in file.notes if n.stamp and n.stamp.reference in references
        }
        if unused:
            made_of[path] = file.text
            files[path] = ticketfile.with_stamps(file.text, unused)
    if files:
        write_and_commit(session.workspace, Change(files, "stamp: taken back, nothing was sent", made_of))
