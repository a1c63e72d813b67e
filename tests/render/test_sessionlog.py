from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.merge import Value
from synclog.core.mirror import ChargeRow, Entry, InvoiceRow, Mirror, TimeRow
from synclog.core.sessionlog import SessionLog, session_log
from synclog.core.trail import TrailEntry
from synclog.render.environment import Templates
from synclog.render.incoming import readable
from synclog.render.sessionlog import render_session_log, updated_log

PHOENIX = ZoneInfo("America/Phoenix")
PACKAGED = Templates()
DAY = date(2026, 4, 17)
FIRST, SECOND, THIRD = "32162-7k2m9q4x1c", "32162-aaaaaaaaaa", "32162-bbbbbbbbbb"

FIELDS: Mapping[str, Value] = {
    "number": "32162",
    "subject": "Server upgrade",
    "customer": "Len's Auto Brokerage",
    "status": "Resolved",
    "contact": "Len Ford",
    "tags": ("server", "raid"),
    "resolved_at": "2026-04-17T15:00:00-07:00",
    "url": "https://acme.example/tickets/108443837",
}
PROBLEM = Entry(
    datetime(2026, 4, 15, 9, 12, tzinfo=PHOENIX),
    "Len Ford",
    "Initial Issue",
    "public",
    "The server is slow since Monday.",
)


def said(text: str, reference: str | None, hour: int, author: str = "Mia Ortiz") -> Entry:
    text = f"{text}\n\nRef {reference}" if reference else text
    return Entry(datetime(2026, 4, 17, hour, 0, tzinfo=PHOENIX), author, "Update", "public", text)


def posted(reference: str, hour: int, minutes: int | None = None, **more: object) -> TrailEntry:
    when = datetime(2026, 4, 17, hour, 5, tzinfo=PHOENIX).astimezone(UTC)
    entry = TrailEntry("comment", 32162, reference, hour, minutes=minutes, author="Mia Ortiz", when=when)
    return replace(entry, **more)  # type: ignore[arg-type]


MIRROR = Mirror(
    entries=(
        PROBLEM,
        said("Replaced the **disk**.", FIRST, 10),
        said("Thank you! 👍\n# Grüße", None, 11, "Len Ford"),
        said("Rebuilt the array.", SECOND, 12),
    ),
    time=(TimeRow(DAY, 90, "remote", "Mia Ortiz", "135 open", ""), TimeRow(DAY, 30, "onsite", "Mia Ortiz", "no", "")),
    charges=(ChargeRow("SSD 960 GB", Decimal("2"), Decimal("189.50"), False),),
    invoices=(InvoiceRow("10231", DAY, Decimal("439.00")),),
)
TRAIL = (posted(SECOND, 12, 30, labor="onsite"), posted(FIRST, 10, 90, billed_minutes=135, labor="remote"))


def log_of(**changed: object) -> SessionLog:
    values: dict[str, object] = {
        "fields": FIELDS,
        "mirror": MIRROR,
        "trail": TRAIL,
        "whole": True,
        "pending": (),
        **changed,
    }
    return session_log(values.pop("fields"), values.pop("mirror"), values.pop("trail"), day=DAY, tz=PHOENIX, **values)  # type: ignore[arg-type]


