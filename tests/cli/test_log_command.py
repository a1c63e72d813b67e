"""`log` on the command line: a line, a row or an object for everything that was posted."""

from __future__ import annotations

import csv
import io
import json

from support.office import NUMBER, Office

from synclog.core.trail import TrailEntry, message_with

HOSTILE = '=HYPERLINK("http://evil.example")\x1b[31m'


def post(office: Office) -> TrailEntry:
    office.write_note(
        "notes:\n  - note: Replaced the failed disk.\n    time: 1h30m\n    billed: 2h15m\n    labor: remote\n"
    )
    office.push(NUMBER)
    (entry,) = office.trail()
    return entry


def test_a_posted_note_is_a_line_a_row_and_an_object(pulled: Office) -> None:
    entry = post(pulled)
    made = pulled.workspace.history.commit_message(
        message_with("comment: #7", [TrailEntry("comment", 7, "7-0123456789")])
    )
    lines = pulled.cli("log", "--tech", "mike@copperline.example").stdout.splitlines()
    *_, line, other, _, total = lines
    day = entry.when.astimezone(pulled.workspace.settings.timezone) if entry.when else None
    assert line == (
        f"{day:%Y-%m-%d %H:%M}  Mike Sorrel  comment  #32162  1h30m (bills 2h15m) remote  Len's Auto Brokerage: Server"
        f" upgrade  comment {entry.comment}, timer {entry.timer}  {entry.reference}"
    )
    assert "#7  7-0123456789" in other
    assert total == "4 entries (4 comment) on 4 tickets: worked 7h45m, billed 8h30m"
    found = json.loads(pulled.cli("log", "32162", "--json").stdout)["result"]
    assert found["totals"] == {
        "entries": 1,
        "tickets": 1,
        "minutes": 90,
        "billed_minutes": 135,
        "by_op": {"comment": 1},
        "without_file": 0,
    }
    assert (found["entries"][0]["timer"], found["entries"][0]["commit"]) == (entry.timer, entry.commit)
    rows = list(csv.DictReader(io.StringIO(pulled.cli("log", "--csv").stdout)))[-2:]
    assert [row["ticket"] for row in rows] == ["32162", "7"]
    assert (rows[0]["minutes"], rows[0]["billed_minutes"], rows[1]["customer"]) == ("90", "135", "")
    assert rows[1]["commit"] == made


def test_a_name_that_is_a_formula_is_one_in_no_spreadsheet(pulled: Office) -> None:
    pulled.sandbox.store.web_update_ticket(NUMBER, subject=HOSTILE)
    pulled.pull()
    post(pulled)
    said = pulled.cli("log", str(NUMBER), "--csv")
    (row,) = csv.DictReader(io.StringIO(said.stdout))
    assert row["subject"] == '\'=HYPERLINK("http://evil.example")'
    assert "\x1b" not in said.stdout + pulled.cli("log").stdout


def test_nothing_posted_and_days_that_are_none(pulled: Office) -> None:
    assert pulled.cli("log", str(NUMBER)).stdout == "nothing was posted\n"
    wrong = pulled.cli("log", "--since", "2026-13")
    assert wrong.returncode == 2
    assert "--since: `2026-13` is not in the calendar" in wrong.stderr
    assert pulled.cli("log", "--since", "2026-05-01", "--until", "2026-04-01").returncode == 2
