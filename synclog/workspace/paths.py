"""Which paths of a workspace may be touched: those really below `clients/`, not through a link or a trick of a name.

A workspace can be a clone of somebody else's repository, so every path that comes out of it is checked here.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from synclog.core.slugs import is_device_name
from synclog.errors import UnsafePath

SETTINGS_FILE = "synclog.yaml"
STATE = ".synclog"
CLIENTS = "clients"
TICKETS = "tickets"
CARD = "client.md"

_LIKE_A_TICKETS = re.compile(r"(?:\d{1,12}|new)-.*\.md", re.IGNORECASE | re.DOTALL)
_TEXTS = ("", ".md", ".markdown", ".txt")
"""How names end that a ticket's file may get by mistake. Copies that editors keep (`.md~`, `.bak`) are no mistake."""


def inside(root: Path, relative: str, top: str = CLIENTS) -> Path:
    """Return the full path of `relative` (with `/`), which must be below the folder `top` of the workspace.

    Raises UnsafePath when it is not, when a part of it is a link (symbolic, or a junction of Windows), or when its
    name means something else on some system. The file itself need not exist.
    """
    parts = relative.split("/")
    if len(parts) < 2 or parts[0] != top:
        raise _unsafe(relative, f"leads outside of {top}/")
    path = root
    for part in parts:
        if why := _what_is_wrong(part):
            raise _unsafe(relative, why)
        path = path / part
        if is_link(path):
            raise _unsafe(relative, f"goes through a link ({part})", "replace the link by a folder or file of its own")
    return path


def is_link(path: Path) -> bool:
    """Return whether a path itself is a symbolic link or a junction; False when there is nothing."""
    try:
        info = path.lstat()
    except (OSError, ValueError):
        return False
    reparse = getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0)
    return stat.S_ISLNK(info.st_mode) or bool(getattr(info, "st_file_attributes", 0) & reparse)


def iter_ticket_paths(root: Path) -> Iterator[str]:
    """Yield the ticket files of a workspace, `clients/*/tickets/*.md`, sorted; hidden ones and links are left out."""
    for customer in customer_folders(root):
        for name in ticket_names(root, customer):
            yield f"{CLIENTS}/{customer}/{TICKETS}/{name}"


def ticket_names(root: Path, customer: str) -> list[str]:
    """Return the names of the ticket files in a customer's folder, sorted; as `iter_ticket_paths` does."""
    folder = root / CLIENTS / customer / TICKETS
    return [] if is_link(folder) else [n for n in _names(folder, files=True) if n.lower().endswith(".md")]


def other_names(root: Path, customer: str) -> list[str]:
    """Return the names of what else in a customer's `tickets` may be a ticket's file by mistake, sorted: folders, texts
    that are not called `….md`, and links and unusable names that are like a ticket's. Hidden things are left out."""
    folder = root / CLIENTS / customer / TICKETS
    return [] if is_link(folder) else [entry.name for entry in _others(folder, inner=False)]


def misplaced(root: Path, path: str) -> Iterator[str]:
    """Yield the paths of what may be a ticket's file by mistake: `path` itself; of a folder, what is in it."""
    full = root / path
    if is_link(full) or full.is_file():
        yield path
    else:
        for entry in _others(full, inner=True):
            yield from misplaced(root, f"{path}/{entry.name}")


def _others(folder: Path, *, inner: bool) -> list[os.DirEntry[str]]:
    """What in a folder may be a ticket's file by mistake, or hold one; `inner` says that none is expected there."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(".") and _is_other(entry, inner=inner)]
    except OSError:
        return []
    return sorted(found, key=lambda entry: entry.name)


def _is_other(entry: os.DirEntry[str], *, inner: bool) -> bool:
    name, is_safe = entry.name.lower(), not _what_is_wrong(entry.name)
    if entry.is_symlink() or (os.name == "nt" and is_link(Path(entry.path))):
        return bool(_LIKE_A_TICKETS.fullmatch(name))
    if entry.is_dir(follow_symlinks=False):
        return is_safe
    if not entry.is_file(follow_symlinks=False) or (not inner and is_safe and name.endswith(".md")):
        return False
    return os.path.splitext(name)[1] in _TEXTS if is_safe else bool(_LIKE_A_TICKETS.fullmatch(name))  # noqa: PTH122


def is_ticket_path(root: Path, path: str) -> bool:
    """Return whether a path is one of those that `iter_ticket_paths` yields, without looking at the others."""
    parts = path.split("/")
    if len(parts) != 4 or (parts[0], parts[2]) != (CLIENTS, TICKETS) or not parts[3].lower().endswith(".md"):
        return False
    if any(part.startswith(".") or _what_is_wrong(part) for part in (parts[1], parts[3])):
        return False
    return _is_plain(root, path)


def is_card_path(root: Path, path: str) -> bool:
    """Return whether a path is that of a customer's card that is there, `clients/*/client.md`."""
    parts = path.split("/")
    if len(parts) != 3 or (parts[0], parts[2]) != (CLIENTS, CARD) or parts[1].startswith("."):
        return False
    return not _what_is_wrong(parts[1]) and _is_plain(root, path)


def _is_plain(root: Path, path: str) -> bool:
    """Whether a file is there, neither a link nor behind one."""
    full = root / path
    return full.is_file() and not any(is_link(place) for place in (full, *list(full.parents)[: path.count("/")]))


def customer_folders(root: Path) -> list[str]:
    """Return the names of the folders below `clients/`, sorted; hidden ones and links are left out."""
    clients = root / CLIENTS
    return [] if is_link(clients) else _names(clients, files=False)


def _names(folder: Path, *, files: bool) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".")
                and (entry.is_file(follow_symlinks=False) if files else entry.is_dir(follow_symlinks=False))
                and not _what_is_wrong(entry.name)
                and (files or os.name != "nt" or not is_link(Path(entry.path)))
            )
    except (FileNotFoundError, NotADirectoryError):
        return []


def _what_is_wrong(part: str) -> str:
    """Return why a part of a path can't be used, nothing when it can."""
    if part in ("", ".", ".."):
        return f"leads outside of {CLIENTS}/"
    if not part.isprintable() or "\\" in part or (os.name == "nt" and ":" in part):
        return "holds a character that no file name may have"
    if is_device_name(part):
        return f"holds {part}, a name that is reserved on Windows"
    if part.lower() == ".git" or part.lower().startswith("git~"):
        return "leads into a git folder"
    if os.name == "nt" and part.endswith((".", " ")):
        return "ends in a dot or a space, which Windows drops"
    return ""


def _unsafe(relative: str, why: str, remedy: str = "rename or move the file within clients/") -> UnsafePath:
    return UnsafePath(f"{shown(relative)} {why}", remedy=remedy)


def shown(path: str) -> str:
    """Return a path as it can be told, whatever is in it."""
    return path if path.isprintable() else ascii(path)
