"""The documents that `--json` prints have the shape that docs/commands.md says, name by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.office import NUMBER, Office

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
SECTION = PAGE.read_text("utf-8").partition("## What `--json` prints")[2].partition("## From Python")[0]
ROWS = dict(reversed(re.findall(r"^\| `([a-z -]+)` \| (.*) \|$", SECTION, re.MULTILINE)))
"""What the page says of each command; the rows further down, of parts of a document, may be called as one."""
NAMED = {name for text in re.findall(r"`([a-z_`, ]+)`", SECTION) for name in re.findall(r"[a-z_]+", text)}
FREE = {
    ("log", "by_op"),
    ("show", "ticket"),
    ("pull", "restored"),
    ("pull", "conflicts"),
    ("untrack", "kept"),
    ("push", "sends"),
    ("schema", "schema"),
}
"""Whose keys are a ticket's: of its file, and numbers; and what is sent, by Syncro's own names."""

NOTES = """notes:
  - note: Replaced the failed disk.
    time: 1h30m
    to: email
  - note: Order a spare one.
    hold: true
"""


def names(value: Any, command: str) -> Iterator[str]:
    """Every name of a document, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            if (command, name) not in FREE:
                yield from names(inner, command)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner, command)


def result(office: Office, *words: str) -> dict[str, Any]:
    document = json.loads(office.cli("--json", *words[0].split(), *words[1:]).stdout)
    assert set(document) == {"ok", "exit_code", "result", "errors"}
    assert document["ok"] == (document["exit_code"] == 0)
    found: dict[str, Any] = document["result"]
    row = ROWS[words[0]]
    pushes = "what `push` has" in row or "as `comment`" in row
    more = ROWS["push"] + ROWS["comment"] if pushes else ""
    assert [name for name in found if f"`{name}`" not in row + more] == []
    assert sorted(set(names(found, "push" if pushes else words[0])) - NAMED) == []
    return found


def test_every_name_in_a_document_is_in_the_docs(pulled: Office) -> None:
    bent = pulled.path(32164)
    pulled.write_note(NOTES)
    pulled.edit(("status: In Progress", "status: Scheduled"), ("invoice: false", "invoice: true"))
    pulled.sandbox.store.web_update_ticket(32157, subject="Scanner to mail, again")
    bent.write_bytes(bent.read_bytes().replace(b"notes: []", b"notes: [", 1))
    assert result(pulled, "status")["invalid"]
    assert result(pulled, "check")["problems"]
    assert result(pulled, "diff")["pending"][0]["held"]
    pull = result(pulled, "pull")
    assert pull["changed"] == [32157]
    assert pull["invalid"]
    planned = result(pulled, "push", "--dry-run")["plan"]
    assert planned["mails"]
    assert planned["tickets"][0]["changes"]
    done = result(pulled, "push", "--plan", planned["id"])["done"]
    assert {one["op"] for one in done} == {"comment", "update"}
    pulled.edit(("  - note: Order a spare one.\n    hold: true\n", ""), ("notes:\n", "notes: []\n"))
    assert result(pulled, "push", "--yes")["done"][0]["op"] == "invoice"
    shown = result(pulled, "show", str(NUMBER))
    assert shown["comments"]
    assert shown["time"]
    assert shown["invoices"]
    (invoice,) = result(pulled, "invoices", str(NUMBER))["invoices"]
    assert result(pulled, "invoice show", invoice["number"])["lines"]
    assert result(pulled, "timers", str(NUMBER))["timers"]
    assert result(pulled, "customers", "lens")["customers"][0]["contacts"]
    assert result(pulled, "log")["entries"]
    assert result(pulled, "report", "--from", "2026-03", "--offline")["groups"]


def test_every_name_in_a_document_of_a_command_that_shows_something_is_in_the_docs(pulled: Office) -> None:
    for words in (
        ("doctor", "--labor"),
        ("list",),
        ("search", "server"),
        ("session-log", str(NUMBER)),
        ("session-log", "--check"),
        ("templates", "list"),
        ("templates", "copy", "short"),
        ("templates", "show", "short"),
        ("trust", "acme.syncromsp.com"),
        ("completion", "bash"),
        ("schema", "ticket"),
    ):
        assert result(pulled, *words)


def test_every_name_in_a_document_of_a_command_that_writes_is_in_the_docs(pulled: Office) -> None:
    assert result(pulled, "comment", "32166", "Called back.", "--queue")["queued"]
    assert result(pulled, "comment", "32166", "Called again.", "--yes")["queued"] is False
    assert result(pulled, "update", "32166", "scheduled", "--priority", "Low", "--yes")["queued"] is False
    assert result(pulled, "update", "32166", "scheduled", "--yes")["same"] == ["status"]
    assert result(pulled, "create", "saguaro", "New switch", "--yes")["number"]
    assert result(pulled, "create", "a", "New switch", "--yes")["customers"]
    assert result(pulled, "bill", "32166", "--no-time", "--queue")["queued"]
    assert result(pulled, "close", "32166", "Moved it.", "--log", "--yes")["log"]
    assert result(pulled, "bill", "--all-unbilled", "--customer", "roadrunner", "--yes")["billed"]


