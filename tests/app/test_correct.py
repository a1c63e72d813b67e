"""Correcting posted time: right in Syncro, once, or asked about; whose work it was stays, and the trail tells."""

from __future__ import annotations

from typing import Any

import pytest
from support.office import LABOR, NUMBER, Office
from support.oneoffs import Killed, assert_nothing_is_left, dying, push_until_clean

from synclog.app.push import PushResult
from synclog.app.push.oneoffs.commands import correct
from synclog.app.push.oneoffs.making import Other
from synclog.errors import DecisionNeeded, Exit, SynclogError, UsageError, WrongTechnician
from synclog.syncro.client import SyncroClient

MIKE = 21735
CHANGE = "PUT /tickets/*/update_timer_entry"
WAYS = ("comment", "timer", "charged", "line_item")


@pytest.fixture
def mike(office: Office) -> Office:
    """An office with one ticket."""
    office.pull(NUMBER)
    return office


def post(office: Office, way: str) -> str:
    """Post a note of 90 minutes with its time by a way; return its reference."""
    via = "timer" if way == "charged" else way
    if via != "comment":
        office.change_settings("via: comment", f"via: {via}")
    if way == "charged":
        office.change_settings("charge_now: false", "charge_now: true")
    office.write_note()
    (done,) = office.push().done
    assert done.reference
    return done.reference


def mend(office: Office, reference: str, **other: Any) -> PushResult:
    with office.session() as session:
        return correct(session, reference, Other(**other), confirm=lambda _: True)


