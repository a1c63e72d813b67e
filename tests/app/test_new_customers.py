"""A customer is made exactly once, whatever becomes of the answer; who is called exactly so already is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.office import Office, git

from synclog.app.newcustomers import Made, Plan, create_customer
from synclog.core.newcustomers import new_customer
from synclog.errors import Busy, DecisionNeeded, InvalidFile, OutcomeUnknown, Rejected, WrongTechnician
from synclog.syncro.client import SyncroClient
from synclog.workspace.history import History
from synclog.workspace.workspace import Workspace

NAME = "Hollow Oak Dental"


def create(office: Office, name: str = NAME, *, another: bool = False, **more: str | None) -> Made:
    with office.session() as session:
        return create_customer(session, new_customer(name, **more), confirm=lambda _: True, another=another)


def there(office: Office, name: str = NAME) -> list[dict[str, Any]]:
    with SyncroClient(office.sandbox.base_url, office.sandbox.api_key) as client:
        return [{"id": c.id, "email": c.email} for c in client.search_customers(name) if c.name == name]


def posts(office: Office) -> int:
    return sum((r.method, r.path) == ("POST", "/customers") for r in office.sandbox.requests)


def cards(office: Office) -> dict[str, str]:
    found = office.root.glob("clients/*/client.md")
    return {path.parent.name: path.read_text("utf-8") for path in found if NAME in path.read_text("utf-8")}


def intend(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die between the intent and the request."""

    def dying(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SyncroClient, "create_customer", dying)
        with pytest.raises(KeyboardInterrupt):
            create(office)


def test_a_customer_is_made_with_a_card_and_a_trail_and_read_back(office: Office) -> None:
    made = create(office, "  Hollow  Oak\nDental ", email="office@hollowoak.example", phone="602-555-0114", mobile="")
    (customer,) = there(office)
    assert made.customer is not None
    assert (made.customer.id, made.was_there, made.path) == (
        customer["id"],
        False,
        "clients/hollow-oak-dental/client.md",
    )
    card = (office.root / made.path).read_text("utf-8")
    assert f"customer: {NAME}\nid: {customer['id']}\nemail: office@hollowoak.example\n" in card
    assert "synclog:" not in card.partition("---\n\n")[0]
    assert office.log(2) == [f"Mike Sorrel: push: customer {NAME}", f"Mike Sorrel: stamp: customer {NAME}"]
    assert f"Syncro-Customer: {customer['id']}" in git(office.root, "log", "-1", "--format=%B")
    assert git(office.root, "status", "--porcelain", "clients") == ""
    assert office.workspace.history.trail() == ()


