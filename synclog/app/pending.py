"""What is pending in the workspace, from files and git alone: the same for `status`, `diff`, dry run and push."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from synclog.core.deciding.steps import (
    CHARGE_NOT_SHOWN,
    DELETED,
    NOT_SHOWN,
    TIME_NOT_RECORDED,
    TIME_NOT_SHOWN,
)
from synclog.core.drafts import DraftFile, draft_works
from synclog.core.invoicing import NoInvoice, without_invoice
from synclog.core.oneoffs import name_of, words_of
from synclog.core.settings import Settings
from synclog.core.work import Held, NoteWork, TicketWork, in_order, ticket_work

if TYPE_CHECKING:
    from synclog.app.files import TicketFiles
    from synclog.app.whose import NotMine
    from synclog.core.ticketfile import TicketFile

NoInvoiceOf = Callable[[str, "int | None"], "NoInvoice | None"]
"""Returns why a ticket of a customer (id), whose file is at a path, is never invoiced by itself; None: it may be."""

_REMEDIES = {
    TIME_NOT_RECORDED: "nothing was billed; where this account drops time that comes with a comment, set `time: via:"
    " timer` (or line_item) in synclog.yaml: the next push then sends the time alone",
    NOT_SHOWN: "compare that comment with the note, then say what is right: `synclog resolve`",
    TIME_NOT_SHOWN: "look at the ticket's time in the web interface, then say what is right: `synclog resolve`",
    CHARGE_NOT_SHOWN: "look at the ticket's charges in the web interface, then say what is right: `synclog resolve`",
    DELETED: "say whether its time is still to be sent: `synclog resolve`",
}


def remedy_of(problem: str) -> str:
    """Return what to do about a note with this problem."""
    return _REMEDIES.get(problem, "correct the time in the web interface, then say so: `synclog resolve`")


def pending_work(
    settings: Settings,
    files: TicketFiles,
    chosen: Sequence[TicketFile],
    today: date,
    whose: NotMine,
    *,
    drafts: Sequence[DraftFile] = (),
    author: str | None = None,
    no_invoice: NoInvoiceOf = lambda path, customer: None,
) -> list[TicketWork]:
    """Return what is pending in the `chosen` files and `drafts`, and what is held back and why.

    `author` (a name or an e-mail address) asks for another technician's notes instead of one's own. `no_invoice` tells
    whose tickets are never invoiced by themselves.
    """
    waiting = settings.via == "comment" and _time_is_waiting(files)
    works = [(file, ticket_work(file, settings, today)) for file in chosen]
    by_path = {draft.file.path: draft.file for draft in drafts}
    works += [(by_path[work.path], work) for work in draft_works(drafts, settings, today)]
    works = [(file, _invoiced(file, work, no_invoice)) for file, work in works]
    works = [(file, _own_one_offs(whose, file, work, author)) for file, work in works]
    return [in_order(_own_notes(whose, file, _ways_of_time(work, waiting), author)) for file, work in works]


def customer_of(file: TicketFile) -> int | None:
    """Return the id of the customer that a ticket's file names, None where it names none."""
    written = file.fields.get("customer_id")
    return int(written) if isinstance(written, str) and written.isascii() and written.isdigit() else None


def _invoiced(file: TicketFile, work: TicketWork, no_invoice: NoInvoiceOf) -> TicketWork:
    """Hold back the invoice of a customer who is never invoiced by ticket."""
    if work.invoice is None:
        return work
    customer = work.draft.customer_id if work.draft else customer_of(file)
    why = no_invoice(work.path, customer or None)
    return without_invoice(work, why) if why else work


