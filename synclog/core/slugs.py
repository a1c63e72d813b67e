"""Names of folders and files, made of what people call customers and tickets. Pure; what is taken is passed in.

A slug is lower-case ASCII letters, digits and single `-`, at most 40 characters, never empty, never a device name of
Windows: it is the same safe name on every file system.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synclog.model import TicketNumber

LONGEST = 40
_READ_AT_MOST = 400
"""Characters of a name that are looked at: more than enough for a slug, and a cap on hostile ones."""

_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)", re.IGNORECASE)
_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_OTHER = re.compile(r"[^a-z0-9]+")


def is_device_name(name: str) -> bool:
    """Return whether Windows takes `name` for a device (`CON`, `nul.txt`), whatever its extension or case."""
    return _DEVICES.fullmatch(name.partition(".")[0].rstrip(" ")) is not None


def slug(name: str, fallback: str) -> str:
    """Return the slug of `name`; `fallback` (a slug itself) where nothing of the name is left."""
    from anyascii import anyascii

    composed = unicodedata.normalize("NFC", name[:_READ_AT_MOST])
    ascii_name = anyascii(composed.encode("utf-8", "ignore").decode("utf-8"))
    words = _OTHER.sub("-", ascii_name.translate(_APOSTROPHES).lower()).strip("-")
    short = _shorten(words, LONGEST) or fallback
    return _shorten(f"{short}-{fallback}", LONGEST) if is_device_name(short) else short


def customer_slug(name: str, customer_id: int, taken: Collection[str]) -> str:
    """Return the folder's name of a customer, where `taken` are the names that other folders have.

    Of two customers with one slug the later one asked for gets its id appended; so ask for lower ids first.
    """
    others = {other.lower() for other in taken}
    first = slug(name, f"customer-{customer_id}")
    if first not in others:
        return first
    place, ending = 1, f"-{customer_id}"
    while (candidate := _shorten(first, LONGEST - len(ending)) + ending) in others:
        place += 1
        ending = f"-{customer_id}-{place}"
    return candidate


def ticket_filename(number: TicketNumber, subject: str) -> str:
    """Return the name of a ticket's file, such as `32162-server-upgrade.md`."""
    return f"{number}-{slug(subject, 'ticket')}.md"


def free_name(name: str, taken: Collection[str]) -> str:
    """Return `name`, or the first of `name-2`, `name-3`, … that none of `taken` has, which are lower-case: on many file
    systems names that differ in case alone are one."""
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    place, candidate = 1, name
    while candidate.lower() in taken:
        place += 1
        candidate = f"{stem}-{place}{dot}{ending}"
    return candidate


def _shorten(words: str, most: int) -> str:
    """Cut at the end of a word where that keeps more than half, else anywhere."""
    if len(words) <= most:
        return words
    cut = words[: most + 1].rfind("-")
    return words[: cut if cut > most // 2 else most].rstrip("-")
