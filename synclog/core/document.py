"""The shape that ticket files and customers' cards share, and where its parts stand.

    ---
    front matter (YAML)
    ---
    scratch text, the technician's own
    <!-- synclog:mirror … -->
    mirrored text
    <!-- synclog:base {…} -->

A file may begin with a byte order mark and have `\\r\\n` line ends; both are kept. A missing or doubled marker and a
missing or damaged base are no errors here: they are told, and the rest of the file can be used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from synclog.core.baseline import BaseProblem, decode_base, encode_base, last_line, read_base
from synclog.core.yamlproblems import YamlProblem
from synclog.core.yamltext import YamlMap, compose
from synclog.errors import EditFailed, InvalidFile, Problem

__all__ = [
    "MARKER",
    "BaseProblem",
    "Document",
    "decode_base",
    "encode_base",
    "left_by_a_merge",
    "own_part",
    "parse_document",
    "read_bytes",
    "with_mirror",
]

MARKER = "<!-- synclog:mirror (below is mirrored from Syncro; changes here are not sent) -->"

REPORT = "nothing was written; please report this, with the front matter of the file"
"""What to do about an EditFailed."""

_BOM = "\ufeff"
_OPENING = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_CONFLICT_OPENS = re.compile(r"^<{7}(?: |\r?$)", re.MULTILINE)
_CONFLICT_CLOSES = re.compile(r"^>{7}(?: |\r?$)", re.MULTILINE)
_BASE = re.compile(r"^<!-- synclog:base ", re.MULTILINE)
_MARKER = re.compile(r"^<!-- synclog:mirror\b[^\n]*-->[ \t]*\r?(?:\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A file by its parts. Positions are into `text`: the front matter is `text[front_start:front_end]`, what is below
    it begins at `body_start`. `marker` is where the marker line begins and where the line after it does, None without
    one. `base_start` is where a base line (readable or not) begins, else the end of the text."""

    path: str
    text: str
    front: YamlMap
    front_start: int
    front_end: int
    body_start: int
    marker: tuple[int, int] | None
    marker_problem: Literal["missing", "doubled"] | None
    base: Mapping[str, object] | None
    base_problem: BaseProblem | None
    base_start: int

    @property
    def newline(self) -> str:
        """The line end of the file: that of its first line."""
        return "\r\n" if self.text[self.front_start - 2 : self.front_start] == "\r\n" else "\n"

    @property
    def scratch(self) -> str:
        """The text between the front matter and the marker; without a marker, all of it down to the base."""
        return self.text[self.body_start : self.marker[0] if self.marker else self.base_start]

    @property
    def mirror(self) -> str:
        """The text between the marker and the base."""
        return self.text[self.marker[1] : self.base_start] if self.marker else ""

    def line_of(self, position: int) -> int:
        """Return the line, from 1, of a position in the text."""
        return self.text.count("\n", 0, position) + 1


def read_bytes(raw: bytes, path: str) -> str:
    """Return the text of a file, byte order mark and line ends as they are.

    Raises InvalidFile for what is not UTF-8 and for NUL bytes, with the line.
    """
    position, message = raw.find(b"\0"), "a NUL byte stands here: this is not a text file"
    text = ""
    if position < 0:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            position, message = error.start, f"byte {error.start} (0x{raw[error.start]:02x}) is not UTF-8"
    if position >= 0:
        line = raw.count(b"\n", 0, position) + 1
        raise InvalidFile(path, (Problem(line, message, "save the file as UTF-8 text"),))
    return text


def own_part(raw: bytes) -> bytes:
    """Return what stands above the marker line: the technician's, whatever Syncro says below it."""
    return raw.partition(b"\n<!-- synclog:mirror")[0]


def parse_document(text: str, path: str) -> Document:
    """Return the parts of a file. `path` is for messages.

    Raises InvalidFile when the front matter is missing, is never closed, or is not what synclog reads of YAML, and for
    what a merge as text leaves behind.
    """
    if leftover := left_by_a_merge(text):
        raise InvalidFile(path, (leftover,))
    opening = _OPENING.match(text, len(_BOM) if text.startswith(_BOM) else 0)
    if opening is None:
        remedy = "begin the file with a line `---`, then `key: value` lines, then another `---`"
        raise InvalidFile(path, (Problem(1, "the file does not begin with front matter", remedy),))
    front_start = opening.end()
    closing = _CLOSING.search(text, front_start)
    if closing is None:
        remedy = "put a line `---` after the last key"
        raise InvalidFile(path, (Problem(1, "the front matter that opens here is never closed", remedy),))
    front_end = closing.start()
    body_start = min(closing.end() + 1, len(text))
    try:
        front = compose(text, front_start, front_end, first_line=2)
    except YamlProblem as problem:
        raise InvalidFile(path, problem.problems) from None
    base_start, line = last_line(text)
    base, base_problem = read_base(line)
    if base_start < body_start or base_problem == "missing":
        base, base_problem, base_start = None, "missing", len(text)
    markers = [(match.start(), match.end()) for match in _MARKER.finditer(text, body_start, base_start)]
    return Document(
        path=path,
        text=text,
        front=front,
        front_start=front_start,
        front_end=front_end,
        body_start=body_start,
        marker=markers[0] if markers else None,
        marker_problem=None if len(markers) == 1 else "doubled" if markers else "missing",
        base=base,
        base_problem=base_problem,
        base_start=base_start,
    )


def left_by_a_merge(text: str) -> Problem | None:
    """Return what a merge without synclog's driver left behind: git's conflict markers, or two bases; None without."""
    opened = _CONFLICT_OPENS.search(text)
    if opened and _CONFLICT_CLOSES.search(text, opened.end()):
        remedy = "keep what is right of both sides, delete the lines `<<<<<<<`, `=======` and `>>>>>>>`"
        return Problem(text.count("\n", 0, opened.start()) + 1, "git's conflict markers stand here", remedy)
    marker = _MARKER.search(text)
    bases = [match.start() for match in _BASE.finditer(text, marker.end())] if marker else []
    if len(bases) > 1:
        remedy = "delete the older of the lines that begin with `<!-- synclog:base`; `synclog pull` then mends the rest"
        message = "a second base stands here: two versions were merged as text"
        return Problem(text.count("\n", 0, bases[1]) + 1, message, remedy)
    return None


def with_mirror(text: str, mirror: str, base: Mapping[str, object]) -> str:
    """Return `text` with all below the marker line replaced by `mirror` (which begins and ends with a line end) and
    the base; a missing marker is added. What stands above stays to the byte. Raises InvalidFile like parsing."""
    document = parse_document(text, "")
    newline = document.newline
    if document.marker:
        head = text[: document.marker[1]]
        if not head.endswith("\n"):
            head += newline
    else:
        head = text[: document.base_start]
        while not head.endswith(newline * 2):
            head += newline
        head += MARKER + newline
    below = f"{mirror}\n" if newline == "\n" else f"{mirror}\n".replace("\r\n", "\n").replace("\n", newline)
    fresh = f"{head}{below}{encode_base(base)}{newline}"
    check = parse_document(fresh, "")
    kept = fresh.startswith(text[: document.marker[0] if document.marker else document.base_start])
    if not kept or check.marker is None or check.mirror != below or decode_base(fresh) is None:
        raise EditFailed("the mirrored part of a file would not read back as it was written", remedy=REPORT)
    return fresh
