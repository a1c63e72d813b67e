"""What the customers' cards say that decides something: how a customer is invoiced."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from synclog.app.folders import CLIENTS, Folders
from synclog.core.clientcard import card_id
from synclog.core.invoicing import NoInvoice, no_invoice

if TYPE_CHECKING:
    from synclog.workspace.workspace import Workspace


class Cards:
    """The cards of a workspace, each read where it is asked for, as it is then."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def no_invoice(self, path: str, customer: int | None) -> NoInvoice | None:
        """Return why a ticket of `customer` (id), whose file is at `path`, is never invoiced by itself; None where it
        may be. The card beside the file is asked, unless that is another customer's."""
        own = f"{CLIENTS}/{PurePosixPath(path).parts[1]}/client.md"
        text = self._text(own)
        of = card_id(text)
        if text is not None and (customer is None or of in (None, customer)):
            return no_invoice(text, own)
        folder = self._folders.by_customer.get(customer) if customer is not None else None
        if folder is None:
            return None
        theirs = f"{CLIENTS}/{folder}/client.md"
        text = self._text(theirs)
        return no_invoice(text, theirs) if text is not None else None

    @cached_property
    def _folders(self) -> Folders:
        return Folders.of(self._workspace, [])

    def _text(self, path: str) -> str | None:
        if not self._workspace.exists(path):
            return None
        return self._workspace.read_bytes(path).decode("utf-8", "replace")