def with_waiting(work: TicketWork, settings: Settings) -> TicketWork:
    """Return the work with notes that wait for a decision among what is held back: as far as the file alone can tell.
    Push looks at them again."""
    kept: list[NoteWork] = []
    held = list(work.held)
    for note in work.notes:
        stamp = note.stamp
        waits = stamp is not None and stamp.problem is not None and stamp.reference == note.reference
        goes_on = stamp is not None and stamp.problem == TIME_NOT_RECORDED and settings.via != "comment"
        if stamp is None or not waits or goes_on:
            kept.append(note)
        else:
            reason = f"its comment {stamp.comment} is in Syncro, and {stamp.problem}"
            held.append(Held("note", reason, remedy_of(stamp.problem or ""), note.line, True))
    return in_order(replace(work, notes=tuple(kept), held=tuple(held))) if len(kept) < len(work.notes) else work


def _time_is_waiting(files: TicketFiles) -> bool:
    """Whether a note waits whose time the account dropped: until that is settled no timed note goes the same way."""
    notes = (note for file in files.tickets.values() for note in file.notes)
    return any(note.stamp and note.stamp.problem == TIME_NOT_RECORDED for note in notes)


def _ways_of_time(work: TicketWork, waiting: bool) -> TicketWork:
    """Hold back notes whose time would be dropped as that of another one was."""
    if not waiting:
        return work
    kept: list[NoteWork] = []
    held = list(work.held)
    for note in work.notes:
        if note.minutes is not None and (note.stamp is None or note.stamp.comment is None):
            reason = "another note waits whose time this account did not record with its comment"
            held.append(Held("note", reason, "settle that note first", note.line, True))
        else:
            kept.append(note)
    return replace(work, notes=tuple(kept), held=tuple(held))


def _own_notes(whose: NotMine, file: TicketFile, work: TicketWork, author: str | None) -> TicketWork:
    """Leave notes whose lines another git author committed, unless `author` names them."""
    if not work.notes and work.draft is None:
        return work
    spans = {note.index: (note.line, note.end_line) for note in file.notes}
    names = whose(file, [spans[note.index] for note in work.notes], author)
    kept: list[NoteWork] = []
    held = list(work.held)
    for note, theirs in zip(work.notes, names, strict=True):
        if theirs is None:
            kept.append(note)
            continue
        remedy = f'`synclog push --for "{theirs}"` pushes it' if author is None else ""
        held.append(Held("note", f"written by {theirs}, who pushes it", remedy, note.line, False))
    others = [held for held in held if held not in work.held]
    work = replace(work, notes=tuple(kept), held=tuple(held))
    if work.draft is None:
        return work
    if others:
        # With the ticket its file becomes one's own, and whose note it was would not show any more.
        reason = f"a note in it was {others[0].reason}"
        return replace(work, draft=None, notes=(), invoice=None, held=(*held, Held("ticket", reason, "", 0, False)))
    return _own_draft(whose, file, work, author)


def _own_one_offs(whose: NotMine, file: TicketFile, work: TicketWork, author: str | None) -> TicketWork:
    """Leave one-offs whose line another git author committed, unless `author` names them."""
    if not work.doing:
        return work
    (theirs,) = whose(file, [(file.doing_line, file.doing_line)], author)
    if theirs is None:
        return work
    remedy = f'`synclog push --for "{theirs}"` goes on with it' if author is None else ""
    held = tuple(
        Held(name_of(one), f"{words_of(one)} was asked for by {theirs}", remedy, file.doing_line, False)
        for one in work.doing
    )
    if work.invoice:
        held += (Held("invoice", "it waits for what was begun on its ticket", "", 0, False),)
    return replace(work, doing=(), invoice=None, held=(*work.held, *held))


def _own_draft(whose: NotMine, file: TicketFile, work: TicketWork, author: str | None) -> TicketWork:
    """Leave a draft that another git author committed: by the lines of its front matter down to its subject."""
    (theirs,) = whose(file, [(1, file.text.count("\n", 0, file.text.find("subject:")) + 1)], author)
    if theirs is None:
        return work
    remedy = f'`synclog push --for "{theirs}"` pushes it' if author is None else ""
    held = Held("ticket", f"written by {theirs}, who pushes it", remedy, 0, False)
    return replace(work, draft=None, notes=(), invoice=None, held=(*work.held, held))
