"""Many files into one git tree in one go: `git fast-import` packs them, where `update-index` would make a file of each
object, and put each on disk by itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from synclog.workspace.gitrun import Git

FEWEST = 100
"""Files from which on it is quicker than the index."""

_CONVERTING = (b"filter", b"ident", b"working-tree-encoding")
_PLAIN = (b"unspecified", b"unset")
_REF = "refs/synclog/import"
"""Where the tree stands for a moment; what a kill leaves there is overwritten."""


def imported_tree(git: Git, parent: str | None, files: Mapping[str, bytes | None]) -> str | None:
    """Return the tree of the commit `parent` with `files` (paths below the repository's root, None: deleted) in it.

    None where git would convert a file on its way in (line ends, a filter of somebody's attributes): that is for git's
    own index to do. Raises as `Git.must`.
    """
    if any(content is not None and b"\r" in content for content in files.values()) or _is_converted(git, files):
        return None
    words = ("--quiet", "--force", "--done", "--date-format=now", "--depth=0")
    git.must("fast-import", *words, feed=b"".join(_stream(parent, files)))
    tree = git.must("rev-parse", f"{_REF}^{{tree}}").line
    git.must("update-ref", "-d", _REF)
    return tree


def _is_converted(git: Git, paths: Iterable[str]) -> bool:
    feed = b"".join(os.fsencode(path) + b"\0" for path in paths)
    said = git.must("check-attr", "-z", "--stdin", *(name.decode() for name in _CONVERTING), feed=feed).out
    return any(value not in _PLAIN for value in said.split(b"\0")[2::3])


def _stream(parent: str | None, files: Mapping[str, bytes | None]) -> Iterable[bytes]:
    yield f"commit {_REF}\ncommitter synclog <synclog> now\ndata 0\n".encode()
    if parent is not None:
        yield f"from {parent}\n".encode()
    for path, content in files.items():
        name = _quoted(os.fsencode(path))
        if content is None:
            yield b"D " + name + b"\n"
        else:
            yield b"M 100644 inline " + name + b"\ndata " + str(len(content)).encode() + b"\n" + content + b"\n"
    yield b"done\n"


def _quoted(name: bytes) -> bytes:
    escaped = name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'
