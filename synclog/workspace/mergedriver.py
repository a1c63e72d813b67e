"""The merge driver in a clone's own git settings: git runs no program that only a file of the repository names."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from synclog.workspace.gitrun import Git

NAME = "synclog"
_TITLE = "synclog: merges two versions of a ticket's file"
_SAMPLE = "clients/a/tickets/1-a.md"


def driver_command() -> str:
    """Return what git is to run: this Python, with this synclog. `-P` keeps Python from taking modules out of the
    repository that is merged."""
    python = shlex.quote(Path(sys.executable).as_posix()).replace("%", "%%")
    return f"{python} -P -m synclog merge-driver %O %A %B %P"


def set_driver(git: Git) -> bool:
    """Have git in this clone merge ticket files with this synclog; return whether anything had to change."""
    if not sys.executable:
        return False
    wanted = ((f"merge.{NAME}.name", _TITLE), (f"merge.{NAME}.driver", driver_command()))
    changed = [(key, value) for key, value in wanted if _get(git, key, "--local") != value]
    for key, value in changed:
        git.must("config", "--local", "--replace-all", key, value)
    return bool(changed)


def driver_problem(git: Git) -> str | None:
    """Return why git here would not merge ticket files with synclog, None when it does."""
    command = _get(git, f"merge.{NAME}.driver")
    if not command:
        return "git has no merge driver for ticket files in this clone: it would merge them as text"
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    program = words[0].replace("%%", "%") if words else ""
    if not program or not (Path(program).is_file() or shutil.which(program)):
        return f"the merge driver for ticket files names a program that is not there: {program or command}"
    attribute = git.run("check-attr", "-z", "merge", "--", git.prefix + _SAMPLE).out.split(b"\0")
    if attribute[2:3] != [NAME.encode()]:
        return ".gitattributes does not give ticket files to the merge driver (any more)"
    return None


def _get(git: Git, key: str, *where: str) -> str:
    ran = git.run("config", *where, "--get", key)
    return "" if ran.status else ran.line
