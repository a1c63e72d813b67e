"""`bill`: time into an invoice, each clear answer with its exit code, and never twice."""

from __future__ import annotations

import sys
from decimal import Decimal

import pytest
from support.editors import writing
from support.inprocess import Run, runner
from support.killing import killed
from support.office import NUMBER, Office

from synclog.sandbox import Sandbox

TEXT = "Replaced the failed disk."
TIME = ("--time", "90", "--labor", "remote")
PREPAID = 32167
"""A ticket of a customer with prepaid hours."""


@pytest.fixture
def office(office: Office) -> Office:
    """A workspace that has the file of one ticket."""
    office.pull(NUMBER)
    return office


@pytest.fixture
def ran(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(office, capsys, monkeypatch)


def recurring(office: Office, number: int = NUMBER, value: str = "recurring") -> None:
    card = office.path(number).parent.parent / "client.md"
    card.write_bytes(card.read_bytes().replace(b"---\n", f"---\ninvoicing: {value}\n".encode(), 1))


def nothing_was_written(office: Office) -> bool:
    return (office.comments(), office.timers(), office.invoices()) == ([], [], []) and "invoice: false" in office.text()


def test_time_becomes_a_note_an_invoice_and_the_status_in_one_edit(office: Office, ran: Run) -> None:
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes", "--json")
    assert done.code == 0, done.out
    assert [one["op"] for one in done.result["done"]] == ["comment", "invoice", "update"]
    invoice = done.result["done"][1]
    assert (invoice["total"], invoice["subtotal"], invoice["expected"]) == ("180.00", "180.00", "180.00")
    assert office.sandbox.store.ticket(NUMBER)["status"] == "Invoiced"
    assert (len(office.comments()), len(office.timers()), len(office.invoices())) == (1, 1, 1)
    assert [line for line in office.log() if "edit" in line] == [f"Mike Sorrel: edit: #{NUMBER}"]


def test_the_details_and_the_expected_total_come_before(office: Office, ran: Run) -> None:
    office.sandbox.store.web_add_time(NUMBER, 45, 26118)
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes")
    assert "contact  Len Ford" in done.err
    assert "unbilled 45m, 108.75 at the live rates, before tax" in done.err
    assert "Remote Support, 120.00/h" in done.err
    assert "expected: 288.75 at the live rates, before tax" in done.err
    assert "total 288.75\n" in done.out


def test_a_total_that_differs_is_said(office: Office, ran: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from synclog.syncro.client import SyncroClient

    real = SyncroClient.create_invoice

    def dearer(client: SyncroClient, ticket: int, customer: int) -> object:
        office.sandbox.store.set_product(1190473, price="130.00")
        return real(client, ticket, customer)

    monkeypatch.setattr(SyncroClient, "create_invoice", dearer)
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes")
    assert "total 195.00; 15.00 more than the expected 180.00" in done.out


def test_tax_is_said_and_is_no_difference(office: Office, ran: Run) -> None:
    account = office.sandbox.store._db
    with account.transaction():
        account.run("UPDATE meta SET value = '8.6' WHERE key = 'tax_rate'")
    office.sandbox.store.set_product(1190473, taxable=1)
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes")
    assert "total 195.48 (180.00 and 15.48 tax)\n" in done.out


def test_what_is_unbilled_already_needs_no_new_time(office: Office, ran: Run) -> None:
    office.sandbox.store.web_add_time(NUMBER, 45, 1190473)
    assert ran("bill", str(NUMBER), "--yes").code == 2
    done = ran("bill", str(NUMBER), "--no-time", "--yes", "--json")
    assert [one["op"] for one in done.result["done"]] == ["invoice", "update"]
    assert office.comments() == []


def test_nothing_to_bill_is_a_decision_and_nothing_is_written(office: Office, ran: Run) -> None:
    done = ran("bill", str(NUMBER), "--no-time", "--yes", "--json")
    assert (done.code, done.error["message"]) == (3, f"#{NUMBER}: there is nothing to bill")
    assert nothing_was_written(office)


def test_invoiced_already_is_nothing_to_do_unless_a_text_would_be_dropped(office: Office, ran: Run) -> None:
    office.sandbox.store.web_add_time(NUMBER, 45, 1190473)
    number = office.sandbox.store.web_make_invoice(NUMBER)["number"]
    done = ran("bill", str(NUMBER), "--no-time", "--yes")
    assert (done.code, done.out) == (0, f"#{NUMBER} is invoiced already ({number}), and nothing is unbilled\n")
    assert ran("bill", str(NUMBER), TEXT, "--no-time", "--yes").code == 3
    assert len(office.invoices()) == 1
    assert office.comments() == []
    assert ran("bill", str(NUMBER), TEXT, *TIME, "--yes").code == 0
    assert len(office.invoices()) == 2


def test_prepaid_hours_are_said_before_and_after_and_nothing_is_right(office: Office, ran: Run) -> None:
    done = ran("bill", str(PREPAID), TEXT, *TIME, "--yes")
    assert done.code == 0
    assert "prepaid  12.25 hours" in done.err
    assert "expected: at most 180.00" in done.err
    assert "total 0.00 (right, prepaid hours: 12.25 before, 10.75 left)" in done.out


@pytest.mark.parametrize("words", [(TEXT, *TIME), ("--no-time",)])
def test_a_customer_with_recurring_invoices_is_never_billed_by_ticket(
    office: Office, ran: Run, words: tuple[str, ...]
) -> None:
    office.sandbox.store.web_add_time(NUMBER, 45, 1190473)
    recurring(office)
    done = ran("bill", str(NUMBER), *words, "--yes", "--json")
    assert done.code == 3
    assert "invoiced by recurring invoices" in done.error["message"]
    assert f"synclog comment {NUMBER}" in done.error["remedy"]
    assert office.comments() == office.invoices() == []
    assert "notes: []\ninvoice: false" in office.text()


def test_an_invoice_asked_for_by_hand_is_held_back_by_push_and_shown_by_status(office: Office, ran: Run) -> None:
    office.write_note()
    recurring(office)
    office.edit(("invoice: false", "invoice: true"), ("priority: Normal", "priority: High"))
    shown = ran("status")
    assert (shown.code, "decide   invoice: the customer is invoiced by recurring" in shown.out) == (3, True)
    result = office.push()
    assert ([done.op for done in result.done], result.exit_code) == (["comment"], 3)
    assert office.invoices() == []
    office.edit(("invoice: true", "invoice: false"))
    assert [done.op for done in office.push().done] == ["update"]


def test_a_new_ticket_of_such_a_customer_is_created_and_its_invoice_held_back(office: Office) -> None:
    recurring(office)
    draft = office.path().with_name("new-switch.md")
    draft.write_bytes(b"---\nsubject: New switch\ninvoice: true\nnotes:\n  - note: Ordered it.\n    time: 30m\n---\n")
    result = office.push()
    assert ([done.op for done in result.done], result.exit_code) == (["create", "comment"], 3)
    assert office.invoices(result.done[0].number) == []


def test_the_customer_that_counts_is_syncros_own(office: Office, ran: Run) -> None:
    office.pull(PREPAID)
    recurring(office, PREPAID)
    office.sandbox.store.web_move_ticket(NUMBER, office.sandbox.store.ticket(PREPAID)["customer_id"])
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes", "--json")
    assert (done.code, "recurring invoices" in done.error["message"]) == (3, True)
    office.write_note()
    office.edit(("invoice: false", "invoice: true"))
    result = office.push()
    assert (result.plan.tickets[0].invoice, [done.op for done in result.done]) == (None, ["comment"])
    assert office.invoices() == []


def test_a_card_that_says_so_only_while_the_plan_is_shown_still_counts(office: Office) -> None:
    office.sandbox.store.web_add_time(NUMBER, 45, 1190473)
    office.edit(("invoice: false", "invoice: true"))

    def confirm(_: object) -> bool:
        recurring(office)
        return True

    result = office.push(confirm=confirm)
    assert (result.done, result.exit_code, office.invoices()) == ([], 3, [])
    assert "invoice: true" in office.text()


@pytest.mark.parametrize("value", ["recuring", "[a]"])
def test_a_card_that_is_not_understood_is_a_decision(office: Office, ran: Run, value: str) -> None:
    recurring(office, value=value)
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes", "--json")
    assert (done.code, "is not understood" in done.error["message"]) == (3, True)
    assert nothing_was_written(office)


def test_an_invoice_would_wait_for_notes_on_hold_and_of_others_and_none_is_asked_for(office: Office, ran: Run) -> None:
    office.write_note("notes:\n  - note: Ordered a disk.\n    time: 30\n")
    office.commit_as("Priya Venkat", "priya@copperline.example")
    office.edit(("invoice: false", "  - note: Called.\n    hold: true\ninvoice: false"))
    before = office.text()
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes", "--json")
    assert done.code == 3
    assert "written by Priya Venkat, who pushes it" in done.error["message"]
    assert "on hold" in done.error["message"]
    assert office.text() == before
    assert office.comments() == []


def test_an_invoice_would_wait_for_what_a_colleague_began_and_none_is_asked_for(office: Office, ran: Run) -> None:
    times = ("--start", "2026-04-24 9:15", "--end", "10:00", "--labor", "remote")
    assert ran("timers", "add", str(NUMBER), *times, "--queue").code == 0
    office.edit(("synclog:", "synclog: "))
    office.commit_as("Dana Whitlock", "dana@copperline.example")
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes")
    assert done.code == 3
    assert "Dana Whitlock" in done.err
    assert nothing_was_written(office)


def test_where_the_account_drops_time_no_invoice_is_made_and_the_note_says_why(office: Office, ran: Run) -> None:
    with Sandbox(comment_time="drop", now=office.time.now) as sandbox:
        office.move_to(sandbox)
        done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes")
        assert (done.code, office.invoices()) == (3, [])
        assert "time was not recorded" in done.err
        assert "via: timer" in done.err
        assert "problem: time was not recorded" in office.text()
        again = ran("bill", str(NUMBER), TEXT, *TIME, "--yes")
        assert (again.code, "time was not recorded" in again.err) == (3, True)
        assert len(office.comments()) == 1
        office.change_settings("via: comment", "via: timer")
        assert ran("bill", str(NUMBER), TEXT, *TIME, "--yes").code == 0
        assert (len(office.comments()), len(office.timers()), len(office.invoices())) == (1, 1, 1)


@pytest.mark.parametrize(
    ("place", "when"),
    [
        (("synclog.app.entering", "write_and_commit"), "after"),
        (("synclog.syncro.client:SyncroClient", "add_comment"), "after"),
        (("synclog.app.push.records:Recorder", "note"), "after"),
        (("synclog.syncro.client:SyncroClient", "create_invoice"), "after"),
        (("synclog.syncro.client:SyncroClient", "update_ticket"), "before"),
    ],
    ids=["entered", "posted", "recorded", "invoiced", "status"],
)
def test_killed_anywhere_the_same_bill_again_finishes_it_and_books_nothing_twice(
    office: Office, ran: Run, place: tuple[str, str], when: str
) -> None:
    office.change_settings("settle: 60", "settle: 1")
    assert killed(office, place, when, "bill", str(NUMBER), TEXT, *TIME, "--yes") == -9
    other = ran("bill", str(NUMBER), "Something else.", "--time", "30", "--yes", "--json")
    assert (other.code, "an earlier `bill` is not finished" in other.error["message"]) == (3, True)
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes")
    assert (done.code, "it goes on with that one and adds nothing" in done.err) == (0, True)
    assert (len(office.comments()), len(office.timers()), len(office.invoices())) == (1, 1, 1)
    assert office.sandbox.store.ticket(NUMBER)["status"] == "Invoiced"
    assert office.invoices()[0]["total"] == "180.00"


def test_the_same_bill_after_one_that_was_done_is_named_and_books_nothing(office: Office, ran: Run) -> None:
    words = ("bill", str(NUMBER), TEXT, *TIME, "--yes")
    assert ran(*words).code == 0
    again = ran(*words)
    assert (again.code, "the same note was posted on that day already" in again.err) == (3, True)
    assert (len(office.comments()), len(office.invoices())) == (1, 1)


def test_another_note_joins_an_unfinished_bill_only_if_told(office: Office, ran: Run) -> None:
    assert ran("bill", str(NUMBER), TEXT, *TIME, "--queue").code == 0
    assert ran("bill", str(NUMBER), f"{TEXT} Twice.", *TIME, "--yes").code == 3
    assert ran("bill", str(NUMBER), f"{TEXT} Twice.", *TIME, "--yes", "--again").code == 0
    assert (len(office.comments()), len(office.invoices())) == (2, 1)


def test_queued_it_needs_no_key_and_the_next_push_does_all_of_it(office: Office) -> None:
    office.key = ""
    queued = office.cli("bill", str(NUMBER), TEXT, *TIME, "--queue")
    assert queued.returncode == 0, queued.stderr
    assert "as of the last pull" in queued.stderr
    assert "invoice: true" in office.text()
    office.key = office.sandbox.api_key
    assert [done.op for done in office.push().done] == ["comment", "invoice", "update"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "which ticket?"),
        ((str(NUMBER), "--all-unbilled"), "takes no ticket"),
        (("--all-unbilled", "--time", "90"), "takes no ticket, text or time"),
        ((str(NUMBER), "--customer", "len"), "--customer goes with --all-unbilled"),
        ((str(NUMBER), "--no-time", "--time", "90"), "--no-time takes no --time"),
        ((str(NUMBER), TEXT), "how long did it take?"),
        ((str(NUMBER), " ", "--time", "90"), "the text is empty"),
        ((str(NUMBER), TEXT, "--time", "90"), "which labor is it?"),
    ],
)
def test_words_that_do_not_fit_are_refused_and_nothing_written(
    office: Office, ran: Run, words: tuple[str, ...], said: str
) -> None:
    office.change_settings("remote: 1190473", "helpdesk: 1190473")
    office.change_settings("labor: remote\n  subject", "subject")
    done = ran("bill", *words, "--yes", "--json")
    assert done.code == 2
    assert said in done.error["message"]
    assert nothing_was_written(office)


