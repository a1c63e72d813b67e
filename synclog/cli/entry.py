"""The top command: global options, lazily loaded commands, and how every ending becomes output and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from synclog import __version__
from synclog.cli.context import App
from synclog.errors import Exit, SynclogError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from synclog.workspace.glance import Glance

COMMANDS = {
    "init": ("setup", "Make or adopt a workspace, or ready a clone."),
    "trust": ("setup", "Let this machine's key for a host be sent there."),
    "doctor": ("setup", "Check settings, key, account and git; name what to mend."),
    "pull": ("mirror", "Bring tickets from Syncro into files."),
    "status": ("mirror", "Show what is pending, held, conflicted or invalid."),
    "diff": ("mirror", "Show what a push would send, without asking Syncro."),
    "check": ("mirror", "Check ticket files, for a pre-commit hook too."),
    "schema": ("equipping", "Write JSON Schemas of files for editors."),
    "push": ("pushing", "Send notes, time, invoices and changes to Syncro."),
    "untrack": ("filing", "Forget the file of a ticket."),
    "tidy": ("filing", "Rename folders and files to current names."),
    "resolve": ("resolving", "Settle a conflict, or what is doubtful."),
    "list": ("reading", "List open tickets, a line each."),
    "search": ("searching", "Find tickets by the words in them."),
    "show": ("showing", "Show one ticket in full."),
    "customers": ("customers", "Find customers by name, e-mail, phone or contact."),
    "customers create": ("customers_create", "Create a customer."),
    "timers": ("billing", "Show a ticket's timer entries."),
    "timers add": ("timing", "Add a timer entry, without a comment."),
    "invoices": ("billing", "List a ticket's invoices, or the account's latest."),
    "invoice show": ("billing", "Show an invoice with its lines."),
    "invoice add-item": ("invoicing", "Add a line to an invoice."),
    "invoice delete": ("invoicing", "Delete an invoice."),
    "edit": ("writing", "Open a ticket's file in your editor and check it."),
    "create": ("creating", "Create a ticket, with its first comment."),
    "update": ("updating", "Change fields of a ticket."),
    "delete": ("correcting", "Delete a ticket in Syncro."),
    "comment": ("commenting", "Write a note and post it, with its time."),
    "start": ("running", "Start a timer for a ticket."),
    "stop": ("running", "Stop a timer: it becomes a note with its time."),
    "bill": ("billticket", "Post time, make the invoice, set Invoiced."),
    "correct": ("correcting", "Mend the time of posted work."),
    "close": ("closing", "Post the resolution, set Resolved, offer the session log."),
    "session-log": ("logging", "Render session logs of a ticket, a day or a month."),
    "templates": ("templating", "List, show and copy the templates of logs and comments."),
    "log": ("auditing", "Show what was posted, from the audit trail."),
    "report": ("reporting", "Report worked, billed and unbilled time and money."),
    "completion": ("shells", "Have your shell complete commands and numbers."),
    "merge-driver": ("merging", "Merge a ticket's file; git calls it."),
    "sandbox": ("trying", "Serve a Syncro of your own on this machine."),
    "demo": ("trying", "Show the whole round on the sandbox."),
}
"""Every command: its module in this package, and the line that `synclog --help` shows. One of two words is a command
of its own, of that name: `customers create` is not the search for a customer called so."""


COMPLETE = "_SYNCLOG_COMPLETE"
"""The environment variable by which a shell asks what could come next."""


class LazyGroup(click.Group):
    """Loads a command's module when the command is run or asked for help: `--version` and `--help` stay quick.

    With a `prefix` it has the commands whose first word that is, where there is none of that word alone: `invoice`.
    """

    prefix = ""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lines())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = self.prefix + cmd_name
        if name not in COMMANDS:
            if not words_after(name, ""):
                return None
            group = LazyGroup(cmd_name, help=f"Commands whose first word is `{name}`.")
            group.prefix = f"{name} "
            return group
        module = importlib.import_module(f"synclog.cli.{COMMANDS[name][0]}")
        found = [c for c in vars(module).values() if isinstance(c, click.Command) and c.name == name]
        return found[0]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lines().items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        for many in (2, 1):
            name = " ".join(args[:many])
            if len(args) >= many and (self.prefix + name in COMMANDS):
                return name, self.get_command(ctx, name), args[many:]
        if args and not words_after(self.prefix + args[0], "") and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self._lines(), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"there is no command {self.prefix + args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if self.prefix or incomplete.startswith("-"):
            options = click.Command.shell_complete(self, ctx, incomplete)
            return options + words_after(self.prefix.rstrip(), incomplete)
        from click.shell_completion import CompletionItem

        first = {name.split()[0]: line for name, (_, line) in reversed(COMMANDS.items())}
        return [CompletionItem(word, help=first[word]) for word in sorted(first) if word.startswith(incomplete)]

    def _lines(self) -> dict[str, str]:
        """The commands of this group, with what `--help` says of each."""
        return {k.removeprefix(self.prefix): line for k, (_, line) in COMMANDS.items() if k.startswith(self.prefix)}


def words_after(first: str, begun: str) -> list[CompletionItem]:
    """Return what the second word of a command can be whose first word is `first`, as a shell is offered it."""
    from click.shell_completion import CompletionItem

    words = {name: line for name, (_, line) in COMMANDS.items() if name.startswith(f"{first} {begun}")}
    return [CompletionItem(name.removeprefix(f"{first} "), help=line) for name, line in words.items()]


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: synclog demo. Every command has --help with examples.",
)
@click.option("-C", "directory", metavar="DIR", type=click.Path(), help="Work as if started in DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout, also on failure.")
@click.option("-v", "--verbose", is_flag=True, help="Say every request to Syncro on stderr.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
@click.version_option(__version__, prog_name="synclog", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, directory: str | None, as_json: bool, verbose: bool, quiet: bool) -> None:
    """Syncro tickets as markdown files in git; notes and time go back exactly once."""
    app = ctx.ensure_object(App)
    app.directory = directory
    app.as_json = app.as_json or as_json
    app.quiet = quiet
    if verbose:
        _log_requests()


def _log_requests() -> None:
    """Say every request on stderr, with what became of it."""
    import logging

    logger = logging.getLogger("synclog.syncro")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def run(args: Sequence[str] | None = None, glance: Glance | None = None) -> int:
    """Run the command line with `args` (None: the process's own); return the exit code, having printed everything.
    `glance` is git's look at the workspace of the current folder, where it has begun."""
    if COMPLETE in os.environ and args is None:
        from synclog.cli.shells import answer

        return answer(cli)
    argv = list(sys.argv[1:] if args is None else args)
    words = argv[: argv.index("--")] if "--" in argv else argv
    app = App(as_json="--json" in words, glance=glance)
    try:
        code = cli.main(argv, prog_name="synclog", standalone_mode=False, obj=app)
        return int(code) if isinstance(code, int) else Exit.DONE
    except SynclogError as error:
        return app.fail(error.exit_code, error.kind, error.message, error.remedy)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        remedy = f"see `{context.command_path} --help`" if context else ""
        return app.fail(Exit.USAGE, "usage", error.format_message(), remedy)
    except (KeyboardInterrupt, click.Abort):
        return app.fail(
            Exit.INTERRUPTED, "interrupted", "interrupted; nothing is lost, the next run goes on from here", ""
        )
    except BrokenPipeError:
        _silence_stdout()
        return Exit.DONE
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return app.fail(Exit.FAILED, "storage", f"{error.strerror or type(error).__name__}{where}", "")
    except Exception as error:
        return app.fail(Exit.FAILED, "bug", *_bug(error))


def _bug(error: Exception) -> tuple[str, str]:
    """What is said of an error that nobody foresaw: where it was, and never its text, which may hold anything."""
    import traceback

    frames = [f for f in traceback.extract_tb(error.__traceback__) if "synclog" in f.filename]
    where = (
        f"{frames[-1].filename.rpartition('synclog')[2].lstrip('/')}:{frames[-1].lineno}" if frames else "unknown place"
    )
    message = f"this is a bug in synclog {__version__}: {type(error).__name__} at {where}"
    return message, "nothing more was done; run `synclog status`, and please report this line"


def _silence_stdout() -> None:
    """The reader of our output is gone; Python must not complain about it at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
