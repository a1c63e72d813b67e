"""`customers create` on the command line: shown, asked about, and told what became of it."""

from __future__ import annotations

import json

from support.office import Office

NAME = "Hollow Oak Dental"


def test_it_is_made_once_and_the_second_time_shows_whom(office: Office) -> None:
    words = (
        "customers",
        "create",
        NAME,
        "--email",
        "office@hollowoak.example",
        "--first-name",
        "Ana",
        "--yes",
        "--json",
    )
    ran = office.cli(*words)
    assert ran.returncode == 0, ran.stdout
    result = json.loads(ran.stdout)["result"]
    assert (result["path"], result["was_there"], result["exist"]) == ("clients/hollow-oak-dental/client.md", False, [])
    again = json.loads(office.cli(*words).stdout)
    assert (again["exit_code"], again["result"]["customer"]) == (3, None)
    assert again["result"]["exist"][0]["id"] == result["customer"]["id"]
    assert f"{result['customer']['id']}  {NAME}" in again["errors"][0]["message"]


def test_without_a_terminal_it_wants_to_be_told_to_send(office: Office) -> None:
    ran = office.cli("customers", "create", NAME)
    assert (ran.returncode, "add --yes" in ran.stderr) == (2, True)
    office.change_settings("confirm: ask", "confirm: plan")
    assert office.cli("customers", "create", NAME, "--yes").returncode == 2
    assert not (office.root / "clients" / "hollow-oak-dental").exists()


def test_what_is_sent_is_shown_and_asked_about(office: Office) -> None:
    with office.terminal("customers", "create", NAME, "--phone", "602-555-0114") as terminal:
        shown = terminal.wait_for("Send this? [y/N]")
        assert "as Mike Sorrel" in shown
        assert "602-555-0114" in shown
        terminal.type("n", "Enter")
        terminal.wait_for("nothing was sent")
        assert terminal.exit_code() == 0
    assert not any(request.method == "POST" for request in office.sandbox.requests)


def test_a_hostile_name_makes_a_harmless_folder_and_tickets_are_created_for_it(office: Office) -> None:
    name = '../../x: "[1] #\x1b]0;hey\x07\nid: 7 -->'
    ran = office.cli("customers", "create", "--yes", "--", name)
    assert ran.returncode == 0, ran.stderr
    assert "\x1b" not in ran.stdout + ran.stderr
    (card,) = office.root.glob("clients/*/client.md")
    assert card.parent.name == "x-1-id-7"
    assert office.cli("create", "x:", "Scanner offline", "--yes").returncode == 0
    (ticket,) = [t for t in office.sandbox.store.tickets() if t["subject"] == "Scanner offline"]
    assert f"id: {ticket['customer_id']}\n" in card.read_text("utf-8")
    assert office.cli("check").returncode == 0
