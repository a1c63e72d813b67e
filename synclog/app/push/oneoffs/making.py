"""One-offs made of a command's words, of history and of what Syncro says now; what can't be done is refused here, by a
word of its own, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from synclog.app.push.oneoffs.seeing import TimeThere, time_there
from synclog.core.cleantext import clean_line
from synclog.core.deciding.oneoffs import names
from synclog.core.deciding.times import minutes_of
from synclog.core.durations import LONGEST
from synclog.core.oneoffs import Correction, InvoiceRemoval, NewLine, NewTimer, OneOff, TicketRemoval, named
from synclog.core.plan import Rate
from synclog.core.settings import Labor
from synclog.core.trail import Ledger, TrailEntry
from synclog.core.work import bills_of, labor_of
from synclog.errors import DecisionNeeded, NotFound, UsageError, WrongTechnician
from synclog.model import Invoice, LineItem, Me, Minutes, Reference, TimerEntry

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.push.surroundings import Surroundings
    from synclog.core.ticketfile import TicketFile
    from synclog.core.work import TicketWork

_MOST_PLACES = 1000
_MOST = Decimal(10) ** 9

T = TypeVar("T", NewTimer, NewLine)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a one-off is made on: the ticket's file and its work, what history says of it, and live rates by product."""

    around: Surroundings
    me: Me
    mirroring: Mirroring
    file: TicketFile
    work: TicketWork
    ledger: Ledger
    rate_of: Callable[[int], Rate]

    @property
    def web(self) -> str:
        """Where a person finds the ticket."""
        found = self.file.fields.get("url")
        return found if isinstance(found, str) else "the web interface"

    def labor(self, written: str | None) -> Labor:
        """Return a labor by its alias or product id, with a live rate. Raises UsageError."""
        settings = self.around.settings
        labor = labor_of(written, settings)
        known = ", ".join(settings.labor) or "none yet: add `labor:` to synclog.yaml"
        if labor is None:
            what = (
                f"{written!r} is not a labor of synclog.yaml" if written else "no labor is named, and none is default"
            )
            raise UsageError(what, remedy=f"known: {known}; or give a product id")
        try:
            self.rate_of(labor.product_id)
        except NotFound:
            message = f"the account has no labor product {labor.product_id} ({labor.alias})"
            raise UsageError(message, remedy="`synclog doctor --labor` lists the right ones") from None
        return labor

    def at_its_place(self, one: T, *, again: bool) -> T:
        """Return a one-off with its id: with that of the first place of equal ones that history lacks. One that it has
        is not made again unasked. With `again` one that waits in the file is another one. Raises DecisionNeeded."""
        number = self.work.number
        waiting = {other.id for other in self.file.doing if other.after is None} if again else set()
        for place in range(1, _MOST_PLACES):
            made = named(number, replace(one, place=place))
            known = [entry for entry in self.ledger.entries if entry.reference == made.id]
            if made.id in waiting:
                continue
            if not known:
                return made
            if not (again or _is_removed(known)):
                raise DecisionNeeded(
                    f"#{number}: the very same was added already ({made.id}); nothing was sent",
                    remedy="say --again for one more",
                )
        raise UsageError("that is there too often")


# --- correcting ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Other:
    """What is to be corrected: `minutes` and `labor` where they are given, or all of it removed."""

    minutes: Minutes | None = None
    labor: str | None = None
    remove: bool = False


def make_correction(ground: Ground, reference: Reference, other: Other) -> OneOff | None:
    """Return the correction of the time of a reference; None where it is like that already.

    Raises UsageError for a reference that history lacks, WrongTechnician for another's time, DecisionNeeded for what
    only a person can mend: what is invoiced, or not there any more.
    """
    begun = next((o for o in ground.file.doing if isinstance(o, Correction) and o.of == reference), None)
    if begun is not None and _is_asked_again(ground, begun, other):
        return begun
    entries = [entry for entry in ground.ledger.entries if entry.reference == reference]
    target = _target(ground, reference, entries)
    timer, item = target.timer, target.item
    first = timer or item
    assert first is not None
    was, was_product = minutes_of(first), first.product_id
    worked = next((entry.minutes for entry in entries if entry.minutes is not None), was)
    old = _labor_there(ground, was_product)
    labor = ground.labor(other.labor) if other.labor else old
    minutes = bills = 0
    if labor is None and other.remove:
        labor = Labor("", 0)
    if labor is None:
        raise UsageError(f"{reference}: its time is on no labor product", remedy="name one: --labor")
    if not other.remove:
        minutes = other.minutes or worked
        as_was = old is not None and other.minutes is None and bills_of(worked, old)[0] != was
        bills = was if as_was else bills_of(minutes, labor)[0]
    one = Correction(
        id="",
        by=ground.me.user_id,
        of=reference,
        minutes=minutes,
        bills=bills,
        product_id=labor.product_id,
        labor=labor.alias,
        was=was,
        was_product_id=was_product,
    )
    if timer is not None:
        one = replace(one, timer=timer.id, user=timer.user_id, start=timer.start_at)
        if item is not None:
            one = replace(one, item_was=minutes_of(item), item_product_id=item.product_id)
    if item is not None:
        one = replace(one, item=item.id)
        if not other.remove and item.product_id != labor.product_id:
            rate = ground.rate_of(labor.product_id)
            one = replace(
                one, name=rate.name[:100] or f"Labor {rate.product_id}", price=rate.price, taxable=rate.taxable
            )
    is_so = not other.remove and (bills, labor.product_id) == (was, was_product) and minutes == worked
    if timer is not None and item is not None:
        is_so &= (minutes_of(item), item.product_id) == (timer.billable_minutes, labor.product_id)
    return None if is_so else named(ground.work.number, one)


