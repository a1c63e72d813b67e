"""synclog.yaml: every mistake is named with file, line and the nearest right name; what is left out has its default."""

from __future__ import annotations

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.settings import Labor, Settings, SyncroSettings
from synclog.core.settingsfile import host_of, parse_base_url, parse_settings
from synclog.core.settingstext import default_settings_text
from synclog.errors import SettingsError

URL = "https://copperline.syncromsp.com/api/v1"
LEAST = f"syncro:\n  base_url: {URL}\n"


def refusal(text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, "synclog.yaml")
    return caught.value


def test_all_but_the_address_has_a_default() -> None:
    assert parse_settings(LEAST, "synclog.yaml") == Settings(syncro=SyncroSettings(URL))


def test_every_setting_is_read() -> None:
    text = f"""\
format: 1
timezone: America/Phoenix
syncro: {{base_url: {URL}/, auth: bearer, rate_limit: 90, timeout: 10, settle: 5}}
labor:
  remote: 1190473
  emergency: {{product: 26184, round_to: 15, minimum: 60}}
defaults: {{labor: emergency, subject: Work done, to: private, minutes: 30}}
time: {{via: timer, charge_now: true}}
push: {{confirm: plan}}
pull: {{scope: mine}}
"""
    read = parse_settings(text, "synclog.yaml")
    assert read.syncro == SyncroSettings(URL, "bearer", 90, 10, 5)
    assert read.timezone == ZoneInfo("America/Phoenix")
    assert read.labor == {"remote": Labor("remote", 1190473), "emergency": Labor("emergency", 26184, 15, 60)}
    assert (read.defaults.labor, read.defaults.subject, read.defaults.to) == ("emergency", "Work done", "private")
    assert (read.defaults.minutes, read.via, read.charge_now, read.confirm, read.scope) == (
        30,
        "timer",
        True,
        "plan",
        "mine",
    )


def test_remote_is_the_default_labor_where_there_is_such_an_alias() -> None:
    assert parse_settings(LEAST + "labor:\n  remote: 7\n", "s").defaults.labor == "remote"
    assert parse_settings(LEAST + "labor:\n  onsite: 7\n", "s").defaults.labor is None


@pytest.mark.parametrize(
    ("text", "line", "says", "remedy"),
    [
        (LEAST + "pul:\n  scope: open\n", 3, "`pul`", "did you mean `pull`?"),
        ("syncro:\n  base_ulr: x\n", 2, "`syncro.base_ulr`", "did you mean `base_url`?"),
        (LEAST + "push:\n  confirm: plans\n", 4, "`push.confirm` must be one of ask, plan", "did you mean `plan`?"),
        (LEAST + "timezone: America/Phoenixx\n", 3, "`timezone` is not a time zone", "did you mean `America/Phoenix`?"),
        (LEAST + "timezone: ../../etc/passwd\n", 3, "`timezone`", "IANA"),
        (LEAST + "timezone: America\n", 3, "`timezone`", ""),
        (LEAST + "  rate_limit: -1\n", 3, "`syncro.rate_limit` must be a whole number", ""),
        (LEAST + "  rate_limit: 1.5\n", 3, "`syncro.rate_limit` must be a whole number", ""),
        (LEAST + "  timeout: '30'\n", 3, "`syncro.timeout` must be a whole number", ""),
        (LEAST + "  settle: 0x10\n", 3, "`syncro.settle` must be a whole number", ""),
        (LEAST + "time:\n  charge_now: 1\n", 4, "`time.charge_now` must be true or false", ""),
        (LEAST + "time: comment\n", 3, "`time` must have names and values", "name: value"),
        (LEAST + "defaults:\n  subject: 123\n", 4, "`defaults.subject` must be text", "quotes"),
        (LEAST + "defaults:\n  subject: [a]\n", 4, "`defaults.subject` must be text", "quotes"),
        (LEAST + 'defaults:\n  subject: "a\\nb"\n', 4, "`defaults.subject` must be one line", ""),
        (LEAST + "defaults:\n  minutes: 1441\n", 4, "`defaults.minutes`", ""),
        (LEAST + "labor:\n  remote: 7\ndefaults:\n  labor: remotee\n", 6, "`defaults.labor`", "did you mean `remote`?"),
        (LEAST + "labor:\n  remote: {round_to: 15}\n", 4, "`labor.remote` has no labor product", "doctor --labor"),
        (LEAST + "labor:\n  remote: {product: 1, min: 15}\n", 4, "`labor.remote.min`", "did you mean `minimum`?"),
        (LEAST + "labor:\n  '26118': 26118\n", 4, "is not a name for labor", "a word"),
        (LEAST + "format: 2\nfuture: yes\n", 3, "newer synclog", "install the newer synclog"),
        (LEAST + "format: 0\n", 3, "`format`", ""),
        (LEAST + "pull:\n  scope: open\npull:\n  scope: all\n", 5, "`pull` stands twice", "keep one"),
        (LEAST + "push: [\n", 4, "not valid YAML", "missing quote"),
        (LEAST + "---\nformat: 1\n", 4, "second YAML document", "keep only the first"),
        (LEAST + "? [a]\n: b\n", 3, "not plain text", ""),
        ("- a\n", 1, "must have names and values", ""),
    ],
)
def test_a_mistake_is_named_with_its_line_and_remedy(text: str, line: int, says: str, remedy: str) -> None:
    error = refusal(text)
    assert error.message.startswith(f"synclog.yaml:{line}: "), error.message
    assert says in error.message
    assert remedy in error.remedy


