"""Reading history: what was posted, how far pulls came, who wrote a line. Nothing here changes anything.

All of it is read from the messages and authors of commits that HEAD leads to, which may be anyone's: values are
checked where they are parsed (core/trail.py), texts are decoded without failing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from synclog.core import baseline
from synclog.core.baseline import decode_base
from synclog.core.trail import (
    OPENING,
    PULLED_TO,
    STAMP,
    UNSTAMP,
    Ledger,
    TrailEntry,
    parse_all_trailers,
    parse_pulled_to,
    parse_stamps,
)
from synclog.model import Reference, TicketNumber
from synclog.workspace.files import read_bytes
from synclog.workspace.gitrun import Git

_LOG = ("log", "-z", "--no-show-signature", "--no-color", "--no-notes", "--no-patch", "--fixed-strings")
_MOST_GREPS = 50
"""References up to which git searches for them; with more it is quicker to read all entries once."""
_PULLS_READ = 50
_CHANGES_READ = 50
_VERSIONS_READ = 200
_MERGES_READ = 3
_SYNCRO = "syncro@"
"""How the address of the author of pulls begins."""
_BLAMED = re.compile(rb"[0-9a-f]{40,64} \d+ (\d+)")


def trail(git: Git, references: Collection[Reference] | None = None) -> tuple[TrailEntry, ...]:
    """Return what was posted, newest first; with `references`, only the entries of these.

    An entry that history holds several times (rebased, cherry-picked, squashed) is there once: its oldest copy.
    """
    wanted = None if references is None else frozenset(references)
    if wanted is not None and not wanted:
        return ()
    words = sorted(wanted) if wanted and len(wanted) <= _MOST_GREPS else [f"{OPENING}: "]
    ran = git.run(*_LOG, *(f"--grep={word}" for word in words), "--format=%H%x00%an%x00%ae%x00%at%x00%B", "HEAD")
    if ran.status and has_commits(git):
        raise git.failure("log", ran)
    entries: dict[tuple[object, ...], TrailEntry] = {}
    for entry in _entries(ran.out.decode("utf-8", "replace")):
        if wanted is None or entry.reference in wanted:
            # Taken out first: the place among the others is the oldest copy's too.
            entries.pop(entry.identity(), None)
            entries[entry.identity()] = entry
    return tuple(entries.values())


def posted(git: Git, number: TicketNumber | None = None) -> Iterator[TrailEntry]:
    """Yield what was posted, oldest first and each entry once, as `trail` finds it; of one ticket with `number`.

    History is read as git gives it: however long it is, one commit is held at a time.
    """
    if not has_commits(git):
        return
    word = f"{OPENING}: " if number is None else f"Syncro-Ticket: {number}"
    order = ("--author-date-order", "--reverse")
    fields = git.fields(*_LOG, *order, f"--grep={word}", "--format=%H%x00%an%x00%ae%x00%at%x00%B", "HEAD")
    seen: set[tuple[object, ...]] = set()
    for commit, name, email, seconds, message in zip(*[fields] * 5, strict=False):  # the same one, five at a time
        for entry in _entries_of(commit, name, email, seconds, message):
            if (number is None or entry.ticket == number) and entry.identity() not in seen:
                seen.add(entry.identity())
                yield entry


def pushes(git: Git) -> dict[Reference, str]:
    """Return for each reference the commit that stamped it last: that of a push's notes is one."""
    ran = git.run(*_LOG, f"--grep={STAMP}: ", "--format=%H%x00%B", "HEAD")
    if ran.status and has_commits(git):
        raise git.failure("log", ran)
    fields = ran.out.decode("utf-8", "replace").split("\0")
    found: dict[Reference, str] = {}
    for commit, message in zip(fields[::2], fields[1::2], strict=False):
        for reference in (reference for reference, stamped in parse_stamps(message) if stamped):
            found.setdefault(reference, commit)
    return found


