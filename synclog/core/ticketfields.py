"""The mirrored fields of a ticket file: their values, what differs from the base, and whether it can be sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from synclog.core.merge import Value, same
from synclog.core.names import NameProblem, display_names, match_name, match_text, written_id
from synclog.core.notereading import Reader
from synclog.core.settings import Labor
from synclog.core.ticketkeys import LISTS, READ_ONLY, REQUIRED, TICKET_EDITABLE
from synclog.core.yamltext import Entry, Node, Scalar, YamlList
from synclog.model import Person

_IDS = ("number", "id", "customer_id")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
WRITTEN_DATE = f"{_DATE.pattern}|{_TIME.pattern}"
"""An expression for the forms of a due date."""


@dataclass(frozen=True, slots=True)
class FileRules:
    """What a ticket file is checked against. `labor` is by alias. The account's lists are None where they are not
    known: then names are taken as written. `contacts` are by customer id; a customer that is not there is not known."""

    labor: Mapping[str, Labor]
    timezone: tzinfo
    statuses: tuple[str, ...] | None = None
    technicians: tuple[Person, ...] | None = None
    contacts: Mapping[int, tuple[Person, ...]] | None = None
    priorities: tuple[str, ...] | None = None
    problem_types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """A field that differs from the base. `mine` is the account's own spelling where it is known, else as written;
    `id` is the person's where the field names one that is known. `line` is 0 where the key is gone."""

    field: str
    base: Value
    mine: Value
    line: int
    id: int | None = None


def base_values(base: Mapping[str, object]) -> dict[str, Value] | None:
    """Return the mirrored fields of a base as values, ids and numbers as text; None when it is not a ticket's base."""
    values: dict[str, Value] = {}
    for key in (*TICKET_EDITABLE, *READ_ONLY):
        found = base.get(key)
        if key in LISTS:
            if not isinstance(found, list | type(None)) or not all(isinstance(item, str) for item in found or ()):
                return None
            values[key] = tuple(found or ())
        elif key in _IDS:
            if not isinstance(found, int) or isinstance(found, bool):
                return None
            values[key] = str(found)
        elif not isinstance(found, str | None):
            return None
        else:
            values[key] = found
    numbers = all(isinstance(base.get(key, 0), int) for key in ("comment", "timer"))
    return values if isinstance(base.get("version"), str) and numbers else None


def read_value(reader: Reader, entry: Entry) -> Value:
    """Return the value of a mirrored field: a text, None, or for tags and invoices a tuple of texts."""
    key, node = entry.key.text, entry.value
    if key in LISTS:
        return _list(reader, key, node)
    if not isinstance(node, Scalar):
        reader.refuse(node, f"`{key}` is not a text", f"write `{key}: …` on one line")
        return None
    return None if node.is_null else node.text.strip()


def _list(reader: Reader, key: str, node: Node) -> tuple[str, ...]:
    if isinstance(node, Scalar):
        return () if node.is_null else tuple(part for part in map(str.strip, node.text.split(",")) if part)
    items = node.items if isinstance(node, YamlList) else ()
    texts = tuple(item.text for item in items if isinstance(item, Scalar) and not item.is_null)
    if not isinstance(node, YamlList) or len(texts) < len(items):
        reader.refuse(node, f"`{key}` is not a list of words", f"write `{key}: [one, two]`")
    return texts


def field_edits(
    reader: Reader,
    entries: Mapping[str, Entry],
    values: Mapping[str, Value],
    base: Mapping[str, Value] | None,
    people: Mapping[str, int | None],
    rules: FileRules,
) -> tuple[FieldEdit, ...]:
    """Return the editable fields that differ from the base; what can't be sent becomes a problem of `reader`.

    Without a base (a draft) every field that says something is one. `people` are the base's ids of `assigned_to` and
    `contact`. A value that equals the base is never looked at.
    """
    found = []
    for field in TICKET_EDITABLE:
        mine, old = values.get(field), base.get(field) if base else None
        if same(mine, old):
            continue
        entry = entries.get(field)
        if entry is not None and field not in LISTS and not isinstance(entry.value, Scalar):
            continue
        edit = _checked(reader, field, entry, mine, old, rules, _customer(values, base))
        if edit is None or same(edit.mine, old):
            continue
        if edit.id is not None and edit.id == people.get(field):
            continue
        found.append(edit)
    return tuple(found)


