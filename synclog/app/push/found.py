"""What was posted and never recorded: found in Syncro by its reference, and recorded; by pull, and by push on its way.

A run that died after its request, a history that was lost, a note that was deleted while it was posted. What a deleted
note's time needs is for a person to say: the note comes back into its file, with what is known of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from synclog.app.pending import remedy_of
from synclog.app.push.cases import Facts, decide, plain_timers, time_wanted
from synclog.app.push.looking import Look, read_back, read_times
from synclog.app.push.oneoffs.finding import found_one_offs
from synclog.app.push.records import Recorder
from synclog.app.push.surroundings import FileEdit
from synclog.core.deciding.notes import bare_words, is_alike
from synclog.core.deciding.steps import DELETED, NOT_SHOWN, Doubt, Evidence, Hold, Record, TimeRecord, TimeWanted
from synclog.core.deciding.times import billed_minutes, time_of
from synclog.core.fields import web_base
from synclog.core.notes import Note
from synclog.core.references import closing_reference, is_draft, mentions, ticket_of
from synclog.core.trail import Ledger, TrailEntry, message_with, stamp_message
from synclog.core.work import note_works, references_here, ticket_work
from synclog.errors import DecisionNeeded
from synclog.model import Comment, Reference, TicketNumber, TimerEntry

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.push.state import RunState
    from synclog.app.push.surroundings import Surroundings
    from synclog.core.plan import TicketPlan
    from synclog.core.ticketfile import TicketFile
    from synclog.core.work import NoteWork


@dataclass(slots=True)
class Found:
    """What was recorded: references, and what of it a person has to settle."""

    recorded: list[Reference] = field(default_factory=list)
    undecided: list[DecisionNeeded] = field(default_factory=list)


def references_in(comments: Sequence[Comment], number: TicketNumber) -> dict[Reference, Comment]:
    """Return the references that stand at the end of its users' comments, with the first comment of each: of a ticket's
    notes, and of the draft that it was created of."""
    found: dict[Reference, Comment] = {}
    for comment in comments:
        if comment.user_id is None or "Ref " not in comment.body:
            continue
        reference = closing_reference(comment.body)
        if reference is None:
            continue
        if ticket_of(reference) == number or (is_draft(reference) and comment is comments[0]):
            found.setdefault(reference, comment)
    return found


def may_lack(ledger: Ledger, number: TicketNumber, comments: Sequence[Comment]) -> bool:
    """Return whether history may lack something of a ticket: a reference, the time of a note, or what was stamped and
    neither recorded nor taken back."""
    recorded = ledger.recorded
    begun = any(ticket_of(r) == number for r in ledger.begun - recorded)
    waits = any(entry.ticket == number for entry in ledger.untimed.values())
    return begun or waits or not references_in(comments, number).keys() <= recorded


def record_found(state: RunState, ticket: TicketPlan, look: Look) -> None:
    """Record what push finds of a ticket that is in no file any more. Its own notes are push's anyway."""
    if not may_lack(state.ledger, ticket.number, look.comments):
        return
    finding = Finding(state.around, state.mirroring, state.me.user_id, state.ledger)
    found = finding.gone(ticket.path, look)
    state.ledger = finding.ledger
    if found.undecided:
        raise found.undecided[0]


