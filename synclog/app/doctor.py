"""Looking at everything that has to be right before work goes well, each finding with its remedy. Writes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from synclog.app.folders import CLIENTS
from synclog.app.push.invoices import INVOICED
from synclog.app.push.planning import check_technician
from synclog.app.session import Session, connect
from synclog.core.document import left_by_a_merge
from synclog.core.money import money
from synclog.core.settingsfile import host_of
from synclog.core.trail import Ledger
from synclog.errors import Exit, NotFound, SynclogError, worst
from synclog.workspace.mergedriver import driver_problem

if TYPE_CHECKING:
    from synclog.model import Product
    from synclog.workspace.workspace import Workspace

_CLOCK = timedelta(minutes=2)
_LATELY = timedelta(days=30)
_HOSTING = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "dev.azure.com")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `state` is `ok`, `warn` (works, could be better) or `wrong`."""

    subject: str
    state: Literal["ok", "warn", "wrong"]
    message: str
    remedy: str = ""
    exit_code: Exit = Exit.DONE


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, in the order in which they were looked at; `labor` are the account's labor products where asked."""

    findings: tuple[Finding, ...]
    labor: tuple[Product, ...] = ()

    @property
    def exit_code(self) -> Exit:
        """The worst of what is wrong; 0 when nothing is."""
        return worst(*(finding.exit_code for finding in self.findings))


def diagnose(workspace: Workspace, *, labor: bool = False, environ: Mapping[str, str] = os.environ) -> Diagnosis:
    """Look at settings, git, key, account and clock. Goes on after what is wrong, as far as that makes sense."""
    findings = [
        Finding("settings", "ok", f"{workspace.root}: account {workspace.settings.syncro.base_url}"),
        *_git(workspace),
    ]
    try:
        session = connect(workspace, environ=environ)
    except SynclogError as error:
        return Diagnosis((*findings, _wrong("key", error)))
    with session:
        findings += _account(session)
        products = session.client.labor_products() if labor and findings[-1].exit_code != Exit.NOT_AUTHORISED else ()
    return Diagnosis(tuple(findings), products)


def _git(workspace: Workspace) -> Iterator[Finding]:
    try:
        workspace.history.check_ready()
        name, email = workspace.history.identity()
        yield Finding("git", "ok", f"ready; you are {name} <{email}>")
    except SynclogError as error:
        yield _wrong("git", error)
    yield from _merging(workspace)
    for remote, url in workspace.history.remotes():
        if any(host in url for host in _HOSTING):
            yield Finding(
                "git remote",
                "warn",
                f"{remote} is at a public hosting service: {_without_login(url)}",
                "make sure that the repository is private: tickets hold what customers wrote, passwords included",
            )


def _merging(workspace: Workspace) -> Iterator[Finding]:
    """Whether git merges ticket files with synclog, and what merges without it have left."""
    problem = driver_problem(workspace.history.git)
    remedy = f"run `synclog init` in {workspace.root}"
    if problem:
        yield Finding("merge driver", "warn", problem, remedy)
    else:
        yield Finding("merge driver", "ok", "git merges ticket files with synclog")
    for path in workspace.ticket_paths():
        left = left_by_a_merge(workspace.read_bytes(path).decode("utf-8", "replace"))
        if left is not None:
            yield Finding("merge", "wrong", f"{path}:{left.line}: {left.message}", left.remedy, Exit.DECISION)
    for path in workspace.history.bases_gone_back(CLIENTS):
        message = f"{path}: a merge left it with an older state of Syncro than it had"
        yield Finding("merge", "warn", message, "run `synclog pull`: it brings it up to date")


def _account(session: Session) -> Iterator[Finding]:
    """What only the account can tell: the key's owner first; nothing else makes sense without it."""
    try:
        me = session.client.me()
        yield Finding("key", "ok", f"works; it belongs to {me.name} (user {me.user_id})")
        check_technician(session.technician, me)
    except SynclogError as error:
        yield _wrong("key", error)
        return
    if session.technician is None:
        host = host_of(session.workspace.settings.syncro.base_url)
        remedy = f"write `tech: {me.name}` below `hosts: {host}:` in your config.yaml: a wrong key then stops a push"
        yield Finding("technician", "warn", "this machine does not say whose key it should have", remedy)
    yield from _clock(session)
    for look in (_labor, _lists, _time, _auth):
        yield from _guarded(look, session)


