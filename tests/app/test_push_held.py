"""What a push holds back and why, and what it asks a person to decide."""

from __future__ import annotations

from decimal import Decimal

import pytest
from support.office import NUMBER, Office

from synclog.app.push import dry_run
from synclog.core.deciding.steps import Doubt, Leave
from synclog.errors import Exit, UnknownTicket

OTHER = 32164
PREPAID = 32167
"""A ticket of a customer with prepaid hours."""


def reasons(office: Office) -> str:
    with office.session() as session:
        plan = dry_run(session).plan
    return "\n".join(f"{held.what}: {held.reason}" for ticket in plan.tickets for held in ticket.held)


def test_a_note_on_hold_holds_back_nothing_but_the_invoice(pulled: Office) -> None:
    pulled.write_note(
        "notes:\n  - note: Replaced the failed disk, first.\n    time: 30\n    hold: true\n"
        "  - note: Replaced the failed disk, second.\n    time: 15\n"
    )
    pulled.edit(("invoice: false", "invoice: true"), ("priority: Normal", "priority: High"))
    assert "on hold" in reasons(pulled)
    result = pulled.push()
    assert ([done.op for done in result.done], result.exit_code) == (["comment", "update"], Exit.DONE)
    assert "second" in pulled.comments()[0]["body"]
    assert not pulled.invoices()
    pulled.edit(("\n    hold: true", ""))
    assert [done.op for done in pulled.push().done] == ["comment", "invoice", "update"]
    assert pulled.invoices()[0]["total"] == "90.00"


def test_a_note_of_somebody_else_keeps_the_invoice_waiting_for_its_time(pulled: Office) -> None:
    pulled.sandbox.store.web_add_time(NUMBER, 45, 1190473)
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    pulled.commit_as("Priya Venkat", "priya@copperline.example")
    result = pulled.push()
    assert (result.done, result.exit_code) == ([], Exit.DONE)
    assert not pulled.invoices()
    assert [done.op for done in pulled.push(author="priya@copperline.example").done] == ["comment", "invoice", "update"]


def test_prepaid_hours_make_an_invoice_of_nothing_and_are_shown_before(pulled: Office) -> None:
    customer = pulled.sandbox.store.ticket(PREPAID)["customer_id"]
    before = Decimal(pulled.sandbox.store.customer(customer)["prepay_hours"])
    pulled.write_note(number=PREPAID)
    pulled.edit(("invoice: false", "invoice: true"), number=PREPAID)
    result = pulled.push()
    planned = result.plan.tickets[0].invoice
    assert planned is not None
    assert planned.prepaid == before
    (invoice,) = [done for done in result.done if done.op == "invoice"]
    assert (invoice.total, result.exit_code) == (Decimal("0.00"), Exit.DONE)
    assert Decimal(pulled.sandbox.store.customer(customer)["prepay_hours"]) == before - Decimal("1.5")


def test_an_invoice_of_time_that_was_entered_in_the_web_needs_no_note(pulled: Office) -> None:
    pulled.sandbox.store.web_add_time(NUMBER, 45, 1190473)
    pulled.edit(("invoice: false", "invoice: true"))
    result = pulled.push()
    planned = result.plan.tickets[0].invoice
    assert planned is not None
    assert planned.unbilled_minutes == 45
    assert pulled.invoices()[0]["total"] == "90.00"


def test_an_invoice_that_somebody_made_meanwhile_is_not_made_again(pulled: Office) -> None:
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))

    def confirm(_: object) -> bool:
        pulled.sandbox.store.web_add_time(NUMBER, 15, 1190473)
        pulled.sandbox.store.web_make_invoice(NUMBER)
        return True

    pulled.push(confirm=confirm)
    assert len(pulled.comments()) == len(pulled.timers()) - 1 == 1
    invoiced = sum(Decimal(line["quantity"]) for invoice in pulled.invoices() for line in invoice["line_items"])
    assert invoiced == Decimal("1.75")


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("contact: Len Ford", "contact: Lenny Nobody", "Len Ford"),
        ("assigned_to: Mike Sorrel", "assigned_to: Daniel Reyes", "#30418"),
        ("assigned_to: Mike Sorrel", "assigned_to: Nobody", "Priya Venkat"),
        ("status: In Progress", "status: Almost", "Resolved"),
    ],
)
def test_a_name_that_is_not_known_or_not_just_one_is_not_sent_and_says_whom_there_is(
    pulled: Office, old: str, new: str, hint: str
) -> None:
    before = pulled.sandbox.store.ticket(NUMBER)
    pulled.edit((old, new))
    result = pulled.push()
    said = "\n".join(
        [*(str(e) for e in result.invalid), *(h.reason + h.remedy for t in result.plan.tickets for h in t.held)]
    )
    assert hint in said
    assert (result.done, result.exit_code) == ([], Exit.DECISION)
    assert pulled.sandbox.store.ticket(NUMBER) == before


def test_a_field_that_cannot_be_sent_holds_back_no_note_and_no_other_field(pulled: Office) -> None:
    pulled.write_note()
    pulled.edit(("contact: Len Ford", "contact: Lenny Nobody"), ("priority: Normal", "priority: High"))
    result = pulled.push()
    assert [done.op for done in result.done] == ["comment", "update"]
    assert pulled.sandbox.store.ticket(NUMBER)["priority"] == "High"
    assert result.exit_code == Exit.DECISION
    assert "contact: Lenny Nobody" in pulled.text()


