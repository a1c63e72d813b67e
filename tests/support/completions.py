"""What a real YAML language server answers with the schemas: `python tests/support/completions.py SERVER [SVG]`.

SERVER is the program of the npm package yaml-language-server. Its answers are printed, and drawn into SVG. Not part of
the tests, which reach no registry: run it after a change of the schemas, and see that docs/editors.md still says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from synclog.core import vscode
from synclog.core.schema import file_name, schema_text
from synclog.core.settings import Labor
from synclog.core.ticketfields import FileRules
from synclog.model import Person

RULES = FileRules(
    labor={alias: Labor(alias, 1190473) for alias in ("remote", "onsite", "emergency", "project")},
    timezone=ZoneInfo("America/Phoenix"),
    statuses=("New", "In Progress", "Scheduled", "Waiting on Customer", "Resolved", "Invoiced"),
    technicians=(Person(1, "Mike Sorrel"), Person(2, "Priya Venkat")),
)
FILES = {"draft": "clients/lens-auto-brokerage/tickets/new-switch.md", "settings": "synclog.yaml"}
DRAFT = "---\nsubject: New switch for the front office\nnotes:\n  - note: Ordered the switch.\n    "
SETTINGS = "format: 1\nsyncro:\n  base_url: https://acme.syncromsp.com/api/v1\n"
ASKED = (
    ("a new key of a note", "draft", DRAFT + "\n---\n", "complete", (4, 4)),
    ("the value of `labor:`", "draft", DRAFT + "labor: \n---\n", "complete", (4, 11)),
    ("the value of `to:`", "draft", DRAFT + "to: \n---\n", "complete", (4, 8)),
    ("the value of `time:`", "draft", DRAFT + "time: \n---\n", "complete", (4, 10)),
    ("a new key of the ticket", "draft", "---\nsubject: New switch\n\n---\n", "complete", (2, 0)),
    ("the value of `status:`", "draft", "---\nsubject: New switch\nstatus: \n---\n", "complete", (2, 8)),
    ("hover over `billed`", "draft", DRAFT + "billed: 2h15m\n---\n", "hover", (4, 6)),
    ("hover over `notes`", "draft", DRAFT + "\n---\n", "hover", (2, 2)),
    ("`tiem: 30m`", "draft", DRAFT + "tiem: 30m\n---\n", "problems", (0, 0)),
    ("`time: soon`", "draft", DRAFT + "time: soon\n---\n", "problems", (0, 0)),
    ("a draft that is right", "draft", DRAFT + "time: 30m\n    labor: remote\n---\nMine.\n", "problems", (0, 0)),
    ("one with a list below it", "draft", DRAFT + "time: 30m\n---\n- *Mine*\n", "problems", (0, 0)),
    ("the value of `via:` in synclog.yaml", "settings", SETTINGS + "time:\n  via: \n", "complete", (4, 7)),
    ("`rate_limt: 60` in synclog.yaml", "settings", SETTINGS + "  rate_limt: 60\n", "problems", (0, 0)),
)


class Server:
    """A language server over its standard streams."""

    def __init__(self, program: str, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.process = subprocess.Popen([program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.asked = 0
        self.problems: dict[str, list[dict[str, Any]]] = {}

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.asked += 1
        self._send({"id": self.asked, "method": method, "params": params})
        for message in self._messages():
            if message.get("id") == self.asked and "method" not in message:
                return message.get("result")
        raise EOFError("the server has ended")

    def problems_of(self, uri: str) -> list[dict[str, Any]]:
        for _ in self._messages():
            if uri in self.problems:
                break
        return self.problems[uri]

    def _messages(self) -> Iterator[dict[str, Any]]:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            length = int(line.partition(b":")[2])
            while stream.readline().strip():
                pass
            message = json.loads(stream.read(length))
            if message.get("method") == "textDocument/publishDiagnostics":
                self.problems[message["params"]["uri"]] = message["params"]["diagnostics"]
            elif "method" in message and "id" in message:
                items = message.get("params", {}).get("items", ())
                self._send(
                    {"id": message["id"], "result": [self.settings.get(one.get("section"), {}) for one in items]}
                )
            yield message

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()


def answers(program: str, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield what was asked, and the lines of the answer."""
    for kind in ("draft", "settings"):
        (folder / "schemas").mkdir(exist_ok=True)
        (folder / "schemas" / file_name(kind)).write_text(schema_text(kind, RULES), "utf-8")
    patterns = vscode.settings(".synclog")["yaml.schemas"]
    schemas = {(folder / path.removeprefix("./.synclog/")).as_uri(): files for path, files in patterns.items()}
    root = folder.as_uri()
    yaml = {"schemas": schemas, "schemaStore": {"enable": False}, "hover": True, "completion": True, "validate": True}
    server = Server(program, {"yaml": yaml})
    shown = {"completion": {"completionItem": {"documentationFormat": ["markdown"]}}, "publishDiagnostics": {}}
    able = {"workspace": {"configuration": True}, "textDocument": shown}
    server.ask("initialize", {"processId": None, "rootUri": root, "capabilities": able})
    server.notify("initialized", {})
    server.notify("workspace/didChangeConfiguration", {"settings": {"yaml": yaml}})
    server.ask("synclog/ready", {})  # no server knows it: when that is said, the settings were asked for
    for number, (what, kind, text, how, (line, column)) in enumerate(ASKED):
        uri = f"{root}/{number}/{FILES[kind]}"
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        server.notify("textDocument/didOpen", {"textDocument": document})
        at = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
        if how == "complete":
            items = server.ask("textDocument/completion", at)["items"]
            yield what, [f"{one['label']:14} {_words(one.get('documentation'))}".rstrip() for one in items]
        elif how == "hover":
            found = server.ask("textDocument/hover", at)
            yield what, [line for line in found["contents"]["value"].splitlines() if line and "Source" not in line]
        else:
            found = server.problems_of(uri)
            yield what, [f"line {p['range']['start']['line'] + 1}: {p['message']}" for p in found] or ["nothing wrong"]
    server.process.terminate()
    server.process.wait()


def _words(documentation: Any) -> str:
    text = documentation.get("value", "") if isinstance(documentation, dict) else documentation or ""
    return " ".join(text.split())


def main(program: str, picture: str | None = None) -> None:
    import tempfile

    console = Console(record=True, width=118)
    with tempfile.TemporaryDirectory() as folder:
        for what, lines in answers(program, Path(folder)):
            console.print(f"[bold]{what}[/bold]", highlight=False)
            for line in lines:
                console.print(f"    {line}", highlight=False, markup=False)
    if picture:
        console.save_svg(picture, title="yaml-language-server with synclog's schemas")


if __name__ == "__main__":
    main(*sys.argv[1:])
