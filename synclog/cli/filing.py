"""`untrack`, `tidy`: which files there are, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence

import click

from synclog.cli.completing import TICKET
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import Exit


@click.command(
    epilog="""\b
Examples:
  synclog untrack 32162
  synclog untrack 32162 32164 --yes     even if work is in their files
"""
)
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True, type=TICKET)
@click.option("--yes", is_flag=True, help="Forget a file without asking, even if it holds work that was not pushed.")
@pass_app
@reporting
def untrack(app: App, numbers: tuple[int, ...], yes: bool) -> Report:
    """Forget the file of a ticket: remove it, and let no pull bring it back unless asked for by number.

    A file that holds work is kept, unless you say otherwise. Every clone of the repository learns of it. Syncro is
    not asked, and the ticket there stays as it is. `synclog pull NUMBER` makes a file of it again.
    """
    from synclog.app.untracking import untrack as run

    def confirm(number: int, work: Sequence[str]) -> bool:
        if yes or not app.interactive:
            return yes
        return click.confirm(f"#{number} holds {', '.join(work)}. Forget its file all the same?", err=True)

    result = run(app.workspace(), numbers, confirm=confirm)
    lines = [f"#{number} is forgotten; `synclog pull {number}` brings it back" for number in result.untracked]
    document = {
        "untracked": result.untracked,
        "kept": {str(number): list(work) for number, work in result.kept.items()},
        "commit": result.commit,
    }
    return Report(document, lines, result.errors, result.exit_code)


@click.command(
    epilog="""\b
Examples:
  synclog tidy --dry-run     what would be renamed
  synclog tidy
  synclog tidy 32162         just this ticket's file
"""
)
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=TICKET)
@click.option("--dry-run", is_flag=True, help="Rename nothing; say what would be.")
@pass_app
@reporting
def tidy(app: App, numbers: tuple[int, ...], dry_run: bool) -> Report:
    """Rename customers' folders and tickets' files to what they are called today. Needs no network.

    Names are given once and stay when a subject or a customer's name changes, until you say this. With numbers only
    these tickets' files are renamed, and no folder.
    """
    from synclog.app.tidying import tidy as run

    result = run(app.workspace(), numbers, dry_run=dry_run)
    would = "would be " if dry_run else ""
    lines = [f"{would}renamed: {old} -> {new.rpartition('/')[2]}" for old, new in result.renamed]
    if not lines and result.exit_code == Exit.DONE:
        lines.append("everything is called as it should be")
    document = {"renamed": [{"from": old, "to": new} for old, new in result.renamed], "commits": result.committed}
    return Report(document, lines, result.errors, result.exit_code)