def test_a_ticket_that_syncro_does_not_know_any_more(office: Office, ran: Run) -> None:
    office.sandbox.store.web_delete_ticket(NUMBER)
    done = ran("bill", str(NUMBER), TEXT, *TIME, "--yes", "--json")
    assert (done.code, "does not know this ticket" in done.error["message"]) == (3, True)


# --- on a terminal -------------------------------------------------------------------------------------------------


def test_minutes_labor_and_text_are_asked_for_and_the_defaults_offered(office: Office) -> None:
    with office.terminal("bill", str(NUMBER)) as terminal:
        assert "Server upgrade" in terminal.wait_for("Time worked, like 90 or 1h30m (0: none) [60]:")
        terminal.type("1,5h", "Enter")
        terminal.wait_for("has a comma")
        terminal.type("90", "Enter")
        terminal.wait_for("Labor (remote, onsite, emergency, project) [remote]:")
        terminal.type("onsit", "Enter")
        terminal.wait_for("there is no labor 'onsit'")
        terminal.type("onsite", "Enter")
        terminal.wait_for("What was done")
        terminal.type(TEXT, "Enter")
        assert "expected: 217.50" in terminal.wait_for("Send this? [y/N]")
        terminal.type("y", "Enter")
        assert "total 217.50" in terminal.wait_for("exit code")
        assert terminal.exit_code() == 0
    assert Decimal(office.invoices()[0]["total"]) == Decimal("217.50")


