"""What git's merge driver does: three files in, the merged one out, and never less than both sides in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synclog.core.document import read_bytes
from synclog.core.joining import conflicted, merge
from synclog.errors import SynclogError


@dataclass(frozen=True, slots=True)
class Merged:
    """`left` is what is left to decide in a merged file. `problem` is why it was not merged, and is left conflicted."""

    left: tuple[str, ...] = ()
    problem: str = ""


def merge_files(ancestor: Path, ours: Path, theirs: Path, path: str) -> Merged:
    """Merge three files into `ours`, as git asks its driver to; `path` is the file's name in the repository.

    What can't be merged as a ticket's file is merged line by line, with git's conflict markers. Raises OSError.
    """
    raw = [file.read_bytes() for file in (ancestor, ours, theirs)]
    problem, left = "", tuple[str, ...]()
    try:
        old = _readable(raw[0], path)
        joined = merge(old, read_bytes(raw[1], path), read_bytes(raw[2], path), path)
        text, left = joined.text, joined.left
    except SynclogError as error:
        problem = error.message
    except Exception as error:  # whatever it is: ours alone in the file would look merged
        problem = f"this is a bug in synclog: {type(error).__name__}"
    if problem:
        texts = [content.decode("utf-8", "surrogateescape") for content in raw]
        text = conflicted(texts[0] or None, texts[1], texts[2])
    ours.write_bytes(text.encode("utf-8", "surrogateescape"))
    return Merged(left, problem)


def _readable(raw: bytes, path: str) -> str | None:
    """The ancestor's text; one that is no text is none."""
    try:
        return read_bytes(raw, path)
    except SynclogError:
        return None
