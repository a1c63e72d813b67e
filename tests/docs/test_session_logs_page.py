"""The page on session logs names all that a template gets, and its example gives what it says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from support.worklog import log_of

from synclog.core.logfile import log_name
from synclog.core.logindex import Listed
from synclog.core.sessionlog import RESOLUTION
from synclog.render.environment import Templates, packaged_templates
from synclog.render.sessionlog import log_values, render_session_log, template_file

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "session-logs.md").read_text("utf-8")


def names(values: object, before: str = "") -> set[str]:
    """The names of all that a template can print: of lists, what their items have."""
    if isinstance(values, dict):
        inner = {f"{before}.{key}" if before else key: value for key, value in values.items()}
        return {name for name in inner if "." in name or name != "ticket"}.union(
            *(names(v, k) for k, v in inner.items())
        )
    if isinstance(values, list):
        return set().union(*(names(value, before) for value in values))
    return set()


def names_of(found: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in found}


def test_the_page_names_everything_that_a_template_gets_and_nothing_else() -> None:
    log = log_of()
    name = log_name(date(2026, 4, 1), 7, "Server")
    resolved = replace(log.work[0], subject=RESOLUTION)
    log = replace(log, work=(resolved, *log.work[1:]), earlier=(Listed(name.filename, name, "Server", 5),))
    found = names(log_values(log, "full"))
    section = PAGE.partition("## What does a template get?")[2]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) + re.findall(r"each (`.*) \|$", section, re.MULTILINE)
    rows += re.findall(r"or none; (`.*) \|$", section, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", row)}
    told -= {"public", "private", "no"}
    same = {"resolution": "work", "conversation": "problem"}
    has = {one: {name.partition(".")[2] for name in found if name.startswith(f"{one}.")} for one in names_of(found)}
    assert all(has[one] == has[other] for one, other in same.items())
    assert {name for name in found if name.partition(".")[0] not in same or "." not in name} == told


def test_the_example_gives_what_the_page_shows(tmp_path: Path) -> None:
    ((source, shown),) = re.findall(r"```jinja\n(.*?)```\n\ngives\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert f"`templates/{template_file('mine')}`" in PAGE
    (tmp_path / template_file("mine")).write_text(source, "utf-8")
    text = render_session_log(log_of(), Templates(tmp_path), "mine")
    assert text.split("\n---\n\n")[1].split("\n<!--")[0] == shown


def test_every_packaged_template_of_a_log_is_on_the_page() -> None:
    for name in packaged_templates():
        if name.startswith("session-log-"):
            short = name.removeprefix("session-log-").removesuffix(".md.j2")
            assert f"| `{short}` |" in PAGE


def test_the_front_matter_of_a_log_has_the_keys_that_the_page_names() -> None:
    head = render_session_log(log_of(), Templates()).split("---\n")[1]
    keys = re.findall(r"^([a-z_]+):", head, re.MULTILINE)
    paragraph = re.search(r"The front matter is for other tools.*?\n\n", PAGE, re.DOTALL)
    assert paragraph is not None
    assert [key for key in keys if f"`{key}`" not in paragraph[0]] == []
