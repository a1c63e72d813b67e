"""`init`, `trust`, `doctor`, `edit`, `sandbox`: what stands around a working day."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.gitrepos import isolate_git, make_repository
from support.office import NUMBER, Office, git, snapshot

from synclog.cli.context import App
from synclog.cli.entry import run
from synclog.syncro.client import SyncroClient


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a workspace, a key or personal settings."""
    isolate_git(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("SYNCLOG_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("SYNCLOG_API_KEY", raising=False)
    return tmp_path


def test_init_makes_a_workspace_once_and_a_second_run_changes_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["init", str(home / "msp"), "--subdomain", "copperline", "--timezone", "America/Phoenix"]
    assert run(words) == 0
    before = snapshot(home / "msp", without=(".git",))
    head = git(home / "msp", "rev-parse", "HEAD")
    assert {"synclog.yaml", ".gitignore", ".gitattributes"} <= before.keys()
    assert b"https://copperline.syncromsp.com/api/v1" in before["synclog.yaml"]
    assert run(words) == 0
    assert run(["init", str(home / "msp")]) == 0
    assert snapshot(home / "msp", without=(".git",)) == before
    assert git(home / "msp", "rev-parse", "HEAD") == head
    assert "copperline.syncromsp.com" in capsys.readouterr().out


def test_init_adopts_a_repository_and_leaves_its_files_alone(home: Path) -> None:
    root = make_repository(home / "docs", {"runbook.md": "ours\n", ".gitignore": "*.log\n"})
    (root / "draft.txt").write_text("not committed\n")
    assert run(["init", str(root), "--subdomain", "copperline"]) == 0
    assert (root / ".gitignore").read_text().startswith("*.log\n")
    assert git(root, "status", "--porcelain") == "?? draft.txt"
    assert git(root, "show", "HEAD:runbook.md") == "ours"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["init", "msp"], "--subdomain"),
        (["init", "msp", "--subdomain", "a", "--base-url", "https://a.example/api/v1"], "same thing"),
        (["init", "msp", "--base-url", "nonsense"], "https://acme.syncromsp.com/api/v1"),
        (["init", "msp", "--subdomain", "copperline", "--timezone", "Mars/Olympus"], "Mars/Olympus"),
        (["init", "msp", "--subdomain", "copperline", "--via", "pigeon"], "pigeon"),
        (["trust", "not a host"], "not a host"),
    ],
)
def test_what_init_and_trust_cannot_use_is_named_and_nothing_is_made(
    home: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    assert run(words) == 2
    assert said in capsys.readouterr().err
    assert not (home / "msp" / "synclog.yaml").exists()
    assert not (home / "config").exists()


def test_init_for_another_account_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(home / "msp"), "--subdomain", "copperline"]) == 0
    assert run(["init", str(home / "msp"), "--subdomain", "saguaro"]) == 2
    assert "copperline" in capsys.readouterr().err


def test_a_cloned_workspace_gets_no_key_before_its_host_is_trusted_here(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["init", str(home / "theirs"), "--subdomain", "copperline"]) == 0
    git(home, "clone", "--quiet", str(home / "theirs"), "clone")
    monkeypatch.setenv("SYNCLOG_CONFIG_DIR", str(home / "another-machine"))
    monkeypatch.setenv("SYNCLOG_API_KEY", "T-made-up-key-0123456789")
    capsys.readouterr()
    assert run(["-C", str(home / "clone"), "init"]) == 0
    assert "synclog trust copperline.syncromsp.com" in capsys.readouterr().out
    for words in (["pull"], ["push", "--yes"], ["list", "--remote"], ["doctor"]):
        assert run(["-C", str(home / "clone"), *words]) == 2
        said = capsys.readouterr()
        assert "synclog trust copperline.syncromsp.com" in said.out + said.err
    assert run(["trust", "copperline.syncromsp.com"]) == 0
    assert run(["trust", "COPPERLINE.syncromsp.com"]) == 0
    assert "already" in capsys.readouterr().out


def test_doctor_goes_on_after_what_is_wrong_and_names_the_remedy(home: Path, pulled: Office) -> None:
    said = pulled.cli("doctor", SYNCLOG_API_KEY="wrong-key-0123456789")
    assert said.returncode == 4
    assert "ok    git" in said.stdout
    assert "wrong key" in said.stdout
    assert "->" in said.stdout


def test_doctor_says_whose_key_it_is_when_it_is_another_technicians(pulled: Office) -> None:
    pulled.cli("init", "--tech", "Priya Venkat")
    said = pulled.cli("doctor")
    assert (said.returncode, "belongs to Mike Sorrel" in said.stdout) == (4, True)


