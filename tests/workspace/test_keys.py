"""The key goes to whom the technician named, over https, and into no message."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import pytest

from synclog.errors import KeyRefused
from synclog.workspace.keys import is_loopback, obtain_key
from synclog.workspace.userconfig import HostConfig, UserConfig

ACCOUNT = "https://copperline.syncromsp.com/api/v1"
HOST = "copperline.syncromsp.com"
KEY = "T0p5ecret-made-up-key"


@pytest.fixture
def folder(own_machine: Path) -> Path:
    path = own_machine / "synclog"
    path.mkdir()
    return path


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    path = tmp_path / "bin"
    path.mkdir()
    return path


def program(folder: Path, name: str, body: str) -> Path:
    """Make a program of Python, which every system can start by its name."""
    script = folder / f"{name}.py"
    script.write_text(body, encoding="utf-8")
    if os.name == "nt":
        path = folder / f"{name}.bat"
        path.write_text(f'@"{sys.executable}" "{script}" %*\n')
    else:
        path = folder / name
        path.write_text(f"#!{sys.executable}\n{body}", encoding="utf-8")
        path.chmod(0o755)
    return path


def config(folder: Path, **given: object) -> UserConfig:
    return UserConfig(folder / "config.yaml", {HOST: HostConfig(HOST, **given)})  # type: ignore[arg-type]


def refusal(base_url: str, user: UserConfig, environ: dict[str, str] | None = None, timeout: float = 60) -> KeyRefused:
    """Return the refusal, having seen that nothing of it shows the key."""
    with pytest.raises(KeyRefused) as caught:
        obtain_key(base_url, user, environ or {}, timeout=timeout)
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + error.message + error.remedy
    assert KEY not in shown
    assert error.__context__ is None or KEY not in repr(vars(error.__context__))
    assert error.remedy
    return error


def test_a_key_in_the_environment_goes_to_a_named_host(folder: Path) -> None:
    assert obtain_key(ACCOUNT, config(folder), {"SYNCLOG_API_KEY": f" {KEY}\n"}) == KEY


def test_a_host_that_was_not_named_here_gets_no_key(folder: Path) -> None:
    environ = {"SYNCLOG_API_KEY": KEY}
    for url in ("https://evil.example/api/v1", f"https://{HOST}.evil.example/", f"https://{HOST}:8443/api/v1"):
        assert "was not named on this machine" in refusal(url, config(folder), environ).message
    assert "synclog trust evil.example" in refusal("https://evil.example/x", config(folder), environ).remedy


def test_a_key_goes_over_https_only(folder: Path) -> None:
    assert "over https only" in refusal(f"http://{HOST}/api/v1", config(folder), {"SYNCLOG_API_KEY": KEY}).message


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/api/v1", "http://localhost:1/x", "http://[::1]:1", "http://127.9.9.9"]
)
def test_loopback_needs_neither_a_name_nor_https(folder: Path, url: str) -> None:
    assert is_loopback(url)
    assert obtain_key(url, UserConfig(folder / "config.yaml"), {"SYNCLOG_API_KEY": KEY}) == KEY


@pytest.mark.parametrize("url", ["http://localhost.evil.example/", "http://127.0.0.1.evil.example", "http://10.0.0.1/"])
def test_what_only_resembles_loopback_is_not(folder: Path, url: str) -> None:
    assert not is_loopback(url)
    refusal(url, UserConfig(folder / "config.yaml"), {"SYNCLOG_API_KEY": KEY})


@pytest.mark.parametrize("value", ["two words", "line\nline", "schlüssel", "x" * 5000, " \t ", "nul\0"])
def test_what_cannot_be_a_key_is_refused(folder: Path, value: str) -> None:
    error = refusal(ACCOUNT, config(folder), {"SYNCLOG_API_KEY": value})
    assert value not in error.message
    assert "SYNCLOG_API_KEY" in error.message


def test_without_any_source_the_ways_are_named(folder: Path) -> None:
    error = refusal(ACCOUNT, config(folder))
    assert "no API key for copperline.syncromsp.com" in error.message
    for way in ("SYNCLOG_API_KEY", "api_key_command", "sops_file", str(folder / "config.yaml")):
        assert way in error.remedy


def test_a_command_gives_the_first_line_of_its_output(folder: Path, programs: Path) -> None:
    program(programs, "vault", f"import sys; print({KEY!r}); print('expires', sys.argv[1:])")
    user = config(folder, api_key_command=("vault", "read", "a b; echo $HOME"))
    assert obtain_key(ACCOUNT, user, {**os.environ, "PATH": str(programs)}) == KEY


def test_a_commands_arguments_meet_no_shell(folder: Path, programs: Path) -> None:
    program(programs, "vault", "import sys; print('-'.join(sys.argv[1:]))")
    user = config(folder, api_key_command=("vault", "$HOME", "a|b", "`x`"))
    assert obtain_key(ACCOUNT, user, {**os.environ, "PATH": str(programs)}) == "$HOME-a|b-`x`"


def test_the_environment_comes_before_the_command(folder: Path) -> None:
    user = config(folder, api_key_command=("no-such-program",))
    assert obtain_key(ACCOUNT, user, {"SYNCLOG_API_KEY": KEY}) == KEY


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (f"import sys; print({KEY!r}); print({KEY!r}, file=sys.stderr); sys.exit(3)", "ended with exit code 3"),
        (f"import sys, threading; print({KEY!r}, flush=True); threading.Event().wait()", "did not end within 1 s"),
        ("pass", "is empty"),
        (f"print(); print({KEY!r})", "is empty"),
        ("import sys; sys.stdout.buffer.write(bytes([255, 254]))", "can't be an API key"),
        (f"print('your key is {KEY}')", "can't be an API key"),
    ],
)
def test_a_command_that_fails_is_named_without_what_it_said(
    folder: Path, programs: Path, capfd: pytest.CaptureFixture[str], body: str, says: str
) -> None:
    program(programs, "vault", body)
    user = config(folder, api_key_command=("vault", f"--token={KEY}"))
    error = refusal(ACCOUNT, user, {**os.environ, "PATH": str(programs)}, timeout=1)
    assert "vault" in error.message
    assert says in error.message
    assert capfd.readouterr() == ("", "")


def test_a_command_that_reads_from_the_terminal_gets_nothing(folder: Path, programs: Path) -> None:
    program(programs, "vault", "import sys; print(f'read-{len(sys.stdin.read())}')")
    user = config(folder, api_key_command=("vault",))
    assert obtain_key(ACCOUNT, user, {**os.environ, "PATH": str(programs)}) == "read-0"


def test_a_program_of_the_current_folder_is_never_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloned = tmp_path / "cloned"
    cloned.mkdir()
    (cloned / "bin").mkdir()
    program(cloned, "vault", f"print({KEY!r})")
    program(cloned / "bin", "vault", f"print({KEY!r})")
    monkeypatch.chdir(cloned)
    for path in (".", "", "bin", os.pathsep.join([".", str(tmp_path / "nothing")])):
        user = config(folder, api_key_command=("vault",))
        assert "there is no program vault" in refusal(ACCOUNT, user, {**os.environ, "PATH": path}).message
    refusal(ACCOUNT, config(folder, api_key_command=("./vault",)), dict(os.environ))


def test_a_program_is_found_beside_the_settings_by_a_relative_path(folder: Path) -> None:
    made = program(folder, "mine", f"print({KEY!r})")
    assert obtain_key(ACCOUNT, config(folder, api_key_command=(f"./{made.name}",)), dict(os.environ)) == KEY


SOPS = """\
import sys
if sys.argv[1] != "-d":
    sys.exit(9)
