"""The technician's own config.yaml: which hosts may get a key, whose key it is, where it comes from.

It lies outside of any workspace, so that a cloned repository can neither run a command nor name the server that gets
a key. `SYNCLOG_CONFIG_DIR` moves it, and the state of this machine with it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from synclog.core.yamlsettings import Field, known_value, read_settings
from synclog.errors import SettingsError, UsageError
from synclog.workspace.files import read_text, write_whole

_FOLDER = "SYNCLOG_CONFIG_DIR"
_FILE = "config.yaml"
_HOST_KEYS = ("tech", "api_key_command", "sops_file", "sops_field", "api_key")
_HOST = re.compile(r"[a-z0-9._-]+(?::[0-9]{1,5})?|[0-9a-f:.]*::?[0-9a-f:.]*")


@dataclass(frozen=True, slots=True)
class HostConfig:
    """What the technician says of one host. `tech` is the Syncro user (name, e-mail or id) the key must belong to."""

    host: str
    tech: str | None = None
    api_key_command: tuple[str, ...] = field(default=(), repr=False)
    sops_file: str | None = None
    sops_field: str | None = None
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UserConfig:
    """The personal settings. `hosts` are those that may get a key; `path` is the file, whether there is one or not."""

    path: Path
    hosts: Mapping[str, HostConfig] = field(default_factory=dict)


def user_config_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the personal settings; it need not exist."""
    if chosen := environ.get(_FOLDER):
        return Path(chosen).absolute()
    from platformdirs import user_config_path

    return user_config_path("synclog", appauthor=False)


def user_state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of this machine's own state (the request limiter's); it need not exist."""
    if environ.get(_FOLDER):
        return user_config_dir(environ) / "state"
    from platformdirs import user_state_path

    return user_state_path("synclog", appauthor=False)


def load_user_config(environ: Mapping[str, str] = os.environ) -> UserConfig:
    """Return the personal settings, empty when there are none yet.

    Raises SettingsError with file and line for what is unknown or not valid; no message shows a value of the file.
    """
    path = _path(environ)
    return UserConfig(path, _hosts(_text(path), str(path)))


def trust_host(host: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Let this machine's key for `host` (with its port where it has one) be sent there; return whether that is new."""
    name = _host_name(host)
    if name in load_user_config(environ).hosts:
        return False
    set_host(name, environ)
    return True


def set_host(
    host: str,
    environ: Mapping[str, str] = os.environ,
    *,
    tech: str | None = None,
    api_key_command: tuple[str, ...] = (),
    sops_file: str | None = None,
    sops_field: str | None = None,
) -> None:
    """Trust `host`, and set whose key goes there and where it comes from; what is left out stays as it is.

    A new source of the key replaces the other sources. The rest of the file, comments too, stays as it was typed.
    """
    name = _host_name(host)
    path = _path(environ)
    text = _text(path)
    _hosts(text, str(path))
    values = next((dict(given) for other, given in _plain_hosts(text) if other.lower() == name and given), {})
    if api_key_command or sops_file:
        values = {key: value for key, value in values.items() if key == "tech"}
    given = {"tech": tech, "api_key_command": list(api_key_command), "sops_file": sops_file, "sops_field": sops_field}
    values.update({key: value for key, value in given.items() if value})
    fresh = _with_host(text, name, values)
    _hosts(fresh, str(path))
    if fresh != text or not path.exists():
        write_whole(path, fresh.encode(), mode=0o600)


def _path(environ: Mapping[str, str]) -> Path:
    """Return the file itself where it is a link, as those who keep their settings in git have it."""
    return (user_config_dir(environ) / _FILE).resolve()


def _text(path: Path) -> str:
    try:
        text = read_text(path).text
    except FileNotFoundError:
        return ""
    if text is None:
        raise SettingsError(f"{path} is not UTF-8 text", remedy="save it as UTF-8 in your editor")
    return text.removeprefix("\ufeff")


def _hosts(text: str, path: str) -> dict[str, HostConfig]:
    hosts = read_settings(text, path).mapping(("hosts",)).get("hosts")
    read = (_host(name, value) for name, value in (hosts.mapping() if hosts else {}).items())
    return {host.host: host for host in read}


