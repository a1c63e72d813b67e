"""The kinds of words that a shell can complete: `TICKET`, `STATUS`, `LABOR`, `CUSTOMER`.

A command takes them as types of its arguments and options:

    @click.argument("number", type=TICKET)
    @click.option("--customer", metavar="C", type=CUSTOMER)

What is offered is always one plain word, since shells differ in whether they quote what they insert, and a customer's
name may hold anything: `lens-auto-brokerage`. The type turns such a word back into the name it stands for; whatever
else is typed reaches the command as it was typed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace

    _Offered = Callable[[Workspace], Mapping[str, str]]
    _Meant = Callable[[Workspace, str], str | None]

_OFFERED_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HELP_WIDTH = 60


class _Ticket(click.IntRange):
    """A ticket's number."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from synclog.app.offering import offered_tickets

        workspace = _workspace(ctx)
        offered = offered_tickets(workspace, incomplete) if workspace else []
        taken = ctx.params.get(param.name or "") or ()
        taken = taken if isinstance(taken, tuple) else (taken,)
        tickets = [_item(str(number), subject) for number, subject in offered if number not in taken]
        return [*_second_words(ctx, param, incomplete), *tickets]


class _Word(click.types.StringParamType):
    """A name that can be completed by a word. `offered` gives names by their words, `meant` the name of one word."""

    def __init__(self, offered: _Offered, meant: _Meant | None = None) -> None:
        self.offered = offered
        self.meant = meant or (lambda workspace, word: offered(workspace).get(word))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        typed = str(super().convert(value, param, ctx))
        if typed.isdigit() or not _OFFERED_WORD.fullmatch(typed):
            return typed
        workspace = _workspace(ctx)
        return (self.meant(workspace, typed) if workspace else None) or typed

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        begun = incomplete.casefold()
        workspace = _workspace(ctx)
        known = self.offered(workspace).items() if workspace else ()
        words = [_item(w, n) for w, n in known if w.startswith(begun) or n.casefold().startswith(begun)]
        return [*_second_words(ctx, param, incomplete), *words]


def _customers(workspace: Workspace) -> Mapping[str, str]:
    from synclog.app.offering import offered_customers

    return offered_customers(workspace)


def _customer(workspace: Workspace, word: str) -> str | None:
    from synclog.app.offering import customer_offered_as

    return customer_offered_as(workspace, word)


def _statuses(workspace: Workspace) -> Mapping[str, str]:
    from synclog.app.offering import offered_statuses

    return offered_statuses(workspace)


def _labor(workspace: Workspace) -> Mapping[str, str]:
    from synclog.app.offering import offered_labor

    return {alias: alias for alias in offered_labor(workspace)}


TICKET = _Ticket(min=1)
CUSTOMER = _Word(_customers, _customer)
STATUS = _Word(_statuses)
LABOR = _Word(_labor)


def _workspace(ctx: click.Context | None) -> Workspace | None:
    """The workspace that the command is for, None where there is none that can be opened."""
    from pathlib import Path

    from synclog.errors import SynclogError
    from synclog.workspace.workspace import Workspace

    directory = ctx.find_root().params.get("directory") if ctx else None
    try:
        return Workspace.open(Path(directory or os.curdir))
    except (SynclogError, OSError):
        return None


def _item(word: str, stands_for: str) -> CompletionItem:
    text = stands_for if len(stands_for) <= _HELP_WIDTH else stands_for[: _HELP_WIDTH - 1] + "…"
    return CompletionItem(word, help=text if text != word else None)


def _second_words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What can come after the first word of a command besides its argument: `customers create` beside `customers C`."""
    from synclog.cli.entry import words_after

    if not isinstance(param, click.Argument) or ctx.params.get(param.name or ""):
        return []
    return words_after(str(ctx.command.name), incomplete)
