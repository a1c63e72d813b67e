"""A push sends what was planned, once, and calls done what it read back."""

from __future__ import annotations

import pytest
from support.office import NUMBER, Office, git, snapshot

from synclog.app.push import plan_word, push
from synclog.core.deciding.steps import Doubt
from synclog.errors import DecisionNeeded, Exit, OutcomeUnknown, RateLimited, UsageError, WrongTechnician


def test_a_note_with_time_becomes_one_comment_with_its_time(pulled: Office) -> None:
    pulled.write_note()
    result = pulled.push()
    (comment,) = pulled.comments()
    (timer,) = pulled.timers()
    assert (timer["active_duration"], timer["product_id"], timer["comment_id"]) == (90 * 60, 1190473, comment["id"])
    (done,) = result.done
    assert (done.op, done.minutes, done.billed, done.comment, done.timer) == (
        "comment",
        90,
        90,
        comment["id"],
        timer["id"],
    )
    assert comment["body"].rstrip().endswith(f"<p>Ref {done.reference}</p>")
    assert "notes: []" in pulled.text()
    assert "Replaced the failed disk." in pulled.text().partition("## Conversation")[2]
    assert result.exit_code == Exit.DONE


def test_one_note_with_time_needs_at_most_five_requests(pulled: Office) -> None:
    pulled.write_note()
    result = pulled.push()
    assert result.requests == len(pulled.sandbox.requests) <= 5


def test_the_trail_tells_what_was_posted(pulled: Office) -> None:
    pulled.write_note()
    done = pulled.push().done[0]
    (entry,) = pulled.trail()
    assert (entry.op, entry.reference, entry.ticket, entry.comment) == ("comment", done.reference, NUMBER, done.comment)
    assert (entry.timer, entry.minutes, entry.billed_minutes, entry.labor) == (done.timer, 90, 90, "remote")
    assert pulled.log(3) == [
        "Mike Sorrel: push: #32162 Replaced the failed disk.",
        "Mike Sorrel: stamp: #32162 (1 note)",
        "Mike Sorrel: edit: #32162",
    ]


def test_a_second_push_sends_nothing(pulled: Office) -> None:
    pulled.write_note()
    pulled.push()
    pulled.sandbox.forbid_writes = True
    assert not pulled.push().done
    assert not pulled.sandbox.forbidden


def test_notes_of_a_ticket_are_posted_in_the_order_of_the_file(pulled: Office) -> None:
    pulled.write_note(
        "notes:\n  - Replaced the failed disk, first.\n  - note: Replaced the failed disk, second.\n    time: 15\n"
    )
    pulled.push()
    bodies = [c["body"] for c in sorted(pulled.comments(), key=lambda c: c["id"])]
    assert ["first" in bodies[0], "second" in bodies[1], len(bodies)] == [True, True, 2]


def test_two_equal_notes_are_two_comments(pulled: Office) -> None:
    pulled.write_note("notes:\n  - Replaced the failed disk.\n  - Replaced the failed disk.\n")
    assert len(pulled.push().done) == 2
    assert len(pulled.comments()) == 2


def test_the_same_words_again_on_that_day_are_doubtful_and_not_sent(pulled: Office) -> None:
    pulled.write_note()
    pulled.push()
    pulled.write_note()
    result = pulled.push()
    assert isinstance(result.plan.tickets[0].notes[0].step, Doubt)
    assert result.exit_code == Exit.DECISION
    assert len(pulled.comments()) == 1


@pytest.mark.parametrize(("to", "hidden", "mails"), [("private", True, 0), ("public", False, 0), ("email", False, 1)])
def test_who_sees_a_note_is_as_written(pulled: Office, to: str, hidden: bool, mails: int) -> None:
    before = len(pulled.sandbox.store.outbox())
    pulled.write_note(f"notes:\n  - note: Replaced the failed disk.\n    to: {to}\n")
    result = pulled.push()
    (comment,) = pulled.comments()
    assert comment["hidden"] is hidden
    assert len(pulled.sandbox.store.outbox()) - before == mails == len(result.plan.mails)


