"""A git hook of this clone that refuses a commit of ticket files that are not valid. No other hook is ever replaced."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from synclog.errors import DecisionNeeded, UnsafePath
from synclog.workspace.files import read_text, write_whole
from synclog.workspace.gitrun import Git

_SCOPES = ("--local", "--global", "--system")


def hook_command(git: Git) -> str:
    """Return what a hook is to run: this Python, with this synclog. `-P` keeps Python from taking modules out of the
    repository that is committed to."""
    python = shlex.quote(Path(sys.executable).as_posix())
    folder = f" -C {shlex.quote(git.prefix)}" if git.prefix else ""
    return f"{python} -P -m synclog{folder} check --staged"


def set_commit_hook(git: Git) -> bool:
    """Have git check the ticket files that are staged before a commit is made by hand; return whether anything had to
    change. Raises DecisionNeeded where another hook is there, or hooks are kept elsewhere; UnsafePath where the name of
    the workspace's folder would end a line of the hook."""
    if not git.prefix.isprintable():
        raise UnsafePath(f"no hook can be set for the folder {git.prefix!r}", remedy="give it a plain name")
    mark = f"# synclog init --hook, for the workspace in {shlex.quote(git.prefix or '.')}"
    text = f"#!/bin/sh\n{mark}\nexec {hook_command(git)}\n"
    # Every run of git here has hooks turned off; so the settings are asked for file by file.
    kept = next(
        (
            ran.line
            for ran in (git.run("config", scope, "--get", "core.hooksPath") for scope in _SCOPES)
            if not ran.status
        ),
        "",
    )
    if kept:
        raise _theirs(git, f"hooks are kept in {kept} (core.hooksPath)")
    path = git.common / "hooks" / "pre-commit"
    try:
        there = read_text(path).text
    except FileNotFoundError:
        there = ""
    if there == text:
        return False
    if there is None or (there and mark not in there.splitlines()):
        raise _theirs(git, f"there is one already, {path}")
    write_whole(path, text.encode(), mode=0o755)
    return True


def _theirs(git: Git, why: str) -> DecisionNeeded:
    remedy = f"add this line to your own pre-commit hook: {hook_command(git)} || exit 1"
    return DecisionNeeded(f"no hook was set: {why}", remedy=remedy)
