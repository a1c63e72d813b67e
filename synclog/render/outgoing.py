"""What a technician wrote, made the HTML of a comment. The template gives it its looks, the code its reference."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING

from synclog.core.cleantext import clean_line, clean_text
from synclog.model import Reference

if TYPE_CHECKING:
    import nh3
    from markdown_it import MarkdownIt

    from synclog.render.environment import Templates

COMMENT_TEMPLATE = "comment.html.j2"


def comment_body(note_text: str, *, reference: Reference, work_day: str | None, environment: Templates) -> str:
    """Return the body of the comment that posts a note: HTML, its last line `Ref …`.

    `note_text` is markdown; HTML in it shows as the text that it is, a line's end stays one. `work_day` is the day of
    the work where it is another than today; the template says it. What the template makes is sanitised like anyone's
    HTML. The same input gives the same bytes. Raises TemplateFailed.
    """
    from markupsafe import Markup

    note = Markup(note_html(note_text))  # noqa: S704 (markdown-it escapes; the sanitiser comes after the template)
    made = environment.render(COMMENT_TEMPLATE, {"note": note, "work_day": clean_line(work_day or "")})
    body = _cleaner().clean(made).strip()
    return f"{body}\n<p>Ref {escape(clean_line(reference))}</p>"


def note_html(note_text: str) -> str:
    """Return a note's markdown as HTML. No HTML of the note's own, no unsafe links, no control characters."""
    return str(_markdown().render(clean_text(note_text))).strip()


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
        ["table", "strikethrough"]
    )


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    tags = (
        "a b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s small span strong sub sup "
        "table tbody td th thead tr u ul"
    )
    return nh3.Cleaner(
        tags=set(tags.split()),
        clean_content_tags={"script", "style", "title"},
        attributes={
            "a": {"href", "title"},
            "img": {"src", "alt", "title"},
            "ol": {"start"},
            "td": {"style"},
            "th": {"style"},
            "p": {"style"},
            "div": {"style"},
            "span": {"style"},
        },
        filter_style_properties={"text-align", "color", "background-color", "font-weight", "font-style", "font-size"},
        url_schemes={"http", "https", "mailto", "tel"},
    )