def test_the_labor_lines_of_doctor_can_be_pasted_as_they_are(pulled: Office) -> None:
    lines = pulled.cli("doctor", "--labor").stdout.partition("\nlabor:\n")[2]
    settings = (pulled.root / "synclog.yaml").read_text("utf-8")
    head, _, rest = settings.partition("labor:\n")
    kept = rest.splitlines(keepends=True)
    while kept and kept[0].startswith(" "):
        kept.pop(0)
    (pulled.root / "synclog.yaml").write_text(f"{head}labor:\n{lines}{''.join(kept)}", "utf-8")
    assert pulled.cli("check").returncode == 0
    assert {labor.product_id for labor in pulled.workspace.settings.labor.values()} >= {1190473, 26118}


def test_edit_opens_the_file_and_checks_it_on_return(pulled: Office) -> None:
    editor = pulled.root.parent / "editor.py"
    editor.write_text("import sys, pathlib\np = pathlib.Path(sys.argv[1])\n"
                      "p.write_text(p.read_text('utf-8').replace('notes: []', sys.argv[2] if len(sys.argv) > 2 else "
                      "'notes: [Called back.]'), 'utf-8')\n")  # fmt: skip
    good = pulled.cli("edit", str(NUMBER), EDITOR=f"{sys.executable} {editor}", VISUAL="")
    assert (good.returncode, ": valid" in good.stdout) == (0, True)
    assert "notes: [Called back.]" in pulled.text()
    editor.write_text(editor.read_text().replace("'notes: []'", "'notes: [Called back.]'").replace(
        "'notes: [Called back.]'), 'utf-8')", "'notes: 5'), 'utf-8')"))  # fmt: skip
    bad = pulled.cli("edit", str(NUMBER), EDITOR=f"{sys.executable} {editor}", VISUAL="")
    assert (bad.returncode, "32162-server-upgrade.md:" in bad.stdout) == (3, True)
    assert pulled.cli("edit", "99999", EDITOR="false").returncode == 2


# --- files that bring two sides together ----------------------------------------------------------------------------


def test_two_files_of_one_ticket_are_named_by_every_command_and_send_nothing(pulled: Office) -> None:
    pulled.write_note()
    copy = pulled.path().with_name("32162-copy.md")
    copy.write_bytes(pulled.path().read_bytes())
    contents = snapshot(pulled.root / "clients")
    for words in (("check",), ("status",), ("push", "--yes"), ("pull",)):
        said = pulled.cli(*words)
        assert said.returncode == 3, words
        assert "32162-copy.md" in said.stdout + said.stderr
        assert "32162-server-upgrade.md" in said.stdout + said.stderr
    assert snapshot(pulled.root / "clients") == contents
    assert not pulled.comments()


def test_a_read_only_key_that_was_changed_is_said_holds_the_push_and_is_put_back(pulled: Office) -> None:
    pulled.write_note()
    before = pulled.text()
    pulled.edit(("customer: Len's Auto Brokerage", "customer: Somebody Else"))
    for words in (("status",), ("push", "--yes")):
        said = pulled.cli(*words)
        assert (said.returncode, "`customer` is Syncro's" in said.stdout) == (3, True)
    assert not pulled.comments()
    said = pulled.cli("pull")
    assert (said.returncode, "customer put back" in said.stdout) == (0, True)
    assert pulled.text() == before
    assert "Somebody Else" in git(pulled.root, "log", "-3", "-p", "--author=Mike")


# --- the sandbox ---------------------------------------------------------------------------------------------------


def test_the_sandbox_says_its_address_and_key_serves_and_ends_at_ctrl_c(home: Path) -> None:
    words = [sys.executable, "-u", "-m", "synclog", "sandbox", "--data", str(home / "account"), "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as running:
        assert running.stdout is not None
        text = ""
        while not text.endswith("\n}\n"):
            line = running.stdout.readline()
            assert line, running.communicate()
            text += line
        served = json.loads(text)["result"]
        with SyncroClient(served["base_url"], served["api_key"]) as client:
            assert client.me().name == "Mike Sorrel"
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode in (0, 130)
    assert "Traceback" not in said
    assert list((home / "account").iterdir())


@pytest.mark.parametrize("fault", ["explode POST /x", "drop-after", "late POST /tickets/*/comment"])
def test_a_fault_that_is_none_is_wrong_usage(home: Path, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "--fault", fault]) == 2
    assert fault.split()[0] in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(pulled: Office, capsys: pytest.CaptureFixture[str]) -> None:
    port = pulled.sandbox.base_url.rpartition(":")[2].partition("/")[0]
    assert run(["sandbox", "--port", port]) == 1
    said = capsys.readouterr().err
    assert "in use" in said
    assert "this is a bug" not in said


def test_a_terminal_is_asked_for_what_init_needs(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["copperline", "America/Phoenix", "comment"])
    monkeypatch.setattr(App, "interactive", True)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: next(answers))
    assert run(["init", str(home / "msp")]) == 0
    settings = (home / "msp" / "synclog.yaml").read_text("utf-8")
    assert "https://copperline.syncromsp.com/api/v1" in settings
    assert "timezone: America/Phoenix" in settings