@pytest.mark.parametrize("text", ["", "# nothing\n", "syncro:\n", "syncro:\n  base_url:\n"])
def test_a_missing_address_is_said(text: str) -> None:
    error = refusal(text)
    assert "`syncro.base_url` is missing" in error.message
    assert "base_url: https://" in error.remedy


@pytest.mark.parametrize(
    "url",
    [
        "ftp://acme.example/api",
        "acme.syncromsp.com",
        "https://user:secret@acme.example/api/v1",
        "https://acme.example/api/v1?api_key=x",
        "https://acme.example/api/v1#x",
        "https://evil.example\\@acme.example/",
        "https://acme.example:99999/",
        "https://acme.example:0/",
        "https:///api/v1",
        "https://äcme.example/api",
        "https://acme.example/a/../b",
        "https://acme.example /x",
        "file:///etc/passwd",
        "https://[::1/api",
    ],
)
def test_an_address_that_is_not_plainly_http_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|names|holds"):
        parse_base_url(url)
    assert "synclog.yaml:2" in refusal(f"syncro:\n  base_url: '{url}'\n").message


def test_an_address_with_a_secret_in_it_is_not_shown() -> None:
    error = refusal("syncro:\n  base_url: https://mike:hunter2@acme.example/api/v1\n")
    assert "hunter2" not in error.message + error.remedy
    assert "must not hold a user name" in error.message


@pytest.mark.parametrize(
    ("written", "meant", "host"),
    [
        ("https://ACME.SyncroMSP.com/api/v1/", "https://acme.syncromsp.com/api/v1", "acme.syncromsp.com"),
        ("https://acme.example:443/api", "https://acme.example/api", "acme.example"),
        ("http://127.0.0.1:8080/api/v1", "http://127.0.0.1:8080/api/v1", "127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080", "::1:8080"),
    ],
)
def test_an_address_has_one_form(written: str, meant: str, host: str) -> None:
    assert parse_base_url(written) == meant
    assert host_of(meant) == host


def test_a_new_workspaces_settings_read_as_the_defaults() -> None:
    text = default_settings_text(URL, "America/Phoenix")
    assert parse_settings(text, "s") == Settings(syncro=SyncroSettings(URL), timezone=ZoneInfo("America/Phoenix"))


def test_a_new_workspaces_settings_hold_the_labor_and_the_way_that_were_chosen() -> None:
    read = parse_settings(default_settings_text(URL, "UTC", {"yes": 1, "Vor Ort": 2, "on: site": 3}, "line_item"), "s")
    assert [(one.alias, one.product_id) for one in read.labor.values()] == [("yes", 1), ("Vor Ort", 2), ("on: site", 3)]
    assert read.defaults.labor == "yes"
    assert read.via == "line_item"


@given(st.text(max_size=120))
@settings(deadline=None, max_examples=150)
def test_any_text_is_settings_or_a_settings_error(text: str) -> None:
    for candidate in (text, LEAST + text):
        with suppress(SettingsError):
            assert isinstance(parse_settings(candidate, "synclog.yaml"), Settings)


def test_deep_nesting_is_refused_not_a_crash() -> None:
    assert "not valid YAML" in refusal("[" * 20000).message
