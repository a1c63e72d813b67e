"""What `init` adds on request, and `schema`: help for assistants and editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import StorageFailed, UnsafePath

if TYPE_CHECKING:
    from synclog.app.equipping import Equipped
    from synclog.workspace.workspace import Workspace

EDITORS = ("vscode",)
_KINDS = ("ticket", "draft", "client", "settings")
_ASK = "Set push.confirm: plan in synclog.yaml, so that only a plan that was shown can be pushed (--yes is refused)?"
_SAY = "consider `push: {confirm: plan}` in synclog.yaml: then only a plan that somebody was shown can be pushed"


def equipped(app: App, workspace: Workspace, *, assistant: bool, editor: str | None, hook: bool) -> Equipped:
    """Add to a workspace what was asked for, and the schemas of this workspace, which lie in its caches."""
    from synclog.app.editors import write_schemas
    from synclog.app.equipping import Equipped, add_assistant, add_hook, add_vscode, require_plan

    added = Equipped()
    try:
        write_schemas(workspace)
    except (StorageFailed, UnsafePath) as why:
        added = Equipped(errors=(why,))
    if assistant:
        added = added.and_also(add_assistant(workspace))
        if workspace.settings.confirm != "plan":
            asked = app.interactive and click.confirm(_ASK, default=True, err=True)
            added = added.and_also(require_plan(workspace) if asked else Equipped(told=(_SAY,)))
    if editor == "vscode":
        added = added.and_also(add_vscode(workspace))
    if hook:
        added = added.and_also(add_hook(workspace))
    return added


@click.command(
    epilog="""\b
Examples:
  synclog schema                 into .synclog/schemas/, where init let editors look
  synclog schema draft           one of them, on stdout
"""
)
@click.argument("kind", metavar="[KIND]", required=False, type=click.Choice(_KINDS))
@pass_app
@reporting
def schema(app: App, kind: str | None) -> Report:
    """Write JSON Schemas for editors: of ticket, draft, client or settings.

    They hold this workspace's labor, and the account's statuses and technicians as the last pull saw them. With KIND
    one is printed, else all are written. Needs no network.
    """
    workspace = app.workspace()
    from synclog.app import editors

    if kind is None:
        written = editors.write_schemas(workspace)
        return Report({"written": list(written), "schema": None}, [f"written: {path}" for path in written])
    found = editors.schema(workspace, kind)
    return Report({"written": [], "schema": found}, _text(found).splitlines())


def _text(schema: dict[str, Any]) -> str:
    import json

    return json.dumps(schema, ensure_ascii=False, indent=2)
