from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from synclog.errors import TemplateFailed
from synclog.render.environment import Templates, packaged_source, packaged_templates


def render(folder: Path, source: str, name: str = "own.md.j2", **values: object) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(source, encoding="utf-8", newline="\n")
    return Templates(folder).render(name, values)


def failure(folder: Path, source: str, **values: object) -> TemplateFailed:
    with pytest.raises(TemplateFailed) as caught:
        render(folder, source, **values)
    return caught.value


def test_the_packaged_templates_are_there_and_have_a_source() -> None:
    assert set(packaged_templates()) == {
        "comment.html.j2",
        "session-log-full.md.j2",
        "session-log-short.md.j2",
        "session-log-customer.md.j2",
    }
    assert all(packaged_source(name) for name in packaged_templates())
    with pytest.raises(TemplateFailed, match=r"no template \.\./x"):
        packaged_source("../x")


def test_a_workspaces_template_comes_before_the_packaged_one(tmp_path: Path) -> None:
    assert render(tmp_path, "mine", "comment.html.j2") == "mine"
    assert "note" in Templates(tmp_path / "absent").render("comment.html.j2", {"note": "note", "work_day": ""})


def test_html_is_escaped_in_html_templates_only(tmp_path: Path) -> None:
    assert render(tmp_path, "{{ x }}", "a.html.j2", x="<b>") == "&lt;b&gt;"
    assert (
        render(tmp_path, "{{ '<i>' ~ x }}{{ [x, x]|join('&') }}", "b.html.j2", x="<b>")
        == "&lt;i&gt;&lt;b&gt;&lt;b&gt;&amp;&lt;b&gt;"
    )
    assert render(tmp_path, "{{ x }}\n", x="<b>") == "<b>\n"


@dataclass(frozen=True, slots=True)
class Work:
    minutes: int
    note: str


def test_what_a_template_needs_works(tmp_path: Path) -> None:
    source = (
        "{% macro row(w) %}{{ w.minutes }}{% endmacro %}{% set ns = namespace(t=0) %}"
        "{% for w in work if w.minutes > 1 %}{% set ns.t = ns.t + w.minutes %}{{ loop.index }}:{{ row(w) }}"
        "{{ '' if loop.last else ', ' }}{% else %}none{% endfor %} {{ ns.t }} "
        "{{ work|map(attribute='note')|join('/') }} {% set block %}{{ 'a'.upper() ~ 1 }}{% endset %}{{ block }}"
        "{% for k, v in d.items() %}{{ k }}={{ v }}{% endfor %}"
    )
    assert render(tmp_path, source, work=(Work(5, "x"), Work(7, "y")), d={"k": 1}) == "1:5, 2:7 12 x/y A1k=1"
    assert render(tmp_path, "{% include 'own/part.j2' ignore missing %}{{ 2 * 3 }}") == "6"


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("a\n{% if %}", "templates/own.md.j2:2: "),
        ("a\n\n{{ tickt }}", "templates/own.md.j2:3: 'tickt' is undefined"),
        ("{{ work.minuts }}", "templates/own.md.j2:1: "),
        ("{{ tickt ~ 'x' }}", "templates/own.md.j2:1: 'tickt' is undefined"),
        ("{% for x in tickt %}{% endfor %}", "templates/own.md.j2:1: 'tickt' is undefined"),
        ("{{ [tickt]|join }}", "templates/own.md.j2:1: 'tickt' is undefined"),
        ("\n{{ 1 / 0 }}", "templates/own.md.j2:2: ZeroDivisionError"),
        ("{% include 'absent.j2' %}", "there is no template absent.j2"),
        ("{% include '../../etc/passwd' %}", "there is no template"),
        ("{{ x|random }}", "templates/own.md.j2:1: No filter named 'random'"),
    ],
)
def test_an_error_in_a_template_names_file_and_line(tmp_path: Path, source: str, place: str) -> None:
    error = failure(tmp_path, source, work=Work(5, "x"))
    assert place in error.message
    assert error.remedy


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ work.__class__.__mro__ }}",
        "{{ work.__init__.__globals__ }}",
        "{{ ''['__class__'] }}",
        "{{ 'x'|attr('__class__') }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{% for x in range(99999) %}{% for y in range(99999) %}{% endfor %}{% endfor %}",
        "{% for x in range(999999999) %}{% endfor %}",
        "{{ 'x' * 999999999 }}",
        "{{ [1] * 999999999 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 9 ** 999999999 }}",
        "{{ 'x'.ljust(999999999) }}",
        "{{ 'x'.center(999999999) }}",
        "{{ 'x'|center(999999999) }}",
        "{% set n = namespace(x='aa') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x='aa') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
        "{% set n = namespace(x=2) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}",
        "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = n.x|replace('a', 'aa') %}{% endfor %}",
        "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = [n.x, n.x]|join(n.x) %}{% endfor %}",
        "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}",
        "{% include 'own.md.j2' %}",
        "{% set d = (d|default(60)) - 1 %}{% if d > 0 %}{% include 'own.md.j2' %}{% include 'own.md.j2' %}{% endif %}",
        "{% for x in range(50000) %}{{ 'a rather long line of text that fills things up ' }}{% endfor %}",
        "{% for x in [1] recursive %}{{ loop(range(99999)) }}{% endfor %}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    ],
)
def test_a_template_can_neither_reach_out_nor_run_away(tmp_path: Path, source: str) -> None:
    error = failure(tmp_path, source, work=Work(5, "x"))
    assert "own.md.j2" in error.message


def test_a_rendering_starts_with_all_its_steps(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text("{% for x in range(60000) %}{% endfor %}ok", encoding="utf-8")
    templates = Templates(tmp_path)
    assert [templates.render("a.j2", {}) for _ in range(3)] == ["ok"] * 3


def test_a_link_in_the_templates_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "comment.html.j2").write_text("secret", encoding="utf-8")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "comment.html.j2").symlink_to(outside / "comment.html.j2")
    (folder / "sub").symlink_to(outside)
    for name in ("comment.html.j2", "sub/comment.html.j2"):
        with pytest.raises(TemplateFailed, match="not a plain file"):
            Templates(folder).render(name, {})
    linked = tmp_path / "linked"
    linked.symlink_to(outside)
    with pytest.raises(TemplateFailed, match="not a plain file"):
        Templates(linked).render("comment.html.j2", {})


def test_a_template_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "comment.html.j2").write_bytes(b"ok\n\xff\xfe")
    with pytest.raises(TemplateFailed, match=r"templates/comment\.html\.j2:2: it is not UTF-8"):
        Templates(tmp_path).render("comment.html.j2", {})
    (tmp_path / "comment.html.j2").unlink()
    (tmp_path / "comment.html.j2").mkdir()
    with pytest.raises(TemplateFailed, match="not a plain file"):
        Templates(tmp_path).render("comment.html.j2", {})
