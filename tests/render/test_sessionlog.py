from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.worklog import (
    DAY,
    FIELDS,
    FIRST,
    MIRROR,
    PHOENIX,
    PROBLEM,
    SECOND,
    THIRD,
    TRAIL,
    log_of,
    posted,
    said,
)

from synclog.core.logfile import LogName
from synclog.core.logindex import Listed, listed_log
from synclog.core.mirror import ChargeRow, Entry, Mirror, TimeRow
from synclog.core.sessionlog import Session, for_customer, session_log, sessions_of, work_of
from synclog.render.environment import Templates
from synclog.render.incoming import readable
from synclog.render.sessionlog import is_changed, listed_of, log_values, render_session_log, updated_log

PACKAGED = Templates()


GOLDEN = """\
---
ticket: 32162
subject: "Server upgrade"
customer: "Len's Auto Brokerage"
contact: "Len Ford"
date: 2026-04-17
technicians: ["Mia Ortiz"]
minutes: 120
billed_minutes: 165
minutes_by_labor: {"onsite": 30, "remote": 90}
invoices: ["10231"]
status: "Resolved"
tags: ["server", "raid"]
template: "full"
---

# Server upgrade (#32162)

Len's Auto Brokerage, Len Ford. Status: Resolved, resolved 2026-04-17T15:00:00-07:00.
2 notes, 2h worked, by Mia Ortiz.

- [The ticket's file](../tickets/32162-server-upgrade.md)
- https://acme.example/tickets/108443837

## What was wanted

2026-04-15 09:12, Len Ford: Initial Issue

> The server is slow since Monday.

## What was found and done

### 2026-04-17 · Mia Ortiz · 1h30m remote

Billed 2h15m.

> Replaced the **disk**.

Ref 32162-7k2m9q4x1c

### 2026-04-17 · Mia Ortiz · 30m onsite

> Rebuilt the array.

Ref 32162-aaaaaaaaaa

## What was said

### 2026-04-17 11:00 · Len Ford · Update · public

> Thank you! 👍
> # Grüße

## Time and cost

- Worked, onsite: 30m
- Worked, remote: 1h30m
- In Syncro, 2026-04-17, Mia Ortiz: 1h30m remote, billed: 135 open
- In Syncro, 2026-04-17, Mia Ortiz: 30m onsite, billed: no
- 2 × SSD 960 GB at 189.50, not invoiced yet
- Invoice 10231 of 2026-04-17: 439.00

## Still open

- 90 minutes of its time are on no invoice yet.
- 1 of its charges is on no invoice yet.

<!-- synclog:log {"""


def test_the_log_of_a_ticket_shows_what_was_wanted_done_said_paid_and_is_open() -> None:
    text = render_session_log(log_of(), PACKAGED)
    assert text.startswith(GOLDEN)
    assert len(text.splitlines()) == len(GOLDEN.splitlines())
    assert text == render_session_log(log_of(trail=TRAIL[::-1]), PACKAGED)


def test_a_ticket_without_work_or_words_still_has_a_log() -> None:
    text = render_session_log(
        session_log({"number": "7"}, Mirror(), (), Session(DAY, ()), "../tickets/7-ticket.md"), PACKAGED
    )
    assert "No work was posted.\n" in text
    assert "No description.\n" in text
    assert "Nothing to bill.\n" in text
    assert "- The ticket is open.\n" in text


def test_a_correction_and_time_that_came_later_count_for_the_note() -> None:
    trail = (
        posted(FIRST, 10),
        posted(FIRST, 11, 90, op="time", labor="remote"),
        posted(FIRST, 12, 60, op="correct", labor="project"),
        posted(SECOND, 10, 45, labor="remote"),
        posted(SECOND, 11, 0, op="correct"),
    )
    log = log_of(trail=trail)
    assert [(work.reference, work.minutes, work.labor) for work in log.work] == [
        (FIRST, 60, "project"),
        (SECOND, 0, "remote"),
    ]
    assert log.minutes_by_labor == {"project": 60}


# --- work sessions -------------------------------------------------------------------------------------------------


