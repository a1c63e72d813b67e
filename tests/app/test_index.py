"""The answers with the index are those without it, whatever happened to the files, to git, and to the index itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.gitrepos import git, isolate_git
from support.ticketfiles import ticket_text

from synclog.app.account import known_account
from synclog.app.drafts import drafts_of
from synclog.app.files import read_ticket_files, slips_of
from synclog.app.mirroring import file_rules
from synclog.app.pending import pending_work, with_waiting
from synclog.app.search import search_mirrored
from synclog.app.status import Status, check, status
from synclog.app.views import FINISHED, find_file, list_mirrored, row_of, view_ticket
from synclog.app.whose import not_mine
from synclog.core.names import match_text
from synclog.core.searchtext import search_text
from synclog.errors import SynclogError
from synclog.workspace import marks, ticketindex
from synclog.workspace.making import init_workspace
from synclog.workspace.workspace import Workspace

NOW = datetime(2026, 4, 24, 18, 0, tzinfo=UTC)
NUMBERS = range(32160, 32167)
FOLDERS = ("hollow-oak-dental", "hollow-oak", "löwe-travel")
SUBJECTS = ("Server upgrade", "Printer prints blank pages", "Wi-Fi in the warehouse", "Grüße aus dem Büro")
NOTE = "notes:\n  - note: Replaced the failed disk.\n    time: 1h30m\n    labor: remote"
SIMPLE = "notes:\n  - Called the vendor, they opened a case."
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: an example takes a second, and says itself after which deed the answers differed."""
QUERIES = ("server", "disk", '"blank pages"', "gruße", "print* pages", "vendor case")


