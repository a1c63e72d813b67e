"""Lines and tables of a certain width: cut and aligned by what a terminal shows, whole where there is no terminal.

A character may take two places there, or none. Only a terminal cuts anything: scripts get whole lines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synclog.cli.context import colour
from synclog.core.cleantext import clean_line

_NARROWEST = 40
_BETWEEN = "  "
_BELOW = "  > "
_ROOM = 24
"""Places that a text needs at least to be read beside the others."""


def terminal_width() -> int | None:
    """Return how many places a line of the terminal on stdout has (`COLUMNS` says otherwise); None without one."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return max(shutil.get_terminal_size().columns, _NARROWEST)


def places(text: str) -> int:
    """Return how many places a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int | None) -> str:
    """Return a text that takes at most `width` places, its end shown as `…` where it is cut; None: the whole of it."""
    if width is None or places(text) <= width:
        return text
    if text.isascii():
        return text[: width - 1] + "…"
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip() + "…"


def padded(text: str, width: int) -> str:
    """Return a text with as many spaces behind it as make it take `width` places."""
    return text + " " * (width - places(text))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `right` puts numbers under each other; `fg` colours what is below the title; `most` is how
    many places it takes at most on a terminal. One that `wraps` gets the room that is left there, in as many lines as
    it needs; where too little is left, lines of its own below the row."""

    title: str
    right: bool = False
    fg: str | None = None
    most: int | None = None
    wraps: bool = False


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[str]], indent: str = "") -> list[str]:
    """Return a table as lines: on a terminal as wide as that, else every row in one line. Each cell is made harmless.
    A column that is empty everywhere is left out."""
    cells = [[clean_line(cell) for cell in row] for row in rows]
    used = [place for place in range(len(columns)) if any(row[place] for row in cells)]
    columns = [columns[place] for place in used]
    cells = [[row[place] for place in used] for row in cells]
    if not columns:
        return []
    width = terminal_width()
    lines = _aligned(columns, cells) if width is None else _fitted(columns, cells, width - len(indent))
    return [indent + line for line in lines]


def _aligned(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> list[str]:
    lines = [[column.title for column in columns], *cells]
    widths = _widths(columns, cells)
    made = []
    for line in lines:
        parts = [
            " " * (width - places(cell)) + cell if column.right else padded(cell, width)
            for column, cell, width in zip(columns, line, widths, strict=True)
        ]
        made.append(_BETWEEN.join(parts).rstrip())
    return made


def _fitted(columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """The lines of a table on a terminal, with the column that wraps beside the others or below them."""
    cells = [[cut(cell, column.most) for column, cell in zip(columns, row, strict=True)] for row in cells]
    wrapping = next((place for place, column in enumerate(columns) if column.wraps), None)
    if wrapping is None:
        return _drawn(columns, cells, width)
    fixed = sum(_widths(columns, cells)) - _widths(columns, cells)[wrapping] + len(_BETWEEN) * (len(columns) - 1)
    if width - fixed >= min(_ROOM, _widths(columns, cells)[wrapping]):
        return _drawn(columns, cells, width)
    others = [place for place in range(len(columns)) if place != wrapping]
    head, *lines = _drawn([columns[p] for p in others], [[row[p] for p in others] for row in cells], width)
    made = [head]
    for row, line in zip(cells, lines, strict=True):
        made += [line, *(_BELOW + part for part in _folded(row[wrapping], width - len(_BELOW)))]
    return made


def _drawn(columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """A table drawn by rich, at most so wide."""
    import io

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # One attribute at a time: `say` lets no other codes through.
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system="standard" if colour(sys.stdout) else None,
        force_terminal=True,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    table = Table(box=None, pad_edge=False, padding=(0, len(_BETWEEN), 0, 0), header_style="bold")
    for column in columns:
        table.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            no_wrap=not column.wraps,
            overflow="fold" if column.wraps else "ellipsis",
        )
    for row in cells:
        table.add_row(*(Text(cell, style=c.fg or "") for c, cell in zip(columns, row, strict=True)))
    with console.capture() as capture:
        console.print(table)
    return [line.rstrip() for line in capture.get().splitlines()]


def _folded(text: str, width: int) -> list[str]:
    from rich.console import Console
    from rich.text import Text

    return [line.plain.rstrip() for line in Text(text).wrap(Console(width=width), width)] if text else []


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> list[int]:
    """How many places each column takes in full."""
    lines = [[column.title for column in columns], *cells]
    return [max(places(line[place]) for line in lines) for place in range(len(columns))]


def named_lines(pairs: Iterable[tuple[str, str]], indent: str = "") -> list[str]:
    """Return `name:  value` lines with the values below each other; those without a value are left out."""
    shown = [(name, clean_line(value)) for name, value in pairs if value]
    widest = max((len(name) for name, _ in shown), default=0) + 3
    return [f"{indent}{f'{name}:':{widest}}{value}" for name, value in shown]
