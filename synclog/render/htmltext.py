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
    "a abbr address article b big blockquote br caption center code dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i "
    "img ins kbd li ol p pre s samp section small span strike strong sub sup table tbody td tfoot th thead tr tt u "
    "ul".split()
)
_DROPPED = set("script style title template noscript iframe object svg math select textarea audio video canvas".split())
_ATTRIBUTES = {
    "*": {"style", "hidden"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan"},
    "th": {"colspan"},
    "ol": {"start"},
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED,
    attributes=_ATTRIBUTES,
    link_rel=None,
    url_schemes={"http", "https", "mailto", "tel"},
    filter_style_properties={"display", "visibility", "width", "height"},
)
_UNSEEN = re.compile(r"display:\s*none|visibility:\s*hidden")
_TINY = re.compile(r"(?:^|;)\s*(?:width|height):\s*[01](?:px|pt)?\s*(?:;|$)")
_TINY_SIZES = frozenset(("0", "1", "0px", "1px"))
_BLOCKS_IN_CELL = ("table", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "hr")
_SPACE = re.compile(r"\s+")


def sanitised(html: str) -> str:
    """Return balanced HTML of known tags: no scripts, styles, comments, forms, frames, unsafe links."""
    return str(_CLEANER.clean(html))


def to_markdown(html: str) -> str:
    """Return sanitised HTML as markdown. The nesting must be shallow: this recurses."""
    soup = BeautifulSoup(html, "html.parser")
    _remove_unseen(soup)
    _unwrap_layout(soup)
    return str(_Converter(heading_style=ATX, bullets="-", table_infer_header=True).convert_soup(soup))


def _remove_unseen(soup: BeautifulSoup) -> None:
    """Take out what the mail's reader does not see: hidden parts, and the images that only count readers."""
    for tag in soup.find_all(_is_unseen):
        if not tag.decomposed:
            tag.decompose()


def _is_unseen(tag: Tag) -> bool:
    if not tag.attrs:
        return False
    style = str(tag.get("style", "")).lower()
    if tag.has_attr("hidden") or (style and _UNSEEN.search(style)):
        return True
    if tag.name != "img":
        return False
    sizes = {str(tag.get(side, "")).strip().lower() for side in ("width", "height")}
    return bool(sizes & _TINY_SIZES) or bool(style and _TINY.search(style))


def _unwrap_layout(soup: BeautifulSoup) -> None:
    """Turn tables that only lay out a mail into blocks; tables of data stay."""
    for table in reversed(soup.find_all("table")):
        if not _is_data(table):
            for part in [table, *table.find_all(["caption", "thead", "tbody", "tfoot", "tr", "td", "th"])]:
                if part is table or part.find_parent("table") is table or part.find_parent("table") is None:
                    part.name = "div"


def _is_data(table: Tag) -> bool:
    if table.find(_BLOCKS_IN_CELL) or table.find_parent(("li", "td", "th")):
        return False
    rows = table.find_all("tr")
    widths = [len(row.find_all(("td", "th"))) for row in rows]
    if len(rows) < 2 or max(widths, default=0) < 2 or widths.count(max(widths)) * 2 < len(widths):
        return False
    return all(len(cell.find_all(("p", "div"))) < 3 for cell in table.find_all(("td", "th")))


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
