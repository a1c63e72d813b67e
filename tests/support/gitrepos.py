"""Real git repositories for tests, with no trace of the developer's own git settings."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

TECHNICIAN = ("Mira Stanton", "mira@copperline.example")


def isolate_git(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Make git, here and in child processes, see `home` and a technician's identity, and nothing of this machine."""
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "gitconfig"
    settings.write_text(
        f"[user]\n\tname = {TECHNICIAN[0]}\n\temail = {TECHNICIAN[1]}\n[init]\n\tdefaultBranch = main\n"
    )
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(folder: Path, *arguments: str, feed: str = "") -> str:
    """Run git in `folder` as a technician does; return its output without the last line's end."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=feed, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout.rstrip("\n")


def make_repository(folder: Path, files: dict[str, str] | None = None) -> Path:
    """Make a repository with the branch `main`, and a first commit of `files` when there are any."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    if files:
        put(folder, files)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message=start")
    return folder


def put(folder: Path, files: dict[str, str]) -> None:
    """Write files with their exact line ends."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
