"""The front matter of a ticket's file, and of a new ticket's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synclog.core.durations import format_minutes
from synclog.core.names import display_names
from synclog.core.schema.values import (
    AUDIENCES,
    DRAFT,
    HIDDEN,
    OPTIONAL,
    TEXT,
    WHOLE,
    Schema,
    boolean,
    chosen,
    described,
    due_date,
    duration,
    note_date,
    offering,
)
from synclog.core.ticketfields import WRITTEN_DATE
from synclog.core.ticketkeys import (
    DRAFT_LAYOUT,
    LAYOUT,
    LISTS,
    NOTE_KEYS,
    READ_ONLY,
    REQUIRED,
    STATE,
    TICKET_EDITABLE,
)

if TYPE_CHECKING:
    from synclog.core.ticketfields import FileRules

_KEYS = {
    "subject": "What the ticket is about.",
    "status": "A status of the account; a beginning or a part will do where only one fits.",
    "priority": "Sent as you type it.",
    "problem_type": "Sent as you type it.",
    "due_date": "A date, `2026-04-20`, or a full time, `2026-04-20T17:00:00-07:00`.",
    "assigned_to": "The technician, by name or an unambiguous part of it.",
    "contact": "The customer's contact, by name or an unambiguous part of it; empty takes it away.",
    "tags": "A list of words.",
    "notes": "What was done and how long it took: each becomes a comment with its time, exactly once.",
    "invoice": "`true` asks for an invoice of the ticket's unbilled work; it waits for all notes of the ticket.",
    "number": "The ticket's number.",
    "customer": "The customer's name.",
    "id": "The ticket's id in Syncro.",
    "customer_id": "The customer's id in Syncro.",
    "created_at": "When the ticket was made.",
    "updated_at": "When Syncro changed it last.",
    "resolved_at": "When it was resolved.",
    "url": "The ticket's page in Syncro.",
    "invoices": "The numbers of its invoices.",
    "description": 'The first comment; the subject when left out. Its subject is "Initial Issue".',
    "to": "Who sees the first comment.",
    "synclog": "synclog's own state: leave it.",
    "conflicts": "What both sides changed: settle it with `synclog resolve`, or delete an entry: your value rules.",
    "gone": "Syncro does not know this ticket any more. Written by synclog.",
}
_OF_A_DRAFT = {
    "customer": "Whose ticket it is, by name or a part of it; the customer whose folder it is when left out.",
    "customer_id": "Whose ticket it is, by id; the customer whose folder it is when left out.",
    "assigned_to": "The technician; the key's owner when left out.",
}
_NOTE = {
    "note": "What was done, in markdown. Under `|` any text is taken as it is.",
    "time": "Time worked: `90`, `90m`, `1h30m`, `1.5h`. Nothing is rounded.",
    "billed": "What is billed instead of the time worked, of your own decision; the plan shows both.",
    "labor": "What the time is billed as: an alias of synclog.yaml, or a product id.",
    "subject": "The comment's subject.",
    "to": "Who sees the comment.",
    "date": "When the work began, local: `2026-04-17`, `2026-04-17 09:00`, `today 09:00`, `yesterday`.",
    "hold": "`true`: not yet. It holds back nothing but the ticket's invoice.",
    "synclog": "Written by synclog before the first attempt: leave it. Delete it from a copy of a note.",
}
_STATE: Schema = {"type": ["object", "null"], "readOnly": True, HIDDEN: True}
_EDITABLE = "{} A change is pushed."
_READ_ONLY = "{} Syncro's: an edit holds the ticket's push back."


def ticket_schema(rules: FileRules | None = None) -> Schema:
    """Return the schema of the front matter of a ticket's file. Keys of one's own are taken."""
    properties = {key: _key(key, rules) for key in (*LAYOUT, *STATE)}
    for key in TICKET_EDITABLE:
        properties[key] = described(properties[key], _EDITABLE.format(_KEYS[key]))
    for key in READ_ONLY:
        properties[key] = described(properties[key], _READ_ONLY.format(_KEYS[key]), readOnly=True, **{HIDDEN: True})
    return _front_matter("a ticket", properties, ("number", *REQUIRED), rules)


def draft_schema(rules: FileRules | None = None) -> Schema:
    """Return the schema of the front matter of a new ticket, `new-*.md`."""
    properties = {key: _key(key, rules) for key in (*DRAFT_LAYOUT, *STATE[:2])}
    for key, text in _OF_A_DRAFT.items():
        properties[key] = described(properties[key], text)
    properties["customer_id"]["type"] = [*WHOLE["type"], "null"]
    properties["status"] = described(_status(rules, OPTIONAL), _KEYS["status"])
    return _front_matter("a new ticket", properties, ("subject",), rules)


def _front_matter(
    what: str, properties: dict[str, Schema], required: tuple[str, ...], rules: FileRules | None
) -> Schema:
    return {
        "$schema": DRAFT,
        "title": f"synclog: the front matter of {what}",
        # No type: what stands below the front matter is a second document to a YAML server, and may be anything.
        "properties": properties,
        "required": list(required),
        "additionalProperties": True,
        "definitions": {"note": _note(rules)},
    }


def _key(key: str, rules: FileRules | None) -> Schema:
    text = _KEYS[key]
    if key in ("number", "id", "customer_id"):
        return described(WHOLE, text)
    if key in LISTS:
        return described({"not": {"type": "object"}, "items": OPTIONAL}, text)
    match key:
        case "subject":
            return described(TEXT, text)
        case "status":
            return described(_status(rules, TEXT), text)
        case "priority" | "problem_type":
            known = (rules.priorities if key == "priority" else rules.problem_types) if rules else ()
            return described(offering(known or (), OPTIONAL), text)
        case "assigned_to":
            people = display_names(rules.technicians or ()).values() if rules else ()
            return described(offering(people, OPTIONAL), text)
        case "due_date":
            return described(due_date(WRITTEN_DATE), text)
        case "notes":
            return described({"type": ["array", "null"], "items": {"$ref": "#/definitions/note"}}, text)
        case "invoice" | "gone":
            return described(boolean(), text, **({HIDDEN: True} if key in STATE else {}))
        case "to":
            return described(chosen(AUDIENCES), text)
        case "synclog":
            return described(_STATE, text)
        case "conflicts":
            sides = {"type": "object", "required": ["theirs", "base"], "additionalProperties": False}
            sides["properties"] = {"theirs": {}, "base": {}}
            fields = dict.fromkeys(TICKET_EDITABLE, sides)
            return described({**_STATE, "properties": fields, "additionalProperties": False}, text)
    return described(OPTIONAL, text)


def _status(rules: FileRules | None, otherwise: Schema) -> Schema:
    return offering((rules.statuses or ()) if rules else (), otherwise)


def _note(rules: FileRules | None) -> Schema:
    """A note: a text, or a mapping with at least a text."""
    forms = {
        "note": TEXT,
        "time": {**duration(), "examples": [format_minutes(minutes) for minutes in (15, 30, 60, 90)]},
        "billed": duration(),
        "labor": _labor(rules),
        "subject": OPTIONAL,
        "to": chosen(AUDIENCES),
        "date": {**note_date(), "examples": ["today 09:00", "yesterday"]},
        "hold": boolean(),
        "synclog": _STATE,
    }
    fields: Schema = {
        "type": "object",
        "properties": {key: described(forms[key], _NOTE[key]) for key in NOTE_KEYS},
        "required": ["note"],
        "additionalProperties": False,
    }
    return described({"anyOf": [fields, TEXT]}, "A note: a text, or a mapping with `note`, `time` and more.")


def _labor(rules: FileRules | None) -> Schema:
    product: Schema = {"not": {"type": ["boolean", "array", "object"]}, "multipleOf": 1, "minimum": 1}
    if rules is None:
        return product
    return offering(rules.labor, {**product, "pattern": "^[0-9]+$"})