def _is_asked_again(ground: Ground, begun: Correction, other: Other) -> bool:
    """Whether a correction that stands in the file is the one that is asked for."""
    if other.remove or begun.removes:
        return other.remove and begun.removes
    labor = ground.labor(other.labor) if other.labor else None
    return other.minutes in (None, begun.minutes) and (labor is None or labor.product_id == begun.product_id)


@dataclass(frozen=True, slots=True)
class _Target:
    """The time of a reference as it is in Syncro: a timer entry, its charge, or a charge alone."""

    timer: TimerEntry | None
    item: LineItem | None


def _target(ground: Ground, reference: Reference, entries: list[TrailEntry]) -> _Target:
    name = f"#{ground.work.number} {reference}"
    if not entries:
        raise UsageError(
            f"the audit trail does not know {reference}",
            remedy="it is what `Ref` says on the last line of the comment; if a colleague posted it, `git pull` first",
        )
    timed = next((entry for entry in entries if entry.timer or entry.line_items), None)
    if timed is None:
        waits = any(entry.time_waits for entry in entries)
        remedy = "change its note, and push" if waits else f"what else is wrong can be mended here: {ground.web}"
        raise UsageError(f"{name}: no time of it is recorded{', it waits in the file' if waits else ''}", remedy=remedy)
    if _is_removed(entries):
        raise UsageError(f"{name}: its time was removed already")
    there = time_there(ground.around, ground.work.id)
    target = _found(ground, name, reference, timed, there)
    _refuse_anothers(ground, name, entries, there, target)
    if target.item is not None and target.item.invoiced:
        raise DecisionNeeded(
            f"{name}: its time is on an invoice already, and stays as it is", remedy=f"mend it there: {ground.web}"
        )
    return target


def _found(ground: Ground, name: str, reference: Reference, timed: TrailEntry, there: TimeThere) -> _Target:
    def charge(number: int | None) -> LineItem | None:
        return next((item for item in there.items if item.id == number), None)

    if timed.timer is not None:
        timer = next((timer for timer in there.timers if timer.id == timed.timer), None)
        if timer is None:
            raise _not_there(ground, name, f"timer entry {timed.timer}")
        if not timer.charged:
            return _Target(timer, None)
        known = timer.line_item_id or next(iter(timed.line_items), None)
        saying = [item for item in there.items if names(item.description, reference)]
        item = charge(known) if known else saying[0] if len(saying) == 1 else None
        if item is None:
            raise DecisionNeeded(
                f"{name}: timer entry {timer.id} is charged, and its charge does not show on the ticket",
                remedy=f"it may be on an invoice; mend it there: {ground.web}",
            )
        return _Target(timer, item)
    item = charge(timed.line_items[0]) if len(timed.line_items) == 1 else None
    if item is None:
        raise _not_there(ground, name, f"charge {', '.join(map(str, timed.line_items))}")
    return _Target(None, item)


def _not_there(ground: Ground, name: str, what: str) -> DecisionNeeded:
    return DecisionNeeded(f"{name}: {what} is not on the ticket any more", remedy=f"look there: {ground.web}")


def _refuse_anothers(ground: Ground, name: str, entries: list[TrailEntry], there: TimeThere, target: _Target) -> None:
    """Time is mended by whose it is: a key can't speak for another technician."""
    comments = {entry.comment for entry in entries if entry.comment is not None}
    users = [comment.user_id for comment in there.sight.comments if comment.id in comments]
    users += [target.timer.user_id if target.timer else target.item.user_id if target.item else None]
    other = next((user for user in users if user not in (None, ground.me.user_id)), None)
    if other is None:
        return
    people = ground.mirroring.account.technicians
    who = clean_line(next((p.name for p in people if p.id == other), f"user {other}"))
    raise WrongTechnician(
        f"{name}: it is the work of {who}, and the key is that of {ground.me.name}: nothing was sent",
        remedy=f"{who} corrects it, or somebody in the web interface: {ground.web}",
    )