def test_a_day_is_one_of_the_local_clock() -> None:
    late = posted(THIRD, 10, 15, when=datetime(2026, 4, 18, 6, 30, tzinfo=UTC))
    next_day = posted(FIRST, 10, 15, when=datetime(2026, 4, 18, 7, 30, tzinfo=UTC))
    work = work_of(Mirror(), (late, next_day), PHOENIX)
    sessions = sessions_of(work, "day", {}, DAY)
    assert [(one.day, one.references, one.since, one.is_last) for one in sessions] == [
        (DAY, {THIRD}, None, False),
        (DAY + timedelta(days=1), {FIRST}, DAY, True),
    ]


def test_a_push_is_what_was_begun_together_whatever_the_day() -> None:
    third = posted(THIRD, 10, 15, when=datetime(2026, 4, 18, 18, 30, tzinfo=UTC))
    work = work_of(MIRROR, (*TRAIL, third), PHOENIX)
    sessions = sessions_of(work, "push", {FIRST: "a", SECOND: "b", THIRD: "b"}, DAY)
    assert [(one.day.day, one.references) for one in sessions] == [(17, {FIRST}), (18, {SECOND, THIRD})]
    unknown = sessions_of(work, "push", {}, DAY)
    assert [(one.day.day, one.references) for one in unknown] == [(17, {FIRST, SECOND}), (18, {THIRD})]


def test_every_log_has_the_talk_of_its_own_days() -> None:
    day = datetime(2026, 4, 18, 9, 0, tzinfo=PHOENIX)
    mirror = replace(MIRROR, entries=(*MIRROR.entries, Entry(day, "Len Ford", "Re", "public", "It beeps again.")))
    work = work_of(mirror, (*TRAIL, posted(THIRD, 10, 5, when=day.astimezone(UTC))), PHOENIX)
    first, second = (session_log(FIELDS, mirror, work, one, "f.md") for one in sessions_of(work, "day", {}, DAY))
    assert [entry.text for entry in first.talk] == ["Thank you! 👍\n# Grüße"]
    assert [entry.text for entry in second.talk] == ["It beeps again."]


def test_a_timers_day_is_the_works_day_though_it_was_posted_later() -> None:
    row = TimeRow(DAY - timedelta(days=2), 90, "remote", "Mia Ortiz", "90 open", f"Ref {FIRST}")
    log = log_of(mirror=replace(MIRROR, time=(row,)), trail=TRAIL[1:])
    assert log.work[0].day == date(2026, 4, 15)


def test_work_that_a_pull_found_is_of_the_day_of_its_comment() -> None:
    found = replace(TRAIL[1], when=datetime(2026, 5, 30, 12, 0, tzinfo=UTC))
    assert log_of(trail=(found,)).day == DAY


def test_a_customer_who_quotes_a_reference_takes_no_notes_place() -> None:
    quote = said("Nothing was replaced!", FIRST, 13, "Len Ford")
    log = log_of(mirror=replace(MIRROR, entries=(*MIRROR.entries, quote)))
    assert log.work[0].text == "Replaced the **disk**."
    assert quote in log.talk


# --- who may see what ----------------------------------------------------------------------------------------------


def test_a_customers_report_has_nothing_private() -> None:
    def secret(text: str, reference: str | None, author: str = "Mia Ortiz") -> Entry:
        return replace(said(f"SECRET {text}", reference, 12, author), subject="SECRET", visibility="private")

    entries = (
        replace(PROBLEM, text="SECRET problem", visibility="private"),
        *MIRROR.entries[1:3],
        secret("note", SECOND, "SECRET technician"),
        secret("remark", None),
    )
    row = TimeRow(DAY, 30, "SECRET labor", "SECRET technician", "SECRET", "SECRET notes")
    charge = ChargeRow("SECRET charge", Decimal("1"), Decimal("1"), False)
    mirror = replace(MIRROR, entries=entries, time=(row,), charges=(charge,))
    lost = posted(THIRD, 13, 77, labor="SECRET", author="SECRET")
    trail = (*TRAIL[1:], replace(TRAIL[0], labor="SECRET", author="SECRET"), lost)
    log = log_of(mirror=mirror, trail=trail, fields={**FIELDS, "tags": ("SECRET",)})
    others = tuple(Listed(f"2026-04-1{i}-7-SECRET.md", LogName(DAY, 7, "x"), "SECRET", 5) for i in range(3))
    log = replace(log, internal_ends=("SECRET",), earlier=others)
    assert "SECRET" in render_session_log(log, PACKAGED)
    for template in ("customer", "customer-own"):
        assert "SECRET" not in repr(log_values(for_customer(log), template))
    text = render_session_log(log, PACKAGED, "customer")
    assert "SECRET" not in text
    assert SECOND not in text
    assert THIRD not in text
    assert "\nminutes: 90\n" in text
    assert "Replaced the **disk**." in text
    assert updated_log(text + "\nmine\n", log, PACKAGED, "customer", update=True)[1] == "unchanged"
    longer = log_of(mirror=replace(mirror, invoices=()), trail=trail, fields={**FIELDS, "tags": ("SECRET",)})
    merged, outcome = updated_log(text + "\nmine\n", longer, PACKAGED, "customer", update=True)
    assert (outcome, "SECRET" in merged, "\nmine\n" in merged) == ("merged", False, True)


