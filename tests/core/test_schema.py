"""The schemas for editors are those of the model: they take all that synclog takes, and name what it would refuse."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.ticketfiles import PATH, RULES, ticket_text
from support.yamlcore import read

from synclog.core.durations import parse_minutes
from synclog.core.notes import parse_note_date
from synclog.core.schema import KINDS, Schema, file_name, schema_of, schema_text
from synclog.core.schema.settings import _CHOICES as CHOICES
from synclog.core.schema.values import AUDIENCES
from synclog.core.settings import AuthStyle, Confirm, Scope, TimeVia
from synclog.core.settingsfile import parse_settings
from synclog.core.settingstext import default_settings_text
from synclog.core.ticketfile import parse_ticket_file
from synclog.errors import InvalidFile, SettingsError
from synclog.model import Audience

CHECKOUT = Path(__file__).resolve().parents[2]
SHIPPED = CHECKOUT / "synclog" / "schemas"
DRAFT = PATH.replace("32162-server-upgrade", "new-switch")
URL = "syncro:\n  base_url: https://acme.syncromsp.com/api/v1\n"


def front_matter(text: str) -> Any:
    """What an editor reads between the first two lines `---`."""
    return read(text.split("\n---\n")[0])


@cache
def validator(kind: str, own: bool) -> Any:
    schema = schema_of(kind, RULES if own else None)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def wrong(kind: str, document: Any) -> list[str]:
    """What the shipped schema, and the one of a workspace, say against a document."""
    return [error.message for own in (False, True) for error in validator(kind, own).iter_errors(document)]


# --- what is shipped -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_schema_is_the_one_of_the_model(kind: str) -> None:
    shipped = (SHIPPED / file_name(kind)).read_bytes().decode()
    assert shipped == schema_text(kind), "run: python tests/support/schemas.py"
    jsonschema.Draft7Validator.check_schema(json.loads(shipped))


def test_there_is_no_schema_file_of_something_else() -> None:
    assert {path.name for path in SHIPPED.iterdir()} == {file_name(kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_help(kind: str) -> None:
    def without(schema: Schema, path: str) -> list[str]:
        found = []
        for name, value in schema.get("properties", {}).items():
            if not value.get("description") and name not in ("theirs", "base") and not path.startswith("conflicts."):
                found.append(f"{path}{name}")
            found += without(value, f"{path}{name}.")
        for one in (*schema.get("anyOf", ()), *schema.get("definitions", {}).values()):
            found += without(one, path)
        return found

    assert without(schema_of(kind), "") == []


def test_words_to_choose_from_are_those_of_the_model() -> None:
    kinds = {"syncro.auth": AuthStyle, "time.via": TimeVia, "push.confirm": Confirm, "pull.scope": Scope}
    assert {name: tuple(CHOICES[name]) for name in kinds} == {name: get_args(kind) for name, kind in kinds.items()}
    assert tuple(AUDIENCES) == get_args(Audience)


# --- what is right ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ticket", "client"])
def test_the_files_of_the_sample_are_right(kind: str) -> None:
    pattern = "*/tickets/*.md" if kind == "ticket" else "*/client.md"
    paths = sorted((CHECKOUT / "sample-clients").glob(pattern))
    assert len(paths) > 8
    assert {path.name: wrong(kind, front_matter(path.read_text("utf-8"))) for path in paths} == {
        path.name: [] for path in paths
    }


def test_the_yaml_of_the_docs_is_right() -> None:
    seen = set()
    for page in sorted((CHECKOUT / "docs").glob("*.md")):
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            top = yaml.safe_load(block)
            if not isinstance(top, dict) or "hosts" in top:
                continue
            if "subject" in top:
                kind, document = "draft", front_matter(block)
            elif "notes" in top or "conflicts" in top or "invoice" in top:
                kind, document = "ticket", front_matter(ticket_text()) | front_matter(block)
            else:
                kind, document = "settings", front_matter(block if "syncro" in top else URL + block)
            seen.add(kind)
            assert (page.name, block, wrong(kind, document)) == (page.name, block, [])
    assert seen == {"draft", "ticket", "settings"}


RIGHT_NOTES = (
    "notes:",
    "notes: [Called back.]",
    "notes:\n  - 5",
    "notes:\n  - note: 2026-04-17",
    "notes:\n  - {note: Called back., time: 90, billed: 2H15M, labor: remote, to: email, hold: yes}",
    "notes:\n  - {note: Called back., time: 1.5h, labor: 1190473, subject: 5, date: today 9:00, hold: false}",
    "notes:\n  - note: Called back.\n    time:\n    billed: ~\n    labor:\n    subject:\n    to:\n    date:\n    hold:",
    "notes:\n  - note: |\n      Two lines:\n      # 2\n    time: 90 min\n    labor: '1190473'\n    date: yesterday",
    "notes:\n  - note: Called back.\n    synclog: {id: 32162-7k2m9q4x1c, of: 2026-04-17/1, after: 5512, by: 1735}",
)


@pytest.mark.parametrize("notes", RIGHT_NOTES)
def test_what_synclog_takes_as_notes_is_right(notes: str) -> None:
    text = ticket_text(notes)
    parse_ticket_file(text, PATH, RULES)
    assert wrong("ticket", front_matter(text)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: In Progress", "status: waiting on c"),
        ("assigned_to: Mika Sandoval", "assigned_to: Daniel Reyes (#1740)"),
        ("contact: Lena Fjord", "contact:"),
        ("tags: [server]", "tags: server, rack 5"),
        ("tags: [server]", "tags:\n  - 2026"),
        ("due_date: 2026-04-20", "due_date: 2026-04-20T17:00:00-07:00"),
        ("due_date: 2026-04-20", "due_date:"),
        ("subject: Server upgrade", "subject: 2026"),
        ("invoice: false", "invoice: Yes"),
        ("invoice: false", "invoice:\nour_own: [anything, {at: all}]"),
        ("invoice: false", "conflicts: {status: {theirs: Resolved, base: New}, tags: {theirs: [a], base: []}}"),
        ("invoice: false", "invoice: true\nsynclog: {invoice: {after: 1}}\ngone: true"),
    ],
)  # fmt: skip
def test_what_synclog_takes_of_a_ticket_is_right(old: str, new: str) -> None:
    text = ticket_text().replace(f"\n{old}\n", f"\n{new}\n", 1)
    assert text != ticket_text()
    parse_ticket_file(text, PATH, RULES)
    assert wrong("ticket", front_matter(text)) == []


FORMS = r"[0-9]{1,4} ?(m|M|min)?|[0-9]{1,2}(\.[0-9]{1,2})?[hH]|[0-9]h ?[0-5]?[0-9]m?"


@given(st.from_regex(FORMS, fullmatch=True))
def test_every_duration_that_synclog_reads_is_right_and_no_other_form_is(written: str) -> None:
    try:
        parse_minutes(written)
    except ValueError as refused:
        if "not a duration" not in str(refused):
            return  # the form is right, and what it says is not: only synclog sees that
        right = False
    else:
        right = True
    document = front_matter(ticket_text(f"notes:\n  - note: Called back.\n    time: {written}"))
    assert (wrong("ticket", document) == []) == right


@given(st.one_of(st.dates().map(str), st.sampled_from(["today", "yesterday", "today 9:05", "2026-04-17T09:00"])))
def test_every_date_of_a_note_is_right(written: str) -> None:
    parse_note_date(written)
    document = front_matter(ticket_text(f"notes:\n  - note: Called back.\n    date: {written}"))
    assert wrong("ticket", document) == []


def test_the_settings_that_a_workspace_begins_with_are_right() -> None:
    for labor in (None, {"remote": 1190473, "on site": 26118}):
        text = default_settings_text("https://acme.syncromsp.com/api/v1", "America/Phoenix", labor)
        assert wrong("settings", front_matter(text)) == []


def test_what_stands_below_the_front_matter_is_no_problem() -> None:
    """A YAML server takes it for another document."""
    for below in (None, "My own words.", ["a list"]):
        assert wrong("draft", below) == []


# --- what is wrong ---------------------------------------------------------------------------------------------------

WRONG_NOTES = (
    "notes: 5",
    "notes:\n  - Cause: the disk",
    "notes:\n  - {time: 5m}",
    "notes:\n  - {note: , time: 5m}",
    "notes:\n  - {note: Called back., tiem: 5m}",
    "notes:\n  - {note: Called back., time: soon}",
    "notes:\n  - {note: Called back., time: 0:45}",
    "notes:\n  - {note: Called back., time: '1,5h'}",
    "notes:\n  - {note: Called back., time: 0}",
    "notes:\n  - {note: Called back., time: 1441}",
    "notes:\n  - {note: Called back., time: 1.5}",
    "notes:\n  - {note: Called back., time: [5m]}",
    "notes:\n  - {note: Called back., to: customer}",
    "notes:\n  - {note: Called back., date: 17.4.2026}",
    "notes:\n  - {note: Called back., hold: maybe}",
    "notes:\n  - {note: Called back., synclog: 5}",
    "notes:\n  - {note: Called back., labor: [remote]}",
)


@pytest.mark.parametrize("notes", WRONG_NOTES)
def test_a_wrong_note_is_named(notes: str) -> None:
    text = ticket_text(notes)
    with pytest.raises(InvalidFile):
        parse_ticket_file(text, PATH, RULES)
    assert wrong("ticket", front_matter(text))


def test_the_labor_of_a_workspace_is_known_to_its_own_schema() -> None:
    document = front_matter(ticket_text("notes:\n  - {note: Called back., time: 5m, labor: remot}"))
    assert list(validator("ticket", own=True).iter_errors(document))
    assert not list(validator("ticket", own=False).iter_errors(document))


@pytest.mark.parametrize(
    "text", ["subject:", "notes: []", "subject: [a]", "subject: S\nto: everyone", "subject: S\ninvoice: 5"]
)
def test_a_wrong_draft_is_named(text: str) -> None:
    with pytest.raises(InvalidFile):
        parse_ticket_file(f"---\n{text}\n---\n", DRAFT, RULES)
    assert wrong("draft", front_matter(text))


@pytest.mark.parametrize(
    "text",
    [
        "format: 1\n",
        URL + "fromat: 1\n",
        URL + "format: 99\n",
        URL + "  rate_limt: 60\n",
        URL + "  rate_limit: 0\n",
        URL + "  rate_limit: '60'\n",
        URL + "  auth: basic\n",
        URL.replace("https", "ftp"),
        URL + "timezone: [UTC]\n",
        URL + "labor: {remote: many}\n",
        URL + "labor: {'5': 5}\n",
        URL + "labor: {remote: {product: 5, round: 15}}\n",
        URL + "labor: {remote: {round_to: 15}}\n",
        URL + "defaults: {to: all}\n",
        URL + "defaults: {minutes: 0}\n",
        URL + "time: {via: pigeon}\n",
        URL + "time: {charge_now: 'true'}\n",
        URL + "push: {confirm: never}\n",
        URL + "pull: {scope: some}\n",
    ],
)
def test_a_wrong_setting_is_named(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_settings(text, "synclog.yaml")
    assert wrong("settings", front_matter(text))


def test_editors_are_offered_the_workspaces_own_words() -> None:
    own = schema_of("draft", RULES)
    assert own["properties"]["status"]["anyOf"][0]["enum"] == list(RULES.statuses or ())
    assert "Daniel Reyes (#1740)" in own["properties"]["assigned_to"]["anyOf"][0]["enum"]
    fields = own["definitions"]["note"]["anyOf"][0]["properties"]
    assert fields["labor"]["anyOf"][0]["enum"] == ["remote", "onsite", "travel"]
