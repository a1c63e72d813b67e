"""The templates of a workspace: which there are, and copying a packaged one to make it one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from synclog.app.session import templates_of
from synclog.core.settingsfile import TEMPLATE_NAME
from synclog.errors import DecisionNeeded, TemplateFailed, UsageError
from synclog.render.environment import packaged_source, packaged_templates
from synclog.render.sessionlog import template_file
from synclog.workspace import files, paths

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace

FOLDER = "templates"

State = Literal["packaged", "copied", "edited", "own", "unreadable"]


@dataclass(frozen=True, slots=True)
class Template:
    """A template. `state` is `packaged`, or of the workspace: `copied` (as the packaged one), `edited`, `own` (there is
    no packaged one of this name), `unreadable`. `log` is what `session-log --template` calls it, None for others."""

    name: str
    state: State
    log: str | None


@dataclass(frozen=True, slots=True)
class Copied:
    """A template in the workspace. `is_new` says that it was written, `kept` where the one before is, None without."""

    path: str
    is_new: bool
    kept: str | None


def templates_here(workspace: Workspace) -> tuple[Template, ...]:
    """Return all templates of a workspace, its own and the packaged ones, by name."""
    return tuple(Template(name, _state(workspace, name), _log_of(name)) for name in templates_of(workspace).names())


def template_source(workspace: Workspace, name: str, *, packaged: bool = False) -> tuple[str, str]:
    """Return the file name and the source of a template: the workspace's own, unless the `packaged` one is asked for.

    `name` is the file's, or what `session-log --template` calls it. Raises UsageError where there is none,
    TemplateFailed where it can't be read.
    """
    found = _found(workspace, name)
    own = None if packaged else templates_of(workspace).own_source(found)
    if own is None and found not in packaged_templates():
        raise UsageError(f"{found} is the workspace's own, there is no packaged one", remedy="leave out --packaged")
    return found, packaged_source(found) if own is None else own


def copy_template(workspace: Workspace, name: str, *, force: bool = False) -> Copied:
    """Copy a packaged template into the workspace's `templates/`.

    One that is there already and was edited is only replaced with `force`, and kept beside it. Raises UsageError where
    there is no such packaged template, DecisionNeeded where an edited one is there, UnsafePath, StorageFailed.
    """
    found = _found(workspace, name)
    if found not in packaged_templates():
        raise UsageError(f"there is no packaged template {found}", remedy="`synclog templates list` shows all")
    path = f"{FOLDER}/{found}"
    source = packaged_source(found).encode()
    full = paths.inside(workspace.root, path, top=FOLDER)
    kept = None
    if full.exists():
        old = files.read_bytes(full)
        if old.replace(b"\r\n", b"\n") == source:
            return Copied(path, False, None)
        if not force:
            remedy = "`--force` replaces it, and keeps it beside; `synclog templates show NAME --packaged` shows ours"
            raise DecisionNeeded(f"{path} was edited and is left as it is", remedy=remedy)
        place = 1
        while paths.inside(workspace.root, f"{path}.{place}", top=FOLDER).exists():
            place += 1
        kept = f"{path}.{place}"
        files.write_whole(paths.inside(workspace.root, kept, top=FOLDER), old)
    files.write_whole(full, source)
    return Copied(path, True, kept)


def _found(workspace: Workspace, name: str) -> str:
    """The file of the template that somebody means."""
    names = templates_of(workspace).names()
    for candidate in (name, template_file(name) if TEMPLATE_NAME.fullmatch(name) else name):
        if candidate in names:
            return candidate
    raise UsageError(f"there is no template {name!r}", remedy=f"the templates are: {', '.join(names)}")


def _state(workspace: Workspace, name: str) -> State:
    try:
        own = templates_of(workspace).own_source(name)
    except TemplateFailed:
        return "unreadable"
    if own is None:
        return "packaged"
    if name not in packaged_templates():
        return "own"
    return "copied" if own.replace("\r\n", "\n") == packaged_source(name) else "edited"


def _log_of(name: str) -> str | None:
    """What a session log's template is called."""
    before, after = template_file("NAME").split("NAME")
    inner = name.removeprefix(before).removesuffix(after)
    return inner if name == template_file(inner) and TEMPLATE_NAME.fullmatch(inner) else None