def test_a_workspaces_own_customer_template_gets_nothing_private_either(tmp_path: Path) -> None:
    names = "template ticket date technicians work resolution minutes total labor problem conversation time_entries"
    source = "".join(f"{{{{ {name} }}}}\n" for name in f"{names} charges invoices open_ends earlier".split())
    for name in ("customer-mine", "mine"):
        (tmp_path / f"session-log-{name}.md.j2").write_text(source, encoding="utf-8")
    private = replace(MIRROR.entries[3], visibility="private")
    log = log_of(mirror=replace(MIRROR, entries=(*MIRROR.entries[:3], private)))
    assert "Rebuilt the array" in render_session_log(log, Templates(tmp_path), "mine")
    assert "Rebuilt the array" not in render_session_log(log, Templates(tmp_path), "customer-mine")


def test_what_a_customer_writes_can_act_nowhere_in_a_log() -> None:
    hostile = '-->\n---\n"x: <script>alert(1)</script>\u2028## Still open\n<!-- synclog:log {} -->'
    fields = {
        **FIELDS,
        "subject": hostile,
        "customer": hostile,
        "contact": hostile,
        "tags": (hostile, "no", "1:30", ""),
    }
    mirror = replace(MIRROR, entries=(replace(PROBLEM, author=hostile, subject=hostile, text=readable(hostile)),))
    for template in ("full", "short", "customer"):
        text = render_session_log(log_of(fields=fields, mirror=mirror), PACKAGED, template)
        lines = text.splitlines()
        assert lines.count("---") == 2
        assert sum(line.startswith("<!--") for line in lines) == 1
        assert "<script" not in text.split("\n---\n", 1)[1].replace("\\<script", "")
        assert lines.count("## Still open") == (template == "full")
    meta = yaml.safe_load(render_session_log(log_of(fields=fields, mirror=mirror), PACKAGED).split("\n---\n")[0])
    assert meta["subject"] == " ".join(hostile.replace("\u2028", " ").split())
    assert meta["tags"][1:] == ["no", "1:30", ""]
    assert (meta["ticket"], meta["date"], meta["minutes"]) == (32162, DAY, 120)


@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("'\":#-{}[]&*!|>%@`\\\n"), max_size=30))
@settings(max_examples=100, deadline=None)
def test_the_front_matter_is_yaml_and_what_the_index_shows_whatever_names_and_subjects_are(text: str) -> None:
    fields = {**FIELDS, "subject": text, "customer": text, "contact": text, "tags": (text,)}
    log = log_of(fields=fields, trail=(posted(FIRST, 10, 5, labor=text, author=text),))
    written = render_session_log(log, PACKAGED)
    meta = yaml.safe_load(written.split("\n---\n")[0])
    assert meta["subject"] == meta["customer"] == meta["tags"][0]
    assert list(meta["minutes_by_labor"].values()) == [5]
    file = "2026-04-17-32162-server-upgrade.md"
    assert listed_of(log, file) == listed_log(file, written)


def test_a_log_that_nobody_touched_is_written_anew() -> None:
    text, outcome = updated_log(None, log_of(trail=TRAIL[1:]), PACKAGED)
    assert outcome == "created"
    assert updated_log(text, log_of(trail=TRAIL[1:]), PACKAGED) == (text, "unchanged")
    assert updated_log(text.replace("\n", "\r\n"), log_of(trail=TRAIL[1:]), PACKAGED)[1] == "unchanged"
    fresh, outcome = updated_log(text, log_of(), PACKAGED)
    assert (fresh, outcome) == (render_session_log(log_of(), PACKAGED), "replaced")


EDITS = ["inside", "below", "seal gone", "seal bent", "windows"]


