"""Running git in one repository, so that nothing that lies in the repository can run a program or change the result.

A workspace can be a clone of somebody else's: no hooks, no file system monitor, no pager, no external diff, no
prompts, paths taken literally. What git says when it fails becomes an error of ours, with a remedy.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from synclog.errors import Busy, RepositoryState, StorageFailed, SynclogError

_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    # Files go in byte for byte, whatever this machine's git converts for others; .gitattributes rules.
    "core.autocrlf=false",
    "core.safecrlf=false",
    "core.quotePath=false",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    # An identity that git makes up of the machine's name would sign work with it.
    "user.useConfigOnly=true",
    # Objects and refs are on disk before anything is called done: the new name of that setting, and the old one.
    "core.fsync=objects,reference,index",
    "core.fsyncObjectFiles=true",
    "gc.auto=0",
    "submodule.recurse=false",
    "blame.ignoreRevsFile=",
)
_ENVIRONMENT = {
    # What git says when it fails is read here: it must be in one language.
    "LANGUAGE": "C",
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
}
_CHUNK = 1 << 16
_ASIDES = ("warning:", "hint:")
_LOCKED = ".lock': File exists"


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of git gave."""

    status: int
    out: bytes
    error: str

    @property
    def line(self) -> str:
        """The output, being one line, as text."""
        return os.fsdecode(self.out).rstrip("\n")


@dataclass(frozen=True, slots=True)
class Git:
    """Git in one repository. `root` is its work tree, `folder` the work tree's git folder, `common` the one that all
    work trees of a clone share; `prefix` is where the workspace lies below the root, empty or ending in `/`."""

    root: Path
    folder: Path
    common: Path
    prefix: str

    @classmethod
    def find(cls, folder: Path) -> Git:
        """Return git for the repository that `folder` lies in. Raises RepositoryState when there is none to work in."""
        asked = ("--is-bare-repository", "--absolute-git-dir", "--git-common-dir")
        found = _execute(folder, ("rev-parse", *asked), outside(folder))
        if found.status:
            raise _no_repository(folder, found.error)
        bare, git_dir, common = found.line.split("\n")
        place = _execute(folder, ("rev-parse", "--show-toplevel", "--show-prefix"), outside(folder))
        if bare == "true" or place.status:
            remedy = "clone it, and work in the clone"
            raise RepositoryState(f"{folder} belongs to a bare git repository, which has no files", remedy=remedy)
        top, _, prefix = place.line.partition("\n")
        return cls(Path(top), Path(git_dir), (folder / common).resolve(), prefix)

    def run(self, *arguments: str, feed: bytes = b"", env: Mapping[str, str] | None = None) -> Ran:
        """Run git and return what it gave, failed or not. `feed` is its input, `env` goes on top of the usual."""
        own = {"GIT_DIR": str(self.folder), "GIT_WORK_TREE": str(self.root), "GIT_INDEX_FILE": str(self.index)}
        return _execute(self.root, arguments, {**own, **(env or {})}, feed)

    def must(self, *arguments: str, feed: bytes = b"", env: Mapping[str, str] | None = None) -> Ran:
        """Run git as `run` does. Raises Busy when another git holds a lock, StorageFailed when it failed."""
        ran = self.run(*arguments, feed=feed, env=env)
        if ran.status:
            raise self.failure(arguments[0], ran)
        return ran

    def fields(self, *arguments: str) -> Iterator[str]:
        """Run git and yield what it gives, cut at each NUL, as it comes. What follows the last NUL is left out. Raises
        StorageFailed when it failed."""
        own = {"GIT_DIR": str(self.folder), "GIT_WORK_TREE": str(self.root), "GIT_INDEX_FILE": str(self.index)}
        running = Running(self.root, arguments, own)
        rest = b""
        for chunk in running.chunks():
            *whole, rest = (rest + chunk).split(b"\0")
            yield from (field.decode("utf-8", "replace") for field in whole)
        ran = running.wait()
        if ran.status:
            raise self.failure(arguments[0], ran)

    @property
    def index(self) -> Path:
        """The technician's own index."""
        return self.folder / "index"

    def failure(self, command: str, ran: Ran) -> SynclogError:
        """Return the error that says why git's `command` failed."""
        if _LOCKED in ran.error:
            name = ran.error.partition(_LOCKED)[0].rpartition("'")[2] + ".lock"
            return locked(Path(name))
        lines = (line for line in ran.error.splitlines() if line.strip() and not line.startswith(_ASIDES))
        said = next(lines, f"exit code {ran.status}")
        shown = "".join(one for one in said if one.isprintable())[:200]
        remedy = "check the disk's room and the permissions of the .git folder, then run the command again"
        return StorageFailed(f"git {command} failed in {self.root}: {shown}", remedy=remedy)


