"""Files written whole, then committed, so that a kill between any two steps is understood by the next run.

A small journal in `.synclog/` says what is about to be written and how it is to be committed. When a run died in
between, the next one commits what is on disk exactly as it was meant, with the same author and trailers. Without the
journal (`.synclog/` was deleted) the files are an ordinary edit, and pull finds in Syncro what the trail lacks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synclog.errors import StorageFailed, UnsafePath

if TYPE_CHECKING:
    from synclog.workspace.history import Author
    from synclog.workspace.workspace import Workspace

_JOURNAL = "journal.json"
_MANY, _WRITERS = 32, 8


@dataclass(frozen=True, slots=True)
class Change:
    """Files to write (None: to delete), by path below the workspace, and the commit that tells of it.

    `made_of` is what each file held when its new text was made of it, None where there was none: a file that holds
    something else by now was saved by an editor meanwhile, and is left alone. `author` is None for the technician.
    `moves` are deleted files and where each went: the new one is written first, and only both or none.
    """

    files: Mapping[str, str | None]
    message: str
    made_of: Mapping[str, str | None]
    author: Author | None = None
    moves: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change: the commit, None when nothing differed, and the files that were left alone."""

    commit: str | None
    left: tuple[str, ...]


def write_and_commit(workspace: Workspace, change: Change) -> Outcome:
    """Write the files of `change` and commit them.

    Raises StorageFailed when a file can't be written; what was written before stays, whole, and is committed later.
    """
    # What git refused to commit before is committed first: its journal would be gone with this one.
    finish_interrupted(workspace)
    _note_down(workspace, change)
    left: list[str] = []
    came_from = {new: old for old, new in change.moves.items()}

    def write(path: str) -> list[str]:
        """Write one file; return those that are left alone: it, and the one that it was to take the place of."""
        both = [one for one in (path, came_from.get(path)) if one is not None]

        def still() -> bool:
            return all(_still_holds(workspace, one, change) for one in both)

        text = change.files[path]
        assert text is not None
        # Asked again once the text is on the disk, which may take its time: an editor may save meanwhile.
        return [] if still() and workspace.write(path, text, still=still) else both

    written = [path for path, text in change.files.items() if text is not None]
    for there in _each(write, written):
        left += there
    for path in [path for path, text in change.files.items() if text is None and path not in left]:
        if not _still_holds(workspace, path, change):
            left.append(path)
            if path in change.moves:
                # Saved since its copy was written: it is the one that stays.
                left.append(change.moves[path])
                _take_back(workspace, change, change.moves[path])
        else:
            workspace.delete(path)
    return Outcome(_commit(workspace, change, left), tuple(dict.fromkeys(left)))


def _each(write: Callable[[str], list[str]], paths: Sequence[str]) -> Iterable[list[str]]:
    """Write many files side by side: each waits for the disk to have it, and disks take many at a time."""
    if len(paths) < _MANY:
        return [write(path) for path in paths]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_WRITERS) as pool:
        return list(pool.map(write, paths))


def _take_back(workspace: Workspace, change: Change, path: str) -> None:
    """Delete a copy that was written just now, unless it is another one's already."""
    text = change.files.get(path)
    if text is not None and workspace.exists(path) and workspace.read_bytes(path) == text.encode():
        workspace.delete(path)


@dataclass(frozen=True, slots=True)
class Renames:
    """Renames and the commit that tells of them, by the technician: `places` are files or folders, (from, to), `files`
    the same for every file that git knows among them."""

    places: Mapping[str, str]
    files: Mapping[str, str]
    message: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """What became of renames: those that were done, why the others were not, and the commit."""

    done: tuple[tuple[str, str], ...]
    failed: tuple[StorageFailed, ...]
    commit: str | None