@pytest.fixture(scope="module", autouse=True)
def own_machine() -> Iterator[None]:
    """Git settings of the tests' own; and marks are trusted at once, since nothing here happens within one tick."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as home:
        isolate_git(patch, Path(home))
        patch.setattr(marks, "_TICK", 0)
        patch.setattr(ticketindex, "_PATIENCE", 0)
        patch.setattr(ticketindex, "_PAUSE", 0)
        yield


class Desk:
    """A workspace of a few tickets, and what a person, an editor, git or bad luck may do in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
        init_workspace(root, "https://acme.syncromsp.com/api/v1", "America/Phoenix", labor={"remote": 1190473})
        for at, number in enumerate(NUMBERS):
            self.write(number, at, subject=SUBJECTS[at % 4], status=("New", "In Progress", "Resolved")[at % 3])
        self.commit()

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(self.root)

    @property
    def paths(self) -> list[Path]:
        return sorted(path for path in self.root.glob("clients/*/tickets/*.md") if not path.is_symlink())

    def write(self, number: int, at: int = 0, **changes: Any) -> None:
        path = self.root / "clients" / FOLDERS[at % 3] / "tickets" / f"{number}-ticket.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ticket_text(number=number, id=108000000 + number, **changes).encode())

    def edit(self, at: int, old: str, new: str, *, whole: bool = False) -> None:
        """Save a file as editors do: in place, or another one in its place."""
        if not (paths := self.paths):
            return
        path = paths[at % len(paths)]
        raw = path.read_bytes().replace(old.encode(), new.encode(), 1)
        if whole:
            other = path.with_name(".saving")
            other.write_bytes(raw)
            other.replace(path)
        else:
            path.write_bytes(raw)

    def git(self, *words: str) -> str:
        """What a person does with git, which may refuse."""
        return subprocess.run(["git", *words], cwd=self.root, capture_output=True, encoding="utf-8", check=False).stdout

    def commit(self, author: str = "") -> None:
        self.git("add", "--all")
        words = ["-c", f"user.name={author}", "-c", f"user.email={author}@x.example"] if author else []
        self.git(*words, "commit", "--quiet", "--allow-empty", "-m", "work")

    def switch(self, at: int) -> None:
        name = f"branch{at % 2}"
        there = self.git("branch", "--list", name)
        self.commit()
        self.git("switch", "--quiet", *(() if there else ("--create",)), name)

    def move(self, at: int) -> None:
        if paths := self.paths:
            path = paths[at % len(paths)]
            target = self.root / "clients" / FOLDERS[(at + 1) % 3] / "tickets" / f"moved-{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

    def copy(self, at: int) -> None:
        if paths := self.paths:
            path = paths[at % len(paths)]
            shutil.copy2(path, path.with_name(f"copy-{at % 3}.md"))

    def delete(self, at: int) -> None:
        if paths := self.paths:
            paths[at % len(paths)].unlink()

    def draft(self, at: int) -> None:
        folder = self.root / "clients" / (*FOLDERS, "nobodys-yet")[at % 4] / "tickets"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"new-{at % 3}.md").write_text("---\nsubject: New printer\nnotes: []\ninvoice: false\n---\n", "utf-8")

    def account(self, at: int) -> None:
        """The account's lists are known, of one kind or another, or forgotten."""
        statuses = (["New", "In Progress", "Resolved"], ["Something else"])[at % 2]
        known = {"host": self.workspace.settings.syncro.base_url, "at": NOW.isoformat(), "statuses": statuses}
        known |= {"technicians": [[1735, "Mika Sandoval"]], "problem_types": [], "ticket_types": []}
        known["default_labor_product_id"] = None  # type: ignore[assignment]
        self.workspace.write_state("account.json", json.dumps(known))

    def overlook(self, at: int) -> None:
        """Git is told to overlook a file, which is then changed."""
        tracked = self.git("ls-files", "-z", "clients").split("\0")[:-1]
        if tracked:
            how = ("--assume-unchanged", "--skip-worktree")[at % 2]
            self.git("update-index", how, tracked[at % len(tracked)])

    def crlf(self, at: int) -> None:
        """Line ends change, and git, which stores them as they were, is told that all is well."""
        if paths := self.paths:
            path = paths[at % len(paths)]
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            self.git("add", "--all")

    def link(self, at: int) -> None:
        """A link stands where a file was: it is not followed."""
        if paths := self.paths:
            path = paths[at % len(paths)]
            path.unlink()
            # What is saved through the link must not be the settings.
            path.symlink_to(self.root / "linked.txt")

    def misplace(self, at: int) -> None:
        """A file is put where none is looked for, or gets a name that is no ticket file's."""
        if paths := self.paths:
            path = paths[at % len(paths)]
            folder = path.parent / "today"
            folder.mkdir(exist_ok=True)
            path.rename((folder / path.name, folder / "mine", path.with_suffix(".md.txt"))[at // 7 % 3])

    def damage(self, at: int) -> None:
        """Bytes of the index are overwritten, or it is cut."""
        index = self.root / ".synclog" / "index.sqlite"
        if not index.is_file():
            return
        raw = bytearray(index.read_bytes())
        place = (at * 7919) % max(1, len(raw))
        if at % 3:
            raw[place : place + 9] = b"Resolved."
        index.write_bytes(raw if at % 3 else raw[:place])

    def lose(self, at: int) -> None:
        """The cache is gone, or something else has its name."""
        shutil.rmtree(self.root / ".synclog", ignore_errors=True)
        if at % 2:
            (self.root / ".synclog" / "index.sqlite").mkdir(parents=True)


ACTIONS: dict[str, Callable[[Desk, int], object]] = {
    "a note": lambda d, at: d.edit(at, "notes: []", (NOTE, SIMPLE)[at % 2]),
    "a note taken back": lambda d, at: d.edit(at, (NOTE, SIMPLE)[at % 2], "notes: []", whole=True),
    "an invoice": lambda d, at: d.edit(at, "invoice: false", "invoice: true"),
    "a status": lambda d, at: d.edit(at, "status: New", "status: resolved", whole=bool(at % 2)),
    "a status in part": lambda d, at: d.edit(at, "status: In Progress", "status: in prog"),
    "the same length": lambda d, at: d.edit(at, "Server upgrade", "Server Upgrade"),
    "a name in part": lambda d, at: d.edit(at, "assigned_to: Mika Sandoval", "assigned_to: mika"),
    "read-only": lambda d, at: d.edit(at, "customer: Hollow", "customer: Wallow"),
    "not valid": lambda d, at: d.edit(at, "notes: []", "notes: ["),
    "valid again": lambda d, at: d.edit(at, "notes: [\n", "notes: []\n"),
    "a slip": lambda d, at: d.edit(at, "notes: []", "notes: []\nstatsu: Done"),
    "gone": lambda d, at: d.edit(at, "notes: []", "notes: []\ngone: true"),
    "text below": lambda d, at: d.edit(at, "> The server is slow.", "> The server was replaced by a faster one."),
    "a damaged base": lambda d, at: d.edit(at, '"version"', '"version'),
    "scratch": lambda d, at: d.edit(at, "---\n\n<!--", "---\nThe disk is in the drawer.\n\n<!--"),
    "deleted": Desk.delete,
    "renamed": Desk.move,
    "copied": Desk.copy,
    "written anew": lambda d, at: d.write(NUMBERS[at % 7], at, subject=SUBJECTS[at % 4]),
    "a draft": Desk.draft,
    "committed": lambda d, at: d.commit(("", "Tess")[at % 2]),
    "staged": lambda d, at: d.git("add", "--all"),
    "looked at by git": lambda d, at: d.git("status"),
    "another branch": Desk.switch,
    "taken back": lambda d, at: d.git("checkout", "--quiet", "HEAD", "--", "."),
    "touched": lambda d, at: [os.utime(path) for path in d.paths[: at % 4]],
    "mode": lambda d, at: [path.chmod(0o600) for path in d.paths[: at % 3]],
    "the account": Desk.account,
    "overlooked": Desk.overlook,
    "line ends": Desk.crlf,
    "a link": Desk.link,
    "misplaced": Desk.misplace,
    "not tracked": lambda d, at: d.git("rm", "--quiet", "-r", "--cached", "--ignore-unmatch", "clients"),
    "ignored": lambda d, at: (d.root / ".git" / "info" / "exclude").write_text(f"{FOLDERS[at % 3]}\n"),
    "damaged": Desk.damage,
    "lost": Desk.lose,
}


@dataclass
class Answers:
    """All that is asked, in values that can be compared."""

    status: object
    check: object
    lists: list[object]
    shown: list[object]
    found: list[object]


def with_index(workspace: Workspace) -> Answers:
    return Answers(
        said(lambda: status(workspace, now=NOW)),
        said(lambda: check(workspace)),
        [said(partial(list_mirrored, workspace, status=s, customer=None, tech=None)) for s in (None, "resolved", "xy")],
        [(said(partial(view_ticket, workspace, n)), said(partial(find_file, workspace, n))) for n in (32161, 1)],
        [[hit.row for hit in search_mirrored(workspace, query).hits] for query in QUERIES],
    )


def said(ask: Callable[[], object]) -> object:
    """An answer, or what is said instead; errors of one text are one."""
    try:
        return text_of(ask())
    except SynclogError as error:
        return text_of(error)


def text_of(value: object) -> str:
    return repr(value) if not isinstance(value, SynclogError) else f"{type(value).__name__}: {value}"


def by_reading_everything(workspace: Workspace) -> Answers:
    """The same, by reading every file, and without any index."""
    files = read_ticket_files(workspace, file_rules(workspace.settings, known_account(workspace)))
    lenient = read_ticket_files(workspace, file_rules(workspace.settings, None))
    slips = slips_of([*files.tickets.values(), *files.drafts])
    rows = sorted((row_of(file) for file in lenient.tickets.values()), key=lambda row: -row.number)
    lists: list[object] = [text_of(([row for row in rows if row.status not in FINISHED], lenient.invalid))]
    for meant in ("resolved", "xy"):
        matched = match_text(meant, sorted({row.status for row in rows}))
        chosen = ([row for row in rows if row.status == matched], lenient.invalid)
        lists.append(text_of(chosen) if isinstance(matched, str) else f"UsageError: {matched}")
    shown = [(said(partial(viewed, workspace, n)), said(partial(located, workspace, n))) for n in (32161, 1)]
    texts = {number: search_text(file) for number, file in lenient.tickets.items()}
    dated = sorted((row.updated_at, row.number) for row in rows)[::-1]
    by_number = {row.number: row for row in rows}
    found: list[object] = [[by_number[n] for _, n in dated if n in matching(texts, q)] for q in QUERIES]
    return Answers(said(lambda: plain_status(workspace)), text_of((files.invalid, slips)), lists, shown, found)


def plain_status(workspace: Workspace) -> Status:
    files = read_ticket_files(workspace, file_rules(workspace.settings, known_account(workspace)))
    chosen = files.only(())
    whose = partial(not_mine, workspace.history)
    today = NOW.astimezone(workspace.settings.timezone).date()
    drafts = drafts_of(workspace, files)
    works = pending_work(workspace.settings, files, chosen, today, whose, drafts=drafts)
    works = [with_waiting(work, workspace.settings) for work in works]
    shown = sorted((w for w in works if w.is_pending or w.held), key=lambda w: (w.number, w.path))
    slips = slips_of([*chosen, *files.drafts])
    return Status(tuple(shown), files.invalid, tuple(d.path for d in files.drafts), len(files.tickets), slips)


def viewed(workspace: Workspace, number: int) -> object:
    from synclog.app.views import view_of_file
    from synclog.errors import UnknownTicket

    try:
        file = read_ticket_files(workspace, file_rules(workspace.settings, None)).one(number)
    except UnknownTicket:
        return None
    return view_of_file(workspace, file)


def located(workspace: Workspace, number: int) -> object:
    from synclog.core.filehead import file_head
    from synclog.errors import UnknownTicket

    for path in workspace.ticket_paths():
        head = file_head(path, workspace.read_bytes(path).decode("utf-8", "replace"))
        if (head and head.number == number) or (head is None and path.rsplit("/", 1)[-1].startswith(f"{number}-")):
            return path
    raise UnknownTicket(f"ticket {number} has no file here")


def matching(texts: dict[int, str], query: str) -> set[int]:
    """Which texts have all words, by a plain reading of them."""
    from synclog.app.search import _matches
    from synclog.core.searchtext import search_query

    return set(_matches(texts, search_query(query)))


@given(st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 41)), min_size=4, max_size=14))
@settings(max_examples=10, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
def test_whatever_happens_the_answers_are_those_of_reading_every_file(deeds: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder).resolve() / "msp")
        for deed, at in [("looked at by git", 0), *deeds]:
            ACTIONS[deed](desk, at)
            assert with_index(desk.workspace) == by_reading_everything(desk.workspace), deed
        assert with_index(desk.workspace) == by_reading_everything(desk.workspace)
