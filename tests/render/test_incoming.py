from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.render.incoming import bare_text, inert, readable

OUTLOOK = """\
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8"><title>AW: Server</title>
<style><!-- p.MsoNormal {margin:0cm} --></style></head><body lang="DE"><!--[if mso]><p>only Outlook</p><![endif]-->
<div style="display:none;mso-hide:all">Preheader</div>
<div class="WordSection1"><p class="MsoNormal">Hallo Herr&nbsp;Weiß,<o:p></o:p></p>
<p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoNormal">der Server <b>DC01</b> ist seit <span style="color:red">heute</span> langsam (&lt; 5 MB/s). \
Siehe <a href="https://wiki.example/a_(b)?q=1&amp;r=2">die Anleitung</a> oder \
<a href="mailto:support@copperline.example">support@copperline.example</a>. 🙂<o:p></o:p></p>
<ul><li>Büro</li><li>Lager<ul><li>Regal 3</li></ul></li></ul>
<table border="1"><tr><td><p>Gerät</p></td><td><p>Last | max</p></td></tr><tr><td>DC01</td><td>99%</td></tr></table>
<p><img src="cid:image001.png@01DC" width="200"><img alt="Screenshot" src="https://files.example/a b.png">\
<img src="https://track.example/o.gif" width="1" height="1"><img src="https://t.example/p" style="width:1px"></p>
<div style="border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">\
<b>Von:</b> Mia Ortiz &lt;mia@copperline.example&gt;<br>
<b>Gesendet:</b> Dienstag</p></div>
<blockquote><p>On Tue, Len wrote:</p><blockquote><p>is it up?</p></blockquote></blockquote></div>
<script>alert("x")</script></body></html>"""


def test_an_outlook_mail_becomes_a_letter_that_a_person_can_read() -> None:
    assert (
        readable(OUTLOOK)
        == """\
Hallo Herr Weiß,

der Server **DC01** ist seit heute langsam (< 5 MB/s). \
Siehe [die Anleitung](https://wiki.example/a_%28b%29?q=1&r=2) oder support@copperline.example. 🙂

- Büro
- Lager
  - Regal 3

| Gerät | Last \\| max |
| --- | --- |
| DC01 | 99% |

[image][image: Screenshot](https://files.example/ab.png)

**Von:** Mia Ortiz <mia@copperline.example>
**Gesendet:** Dienstag

> On Tue, Len wrote:
>
> > is it up?"""
    )


RMM = """\
ALERT: Disk space low\r
----------------------------------------\r
Device:\tACME-FS02   \r
Volume: <C:> at 96% & rising; free < 5 GB and x > y\r
Contact: Len Ford <len@autobrokerage.example> or <https://rmm.example/a?b=c>\r
\r
\r
\r
&nbsp;Sent by the agent\x00\x1b[31m!\x1b[0m"""


def test_a_monitoring_alert_keeps_its_lines() -> None:
    assert (
        readable(RMM)
        == """\
ALERT: Disk space low
----------------------------------------
Device: ACME-FS02
Volume: \\<C:> at 96% & rising; free < 5 GB and x > y
Contact: Len Ford <len@autobrokerage.example> or <https://rmm.example/a?b=c>

 Sent by the agent!"""
    )


@pytest.mark.parametrize(
    "plain",
    [
        "Rebooted.\nAll good, Ümit 👍",
        "Please call <len@autobrokerage.example>",
        "a < b and b > c",
        "see <https://files.example/x>",
        "On Tue, Mia wrote:\n> is it up?\n> > yes",
        "---\nnumber: 1\n---\n# heading",
        "    indented log line\n    second",
    ],
)
def test_plain_text_stays_as_it_was_written(plain: str) -> None:
    assert readable(plain) == plain.strip("\n")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("Hi Mike,<br>done", "Hi Mike,\ndone"),
        ("<a href='javascript:alert(1)'>click</a>", "click"),
        ("<a href='https://www.x.example/'>x.example</a>", "https://www.x.example/"),
        ("<a href='https://evil.example/'>https://bank.example/</a>", "[https://bank.example/](https://evil.example/)"),
        (
            "<a href='https://x.example/'>a](https://evil.example) [b</a>",
            "[a\\](https://evil.example) \\[b](https://x.example/)",
        ),
        (
            "<a href='https://x.example/'><img src='https://x.example/l.png' alt='Logo'></a>",
            "[image: Logo](https://x.example/)",
        ),
        ("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "\\<script>alert(1)\\</script>"),
        ("<p>![x](https://track.example/p.gif)</p>", "!\\[x](https://track.example/p.gif)"),
        ("<p>a&#8203;b&#x202e;c &#27;[31m &#133;d</p>", "abc …d"),
        ("<p>&lt;&#8203;b&gt;</p>", "\\<b>"),
        ("<pre>a &lt;b&gt;\n```\n# c</pre>", "````\na <b>\n```\n# c\n````"),
        ("<p>snake_case * star</p>", "snake_case * star"),
        ("<svg onload=alert(1)><text>x</text></svg><p>y</p>", "y"),
        ("<div>&nbsp;</div><div><br></div><div>text</div>", "text"),
        ("<table><tr><td>Dear Len,</td></tr><tr><td>your order</td></tr></table>", "Dear Len,\n\nyour order"),
        ("<p hidden>secret</p><p>seen</p>", "seen"),
        ("<ol start=3><li>c</li><li>d</li></ol>", "3. c\n4. d"),
    ],
)
def test_html_reads_as_its_reader_saw_it(html: str, text: str) -> None:
    assert readable(html) == text


