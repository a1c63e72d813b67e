"""Questions on a terminal, on stderr; each has an option that answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from synclog.cli.context import App
from synclog.core.cleantext import inert
from synclog.errors import UsageError

if TYPE_CHECKING:
    from synclog.core.settings import Settings
    from synclog.model import Minutes

_NONE = ("", "0", "-", "none", "no")


def ask_minutes(offered: Minutes) -> Minutes | None:
    """Ask how long it took; None for no time. What is `offered` is taken by Enter."""
    from synclog.core.durations import parse_minutes

    def read(answer: str) -> Minutes | None:
        if answer.strip().casefold() in _NONE:
            return None
        try:
            return parse_minutes(answer)
        except ValueError as error:
            raise click.UsageError(inert(str(error))) from None

    answered: Minutes | None = click.prompt(
        "Time worked, like 90 or 1h30m (0: none)", default=str(offered), value_proc=read, err=True
    )
    return answered


def ask_labor(app: App, settings: Settings, *, always: bool) -> str | None:
    """Ask for the labor of time, by an alias or a product id; where there is a default only if `always`: None leaves it
    to that. Raises UsageError where there is none and nobody can be asked."""
    aliases = ", ".join(settings.labor)
    if settings.defaults.labor is not None and not (always and app.interactive):
        return None
    if not app.interactive:
        raise UsageError("which labor is it?", remedy=f"add --labor: {aliases or 'a product id'}")

    def read(answer: str) -> str:
        word = answer.strip()
        if word in settings.labor or (word.isascii() and word.isdigit()):
            return word
        raise click.UsageError(f"there is no labor {inert(word)!r}")

    asked: str = click.prompt(
        inert(f"Labor ({aliases or 'a product id'})"), default=settings.defaults.labor, value_proc=read, err=True
    )
    return asked


def ask_text(question: str) -> str | None:
    """Ask for a text in a line; None for none."""
    answer: str = click.prompt(question, default="", show_default=False, err=True)
    return answer.strip() or None
