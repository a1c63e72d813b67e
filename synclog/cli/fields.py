"""The options of a ticket's fields, for the commands that set them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def field_options(function: F) -> F:
    """Give a command the options of the fields that may be empty, each as a text or None, and `tag` as texts."""
    options = (
        click.option("--priority", metavar="P", help="The priority, as the account calls it."),
        click.option("--problem-type", metavar="T", help="The problem type."),
        click.option("--due-date", metavar="D", help="2026-04-20, a full time, or none."),
        click.option("--assigned-to", metavar="WHO", help="A technician, `me`, or none."),
        click.option("--contact", metavar="WHO", help="A contact of the customer, or none."),
        click.option("--tag", metavar="T", multiple=True, help="Put a tag on. May be given more than once."),
    )
    return functools.reduce(lambda made, option: option(made), reversed(options), function)
