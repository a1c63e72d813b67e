"""`list`, `show`, `customers`, `timers`, `invoices`: what they show, how wide; and nobody's text passes for ours."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import click
import pytest
from support.office import LABOR, NUMBER, Office

from synclog.app.billing import latest_invoices, ticket_time
from synclog.app.views import Row, SortBy, sorted_rows
from synclog.cli.columns import Column, places, table_lines
from synclog.cli.entry import run

CUSTOMER = 24152385
HOSTILE = (
    "\x1b[31mRed\x1b]0;owned\x07 \u202eturned\u202c \x9b2J [bank](https://evil.example) `x`\n"
    "#99999  New  faked\n# faked"
)
COMMENT = (
    f"{HOSTILE}\nBilling\n  status:  faked\nTime (99h)\nerror: faked\n"
    "### 2026-04-15 09:12 · faked · x · public\n&#x202e;"
)
OURS = re.compile(r"\s{0,5}(?:#99999|# |error|Billing\s+status|Time \(99|###|status:\s+faked)")
"""What would pass for a line of ours, where these begin."""
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def see(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Run a command on a terminal of 80 columns (or as many as told), or on none (0)."""
    monkeypatch.setenv("SYNCLOG_API_KEY", pulled.key)
    monkeypatch.chdir(pulled.root)

    def command(*words: str, columns: int = 80) -> list[str]:
        out = Terminal() if columns else io.StringIO()
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr("sys.stdout", out)
        assert run(list(words)) == 0
        return out.getvalue().splitlines()

    return command


def hostile(office: Office) -> None:
    """Everything that a customer can name, named as badly as can be."""
    store = office.sandbox.store
    store.web_update_ticket(NUMBER, subject=HOSTILE)
    store.web_update_customer(CUSTOMER, business_name=HOSTILE, email="a@b.example\n#99999", phone="1\x1b[2J2")
    store.web_add_comment(NUMBER, COMMENT, HOSTILE, None)
    store.set_product(LABOR["remote"], name=HOSTILE)
    store.web_add_time(NUMBER, 30, LABOR["remote"], notes=HOSTILE)
    store.web_make_invoice(NUMBER)
    office.pull()


def test_what_others_wrote_passes_for_no_line_of_ours(pulled: Office, see: Callable[..., list[str]]) -> None:
    hostile(pulled)
    (invoice,) = pulled.invoices()
    shows = (f"show {NUMBER}", f"show {NUMBER} --remote")
    others = (f"timers {NUMBER}", f"invoices {NUMBER}", f"invoice show {invoice['id']}", "customers 24152385 --remote")
    for columns in (80, 200, 0):
        for words in (*shows, *others, "list", "list --remote", "search turned", "customers turned"):
            said = [click.unstyle(line) for line in see(*words.split(), columns=columns)]
            text = "\n".join(said)
            assert "turned" in text, words
            assert "owned" not in text, words
            assert CONTROL.search(text) is None, words
            assert [line for line in said if OURS.match(line)] == [], words
            if words.startswith("list"):
                assert len(said) == 28
            if words in shows:
                assert sum(line.startswith("Time (") for line in said) == said.count("Billing") == 1
                assert "  > error: faked" in said
                assert "https://evil.example" in text


def test_a_terminal_gets_lines_of_its_width_and_a_script_whole_ones(
    pulled: Office, see: Callable[..., list[str]]
) -> None:
    long = "Quote for " + "forty-eight " * 20 + "lamps"
    pulled.sandbox.store.web_update_ticket(NUMBER, subject=long)
    pulled.pull()
    for columns in (80, 200):
        lines = [click.unstyle(line) for line in see("list", columns=columns)]
        assert max(map(places, lines)) == columns
        assert any(line.startswith(f"#{NUMBER}") and line.endswith("…") for line in lines)
        assert {line.index("  ") for line in lines} == {6}
    assert long in "\n".join(see("list", columns=0))
    assert max(map(places, map(click.unstyle, see("search", "lamps")))) <= 80


