"""One-offs in a schedule: timer entries without a comment, corrections, lines of invoices, deletions; and what must
hold of them.

Each is the real command up to its question, which is answered with yes. The same command again is the same one-off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulation.server import token_of
from simulation.world import BEGIN, Broken
from synclog.app.push.oneoffs.commands import Make, run_one_off
from synclog.app.push.oneoffs.making import (
    Ground,
    Line,
    Other,
    make_correction,
    make_invoice_removal,
    make_line,
    make_ticket_removal,
    make_timer,
)
from synclog.app.push.run import PushResult
from synclog.app.push.state import Done
from synclog.core.holding import work_in
from synclog.core.oneoffs import Correction, InvoiceRemoval, NewLine, NewTimer, OneOff
from synclog.core.references import ticket_of
from synclog.errors import SynclogError
from synclog.model import Invoice, LineItem, Reference, TimerEntry

if TYPE_CHECKING:
    from simulation.desk import Tree
    from simulation.story import Story
    from synclog.core.ticketfile import TicketFile


@dataclass(slots=True)
class Asked:
    """What was asked for: by pieces of work the `times` (minutes, 0: none) that corrections may have made of it; ids of
    `invoices` and `tickets` that were to go; one-offs as they were `made`, by id; which note each
    of `comments` was said to be, and pieces of work that got `more` time by that. `told` is the last time that each
    timer entry or charge, (`timer`, id) or (`item`, id), was said to be corrected to."""

    times: dict[int, set[int]] = field(default_factory=dict)
    invoices: set[int] = field(default_factory=set)
    tickets: set[int] = field(default_factory=set)
    made: dict[Reference, OneOff] = field(default_factory=dict)
    comments: dict[tuple[int, int], object] = field(default_factory=dict)
    more: dict[int, int] = field(default_factory=dict)
    told: dict[tuple[str, int], int] = field(default_factory=dict)


def command(story: Story, action: tuple[Any, ...]) -> Callable[[], None] | None:
    """Return the run of a command; None where there is nothing that it could be given."""
    name, which, ticket, *rest = action
    *words, queue, faults, dies = rest
    tree, file = story.at(which, ticket)
    make = _MAKERS[name](story, tree, file, *words)
    if make is None:
        return None
    around = story.process(tree, faults, dies)
    number = file.number or 0

    def kept(ground: Ground) -> OneOff | None:
        made = make(ground)
        if made is not None:
            story.asked_doing.made[made.id] = made
        return made

    def run() -> None:
        try:
            result = run_one_off(around, number, kept, lambda _: True, queue)
        except SynclogError:
            return
        told(story, result)

    return run


# --- the commands ----------------------------------------------------------------------------------------------------


def _add_timer(story: Story, tree: Tree, file: TicketFile, token: int, minutes: int) -> Make:
    start = BEGIN - timedelta(hours=3, minutes=token)
    end = start + timedelta(minutes=minutes)
    return lambda ground: make_timer(ground, start, end, "remote", f"job{token} at the customer's", again=False)


def _correct(
    story: Story, tree: Tree, file: TicketFile, place: int, minutes: int | None, labor: str | None
) -> Make | None:
    """Mend the time of some posted work; `minutes` of 0 remove it."""
    entries = story.process(tree).desk.ledger([file.number or 0]).entries
    timed = {e.reference: e for e in reversed(entries) if e.reference and (e.timer or e.line_items)}
    if not timed:
        return None
    reference = sorted(timed)[place % len(timed)]
    entry = timed[reference]
    token = story.server.origins.get(entry.timer or next(iter(entry.line_items)), 0)
    other = Other(minutes or None, labor, remove=minutes == 0)

    def make(ground: Ground) -> OneOff | None:
        one = make_correction(ground, reference, other)
        if isinstance(one, Correction):
            story.asked_doing.times.setdefault(token, set()).add(one.bills)
            for known in (("timer", one.timer), ("item", one.item)):
                story.asked_doing.told.pop(known, None)  # type: ignore[call-overload]
        return one

    return make


def _invoice_of(story: Story, file: TicketFile) -> Invoice | None:
    return next((invoice for invoice in story.server.invoices if invoice.ticket_id == file.id), None)


def _add_line(story: Story, tree: Tree, file: TicketFile, token: int) -> Make | None:
    invoice = _invoice_of(story, file)
    if invoice is None:
        return None
    line = Line(Decimal(2), f"job{token} cable", price=Decimal("4.50"))
    return lambda ground: make_line(ground, ground.around.client.invoice(invoice.id), line, again=False)


def _drop_invoice(story: Story, tree: Tree, file: TicketFile) -> Make | None:
    invoice = _invoice_of(story, file)
    if invoice is None:
        return None
    story.asked_doing.invoices.add(invoice.id)
    if story.loose:
        # A wish from before, brought back by a stale buffer, is a new one then.
        story.asked[file.number or 0] = story.asked.get(file.number or 0, 0) + 1
    return lambda ground: make_invoice_removal(ground, ground.around.client.invoice(invoice.id))


def _drop_ticket(story: Story, tree: Tree, file: TicketFile) -> Make | None:
    if len(story.server.books) < 2:
        return None
    story.asked_doing.tickets.add(file.id or 0)
    return lambda ground: make_ticket_removal(ground, work_in(ground.file), with_work=False)


_MAKERS: dict[str, Callable[..., Make | None]] = {
    "add_timer": _add_timer,
    "correct": _correct,
    "add_line": _add_line,
    "drop_invoice": _drop_invoice,
    "drop_ticket": _drop_ticket,
}
COMMANDS = frozenset(_MAKERS)


# --- what must hold --------------------------------------------------------------------------------------------------


def told(story: Story, result: PushResult) -> None:
    """Whatever a run calls done is there when it ends, unless somebody else was at work meanwhile."""
    for done in result.done:
        if done.one_off is None:
            continue
        one = story.asked_doing.made.get(done.one_off)
        if story.world.switching is None:
            _is_there(story, done, one)
        if isinstance(one, Correction) and story.world.switching is None:
            story.asked_doing.told |= dict(_wanted_of(done, one))
        elif isinstance(one, Correction):
            # Of two runs side by side the one that ends last may have been the first to correct.
            for key, _ in _wanted_of(done, one):
                story.asked_doing.told.pop(key, None)


def _is_there(story: Story, done: Done, one: OneOff | None) -> None:
    if isinstance(one, Correction):
        for (kind, number), minutes in _wanted_of(done, one):
            if _minutes_of(story, kind, number) != minutes:
                raise Broken(f"{kind} {number} is called corrected to {minutes} minutes, and is not")
    elif isinstance(one, NewTimer):
        if not any(t.id == done.timer for book in story.server.everything() for t in book.timers):
            raise Broken(f"timer entry {done.timer} is called added, and is not there")
    elif isinstance(one, NewLine):
        lines = next((i.lines or () for i in story.server.invoices if i.id == one.invoice), ())
        if not any(token_of(line.name) == token_of(one.name) for line in lines):
            raise Broken(f"a line of {one.name} is called added, and is not there")
    elif done.invoice is not None and any(invoice.number == done.invoice for invoice in story.server.invoices):
        raise Broken(f"invoice {done.invoice} is called deleted, and is there")
    elif done.invoice is None and any(book.ticket.number == done.number for book in story.server.books.values()):
        raise Broken(f"#{done.number} is called deleted, and is there")


def _wanted_of(done: Done, one: Correction) -> list[tuple[tuple[str, int], int]]:
    """What a correction that is done made of a timer entry and of a charge, in minutes; 0: it is gone."""
    minutes = 0 if one.removes else done.billed or 0
    parts = (("timer", one.timer), ("item", one.item))
    return [((kind, number), minutes) for kind, number in parts if number is not None]


def _minutes_of(story: Story, kind: str, number: int) -> int:
    books = story.server.everything()
    found: Sequence[TimerEntry | LineItem]
    found = [t for b in books for t in b.timers] if kind == "timer" else [i for b in books for i in b.items]
    one = next((each for each in found if each.id == number), None)
    if one is None:
        return 0
    return one.minutes if isinstance(one, TimerEntry) else int(one.quantity * 60)


def check_one_offs(story: Story) -> None:
    """Each was done at most once, and what was called done stays done; what was not asked for was not touched."""
    for (kind, token, _), count in story.server.added.items():
        # Removed on one branch, it is asked for by another one that knows nothing of that.
        removed = 0 in story.asked_doing.times.get(token, ())
        if token not in story.jobs and count > 1 and not removed:
            raise Broken(f"the {kind} of job{token} was added {count} times")
    for (kind, number), minutes in story.asked_doing.told.items():
        if _minutes_of(story, kind, number) != minutes:
            raise Broken(f"{kind} {number} was called corrected to {minutes} minutes, and has others now")
    gone = {book.ticket.id for book in story.server.deleted} - story.asked_doing.tickets
    if gone:
        raise Broken(f"tickets {gone} were deleted, and nobody asked for that")
    left = {invoice.id for invoice in story.server.invoices}
    lost = story.server.ever_invoiced - left - story.asked_doing.invoices
    if lost:
        raise Broken(f"invoices {lost} were deleted, and nobody asked for that")
    for name, one in story.asked_doing.made.items():
        _ended(story, name, one)


def _ended(story: Story, name: Reference, one: OneOff) -> None:
    """A one-off that history has as begun is recorded, taken back, or still in some file."""
    others = [o for n, o in story.asked_doing.made.items() if isinstance(o, Correction) and n != name]
    if isinstance(one, Correction) and any(other.of == one.of for other in others):
        # It may have been corrected on, before its record was found to be missing.
        return
    if all(book.ticket.number != ticket_of(name) for book in story.server.books.values()):
        # Its ticket is deleted, and nobody can look there.
        return
    waiting = any(other.id == name for tree in story.trees for f in tree.disk.values() for other in f.doing)
    if waiting or story.loose or story.confusing or not _is_done(story, one):
        # What was refused or taken out by hand, and is not there, is over as well.
        return
    for tree in story.trees:
        numbers = [file.number for file in tree.disk.values() if file.number is not None]
        ledger = story.process(tree).desk.ledger(numbers)
        if name in ledger.begun - ledger.recorded:
            raise Broken(f"{one} was begun, and is neither recorded nor there")


def _is_done(story: Story, one: OneOff) -> bool:
    """Whether Syncro has what was asked for."""
    if isinstance(one, NewTimer | NewLine):
        token = token_of(one.text if isinstance(one, NewTimer) else one.name)
        return any(known == token for _, known, _ in story.server.added)
    if isinstance(one, Correction):
        parts = (("timer", one.timer), ("item", one.item))
        return all(_minutes_of(story, kind, number) == one.bills for kind, number in parts if number is not None)
    return isinstance(one, InvoiceRemoval) and all(invoice.id != one.invoice for invoice in story.server.invoices)


def tokens_waiting(file: TicketFile) -> list[int]:
    """Return the work whose one-offs a file holds."""
    texts = [one.text if isinstance(one, NewTimer) else one.name for one in file.doing if isinstance(one, _NEW)]
    return [token for text in texts if (token := token_of(text)) is not None]


_NEW = (NewTimer, NewLine)
