"""A real terminal to type into and to read from: a tmux server of its own for each test."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

_PATIENCE = 30.0
_EXIT = "exit code "


class Terminal:
    """One command in a terminal of `columns` x `rows`. Leave it with `close`."""

    def __init__(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], socket: Path, *, columns: int = 80
    ) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("a terminal needs tmux")
        self._socket = str(socket)
        command = f"{shlex.join(words)}; printf '\\n{_EXIT}%s\\n' $?; cat"
        assign = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
        size = ["-x", str(columns), "-y", "50"]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, *assign, "-c", str(folder), command)

    def type(self, *keys: str) -> None:
        """Press keys, as tmux names them: a text, `Enter`, `C-c`."""
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        """Return what is on the screen now, lines without the blanks at their ends."""
        shown = self._tmux("capture-pane", "-p", "-S", "-200").stdout
        return "\n".join(line.rstrip() for line in shown.splitlines()).rstrip()

    def wait_for(self, text: str) -> str:
        """Return the screen once `text` is on it."""
        end = time.monotonic() + _PATIENCE
        while text not in (shown := self.screen()):
            assert time.monotonic() < end, f"{text!r} never came:\n{shown}"
            time.sleep(0.05)
        return shown

    def exit_code(self) -> int:
        """Return the exit code of the command, once it has ended."""
        return int(self.wait_for(_EXIT).rpartition(_EXIT)[2].split()[0])

    def close(self) -> None:
        """End the command and its terminal."""
        self._tmux("kill-server", check=False)

    def _tmux(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["tmux", "-S", self._socket, *words], check=check, capture_output=True, encoding="utf-8")