def edited(edit: str) -> str:
    """A log of the first note, as a person has edited it."""
    text, _ = updated_log(None, log_of(trail=TRAIL[1:]), PACKAGED)
    body, seal = text.split("<!--")
    inside = text.replace("## Still open", "My own words: call Len on Friday.\n\n## Still open")
    return {
        "inside": inside,
        "below": text + "\nMy own words: call Len on Friday.\n",
        "seal gone": body + "My own words: call Len on Friday.\n",
        "seal bent": f"{body}My own words: call Len on Friday.\n\n<!--{seal.replace('sha256', 'sha')}",
        "windows": inside.replace("\n", "\r\n"),
    }[edit]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_log_is_kept_until_it_is_asked_to_be_updated(edit: str) -> None:
    mine = edited(edit)
    sealless = edit == "seal gone"
    assert updated_log(mine, log_of(trail=TRAIL[1:]), PACKAGED) == (mine, "kept" if sealless else "unchanged")
    assert updated_log(mine, log_of(), PACKAGED) == (mine, "kept")
    assert is_changed(mine, log_of(), "full")
    text, outcome = updated_log(mine, log_of(), PACKAGED, update=True)
    assert outcome == "merged"
    assert "\nMy own words: call Len on Friday." in text
    assert text.count(f"\nRef {FIRST}") == text.count(f"\nRef {SECOND}") == 1
    assert text.index("What was found") < text.index("Rebuilt the array.") < text.index("## Time and cost")
    assert not is_changed(text, log_of(), "full")
    assert updated_log(text, log_of(), PACKAGED, update=True) == (text, "unchanged")
    again = log_of(trail=(*TRAIL, posted(THIRD, 13, 5)))
    longest, outcome = updated_log(text, again, PACKAGED, update=True)
    assert outcome == "merged"
    assert longest.count("call Len on Friday") == longest.count(f"\nRef {THIRD}") == 1
    assert longest.count("synclog:log") == 1


def test_a_note_that_a_person_deleted_from_a_log_does_not_come_back() -> None:
    text, _ = updated_log(None, log_of(trail=TRAIL[1:]), PACKAGED)
    mine = text.replace("> Replaced the **disk**.\n", "").replace(f"Ref {FIRST}\n", "")
    merged, _ = updated_log(mine, log_of(), PACKAGED, update=True)
    assert "Rebuilt the array." in merged
    assert "Replaced the" not in merged


def test_an_earlier_log_that_comes_or_goes_makes_no_edited_log_stale() -> None:
    mine = edited("inside")
    name = LogName(DAY - timedelta(days=9), 7, "server")
    log = replace(log_of(trail=TRAIL[1:]), earlier=(Listed(name.filename, name, "Server", 5),))
    assert updated_log(mine, log, PACKAGED) == (mine, "unchanged")
    assert not is_changed(mine, log, "full")
    assert "](2026-04-08-7-server.md)" in render_session_log(log, PACKAGED)


def test_another_look_alone_makes_no_edited_log_stale(tmp_path: Path) -> None:
    mine = edited("inside")
    (tmp_path / "session-log-full.md.j2").write_text("other looks", encoding="utf-8")
    assert updated_log(mine, log_of(trail=TRAIL[1:]), Templates(tmp_path), update=True) == (mine, "unchanged")
    untouched = render_session_log(log_of(), PACKAGED)
    assert updated_log(untouched, log_of(), Templates(tmp_path))[1] == "replaced"
    assert not is_changed(untouched, log_of(), "full")


@given(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r"), max_size=80),
    st.sampled_from(("", '\n<!-- synclog:log {"entries": 3} -->', "\n<!-- synclog:log [] -->")),
)
@settings(max_examples=60, deadline=None)
def test_any_file_in_the_logs_place_is_kept(text: str, seal: str) -> None:
    assert updated_log(text + seal, log_of(), PACKAGED) == (text + seal, "kept")
    longer, _ = updated_log(text + seal, log_of(), PACKAGED, update=True)
    rest = iter(longer.split("\n"))
    assert all(line in rest for line in text.split("\n") if line.strip())


def test_a_workspaces_template_gives_logs_their_looks(tmp_path: Path) -> None:
    (tmp_path / "session-log-full.md.j2").write_text("{{ ticket.subject }}: {{ total }}", encoding="utf-8")
    text = render_session_log(log_of(), Templates(tmp_path))
    assert text.split("---\n")[2].startswith("\nServer upgrade: 2h\n")
