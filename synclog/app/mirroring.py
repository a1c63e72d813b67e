"""From what was read of a ticket to the text of its file: a new file, or the technician's file brought up to date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synclog.app.reading import Sight
from synclog.core import ticketfile
from synclog.core.fields import ticket_base, ticket_fields, web_base
from synclog.core.merge import Conflict, Value, merge_fields, same
from synclog.core.mirror import parse_mirror, render_mirror
from synclog.core.notes import Note
from synclog.core.references import note_content
from synclog.core.settings import Settings
from synclog.core.ticketfile import READ_ONLY, TICKET_EDITABLE, FileRules, TicketFile, parse_ticket_file
from synclog.core.work import invoice_work
from synclog.model import AccountSettings
from synclog.render.ticket import mirror_of

if TYPE_CHECKING:
    from synclog.core.mirror import Mirror


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A file brought up to date. `text` is the new text; `taken` the fields that came from Syncro; `restored` the
    read-only keys that were put back; `conflicts` those that stand now."""

    text: str
    taken: tuple[str, ...]
    restored: tuple[str, ...]
    conflicts: Mapping[str, Conflict]


@dataclass(frozen=True, slots=True)
class Mirroring:
    """How this workspace shows tickets. Pure: the same input renders the same bytes on every machine."""

    settings: Settings
    account: AccountSettings

    def rules(self) -> FileRules:
        """Return what a ticket file is checked against."""
        return file_rules(self.settings, self.account)

    def new_file(self, sight: Sight) -> str:
        """Return the text of a file for a ticket that has none."""
        fields = self._fields(sight, tuple(i.number for i in sight.invoices or ()))
        mirror = self._mirror(sight, None)
        return ticketfile.render_new_ticket_file(fields, mirror, self._base(sight, fields, mirror))

    def refreshed(self, file: TicketFile, sight: Sight) -> Refreshed:
        """Bring `file` up to date: merge the fields, put Syncro's own keys back, show the conversation as it is now."""
        old = parse_mirror(file.mirror, self.settings.timezone)
        if sight.invoices is None:
            numbers = file.base_invoices
        else:
            numbers = tuple(i.number for i in sight.invoices)
        theirs = self._fields(sight, numbers)
        merged = merge_fields(TICKET_EDITABLE, file.base_values, file.fields, theirs, file.conflicts)
        restored = tuple(edit.field for edit in file.read_only_edits)
        owned = {k: theirs[k] for k in READ_ONLY if not same(file.fields.get(k), theirs[k])}
        text = ticketfile.with_fields(file.text, {**merged.values, **owned})
        if dict(file.conflicts) != merged.conflicts:
            text = ticketfile.with_conflicts(text, merged.conflicts)
        if file.gone:
            text = ticketfile.with_gone(text, False)
        wish = invoice_work(file)
        begun = wish.begun(sight.invoices) if wish and sight.invoices else None
        if begun is not None and file.invoice_after is None:
            # An invoice was made since, by somebody else or from elsewhere: soon this file shows it, and forgets that.
            text = ticketfile.with_state(text, invoice_after=begun)
        mirror = self._mirror(sight, old)
        base = {**file.unknown_base, **self._base(sight, theirs, mirror)}
        if sight.invoices is None and file.invoices_at not in ("", base["version"]):
            base["invoices_at"] = file.invoices_at
        text = ticketfile.with_mirror(text, mirror, base)
        return Refreshed(text, tuple(merged.values), restored, merged.conflicts)

    def adopted(self, draft: TicketFile, sight: Sight) -> str:
        """Return the file of a ticket that was created of `draft`: all that the technician wrote stays, notes, text and
        keys of their own; what Syncro made of a field otherwise than was asked for is an edit of theirs."""
        fields = self._fields(sight, ())
        asked = {edit.field: edit.mine for edit in draft.edits}
        mine = {k: v for k, v in fields.items() if k not in asked or same(asked[k], v) or _is_part(k, asked[k], v)}
        text = ticketfile.without_keys(draft.text, ("description", "to", "synclog"))
        text = ticketfile.with_fields(text, {**mine, **({} if draft.invoice else {"invoice": False})})
        mirror = self._mirror(sight, None)
        return ticketfile.with_mirror(text, mirror, self._base(sight, fields, mirror))

    def joined(self, file: TicketFile, draft: TicketFile, notes: Sequence[Note], sight: Sight) -> str:
        """Return the file of a ticket that has one already (a pull brought it) with all that was written into the
        `draft` that it was created of: those of its `notes` that it does not have, text, keys, the wish for an
        invoice."""
        text = ticketfile.with_draft(file.text, draft.text, ticketfile.DRAFT_KEYS)
        there = Counter(note_content(note) for note in file.notes)
        for note in notes:
            content = note_content(note)
            if there[content]:
                there[content] -= 1
            else:
                text = ticketfile.with_added_notes(text, [note])
        if draft.invoice:
            text = ticketfile.with_fields(text, {"invoice": True})
        return self.refreshed(parse_ticket_file(text, file.path, self.rules()), sight).text

    def fields_of(self, sight: Sight) -> dict[str, Value]:
        """Return the front matter values of a ticket as Syncro has it now."""
        return self._fields(sight, ())

    def mirror_of(self, sight: Sight) -> Mirror:
        """Return what a file shows of a ticket below its marker, as values."""
        labor = {item.product_id: alias for alias, item in self.settings.labor.items()}
        technicians = {p.id: p.name for p in self.account.technicians}
        return mirror_of(sight.ticket, sight.comments, sight.invoices or (), self.settings.timezone, technicians, labor)

    def _fields(self, sight: Sight, invoices: tuple[str, ...]) -> dict[str, Value]:
        return ticket_fields(
            sight.ticket,
            technicians=self.account.technicians,
            zone=self.settings.timezone,
            web=web_base(self.settings.syncro.base_url),
            invoices=invoices,
        )

    def _base(self, sight: Sight, fields: Mapping[str, Value], mirror: str) -> dict[str, object]:
        return ticket_base(sight.ticket, fields, sight.last_comment, sight.last_timer, mirror)

    def _mirror(self, sight: Sight, old: Mirror | None) -> str:
        mirror = self.mirror_of(sight)
        if sight.invoices is None and old is not None:
            mirror = replace(mirror, invoices=old.invoices)
        return render_mirror(mirror)


def _is_part(field: str, asked: Value, now: Value) -> bool:
    """Whether a name that was written in part became the one that Syncro has."""
    named = field in ("assigned_to", "contact", "status") and isinstance(asked, str) and isinstance(now, str)
    return named and str(asked).casefold() in str(now).casefold()


def file_rules(settings: Settings, account: AccountSettings | None) -> FileRules:
    """Return what a ticket file is checked against; the account's lists where they are known."""
    return FileRules(
        labor=settings.labor,
        timezone=settings.timezone,
        statuses=account.statuses if account else None,
        technicians=account.technicians if account else None,
    )
