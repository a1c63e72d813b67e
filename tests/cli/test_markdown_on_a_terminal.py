"""What people wrote is shown as what it means, loses nothing on the way, and can do nothing to a terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synclog.cli.columns import cut, places
from synclog.cli.markdowntext import QUOTE, quoted_lines

COMMANDS_A_TERMINAL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def shown(text: str, width: int = 60) -> str:
    """What a terminal shows of a text, without the quotation that it stands in."""
    return "\n".join(line.removeprefix(QUOTE.rstrip()).removeprefix(" ") for line in quoted_lines(text, width))


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Watched it sync: **no errors**.", "Watched it sync: no errors."),
        ("## Findings\n\nNone", "Findings\n\nNone"),
        ("Dear Len,\nit works.\n\nMike\n--\nCopperline", "Dear Len,\nit works.\n\nMike\n--\nCopperline"),
        ("- one\n- two\n  - inner", "- one\n- two\n  - inner"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("> quoted\n> twice", "> quoted\n> twice"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a  |  b\n1  |  2"),
        ("```\nx  =  1\n```", "x  =  1"),
        ("Run `a * b * c`.", "Run a * b * c."),
    ],
)
def test_markdown_is_shown_as_what_it_means(written: str, seen: str) -> None:
    assert shown(written) == seen


@pytest.mark.parametrize(
    "typed",
    [
        r"\\fileserver\share\_archive\.git and C:\_temp\#1",
        "see __init__ and _this_, 2 * 3 * 4, *.txt and *.log",
        "[1]: http://nowhere.example",
        "&lt;b&gt; &#x202e; &nbsp;",
        "<script>alert(1)</script> <b>bold</b>",
        "a ~ b, ~/x, #4711, 1) no list",
    ],
)
def test_what_is_not_surely_markdown_stays_as_it_was_typed(typed: str) -> None:
    assert shown(typed) == typed


def test_a_link_shows_where_it_leads_and_an_image_is_its_name() -> None:
    assert shown("[your bank](https://evil.example/login)") == "your bank <https://evil.example/login>"
    assert shown("<https://a.example> <mia@copperline.example>") == "https://a.example mia@copperline.example"
    assert shown("[run](javascript:alert(1))") == "[run](javascript:alert(1))"
    assert shown("![logo](https://t.example/p.gif)") == "[logo] <https://t.example/p.gif>"


def test_what_pull_escaped_is_shown_without_its_backslash() -> None:
    assert shown(r"use \<Strg> and !\[no image]") == "use <Strg> and ![no image]"


def test_without_a_terminal_the_text_is_as_it_is() -> None:
    assert quoted_lines("# a\n\n**b**", None) == ["  > # a", "  >", "  > **b**"]


def test_a_text_that_is_too_long_to_be_worth_it_is_shown_as_it_is() -> None:
    assert quoted_lines("**a**\n" * 4000, 80)[0] == "  > **a**"


@pytest.mark.parametrize("mark", ["*", "**", "~~"])
def test_hundreds_of_emphases_in_one_another_are_shown_as_they_were_typed(mark: str) -> None:
    text = f" {mark}a" * 3000 + f"a{mark} " * 3000
    assert quoted_lines(text[:19_000], 80)[0].startswith(f"  >  {mark}a")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab \n\t*_`#>-|[]()<!&;~\\1.:/\x1b\u202e\u2028\x9b漢💾e\u0301"), max_size=120))
def test_whatever_is_written_stays_in_its_quotation_and_in_the_width(text: str) -> None:
    for line in quoted_lines(text, 60):
        assert line.startswith(QUOTE.rstrip())
        assert COMMANDS_A_TERMINAL.search(line) is None
        assert places(line) <= 60


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab 漢💾é", max_size=30), st.integers(1, 20))
@example("a   漢", 5)
def test_a_cut_text_is_as_wide_as_it_may_be(text: str, width: int) -> None:
    short = cut(text, width)
    assert places(short) <= width
    if short != text:
        kept, rest = short[:-1], text[len(short) - 1 :]
        word = rest.lstrip()
        assert short == kept + "…"
        assert text.startswith(kept)
        # What comes next, behind blanks that stand at an end for nothing, has no room any more.
        assert places(kept) + len(rest) - len(word) + places(word[:1]) + 1 > width
    assert cut(text, None) == text
