"""`resolve`: a person says what nobody else can tell."""

from __future__ import annotations

import click

from synclog.cli.completing import TICKET
from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  synclog resolve 32162 --ours                      your values stay, and are pushed
  synclog resolve 32162 --theirs --field status     Syncro's status goes into the file
  synclog resolve 32162 --note 32162-7k2m9q4x1c --posted 397218929
  synclog resolve 32162 --note 32162-7k2m9q4x1c --send-again
  synclog resolve 32162 --invoice --posted 41209
  synclog resolve --note new-7k2m9q4x1c --posted 32171
  synclog resolve 32162 --doing 32162-7k2m9q4x1c --drop
"""
)
@click.argument("number", required=False, type=TICKET)
@click.option("--ours", is_flag=True, help="Conflicts: what the file says is right.")
@click.option("--theirs", is_flag=True, help="Conflicts: what Syncro says is right.")
@click.option("--field", "fields", metavar="F", multiple=True, help="Only the conflict of this field.")
@click.option("--note", "reference", metavar="ID", help="A doubtful note, or a new ticket, by its reference.")
@click.option("--invoice", is_flag=True, help="The doubtful invoice of the ticket.")
@click.option("--posted", metavar="ID", help="It is in Syncro: the comment's id, the invoice's or the ticket's number.")
@click.option("--send-again", "again", is_flag=True, help="It is not in Syncro: the next push sends it.")
@click.option("--doing", metavar="ID", help="What was begun by a command of its own, by its id.")
@click.option("--drop", is_flag=True, help="Nothing more is sent for it; say so after a look in the web interface.")
@pass_app
@reporting
def resolve(
    app: App,
    number: int | None,
    ours: bool,
    theirs: bool,
    fields: tuple[str, ...],
    reference: str | None,
    invoice: bool,
    posted: str | None,
    again: bool,
    doing: str | None,
    drop: bool,
) -> Report:
    """Settle a conflict, or what is doubtful. Sends nothing: the next push goes by it."""
    from synclog.app.conflicts import resolve_fields
    from synclog.app.push import resolving

    if doing is not None or drop:
        if (
            not drop
            or doing is None
            or number is None
            or any((ours, theirs, fields, reference, invoice, posted, again))
        ):
            raise UsageError("say just this of what was begun: `synclog resolve NUMBER --doing ID --drop`")
        with app.session() as session:
            done = resolving.drop_one_off(session, number, doing)
        return Report({"path": done.path, "settled": done.what}, [f"settled: {done.what}"])
    _check_words(number, ours, theirs, fields, reference, invoice, posted, again)
    if (ours or theirs) and number is not None:
        path, settled = resolve_fields(app.workspace(), number, theirs=theirs, fields=fields)
        what = f"#{number} {', '.join(settled)}: {'theirs' if theirs else 'ours'}"
        return Report({"path": path, "settled": what}, [f"settled: {what}"])
    with app.session() as session:
        if reference is not None and reference.startswith("new-"):
            done = resolving.resolve_draft(session, reference, posted=_whole(posted))
        elif number is None:
            raise UsageError("which ticket?", remedy="name its number: `synclog resolve 32162 …`")
        elif reference is not None:
            done = resolving.resolve_note(session, number, reference, posted=_whole(posted))
        else:
            done = resolving.resolve_invoice(session, number, posted=posted)
    return Report({"path": done.path, "settled": done.what}, [f"settled: {done.what}"])


def _check_words(
    number: int | None,
    ours: bool,
    theirs: bool,
    fields: tuple[str, ...],
    reference: str | None,
    invoice: bool,
    posted: str | None,
    again: bool,
) -> None:
    """Refuse words that don't say one thing. Raises UsageError."""
    things = [ours or theirs, reference is not None, invoice]
    if sum(things) != 1:
        raise UsageError("say what is to be settled: --ours or --theirs, --note ID, or --invoice")
    if ours and theirs:
        raise UsageError("--ours and --theirs can't both be right")
    if fields and not (ours or theirs):
        raise UsageError("--field goes with --ours or --theirs")
    if (ours or theirs) and (posted or again):
        raise UsageError("--posted and --send-again go with --note or --invoice")
    if not (ours or theirs) and bool(posted) == again:
        raise UsageError("say either --posted ID or --send-again")


def _whole(posted: str | None) -> int | None:
    if posted is None:
        return None
    if not (posted.isascii() and posted.isdigit()):
        raise UsageError(f"--posted {posted} is not a number")
    return int(posted)
