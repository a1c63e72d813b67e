"""A repository in memory: commits that never change, branches, work trees and clones; and the desk over one tree.

A change is a file written, then committed: a process can die in between, as it can on a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from simulation.server import ACCOUNT, CUSTOMER, Server, token_of
from simulation.world import Process
from synclog.app.files import TicketFiles
from synclog.app.mirroring import Mirroring
from synclog.app.push.surroundings import FileEdit, MakeEdit
from synclog.app.reading import Sight
from synclog.core.drafts import DraftFile
from synclog.core.filehead import same_number
from synclog.core.joining.fields import SideFields, join_fields
from synclog.core.joining.notes import SideNotes, join_notes
from synclog.core.joining.stale import buffered_versions, is_behind, lost_stamps
from synclog.core.joining.state import SideState, join_state
from synclog.core.merge import merge_fields, same
from synclog.core.notes import Note
from synclog.core.oneoffs import OneOff
from synclog.core.references import is_as_stamped
from synclog.core.remembering import remembered
from synclog.core.settings import Settings
from synclog.core.ticketfields import FieldEdit
from synclog.core.ticketfile import TICKET_EDITABLE, TicketFile
from synclog.core.trail import Ledger, TrailEntry, parse_all_trailers, parse_stamps
from synclog.core.work import invoice_work, unposted
from synclog.errors import Busy, DecisionNeeded, InvalidFile, Problem
from synclog.model import AccountSettings, Reference, TicketNumber

Files = Mapping[str, TicketFile]
Moved = dict[str, tuple[str, TicketFile]]
"""Files that go once another one is written: which, and what they held."""
_EMPTY: dict[str, Any] = {
    "create": None, "description": None, "to": None, "conflicts": {}, "gone": False, "extra": (), "scratch": "",
    "mirror": "", "base_problem": None, "marker_problem": None, "read_only_edits": (), "warnings": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commit:
    """All files at one moment, and why."""

    files: Files
    message: str
    before: Commit | None


@dataclass(slots=True, eq=False)
class Repository:
    """What the work trees of one clone share."""

    holder: Process | None = None
    turn: str = ""
    sent: list[Reference] = field(default_factory=list)
    turns: int = 0


@dataclass(slots=True, eq=False)
class Tree:
    """A work tree: its branch, the files on disk, and the journal in `.synclog/`."""

    repository: Repository
    head: Commit
    user: int
    disk: dict[str, TicketFile] = field(default_factory=dict)
    journal: tuple[dict[str, TicketFile | None], str, Moved] | None = None

    def edit(self, path: str, file: TicketFile | None) -> None:
        """What an editor does."""
        if file is None:
            self.disk.pop(path, None)
        else:
            self.disk[path] = saved(file)

    def commit(self, message: str, paths: Collection[str] | None = None) -> None:
        """Commit what is on disk at these paths, all of it where none are named."""
        wanted = set(self.disk) | set(self.head.files) if paths is None else set(paths)
        files = {p: f for p, f in self.head.files.items() if p not in wanted}
        files |= {path: self.disk[path] for path in wanted if path in self.disk}
        self.head = Commit(files, message, self.head)

    def told(self, reference: Reference) -> bool:
        """Whether a note that was deleted came back, and its technician was told: deleting it again is a decision."""
        commit: Commit | None = self.head
        while commit is not None:
            if f"{reference}, its note was deleted" in commit.message:
                return True
            commit = commit.before
        return False


_saves = 0


def saved(file: TicketFile) -> TicketFile:
    """Return the file as a new save of it: its text is a name that no other save has."""
    global _saves
    _saves += 1
    return replace(file, text=f"save {_saves}")


def renumbered(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return notes with their places in the file."""
    return tuple(
        n if n.index == i and n.line == 10 + 3 * i else replace(n, index=i, line=10 + 3 * i, end_line=11 + 3 * i)
        for i, n in enumerate(notes)
    )


def file_of(sight: Sight, mirroring: Mirroring, path: str) -> TicketFile:
    """Return the file of a ticket that has none."""
    fields = mirroring.fields_of(sight)
    return TicketFile(
        path=path,
        text="",
        number=sight.ticket.number,
        id=sight.ticket.id,
        is_draft=False,
        fields=fields,
        notes=(),
        invoice=False,
        invoice_after=None,
        base=_base(sight),
        base_values=fields,
        edits=(),
        **_EMPTY,
    )


def draft_file(path: str, subject: str, description: str | None, notes: Sequence[Note], invoice: bool) -> TicketFile:
    """Return a draft as a technician writes it."""
    fields = {"subject": subject}
    edits = (FieldEdit("subject", None, subject, 2),)
    rest = {**_EMPTY, "description": description}
    return TicketFile(
        path=path, text="", number=None, id=None, is_draft=True, fields=fields, notes=renumbered(notes),
        invoice=invoice, invoice_after=None, base=None, base_values=None, edits=edits, **rest,
    )  # fmt: skip


