"""What people wrote to Syncro, made readable: a comment's body, plain text or HTML, to markdown.

HTML goes through nh3 (a browser's parser and an allow-list) first, so that what reaches markdownify is balanced and
harmless: no scripts, styles, comments, hidden things. Pulls render tens of thousands of bodies, most of them plain
text: that path touches no library. Nothing depends on the machine, the clock or the stack: the same body gives the
same bytes.
"""

from __future__ import annotations

import re
from html import unescape

from synclog.core.cleantext import clean_text

# A body is HTML when a tag of this list stands in it. `<user@host.example>`, `a < b`, `<C:>` and XML in a log are not.
_HTML = re.compile(
    r"</?(?:a|abbr|address|article|b|big|blockquote|body|br|center|code|dd|del|div|dl|dt|em|font|form|h[1-6]|head|hr|html"
    r"|i|iframe|img|ins|kbd|label|li|link|meta|o:p|object|ol|p|pre|s|script|section|small|span|strike|strong|style|sub"
    r"|sup|svg|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|video)(?=[\s/>])[^<>]*>|<!doctype\s+html",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp);")
_DATA_URI = re.compile(r"data:[a-z]+/[^\s\"'<>)]*", re.IGNORECASE)

_MAX_HTML = 400_000
_MAX_DEPTH = 100
_MAX_TAGS = 6000
_MAX_TEXT = 200_000
_CUT = "[cut here: the rest is in Syncro]"


def readable(body: str) -> str:
    """Return a comment's body as markdown that is safe to put, quoted, into a file and onto a terminal.

    `body` is plain text or HTML, as the server gave it. Plain text stays as it is but for control characters, surplus
    blank lines and what markdown would take for HTML or an image to load. Beyond 200 000 characters it is cut, and says
    so.
    """
    if "<" in body and _HTML.search(body):
        text = _from_html(body)
    else:
        if "&" in body and _ENTITY.search(body):
            body = unescape(body)
        text = inert(clean_text(body))
    if len(text) > _MAX_TEXT:
        text = f"{text[:_MAX_TEXT].rstrip()}\n\n{_CUT}"
    return text


def _from_html(body: str) -> str:
    if len(body) > _MAX_HTML:
        body = _DATA_URI.sub("data:,", body)
    if not body.isprintable():
        body = clean_text(body)
    if len(body) > _MAX_HTML or not _is_modest(body, _MAX_DEPTH * 10):
        return inert(clean_text(bare_text(body)))
    # Imported here: bodies of this kind are the fewer ones, and starting up stays quick without the libraries.
    from synclog.render.htmltext import sanitised, to_markdown

    html = clean_text(sanitised(body))  # once more: entities are characters now
    if not _is_modest(html, _MAX_DEPTH):
        return inert(clean_text(bare_text(html)))
    return clean_text(to_markdown(html))


# --- markdown that does nothing -----------------------------------------------------------------------------------

_AUTOLINK = r"(?:https?://|mailto:)[^\s<>]+>|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+>"
_TAG_OPEN = re.compile(rf"(\\*)<(?=[A-Za-z/!?])(?!{_AUTOLINK})")


def inert(text: str) -> str:
    """Return markdown in which nothing is taken for HTML, and no image is loaded, by whoever shows it."""
    if "<" in text:
        text = _TAG_OPEN.sub(lambda match: match[0] if len(match[1]) % 2 else f"{match[1]}\\<", text)
    return text.replace("![", "!\\[")


# --- without a parser ---------------------------------------------------------------------------------------------

_TAG = re.compile(r"<!--|-->|<(/?)([a-zA-Z][a-zA-Z0-9:]*)(?:[\s/][^<>]*)?>|<[!?][^<>]*>")
_UNSEEN = frozenset(("script", "style", "head", "title", "template", "svg", "object", "noscript"))
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))
_INLINE = frozenset(
    "a abbr b big code del em font i ins kbd label s small span strike strong sub sup tt u o:p img".split()
)


def _is_modest(html: str, max_depth: int) -> bool:
    """Whether a parser takes this without trouble: depth costs quadratic time, or the stack. Unclosed tags count."""
    depth = 0
    for count, match in enumerate(_TAG.finditer(html)):
        name = match[2]
        if count > _MAX_TAGS:
            return False
        if name and name.lower() not in _VOID:
            depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > max_depth:
            return False
    return True


def bare_text(html: str) -> str:
    """Return the words of HTML that is too big or too deep for a parser: one pass, blocks become lines."""
    parts: list[str] = []
    at = 0
    unseen = ""
    for match in _TAG.finditer(html):
        tag, name = match[0], (match[2] or "").lower()
        if not unseen:
            parts.append(html[at : match.start()])
        at = match.end()
        if unseen:
            closes = tag == "-->" if unseen == "<!--" else bool(match[1]) and name == unseen
            unseen = "" if closes else unseen
        elif tag == "<!--" or (name in _UNSEEN and not match[1]):
            unseen = name or tag
        elif name and name not in _INLINE:
            parts.append("\n")
    if not unseen:
        parts.append(html[at:])
    return unescape("".join(parts))
