"""Where AI coding assistants look for a project's commands and instructions, and what marks synclog's part of them.

The sheet itself is `synclog/assistant/sheet.md`.
"""

from __future__ import annotations

BEGIN = "<!-- synclog:assistant (written by `synclog init --assistant`; changes between these lines are lost) -->"
END = "<!-- /synclog:assistant -->"

_COMMAND_HEAD = """\
---
description: Syncro tickets through synclog. Read, draft, show the plan, send it when a person says yes
argument-hint: what to do, for which ticket
---

$ARGUMENTS

"""

FILES = {"AGENTS.md": "", ".claude/commands/syncro.md": _COMMAND_HEAD}
"""The files that get the sheet, each with what a new one begins with."""