@dataclass(slots=True)
class Finding:
    """Records what is found of tickets, one after the other; `ledger` grows with it. `owner` is whose work counts."""

    around: Surroundings
    mirroring: Mirroring
    owner: int
    ledger: Ledger

    def of_ticket(self, path: str, look: Look) -> Found:
        """Record all that is there of a ticket: notes that stand in its file as they were stamped, and what stands in
        none any more. Raises InvalidFile when its file is not valid."""
        found = Found()
        if not may_lack(self.ledger, look.work.number, look.comments):
            return found
        there = self._unrecorded(look)
        file = self.around.desk.current(path, self.mirroring)
        whole = ticket_work(file, self.around.settings, self.around.today().date())
        look.work = replace(look.work, notes=whole.notes, doing=whole.doing)
        # The last first: of equal notes the places of those before it stay as they are.
        for work in reversed(whole.notes):
            if work.reference in there and (work.stamp is None or work.stamp.reference == work.reference):
                self._standing(path, look, work, found)
        gone = self.gone(path, look)
        found.recorded += gone.recorded
        found.undecided += gone.undecided
        return found

    def _unrecorded(self, look: Look) -> dict[Reference, Comment]:
        """The key owner's comments that end with a reference that history lacks."""
        found, recorded = references_in(look.comments, look.work.number), self.ledger.recorded
        return {r: c for r, c in found.items() if c.user_id == self.owner and r not in recorded}

    def _standing(self, path: str, look: Look, work: NoteWork, found: Found) -> None:
        """A note that stands in its file, and whose comment is there."""
        around = self.around
        step = decide(around, look, work, Facts(self.owner, self.ledger, sent=around.desk.sent_lately()))
        recorder = Recorder(around, self.mirroring, path, self.ledger)
        sight = look.sight or read_back(around, look)
        if isinstance(step, Record):
            entry = recorder.note(work, sight, step.comment, step.time)
            self.ledger = self.ledger.with_entry(entry) if entry else self.ledger
            found.recorded.append(work.reference)
        elif isinstance(step, Hold) and step.problem != NOT_SHOWN:
            comment = next(c for c in look.comments if c.id == step.comment)
            entry = recorder.problem(work, sight, comment, step.problem)
            self.ledger = self.ledger.with_entry(entry) if entry else self.ledger
            found.undecided.append(_decision(look.work.number, comment, step.problem))

    def gone(self, path: str, look: Look) -> Found:
        """Record what is in no file here: it was deleted, or posted from where its record never came from."""
        found = Found()
        desk, number = self.around.desk, look.work.number
        here = references_here(desk.current(path, self.mirroring), self.around.today().date())
        entries: list[TrailEntry] = []
        for reference, comment in {**self._waiting(look), **self._unrecorded(look)}.items():
            if reference in here or desk.holds(reference):
                continue
            if is_draft(reference):
                # A copy of the draft may still stand here under a name of its own; recording would make it a second.
                if desk.files().drafts:
                    continue
                entries.append(TrailEntry("create", number, reference, comment=comment.id))
                self.ledger = self.ledger.with_entry(entries[-1])
                found.recorded.append(reference)
                continue
            note = desk.stamped_note(reference)
            known = reference in self.ledger.recorded
            time = self._time(look, reference, comment, note)
            entry = _entry(number, reference, comment, time, note)
            if time is None and note is not None and note.stamp is not None and note.minutes is not None:
                stamp = replace(note.stamp, comment=comment.id, problem=DELETED)
                self._bring_back(path, look, replace(note, stamp=stamp), None if known else entry)
                found.undecided.append(_decision(number, comment, DELETED))
            elif time is not None or not known:
                if time is None and note is None and reference in self.ledger.begun:
                    found.undecided.append(self._nobody_knows(look, reference, comment))
                entries.append(replace(entry, op="time" if known else "comment"))
                self.ledger = self.ledger.with_entry(entries[-1])
                found.recorded.append(reference)
        ended: list[Reference] = []
        for name, entry in found_one_offs(self.around, look, self.owner, self.ledger):
            entries.append(entry)
            ended.append(name)
            self.ledger = self.ledger.with_ended(name, entry)
            found.recorded.append(name)
        if entries:
            names = ", ".join(dict.fromkeys(str(e.reference or f"the {e.op}") for e in entries))
            message = message_with(f"push: #{number} found in Syncro: {names}", entries)
            closing = stamp_message("", ended, taken_back=True).strip()
            desk.record(f"{message}\n{closing}\n" if ended else message)
        for note, comment in self._begun(look, here):
            self._bring_back(path, look, note, None)
            reference = note.stamp.reference if note.stamp else ""
            found.undecided.append(
                DecisionNeeded(
                    f"#{number}: comment {comment.id} may be the note {reference}, which was deleted here: it is back",
                    remedy=f"compare them, then say which it is: `synclog resolve {number} --note {reference} …`",
                )
            )
        return found

    def _waiting(self, look: Look) -> dict[Reference, Comment]:
        """The comments of notes whose time history lacks."""
        own = {comment.id: comment for comment in look.comments if comment.user_id == self.owner}
        untimed = self.ledger.untimed.items()
        return {r: own[e.comment] for r, e in untimed if e.ticket == look.work.number and e.comment in own}

    def _begun(self, look: Look, here: Collection[Reference]) -> Iterator[tuple[Note, Comment]]:
        """Notes that were stamped and deleted, of which a comment without their reference at its end may be one: an
        account may cut what is posted, or add to it."""
        desk = self.around.desk
        for reference in sorted(self.ledger.begun - self.ledger.recorded):
            if ticket_of(reference) != look.work.number or reference in here or desk.holds(reference):
                continue
            note = desk.stamped_note(reference)
            if note is None or note.stamp is None or note.stamp.by != self.owner:
                continue
            texts = [bare_words(desk.body(note.text, reference, day)) for day in (None, note.stamp.day)]
            for comment in look.comments:
                newer = comment.id > note.stamp.after and comment.user_id == self.owner
                if not newer or closing_reference(comment.body) is not None:
                    continue
                if mentions(comment.body, reference) or any(is_alike(words, comment.body) for words in texts):
                    yield note, comment
                    break

    def _time(self, look: Look, reference: Reference, comment: Comment, note: Note | None) -> TimeRecord | None:
        around = self.around
        wanted = (self._wanted(note) if note else None) or TimeWanted(0, 0, around.settings.via)
        may_wait = note.minutes is not None if note else reference in self.ledger.begun
        while look.times is None or not look.times.complete:
            if look.times is not None and not may_wait:
                break
            read_times(around, look)
        taken = self.ledger.taken(reference)
        seen = Evidence(look.comments, self.owner, times=look.times, taken=taken, plain=plain_timers(look))
        time = time_of(wanted, comment, reference, seen)
        return None if isinstance(time, Doubt) else time

    def _wanted(self, note: Note) -> TimeWanted | None:
        """The time of a note that is in no file any more, as the settings have it now."""
        (work,) = note_works(replace(note, hold=False), self.around.settings) or (None,)
        return time_wanted(work, self.around.settings) if work else None

    def _nobody_knows(self, look: Look, reference: Reference, comment: Comment) -> DecisionNeeded:
        """What is told of a note that was stamped here, and that no version of any file has: a squash left the stamp's
        message alone. Told once: from then on its comment is recorded."""
        number, web = look.work.number, web_base(self.around.settings.syncro.base_url)
        return DecisionNeeded(
            f"#{number}: comment {comment.id} was posted before from a note that git has no more ({reference}): "
            "nothing tells whether time was to go with it, and none of its own is there",
            remedy=f"look at {web}/tickets/{look.work.id}; enter time that is missing there, or with "
            f"`synclog timers add {number}`",
        )

    def _bring_back(self, path: str, look: Look, note: Note, entry: TrailEntry | None) -> None:
        """Put a note into the file again that was deleted while it was posted; `entry` is what is sure of it."""
        assert note.stamp is not None
        reference = note.stamp.reference
        sight = look.sight or read_back(self.around, look)

        def edit(file: TicketFile) -> FileEdit:
            return FileEdit(added=(note,), sight=sight, owner=self.owner, besides=reference)

        summary = f"push: #{look.work.number} found in Syncro: {reference}, its note was deleted"
        message = message_with(summary, [entry] if entry else [])
        if entry is None and note.minutes is None:
            # Once: whoever deletes it again means it. Its time is never lost by the way.
            message += "\n" + stamp_message("", [reference], taken_back=True).strip() + "\n"
        self.around.desk.rewrite(path, self.mirroring, edit, message)
        self.ledger = self.ledger.with_entry(entry) if entry else self.ledger


def _entry(
    number: TicketNumber, reference: Reference, comment: Comment, time: TimeRecord | None, note: Note | None
) -> TrailEntry:
    timer = time if isinstance(time, TimerEntry) else None
    charge = timer.line_item_id if timer else time.id if time else None
    return TrailEntry(
        op="comment",
        reference=reference,
        ticket=number,
        comment=comment.id,
        timer=timer.id if timer else None,
        line_items=(charge,) if charge else (),
        minutes=(note.minutes if note else timer.minutes if timer else None) if time else None,
        billed_minutes=billed_minutes(time) if time else None,
        labor=note.labor if note and time else None,
        time_waits=note is not None and note.minutes is not None and time is None,
    )


def _decision(number: TicketNumber, comment: Comment, problem: str) -> DecisionNeeded:
    return DecisionNeeded(
        f"#{number}: comment {comment.id} was posted before, and {problem}", remedy=remedy_of(problem)
    )
