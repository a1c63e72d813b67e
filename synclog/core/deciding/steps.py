"""The steps that a decision can come to, and what it is decided from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from synclog.core.oneoffs import NewTimer
from synclog.core.settings import TimeVia
from synclog.model import Comment, CommentId, Invoice, LineItem, Minutes, Reference, Ticket, TimerEntry

TimeRecord = TimerEntry | LineItem
"""Time as Syncro holds it: a timer entry, or a charge that was made without one."""


# --- steps -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    """It is surely not there: post it (stamp it before, where it has no stamp that fits)."""


@dataclass(frozen=True, slots=True)
class Restamp:
    """What was stamped is not there and it says something else now: stamp anew, keep the old reference, send."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It may still be under way: look again when `settle` has passed."""


@dataclass(frozen=True, slots=True)
class ReadTimes:
    """Its comment is there, and too little is known of the ticket's time: read the complete lists."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Syncro accepted all of it: read it back."""


@dataclass(frozen=True, slots=True)
class AddTime:
    """Its comment is there, its time surely is not: send the time alone."""

    comment: Comment


@dataclass(frozen=True, slots=True)
class Charge:
    """Its time is there and surely not charged: charge it."""

    comment: Comment
    timer: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Its comment is in Syncro, and `problem` keeps it from being done: written into the note, for a person."""

    comment: CommentId
    problem: str


@dataclass(frozen=True, slots=True)
class Record:
    """It is there, and only the record is missing. `time` is None where there is none, or a person settled it."""

    comment: Comment
    time: TimeRecord | None = None


@dataclass(frozen=True, slots=True)
class RecordInvoice:
    """The invoice is there, and only the record is missing."""

    invoice: Invoice


@dataclass(frozen=True, slots=True)
class RecordTicket:
    """The new ticket is there, and only the record is missing."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Leave:
    """Not ours to push; nothing is wrong."""

    reason: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nobody but a person can tell whether it was posted. `comments`, `times` and `tickets` are what to look at;
    `of_time` says that the comment is beyond doubt, and its time is not."""

    reason: str
    comments: tuple[Comment, ...] = ()
    times: tuple[TimeRecord, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    of_time: bool = False


NoteStep = Send | Restamp | Wait | ReadTimes | ReadBack | AddTime | Charge | Hold | Record | Leave | Doubt
InvoiceStep = Send | Wait | RecordInvoice | Doubt
TicketStep = Send | Restamp | Wait | RecordTicket | Leave | Doubt

# --- problems: why a note whose comment is in Syncro is not done ------------------------------------------------------

TIME_NOT_RECORDED = "time was not recorded"
NOT_SHOWN = "was not shown with its reference"
TIME_NOT_SHOWN = "its time was accepted and is not shown"
CHARGE_NOT_SHOWN = "the charge of its time was accepted and is not shown"
DELETED = "the note was deleted here before its time was posted"


def on_another_labor(product_id: int | None) -> str:
    """Return the problem of a note whose time Syncro put on another labor product."""
    return f"its time is on labor product {product_id}"


# --- what is decided from --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TimeWanted:
    """The time of a note: `minutes` are what is billed, `via` the way it goes, `charge` whether it is charged."""

    product_id: int
    minutes: Minutes
    via: TimeVia
    charge: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """What Syncro accepted of a note in this run, by its answers. `read_back`: the ticket was read since."""

    comment: Comment | None = None
    time: int | None = None
    charged: bool = False
    read_back: bool = False

    @property
    def unread(self) -> bool:
        """Whether something was accepted and nothing read since."""
        accepted = self.comment is not None or self.time is not None or self.charged
        return accepted and not self.read_back


@dataclass(frozen=True, slots=True)
class NoteCase:
    """One note as push meets it.

    `reference` is what its content, day and place make now. `stamped` is the reference of its stamp, None without one;
    `earlier` are older ones it had. `in_flight` means that a request may have left before this evidence was read: the
    stamp is from before this run, or this run lost an answer. `after` is the highest comment id when it was stamped,
    or that its file knows of.
    `body` is what would be posted, `old_bodies` what was stamped before it was changed. `comment` is its comment by the
    stamp, `problem` why it waits there; `time_settled` that a person sees to its time. `passed` are comments that a
    person has looked at: they are not this note. `claimed` are those that other notes of its file are known to be.
    """

    reference: Reference
    body: str
    stamped: Reference | None = None
    stamped_by: int | None = None
    earlier: tuple[Reference, ...] = ()
    after: int | None = None
    in_flight: bool = False
    time: TimeWanted | None = None
    comment: CommentId | None = None
    problem: str | None = None
    time_settled: bool = False
    passed: tuple[CommentId, ...] = ()
    claimed: Collection[CommentId] = ()
    old_bodies: tuple[str, ...] = ()
    accepted: Accepted = field(default_factory=Accepted)


@dataclass(frozen=True, slots=True)
class Times:
    """A ticket's time: all timer entries where they are `complete` (a detail may show a part), and its charges."""

    timers: tuple[TimerEntry, ...]
    items: tuple[LineItem, ...]
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read: complete conversations of every ticket the note was ever stamped for, oldest first.

    `recorded` are the references that the audit trail has, `timed` those of them whose time it has, `waiting` those
    whose time it waits for; `taken` the ids of time that it has for other work (those of charges negated). `today` are
    the ids of comments of the note's own day. `settled` says that all of it was read a full `settle` after anything
    that may be under way had left. `times` is None where no time was read.
    """

    comments: tuple[Comment, ...]
    owner: int
    recorded: Collection[Reference] = ()
    today: Collection[CommentId] = ()
    settled: bool = False
    times: Times | None = None
    timed: Collection[Reference] = ()
    waiting: Collection[Reference] = ()
    taken: Collection[int] = ()
    plain: Collection[NewTimer] = ()
