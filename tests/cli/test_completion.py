"""A shell that asks what could come next gets words of the mirror: quickly, harmlessly, and nothing but words."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.office import NUMBER, Office

from synclog.app.offering import MOST_TICKETS, offered_customers, offered_labor, offered_statuses, offered_tickets
from synclog.cli.entry import run

HOSTILE = "$(touch owned); `touch owned`\\e[31m 'x' \"y\" * ~ &\nplain\nfake"


def asked(office: Office, line: str, shell: str = "bash") -> list[str]:
    """What a shell is answered that asks with `line` typed up to the cursor; without a key."""
    words = line.split(" ")
    done = office.cli(
        COMP_WORDS=line, COMP_CWORD=str(len(words) - 1), _SYNCLOG_COMPLETE=f"{shell}_complete", SYNCLOG_API_KEY=""
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1]


def test_bash_is_offered_commands_options_numbers_customers_and_statuses(pulled: Office) -> None:
    assert asked(pulled, "synclog sh") == ["plain,show"]
    assert asked(pulled, "synclog list --st") == ["plain,--status"]
    assert asked(pulled, "synclog invoi") == ["plain,invoice", "plain,invoices"]
    assert asked(pulled, "synclog invoice ") == ["plain,show", "plain,add-item", "plain,delete"]
    assert asked(pulled, "synclog show 3216") == [f"plain,{number}" for number in range(32169, 32159, -1) if number in {
        int(path.name[:5]) for path in pulled.root.glob("clients/*/tickets/*.md")
    }]  # fmt: skip
    assert asked(pulled, "synclog list --customer lens") == ["plain,lens-auto-brokerage"]
    assert "plain,in-progress" in asked(pulled, "synclog list --status ")
    assert pulled.sandbox.requests == []


def test_zsh_is_told_the_subject_with_the_number(pulled: Office) -> None:
    pulled.cli("list")
    assert asked(pulled, f"synclog show {NUMBER}", "zsh") == ["plain", str(NUMBER), "Server upgrade"]


def test_what_was_offered_is_understood(pulled: Office) -> None:
    theirs = pulled.cli("list", "--customer", "grunwald-sohne-architekturstudio", "--status", "waiting-on-vendor")
    assert "Grünwald & Söhne" in theirs.stdout
    assert "Waiting on Vendor" in theirs.stdout


@pytest.mark.parametrize(
    "line", ["synclog nonsense ", "synclog show 'x", "synclog -C /nowhere show ", "synclog show x"]
)
def test_what_cannot_be_completed_is_answered_with_silence(pulled: Office, line: str) -> None:
    assert [text for text in asked(pulled, line) if text] == []


def test_outside_of_a_workspace_nothing_is_offered(pulled: Office, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert [text for text in asked(pulled, f"synclog -C {empty} show ") if text] == []
    (pulled.root / "synclog.yaml").write_bytes(b"syncro: [")
    assert [text for text in asked(pulled, "synclog list --customer ") if text] == []


def test_what_a_customer_is_called_becomes_no_command_of_the_shell(pulled: Office) -> None:
    store = pulled.sandbox.store
    store.web_update_customer(store.ticket(NUMBER)["customer_id"], business_name=HOSTILE)
    store.web_update_ticket(NUMBER, subject=HOSTILE)
    pulled.pull()
    pulled.cli("list")
    words = list(offered_customers(pulled.workspace))
    assert len(words) > 5
    assert [word for word in words if not re.fullmatch(r"[a-z0-9-]+", word)] == []
    said = asked(pulled, "synclog show 32162", "zsh")
    assert said[:2] == ["plain", str(NUMBER)]
    assert len(said) == 3


def test_without_an_index_the_names_of_the_files_are_offered(pulled: Office) -> None:
    known = offered_tickets(pulled.workspace, "3216")
    shutil.rmtree(pulled.root / ".synclog")
    workspace = pulled.workspace
    assert [number for number, _ in offered_tickets(workspace, "3216")] == [number for number, _ in known]
    assert (NUMBER, "server upgrade") in offered_tickets(workspace, str(NUMBER))
    assert "lens-auto-brokerage" in offered_customers(workspace)
    assert offered_labor(workspace) == ["remote", "onsite", "emergency", "project"]
    assert not (pulled.root / ".synclog").exists()
    assert offered_statuses(workspace) == {}


def test_a_ticket_with_pending_work_is_offered_and_a_closed_one_only_by_its_digits(pulled: Office) -> None:
    pulled.write_note()
    pulled.sandbox.store.web_update_ticket(32164, status="Closed")
    pulled.pull()
    pulled.cli("list")
    offered = [number for number, _ in offered_tickets(pulled.workspace)]
    assert NUMBER in offered
    assert 32164 not in offered
    assert 32164 in [number for number, _ in offered_tickets(pulled.workspace, "32164")]
    assert len(offered) <= MOST_TICKETS


def test_a_wrong_number_is_wrong_usage_as_ever(pulled: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(pulled.root), "show", "abc"]) == 2
    assert "'abc' is not a valid integer range" in capsys.readouterr().err
    assert run(["-C", str(pulled.root), "show", "0"]) == 2
    assert "0 is not in the range x>=1" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="there is no bash here")
def test_a_real_bash_completes_a_number(pulled: Office) -> None:
    script = (
        'eval "$(synclog completion bash)"; COMP_WORDS=(synclog show 32162); COMP_CWORD=2;'
        ' _synclog_completion synclog; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    own = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "--norc", "-c", script], cwd=pulled.root, env=pulled.environment(**own), capture_output=True,
        encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == (f"{NUMBER}\n", 0)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_SYNCLOG_COMPLETE" in capsys.readouterr().out


def test_a_click_without_a_shell_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.shell_completion._available_shells", {})
    assert run(["completion", "powershell"]) == 2
    assert "upgrade click" in capsys.readouterr().err
