"""Push: files into Syncro, exactly once. look -> stamp -> post -> read back -> record, for each piece of work.

What to do next is decided by core/deciding/ from the file and from what was read; this module only does it. The
stamp is committed before the first request of its note leaves; a write whose outcome is not known is never repeated
before Syncro was read again, a full `settle` later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from synclog.app.push.cases import references_of
from synclog.app.push.desk import surroundings_of
from synclog.app.push.looking import is_fresh
from synclog.app.push.planning import Prepared, prepare
from synclog.app.push.stamps import stamp_all, take_back_unsent
from synclog.app.push.state import Done, RunState, Trouble
from synclog.app.push.tickets import run_ticket
from synclog.core.plan import Plan, TicketPlan
from synclog.core.references import ticket_of
from synclog.core.trail import Ledger
from synclog.errors import Busy, DecisionNeeded, Exit, InvalidFile, SynclogError, Unauthorised, UsageError, worst
from synclog.model import TicketNumber

if TYPE_CHECKING:
    from synclog.app.push.surroundings import Surroundings
    from synclog.app.session import Session

Confirm = Callable[[Plan], bool]


@dataclass(slots=True)
class PushResult:
    """What a push did. `plan` is what it set out to do; `done` what was read back and recorded; `trouble` what was not
    done and why; `declined` says that the plan was shown and not confirmed, `queued` that it was left in the file."""

    plan: Plan
    done: list[Done] = field(default_factory=list)
    trouble: list[Trouble] = field(default_factory=list)
    invalid: tuple[InvalidFile, ...] = ()
    slips: tuple[str, ...] = ()
    declined: bool = False
    queued: bool = False
    requests: int = 0

    @property
    def exit_code(self) -> Exit:
        """4, 2, 1 or 3 by the worst of what was not done; 0 when all is done or nothing was to do."""
        decision = self.plan.doubts or self.invalid
        codes = [t.error.exit_code for t in self.trouble]
        return worst(Exit.DECISION if decision else Exit.DONE, *codes)


def push(
    session: Session,
    numbers: Sequence[TicketNumber] = (),
    *,
    drafts: Sequence[str] = (),
    confirm: Confirm,
    plan_id: str | None = None,
    author: str | None = None,
) -> PushResult:
    """Send what is pending in the files of `numbers`, and in the `drafts` at these paths (neither: all), after
    `confirm` said yes to the plan.

    With `plan_id` exactly that plan is sent, without asking, or nothing. `author` pushes another technician's notes.
    Raises DecisionNeeded for a stale plan, UsageError, WrongTechnician, RepositoryState, Busy; what goes wrong with one
    ticket is in the result, and stops no other.
    """
    around = surroundings_of(session)
    return push_in(around, numbers, drafts=drafts, confirm=confirm, plan_id=plan_id, author=author)


def push_in(
    around: Surroundings,
    numbers: Sequence[TicketNumber] = (),
    *,
    drafts: Sequence[str] = (),
    confirm: Confirm,
    plan_id: str | None = None,
    author: str | None = None,
) -> PushResult:
    """Push as `push` does, in whatever surroundings."""
    desk = around.desk
    desk.check_ready()
    before = around.client.requests_made
    with desk.lock():
        desk.finish_interrupted()
        # A plan is made of what is pending: what a stale buffer brought back is not.
        desk.commit_stale()
        turn = desk.turn()
    if plan_id:
        prepared = prepare_known(around, plan_id, author)
    else:
        prepared = prepare(around, numbers, drafts=drafts, author=author)
    result = result_of(prepared)
    if prepared.plan.acts:
        if plan_id is not None or confirm(prepared.plan):
            asked, paths = prepared.plan.asked, prepared.drafts
            again = partial(prepare, around, asked, drafts=paths, author=author)
            run_plan(around, prepared, result, turn, again)
        else:
            result.declined = True
    result.requests = around.client.requests_made - before
    return result


def dry_run(session: Session, numbers: Sequence[TicketNumber] = (), *, author: str | None = None) -> PushResult:
    """Return what a push would do, in a result that has done nothing; writes nothing anywhere. Raises as `push`."""
    around = surroundings_of(session)
    around.desk.check_ready()
    before = around.client.requests_made
    result = result_of(prepare(around, numbers, author=author, keep=False))
    result.requests = around.client.requests_made - before
    return result


def result_of(prepared: Prepared) -> PushResult:
    """Return the result of a push that has done nothing yet: what a dry run tells."""
    return PushResult(prepared.plan, trouble=list(prepared.failed), invalid=prepared.invalid, slips=prepared.slips)


def plan_word(plan: Plan) -> str:
    """Return what `push --plan` takes: the plan's id and the numbers it was asked for (`7k2m9q4x1c:32162,32164`)."""
    asked = ",".join(str(number) for number in plan.asked)
    return f"{plan.id}:{asked}" if asked else plan.id


def prepare_known(around: Surroundings, word: str, author: str | None) -> Prepared:
    """Make the plan again that was shown as `word`. Raises DecisionNeeded when it comes out as another one."""
    wanted, _, asked = word.strip().partition(":")
    if not all(part.isascii() and part.isdigit() for part in asked.split(",") if part):
        raise UsageError(f"{word!r} is not the id of a plan", remedy="copy it from `synclog push --dry-run`")
    prepared = prepare(around, [int(part) for part in asked.split(",") if part], author=author)
    if prepared.plan.id != wanted:
        raise _stale()
    return prepared