def test_colours_tell_status_and_age_on_a_terminal_that_wants_them(
    pulled: Office, see: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = [line for line in see("list") if f"#{NUMBER}" in line]
    assert line.startswith(f"\x1b[31m#{NUMBER}\x1b[0m  \x1b[32mIn Progress")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in "".join(see("list"))


ROWS = (
    Row(1, "Waiting on Customer", "Óptica", "a", "", "2026-04-17T11:17:40-07:00", "2026-05-01"),
    Row(2, "New", "bakery", "b", "", "2026-04-17T11:17:40+02:00", ""),
    Row(3, "New", "Bakery", "c", "", "2026-04-16T00:00:00+00:00", "2026-04-30T09:00:00-07:00"),
    Row(4, "Odd", "Zoo", "d", "", "", ""),
)


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("number", [4, 3, 2, 1]),
        ("updated", [1, 2, 3, 4]),
        ("due", [3, 1, 4, 2]),
        ("customer", [3, 2, 4, 1]),
        ("status", [3, 2, 1, 4]),
    ],
)
def test_a_list_comes_in_the_order_that_is_asked_for(by: SortBy, order: list[int]) -> None:
    assert [row.number for row in sorted_rows(ROWS, by, ("New", "Waiting on Customer"))] == order


def test_due_dates_come_from_the_index_too(pulled: Office) -> None:
    def due(*words: str) -> list[str | None]:
        return [row["due_date"] for row in result(pulled, "list", "--sort", "due", *words)["tickets"]]

    first, again = due(), due()
    assert first == again == due("--remote")
    dated = [day for day in first if day]
    assert len(dated) > 3
    assert dated == sorted(dated)
    assert first[len(dated) :] == [None] * (len(first) - len(dated))