def in_their_words(
    values: Mapping[str, Value], base: Mapping[str, Value] | None, edits: Sequence[FieldEdit]
) -> dict[str, Value]:
    """Return `values` with the editable fields as the account spells them: an edit's own value, else the base's."""
    mine: dict[str, Value] = {edit.field: edit.mine for edit in edits}
    return {**values, **{field: mine.get(field, base.get(field) if base else None) for field in TICKET_EDITABLE}}


def read_only_edits(
    entries: Mapping[str, Entry], values: Mapping[str, Value], base: Mapping[str, Value]
) -> tuple[FieldEdit, ...]:
    """Return the read-only keys that differ from the base, compared by value: times as instants, numbers as numbers."""
    return tuple(
        FieldEdit(key, base.get(key), values.get(key), entries[key].key.line if key in entries else 0)
        for key in READ_ONLY
        if _meaning(key, values.get(key)) != _meaning(key, base.get(key))
    )


def _meaning(key: str, value: Value) -> object:
    if isinstance(value, tuple) or value is None:
        return tuple(value or ()) if key in LISTS else value
    if key in _IDS and value.isascii() and value.isdigit():
        return value.lstrip("0")
    if key.endswith("_at"):
        try:
            when = datetime.fromisoformat(value)
        except ValueError:
            return value
        return when.timestamp() if when.tzinfo else value
    return value


def _customer(values: Mapping[str, Value], base: Mapping[str, Value] | None) -> int | None:
    written = (base or values).get("customer_id")
    return int(written) if isinstance(written, str) and written.isascii() and written.isdigit() else None


def _checked(
    reader: Reader,
    field: str,
    entry: Entry | None,
    mine: Value,
    old: Value,
    rules: FileRules,
    customer: int | None,
) -> FieldEdit | None:
    """The edit of a field in the account's own words, None when it can't be sent (which is then a problem)."""
    line = entry.key.line if entry else 0
    if not mine:
        if field in REQUIRED:
            _emptied(reader, field, entry, old)
            return None
        return FieldEdit(field, old, mine, line)
    assert entry is not None
    node = entry.value
    if isinstance(mine, tuple):
        return FieldEdit(field, old, mine, line)
    if field == "subject":
        text = reader.line(node, field) if isinstance(node, Scalar) else None
        return FieldEdit(field, old, text, line) if text else None
    if field == "due_date":
        return FieldEdit(field, old, mine, line) if _is_date(reader, node, mine) else None
    if field in ("assigned_to", "contact"):
        people = rules.technicians if field == "assigned_to" else (rules.contacts or {}).get(customer or 0)
        return _person(reader, field, node, mine, old, people)
    options = {"status": rules.statuses, "priority": rules.priorities, "problem_type": rules.problem_types}[field]
    found = mine if options is None else match_text(mine, options)
    if isinstance(found, NameProblem):
        what = f"is not a {field.replace('_', ' ')} of this account"
        message = f"`{mine}` fits more than one name" if found.candidates else f"`{mine}` {what}"
        reader.refuse(node, message, found.instead(options or ()))
        return None
    return FieldEdit(field, old, found, line)


def _person(
    reader: Reader, field: str, node: Node, mine: str, old: Value, people: Sequence[Person] | None
) -> FieldEdit | None:
    if people is None:
        return FieldEdit(field, old, mine, node.line, written_id(mine))
    found = match_name(mine, people)
    if isinstance(found, NameProblem):
        who = "a technician of this account" if field == "assigned_to" else "a contact of this customer"
        message = f"`{mine}` fits more than one name" if found.candidates else f"`{mine}` is not {who}"
        reader.refuse(node, message, found.instead(person.name for person in people))
        return None
    return FieldEdit(field, old, display_names(people)[found.id], node.line, found.id)


def _emptied(reader: Reader, field: str, entry: Entry | None, old: Value) -> None:
    remedy = f"put it back: {field}: {json.dumps(old, ensure_ascii=False)}" if old else f"add `{field}: …`"
    reader.refuse_file(f"`{field}` can't be empty" if entry else f"`{field}` is missing", remedy, entry)


def _is_date(reader: Reader, node: Node, text: str) -> bool:
    """Whether a due date is a date or a full time."""
    try:
        if _DATE.fullmatch(text):
            date.fromisoformat(text)
            return True
        if _TIME.fullmatch(text):
            datetime.fromisoformat(text)
            return True
    except ValueError:
        pass
    reader.refuse(node, f"`{text}` is not a date", "write 2026-04-20, or a full time: 2026-04-20T17:00:00-07:00")
    return False