def with_status(file: TicketFile, status: str) -> TicketFile:
    """Return the file with another status in its front matter."""
    return _fields_set(file, {**file.fields, "status": status})


def _fields_set(file: TicketFile, fields: Mapping[str, Any]) -> TicketFile:
    base = file.base_values or {}
    edits = tuple(
        FieldEdit(name, base.get(name), fields.get(name), 4)
        for name in TICKET_EDITABLE
        if not same(base.get(name), fields.get(name))
    )
    return replace(file, fields=fields, edits=edits)


def _base(sight: Sight) -> dict[str, object]:
    return {"comment": sight.last_comment, "timer": sight.last_timer, "version": sight.ticket.updated_at.isoformat()}


@dataclass(slots=True)
class MemoryDesk:
    """A `Desk` of one process in a tree."""

    tree: Tree
    server: Server
    process: Process
    settings: Settings

    def _step(self) -> None:
        self.server.world.step(self.process)

    # --- ready, and whose turn ---------------------------------------------------------------------------------------

    def check_ready(self, *, signing: bool = False) -> None:
        self._step()

    @contextmanager
    def lock(self) -> Iterator[None]:
        repository = self.tree.repository
        self._step()
        for _ in range(5000):
            if repository.holder is None or repository.holder.dead:
                break
            self._step()
            self.server.world.others()
        else:
            raise Busy("another process is at work")
        repository.holder = self.process
        try:
            yield
        finally:
            if repository.holder is self.process:
                repository.holder = None

    def finish_interrupted(self) -> None:
        self._step()
        if self.tree.journal is None:
            return
        files, message, moved = self.tree.journal
        for old, (new, was) in moved.items():
            if self.tree.disk.get(new) is files[new] and self.tree.disk.get(old) is was:
                self.tree.disk.pop(old, None)
        there = [path for path, file in files.items() if self.tree.disk.get(path) is file]
        if len(there) < len(files):
            message = message.partition("\n")[0]
        if there:
            self.tree.commit(message, there)
        self.tree.journal = None

    def turn(self) -> str:
        return self.tree.repository.turn

    def take_turn(self) -> str:
        self._step()
        self.tree.repository.turns += 1
        self.tree.repository.turn = f"turn {self.tree.repository.turns}"
        return self.tree.repository.turn

    def sent_lately(self) -> Collection[Reference]:
        return frozenset(self.tree.repository.sent)

    def note_sent(self, reference: Reference, *, refused: bool = False) -> None:
        self._step()
        sent = self.tree.repository.sent
        if reference in sent:
            sent.remove(reference)
        if not refused:
            sent.append(reference)

    # --- reading -----------------------------------------------------------------------------------------------------

    def account(self, *, keep: bool = True) -> AccountSettings:
        return ACCOUNT

    def files(self, account: AccountSettings | None = None) -> TicketFiles:
        self._step()
        found: dict[int, list[TicketFile]] = {}
        drafts: list[TicketFile] = []
        invalid: list[InvalidFile] = []
        for path in sorted(self.tree.disk):
            file = self.tree.disk[path]
            problem = _stamped_twice(file)
            if problem is not None:
                invalid.append(problem)
            elif file.number is None:
                drafts.append(file)
            else:
                found.setdefault(file.number, []).append(file)
        for number, files in found.items():
            if len(files) > 1:
                invalid += same_number(number, [file.path for file in files])
        tickets = {number: files[0] for number, files in found.items() if len(files) == 1}
        return TicketFiles(tickets, tuple(drafts), tuple(invalid))

    def drafts(self, files: TicketFiles) -> list[DraftFile]:
        return [DraftFile(file, CUSTOMER, "Acme") for file in files.drafts]

    def not_mine(self, file: TicketFile, spans: Sequence[tuple[int, int]], author: str | None) -> list[str | None]:
        return [None] * len(spans)

    def no_invoice(self, path: str, customer: int | None) -> None:
        return None

    def unchanged(self, path: str, text: str) -> bool:
        self._step()
        return path in self.tree.disk and self.tree.disk[path].text == text

    def current(self, path: str, mirroring: Mirroring) -> TicketFile:
        self._step()
        self._commit_edits([path])
        if path not in self.tree.disk:
            raise DecisionNeeded(f"{path} is gone")
        problem = _stamped_twice(self.tree.disk[path])
        if problem is not None:
            raise problem
        return self.tree.disk[path]

    def ledger(self, numbers: Collection[TicketNumber], *, drafts: bool = False) -> Ledger:
        self._step()
        entries: dict[tuple[object, ...], TrailEntry] = {}
        newest: dict[Reference, bool] = {}
        commit: Commit | None = self.tree.head
        while commit is not None:
            if "\n" in commit.message:
                for entry in reversed(parse_all_trailers(commit.message)):
                    if entry.ticket in numbers or (drafts and entry.op == "create"):
                        entries.pop(entry.identity(), None)
                        entries[entry.identity()] = entry
                for reference, stamped in reversed(parse_stamps(commit.message)):
                    newest.setdefault(reference, stamped)
            commit = commit.before
        begun = frozenset(r for r, stamped in newest.items() if stamped)
        return Ledger(tuple(entries.values()), begun, frozenset(newest) - begun)

    def created_from(self, path: str) -> Collection[Reference]:
        found: set[Reference] = set()
        commit: Commit | None = self.tree.head
        while commit is not None:
            if commit.before is not None and commit.files.get(path) is not commit.before.files.get(path):
                entries = parse_all_trailers(commit.message)
                found |= {e.reference for e in entries if e.op == "create" and e.reference is not None}
            commit = commit.before
        return found

    def stamped_note(self, reference: Reference) -> Note | None:
        commit: Commit | None = self.tree.head
        while commit is not None:
            for file in commit.files.values():
                for note in file.notes:
                    if note.stamp is not None and note.stamp.reference == reference and is_as_stamped(note):
                        return note
            commit = commit.before
        return None

    def begun_one_off(self, name: Reference) -> OneOff | None:
        commit: Commit | None = self.tree.head
        while commit is not None:
            for file in commit.files.values():
                for one in file.doing:
                    if one.id == name and one.after is not None:
                        return one
            commit = commit.before
        return None

    def holds(self, reference: Reference) -> bool:
        stamps = (note.stamp for file in self.tree.disk.values() for note in file.notes if note.stamp)
        doing = (one.id for file in self.tree.disk.values() for one in file.doing)
        named = any(reference == stamp.reference or reference in stamp.earlier for stamp in stamps)
        return named or reference in doing

    def body(self, text: str, reference: Reference, work_day: date | None) -> str:
        return f"Work of {work_day}\n{text}\nRef {reference}" if work_day else f"{text}\nRef {reference}"

    # --- changing ----------------------------------------------------------------------------------------------------

    def commit_edits(self) -> None:
        self._step()
        self._commit_edits([*self.tree.disk, *self.tree.head.files])

    def commit_stale(self) -> None:
        self._step()
        head = self.tree.head.files
        behind = [p for p, f in self.tree.disk.items() if p in head and is_behind(f.base, head[p].base)]
        self._commit_edits(behind)

    def _commit_edits(self, among: Collection[str]) -> None:
        """Commit what was saved; what a stale buffer brought back is put together with what was committed since."""
        tree, before = self.tree, self.tree.head
        paths = [p for p in dict.fromkeys(among) if tree.disk.get(p) is not before.files.get(p)]
        if not paths:
            return
        tree.commit("edit", paths)
        mended = {p: file for p in paths if p in tree.disk and (file := mended_file(tree.disk[p], before)) is not None}
        if mended:
            self._write(dict(mended), "merge: a stale file")

    def rewrite(self, path: str, mirroring: Mirroring, edit: MakeEdit, message: str) -> None:
        file = self.current(path, mirroring)
        self._write({path: saved(self.edited(file, edit(file), mirroring))}, message)

    def stamp(self, stamps: Mapping[str, FileEdit], known: Mapping[str, TicketFile], message: str) -> tuple[str, ...]:
        left = tuple(path for path in stamps if self.tree.disk.get(path) is not known[path])
        fresh = {path: saved(_written(known[path], edit)) for path, edit in stamps.items() if path not in left}
        self._write(fresh, message)
        return left

    def adopt(self, draft: str, mirroring: Mirroring, sight: Sight, message: str) -> str:
        file = self.current(draft, mirroring)
        path = f"tickets/{sight.ticket.number}.md"
        if path in self.tree.disk:
            there = self.current(path, mirroring)
            known = [note.text for note in there.notes]
            today = self.server.world.now.astimezone(self.settings.timezone).date()
            number = sight.ticket.number
            fresh = unposted(number, file.notes, today, self.ledger([number]).recorded)
            notes = [*there.notes, *(note for note in fresh if note.text not in known)]
            both = replace(there, notes=renumbered(notes), invoice=there.invoice or file.invoice)
            made = self.edited(both, FileEdit(sight=sight, owner=self.tree.user), mirroring)
        else:
            made = replace(file_of(sight, mirroring, path), notes=file.notes, invoice=file.invoice)
        today = self.server.world.now.astimezone(self.settings.timezone).date()
        again = remembered(made, sight.comments, self.settings, today, lambda: self.tree.user, unseen=True)
        made = _written(made, FileEdit(stamps=again))
        self._write({path: saved(made), draft: None}, message, {draft: (path, file)})
        return path

    def record(self, message: str) -> None:
        self._step()
        self.tree.head = Commit(self.tree.head.files, message, self.tree.head)

    def edited(self, file: TicketFile, edit: FileEdit, mirroring: Mirroring) -> TicketFile:
        changed = _written(file, edit)
        sight = edit.sight
        if sight is None:
            return changed
        today = self.server.world.now.astimezone(self.settings.timezone).date()
        owner: Callable[[], int] = lambda: edit.owner or self.tree.user  # noqa: E731
        again = remembered(changed, sight.comments, self.settings, today, owner, edit.besides)
        if again:
            changed = _written(changed, FileEdit(stamps=again))
        theirs = {**mirroring.fields_of(sight), "invoices": changed.base_invoices}
        wish, after = invoice_work(changed), changed.invoice_after
        if sight.invoices is not None:
            theirs["invoices"] = tuple(invoice.number for invoice in sight.invoices)
            after = wish.begun(sight.invoices) if wish else after
        merged = merge_fields(TICKET_EDITABLE, changed.base_values, changed.fields, theirs, changed.conflicts)
        base = _base(sight)
        if sight.invoices is None:
            base["invoices_at"] = changed.invoices_at
        fresh = replace(changed, base=base, base_values=theirs, conflicts=merged.conflicts, invoice_after=after)
        return _fields_set(fresh, {**theirs, **{k: changed.fields.get(k) for k in TICKET_EDITABLE}, **merged.values})

    def _write(self, files: dict[str, TicketFile | None], message: str, moved: Moved | None = None) -> None:
        """Journal, files, commit, in this order; a process can die between any two."""
        tree = self.tree
        self._step()
        tree.journal = (dict(files), message, moved or {})
        for path, file in files.items():
            self._step()
            tree.edit(path, None) if file is None else tree.disk.__setitem__(path, file)
        self._step()
        tree.commit(message, list(files))
        self._step()
        tree.journal = None


