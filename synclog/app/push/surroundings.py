"""What a push works in, passed in: the desk (files and their history), the way to Syncro, the clock.

The engine knows files by what they say and changes them by edits that are values. So it runs the same over a git
repository and over one that a simulation keeps in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from synclog.app.session import Clock, Progress, Tell, nothing
from synclog.core.merge import Value
from synclog.core.notes import Note, Stamp
from synclog.core.oneoffs import OneOff
from synclog.core.settings import Settings
from synclog.core.trail import Ledger
from synclog.model import AccountSettings, Reference, TicketNumber

if TYPE_CHECKING:
    from synclog.app.files import TicketFiles
    from synclog.app.mirroring import Mirroring
    from synclog.app.reading import Sight
    from synclog.core.drafts import DraftFile
    from synclog.core.invoicing import NoInvoice
    from synclog.core.ticketfile import TicketFile
    from synclog.syncro.client import SyncroClient


@dataclass(frozen=True, slots=True)
class FileEdit:
    """What is to change in a ticket's file. Notes are named by their index in the file as it was read.

    `stamps` (None takes one away), then `without`, then `added` at the end; `fields` of the front matter; `state` and
    `doing` are what stands under `synclog:` afterwards, where they are given; `gone` says so. With `sight` the file
    is brought up to date with it afterwards; what stands again in it of `owner`'s posted work is remembered, but for
    the reference `besides`.
    """

    stamps: Mapping[int, Stamp | None] = field(default_factory=dict)
    without: tuple[int, ...] = ()
    added: tuple[Note, ...] = ()
    fields: Mapping[str, Value | bool] = field(default_factory=dict)
    state: FileState | None = None
    sight: Sight | None = None
    owner: int | None = None
    besides: Reference | None = None
    doing: tuple[OneOff, ...] | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class FileState:
    """What synclog remembers in a file: since which invoice id one is asked for, and a draft's stamp."""

    invoice_after: int | None = None
    create: Stamp | None = None


MakeEdit = Callable[["TicketFile"], FileEdit]
"""Makes the edit of a file from the file as it is now; raises what keeps it from being made."""


class Desk(Protocol):
    """The technician's side: ticket files, and the history that keeps them.

    A change is durable when the call that makes it returns, and whole or not at all whenever the process dies. Paths
    are the workspace's own.
    """

    @property
    def settings(self) -> Settings: ...

    def check_ready(self, *, signing: bool = False) -> None:
        """Raise RepositoryState or Busy unless commits can be made now; with `signing` try that too."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold the workspace: one process at a time, over all work trees. Raises Busy."""

    def finish_interrupted(self) -> None:
        """Commit what a killed run had written and not committed."""

    def turn(self) -> str:
        """Return the word of the last push that sent something, from whichever work tree."""

    def take_turn(self) -> str:
        """Change that word, and return it."""

    def sent_lately(self) -> Collection[Reference]:
        """Return the references that were sent from this clone lately, with whatever outcome."""

    def note_sent(self, reference: Reference, *, refused: bool = False) -> None:
        """Remember before it is sent that something is; forget it where it was surely refused."""

    def account(self, *, keep: bool = True) -> AccountSettings:
        """Return the account's lists, kept for a day; `keep` allows to write them down."""

    def files(self, account: AccountSettings | None = None) -> TicketFiles:
        """Return all ticket files as they are on disk, checked against the account's lists."""

    def drafts(self, files: TicketFiles) -> list[DraftFile]:
        """Return the drafts of `files` with the customer each one is for."""

    def commit_edits(self) -> None:
        """Commit what the technician wrote and did not commit, as theirs; what was saved from a stale buffer is put
        together with what was committed since it was opened."""

    def commit_stale(self) -> None:
        """Do so with what was saved from a stale buffer alone."""

    def not_mine(self, file: TicketFile, spans: Sequence[tuple[int, int]], author: str | None) -> list[str | None]:
        """Return for each range of lines whose it is, None where it is one's own (or `author`'s, who was asked for)."""

    def no_invoice(self, path: str, customer: int | None) -> NoInvoice | None:
        """Return why a ticket of a customer (id), whose file is at `path`, is never invoiced by itself; None where it
        may be."""

    def unchanged(self, path: str, text: str) -> bool:
        """Return whether the file at `path` still holds `text`."""

    def current(self, path: str, mirroring: Mirroring) -> TicketFile:
        """Return a file as it is now, what was edited in it being committed first. Raises InvalidFile, DecisionNeeded
        when it is not there any more."""

    def rewrite(self, path: str, mirroring: Mirroring, edit: MakeEdit, message: str) -> None:
        """Change a file and commit it with `message`; made anew where an editor saved it meanwhile."""

    def stamp(self, stamps: Mapping[str, FileEdit], known: Mapping[str, TicketFile], message: str) -> tuple[str, ...]:
        """Make these edits of files that are as `known`, in one commit; return the paths that were saved meanwhile."""

    def adopt(self, draft: str, mirroring: Mirroring, sight: Sight, message: str) -> str:
        """Make a draft's file that of the ticket that was created of it; return its path."""

    def record(self, message: str) -> None:
        """Commit `message` without any change of a file: what was posted and has left none."""

    def ledger(self, numbers: Collection[TicketNumber], *, drafts: bool = False) -> Ledger:
        """Return what history says of these tickets, and of new ones."""

    def created_from(self, path: str) -> Collection[Reference]:
        """Return the references under which drafts in the file at `path` became tickets, from history."""

    def stamped_note(self, reference: Reference) -> Note | None:
        """Return the note that this stamp was made for, as it was then, from history; None where no file had it."""

    def begun_one_off(self, name: Reference) -> OneOff | None:
        """Return the one-off of this id as it was begun, from history; None where no file had it."""

    def holds(self, reference: Reference) -> bool:
        """Return whether some file here names this reference."""

    def body(self, text: str, reference: Reference, work_day: date | None) -> str:
        """Return the HTML that a note is posted as."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One push's surroundings. `technician` is whom this machine's key must belong to, None: anyone."""

    desk: Desk
    client: SyncroClient
    technician: str | None = None
    clock: Clock = field(default_factory=Clock)
    tell: Tell = nothing
    progress: Progress = nothing

    @property
    def settings(self) -> Settings:
        """The workspace's settings."""
        return self.desk.settings

    def today(self) -> datetime:
        """Return the local time in the workspace's timezone."""
        return self.clock.now().astimezone(self.settings.timezone)
