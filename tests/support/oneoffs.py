"""Commands that make one write of their own: processes that die around it, and what has to be left in the end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from support.office import NUMBER, Office
from synclog.errors import Exit, SynclogError


class Killed(BaseException):
    """The process is dead."""


def dying(method: Callable[..., Any], *, sends: bool) -> Callable[..., Any]:
    """Return a method of the client that kills its process: after the request when it `sends` that, else before."""

    def died(*args: Any, **values: Any) -> Any:
        if sends:
            with suppress(SynclogError):
                method(*args, **values)
        raise Killed

    return died


def push_until_clean(office: Office) -> None:
    """Push, as a person would, until there is nothing more to do."""
    for _ in range(4):
        result = office.push()
        if result.exit_code == Exit.DONE and not result.plan.acts:
            return
    raise AssertionError(office.text())


def assert_nothing_is_left(office: Office, number: int = NUMBER) -> None:
    """No further push sends anything or asks anybody, and the file holds nothing of it."""
    assert "synclog: " not in office.text(number)
    office.sandbox.clear_faults()
    office.sandbox.forbid_writes = True
    assert office.push().exit_code == Exit.DONE
    assert not office.sandbox.forbidden
    office.sandbox.forbid_writes = False
