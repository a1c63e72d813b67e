"""Push: files into Syncro, exactly once. look -> stamp -> post -> read back -> record, for each piece of work.

What to do next is decided by core/pushsteps.py from the file and from what was read; this module only does it. The
stamp is committed before the first request of its note leaves; a write whose outcome is not known is never repeated
before Syncro was read again, a full `settle` later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from synclog.app.edits import commit_edits
from synclog.app.planning import Prepared, prepare
from synclog.app.runstate import Done, RunState, Trouble
from synclog.app.stamping import stamp_notes, take_back_unsent
from synclog.app.ticketrun import run_ticket
from synclog.app.turns import current_turn, take_turn
from synclog.app.writing import finish_interrupted
from synclog.core.plan import Plan, TicketPlan
from synclog.errors import Busy, DecisionNeeded, Exit, InvalidFile, SynclogError, Unauthorised, UsageError, worst
from synclog.model import TicketNumber

if TYPE_CHECKING:
    from synclog.app.session import Session

_FRESH = timedelta(seconds=60)
"""A look older than this (a plan that waited for an answer) is taken again before anything is sent."""

Confirm = Callable[[Plan], bool]


@dataclass(slots=True)
class PushResult:
    """What a push did. `plan` is what it set out to do; `done` what was read back and recorded; `trouble` what was not
    done and why, the ticket's number with it; `declined` says that the plan was shown and not confirmed."""

    plan: Plan
    done: list[Done] = field(default_factory=list)
    trouble: list[Trouble] = field(default_factory=list)
    invalid: tuple[InvalidFile, ...] = ()
    drafts: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()
    declined: bool = False
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
    confirm: Confirm,
    plan_id: str | None = None,
    author: str | None = None,
) -> PushResult:
    """Send what is pending in the files of `numbers` (none: all), after `confirm` said yes to the plan.

    With `plan_id` exactly that plan is sent, without asking, or nothing. `author` pushes another technician's notes.
    Raises DecisionNeeded for a stale plan, UsageError, WrongTechnician, RepositoryState, Busy; what goes wrong with one
    ticket is in the result, and stops no other.
    """
    workspace = session.workspace
    workspace.history.check_ready()
    before = session.client.requests_made
    with workspace.lock("push"):
        finish_interrupted(workspace)
        turn = current_turn(workspace)
    prepared = prepare_known(session, plan_id, author) if plan_id else prepare(session, numbers, author=author)
    result = result_of(prepared)
    if not prepared.plan.acts:
        result.requests = session.client.requests_made - before
        return result
    if plan_id is None and not confirm(prepared.plan):
        result.declined = True
        return result
    _Run(session, prepared, result, author).run(turn)
    result.requests = session.client.requests_made - before
    return result


def result_of(prepared: Prepared) -> PushResult:
    """Return the result of a push that has done nothing yet: what a dry run tells."""
    return PushResult(
        prepared.plan,
        trouble=list(prepared.failed),
        invalid=prepared.invalid,
        drafts=tuple(draft.path for draft in prepared.drafts),
        slips=prepared.slips,
    )


def plan_word(plan: Plan) -> str:
    """Return what `push --plan` takes: the plan's id and the numbers it was asked for (`7k2m9q4x1c:32162,32164`)."""
    asked = ",".join(str(number) for number in plan.asked)
    return f"{plan.id}:{asked}" if asked else plan.id


def prepare_known(session: Session, word: str, author: str | None) -> Prepared:
    """Make the plan again that was shown as `word`. Raises DecisionNeeded when it comes out as another one."""
    wanted, _, asked = word.strip().partition(":")
    if not all(part.isdigit() for part in asked.split(",") if part):
        raise UsageError(f"{word!r} is not the id of a plan", remedy="copy it from `synclog push --dry-run`")
    prepared = prepare(session, [int(part) for part in asked.split(",") if part], author=author)
    if prepared.plan.id != wanted:
        raise _stale()
    return prepared