def mended_file(buffer: TicketFile, before: Commit) -> TicketFile | None:
    """Return what a stale buffer and the version committed last make together; None for a buffer that is not stale."""
    there = before.files.get(buffer.path)
    if there is None or not is_behind(buffer.base, there.base):
        return None
    commits: list[Commit] = []
    commit: Commit | None = before
    while commit is not None:
        commits.append(commit)
        commit = commit.before
    versions = ((f.base, f) for c in commits if (f := c.files.get(buffer.path)) is not None)
    found = [*buffered_versions(buffer.base, versions)]
    if not found:
        return None
    old, *older = found
    lost = lost_stamps(buffer.notes, old.notes, (version.notes for version in older))
    buffer = _written(buffer, FileEdit(stamps=lost))
    sides = [SideFields(f.fields, f.base_values, f.conflicts) for f in (old, buffer, there)]
    fields = join_fields(*sides, there.base_values or {})
    notes = join_notes(buffer.number, *(SideNotes(f.notes) for f in (old, buffer, there)))
    state = join_state(
        *(SideState(f.invoice, f.invoice_after, f.create, f.gone, f.doing) for f in (old, buffer, there))
    )
    made = replace(
        there, notes=renumbered([joined.note for joined in notes]), conflicts=fields.conflicts,
        invoice=state.invoice, invoice_after=state.invoice_after, doing=state.doing, gone=state.gone,
    )  # fmt: skip
    return saved(_fields_set(made, {**there.fields, **fields.values}))


