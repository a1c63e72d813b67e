"""The bare words of a comment's body, whatever the server did to its markup: for comparing, not for people."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol "
    "p pre section table tbody td tfoot th thead tr ul".split()
)
_UNSEEN = frozenset(("script", "style", "head", "title"))
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")


class _Words(HTMLParser):
    """Collects text; a block's edge is a line's end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def plain_lines(body: str) -> list[str]:
    """Return the non-blank lines of a body, tags and entities resolved, white space folded."""
    text = body
    if _MARKUP.search(body):
        words = _Words()
        words.feed(body)
        words.close()
        text = "".join(words.parts)
    folded = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in folded if line]
