"""Making a workspace, or adopting a folder or repository as one. Needs neither key nor network.

Only what is missing is added, to files that may already be there; a second run finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from synclog.core.ownlines import with_lines
from synclog.core.settings import Settings, TimeVia
from synclog.core.settingsfile import host_of, parse_base_url, parse_settings
from synclog.core.settingstext import default_settings_text
from synclog.errors import RepositoryState, SettingsError, UsageError
from synclog.workspace.files import TEMPORARY, read_text, write_whole
from synclog.workspace.gitrun import Git, init_repository
from synclog.workspace.gitsettings import prepare_for_many_files
from synclog.workspace.history import History
from synclog.workspace.mergedriver import set_driver
from synclog.workspace.paths import CLIENTS, SETTINGS_FILE, STATE

_IGNORED = (f"/{STATE}/", TEMPORARY)
_ATTRIBUTES = (
    # text=auto: attachments that somebody puts below clients/ stay as they are.
    "clients/** text=auto eol=lf",
    "templates/** text=auto eol=lf",
    f"{SETTINGS_FILE} text eol=lf",
    "clients/*/tickets/*.md merge=synclog",
    # An index of session logs is made anew with the next log: rows of both sides do until then.
    "clients/*/session-logs/README.md merge=union",
)

_NO_LITERAL = {"GIT_LITERAL_PATHSPECS": "0"}
"""`git check-ignore` refuses to take paths literally, as all else here does."""


def init_workspace(
    folder: Path, base_url: str, timezone: str, *, labor: Mapping[str, int] | None = None, via: TimeVia = "comment"
) -> list[str]:
    """Make `folder` a workspace of the account at `base_url`, and commit just the files that it adds.

    A folder that is in no git repository becomes one, with the branch `main`. Existing settings stay as they are.
    Returns the names of what was added or completed, nothing when it was a workspace already. Raises UsageError when
    it is one of another account, or the address is none; SettingsError, RepositoryState and StorageFailed as they say.
    """
    folder = folder.absolute()
    settings_text = _settings_text(folder / SETTINGS_FILE, base_url, timezone, labor, via)
    wanted = {
        SETTINGS_FILE: settings_text,
        ".gitignore": with_lines(_text(folder / ".gitignore") or "", _IGNORED),
        ".gitattributes": with_lines(_text(folder / ".gitattributes") or "", _ATTRIBUTES),
    }
    history = _history(folder)
    prepare_for_many_files(history.git)
    missing = [name for name in wanted if not history.has(name)]
    changed = [name for name, text in wanted.items() if text != _text(folder / name)]
    if changed or missing:
        history.check_ready()
        for name in changed:
            write_whole(folder / name, wanted[name].encode())
        names = [name for name in wanted if name in changed or name in missing]
        history.commit(names, f"synclog: a workspace for {host_of(parse_base_url(base_url))}")
    (folder / CLIENTS).mkdir(exist_ok=True)
    set_driver(history.git)
    return changed


def _settings_text(path: Path, base_url: str, timezone: str, labor: Mapping[str, int] | None, via: TimeVia) -> str:
    """Return the settings that are there, else new ones; both checked before anything is written."""
    try:
        wanted = parse_base_url(base_url)
    except ValueError as error:
        raise UsageError(
            f"the address of the account {error}", remedy="give it like https://acme.syncromsp.com/api/v1"
        ) from None
    there = _text(path)
    text = default_settings_text(wanted, timezone, labor, via) if there is None else there
    settings: Settings = parse_settings(text, SETTINGS_FILE)
    if settings.syncro.base_url != wanted:
        remedy = f"use another folder, or change `syncro.base_url` in {SETTINGS_FILE} yourself"
        raise UsageError(f"{path.parent} is a workspace of {host_of(settings.syncro.base_url)} already", remedy=remedy)
    return text


def _history(folder: Path) -> History:
    """Return the history of the repository that the folder is in; make one where there is none, or where the one
    around it ignores the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        git = Git.find(folder)
        ignored = bool(git.prefix) and git.run("check-ignore", "--quiet", git.prefix, env=_NO_LITERAL).status == 0
    except RepositoryState:
        if (folder / ".git").exists():
            raise
        ignored = True
    return History.open(folder) if not ignored else History(init_repository(folder))


def _text(path: Path) -> str | None:
    try:
        text = read_text(path).text
    except FileNotFoundError:
        return None
    if text is None:
        raise SettingsError(f"{path} is not UTF-8 text", remedy="save it as UTF-8 in your editor")
    return text
