"""Facts for a report: charges that belong to time count with it, once, from Syncro and from files alike."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from synclog.core.fields import mirror_hash
from synclog.core.filehead import file_head
from synclog.core.mirror import ChargeRow, Entry, InvoiceRow, Mirror, TimeRow, render_mirror
from synclog.core.report import NOT_LABOR, InvoiceFact, Piece, TicketFacts
from synclog.core.reportfacts import Names, facts_of_ticket, mirrored
from synclog.core.ticketfile import render_new_ticket_file
from synclog.model import LineItem, Ticket, TimerEntry

ZONE = ZoneInfo("America/Phoenix")
WHEN = datetime(2026, 4, 18, 6, 30, tzinfo=UTC)
DAY = date(2026, 4, 17)
NAMES = Names(ZONE, {1: Decimal("100.00")}.get, {7: "Mike Sorrel"}, {1: "remote", 2: "onsite"}, ("Resolved",))


def timer(id: int = 5, minutes: int = 60, **more: object) -> TimerEntry:
    values: dict[str, object] = {"billable": True, "charged": False, "product_id": 1, "notes": "", "created_at": WHEN}
    return TimerEntry(id, 9, 7, WHEN, minutes, minutes, **(values | more))  # type: ignore[arg-type]


def item(id: int = 8, hours: str = "1", price: str = "120.00", **more: object) -> LineItem:
    values: dict[str, object] = {"taxable": False, "invoiced": True, "created_at": WHEN, "product_id": 1}
    product = (values | more).pop("product_id")
    rest = {name: value for name, value in (values | more).items() if name != "product_id"}
    return LineItem(id, 9, product, "Remote", "", Decimal(hours), Decimal(price), **rest)  # type: ignore[arg-type]


def pieces(*timers: TimerEntry, items: tuple[LineItem, ...] = ()) -> tuple[Piece, ...]:
    ticket = Ticket(9, 32162, "Server", "New", 3, "Len's", WHEN, WHEN, timers=timers, line_items=items)
    return facts_of_ticket(ticket, (), NAMES, recurring=False).pieces


def test_a_charge_of_time_counts_with_that_time_once() -> None:
    (one,) = pieces(timer(charged=True, line_item_id=8), items=(item(),))
    assert (one.state, one.minutes, one.bills, one.amount, one.day) == ("invoiced", 60, 60, Decimal("120.00"), DAY)


def test_a_charge_that_two_entries_name_has_its_price_once() -> None:
    both = (timer(5, charged=True, line_item_id=8), timer(6, charged=True, line_item_id=8))
    assert [one.amount for one in pieces(*both, items=(item(hours="2"),))] == [Decimal("240.00"), 0]


def test_a_charge_that_no_entry_names_is_the_one_of_the_same_labor_and_minutes() -> None:
    half, whole = item(8, "0.5"), item(9, "1", "90.00")
    assert [one.amount for one in pieces(timer(charged=True), items=(half, whole))] == [Decimal("90.00"), Decimal("60")]
    (one, _) = pieces(timer(charged=True, minutes=45), items=(item(product_id=2),))
    assert (one.state, one.amount) == ("charged", None)


def test_open_time_is_worth_its_rate_and_a_charge_that_is_no_labor_has_no_minutes() -> None:
    (one, other) = pieces(timer(minutes=50), items=(item(product_id=99, hours="3", invoiced=False),))
    assert (one.state, one.amount) == ("open", Decimal("83.33"))
    assert (other.labor, other.minutes, other.amount, other.state) == (NOT_LABOR, 0, Decimal("360.00"), "charged")


def test_a_credit_lowers_what_is_billed_and_undoes_no_work() -> None:
    (one,) = pieces(items=(item(hours="-1"),))
    assert (one.minutes, one.bills, one.amount) == (0, -60, Decimal("-120.00"))


HOSTILE = "## Time\n\n| 2026-04-17 | 600 | remote | Mike Sorrel | 600 open | x |\n## Charges"


def file(scratch: str = "") -> str:
    mirror = render_mirror(
        Mirror(
            (Entry(WHEN.astimezone(ZONE), "Len", "Initial Issue", "public", HOSTILE),),
            (
                TimeRow(DAY, 60, "remote", "Mike Sorrel", "60 open", "Disk"),
                TimeRow(DAY, 30, "onsite", "Mike Sorrel", "45 invoiced", "Ref 32162-7k2m9q4x1c"),
                TimeRow(DAY, 15, "#3", "Mike Sorrel", "no", ""),
            ),
            (
                ChargeRow("Onsite", Decimal("0.75"), Decimal("145.00"), True),
                ChargeRow("Disk", Decimal(1), Decimal(80), False),
            ),
            (InvoiceRow("41206", DAY, Decimal("108.75")),),
        )
    )
    base = {"number": 32162, "id": 9, "customer": "Len's", "subject": "Server", "status": "Resolved"}
    text = render_new_ticket_file({}, mirror, {**base, "updated_at": WHEN.isoformat(), "mirror": mirror_hash(mirror)})
    return text.replace("\n---\n", f"\n---\n{scratch}", 1)


def facts(text: str) -> TicketFacts | None:
    head = file_head("clients/lens/tickets/32162-server.md", text)
    assert head is not None
    found = mirrored(head, text, NAMES, recurring=False)
    return found.facts if found else None


def test_a_file_gives_the_same_facts_as_far_as_it_goes() -> None:
    assert facts(file()) == TicketFacts(
        32162,
        9,
        "Len's",
        "Server",
        "Resolved",
        True,
        (
            Piece("Mike Sorrel", "remote", DAY, 60, 60, Decimal("100.00"), "open"),
            Piece("Mike Sorrel", "onsite", DAY, 30, 45, Decimal("108.75"), "invoiced", "32162-7k2m9q4x1c"),
            Piece("Mike Sorrel", "#3", DAY, 15, 0, None, "not_billable"),
            Piece("", NOT_LABOR, DAY, 0, 0, Decimal("80.00"), "charged"),
        ),
        (InvoiceFact("41206", DAY, Decimal("108.75")),),
    )


def test_no_table_that_a_customer_or_a_technician_wrote_counts() -> None:
    assert facts(file(scratch=f"\n## Conversation\n\n{HOSTILE}\n\n")) == facts(file())


def test_a_mirror_that_a_hand_has_changed_is_not_counted() -> None:
    assert facts(file().replace("| 60 |", "| 600 |")) is None
