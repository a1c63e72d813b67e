"""A process that has everything imported, and forks a real process for each command line it is asked to run.

So a `synclog` costs a fork and not half a second of imports, and can still be killed like any other. It is asked over a
socket, a line of JSON a message, one command at a time. The process that runs says its `pid`, asks the test whenever it
sleeps, and the zygote says how it `ended`. A durable step at which it is to die can be named by its number.

Sleeping takes no time here: the test hears of it, and answers when the world is as it would be after that time.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

LIBRARIES = (
    *("anyascii", "bs4", "click", "filelock", "jinja2.sandbox", "markdown_it", "markdownify", "nh3"),
    *("platformdirs", "requests", "rich.console", "tzlocal", "yaml", "zoneinfo"),
)
"""What synclog imports where it is used; here once, before the first command."""

Message = dict[str, Any]
Step = Callable[..., str | None]
"""Gives the name of the durable step that a call with these arguments is, None where it is none."""


class Line:
    """Messages over a socket, a line of JSON each. `hear` raises EOFError when the other side is gone."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._read = b""

    def say(self, message: Message) -> None:
        self._end.sendall(json.dumps(message).encode() + b"\n")

    def hear(self, timeout: float | None = None) -> Message:
        """Return the next message. Raises TimeoutError after `timeout` seconds without one."""
        self._end.settimeout(timeout)
        while b"\n" not in self._read:
            part = self._end.recv(65536)
            if not part:
                raise EOFError
            self._read += part
        first, _, self._read = self._read.partition(b"\n")
        return dict(json.loads(first))

    def close(self) -> None:
        self._end.close()


class Time:
    """The machine's clock, moved on by what was slept."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self._line.say({"sleeps": seconds})
        self._line.hear()
        self.slept += seconds

    def install(self) -> None:
        """Stand in for the clock's functions; before synclog is imported, which binds them as defaults."""
        now, monotonic = time.time, time.monotonic
        time.sleep = self.sleep
        time.time = lambda: now() + self.slept
        time.monotonic = lambda: monotonic() + self.slept


class Death:
    """Kills this process just before or just after its durable step `number`: a file of the workspace put in place or
    taken away, a ref of git moved, a write to Syncro answered."""

    def __init__(self, number: int, when: str) -> None:
        self._number = number
        self._when = when
        self._count = 0

    def install(self) -> None:
        from synclog.syncro.transport import Transport
        from synclog.workspace import gitrun

        def moved(path: object, to: object = None, **_: object) -> str | None:
            return _own_file(to or path)

        def moves_a_ref(_: object, words: tuple[str, ...], *__: object) -> str | None:
            return "git update-ref" if words[0] == "update-ref" else None

        def written(_: object, method: str, path: str, *__: object) -> str:
            return f"{method} {path}"

        for name in ("replace", "rename", "unlink", "remove"):
            self._watch(os, name, moved)
        self._watch(gitrun, "_execute", moves_a_ref)
        self._watch(Transport, "write", written)

    def _watch(self, owner: Any, name: str, step: Step) -> None:
        real = getattr(owner, name)

        def watched(*given: Any, **named: Any) -> Any:
            what = step(*given, **named)
            self._count += what is not None
            dies = what is not None and self._count == self._number
            if dies and self._when == "before":
                self._die(f"before {name} {what}")
            try:
                return real(*given, **named)
            finally:
                if dies:
                    self._die(f"after {name} {what}")

        setattr(owner, name, watched)

    def _die(self, where: str) -> None:
        os.write(2, f"killed {where}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)


def _own_file(path: object) -> str | None:
    """Return the path below the workspace that the process works in; None for git's files and those elsewhere."""
    path = Path(os.fsdecode(path)).absolute()  # type: ignore[arg-type]
    parts = path.relative_to(Path.cwd()).parts if path.is_relative_to(Path.cwd()) else ()
    return "/".join(parts) if parts and parts[0] != ".git" and not parts[-1].endswith(".tmp") else None


def main() -> None:
    """Serve the socket whose number is the first argument, until its other side is closed."""
    end = socket.socket(fileno=int(sys.argv[1]))
    end.set_inheritable(False)
    line = Line(end)
    clock = Time(line)
    clock.install()
    _import_everything()
    gc.collect()
    gc.freeze()
    line.say({"ready": os.getpid()})
    while True:
        try:
            command = line.hear()
        except EOFError:
            return
        pid = os.fork()
        if pid == 0:
            _become(command, line, clock)
        line.say({"ended": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])})


def _import_everything() -> None:
    import synclog

    for module in pkgutil.walk_packages(synclog.__path__, "synclog."):
        if not module.name.startswith("synclog.sandbox") and module.name != "synclog.__main__":
            importlib.import_module(module.name)
    for name in LIBRARIES:
        importlib.import_module(name)


def _become(command: Message, line: Line, clock: Time) -> NoReturn:
    """Be the process that runs one command line, to its end."""
    code = 70
    try:
        clock.slept = command["slept"]
        os.environ.clear()
        os.environ.update(command["env"])
        os.chdir(command["cwd"])
        new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        for number, path, flags in ((0, os.devnull, os.O_RDONLY), (1, command["out"], new), (2, command["err"], new)):
            os.dup2(os.open(path, flags, 0o600), number)
        line.say({"pid": os.getpid()})
        if command["dies"]:
            Death(*command["dies"]).install()
        from synclog.cli.entry import run

        code = run(command["words"])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
