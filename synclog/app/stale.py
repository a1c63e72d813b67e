"""Stale buffers: an editor saved an old version of a ticket's file over one that was pulled or pushed since.

What was typed is committed first, as it was saved. Then the file becomes what both wrote: notes that were posted
meanwhile are gone again, and the edits of the buffer stand on what Syncro said last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from synclog.app.session import Tell, nothing
from synclog.app.writing import Change, write_and_commit
from synclog.core.baseline import decode_base
from synclog.core.cleantext import clean_line
from synclog.core.joining.stale import buffered_versions, is_behind, lost_stamps
from synclog.errors import EditFailed, InvalidFile

if TYPE_CHECKING:
    from synclog.core.notes import Note
    from synclog.workspace.workspace import Workspace


def stale_files(workspace: Workspace, paths: Iterable[str], commit: str | None) -> dict[str, tuple[str, str]]:
    """Return those of `paths` whose base on disk is older than the one that `commit` has: (on disk, there)."""
    found: dict[str, tuple[str, str]] = {}
    wanted = {path: text for path in paths if (text := _on_disk(workspace, path)) is not None}
    if commit is None or not wanted:
        return found
    for path, raw in workspace.history.contents([(commit, path) for path in wanted]):
        there = _text(raw)
        if there is not None and is_behind(decode_base(wanted[path]), decode_base(there)):
            found[path] = (wanted[path], there)
    return found


def mend_stale(workspace: Workspace, paths: Sequence[str], before: str | None, tell: Tell = nothing) -> None:
    """Put files that were saved from a stale buffer, and are committed as they were saved, together with what `before`,
    the commit before, had of them. Those that can't be stay as they are."""
    texts: dict[str, str | None] = {}
    made_of: dict[str, str | None] = {}
    left: list[str] = []
    for path, (buffer, there) in stale_files(workspace, paths, before).items():
        joined = _joined(workspace, path, str(before), buffer, there)
        if joined is None:
            continue
        texts[path], made_of[path] = joined[0], buffer
        left += joined[1]
        tell(f"{path}: an older version was saved over a newer one; both are put together again")
    if texts:
        names = ", ".join(_name(text or "", path) for path, text in texts.items())
        message = "\n".join([f"merge: a stale file of {names}", *(["", *left] if left else [])])
        write_and_commit(workspace, Change(texts, message, made_of))


def _joined(
    workspace: Workspace, path: str, before: str, buffer: str, there: str
) -> tuple[str, tuple[str, ...]] | None:
    """What the buffer and the version that was committed last make together, and what is left to decide."""
    from synclog.core.joining import merge

    versions = ((decode_base(text), text) for raw in workspace.history.versions(path, before) if (text := _text(raw)))
    found = [*buffered_versions(decode_base(buffer), versions)]
    if not found:
        return None
    ancestor, *older = found
    try:
        joined = merge(ancestor, _with_lost_stamps(buffer, ancestor, older, path), there, path)
    except (InvalidFile, EditFailed):
        return None
    return joined.text, joined.left


def _with_lost_stamps(buffer: str, ancestor: str, older: Sequence[str], path: str) -> str:
    """The buffer, its notes stamped that were stamped after it was opened, and deleted since. Raises InvalidFile."""
    from synclog.core.joining.rules import RULES
    from synclog.core.ticketfile import parse_ticket_file, with_stamps

    def notes(text: str) -> Sequence[Note]:
        return parse_ticket_file(text, path, RULES).notes

    def valid(texts: Sequence[str]) -> Iterator[Sequence[Note]]:
        for text in texts:
            with suppress(InvalidFile):
                yield notes(text)

    try:
        known = notes(ancestor)
    except InvalidFile:
        known = ()
    lost = lost_stamps(notes(buffer), known, valid(older)) if "synclog:" in "".join(older) else {}
    return with_stamps(buffer, lost) if lost else buffer


def _name(text: str, path: str) -> str:
    number = (decode_base(text) or {}).get("number")
    return f"#{number}" if number else clean_line(path)


def _on_disk(workspace: Workspace, path: str) -> str | None:
    try:
        return workspace.read_text_or_none(path)
    except InvalidFile:
        return None


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
