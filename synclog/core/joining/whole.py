"""The whole file: which mirror is the newer one, each side's own part put onto it, and the parts put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synclog.core.cleantext import clean_line
from synclog.core.document import MARKER, REPORT, Document, parse_document
from synclog.core.fields import mirror_hash
from synclog.core.joining.fields import FieldsJoined, SideFields, join_fields
from synclog.core.joining.front import aligned, front_of, joined_front
from synclog.core.joining.lines import changed_one, marked_text, merged_text
from synclog.core.joining.notes import JoinedNote, SideNotes, join_notes
from synclog.core.joining.notetext import joined_lines, note_lines
from synclog.core.joining.posted import shown_in
from synclog.core.joining.rules import RULES
from synclog.core.joining.saying import saying
from synclog.core.joining.state import SideState, join_state
from synclog.core.merge import Value, same
from synclog.core.noteedit import with_note_keys, with_stamps
from synclog.core.ticketedit import with_conflicts, with_doing, with_fields, with_gone, with_state
from synclog.core.ticketfile import TicketFile, parse_ticket_file
from synclog.core.ticketkeys import LAYOUT, READ_ONLY, STATE, TICKET_EDITABLE
from synclog.errors import EditFailed, InvalidFile, Problem

_KNOWN = frozenset((*LAYOUT, *STATE))
_IN_DRAFTS = frozenset((*TICKET_EDITABLE, "invoice", *STATE))


@dataclass(frozen=True, slots=True)
class Joined:
    """The merged `text`, and what is `left` to decide in it, a line each."""

    text: str
    left: tuple[str, ...] = ()


def merge(ancestor: str | None, ours: str, theirs: str, path: str = "") -> Joined:
    """Return two versions of one ticket's file joined; `ancestor` is what both were made of, None where there is none.

    Names are taken as they are written: neither settings nor the account's lists are needed. Raises InvalidFile when
    one of the two is not valid or they are not of one ticket, EditFailed rather than returning a bent file.
    """
    if ours == theirs or theirs == ancestor:
        return Joined(ours)
    if ours == ancestor:
        return Joined(theirs)
    sides = _Side.of(ours, path), _Side.of(theirs, path)
    old = _ancestor(ancestor, path)
    numbers = {side.file.number for side in sides if side.file.number is not None}
    if len(numbers) > 1:
        message = f"these are the files of two tickets, {' and '.join(f'#{n}' for n in sorted(numbers))}"
        raise InvalidFile(path, (Problem(1, message, "keep each in a file of its own"),))
    return _Merge(old, *sides).done()


def conflicted(ancestor: str | None, ours: str, theirs: str) -> str:
    """Return both versions line by line, with git's conflict markers where both changed the same lines."""
    return marked_text(ancestor, ours, theirs, ("ours", "theirs"))


@dataclass(frozen=True, slots=True)
class _Side:
    """One version, with `\\n` line ends; `newline` are those that it had."""

    file: TicketFile
    document: Document
    newline: str

    @classmethod
    def of(cls, text: str, path: str) -> _Side:
        newline = parse_document(text, path).newline
        plain = text.replace("\r\n", "\n")
        document = parse_document(plain, path)
        is_draft = document.base is None and document.front.entry("number") is None
        file = parse_ticket_file(plain, "new-ticket.md" if is_draft else path or "ticket.md", RULES)
        return cls(file, document, newline)

    def fields(self, ancestor: _Side | None) -> SideFields:
        base = self.file.base_values
        if base is None and ancestor is not None and not self.file.is_draft:
            base = ancestor.file.base_values
        return SideFields(self.file.fields, base, self.file.conflicts, self.file.is_draft)

    def notes(self) -> SideNotes:
        return SideNotes(self.file.notes, shown_in(self.file.mirror))

    def state(self) -> SideState:
        file = self.file
        return SideState(file.invoice, file.invoice_after, file.create, file.gone, file.doing)

    def age(self) -> tuple[object, ...]:
        """What orders mirrors: the version; of one version the one that nobody bent, and that knows more."""
        base = self.file.base or {}
        intact = base.get("mirror") == mirror_hash(self.file.mirror)
        known = (base.get("comment") or 0, base.get("timer") or 0, self.file.invoices_at)
        return (self.file.version, intact, *known, self.document.text[self.document.base_start :])

    def below(self) -> str:
        """The marker line and all below it."""
        text, document = self.document.text, self.document
        if document.marker is not None:
            return text[document.marker[0] :]
        return f"{MARKER}\n\n{text[document.base_start :]}" if document.base is not None else ""


def _ancestor(text: str | None, path: str) -> _Side | None:
    """The ancestor; one that is not valid (a merge of ancestors with conflicts in it) is none."""
    if not text:
        return None
    try:
        return _Side.of(text, path)
    except InvalidFile:
        return None


