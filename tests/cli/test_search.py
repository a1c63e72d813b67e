"""`search` says which tickets have the words, around what, and commands no terminal."""

from __future__ import annotations

import json

import pytest
from support.office import NUMBER, Office


def test_a_ticket_is_found_by_what_is_in_it_with_the_words_around(pulled: Office) -> None:
    pulled.write_note()
    lines = pulled.cli("search", '"failed disk"').stdout.splitlines()
    assert lines[0].startswith(f"#{NUMBER}  In Progress  ")
    assert "Replaced the failed disk." in lines[1]


def test_filters_limit_and_json(pulled: Office) -> None:
    every = json.loads(pulled.cli("--json", "search", "the", "--limit", "99").stdout)["result"]
    assert every["total"] == len(every["tickets"]) > 2
    assert {"number", "status", "customer", "subject", "assigned_to", "updated_at", "due_date", "snippet"} == set(
        every["tickets"][0]
    )
    newest = [ticket["updated_at"] for ticket in every["tickets"]]
    assert newest == sorted(newest, reverse=True)
    first = pulled.cli("search", "the", "--limit", "1")
    assert len([line for line in first.stdout.splitlines() if line.startswith("#")]) == 1
    assert f"{every['total']} were found" in first.stderr
    some = json.loads(pulled.cli("--json", "search", "the", "--status", "new", "--limit", "99").stdout)["result"]
    assert {ticket["status"] for ticket in some["tickets"]} == {"New"}
    customer = some["tickets"][0]["customer"]
    theirs = json.loads(pulled.cli("--json", "search", "the", "--customer", customer[:6].upper()).stdout)["result"]
    assert customer in {ticket["customer"] for ticket in theirs["tickets"]}


def test_nothing_found_is_no_failure_and_no_word_is_wrong_usage(pulled: Office) -> None:
    nothing = pulled.cli("search", "zzyzx")
    assert (nothing.returncode, nothing.stdout) == (0, "nothing found\n")
    assert pulled.cli("search", "***").returncode == 2
    assert pulled.cli("search", "server", "--status", "no such").returncode == 2


def test_syncro_searches_where_it_is_told_to(pulled: Office) -> None:
    pulled.sandbox.store.web_update_ticket(NUMBER, subject="Quite another subject")
    assert "nothing found" in pulled.cli("search", '"quite another subject"').stdout
    assert f"#{NUMBER}" in pulled.cli("search", "quite another subject", "--remote").stdout


def test_a_snippet_commands_no_terminal(pulled: Office) -> None:
    pulled.edit(("\n<!-- synclog:mirror", "\nThe gauge\x1b[31m shows\x07 red\u202e.\n\n<!-- synclog:mirror"))
    said = pulled.cli("search", "gauge").stdout
    assert "gauge shows red" in said
    assert not set("\x1b\x07\u202e\x02\x03") & set(said)


@pytest.mark.parametrize("word", ["status", "search server"])
def test_a_cache_that_cannot_be_kept_stops_nobody(pulled: Office, word: str) -> None:
    usual = pulled.cli(*word.split())
    (pulled.root / ".synclog" / "index.sqlite").unlink()
    (pulled.root / ".synclog" / "index.sqlite").mkdir()
    again = pulled.cli(*word.split())
    assert (again.returncode, again.stdout, again.stderr) == (usual.returncode, usual.stdout, usual.stderr)
