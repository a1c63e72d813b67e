"""The desk over a real workspace: files written whole, then committed; what an editor saves is never written over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from synclog.app import account as accounts
from synclog.app import turns
from synclog.app.cards import Cards
from synclog.app.drafts import drafts_of
from synclog.app.edits import commit_edits, commit_stale
from synclog.app.files import TicketFiles, read_ticket_files
from synclog.app.folders import Folders
from synclog.app.mirroring import Mirroring, file_rules
from synclog.app.push.surroundings import FileEdit, MakeEdit, Surroundings
from synclog.app.whose import not_mine
from synclog.app.writing import Change, finish_interrupted, write_and_commit
from synclog.core import ticketfile
from synclog.core.document import own_part
from synclog.core.drafts import DraftFile
from synclog.core.filehead import FileHead, file_head
from synclog.core.invoicing import NoInvoice
from synclog.core.oneoffs import OneOff
from synclog.core.references import is_as_stamped
from synclog.core.remembering import remembered
from synclog.core.settings import Settings
from synclog.core.ticketfile import Note, TicketFile, parse_ticket_file
from synclog.core.trail import Ledger, parse_all_trailers
from synclog.core.work import unposted
from synclog.errors import Busy, DecisionNeeded, InvalidFile
from synclog.model import AccountSettings, Reference, TicketNumber

if TYPE_CHECKING:
    from synclog.app.reading import Sight
    from synclog.app.session import Session

_TRIES = 5


def surroundings_of(session: Session) -> Surroundings:
    """Return what a push in the session's workspace works in."""
    return Surroundings(
        WorkspaceDesk(session), session.client, session.technician, session.clock, session.tell, session.progress
    )