def test_a_dry_run_writes_nothing_anywhere_and_push_plan_sends_exactly_that(pulled: Office) -> None:
    from synclog.app.push import dry_run

    pulled.write_note()
    before = snapshot(pulled.root)
    with pulled.session() as session:
        plan = dry_run(session, [NUMBER]).plan
    assert snapshot(pulled.root) == before
    assert not pulled.comments()
    assert pulled.push(plan_id=plan_word(plan)).done
    assert len(pulled.comments()) == 1


@pytest.mark.parametrize("where", ["note", "rate", "field"])
def test_a_plan_of_which_anything_changed_is_stale_and_sends_nothing(pulled: Office, where: str) -> None:
    from synclog.app.push import dry_run

    pulled.write_note()
    pulled.edit(("status: In Progress", "status: Resolved"))
    with pulled.session() as session:
        plan = dry_run(session).plan
    if where == "note":
        pulled.edit(("failed disk", "failed drive"))
    elif where == "rate":
        pulled.sandbox.store.set_product(1190473, price="150.00")
    else:
        pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled")
    with pytest.raises(DecisionNeeded):
        pulled.push(plan_id=plan_word(plan))
    assert not pulled.comments(words="Replaced the failed d")


def test_an_edit_saved_while_the_plan_is_shown_makes_it_stale(pulled: Office) -> None:
    pulled.write_note()

    def confirm(_: object) -> bool:
        pulled.edit(("failed disk", "failed drive"))
        return True

    with pytest.raises(DecisionNeeded):
        pulled.push(confirm=confirm)
    assert not pulled.comments(words="Replaced the failed d")


def test_another_push_between_look_and_lock_is_noticed_and_nothing_goes_twice(pulled: Office) -> None:
    pulled.write_note()
    other = pulled.root.parent / "other-tree"
    git(pulled.root, "commit", "--quiet", "-am", "my note")
    git(pulled.root, "worktree", "add", "--quiet", "-b", "second", str(other))

    def confirm(_: object) -> bool:
        first, pulled.root = pulled.root, other
        assert pulled.push().done
        pulled.root = first
        return True

    with pytest.raises(DecisionNeeded):
        pulled.push(confirm=confirm)
    assert len(pulled.comments()) == 1
    assert pulled.push().done[0].was_there
    assert len(pulled.comments()) == len(pulled.timers()) == 1


def test_a_word_that_is_no_plan_is_wrong_usage(pulled: Office) -> None:
    with pytest.raises(UsageError):
        pulled.push(plan_id="abc:xyz")


def test_another_technicians_key_sends_nothing(pulled: Office) -> None:
    pulled.write_note()
    pulled.technician = "Priya Venkat"
    with pytest.raises(WrongTechnician) as error:
        pulled.push()
    assert "Mike Sorrel" in str(error.value)
    assert "Priya Venkat" in str(error.value)
    assert not pulled.comments()


def test_a_note_that_somebody_else_committed_is_left_to_them_unless_asked_for(pulled: Office) -> None:
    pulled.write_note()
    git(
        pulled.root,
        "-c",
        "user.name=Priya Venkat",
        "-c",
        "user.email=priya@copperline.example",
        "commit",
        "-qam",
        "hers",
    )
    result = pulled.push()
    assert (result.done, result.exit_code) == ([], Exit.DONE)
    assert "Priya Venkat" in result.plan.tickets[0].held[0].reason
    assert pulled.push(author="Priya Venkat").done


# --- changes -------------------------------------------------------------------------------------------------------


def test_changed_fields_reach_syncro_and_become_the_base(pulled: Office) -> None:
    pulled.edit(
        ("status: In Progress", "status: resol"),
        ("assigned_to: Mike Sorrel", "assigned_to: priya"),
        ("tags: [server]", "tags: [server, disk]"),
    )
    result = pulled.push()
    ticket = pulled.sandbox.store.ticket(NUMBER)
    assert (ticket["status"], ticket["user_id"], ticket["tag_list"]) == ("Resolved", 24406, ["server", "disk"])
    assert result.exit_code == Exit.DONE
    assert "assigned_to: Priya Venkat" in pulled.text()
    assert not pulled.push().plan.tickets


