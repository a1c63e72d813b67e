"""A session log's file: its name, the seal in its last line, and what can be told from that.

The seal says what the log was made of, so that three things need no rendering: whether a person has changed the file,
whether its ticket has changed since, and, line by line, which lines are still as they were written. It never holds
words, only hashes and the references of the work in the log.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from synclog.core.references import REFERENCE
from synclog.core.slugs import slug
from synclog.model import Reference, TicketNumber

USUAL = "full"
INDEX = "README.md"

_SEAL = re.compile(r"^<!-- synclog:log (\{.*\}) -->[ \t]*\r?\n?", re.MULTILINE)
# Work's own line. A reference in a quoted comment is not work that the log has: its record may come later.
_OWN_LINE = re.compile(rf"^Ref {REFERENCE.pattern}", re.MULTILINE)
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)-([1-9]\d{0,11})-([a-z0-9-]+?)(?:\.([a-z0-9-]+))?\.md")
_HASH = 6
_HEADING = "## "


@dataclass(frozen=True, slots=True)
class LogName:
    """What the name of a log's file says; `template` is empty for the one that the workspace writes as usual."""

    day: date
    number: TicketNumber
    words: str
    template: str = ""

    @property
    def filename(self) -> str:
        """The name again."""
        ending = f".{self.template}" if self.template else ""
        return f"{self.day.isoformat()}-{self.number}-{self.words}{ending}.md"


def log_name(day: date, number: TicketNumber, subject: str, template: str = "") -> LogName:
    """Return the name of a new log; another one than the workspace's usual `template` is a part of it."""
    return LogName(day, number, slug(subject, "ticket"), template)


def parse_log_name(name: str) -> LogName | None:
    """Return what a file's name says, None for one that is no log's."""
    match = _NAME.fullmatch(name)
    try:
        return LogName(date.fromisoformat(match[1]), int(match[2]), match[3], match[4] or "") if match else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class LogOnDisk:
    """A log as it was found. `text` is all but its seal, to the byte; `untouched` means that it is as it was written.
    `made_of` is the fingerprint of what it was last made of, `base` the hashes of the lines it was last made as, by
    section; both are empty where the seal does not say."""

    text: str
    entries: frozenset[Reference]
    untouched: bool
    made_of: str
    base: tuple[tuple[str, ...], ...]


def sealed(
    text: str, entries: Iterable[Reference], made_of: str, rendered: str | None = None, *, newline: str = "\n"
) -> str:
    """Return `text` with the seal, its last line. `rendered` is the log as it was rendered, where a person's words are
    in `text` as well: then the file is known as theirs."""
    body = text if text.endswith("\n") else text + newline
    base = "|".join("".join(section) for section in line_hashes(text if rendered is None else rendered))
    digest = _digest(body) if rendered is None else None
    seal = {"entries": sorted(entries), "made_of": made_of, "sha256": digest, "lines": base}
    return f"{body}{newline}<!-- synclog:log {json.dumps(seal, sort_keys=True)} -->{newline}"


def read_log(content: str) -> LogOnDisk:
    """Return what a log's file holds. It never raises: a seal that is bent or gone means that a person was here."""
    seals = list(_SEAL.finditer(content))
    text = _SEAL.sub("", content)
    if seals and not content[seals[-1].end() :].strip():
        text = re.sub(r"\r?\n\Z", "", text)  # the empty line before it
    entries = set(_OWN_LINE.findall(text))
    said: dict[str, object] = {}
    for seal in seals:
        try:
            found = json.loads(seal[1])
        except (ValueError, RecursionError):
            continue
        said = found
        listed = found.get("entries")
        entries.update(entry for entry in listed if isinstance(entry, str)) if isinstance(listed, list) else None
    ends_there = len(seals) == 1 and not content[seals[0].end() :].strip()
    digest, made_of = said.get("sha256"), said.get("made_of")
    untouched = ends_there and digest == _digest(text)
    made_of = made_of if isinstance(made_of, str) else ""
    return LogOnDisk(text, frozenset(entries), untouched, made_of, _base(said.get("lines")))


def fingerprint(value: object) -> str:
    """Return what two equal JSON-able values share, and no others."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def line_hash(line: str) -> str:
    """Return six characters for a line; white space at its end does not count, editors strip it."""
    digest = hashlib.blake2b(line.rstrip().encode("utf-8", "surrogatepass"), digest_size=5).digest()
    return base64.b64encode(digest).decode()[:_HASH]


def split_sections(lines: Sequence[str]) -> list[list[str]]:
    """Return the lines of a log by section: front matter, what comes before the first heading, then each heading of the
    second level with what is below it."""
    sections: list[list[str]] = [[], []]
    at = 0
    if lines and lines[0].lstrip("\ufeff").rstrip() == "---":
        ends = [place for place, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"]
        at = ends[0] + 1 if ends else 0
        sections[0] = list(lines[:at])
    for line in lines[at:]:
        if line.startswith(_HEADING):
            sections.append([])
        sections[-1].append(line)
    return sections


def line_hashes(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the hashes of a log's lines, by section."""
    return tuple(tuple(map(line_hash, section)) for section in split_sections(text.rstrip("\n").split("\n")))


def _base(lines: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(lines, str):
        return ()
    sections = lines.split("|")
    return tuple(tuple(part[at : at + _HASH] for at in range(0, len(part), _HASH)) for part in sections)


def _digest(text: str) -> str:
    normal = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()
