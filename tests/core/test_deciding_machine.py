"""Runs of push against a small Syncro that loses answers and commits late: whatever goes wrong, in whatever order, with
edits in between, a note is one comment, one piece of time and one charge, and every story comes to an end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import escape
from typing import Any, Literal, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from synclog.core.deciding.notes import note_step
from synclog.core.deciding.steps import (
    NOT_SHOWN,
    TIME_NOT_RECORDED,
    Accepted,
    AddTime,
    Charge,
    Doubt,
    Evidence,
    Hold,
    NoteCase,
    NoteStep,
    ReadBack,
    ReadTimes,
    Record,
    Restamp,
    Send,
    Times,
    TimeWanted,
    Wait,
)
from synclog.core.deciding.times import billed_minutes, hours_of
from synclog.core.notes import Note, Stamp
from synclog.core.plaintext import plain_lines
from synclog.core.references import note_reference
from synclog.core.settings import TimeVia
from synclog.core.trail import Ledger, TrailEntry
from synclog.model import Comment, LineItem, Minutes, Reference, TimerEntry

T = TypeVar("T")
OWNER, NUMBER, LABOR, DAY = 1735, 32162, 1190473, date(2026, 4, 17)
START = datetime(2026, 4, 17, 9, 0, tzinfo=UTC)
MOST_STEPS = 25

Fault = Literal["none", "lost before", "lost after", "late", "refused", "crash before", "crash after", "crash late"]
FAULTS: tuple[Fault, ...] = (
    "lost before", "lost after", "late", "refused", "crash before", "crash after", "crash late", "crash late",
)  # fmt: skip
Mangling = Literal["none", "signed", "flattened", "escaped", "cut", "dropped"]
WAYS: tuple[TimeVia, ...] = ("comment", "timer", "line_item")
MANGLINGS: tuple[Mangling, ...] = ("none", "none", "none", "signed", "flattened", "escaped", "cut", "dropped")
DESTROYED = ("cut", "dropped")
"""Of these no reference is left: whoever changes the note's words then can't be told from who writes another note."""

WORDS = (
    ("Replaced the failed disk in bay four.", "Replaced the failed disk in bay five, and labelled it."),
    ("Rebuilt the array and watched it sync.", "Rebuilt the array over night, it took until six."),
    ("Moved the mailboxes of both partners.", "Moved the mailboxes, and their archives as well."),
)
"""What each note says, and what it says after an edit."""


def seldom(what: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.integers(0, 2).flatmap(lambda n: what if n == 2 else st.none())


class Crashed(Exception):
    """The process died: what it knew is gone, what it had written is not."""


class Ended(Exception):
    """The run gave up on the note: the next one goes on."""


@dataclass
class Server:
    """A Syncro as small as it can be. `late` are requests whose answer was lost and that commit within a `settle`;
    `made` is the truth: of which note (by its serial) which comment, time and charge was made, with its minutes."""

    mangling: Mangling = "none"
    links: bool = True
    drops_time: bool = False
    strips: bool = False
    hides: bool = False
    ignores_bill_now: bool = False
    comments: list[Comment] = field(default_factory=list)
    timers: dict[int, TimerEntry] = field(default_factory=dict)
    items: dict[int, LineItem] = field(default_factory=dict)
    late: list[Callable[[], object]] = field(default_factory=list)
    made: list[tuple[int, str, int, Minutes | None, str]] = field(default_factory=list)
    ids: int = 10

    def next(self) -> tuple[int, datetime]:
        self.ids += 1
        return self.ids, START + timedelta(minutes=self.ids)

    def comment(self, serial: int, body: str, minutes: Minutes | None = None, charge: bool = False) -> Comment:
        """Make a comment. The answer says what was sent; the conversation shows what became of it."""
        number, at = self.next()
        shown = Comment(number, 7, "Update", self.shown(body), "Mike Sorrel", OWNER, False, at)
        self.comments.append(shown)
        self.made.append((serial, "comment", number, None, body))
        if minutes is not None and not self.drops_time:
            timer = self.timer(serial, "", minutes, comment=number)
            if charge and not self.ignores_bill_now:
                self.charge(serial, timer.id)
        return replace(shown, body=body)

    def timer(self, serial: int, text: str, minutes: Minutes, comment: int | None = None) -> TimerEntry:
        number, at = self.next()
        self.timers[number] = TimerEntry(
            id=number,
            ticket_id=7,
            user_id=OWNER,
            start_at=at,
            minutes=minutes,
            billable_minutes=minutes,
            billable=True,
            charged=False,
            product_id=LABOR,
            notes="" if self.strips else text,
            created_at=at,
            comment_id=comment if self.links else None,
        )
        self.made.append((serial, "time", number, minutes, ""))
        return self.timers[number]

    def item(self, serial: int, text: str, minutes: Minutes, kind: str = "time") -> LineItem:
        number, at = self.next()
        text = "" if self.strips else text
        quantity = hours_of(minutes)
        item = LineItem(number, 7, LABOR, "Remote Support", text, quantity, Decimal("165"), False, False, at, OWNER)
        self.items[number] = item
        self.made.append((serial, kind, number, minutes, ""))
        return item

    def charge(self, serial: int, timer_id: int) -> TimerEntry:
        timer = self.timers[timer_id]
        item = self.item(serial, timer.notes, timer.minutes, kind="charge")
        self.timers[timer_id] = replace(timer, charged=True, line_item_id=item.id)
        return self.timers[timer_id]

    def land(self) -> None:
        """Commit all that is still under way."""
        waiting, self.late = self.late, []
        for commit in waiting:
            commit()

    def detail(self) -> Times:
        """The ticket's time as its detail shows it: perhaps without its timer entries."""
        return Times(() if self.hides else tuple(self.timers.values()), tuple(self.items.values()))

    def complete(self, known: Times) -> Times:
        return Times(tuple(self.timers.values()), known.items, complete=True)

    def of(self, serial: int, kind: str) -> list[tuple[int, str, int, Minutes | None, str]]:
        return [made for made in self.made if made[:2] == (serial, kind)]

    def shown(self, body: str) -> str:
        """What becomes of a body."""
        lines = plain_lines(body)
        return {
            "none": body,
            "signed": f"{body}\n<p>Mike Sorrel, Copperline IT</p>",
            "flattened": " ".join(lines),
            "escaped": escape(body),
            "cut": lines[0][:30],
            "dropped": lines[0],
        }[self.mangling]