def test_of_two_people_with_one_name_the_id_decides(pulled: Office) -> None:
    pulled.edit(("assigned_to: Mike Sorrel", 'assigned_to: "Daniel Reyes (#30418)"'))
    pulled.push()
    assert pulled.sandbox.store.ticket(NUMBER)["user_id"] == 30418


def test_a_field_that_syncro_changed_meanwhile_is_not_overwritten(pulled: Office) -> None:
    pulled.edit(("status: In Progress", "status: Resolved"))
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Scheduled")
    result = pulled.push()
    assert result.exit_code == Exit.DECISION
    assert pulled.sandbox.store.ticket(NUMBER)["status"] == "Scheduled"


# --- invoices ------------------------------------------------------------------------------------------------------


def test_an_invoice_is_made_once_and_the_status_follows(pulled: Office) -> None:
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    result = pulled.push()
    assert [done.op for done in result.done] == ["comment", "invoice", "update"]
    (invoice,) = pulled.invoices()
    assert invoice["total"] == "180.00"
    assert pulled.sandbox.store.ticket(NUMBER)["status"] == "Invoiced"
    assert f"invoices: [{invoice['number']}]" in pulled.text()
    assert "invoice: false" in pulled.text()
    pulled.sandbox.forbid_writes = True
    pulled.push()
    assert not pulled.sandbox.forbidden


def test_nothing_to_bill_is_a_decision_and_makes_no_empty_invoice(pulled: Office) -> None:
    pulled.edit(("invoice: false", "invoice: true"))
    assert pulled.push().exit_code == Exit.DECISION
    assert not pulled.invoices()


def test_a_status_of_ones_own_is_kept_when_the_invoice_is_made(pulled: Office) -> None:
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"), ("status: In Progress", "status: Resolved"))
    pulled.push()
    assert pulled.sandbox.store.ticket(NUMBER)["status"] == "Resolved"


# --- time that is dropped ------------------------------------------------------------------------------------------


def test_time_that_the_account_drops_is_never_called_billed(office: Office) -> None:
    from synclog.sandbox import Sandbox

    with Sandbox(comment_time="drop", now=office.time.now) as dropping:
        office.sandbox, office.key = dropping, dropping.api_key
        address = office.workspace.settings.syncro.base_url
        office.change_settings(address, dropping.base_url)
        office.pull()
        office.write_note()
        office.write_note("notes:\n  - note: Replaced the failed disk too.\n    time: 20\n", number=32164)
        result = office.push()
        assert result.exit_code == Exit.DECISION
        assert [done.minutes for done in result.done] == [None]
        posted = result.done[0].number
        (later,) = {NUMBER, 32164} - {posted}
        assert "time was not recorded" in office.text(posted)
        assert str(result.done[0].comment) in office.text(posted)
        assert office.push().exit_code == Exit.DECISION
        assert len(office.comments(posted)) == 1
        assert not office.comments(later)
        assert "synclog:" not in office.text(later).partition("<!--")[0]


# --- faults --------------------------------------------------------------------------------------------------------

