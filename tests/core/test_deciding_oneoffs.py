"""The tables of one-offs: nothing is sent that may be there, nothing is called done that does not show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.deciding.oneoffs import Act, Finish, Forget, OneOffSeen, one_off_step
from synclog.core.deciding.steps import Doubt, Leave, Wait
from synclog.core.deciding.times import hours_of
from synclog.core.oneoffs import Correction, InvoiceRemoval, NewLine, NewTimer, OneOff, TicketRemoval, named
from synclog.model import Invoice, InvoiceLine, LineItem, Ticket, TimerEntry

MIKE, DANA = 1735, 1740
REMOTE, ONSITE = 1190473, 26118
NOW = datetime(2026, 4, 24, 18, 0, tzinfo=UTC)
NUMBER, TIMER, ITEM = 32162, 501, 701


def timer(minutes: int = 90, product: int = REMOTE, **changes: Any) -> TimerEntry:
    made = TimerEntry(TIMER, 9, MIKE, NOW, minutes, minutes, True, False, product, "", NOW)
    return replace(made, **changes)


def item(minutes: int = 90, product: int = REMOTE, **changes: Any) -> LineItem:
    made = LineItem(ITEM, 9, product, "Remote", "", hours_of(minutes), Decimal(120), True, False, NOW, MIKE)
    return replace(made, **changes)


def correction(**changes: Any) -> Correction:
    made = Correction("", MIKE, "32162-7k2m9q4x1c", 60, 60, ONSITE, "onsite", 90, REMOTE, after=TIMER)
    return replace(made, **changes)


OF_TIMER = correction(timer=TIMER, user=MIKE)
OF_BOTH = replace(OF_TIMER, item=ITEM, item_was=90, item_product_id=REMOTE, price=Decimal(150))
OF_ITEM = correction(item=ITEM, price=Decimal(150))
CHANGED = item(60, ONSITE, price=Decimal(150))


def gone(one: Correction) -> Correction:
    return replace(one, minutes=0, bills=0, product_id=REMOTE, price=None)


def invoice(*lines: InvoiceLine, total: str = "120.00") -> Invoice:
    return Invoice(88, "1187", 5, 9, Decimal(total), Decimal(0), Decimal(total), False, NOW, NOW, lines)


def line(name: str, line_id: int = 12) -> InvoiceLine:
    return InvoiceLine(line_id, name, Decimal(2), Decimal("9.90"))


NEW_TIMER = named(NUMBER, NewTimer("", MIKE, NOW, 47, 60, REMOTE, "remote", "Watched it"))
NEW_LINE = named(NUMBER, NewLine("", MIKE, 88, "1187", "Cable", Decimal(2), Decimal("9.90")))
NO_INVOICE = InvoiceRemoval("", MIKE, 88, "1187", Decimal("120.00"))
NO_TICKET = TicketRemoval("", MIKE, 9)
TICKET = Ticket(9, NUMBER, "Server", "New", 5, "Hollow Oak Dental", NOW, NOW)
MINE = timer(60, notes=f"Watched it (Ref {NEW_TIMER.id})")


@pytest.mark.parametrize(
    ("one", "seen", "step"),
    [
        # a timer entry
        (NEW_TIMER, {}, Act("add timer")),
        (NEW_TIMER, {"timers": (MINE,)}, Finish(MINE)),
        (NEW_TIMER, {"timers": (timer(60, id=9, user_id=DANA),)}, Act("add timer")),
        (NEW_TIMER, {"timers": (replace(MINE, notes=f"{MINE.notes} as 32162-0000000000"),)}, Act("add timer")),
        (NEW_TIMER, {"timers": (timer(60, id=7),), "made": 7}, Finish(timer(60, id=7))),
        # a correction
        (OF_TIMER, {"timers": (timer(),)}, Act("change timer", 60)),
        (OF_TIMER, {"timers": (timer(60, ONSITE),)}, Finish(timer(60, ONSITE))),
        (OF_BOTH, {"timers": (timer(charged=True),), "items": (item(),)}, Act("change timer", 60)),
        (OF_BOTH, {"timers": (timer(60, ONSITE, charged=True),), "items": (item(),)}, Act("change charge", 60)),
        (
            OF_BOTH,
            {"timers": (timer(60, ONSITE, charged=True, billable_minutes=75),), "items": (item(),)},
            Act("change charge", 75),
        ),
        (
            OF_BOTH,
            {"timers": (timer(60, ONSITE, charged=True),), "items": (CHANGED,)},
            Finish(timer(60, ONSITE, charged=True), CHANGED),
        ),
        (
            OF_BOTH,
            {"timers": (timer(60, ONSITE, charged=True),), "items": (replace(CHANGED, price=Decimal(1)),)},
            Act("change charge", 60),
        ),
        (OF_ITEM, {"items": (item(),)}, Act("change charge", 60)),
        (OF_ITEM, {"items": (replace(CHANGED, invoiced=True),)}, Finish(None, replace(CHANGED, invoiced=True))),
        # a removal: the charge first
        (gone(OF_BOTH), {"timers": (timer(),), "items": (item(),)}, Act("remove charge")),
        (gone(OF_BOTH), {"timers": (timer(),)}, Act("remove timer")),
        (gone(OF_BOTH), {}, Finish()),
        # lines and deletions
        (NEW_LINE, {"invoice": invoice()}, Act("add line")),
        (NEW_LINE, {"invoice": invoice(line(f"Cable (Ref {NEW_LINE.id})"))}, Finish()),
        (NO_INVOICE, {"invoice": invoice()}, Act("delete invoice")),
        (replace(NO_INVOICE, after=12), {}, Finish()),
        (NO_TICKET, {"ticket": TICKET}, Act("delete ticket")),
        (replace(NO_TICKET, after=0), {}, Finish()),
    ],
)
def test_what_is_there_is_recorded_and_only_what_is_missing_is_sent(
    one: OneOff, seen: dict[str, Any], step: object
) -> None:
    assert one_off_step(one, OneOffSeen(MIKE, **seen)) == step


@pytest.mark.parametrize(
    ("one", "seen", "words"),
    [
        (NEW_TIMER, {"timers": (MINE, replace(MINE, id=502))}, "more than one"),
        (NEW_TIMER, {"timers": (replace(MINE, user_id=DANA),)}, "another Syncro user's"),
        (replace(NEW_TIMER, after=500), {"timers": (timer(60),)}, "says the same"),
        (OF_TIMER, {}, "timer is not there"),
        (OF_TIMER, {"timers": (timer(75),)}, "changed by somebody"),
        (OF_TIMER, {"timers": (timer(user_id=DANA),)}, "changed by somebody"),
        (OF_TIMER, {"timers": (timer(charged=True),)}, "charged meanwhile"),
        (OF_BOTH, {"timers": (timer(),), "items": (item(invoiced=True),)}, "on an invoice"),
        (OF_ITEM, {"items": (item(75),)}, "changed by somebody"),
        (gone(OF_TIMER), {"timers": (timer(75),)}, "changed by somebody"),
        (NEW_LINE, {}, "not there any more"),
        (NEW_LINE, {"invoice": replace(invoice(), lines=None)}, "does not show the lines"),
        (replace(NEW_LINE, after=11), {"invoice": invoice(line("Cable"))}, "says the same"),
        (NEW_LINE, {"invoice": invoice(*[line(f"(Ref {NEW_LINE.id})", n) for n in (1, 2)])}, "more than one"),
        (NO_INVOICE, {"invoice": invoice(total="99.00")}, "comes to 99.00"),
        (NO_INVOICE, {}, "not for this key"),
        (NO_TICKET, {}, "not for this key"),
    ],
)
def test_what_only_a_person_can_tell_is_doubtful(one: OneOff, seen: dict[str, Any], words: str) -> None:
    step = one_off_step(one, OneOffSeen(MIKE, **seen))
    assert isinstance(step, Doubt)
    assert words in step.reason


def test_what_syncro_made_otherwise_is_recorded_and_said() -> None:
    made = replace(MINE, product_id=ONSITE)
    assert one_off_step(NEW_TIMER, OneOffSeen(MIKE, timers=(made,))) == Finish(
        made, None, "it is on labor product 26118"
    )
    rounded = timer(65, ONSITE)
    seen = OneOffSeen(MIKE, timers=(rounded,), accepted=("change timer",))
    assert one_off_step(OF_TIMER, seen) == Finish(rounded, None, "it has 65 minutes, not 60")


UNDONE: dict[OneOff, dict[str, Any]] = {
    NEW_TIMER: {},
    OF_TIMER: {"timers": (timer(),)},
    OF_BOTH: {"timers": (timer(60, ONSITE, charged=True),), "items": (item(),)},
    gone(OF_BOTH): {"timers": (timer(),)},
    NEW_LINE: {"invoice": invoice()},
    NO_INVOICE: {"invoice": invoice()},
    NO_TICKET: {"ticket": TICKET},
}


@given(
    one=st.sampled_from(list(UNDONE)),
    owner=st.sampled_from([MIKE, DANA]),
    ended=st.booleans(),
    in_flight=st.booleans(),
    settled=st.booleans(),
    accepted=st.booleans(),
)
def test_what_is_not_done_is_sent_only_where_nothing_of_it_can_be_under_way(
    one: OneOff, owner: int, ended: bool, in_flight: bool, settled: bool, accepted: bool
) -> None:
    seen = OneOffSeen(owner, **UNDONE[one])
    plain = one_off_step(one, replace(seen, owner=MIKE))
    assert isinstance(plain, Act)
    taken = (plain.action,) if accepted else ()
    step = one_off_step(one, replace(seen, ended=ended, in_flight=in_flight, settled=settled, accepted=taken))
    if owner != MIKE:
        assert isinstance(step, Leave)
    elif ended:
        assert step == Forget()
    elif accepted:
        assert isinstance(step, Doubt if settled else Wait)
    elif in_flight and not settled:
        assert step == Wait()
    else:
        assert step == plain


minutes = st.integers(1, 200)
products = st.sampled_from([REMOTE, ONSITE])


@given(st.data())
def test_a_correction_that_is_played_to_its_end_is_right_or_asks(data: st.DataObject) -> None:
    """Each request does what it says, or Syncro was changed by somebody meanwhile: then nothing more is sent."""
    charged, removes = data.draw(st.booleans()), data.draw(st.booleans())
    was, wanted = data.draw(minutes), 0 if removes else data.draw(minutes)
    old, new = data.draw(products), data.draw(products)
    one = correction(
        minutes=wanted, bills=wanted, product_id=old if removes else new, was=was, was_product_id=old,
        timer=TIMER, user=MIKE, item=ITEM if charged else None, item_was=was if charged else None,
        item_product_id=old if charged else None, price=None,
    )  # fmt: skip
    timers = [timer(was, old, charged=charged)]
    items = [item(was, old)] if charged else []
    for _ in range(4):
        if data.draw(st.integers(0, 9)) == 0 and timers:
            timers[0] = timer(data.draw(minutes), data.draw(products), charged=charged)
        step = one_off_step(one, OneOffSeen(MIKE, tuple(timers), tuple(items)))
        if isinstance(step, Doubt):
            return
        if isinstance(step, Finish):
            break
        assert isinstance(step, Act)
        if step.action == "change timer":
            timers[0] = timer(step.minutes, one.product_id, charged=charged)
        elif step.action == "change charge":
            items[0] = item(step.minutes, one.product_id)
        elif step.action == "remove charge":
            items.clear()
        else:
            timers.clear()
    if removes:
        assert (timers, items) == ([], [])
    else:
        assert [(t.minutes, t.product_id) for t in timers] == [(wanted, new)]
        assert [(i.quantity, i.product_id) for i in items] == [(hours_of(wanted), new)] * charged


def test_what_was_not_begun_here_may_have_been_from_another_branch() -> None:
    twin = timer(60, id=400, start_at=NOW)
    assert isinstance(one_off_step(NEW_TIMER, OneOffSeen(MIKE, timers=(twin,))), Doubt)
    assert isinstance(one_off_step(NEW_TIMER, OneOffSeen(MIKE, timers=(twin,), taken={400})), Act)


def test_a_twin_is_looked_for_among_what_is_newer_than_the_stamp_only() -> None:
    twin = timer(60, id=400, start_at=NOW)
    assert isinstance(one_off_step(replace(NEW_TIMER, after=399), OneOffSeen(MIKE, timers=(twin,))), Doubt)
    assert isinstance(one_off_step(replace(NEW_TIMER, after=400), OneOffSeen(MIKE, timers=(twin,))), Act)
    later = replace(twin, start_at=NOW + timedelta(minutes=1))
    assert isinstance(one_off_step(replace(NEW_TIMER, after=399), OneOffSeen(MIKE, timers=(later,))), Act)
