"""A schedule: what technicians, customers, networks and machines do, one action after the other; and what must hold.

An action is a tuple of plain values: its name and what it is done with. A schedule can be printed, cut down and played
again. Every note names its own piece of work (`job7`), so that it is known again wherever it ends up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from simulation import oneoffs
from simulation.desk import (
    Commit,
    MemoryDesk,
    Repository,
    Tree,
    draft_file,
    file_of,
    renumbered,
    tokens_in,
    with_status,
)
from simulation.server import ACCOUNT, MIKE, STATUSES, Client, Quirks, Server, token_of
from simulation.world import Broken, Process, World
from synclog.app.mirroring import Mirroring
from synclog.app.push.found import Finding
from synclog.app.push.looking import Look
from synclog.app.push.run import PushResult, push_in
from synclog.app.push.surroundings import FileEdit, Surroundings
from synclog.app.reading import Sight, read_ticket
from synclog.app.session import Clock
from synclog.core.deciding.steps import Doubt, Times
from synclog.core.notes import Note
from synclog.core.references import closing_reference
from synclog.core.settings import Defaults, Labor, Settings, SyncroSettings
from synclog.core.ticketfile import TicketFile
from synclog.core.work import TicketWork
from synclog.errors import NotFound, SynclogError

Action: TypeAlias = tuple[Any, ...]
ZONE = ZoneInfo("America/Phoenix")
LABOR = {"remote": Labor("remote", 1190473), "onsite": Labor("onsite", 26118)}
ROUNDS = 8
SETTLE = 5
"""Seconds; what is late commits within them."""
SYNCRO = SyncroSettings("https://acme.example/api/v1", settle=SETTLE)


@dataclass(slots=True)
class Job:
    """A piece of work as it was meant: how often it may be posted, whether the technician took it back, or settled its
    time after being told of it."""

    minutes: int | None
    wanted: int = 1
    taken_back: bool = False
    settled: bool = False
    changed: bool = False
    day: object = None


@dataclass
class Story:
    """One schedule under way."""

    via: str = "comment"
    charge: bool = False
    quirks: Quirks = field(default_factory=Quirks)
    world: World = field(default_factory=World)
    jobs: dict[int, Job] = field(default_factory=dict)
    drafts: dict[int, Job] = field(default_factory=dict)
    asked: dict[int, int] = field(default_factory=dict)
    confusing: bool = False
    loose: bool = False
    asked_doing: oneoffs.Asked = field(default_factory=oneoffs.Asked)
    last_repository: Repository | None = None
    pushes: int = 0

    def __post_init__(self) -> None:
        self.server = Server(self.world, self.quirks)
        repository = Repository()
        files: dict[str, TicketFile] = {}
        for subject in ("Server upgrade", "Printer is jammed"):
            ticket = self.server.open_ticket(subject)
            self.server.say(ticket.id, f"{subject}, please!", None, "Initial Issue")
        mirroring = Mirroring(self.settings, ACCOUNT)
        client = Client(self.server, Process(), MIKE)
        for book in self.server.books.values():
            path = f"tickets/{book.ticket.number}.md"
            files[path] = file_of(read_ticket(client, book.ticket.id), mirroring, path)  # type: ignore[arg-type]
        tree = Tree(repository, Commit({}, "init", None), MIKE)
        for path, file in files.items():
            tree.edit(path, file)
        tree.commit("pull")
        self.trees = [tree]
        self.by_hand: set[int] = set()

    @property
    def settings(self) -> Settings:
        return Settings(
            SYNCRO,
            timezone=ZONE,
            labor=LABOR,
            defaults=Defaults("remote"),
            via=self.via,
            charge_now=self.charge,  # type: ignore[arg-type]
        )

    # --- what technicians do -----------------------------------------------------------------------------------------

    def play(self, action: Action) -> None:
        """Do one action."""
        if action[0] in oneoffs.COMMANDS:
            run = oneoffs.command(self, action)
            if run is not None:
                self.world.run(run)
        else:
            getattr(self, f"do_{action[0]}")(*action[1:])

    def tree(self, which: int) -> Tree:
        return self.trees[which % len(self.trees)]

    def paths(self, tree: Tree) -> list[str]:
        return sorted(path for path, file in tree.disk.items() if file.number is not None)

    def at(self, which: int, ticket: int) -> tuple[Tree, TicketFile]:
        tree = self.tree(which)
        paths = self.paths(tree)
        return tree, tree.disk[paths[ticket % len(paths)]]

    def save(self, tree: Tree, file: TicketFile, notes: Sequence[Note]) -> None:
        """Save a file with other notes; what is in no file any more was taken back."""
        tree.edit(file.path, replace(file, notes=renumbered(notes)))
        gone = set(tokens_in(file)) - {token for f in tree.disk.values() for token in tokens_in(f)}
        for token in gone:
            self.jobs[token].taken_back = True

    def note(self, token: int, version: int, minutes: int | None, labor: str | None) -> Note:
        time = f"{minutes} minutes" if minutes else "no time"
        return Note(f"job{token} version {version}, {time}: replaced the failed disk", minutes, labor=labor)

    def do_write(self, which: int, ticket: int, token: int, minutes: int | None, labor: str | None) -> None:
        tree, file = self.at(which, ticket)
        if token in self.jobs:
            return
        self.jobs[token] = Job(minutes, day=self.today())
        self.save(tree, file, [*file.notes, self.note(token, 0, minutes, labor)])

    def do_change(self, which: int, ticket: int, place: int, version: int, minutes: int | None) -> None:
        tree, file = self.at(which, ticket)
        if not file.notes:
            return
        index = place % len(file.notes)
        old = file.notes[index]
        token = token_of(old.text)
        assert token is not None
        self.meddled(old, token)
        self.jobs[token].changed = True
        new = replace(self.note(token, version, minutes, old.labor), stamp=old.stamp, date=old.date)
        self.save(tree, file, [new if i == index else note for i, note in enumerate(file.notes)])

    def meddled(self, note: Note, token: int) -> None:
        """A note is changed or carried elsewhere: where nothing tells that it was posted, it is other work from now
        on; and where a draft that became its ticket still lies beside it."""
        self.confusing = self.confusing or note.stamp is not None
        drafted = any(token in tokens_in(file) for tree in self.trees for file in tree.disk.values() if file.is_draft)
        if self.loose or drafted:
            self.jobs[token].wanted += 1

    def do_copy(self, which: int, ticket: int, place: int, to: int, stamped: bool) -> None:
        tree, file = self.at(which, ticket)
        _, other = self.at(which, to)
        if not file.notes:
            return
        note = file.notes[place % len(file.notes)]
        token = token_of(note.text)
        assert token is not None
        copy = note if stamped and other.path != file.path else replace(note, stamp=None)
        self.confusing = True
        self.jobs[token].wanted += 1
        self.save(tree, other, [*other.notes, copy])

    def do_move(self, which: int, ticket: int, place: int, to: int, stamped: bool) -> None:
        tree, file = self.at(which, ticket)
        _, other = self.at(which, to)
        if not file.notes or other.path == file.path:
            return
        index = place % len(file.notes)
        note = file.notes[index]
        token = token_of(note.text)
        assert token is not None
        self.meddled(note, token)
        self.jobs[token].changed = True
        if note.stamp is not None and not stamped:
            self.jobs[token].wanted += 1
        tree.edit(
            other.path, replace(other, notes=renumbered([*other.notes, note if stamped else replace(note, stamp=None)]))
        )
        self.save(tree, file, [n for i, n in enumerate(file.notes) if i != index])

    def do_delete(self, which: int, ticket: int, place: int) -> None:
        tree, file = self.at(which, ticket)
        if file.notes:
            note = file.notes[place % len(file.notes)]
            self.confusing = self.confusing or note.stamp is not None
            if note.stamp is not None and tree.told(note.stamp.reference):
                self.jobs[token_of(note.text) or 0].settled = True
            self.save(tree, file, [n for i, n in enumerate(file.notes) if i != place % len(file.notes)])

    def do_unstamp(self, which: int, ticket: int, place: int) -> None:
        """Delete the `synclog:` line of a note by hand."""
        tree, file = self.at(which, ticket)
        if file.notes:
            self.confusing = True
            index = place % len(file.notes)
            # On another day it is another note then.
            job = self.jobs[token_of(file.notes[index].text) or 0]
            job.wanted += 1
            job.settled = job.settled or file.notes[index].stamp is not None
            self.save(tree, file, [replace(n, stamp=None) if i == index else n for i, n in enumerate(file.notes)])

    def do_invoice(self, which: int, ticket: int) -> None:
        tree, file = self.at(which, ticket)
        if not file.invoice:
            assert file.number is not None
            self.asked[file.number] = self.asked.get(file.number, 0) + 1
            tree.edit(file.path, replace(file, invoice=True))

    def do_status(self, which: int, ticket: int, status: int) -> None:
        tree, file = self.at(which, ticket)
        tree.edit(file.path, with_status(file, STATUSES[status % 4]))

    def do_draft(self, which: int, token: int, same: bool, minutes: int | None) -> None:
        tree = self.tree(which)
        if token in self.drafts or token in self.jobs:
            return
        path = f"tickets/new-{token}.md"
        self.drafts[token] = Job(None)
        notes = []
        if minutes:
            self.jobs[token] = Job(minutes, day=self.today())
            notes.append(self.note(token, 0, minutes, None))
        tree.edit(path, draft_file(path, f"job{token} is new", None if same else "It does not start.", notes, False))

    def do_change_draft(self, which: int, place: int, version: int) -> None:
        tree = self.tree(which)
        drafts = [file for file in tree.disk.values() if file.is_draft]
        if not drafts:
            return
        file = drafts[place % len(drafts)]
        self.confusing = self.confusing or file.create is not None
        if self.loose:
            self.again(file)
        tree.edit(file.path, replace(file, description=f"Version {version} of it."))

    # --- what machines do --------------------------------------------------------------------------------------------

    def do_stale(self, which: int, ticket: int, back: int) -> None:
        """An editor saves a buffer that it opened some commits ago."""
        tree, file = self.at(which, ticket)
        commit: Commit | None = tree.head
        for _ in range(back):
            commit = commit.before if commit else None
        old = commit.files.get(file.path) if commit else None
        if old is not None and old is not file:
            self.confusing = self.loose = True
            for note in old.notes:
                # An older wording of what was changed or moved since is other work to whoever compares words.
                token = token_of(note.text) or 0
                if " version 0, " not in note.text or self.jobs[token].changed:
                    self.jobs[token].wanted += 1
            tree.edit(file.path, old)
            for token in set(tokens_in(file)) - {t for f in tree.disk.values() for t in tokens_in(f)}:
                self.jobs[token].taken_back = True

    def branch(self, tree: Tree) -> None:
        """What was not committed is not in another tree: there it is other work."""
        self.confusing = self.loose = True
        for path, file in tree.disk.items():
            if tree.head.files.get(path) is not file:
                for token in tokens_in(file):
                    self.jobs[token].wanted += 1
                if file.is_draft:
                    self.drafts[token_of(str(file.fields["subject"])) or 0].wanted += 1

    def again(self, draft: TicketFile) -> None:
        """A draft becomes another one, and its notes go with it."""
        self.drafts[token_of(str(draft.fields["subject"])) or 0].wanted += 1
        for token in tokens_in(draft):
            self.jobs[token].wanted += 1

    def do_worktree(self, which: int) -> None:
        """Another branch in a work tree of its own, of the same clone."""
        tree = self.tree(which)
        self.branch(tree)
        self.trees.append(Tree(tree.repository, tree.head, MIKE, dict(tree.head.files)))

    def do_clone(self, which: int) -> None:
        tree = self.tree(which)
        self.branch(tree)
        self.trees.append(Tree(Repository(), tree.head, MIKE, dict(tree.head.files)))

    def do_forget(self, which: int) -> None:
        """Delete `.synclog/`."""
        self.tree(which).journal = None

    def do_days(self, days: int) -> None:
        if self.loose:
            # What a stale buffer brought back was not looked at on its day: on another one it is other work.
            for token in {t for tree in self.trees for file in tree.disk.values() for t in tokens_in(file)}:
                self.jobs[token].wanted += 1
        self.world.tick(days * 86400)

    def do_via(self, via: str, charge: bool) -> None:
        self.via, self.charge = via, charge

    def process(
        self, tree: Tree, faults: Sequence[str] = (), dies: int | None = None, bad: Sequence[int] = ()
    ) -> Surroundings:
        """A new run of synclog in a tree."""
        if self.last_repository is not None and self.last_repository is not tree.repository:
            # Machines push one after the other: that is assumed, and said in the docs.
            self.world.tick(SETTLE + 1)
        self.last_repository = tree.repository
        process = Process(dies)
        client = Client(self.server, process, tree.user, list(faults), frozenset(bad))
        desk = MemoryDesk(tree, self.server, process, self.settings)
        clock = Clock(lambda: self.world.now, self.sleeper(process))
        return Surroundings(desk, client, None, clock)  # type: ignore[arg-type]

    def sleeper(self, process: Process) -> Any:
        def sleep(seconds: float) -> None:
            self.world.step(process)
            self.world.tick(seconds)
            self.world.meanwhile(process)

        return sleep

    def do_push(
        self, which: int, faults: Sequence[str] = (), dies: int | None = None, bad: Sequence[int] = (), rest: int = 0
    ) -> None:
        tree = self.tree(which)
        around = self.process(tree, faults, dies, bad)
        self.world.run(lambda: self.pushed(around, rest))

    def do_two(
        self,
        first: int,
        second: int,
        seed: int,
        faults: Sequence[str] = (),
        more: Sequence[str] = (),
        dies: int | None = None,
    ) -> None:
        """Two pushes of one clone at the same time."""
        one, other = self.tree(first), self.tree(second)
        if other.repository is not one.repository:
            other = one
        runs = [self.process(one, faults, dies), self.process(other, more)]
        self.world.switching = random.Random(seed)
        self.world.run(*(lambda around=around: self.pushed(around, 0) for around in runs))
        self.world.switching = None

    def do_beside(
        self, which: int, action: Action, seed: int, faults: Sequence[str] = (), dies: int | None = None
    ) -> None:
        """A push, and the command of a one-off in a work tree of the same clone, at the same time."""
        tree = self.tree(which)
        command = oneoffs.command(self, action)
        if command is None or self.tree(action[1]).repository is not tree.repository:
            return
        around = self.process(tree, faults, dies)
        self.world.switching = random.Random(seed)
        self.world.run(lambda: self.pushed(around, 0), command)
        self.world.switching = None

    def pushed(self, around: Surroundings, rest: int) -> PushResult | None:
        """Push; `rest` are seconds for which the machine sleeps between the question and the answer."""

        def confirm(_: object) -> bool:
            if rest:
                self.world.tick(rest)
            return True

        self.pushes += 1
        try:
            result = push_in(around, confirm=confirm)
        except SynclogError:
            return None
        oneoffs.told(self, result)
        if not self.confusing:
            for ticket in result.plan.tickets:
                doubts = [n.step.reason for n in ticket.notes if isinstance(n.step, Doubt)]
                doubts += [ticket.draft.step.reason] if ticket.draft and isinstance(ticket.draft.step, Doubt) else []
                if doubts:
                    raise Broken(f"doubtful where nothing was meddled with: {doubts[0]}")
            for trouble in result.trouble:
                if "doubtful" in trouble.error.message:
                    raise Broken(f"doubtful where nothing was meddled with: {trouble.error.message}")
        return result

    def do_pull(self, which: int, dies: int | None = None) -> None:
        around = self.process(self.tree(which), dies=dies)
        self.world.run(lambda: self.pulled(around))

    def pulled(self, around: Surroundings) -> None:
        desk, mirroring = around.desk, Mirroring(self.settings, ACCOUNT)
        desk.check_ready()
        with desk.lock():
            desk.finish_interrupted()
            desk.commit_edits()
            for path in self.paths(desk.tree):  # type: ignore[attr-defined]
                try:
                    self.pull_one(around, mirroring, path)
                except NotFound:
                    desk.rewrite(path, mirroring, lambda _: FileEdit(gone=True), "pull: gone")
                except SynclogError:
                    continue

    def pull_one(self, around: Surroundings, mirroring: Mirroring, path: str) -> None:
        desk = around.desk
        file = desk.current(path, mirroring)
        assert file.id is not None
        assert file.number is not None
        sight: Sight = read_ticket(around.client, file.id)
        sight = sight.with_invoices(around.client.invoices(ticket_id=file.id))
        shown = tuple(invoice.number for invoice in sight.invoices or ())
        if (
            file.base is None
            or shown != file.base_invoices
            or sight.ticket.updated_at.isoformat() != file.base["version"]
        ):
            fresh = FileEdit(sight=sight, owner=MIKE)
            desk.rewrite(path, mirroring, lambda _: fresh, "pull: 0 new, 1 changed")
        work = TicketWork(file.number, file.id, path, "", "")
        look = Look(work, self.world.now, sight.comments, sight, Times(sight.ticket.timers, sight.ticket.line_items))
        Finding(around, mirroring, MIKE, desk.ledger([file.number])).of_ticket(path, look)

    # --- what customers do, and others in the web interface ----------------------------------------------------------

    def do_quote(self, ticket: int) -> None:
        """A customer answers, and quotes the last reference as the last line."""
        book = self.book(ticket)
        references = [r for c in book.comments if (r := closing_reference(c.body))]
        self.server.say(book.ticket.id, f"Thanks!\n\nRef {references[-1] if references else 'none'}", None)

    def do_chatter(self, ticket: int, count: int) -> None:
        for turn in range(count):
            self.server.say(self.book(ticket).ticket.id, f"And another thing, number {turn}", None)

    def do_by_hand(self, ticket: int, token: int) -> None:
        """The technician types the same words into the web form."""
        if token in self.jobs:
            self.confusing = True
            self.jobs[token].wanted += 1
            text = self.note(token, 0, self.jobs[token].minutes, None).text
            self.by_hand.add(self.server.say(self.book(ticket).ticket.id, text, MIKE).id)

    def do_web_status(self, ticket: int, status: int) -> None:
        self.server.touch(self.book(ticket), status=STATUSES[status % 4])

    def book(self, ticket: int) -> Any:
        books = list(self.server.books.values())
        return books[ticket % len(books)]

    def today(self) -> object:
        return self.world.now.astimezone(ZONE).date()
