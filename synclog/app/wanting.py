"""What is wanted of a ticket's fields, matched against the account's own lists: live ones, or those kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synclog.app.account import account_of, known_account
from synclog.core.merge import Value
from synclog.core.settingsfile import host_of
from synclog.core.wanted import ME, Lists, Wanted, values_of
from synclog.errors import UsageError
from synclog.model import AccountSettings, Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synclog.app.session import Session
    from synclog.workspace.workspace import Workspace


def live_values(session: Session, customer_id: int, wanted: Wanted) -> dict[str, Value]:
    """Return the values of `wanted` in the account's words, a contact being one of this customer.

    What is kept of the account is asked for again where it does not know a name. Raises UsageError for a name that it
    does not know either, and what the client raises.
    """
    client = session.client
    contacts = client.contacts(customer_id) if wanted.texts.get("contact") else None
    me = None
    if _names_me(wanted):
        owner = client.me()
        me = Person(owner.user_id, owner.name)
    try:
        return values_of(wanted, _lists(account_of(session), contacts, me))
    except UsageError:
        return values_of(wanted, _lists(account_of(session, fresh=True), contacts, me))


def kept_values(workspace: Workspace, wanted: Wanted) -> dict[str, Value]:
    """Return the same by what is kept here of the account, without asking. What nothing is kept of stays as it was
    typed, and so does a contact: push matches it. Raises UsageError."""
    account = known_account(workspace)
    me = _technician_here(workspace, account) if _names_me(wanted) else None
    return values_of(wanted, _lists(account, None, me) if account else Lists(me=me))


def _names_me(wanted: Wanted) -> bool:
    return (wanted.texts.get("assigned_to") or "").casefold() == ME


def _lists(account: AccountSettings, contacts: Sequence[Person] | None, me: Person | None) -> Lists:
    return Lists(account.statuses, account.problem_types, account.technicians, contacts, me)


def _technician_here(workspace: Workspace, account: AccountSettings | None) -> Person:
    """The technician of this machine by the personal settings, as the account's kept list has them."""
    from synclog.workspace.userconfig import load_user_config

    known = load_user_config().hosts.get(host_of(workspace.settings.syncro.base_url))
    tech = (known.tech or "").strip().casefold() if known else ""
    there = account.technicians if account else ()
    found = [person for person in there if tech and tech in (str(person.id), person.name.casefold())]
    if len(found) == 1:
        return found[0]
    remedy = "write the name, or leave out --queue: then Syncro is asked"
    raise UsageError("without asking Syncro it is not known here who `me` is", remedy=remedy)