def ledger(git: Git, numbers: Collection[TicketNumber], *, drafts: bool = False) -> Ledger:
    """Return what history says of the tickets `numbers`, and of new tickets with `drafts`: what was posted, and what
    was stamped. One run of git, however many they are."""
    heads = [*(str(number) for number in sorted(numbers)), *(["new"] if drafts else [])]
    words = [f"{name}: {head}-" for name in (STAMP, UNSTAMP) for head in heads]
    words += [f"Syncro-Ticket: {number}" for number in sorted(numbers)] + (["Synclog-Entry: new-"] if drafts else [])
    if not words:
        return Ledger()
    if len(words) > _MOST_GREPS * 3:
        words = [f"{OPENING}: ", f"{STAMP}: ", f"{UNSTAMP}: "]
    ran = git.run(*_LOG, *(f"--grep={word}" for word in words), "--format=%H%x00%an%x00%ae%x00%at%x00%B", "HEAD")
    if ran.status and has_commits(git):
        raise git.failure("log", ran)
    log = ran.out.decode("utf-8", "replace")
    entries: dict[tuple[object, ...], TrailEntry] = {}
    for entry in _entries(log):
        if entry.ticket in numbers or (drafts and entry.op == "create"):
            entries.pop(entry.identity(), None)
            entries[entry.identity()] = entry
    newest: dict[Reference, bool] = {}
    for message in log.split("\0")[4::5]:
        for reference, stamped in reversed(parse_stamps(message)):
            if reference.rpartition("-")[0] in heads:
                newest.setdefault(reference, stamped)
    begun, ended = (frozenset(r for r, stamped in newest.items() if stamped is which) for which in (True, False))
    return Ledger(tuple(entries.values()), begun, ended)


def texts_with(git: Git, word: str, folder: str, skip: int) -> Iterator[tuple[str, bytes]]:
    """Yield (path less `skip` characters, content) of files below `folder` that once held `word`: in the commits that
    brought or took it, and the ones before these; the newest first."""
    words = (*_LOG, "--no-textconv", "--no-ext-diff", f"--max-count={_CHANGES_READ}", f"-S{word}", "--format=%H %P")
    ran = git.run(*(w for w in words if w not in ("-z", "--fixed-strings")), "HEAD", "--", folder)
    if ran.status and has_commits(git):
        raise git.failure("log", ran)
    for commit in dict.fromkeys(ran.line.split()):
        held = git.run("grep", "-l", "-z", "--fixed-strings", "-e", word, commit, "--", folder)
        for name in filter(None, held.out.split(b"\0")):
            content = git.run("cat-file", "blob", os.fsdecode(name))
            if content.status == 0:
                yield os.fsdecode(name.partition(b":")[2])[skip:], content.out


def contents(git: Git, wanted: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], bytes]]:
    """Yield what was asked for as (commit, path from the repository's root), with the file's content; what is not there
    is left out. One run of git, however many they are."""
    asked = [pair for pair in wanted if "\n" not in pair[1]]
    if not asked:
        return
    feed = b"".join(os.fsencode(f"{commit}:{path}\n") for commit, path in asked)
    out, at = git.must("cat-file", "--batch", feed=feed).out, 0
    for pair in asked:
        end = out.index(b"\n", at)
        head = out[at:end].split(b" ")
        at = end + 1
        if head[-2:-1] == [b"blob"] and head[-1].isdigit():
            yield pair, out[at : at + int(head[-1])]
        if head[-1].isdigit():
            at += int(head[-1]) + 1


def versions(git: Git, path: str, commit: str) -> Iterator[bytes]:
    """Yield the contents that a file had in the commits up to `commit` that changed it, the newest first."""
    ran = git.run("log", "--no-show-signature", f"--max-count={_VERSIONS_READ}", "--format=%H", commit, "--", path)
    commits = [] if ran.status else ran.line.split()
    yield from (raw for _, raw in contents(git, [(one, path) for one in commits]))


def messages(git: Git, path: str) -> tuple[str, ...]:
    """Return the messages of the commits that changed a file, the newest first."""
    ran = git.run("log", "--no-show-signature", f"--max-count={_VERSIONS_READ}", "--format=%B%x00", "HEAD", "--", path)
    return () if ran.status else tuple(ran.out.decode("utf-8", "replace").split("\0"))


def bases_gone_back(git: Git, folder: str) -> list[str]:
    """Return the files below `folder` whose base is older in one of the last merges, and still, than in a parent of
    that merge."""
    merges = git.run(*_LOG[:5], "--merges", f"--max-count={_MERGES_READ}", "--format=%H %P", "HEAD")
    found: set[str] = set()
    now = _base_versions(git, "HEAD", folder) if merges.line else {}
    for line in merges.line.replace("\0", "\n").splitlines():
        merge, *parents = line.split()
        merged = _base_versions(git, merge, folder)
        for parent in parents:
            before = _base_versions(git, parent, folder)
            found |= {path for path, old in before.items() if max(merged.get(path, old), now.get(path, old)) < old}
    return sorted(found)


def _base_versions(git: Git, commit: str, folder: str) -> dict[str, str]:
    """The version that the base of each file in a commit names."""
    ran = git.run("grep", "-z", "--no-color", "--fixed-strings", "-e", baseline.OPENING, commit, "--", folder)
    rows = (row.partition("\0") for row in ran.out.decode("utf-8", "replace").split("\n"))
    bases = ((name.partition(":")[2], decode_base(line)) for name, _, line in rows)
    return {name: str(base.get("version") or "") for name, base in bases if base}


