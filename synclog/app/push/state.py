"""What one push knows while it runs, and the values it reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from synclog.core.deciding.oneoffs import Action
from synclog.core.deciding.steps import Accepted
from synclog.core.trail import Ledger, Op, TrailEntry
from synclog.errors import OutcomeUnknown, SynclogError
from synclog.model import CommentId, Me, Minutes, Reference, TicketNumber

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.push.surroundings import Surroundings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """One piece of work that was read back and recorded.

    `minutes` is worked and `billed` what Syncro bills, None without time. `was_there` says that nothing was sent,
    since it was in Syncro already. `what` is a line for a person. `line_items` are charges that were made of its time.
    Of an invoice, `subtotal` is its total before tax and `expected` what the plan said it would be (None where it did
    not); `prepaid_before` and `prepaid` are the customer's hours before and after it, None where there were none.
    `one_off` is the id of a one-off.
    """

    op: Op
    number: TicketNumber
    what: str
    reference: Reference | None = None
    comment: CommentId | None = None
    timer: int | None = None
    line_items: tuple[int, ...] = ()
    minutes: Minutes | None = None
    billed: Minutes | None = None
    invoice: str | None = None
    total: Decimal | None = None
    subtotal: Decimal | None = None
    expected: Decimal | None = None
    prepaid_before: Decimal | None = None
    prepaid: Decimal | None = None
    was_there: bool = False
    one_off: Reference | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something of a ticket that was not done, and why. `number` is 0 for a ticket that does not exist yet."""

    number: TicketNumber
    error: SynclogError
    path: str = ""


@dataclass(slots=True)
class RunState:
    """`stamped` are the references of which nothing can be under way but what this run sent, `unsent` those of them
    that it has not sent; `lost` those of which it lost an answer, `left` those that it leaves to the next run since
    that was after the wait; `accepted` what it was told of each note. `made` are
    the files of tickets that it created. Of one-offs, `waited` are those that stood in files before, `acted` the
    requests that were accepted, `timers_made` the ids of timer entries by Syncro's answers. Once `time_dropped` is set
    no more timed notes are sent with a comment."""

    around: Surroundings
    me: Me
    mirroring: Mirroring
    ledger: Ledger = field(default_factory=Ledger)
    stamped: set[Reference] = field(default_factory=set)
    unsent: set[Reference] = field(default_factory=set)
    lost: set[Reference] = field(default_factory=set)
    left: set[Reference] = field(default_factory=set)
    accepted: dict[Reference, Accepted] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    waited: frozenset[Reference] = frozenset()
    acted: dict[Reference, tuple[Action, ...]] = field(default_factory=dict)
    timers_made: dict[Reference, int] = field(default_factory=dict)
    time_dropped: bool = False

    def accept(self, reference: Reference, **what: object) -> None:
        """Remember what Syncro's answer said of a note; nothing is read back of it yet."""
        known = self.accepted.get(reference, Accepted())
        self.accepted[reference] = replace(known, **what, read_back=False)  # type: ignore[arg-type]

    def read_back(self) -> None:
        """The ticket that is pushed was read anew: all that was accepted of it shows, or does not."""
        for reference, known in self.accepted.items():
            self.accepted[reference] = replace(known, read_back=True)

    def know(self, number: TicketNumber) -> None:
        """Have what history says of a ticket that was not in the plan under its number: one that was created."""
        if not any(entry.ticket == number for entry in self.ledger.entries if entry.op != "create"):
            more = self.around.desk.ledger([number])
            begun, ended = self.ledger.begun | more.begun, self.ledger.ended | more.ended
            self.ledger = Ledger((*self.ledger.entries, *more.entries), begun, ended)

    def recorded(self, entry: TrailEntry) -> None:
        """The history has one more entry."""
        self.ledger = self.ledger.with_entry(entry)


def attempt(
    state: RunState, number: TicketNumber, reference: Reference, what: str, send: Callable[[], T], *, settled: bool
) -> T | None:
    """Make one write, and return what Syncro answered. None: the answer was lost, and what became of it is looked for
    after a `settle`.

    A second time (`settled`) it is left to the next run, by its stamp: raises OutcomeUnknown, which says `what`; so it
    is where the same work comes again in this run, from another file. Raises what `send` does when Syncro surely took
    nothing.
    """
    unknown = f"#{number}: it is not known whether {what}"
    remedy = "run `synclog push` again: it looks in Syncro before it sends anything"
    if reference in state.left:
        raise OutcomeUnknown(f"{unknown}: the answer was lost", remedy=remedy)
    try:
        return send()
    except OutcomeUnknown as error:
        state.lost.add(reference)
        if settled:
            state.left.add(reference)
            raise OutcomeUnknown(
                f"{unknown}: {error.message}", remedy=remedy, request=error.request, status=error.status
            ) from error
        return None
