"""One ticket in Syncro and its file in clones that edit, pull and post: what there is to merge, made step by step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from support.ticketfiles import BASE
from synclog.core import ticketfile
from synclog.core.fields import mirror_hash
from synclog.core.joining.rules import RULES
from synclog.core.merge import merge_fields
from synclog.core.mirror import Entry, Mirror, render_mirror
from synclog.core.notes import Note, Stamp
from synclog.core.references import note_reference
from synclog.core.ticketfile import READ_ONLY, TICKET_EDITABLE, TicketFile

NUMBER = 32162
TODAY = date(2026, 4, 24)
WORDS = (
    "Replaced the failed disk and rebuilt the array.",
    "Called back, no answer.",
    "Moved the phones to the new switch:\n\n- front desk\n- room 3",
    "Installed updates; restarted twice.",
    "Checked the backup # all green",
)
STATUSES = ("New", "In Progress", "Waiting on Customer", "Resolved")


@dataclass
class Server:
    """What Syncro says of the ticket. `posted` are the texts of notes that were posted."""

    fields: dict[str, Any] = field(default_factory=lambda: dict(BASE))
    comments: list[tuple[datetime, str]] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    changes: int = 0

    def changed(self, **values: Any) -> None:
        self.changes += 1
        moment = datetime(2026, 4, 20, 9, 0, tzinfo=UTC) + timedelta(hours=self.changes)
        version = moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        self.fields |= {**values, "version": version, "updated_at": moment.isoformat()}

    def values(self) -> dict[str, Any]:
        return {
            key: tuple(v) if isinstance(v, list) else None if v is None else str(v)
            for key, v in self.fields.items()
            if key in (*TICKET_EDITABLE, *READ_ONLY)
        }

    def mirror(self) -> str:
        entries = (Entry(when, "Mika Sandoval", "Update", "public", text) for when, text in self.comments)
        first = Entry(datetime(2026, 4, 15, 9, 12, tzinfo=UTC), "Lena Fjord", "Initial Issue", "public", "It is slow.")
        return render_mirror(Mirror(entries=(first, *entries)))

    def base(self) -> dict[str, Any]:
        return {**self.fields, "comment": 5512 + len(self.comments), "mirror": mirror_hash(self.mirror())}

    def new_file(self) -> str:
        return ticketfile.render_new_ticket_file(self.values(), self.mirror(), self.base())


@dataclass
class Clone:
    """One copy of the file, with what a technician, and synclog, does to it."""

    server: Server
    text: str
    own: int = 0

    @property
    def file(self) -> TicketFile:
        return parsed(self.text)

    def copy(self, name: int) -> Clone:
        return replace(self, own=name)

    # --- what a technician does --------------------------------------------------------------------------------------

    def set_field(self, name: str, value: Any) -> None:
        self.text = ticketfile.with_fields(self.text, {name: value})

    def set_invoice(self, wanted: bool) -> None:
        self.text = ticketfile.with_fields(self.text, {"invoice": wanted})

    def add_note(self, words: str, minutes: int | None = None) -> None:
        self.text = ticketfile.with_added_notes(self.text, [Note(words, minutes=minutes)])

    def reword(self, place: int, words: str) -> None:
        """Change a note's text and nothing else of it."""
        notes = self.file.notes
        if notes:
            old = notes[place % len(notes)]
            rest = list(notes)
            rest[old.index] = replace(old, text=words)
            self._rewritten(rest)

    def retime(self, place: int, minutes: int) -> None:
        notes = self.file.notes
        if notes:
            rest = list(notes)
            at = place % len(notes)
            rest[at] = replace(rest[at], minutes=minutes)
            self._rewritten(rest)

    def _rewritten(self, notes: list[Note]) -> None:
        empty = ticketfile.without_notes(self.text, range(len(self.file.notes)))
        self.text = ticketfile.with_added_notes(empty, notes)

    def delete(self, place: int) -> None:
        notes = self.file.notes
        if notes:
            self.text = ticketfile.without_notes(self.text, [place % len(notes)])

    def scratch(self, line: str) -> None:
        self.text = self.text.replace("\n<!-- synclog:mirror", f"\n{line}\n<!-- synclog:mirror", 1)

    def scratch_changed(self, old: str, new: str) -> None:
        self.text = self.text.replace(f"\n{old}\n", f"\n{new}\n", 1)

    def own_key(self, name: str, value: str) -> None:
        self.text = ticketfile.with_fields(self.text, {name: value})

    def comment(self, key: str, words: str) -> None:
        self.text = self.text.replace(f"\n{key}:", f"\n# {words}\n{key}:", 1)

    # --- what synclog does -------------------------------------------------------------------------------------------

    def stamp(self, place: int) -> None:
        notes = self.file.notes
        if notes and notes[place % len(notes)].stamp is None:
            note = notes[place % len(notes)]
            self.text = ticketfile.with_stamps(self.text, {note.index: self._stamp(note)})

    def _stamp(self, note: Note) -> Stamp:
        taken = {n.stamp.reference for n in self.file.notes if n.stamp}
        shown = "".join(text for _, text in self.server.comments)
        for at in range(1, 100):
            reference = note_reference(NUMBER, note, TODAY, at)
            if reference not in taken and reference not in shown:
                return Stamp(reference, TODAY, at, 5512, 1735)
        raise AssertionError("no place is free")

    def post(self, place: int) -> None:
        """Post a note: it is a comment now, and gone from the file."""
        self.stamp(place)
        notes = self.file.notes
        if not notes:
            return
        note = notes[place % len(notes)]
        assert note.stamp is not None
        if note.hold or any(note.stamp.reference in text for _, text in self.server.comments):
            return
        self.server.changed()
        when = datetime(2026, 4, 24, 9, len(self.server.comments), tzinfo=UTC)
        self.server.comments.append((when, f"{note.text}\n\nRef {note.stamp.reference}"))
        self.server.posted.append(note.text)
        self.text = ticketfile.without_notes(self.text, [note.index])
        self.pull()

    def push_fields(self) -> None:
        """Send the fields that are edited and in no conflict, then pull."""
        file = self.file
        sent = {e.field: list(e.mine) if isinstance(e.mine, tuple) else e.mine for e in file.edits}
        sent = {name: value for name, value in sent.items() if name not in file.conflicts}
        if sent:
            self.server.changed(**sent)
            self.pull()

    def pull(self) -> None:
        file, theirs = self.file, self.server.values()
        merged = merge_fields(TICKET_EDITABLE, file.base_values, file.fields, theirs, file.conflicts)
        text = ticketfile.with_fields(self.text, {**merged.values, **{k: theirs[k] for k in READ_ONLY}})
        if dict(file.conflicts) != merged.conflicts:
            text = ticketfile.with_conflicts(text, merged.conflicts)
        self.text = ticketfile.with_mirror(text, self.server.mirror(), self.server.base())


def parsed(text: str) -> TicketFile:
    return ticketfile.parse_ticket_file(text, "clients/hollow-oak-dental/tickets/32162-server-upgrade.md", RULES)
