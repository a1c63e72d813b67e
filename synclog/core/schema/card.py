"""The front matter of a customer's card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synclog.core.clientcard import CARD_KEYS
from synclog.core.schema.values import DRAFT, OPTIONAL, WHOLE, Schema, described

if TYPE_CHECKING:
    from synclog.core.ticketfields import FileRules

_KEYS = {
    "customer": "The customer's name.",
    "id": "The customer's id in Syncro.",
    "email": "The customer's e-mail address.",
    "phone": "The customer's telephone number.",
    "mobile": "The customer's mobile number.",
    "address": "The customer's address.",
}


def card_schema(_: FileRules | None = None) -> Schema:
    """Return the schema of `client.md`. Keys of one's own are taken, and kept."""
    properties = {
        key: described(WHOLE if key == "id" else OPTIONAL, f"{_KEYS[key]} Syncro's: pull puts it back.", readOnly=True)
        for key in CARD_KEYS
    }
    return {
        "$schema": DRAFT,
        "title": "synclog: the front matter of a customer's card",
        "type": "object",
        "properties": properties,
        "additionalProperties": True,
    }