def test_no_time_at_the_question_bills_what_there_is_or_says_that_there_is_nothing(office: Office) -> None:
    with office.terminal("bill", str(NUMBER)) as terminal:
        terminal.wait_for("Time worked")
        terminal.type("0", "Enter")
        assert "there is nothing to bill" in terminal.wait_for("exit code")
        assert terminal.exit_code() == 3
    assert nothing_was_written(office)


def test_ctrl_c_in_a_question_writes_nothing(office: Office) -> None:
    with office.terminal("bill", str(NUMBER)) as terminal:
        terminal.wait_for("Time worked")
        terminal.type("Enter")
        terminal.wait_for("Labor (")
        terminal.type("C-c")
        assert terminal.exit_code() == 130
    assert nothing_was_written(office)


def test_with_time_nothing_is_asked_but_the_plan_and_the_text_comes_from_the_editor(office: Office) -> None:
    editor = f"{sys.executable} {writing(office, TEXT)}"
    with office.terminal("bill", str(NUMBER), "--time", "90", EDITOR=editor) as terminal:
        terminal.wait_for("Send this? [y/N]")
        terminal.type("n", "Enter")
        assert "nothing was sent: it waits in" in terminal.wait_for("exit code")
    assert TEXT in office.text()
    assert "invoice: true" in office.text()
