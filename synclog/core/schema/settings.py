"""synclog.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from synclog.core.schema.values import AUDIENCES, DRAFT, NOTHING, Schema, chosen, described, offering
from synclog.core.settings import FORMAT, LIMITS, SECTIONS, Defaults, SessionLogs, SyncroSettings

if TYPE_CHECKING:
    from synclog.core.ticketfields import FileRules

_LINE: Schema = {"not": {"type": ["number", "boolean", "array", "object"]}, "pattern": r"^[^\r\n]*\S[^\r\n]*$"}
_NUMBER: Schema = {"not": {"type": ["string", "boolean", "array", "object"]}, "multipleOf": 1}
_USUAL = SyncroSettings("")
_DESCRIBED: dict[str, str] = {
    "format": "Of the files; leave it to synclog.",
    "timezone": "IANA name, such as America/Phoenix: in which times are shown, and whose days count.",
    "syncro": "How to reach the account.",
    "syncro.base_url": "The account's API address: https://NAME.syncromsp.com/api/v1",
    "syncro.auth": "How the key is sent.",
    "syncro.rate_limit": "Requests a minute, over all synclog processes of this machine.",
    "syncro.timeout": "Seconds a request may be silent.",
    "syncro.settle": "Seconds within which Syncro commits a write whose answer was lost; longer is safer and slower.",
    "labor": "Names for labor products: `alias: product id`, or `alias: {product, round_to, minimum}`. "
    "`synclog doctor --labor` prints them.",
    "labor.product": "The product's id in Syncro.",
    "labor.round_to": "Minutes: billed time is rounded up to a multiple of it.",
    "labor.minimum": "Minutes: the least that is billed.",
    "defaults": "What a note that does not say gets. The plan marks it.",
    "defaults.labor": "An alias of `labor`, for notes with time that name none.",
    "defaults.subject": "Of a note's comment.",
    "defaults.to": "Who sees a note's comment.",
    "defaults.minutes": "Offered where time is asked for, never filled in.",
    "time": "How time reaches Syncro.",
    "time.via": "How the time of a note reaches Syncro.",
    "time.charge_now": "`true`: time is charged as soon as it is posted.",
    "push": "What a push needs.",
    "push.confirm": "What lets a plan be sent.",
    "pull": "What a pull brings.",
    "pull.scope": "Which tickets become files.",
    "session_log": "Session logs.",
    "session_log.per": "What one log is of.",
    "session_log.template": "What logs are made with: the name of a template.",
}
_DEFAULTS: dict[str, object] = {
    "format": FORMAT,
    "timezone": "UTC",
    **{f"syncro.{name}": getattr(_USUAL, name) for name in ("auth", "rate_limit", "timeout", "settle")},
    **{f"defaults.{name}": getattr(Defaults(), name) for name in ("subject", "to", "minutes")},
    "time.via": "comment",
    "time.charge_now": False,
    "push.confirm": "ask",
    "pull.scope": "open",
    **{f"session_log.{name}": getattr(SessionLogs(), name) for name in ("per", "template")},
}
_CHOICES: dict[str, Mapping[str, str]] = {
    "syncro.auth": {"query": "The key goes in the address.", "bearer": "The key goes in a header."},
    "defaults.to": AUDIENCES,
    "time.via": {
        "comment": "Time goes with the comment.",
        "timer": "Time is an entry of its own.",
        "line_item": "Time is a charge.",
    },
    "push.confirm": {
        "ask": "The plan is shown, and a person is asked.",
        "plan": "Only a plan that somebody was shown can be pushed; `--yes` is refused.",
    },
    "pull.scope": {
        "open": 'What the account\'s filter "Not Closed" returns.',
        "mine": "Tickets that are assigned to you.",
        "all": "Tickets of any status.",
    },
    "session_log.per": {"day": "The work of a local day on a ticket.", "push": "What one push posted."},
}


def settings_schema(rules: FileRules | None = None) -> Schema:
    """Return the schema of synclog.yaml. What is not a setting is called wrong, as synclog does."""
    properties = {name: _section(name, rules) for name in SECTIONS}
    return {
        "$schema": DRAFT,
        "title": "synclog: the settings of a workspace",
        **_mapping(properties, required=["syncro"]),
    }


def _section(name: str, rules: FileRules | None) -> Schema:
    keys = {key: _value(f"{name}.{key}", rules) for key in SECTIONS[name]}
    if not keys:
        return _value(name, rules)
    if name == "labor":
        least, most = LIMITS["labor.product"]
        product: Schema = {"type": "integer", "minimum": least, "maximum": most}
        alias = {"anyOf": [product, _mapping({**keys, "product": {**keys["product"], **product}}, ["product"])]}
        aliases = {"type": ["object", "null"], "propertyNames": {"pattern": r"\D"}, "additionalProperties": alias}
        return described(aliases, _DESCRIBED[name])
    required = ["base_url"] if name == "syncro" else []
    section = _mapping(keys, required)
    return described({**section, "type": section["type"] if required else ["object", "null"]}, _DESCRIBED[name])


def _value(name: str, rules: FileRules | None) -> Schema:
    more = {"default": _DEFAULTS[name]} if name in _DEFAULTS else {}
    if name == "format":
        schema: Schema = {**_NUMBER, "minimum": 1, "maximum": FORMAT}
    elif name in LIMITS:
        least, most = LIMITS[name]
        schema = {**_NUMBER, "minimum": least, "maximum": most}
    elif name in _CHOICES:
        schema = chosen(_CHOICES[name])
    elif name == "time.charge_now":
        schema = {"anyOf": [{"type": "boolean"}, NOTHING]}
    elif name == "syncro.base_url":
        schema = {"type": "string", "pattern": r"^https?://[^@?#\s]+$"}
    elif name == "defaults.labor" and rules is not None:
        schema = offering(rules.labor, _LINE)
    else:
        schema = _LINE
    return described(schema, _DESCRIBED[name], **more)


def _mapping(properties: dict[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
