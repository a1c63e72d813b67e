"""Ticket files written: new ones, drafts, and edits of the front matter in place. Notes are noteedit.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from synclog.core.document import MARKER, encode_base, parse_document
from synclog.core.frontedit import add_lines, content_of, edited, lines_of, remove_keys, set_values
from synclog.core.merge import Conflict, Value
from synclog.core.notes import Stamp
from synclog.core.oneoffs import OneOff, as_yaml
from synclog.core.ticketkeys import DRAFT_LAYOUT, LAYOUT, LISTS
from synclog.core.yamlemit import Emittable, emit, emit_block
from synclog.core.yamltext import plain
from synclog.errors import UsageError


def render_new_ticket_file(fields: Mapping[str, Value], mirror: str, base: Mapping[str, object]) -> str:
    """Return the text of a file for a ticket that has none: every key of the layout, no notes, no scratch text.

    `mirror` begins and ends with a line end.
    """
    values: dict[str, Emittable] = {key: fields.get(key) or (() if key in LISTS else None) for key in LAYOUT}
    values |= {"notes": (), "invoice": False}
    front = "".join(f"{key}: {emit(value)}\n" for key, value in values.items())
    return f"---\n{front}---\n\n{MARKER}\n{mirror}\n{encode_base(base)}\n"


def render_draft(values: Mapping[str, Value]) -> str:
    """Return the text of a draft, `new-*.md`, with these keys, an empty list of notes and no invoice.

    Raises UsageError for a description that a file can't hold (control characters).
    """
    lines = []
    for key in (*DRAFT_LAYOUT, *(key for key in values if key not in DRAFT_LAYOUT)):
        if key == "notes":
            lines += ["notes: []", "invoice: false"]
        elif key != "invoice" and values.get(key):
            lines.append(f"{key}: {_text_of(key, values[key])}")
    return "---\n" + "\n".join(lines) + "\n---\n"


def _text_of(key: str, value: Value) -> str:
    if key == "description" and isinstance(value, str) and value.strip():
        try:
            return emit_block(value.replace("\r\n", "\n").strip("\n"), 2, "\n")
        except ValueError as error:
            raise UsageError(f"the description can't be kept: {error}", remedy="remove that character") from None
    return emit(value)


def with_draft(text: str, draft: str, known: Collection[str]) -> str:
    """Return a ticket's file with the technician's own of a draft that became that ticket: keys that are neither
    `known` nor there already, as they were typed, and the text. Raises InvalidFile like parsing."""
    source, target = parse_document(draft, ""), parse_document(text, "")
    content: dict[str, object] = dict(content_of(target))
    splices = []
    for entry in source.front.entries:
        key = entry.key.text
        if key in known or key in content:
            continue
        start, end = entry.colon, lines_of(source, entry.key.start, entry.value.end)[1]
        lines = source.text[start:end].removeprefix(":").rstrip("\r\n").replace("\r\n", "\n")
        splices.append(add_lines(target, key, lines.replace("\n", target.newline), LAYOUT))
        content[key] = content_of(source)[key]
    joined = edited(target, splices, content) if splices else text
    own = source.scratch.strip().replace("\r\n", "\n").replace("\n", target.newline)
    if not own or own in target.scratch:
        return joined
    below = parse_document(joined, "")
    at = below.marker[0] if below.marker else below.base_start
    return f"{joined[:at]}{own}{target.newline * 2}{joined[at:]}"


def with_fields(text: str, values: Mapping[str, Value | bool | int], *, path: str = "") -> str:
    """Return `text` with these keys set. One that is missing is added where the layout has it, one that the layout
    does not know at the end. Raises InvalidFile like parsing, EditFailed rather than returning a bent file."""
    return set_values(text, values, LAYOUT, path=path)


def without_keys(text: str, keys: Collection[str], *, path: str = "") -> str:
    """Return `text` without these keys and their lines."""
    return remove_keys(text, keys, path=path)


def with_conflicts(text: str, conflicts: Mapping[str, Conflict], *, path: str = "") -> str:
    """Return `text` with exactly these conflicts; without any, the key is gone."""
    if not conflicts:
        return remove_keys(text, ("conflicts",), path=path)
    shown: dict[str, Emittable] = {
        field: {"theirs": conflict.theirs, "base": conflict.base} for field, conflict in conflicts.items()
    }
    return set_values(text, {"conflicts": shown}, LAYOUT, path=path)


def with_gone(text: str, gone: bool, *, path: str = "") -> str:
    """Return `text` that says, or no longer says, that Syncro does not know the ticket."""
    return set_values(text, {"gone": True}, LAYOUT, path=path) if gone else remove_keys(text, ("gone",), path=path)


def with_state(text: str, *, invoice_after: int | None = None, create: Stamp | None = None, path: str = "") -> str:
    """Return `text` with this state of its invoice or draft under synclog's key; without any, the key is gone, but for
    one-offs that are not finished."""
    state: dict[str, Emittable] = {}
    if invoice_after is not None:
        state["invoice"] = {"after": invoice_after}
    if create is not None:
        state["create"] = create.as_yaml()
    kept = _state_of(text, path)
    return _with_state(text, {**state, **({"doing": kept["doing"]} if "doing" in kept else {})}, path)


def with_doing(text: str, doing: Sequence[OneOff], *, path: str = "") -> str:
    """Return `text` with exactly these one-offs under synclog's key, the rest of which stays."""
    state = {key: value for key, value in _state_of(text, path).items() if key != "doing"}
    return _with_state(text, {**state, **({"doing": [as_yaml(one) for one in doing]} if doing else {})}, path)


def _state_of(text: str, path: str) -> dict[str, Emittable]:
    """What stands under synclog's key, as texts."""
    entry = parse_document(text, path).front.entry("synclog")
    found = plain(entry.value) if entry else None
    return dict(found) if isinstance(found, dict) else {}


def _with_state(text: str, state: Mapping[str, Emittable], path: str) -> str:
    return (
        set_values(text, {"synclog": state}, LAYOUT, path=path) if state else remove_keys(text, ("synclog",), path=path)
    )
