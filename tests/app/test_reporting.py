"""`report` against a Syncro over HTTP: what it counts, what it finds, and that it changes nothing anywhere."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NoReturn

import pytest
from support.office import NUMBER, Office, snapshot

from synclog.app.reporting import Reported, make_report, remedy_for
from synclog.core.periods import Period
from synclog.core.report import Forgotten
from synclog.errors import Exit
from synclog.sandbox import Sandbox

SPRING = Period(date(2026, 3, 1), date(2026, 4, 30))
NOW = datetime(2026, 4, 24, 18, tzinfo=UTC)
REMOTE = 1190473


def online(office: Office, period: Period = SPRING) -> Reported:
    with office.session() as session:
        return make_report(session.workspace, period, now=NOW, session=session)


def offline(office: Office, period: Period = SPRING) -> Reported:
    return make_report(office.workspace, period, now=NOW)


def forgotten(reported: Reported, number: int | None = NUMBER) -> list[Forgotten]:
    return [one for one in reported.report.forgotten if one.ticket == number]


def test_it_writes_nothing_here_or_there(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a report wrote")

    pulled.write_note()
    for name in ("write", "write_state", "rename", "delete"):
        monkeypatch.setattr(f"synclog.workspace.workspace.Workspace.{name}", explode)
    monkeypatch.setattr("synclog.syncro.transport.Transport.write", explode)
    before = snapshot(pulled.root)
    assert online(pulled).report.tickets
    assert offline(pulled).report.tickets
    assert snapshot(pulled.root) == before
    assert {request.method for request in pulled.sandbox.requests} == {"GET"}


def test_on_the_first_day_it_counts_what_nobody_pulled(office: Office) -> None:
    first = online(office)
    assert first.from_files == 0
    office.pull()
    second = online(office)
    assert second.from_files > 10
    assert second.requests < first.requests
    assert second.report.total == first.report.total
    assert second.report.groups == first.report.groups
    assert second.report.forgotten == first.report.forgotten


def test_it_counts_what_the_account_itself_adds_up(office: Office) -> None:
    store = office.sandbox.store
    timers = [timer for ticket in store.tickets() for timer in store.timers(ticket["id"])]
    within = [t for t in timers if "2026-03-01T07:00" <= t["start_time"] < "2026-05-01T07:00"]
    assert online(office).report.total.worked == sum(timer["active_duration"] for timer in within) // 60


def test_open_time_is_priced_at_the_live_rate_and_without_syncro_not_at_all(pulled: Office) -> None:
    today = Period(date(2026, 4, 24), date(2026, 4, 24))
    assert online(pulled, today).report.total.unbilled == 0
    pulled.sandbox.store.web_add_time(NUMBER, 90, REMOTE)
    assert online(pulled, today).report.total.unbilled_amount == Decimal("180.00")
    pulled.sandbox.store.set_product(REMOTE, price="100.00")
    assert online(pulled, today).report.total.unbilled_amount == Decimal("150.00")
    pulled.pull()
    total = offline(pulled, today).report.total
    assert (total.unbilled, total.unbilled_amount, total.unpriced) == (90, 0, 90)


def test_a_ticket_whose_time_came_after_the_pull_is_read_and_not_taken_from_its_file(pulled: Office) -> None:
    before = online(pulled).report.total.worked
    pulled.sandbox.store.web_add_time(NUMBER, 45, REMOTE)
    assert online(pulled).report.total.worked == before + 45
    assert offline(pulled).report.total.worked == offline(pulled).report.total.worked


def test_posted_time_without_an_invoice_on_a_resolved_ticket_would_be_forgotten(pulled: Office) -> None:
    pulled.sandbox.store.web_add_time(NUMBER, 90, REMOTE)
    assert forgotten(online(pulled)) == []
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Resolved")
    (found,) = forgotten(online(pulled))
    assert (found.kind, found.minutes >= 90, found.expected) == ("unbilled", True, False)
    pulled.sandbox.store.web_make_invoice(NUMBER)
    assert forgotten(online(pulled)) == []


def test_a_customer_with_recurring_invoices_is_marked(pulled: Office) -> None:
    pulled.sandbox.store.web_add_time(NUMBER, 90, REMOTE)
    pulled.sandbox.store.web_update_ticket(NUMBER, status="Resolved")
    card = pulled.path().parents[1] / "client.md"
    card.write_bytes(card.read_bytes().replace(b"---\n", b"---\ninvoicing: recurring\n", 1))
    (found,) = forgotten(online(pulled))
    assert found.expected


def test_notes_that_were_never_pushed_and_dropped_time_are_listed_with_their_amount(pulled: Office) -> None:
    pulled.write_note()
    (found,) = forgotten(online(pulled))
    assert (found.kind, found.minutes, found.amount) == ("not_pushed", 90, Decimal("180.00"))
    assert forgotten(offline(pulled))[0].amount is None


def test_time_that_the_account_dropped_is_listed_with_its_remedy(office: Office) -> None:
    with Sandbox(comment_time="drop", now=office.time.now) as sandbox:
        office.move_to(sandbox)
        office.pull()
        office.write_note()
        office.push()
        (found,) = forgotten(online(office))
        assert (found.kind, found.minutes, found.amount) == ("dropped", 90, Decimal("180.00"))
        assert "`time: via: timer`" in remedy_for(found)


def test_an_empty_invoice_is_found(pulled: Office) -> None:
    ticket = pulled.sandbox.store.web_add_ticket(24152385, "Printer")
    invoice = pulled.sandbox.store.web_make_invoice(ticket["number"])
    (found,) = forgotten(online(pulled), ticket["number"])
    assert (found.kind, found.what) == ("empty_invoice", f"invoice {invoice['number']} has no lines")


def test_what_was_sent_and_is_not_there_any_more_is_said_by_its_reference(pulled: Office) -> None:
    period = Period(date(2026, 4, 1), date(2100, 1, 1))
    pulled.write_note()
    pulled.push(NUMBER)
    (entry,) = pulled.trail()
    assert [d for d in online(pulled, period).differences if d.ticket == NUMBER] == []
    db = pulled.sandbox.store._db
    with db.transaction():
        db.update("timers", entry.timer, billable_seconds=60 * 60)
    (found,) = [d for d in online(pulled, period).differences if d.ticket == NUMBER]
    assert (found.reference, found.what) == (entry.reference, "Syncro bills 60 min, 90 min were sent")
    with db.transaction():
        db.run("DELETE FROM timers WHERE id = ?", entry.timer)
    (found,) = [d for d in online(pulled, period).differences if d.ticket == NUMBER]
    assert found.what == f"its time (timer {entry.timer}) is gone"


def test_a_ticket_that_cannot_be_read_is_named_and_its_file_stands_in(pulled: Office) -> None:
    pulled.sandbox.store.web_update_ticket(NUMBER, subject="Server upgrade, again")
    worked = online(pulled).report.total.worked
    id_ = pulled.sandbox.store.ticket(NUMBER)["id"]
    pulled.sandbox.add_fault(f"500-before GET /tickets/{id_}")
    found = online(pulled)
    assert (found.report.total.worked, found.exit_code) == (worked, Exit.FAILED)
    assert any(f"#{NUMBER} can't be read" in line for line in found.not_covered)


def test_tickets_that_this_key_may_not_see_are_no_failure(pulled: Office) -> None:
    with pulled.session() as session:
        me = session.client.me().user_id
    pulled.sandbox.store.restrict_key(me, 24152385)
    pulled.sandbox.store.web_add_time(NUMBER, 45, REMOTE)
    found = online(pulled)
    assert (found.exit_code, found.failed) == (Exit.DONE, ())
    assert found.from_syncro > 0


def test_the_command_line_prints_groups_a_table_and_a_document(pulled: Office) -> None:
    said = pulled.cli("report", "--from", "2026-03", "--to", "2026-04", "--by", "labor", "--offline")
    assert said.returncode == 0
    assert "what changed in Syncro since" in said.stdout
    document = json.loads(pulled.cli("report", "--from", "2026-03", "--to", "2026-04", "--json").stdout)
    total = document["result"]["total"]
    assert sum(group["worked"] for group in document["result"]["groups"]) == total["worked"] > 0
    csv = pulled.cli("report", "--from", "2026-03", "--to", "2026-04", "--by", "tech", "--offline", "--csv").stdout
    assert csv.splitlines()[0].startswith("tech,worked,posted,billed,unbilled")
    assert csv.splitlines()[-1].startswith("total,")
    pulled.write_note()
    listed = pulled.cli("report", "--from", "2026-03", "--to", "2100-01-01", "--unbilled", "--offline").stdout
    assert "#32162  Len's Auto Brokerage: Server upgrade  1h30m  since 20" in listed
    assert "  1 note not pushed; `synclog push 32162`" in listed


def test_a_page_replaces_a_page_and_nothing_else(pulled: Office) -> None:
    words = ("report", "--from", "2026-03", "--to", "2026-04", "--offline", "--html")
    said = pulled.cli(*words, "../april.html", "--json")
    assert json.loads(said.stdout)["result"]["html"] == "../april.html"
    page = (pulled.root.parent / "april.html").read_bytes()
    assert b"Bobby&#39;s &lt;script&gt;alert" in page
    assert pulled.cli(*words, "../april.html").returncode == 0
    before = pulled.path().read_bytes()
    refused = pulled.cli(*words, str(pulled.path()))
    assert (refused.returncode, pulled.path().read_bytes()) == (2, before)
    assert "is there, and is no report" in refused.stderr
