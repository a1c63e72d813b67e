"""Which folders and files are called otherwise than they would be today: names in, renames out, in order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from synclog.core.slugs import customer_slug, free_name, slug, ticket_filename
from synclog.model import TicketNumber


@dataclass(frozen=True, slots=True)
class CustomerFolder:
    """A customer's folder by its name, and what Syncro calls the customer."""

    folder: str
    customer_id: int
    customer: str


def folder_renames(folders: Iterable[CustomerFolder], there: Collection[str]) -> list[tuple[str, str]]:
    """Return the folders to rename, (name, new name), in an order in which every new name is free when its turn comes.

    `there` are the names of all that is beside them. A folder that is called after its customer, with the customer's id
    or without, keeps its name: so two customers of one name never swap theirs.
    """
    taken = {name.lower() for name in there}
    left = [f for f in sorted(folders, key=lambda f: f.customer_id) if not _is_named_after(f)]
    renames: list[tuple[str, str]] = []
    while left:
        # One whose name nobody has goes first: another may wait for the name that becomes free with it.
        free = (f for f in left if slug(f.customer, f"customer-{f.customer_id}") not in taken - {f.folder.lower()})
        one = next(free, left[0])
        left.remove(one)
        taken.discard(one.folder.lower())
        new = customer_slug(one.customer, one.customer_id, taken)
        taken.add(new.lower())
        if new.lower() != one.folder.lower():
            renames.append((one.folder, new))
    return renames


def file_rename(name: str, number: TicketNumber, subject: str, there: Collection[str]) -> str | None:
    """Return what a ticket's file would be called today, None where that is its name. `there` are the names of all that
    is in its folder. Names that differ in case alone are one."""
    others = {other.lower() for other in there} - {name.lower()}
    new = free_name(ticket_filename(number, subject), others)
    return None if new.lower() == name.lower() else new


def _is_named_after(folder: CustomerFolder) -> bool:
    plain = slug(folder.customer, f"customer-{folder.customer_id}")
    numbered = customer_slug(folder.customer, folder.customer_id, (plain,))
    return re.fullmatch(rf"(?:{plain}|{numbered}(?:-\d+)?)", folder.folder.lower()) is not None
