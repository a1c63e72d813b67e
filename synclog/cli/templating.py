"""`templates`: which templates there are, and how to begin one of one's own."""

from __future__ import annotations

import click

from synclog.cli.context import App, Report, pass_app, reporting


@click.group(
    epilog="""\b
Examples:
  synclog templates list
  synclog templates show session-log-full.md.j2
  synclog templates copy session-log-full.md.j2
  synclog templates copy short --force
"""
)
def templates() -> None:
    """List, show and copy the templates that session logs and comments are made with.

    A file in the workspace's templates/ comes before the packaged one of the same name.
    """


@templates.command("list", epilog="\b\nExample:\n  synclog templates list")
@pass_app
@reporting
def list_(app: App) -> Report:
    """List all templates, the workspace's own and the packaged ones."""
    from synclog.app.templating import templates_here

    found = templates_here(app.workspace())
    wide = max(len(one.name) for one in found)
    lines = [f"{one.name:<{wide}}  {one.state}" for one in found]
    return Report({"templates": [{"name": one.name, "state": one.state, "log": one.log} for one in found]}, lines)


@templates.command("show", epilog="\b\nExample:\n  synclog templates show short")
@click.argument("name")
@click.option("--packaged", is_flag=True, help="Show the packaged one, even if the workspace has its own.")
@pass_app
@reporting
def show(app: App, name: str, packaged: bool) -> Report:
    """Print a template: the workspace's own where it has one. NAME is its file, or of a session log's just the name."""
    from synclog.app.templating import template_source

    found, source = template_source(app.workspace(), name, packaged=packaged)
    return Report({"name": found, "source": source}, [source.rstrip("\n")])


@templates.command("copy", epilog="\b\nExample:\n  synclog templates copy session-log-full.md.j2")
@click.argument("name")
@click.option("--force", is_flag=True, help="Replace one that was edited; the old one is kept beside it.")
@pass_app
@reporting
def copy(app: App, name: str, force: bool) -> Report:
    """Copy a packaged template into the workspace's templates/, to be edited there. It is not committed."""
    from synclog.app.templating import copy_template

    copied = copy_template(app.workspace(), name, force=force)
    lines = [f"{'copied' if copied.is_new else 'it is there already'}: {copied.path}"]
    lines += [f"the old one is kept: {copied.kept}"] if copied.kept else []
    return Report({"path": copied.path, "new": copied.is_new, "kept": copied.kept}, lines)
