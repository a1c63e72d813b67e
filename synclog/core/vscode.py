"""What VS Code is told about a workspace: schemas, a task that fills its list of problems, snippets for notes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from synclog.core.schema import file_name
from synclog.core.yamlemit import emit

SCHEMAS_FOLDER = "schemas"
"""Where in `.synclog/` the schemas of a workspace lie."""

DRAFTS = "**/tickets/new-*.md"
"""New tickets: all YAML, but for one's own text below. So they are opened as that, and get completion."""

PROBLEM = r"^(clients/.+?):(\d+):(\d+): (?:(warning): )?(.*)$"
"""A line of `synclog check`: file, line, column, severity (an error when it is not said), message."""


def settings(state: str) -> dict[str, Any]:
    """Return `.vscode/settings.json`; `state` is the folder of the machine's own caches."""
    folder = f"./{state}/{SCHEMAS_FOLDER}"
    return {
        "yaml.schemas": {
            f"{folder}/{file_name('settings')}": "synclog.yaml",
            f"{folder}/{file_name('draft')}": DRAFTS,
        },
        "files.associations": {DRAFTS: "yaml"},
        "[markdown]": {"editor.formatOnSave": False, "editor.tabCompletion": "onlySnippets"},
    }


EXTENSIONS: dict[str, Any] = {"recommendations": ["redhat.vscode-yaml"]}

TASKS: dict[str, Any] = {
    "version": "2.0.0",
    "tasks": [
        {
            "label": "synclog: check",
            "detail": "Every ticket file that is not valid, in the list of problems",
            "type": "process",
            "command": "synclog",
            "args": ["check"],
            "problemMatcher": {
                "owner": "synclog",
                "fileLocation": ["relative", "${workspaceFolder}"],
                "severity": "error",
                "pattern": {"regexp": PROBLEM, "file": 1, "line": 2, "column": 3, "severity": 4, "message": 5},
            },
            "presentation": {"reveal": "silent", "clear": True},
        }
    ],
}


def snippets(labor: Iterable[str]) -> dict[str, Any]:
    """Return `.vscode/synclog.code-snippets`; `labor` are the aliases to choose from."""
    choices = ",".join(_choice(emit(alias, flow=True)) for alias in labor)
    chosen = f"${{3|{choices}|}}" if choices else "${3:labor}"
    timed = ["- note: |", "    ${1:What was done.}", "  time: ${2:30m}", f"  labor: {chosen}"]
    audience = "${4|public,private,email|}"
    return {
        "synclog: a note with time": _snippet("note", "What was done and how long it took", timed),
        "synclog: a note without time": _snippet("text", "What was done", ["- note: |", "    ${1:What was done.}"]),
        "synclog: a note in full": _snippet(
            "notefull",
            "With who sees it, and when the work began",
            [*timed, f"  to: {audience}", "  date: ${5:today 09:00}"],
        ),
        "synclog: the notes of a ticket": _snippet(
            "notes", "Instead of `notes: []`", ["notes:", *(f"  {line}" for line in timed)]
        ),
        "synclog: a new ticket": _snippet(
            "ticket",
            "All of a new-….md",
            [
                "---",
                "subject: ${4:What it is about}",
                "description: |",
                "  ${5:What the customer said.}",
                "notes:",
                *(f"  {line}" for line in timed),
                "---",
            ],
        ),
    }


def _snippet(prefix: str, text: str, body: list[str]) -> dict[str, Any]:
    return {"scope": "markdown,yaml", "prefix": prefix, "description": text, "body": body}


def _choice(text: str) -> str:
    return re.sub(r"([\\,|])", r"\\\1", text)
