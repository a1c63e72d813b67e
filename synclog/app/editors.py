"""Help where people write: schemas of this workspace for editors, and what is staged for a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synclog.app.status import rules_here
from synclog.errors import InvalidFile

if TYPE_CHECKING:
    from synclog.core.schema import Schema
    from synclog.workspace.workspace import Workspace


def schema(workspace: Workspace, kind: str) -> Schema:
    """Return the schema of a kind (of `synclog.core.schema.KINDS`) with this workspace's labor, and the account's
    statuses and technicians as far as they are known here."""
    from synclog.core.schema import schema_of

    return schema_of(kind, rules_here(workspace)())


def write_schemas(workspace: Workspace) -> tuple[str, ...]:
    """Write all schemas into `.synclog/schemas/`, where editors find them; return their paths."""
    from synclog.core.schema import KINDS, file_name, schema_text
    from synclog.core.vscode import SCHEMAS_FOLDER
    from synclog.workspace.paths import STATE

    rules = rules_here(workspace)()
    names = []
    for kind in KINDS:
        name = f"{SCHEMAS_FOLDER}/{file_name(kind)}"
        workspace.write_state(name, schema_text(kind, rules))
        names.append(f"{STATE}/{name}")
    return tuple(names)


def check_staged(workspace: Workspace, index: str | None = None) -> tuple[tuple[InvalidFile, ...], tuple[str, ...]]:
    """Return what is wrong with the ticket files that are staged, as they are staged, and the slips in them.

    `index` is another index than git's usual one, as its hooks are told.
    """
    from synclog.app.files import slips_of
    from synclog.core.ticketfile import parse_ticket_file
    from synclog.workspace.staged import staged_ticket_files

    rules = rules_here(workspace)()
    invalid, valid = [], []
    for path, raw in staged_ticket_files(workspace.history.git, index):
        try:
            valid.append(parse_ticket_file(raw, path, rules))
        except InvalidFile as problem:
            invalid.append(problem)
    return tuple(invalid), slips_of(valid)