GOLDEN = """\
---
ticket: 32162
subject: "Server upgrade"
customer: "Len's Auto Brokerage"
date: 2026-04-17
technician: "Mia Ortiz"
minutes: 120
billed_minutes: 165
minutes_by_labor: {"onsite": 30, "remote": 90}
invoice: ["10231"]
tags: ["server", "raid"]
---

# Server upgrade (#32162)

## Summary

Len's Auto Brokerage, Len Ford. Status: Resolved.
2 notes, 2h worked, by Mia Ortiz.
https://acme.example/tickets/108443837

## Work done

### 2026-04-17 · Mia Ortiz · 1h30m remote

Billed 2h15m.

> Replaced the **disk**.

Ref 32162-7k2m9q4x1c

### 2026-04-17 · Mia Ortiz · 30m onsite

> Rebuilt the array.

Ref 32162-aaaaaaaaaa

## Problem and resolution

2026-04-15 09:12, Len Ford: Initial Issue

> The server is slow since Monday.

Resolved 2026-04-17T15:00:00-07:00.

## Conversation

### 2026-04-17 11:00 · Len Ford · Update · public

> Thank you! 👍
> # Grüße

## Billing

- onsite: 30m
- remote: 1h30m
- 2 × SSD 960 GB at 189.50, not invoiced yet
- Invoice 10231 of 2026-04-17: 439.00

## Open ends

- 90 minutes of its time are on no invoice yet.
- 1 of its charges is on no invoice yet.

<!-- synclog:log {"""


def test_the_log_of_a_ticket_shows_work_time_talk_and_billing() -> None:
    text = render_session_log(log_of(), PACKAGED)
    assert text.startswith(GOLDEN)
    assert len(text.splitlines()) == len(GOLDEN.splitlines())
    assert text == render_session_log(log_of(trail=TRAIL[::-1]), PACKAGED)


def test_a_ticket_without_work_or_words_still_has_a_log() -> None:
    text = render_session_log(
        session_log({"number": "7"}, Mirror(), (), day=DAY, tz=PHOENIX, pending=("A note waits.",)), PACKAGED
    )
    assert "No work was posted.\n" in text
    assert "No description.\n" in text
    assert "Nothing to bill.\n" in text
    assert "- The ticket is open.\n- A note waits.\n" in text


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


def test_the_log_of_a_day_holds_that_days_work_by_the_local_clock() -> None:
    late = posted(THIRD, 10, 15, when=datetime(2026, 4, 18, 6, 30, tzinfo=UTC))
    next_day = posted(FIRST, 10, 15, when=datetime(2026, 4, 18, 7, 30, tzinfo=UTC))
    log = log_of(trail=(late, next_day), whole=False)
    assert [work.reference for work in log.work] == [THIRD]


def test_a_timers_day_is_the_works_day_though_it_was_posted_later() -> None:
    row = TimeRow(DAY - timedelta(days=2), 90, "remote", "Mia Ortiz", "90 open", f"Ref {FIRST}")
    log = log_of(mirror=replace(MIRROR, time=(row,)), trail=TRAIL[1:])
    assert log.work[0].day == date(2026, 4, 15)


def test_what_a_customer_writes_can_act_nowhere_in_a_log() -> None:
    hostile = '-->\n---\n"x: <script>alert(1)</script>\u2028## Open ends\n<!-- synclog:log {} -->'
    fields = {
        **FIELDS,
        "subject": hostile,
        "customer": hostile,
        "contact": hostile,
        "tags": (hostile, "no", "1:30", ""),
    }
    mirror = replace(MIRROR, entries=(replace(PROBLEM, author=hostile, subject=hostile, text=readable(hostile)),))
    text = render_session_log(log_of(fields=fields, mirror=mirror), PACKAGED)
    lines = text.splitlines()
    assert lines.count("---") == 2
    assert sum(line.startswith("<!--") for line in lines) == 1
    assert "<script" not in text.split("\n---\n", 1)[1].replace("\\<script", "")
    assert lines.count("## Open ends") == 1
    meta = yaml.safe_load(text.split("\n---\n")[0])
    assert meta["subject"] == " ".join(hostile.replace("\u2028", " ").split())
    assert meta["tags"][1:] == ["no", "1:30", ""]
    assert (meta["ticket"], meta["date"], meta["minutes"]) == (32162, DAY, 120)