def _written(file: TicketFile, edit: FileEdit) -> TicketFile:
    notes = list(file.notes)
    for index, stamp in edit.stamps.items():
        notes[index] = replace(notes[index], stamp=stamp)
    notes = [note for i, note in enumerate(notes) if i not in edit.without] + list(edit.added)
    changes: dict[str, Any] = {"notes": renumbered(notes)}
    if "invoice" in edit.fields:
        changes["invoice"] = edit.fields["invoice"]
    if edit.state is not None:
        changes |= {"invoice_after": edit.state.invoice_after, "create": edit.state.create}
    if edit.doing is not None:
        changes["doing"] = edit.doing
    if edit.gone:
        changes["gone"] = True
    changed = replace(file, **changes)
    fields = {k: v for k, v in edit.fields.items() if k != "invoice"}
    return _fields_set(changed, {**changed.fields, **fields}) if fields else changed


def _stamped_twice(file: TicketFile) -> InvalidFile | None:
    stamps = [note.stamp.reference for note in file.notes if note.stamp]
    if len(stamps) == len(set(stamps)):
        return None
    return InvalidFile(file.path, (Problem(1, "an id stands twice"),))


def tokens_in(file: TicketFile) -> list[int]:
    """Return which pieces of work a file has notes of."""
    return [token for note in file.notes if (token := token_of(note.text)) is not None]
