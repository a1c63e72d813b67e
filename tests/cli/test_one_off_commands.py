"""`correct`, `timers add`, `invoice add-item`, `invoice delete`, `delete`: what they show, ask, print and refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from support.office import LABOR, NUMBER, Office

from synclog.cli.context import App
from synclog.cli.correcting import correct, delete
from synclog.cli.entry import run
from synclog.cli.invoicing import add_item, delete_invoice
from synclog.cli.timing import add

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
TIMED = ("timers", "add", str(NUMBER), "--start", "2026-04-24 9:15", "--end", "10:00", "Watched the backup")

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run the command line in an office with one ticket: (exit code, stdout, stderr)."""
    office.pull(NUMBER)
    office.sandbox.requests.clear()
    monkeypatch.setenv("SYNCLOG_API_KEY", office.key)

    def command(*words: str) -> tuple[int, str, str]:
        code = run(["-C", str(office.root), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def result(said: tuple[int, str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said[1])["result"]
    return found


def posted(office: Office) -> str:
    office.change_settings("via: comment", "via: timer")
    office.write_note()
    return office.push().done[0].reference or ""


def test_a_correction_shows_old_and_new_whose_it_is_rate_and_amount_and_where_to_mend_the_rest(
    office: Office, say: Say
) -> None:
    reference = posted(office)
    code, out, err = say("correct", reference, "--time", "1h", "--labor", "onsite", "--yes")
    assert code == 0, err
    assert "1h30m remote -> 1h onsite (Onsite Support, 145.00/h) = 145.00: send" in err
    assert f"of {reference}: timer entry" in err
    assert "the work of Mike Sorrel, and stays so" in err
    assert f"done #{NUMBER} the correction of the time of {reference}, 1h (timer" in out
    ticket = office.sandbox.store.ticket(NUMBER)["id"]
    assert re.search(rf"can be mended here: http://\S+/tickets/{ticket}$", out, re.MULTILINE)
    done = result(say("--json", "correct", reference, "--remove", "--yes"))["done"]
    assert [(one["op"], one["reference"], one["minutes"]) for one in done] == [("correct", reference, 0)]
    again = say("correct", reference, "--time", "5", "--yes")
    assert (again[0], "removed already" in again[2]) == (2, True)


def test_what_is_right_already_is_said_and_ends_with_0(office: Office, say: Say) -> None:
    code, out, _ = say("correct", posted(office), "--time", "90", "--yes")
    assert (code, "nothing to correct: it is like that already" in out) == (0, True)


UNFIT: list[tuple[str, ...]] = [
    ("correct", "32162-7k2m9q4x1c", "--yes"),
    ("correct", "32162-7k2m9q4x1c", "--remove", "--time", "5", "--yes"),
    ("correct", "32162-7k2m9q4x1c", "--time", "1,5h", "--yes"),
    ("correct", "32162-7k2m9q4x1c", "--time", "5", "--yes"),
    ("correct", "32162-7k2m9q4x1c", "--time", "5"),
    ("correct", "whatever", "--time", "5", "--yes"),
    TIMED,
    (*TIMED, "--yes", "--queue"),
    ("timers", "add", str(NUMBER), "--start", "9", "--end", "10:00", "--yes"),
    ("timers", "add", str(NUMBER), "--start", "2026-04-24", "--end", "10:00", "--yes"),
    ("timers", "add", str(NUMBER), "--start", "2026-04-24 9:15", "--end", "9:15", "--yes"),
    ("timers", "add", str(NUMBER), "--start", "2199-01-01 9:15", "--end", "10:15", "--yes"),
    ("timers", "add", "32160", "--start", "2026-04-24 9:15", "--end", "9:30", "--yes"),
    ("invoice", "add-item", "1", "--name", "Cable", "--price", "cheap", "--yes"),
    ("invoice", "add-item", "1", "--name", "Cable", "--yes"),
    ("invoice", "delete", "none", "--yes"),
    ("delete", str(NUMBER)),
    ("resolve", str(NUMBER), "--doing", "32162-7k2m9q4x1c"),
    ("resolve", str(NUMBER), "--doing", "32162-7k2m9q4x1c", "--drop"),
]


def test_words_that_do_not_fit_send_nothing_and_end_with_2(office: Office, say: Say) -> None:
    office.sandbox.forbid_writes = True
    text = office.text()
    for words in UNFIT:
        code, out, err = say(*words)
        assert (words, code, out) == (words, 2, "")
        assert "error: " in err
        assert "bug" not in err
    assert (office.text(), office.sandbox.forbidden) == (text, [])


def test_where_only_shown_plans_are_sent_yes_is_refused_and_the_plan_of_what_was_queued_shows_it(
    office: Office, say: Say
) -> None:
    office.change_settings("confirm: ask", "confirm: plan")
    code, _, err = say(*TIMED, "--yes")
    assert (code, "--queue" in err) == (2, True)
    code, out, _ = say(*TIMED, "--queue")
    assert (code, "left in the file: `synclog push` sends it" in out) == (0, True)
    assert say("delete", str(NUMBER), "--yes")[0] == 2
    for word in ("status", "diff"):
        assert "a timer entry of 45m, not begun" in say(word)[1]
    (pending,) = result(say("--json", "status"))["pending"]
    assert (pending["doing"][0]["op"], pending["doing"][0]["begun"]) == ("timer", False)
    shown = result(say("--json", "push", "--dry-run"))["plan"]
    (planned,) = shown["tickets"][0]["doing"]
    assert (planned["step"], planned["amount"], planned["whose"]) == ("act", "90.00", "Mike Sorrel")
    assert say("push", "--plan", shown["id"])[0] == 0
    assert len(office.timers()) == 1


def test_a_dropped_one_is_gone_from_the_file(office: Office, say: Say) -> None:
    name = result(say("--json", *TIMED, "--queue"))["plan"]["tickets"][0]["doing"][0]["id"]
    code, out, _ = say("resolve", str(NUMBER), "--doing", name, "--drop")
    assert (code, "a timer entry of 45m is dropped" in out) == (0, True)
    assert "nothing pending" in say("status")[1]


@pytest.mark.parametrize(
    ("typed", "there"), [(str(NUMBER), False), (f"#{NUMBER}", False), ("32161", True), ("y", True)]
)
def test_on_a_terminal_a_ticket_is_deleted_only_when_its_number_is_typed_again(
    office: Office, say: Say, typed: str, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(App, "interactive", True)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: typed)
    code, out, err = say("delete", str(NUMBER))
    assert (code, "nobody can bring it back" in err) == (0, True)
    assert ("nothing was sent" in out) == there
    assert ("gone: true" in office.text()) != there


def test_an_invoice_gets_a_line_and_is_deleted_by_its_number(office: Office, say: Say) -> None:
    office.sandbox.store.web_add_time(NUMBER, 60, LABOR["remote"])
    number = office.sandbox.store.web_make_invoice(NUMBER)["number"]
    words = ("invoice", "add-item", number, "--name", "Patch cable", "--price", "9.90", "--quantity", "3")
    code, _, err = say(*words, "--yes")
    assert (code, f"on invoice {number}, 3 x Patch cable at 9.90 = 29.70: send" in err) == (0, True)
    code, _, err = say(*words, "--yes")
    assert (code, "--again" in err) == (3, True)
    code, out, err = say("invoice", "delete", number, "--yes")
    assert (code, "what is on it is unbilled again" in err, office.invoices()) == (0, True, [])
    assert f"the deletion of invoice {number}" in out


@pytest.mark.parametrize("command", [correct, delete, add, add_item, delete_invoice], ids=lambda c: c.name or "")
def test_every_option_is_in_the_docs_and_every_example_is_taken(command: click.Command) -> None:
    page = PAGE.read_text("utf-8")
    options = [p.opts[0] for p in command.params if isinstance(p, click.Option) and p.name != "as_json"]
    assert [option for option in options if f"`{option}" not in page] == []
    examples = [line.split() for line in (command.epilog or "").splitlines() if line.strip().startswith("synclog ")]
    assert examples
