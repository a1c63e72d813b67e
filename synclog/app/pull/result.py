"""What a pull did."""

from __future__ import annotations

from dataclasses import dataclass, field

from synclog.errors import Exit, InvalidFile, SynclogError, worst
from synclog.model import TicketNumber


@dataclass(slots=True)
class PullResult:
    """What a pull did. Ticket numbers; `invalid` are files left as they are, `restored` read-only edits put back,
    `brought_back` files that were deleted by hand, `recorded` references of notes that were posted before and not
    recorded, `undecided` what a person has to settle, `failed` what could not be read."""

    new: list[TicketNumber] = field(default_factory=list)
    changed: list[TicketNumber] = field(default_factory=list)
    conflicts: dict[TicketNumber, tuple[str, ...]] = field(default_factory=dict)
    restored: dict[TicketNumber, tuple[str, ...]] = field(default_factory=dict)
    brought_back: list[TicketNumber] = field(default_factory=list)
    gone: list[TicketNumber] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)
    invalid: list[InvalidFile] = field(default_factory=list)
    undecided: list[SynclogError] = field(default_factory=list)
    failed: list[SynclogError] = field(default_factory=list)
    committed: list[str] = field(default_factory=list)
    requests: int = 0

    @property
    def exit_code(self) -> Exit:
        """3 where something needs a decision, 1 where something failed, 0 otherwise."""
        decision = Exit.DECISION if self.conflicts or self.invalid else Exit.DONE
        return worst(decision, *(error.exit_code for error in (*self.failed, *self.undecided)))

    def refuse(self, invalid: InvalidFile) -> None:
        """Name a file that is not valid, once."""
        if invalid.path not in {known.path for known in self.invalid}:
            self.invalid.append(invalid)
