"""`completion`: how a shell learns to ask what could come next, and the answers it gets."""

from __future__ import annotations

import os
import sys

import click

from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import UsageError

SHELLS = ("bash", "zsh", "fish", "powershell")


def answer(cli: click.Command) -> int:
    """Answer a shell that asks what could come next: words on stdout, and nothing else, whatever happens."""
    from click.shell_completion import shell_complete

    from synclog.cli.entry import COMPLETE

    said = sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        sys.stderr = nowhere
        try:
            return shell_complete(cli, {}, "synclog", COMPLETE, os.environ[COMPLETE])
        except Exception:
            # Half a line may be anything. What can't be understood yet has no answer.
            return 0
        finally:
            sys.stderr = said


@click.command(
    epilog="""\b
Examples:
  synclog completion bash           in ~/.bashrc: eval "$(synclog completion bash)"
  synclog completion zsh            in ~/.zshrc: eval "$(synclog completion zsh)"
  synclog completion fish           > ~/.config/fish/completions/synclog.fish
  synclog completion powershell     in $PROFILE: synclog completion powershell | Out-String | Invoke-Expression
"""
)
@click.argument("shell", type=click.Choice(SHELLS))
@pass_app
@reporting
def completion(app: App, shell: str) -> Report:
    """Print what has a shell complete commands, options, ticket numbers, customers, statuses and labor.

    What it offers comes from the mirror and the settings alone: no network, no key.
    """
    from click.shell_completion import get_completion_class

    from synclog.cli.entry import COMPLETE

    found = get_completion_class(shell)
    if found is None:
        raise UsageError(f"this version of click has no completion for {shell}", remedy="upgrade click to 8.5 or later")
    asking = found(click.Command("synclog"), {}, "synclog", COMPLETE)
    script = asking.source_template % asking.source_vars()
    return Report({"shell": shell, "script": script}, script.splitlines())
