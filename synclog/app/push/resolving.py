"""Settling what only a person can tell: is a doubtful note, new ticket or invoice the one that is in Syncro, or not?

What a person says is written into the file and committed, as theirs; nothing is sent. The next push goes by it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synclog.app.mirroring import Mirroring
from synclog.app.push.cases import Facts, references_of
from synclog.app.push.creating import draft_case, look_for_draft
from synclog.app.push.desk import surroundings_of
from synclog.app.push.invoices import unbilled
from synclog.app.push.planning import check_technician, prepare
from synclog.app.push.stamps import draft_stamp, index_of, new_stamp
from synclog.app.push.surroundings import FileEdit, FileState
from synclog.app.reading import read_ticket
from synclog.core.cleantext import clean_line
from synclog.core.deciding.invoices import invoice_step
from synclog.core.deciding.steps import NOT_SHOWN, Doubt, Hold, Leave
from synclog.core.deciding.tickets import TicketsSeen, draft_step
from synclog.core.drafts import draft_content, draft_works
from synclog.core.joining.stamps import also_looked_for
from synclog.core.notes import Stamp
from synclog.core.oneoffs import words_of
from synclog.core.references import closing_reference, draft_reference, reference_of
from synclog.core.trail import Ledger, TrailEntry, message_with, stamp_message
from synclog.core.work import NoteWork, TicketWork, invoice_work, ticket_work
from synclog.errors import DecisionNeeded, UsageError
from synclog.model import Reference, TicketNumber

if TYPE_CHECKING:
    from synclog.app.push.looking import Look
    from synclog.app.push.surroundings import Surroundings
    from synclog.app.session import Session
    from synclog.core.plan import PlannedNote, TicketPlan
    from synclog.core.ticketfile import TicketFile

_MOST_PLACES = 100


@dataclass(frozen=True, slots=True)
class Settled:
    """What was settled: the file, and a line that says how."""

    path: str
    what: str


def resolve_note(session: Session, number: TicketNumber, reference: Reference, *, posted: int | None) -> Settled:
    """Settle a doubtful note of a ticket, or one that waits though its comment is in Syncro.

    `posted` is the id of the comment that is this note; None: none is, it is to be sent again. Of a note whose comment
    is known, `posted` says that its time needs nothing any more, and None that what is missing is to be sent.
    Raises UsageError where nothing is to be settled, or the comment is not on the ticket.
    """
    return resolve_note_in(surroundings_of(session), number, reference, posted=posted)


def resolve_note_in(around: Surroundings, number: TicketNumber, reference: Reference, *, posted: int | None) -> Settled:
    """Settle a note as `resolve_note` does, in whatever surroundings."""
    with _held(around):
        prepared = prepare(around, [number])
        ticket, planned = _planned(prepared.plan.tickets, number, reference)
        look, me, mirroring = prepared.looks[ticket.path], prepared.me, prepared.mirroring
        assert me is not None
        assert mirroring is not None
        stamp = (
            _posted(planned, look, me.user_id, posted, prepared.ledger)
            if posted is not None
            else _again(planned, look, me.user_id, prepared.ledger.recorded)
        )
        work = planned.work

        def edit(file: TicketFile) -> FileEdit:
            index = index_of(around, file, work.reference, work.day)
            if index is None:
                raise DecisionNeeded(f"#{number}: the note was changed just now", remedy="run the command again")
            copies = _copies(ticket_work(file, around.settings, around.today().date()), planned)
            return FileEdit(stamps={index: stamp, **{c.index: _as_copy(c, stamp, work.reference) for c in copies}})

        said = f"is comment {posted}" if posted is not None else "is sent again"
        message = f"resolve: #{number} {reference} {said}"
        # Sent again it has a new reference: with the others it is over, whatever else may look like it.
        ended = [r for r in references_of(work) if posted is None and r != stamp.reference]
        around.desk.rewrite(
            ticket.path, mirroring, edit, stamp_message(message, ended, taken_back=True) if ended else message
        )
        return Settled(ticket.path, f"#{number} {reference} {said}")


def _copies(whole: TicketWork, planned: PlannedNote) -> list[NoteWork]:
    """The notes that were held back since they say just what the doubtful one does, on another day."""
    work, step = planned.work, planned.step
    if not isinstance(step, Doubt) or step.of_time:
        return []
    same = (note for note in whole.notes if note.content == work.content and note.day != work.day)
    return [note for note in same if note.stamp is None and not note.fixed]


def _as_copy(copy: NoteWork, stamp: Stamp, reference: Reference) -> Stamp:
    """The stamp of such a note: what was said of the other one is not said of it, and a person decides of it, too."""
    return Stamp(copy.reference, copy.day, copy.place, stamp.after, stamp.by, earlier=(reference,))


def drop_one_off(session: Session, number: TicketNumber, name: Reference) -> Settled:
    """Take a one-off out of a ticket's file, by its id: a person has looked at what became of it, and nothing more is
    sent for it. Raises UsageError where the file has none of that id."""
    return drop_one_off_in(surroundings_of(session), number, name)


def drop_one_off_in(around: Surroundings, number: TicketNumber, name: Reference) -> Settled:
    """Take a one-off out as `drop_one_off` does, in whatever surroundings."""
    with _held(around):
        file = around.desk.files().one(number)
        one = next((one for one in file.doing if one.id == name), None)
        if one is None:
            known = ", ".join(one.id for one in file.doing) or "nothing"
            raise UsageError(f"#{number}: nothing of the id {name} is under way", remedy=f"under way: {known}")
        mirroring = Mirroring(around.settings, around.desk.account())

        def edit(now: TicketFile) -> FileEdit:
            return FileEdit(doing=tuple(other for other in now.doing if other.id != name))

        what = f"#{number} {words_of(one)} is dropped"
        around.desk.rewrite(file.path, mirroring, edit, stamp_message(f"resolve: {what}", [name], taken_back=True))
        return Settled(file.path, what)


def resolve_invoice(session: Session, number: TicketNumber, *, posted: str | None) -> Settled:
    """Settle the doubtful invoice of a ticket: `posted` is the number of the one that was asked for; None: there is
    none, and it is to be asked for again. Raises UsageError where none was asked for, or the ticket has no such one."""
    around = surroundings_of(session)
    with _held(around):
        client = around.client
        me = client.me()
        check_technician(around.technician, me)
        file = around.desk.files().one(number)
        wish = invoice_work(file)
        invoices = client.invoices(ticket_id=file.id) if file.id else ()
        if file.id is None or wish is None or wish.begun(invoices) is None:
            raise UsageError(
                f"#{number}: no invoice was asked for, so there is nothing to settle",
                remedy="set `invoice: false` in the file where none is wanted",
            )
        mirroring = Mirroring(around.settings, around.desk.account())
        closing = stamp_message("", [f"{number}-invoice"], taken_back=True).strip()
        sight = read_ticket(client, file.id).with_invoices(invoices)
        step = invoice_step(wish.begun(invoices), invoices, any(unbilled(sight.ticket)), True, False)
        if not isinstance(step, Doubt):
            raise UsageError(f"#{number}: nothing of the invoice is doubtful", remedy="`synclog push` goes on with it")
        if posted is None:
            message = f"resolve: #{number} the invoice is asked for again\n\n{closing}\n"
            # The file learns of the invoices that there are: none of these is the one that is asked for.
            around.desk.rewrite(file.path, mirroring, lambda _: FileEdit(sight=sight, owner=me.user_id), message)
            around.desk.rewrite(file.path, mirroring, lambda _: FileEdit(state=FileState()), message)
            return Settled(file.path, f"#{number} the invoice is asked for again")
        if not any(invoice.number == posted for invoice in invoices):
            known = ", ".join(invoice.number for invoice in invoices) or "none"
            raise UsageError(f"#{number} has no invoice {posted}", remedy=f"its invoices: {known}")
        entry = TrailEntry(op="invoice", ticket=number, invoice=posted)
        made = FileEdit(fields={"invoice": False}, state=FileState(), sight=sight, owner=me.user_id)
        message = message_with(f"resolve: #{number} invoice {posted}", [entry]) + f"\n{closing}\n"
        around.desk.rewrite(file.path, mirroring, lambda _: made, message)
        return Settled(file.path, f"#{number} invoice {posted}")


def resolve_draft(session: Session, reference: Reference, *, posted: TicketNumber | None) -> Settled:
    """Settle a doubtful new ticket: `posted` is the number of the ticket that was created of it; None: none was.

    Raises UsageError where no draft has that reference, or nothing of it is doubtful, UnknownTicket."""
    return resolve_draft_in(surroundings_of(session), reference, posted=posted)


def resolve_draft_in(around: Surroundings, reference: Reference, *, posted: TicketNumber | None) -> Settled:
    """Settle a new ticket as `resolve_draft` does, in whatever surroundings."""
    with _held(around):
        client, desk = around.client, around.desk
        me = client.me()
        check_technician(around.technician, me)
        account = desk.account()
        files = desk.files(account)
        drafts = desk.drafts(files)
        works = draft_works(drafts, around.settings, around.today().date())
        path, work = next(((w.path, w.draft) for w in works if w.draft and w.draft.reference == reference), ("", None))
        if work is None:
            raise UsageError(f"no new ticket here has the reference {reference}", remedy="see `synclog push --dry-run`")
        seen = look_for_draft(around, work)
        ledger = desk.ledger((), drafts=True)
        facts = Facts(me.user_id, ledger, sent=desk.sent_lately())
        evidence = TicketsSeen(seen, me.user_id, ledger.recorded)
        step = draft_step(draft_case(around, path, work, facts), evidence)
        named = work.stamp is not None and work.stamp.comment is not None
        if not isinstance(step, Doubt) and not named:
            raise UsageError(f"nothing of {reference} is doubtful", remedy="`synclog push` goes on with it")
        if posted is not None:
            ticket = client.find_ticket(posted)
            if ticket is None:
                raise UsageError(f"there is no ticket {posted} in Syncro", remedy="check the number")
            if ticket.customer_id != work.customer_id:
                raise UsageError(
                    f"ticket {posted} belongs to {clean_line(ticket.customer_name)}, and the draft to another customer",
                    remedy="check the number",
                )
            stamp = replace(draft_stamp(work, 0, me.user_id), comment=ticket.id)
        else:
            content = draft_content(next(d for d in drafts if d.file.path == path))
            taken = {w.draft.reference for w in works if w.draft} | ledger.recorded
            place = _free_place(lambda p: draft_reference(content, work.day, p), work.place, taken)
            stamp = Stamp(
                draft_reference(content, work.day, place),
                work.day,
                place,
                max((t.id for t in seen), default=0),
                me.user_id,
                passed=tuple(t.id for t in (step.tickets if isinstance(step, Doubt) else seen)),
                again=True,
            )
        said = f"is ticket {posted}" if posted is not None else "is created again"
        edit = FileEdit(state=FileState(create=stamp))
        mirroring = Mirroring(around.settings, account)
        desk.rewrite(path, mirroring, lambda _: edit, f"resolve: {reference} {said}")
        return Settled(path, f"{reference} {said}")


@contextmanager
def _held(around: Surroundings) -> Iterator[None]:
    """Hold the workspace for a decision: nobody pushes meanwhile."""
    around.desk.check_ready()
    with around.desk.lock():
        around.desk.finish_interrupted()
        yield


def _planned(
    tickets: Collection[TicketPlan], number: TicketNumber, reference: Reference
) -> tuple[TicketPlan, PlannedNote]:
    for ticket in tickets:
        for note in ticket.notes:
            stamped = note.work.stamp.reference if note.work.stamp else None
            if reference in (note.work.reference, stamped):
                if not note.decides and not isinstance(note.step, Leave):
                    raise UsageError(f"nothing of {reference} is doubtful", remedy="`synclog push` goes on with it")
                return ticket, note
    raise UsageError(
        f"#{number} has no note with the id {reference} that waits for a decision",
        remedy="`synclog push --dry-run` shows the ids",
    )


def _posted(planned: PlannedNote, look: Look, owner: int, comment: int, ledger: Ledger) -> Stamp:
    """The stamp of a note that is `comment`. Where history has its time, that is settled, too."""
    if any(c.id == comment for c in look.elsewhere):
        raise UsageError(
            f"comment {comment} is on another ticket, where the note stood before",
            remedy="delete the note here: it is posted there; or `--send-again`, to post it here as well",
        )
    shown = next((c for c in look.comments if c.id == comment), None)
    if shown is None:
        raise UsageError(
            f"comment {comment} is not on this ticket", remedy="`synclog push --dry-run` shows what it may be"
        )
    step, work = planned.step, planned.work
    others = (n for n in look.work.notes if n.index != work.index and n.stamp is not None)
    if any(other.stamp.comment == comment for other in others if other.stamp):
        raise UsageError(
            f"comment {comment} is another note of this file already",
            remedy="delete this one, which is a copy of it; or `--send-again`, to post it once more",
        )
    settled = (isinstance(step, Hold) and step.problem != NOT_SHOWN) or (isinstance(step, Doubt) and step.of_time)
    settled = settled or any(e.comment == comment and e.reference in ledger.timed for e in ledger.entries)
    after = work.stamp.after if work.stamp else 0
    closing = closing_reference(shown.body)
    stamp = replace(new_stamp(work, after, owner, comment), time_settled=settled)
    return also_looked_for(stamp, (closing,)) if closing else stamp


def _again(planned: PlannedNote, look: Look, owner: int, recorded: Collection[Reference]) -> Stamp:
    """The stamp of a note of which what is missing is to be sent."""
    step, work = planned.step, planned.work
    if isinstance(step, Doubt) and step.times:
        raise UsageError(
            "its time is in Syncro more than once, or may be",
            remedy="correct it in the web interface, then say `--posted` with its comment",
        )
    known = step.comment if isinstance(step, Hold) and step.problem != NOT_SHOWN else None
    if isinstance(step, Doubt) and step.of_time and step.comments:
        known = step.comments[0].id
    if known is not None:
        after = work.stamp.after if work.stamp else 0
        return new_stamp(work, after, owner, known)
    passed = {step.comment} if isinstance(step, Hold) else {c.id for c in getattr(step, "comments", ())}
    passed |= set(work.stamp.passed) if work.stamp else set()
    number = look.work.number
    taken = {n.reference for n in look.work.notes} | set(recorded)
    place = _free_place(lambda p: reference_of(number, work.content, work.day, p), work.place, taken)
    after = max((c.id for c in look.comments), default=0)
    reference = reference_of(number, work.content, work.day, place)
    return Stamp(reference, work.day, place, after, owner, passed=tuple(sorted(passed)), again=True)


def _free_place(name: Callable[[int], Reference], place: int, taken: Collection[Reference]) -> int:
    return next(p for p in range(place + 1, place + _MOST_PLACES) if name(p) not in taken)
