"""Notes as the decision tables take them: from the file, what was read, what history says and what this run did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from synclog.app.push.looking import Look, read_times
from synclog.core.deciding.notes import note_step
from synclog.core.deciding.oneoffs import Action
from synclog.core.deciding.steps import Accepted, Evidence, NoteCase, NoteStep, ReadTimes, TimeWanted
from synclog.core.notes import Note
from synclog.core.oneoffs import NewTimer
from synclog.core.settings import Settings
from synclog.core.trail import Ledger
from synclog.core.work import NoteWork, begun_as, posted_before
from synclog.model import Reference

if TYPE_CHECKING:
    from synclog.app.push.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run knows besides file and Syncro: references that it `stamped` itself, of which it `lost` an answer, of
    which Syncro `accepted` something; `sent` from this clone lately; `settled` as in `Evidence`. `acted` and
    `timers_made` are of one-offs, as in `RunState`."""

    owner: int
    ledger: Ledger = field(default_factory=Ledger)
    stamped: Collection[Reference] = ()
    lost: Collection[Reference] = ()
    accepted: Mapping[Reference, Accepted] = field(default_factory=dict)
    sent: Collection[Reference] = ()
    settled: bool = False
    acted: Mapping[Reference, tuple[Action, ...]] = field(default_factory=dict)
    timers_made: Mapping[Reference, int] = field(default_factory=dict)


def decide(around: Surroundings, look: Look, note: NoteWork, facts: Facts) -> NoteStep:
    """Return the next step of a note of the ticket that `look` is of; reads more of its time where the table asks."""
    while True:
        step = note_step(note_case(around, look, note, facts), evidence(around, look, note, facts))
        if not isinstance(step, ReadTimes):
            return step
        read_times(around, look)


def note_case(around: Surroundings, look: Look, note: NoteWork, facts: Facts) -> NoteCase:
    """Return a note as the decision table takes it."""
    stamp, zone = note.stamp, around.settings.timezone
    others = {r for n in look.work.notes for r in references_of(n)}
    again = [r for r in posted_before(note, look.work, look.comments, zone) if r not in others]
    if stamp is None:
        begun = [r for r in begun_as(note, look.work.number) if r in facts.sent or r in facts.ledger.begun]
        # What another note here is, or history has, is not this one of the day before.
        before = any(r == note.reference or (r not in others and r not in facts.ledger.recorded) for r in begun)
    else:
        before = not stamp.again and stamp.reference not in facts.stamped
    return NoteCase(
        reference=note.reference,
        body=body_of(around, note),
        stamped=stamp.reference if stamp else None,
        stamped_by=stamp.by if stamp else None,
        earlier=(*(stamp.earlier if stamp else ()), *again),
        after=stamp.after if stamp else look.work.seen,
        in_flight=(before and note.reference not in facts.stamped) or note.reference in facts.lost,
        time=time_wanted(note, around.settings),
        comment=stamp.comment if stamp else None,
        problem=stamp.problem if stamp else None,
        time_settled=stamp.time_settled if stamp else False,
        passed=stamp.passed if stamp else (),
        claimed={n.stamp.comment for n in look.work.notes if n.index != note.index and n.stamp and n.stamp.comment},
        old_bodies=_other_bodies(around, note),
        accepted=facts.accepted.get(note.reference, Accepted()),
    )


def _other_bodies(around: Surroundings, note: NoteWork) -> tuple[str, ...]:
    """What else a comment of this note may say: with its day, or without, as it depends on when it was posted; and what
    was stamped before it was changed. Where an account cuts texts nothing else tells of it."""
    desk = around.desk
    bodies = tuple(desk.body(note.text, note.reference, day) for day in (None, note.day))
    if note.stamp is None:
        return bodies
    changed = [r for r in (note.stamp.reference, *note.stamp.earlier) if r != note.reference]
    found = [(r, old) for r in changed if (old := desk.stamped_note(r)) is not None]
    return (*bodies, *(desk.body(old.text, r, day) for r, old in found for day in (None, _day_of(old))))


def _day_of(note: Note) -> date | None:
    return note.stamp.day if note.stamp else None


def evidence(around: Surroundings, look: Look, note: NoteWork, facts: Facts) -> Evidence:
    """Return what was read, as the decision table takes it."""
    zone = around.settings.timezone
    today = {c.id for c in look.comments if c.created_at.astimezone(zone).date() == note.day}
    return Evidence(
        comments=(*look.comments, *look.elsewhere),
        owner=facts.owner,
        recorded=facts.ledger.recorded,
        today=today,
        settled=facts.settled,
        times=look.times,
        timed=facts.ledger.timed,
        waiting=facts.ledger.untimed.keys(),
        taken=facts.ledger.taken(note.reference),
        plain=plain_timers(look),
    )


def plain_timers(look: Look) -> Sequence[NewTimer]:
    """Return the timer entries without a comment that a ticket's file asks for."""
    return [one for one in look.work.doing if isinstance(one, NewTimer)]


def time_wanted(note: NoteWork, settings: Settings) -> TimeWanted | None:
    """Return the time that a note wants to have in Syncro, None without time."""
    if note.product_id is None or note.bills is None:
        return None
    return TimeWanted(note.product_id, note.bills, settings.via, settings.charge_now and settings.via != "line_item")


def body_of(around: Surroundings, note: NoteWork) -> str:
    """Return the HTML that a note is posted as, its reference on the last line."""
    other_day = note.day if note.day != around.today().date() else None
    return around.desk.body(note.text, note.reference, other_day)


def references_of(note: NoteWork) -> Sequence[Reference]:
    """Return all references that a note has or had."""
    return (note.reference, *((note.stamp.reference, *note.stamp.earlier) if note.stamp else ()))
