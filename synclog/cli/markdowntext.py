"""What people wrote, on a terminal: markdown shown as what it means, and nothing in it that could do or hide anything.

A link shows where it leads; an image is its name; HTML is the text that it is; characters that command a terminal or
turn its lines around are gone, as are entities that would become such. Whatever is not surely meant as markdown stays
as it was typed: a mail's line ends, `__init__`, `\\\\server\\share`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from synclog.cli.context import styled
from synclog.core.cleantext import clean_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.tree import SyntaxTreeNode
    from rich.text import Text

QUOTE = "  > "
"""What every line of somebody's text begins with: so none of them looks like one of ours."""
_LONGEST = 20_000
_NARROWEST = 20
_ESCAPED = "<[]|"
"""What pull escapes in what people wrote; a backslash before anything else is their own."""


def quoted_lines(text: str, width: int | None) -> list[str]:
    """Return a text, markdown, as quoted lines: with `width` for a terminal that has so many places, else as it is."""
    text = clean_text(text)
    if width is not None and len(text) <= _LONGEST:
        from markdown_it.tree import SyntaxTreeNode

        try:
            tree = SyntaxTreeNode(_parser().parse(text))
            return [f"{QUOTE}{_coloured(line)}".rstrip() for line in _blocks(tree.children, width - len(QUOTE))]
        except RecursionError:
            # Hundreds of emphases in one another: nobody means that, and it is shown as it was typed.
            pass
    return [f"{QUOTE}{line}".rstrip() for line in text.split("\n")]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # `--` below a name is a signature, and `&#x202e;` would be a character that turns a line around.
    parser.disable(["lheading", "entity", "reference", "html_block", "html_inline"])
    parser.inline.ruler.at("escape", _escape)
    return parser


def _escape(state: StateInline, silent: bool) -> bool:
    if not (state.src[state.pos] == "\\" and state.src[state.pos + 1 : state.pos + 2] in tuple(_ESCAPED)):
        return False
    if not silent:
        state.pending += state.src[state.pos + 1]
    state.pos += 2
    return True


def _blocks(nodes: Sequence[SyntaxTreeNode], width: int, *, tight: bool = False) -> list[Text]:
    """The lines of some blocks, a blank one between each two."""
    from rich.text import Text

    lines: list[Text] = []
    for node in nodes:
        if lines and not tight:
            lines.append(Text())
        lines += _block(node, max(width, _NARROWEST))
    return lines


def _block(node: SyntaxTreeNode, width: int) -> list[Text]:
    from rich.text import Text

    match node.type:
        case "heading":
            return _wrapped(_inline(node.children, "bold"), width)
        case "blockquote":
            return [Text("> ") + line for line in _blocks(node.children, width - 2)]
        case "fence" | "code_block":
            return [part for line in node.content.rstrip().split("\n") for part in _folded(line, width)]
        case "hr":
            return [Text("---")]
        case "bullet_list" | "ordered_list":
            return _list(node, width)
        case "table":
            rows = [row for part in node.children for row in part.children]
            cells = [[_inline(cell.children, "bold" if cell.type == "th" else "") for cell in r.children] for r in rows]
            return [line for row in cells for line in _wrapped(Text("  |  ").join(row), width)]
        case _:
            return _wrapped(_inline(node.children), width)


def _list(node: SyntaxTreeNode, width: int) -> list[Text]:
    from rich.text import Text

    lines: list[Text] = []
    number = int(node.attrs.get("start", 1))
    for place, item in enumerate(node.children):
        mark = f"{number + place}{item.markup} " if node.type == "ordered_list" else f"{item.markup} "
        is_tight = all(child.hidden for child in item.children if child.type == "paragraph")
        inner = _blocks(item.children, width - len(mark), tight=is_tight) or [Text()]
        lines += [Text(" " * len(mark) if row else mark) + line for row, line in enumerate(inner)]
    return lines


def _inline(nodes: Iterable[SyntaxTreeNode], style: str = "") -> Text:
    """The text of a paragraph, with at most one attribute at a time: `say` lets no other codes through."""
    from rich.text import Text

    text = Text()
    for node in nodes:
        match node.type:
            case "softbreak" | "hardbreak":
                text.append("\n")
            case "strong" | "em" if node.markup.startswith("*"):
                text.append_text(_inline(node.children, "bold"))
            case "code_inline":
                text.append(node.content, "cyan")
            case "link":
                text.append_text(_link(node, style))
            case "image":
                text.append(f"[{node.content}] <{node.attrs.get('src', '')}>")
            case "inline":
                text.append_text(_inline(node.children, style))
            case "text":
                text.append(node.content, style)
            case _:
                mark = node.markup
                text.append(mark)
                text.append_text(_inline(node.children, style))
                text.append(mark)
    return text


def _link(node: SyntaxTreeNode, style: str) -> Text:
    """A link's words and where it leads; once where these are the same."""
    text = _inline(node.children, style)
    target = str(node.attrs.get("href", ""))
    if text.plain not in (target, target.removeprefix("mailto:")):
        text.append(f" <{target}>", "cyan")
    return text


def _wrapped(text: Text, width: int) -> list[Text]:
    from rich.console import Console

    return list(text.wrap(Console(width=width), width))


def _folded(line: str, width: int) -> list[Text]:
    """A line of code, in as many lines as it needs; its spaces stay."""
    from rich.cells import chop_cells
    from rich.text import Text

    return [Text(part, "cyan") for part in chop_cells(line, width)] or [Text()]


def _coloured(line: Text) -> str:
    """A line with the codes that `say` lets through."""
    line.rstrip()
    parts, at = [], 0
    for span in sorted(line.spans, key=lambda span: span.start):
        start = max(span.start, at)
        style = str(span.style)
        if not style or start >= span.end:
            continue
        parts.append(line.plain[at:start])
        piece = line.plain[start : span.end]
        parts.append(styled(piece, bold=True) if style == "bold" else styled(piece, fg=style))
        at = span.end
    return "".join(parts) + line.plain[at:]
