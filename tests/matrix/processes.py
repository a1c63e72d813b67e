"""Running the command line: each command a real process, forked off one zygote a test worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import synclog
from matrix import zygote

PATIENCE = 120.0
"""Seconds that a process may be silent, on the slowest machine."""
_LOOK_EVERY = 0.01


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: `code` is negative after a signal."""

    words: Sequence[str]
    code: int
    out: str
    err: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    def __str__(self) -> str:
        return f"$ synclog {' '.join(self.words)}\n{self.out}{self.err}-> {self.code}\n"


class Processes:
    """The zygote, and what is asked of it. A context manager; runs one process at a time."""

    def __enter__(self) -> Processes:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-X", "utf8", zygote.__file__, str(theirs.fileno())]
        # The very package that is under test here, wherever it was found.
        env = os.environ | {"PYTHONPATH": str(Path(synclog.__file__).parents[1])}
        with theirs:
            self._zygote = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=env)
        self._line = zygote.Line(ours)
        try:
            self._line.hear(PATIENCE)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._zygote.wait(PATIENCE)

    def run(
        self,
        words: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        said: Path,
        *,
        slept: float = 0.0,
        on_sleep: Callable[[float], None],
        dies: tuple[int, str] | None = None,
        kill_when: Callable[[], bool] | None = None,
    ) -> Ended:
        """Run `synclog` with `words` to its end; what it prints goes through files beside `said`.

        `slept` is how far its clock is ahead already; `on_sleep` is called with the seconds of each sleep, and the
        process goes on when it returns. `dies` is the durable step (from 1) that kills it, and `before` or `after`;
        `kill_when` is asked again and again, and the process is killed as soon as it says yes.
        """
        out, err = said.with_suffix(".out"), said.with_suffix(".err")
        command = {"words": list(words), "cwd": str(cwd), "env": dict(env), "out": str(out), "err": str(err)}
        self._line.say({**command, "slept": slept, "dies": dies})
        pid = int(self._line.hear(PATIENCE)["pid"])
        until, killed = time.monotonic() + PATIENCE, False
        while True:
            try:
                message = self._line.hear(_LOOK_EVERY if kill_when and not killed else PATIENCE)
            except TimeoutError:
                if not killed and (time.monotonic() > until or (kill_when and kill_when())):
                    os.kill(pid, signal.SIGKILL)
                    killed = True
                continue
            if "ended" in message:
                return Ended(words, int(message["ended"]), out.read_text("utf-8"), err.read_text("utf-8"))
            if not killed:  # else nobody would hear the answer but the zygote
                on_sleep(float(message["sleeps"]))
                self._line.say({"slept": True})
