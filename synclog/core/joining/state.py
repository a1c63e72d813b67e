"""What else a file holds of wishes and of synclog's own state: the invoice, a draft's stamp, one-offs, `gone`."""

from __future__ import annotations

from dataclasses import dataclass

from synclog.core.joining.lines import changed_one
from synclog.core.joining.stamps import join_stamps
from synclog.core.notes import Stamp
from synclog.core.oneoffs import OneOff


@dataclass(frozen=True, slots=True)
class SideState:
    """`invoice` is the wish for one, `invoice_after` its stamp, `create` the stamp of a draft, `doing` are one-offs
    that are not finished."""

    invoice: bool
    invoice_after: int | None
    create: Stamp | None
    gone: bool
    doing: tuple[OneOff, ...] = ()


def join_state(ancestor: SideState | None, ours: SideState, theirs: SideState) -> SideState:
    """Return what holds of two versions: what one side changed; without an ancestor, what either side has.

    The stamp of an invoice goes with the wish for it. Of two the lower one is kept: it sees more invoices as newer.
    """
    if ancestor is None:
        invoice, gone = ours.invoice or theirs.invoice, ours.gone or theirs.gone
    else:
        invoice = changed_one(ancestor.invoice, ours.invoice, theirs.invoice)
        gone = changed_one(ancestor.gone, ours.gone, theirs.gone)
    after = [side.invoice_after for side in (ours, theirs) if side.invoice_after is not None]
    return SideState(
        invoice=invoice,
        invoice_after=min(after) if after and invoice else None,
        create=join_stamps(ancestor.create if ancestor else None, ours.create, theirs.create),
        gone=gone,
        doing=_join_doing(ancestor.doing if ancestor else (), ours.doing, theirs.doing),
    )


def _join_doing(
    ancestor: tuple[OneOff, ...], ours: tuple[OneOff, ...], theirs: tuple[OneOff, ...]
) -> tuple[OneOff, ...]:
    """Return the one-offs of both sides, less those that one side is done with or took out. One that the other began
    since stays: it may be in Syncro, and history tells whether it was recorded. Of two stamps the lower one is kept: it
    sees more of what is there as newer."""
    old, mine, other = ({one.id: one for one in side} for side in (ancestor, ours, theirs))
    found = []
    for name in dict.fromkeys([*mine, *other]):
        sides = [side[name] for side in (mine, other) if name in side]
        if len(sides) == 2 or name not in old or sides[0] != old[name]:
            found.append(min(sides, key=lambda one: (one.after is None, one.after or 0)))
    return tuple(found)
