"""`bill --all-unbilled`: a table of all that no invoice holds, then one ticket after the other, each on its own."""

from __future__ import annotations

import pytest
from support.inprocess import Run, runner
from support.office import NUMBER, Office

from synclog.app.survey import find_unbilled

PREPAID, OTHER = 32167, 32164
CUSTOMER = "Len's Auto Brokerage"


@pytest.fixture
def ran(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(office, capsys, monkeypatch)


@pytest.fixture
def office(office: Office) -> Office:
    """A workspace that has the files of three tickets, of two of which time is unbilled."""
    office.sandbox.store.web_add_time(NUMBER, 45, 1190473)
    office.sandbox.store.web_add_time(OTHER, 30, 26118)
    office.pull(NUMBER, OTHER, PREPAID)
    office.sandbox.requests.clear()
    return office


def numbers(rows: list[dict[str, object]]) -> list[object]:
    return [row["number"] for row in rows]


def test_each_ticket_with_unbilled_work_is_billed_and_read_back(office: Office, ran: Run) -> None:
    done = ran("bill", "--all-unbilled", "--yes", "--json")
    assert done.code == 0, done.out
    assert numbers(done.result["tickets"]) == numbers(done.result["billed"]) == [NUMBER, OTHER]
    assert [row["amount"] for row in done.result["tickets"]] == ["90.00", "72.50"]
    assert [invoice["total"] for n in (NUMBER, OTHER) for invoice in office.invoices(n)] == ["90.00", "72.50"]
    again = ran("bill", "--all-unbilled", "--yes", "--json")
    assert (again.code, again.result["tickets"]) == (0, [])


def test_the_table_comes_first_and_says_what_it_does_not_cover(office: Office, ran: Run) -> None:
    office.write_note(number=PREPAID)
    said = ran("bill", "--all-unbilled", "--yes").err
    row = next(line for line in said.splitlines() if line.startswith(f"#{NUMBER}"))
    assert row.split() == [f"#{NUMBER}", *CUSTOMER.split(), "45m", "–", "90.00", "In", "Progress"]
    assert f"not posted yet, so not in it: 1 note of #{PREPAID}" in said
    assert "looked at 3 ticket files as they were pulled" in said
    assert "a ticket without a file is not in it" in said


def test_few_requests_find_it_one_a_ticket_that_shows_some_and_one_a_labor(office: Office) -> None:
    with office.session() as session:
        survey = find_unbilled(session)
        assert session.client.requests_made == 4
    assert [(ticket.number, ticket.unbilled.minutes) for ticket in survey.tickets] == [(NUMBER, 45), (OTHER, 30)]


def test_charges_count_and_what_was_invoiced_since_the_pull_does_not(office: Office, ran: Run) -> None:
    office.sandbox.store.web_charge_timer(office.timers()[0]["id"])
    office.pull(NUMBER)
    office.sandbox.store.web_make_invoice(OTHER)
    done = ran("bill", "--all-unbilled", "--yes", "--json")
    assert [(row["number"], row["open_charges"]) for row in done.result["tickets"]] == [(NUMBER, 1)]
    assert len(office.invoices(OTHER)) == 1


def test_one_customers_alone(office: Office, ran: Run) -> None:
    done = ran("bill", "--all-unbilled", "--customer", "LEN", "--yes", "--json")
    assert numbers(done.result["billed"]) == [NUMBER]
    assert office.invoices(OTHER) == []


def test_tickets_of_recurring_customers_are_left_out_and_listed(office: Office, ran: Run) -> None:
    card = office.path().parent.parent / "client.md"
    card.write_bytes(card.read_bytes().replace(b"---\n", b"---\ninvoicing: recurring\n", 1))
    done = ran("bill", "--all-unbilled", "--yes")
    assert done.code == 0
    assert f"left out:\n  #{NUMBER}  {CUSTOMER}, 45m, 90.00" in done.err
    assert "recurring invoices" in done.err
    assert (office.invoices(), len(office.invoices(OTHER))) == ([], 1)
    assert "invoice: false" in office.text()


def test_one_that_fails_stops_no_other_and_the_exit_code_says_so(office: Office, ran: Run) -> None:
    office.write_note("notes:\n  - note: Ordered a disk.\n    hold: true\n")
    office.sandbox.store.web_delete_ticket(OTHER)
    office.sandbox.store.web_add_time(PREPAID, 30, 1190473)
    office.pull(PREPAID)
    done = ran("bill", "--all-unbilled", "--yes", "--json")
    assert done.code == 3
    assert numbers(done.result["billed"]) == [PREPAID]
    assert done.result["tickets"][0]["left_out"] == "on hold"
    assert "does not know this ticket" in done.error["message"]


def test_without_a_terminal_it_wants_to_be_told_to_send(office: Office, ran: Run) -> None:
    done = ran("bill", "--all-unbilled", "--json")
    assert (done.code, "no terminal" in done.error["message"]) == (2, True)


def test_a_note_that_is_saved_while_the_question_stands_is_asked_about(office: Office) -> None:
    with office.terminal("bill", "--all-unbilled", columns=100) as terminal:
        terminal.wait_for(f"Bill #{NUMBER}, {CUSTOMER}, 45m, 90.00")
        office.write_note()
        terminal.type("y", "Enter")
        assert "Replaced the failed disk." in terminal.wait_for("Send this? [y/N]")
        terminal.type("n", "Enter")
        terminal.wait_for(f"Bill #{OTHER}")
        terminal.type("q", "Enter")
        terminal.wait_for("exit code")
    assert (office.comments(), office.invoices()) == ([], [])


def test_on_a_terminal_each_is_asked_about_and_quit_ends_it(office: Office) -> None:
    office.write_note()
    with office.terminal("bill", "--all-unbilled", columns=100) as terminal:
        assert f"goes first: 1 note of #{NUMBER}" in terminal.wait_for(f"Bill #{NUMBER}, {CUSTOMER}, 45m, 90.00")
        terminal.type("y", "Enter")
        assert "Replaced the failed disk." in terminal.wait_for("Send this? [y/N]")
        terminal.type("n", "Enter")
        terminal.wait_for(f"Bill #{OTHER}")
        terminal.type("maybe", "Enter")
        terminal.wait_for("y, n, all or quit")
        terminal.type("q", "Enter")
        terminal.wait_for("exit code")
        assert terminal.exit_code() == 0
    assert (office.invoices(), office.invoices(OTHER)) == ([], [])
