"""What one push knows while it runs, and the values it reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from synclog.errors import OutcomeUnknown, SynclogError
from synclog.model import CommentId, Me, Minutes, Reference, TicketNumber

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.session import Session


@dataclass(frozen=True, slots=True)
class Done:
    """One piece of work that was read back and recorded.

    `minutes` is worked and `billed` what Syncro bills, None without time. `was_there` says that nothing was sent,
    since it was in Syncro already. `what` is a line for a person.
    """

    op: Literal["comment", "invoice", "update"]
    number: TicketNumber
    what: str
    reference: Reference | None = None
    comment: CommentId | None = None
    timer: int | None = None
    minutes: Minutes | None = None
    billed: Minutes | None = None
    invoice: str | None = None
    total: Decimal | None = None
    was_there: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something of a ticket that was not done, and why."""

    number: TicketNumber
    error: SynclogError


@dataclass(slots=True)
class RunState:
    """`begun` are the references that this run stamped and has not sent; once `time_dropped` is set no more timed notes
    are sent the same way."""

    session: Session
    me: Me
    mirroring: Mirroring
    begun: set[Reference] = field(default_factory=set)
    done: list[Done] = field(default_factory=list)
    time_dropped: bool = False


def answer_lost(number: TicketNumber, what: str, error: OutcomeUnknown, *, settled: bool) -> None:
    """A write's answer was lost just now: it is looked for after a `settle`.

    A second time (`settled`) it is left to the next run, by its stamp: raises OutcomeUnknown, which says `what`.
    """
    if settled:
        raise OutcomeUnknown(
            f"#{number}: it is not known whether {what}: {error.message}",
            remedy="run `synclog push` again: it looks in Syncro before it sends anything",
            request=error.request,
            status=error.status,
        )