def pulled_to(git: Git) -> datetime | None:
    """Return how far the pulls that HEAD holds came (UTC), None before the first.

    After a merge HEAD holds what both sides pulled, so the latest of the newest pulls counts, not the topmost.
    """
    ran = git.run(*_LOG, f"--grep={PULLED_TO}: ", f"--max-count={_PULLS_READ}", "--format=%B", "HEAD")
    if ran.status and has_commits(git):
        raise git.failure("log", ran)
    moments = (parse_pulled_to(message) for message in ran.out.decode("utf-8", "replace").split("\0"))
    return max((moment for moment in moments if moment is not None), default=None)


def blame_authors(
    git: Git, path: str, line_ranges: Sequence[tuple[int, int]]
) -> tuple[frozenset[tuple[str, str]], ...]:
    """Return for each range of lines (from 1, the last one included) who committed these lines: (name, e-mail).

    It is the file in the work tree that is asked about. Lines that are not committed, or were changed since, were
    committed by nobody. Syncro writes none of what is asked about: of a line that a pull's commit took along, it is who
    pulled.
    """
    lines = _lines(git, path)
    asked = [(max(start, 1), min(end, lines)) for start, end in line_ranges]
    spans = [f"-L{start},{end}" for start, end in asked if start <= end]
    known = git.run("cat-file", "-e", f"HEAD:{path}").status == 0
    authors: dict[int, tuple[str, str]] = {}
    if spans and known:
        authors = dict(_blamed(git.must("blame", "--no-textconv", "--line-porcelain", *spans, "--", path).out))
    return tuple(frozenset(authors[line] for line in range(start, end + 1) if line in authors) for start, end in asked)


def texts_of_head(git: Git, paths: Sequence[str]) -> dict[str, str]:
    """Return what HEAD has at these paths of the workspace, where it has a file."""
    feed = b"".join(os.fsencode(f"HEAD:{git.prefix}{path}") + b"\n" for path in paths)
    out = git.must("cat-file", "--batch", feed=feed).out if paths else b""
    found: dict[str, str] = {}
    at = 0
    for path in paths:
        end = out.index(b"\n", at)
        words = out[at:end].rsplit(b" ", 2)
        at = end + 1
        if words[-1].isdigit():
            size = int(words[-1])
            found[path] = out[at : at + size].decode("utf-8", "replace")
            at += size + 1
    return found


def has_commits(git: Git) -> bool:
    """Return whether HEAD leads to a commit."""
    return git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").status == 0


def _entries(log: str) -> Iterator[TrailEntry]:
    fields = log.split("\0")
    for at in range(0, len(fields) - 4, 5):
        yield from reversed(_entries_of(*fields[at : at + 5]))


def _entries_of(commit: str, name: str, email: str, seconds: str, message: str) -> tuple[TrailEntry, ...]:
    """The entries of one commit, in the order of its message."""
    known = {"commit": commit, "author": _shown(name), "author_email": _shown(email), "when": _moment(seconds)}
    return tuple(replace(entry, **known) for entry in parse_all_trailers(message))  # type: ignore[arg-type]


def _lines(git: Git, path: str) -> int:
    """Return how many lines a file has on disk, as git counts them."""
    try:
        raw = read_bytes(git.root / path)
    except FileNotFoundError:
        return 0
    return raw.count(b"\n") + (not raw.endswith(b"\n") and bool(raw))


def _blamed(output: bytes) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield (line, its author's name and e-mail) from `git blame --line-porcelain`, committed lines only."""
    line, name, email, committed = 0, "", "", False
    for row in output.split(b"\n"):
        if match := _BLAMED.match(row):
            line, committed = int(match[1]), not row.startswith(b"0" * 40)
        elif row.startswith(b"author "):
            name = _shown(row[len(b"author ") :].decode("utf-8", "replace"))
        elif row.startswith(b"author-mail "):
            email = _shown(row[len(b"author-mail ") :].strip(b"<> ").decode("utf-8", "replace"))
        elif row.startswith(b"committer ") and email.startswith(_SYNCRO):
            name = _shown(row[len(b"committer ") :].decode("utf-8", "replace"))
        elif row.startswith(b"committer-mail ") and committed:
            if email.startswith(_SYNCRO):
                email = _shown(row[len(b"committer-mail ") :].strip(b"<> ").decode("utf-8", "replace"))
            yield line, (name, email)


def _shown(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def _moment(seconds: str) -> datetime | None:
    """A commit's time; None where it is none that a calendar has in every time zone."""
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if 1970 <= moment.year < 9999 else None