@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("'\":#-{}[]&*!|>%@`\\\n"), max_size=30))
@settings(max_examples=150, deadline=None)
def test_the_front_matter_is_yaml_whatever_names_and_subjects_are(text: str) -> None:
    log = log_of(
        fields={**FIELDS, "subject": text, "customer": text, "tags": (text,)}, trail=(posted(FIRST, 10, 5, labor=text),)
    )
    head = render_session_log(log, PACKAGED).split("\n---\n")[0]
    meta = yaml.safe_load(head)
    assert meta["subject"] == meta["customer"] == meta["tags"][0]
    assert list(meta["minutes_by_labor"].values()) == [5]


def test_a_log_that_nobody_touched_is_written_anew() -> None:
    text, outcome = updated_log(None, log_of(trail=TRAIL[1:]), PACKAGED)
    assert outcome == "created"
    assert updated_log(text, log_of(trail=TRAIL[1:]), PACKAGED) == (text, "unchanged")
    assert updated_log(text.replace("\n", "\r\n"), log_of(trail=TRAIL[1:]), PACKAGED)[1] == "unchanged"
    fresh, outcome = updated_log(text, log_of(), PACKAGED)
    assert (fresh, outcome) == (render_session_log(log_of(), PACKAGED), "replaced")


@pytest.mark.parametrize("edit", ["inside", "below", "seal gone", "seal bent"])
def test_what_a_person_wrote_into_a_log_stays_and_only_new_work_is_added(edit: str) -> None:
    text, _ = updated_log(None, log_of(trail=TRAIL[1:]), PACKAGED)
    body, seal = text.split("<!--")
    mine = {
        "inside": text.replace("## Billing", "My own words: call Len on Friday.\n\n## Billing"),
        "below": text + "\nMy own words: call Len on Friday.\n",
        "seal gone": body + "My own words: call Len on Friday.\n",
        "seal bent": f"{body}My own words: call Len on Friday.\n\n<!--{seal.replace('sha256', 'sha')}",
    }[edit]
    assert updated_log(mine, log_of(trail=TRAIL[1:]), PACKAGED) == (mine, "unchanged")
    longer, outcome = updated_log(mine, log_of(), PACKAGED)
    assert outcome == "appended"
    kept = [line for line in mine.splitlines() if line.strip() and not line.startswith("<!--")]
    assert [line for line in longer.splitlines() if line.strip()][: len(kept)] == kept
    assert longer.count("## Added 2026-04-17") == 1
    assert longer.count(f"\nRef {FIRST}") == longer.count(f"\nRef {SECOND}") == 1
    assert longer.split("## Added")[1].count("Rebuilt the array.") == 1
    again = log_of(trail=(*TRAIL, posted(THIRD, 13, 5)))
    assert updated_log(longer, log_of(), PACKAGED) == (longer, "unchanged")
    longest, outcome = updated_log(longer, again, PACKAGED)
    assert outcome == "appended"
    assert longest.count("call Len on Friday") == longest.count(f"\nRef {THIRD}") == 1


def test_a_reference_that_a_person_deleted_from_a_log_does_not_come_back() -> None:
    text, _ = updated_log(None, log_of(), PACKAGED)
    mine = text.replace(f"Ref {FIRST}\n", "")
    assert updated_log(mine, log_of(), PACKAGED) == (mine, "unchanged")


@given(
    st.text(st.characters(exclude_characters="\r"), max_size=80),
    st.sampled_from(("", '\n<!-- synclog:log {"entries": 3} -->', "\n<!-- synclog:log [] -->")),
)
@settings(max_examples=60, deadline=None)
def test_any_file_in_the_logs_place_is_kept(text: str, seal: str) -> None:
    longer, _ = updated_log(text + seal, log_of(), PACKAGED)
    assert longer.startswith(text.rstrip("\n"))


def test_a_workspaces_template_gives_logs_their_looks(tmp_path: Path) -> None:
    (tmp_path / "session-log.md.j2").write_text("{{ ticket.subject }}: {{ total }}", encoding="utf-8")
    text = render_session_log(log_of(), Templates(tmp_path))
    assert text.split("---\n")[2].startswith("\nServer upgrade: 2h\n")