def locked(lock: Path) -> Busy:
    """Return the error about one of git's own lock files."""
    remedy = f"if no other git command or editor is at work there, delete {lock} and run the command again"
    return Busy(f"git's files are locked: {lock} is there", remedy=remedy)


def init_repository(folder: Path) -> Git:
    """Make `folder` a git repository with the branch `main`, and return git in it."""
    ran = _execute(folder, ("init", "--quiet", "--initial-branch=main", str(folder)), {"GIT_DIR": str(folder / ".git")})
    if ran.status:
        raise StorageFailed(f"git init failed in {folder}: {ran.error[:200]}", remedy="check the folder's permissions")
    return Git.find(folder)


def outside(folder: Path) -> dict[str, str]:
    """Return what makes git look at `folder`, even where a hook that runs us has named another repository."""
    if "GIT_DIR" not in os.environ:
        return {}
    above = (at for at in (folder, *folder.parents) if (at / ".git").exists())
    top = next(above, folder)
    return {"GIT_DIR": str(top / ".git"), "GIT_WORK_TREE": str(top)}


def _no_repository(folder: Path, error: str) -> RepositoryState:
    if "dubious ownership" in error:
        remedy = f"if you trust it, run `git config --global --add safe.directory {folder.as_posix()}`"
        return RepositoryState(f"the git repository of {folder} belongs to another user", remedy=remedy)
    return RepositoryState(f"{folder} is not in a git repository", remedy="run `synclog init` there")


def _execute(folder: Path, arguments: tuple[str, ...], env: Mapping[str, str], feed: bytes = b"") -> Ran:
    return Running(folder, arguments, env, feed).wait()


class Running:
    """One run of git in `folder` that has begun: whoever wants its result waits for it, and does other things before.

    Raises RepositoryState when git can't be begun.
    """

    def __init__(
        self, folder: Path, arguments: tuple[str, ...], env: Mapping[str, str] | None = None, feed: bytes = b""
    ) -> None:
        command = [_program(), "--no-pager"]
        for setting in _SETTINGS:
            command += ("-c", setting)
        self._feed = feed
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                [*command, *arguments],
                cwd=folder,
                env={**os.environ, **_ENVIRONMENT, **(outside(folder) if env is None else env)},
                stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except FileNotFoundError:
            if not folder.is_dir():
                raise RepositoryState(f"{folder} is not there", remedy="check the folder's name") from None
            raise RepositoryState("there is no git on this machine", remedy="install git, at least 2.30") from None
        except OSError as failed:
            raise RepositoryState(f"git can't be run in {folder}", remedy="check that git works there") from failed

    def chunks(self) -> Iterator[bytes]:
        """Yield what it gives as it comes, instead of keeping it for `wait`. Only for what says little on its error
        output, which nobody reads meanwhile."""
        assert self._process is not None
        assert self._process.stdout is not None
        while chunk := self._process.stdout.read1(_CHUNK):  # type: ignore[attr-defined]  # it is buffered
            yield chunk

    def wait(self) -> Ran:
        """Return what it gave, when it has ended."""
        assert self._process is not None
        out, error = self._process.communicate(self._feed or None)
        return Ran(self._process.returncode, out, error.decode("utf-8", "replace").strip())

    def __del__(self) -> None:
        """End what nobody waits for any more."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


@cache
def _program() -> str:
    """Return git's program. Windows would look in the current folder first, which may be a clone of anybody's."""
    if os.name != "nt":
        return "git"
    folders = (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)
    found = (folder / "git.exe" for folder in folders if folder.is_absolute() and (folder / "git.exe").is_file())
    return str(next(found, Path("git.exe not found").absolute()))
