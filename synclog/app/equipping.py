"""What `init` adds to a workspace on request: a command sheet for assistants, settings for an editor, a git hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from synclog.errors import DecisionNeeded, SynclogError
from synclog.workspace.shared import Change, Shared, change_shared

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace

_MESSAGE = "synclog: {}"


@dataclass(frozen=True, slots=True)
class Equipped:
    """`made` are the names of what was written; `told` lines about it; `errors` what was not done, and why."""

    made: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    errors: tuple[SynclogError, ...] = ()

    def and_also(self, other: Equipped) -> Equipped:
        """Return both."""
        return Equipped(self.made + other.made, self.told + other.told, self.errors + other.errors)


def add_assistant(workspace: Workspace) -> Equipped:
    """Write the command sheet for AI coding assistants into the files where they look for it, between its markers."""
    from importlib import resources

    from synclog.core import assistant
    from synclog.core.ownlines import with_section

    sheet = (resources.files("synclog") / "assistant" / "sheet.md").read_text("utf-8")

    def add(head: str, text: str | None) -> str:
        return with_section(head if text is None else text, assistant.BEGIN, assistant.END, sheet)

    changes = {path: partial(add, head) for path, head in assistant.FILES.items()}
    return _shared(workspace, changes, "a command sheet for assistants")


def require_plan(workspace: Workspace) -> Equipped:
    """Set `push.confirm: plan` in synclog.yaml: only a plan that somebody was shown can be pushed."""
    from synclog.core.settingsedit import with_confirm
    from synclog.workspace.paths import SETTINGS_FILE

    changes: dict[str, Change] = {SETTINGS_FILE: lambda text: with_confirm(text or "", "plan")}
    return _shared(workspace, changes, "only a plan that was shown can be pushed")


def add_vscode(workspace: Workspace) -> Equipped:
    """Write what VS Code needs, and what keeps prettier away from ticket files; settings that are there are kept."""
    from synclog.core import vscode
    from synclog.core.jsonc import with_missing
    from synclog.core.ownlines import with_lines
    from synclog.workspace.paths import CLIENTS, STATE

    told: list[str] = []

    def add(path: str, wanted: Mapping[str, Any], text: str | None) -> str:
        fresh, left = with_missing(text, wanted)
        told.extend(line for name in left if (line := f"left as it is: `{name}` in {path}") not in told)
        return fresh

    contents = {
        ".vscode/settings.json": vscode.settings(STATE),
        ".vscode/extensions.json": vscode.EXTENSIONS,
        ".vscode/tasks.json": vscode.TASKS,
        ".vscode/synclog.code-snippets": vscode.snippets(workspace.settings.labor),
    }
    changes: dict[str, Change] = {path: partial(add, path, wanted) for path, wanted in contents.items()}
    changes[".prettierignore"] = lambda text: with_lines(text or "", (f"/{CLIENTS}/",))
    done = _shared(workspace, changes, "settings for VS Code")
    return Equipped(done.made, (*done.told, *told), done.errors)


def add_hook(workspace: Workspace) -> Equipped:
    """Have git in this clone refuse to commit ticket files that are not valid."""
    from synclog.workspace.commithook import set_commit_hook

    try:
        return Equipped((".git/hooks/pre-commit",) if set_commit_hook(workspace.history.git) else ())
    except DecisionNeeded as why:
        return Equipped(errors=(why,))


def _shared(workspace: Workspace, changes: Mapping[str, Change], what: str) -> Equipped:
    done: Shared = change_shared(workspace.root, workspace.history, changes, _MESSAGE.format(what))
    told = tuple(f"{path} has changes of yours that are not committed: commit it yourself" for path in done.uncommitted)
    remedy = "mend the file, or take it out of the way, and run this again"
    left = tuple(DecisionNeeded(f"{path} was left as it is: {why}", remedy=remedy) for path, why in done.left)
    return Equipped(done.changed, told, left)
