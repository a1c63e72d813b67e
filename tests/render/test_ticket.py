from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from synclog.core.mirror import ChargeRow, InvoiceRow, TimeRow, parse_mirror, render_mirror
from synclog.model import Comment, Invoice, LineItem, Ticket, TimerEntry
from synclog.render.ticket import mirror_of

BERLIN = ZoneInfo("Europe/Berlin")
LATE = datetime(2026, 4, 15, 22, 30, 45, 123000, tzinfo=UTC)
TECHNICIANS = {1735: "Jörg Weiß"}
LABOR = {1190473: "remote"}

COMMENT = Comment(51, 9, "Initial Issue", "<p>Server <b>slow</b></p>", "Len Ford", None, False, LATE)
TIMER = TimerEntry(
    id=7,
    ticket_id=9,
    user_id=1735,
    start_at=LATE,
    minutes=20,
    billable_minutes=30,
    billable=True,
    charged=False,
    product_id=1190473,
    notes="<p>Rebooted |<br>Ref 32162-7k2m9q4x1c</p>",
    created_at=LATE,
)
ITEM = LineItem(3, 9, None, "SSD\n960 GB", "", Decimal("2.0"), Decimal("189.50"), True, True, LATE)
INVOICE = Invoice(4, "10231", 2, 9, Decimal("379"), Decimal("0"), Decimal("379.00"), False, LATE, LATE)
TICKET = Ticket(
    9, 32162, "Server upgrade", "New", 2, "Len's Auto Brokerage", LATE, LATE, timers=(TIMER,), line_items=(ITEM,)
)


def test_a_ticket_is_mirrored_in_the_workspaces_own_time() -> None:
    mirror = mirror_of(TICKET, [COMMENT], [INVOICE], BERLIN, TECHNICIANS, LABOR)
    [entry] = mirror.entries
    assert (entry.when.isoformat(), entry.visibility, entry.text) == (
        "2026-04-16T00:30:00+02:00",
        "public",
        "Server **slow**",
    )
    notes = "Rebooted | Ref 32162-7k2m9q4x1c"
    assert mirror.time == (TimeRow(date(2026, 4, 16), 20, "remote", "Jörg Weiß", "30 open", notes),)
    assert mirror.charges == (ChargeRow("SSD 960 GB", Decimal("2.0"), Decimal("189.50"), True),)
    assert mirror.invoices == (InvoiceRow("10231", date(2026, 4, 16), Decimal("379.00")),)
    assert parse_mirror(render_mirror(mirror), BERLIN) == mirror


def test_the_order_in_which_syncro_lists_things_does_not_matter() -> None:
    later = replace(COMMENT, id=52, hidden=True, created_at=LATE.replace(hour=23))
    same_moment = replace(COMMENT, id=50)
    timers = (replace(TIMER, id=6), TIMER)
    shuffled = mirror_of(replace(TICKET, timers=timers), [later, COMMENT, same_moment], [], BERLIN, {}, {})
    listed = mirror_of(replace(TICKET, timers=timers[::-1]), [same_moment, COMMENT, later], [], BERLIN, {}, {})
    assert shuffled == listed
    assert [entry.visibility for entry in shuffled.entries] == ["public", "public", "private"]


def test_what_becomes_of_time_is_said() -> None:
    linked = {"charged": True, "line_item_id": 3}
    timers = (
        replace(TIMER, id=1, billable=False),
        replace(TIMER, id=2, **linked),
        replace(TIMER, id=3, charged=True),
        replace(TIMER, id=4, user_id=99, product_id=None),
    )
    mirror = mirror_of(replace(TICKET, timers=timers), [], [], BERLIN, TECHNICIANS, {})
    assert [row.billed for row in mirror.time] == ["no", "30 invoiced", "30 charged", "30 open"]
    assert [row.labor for row in mirror.time] == ["#1190473", "#1190473", "#1190473", ""]
    assert mirror.time[3].tech == "#99"


def test_names_and_subjects_from_outside_stay_one_harmless_line() -> None:
    comment = replace(COMMENT, author="<script>\u2028Len", subject="a | ![x](http://x) · b\x1b[2J", body="")
    text = render_mirror(mirror_of(TICKET, [comment], [], BERLIN, {1735: "<b>\n| x"}, LABOR))
    assert "### 2026-04-16 00:30 · \\<script> Len · a | !\\[x](http://x) - b · public\n" in text
    assert "| \\<b> \\| x |" in text
