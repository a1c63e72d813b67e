"""The account's own lists (technicians, statuses), kept for a day in `.synclog/` and asked for again when gone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from synclog.model import AccountSettings, Person

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.workspace.workspace import Workspace

_FILE = "account.json"
_KEPT = timedelta(days=1)


def account_of(session: Session, *, fresh: bool = False, keep: bool = True) -> AccountSettings:
    """Return the account's lists: what is kept when younger than a day and from the same host, else asked for, and
    kept where `keep` allows to write. `fresh` asks in any case."""
    kept = None if fresh else _kept(session.workspace, session.clock.now())
    if kept is not None:
        return kept
    account = session.client.account_settings()
    if keep:
        _keep(session.workspace, account, session.clock.now())
    return account


def known_account(workspace: Workspace) -> AccountSettings | None:
    """Return what is kept, however old, without asking; None when nothing is."""
    return _kept(workspace, None)


def _keep(workspace: Workspace, account: AccountSettings, now: datetime) -> None:
    people = [[p.id, p.name] for p in account.technicians]
    document = {
        "host": workspace.settings.syncro.base_url,
        "at": now.isoformat(),
        "statuses": list(account.statuses),
        "technicians": people,
        "problem_types": list(account.problem_types),
        "ticket_types": [[p.id, p.name] for p in account.ticket_types],
        "default_labor_product_id": account.default_labor_product_id,
    }
    workspace.write_state(_FILE, json.dumps(document, ensure_ascii=False))


def _kept(workspace: Workspace, now: datetime | None) -> AccountSettings | None:
    try:
        document = json.loads((workspace.state_dir / _FILE).read_text("utf-8"))
        if document["host"] != workspace.settings.syncro.base_url:
            return None
        if now is not None and not timedelta(0) <= now - datetime.fromisoformat(document["at"]) < _KEPT:
            return None
        labor = document["default_labor_product_id"]
        return AccountSettings(
            statuses=tuple(map(str, document["statuses"])),
            technicians=tuple(Person(int(i), str(n)) for i, n in document["technicians"]),
            problem_types=tuple(map(str, document["problem_types"])),
            ticket_types=tuple(Person(int(i), str(n)) for i, n in document["ticket_types"]),
            default_labor_product_id=labor if isinstance(labor, int) else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