def test_every_name_in_a_document_of_timers_and_files_is_in_the_docs(pulled: Office) -> None:
    assert result(pulled, "start", str(NUMBER), "--labor", "remote")["running"]
    assert result(pulled, "status")["running"]
    assert result(pulled, "stop", "Called back.")["stopped"]
    assert result(pulled, "start", str(NUMBER))["running"]
    assert result(pulled, "stop", "--discard", "--yes")["discarded"]
    assert result(pulled, "init", "--tech", "Mike Sorrel")
    pulled.path(32157).unlink()
    assert result(pulled, "pull")["brought_back"] == [32157]
    pulled.path(32157).rename(pulled.path(32157).with_name("scanner.md"))
    assert result(pulled, "tidy")["renamed"]
    pulled.write_note(number=32166)
    forgotten = result(pulled, "untrack", "32157", "32166")
    assert (forgotten["untracked"], list(forgotten["kept"])) == ([32157], ["32166"])


DRAFT = """---
subject: New switch for the front office
notes:
  - note: Ordered the switch.
    time: 30m
    labor: remote
---
"""


def test_every_name_in_a_document_of_a_new_ticket_is_in_the_docs(pulled: Office) -> None:
    pulled.change_settings("via: comment", "via: timer")
    pulled.change_settings("charge_now: false", "charge_now: true")
    (pulled.path().parent / "new-switch.md").write_bytes(DRAFT.encode())
    (pending,) = result(pulled, "status")["pending"]
    assert (pending["number"], pending["create"]) == (None, True)
    (planned,) = result(pulled, "push", "--dry-run")["plan"]["tickets"]
    assert (planned["number"], planned["create"]["step"]) == (None, "send")
    created, timed = result(pulled, "push", "--yes")["done"]
    assert (created["op"], timed["op"]) == ("create", "comment")
    assert timed["line_items"]


def test_every_name_in_a_document_of_a_write_of_its_own_is_in_the_docs(pulled: Office) -> None:
    pulled.write_note("notes:\n  - note: Replaced the failed disk.\n    time: 1h30m\n")
    (posted,) = result(pulled, "push", "--yes")["done"]
    assert result(pulled, "correct", posted["reference"], "--time", "60", "--queue")["queued"]
    (pending,) = result(pulled, "status")["pending"]
    assert [one["op"] for one in pending["doing"]] == ["correct"]
    assert result(pulled, "push", "--yes")["done"][0]["op"] == "correct"
    timed = ("timers add", str(NUMBER), "--start", "2026-04-24 9:15", "--end", "10:00", "--yes")
    assert result(pulled, *timed)["done"][0]["op"] == "time"
    number = pulled.sandbox.store.web_make_invoice(NUMBER)["number"]
    assert result(pulled, "invoice delete", number, "--yes")["done"][0]["op"] == "delete"
    assert result(pulled, "delete", str(NUMBER), "--yes")["done"][0]["op"] == "delete"


def test_every_name_in_a_document_of_what_waits_is_in_the_docs(pulled: Office) -> None:
    pulled.write_note("notes:\n  - note: Replaced the failed disk of the server.\n")
    twin = pulled.sandbox.store.web_add_comment(NUMBER, "Replaced the failed disk of the server.", "Update", 21735)
    (note,) = result(pulled, "push", "--dry-run")["plan"]["tickets"][0]["notes"]
    assert (note["step"], note["doubt"]["comments"]) == ("doubt", [twin["id"]])
    words = (str(NUMBER), "--note", note["reference"], "--posted", str(twin["id"]))
    assert result(pulled, "resolve", *words)["path"] == pulled.path().relative_to(pulled.root).as_posix()
    assert result(pulled, "push", "--yes")["done"][0]["was_there"]


def test_every_name_in_a_document_of_a_new_customer_is_in_the_docs(office: Office) -> None:
    (row,) = re.findall(r"^\| `customers create` \| (.*) \|$", SECTION, re.MULTILINE)
    for _ in range(2):
        document = json.loads(office.cli("--json", "customers", "create", "Hollow Oak Dental", "--yes").stdout)
        assert [name for name in names(document["result"], "customers") if f"`{name}`" not in row] == []
    assert document["result"]["exist"]


@pytest.mark.parametrize("command", ["init", "trust", "doctor", "list", "edit", "sandbox", "demo"])
def test_every_command_has_a_row(command: str) -> None:
    assert ROWS[command]