def there(office: Office) -> tuple[list[tuple[int, int, int]], list[tuple[str, int]]]:
    """The timer entries (minutes, product, user) and the charges (hours, product) of the ticket."""
    items = office.sandbox.store.line_items(office.sandbox.store.ticket(NUMBER)["id"])
    timers = [(t["active_duration"] // 60, t["product_id"], t["user_id"]) for t in office.timers()]
    return timers, [(item["quantity"], item["product_id"]) for item in items]


def expected(
    way: str, minutes: int, hours: str, labor: str
) -> tuple[list[tuple[int, int, int]], list[tuple[str, int]]]:
    timers = [] if way == "line_item" else [(minutes, LABOR[labor], MIKE)]
    return timers, [(hours, LABOR[labor])] if way in ("charged", "line_item") else []


def corrections(office: Office) -> list[tuple[str | None, int | None, int | None, str | None]]:
    """What the trail says of corrections, the newest first."""
    found = [entry for entry in office.trail() if entry.op == "correct"]
    return [(entry.reference, entry.minutes, entry.billed_minutes, entry.labor) for entry in found]


@pytest.mark.parametrize("way", WAYS)
def test_minutes_and_labor_are_mended_whichever_way_the_time_went(mike: Office, way: str) -> None:
    reference = post(mike, way)
    result = mend(mike, reference, minutes=60, labor="onsite")
    assert (result.exit_code, result.trouble) == (Exit.DONE, [])
    assert there(mike) == expected(way, 60, "1.0", "onsite")
    assert corrections(mike) == [(reference, 60, 60, "onsite")]
    (done,) = result.done
    assert (done.op, done.reference, done.minutes, done.billed) == ("correct", reference, 60, 60)
    assert_nothing_is_left(mike)


@pytest.mark.parametrize("way", WAYS)
def test_removed_time_is_gone_with_its_charge(mike: Office, way: str) -> None:
    reference = post(mike, way)
    assert mend(mike, reference, remove=True).exit_code == Exit.DONE
    assert there(mike) == ([], [])
    assert corrections(mike) == [(reference, 0, 0, "remote")]
    with pytest.raises(UsageError, match="removed already"):
        mend(mike, reference, minutes=30)
    assert_nothing_is_left(mike)


def test_two_corrections_in_a_row_and_back_again_are_three_entries_of_the_trail(mike: Office) -> None:
    reference = post(mike, "charged")
    for minutes in (60, 45, 90):
        assert mend(mike, reference, minutes=minutes).exit_code == Exit.DONE
    assert there(mike) == expected("charged", 90, "1.5", "remote")
    assert [entry[1] for entry in corrections(mike)] == [90, 45, 60]
    assert_nothing_is_left(mike)


def test_what_is_right_already_sends_nothing(mike: Office) -> None:
    reference = post(mike, "timer")
    mike.sandbox.forbid_writes = True
    result = mend(mike, reference, minutes=90, labor="remote")
    assert (result.exit_code, result.plan.tickets) == (Exit.DONE, ())
    assert not mike.sandbox.forbidden


def test_a_corrected_charge_has_the_rate_of_its_labor_of_now(mike: Office) -> None:
    reference = post(mike, "charged")
    mike.sandbox.store.set_product(LABOR["onsite"], price="151.50", name="Onsite (2026)")
    assert mend(mike, reference, labor="onsite").exit_code == Exit.DONE
    (item,) = mike.sandbox.store.line_items(mike.sandbox.store.ticket(NUMBER)["id"])
    assert (item["name"], item["retail_cents"], item["quantity"]) == ("Onsite (2026)", 15150, "1.5")


def test_a_charge_is_what_its_corrected_timer_entry_comes_to_as_the_account_rounds(mike: Office) -> None:
    reference = post(mike, "charged")
    mike.sandbox.store.set_product(LABOR["remote"], increment=60)
    (done,) = mend(mike, reference, minutes=50).done
    assert there(mike) == expected("charged", 50, "1.0", "remote")
    assert (done.minutes, done.billed) == (50, 60)
    assert_nothing_is_left(mike)


def test_minutes_are_billed_by_the_rules_of_their_labor(mike: Office) -> None:
    mike.change_settings("remote: 1190473", "remote: {product: 1190473, round_to: 15, minimum: 60}")
    reference = post(mike, "timer")
    (done,) = mend(mike, reference, minutes=47).done
    assert (done.minutes, done.billed) == (47, 60)
    assert there(mike) == expected("timer", 60, "", "remote")


def test_a_timer_entry_begins_when_it_began(mike: Office) -> None:
    reference = post(mike, "timer")
    (before,) = mike.timers()
    mike.time.sleep(3600)
    mend(mike, reference, minutes=30)
    (after,) = mike.timers()
    assert (after["start_time"], after["notes"]) == (before["start_time"], before["notes"])


# --- what is refused -------------------------------------------------------------------------------------------------


def refused(office: Office, reference: str, error: type[SynclogError], words: str) -> None:
    before, text = there(office), office.text()
    office.sandbox.forbid_writes = True
    with pytest.raises(error, match=words) as raised:
        mend(office, reference, minutes=60)
    assert raised.value.remedy
    assert (there(office), office.text(), office.sandbox.forbidden) == (before, text, [])


@pytest.mark.parametrize("way", ["timer", "line_item"])
def test_what_is_invoiced_is_for_the_web_interface(mike: Office, way: str) -> None:
    reference = post(mike, way)
    mike.sandbox.store.web_make_invoice(NUMBER)
    refused(mike, reference, DecisionNeeded, "on an invoice")


def test_a_reference_that_the_trail_does_not_know_is_refused(mike: Office) -> None:
    refused(mike, f"{NUMBER}-7k2m9q4x1c", UsageError, "trail does not know")
    refused(mike, "new-7k2m9q4x1c", UsageError, "is not the reference")


def test_a_note_without_time_has_nothing_to_correct(mike: Office) -> None:
    mike.write_note("notes:\n  - note: Called back.\n")
    (done,) = mike.push().done
    refused(mike, done.reference or "", UsageError, "no time of it")


def test_time_that_another_technician_worked_is_theirs(mike: Office) -> None:
    reference = post(mike, "timer")
    (timer,) = mike.timers()
    with mike.session() as session:
        session.client.update_timer_entry(timer_ticket(mike), timer["id"], user_id=other_user(mike))
    refused(mike, reference, WrongTechnician, "is the work of")


def test_anothers_key_corrects_nothing(mike: Office) -> None:
    reference = post(mike, "timer")
    mike.technician = "Somebody Else"
    refused(mike, reference, WrongTechnician, "belongs to")


def timer_ticket(office: Office) -> int:
    return int(office.sandbox.store.ticket(NUMBER)["id"])


def other_user(office: Office) -> int:
    with office.session() as session:
        return next(person.id for person in session.client.users() if person.id != MIKE)


def test_time_that_is_not_there_any_more_is_said_so(mike: Office) -> None:
    reference = post(mike, "timer")
    (timer,) = mike.timers()
    with mike.session() as session:
        session.client.delete_timer_entry(timer_ticket(mike), timer["id"])
    refused(mike, reference, DecisionNeeded, "not on the ticket any more")


# --- what is under way -----------------------------------------------------------------------------------------------


def begin(office: Office, reference: str, **other: Any) -> None:
    """Correct with a process that dies as soon as it has sent the first change of the timer entry."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SyncroClient, "update_timer_entry", dying(SyncroClient.update_timer_entry, sends=False))
        with pytest.raises(Killed):
            mend(office, reference, **other)


def test_while_one_is_not_finished_nothing_else_is_begun_and_the_same_again_goes_on(mike: Office) -> None:
    reference = post(mike, "timer")
    begin(mike, reference, minutes=60)
    assert "doing" in mike.text()
    with pytest.raises(DecisionNeeded, match="not finished"):
        mend(mike, reference, minutes=45)
    push_until_clean(mike)
    assert mend(mike, reference, minutes=45).exit_code == Exit.DONE
    assert [entry[1] for entry in corrections(mike)] == [45, 60]
    assert_nothing_is_left(mike)


@pytest.mark.parametrize("other", [{"minutes": 60}, {"remove": True}])
def test_the_same_correction_again_goes_on_with_one_that_a_killed_run_left(mike: Office, other: dict[str, Any]) -> None:
    reference = post(mike, "timer")
    name = "delete_timer_entry" if "remove" in other else "update_timer_entry"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SyncroClient, name, dying(getattr(SyncroClient, name), sends=True))
        with pytest.raises(Killed):
            mend(mike, reference, **other)
    (done,) = mend(mike, reference, **other).done
    assert done.was_there
    assert len(corrections(mike)) == 1
    assert_nothing_is_left(mike)


def test_what_somebody_else_made_of_it_meanwhile_is_for_a_person(mike: Office) -> None:
    reference = post(mike, "timer")
    mike.sandbox.add_fault(f"drop-before {CHANGE} #1")
    (timer,) = mike.timers()
    sleep = mike.time.sleep

    def meddling(seconds: float) -> None:
        if mike.timers()[0]["active_duration"] == 90 * 60:
            with mike.session() as session:
                session.client.update_timer_entry(timer_ticket(mike), timer["id"], minutes=10, user_id=MIKE)
        sleep(seconds)

    mike.time.sleep = meddling  # type: ignore[method-assign]
    result = mend(mike, reference, minutes=60)
    assert result.exit_code == Exit.DECISION
    assert there(mike) == expected("timer", 10, "", "remote")
    assert mike.push().exit_code == Exit.DECISION
    assert there(mike) == expected("timer", 10, "", "remote")


def test_a_refusal_leaves_nothing_behind_and_is_told(mike: Office) -> None:
    reference = post(mike, "charged")
    mike.sandbox.add_fault(f"429 {CHANGE} #1-9")
    result = mend(mike, reference, minutes=60)
    assert result.exit_code == Exit.FAILED
    assert there(mike) == expected("charged", 90, "1.5", "remote")
    assert_nothing_is_left(mike)
