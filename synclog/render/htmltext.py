"""HTML to markdown with nh3, Beautiful Soup and markdownify. incoming.py decides what comes here."""

from __future__ import annotations

import re
from urllib.parse import quote

import nh3
from bs4 import BeautifulSoup
from bs4.element import Tag
from markdownify import ATX, MarkdownConverter

from synclog.render.incoming import inert

_TAGS = set(
    "a address b blockquote br caption center code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s "
    "samp strike strong table tbody td tfoot th thead tr ul".split()
)
_DROPPED = set("script style title template noscript iframe object svg math select textarea audio video canvas".split())
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "style"},
    "td": {"colspan"},
    "th": {"colspan"},
    "ol": {"start"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED,
    attributes=_ATTRIBUTES,
    link_rel=None,
    url_schemes=_SCHEMES,
    filter_style_properties={"display", "visibility", "width", "height"},
)
# Mails with hidden parts are the fewer ones; looking for them costs an attribute on every tag.
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|\shidden\b", re.IGNORECASE)
_CLEANER_FOR_HIDING = nh3.Cleaner(
    tags=_TAGS | {"span", "font"},
    clean_content_tags=_DROPPED,
    attributes={**_ATTRIBUTES, "*": {"style", "hidden"}},
    link_rel=None,
    url_schemes=_SCHEMES,
    filter_style_properties={"display", "visibility", "width", "height"},
)
_TINY = re.compile(r"(?:^|;)\s*(?:width|height)\s*:\s*[01](?:px|pt)?\s*(?:;|$)")
_TINY_SIZES = frozenset(("0", "1", "0px", "1px"))
_CELLS = frozenset(("td", "th"))
_TABLE_PARTS = frozenset(("caption", "thead", "tbody", "tfoot", "tr", "td", "th"))
_BLOCKS_IN_CELL = frozenset(("table", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "hr"))
_SPACE = re.compile(r"\s+")


def sanitised(html: str) -> str:
    """Return balanced HTML of known tags: no scripts, styles, comments, forms, frames, unsafe links."""
    return (_CLEANER_FOR_HIDING if _HIDING.search(html) else _CLEANER).clean(html)


def to_markdown(html: str) -> str:
    """Return sanitised HTML as markdown. The nesting must be shallow: this recurses."""
    soup = BeautifulSoup(html, "html.parser")
    tables = []
    for tag in [node for node in soup.descendants if isinstance(node, Tag)]:
        if tag.attrs and not tag.decomposed and _is_unseen(tag):
            tag.decompose()
        elif tag.name == "table":
            tables.append(tag)
    for table in tables:  # the outer ones first: a table of data within a layout is one, once the layout is gone
        if not table.decomposed and not _is_data(table):
            _unwrap(table)
    return str(_CONVERTER.convert_soup(soup))


def _is_unseen(tag: Tag) -> bool:
    """Whether the mail's reader does not see it: hidden parts, and the images that only count readers."""
    style = str(tag.attrs.get("style", ""))
    if "hidden" in tag.attrs or (style and _HIDING.search(style)):
        return True
    if tag.name != "img":
        return False
    sizes = {str(tag.attrs.get(side, "")).strip().lower() for side in ("width", "height")}
    return bool(sizes & _TINY_SIZES) or bool(_TINY.search(style.lower()))


def _is_data(table: Tag) -> bool:
    """Whether a table holds data, row by row; most tables of mails only lay out blocks."""
    if any(parent.name in ("td", "th", "li") for parent in table.parents):
        return False
    widths: list[int] = []
    blocks = 0
    for tag in table.descendants:
        if not isinstance(tag, Tag):
            continue
        if tag.name in _BLOCKS_IN_CELL:
            return False
        if tag.name == "tr":
            widths.append(0)
        elif tag.name in _CELLS:
            blocks = 0
            if widths:
                widths[-1] += 1
        elif tag.name in ("p", "div"):
            blocks += 1
            if blocks > 2:
                return False
    widest = max(widths, default=0)
    return len(widths) > 1 and widest > 1 and widths.count(widest) * 2 >= len(widths)


def _unwrap(table: Tag) -> None:
    """Turn a table and its parts into plain blocks, but not the tables within it."""
    table.name = "div"
    parts = [child for child in table.children if isinstance(child, Tag)]
    while parts:
        part = parts.pop()
        if part.name != "table":
            parts += [child for child in part.children if isinstance(child, Tag)]
            if part.name in _TABLE_PARTS:
                part.name = "div"


class _Converter(MarkdownConverter):
    """markdownify's, with words for what it has none for, and with nothing that a reader's program would act on."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Keep text as it reads; only what would be HTML, an image or a table's cell border is escaped."""
        text = inert(text or "")
        return text.replace("|", "\\|") if "td" in parent_tags or "th" in parent_tags else text

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """An image is named, never loaded: `[image: alt](url)`, `[image]` where it is not on the web."""
        alt = _label(str(el.get("alt") or ""))
        name = f"image: {alt}" if alt else "image"
        url = _url(str(el.get("src") or ""))
        if "a" in parent_tags:
            return name
        return f"[{name}]({url})" if url.startswith("http") else f"[{name}]"

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A link keeps its text and its target; where both are the same it is written once."""
        url = _url(str(el.get("href") or ""))
        label = _label(text)
        if not url or not label or "_noformat" in parent_tags:
            return text
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        bare = _bare(url)
        if _bare(label) == bare:
            return f"{before}{label if label.startswith(('http', 'mailto')) or '@' in label else url}{after}"
        return f"{before}[{label}]({url}){after}"

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A fence that is longer than any within the text, so that the text can't end it."""
        if not text.strip():
            return ""
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
        return f"\n\n{fence}\n{text.strip(chr(10))}\n{fence}\n\n"

    def convert_center(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Old blocks are blocks."""
        text = text.strip()
        return f" {text} " if "_inline" in parent_tags else f"\n\n{text}\n\n"

    convert_address = convert_center


def _label(text: str) -> str:
    """A link's or an image's text: one line, in which brackets can't end it."""
    return re.sub(r"(?<!\\)([\[\]])", r"\\\1", inert(_SPACE.sub(" ", text).strip()))


def _url(url: str) -> str:
    """A link's target as markdown takes it; nothing for what is not on the web."""
    url = _SPACE.sub("", url)
    if not url.lower().startswith(("http://", "https://", "mailto:", "tel:")):
        return ""
    return quote(url, safe="/:?#@!$&'*+,;=%~[]")


def _bare(url: str) -> str:
    return re.sub(r"^(?:mailto:|tel:|https?://)(?:www\.)?", "", url.strip().lower()).rstrip("/")


_CONVERTER = _Converter(heading_style=ATX, bullets="-", table_infer_header=True)