class _Merge:
    """One merge: what is decided of each part, then the text with just that."""

    def __init__(self, old: _Side | None, ours: _Side, theirs: _Side) -> None:
        self.old, self.ours, self.theirs = old, ours, theirs
        based = [side for side in (ours, theirs) if side.file.base is not None]
        self.newest = max(based, key=_Side.age) if based else None
        self.says: Mapping[str, Value] = (self.newest.file.base_values or {}) if self.newest else {}
        self.fields: FieldsJoined = join_fields(
            old.fields(old) if old else None, ours.fields(old), theirs.fields(old), self.says
        )
        self.notes: tuple[JoinedNote, ...] = join_notes(
            ours.file.number or theirs.file.number, old.notes() if old else None, ours.notes(), theirs.notes()
        )
        self.state = join_state(old.state() if old else None, ours.state(), theirs.state())
        self.own_clashes: tuple[str, ...] = ()

    def done(self) -> Joined:
        """Return the merged file."""
        text = self._with_values(self._assembled())
        self._check(text)
        newlines = [side.newline for side in (self.ours, self.theirs)]
        newline = changed_one(self.old.newline, *newlines) if self.old else newlines[0]
        return Joined(text if newline == "\n" else text.replace("\n", newline), self._left())

    def _assembled(self) -> str:
        """The parts as they were typed; values that were decided otherwise are set afterwards."""
        old, ours, theirs = self._on_newest(self.old), self._on_newest(self.ours), self._on_newest(self.theirs)
        assert ours is not None
        assert theirs is not None
        columns = ours.front.column, theirs.front.column
        column = changed_one(old.front.column, *columns) if old else columns[0]
        ours, theirs, old = aligned(ours, column), aligned(theirs, column), aligned(old, column) if old else None
        lines = joined_lines(self.notes, note_lines(old) if old else None, note_lines(ours), note_lines(theirs))
        fronts = front_of(old) if old else None, front_of(ours), front_of(theirs)
        front, self.own_clashes = joined_front(*fronts, lines, _KNOWN if self.newest else _IN_DRAFTS)
        scratch, below = self._scratch(), (self.newest or self.ours).below()
        gap = "\n" if scratch and below and not scratch.endswith("\n") else ""
        return f"{front}{scratch}{gap}{below}"

    def _scratch(self) -> str:
        old = self.old.document.scratch if self.old else None
        return merged_text(old, self.ours.document.scratch, self.theirs.document.scratch)

    def _on_newest(self, side: _Side | None) -> Document | None:
        """A side's document with what is not its own edit as the newest mirror says it: what is left are its edits."""
        if side is None or self.newest is None:
            return side.document if side else None
        fields = side.fields(self.old)
        values = {key: self.says.get(key) for key in TICKET_EDITABLE if fields.wish(key) is None}
        if fields.wish("tags") is not None:
            values["tags"] = join_fields(None, fields, fields, self.says).values["tags"]
        values |= {key: self.says.get(key) for key in READ_ONLY}
        return parse_document(_with_fields(side.document.text, side.file, values), side.document.path)

    def _with_values(self, text: str) -> str:
        # Stamps first: until they are right an id may stand twice.
        text = with_stamps(text, {at: one.note.stamp for at, one in enumerate(self.notes) if self._is_restamped(one)})
        file = _parsed(text, self._path())
        text = _with_fields(text, file, self.fields.values)
        if self.newest is not None:
            text = _with_fields(text, file, {key: self.says.get(key) for key in READ_ONLY})
        if file.invoice != self.state.invoice:
            text = with_fields(text, {"invoice": self.state.invoice})
        if dict(file.conflicts) != dict(self.fields.conflicts):
            text = with_conflicts(text, self.fields.conflicts)
        if (file.invoice_after, file.create) != (self.state.invoice_after, self.state.create):
            text = with_state(text, invoice_after=self.state.invoice_after, create=self.state.create)
        if file.doing != self.state.doing:
            text = with_doing(text, self.state.doing)
        if file.gone != self.state.gone:
            text = with_gone(text, self.state.gone)
        for index, (there, joined) in enumerate(zip(file.notes, self.notes, strict=True)):
            text = with_note_keys(text, index, there, joined.note)
        return text

    def _is_restamped(self, joined: JoinedNote) -> bool:
        sides = (self.ours, self.theirs) if joined.side == "ours" else (self.theirs, self.ours)
        places = zip(sides, (joined.index, joined.twin), strict=True)
        return any(at is not None and side.file.notes[at].stamp != joined.note.stamp for side, at in places)

    def _check(self, text: str) -> None:
        """Raise EditFailed unless the text reads back as what was decided."""
        file = _parsed(text, self._path())
        wanted = [(saying(joined.note), joined.note.stamp) for joined in self.notes]
        right = (
            wanted == [(saying(note), note.stamp) for note in file.notes]
            and all(same(file.fields.get(key), value) for key, value in self.fields.values.items())
            and dict(file.conflicts) == dict(self.fields.conflicts)
            and SideState(file.invoice, file.invoice_after, file.create, file.gone, file.doing) == self.state
            and text.endswith((self.newest or self.ours).below())
        )
        if not right:
            raise EditFailed("the merged file would not read as what both sides wrote", remedy=REPORT)

    def _path(self) -> str:
        return "new-ticket.md" if self.ours.file.is_draft and self.theirs.file.is_draft else "ticket.md"

    def _left(self) -> tuple[str, ...]:
        known = {*self.ours.file.conflicts.items(), *self.theirs.file.conflicts.items()}
        fresh = [field for field, conflict in self.fields.conflicts.items() if (field, conflict) not in known]
        lines = [f"`{field}` was changed on both sides, differently" for field in fresh]
        # A key may hold line ends, and these lines go into commit messages.
        own = [clean_line(key)[:60] for key in self.own_clashes]
        lines += [f"`{key}` was changed on both sides; theirs is a comment above it" for key in own]
        lines += [f"a note is on hold: {joined.remark}" for joined in self.notes if joined.remark]
        return tuple(lines)


def _with_fields(text: str, file: TicketFile, values: Mapping[str, Value]) -> str:
    """The text with those of `values` set that `file` has otherwise."""
    changed = {key: value for key, value in values.items() if not same(file.fields.get(key), value)}
    return with_fields(text, changed) if changed else text


def _parsed(text: str, path: str) -> TicketFile:
    try:
        return parse_ticket_file(text, path, RULES)
    except InvalidFile as invalid:
        raise EditFailed(f"the merged file would not be valid: {invalid.message}", remedy=REPORT) from None