def _host(name: str, value: Field) -> HostConfig:
    if not _HOST.fullmatch(name.lower()):
        raise value.wrong("is not a host", "write the host alone, like acme.syncromsp.com or localhost:8080")
    values = value.mapping(_HOST_KEYS)
    command, sops_file, sops_field = (
        known_value(values, key) for key in ("api_key_command", "sops_file", "sops_field")
    )
    if (sops_file is None) != (sops_field is None):
        raise value.wrong("needs both `sops_file` and `sops_field`, or neither")
    tech, key = known_value(values, "tech"), known_value(values, "api_key")
    return HostConfig(
        host=name.lower(),
        tech=_name_or_id(tech) if tech else None,
        api_key_command=command.texts() if command else (),
        sops_file=sops_file.text() if sops_file else None,
        sops_field=sops_field.text() if sops_field else None,
        api_key=key.text() if key else None,
    )


def _name_or_id(value: Field) -> str:
    is_id = isinstance(value.node, yaml.ScalarNode) and value.node.value.isdecimal()
    return str(value.node.value) if is_id else value.text()


def _host_name(host: str) -> str:
    name = host.strip().lower()
    if not _HOST.fullmatch(name):
        raise UsageError(f"{host!r} is not a host", remedy="write the host alone, like acme.syncromsp.com")
    return name


# --- writing -------------------------------------------------------------------------------------------------------


def _with_host(text: str, host: str, values: Mapping[str, object]) -> str:
    """Return the file's text with one host's settings replaced or added, and nothing else changed.

    Where the file's style is not the usual one (flow style, one line), it is written anew as a whole.
    """
    wanted = _plain(text)
    others = {name: given for name, given in _plain_hosts(text) if name.lower() != host}
    wanted["hosts"] = {**others, host: dict(values) or None}
    lines = text.splitlines()
    start, end, indent = _place(text, host)
    if start is None:
        lines = [*lines, "hosts:"]
        start = end = len(lines)
    block = [f"{indent}{_quoted(host)}:{'' if values else ' {}'}"]
    block += [f"{indent}  {key}: {_quoted(value)}" for key, value in values.items()]
    fresh = "\n".join([*lines[:start], *block, *lines[end:]]) + "\n"
    if _same(fresh, wanted):
        return fresh
    return yaml.safe_dump(wanted, allow_unicode=True, sort_keys=False)


def _place(text: str, host: str) -> tuple[int | None, int, str]:
    """Return the lines (from, up to) of a host's settings, an empty range where they can be put, or None; and how far
    hosts are indented."""
    hosts = read_settings(text, _FILE).mapping().get("hosts")
    if hosts is None:
        return None, 0, "  "
    if not hosts.nested or not hosts.node.value:
        return hosts.line, hosts.line, "  "
    end, indent = hosts.line, " " * hosts.node.start_mark.column
    for key, value in hosts.node.value:
        end = _last_line(value, key.end_mark.line) + 1
        if key.value.lower() == host:
            return key.start_mark.line, end, indent
    return end, end, indent


def _last_line(node: yaml.Node, at_least: int) -> int:
    """Return the last line (from 0) that a value stands on; a block's own end mark counts the comments after it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        return max((_last_line(value, key.end_mark.line) for key, value in node.value), default=at_least)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return max((_last_line(item, item.start_mark.line) for item in node.value), default=at_least)
    return max(at_least, node.end_mark.line if node.value else at_least)


def _plain(text: str) -> dict[str, Any]:
    """Return the file as plain values, every scalar as the text it was typed as."""
    return dict(yaml.load(text, Loader=yaml.BaseLoader) or {})  # noqa: S506  (it makes nothing but text)


def _plain_hosts(text: str) -> list[tuple[str, Any]]:
    return list((_plain(text).get("hosts") or {}).items())


def _same(text: str, wanted: Mapping[str, Any]) -> bool:
    def normal(value: object) -> object:
        if isinstance(value, Mapping):
            return {str(key): normal(item) for key, item in value.items()} or None
        if isinstance(value, list):
            return [normal(item) for item in value]
        return value or None

    try:
        return normal(_plain(text)) == normal(wanted)
    except yaml.YAMLError:
        return False


def _quoted(value: object) -> str:
    if (
        isinstance(value, str)
        and re.fullmatch(r"(?:~?/)?[A-Za-z][A-Za-z0-9._/@-]*(?::[0-9]+)?", value)
        and value.lower() not in _WORDS
    ):
        return value
    return json.dumps(value, ensure_ascii=False)


_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
