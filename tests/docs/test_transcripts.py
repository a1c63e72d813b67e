"""What the getting-started page and the README show is what happens: their commands are run against a sandbox.

A console block below `<!-- run -->` is run and its output compared; a YAML block below `<!-- replace in FILE: TEXT -->`
is what the reader types there. What differs from run to run (ports, references, plan ids, days) is compared by form;
a line `…` stands for any lines.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from synclog.sandbox import Sandbox

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "getting-started.md"
TICKET = "clients/lens-auto-brokerage/tickets/32162-server-upgrade.md"
STEP = re.compile(r"^<!-- (run|replace in (\S+): ([^\n]+)) -->\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
ANSWERED = "Send this? [y/N]: y"
SENDING = ("push", "bill", "close", "create", "update", "comment")
"""Commands that ask where the reader says yes."""
CHANGING = (
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\b(?:\d{5}|new)-[0-9a-hjkmnp-tv-z]{10}\b"), "REFERENCE"),
    (re.compile(r"^plan: \w+$"), "plan: ID"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?: {1,2}\d\d:\d\d)?\b"), "DAY"),
    (re.compile(r"^made: .*"), "made: …"),
)


def plain(line: str) -> str:
    """A line without what differs from run to run."""
    for form, name in CHANGING:
        line = form.sub(name, line)
    return line.rstrip()


def shown(lines: list[str]) -> str:
    """The form of a transcript, as an expression that the output has to match."""
    parts = [r"(?:.*\n)*" if line == "…" else re.escape(plain(line)) + r"\n" for line in lines if line != ANSWERED]
    return "".join(parts)


def commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines shown below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, *output = part.splitlines()
        yield line, output


class Reader:
    """Somebody who types what the page says."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.port = sandbox.base_url.rpartition(":")[2].partition("/")[0]
        own = {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1", "PYTHONUTF8": "1"}
        self.environment = os.environ | own | {"SYNCLOG_CONFIG_DIR": str(folder / "config")}
        self.environment.pop("SYNCLOG_API_KEY", None)
        (folder / "gitconfig").write_text("[user]\nname = Mike Sorrel\nemail = mike@copperline.example\n", "utf-8")

    def type(self, line: str, output: list[str]) -> None:
        """Type a command and compare what it says."""
        words = shlex.split(line.replace(":8765", f":{self.port}"), comments=True)
        code = int(line.partition("# exit ")[2] or 0)
        own = dict(words.pop(0).split("=", 1) for word in list(words) if "=" in word and words[0] == word)
        if words[0] == "cd":
            self.folder /= words[1]
            return
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.environment[name] = value
            return
        if words[0] == "synclog" and words[1] in SENDING and not {"--dry-run", "--yes"} & set(words):
            words.append("--yes")
        if words[0] == "synclog":
            words = [sys.executable, "-m", *words]
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        said = "".join(f"{plain(text)}\n" for text in done.stdout.splitlines())
        assert done.returncode == code, f"{line}\n{done.stdout}"
        assert re.fullmatch(shown(output), said), f"{line}\n{done.stdout}"

    def replace(self, file: str, old: str, new: str) -> None:
        """Do what an editor does."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(f"\n{old}\n") == 1, f"{old} in {file}"
        path.write_bytes(text.replace(f"\n{old}\n", f"\n{new}", 1).encode())


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Reader]:
    with Sandbox() as sandbox:
        yield Reader(tmp_path, sandbox)


def test_the_getting_started_page_shows_what_happens(newcomer: Reader) -> None:
    steps = STEP.findall(PAGE.read_text("utf-8"))
    assert [kind.split()[0] for kind, *_ in steps].count("run") == 5
    for kind, file, old, block in steps:
        if kind == "run":
            for line, output in commands(block):
                newcomer.type(line, output)
        else:
            newcomer.replace(file, old, block)


def make_workspace(reader: Reader) -> None:
    """Make the workspace that a page takes for granted."""
    account = f"http://127.0.0.1:{reader.port}/api/v1"
    reader.type(f"synclog init msp --base-url {account} --timezone America/Phoenix", ["…"])
    reader.type("cd msp", [])
    reader.type("export SYNCLOG_API_KEY=sandbox-key-of-mike-sorrel-0000000000", [])
    reader.replace("synclog.yaml", "labor: {}", "labor:\n  remote: 1190473\n")


def test_the_page_about_billing_shows_what_happens(newcomer: Reader) -> None:
    make_workspace(newcomer)
    newcomer.type("synclog pull", ["…"])
    steps = STEP.findall((CHECKOUT / "docs" / "billing.md").read_text("utf-8"))
    assert [kind for kind, *_ in steps] == ["run"] * 3
    for *_, block in steps:
        for line, output in commands(block):
            newcomer.type(line, output)


def test_the_command_sheet_shows_what_happens(newcomer: Reader) -> None:
    make_workspace(newcomer)
    steps = STEP.findall((CHECKOUT / "docs" / "command-sheet.md").read_text("utf-8"))
    said = [line for *_, block in steps for line in commands(block)]
    assert len(said) == 17
    for line, output in said:
        newcomer.type(line, output)


def test_the_transcript_of_the_readme_is_one(newcomer: Reader) -> None:
    shows = (CHECKOUT / "README.md").read_text("utf-8").partition("## Try it")[0]
    make_workspace(newcomer)
    newcomer.environment |= {"EDITOR": f'"{sys.executable}" -c pass', "VISUAL": ""}
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```", shows, re.MULTILINE | re.DOTALL):
        if language == "yaml":
            newcomer.replace(TICKET, "notes: []", block)
        else:
            for line, output in commands(block):
                newcomer.type(line, [text for text in output if text])


def test_what_starts_the_sandbox_prints_what_the_page_shows() -> None:
    """The one block that can't be run in turn, since it stays: its output, from a sandbox in a process of its own."""
    (block,) = [b for b in re.findall(r"```console\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL) if "sandbox " in b]
    ((line, output),) = commands(block)
    words = [sys.executable, "-m", *shlex.split(line.replace("8765", "0"))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, encoding="utf-8") as server:
        assert server.stdout is not None
        try:
            said = [server.stdout.readline() for _ in output]
        finally:
            server.terminate()
    assert [plain(text) for text in said] == [plain(text) for text in output]