def _clock(session: Session) -> Iterator[Finding]:
    theirs = session.client.server_time
    if theirs is None:
        return
    off = abs(session.clock.now() - theirs)
    if off > _CLOCK:
        yield Finding(
            "clock",
            "warn",
            f"this machine's clock and Syncro's are {round(off.total_seconds() / 60)} min apart",
            "set the clock: the day of a note without a date is this machine's day",
        )
    else:
        yield Finding("clock", "ok", "agrees with Syncro's")


def _labor(session: Session) -> Iterator[Finding]:
    settings = session.workspace.settings
    if not settings.labor:
        remedy = "`synclog doctor --labor` lists them as lines to paste into synclog.yaml"
        yield Finding("labor", "warn", "no labor products are configured; notes can't carry time", remedy)
    for labor in settings.labor.values():
        try:
            product = session.client.product(labor.product_id)
        except NotFound:
            yield Finding(
                "labor",
                "wrong",
                f"{labor.alias}: the account has no product {labor.product_id}",
                "`synclog doctor --labor` lists the right ones",
                Exit.USAGE,
            )
            continue
        if product.category is not None and "labo" not in product.category.casefold():
            message = f"{labor.alias}: {product.name} is no labor product ({product.category}): Syncro drops its time"
            yield Finding("labor", "warn", message, "`synclog doctor --labor` lists the right ones")
            continue
        yield Finding("labor", "ok", f"{labor.alias}: {product.name}, {money(product.price)}/h")


def _lists(session: Session) -> Iterator[Finding]:
    account = session.client.account_settings()
    yield Finding("statuses", "ok", ", ".join(account.statuses))
    if INVOICED not in account.statuses:
        yield Finding("statuses", "warn", f"there is no status {INVOICED!r}: invoicing leaves the status as it is")


def _time(session: Session) -> Iterator[Finding]:
    """What is known beforehand of how time fares on the configured way."""
    via = session.workspace.settings.via
    if via == "timer":
        yield Finding("time", "ok", "time goes as timer entries, each read back")
        return
    if via == "line_item":
        message = "time goes as charges, which Syncro's own time reports don't show"
        yield Finding("time", "warn", message, "`time: via: timer` in synclog.yaml shows there")
        return
    ledger = Ledger(session.workspace.history.trail())
    posted = next((e for e in ledger.entries if e.op == "comment" and (e.time_waits or e.minutes is not None)), None)
    if posted is not None and posted.reference in ledger.untimed:
        message = f"time goes with the comment, and was dropped for #{posted.ticket} ({posted.reference})"
        remedy = "set `time: via: timer` in synclog.yaml; the next push sends that time alone"
        yield Finding("time", "wrong", message, remedy, Exit.DECISION)
        return
    if posted is not None and not posted.time_waits:
        yield Finding("time", "ok", f"time goes with the comment, and was recorded for #{posted.ticket}")
        return
    since = session.clock.now() - _LATELY
    linked = sum(1 for timer in session.client.timers(created_after=since) if timer.comment_id is not None)
    if linked:
        message = f"time goes with the comment; {linked} entries of the last 30 days came that way"
        yield Finding("time", "ok", message)
        return
    yield Finding(
        "time",
        "warn",
        "time goes with the comment, which some accounts drop; nothing here tells yet whether this one does",
        "push one short note with time: it is read back, and if it was dropped, synclog says so",
    )


def _auth(session: Session) -> Iterator[Finding]:
    if session.workspace.settings.syncro.auth == "query":
        yield Finding(
            "auth",
            "warn",
            "the key travels in the address of each request",
            "`auth: bearer` below `syncro:` keeps it out of proxy logs, where the account takes it",
        )


def _guarded(look: Callable[[Session], Iterator[Finding]], session: Session) -> Iterator[Finding]:
    try:
        yield from look(session)
    except SynclogError as error:
        yield _wrong(look.__name__.lstrip("_"), error)


def _wrong(subject: str, error: SynclogError) -> Finding:
    return Finding(subject, "wrong", error.message, error.remedy, error.exit_code)


def _without_login(url: str) -> str:
    """A remote's address without the password that some people keep in it."""
    parts = urlsplit(url)
    return url if "@" not in parts.netloc else url.replace(parts.netloc, parts.netloc.rpartition("@")[2])
