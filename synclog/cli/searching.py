"""`search`: tickets by the words in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from synclog.cli.columns import places, terminal_width
from synclog.cli.completing import CUSTOMER, STATUS
from synclog.cli.context import App, Report, pass_app, reporting, styled

if TYPE_CHECKING:
    from synclog.app.search import Found

_INDENT = "    "


@click.command(
    epilog="""\b
Examples:
  synclog search backup
  synclog search 'printer "blank pages"' --customer bakery
  synclog search 'migrat*' --status resolved --limit 5
  synclog search toner --remote
"""
)
@click.argument("query", nargs=-1, required=True)
@click.option("--status", metavar="S", type=STATUS, help="Only this status (a beginning or a part will do).")
@click.option("--customer", metavar="C", type=CUSTOMER, help="Only customers whose name has this in it.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), default=20, help="At most so many; 20 when left out.")
@click.option("--remote", is_flag=True, help="Let Syncro search instead of the mirror.")
@pass_app
@reporting
def search(
    app: App, query: tuple[str, ...], status: str | None, customer: str | None, limit: int, remote: bool
) -> Report:
    """Find tickets of any status by the words in them, what changed last first.

    All words have to be there, "quoted phrases" as they are; `word*` is any word that begins so.
    """
    from synclog.app.search import search_mirrored, search_remote

    typed = " ".join(query)
    workspace = app.workspace(look=not remote)
    if remote:
        with app.session(workspace) as session:
            found = search_remote(session, typed, status=status, customer=customer, limit=limit)
    else:
        found = search_mirrored(workspace, typed, status=status, customer=customer, limit=limit)
    for error in found.invalid:
        app.tell(f"left out, it is not valid (`synclog check` says why): {error.path}")
    if found.total > len(found.hits):
        app.tell(f"{found.total} were found; `--limit {found.total}` shows all of them")
    return Report(_json(found), _lines(found) or ["nothing found"])


def _lines(found: Found) -> list[str]:
    from synclog.cli.reading import row_lines

    width = terminal_width()
    lines = []
    for hit, line in zip(found.hits, row_lines([hit.row for hit in found.hits]), strict=True):
        snippet = hit.snippet if width is None else _cut_marked(hit.snippet, width - len(_INDENT))
        lines += [line, *([f"{_INDENT}{_marked(snippet)}"] if snippet else [])]
    return lines


def _cut_marked(snippet: str, width: int) -> str:
    """Return a snippet that takes at most `width` places, the marks in it none."""
    from synclog.app.search import BEGIN, END

    marks = str.maketrans("", "", BEGIN + END)
    if places(snippet.translate(marks)) <= width:
        return snippet
    kept = len(snippet)
    while places(snippet[:kept].translate(marks)) >= width:
        kept -= 1
    return f"{snippet[:kept]}…"


def _marked(snippet: str) -> str:
    """Return a snippet with what was found set off, on a terminal."""
    from synclog.app.search import BEGIN, END

    before, *pieces = snippet.split(BEGIN)
    for piece in pieces:
        match, _, after = piece.partition(END)
        before += styled(match, fg="yellow", bold=True) + after
    return before


def _json(found: Found) -> dict[str, object]:
    from synclog.app.search import BEGIN, END
    from synclog.cli.reading import row_json

    plain = str.maketrans("", "", BEGIN + END)
    return {
        "tickets": [row_json(hit.row) | {"snippet": hit.snippet.translate(plain) or None} for hit in found.hits],
        "total": found.total,
        "invalid": [error.path for error in found.invalid],
    }