@dataclass
class Pending:
    """The note in its file. `serial` is what makes it the same note whatever is edited of it."""

    serial: int
    edited: int = 0
    minutes: Minutes | None = 90
    stamp: Stamp | None = None
    is_copy: bool = False

    @property
    def note(self) -> Note:
        return Note(WORDS[self.serial % len(WORDS)][self.edited], minutes=self.minutes)

    @property
    def reference(self) -> Reference:
        return note_reference(NUMBER, self.note, DAY, 1)

    @property
    def body(self) -> str:
        return f"<p>{escape(self.note.text)}</p>\n<p>Ref {self.reference}</p>"

    @property
    def timer_text(self) -> str:
        return f"{self.note.text} (Ref {self.reference})"


class Run:
    """One push of the note: what it knows is gone when it ends. The order of things is that of app/push/notes.py."""

    def __init__(
        self,
        office: Office,
        faults: Mapping[int, Fault] | None = None,
        crash_at: int | None = None,
        lands_at: int | None = None,
    ) -> None:
        self.office, self.server, self.pending = office, office.server, office.pending
        self.faults, self.crash_at, self.lands_at = faults or {}, crash_at, lands_at
        self.ticks = self.reads = self.writes = 0
        self.stamped: set[Reference] = set()
        self.lost: set[Reference] = set()
        self.accepted = Accepted()
        self.comments: tuple[Comment, ...] = ()
        self.times: Times | None = None

    def run(self) -> NoteStep | None:
        """Push; return the step that ended it, None where it gave up or died."""
        try:
            step = self.turn(settled=False)
            if not isinstance(step, Wait):
                return step
            self.tick()
            self.server.land()
            return self.turn(settled=True)
        except (Crashed, Ended):
            return None

    def turn(self, *, settled: bool) -> NoteStep:
        """Do one step after the other until the note is done, waits, or needs a person."""
        self.comments, self.times = self.conversation(), None
        for _ in range(MOST_STEPS):
            self.tick()
            step = self.decide(settled=settled)
            if isinstance(step, Wait):
                assert not settled, "what settled is not waited for again"
                return step
            if isinstance(step, Doubt):
                return step
            if isinstance(step, Record):
                self.record(step)
                return step
            if isinstance(step, Hold):
                if self.hold(step) and not settled:
                    return Wait()
                return step
            if isinstance(step, ReadBack):
                self.read_back()
                self.accepted = replace(self.accepted, read_back=True)
                continue
            if not self.do(step, settled=settled):
                return Wait()
        raise AssertionError(f"it goes round in circles: {step}")

    def tick(self) -> None:
        """A moment at which the process may die."""
        self.ticks += 1
        if self.ticks == self.crash_at:
            raise Crashed

    # --- deciding ----------------------------------------------------------------------------------------------------

    def decide(self, *, settled: bool) -> NoteStep:
        was_read = False
        while True:
            step = note_step(self.case(), self.seen(settled=settled))
            if not isinstance(step, ReadTimes):
                break
            assert self.times is None or not self.times.complete, "more can't be read"
            if self.times is None:
                self.read_back()
                was_read = True
            else:
                self.conversation()
                self.times = self.server.complete(self.times)
        if was_read:
            self.accepted = replace(self.accepted, read_back=True)
        return step

    def case(self) -> NoteCase:
        pending, stamp = self.pending, self.pending.stamp
        before = pending.reference in self.office.begun if stamp is None else stamp.reference not in self.stamped
        return NoteCase(
            reference=pending.reference,
            body=pending.body,
            stamped=stamp.reference if stamp else None,
            stamped_by=OWNER if stamp else None,
            earlier=stamp.earlier if stamp else (),
            after=stamp.after if stamp else None,
            in_flight=(before and pending.reference not in self.stamped) or pending.reference in self.lost,
            time=self.office.wanted(),
            comment=stamp.comment if stamp else None,
            problem=stamp.problem if stamp else None,
            accepted=self.accepted,
        )

    def seen(self, *, settled: bool) -> Evidence:
        ledger = self.office.ledger
        return Evidence(
            comments=self.comments,
            owner=OWNER,
            recorded=ledger.recorded,
            today=[c.id for c in self.comments],
            settled=settled,
            times=self.times,
            timed=ledger.timed,
            taken=ledger.taken(self.pending.reference),
        )

    def conversation(self) -> tuple[Comment, ...]:
        """Read, at a moment at which what is under way may just have been committed."""
        self.reads += 1
        if self.reads == self.lands_at:
            self.server.land()
        return tuple(self.server.comments)

    def read_back(self) -> None:
        self.comments, self.times = self.conversation(), self.server.detail()

    # --- doing -------------------------------------------------------------------------------------------------------

    def do(self, step: NoteStep, *, settled: bool) -> bool:
        """Make a write. False: its answer was lost."""
        pending, server, wanted = self.pending, self.server, self.office.wanted()
        serial, stamp = pending.serial, pending.stamp
        if isinstance(step, Send | Restamp):
            if isinstance(step, Restamp) or stamp is None:
                self.stamp(max((c.id for c in self.comments), default=0))
            with_it = wanted is not None and wanted.via == "comment"
            body, minutes = pending.body, wanted.minutes if wanted and with_it else None
            charge = with_it and wanted is not None and wanted.charge
            made = self.write(lambda: server.comment(serial, body, minutes, charge), settled, self.refused)
            return self.accept(made is not None, comment=made)
        assert isinstance(step, AddTime | Charge)
        assert wanted is not None
        assert isinstance(step, Charge) or wanted.via != "comment", "time goes with the comment here"
        if stamp is None or stamp.reference != pending.reference or stamp.problem is not None:
            after = stamp.after if stamp else max((c.id for c in self.comments), default=0)
            self.stamp(after, comment=step.comment.id)
        if isinstance(step, Charge):
            timer = step.timer
            made = self.write(lambda: server.charge(serial, timer), settled, lambda: None)
            return self.accept(made is not None, time=timer, charged=True)
        text, minutes = pending.timer_text, wanted.minutes
        add = server.timer if wanted.via == "timer" else server.item
        made = self.write(lambda: add(serial, text, minutes), settled, lambda: self.without_time(step.comment))
        return self.accept(made is not None, time=made and made.id)

    def write(self, commit: Callable[[], Any], settled: bool, refused: Callable[[], None]) -> Any:
        """Send one request, and let happen to it what is to happen. None: its answer was lost."""
        self.tick()
        fault = self.faults.get(self.writes, "none")
        self.writes += 1
        if fault == "refused":
            if self.pending.reference not in self.lost:
                refused()
            raise Ended
        made = commit() if fault in ("none", "lost after", "crash after") else None
        if fault in ("late", "crash late"):
            self.server.late.append(commit)
        if fault.startswith("crash"):
            raise Crashed
        if fault != "none":
            self.lost.add(self.pending.reference)
            if settled:
                raise Ended
            return None
        return made

    def accept(self, accepted: bool, **what: Any) -> bool:
        if accepted:
            self.accepted = replace(self.accepted, **what, read_back=False)
        return accepted

    # --- the file and the history ------------------------------------------------------------------------------------

    def stamp(self, after: int, comment: int | None = None) -> None:
        pending, old = self.pending, self.pending.stamp
        earlier = (*old.earlier, old.reference) if old and old.reference != pending.reference else ()
        earlier = earlier or (old.earlier if old else ())
        kept = tuple(dict.fromkeys(r for r in earlier if r != pending.reference))
        pending.stamp = Stamp(pending.reference, DAY, 1, after, OWNER, comment=comment, earlier=kept)
        self.office.begun.add(pending.reference)
        self.stamped.add(pending.reference)
        self.tick()

    def refused(self) -> None:
        """Surely nothing was taken: the stamp is taken back."""
        self.office.begun.discard(self.pending.reference)
        self.pending.stamp = None

    def without_time(self, comment: Comment) -> None:
        self.read_back()
        if any(c.id == comment.id for c in self.comments):
            self.mark(comment.id, TIME_NOT_RECORDED)

    def hold(self, step: Hold) -> bool:
        """Write down why it is not done. Returns whether it is to be looked for again."""
        if step.problem == TIME_NOT_RECORDED and not self.office.is_odd:
            assert not self.server.of(self.pending.serial, "time"), "it is there"
        self.mark(step.comment, step.problem)
        return step.problem == NOT_SHOWN

    def mark(self, comment: int, problem: str) -> None:
        pending = self.pending
        stamp = pending.stamp or Stamp(pending.reference, DAY, 1, comment, OWNER)
        pending.stamp = replace(stamp, comment=comment, problem=problem)
        self.office.begun.add(stamp.reference)
        if problem != NOT_SHOWN:
            waits = pending.minutes is not None
            self.office.enter(TrailEntry("comment", NUMBER, pending.reference, comment=comment, time_waits=waits))

    def record(self, step: Record) -> None:
        self.office.check_recorded(step)
        time = step.time
        timer = time.id if isinstance(time, TimerEntry) else None
        item = time.line_item_id if isinstance(time, TimerEntry) else time.id if time else None
        self.office.enter(
            TrailEntry(
                "comment",
                NUMBER,
                self.pending.reference,
                comment=step.comment.id,
                timer=timer,
                line_items=(item,) if item else (),
                minutes=self.pending.minutes,
                billed_minutes=billed_minutes(time) if time else None,
            )
        )
        self.office.done.append(self.pending)
        self.office.waiting = None


