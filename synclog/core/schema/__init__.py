"""JSON Schemas (draft 7, which every YAML language server reads) of what people write, for completion, hover help and
hints in editors. Made of the same tables that the parsers go by.

They never call wrong what synclog takes, and do not see all that it refuses: `synclog check` has the last word.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from synclog.core.schema.card import card_schema
from synclog.core.schema.settings import settings_schema
from synclog.core.schema.ticket import draft_schema, ticket_schema
from synclog.core.schema.values import Schema

if TYPE_CHECKING:
    from synclog.core.ticketfields import FileRules

__all__ = ["KINDS", "Schema", "file_name", "schema_of", "schema_text"]

KINDS: dict[str, Callable[[FileRules | None], Schema]] = {
    "ticket": ticket_schema,
    "draft": draft_schema,
    "client": card_schema,
    "settings": settings_schema,
}
"""What there is a schema of: a ticket's front matter, that of a new one, a customer's card, synclog.yaml."""


def schema_of(kind: str, rules: FileRules | None = None) -> Schema:
    """Return the schema of a kind. With `rules` it offers the labor, statuses and people of one workspace as well."""
    return KINDS[kind](rules)


def schema_text(kind: str, rules: FileRules | None = None) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema_of(kind, rules), ensure_ascii=False, indent=2) + "\n"


def file_name(kind: str) -> str:
    """Return what the file of a schema is called."""
    return f"{kind}.schema.json"
