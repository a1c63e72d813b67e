"""A ticket's edited fields as Syncro takes them: known names, and nobody else's change overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from synclog.core.cleantext import clean_line
from synclog.core.fields import WIRE_NAMES
from synclog.core.merge import Value, joined_tags, same
from synclog.core.names import NameProblem, display_names, match_name, match_text
from synclog.core.plan import PlannedChange
from synclog.core.work import FieldChange, Held
from synclog.model import AccountSettings, Person

if TYPE_CHECKING:
    from synclog.app.mirroring import Mirroring
    from synclog.app.push.looking import Look
    from synclog.syncro.client import SyncroClient

WireValue = str | int | tuple[str, ...] | None


def change_plans(
    client: SyncroClient, look: Look, mirroring: Mirroring
) -> tuple[tuple[PlannedChange, ...], tuple[Held, ...]]:
    """Return the edits to send with their wire values, and those that can't be: unknown names, changed meanwhile."""
    planned: list[PlannedChange] = []
    held: list[Held] = []
    if look.sight is None:
        return (), ()
    theirs = mirroring.fields_of(look.sight)
    for change in look.work.changes:
        now = theirs[change.field]
        if not same(now, change.base) and not same(now, change.mine) and change.field != "tags":
            reason = f"`{change.field}` was changed in Syncro meanwhile, to {now or 'nothing'}"
            held.append(Held(change.field, reason, f"run `synclog pull {look.work.number}`", change.line, True))
            continue
        if isinstance(change.mine, tuple) or isinstance(now, tuple):
            change = replace(change, mine=joined_tags(change.base, change.mine, now))
        contacts = client.contacts(look.sight.ticket.customer_id) if change.field == "contact" else ()
        value = wire_value(change, contacts, mirroring.account)
        if isinstance(value, Held):
            held.append(value)
            continue
        made = PlannedChange(change, wire_name(change.field), value, done=False)
        planned.append(replace(made, done=made.is_in(look.sight.ticket, now)))
    return tuple(planned), tuple(held)


def wire_name(field: str) -> str:
    """Return what Syncro calls a field."""
    return WIRE_NAMES.get(field, field)


def wire_value(change: FieldChange, contacts: Sequence[Person], account: AccountSettings) -> WireValue | Held:
    """Return what Syncro is sent for an edit, or why it can't be: a name it does not have, or not just one."""
    mine: Value = change.mine
    if isinstance(mine, tuple) or mine is None:
        return mine
    if change.field in ("assigned_to", "contact"):
        people = account.technicians if change.field == "assigned_to" else contacts
        person = match_name(mine, people)
        if isinstance(person, NameProblem):
            known = person.instead(display_names(people).values())
            return Held(change.field, clean_line(str(person)), clean_line(known), change.line, True)
        return person.id
    if change.field == "status":
        status = match_text(mine, account.statuses)
        if isinstance(status, NameProblem):
            known = status.instead(account.statuses)
            return Held(change.field, clean_line(str(status)), clean_line(known), change.line, True)
        return status
    return mine
