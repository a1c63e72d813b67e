"""A note out of a command's options, each checked before anything is asked or written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

import click

from synclog.cli.completing import LABOR
from synclog.errors import UsageError

if TYPE_CHECKING:
    from synclog.core.notes import Note
    from synclog.model import Audience, Minutes

T = TypeVar("T")

time_option = click.option("--time", "minutes", metavar="TIME", help="Time worked: 90, 90m, 1h30m, 1.5h.")
labor_option = click.option(
    "--labor", metavar="L", type=LABOR, help="Labor of the time: an alias of synclog.yaml, or a product id."
)


def note_of(
    *,
    minutes: str | None = None,
    billed: str | None = None,
    labor: str | None = None,
    subject: str | None = None,
    to: str | None = None,
    day: str | None = None,
) -> Note:
    """Return the note that options say, its text still missing. Raises UsageError, naming the option."""
    from synclog.core.notes import Note, parse_note_date

    return Note(
        text="",
        minutes=minutes_of("--time", minutes),
        billed=minutes_of("--billed", billed),
        labor=labor,
        subject=subject,
        to=cast("Audience | None", to),
        date=_read("--date", day, parse_note_date),
    )


def minutes_of(option: str, text: str | None) -> Minutes | None:
    """Return the whole minutes that an option says, None where it was not given. Raises UsageError."""
    from synclog.core.durations import parse_minutes

    return _read(option, text, parse_minutes)


def _read(option: str, text: str | None, parse: Callable[[str], T]) -> T | None:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        said, _, forms = str(error).partition(": ")
        raise UsageError(f"{option}: {said}", remedy=forms) from None