def result(office: Office, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(office.cli("--json", *words).stdout)["result"]
    return found


def test_show_says_what_is_billed_and_what_waits(pulled: Office, see: Callable[..., list[str]]) -> None:
    store = pulled.sandbox.store
    store.web_charge_timer(store.web_add_time(NUMBER, 90, LABOR["remote"])["id"])
    store.web_add_time(NUMBER, 30, LABOR["onsite"])
    store.web_update_customer(CUSTOMER, prepay_hours=4)
    pulled.pull(NUMBER)
    pulled.write_note()
    shown = "\n".join(see("show", str(NUMBER), columns=0))
    assert "status:         not invoiced" in shown
    assert "unbilled time:  2h (30m not charged, 1h30m charged and on no invoice)" in shown
    assert "open charges:   1, together 180.00 before tax" in shown
    assert f"not sent yet:   1 note with 1h30m: `synclog status {NUMBER}`" in shown
    remote = result(pulled, "show", str(NUMBER), "--remote")
    assert (remote["billing"]["unbilled_minutes"], remote["billing"]["labor_minutes"]) == (120, 0)
    assert remote["prepaid_hours"] == "4.0"
    store.web_make_invoice(NUMBER)
    assert result(pulled, "show", str(NUMBER), "--remote")["billing"]["status"] == "invoiced"


def test_show_shows_the_newest_five_comments_unless_all_are_asked_for(see: Callable[..., list[str]]) -> None:
    def when(*words: str) -> list[str]:
        heads = (re.match(r"(\d{4}-\d\d-\d\d \d\d:\d\d)  (public|private)", line) for line in see(*words, columns=0))
        return [head[1] for head in heads if head]

    some, every = when("show", "32128"), when("show", "32128", "--all")
    assert len(some) == 5
    assert len(every) == 40
    assert some == every[:5] == sorted(every, reverse=True)[:5]


def test_timers_add_up_and_say_how_far_each_is_billed(pulled: Office) -> None:
    store = pulled.sandbox.store
    store.web_charge_timer(store.web_add_time(NUMBER, 90, LABOR["remote"])["id"])
    store.web_make_invoice(NUMBER)
    store.web_charge_timer(store.web_add_time(NUMBER, 60, LABOR["onsite"])["id"])
    store.web_add_time(NUMBER, 30, 26117, notes="There and back")
    with pulled.session() as session:
        time = ticket_time(session, NUMBER)
    assert [(e.minutes, e.state, e.labor) for e in time.entries if e.state != "open"] == [
        (90, "invoiced", "remote"),
        (60, "charged", "onsite"),
    ]
    (drive,) = [e for e in time.entries if e.state == "open"]
    assert (drive.notes, drive.labor, drive.tech) == ("There and back", "Travel Time", "Mike Sorrel")
    assert (time.minutes, time.billed, time.unbilled) == (180, 180, 90)
    assert "total: 3h worked, 3h to bill, of that 1h30m on no invoice" in pulled.cli("timers", str(NUMBER)).stdout


def test_an_invoice_is_shown_as_syncro_has_it(pulled: Office) -> None:
    store = pulled.sandbox.store
    store.web_add_time(NUMBER, 90, LABOR["remote"])
    made = store.web_make_invoice(NUMBER)
    listed = result(pulled, "invoices", str(NUMBER))
    assert [one["number"] for one in listed["invoices"]] == [made["number"]]
    by_number = result(pulled, "invoice", "show", made["number"])
    assert by_number == result(pulled, "invoice", "show", str(made["id"]))
    assert (by_number["subtotal"], by_number["tax"], by_number["total"]) == ("180.00", "0.00", "180.00")
    assert (by_number["ticket"], by_number["paid"]) == (NUMBER, False)
    assert by_number["lines"][0]["quantity"] == "1.5"
    assert pulled.cli("invoice", "show", "1").returncode == 2
    assert pulled.cli("invoices", "99999").returncode == 2
    assert "invoice show" in pulled.cli("--help").stdout
    assert pulled.cli("invoice", "--help").returncode == 0


def test_the_latest_invoices_are_those_made_last_however_long_ago(pulled: Office) -> None:
    store = pulled.sandbox.store
    for minutes in (30, 60):
        store.web_add_time(NUMBER, minutes, LABOR["remote"])
        store.web_make_invoice(NUMBER)
        pulled.time.sleep(20 * 86_400)
    with pulled.session() as session:
        latest = latest_invoices(session, 1)
        every = latest_invoices(session, 20)
    assert (len(latest.invoices), latest.days) == (1, 31)
    assert [str(invoice.total) for invoice in every.invoices[:2]] == ["120.00", "60.00"]
    assert (len(every.invoices), every.days) == (20, 183)
    assert every.total >= 20


def test_customers_come_from_the_mirror_and_where_it_has_none_from_syncro(pulled: Office) -> None:
    here = result(pulled, "customers", "lens", "auto")
    assert (here["source"], [one["id"] for one in here["customers"]]) == ("mirror", [CUSTOMER])
    assert here["customers"][0]["prepaid_hours"] is None
    assert pulled.sandbox.requests == []
    pulled.sandbox.store.web_update_customer(CUSTOMER, business_name="Ponderosa Motors", prepay_hours="2.5")
    there = result(pulled, "customers", "ponderosa")
    assert (there["source"], there["customers"][0]["prepaid_hours"]) == ("syncro", "2.5")
    nobody = pulled.cli("customers", "zzyzx")
    assert (nobody.returncode, nobody.stdout) == (0, "no such customer\n")


TABLE = (Column("id", right=True), Column("who"), Column("notes", wraps=True))


def test_a_text_that_finds_no_room_beside_the_others_stands_below(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [
        ("7", "Mika", "Replaced the failed disk and rebuilt the array, then watched it sync to its end."),
        ("12", "", ""),
    ]
    whole = table_lines(TABLE, cells)
    assert [line.split()[0] for line in whole] == ["id", "7", "12"]
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "60")
    assert [line[:10].strip() for line in table_lines(TABLE, cells)] == ["id  who", "7  Mika", "", "12"]
    monkeypatch.setenv("COLUMNS", "40")
    narrow = [(*row[:1], row[1] + " Sandoval of the office", row[2]) for row in cells]
    lines = table_lines(TABLE, narrow)
    assert lines[1].endswith("Mika Sandoval of the office")
    assert lines[2].startswith("  > Replaced")
    assert max(map(len, lines)) <= 40