text = open(sys.argv[2], encoding="utf-8").read()
if not text.startswith("ENC:"):
    sys.stderr.write("cannot decrypt " + text)
    sys.exit(128)
sys.stdout.write(text[4:])
"""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"ENC:syncro:\n  api_key: {KEY}\nsops: {{}}\n", "syncro.api_key"),
        (f"ENC:key: {KEY}\n", "key"),
        (f'ENC:{{\n\t"a": {{"b": "{KEY}"}}\n}}', "a.b"),
    ],
)
def test_a_sops_file_gives_the_field_of_what_it_holds(folder: Path, programs: Path, text: str, name: str) -> None:
    program(programs, "sops", SOPS)
    (folder / "vault.yaml").write_text(text)
    user = config(folder, sops_file="vault.yaml", sops_field=name)
    assert obtain_key(ACCOUNT, user, {**os.environ, "PATH": str(programs)}) == KEY


def test_a_key_of_digits_stays_as_it_was_written(folder: Path, programs: Path) -> None:
    program(programs, "sops", SOPS)
    environ = {**os.environ, "PATH": str(programs)}
    user = config(folder, sops_file="vault.yaml", sops_field="key")
    for text, meant in (
        ("ENC:key: 0123_45\n", "0123_45"),
        ('ENC:{"key": 12345678901234567890123}', "12345678901234567890123"),
    ):
        (folder / "vault.yaml").write_text(text)
        assert obtain_key(ACCOUNT, user, environ) == meant


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        (f"broken {KEY}", "key", "sops, which should give the API key, ended with exit code 128"),
        (f"ENC:key: {KEY}\n", "other", "has no text at `other`"),
        (f"ENC:key: {KEY}\n", "key.deeper", "has no text at `key.deeper`"),
        (f"ENC:key: [{KEY}]\n", "key", "has no text at `key`"),
        (f"ENC:- {KEY}\n", "key", "neither JSON nor YAML"),
        (f"ENC:key: '{KEY}\n", "key", "neither JSON nor YAML"),
        ("ENC:" + "[" * 5000, "key", "neither JSON nor YAML"),
    ],
)
def test_a_sops_file_that_does_not_help_is_named_without_what_it_holds(
    folder: Path, programs: Path, text: str, name: str, says: str
) -> None:
    program(programs, "sops", SOPS)
    (folder / "vault.yaml").write_text(text)
    user = config(folder, sops_file="vault.yaml", sops_field=name)
    assert says in refusal(ACCOUNT, user, {**os.environ, "PATH": str(programs)}).message


def test_a_missing_sops_file_or_program_is_named(folder: Path, tmp_path: Path) -> None:
    user = config(folder, sops_file="vault.yaml", sops_field="key")
    assert str(folder / "vault.yaml") in refusal(ACCOUNT, user, {}).message
    (folder / "vault.yaml").write_text("x")
    assert "there is no program sops" in refusal(ACCOUNT, user, {"PATH": str(tmp_path)}).message


def test_a_key_in_the_settings_is_used_only_when_others_cannot_read_it(folder: Path) -> None:
    user = config(folder, api_key=KEY)
    user.path.write_text(f"hosts: {{{HOST}: {{api_key: {KEY}}}}}\n")
    user.path.chmod(0o600)
    assert obtain_key(ACCOUNT, user, {}) == KEY
    if os.name == "posix":
        for mode in (0o640, 0o604):
            user.path.chmod(mode)
            error = refusal(ACCOUNT, user, {})
            assert "others can read it" in error.message
            assert "chmod 600" in error.remedy
