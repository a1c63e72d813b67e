"""The notes of two versions of a file, joined: by reference, then by what they say, then by their place.

The table, per note. "Changed" is anything that it says; a stamp alone is no change.

    ancestor  ours       theirs     then
    has it    unchanged  unchanged  stays, with what either side's stamp knows
    has it    changed    unchanged  ours
    has it    changed    changed    joined where they changed other things; else both wordings, on hold
    has it    unchanged  gone       gone: it was posted there, or deleted
    has it    stamped    gone       stays, unless the other conversation shows its reference: it may be in Syncro
    has it    changed    gone       ours; on hold where it may have been posted there
    lacks it  added      none       stays; on hold where the other conversation shows its reference
    lacks it  added      the same   one note; as two wordings where only the words are the same

With ours and theirs exchanged the rows are the same. A note on hold has a comment above it that says why.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from synclog.core.joining.matching import Triple, matched
from synclog.core.joining.posted import Shown, is_posted, of_none
from synclog.core.joining.saying import joined_saying, saying, worded_by_theirs
from synclog.core.joining.stamps import also_looked_for, join_stamps
from synclog.core.notes import Note, Stamp
from synclog.core.references import is_as_stamped, note_content, note_reference, ticket_of
from synclog.model import Reference, TicketNumber

SideName: TypeAlias = Literal["ours", "theirs"]

BOTH_CHANGED = "merged: this note was changed on both sides; keep one of the two, and take its `hold` away"
MAYBE_POSTED = "merged: this note may have been posted from elsewhere; see below, delete it or take its `hold` away"


@dataclass(frozen=True, slots=True)
class SideNotes:
    """The notes of one version, and the references that its conversation shows."""

    notes: Sequence[Note]
    shown: Collection[Shown] = ()


@dataclass(frozen=True, slots=True)
class JoinedNote:
    """One note of the result: that of `side` at `index` as it stands in the file there, which is to say `note`. `twin`
    is its index on the other side where that says the same, `ancestor` the one there. `remark` is why it is on hold."""

    side: SideName
    index: int
    note: Note
    twin: int | None = None
    ancestor: int | None = None
    remark: str = ""


def join_notes(
    number: TicketNumber | None, ancestor: SideNotes | None, ours: SideNotes, theirs: SideNotes
) -> tuple[JoinedNote, ...]:
    """Return the notes of both sides, in the order of ours; what theirs added stands after what it was added after."""
    return _Joining(number or 0, ancestor, ours, theirs).all()


class _Joining:
    def __init__(self, number: TicketNumber, ancestor: SideNotes | None, ours: SideNotes, theirs: SideNotes) -> None:
        self.number = number
        self.old = ancestor.notes if ancestor else ()
        self.ours, self.theirs = ours.notes, theirs.notes
        mine, other = set(ours.shown), set(theirs.shown)
        self.fresh: dict[SideName, set[Shown]] = {"ours": mine - other, "theirs": other - mine}
        unposted = (not self.fresh["ours"], not self.fresh["theirs"])
        self.triples = matched(self.old, ours.notes, theirs.notes, unposted=unposted)

    def all(self) -> tuple[JoinedNote, ...]:
        placed: list[JoinedNote] = []
        for triple in sorted((t for t in self.triples if t.ours is not None), key=lambda t: t.ours or 0):
            placed += self._one(triple)
        for triple in sorted((t for t in self.triples if t.ours is None and t.theirs is not None), key=_by_theirs):
            for found in self._one(triple):
                placed.insert(self._place(found.index, placed), found)
        return self._stamped_once(placed)

    def _one(self, triple: Triple) -> list[JoinedNote]:
        """What becomes of one note."""
        old = self.old[triple.ancestor] if triple.ancestor is not None else None
        if triple.ours is not None and triple.theirs is not None:
            return self._on_both(triple.ours, triple.theirs, triple.ancestor)
        if triple.ours is not None:
            return self._on_one(JoinedNote("ours", triple.ours, self.ours[triple.ours]), old, "theirs")
        assert triple.theirs is not None
        return self._on_one(JoinedNote("theirs", triple.theirs, self.theirs[triple.theirs]), old, "ours")

    def _on_one(self, kept: JoinedNote, old: Note | None, gone_from: SideName) -> list[JoinedNote]:
        note, fresh = kept.note, self.fresh[gone_from]
        posted = is_posted(self.number, note, fresh)
        if old is None:
            return [_held(kept, MAYBE_POSTED) if posted else kept]
        if saying(note) == saying(old):
            stamped_since = note.stamp is not None and note.stamp != old.stamp
            known = note.stamp is not None and note.stamp.comment is not None
            return [kept] if stamped_since and (known or not posted) else []
        if note.stamp is None and old.stamp is not None:
            kept = replace(kept, note=replace(note, stamp=old.stamp))
        everybody = (*self.old, *self.ours, *self.theirs)
        maybe = posted or is_posted(self.number, old, fresh) or of_none(self.number, everybody, fresh)
        # A stamp is looked for by push, and found: no need to hold it.
        return [_held(kept, MAYBE_POSTED) if maybe and kept.note.stamp is None else kept]

    def _on_both(self, ours: int, theirs: int, ancestor: int | None) -> list[JoinedNote]:
        mine, other = self.ours[ours], self.theirs[theirs]
        old = self.old[ancestor] if ancestor is not None else None
        before = old.stamp if old else None
        joined = joined_saying(old, mine, other)
        if joined is None:
            stamp = join_stamps(before, mine.stamp, other.stamp)
            first = JoinedNote("ours", ours, replace(mine, stamp=stamp), ancestor=ancestor)
            second = JoinedNote("theirs", theirs, replace(other, stamp=self._another(other, stamp)))
            return [_held(first, BOTH_CHANGED), _held(second, BOTH_CHANGED)]
        fits = next((n.stamp.reference for n in (mine, other) if n.stamp and _is_of(n, joined)), None)
        note = replace(joined, stamp=join_stamps(before, mine.stamp, other.stamp, fits))
        alike = saying(mine) == saying(other)
        if worded_by_theirs(old, mine, other) and not alike:
            return [JoinedNote("theirs", theirs, note, ancestor=ancestor)]
        return [JoinedNote("ours", ours, note, theirs if alike else None, ancestor)]

    def _another(self, note: Note, stamp: Stamp | None) -> Stamp | None:
        """A stamp for the second wording of a note that was stamped: an id of its own, and the old one looked for."""
        number = ticket_of(stamp.reference) if stamp else None
        if stamp is None or number is None:
            return None
        taken = {n.stamp.reference for n in (*self.ours, *self.theirs) if n.stamp} | {stamp.reference}
        place = next(p for p in range(1, 10_000) if note_reference(number, note, stamp.day, p) not in taken)
        fresh = Stamp(note_reference(number, note, stamp.day, place), stamp.day, place, stamp.after, stamp.by)
        return also_looked_for(fresh, (*stamp.earlier, stamp.reference))

    def _place(self, index: int, placed: Sequence[JoinedNote]) -> int:
        """Where note `index` of theirs goes: behind the note that it stands behind there, and what ours added there."""
        ours_of = {t.theirs: t.ours for t in self.triples if t.theirs is not None}
        shared = {t.ours for t in self.triples if t.theirs is not None}
        at = 0
        for before in range(index - 1, -1, -1):
            same = [("theirs", before), ("ours", ours_of.get(before))]
            found = [i for i, one in enumerate(placed) if (one.side, one.index) in same]
            if found:
                at = found[-1] + 1
                break
        while at < len(placed) and placed[at].side == "ours" and placed[at].index not in shared:
            at += 1
        return at

    def _stamped_once(self, placed: Sequence[JoinedNote]) -> tuple[JoinedNote, ...]:
        """The notes, no id twice: of two with one id the first keeps it, the other has it looked for."""
        seen: set[Reference] = set()
        found = []
        for one in placed:
            kept = one
            if one.note.stamp is not None and one.note.stamp.reference in seen:
                fresh = replace(one.note, stamp=self._another(one.note, one.note.stamp))
                kept = _held(replace(one, note=fresh), one.remark or BOTH_CHANGED)
            if kept.note.stamp is not None:
                seen.add(kept.note.stamp.reference)
            found.append(kept)
        return tuple(found)


def _held(kept: JoinedNote, why: str) -> JoinedNote:
    return replace(kept, note=replace(kept.note, hold=True), remark=why)


def _is_of(note: Note, joined: Note) -> bool:
    """Whether a note was stamped for what the joined one says."""
    return note_content(note) == note_content(joined) and is_as_stamped(note)


def _by_theirs(triple: Triple) -> int:
    return triple.theirs or 0
