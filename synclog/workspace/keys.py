"""The API key of this machine: where it comes from, and to whom it may go. It is never shown, in no message.

Sources, in this order: `SYNCLOG_API_KEY`; then of the host in the personal config.yaml `api_key_command`,
`sops_file` with `sops_field`, `api_key`. The workspace itself can name none of these.
"""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from synclog.core.settingsfile import host_of
from synclog.errors import KeyRefused
from synclog.workspace.userconfig import HostConfig, UserConfig

VARIABLE = "SYNCLOG_API_KEY"
_TIMEOUT = 60
_OTHERS_READ = 0o044
_LONGEST = 4096


def obtain_key(
    base_url: str, config: UserConfig, environ: Mapping[str, str] = os.environ, *, timeout: float = _TIMEOUT
) -> str:
    """Return the key for the account at `base_url`. `timeout` is the seconds that a key command may take.

    Raises KeyRefused when the host was not named on this machine, when the way there is not https (loopback needs
    neither), and when no key can be had; its text never holds any part of a key or of a command's output.
    """
    host = host_of(base_url)
    known = config.hosts.get(host)
    if not is_loopback(base_url):
        if urlsplit(base_url).scheme != "https":
            raise KeyRefused(
                f"a key is sent over https only, not to {base_url}", remedy="write https:// in synclog.yaml"
            )
        if known is None:
            remedy = f"if this is your Syncro account, run `synclog trust {host}` once on this machine"
            raise KeyRefused(f"{host} was not named on this machine as a host that may get a key", remedy=remedy)
    if environ.get(VARIABLE):
        return _checked(environ[VARIABLE], f"the environment variable {VARIABLE}")
    known = known or HostConfig(host)
    if known.api_key_command:
        return _from_command(known.api_key_command, config.path, environ, timeout)
    if known.sops_file and known.sops_field:
        return _from_sops(known.sops_file, known.sops_field, config.path, environ, timeout)
    if known.api_key:
        return _from_file(known.api_key, config.path)
    ways = "an `api_key_command`, or `sops_file` and `sops_field`"
    remedy = f"set {VARIABLE}, or write below `hosts: {host}:` in {config.path} {ways}"
    raise KeyRefused(f"there is no API key for {host} on this machine", remedy=remedy)


def is_loopback(base_url: str) -> bool:
    """Return whether an address is this machine itself."""
    name = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _from_command(command: Sequence[str], config: Path, environ: Mapping[str, str], timeout: float) -> str:
    output = _run(command, config, environ, timeout)
    lines = output.decode("utf-8", "replace").splitlines()
    return _checked(lines[0] if lines else "", f"the first line of the output of {command[0]}")


def _from_sops(file: str, name: str, config: Path, environ: Mapping[str, str], timeout: float) -> str:
    path = config.parent / Path(file).expanduser()
    if not path.is_file():
        raise KeyRefused(f"{path}, the sops_file, is not there", remedy=f"correct `sops_file` in {config}")
    document = _parsed(_run(("sops", "-d", str(path)), config, environ, timeout))
    if document is None:
        raise KeyRefused(f"what sops made of {path} is neither JSON nor YAML", remedy="check the file with `sops -d`")
    value: object = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, str):
        raise KeyRefused(f"{path} has no text at `{name}`", remedy=f"correct `sops_field` in {config}")
    return _checked(value, f"`{name}` of {path}")


def _from_file(key: str, config: Path) -> str:
    if os.name == "posix" and config.stat().st_mode & _OTHERS_READ:
        raise KeyRefused(f"{config} holds a key and others can read it", remedy=f"run `chmod 600 {config}`")
    return _checked(key, f"`api_key` of {config}")


def _run(command: Sequence[str], config: Path, environ: Mapping[str, str], timeout: float) -> bytes:
    """Run a program without a shell, in the folder of the personal settings, and return its output.

    What it says is never passed on, nor are its arguments: either may hold a secret.
    """
    program = _program(command[0], config, environ)
    failure = ""
    try:
        done = subprocess.run(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=config.parent if config.parent.is_dir() else Path.home(),
            env=dict(environ),
            timeout=timeout,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout
        failure = f"ended with exit code {done.returncode}"
    except subprocess.TimeoutExpired:
        failure = f"did not end within {timeout:g} s"
    except (OSError, ValueError):
        failure = "can't be run"
    # Raised out here, so that the exception carries no other one that holds the output.
    raise KeyRefused(f"{command[0]}, which should give the API key, {failure}", remedy="run it by hand to see why")


def _program(name: str, config: Path, environ: Mapping[str, str]) -> str:
    """Return the program's full path: never one of the current folder, which may be a cloned workspace."""
    if "/" in name or os.sep in name:
        return str(config.parent / Path(name).expanduser())
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        if Path(folder).is_absolute() and (found := shutil.which(str(Path(folder) / name))):
            return found
    raise KeyRefused(f"there is no program {name} on this machine", remedy=f"install it, or correct {config}")


def _parsed(output: bytes) -> dict[str, object] | None:
    """Read sops' output, JSON or YAML, with every scalar as text."""
    try:
        text = output.decode("utf-8")
        document = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        try:
            document = yaml.load(output, Loader=yaml.BaseLoader)  # noqa: S506  (it makes nothing but text)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
            return None
    return document if isinstance(document, dict) else None


def _checked(key: str, source: str) -> str:
    """Return the key without white space around it; refuse what can't be one, since it would end up in a URL."""
    stripped = key.strip()
    if not stripped:
        raise KeyRefused(f"{source} is empty", remedy="put your Syncro API key there")
    if len(stripped) > _LONGEST or not stripped.isascii() or any(not "!" <= one <= "~" for one in stripped):
        raise KeyRefused(
            f"{source} can't be an API key: it holds more than that", remedy="check that it is the key alone"
        )
    return stripped
