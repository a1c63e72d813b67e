"""The durable intent: a stamp on each piece of work before its request leaves, committed and on disk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from synclog.app.push.surroundings import FileEdit, FileState
from synclog.core.deciding.oneoffs import Act
from synclog.core.deciding.steps import Doubt, Leave, Record, Send
from synclog.core.notes import Stamp
from synclog.core.references import DRAFT
from synclog.core.trail import stamp_message
from synclog.core.work import DraftWork, NoteWork, ticket_work
from synclog.errors import DecisionNeeded, InvalidFile
from synclog.model import CommentId, Reference

if TYPE_CHECKING:
    from datetime import date

    from synclog.app.push.planning import Prepared
    from synclog.app.push.state import RunState
    from synclog.app.push.surroundings import Surroundings
    from synclog.core.oneoffs import OneOff
    from synclog.core.plan import PlannedNote, PlannedOneOff, TicketPlan
    from synclog.core.ticketfile import TicketFile


def stamp_all(state: RunState, prepared: Prepared) -> None:
    """Stamp everything of the plan that is to be sent and has no stamp that fits: one commit for the whole run."""
    edits: dict[str, FileEdit] = {}
    references: list[Reference] = []
    for ticket in prepared.plan.tickets:
        if ticket.draft is not None:
            if isinstance(ticket.draft.step, Send) and _wants_stamp(ticket.draft.work.stamp):
                stamp = draft_stamp(ticket.draft.work, prepared.looks[ticket.path].last_ticket, state.me.user_id)
                edits[ticket.path] = FileEdit(state=FileState(create=stamp))
                references.append(stamp.reference)
            continue
        fresh = [n.work for n in ticket.notes if _is_stamped_now(n)]
        doing, begun = stamped_doing(prepared.files[ticket.path], ticket.doing)
        if fresh or doing is not None:
            after = max((c.id for c in prepared.looks[ticket.path].comments), default=0)
            stamps = {w.index: new_stamp(w, after, state.me.user_id) for w in fresh}
            edits[ticket.path] = FileEdit(stamps=stamps, doing=doing)
            references += [*begun, *(work.reference for work in fresh)]
    if not edits:
        return
    names = ", ".join(t.name for t in prepared.plan.tickets if t.path in edits)
    ones = {one.work.id for t in prepared.plan.tickets for one in t.doing}
    message = stamp_message(f"stamp: {names} ({counted(references, ones)})", references)
    left = state.around.desk.stamp(edits, prepared.files, message)
    state.stamped.update(references)
    state.unsent.update(references)
    if left:
        raise DecisionNeeded(
            f"{left[0]} was saved by another program just now; nothing was sent", remedy="run `synclog push` again"
        )


def stamped_doing(
    file: TicketFile, planned: Sequence[PlannedOneOff]
) -> tuple[tuple[OneOff, ...] | None, list[Reference]]:
    """Return the one-offs of a file with those of the plan that are not in it yet, and with a stamp those that are
    sent; None where they are there like that. And the ids of those that are stamped by it."""
    wanted = {one.id: one for one in file.doing}
    begun = []
    for one in planned:
        if isinstance(one.step, Leave | Doubt):
            continue
        wanted.setdefault(one.work.id, replace(one.work, after=None))
        if isinstance(one.step, Act) and wanted[one.work.id].after is None:
            wanted[one.work.id] = replace(one.work, after=one.work.after or one.last)
            begun.append(one.work.id)
    found = tuple(wanted.values())
    return (None if found == file.doing else found), begun


def counted(references: Collection[Reference], ones: Collection[Reference] = ()) -> str:
    """Return how many pieces of work are stamped, in words; `ones` are the ids of one-offs."""
    drafts = sum(1 for reference in references if reference.startswith(f"{DRAFT}-"))
    own = sum(1 for reference in references if reference in ones)
    counts = ((drafts, "new ticket"), (len(references) - drafts - own, "note"), (own, "one-off"))
    parts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n]
    return ", ".join(parts) or "not begun yet"


def _is_stamped_now(note: PlannedNote) -> bool:
    """Whether a note is stamped at a run's beginning: one that is sent; and one of several equal ones that is recorded,
    so that it keeps its place when one before it goes."""
    sent = isinstance(note.step, Send) or (isinstance(note.step, Record) and note.work.place > 1)
    return sent and _wants_stamp(note.work.stamp)


def _wants_stamp(stamp: Stamp | None) -> bool:
    return stamp is None or stamp.again


def new_stamp(work: NoteWork, after: int, owner: int, comment: CommentId | None = None) -> Stamp:
    """Return the stamp of a note; references of older stamps are kept in it, to be looked for too."""
    old = work.stamp
    if old is None:
        return Stamp(work.reference, work.day, work.place, after, owner, comment=comment)
    earlier = (*old.earlier, old.reference) if old.reference != work.reference else old.earlier
    return Stamp(
        work.reference,
        work.day,
        work.place,
        after,
        owner,
        comment=comment,
        earlier=tuple(dict.fromkeys(r for r in earlier if r != work.reference)),
        passed=old.passed,
        time_settled=old.time_settled,
    )


def draft_stamp(work: DraftWork, after: int, owner: int) -> Stamp:
    """Return the stamp of a draft, as `new_stamp` of a note."""
    old = work.stamp
    earlier = (*old.earlier, *([old.reference] if old.reference != work.reference else [])) if old else ()
    return Stamp(work.reference, work.day, work.place, after, owner, earlier=earlier, passed=old.passed if old else ())


def restamp(
    state: RunState, ticket: TicketPlan, work: NoteWork, stamp: Stamp | None, why: str, *, sent: bool = True
) -> None:
    """Give one note another stamp and commit it; None takes it back. With `sent` a request may leave afterwards. A note
    that is not there any more has none."""

    def edit(file: TicketFile) -> FileEdit:
        index = index_of(state.around, file, work.reference, work.day)
        return FileEdit() if index is None else FileEdit(stamps={index: stamp})

    message = f"{why}: {ticket.name}"
    if sent:
        message = stamp_message(message, [work.reference], taken_back=stamp is None or stamp.again)
    if stamp is not None and work.stamp is not None and work.stamp.reference != stamp.reference:
        # It was looked for and is not there: history need not wait for it any more.
        message += "\n" + stamp_message("", [work.stamp.reference], taken_back=True).strip() + "\n"
    state.around.desk.rewrite(ticket.path, state.mirroring, edit, message)


def unsent_stamp(stamp: Stamp | None) -> Stamp | None:
    """Return what is left of a stamp of which nothing was sent: nothing, but for what a person has said."""
    return replace(stamp, again=True) if stamp is not None and stamp.passed else None


def take_back_unsent(state: RunState, prepared: Prepared) -> None:
    """Take the stamps back that this run made and never used: so the next run need not wait for them."""
    edits: dict[str, FileEdit] = {}
    known: dict[str, TicketFile] = {}
    desk = state.around.desk
    for path in (*prepared.files, *state.made):
        try:
            file = desk.current(path, state.mirroring)
        except (InvalidFile, DecisionNeeded):
            continue
        stamps: dict[int, Stamp | None] = {
            n.index: unsent_stamp(n.stamp) for n in file.notes if n.stamp and n.stamp.reference in state.unsent
        }
        drafted = file.create is not None and file.create.reference in state.unsent
        unused = [one for one in file.doing if one.id in state.unsent]
        # A command that came to nothing leaves nothing; what waited in the file before goes on waiting.
        doing = tuple(
            replace(one, after=None) if one in unused else one
            for one in file.doing
            if one not in unused or one.id in state.waited
        )
        if stamps or drafted or unused:
            edits[path] = FileEdit(
                stamps=stamps,
                state=FileState(create=unsent_stamp(file.create)) if drafted else None,
                doing=doing if unused else None,
            )
            known[path] = file
    if edits:
        message = stamp_message("stamp: taken back, nothing was sent", sorted(state.unsent), taken_back=True)
        desk.stamp(edits, known, message)


def index_of(around: Surroundings, file: TicketFile, reference: Reference, day: date) -> int | None:
    """Return which note of `file` has `reference`, None when none has it (any more). `day` is that of the work: a
    note without a day of its own has the day of its stamp, of today, or that on which the plan was made."""
    for today in dict.fromkeys((day, around.today().date())):
        for work in ticket_work(file, around.settings, today).notes:
            if work.reference == reference:
                return work.index
    return None


def marked(work: NoteWork, owner: int, comment: CommentId, problem: str) -> Stamp:
    """Return the stamp that says why a note whose comment is in Syncro is not done."""
    stamp = work.stamp or new_stamp(work, comment, owner)
    return replace(stamp, comment=comment, problem=problem)