FAULTS = [
    "drop-before",
    "drop-after",
    "500-before",
    "500-after",
    "html-before",
    "html-after",
    "cut-json",
    "empty",
    "redirect",
    "429",
    "429-retry=3",
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("what", ["/tickets/*/comment", "/invoices", "/tickets/*"])
def test_whatever_goes_wrong_with_a_write_it_is_there_exactly_once_in_the_end(
    pulled: Office, fault: str, what: str
) -> None:
    pulled.write_note()
    pulled.edit(("invoice: false", "invoice: true"))
    pulled.sandbox.add_fault(f"{fault} {'PUT' if what == '/tickets/*' else 'POST'} {what} #1")
    for _ in range(4):
        result = pulled.push()
        if not result.trouble and not result.plan.acts:
            break
    assert pulled.sandbox.fault_hits
    assert (len(pulled.comments()), len(pulled.timers()), len(pulled.invoices())) == (1, 1, 1)
    assert pulled.sandbox.store.ticket(NUMBER)["status"] == "Invoiced"
    assert pulled.push().exit_code == Exit.DONE


def test_a_write_whose_answer_is_lost_twice_is_left_to_the_next_run(pulled: Office) -> None:
    pulled.write_note()
    pulled.sandbox.add_fault("drop-before POST /tickets/*/comment #1-2")
    result = pulled.push()
    assert isinstance(result.trouble[0].error, OutcomeUnknown)
    assert result.exit_code == Exit.FAILED
    assert pulled.time.slept >= 59
    assert pulled.push().done
    assert len(pulled.comments()) == 1


def test_what_syncro_refuses_loses_its_stamp_and_is_pending_as_before(pulled: Office) -> None:
    pulled.write_note()
    before = pulled.text()
    pulled.sandbox.add_fault("429 POST /tickets/*/comment")
    result = pulled.push()
    assert isinstance(result.trouble[0].error, RateLimited)
    assert result.exit_code == Exit.FAILED
    assert pulled.text() == before
    pulled.sandbox.clear_faults()
    pulled.time.slept = 0
    assert pulled.push().done
    assert pulled.time.slept == 0
    assert len(pulled.comments()) == 1


def test_a_ticket_that_cannot_be_read_stops_no_other(pulled: Office) -> None:
    pulled.write_note()
    pulled.write_note(number=32164)
    pulled.sandbox.add_fault(f"500-before GET /tickets/{pulled.sandbox.store.ticket(32164)['id']}/comments")
    result = pulled.push()
    assert [done.number for done in result.done] == [NUMBER]
    assert [trouble.number for trouble in result.trouble] == [32164]
    assert result.exit_code == Exit.FAILED


def test_a_labor_product_that_the_account_lacks_is_named_and_stops_no_other(pulled: Office) -> None:
    pulled.write_note("notes:\n  - note: Replaced the failed disk.\n    time: 20\n    labor: 999\n")
    pulled.write_note(number=32164)
    result = pulled.push()
    assert [done.number for done in result.done] == [32164]
    assert any("999" in held.reason for ticket in result.plan.tickets for held in ticket.held)
    assert result.exit_code == Exit.DECISION


def test_a_stamp_of_a_run_that_died_is_waited_for_before_it_is_sent(pulled: Office) -> None:
    pulled.write_note()

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with pulled.session() as session:
        session.client.add_comment = die  # type: ignore[method-assign]
        with pytest.raises(Killed):
            push(session, confirm=lambda _: True)
    assert "synclog: {id: 32162-" in pulled.text()
    pulled.time.slept = 0
    assert pulled.push().done
    assert pulled.time.slept >= 59
    assert len(pulled.comments()) == len(pulled.timers()) == 1


def test_a_stamped_note_that_was_posted_and_then_changed_is_doubtful(pulled: Office) -> None:
    pulled.write_note()
    pulled.sandbox.add_fault("drop-after POST /tickets/*/comment #1")
    pulled.sandbox.add_fault("500-before GET /tickets/*/comments #2-9")
    pulled.push()
    pulled.sandbox.clear_faults()
    assert "synclog:" in pulled.text()
    pulled.edit(("failed disk", "failed drive"))
    result = pulled.push()
    assert isinstance(result.plan.tickets[0].notes[0].step, Doubt)
    assert len(pulled.comments(words="Replaced the failed d")) == 1


def test_pull_records_what_was_posted_and_not_recorded(pulled: Office) -> None:
    pulled.write_note()
    pulled.sandbox.add_fault("drop-after POST /tickets/*/comment #1")
    pulled.sandbox.add_fault("500-before GET /tickets/*/comments #2-9")
    pulled.push()
    pulled.sandbox.clear_faults()
    result = pulled.pull()
    assert len(result.recorded) == 1
    assert "notes: []" in pulled.text()
    assert [e.reference for e in pulled.trail()] == result.recorded
    assert not pulled.push().plan.tickets


def test_deleting_the_machines_own_caches_changes_nothing_about_what_is_posted(pulled: Office) -> None:
    import shutil

    pulled.write_note()
    pulled.sandbox.add_fault("drop-after POST /tickets/*/comment #1")
    pulled.sandbox.add_fault("500-before GET /tickets/*/comments #2-9")
    pulled.push()
    pulled.sandbox.clear_faults()
    shutil.rmtree(pulled.root / ".synclog")
    assert pulled.push().done[0].was_there
    assert len(pulled.comments()) == 1
