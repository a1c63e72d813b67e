"""What pull needs to know of a ticket's file without reading all of it: the base's few ids, in one look at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from synclog.core.baseline import decode_base, last_line
from synclog.core.fields import mirror_hash
from synclog.errors import InvalidFile, Problem
from synclog.model import TicketId, TicketNumber

_NUMBER = re.compile(r"^number:[ \t]*['\"]?(\d{1,18})['\"]?[ \t]*\r?$", re.MULTILINE)
_NAME = re.compile(r"(?:^|/)(\d{1,12})-[^/]*$")
_MARKER = re.compile(r"^<!-- synclog:mirror\b[^\n]*-->[ \t]*\r?\n", re.MULTILINE)
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class FileHead:
    """A ticket's file by what its base says.

    `version` is "" where the base is missing or damaged: then the file is behind whatever Syncro has. `number` is from
    the front matter where there is no base, else from the file's name. `mirror_changed` says that the text below the
    marker is not as it was written.
    """

    path: str
    number: TicketNumber
    id: TicketId | None
    customer_id: int | None
    version: str
    timer: int
    invoices: tuple[str, ...]
    gone: bool
    mirror_changed: bool


def file_head(path: str, text: str) -> FileHead | None:
    """Return the head of a ticket's file, None for one that has no number (a draft, or not readable)."""
    front = _FRONT.match(text)
    written = _NUMBER.search(front.group(1)) if front else None
    base = decode_base(text) or {}
    number = _whole(base, "number") or _number(written) or _number(_NAME.search(path))
    if number is None:
        return None
    invoices = base.get("invoices")
    return FileHead(
        path=path,
        number=number,
        id=_whole(base, "id"),
        customer_id=_whole(base, "customer_id"),
        version=str(base.get("version") or ""),
        timer=_whole(base, "timer") or 0,
        invoices=tuple(map(str, invoices)) if isinstance(invoices, list) else (),
        gone=bool(front and re.search(r"^gone:[ \t]*true[ \t]*\r?$", front.group(1), re.MULTILINE)),
        mirror_changed="mirror" in base and base["mirror"] != mirror_hash(_mirror(text)),
    )


def by_number(heads: Iterable[FileHead]) -> dict[TicketNumber, list[FileHead]]:
    """Return the heads by ticket number; more than one file for a number is for a person to sort out."""
    found: dict[TicketNumber, list[FileHead]] = {}
    for head in heads:
        found.setdefault(head.number, []).append(head)
    return found


def same_number(number: TicketNumber, paths: Iterable[str]) -> list[InvalidFile]:
    """Return what is wrong with several files for one ticket: a problem in each."""
    listed = sorted(paths)
    remedy = "keep one of them, with all its work; delete the other"
    return [
        InvalidFile(
            path, (Problem(1, f"ticket {number} is also in {', '.join(p for p in listed if p != path)}", remedy),)
        )
        for path in listed
    ]


def _number(match: re.Match[str] | None) -> int | None:
    return int(match.group(1)) if match else None


def _mirror(text: str) -> str:
    marker = _MARKER.search(text)
    return text[marker.end() : last_line(text)[0]] if marker else ""


def _whole(base: Mapping[str, object], key: str) -> int | None:
    value = base.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