def test_every_editable_field_reaches_syncro_as_written(pulled: Office) -> None:
    pulled.edit(
        ("subject: Server upgrade", 'subject: "Server & Größe <b>"'),
        ("problem_type: Server", "problem_type: Network"),
        ("due_date: 2026-04-20", "due_date: 2026-05-04"),
        ("contact: Len Ford", "contact:"),
        ("tags: [server]", "tags: []"),
    )
    result = pulled.push()
    assert (len(result.done), result.exit_code, result.trouble) == (1, Exit.DONE, [])
    ticket = pulled.sandbox.store.ticket(NUMBER)
    assert (ticket["subject"], ticket["problem_type"]) == ("Server & Größe <b>", "Network")
    assert str(ticket["due_date"]).startswith("2026-05-04")
    assert (ticket["contact_id"], ticket["tag_list"]) == (None, [])
    assert not pulled.push().plan.tickets
    assert not pulled.pull().changed


def test_a_stamped_note_that_was_moved_to_another_ticket_after_it_was_posted_is_doubtful(pulled: Office) -> None:
    begin_and_lose(pulled, "drop-after")
    note = move_note(pulled)
    result = pulled.push()
    (planned,) = result.plan.tickets[0].notes
    assert isinstance(planned.step, Doubt)
    assert result.exit_code == Exit.DECISION
    assert note in pulled.text(OTHER)
    assert (len(pulled.comments()), len(pulled.comments(OTHER))) == (1, 0)


def test_a_stamped_note_that_was_moved_to_another_ticket_and_never_posted_is_posted_there(pulled: Office) -> None:
    begin_and_lose(pulled, "drop-before")
    move_note(pulled)
    pulled.time.slept = 0
    assert pulled.push().done
    assert pulled.time.slept >= 59
    assert (len(pulled.comments()), len(pulled.comments(OTHER)), len(pulled.timers(OTHER))) == (0, 1, 1)


def test_a_stamped_note_that_was_changed_and_never_posted_is_posted_as_changed(pulled: Office) -> None:
    begin_and_lose(pulled, "drop-before")
    pulled.edit(("failed disk", "failed disk and its cable"))
    (done,) = pulled.push().done
    (comment,) = pulled.comments()
    assert "and its cable" in comment["body"]
    assert comment["body"].rstrip().endswith(f"Ref {done.reference}</p>")
    assert not pulled.push().plan.tickets


def test_a_note_begun_with_another_technicians_key_is_left_to_them(pulled: Office) -> None:
    begin_and_lose(pulled, "drop-before")
    pulled.key = pulled.sandbox.second_key
    result = pulled.push()
    (planned,) = result.plan.tickets[0].notes
    assert isinstance(planned.step, Leave)
    assert not pulled.comments()


def test_a_customer_who_quotes_the_reference_answers_for_no_note(pulled: Office) -> None:
    begin_and_lose(pulled, "drop-before")
    reference = pulled.text().partition("synclog: {id: ")[2].partition(",")[0]
    pulled.sandbox.store.web_add_comment(NUMBER, f"Replaced the failed disk.\n\nRef {reference}", author="Len Ford")
    assert pulled.push().done
    assert len([c for c in pulled.comments() if c["user_id"] is not None]) == 1


def test_the_same_words_typed_in_the_web_today_are_doubtful(pulled: Office) -> None:
    pulled.sandbox.store.web_add_comment(NUMBER, "Replaced the failed disk.", user_id=pulled.sandbox.key_owner)
    pulled.write_note()
    result = pulled.push()
    (planned,) = result.plan.tickets[0].notes
    assert isinstance(planned.step, Doubt)
    assert (len(pulled.comments()), result.exit_code) == (1, Exit.DECISION)


def test_work_in_the_file_of_a_ticket_that_is_gone_is_held_and_stops_no_other(pulled: Office) -> None:
    pulled.write_note()
    pulled.write_note(number=OTHER)
    pulled.sandbox.store.web_delete_ticket(NUMBER)
    result = pulled.push()
    assert ([done.number for done in result.done], result.exit_code) == ([OTHER], Exit.DECISION)
    assert "Replaced the failed disk." in pulled.text()


def test_a_number_without_a_file_is_unknown_and_nothing_is_asked(pulled: Office) -> None:
    with pytest.raises(UnknownTicket):
        pulled.push(99999)
    assert not pulled.sandbox.requests


def test_with_nothing_pending_nothing_is_asked_of_syncro(pulled: Office) -> None:
    assert pulled.push().exit_code == Exit.DONE
    assert not pulled.sandbox.requests


def begin_and_lose(office: Office, fault: str) -> None:
    """Push the note with its answer lost, and the run ended before it could look again."""
    office.write_note()
    office.sandbox.add_fault(f"{fault} POST /tickets/*/comment #1")
    office.sandbox.add_fault("500-before GET /tickets/*/comments #2-9")
    assert office.push().trouble
    office.sandbox.clear_faults()
    assert "synclog: {id: " in office.text()


def move_note(office: Office) -> str:
    """Move the stamped note into the file of another ticket, as a technician who chose the wrong one does."""
    start = office.text().index("notes:\n")
    note = office.text()[start : office.text().index("invoice:")]
    office.edit((note, "notes: []\n"))
    office.edit(("notes: []\n", note), number=OTHER)
    return note
