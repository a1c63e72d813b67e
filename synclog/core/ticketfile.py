"""A ticket's file: its text into values, all that is wrong with it found at once.

The values a caller works with (notes, stamps, edits, rules) and the edits in place are offered here as well, so that
`ticketfile` is the one door to a ticket's file. Pure: nothing is read or written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from synclog.core.baseline import BaseProblem, decode_base
from synclog.core.document import Document, parse_document, read_bytes, with_mirror
from synclog.core.merge import Conflict, Value
from synclog.core.noteedit import with_added_notes, with_stamps, without_notes
from synclog.core.notereading import Reader, nearest
from synclog.core.notes import Note, NoteDate, Stamp
from synclog.core.oneoffs import OneOff
from synclog.core.ticketedit import (
    render_draft,
    render_new_ticket_file,
    with_conflicts,
    with_doing,
    with_draft,
    with_fields,
    with_gone,
    with_state,
    without_keys,
)
from synclog.core.ticketfields import (
    FieldEdit,
    FileRules,
    base_values,
    field_edits,
    in_their_words,
    read_only_edits,
    read_value,
)
from synclog.core.ticketkeys import DRAFT, LAYOUT, READ_ONLY, STATE, STATE_KEYS, TICKET_EDITABLE, WORK
from synclog.core.yamltext import Entry, Scalar, YamlMap
from synclog.errors import InvalidFile, Problem
from synclog.model import Audience, TicketId, TicketNumber

__all__ = [
    "READ_ONLY",
    "TICKET_EDITABLE",
    "WORK",
    "Conflict",
    "FieldEdit",
    "FileRules",
    "Note",
    "NoteDate",
    "Stamp",
    "TicketFile",
    "Value",
    "decode_base",
    "duplicate_numbers",
    "parse_ticket_file",
    "read_bytes",
    "render_draft",
    "render_new_ticket_file",
    "with_added_notes",
    "with_conflicts",
    "with_doing",
    "with_draft",
    "with_fields",
    "with_gone",
    "with_mirror",
    "with_stamps",
    "with_state",
    "without_keys",
    "without_notes",
]

_DRAFT_NAME = "new-"
_KNOWN = frozenset((*LAYOUT, *STATE))
DRAFT_KEYS = _KNOWN | frozenset(DRAFT)
"""The keys of a draft that are not the technician's own."""
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_OWN_BASE_KEYS = frozenset(
    (*TICKET_EDITABLE, *READ_ONLY, "assigned_to_id", "contact_id", "version", "comment", "timer", "invoices_at")
)


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A ticket's file, valid. `number` and `id` are the base's where there is one: a ticket is known by these.

    `fields` holds every mirrored key, in the account's own spelling where that is known, None where the file does not
    say; `base_values` the same of the base, None without one. `extra` are the technician's own keys. `invoice_after`
    is the highest invoice id of the ticket when its invoice was asked for; `create` the stamp of a draft; `doing` are
    one-offs that are not finished, `doing_line` is where they stand. `warnings` are things that are valid and look like
    slips.
    """

    path: str
    text: str
    number: TicketNumber | None
    id: TicketId | None
    is_draft: bool
    fields: Mapping[str, Value]
    notes: tuple[Note, ...]
    invoice: bool
    invoice_after: int | None
    create: Stamp | None
    description: str | None
    to: Audience | None
    conflicts: Mapping[str, Conflict]
    gone: bool
    extra: tuple[str, ...]
    scratch: str
    mirror: str
    base: Mapping[str, object] | None
    base_values: Mapping[str, Value] | None
    base_problem: BaseProblem | None
    marker_problem: str | None
    edits: tuple[FieldEdit, ...]
    read_only_edits: tuple[FieldEdit, ...]
    warnings: tuple[Problem, ...]
    doing: tuple[OneOff, ...] = ()
    doing_line: int = 0

    @property
    def version(self) -> str:
        """The ticket's version that the base is of; empty without a base."""
        return str(self.base["version"]) if self.base else ""

    @property
    def invoices_at(self) -> str:
        """The version of the ticket at which the invoices were read that the base shows; empty without a base."""
        return str(self.base.get("invoices_at") or self.base["version"]) if self.base else ""

    @property
    def base_invoices(self) -> tuple[str, ...]:
        """The invoice numbers that the base shows."""
        found = self.base_values.get("invoices") if self.base_values else ()
        return found if isinstance(found, tuple) else ()

    @property
    def unknown_base(self) -> dict[str, object]:
        """What the base holds that this synclog does not know: of a newer one, to be kept."""
        return {key: value for key, value in (self.base or {}).items() if key not in _OWN_BASE_KEYS}