class WorkspaceDesk:
    """A `Desk` in a workspace. Its methods are described there."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._workspace = session.workspace
        self._history = session.workspace.history
        self._stamped: dict[Reference, Note] = {}

    @property
    def settings(self) -> Settings:
        return self._workspace.settings

    # --- is it ready, and whose turn is it -------------------------------------------------------------------------

    def check_ready(self, *, signing: bool = False) -> None:
        self._history.check_ready()
        if signing:
            self._history.check_signing()

    def lock(self) -> AbstractContextManager[None]:
        return self._workspace.lock("push")

    def finish_interrupted(self) -> None:
        finish_interrupted(self._workspace)

    def turn(self) -> str:
        return turns.current_turn(self._workspace)

    def take_turn(self) -> str:
        return turns.take_turn(self._workspace)

    def sent_lately(self) -> Collection[Reference]:
        return turns.sent_lately(self._workspace)

    def note_sent(self, reference: Reference, *, refused: bool = False) -> None:
        turns.note_sent(self._workspace, reference, refused=refused)

    # --- reading ---------------------------------------------------------------------------------------------------

    def account(self, *, keep: bool = True) -> AccountSettings:
        return accounts.account_of(self._session, keep=keep)

    def files(self, account: AccountSettings | None = None) -> TicketFiles:
        known = account or accounts.known_account(self._workspace)
        return read_ticket_files(self._workspace, file_rules(self.settings, known))

    def drafts(self, files: TicketFiles) -> list[DraftFile]:
        return drafts_of(self._workspace, files)

    def not_mine(self, file: TicketFile, spans: Sequence[tuple[int, int]], author: str | None) -> list[str | None]:
        return not_mine(self._history, file, spans, author)

    def no_invoice(self, path: str, customer: int | None) -> NoInvoice | None:
        return Cards(self._workspace).no_invoice(path, customer)

    def unchanged(self, path: str, text: str) -> bool:
        try:
            return self._workspace.read_text_or_none(path) == text
        except InvalidFile:
            return False

    def current(self, path: str, mirroring: Mirroring) -> TicketFile:
        commit_edits(self._workspace, [path], self._session.tell)
        try:
            raw = self._workspace.read_bytes(path)
        except FileNotFoundError:
            remedy = "run `synclog push` again: it finds the file where it is now, and looks in Syncro before it sends"
            raise DecisionNeeded(f"{path} was moved or deleted while it was being pushed", remedy=remedy) from None
        return parse_ticket_file(raw, path, mirroring.rules())

    def ledger(self, numbers: Collection[TicketNumber], *, drafts: bool = False) -> Ledger:
        return self._history.ledger(numbers, drafts=drafts)

    def created_from(self, path: str) -> Collection[Reference]:
        entries = (entry for message in self._history.messages(path) for entry in parse_all_trailers(message))
        return frozenset(e.reference for e in entries if e.op == "create" and e.reference is not None)

    def stamped_note(self, reference: Reference) -> Note | None:
        if reference in self._stamped:
            return self._stamped[reference]
        for file in self._files_with(reference):
            for note in file.notes:
                if note.stamp is not None and note.stamp.reference == reference and is_as_stamped(note):
                    self._stamped[reference] = note
                    return note
        return None

    def begun_one_off(self, name: Reference) -> OneOff | None:
        every = (one for file in self._files_with(name) for one in file.doing)
        return next((one for one in every if one.id == name and one.after is not None), None)

    def _files_with(self, word: str) -> Iterator[TicketFile]:
        """The files of history in which a word came or went."""
        rules = file_rules(self.settings, None)
        for path, raw in self._history.texts_with(word, "clients"):
            with suppress(InvalidFile):
                yield parse_ticket_file(raw, path, rules)

    def holds(self, reference: Reference) -> bool:
        # Below the marker stands what Syncro says, the reference included: only what is above it is a note.
        word, paths = reference.encode(), self._workspace.ticket_paths()
        return any(word in own_part(self._workspace.read_bytes(path)) for path in paths)

    def body(self, text: str, reference: Reference, work_day: date | None) -> str:
        from synclog.render.outgoing import comment_body

        day = work_day.isoformat() if work_day else None
        return comment_body(text, reference=reference, work_day=day, environment=self._session.templates)

    # --- changing --------------------------------------------------------------------------------------------------

    def commit_edits(self) -> None:
        commit_edits(self._workspace, tell=self._session.tell)

    def commit_stale(self) -> None:
        commit_stale(self._workspace, self._session.tell)

    def rewrite(self, path: str, mirroring: Mirroring, edit: MakeEdit, message: str) -> None:
        for _ in range(_TRIES):
            file = self.current(path, mirroring)
            text = self.edited(file, edit(file), mirroring)
            if not write_and_commit(self._workspace, Change({path: text}, message, {path: file.text})).left:
                return
        raise Busy(f"{path} is changed by another program again and again", remedy="close it there, and run it again")

    def stamp(self, stamps: Mapping[str, FileEdit], known: Mapping[str, TicketFile], message: str) -> tuple[str, ...]:
        made_of: dict[str, str | None] = {path: known[path].text for path in stamps}
        texts: dict[str, str | None] = {path: _written(known[path], edit) for path, edit in stamps.items()}
        return write_and_commit(self._workspace, Change(texts, message, made_of)).left

    def adopt(self, draft: str, mirroring: Mirroring, sight: Sight, message: str) -> str:
        for _ in range(_TRIES):
            file = self.current(draft, mirroring)
            path = self._path_of(sight)
            if path is None:
                path = self._new_path(sight, draft)
                known, text = None, mirroring.adopted(file, sight)
            else:
                # A pull brought the ticket's file before its draft was known to be it.
                there = self.current(path, mirroring)
                number, today = sight.ticket.number, self._session.today().date()
                notes = unposted(number, file.notes, today, self.ledger([number]).recorded)
                known, text = there.text, mirroring.joined(there, file, notes, sight)
            text = self._with_posted_remembered(text, path, mirroring, sight)
            texts: dict[str, str | None] = {path: text, draft: None}
            change = Change(texts, message, {path: known, draft: file.text}, None, {draft: path})
            if not write_and_commit(self._workspace, change).left:
                return path
        raise Busy(f"{draft} is changed by another program again and again", remedy="close it there, and run it again")

    def _with_posted_remembered(self, text: str, path: str, mirroring: Mirroring, sight: Sight) -> str:
        """The text in which notes are stamped that were posted from another copy of the draft already."""
        file = parse_ticket_file(text, path, mirroring.rules())
        today = self._session.today().date()
        again = remembered(file, sight.comments, self.settings, today, _asked(self._session, None), unseen=True)
        return ticketfile.with_stamps(text, again) if again else text

    def record(self, message: str) -> None:
        self._history.commit_message(message)

    def edited(self, file: TicketFile, edit: FileEdit, mirroring: Mirroring) -> str:
        """Return the text of `file` after `edit`."""
        text = _written(file, edit)
        if edit.sight is None:
            return text
        changed = parse_ticket_file(text, file.path, mirroring.rules())
        again = remembered(
            changed,
            edit.sight.comments,
            self.settings,
            self._session.today().date(),
            _asked(self._session, edit.owner),
            edit.besides,
        )
        if again:
            changed = parse_ticket_file(ticketfile.with_stamps(text, again), file.path, mirroring.rules())
        return mirroring.refreshed(changed, edit.sight).text

    def _heads(self) -> list[FileHead]:
        heads = (file_head(path, self._read(path)) for path in self._workspace.ticket_paths())
        return [head for head in heads if head is not None]

    def _path_of(self, sight: Sight) -> str | None:
        """The file that a ticket has already."""
        return next((head.path for head in self._heads() if head.number == sight.ticket.number), None)

    def _new_path(self, sight: Sight, draft: str) -> str:
        folders = Folders.of(self._workspace, self._heads())
        ticket = sight.ticket
        own = PurePosixPath(draft).parts[1]
        if ticket.customer_id not in folders.by_customer and own not in folders.by_customer.values():
            # The draft's folder is nobody's yet: it is this customer's from now on.
            folders.by_customer[ticket.customer_id] = own
        folders.name_customers([(ticket.customer_id, ticket.customer_name)])
        return folders.ticket_path(ticket, None)

    def _read(self, path: str) -> str:
        return self._workspace.read_bytes(path).decode("utf-8", "replace")


def _asked(session: Session, owner: int | None) -> Callable[[], int]:
    return lambda: session.client.me().user_id if owner is None else owner


def _written(file: TicketFile, edit: FileEdit) -> str:
    """The text after what an edit says of notes, fields and state."""
    text = file.text
    if edit.stamps:
        text = ticketfile.with_stamps(text, edit.stamps)
    if edit.without:
        text = ticketfile.without_notes(text, edit.without)
    if edit.added:
        text = ticketfile.with_added_notes(text, edit.added)
    if edit.fields:
        text = ticketfile.with_fields(text, edit.fields)
    if edit.state is not None:
        text = ticketfile.with_state(text, invoice_after=edit.state.invoice_after, create=edit.state.create)
    if edit.doing is not None:
        text = ticketfile.with_doing(text, edit.doing)
    if edit.gone:
        text = ticketfile.with_gone(text, True)
    return text
