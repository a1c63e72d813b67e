"""Settings of editors get what they lack; what a person wrote into them stays, comments and all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synclog.core.jsonc import with_missing

WANTED = {"yaml.schemas": {"./a.json": "synclog.yaml"}, "[markdown]": {"editor.formatOnSave": False}}
TYPED = """\
// Our settings.
{
    "editor.rulers": [80, 120], // wide
    /* for the front desk */
    "yaml.schemas": {
        "./our.json": "*.yaml", // ours
    },
    "files.eol": "\\n" // the last one: "}"
    // and a word behind it
}
"""


def test_what_is_missing_is_added_and_every_line_that_was_typed_stays() -> None:
    fresh, left = with_missing(TYPED, WANTED)
    assert left == ()
    assert (
        fresh
        == """\
// Our settings.
{
    "editor.rulers": [80, 120], // wide
    /* for the front desk */
    "yaml.schemas": {
        "./our.json": "*.yaml", // ours
        "./a.json": "synclog.yaml"
    },
    "files.eol": "\\n", // the last one: "}"
    // and a word behind it
    "[markdown]": {
      "editor.formatOnSave": false
    }
}
"""
    )
    assert with_missing(fresh, WANTED) == (fresh, ())


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (None, '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}\n'),
        ("  \n", '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}\n'),
        ("{}", '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}'),
        ('{"a": {"b": []}}', '{"a": {"b": [\n  1\n]}}'),
        ('{"a": {"b": [2]}}', '{"a": {"b": [2,\n  1\n]}}'),
        ('{"x": 1, "a": {},}\n', '{"x": 1, "a": {\n  "b": [\n    1\n  ]\n},}\n'),
        ('\ufeff{\r\n\t"x": 1\r\n}', '\ufeff{\r\n\t"x": 1,\r\n\t"a": {\r\n\t  "b": [\r\n\t    1\r\n\t  ]\r\n\t}\r\n}'),
    ],
)
def test_it_is_added_in_the_form_of_the_file(typed: str | None, expected: str) -> None:
    assert with_missing(typed, {"a": {"b": [1]}}) == (expected, ())


def test_what_says_something_else_is_left_and_named() -> None:
    typed = '{"yaml.schemas": null, "[markdown]": {"editor.formatOnSave": true}}'
    assert with_missing(typed, WANTED) == (typed, ("yaml.schemas", "[markdown].editor.formatOnSave"))


def test_a_task_of_the_same_label_is_the_same() -> None:
    typed = '{"tasks": [{"label": "synclog: check", "command": "ours"}]}'
    assert with_missing(typed, {"tasks": [{"label": "synclog: check", "command": "synclog"}]}) == (typed, ())


@pytest.mark.parametrize(
    "typed", ["[]", "5", "{", '{"a": 1 "b": 2}', '{"a"}', "{'a': 1}", '{"a": 1}}', '{"a": "\n"}', '{,}', "[" * 5000]
)  # fmt: skip
def test_what_is_not_json_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|mapping"):
        with_missing(typed, {"a": 1})


LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text('ab"\\/{},:é\n', max_size=4)
VALUES = st.recursive(
    LEAVES, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.sampled_from("abc"), v), max_leaves=6
)
DOCUMENTS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


def filled(there: Any, wanted: Any) -> Any:
    if isinstance(there, dict) and isinstance(wanted, dict):
        return {**there, **{k: filled(there[k], v) if k in there else v for k, v in wanted.items()}}
    if isinstance(there, list) and isinstance(wanted, list):
        return [*there, *(item for item in wanted if item not in there)]
    return there


@given(DOCUMENTS, DOCUMENTS, st.sampled_from([None, 1, 4, "\t"]), st.booleans())
def test_any_two_documents_come_together(there: Any, wanted: Any, indent: Any, comments: bool) -> None:
    text = json.dumps(there, ensure_ascii=False, indent=indent)
    if comments and indent:
        text = text.replace("\n", ' // a comment, with { and "\n')
    fresh, _ = with_missing(text, wanted)
    without = fresh.replace(' // a comment, with { and "', "")
    again = json.loads(without)
    assert again == filled(there, wanted)
    characters = iter(fresh)
    assert all(one in characters for one in text)
    assert with_missing(fresh, wanted)[0] == fresh
