"""The formats in which a comment's text is answered: `plaintext` (the default), `richtext` and `original`."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_SILENT = frozenset({"style", "script", "head", "title"})
_BREAKS = frozenset({"p", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote", "pre"})
_DANGEROUS = re.compile(r"<(script|style|iframe)\b.*?</\1\s*>|\son\w+\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.I | re.S)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")


def looks_like_html(body: str) -> bool:
    """Return whether a posted text is taken as HTML: it has a tag."""
    return bool(_TAG.search(body))


def formatted(body: str, is_html: bool, comment_format: str) -> str:
    """Return a comment's body as `comment_format` asks for it; an unknown format counts as plaintext."""
    if comment_format == "original":
        return body
    if comment_format == "richtext":
        return _DANGEROUS.sub("", body) if is_html else html.escape(body).replace("\n", "<br>")
    return plain(body) if is_html else body


def plain(markup: str) -> str:
    """Return the text of HTML: blocks become lines, the rest of the markup goes."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in "".join(reader.parts).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        self._verbatim += tag == "pre"
        if tag == "br" or tag in _BREAKS:
            self.parts.append("\n")
        elif tag == "td":
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        self._verbatim = max(0, self._verbatim - (tag == "pre"))
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data if self._verbatim else data.replace("\n", " "))
