"""The command line run in this process: quicker, for what needs no process and no terminal of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from support.office import Office
from synclog.cli.entry import run


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The result of its `--json` document."""
        found: dict[str, Any] = json.loads(self.out)["result"]
        return found

    @property
    def error(self) -> dict[str, str]:
        """The one error of its `--json` document."""
        (found,) = json.loads(self.out)["errors"]
        return dict(found)


Run = Callable[..., Ran]


def runner(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command in the office's workspace."""
    monkeypatch.setenv("SYNCLOG_API_KEY", office.key)

    def ran(*words: str) -> Ran:
        capsys.readouterr()
        code = run(["-C", str(office.root), *words])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return ran