def rename_and_commit(workspace: Workspace, renames: Renames) -> Renamed:
    """Rename files and folders, each whole, and commit them with nothing else changed.

    One that can't be renamed (another program holds it open) is left where it is, and stops no other.
    """
    noted = {"files": {}, "message": renames.message, "author": None, "renames": dict(renames.files)}
    workspace.write_state(_JOURNAL, json.dumps(noted))
    done: list[tuple[str, str]] = []
    failed: list[StorageFailed] = []
    for old, new in renames.places.items():
        try:
            workspace.rename(old, new)
            done.append((old, new))
        except StorageFailed as error:
            failed.append(error)
    paths = _renamed(workspace, renames.files)
    commit = workspace.history.commit(paths, renames.message) if done and paths else None
    _forget(workspace)
    return Renamed(tuple(done), tuple(failed), commit)


def _renamed(workspace: Workspace, renames: Mapping[str, str]) -> list[str]:
    """Both paths of every file that was renamed, whatever was saved into it since: in two commits git would not know it
    again."""
    done = ((old, new) for old, new in renames.items() if workspace.exists(new) and not workspace.exists(old))
    return [path for pair in done for path in pair]


def _still_holds(workspace: Workspace, path: str, change: Change) -> bool:
    if path not in change.made_of:
        return True
    text = change.made_of[path]
    if text is None:
        return not workspace.exists(path)
    return workspace.exists(path) and workspace.read_bytes(path) == text.encode()


def finish_interrupted(workspace: Workspace) -> bool:
    """Commit what an interrupted run had written and not committed; return whether there was anything."""
    journal = workspace.state_dir / _JOURNAL
    try:
        noted = json.loads(journal.read_text("utf-8"))
        entries = {str(path): sha for path, sha in noted["files"].items()}
        message = str(noted["message"])
        author = noted["author"]
        _finish_moves(workspace, entries, noted.get("moves", {}))
        there = [path for path, sha in entries.items() if _hash_on_disk(workspace, path) == sha]
        renames = {str(old): str(new) for old, new in noted.get("renames", {}).items()}
        there += _renamed(workspace, renames)
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, UnsafePath):
        # Not of our making: a journal names files below clients/ only.
        _forget(workspace)
        return False
    if len(there) < len(entries) + 2 * len(renames):
        # Its trailers speak of the whole, which this is not.
        message = message.partition("\n")[0] + " (interrupted)"
    if there:
        from synclog.workspace.history import Author

        who = Author(str(author["name"]), str(author["email"])) if isinstance(author, dict) else None
        workspace.history.commit(there, message, author=who)
    _forget(workspace)
    return bool(there)


def _finish_moves(workspace: Workspace, files: Mapping[str, object], moves: Mapping[str, list[str]]) -> None:
    """Delete the files whose new copies were written already, and that nobody has changed since."""
    for old, (new, sha) in moves.items():
        written = new in files and _hash_on_disk(workspace, new) == files[new]
        if written and _hash_on_disk(workspace, old) == sha:
            workspace.delete(old)


def _note_down(workspace: Workspace, change: Change) -> None:
    author = {"name": change.author.name, "email": change.author.email} if change.author else None
    files = {path: _hash(text) for path, text in change.files.items()}
    moves = {old: [new, _hash(change.made_of.get(old))] for old, new in change.moves.items()}
    noted = json.dumps({"files": files, "message": change.message, "author": author, "moves": moves})
    workspace.write_state(_JOURNAL, noted)


def _commit(workspace: Workspace, change: Change, left: list[str]) -> str | None:
    """Commit what was written. What an editor saved since is not what the message tells of: it joins what is `left`."""
    partners = {**change.moves, **{new: old for old, new in change.moves.items()}}
    made, saved = None, [""]

    def still() -> bool:
        saved[:] = [path for path in paths if _hash_on_disk(workspace, path) != _hash(change.files[path])]
        return not saved

    while saved and (paths := [path for path in change.files if path not in left]):
        made = workspace.history.commit(paths, change.message, author=change.author, still=still)
        left += [one for path in saved for one in (path, partners.get(path)) if one is not None]
    _forget(workspace)
    return made


def _forget(workspace: Workspace) -> None:
    (workspace.state_dir / _JOURNAL).unlink(missing_ok=True)


def _hash(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def _hash_on_disk(workspace: Workspace, path: str) -> str | None:
    try:
        return hashlib.sha256(workspace.read_bytes(path)).hexdigest()
    except FileNotFoundError:
        return None