def test_a_data_table_within_a_layout_table_stays_a_table() -> None:
    data = "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"
    mail = f"<table><tr><td>Dear,</td></tr><tr><td>{data}</td></tr></table>"
    assert readable(mail) == "Dear,\n\n| A | B |\n| --- | --- |\n| 1 | 2 |"


def test_an_escaped_bracket_is_not_unescaped() -> None:
    assert inert("\\<b>") == "\\<b>"
    assert inert("\\\\<b>") == "\\\\\\<b>"


def test_a_text_of_megabytes_is_cut_and_says_so() -> None:
    text = readable("The log says no.\n" * 100_000)
    assert len(text) < 200_100
    assert text.endswith("\n\n[cut here: the rest is in Syncro]")


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 60_000 + "end",
        "<blockquote>" * 900 + "end",
        "<b><p>" * 3_000 + "end",
        "<table><tr><td>" * 3_000 + "end",
        "<p>" + "<!--" * 60_000 + "-->end",
        "<p>" + "<" * 200_000 + " end",
        "<p>x<br>" * 30_000 + "end",
        "<p><img src='data:image/png;base64," + "A" * 2_000_000 + "'>end",
    ],
    ids=["deep", "quotes", "misnested", "tables", "comments", "brackets", "breaks", "inline image"],
)
def test_hostile_mails_cost_neither_the_stack_nor_minutes(hostile: str) -> None:
    started = time.process_time()
    assert readable(hostile).endswith(("end", "[cut here: the rest is in Syncro]"))
    assert time.process_time() - started < 5


def test_what_no_parser_takes_loses_scripts_and_tags_all_the_same() -> None:
    html = "<head><title>t</title></head><p>Hi&nbsp;<b>Len</b></p><style>p{}</style>"
    html += "<!-- <p>no --><SCRIPT>x</p></SCRIPT>bye"
    assert bare_text(html).split() == ["Hi", "Len", "bye"]


_scraps = st.sampled_from(
    "<p> </p> <b> <table> <tr><td> </table> <a\xa0href=' '> <img\xa0src=x> <!-- --> <script> &lt; &#0; &#55296; &#27; "
    "&#8232; \u202e \\ ` ![ <pre> \x00 <br> \ud800".split(" ")
) | st.sampled_from("\n \x1b\u2028")
_bodies = st.lists(_scraps | st.text(st.characters(exclude_categories=()), max_size=8), max_size=25).map("".join)


@given(_bodies)
@settings(max_examples=250, deadline=None)
def test_nothing_raises_and_no_control_character_or_markup_comes_through(body: str) -> None:
    text = readable(body)
    assert text == readable(body)
    for line in text.split("\n"):
        assert line == line.rstrip()
        assert not [char for char in line if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
        assert not set(line) & set("\u200b\u200e\u200f\u202a\u202e\u2066\ufeff\u00a0")
    assert "\n\n\n" not in text
    assert "![" not in text or "`" in text
    text.encode("utf-8")


def test_a_plain_body_costs_next_to_nothing() -> None:
    body = "Hi Mike,\n\nthe server has been slow since Monday, see <len@autobrokerage.example>.\n" * 10
    readable(body)
    best = min(_seconds(body) for _ in range(20))
    assert best < 0.001, "plain text must not go through the HTML libraries"


def _seconds(body: str) -> float:
    started = time.perf_counter()
    readable(body)
    return time.perf_counter() - started