def run_plan(
    around: Surroundings, prepared: Prepared, result: PushResult, turn: str, again: Callable[[], Prepared]
) -> None:
    """Do a plan that was looked at in `turn` and agreed to, into `result`. `again` makes it anew, where it waited for
    an answer or another push was at work since. Raises DecisionNeeded when it is not true any more."""
    _Run(around, prepared, result, again).run(turn)


def _still_true(
    around: Surroundings, prepared: Prepared, again: Callable[[], Prepared], *, disturbed: bool
) -> Prepared:
    """The same plan, looked at again where it waited for an answer, or where another push was at work meanwhile.

    Raises DecisionNeeded when anything that it shows has changed. Called with the lock held: nobody else pushes now.
    """
    waited = prepared.looked_at is not None and not is_fresh(prepared.looked_at, around.clock.now())
    if disturbed or waited:
        fresh = again()
        if fresh.plan.id != prepared.plan.id:
            raise _stale()
        return fresh
    for path, file in prepared.files.items():
        if not around.desk.unchanged(path, file.text):
            raise _stale()
    return prepared


def _stale() -> DecisionNeeded:
    return DecisionNeeded(
        "the plan is not true any more: something that it shows has changed, here or in Syncro; nothing was sent",
        remedy="look at `synclog push --dry-run` again",
    )


class _Run:
    """One push under way: tickets one after the other, those that must wait a `settle` once more at the end."""

    def __init__(
        self, around: Surroundings, prepared: Prepared, result: PushResult, again: Callable[[], Prepared]
    ) -> None:
        assert prepared.me is not None
        assert prepared.mirroring is not None
        self.around = around
        self.prepared = prepared
        self.result = result
        self.make_again = again
        self.state = RunState(around, prepared.me, prepared.mirroring)
        self.key_refused = False
        self.turn = ""

    def run(self, turn: str) -> None:
        """Do the plan that was looked at in `turn`, if it is still true once the lock is held."""
        desk = self.around.desk
        self.result.done = self.state.done
        try:
            with desk.lock():
                desk.check_ready(signing=True)
                disturbed = desk.turn() != turn
                self.prepared = _still_true(self.around, self.prepared, self.make_again, disturbed=disturbed)
                self.state.ledger = self.prepared.ledger
                self.state.waited = frozenset(o.id for f in self.prepared.files.values() for o in f.doing)
                self.turn = desk.take_turn()
                desk.commit_edits()
                stamp_all(self.state, self.prepared)
                tickets = [t for t in self.prepared.plan.tickets if t.acts]
                waiting = [ticket for ticket in tickets if self.one(ticket, settled=False)]
            if waiting:
                self.wait()
                self.again(waiting)
        finally:
            if self.state.unsent:
                self.take_back()

    def again(self, waiting: Sequence[TicketPlan]) -> None:
        """Look again at the tickets that waited. Where another push was at work during the wait, what it sent may be
        under way still, of what this run stamped too: then what is there is recorded, and nothing is called missing."""
        desk = self.around.desk
        try:
            with desk.lock():
                desk.check_ready()
                alone = desk.turn() == self.turn
                if not alone:
                    self.state.stamped.clear()
                    self.state.unsent.clear()
                self.state.ledger = self.ledger()
                for ticket in waiting:
                    if self.one(ticket, settled=alone, again=True):
                        self.result.trouble.append(Trouble(ticket.number, _not_alone(ticket), ticket.path))
        except SynclogError as error:
            # What was done before stands, and is told: this is not the moment to say that nothing was done.
            unfinished = Busy(f"it was not looked for a second time: {error.message}", remedy=error.remedy)
            self.result.trouble += [Trouble(ticket.number, unfinished, ticket.path) for ticket in waiting]

    def ledger(self) -> Ledger:
        """What history says by now: another process may have recorded something meanwhile."""
        notes = [note.work for ticket in self.prepared.plan.tickets for note in ticket.notes]
        numbers = {ticket_of(r) for note in notes for r in references_of(note)}
        numbers |= {ticket.number for ticket in self.prepared.plan.tickets} | {d.number for d in self.state.done}
        drafts = any(ticket.draft for ticket in self.prepared.plan.tickets)
        return self.around.desk.ledger({number for number in numbers if number}, drafts=drafts)

    def take_back(self) -> None:
        """Take back the stamps that were not used, unless another push was at work since, which may have used them.
        Where that can't be done now, the next push waits for them."""
        desk = self.around.desk
        with suppress(SynclogError), desk.lock():
            desk.check_ready()
            if desk.turn() != self.turn:
                return
            desk.commit_edits()
            take_back_unsent(self.state, self.prepared)

    def one(self, ticket: TicketPlan, *, settled: bool, again: bool = False) -> bool:
        """Run one ticket; return whether it has to be looked at again when `settle` has passed."""
        if self.key_refused:
            return False
        self.around.progress(f"pushing {ticket.name}", 0, 0)
        look = None if again else self.prepared.looks[ticket.path]
        try:
            return run_ticket(self.state, ticket, look, settled=settled)
        except SynclogError as error:
            self.key_refused = isinstance(error, Unauthorised)
            self.result.trouble.append(Trouble(ticket.number, error, ticket.path))
            return False

    def wait(self) -> None:
        """Wait a whole `settle`, counted by what was slept: a clock may be set while it is waited."""
        total = self.around.settings.syncro.settle
        for second in range(total):
            self.around.progress("seconds waited before looking for a lost answer", second, total)
            self.around.clock.sleep(1.0)


def _not_alone(ticket: TicketPlan) -> Busy:
    return Busy(
        f"{ticket.name}: another push was at work meanwhile; it is not known yet whether all of it was posted",
        remedy="run `synclog push` again: it looks in Syncro before it sends anything",
    )
