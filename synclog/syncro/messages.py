"""What a server said when it refused, out of the many shapes in which it says so: JSON of all kinds, HTML, nothing."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser

LONGEST = 1000
_SAYING = ("error", "errors", "message", "messages", "error_description", "detail")
_UNSEEN = frozenset(("script", "style", "head"))
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_MOST_READ = 64 * 1024


def server_message(body: bytes) -> str:
    """Return what the body says, on one line, in the server's words; "" when it says nothing.

    All of `error`, `errors`, `message` are read, as text, list or by field, one inside the other. Of HTML the
    visible text is taken, of anything else the text itself. Control characters are gone; at most 1000 characters.
    """
    text = body[:_MOST_READ].decode("utf-8", "replace").lstrip("\ufeff").strip()
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return _shortened(_visible_text(text) if "<" in text else text)
    parts = list(dict.fromkeys(part for part in map(one_line, _parts(said, 0)) if part))
    if not parts and said not in ({}, [], None, "", True, False):
        parts = [one_line(json.dumps(said, ensure_ascii=False))]
    return _shortened("; ".join(parts))


def one_line(text: str) -> str:
    """Return `text` on one line without control characters, lone surrogates and marks that turn the writing around."""
    spaced = " ".join(text.split())
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs") and c not in _BIDI)


def _parts(said: object, depth: int) -> Iterator[str]:
    """Yield the messages inside `said`; those of a field are led by its name."""
    if depth > 6:
        return
    if isinstance(said, str):
        yield said
    elif isinstance(said, list):
        for item in said:
            yield from _parts(item, depth + 1)
    elif isinstance(said, dict):
        saying = [name for name in _SAYING if said.get(name)]
        if saying:
            for name in saying:
                yield from _parts(said[name], depth + 1)
        elif depth > 0:
            for name, inner in said.items():
                yield from (f"{name}: {part}" for part in _parts(inner, depth + 1))
    elif said is not None and not isinstance(said, bool):
        yield str(said)


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.title: list[str] = []
        self._unseen = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        self._unseen += tag in _UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._unseen:
            self.parts.append(data)


def _visible_text(page: str) -> str:
    reader = _Visible()
    try:
        reader.feed(page)
        reader.close()
    except AssertionError:  # html.parser gives up so on broken declarations; what it read before is kept
        reader.parts.append("…")
    title, text = one_line("".join(reader.title)), one_line(" ".join(reader.parts))
    return text if not title or text.startswith(title) else f"{title}: {text}" if text else title


def _shortened(text: str) -> str:
    line = one_line(re.sub(r"[\x00-\x1f\x7f]+", " ", text))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
