"""`init`, `trust`, `doctor`: making a workspace and seeing that all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from synclog.cli.context import App, Report, pass_app, reporting, styled
from synclog.cli.equipping import EDITORS, equipped
from synclog.core.money import money
from synclog.core.settings import TimeVia
from synclog.errors import RepositoryState, UsageError, worst

if TYPE_CHECKING:
    from synclog.app.equipping import Equipped

_STATES = {"ok": "green", "warn": "yellow", "wrong": "red"}


@click.command(
    epilog="""\b
Examples:
  synclog init my-msp --subdomain acme
  synclog init . --base-url https://acme.syncromsp.com/api/v1 --timezone America/Phoenix
  synclog init                     in a clone: readies it for this machine
  synclog init --assistant --editor vscode --hook
"""
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False))
@click.option("--base-url", metavar="URL", help="The account's API address.")
@click.option("--subdomain", metavar="NAME", help="Short for https://NAME.syncromsp.com/api/v1.")
@click.option("--timezone", metavar="ZONE", help="IANA name; the machine's when left out.")
@click.option("--tech", metavar="NAME", help="The Syncro user whose key this machine has.")
@click.option("--via", type=click.Choice(get_args(TimeVia)), help="How time reaches Syncro.")
@click.option("--assistant", is_flag=True, help="Write a command sheet for AI coding assistants.")
@click.option("--editor", type=click.Choice(EDITORS), help="Write settings, a task and snippets for this editor.")
@click.option("--hook", is_flag=True, help="Let git in this clone refuse ticket files that are not valid.")
@pass_app
@reporting
def init(
    app: App,
    folder: str | None,
    base_url: str | None,
    subdomain: str | None,
    timezone: str | None,
    tech: str | None,
    via: str | None,
    assistant: bool,
    editor: str | None,
    hook: bool,
) -> Report:
    """Make or adopt a workspace, or ready a clone. Needs neither key nor network.

    The host that you name here is trusted with this machine's key for it.
    """
    from contextlib import suppress
    from pathlib import Path

    from synclog.core.settingsfile import host_of
    from synclog.workspace.making import init_workspace
    from synclog.workspace.mergedriver import set_driver
    from synclog.workspace.userconfig import load_user_config, set_host
    from synclog.workspace.workspace import SETTINGS_FILE, Workspace

    target = Path(app.directory or ".") / (folder or ".")
    if base_url and subdomain:
        raise UsageError("--base-url and --subdomain say the same thing; give one")
    if (target / SETTINGS_FILE).exists() and not (base_url or subdomain):
        workspace = Workspace.open(target)
        with suppress(RepositoryState):  # of git that is not ready doctor tells
            set_driver(workspace.history.git)
        host = host_of(workspace.settings.syncro.base_url)
        asked = app.interactive and click.confirm(f"Send this machine's key for {host} to {host}?", err=True)
        if asked or tech:
            set_host(host, tech=tech)
        trusted = bool(asked or tech) or host in load_user_config().hosts
        added = equipped(app, workspace, assistant=assistant, editor=editor, hook=hook)
        return _made(workspace.root, host, [], added, adopted=True, trusted=trusted)
    address = base_url or (f"https://{subdomain}.syncromsp.com/api/v1" if subdomain else _ask_address(app))
    zone = timezone or _machine_zone()
    if app.interactive and timezone is None:
        zone = click.prompt("Timezone of the workspace", default=zone, err=True)
    _check_zone(zone)
    made = init_workspace(target, base_url=address, timezone=zone, via=_via(app, via))
    workspace = Workspace.open(target)
    host = host_of(workspace.settings.syncro.base_url)
    set_host(host, tech=tech)
    added = equipped(app, workspace, assistant=assistant, editor=editor, hook=hook)
    return _made(workspace.root, host, made, added, adopted=False, trusted=True)


def _ask_address(app: App) -> str:
    if not app.interactive:
        raise UsageError("which account?", remedy="give --subdomain NAME or --base-url URL")
    name = click.prompt("Subdomain of your Syncro account (NAME in NAME.syncromsp.com)", err=True)
    return f"https://{name}.syncromsp.com/api/v1"


def _via(app: App, given: str | None) -> TimeVia:
    """How time reaches Syncro: as given, as answered, else with the comment."""
    kinds = click.Choice(get_args(TimeVia))
    if given is None and app.interactive:
        given = click.prompt("How does time reach Syncro", type=kinds, default="comment", err=True)
    return next((kind for kind in get_args(TimeVia) if kind == given), "comment")


def _check_zone(name: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        remedy = "use an IANA name such as America/Phoenix or Europe/Berlin"
        raise UsageError(f"{name!r} is not a timezone", remedy=remedy) from None


def _machine_zone() -> str:
    """The machine's IANA timezone, UTC where it has none."""
    import tzlocal

    try:
        return tzlocal.get_localzone_name() or "UTC"
    except Exception:  # tzlocal raises what the platform raises; a default is no loss, the name can be given
        return "UTC"


def _made(root: object, host: str, made: list[str], added: Equipped, *, adopted: bool, trusted: bool) -> Report:
    made = [*made, *added.made]
    lines = [f"{'ready' if adopted else 'made'}: {root}", *(f"  {name}" for name in made), *added.told]
    if trusted:
        lines.append(f"keys for {host} may be sent there from this machine")
    else:
        lines.append(f"no key is sent to {host} from this machine until you run: synclog trust {host}")
    lines.append("next: synclog doctor, then synclog pull")
    code = worst(*(error.exit_code for error in added.errors))
    return Report({"workspace": str(root), "host": host, "made": made}, lines, added.errors, code)


@click.command(
    epilog="""\b
Examples:
  synclog trust acme.syncromsp.com
"""
)
@click.argument("host")
@pass_app
@reporting
def trust(app: App, host: str) -> Report:
    """Let this machine's key for HOST be sent there.

    A cloned workspace names a server; until you trust it here, it gets no key.
    """
    from synclog.workspace.userconfig import trust_host

    new = trust_host(host)
    return Report({"host": host, "new": new}, [f"{host} is trusted" + ("" if new else " already")])


@click.command(
    epilog="""\b
Examples:
  synclog doctor
  synclog doctor --labor         the account's labor products, as lines to paste into synclog.yaml
"""
)
@click.option("--labor", is_flag=True, help="List the account's labor products as lines to paste.")
@pass_app
@reporting
def doctor(app: App, labor: bool) -> Report:
    """Check settings, git, key and its owner, labor products and rates, statuses, clock."""
    from synclog.app.doctor import diagnose

    found = diagnose(app.workspace(), labor=labor)
    lines = []
    for finding in found.findings:
        lines.append(styled(f"{finding.state:6}", fg=_STATES[finding.state]) + f"{finding.subject}: {finding.message}")
        if finding.remedy:
            lines.append(f"      -> {finding.remedy}")
    if labor:
        lines += ["", "labor:", *(f"  {_alias(p.name)}: {p.id}   # {p.name}, {money(p.price)}/h" for p in found.labor)]
    findings = [
        {"subject": f.subject, "state": f.state, "message": f.message, "remedy": f.remedy} for f in found.findings
    ]
    products = [{"id": p.id, "name": p.name, "price": str(p.price)} for p in found.labor]
    return Report({"findings": findings, "labor": products}, lines, (), found.exit_code)


def _alias(name: str) -> str:
    """A short alias to paste for a product: the first word of its name that is not `labor`."""
    from synclog.core.slugs import slug

    words = [word for word in slug(name, "labor").split("-") if word not in ("labor", "labour")]
    return words[0] if words else "labor"