class Office(RuleBasedStateMachine):
    """A technician, their file, and pushes that go wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.server = Server()
        self.via: TimeVia = "comment"
        self.charge = False
        self.ledger = Ledger()
        self.begun: set[Reference] = set()
        self.waiting: Pending | None = None
        self.done: list[Pending] = []
        self.serials = 0
        self.is_odd = False
        """Whether something happened after which only a person can tell: an edit, a copy, a text that was bent."""

    @initialize(
        mangling=st.sampled_from(MANGLINGS),
        quirks=st.fixed_dictionaries(
            dict.fromkeys(("links", "drops_time", "strips", "hides", "ignores_bill_now"), st.booleans())
        ),
        via=st.sampled_from(WAYS),
        charge=st.booleans(),
        minutes=st.sampled_from([90, 90, None]),
    )
    def open(
        self, mangling: Mangling, quirks: dict[str, bool], via: TimeVia, charge: bool, minutes: Minutes | None
    ) -> None:
        self.server = Server(mangling, **quirks)
        self.via, self.charge = via, charge
        self.is_odd = mangling != "none" or quirks["strips"]
        self.write_note(minutes)

    @property
    def pending(self) -> Pending:
        assert self.waiting is not None
        return self.waiting

    def wanted(self) -> TimeWanted | None:
        if self.pending.minutes is None:
            return None
        return TimeWanted(LABOR, self.pending.minutes, self.via, self.charge and self.via != "line_item")

    def enter(self, entry: TrailEntry) -> None:
        self.ledger = self.ledger.with_entry(entry)

    # --- what happens ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.waiting is not None)
    @rule(
        faults=st.dictionaries(st.integers(0, 3), st.sampled_from(FAULTS), max_size=2),
        crash_at=seldom(seldom(st.integers(1, 12))),
        lands_at=seldom(st.integers(1, 4)),
        edit=seldom(st.tuples(st.integers(0, 1), st.sampled_from([90, 45]))),
        change=seldom(st.tuples(st.sampled_from(WAYS), st.booleans())),
    )
    def push(
        self,
        faults: dict[int, Fault],
        crash_at: int | None,
        lands_at: int | None,
        edit: tuple[int, Minutes] | None,
        change: tuple[TimeVia, bool] | None,
    ) -> None:
        """A push, perhaps of a note that was edited and with other settings, that goes wrong or does not."""
        if change is not None:
            self.via, self.charge = change
        if edit is not None and self.may_be_edited:
            self.edit(*edit)
        step = Run(self, faults, crash_at, lands_at).run()
        assert not isinstance(step, Doubt) or self.is_odd, step

    @rule()
    def let_time_pass(self) -> None:
        self.server.land()

    @property
    def may_be_edited(self) -> bool:
        bent = self.server.strips or self.server.mangling in DESTROYED
        return self.waiting is not None and not (self.waiting.is_copy or bent)

    def edit(self, edited: int, minutes: Minutes) -> None:
        """Change the words or the time, or change them back."""
        pending = self.pending
        before = pending.reference
        pending.edited = edited
        pending.minutes = minutes if pending.minutes is not None else None
        self.is_odd = self.is_odd or pending.reference != before

    @precondition(lambda self: self.waiting is None and self.serials < len(WORDS))
    @rule(minutes=st.sampled_from([90, 90, None]))
    def write_note(self, minutes: Minutes | None) -> None:
        """The next note of the ticket, often with time just like that of the one before."""
        self.waiting = Pending(self.serials, minutes=minutes)
        self.serials += 1

    @precondition(lambda self: self.waiting is None and bool(self.done) and not self.is_odd)
    @rule()
    def paste_again(self) -> None:
        """A note that is posted stands in the file again: a copy, a revert, the same words again."""
        self.waiting = replace(self.done[-1], stamp=None, is_copy=True)
        self.is_odd = True

    # --- what must hold ----------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Push without further faults: one or two times later it is done, or waits for a person."""
        step: NoteStep | None = None
        for _ in range(2):
            if self.waiting is None:
                return
            step = Run(self).run()
        assert isinstance(step, Record | Hold | Doubt), step
        assert not isinstance(step, Doubt) or self.is_odd, step
        if isinstance(step, Hold) and not self.is_odd and step.problem == TIME_NOT_RECORDED:
            assert self.via == "comment", "where time goes by itself, it was sent"

    def check_recorded(self, step: Record) -> None:
        """Recorded is what is there, all of it, as the note says."""
        pending, wanted = self.pending, self.wanted()
        assert not pending.is_copy, "history has it already"
        comments = self.server.of(pending.serial, "comment")
        assert [made[2] for made in comments] == [step.comment.id]
        words = plain_lines(comments[0][4])[0]
        assert words == pending.note.text, "what was recorded as posted says something else"
        assert step.comment in self.server.comments
        if wanted is None:
            assert step.time is None
            return
        assert step.time is not None
        (time,) = self.server.of(pending.serial, "time")
        charges = self.server.of(pending.serial, "charge")
        assert time[3] == wanted.minutes
        assert step.time.id in {made[2] for made in (time, *charges)}
        if wanted.charge and time[2] in self.server.timers:
            assert len(charges) == 1

    @invariant()
    def nothing_is_there_twice(self) -> None:
        for serial in range(self.serials):
            for kind in ("comment", "time", "charge"):
                assert len(self.server.of(serial, kind)) <= 1, (serial, kind)

    def teardown(self) -> None:
        """However the story went: undisturbed it ends, and nothing is there twice."""
        if self.waiting is not None:
            self.finish()
        self.server.land()
        self.nothing_is_there_twice()


Office.TestCase.settings = settings(
    derandomize=True, deadline=None, max_examples=600, stateful_step_count=8, report_multiple_bugs=False
)
TestEveryStoryOfANoteEndsWithItThereOnce = Office.TestCase
