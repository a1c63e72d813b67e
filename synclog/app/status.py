"""What is pending, held, conflicted or invalid: from the files and git alone, without network and without a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from synclog.app.files import IndexedFiles, slips_of
from synclog.app.indexing import Raw, with_index
from synclog.errors import Exit, InvalidFile
from synclog.workspace.paths import shown

if TYPE_CHECKING:
    from synclog.core.ticketfile import FileRules, TicketFile
    from synclog.core.work import TicketWork
    from synclog.model import TicketNumber
    from synclog.workspace.ticketindex import TicketIndex
    from synclog.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Status:
    """`works` are the tickets with something pending or held, by number; `drafts` the paths of tickets to be made;
    `tickets` how many files there are; `slips` lines about what is valid and looks like a slip."""

    works: tuple[TicketWork, ...]
    invalid: tuple[InvalidFile, ...]
    drafts: tuple[str, ...]
    tickets: int
    slips: tuple[str, ...] = ()

    @property
    def exit_code(self) -> Exit:
        """3 when something needs a decision, else 0."""
        decides = any(held.decision for work in self.works for held in work.held)
        return Exit.DECISION if decides or self.invalid else Exit.DONE


def status(workspace: Workspace, numbers: Sequence[TicketNumber] = (), *, now: datetime | None = None) -> Status:
    """Return what is pending in the files of `numbers` (none: all). Raises UnknownTicket, InvalidFile."""
    moment = now or datetime.now(UTC)

    def read(index: TicketIndex, raw: Raw) -> Status:
        files = IndexedFiles(workspace, index, raw, rules_here(workspace))
        chosen = files.only(numbers)
        works = _works(workspace, files, chosen, moment, drafts=not numbers)
        invalid = () if numbers else files.open.invalid
        slips = slips_of([*chosen, *([] if numbers else files.open.drafts)])
        return Status(works, invalid, tuple(d.path for d in files.open.drafts), files.count, slips)

    return with_index(workspace, read)


def check(workspace: Workspace, paths: Sequence[str] = ()) -> tuple[tuple[InvalidFile, ...], tuple[str, ...]]:
    """Return what is wrong with the ticket files at `paths` (none: all), and the slips in them. Changes nothing."""

    def read(index: TicketIndex, raw: Raw) -> tuple[tuple[InvalidFile, ...], tuple[str, ...]]:
        files = IndexedFiles(workspace, index, raw, rules_here(workspace)).open
        chosen = [file for file in (*files.tickets.values(), *files.drafts) if not paths or file.path in paths]
        named = set(map(shown, paths))
        return tuple(problem for problem in files.invalid if not paths or problem.path in named), slips_of(chosen)

    return with_index(workspace, read)


def rules_here(workspace: Workspace) -> Callable[[], FileRules]:
    """Return what gives the rules of this workspace, with the account's lists as far as they are known: once."""

    @cache
    def rules() -> FileRules:
        from synclog.app.account import known_account
        from synclog.app.mirroring import file_rules

        return file_rules(workspace.settings, known_account(workspace))

    return rules


def _works(
    workspace: Workspace, files: IndexedFiles, chosen: Sequence[TicketFile], now: datetime, *, drafts: bool
) -> tuple[TicketWork, ...]:
    """What is pending or held in the `chosen` files, and in `drafts`."""
    if not chosen and not (drafts and files.open.drafts):
        return ()
    from synclog.app.cards import Cards
    from synclog.app.drafts import drafts_of
    from synclog.app.pending import pending_work, with_waiting
    from synclog.app.whose import Whose

    settings = workspace.settings
    today = now.astimezone(settings.timezone).date()
    new = drafts_of(workspace, files.with_neighbours(files.open.drafts)) if drafts else ()
    whose = Whose(
        workspace, [file for file in (*chosen, *files.open.drafts) if file.notes or file.is_draft or file.doing]
    )
    cards = Cards(workspace)
    works = pending_work(settings, files.open, chosen, today, whose, drafts=new, no_invoice=cards.no_invoice)
    works = [with_waiting(work, settings) for work in works]
    return tuple(sorted((w for w in works if w.is_pending or w.held), key=lambda w: (w.number, w.path)))
