"""The personal settings: who may get a key, and where it comes from; edited without disturbing what is there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.errors import SettingsError, UsageError
from synclog.workspace.userconfig import (
    HostConfig,
    _with_host,
    load_user_config,
    set_host,
    trust_host,
    user_config_dir,
    user_state_dir,
)

FULL = """\
# Mira's own
hosts:
  copperline.syncromsp.com:   # the office
    tech: Mira Stanton
    api_key_command: [op, read, "op://Private/Syncro/key"]

  # the test account
  localhost:8080:
    tech: 1735
    sops_file: ~/vault/msp.yaml
    sops_field: syncro.api_key
  other.example: {api_key: made-up-key-0001}
  named.example:
"""


@pytest.fixture
def file(own_machine: Path) -> Path:
    path = own_machine / "synclog" / "config.yaml"
    path.parent.mkdir()
    return path


def test_without_a_file_no_host_is_known(own_machine: Path) -> None:
    config = load_user_config()
    assert config.hosts == {}
    assert config.path == own_machine / "synclog" / "config.yaml"


def test_every_setting_is_read(file: Path) -> None:
    file.write_text(FULL)
    assert load_user_config().hosts == {
        "copperline.syncromsp.com": HostConfig(
            "copperline.syncromsp.com", "Mira Stanton", ("op", "read", "op://Private/Syncro/key")
        ),
        "localhost:8080": HostConfig(
            "localhost:8080", "1735", sops_file="~/vault/msp.yaml", sops_field="syncro.api_key"
        ),
        "other.example": HostConfig("other.example", api_key="made-up-key-0001"),
        "named.example": HostConfig("named.example"),
    }


def test_no_repr_shows_a_key(file: Path) -> None:
    file.write_text(FULL)
    assert "made-up-key" not in repr(load_user_config())
    assert "op://" not in repr(load_user_config())


@pytest.mark.parametrize(
    ("text", "line", "says", "remedy"),
    [
        ("host: {}\n", 1, "`host` is not a setting", "did you mean `hosts`?"),
        ("hosts:\n  a.example:\n    api_key_comand: [x]\n", 3, "api_key_comand", "did you mean `api_key_command`?"),
        ("hosts:\n  a.example:\n    api_key_command: op read key-0001\n", 3, "must be a list", '["program"'),
        ("hosts:\n  a.example:\n    api_key_command: []\n", 3, "must be a list", ""),
        ("hosts:\n  a.example:\n    sops_file: x\n", 3, "needs both `sops_file` and `sops_field`", ""),
        ("hosts:\n  a.example: key-0001\n", 2, "must have names and values", ""),
        ("hosts:\n  https://a.example/: {}\n", 2, "is not a host", "the host alone"),
        ("hosts:\n  a.example:\n    api_key: [key-0001]\n", 3, "must be text", ""),
        ("hosts:\n  a.example:\n    tech: [key-0001]\n", 3, "must be text", ""),
        ("hosts:\n  a.example:\n    api_key: 'key-0001\n", 3, "not valid YAML", "quote"),
        ("hosts:\n  a.example:\n    api_key: *key-0001\n", 3, "not valid YAML", ""),
    ],
)
def test_a_mistake_is_named_with_file_and_line_and_no_value_is_shown(
    file: Path, text: str, line: int, says: str, remedy: str
) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_user_config()
    assert caught.value.message.startswith(f"{file}:")
    assert says in caught.value.message
    assert remedy in caught.value.remedy
    if "YAML" not in says:
        assert caught.value.message.startswith(f"{file}:{line}: ")
    assert "key-0001" not in caught.value.message + caught.value.remedy + repr(caught.value)


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"hosts: {}\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_user_config()


def test_trusting_a_host_makes_a_file_that_only_its_owner_reads(own_machine: Path) -> None:
    assert trust_host("Copperline.SyncroMSP.com") is True
    assert trust_host("copperline.syncromsp.com") is False
    path = own_machine / "synclog" / "config.yaml"
    assert load_user_config().hosts == {"copperline.syncromsp.com": HostConfig("copperline.syncromsp.com")}
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("host", ["", "https://a.example", "a.example/x", "a b", "a.example\nhosts:", "x:y:z w"])
def test_what_is_no_host_is_not_trusted(host: str) -> None:
    with pytest.raises(UsageError, match="is not a host"):
        trust_host(host)


def test_setting_up_a_host_leaves_the_rest_as_it_was_typed(file: Path) -> None:
    file.write_text(FULL)
    set_host("localhost:8080", tech="Daniel Reyes")
    expected = FULL.replace("tech: 1735", 'tech: "Daniel Reyes"')
    assert file.read_text() == expected
    set_host("copperline.syncromsp.com", sops_file="vault.yaml", sops_field="key")
    assert load_user_config().hosts["copperline.syncromsp.com"] == HostConfig(
        "copperline.syncromsp.com", "Mira Stanton", sops_file="vault.yaml", sops_field="key"
    )
    assert "# Mira's own\n" in file.read_text()
    assert "  # the test account\n  localhost:8080:\n" in file.read_text()


def test_a_new_host_is_added_at_the_end(file: Path) -> None:
    file.write_text(FULL)
    set_host("new.example", tech="yes", api_key_command=("pass", "show", 'syncro "key"'))
    assert file.read_text().startswith(FULL)
    assert load_user_config().hosts["new.example"] == HostConfig("new.example", "yes", ("pass", "show", 'syncro "key"'))


def test_setting_nothing_new_leaves_the_file_alone(file: Path) -> None:
    file.write_text(FULL)
    set_host("other.example")
    set_host("named.example")
    assert load_user_config().hosts["other.example"].api_key == "made-up-key-0001"
    before = file.stat().st_mtime_ns, file.read_text()
    trust_host("other.example")
    assert (file.stat().st_mtime_ns, file.read_text()) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "hosts:\n",
        "hosts: {}\n",
        "hosts: {b.example: {tech: Mira}}\n",
        "hosts:\n    b.example:\n        tech: Mira   # me",
        "hosts:\n  b.example:\n    tech: Mira\n  # the end\n",
        "{hosts: {b.example: {tech: Mira}}}\n",
        'hosts:\n  "B.example":\n    tech: |\n      Mira\n',
    ],
)
def test_whatever_the_files_style_the_host_is_added_and_others_stay(text: str) -> None:
    fresh = _with_host(text, "a.example", {"tech": "Daniel"})
    assert "a.example" in fresh
    assert ("Mira" in text) == ("Mira" in fresh)
    for comment in ("# nothing yet", "# me", "# the end"):
        assert (comment in text) == (comment in fresh)


@given(st.text(max_size=40).filter(lambda text: text.strip() and text.isprintable()))
@settings(deadline=None, max_examples=80)
def test_any_name_of_a_technician_reads_back(name: str) -> None:
    import yaml

    fresh = _with_host(FULL, "new.example", {"tech": name})
    assert yaml.safe_load(fresh)["hosts"]["new.example"]["tech"] == name


def test_a_settings_file_that_is_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    target = tmp_path / "dotfiles" / "synclog.yaml"
    target.write_text("hosts: {}\n")
    file.symlink_to(target)
    assert trust_host("a.example")
    assert file.is_symlink()
    assert "a.example" in target.read_text()


def test_the_folder_can_be_chosen_and_state_lies_below_it(tmp_path: Path) -> None:
    environ = {"SYNCLOG_CONFIG_DIR": str(tmp_path)}
    assert user_config_dir(environ) == tmp_path
    assert user_state_dir(environ).is_relative_to(tmp_path)
    assert user_config_dir({}).name == user_state_dir({}).name == "synclog" or os.name == "nt"