def test_the_intent_is_in_history_before_the_request(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    intend(office, monkeypatch)
    assert posts(office) == 0
    committed = git(office.root, "show", "HEAD:clients/hollow-oak-dental/client.md")
    assert f"sends: {{business_name: {NAME}}}" in committed
    assert "by: 21735" in committed


@pytest.mark.parametrize("name", [NAME, "hollow oak  DENTAL"])
def test_who_is_called_exactly_so_is_never_made_a_second_time(office: Office, name: str) -> None:
    create(office)
    before = office.log()
    made = create(office, name)
    assert (made.customer, [c.name for c in made.exist]) == (None, [NAME])
    assert (posts(office), office.log()) == (1, before)


def test_a_name_that_is_spaced_otherwise_in_syncro_is_the_same_name(office: Office) -> None:
    with SyncroClient(office.sandbox.base_url, office.sandbox.api_key) as client:
        client.create_customer(business_name="Hollow   Oak Dental")
    assert create(office).exist


def test_a_name_that_only_begins_so_is_another_one(office: Office) -> None:
    create(office, "Hollow Oak Dental Lab")
    assert create(office).customer is not None


def test_another_of_the_same_name_is_made_where_that_is_said(office: Office) -> None:
    first, second = create(office), create(office, another=True)
    assert first.customer is not None
    assert second.customer is not None
    assert len(there(office)) == 2
    assert second.path == f"clients/hollow-oak-dental-{second.customer.id}/client.md"
    assert set(cards(office)) == {Path(first.path).parent.name, Path(second.path).parent.name}


@pytest.mark.parametrize("fault", ["drop-after", "500-after", "html-after", "cut-json", "empty", "late=600"])
def test_one_who_was_made_though_the_answer_was_lost_or_late_is_found_a_settle_later(
    office: Office, fault: str
) -> None:
    office.sandbox.add_fault(f"{fault} POST /customers #1")
    lets_late_ones_through(office)
    made = create(office)
    assert made.customer is not None
    assert (made.was_there, office.time.slept, posts(office)) == (False, 60, 1)
    assert len(there(office)) == 1
    assert create(office).exist
    (card,) = cards(office).values()
    assert f"id: {made.customer.id}\n" in card
    assert git(office.root, "status", "--porcelain", "clients") == ""


@pytest.mark.parametrize("fault", ["drop-before", "500-before", "html-before"])
def test_one_who_was_not_made_is_sent_again_only_when_that_is_asked_again(office: Office, fault: str) -> None:
    office.sandbox.add_fault(f"{fault} POST /customers #1")
    with pytest.raises(OutcomeUnknown, match="none seems to be made"):
        create(office)
    assert (there(office), office.time.slept, posts(office), len(cards(office))) == ([], 60, 1, 1)
    made = create(office)
    assert made.customer is not None
    assert (len(there(office)), posts(office), office.time.slept) == (1, 2, 120)


def lets_late_ones_through(office: Office) -> None:
    """Have Syncro commit what it holds back while it is waited."""
    sleep = office.time.sleep

    def waiting(seconds: float) -> None:
        office.sandbox.release_late()
        sleep(seconds)

    office.time.sleep = waiting  # type: ignore[method-assign]


def test_after_a_kill_the_next_run_waits_a_settle_before_it_sends(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    intend(office, monkeypatch)
    made = create(office)
    assert made.customer is not None
    assert (posts(office), office.time.slept) == (1, 60)


def test_what_a_killed_run_had_made_is_recorded_without_asking(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    intend(office, monkeypatch)
    with SyncroClient(office.sandbox.base_url, office.sandbox.api_key) as client:
        late = client.create_customer(business_name=NAME)
    with office.session() as session:
        made = create_customer(session, new_customer(NAME), confirm=never)
    assert made.customer is not None
    assert (made.customer.id, made.was_there, posts(office)) == (late.id, True, 1)


class Killed(BaseException):
    """The process is no more: nothing that follows is done."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [
        (SyncroClient, "create_customer", 1),
        (Workspace, "write", 1),
        (History, "commit", 1),
        (Workspace, "write", 2),
        (History, "commit", 2),
    ],
    ids=["the request", "the intent written", "the intent committed", "the card written", "the card committed"],
)
def test_killed_at_any_step_the_same_command_makes_exactly_one(
    office: Office, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, call: int, when: str
) -> None:
    calls = []
    real = getattr(owner, name)

    def dying(*args: object, **values: object) -> object:
        calls.append(name)
        if len(calls) == call and when == "before":
            raise Killed
        done = real(*args, **values)
        if len(calls) == call:
            raise Killed
        return done

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, dying)
        with pytest.raises(Killed):
            create(office, email="office@hollowoak.example")
    create(office, email="office@hollowoak.example")
    (customer,) = there(office)
    (card,) = cards(office).values()
    assert f"id: {customer['id']}\nemail: office@hollowoak.example\n" in card
    assert "synclog:\n" not in card
    assert "\nsynclog: " not in card
    assert git(office.root, "status", "--porcelain", "clients") == ""
    assert [line for line in office.log() if "push: customer" in line] == [f"Mike Sorrel: push: customer {NAME}"]


def never(plan: Plan) -> bool:
    raise AssertionError(plan)


def test_who_was_there_before_another_was_begun_does_not_answer_for_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = create(office)
    with monkeypatch.context() as patched:
        patched.setattr(SyncroClient, "create_customer", lost)
        with pytest.raises(OutcomeUnknown):
            create(office, another=True)
    second = create(office, another=True)
    assert first.customer is not None
    assert second.customer is not None
    assert first.customer.id != second.customer.id
    assert len(there(office)) == 2


def lost(*_: object, **__: object) -> None:
    raise OutcomeUnknown("the connection broke")


def test_an_intent_that_was_deleted_is_waited_for_all_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(SyncroClient, "create_customer", killed)
        with pytest.raises(Killed):
            create(office)
    git(office.root, "reset", "--quiet", "--hard", "HEAD~1")
    assert create(office).customer is not None
    assert (posts(office), office.time.slept) == (1, 60)


def killed(*_: object, **__: object) -> None:
    raise Killed


def test_a_card_that_may_hold_an_intent_and_is_bent_stops_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    intend(office, monkeypatch)
    card = office.root / "clients" / "hollow-oak-dental" / "client.md"
    card.write_bytes(card.read_bytes().replace(b"customer: ", b"customer: ["))
    with pytest.raises(InvalidFile, match=r"hollow-oak-dental/client\.md"):
        create(office)
    assert posts(office) == 0


def test_nothing_is_sent_that_was_not_shown(office: Office) -> None:
    def meanwhile(_: Plan) -> bool:
        create(office, another=True)
        return True

    create(office)
    with office.session() as session, pytest.raises(DecisionNeeded, match="not those any more that were shown"):
        create_customer(session, new_customer(NAME), confirm=meanwhile, another=True)
    assert posts(office) == 2


def test_one_whom_syncro_calls_otherwise_is_recorded_and_told_of(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SyncroClient.create_customer

    def renamed(client: SyncroClient, **values: str) -> object:
        return real(client, **{**values, "business_name": "Hollow Oak"})

    with monkeypatch.context() as patched:
        patched.setattr(SyncroClient, "create_customer", renamed)
        with pytest.raises(DecisionNeeded, match="calls them Hollow Oak"):
            create(office)
    assert "id: " in (office.root / "clients" / "hollow-oak" / "client.md").read_text("utf-8")
    assert not (office.root / "clients" / "hollow-oak-dental").exists()


def test_two_who_came_into_being_are_for_a_person_to_sort_out(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    intend(office, monkeypatch)
    with SyncroClient(office.sandbox.base_url, office.sandbox.api_key) as client:
        ids = [client.create_customer(business_name=NAME).id for _ in range(2)]
    with pytest.raises(DecisionNeeded, match="more than one") as doubtful:
        create(office)
    assert all(str(i) in doubtful.value.message for i in ids)
    assert posts(office) == 2


def test_one_whom_somebody_made_at_the_same_time_is_told_of(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real = SyncroClient.create_customer

    def twice(client: SyncroClient, **values: str) -> object:
        real(client, **values)
        return real(client, **values)

    with monkeypatch.context() as patched:
        patched.setattr(SyncroClient, "create_customer", twice)
        with pytest.raises(DecisionNeeded, match="more than one"):
            create(office)
    assert len(cards(office)) == 1
    assert "Syncro-Customer" in git(office.root, "log", "-1", "--format=%B")


def test_a_refusal_takes_the_intent_back(office: Office) -> None:
    with pytest.raises(Rejected, match="Email is not an email"):
        create(office, email="nobody")
    assert (cards(office), there(office)) == ({}, [])
    assert not (office.root / "clients" / "hollow-oak-dental").exists()
    assert office.log(1) == [f"Mike Sorrel: stamp: customer {NAME}, taken back"]
    assert create(office).path == "clients/hollow-oak-dental/client.md"


def test_another_technicians_key_sends_nothing(office: Office) -> None:
    office.technician = "Priya Venkat"
    with pytest.raises(WrongTechnician):
        create(office)
    assert (posts(office), cards(office)) == (0, {})


def test_declined_it_writes_nothing(office: Office) -> None:
    before = office.log()
    with office.session() as session:
        made = create_customer(session, new_customer(NAME), confirm=lambda _: False)
    assert (made.customer, posts(office), office.log(), cards(office)) == (None, 0, before, {})


def test_one_who_was_made_while_it_was_asked_is_not_made_again(office: Office) -> None:
    def meanwhile(_: Plan) -> bool:
        create(office)
        return True

    with office.session() as session:
        made = create_customer(session, new_customer(NAME), confirm=meanwhile)
    assert (len(made.exist), posts(office)) == (1, 1)


def test_who_was_not_alone_while_it_waited_sends_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    intend(office, monkeypatch)
    sleep = office.time.sleep
    slept: list[float] = []

    def another_run(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > 1:
            return
        office.time.sleep = sleep  # type: ignore[method-assign]
        with monkeypatch.context() as patched:
            patched.setattr(SyncroClient, "create_customer", lost)
            with pytest.raises(OutcomeUnknown):
                create(office)

    office.time.sleep = another_run  # type: ignore[method-assign]
    with pytest.raises(Busy, match="another synclog was at work"):
        create(office)
    assert posts(office) == 0


def test_a_card_with_an_intent_disturbs_nothing_else(pulled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    intend(pulled, monkeypatch)
    folder = pulled.root / "clients" / "hollow-oak-dental"
    before = (folder / "client.md").read_bytes()
    pulled.write_note()
    assert pulled.pull(full=True).exit_code == 0
    assert pulled.push().exit_code == 0
    for words in (("status",), ("check",), ("tidy",), ("untrack", "32164"), ("list",)):
        ran = pulled.cli(*words)
        assert ran.returncode == 0, (words, ran.stderr)
    assert "Hollow" not in pulled.cli("doctor").stdout
    assert (folder / "client.md").read_bytes() == before


def test_a_ticket_that_a_pull_brings_meanwhile_gets_a_folder_and_the_intent_goes_there(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    intend(office, monkeypatch)
    with SyncroClient(office.sandbox.base_url, office.sandbox.api_key) as client:
        late = client.create_customer(business_name=NAME)
    number = office.sandbox.store.web_add_ticket(late.id, "Scanner offline")["number"]
    office.pull(number)
    made = create(office)
    assert made.customer is not None
    assert made.path == f"clients/hollow-oak-dental-{late.id}/client.md"
    assert list(cards(office)) == [f"hollow-oak-dental-{late.id}"]
    assert (office.root / made.path).parent == office.path(number).parents[1]


def test_what_a_technician_wrote_on_the_intents_card_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    intend(office, monkeypatch)
    card = office.root / "clients" / "hollow-oak-dental" / "client.md"
    card.write_bytes(card.read_bytes() + b"Keys are at the front desk.\n")
    made = create(office)
    assert "Keys are at the front desk.\n" in (office.root / made.path).read_text("utf-8")
