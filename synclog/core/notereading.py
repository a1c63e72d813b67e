"""Notes, stamps and other texts out of YAML nodes, with every problem found and where it stands.

A text is refused rather than posted cut or bent: YAML drops what follows ` #`, folds lines, turns `: ` into a mapping
and backslashes in double quotes into control characters, all without a word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, tzinfo
from typing import TypeVar

from synclog.core.document import Document
from synclog.core.durations import parse_minutes
from synclog.core.frontedit import item_span
from synclog.core.notes import Note, NoteDate, Stamp, parse_note_date
from synclog.core.oneoffs import OneOff, from_yaml
from synclog.core.references import REFERENCE
from synclog.core.ticketkeys import NOTE_KEYS
from synclog.core.yamlproblems import block_form
from synclog.core.yamltext import Entry, Node, Scalar, YamlList, YamlMap
from synclog.errors import Problem
from synclog.model import Audience, Minutes, TicketNumber

_AUDIENCES: dict[str, Audience] = {"private": "private", "public": "public", "email": "email"}
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_CUT = re.compile(r"[ \t]+#")
_PLACE = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})/(?P<place>[1-9]\d{0,5})", re.ASCII)
_ID = re.compile(r"\d{1,18}", re.ASCII)
_STAMP_KEYS = ("id", "of", "after", "by", "comment", "problem", "earlier", "not", "again", "time")
_RESTORE = "synclog wrote it; take the line back from git (`git diff`), or delete it if the note was never pushed"
_TAKE_BACK = (
    "take the line back from git (`git diff`), or delete the entry; if it was begun, look at the ticket in the web"
    " interface"
)

_T = TypeVar("_T")


@dataclass(slots=True)
class Reader:
    """Reads nodes of one document; what is wrong collects in `problems`. `labor` are the known aliases."""

    document: Document
    labor: Collection[str]
    zone: tzinfo
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, node: Node, message: str, remedy: str = "") -> None:
        """Note a problem at `node`."""
        self.problems.append(Problem(node.line, message, remedy, node.column))

    def refuse_file(self, message: str, remedy: str, entry: Entry | None = None) -> None:
        """Note a problem with something that is not there: at its empty `entry`, else at the top of the file."""
        line, column = (entry.key.line, entry.key.column) if entry else (1, 1)
        self.problems.append(Problem(line, message, remedy, column))

    # --- notes ---------------------------------------------------------------------------------------------------

    def notes(self, node: Node) -> tuple[Note, ...]:
        """Return the notes of the list `node`; those with a problem are left out."""
        if isinstance(node, Scalar) and node.is_null:
            return ()
        if not isinstance(node, YamlList):
            self.refuse(node, "`notes` is not a list", block_form(self._source(node), key=""))
            return ()
        found = []
        for index, item in enumerate(node.items):
            start, end = (item.start, item.end) if node.flow else item_span(self.document, node, index)
            note = self._note(item, index, start, end)
            if note is not None:
                found.append(note)
        self._stamped_once(found)
        return tuple(found)

    def _note(self, node: Node, index: int, start: int, end: int) -> Note | None:
        before = len(self.problems)
        if isinstance(node, YamlMap):
            note = self._note_of_map(node)
        else:
            note = Note(self.text(node, "note", dash=True, opened=start) or "")
        if len(self.problems) > before or note is None:
            return None
        line_of = self.document.line_of
        return replace(note, index=index, line=line_of(start), end_line=line_of(end))

    def _note_of_map(self, node: YamlMap) -> Note | None:
        if not self._known_keys(node):
            return None
        parts = {entry.key.text: entry for entry in node.entries}
        text = self.text(parts["note"].value, "note", dash=True, opened=parts["note"].colon)
        return Note(
            text=text or "",
            minutes=self._part(parts, "time", self.minutes),
            billed=self._part(parts, "billed", self.minutes),
            labor=self._part(parts, "labor", self.labor_of),
            subject=self._part(parts, "subject", lambda value: self.line(value, "subject")),
            to=self._part(parts, "to", self.audience),
            date=self._part(parts, "date", self.when),
            hold=self._part(parts, "hold", lambda value: self.boolean(value, "hold")) or False,
            stamp=self._part(parts, "synclog", self.stamp),
        )

    def _known_keys(self, node: YamlMap) -> bool:
        """Whether the mapping has a note's text; prose that YAML took for a mapping gets the form that keeps it."""
        keys = [entry.key.text for entry in node.entries]
        unknown = [entry for entry in node.entries if entry.key.text not in NOTE_KEYS]
        prose = bool(unknown) and (len(keys) == 1 or not nearest(unknown[0].key.text, NOTE_KEYS))
        if "note" not in keys and prose:
            message = "YAML reads this text as a mapping, because of a `: ` or a `:` at its end"
            self.refuse(node, message, block_form(self._source(node)))
            return False
        for entry in unknown:
            near = nearest(entry.key.text, NOTE_KEYS)
            hint = f"did you mean `{near}`?" if near else f"a note has {', '.join(NOTE_KEYS[:-1])}"
            self.refuse(entry.key, f"`{entry.key.text[:60]}` is not a key of a note", hint)
        if "note" not in keys and not unknown:
            self.refuse(node, "a note without a text", "add `note:` with what was done")
        return "note" in keys

    def _part(self, parts: Mapping[str, Entry], key: str, read: Callable[[Scalar], _T | None]) -> _T | None:
        entry = parts.get(key)
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.is_null):
            return None
        if not isinstance(entry.value, Scalar) and key != "synclog":
            self.refuse(entry.value, f"`{key}` is not one value", f"write `{key}: …` on one line")
            return None
        return read(entry.value)  # type: ignore[arg-type]

    def _stamped_once(self, notes: list[Note]) -> None:
        seen: dict[str, int] = {}
        for note in notes:
            if note.stamp is None:
                continue
            reference = note.stamp.reference
            if reference in seen:
                message = f"the note's id {reference} is that of the note in line {seen[reference]} as well"
                remedy = "delete the copy; if it is other work, delete its `synclog:` line instead"
                self.problems.append(Problem(note.line, message, remedy))
            seen.setdefault(reference, note.line)

    # --- texts ---------------------------------------------------------------------------------------------------

    def text(self, node: Node, name: str, *, dash: bool = False, opened: int) -> str | None:
        """Return a text that is posted, without blank lines at its ends; None, with a problem, when YAML bends it.

        `opened` is where the dash or the colon before it is.
        """
        if not isinstance(node, Scalar):
            message = f"YAML reads this {name} as a {'list' if isinstance(node, YamlList) else 'mapping'}"
            self.refuse(node, message, block_form(self._source(node), key=name, dash=dash))
            return None
        source = self.document.text[node.start : node.end]
        remedy = block_form(self._whole_line(node), key=name, dash=dash)
        if not node.style and _CUT.match(self.document.text, node.end):
            self.refuse(node, f"YAML cuts this {name} at its ` #`", remedy)
        elif not node.style and "#" in self.document.text[opened : node.start]:
            message = f"YAML drops the lines that begin with `#` before this {name}"
            self.refuse(node, message, block_form(self._unindented(opened, node.end), key=name, dash=dash))
        elif node.style not in ("|", ">") and "\n" in source:
            self.refuse(node, f"YAML folds the lines of this {name} into one", remedy)
        elif node.style == '"' and (bad := _CONTROL.search(node.text)):
            escape = f"a backslash in double quotes makes a control character (U+{ord(bad[0]):04X}) here"
            self.refuse(node, escape, block_form(source[1:-1], key=name, dash=dash))
        elif node.is_null or not node.text.strip():
            self.refuse(node, f"this {name} is empty", "write what was done, or delete it")
        else:
            return node.text.strip("\n")
        return None

    def line(self, node: Scalar, name: str) -> str | None:
        """Return a text that is one line, such as a subject; None, with a problem, when it is not or YAML cuts it."""
        text = node.text.strip()
        if not node.style and _CUT.match(self.document.text, node.end):
            self.refuse(node, f"YAML cuts this {name} at its ` #`", f"put the {name} in double quotes")
        elif _CONTROL.search(text):
            self.refuse(node, f"this {name} is not one line of text", "write it on one line")
        else:
            return text
        return None

    def _source(self, node: Node) -> str:
        """A node as it was typed, for a remedy: its lines without their common indentation."""
        lines = self.document.text[node.start : max(node.end, node.start)].splitlines()
        pad = " " * (node.column - 1)
        return "\n".join(line.removeprefix(pad) for line in lines)

    def _whole_line(self, node: Scalar) -> str:
        """A text as it was typed, with what YAML cuts off its line, and without its quotes."""
        text = self.document.text
        if node.style in ("'", '"'):
            return self._unindented(node.start + 1, node.end - 1)
        return self._unindented(node.start, text.find("\n", node.end) if not node.style else node.end)

    def _unindented(self, start: int, end: int) -> str:
        lines = (line.strip() for line in self.document.text[start:end].splitlines())
        return "\n".join(lines).strip("\n").removeprefix("- ")

    # --- values --------------------------------------------------------------------------------------------------

    def minutes(self, node: Scalar) -> Minutes | None:
        """Return whole minutes."""
        try:
            return parse_minutes(node.text)
        except ValueError as error:
            said, _, forms = str(error).partition(": ")
            self.refuse(node, said, forms)
            return None

    def labor_of(self, node: Scalar) -> str | None:
        """Return a labor alias that synclog.yaml knows, or a product id, as written."""
        text = node.text.strip()
        if text in self.labor or _ID.fullmatch(text):
            return text
        near = nearest(text, self.labor)
        known = ", ".join(self.labor) or "none yet: add `labor:` to synclog.yaml"
        hint = f"did you mean `{near}`? " if near else ""
        self.refuse(node, f"`{text}` is not a labor of synclog.yaml", f"{hint}known: {known}; or write a product id")
        return None

    def audience(self, node: Scalar) -> Audience | None:
        """Return who gets a comment."""
        found = _AUDIENCES.get(node.text.strip())
        if found is None:
            near = nearest(node.text, _AUDIENCES)
            hint = f"did you mean `{near}`? " if near else ""
            self.refuse(node, f"`to: {node.text}` is nobody", f"{hint}write private, public or email")
        return found

    def boolean(self, node: Node, name: str) -> bool | None:
        """Return a plain true or false (yes, no, on, off); None, with a problem, for anything else."""
        if isinstance(node, Scalar) and node.is_null:
            return False
        found = _BOOLEANS.get(node.text.lower()) if isinstance(node, Scalar) and not node.style else None
        if found is None:
            self.refuse(node, f"`{name}` is not true or false", f"write `{name}: true` or `{name}: false`")
        return found

    def when(self, node: Scalar) -> NoteDate | None:
        """Return when work began: a date, a date with a local time, `today` or `yesterday`."""
        try:
            found = parse_note_date(node.text)
        except ValueError as error:
            said, _, forms = str(error).partition(": ")
            self.refuse(node, said, forms)
            return None
        day, begun = found.day, found.time
        if day and begun and not self._exists(day, begun):
            self.refuse(
                node, f"`{node.text}` did not exist: the clocks went forward", "write the time after the change"
            )
            return None
        return found

    def _exists(self, day: date, begun: time) -> bool:
        local = datetime.combine(day, begun, self.zone)
        try:
            return local.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None)
        except OverflowError:
            return True

    # --- synclog's own -------------------------------------------------------------------------------------------

    def stamp(self, node: Node) -> Stamp | None:
        """Return the stamp that `synclog:` holds."""
        values = self.state(node, _STAMP_KEYS)
        if values is None:
            return None
        place = _PLACE.fullmatch(values.pop("of", None) or "")
        reference, after, by = values.get("id"), values.get("after"), values.get("by")
        comment = values.get("comment")
        earlier, passed = self._listed(node, "earlier", REFERENCE), self._listed(node, "not", _ID)
        ids = [number for number in (after, by, comment or "0") if number and _ID.fullmatch(number)]
        whole = values.get("again") in (None, "true") and values.get("time") in (None, "settled")
        lists = earlier is not None and passed is not None
        if place is None or not REFERENCE.fullmatch(reference or "") or len(ids) < 3 or not whole or not lists:
            self.refuse(node, "the `synclog:` of this note is not whole", _RESTORE)
            return None
        try:
            day = date.fromisoformat(place["day"])
        except ValueError:
            self.refuse(node, "the `synclog:` of this note names no day", _RESTORE)
            return None
        return Stamp(
            reference=reference or "",
            day=day,
            place=int(place["place"]),
            after=int(after or 0),
            by=int(by or 0),
            comment=int(comment) if comment else None,
            problem=values.get("problem"),
            earlier=earlier or (),
            passed=tuple(map(int, passed or ())),
            again=values.get("again") is not None,
            time_settled=values.get("time") is not None,
        )

    def one_offs(self, node: Node, number: TicketNumber | None) -> tuple[OneOff, ...]:
        """Return the one-offs of the list that stands under `doing`, of the ticket `number`."""
        found: dict[str, OneOff] = {}
        items = node.items if isinstance(node, YamlList) else (node,)
        for item in items:
            entries = item.entries if isinstance(item, YamlMap) else ()
            texts = {e.key.text: e.value.text for e in entries if isinstance(e.value, Scalar) and not e.value.is_null}
            try:
                if not isinstance(node, YamlList) or not entries or len(texts) < len(entries):
                    raise ValueError("it is not one of a list, with a word for each key")
                one = from_yaml(texts, number)
                if one.id in found:
                    raise ValueError("it stands there twice")
            except ValueError as error:
                self.refuse(item, f"an entry of `doing` is not as synclog wrote it: {error}", _TAKE_BACK)
                continue
            found[one.id] = one
        return tuple(found.values())

    def state(self, node: Node, keys: Collection[str]) -> dict[str, str | None] | None:
        """Return the texts of a mapping that synclog writes, which has no other keys than `keys`."""
        if not isinstance(node, YamlMap) or any(entry.key.text not in keys for entry in node.entries):
            self.refuse(node, "this `synclog:` is not as synclog writes it", _RESTORE)
            return None
        scalars = [e for e in node.entries if isinstance(e.value, Scalar)]
        return {e.key.text: None if e.value.is_null else e.value.text for e in scalars if isinstance(e.value, Scalar)}

    def _listed(self, node: Node, key: str, form: re.Pattern[str]) -> tuple[str, ...] | None:
        """The texts of a list that synclog writes, none without the key; None where one is not of that form."""
        entry = node.entry(key) if isinstance(node, YamlMap) else None
        if entry is None:
            return ()
        items = entry.value.items if isinstance(entry.value, YamlList) else ()
        found = tuple(item.text for item in items if isinstance(item, Scalar) and form.fullmatch(item.text))
        return found if found and len(found) == len(items) else None


def nearest(word: str, known: Collection[str]) -> str | None:
    """Return the one of `known` that `word` was probably meant to be, None when nothing is near."""
    found = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.7)
    return found[0] if found else None