def _labor_there(ground: Ground, product_id: int | None) -> Labor | None:
    return labor_of(str(product_id), ground.around.settings) if product_id is not None else None


def _is_removed(entries: list[TrailEntry]) -> bool:
    """Whether the newest entry of a reference says that its time was removed."""
    return entries[0].op == "correct" and entries[0].billed_minutes == 0


# --- adding ----------------------------------------------------------------------------------------------------------


def make_timer(ground: Ground, start: datetime, end: datetime, labor: str | None, text: str, *, again: bool) -> OneOff:
    """Return a plain timer entry from `start` to `end` (aware). Raises UsageError for a time that can't be."""
    minutes = (end - start) / timedelta(minutes=1)
    if minutes != int(minutes) or not 0 < minutes <= LONGEST:
        raise UsageError(
            f"from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} are no whole minutes, above 0 and at most 24h",
            remedy="give a later --end; where it is of another day, with its date: 2026-04-17 00:30",
        )
    if start > ground.around.clock.now():
        raise UsageError(f"{start:%Y-%m-%d %H:%M} is yet to come", remedy="give the date with it: 2026-04-17 09:00")
    chosen = ground.labor(labor or ground.around.settings.defaults.labor)
    one = NewTimer(
        id="",
        by=ground.me.user_id,
        start=start.astimezone(UTC),
        minutes=int(minutes),
        bills=bills_of(int(minutes), chosen)[0],
        product_id=chosen.product_id,
        labor=chosen.alias,
        text=clean_line(text)[:200].strip(),
    )
    return ground.at_its_place(one, again=again)


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be added to an invoice: of a `product` of the catalogue, or by `name` and `price`."""

    quantity: Decimal = Decimal(1)
    name: str = ""
    product: int | None = None
    price: Decimal | None = None
    text: str = ""


def make_line(ground: Ground, invoice: Invoice, line: Line, *, again: bool) -> OneOff:
    """Return a line to add to an invoice. Raises UsageError for one that is none, DecisionNeeded for a paid invoice."""
    if invoice.is_paid:
        raise DecisionNeeded(f"invoice {invoice.number} is paid: nothing is added to it", remedy="make another one")
    price, name = line.price, clean_line(line.name)
    if line.product is not None:
        try:
            rate = ground.rate_of(line.product)
        except NotFound:
            raise UsageError(f"the catalogue has no product {line.product}", remedy="give its id") from None
        price, name = (rate.price if price is None else price), name or rate.name
    if not name or price is None:
        raise UsageError("a line needs a product, or a name and a price", remedy="--product ID, or --name … --price …")
    if not 0 < line.quantity < _MOST or abs(price) >= _MOST or _places(line.quantity) > 4 or _places(price) > 4:
        raise UsageError("a quantity is above 0, and it and the price have at most four decimals")
    one = NewLine(
        id="",
        by=ground.me.user_id,
        invoice=invoice.id,
        number=invoice.number,
        name=name[:100],
        quantity=line.quantity,
        price=price,
        text=clean_line(line.text)[:200].strip(),
        product_id=line.product,
    )
    return ground.at_its_place(one, again=again)


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 99


# --- deleting --------------------------------------------------------------------------------------------------------


def make_invoice_removal(ground: Ground, invoice: Invoice) -> OneOff:
    """Return the deletion of an invoice. Raises DecisionNeeded for a paid one, and where the file asks for an invoice:
    it would be made again."""
    if invoice.is_paid:
        raise DecisionNeeded(
            f"invoice {invoice.number} is paid, and stays",
            remedy=f"what is to become of it is said there: {ground.web}",
        )
    if ground.file.invoice:
        raise DecisionNeeded(
            f"#{ground.work.number}: its file asks for an invoice; invoice {invoice.number} was not deleted",
            remedy=f"`synclog push {ground.work.number}` first, or set `invoice: false` in {ground.file.path}",
        )
    one = InvoiceRemoval("", ground.me.user_id, invoice.id, invoice.number, invoice.total)
    return named(ground.work.number, one)


def make_ticket_removal(ground: Ground, work: tuple[str, ...], *, with_work: bool) -> OneOff:
    """Return the deletion of the ticket, in whose file is `work`. Raises DecisionNeeded where there is some, unless it
    is to go `with_work`."""
    if work and not with_work:
        raise DecisionNeeded(
            f"#{ground.work.number}: its file holds {', '.join(work)}; the ticket was not deleted",
            remedy="finish that first, move it to another ticket's file, or say --with-work: it stays in the file",
        )
    return named(ground.work.number, TicketRemoval("", ground.me.user_id, ground.work.id))