def _still_true(session: Session, prepared: Prepared, author: str | None, *, disturbed: bool) -> Prepared:
    """The same plan, looked at again where it waited for an answer, or where another push was at work meanwhile.

    Raises DecisionNeeded when anything that it shows has changed. Called with the lock held: nobody else pushes now.
    """
    looked = prepared.looked_at
    if disturbed or (looked is not None and not timedelta(0) <= session.clock.now() - looked <= _FRESH):
        again = prepare(session, prepared.plan.asked, author=author)
        if again.plan.id != prepared.plan.id:
            raise _stale()
        return again
    for path, text in prepared.texts.items():
        if session.workspace.read_text_or_none(path) != text:
            raise _stale()
    return prepared


def _stale() -> DecisionNeeded:
    return DecisionNeeded(
        "the plan is not true any more: something that it shows has changed, here or in Syncro; nothing was sent",
        remedy="look at `synclog push --dry-run` again",
    )


class _Run:
    """One push under way: tickets one after the other, those that must wait a `settle` once more at the end."""

    def __init__(self, session: Session, prepared: Prepared, result: PushResult, author: str | None) -> None:
        assert prepared.me is not None
        assert prepared.mirroring is not None
        self.session = session
        self.prepared = prepared
        self.result = result
        self.author = author
        self.state = RunState(session, prepared.me, prepared.mirroring)
        self.key_refused = False

    def run(self, turn: str) -> None:
        """Do the plan that was looked at in `turn`, if it is still true once the lock is held."""
        workspace = self.session.workspace
        self.result.done = self.state.done
        try:
            with workspace.lock("push"):
                workspace.history.check_ready()
                workspace.history.check_signing()
                disturbed = current_turn(workspace) != turn
                self.prepared = _still_true(self.session, self.prepared, self.author, disturbed=disturbed)
                own_turn = take_turn(workspace)
                commit_edits(workspace)
                self.state.begun = stamp_notes(self.session, self.prepared)
                tickets = [t for t in self.prepared.plan.tickets if t.acts]
                waiting = [ticket for ticket in tickets if self.one(ticket, settled=False)]
            if waiting:
                self.wait()
                self.again(waiting, own_turn)
        finally:
            if self.state.begun:
                self.take_back()

    def again(self, waiting: Sequence[TicketPlan], own_turn: str) -> None:
        """Look again at the tickets that waited. Where another push was at work during the wait, what it sent may be
        under way still: then what is there is recorded, and nothing is called missing."""
        workspace = self.session.workspace
        try:
            with workspace.lock("push"):
                workspace.history.check_ready()
                alone = current_turn(workspace) == own_turn
                for ticket in waiting:
                    if self.one(ticket, settled=alone, again=True):
                        self.result.trouble.append(Trouble(ticket.number, _not_alone(ticket)))
        except SynclogError as error:
            # What was done before stands, and is told: this is not the moment to say that nothing was done.
            unfinished = Busy(f"it was not looked for a second time: {error.message}", remedy=error.remedy)
            self.result.trouble += [Trouble(ticket.number, unfinished) for ticket in waiting]

    def take_back(self) -> None:
        """Take back the stamps that were not used. Where that can't be done now, the next push waits for them."""
        workspace = self.session.workspace
        with suppress(SynclogError), workspace.lock("push"):
            workspace.history.check_ready()
            commit_edits(workspace)
            take_back_unsent(self.session, self.prepared, self.state.begun)

    def one(self, ticket: TicketPlan, *, settled: bool, again: bool = False) -> bool:
        """Run one ticket; return whether it has to be looked at again when `settle` has passed."""
        if self.key_refused:
            return False
        self.session.progress(f"pushing #{ticket.number}", 0, 0)
        look = None if again else self.prepared.looks[ticket.number]
        try:
            return run_ticket(self.state, ticket, look, settled=settled)
        except SynclogError as error:
            self.key_refused = isinstance(error, Unauthorised)
            self.result.trouble.append(Trouble(ticket.number, error))
            return False

    def wait(self) -> None:
        """Wait a whole `settle`, counted by what was slept: a clock may be set while it is waited."""
        total = self.session.workspace.settings.syncro.settle
        for second in range(total):
            self.session.progress("seconds waited before looking for a lost answer", second, total)
            self.session.clock.sleep(1.0)


def _not_alone(ticket: TicketPlan) -> Busy:
    return Busy(
        f"#{ticket.number}: another push was at work meanwhile; it is not known yet whether all of it was posted",
        remedy="run `synclog push` again: it looks in Syncro before it sends anything",
    )
