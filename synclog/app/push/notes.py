"""Pushing one note: decide, do, decide again, until it is recorded, left, or has to wait."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from synclog.app.pending import remedy_of
from synclog.app.push.cases import Facts, body_of, decide, time_wanted
from synclog.app.push.looking import Look, is_fresh, read_back, read_look
from synclog.app.push.records import Recorder, recorded_as
from synclog.app.push.stamps import marked, new_stamp, restamp, unsent_stamp
from synclog.app.push.state import Done, attempt
from synclog.app.push.timed import line_item_draft, timer_draft
from synclog.core.deciding.steps import (
    NOT_SHOWN,
    TIME_NOT_RECORDED,
    AddTime,
    Charge,
    Doubt,
    Hold,
    Leave,
    NoteStep,
    ReadBack,
    Record,
    Restamp,
    Send,
    TimeRecord,
    Wait,
)
from synclog.core.deciding.times import billed_minutes
from synclog.core.plan import Rate
from synclog.core.work import NoteWork, ticket_work
from synclog.errors import DecisionNeeded, SynclogError
from synclog.model import Comment, CommentDraft, Reference

if TYPE_CHECKING:
    from synclog.app.push.state import RunState
    from synclog.core.notes import Stamp
    from synclog.core.plan import PlannedNote, TicketPlan

T = TypeVar("T")


def push_note(state: RunState, ticket: TicketPlan, planned: PlannedNote, look: Look, *, settled: bool) -> Look | None:
    """Bring a note of a ticket to its end. Returns what is known of the ticket then, None when the note has to be
    looked for again after a `settle`. Raises what stops the ticket."""
    work = _current(state, ticket, planned.work)
    if work is None:
        return look
    return _Note(state, ticket, work, planned.rate, look, settled).run()


def _current(state: RunState, ticket: TicketPlan, planned: NoteWork) -> NoteWork | None:
    """The note as its file has it now, None when another process has recorded it meanwhile. One that was changed since
    the plan was shown is not what was agreed to."""
    around = state.around
    file = around.desk.current(ticket.path, state.mirroring)
    days = dict.fromkeys((planned.day, around.today().date()))
    found = (n for day in days for n in ticket_work(file, around.settings, day).notes)
    work = next((note for note in found if note.reference == planned.reference), None)
    if work is None and planned.reference in state.ledger.recorded:
        return None
    if work is None:
        raise DecisionNeeded(
            f"{ticket.name}: a note was changed or removed while it was being pushed; it was not sent",
            remedy="run `synclog push` again",
        )
    return work


class _Note:
    """One note under way."""

    def __init__(
        self, state: RunState, ticket: TicketPlan, work: NoteWork, rate: Rate | None, look: Look, settled: bool
    ) -> None:
        self.state = state
        self.ticket = ticket
        self.work = work
        self.rate = rate
        self.look = look
        self.settled = settled

    @property
    def reference(self) -> Reference:
        return self.work.reference

    def run(self) -> Look | None:
        """Do one step after the other. None: it has to be looked for again after a `settle`."""
        while True:
            step = self.next_step()
            if isinstance(step, Leave):
                return self.look
            if isinstance(step, Wait):
                return None
            if isinstance(step, Doubt):
                raise DecisionNeeded(
                    f"{self.ticket.name}: a note is doubtful and was not sent: {step.reason}",
                    remedy=f"compare them, then say which it is: `synclog resolve {self.ticket.number} --note"
                    f" {self.reference} …`",
                )
            if isinstance(step, Record):
                return self.record(step.comment, step.time)
            if isinstance(step, Hold):
                self.hold(step)
                return None
            if isinstance(step, ReadBack):
                read_back(self.state.around, self.look)
                self.state.read_back()
                continue
            if not is_fresh(self.look.at, self.state.around.clock.now()):
                # A laptop that slept since it looked knows nothing any more of what is not there.
                self.look = self.fresh_look()
                continue
            if not self.do(step):
                return None

    def next_step(self) -> NoteStep:
        """Decide what is next, from the file, what was read, and what this run did."""
        facts = facts_of(self.state, settled=self.settled)
        others = tuple(n for n in self.look.work.notes if n.reference != self.reference)
        self.look.work = replace(self.look.work, notes=(*others, self.work))
        before = self.look.sight
        step = decide(self.state.around, self.look, self.work, facts)
        if self.look.sight is not before:
            # Time was asked for, and so the ticket was read.
            self.state.read_back()
        return step

    def fresh_look(self) -> Look:
        return read_look(self.state.around, self.look.work)

    # --- writing ---------------------------------------------------------------------------------------------------

    def do(self, step: NoteStep) -> bool:
        """Make the write that a step is. Returns False when its answer was lost."""
        if isinstance(step, Send | Restamp):
            return self.post(restamped=isinstance(step, Restamp))
        assert isinstance(step, AddTime | Charge)
        self.intend(step.comment)
        return self.add_time(step.comment) if isinstance(step, AddTime) else self.charge(step)

    def post(self, *, restamped: bool) -> bool:
        """Post the comment, with its time where it goes that way."""
        work, state = self.work, self.state
        if work.minutes is not None and state.time_dropped:
            raise DecisionNeeded(
                f"{self.ticket.name}: a note with time was not sent, since this account did not record time with a"
                " comment",
                remedy="settle that note first",
            )
        if restamped or work.stamp is None or work.stamp.again:
            self.stamp(new_stamp(work, self.highest_comment(), state.me.user_id))
        wanted = time_wanted(work, state.around.settings)
        with_it = wanted is not None and wanted.via == "comment"
        draft = CommentDraft(
            subject=work.subject,
            body=body_of(state.around, self.work),
            to=work.to,
            product_id=work.product_id if with_it else None,
            minutes=work.bills if with_it else None,
            bill_time_now=with_it and wanted is not None and wanted.charge,
        )
        state.unsent.discard(self.reference)
        state.around.desk.note_sent(self.reference)
        client = state.around.client
        try:
            accepted = self.attempt(
                f"a note was posted ({self.reference})", lambda: client.add_comment(self.ticket.id, draft)
            )
        except SynclogError as error:
            if self.reference not in state.lost:
                self.refused(error)
            raise
        if accepted is None:
            return False
        state.accept(self.reference, comment=accepted)
        return True

    def refused(self, error: SynclogError) -> None:
        """Surely refused: the server took nothing, so nothing is under way that a stamp would have to tell of."""
        self.state.around.desk.note_sent(self.reference, refused=True)
        restamp(self.state, self.ticket, self.work, unsent_stamp(self.work.stamp), "stamp: taken back")

    def add_time(self, comment: Comment) -> bool:
        """Send the time alone, the way that is configured."""
        state, work = self.state, self.work
        wanted = time_wanted(work, state.around.settings)
        assert wanted is not None
        client = state.around.client
        try:
            made: TimeRecord | None
            if wanted.via == "timer":
                timer = timer_draft(work, state.around.clock.now(), state.around.settings.timezone, state.me.user_id)
                made = self.attempt(
                    f"the time of comment {comment.id} was recorded",
                    lambda: client.add_timer_entry(self.ticket.id, timer),
                )
            else:
                rate = self.rate or self.live_rate(wanted.product_id)
                item = line_item_draft(work, rate)
                made = self.attempt(
                    f"the charge of comment {comment.id} was made", lambda: client.add_line_item(self.ticket.id, item)
                )
        except SynclogError:
            if self.reference not in state.lost:
                self.mark_without_time(comment)
            raise
        if made is None:
            return False
        state.accept(self.reference, time=made.id)
        return True

    def charge(self, step: Charge) -> bool:
        """Make a charge of its timer entry."""
        client = self.state.around.client
        made = self.attempt(
            f"the time of comment {step.comment.id} was charged",
            lambda: client.charge_timer_entry(self.ticket.id, step.timer),
        )
        if made is None:
            return False
        self.state.accept(self.reference, time=step.timer, charged=True)
        return True

    def attempt(self, what: str, send: Callable[[], T]) -> T | None:
        """Make one write of this note; see `state.attempt`."""
        return attempt(self.state, self.ticket.number, self.reference, what, send, settled=self.settled)

    # --- stamping --------------------------------------------------------------------------------------------------

    def intend(self, comment: Comment) -> None:
        """Have a stamp that says that the time of `comment` may be under way, before it is."""
        stamp = self.work.stamp
        if stamp is None or stamp.reference != self.reference or stamp.problem is not None or stamp.again:
            after = stamp.after if stamp else self.highest_comment()
            self.stamp(new_stamp(self.work, after, self.state.me.user_id, comment.id))

    def stamp(self, stamp: Stamp) -> None:
        restamp(self.state, self.ticket, self.work, stamp, "stamp")
        self.work = replace(self.work, stamp=stamp)
        self.state.stamped.add(self.reference)

    def highest_comment(self) -> int:
        return max((comment.id for comment in self.look.comments), default=0)

    # --- the end ---------------------------------------------------------------------------------------------------

    def record(self, comment: Comment, time: TimeRecord | None) -> Look:
        """Record it: what was read shows all of it."""
        state, work = self.state, self.work
        sight = self.look.sight or read_back(state.around, self.look)
        known = recorded_as(work, comment, state.ledger) in state.ledger.recorded
        entry = self.recorder().note(work, sight, comment, time)
        if entry is not None:
            state.recorded(entry)
        state.done.append(
            Done(
                op="time" if known else "comment",
                number=self.ticket.number,
                what=work.text.strip().splitlines()[0],
                reference=self.reference,
                comment=comment.id,
                timer=entry.timer if entry else None,
                line_items=entry.line_items if entry else (),
                minutes=work.minutes if time else None,
                billed=billed_minutes(time) if time else None,
                was_there=self.reference not in state.accepted,
            )
        )
        self.check_audience(comment)
        return self.look

    def check_audience(self, comment: Comment) -> None:
        """Raise DecisionNeeded where others see a comment than the note says: it can't be changed from here."""
        if comment.hidden == (self.work.to == "private"):
            return
        seen = "does not see it" if comment.hidden else "can see it"
        raise DecisionNeeded(
            f"{self.ticket.name}: comment {comment.id} is posted, and the customer {seen}: its note says"
            f" `to: {self.work.to}`",
            remedy="change that in the web interface, and look at the account's settings for comments",
        )

    def hold(self, step: Hold) -> None:
        """Write into the note why it is not done, and say so. Returns where it is looked for again after a `settle`."""
        state, work, stamp = self.state, self.work, self.work.stamp
        is_marked = stamp is not None and (stamp.comment, stamp.problem) == (step.comment, step.problem)
        comment = next((c for c in self.look.comments if c.id == step.comment), None)
        if step.problem == NOT_SHOWN or comment is None:
            if not is_marked:
                # It is posted, whatever is shown of it: written down at once, since nobody finds it without this.
                mark = marked(work, state.me.user_id, step.comment, step.problem)
                restamp(state, self.ticket, work, mark, "stamp: accepted, not shown", sent=False)
            if not self.settled:
                return
        elif not is_marked:
            sight = self.look.sight or read_back(state.around, self.look)
            entry = self.recorder().problem(work, sight, comment, step.problem)
            if entry is not None:
                state.recorded(entry)
                self.tell_posted(comment)
        if step.problem == TIME_NOT_RECORDED and state.around.settings.via == "comment":
            state.time_dropped = True
        raise DecisionNeeded(
            f"{self.ticket.name}: comment {step.comment} is posted, and {step.problem}", remedy=remedy_of(step.problem)
        )

    def mark_without_time(self, comment: Comment) -> None:
        """Its time was refused: nothing is under way, and the next run need not wait for it."""
        with suppress(SynclogError):
            sight = read_back(self.state.around, self.look)
            if any(c.id == comment.id for c in sight.comments):
                entry = self.recorder().problem(self.work, sight, comment, TIME_NOT_RECORDED)
                if entry is not None:
                    self.state.recorded(entry)
                    self.tell_posted(comment)

    def tell_posted(self, comment: Comment) -> None:
        self.state.done.append(
            Done(
                op="comment",
                number=self.ticket.number,
                what=self.work.text.strip().splitlines()[0],
                reference=self.reference,
                comment=comment.id,
                was_there=self.reference not in self.state.accepted,
            )
        )

    def recorder(self) -> Recorder:
        return Recorder(self.state.around, self.state.mirroring, self.ticket.path, self.state.ledger)

    def live_rate(self, product_id: int) -> Rate:
        product = self.state.around.client.product(product_id)
        return Rate(product.id, product.name, product.price, product.taxable)


def facts_of(state: RunState, *, settled: bool) -> Facts:
    """Return what the run knows, as decisions take it."""
    return Facts(
        owner=state.me.user_id,
        ledger=state.ledger,
        stamped=state.stamped,
        lost=state.lost,
        accepted=state.accepted,
        sent=state.around.desk.sent_lately(),
        settled=settled,
        acted=state.acted,
        timers_made=state.timers_made,
    )
