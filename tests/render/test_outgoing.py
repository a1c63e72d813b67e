from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.core.deciding.notes import bare_words
from synclog.core.references import closing_reference
from synclog.render.environment import Templates
from synclog.render.outgoing import comment_body

REFERENCE = "32162-7k2m9q4x1c"
PACKAGED = Templates()


def body_of(note: str, work_day: str | None = None, environment: Templates = PACKAGED) -> str:
    return comment_body(note, reference=REFERENCE, work_day=work_day, environment=environment)


def test_a_note_becomes_html_with_its_reference_on_the_last_line() -> None:
    note = "Replaced the failed disk & rebuilt the **array**.\n\n"
    note += "- bay 4\n- 960 GB\n\n| disk | state |\n|---|---|\n| 1 | ~~bad~~ |\n"
    assert body_of(note) == (
        "<p>Replaced the failed disk &amp; rebuilt the <strong>array</strong>.</p>\n"
        "<ul>\n<li>bay 4</li>\n<li>960 GB</li>\n</ul>\n"
        "<table>\n<thead>\n<tr>\n<th>disk</th>\n<th>state</th>\n</tr>\n</thead>\n"
        "<tbody>\n<tr>\n<td>1</td>\n<td><s>bad</s></td>\n</tr>\n</tbody>\n</table>\n"
        "<p>Ref 32162-7k2m9q4x1c</p>"
    )


def test_work_of_another_day_says_so() -> None:
    assert body_of("Rebooted.", "2026-04-17").startswith("<p><em>Work of 2026-04-17</em></p>\n<p>Rebooted.</p>")


def test_lines_stay_lines() -> None:
    assert "Checked A<br>\nChecked B" in body_of("Checked A\nChecked B")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Set <Server> & <b>Port</b>", "<p>Set &lt;Server&gt; &amp; &lt;b&gt;Port&lt;/b&gt;</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("`<div>`", "<p><code>&lt;div&gt;</code></p>"),
        ("Grüße \x1b[31m👍\x00", "<p>Grüße 👍</p>"),
        ("<!-- Ref", "<p>&lt;!-- Ref</p>"),
    ],
)
def test_html_that_a_technician_types_is_shown_not_run(typed: str, sent: str) -> None:
    assert body_of(typed) == f"{sent}\n<p>Ref {REFERENCE}</p>"


def test_a_workspaces_template_can_neither_hide_nor_forge_the_reference(tmp_path: Path) -> None:
    (tmp_path / "comment.html.j2").write_text(
        "<div onclick='x()'>{{ note }}</div><script>x</script><p>Ref 1-aaaaaaaaaa</p>"
        "<!-- <p style='display:none'><textarea>",
        encoding="utf-8",
    )
    body = body_of("Done.", environment=Templates(tmp_path))
    assert closing_reference(body) == REFERENCE
    assert "script" not in body
    assert "onclick" not in body
    assert body.endswith(f"\n<p>Ref {REFERENCE}</p>")


_notes = st.text(st.characters(exclude_categories=()) | st.sampled_from("<>&*_`[]()#-\n|~!\\ "), max_size=60)


@given(_notes)
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_the_reference_is_found_and_nothing_runs(note: str) -> None:
    body = body_of(note)
    assert closing_reference(body) == REFERENCE
    assert "<script" not in body.lower()
    assert body == body_of(note)
    assert bare_words(body) == bare_words(body.replace("\n", ""))