def parse_ticket_file(raw: bytes | str, path: str, rules: FileRules) -> TicketFile:
    """Return the ticket's file that `raw` holds. `path` tells a draft (`new-*.md`) and names the file in messages.

    Raises InvalidFile with every problem that was found, each with line, column and remedy.
    """
    text = read_bytes(raw, path) if isinstance(raw, bytes) else raw
    return _Parser(parse_document(text, path), rules).parse()


def duplicate_numbers(files: Iterable[TicketFile]) -> dict[str, Problem]:
    """Return a problem by path for every file whose ticket number another file has too."""
    paths: dict[int, list[str]] = {}
    for file in files:
        if file.number is not None:
            paths.setdefault(file.number, []).append(file.path)
    remedy = "keep one of them, with all its work; delete the other"
    return {
        path: Problem(1, f"ticket {number} is also in {', '.join(p for p in sorted(found) if p != path)}", remedy)
        for number, found in paths.items()
        for path in found
        if len(found) > 1
    }


class _Parser:
    """One parse: reads the parts in turn; what is wrong collects in the reader."""

    def __init__(self, document: Document, rules: FileRules) -> None:
        self.document, self.rules = document, rules
        self.reader = Reader(document, rules.labor, rules.timezone)
        self.entries: dict[str, Entry] = {entry.key.text: entry for entry in document.front.entries}

    def parse(self) -> TicketFile:
        """Return the file, or raise InvalidFile."""
        document, reader, entries = self.document, self.reader, self.entries
        base = base_values(document.base) if document.base is not None else None
        base_problem = document.base_problem or (None if base else "damaged")
        fields = {k: read_value(reader, entries[k]) if k in entries else None for k in (*TICKET_EDITABLE, *READ_ONLY)}
        number, id_ = self._id("number", fields, base), self._id("id", fields, base)
        is_draft = number is None and fields["number"] is None
        if is_draft and not PurePosixPath(document.path).name.startswith(_DRAFT_NAME):
            reader.refuse_file("the file has no `number:`", "put it back; a new ticket's file is called new-….md")
        notes = reader.notes(entries["notes"].value) if "notes" in entries else ()
        invoice = self._boolean("invoice")
        description, to = self._draft(is_draft)
        conflicts, gone = self._conflicts(), self._boolean("gone")
        invoice_after, create, doing = self._state(number)
        edits: tuple[FieldEdit, ...] = ()
        if base is not None or is_draft:
            edits = field_edits(reader, entries, fields, base, self._people(), self.rules)
            fields = in_their_words(fields, base, edits)
        if is_draft and not reader.problems and not fields["subject"]:
            reader.refuse_file("a new ticket needs a `subject:`", "add `subject: …`", entries.get("subject"))
        if reader.problems:
            raise InvalidFile(document.path, tuple(sorted(reader.problems, key=lambda p: (p.line, p.column))))
        return TicketFile(
            path=document.path,
            text=document.text,
            number=number,
            id=id_,
            is_draft=is_draft,
            fields=fields,
            notes=notes,
            invoice=invoice,
            invoice_after=invoice_after,
            create=create,
            description=description,
            to=to,
            conflicts=conflicts,
            gone=gone,
            extra=tuple(key for key in entries if key not in _KNOWN and not (is_draft and key in DRAFT)),
            scratch=document.scratch,
            mirror=document.mirror,
            base=document.base if base else None,
            base_values=base,
            base_problem=None if is_draft else base_problem,
            marker_problem=None if is_draft else document.marker_problem,
            edits=edits,
            read_only_edits=read_only_edits(entries, fields, base) if base else (),
            warnings=self._warnings(is_draft) + self._gone_back(fields, base),
            doing=doing,
            doing_line=entries["synclog"].key.line if doing else 0,
        )

    def _id(self, key: str, fields: Mapping[str, Value], base: Mapping[str, Value] | None) -> int | None:
        """A number that the ticket is known by: the base's, else the file's own."""
        written = base[key] if base else fields[key]
        if isinstance(written, str) and _WHOLE.fullmatch(written):
            return int(written)
        if written is not None and key in self.entries:
            self.reader.refuse(self.entries[key].value, f"`{key}: {written}` is not a whole number", "put it back")
        return None

    def _boolean(self, key: str) -> bool:
        entry = self.entries.get(key)
        return bool(entry and self.reader.boolean(entry.value, key))

    def _people(self) -> dict[str, int | None]:
        base = self.document.base or {}
        ids = {field: base.get(f"{field}_id") for field in ("assigned_to", "contact")}
        return {field: found if isinstance(found, int) else None for field, found in ids.items()}

    def _draft(self, is_draft: bool) -> tuple[str | None, Audience | None]:
        """What a draft says of its first comment."""
        description, to = (self.entries.get(key) if is_draft else None for key in DRAFT)
        text = audience = None
        if description and not (isinstance(description.value, Scalar) and description.value.is_null):
            text = self.reader.text(description.value, "description", opened=description.colon)
        if to and isinstance(to.value, Scalar) and not to.value.is_null:
            audience = self.reader.audience(to.value)
        elif to and not isinstance(to.value, Scalar):
            self.reader.refuse(to.value, "`to` is not one word", "write private, public or email")
        return text, audience

    def _conflicts(self) -> dict[str, Conflict]:
        """The conflicts that stand; an entry may be deleted by hand, and nothing else of it is the technician's."""
        entry, found = self.entries.get("conflicts"), dict[str, Conflict]()
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.is_null):
            return found
        remedy = "synclog wrote it; take it back from git, or delete the whole entry to settle it with your own value"
        if not isinstance(entry.value, YamlMap):
            self.reader.refuse(entry.value, "`conflicts` is not as synclog writes it", remedy)
            return found
        for conflict in entry.value.entries:
            field, sides = conflict.key.text, conflict.value
            keys = {side.key.text for side in sides.entries} if isinstance(sides, YamlMap) else set()
            if field not in TICKET_EDITABLE or not isinstance(sides, YamlMap) or keys != {"theirs", "base"}:
                self.reader.refuse(conflict.key, f"the conflict of `{field[:60]}` is not as synclog writes it", remedy)
                continue
            values = {
                side.key.text: read_value(self.reader, Entry(conflict.key, side.value, 0)) for side in sides.entries
            }
            found[field] = Conflict(theirs=values["theirs"], base=values["base"])
        return found

    def _state(self, number: TicketNumber | None) -> tuple[int | None, Stamp | None, tuple[OneOff, ...]]:
        """synclog's own state of the file: since when an invoice is asked for, a draft's stamp, one-offs under way."""
        entry = self.entries.get("synclog")
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.is_null):
            return None, None, ()
        if self.reader.state(entry.value, STATE_KEYS) is None or not isinstance(entry.value, YamlMap):
            return None, None, ()
        invoice, create, doing = (entry.value.entry(key) for key in STATE_KEYS)
        after = None
        if invoice is not None:
            state = self.reader.state(invoice.value, ("after",)) or {}
            written = state.get("after") or ""
            if _WHOLE.fullmatch(written):
                after = int(written)
            else:
                self.reader.refuse(invoice.value, "`after` of the invoice is not a number", "take it back from git")
        ones = self.reader.one_offs(doing.value, number) if doing else ()
        return after, self.reader.stamp(create.value) if create else None, ones

    def _gone_back(self, fields: Mapping[str, Value], base: Mapping[str, Value] | None) -> tuple[Problem, ...]:
        """A base that is older than what the front matter shows: a merge without synclog's driver put it back."""
        shown, old = fields.get("updated_at"), base.get("updated_at") if base else None
        entry = self.entries.get("updated_at")
        if entry is None or not isinstance(shown, str) or not isinstance(old, str) or not _is_later(shown, old):
            return ()
        message = "`updated_at` is newer than the base in the last line: a merge as text may have put that back"
        return (Problem(entry.key.line, message, "`synclog pull` with the ticket's number mends it", entry.key.column),)

    def _warnings(self, is_draft: bool) -> tuple[Problem, ...]:
        """Keys of the technician's own that look like a slip in one that would be sent."""
        sent = (*TICKET_EDITABLE, *WORK, *(DRAFT if is_draft else ()))
        found = []
        for key, entry in self.entries.items():
            near = nearest(key, sent) if key not in _KNOWN and not (is_draft and key in DRAFT) else None
            if near and (near in WORK or near not in self.entries):
                message = f"`{key}` is a key of your own and is not sent; did you mean `{near}`?"
                found.append(Problem(entry.key.line, message, f"call it `{near}`, or leave it", entry.key.column))
        return tuple(found)


def _is_later(one: str, other: str) -> bool:
    try:
        return datetime.fromisoformat(one) > datetime.fromisoformat(other)
    except (ValueError, TypeError):
        return False
